"""Lines of text in any script: cleaned, measured, broken, and set in the order in which they are read (UAX 9)."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection

from services import directions

# They log every letter that a document has, and with them much of a name.
logging.getLogger("fontTools").setLevel(logging.WARNING)
logging.getLogger("fpdf").setLevel(logging.ERROR)

FONTS = Path(__file__).resolve().parent / "fonts"
MAIN = "NotoSans"

#: Stands for what no font has.
UNKNOWN = "\ufffd"

#: Text that needs neither shaping nor reordering; it is most of a report, and thirty times as fast.
_PLAIN = re.compile(
    "[ -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff"
    "\u2010-\u2027\u202f-\u205e\u20a0-\u20bf\u2100-\u22ff\ufffd]*"
)

#: Marks of direction. Isolates do their work and are not printed; overrides would turn what stands around them.
_ISOLATES = "\u2066\u2067\u2068\u2069"
_INVISIBLE = _ISOLATES + "\u200c\u200d\u200e\u200f"
_WITHOUT_ISOLATES = dict.fromkeys(map(ord, _ISOLATES))

#: No more of one word is tried on a line.
_LONGEST = 300


class Style(NamedTuple):
    """How text looks: its size in points, whether it is bold, and how gray it is (0 is black)."""

    size: float
    bold: bool = False
    gray: int = 0


class Typeface(NamedTuple):
    """A font in both weights, with the characters that it has."""

    name: str
    characters: frozenset[int]

    def file(self, bold: bool) -> Path:
        """The font's file in one of the weights."""
        return FONTS / f"{self.name}-{'Bold' if bold else 'Regular'}.ttf"


class _Run(NamedTuple):
    """A piece of a line in one font and one direction."""

    text: str
    face: Typeface
    is_rtl: bool

    @property
    def is_plain(self) -> bool:
        """Whether it is set as it stands: signs between Arabic words are turned around and mirrored."""
        return not self.is_rtl and _is_plain(self.text)


@lru_cache(maxsize=1)
def typefaces() -> tuple[Typeface, ...]:
    """Every font in the folder, the main one first."""
    names = sorted(
        (path.stem.removesuffix("-Regular") for path in FONTS.glob("*-Regular.ttf")), key=lambda n: n != MAIN
    )
    found = []
    for name in names:
        with TTFont(FONTS / f"{name}-Regular.ttf", lazy=True) as font:
            found.append(Typeface(name, frozenset(font.getBestCmap())))
    return tuple(found)


def clean(text: str) -> str:
    """The text with nothing in it that cannot be printed: composed letters, single spaces, UNKNOWN for the rest.

    Line breaks stay. Overrides of direction and other invisible characters go (CHECKS 32).
    """
    kept: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        if char == "\n" or char in _INVISIBLE:
            kept.append(char)
        elif kind in ("Zs", "Zl", "Zp") or char in "\t\r\v\f":
            kept.append(char if char in "\xa0\u202f" else " ")
        elif kind in ("Cc", "Cf", "Cs"):
            continue
        elif _face_of(char) is not None:
            kept.append(char)
        elif kind not in ("Mn", "Me") and kept[-1:] != [UNKNOWN]:
            kept.append(UNKNOWN)
    return re.sub(" {2,}", " ", "".join(kept)).strip()


class Typesetter:
    """Measures and draws text on the pages of `pdf`. Positions are in points from the upper left corner."""

    def __init__(self, pdf: FPDF, *, is_rtl: bool) -> None:
        self._pdf, self._is_rtl = pdf, is_rtl
        self._widths: dict[tuple[str, Style], float] = {}

    def width(self, text: str, style: Style) -> float:
        """How wide a line is."""
        key = (text, style)
        if key not in self._widths:
            self._widths[key] = sum(self._measure(run, style) for run in self._runs(text))
        return self._widths[key]

    def lines(self, text: str, style: Style, width: float) -> list[str]:
        """The text, which is clean, broken into lines that are at most so wide; words wider than that are broken."""
        return [line for paragraph in text.split("\n") for line in self._wrapped(paragraph, style, width)]

    def draw(self, x: float, baseline: float, text: str, style: Style) -> None:
        """Set one line, whose left end is at `x`."""
        self._pdf.set_text_color(style.gray)
        for run in self._runs(text):
            width = self._measure(run, style)
            if run.is_plain:
                self._pdf.text(x, baseline, run.text)
            else:
                self._draw_shaped(x, baseline, run, style)
            x += width

    def _wrapped(self, paragraph: str, style: Style, width: float) -> Iterator[str]:
        line = ""
        for word in paragraph.split(" "):
            # The whole line is measured: a space is as wide as the letters beside it have it.
            longer = f"{line} {word}" if line else word
            if self.width(longer, style) <= width:
                line = longer
                continue
            if line:
                yield line
            while self.width(word, style) > width and len(word) > 1:
                fits = self._fitting(word, style, width)
                yield word[:fits]
                word = word[fits:]
            line = word
        yield line

    def _fitting(self, word: str, style: Style, width: float) -> int:
        """How many characters of a word fit; at least one, and no mark is parted from its letter."""
        least, most = 1, min(len(word) - 1, _LONGEST)
        while least < most:
            middle = (least + most + 1) // 2
            least, most = (middle, most) if self.width(word[:middle], style) <= width else (least, middle - 1)
        while least > 1 and unicodedata.category(word[least]) in ("Mn", "Me"):
            least -= 1
        return least

    def _runs(self, text: str) -> list[_Run]:
        """The pieces of a line from left to right."""
        plain = text.translate(_WITHOUT_ISOLATES)
        if _is_plain(plain):
            return [_Run(plain, typefaces()[0], False)]
        paragraph = BidiParagraph(text, TextDirection.RTL if self._reads_from_right(text) else TextDirection.LTR)
        leveled: list[tuple[str, int, Typeface]] = []
        for one in paragraph.get_characters_with_embedding_level():
            if one.character not in _ISOLATES:
                # Signs and spaces between Arabic words are of its font, those between others are not.
                before = leveled[-1][2] if leveled and one.embedding_level % 2 else None
                leveled.append((one.character, one.embedding_level, _face_of(one.character, before) or typefaces()[0]))
        pieces = [
            (level, _Run("".join(char for char, *_ in group), face, level % 2 == 1))
            for (level, face), group in groupby(leveled, key=lambda one: one[1:])
        ]
        return [run for _, run in _reordered(pieces)]

    def _reads_from_right(self, text: str) -> bool:
        """The direction of the text's first letter outside of isolates; without one that of the document (P2, P3)."""
        return (directions.of(text) or ("rtl" if self._is_rtl else "ltr")) == "rtl"

    def _measure(self, run: _Run, style: Style) -> float:
        self._use(run.face, style)
        if run.is_plain:
            return float(self._pdf.get_string_width(run.text))
        self._pdf.set_text_shaping(True, direction="rtl" if run.is_rtl else "ltr")
        width = float(self._pdf.get_string_width(run.text))
        self._pdf.set_text_shaping(False)
        return width

    def _draw_shaped(self, x: float, baseline: float, run: _Run, style: Style) -> None:
        # A cell as high as its text has the baseline at four fifths.
        self._pdf.set_xy(x, baseline - 0.8 * style.size)
        self._pdf.set_text_shaping(True, direction="rtl" if run.is_rtl else "ltr")
        self._pdf.cell(self._pdf.get_string_width(run.text), style.size, run.text)
        self._pdf.set_text_shaping(False)

    def _use(self, face: Typeface, style: Style) -> None:
        weight = "B" if style.bold else ""
        if f"{face.name.lower()}{weight}" not in self._pdf.fonts:
            self._pdf.add_font(face.name, weight, face.file(style.bold))
        self._pdf.set_font(face.name, weight, style.size)


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None


def _face_of(char: str, before: Typeface | None = None) -> Typeface | None:
    """The font for a character: that of the character before it if it has it and the character is nobody's own."""
    code = ord(char)
    if before is not None and code in before.characters and unicodedata.bidirectional(char) not in ("L", "R", "AL"):
        return before
    return next((face for face in typefaces() if code in face.characters), None)


def _reordered(pieces: list[tuple[int, _Run]]) -> list[tuple[int, _Run]]:
    """The pieces as they are seen: from the deepest level up, whatever stands at it or deeper is turned around (L2)."""
    seen = list(pieces)
    for level in range(max((level for level, _ in seen), default=0), 0, -1):
        start = 0
        for deep, group in groupby(list(seen), key=lambda piece: piece[0] >= level):
            end = start + len(list(group))
            if deep:
                seen[start:end] = seen[start:end][::-1]
            start = end
    return seen
