"""What a report says, apart from how it is shown: the printed page and the PDF are both made from this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

_NO_DIRECTIONS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


class Words(NamedTuple):
    """The reader's language, whether it runs from right to left, and the sentences of reports in it, by name.

    `codes` has words for codes of the record, by the code in small letters.
    """

    locale: str
    is_rtl: bool
    texts: Mapping[str, str]
    codes: Mapping[str, str]
    grade_level: Callable[[str], str]

    def __call__(self, name: str, **values: str) -> str:
        """A sentence with its values in it, each of which keeps its direction to itself (UAX 9, 2.4.2)."""
        if not values:
            return self.texts[name]
        return self.texts[name] % {
            key: f"\u2068{value.translate(_NO_DIRECTIONS)}\u2069" for key, value in values.items()
        }

    def code(self, text: str) -> str:
        """A code in words, or as the feed has it."""
        return self.codes.get(text.lower(), text)


class Column(NamedTuple):
    """A column of a table."""

    heading: str
    is_number: bool = False


class Table(NamedTuple):
    """Rows have a text for each column; `caption` says what the table is for those who do not see its heading."""

    caption: str
    columns: list[Column]
    rows: list[tuple[str, ...]]


class Part(NamedTuple):
    """A part of a report: what of it there is, in this order."""

    heading: str = ""
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None


class Heading(NamedTuple):
    """What stands on every page: the school with its address, the student, and when the report was made (C11)."""

    district: str
    school: str
    address: tuple[str, ...]
    student: str
    about: str
    made: str


class Report(NamedTuple):
    """One report. `name` is the one in addresses, `title` its heading."""

    name: str
    title: str
    heading: Heading
    parts: list[Part]


def table(caption: str, columns: list[Column], rows: Sequence[tuple[str, ...]]) -> Table | None:
    """The table without the columns that say nothing; None when nothing is left."""
    kept = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    if not kept:
        return None
    return Table(caption, [columns[place] for place in kept], [tuple(row[place] for place in kept) for row in rows])


def facts(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The facts that have a value."""
    return tuple(pair for pair in pairs if pair[1])
