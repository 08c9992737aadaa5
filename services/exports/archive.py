"""The copy itself: a zip with the reports as PDFs, a CSV for each kind of rows, one JSON with all of them, a README."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

from config import Settings
from models import Student
from services import formats, reports, spreadsheets
from services.exports import kinds
from services.reports.as_pdf import as_pdf
from services.reports.structure import Words

#: The form of record.json; it changes when a program that reads it would have to.
FORMAT = "homeroom-record-1"


def make(student: Student, *, on: dt.date, now: dt.datetime, words: Words, settings: Settings) -> bytes:
    """Everything that is open of a student out of `Student.visible_to`; no name of a file says whose it is."""
    files = kinds.files_of(kinds.Asked(student, on, settings))
    pdfs = reports.open_of(student)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as folder:

        def add(name: str, content: str | bytes) -> None:
            stamp = (max(now.year, 1980), *now.timetuple()[1:6])
            folder.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)

        add("README.txt", _readme(list(files), pdfs, words, now, settings))
        for name in pdfs:
            report = reports.make(name, student, on=on, now=now, words=words, settings=settings)
            add(f"reports/{name}.pdf", as_pdf(report, words, made=now))
        for name, (header, rows) in files.items():
            add(f"tables/{name}.csv", _csv(header, rows))
        record = {
            "format": FORMAT, "made": f"{now:%Y-%m-%dT%H:%M:%SZ}", "district": settings.district_name,
            "tables": {name: rows for name, (_, rows) in files.items()},
        }  # fmt: skip
        add("record.json", json.dumps(record, ensure_ascii=False, indent=1))
    return out.getvalue()


def _csv(header: list[str], rows: list[kinds.Row]) -> bytes:
    out = io.StringIO()
    spreadsheets.write(out, header, ([_cell(row[name]) for name in header] for row in rows))
    # The mark at the beginning tells spreadsheets that letters are UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _readme(files: list[str], pdfs: list[str], words: Words, now: dt.datetime, settings: Settings) -> str:
    made = words("made", time=formats.moment(now, settings.time_zone, words.locale))
    lines = [settings.district_name, made, "", words("readme what"), ""]
    lines += [f"reports/{name}.pdf: {words(name)}" for name in pdfs]
    lines += ["", words("readme tables"), ""]
    lines += [f"tables/{name}.csv: {words(f'table {name}')}" for name in files]
    lines += ["", words("readme json"), "", words("readme apostrophe"), "", words("readme private")]
    return "\r\n".join(lines) + "\r\n"
