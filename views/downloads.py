"""Tables as files for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

from flask import Response, make_response

from services import spreadsheets


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as the file `name`.csv to download; cells that a spreadsheet would run are defused (CHECKS 27)."""
    out = StringIO()
    spreadsheets.write(out, header, rows)
    # Spreadsheet programs take a file without this mark for one in an older encoding.
    answer = make_response("\ufeff" + out.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
    return answer
