"""CSV that a spreadsheet can open without running what somebody wrote into a name."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO


def write(out: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write the rows with a header line and return how many there were; formulas are defused (CHECKS 27)."""
    writer = csv.writer(out)
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow([defused(cell) for cell in row])
        count += 1
    return count


def defused(cell: object) -> str:
    """The cell's text, with an apostrophe before what a spreadsheet would take for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
