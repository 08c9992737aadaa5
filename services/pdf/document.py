"""A report on paper: the same frame around every page, headings, facts and tables, from left or from right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from fpdf import FPDF
from fpdf.prefs import ViewerPreferences

from services.pdf.text import Style, Typesetter, clean

#: US Letter in points, its margins, and what text gets of a line's height.
WIDTH, HEIGHT, MARGIN = 612.0, 792.0, 45.0
_LEADING = 1.36
_PAD = 3.0
_GAP = 10.0

TITLE, HEADING, BODY, SMALL = Style(17, bold=True), Style(12, bold=True), Style(9.5), Style(8.5, gray=70)
_HEAD, _LABEL, _NAME = Style(8.5, bold=True, gray=40), Style(9.5, gray=70), Style(10, bold=True)


class Frame(NamedTuple):
    """What stands on every page: lines at its top, at the start and at the end of the line, the first of them bold,
    and at its bottom `foot` and `page_of`, which has the places %(page)s and %(pages)s."""

    start: Sequence[str]
    end: Sequence[str]
    foot: str
    page_of: str


class Column(NamedTuple):
    """A column of a table; numbers stand at the end of their cells."""

    heading: str
    is_number: bool = False


class _Text(NamedTuple):
    x: float
    baseline: float
    text: str
    style: Style


class _Rule(NamedTuple):
    y: float
    gray: int


class _Box(NamedTuple):
    """Where a column begins, counted from the start of the line, how wide it is, and what it looks like."""

    start: float
    width: float
    style: Style
    at_end: bool = False


class Document:
    """Pages that are filled from top to bottom; `output` draws them, when their number is known."""

    def __init__(self, *, title: str, language: str, is_rtl: bool, made: dt.datetime, frame: Frame) -> None:
        self._pdf = FPDF(unit="pt", format=(WIDTH, HEIGHT))
        self._pdf.set_title(clean(title))
        self._pdf.set_lang(language)
        self._pdf.set_creator("Homeroom")
        self._pdf.set_creation_date(made.replace(tzinfo=dt.UTC))
        # The window shows the title, not the file's name.
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._pdf.set_auto_page_break(False)
        self._pdf.c_margin = 0
        self._is_rtl = is_rtl
        self._type = Typesetter(self._pdf, is_rtl=is_rtl)
        self._frame = frame
        self._pages: list[list[_Text | _Rule]] = [[]]
        self._y = MARGIN
        self._head = self._laid_out_head()
        self._top = self._y
        self._bottom = HEIGHT - MARGIN - 2 * SMALL.size * _LEADING

    def title(self, text: str) -> None:
        """The document's own title, at the top of its first page."""
        self._paragraph(text, TITLE, after=6)

    def heading(self, text: str) -> None:
        """A heading, which is never the last thing on a page."""
        self._make_room(70)
        self._y += 10
        self._paragraph(text, HEADING, after=4)

    def paragraph(self, text: str) -> None:
        """A sentence or several."""
        self._paragraph(text, BODY, after=4)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Names and values, a line each."""
        labels = [clean(label) for label, _ in facts]
        room = WIDTH - 2 * MARGIN
        label_width = min(max((self._type.width(label, _LABEL) for label in labels), default=0), room * 0.45)
        boxes = [_Box(0, label_width, _LABEL), _Box(label_width + _GAP, room - label_width - _GAP, BODY)]
        for label, (_, value) in zip(labels, facts, strict=True):
            self._row([label, clean(value)], boxes, pad=1)
        self._y += 4

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """A table whose head is repeated on every page that it runs over."""
        heads = [clean(column.heading) for column in columns]
        cells = [[clean(cell) for cell in row] for row in rows]
        widths = self._widths(heads, cells)
        starts = [sum(widths[:place]) + place * _GAP for place in range(len(widths))]
        boxes = [
            _Box(start, width, BODY, column.is_number)
            for start, width, column in zip(starts, widths, columns, strict=True)
        ]

        def head() -> None:
            self._row(heads, [box._replace(style=_HEAD) for box in boxes])
            self._rule(90)

        self._make_room(60)
        head()
        for row in cells:
            self._row(row, boxes, after_break=head)
            self._rule(205)
        self._y += 8

    def output(self) -> bytes:
        """The finished file."""
        for number, page in enumerate(self._pages, 1):
            self._pdf.add_page()
            for one in [*self._head, *page, *self._foot(number)]:
                if isinstance(one, _Text):
                    self._type.draw(one.x, one.baseline, one.text, one.style)
                else:
                    self._pdf.set_draw_color(one.gray)
                    self._pdf.set_line_width(0.5)
                    self._pdf.line(MARGIN, one.y, WIDTH - MARGIN, one.y)
        return bytes(self._pdf.output())

    def _laid_out_head(self) -> list[_Text | _Rule]:
        """What stands at the top of every page; the text begins below it."""
        room = (WIDTH - 2 * MARGIN - _GAP) / 2
        for at_end, lines in ((False, self._frame.start), (True, self._frame.end)):
            self._y, lowest = MARGIN, self._y
            box = _Box(room + _GAP if at_end else 0, room, SMALL, at_end)
            for place, text in enumerate(line for line in lines if line):
                self._row([clean(text)], [box._replace(style=SMALL if place else _NAME)], pad=0, breaks=False)
            self._y = max(self._y, lowest)
        self._y += 5
        self._rule(90)
        self._y += 12
        head, self._pages[0] = self._pages[0], []
        return head

    def _foot(self, number: int) -> list[_Text | _Rule]:
        y = HEIGHT - MARGIN - SMALL.size * _LEADING
        page = clean(self._frame.page_of % {"page": number, "pages": len(self._pages)})
        room = WIDTH - 2 * MARGIN - _GAP - self._type.width(page, SMALL)
        made = self._type.lines(clean(self._frame.foot), SMALL, room)[0]
        baseline = y + SMALL.size * 1.2
        return [
            _Rule(y - 4, 90),
            _Text(self._left(made, _Box(0, room, SMALL)), baseline, made, SMALL),
            _Text(self._left(page, _Box(0, WIDTH - 2 * MARGIN, SMALL, at_end=True)), baseline, page, SMALL),
        ]  # fmt: skip

    def _paragraph(self, text: str, style: Style, *, after: float) -> None:
        self._row([clean(text)], [_Box(0, WIDTH - 2 * MARGIN, style)], pad=0)
        self._y += after

    def _widths(self, heads: list[str], cells: list[list[str]]) -> list[float]:
        """How wide the columns are, by their longest lines and words."""
        room = WIDTH - 2 * MARGIN - _GAP * (len(heads) - 1)
        wanted, least = [], []
        for place, head in enumerate(heads):
            column = [row[place] for row in cells]
            lines = [line for cell in column for line in cell.split("\n")]
            words = [word for line in lines for word in line.split(" ")]
            widest = max((self._type.width(line, BODY) for line in lines), default=0)
            head_width = self._type.width(head, _HEAD)
            head_least = max(self._type.width(word, _HEAD) for word in head.split(" "))
            wanted.append(min(max(widest, head_width), room) + 1)
            least.append(min(max(head_least, *(self._type.width(w, BODY) for w in words), 0), room / 3) + 1)
        return _shared(room, wanted, least)

    def _row(
        self, cells: Sequence[str], boxes: Sequence[_Box], *, pad: float = _PAD, breaks: bool = True,
        after_break: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Texts side by side. What does not fit goes to the next page, as a whole if a page can hold it."""
        lines = [self._type.lines(cell, box.style, box.width) for cell, box in zip(cells, boxes, strict=True)]
        leading = max(box.style.size for box in boxes) * _LEADING
        if breaks:
            self._make_room(max(map(len, lines)) * leading + 2 * pad, after_break)
        while True:
            fits = max(1, int((self._bottom - self._y - 2 * pad) / leading)) if breaks else max(map(len, lines))
            for column, box in zip(lines, boxes, strict=True):
                for place, line in enumerate(column[:fits]):
                    baseline = self._y + pad + place * leading + box.style.size * 1.05
                    self._pages[-1].append(_Text(self._left(line, box), baseline, line, box.style))
            self._y += 2 * pad + min(fits, max(map(len, lines))) * leading
            lines = [column[fits:] for column in lines]
            if not any(lines):
                return
            self._next_page(after_break)

    def _make_room(self, height: float, after_break: Callable[[], None] = lambda: None) -> None:
        """Go on to the next page when `height` does not fit on this one but would on an empty one."""
        if self._y + height > self._bottom and self._y > self._top and height < (self._bottom - self._top) * 0.9:
            self._next_page(after_break)

    def _next_page(self, after_break: Callable[[], None]) -> None:
        self._pages.append([])
        self._y = self._top
        after_break()

    def _rule(self, gray: int) -> None:
        self._pages[-1].append(_Rule(self._y, gray))

    def _left(self, line: str, box: _Box) -> float:
        """The left end of a line in its box; from right to left everything is mirrored."""
        spare = box.width - self._type.width(line, box.style)
        from_start = MARGIN + box.start + (spare if box.at_end else 0)
        return WIDTH - from_start - (box.width - spare) if self._is_rtl else from_start


def _shared(room: float, wanted: Sequence[float], least: Sequence[float]) -> list[float]:
    """The widths of columns: what they want, or narrow ones that and the others what is left, in proportion."""
    if sum(wanted) <= room:
        return [width * room / sum(wanted) for width in wanted]
    wide = list(range(len(wanted)))
    while True:
        left = room - sum(width for place, width in enumerate(wanted) if place not in wide)
        staying = [place for place in wide if wanted[place] > left / len(wide)]
        if len(staying) == len(wide):
            break
        wide = staying
    spare = left - sum(least[place] for place in wide)
    more = sum(wanted[place] - least[place] for place in wide)
    return [
        wanted[place] if place not in wide
        else least[place] + (wanted[place] - least[place]) * spare / more if spare > 0 and more > 0
        else left * least[place] / sum(least[place] for place in wide)
        for place in range(len(wanted))
    ]  # fmt: skip
