"""Events of the calendar from a table that the office keeps, as CSV (C07)."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from models import Event, EventSchool, School, database
from services.office import pages
from services.office.pages import KINDS, OFFICE
from services.office.scope import Office
from services.passwords import FieldError

#: The columns, as the table's first line names them, and the fields that they fill.
COLUMNS = {
    "title": "title", "first day": "begin_date", "last day": "end_date", "starts": "start_time", "ends": "end_time",
    "place": "location", "grades": "grade_levels", "text": "description", "school": "school",
}  # fmt: skip

#: No year has more events.
MOST = 1000


class Fault(NamedTuple):
    """Why a file is not taken: the line (from 1, the first line included; 0 for the whole file), column and reason.

    Reasons are the codes of `pages.read`, and unreadable, no title column, many, empty file.
    """

    line: int
    column: str
    code: str


class BadFile(Exception):
    """The file is not taken, and nothing of it is stored."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class Taken(NamedTuple):
    """How many events were added, and how many were there already."""

    added: int
    known: int


def add(office: Office, content: bytes, *, time_zone: str, now: dt.datetime) -> Taken:
    """Add the events of a file: all of them, or none. Those that the office has entered already stay as they are.

    A school is named as it is called or by its sourcedId; without one the event is the district's, or the only
    school's of a clerk. Raises BadFile.
    """
    found, faults = [], []
    schools = list(office.schools("tell"))
    by_name = {key: one.id for one in schools for key in (one.name.casefold(), one.sourced_id.casefold())}
    for line, row in _rows(content):
        typed = {field: row.get(column, "") for column, field in COLUMNS.items()}
        name = " ".join(typed["school"].split()).casefold()
        typed["school"] = str(by_name.get(name, "0")) if name else _own(office, schools)
        try:
            values, _ = pages.read(office, KINDS["events"], typed, {})
            found.append(values)
        except FieldError as error:
            columns = {field: column for column, field in COLUMNS.items()}
            faults += [Fault(line, columns[one.field], one.code) for one in error.all]
    if faults:
        raise BadFile(faults)
    if not found:
        raise BadFile([Fault(0, "", "empty file")])
    with database.atomic():
        known, added = _known(), 0
        for values in found:
            if _key(values) not in known:
                known.add(_key(values))
                pages.save(office, KINDS["events"], values, {}, row=None, time_zone=time_zone, now=now)
                added += 1
    return Taken(added, len(found) - added)


def _own(office: Office, schools: list[School]) -> str:
    """The school of events that name none."""
    return str(schools[0].id) if not office.may("district") and len(schools) == 1 else ""


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the file with their lines, blank ones left out. Raises BadFile for what is no table of events."""
    lines = _text(content).splitlines()
    if not lines:
        raise BadFile([Fault(0, "", "empty file")])
    delimiter = max(",;\t", key=lines[0].count)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        header = [" ".join(name.split()).casefold() for name in next(reader)]
        if not {"title", "first day"} <= set(header):
            raise BadFile([Fault(1, "title, first day", "no title column")])
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, cells, strict=False))
            if reader.line_num > MOST:
                raise BadFile([Fault(0, "", "many")])
    except csv.Error:
        raise BadFile([Fault(reader.line_num, "", "unreadable")]) from None


def _text(content: bytes) -> str:
    """What spreadsheet programs save: UTF-8, or the old character set of Windows."""
    if b"\0" in content:
        raise BadFile([Fault(0, "", "unreadable")])
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile([Fault(0, "", "unreadable")])


def _known() -> set[tuple[Any, ...]]:
    rows = (
        Event.select(Event.title, Event.begin_date, Event.start_time, EventSchool.school)
        .left_outer_join(EventSchool)
        .where(Event.sourced_id.startswith(OFFICE))
    )
    return set(rows.tuples())


def _key(values: dict[str, Any]) -> tuple[Any, ...]:
    return values["title"], values["begin_date"], values["start_time"], values["school"]
