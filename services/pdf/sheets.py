"""Single sheets: letters, one after the other in one file, each in its own language, and forms to fill in by hand."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import segno
from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

from services.pdf.text import Style, Typesetter, clean

#: US Letter in points, and what text gets of a line's height.
WIDTH, HEIGHT, MARGIN = 612.0, 792.0, 54.0
ROOM = WIDTH - 2 * MARGIN
_LEADING = 1.36
_GAP = 12.0

_TITLE, _HEADING, _BODY, _SMALL = Style(18, bold=True), Style(13, bold=True), Style(11), Style(9, gray=70)
_SENDER, _LABEL = Style(11, bold=True), Style(9.5, gray=70)

#: Instructions are set in the first of these sizes with which they fit on one page.
_BODIES = (_BODY, Style(10), Style(9))

#: Keys and user IDs are typed from paper: the largest of these sizes that fits on a line.
_CODES = tuple(Style(size, bold=True) for size in (22, 18, 15, 12))

_QR_SIZE = 108.0

#: Where an address stands so that the window of a #10 envelope shows it and nothing else, of a letter folded in three:
#: 1 1/8 by 4 1/2 inches, 7/8 from the left and 1/2 from the bottom, wherever the letter slides in the envelope. It has
#: the same place in every script.
_ADDRESS, _ADDRESS_LEFT, _ADDRESS_TOP, _ADDRESS_WIDTH, _ADDRESS_LINES = Style(10), 68.0, 180.0, 240.0, 4
_BELOW_WINDOW = 270.0


class Letter(NamedTuple):
    """A letter that hands out codes. Every text is in its reader's language; `codes` are labels and values.

    `to` are the lines of the reader's postal address; a letter without them is handed out, and wastes no room on them.

    `address` is where to go, printed and as a QR code; no code stands in it. `corner` tells the office whom the letter
    is for when many are handed out.
    """

    is_rtl: bool
    sender: Sequence[str]
    corner: Sequence[str]
    day: str
    reader: str
    to: Sequence[str]
    title: str
    lead: Sequence[str]
    codes: Sequence[tuple[str, str]]
    steps: Sequence[str]
    address: str
    camera: str
    ending: Sequence[str]


class Blank(NamedTuple):
    """A form to fill in by hand: `parts` are headings with rows of fields, each a label and its share of the line.

    `grid` is a table without content: its heading, the columns' labels with their shares, and how many lines it has.
    """

    is_rtl: bool
    sender: Sequence[str]
    title: str
    lead: Sequence[str]
    parts: Sequence[tuple[str, Sequence[Sequence[tuple[str, float]]]]]
    grid: tuple[str, Sequence[tuple[str, float]], int]
    choices: tuple[str, Sequence[str]]
    bring: tuple[str, Sequence[str]]
    statement: str
    signature: Sequence[tuple[str, float]]
    office: tuple[str, Sequence[Sequence[tuple[str, float]]]]


class Instructions(NamedTuple):
    """What to do step by step, to hand out: `parts` are headings with their steps, `needed` a heading with a list.

    `address` is where to go, printed and as a QR code.
    """

    is_rtl: bool
    sender: str
    contact: str
    title: str
    needed: tuple[str, tuple[str, ...]]
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    address: str
    camera: str
    ending: tuple[str, ...]


def letters(found: Iterable[Letter], *, title: str, language: str, made: dt.datetime) -> bytes:
    """One file with every letter on a page of its own (more where one does not fit), in the order given."""
    sheets = _Sheets(title=title, language=language, made=made)
    for one in found:
        sheets.begin(is_rtl=one.is_rtl)
        sheets.head(one.sender, [one.day, *one.corner])
        if one.to:
            sheets.envelope([one.reader, *one.to])
        else:
            sheets.write(one.reader, _SENDER, after=14)
        sheets.write(one.title, _TITLE, after=8)
        for text in one.lead:
            sheets.write(text)
        sheets.codes(one.codes)
        for number, step in enumerate(one.steps, 1):
            sheets.step(str(number), step)
        sheets.picture(one.address, one.camera)
        for text in one.ending:
            sheets.write(text)
    return sheets.output()


def blank(form: Blank, *, language: str, made: dt.datetime) -> bytes:
    """A form to print, on one page."""
    return _on_one_page(lambda sheets: _fill_blank(sheets, form), title=form.title, language=language, made=made)


def _fill_blank(sheets: _Sheets, form: Blank) -> None:
    sheets.begin(is_rtl=form.is_rtl)
    sheets.head(form.sender[:1], [", ".join(form.sender[1:])], after=8)
    sheets.write(form.title, _TITLE, after=4)
    for text in form.lead:
        sheets.write(text, after=4)
    for heading, rows in form.parts:
        sheets.write(heading, _HEADING, after=2, keep=60)
        for row in rows:
            sheets.fields(row)
    heading, columns, lines = form.grid
    sheets.write(heading, _HEADING, after=4, keep=90)
    sheets.grid(columns, lines)
    heading, choices = form.choices
    sheets.write(heading, _HEADING, after=4, keep=40)
    sheets.boxes(choices)
    heading, things = form.bring
    sheets.write(heading, _HEADING, after=2, keep=60)
    for thing in things:
        sheets.step("•", thing)
    sheets.write(form.statement, after=2, keep=80)
    sheets.fields(form.signature)
    heading, rows = form.office
    sheets.rule()
    sheets.write(heading, _SENDER, after=0, keep=60)
    for row in rows:
        sheets.fields(row)


def instructions(sheet: Instructions, *, language: str, made: dt.datetime) -> bytes:
    """A sheet to hand out, on one page."""
    return _on_one_page(lambda sheets: _instruct(sheets, sheet), title=sheet.title, language=language, made=made)


def _on_one_page(draw: Callable[[_Sheets], None], *, title: str, language: str, made: dt.datetime) -> bytes:
    """What `draw` puts on it, in smaller letters where a language needs more of them; two if nothing helps."""
    for body in _BODIES:
        sheets = _Sheets(title=title, language=language, made=made, body=body)
        draw(sheets)
        if sheets.pages == 1 or body == _BODIES[-1]:
            break
        sheets.give_up()
    return sheets.output()


def _instruct(sheets: _Sheets, sheet: Instructions) -> None:
    sheets.begin(is_rtl=sheet.is_rtl)
    sheets.head([sheet.sender], [sheet.contact], after=8)
    with sheets.beside_picture(sheet.address):
        sheets.write(sheet.title, _TITLE, after=4)
        sheets.write(sheet.camera, after=2)
        sheets.write(sheet.address, _SENDER)
        heading, things = sheet.needed
        sheets.write(heading, _HEADING, after=2)
        for thing in things:
            sheets.step("•", thing)
    for heading, steps in sheet.parts:
        sheets.write(heading, _HEADING, after=2, keep=40)
        for number, text in enumerate(steps, 1):
            sheets.step(str(number) if len(steps) > 1 else "•", text)
    sheets.gap(6)
    for text in sheet.ending:
        sheets.write(text)


class _Sheets:
    """Pages that are drawn as they are filled; the start of a line is left or right, as the script wants."""

    def __init__(self, *, title: str, language: str, made: dt.datetime, body: Style = _BODY) -> None:
        self._pdf = FPDF(unit="pt", format=(WIDTH, HEIGHT))
        self._pdf.set_title(clean(title))
        self._pdf.set_lang(language)
        self._pdf.set_creator("Homeroom")
        self._pdf.set_creation_date(made.replace(tzinfo=dt.UTC))
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._pdf.set_auto_page_break(False)
        self._pdf.c_margin = 0
        self._type = {is_rtl: Typesetter(self._pdf, is_rtl=is_rtl) for is_rtl in (False, True)}
        self._is_rtl = False
        self._y = MARGIN
        self._room = ROOM
        self._body = body
        self._qr_codes: dict[str, io.BytesIO] = {}

    @property
    def pages(self) -> int:
        """How many there are so far."""
        return int(self._pdf.pages_count)

    def give_up(self) -> None:
        """Close what was opened for pages that nobody gets."""
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def begin(self, *, is_rtl: bool) -> None:
        """Go on with a new page."""
        self._pdf.add_page()
        self._is_rtl, self._y = is_rtl, MARGIN

    def head(self, start: Sequence[str], end: Sequence[str], *, after: float = 22) -> None:
        """Lines at the top of a page, at both ends; the first at the start is the sender's name."""
        top, half = self._y, (ROOM - _GAP) / 2
        lowest = top
        for lines, offset, at_end in ((start, 0.0, False), (end, half + _GAP, True)):
            self._y = top
            for place, line in enumerate(line for line in lines if line):
                style = _SENDER if place == 0 and not at_end else _SMALL
                self._set(line, style, offset, half, at_end=at_end)
            lowest = max(lowest, self._y)
        self._y = lowest + after

    def write(self, text: str, style: Style | None = None, *, after: float = 6, keep: float = 0) -> None:
        """A paragraph; with `keep`, on the same page as so much of what follows."""
        style = style or self._body
        if style in (_HEADING, _SENDER):
            self._y += 8
        self._make_room(keep)
        self._set(text, style, 0, self._room)
        self._y += after

    def gap(self, height: float) -> None:
        """Some room between what came and what comes."""
        self._y += height

    def envelope(self, lines: Sequence[str]) -> None:
        """An address in the window of the envelope; the text goes on below the first fold."""
        setter, y = self._type[False], max(_ADDRESS_TOP, self._y)
        broken = [part for line in lines for part in setter.lines(clean(line), _ADDRESS, _ADDRESS_WIDTH)]
        for line in broken[:_ADDRESS_LINES]:
            setter.draw(_ADDRESS_LEFT, y + _ADDRESS.size, line, _ADDRESS)
            y += _ADDRESS.size * 1.2
        self._y = max(_BELOW_WINDOW, y)

    def step(self, sign: str, text: str) -> None:
        """A line of a list with its number (without a full stop, whose side depends on the script) or dot."""
        self._make_room(2 * self._body.size * _LEADING)
        top = self._y
        self._line(sign, self._body, 0, 20)
        self._y = top
        self._set(text, self._body, 20, self._room - 20)
        self._y += 3

    def codes(self, codes: Sequence[tuple[str, str]]) -> None:
        """Codes in large letters in a frame; none is ever broken over two lines."""
        self._y += 4
        for label, value in codes:
            value = clean(value)
            style = next((s for s in _CODES if self._type[False].width(value, s) <= ROOM - 28), _CODES[-1])
            height = 18 + _LABEL.size * _LEADING * len(self._lines(label, _LABEL, ROOM - 28)) + style.size * _LEADING
            self._make_room(height + 8)
            top = self._y
            self._y += 8
            self._set(label, _LABEL, 14, ROOM - 28)
            self._set(value, style, 14, ROOM - 28)
            self._pdf.set_draw_color(90)
            self._pdf.set_line_width(0.8)
            self._pdf.rect(MARGIN, top, ROOM, height)
            self._y = top + height + 8
        self._y += 4

    @contextmanager
    def beside_picture(self, address: str) -> Iterator[None]:
        """An address as a QR code at the end of the line; what is written meanwhile stands beside it."""
        top = self._y
        self._pdf.image(self._qr_code(address), self._left(ROOM - _QR_SIZE, _QR_SIZE), top, _QR_SIZE, _QR_SIZE)
        self._room = ROOM - _QR_SIZE - 16
        yield
        self._room, self._y = ROOM, max(self._y, top + _QR_SIZE)

    def picture(self, address: str, says: str) -> None:
        """Where to go, in letters and as a QR code."""
        self._make_room(_QR_SIZE + 20)
        self._y += 8
        top = self._y
        self._pdf.image(self._qr_code(address), self._left(0, _QR_SIZE), top, _QR_SIZE, _QR_SIZE)
        self._y = top + 22
        self._set(says, _BODY, _QR_SIZE + 16, ROOM - _QR_SIZE - 16)
        self._set(address, _SENDER, _QR_SIZE + 16, ROOM - _QR_SIZE - 16)
        self._y = max(self._y, top + _QR_SIZE) + 12

    def fields(self, fields: Sequence[tuple[str, float]]) -> None:
        """Labels side by side, each with a line to write on above it."""
        self._make_room(33)
        base, start = self._y + 20, 0.0
        width = ROOM - _GAP * (len(fields) - 1)
        lowest = base
        for label, share in fields:
            own = width * share / sum(one for _, one in fields)
            self._stroke(start, own, base)
            self._y = base + 1
            self._set(label, _LABEL, start, own)
            lowest = max(lowest, self._y)
            start += own + _GAP
        self._y = lowest

    def grid(self, columns: Sequence[tuple[str, float]], lines: int) -> None:
        """A table to fill in."""
        whole, high = sum(share for _, share in columns), 22.0
        self._make_room((lines + 1) * high + 20)
        top, lowest, start = self._y, self._y, 0.0
        for label, share in columns:
            own = ROOM * share / whole
            self._y = top
            self._set(label, _LABEL, start + 4, own - 8)
            lowest, start = max(lowest, self._y), start + own
        rows = [top, *(lowest + 2 + number * high for number in range(lines + 1))]
        for y in rows:
            self._stroke(0, ROOM, y)
        edge = 0.0
        for share in (0.0, *(share for _, share in columns)):
            edge += ROOM * share / whole
            x = self._left(edge, 0)
            self._pdf.line(x, rows[0], x, rows[-1])
        self._y = rows[-1] + 6

    def boxes(self, choices: Sequence[str]) -> None:
        """Things to tick, as many on a line as fit."""
        start, high = 0.0, _BODY.size * 1.7
        for text in choices:
            wide = 16 + self._type[self._is_rtl].width(clean(text), _BODY) + 18
            if start and start + wide > ROOM:
                start, self._y = 0.0, self._y + high
            self._make_room(high)
            self._pdf.set_draw_color(60)
            self._pdf.set_line_width(0.7)
            self._pdf.rect(self._left(start, 9), self._y + 2.5, 9, 9)
            top = self._y
            self._line(text, _BODY, start + 15, ROOM - start - 15)
            self._y = top
            start += wide
        self._y += high

    def rule(self) -> None:
        """A line across the page."""
        self._y += 8
        self._stroke(0, ROOM, self._y)

    def output(self) -> bytes:
        """The finished file."""
        return bytes(self._pdf.output())

    def _set(self, text: str, style: Style, start: float, width: float, *, at_end: bool = False) -> None:
        """Text broken into lines, from the start of the line on or up to its end."""
        for line in self._lines(text, style, width):
            self._make_room(style.size * _LEADING)
            self._line(line, style, start, width, at_end=at_end)

    def _line(self, text: str, style: Style, start: float, width: float, *, at_end: bool = False) -> None:
        setter, text = self._type[self._is_rtl], clean(text)
        taken = setter.width(text, style)
        setter.draw(
            self._left(start + (width - taken if at_end else 0), taken), self._y + style.size * 1.05, text, style
        )
        self._y += style.size * _LEADING

    def _lines(self, text: str, style: Style, width: float) -> list[str]:
        return self._type[self._is_rtl].lines(clean(text), style, width)

    def _left(self, start: float, width: float) -> float:
        """The left end of what begins at `start` in the line and is so wide; from right to left all is mirrored."""
        return WIDTH - MARGIN - start - width if self._is_rtl else MARGIN + start

    def _stroke(self, start: float, width: float, y: float) -> None:
        left = self._left(start, width)
        self._pdf.set_draw_color(120)
        self._pdf.set_line_width(0.6)
        self._pdf.line(left, y, left + width, y)

    def _make_room(self, height: float) -> None:
        if self._y + height > HEIGHT - MARGIN:
            self._pdf.add_page()
            self._y = MARGIN

    def _qr_code(self, address: str) -> io.BytesIO:
        """A picture that all letters with this address share."""
        if address not in self._qr_codes:
            self._qr_codes[address] = io.BytesIO()
            segno.make(address, error="m", micro=False).save(self._qr_codes[address], kind="png", scale=8, border=2)
        return self._qr_codes[address]
