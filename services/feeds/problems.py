"""What is wrong with a feed, row by row: collected in bounded memory while everything is still counted."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

ERROR, WARNING = "error", "warning"

#: So many of one file are kept; a file in which everything is wrong needs no longer list.
KEPT_PER_FILE = 10_000

#: Rows are numbered through all parts of a file: the part's place times this, plus the line in it.
PART = 2**40


class Problem(NamedTuple):
    """An `error` left a row out, a `warning` did not. `line` counts from 1, the header included."""

    file: str
    line: int | None
    column: str | None
    severity: str
    reason: str


class Problems:
    """The problems of one import."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self._stored: Counter[str] = Counter()
        self._labels: dict[str, tuple[str, ...]] = {}

    def name_parts(self, file: str, labels: tuple[str, ...]) -> None:
        """Say what messages call the parts of a file that comes in several."""
        self._labels[file] = labels

    def add(self, file: str, n: int | None, column: str | None, severity: str, reason: str) -> None:
        """Note a problem with the row numbered `n`, or with the whole file."""
        self.count(file, severity, 1)
        self.keep(file, n, column, severity, reason)

    def count(self, file: str, severity: str, more: int) -> None:
        """Count problems without keeping them."""
        self.counts[file, severity] += more

    def keep(self, file: str, n: int | None, column: str | None, severity: str, reason: str) -> None:
        """Keep a problem that is counted already, while there is room."""
        if self.room(file) <= 0:
            return
        self._stored[file] += 1
        part, line = divmod(n, PART) if n else (0, None)
        labels = self._labels.get(file, ())
        label = labels[part] if len(labels) > 1 and n else f"{file}.csv"
        self.kept.append(Problem(label, line, column, severity, reason))

    def room(self, file: str) -> int:
        """How many more problems of a file are kept."""
        return KEPT_PER_FILE - self._stored[file]

    def total(self, severity: str) -> int:
        """How many there are in all files."""
        return sum(count for (_, kind), count in self.counts.items() if kind == severity)
