"""The district that pages are measured on: families of one shape, written straight into the portal's tables."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import models as m
from config import Settings, load
from services import clock, database, sessions

FAMILIES = 200
CLASSES = 8
ASSIGNMENTS = 20

#: Other students of the district, whose page nobody opens: a query that walks through everybody would show.
OTHERS = 20_000

#: Students who share their eight classes.
_TOGETHER = 25
_SUBJECTS = ("Art", "English", "French", "Mathematics", "Music", "Physical Education", "Science", "Social Studies")
_CATEGORIES = (("Homework", 0.25), ("Projects", 0.35), ("Quizzes and tests", 0.4))


class Signed(NamedTuple):
    """A guardian who is signed in: the token of the session, and the child."""

    token: str
    student_id: int


def settings(url: str) -> Settings:
    """A portal as it runs in production, on a database of its own and with nothing from this machine's settings."""
    return load(
        {"PORTAL_CONFIG": "/nonexistent"}, secret_key="benchmark-" + "x" * 32, database_url=url,
        district_name="Maple Valley Schools", portal_url="https://portal.example",
    )  # fmt: skip


def make(folder: Path) -> tuple[Settings, list[Signed]]:
    """Write the district into a new SQLite file in `folder` and sign every guardian in; the portal and the guardians.

    Each of 200 guardians has one child with 8 classes of 20 assignments. The days lie around today: half the work
    is scored, the rest is missing, late, excused, turned in or due.
    """
    portal = settings(f"sqlite:///{folder / 'pages.db'}")
    opened = database.connect(portal.database_url)
    with opened.connection_context():
        database.upgrade(opened)
        with opened.atomic():
            _write(clock.today(portal.time_zone))
            guardians = [_sign_in(portal, number) for number in range(1, FAMILIES + 1)]
        opened.execute_sql("ANALYZE")
    return portal, guardians


def _write(today: dt.date) -> None:
    """Every table that the grades tab reads. Rows are numbered from 1, so that ids need not be asked for."""
    fill(m.School, ({"sourced_id": "school", "name": "Cedar Middle School", "kind": "school"},))
    fill(m.AcademicSession, school_year(today))
    people, born = [name(number) for number in range(FAMILIES)], dt.date(2013, 4, 2)
    fill(m.Student, (
        {**one, "sourced_id": f"s{n}", "number": str(700_000 + n), "birth_date": born, "grade_level": "07"}
        for n, one in enumerate(people)
    ))  # fmt: skip
    fill(m.Guardian, ({**one, "sourced_id": f"g{n}", "email": f"g{n}@home.example"} for n, one in enumerate(people)))
    fill(m.SchoolEnrollment, (
        {"sourced_id": f"se{n}", "student": n + 1, "school": 1, "is_primary": True} for n in range(FAMILIES)
    ))  # fmt: skip
    fill(m.Student, ({**name(n), "sourced_id": f"o{n}", "number": str(800_000 + n)} for n in range(OTHERS)))
    fill(m.SchoolEnrollment, (
        {"sourced_id": f"so{n}", "student": FAMILIES + n + 1, "school": 1, "is_primary": True} for n in range(OTHERS)
    ))  # fmt: skip
    fill(m.Guardianship, (
        {"student": n + 1, "guardian": n + 1, "from_associations": True, "default_access": True}
        for n in range(FAMILIES)
    ))  # fmt: skip
    fill(m.Category, ({"sourced_id": f"c{n}", "title": t, "weight": w} for n, (t, w) in enumerate(_CATEGORIES)))
    sections = FAMILIES // _TOGETHER * CLASSES
    fill(m.Staff, (
        {**name(n + 500), "sourced_id": f"t{n}", "role": "teacher", "email": f"t{n}@school.example"}
        for n in range(sections)
    ))  # fmt: skip
    fill(m.Section, (
        {"sourced_id": f"x{n}", "title": f"{_SUBJECTS[n % CLASSES]} 7", "code": f"{n}-1", "room": str(n), "school": 1}
        for n in range(sections)
    ))  # fmt: skip
    fill(m.SectionTerm, ({"section": n + 1, "session": term} for n in range(sections) for term in (2, 3)))
    fill(m.SectionStaff, (
        {"sourced_id": f"st{n}", "staff": n + 1, "section": n + 1, "role": "teacher", "is_primary": True}
        for n in range(sections)
    ))  # fmt: skip
    fill(m.LineItem, _line_items(sections, today))
    taken = [(n, n // _TOGETHER * CLASSES + place) for n in range(FAMILIES) for place in range(CLASSES)]
    fill(m.Enrollment, ({"sourced_id": f"e{n}.{s}", "student": n + 1, "section": s + 1} for n, s in taken))
    fill(m.Grade, (
        {
            "sourced_id": f"gr{n}.{s}", "student": n + 1, "section": s + 1, "session": 2, "kind": "Progress",
            "letter": "ABCD"[(n + s) % 4], "number": 95 - 10 * ((n + s) % 4), "as_of": today - dt.timedelta(days=7),
        }
        for n, s in taken if s % CLASSES
    ))  # fmt: skip
    fill(m.Result, (row for n, s in taken for row in _results(n, s, today)))
    files = ("results", "lineItems", "grades", "enrollments")
    now = clock.now()
    fill(m.FeedFile, ({"name": name, "sha256": "0" * 64, "seen_at": now, "changed_at": now} for name in files))


def school_year(today: dt.date) -> Iterator[dict[str, Any]]:
    """A year of two semesters around today; the first is under way."""
    begins, middle, ends = (today + dt.timedelta(days=days) for days in (-90, 60, 180))
    for number, (title, kind, first, last) in enumerate((
        ("This year", "schoolYear", begins, ends), ("First semester", "semester", begins, middle),
        ("Second semester", "semester", middle + dt.timedelta(days=1), ends),
    )):  # fmt: skip
        yield {"sourced_id": f"y{number}", "title": title, "kind": kind, "start_date": first, "end_date": last}


def name(number: int) -> dict[str, Any]:
    """The name of the person with this number."""
    given = ("Ana", "Ben", "Chloë", "D’Andre", "Elif", "Farah", "Guðrún", "Hana")
    family = ("Reyes", "O’Brien", "Nguyễn", "Smith-Jones", "Abdi", "Whitfield", "Okafor")
    return {"given_name": given[number % len(given)], "family_name": f"{family[number % len(family)]} {number}"}


def _line_items(sections: int, today: dt.date) -> Iterator[dict[str, Any]]:
    for section in range(sections):
        for number in range(ASSIGNMENTS):
            due = today + dt.timedelta(days=14 - 4 * number - section % 4)
            yield {
                "sourced_id": f"i{section}.{number}", "section": section + 1, "session": 2,
                "title": f"Unit {number // 4 + 1}: worksheet {number + 1} & review",
                "category": number % len(_CATEGORIES) + 1, "due_date": due,
                "assign_date": due - dt.timedelta(days=7), "result_value_min": 0,
                "result_value_max": 10 * (1 + number % 3),
            }  # fmt: skip


def _results(student: int, section: int, today: dt.date) -> Iterator[dict[str, Any]]:
    """The work of one student in one class; what is due has no result yet."""
    for number in range(4, ASSIGNMENTS):
        item, kind = section * ASSIGNMENTS + number + 1, (student + section + number) % 16
        row = {
            "sourced_id": f"r{student}.{item}", "line_item": item, "student": student + 1, "score": None,
            "score_status": "fully graded", "score_date": None, "missing": None, "late": None, "comment": None,
        }  # fmt: skip
        if kind == 0:
            row |= {"score_status": "not submitted", "missing": True}
        elif kind == 1:
            row["score_status"] = "exempt"
        elif kind == 2:
            row["score_status"] = "submitted"
        else:
            row |= {"score": 6 + (student * 7 + number) % 9 / 2, "score_date": today - dt.timedelta(days=number * 3)}
            row["late"] = kind == 3 or None
            row["comment"] = "Good thinking; please show your <steps> next time." if kind == 4 else None
        yield row


def _sign_in(portal: Settings, number: int) -> Signed:
    account = m.Account.create(
        guardian=number, user_name=f"g{number}@home.example", user_name_key=f"g{number}@home.example",
        email=f"g{number}@home.example", password_hash="none", created_at=clock.now(),
    )  # fmt: skip
    return Signed(sessions.start(account, ip="192.0.2.7", settings=portal, now=clock.now()), number)


def fill(model: type[m.Table], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows, which may be more than memory holds, without what peewee does for each."""
    fields = [field for field in model._meta.sorted_fields if not field.primary_key]
    defaults = [field.default() if callable(field.default) else field.default for field in fields]
    names, marks = ", ".join(f'"{field.column_name}"' for field in fields), ", ".join("?" * len(fields))
    converted = (
        [_bound(field, row.get(field.name, default)) for field, default in zip(fields, defaults, strict=True)]
        for row in rows
    )
    cursor = m.database.obj.cursor()
    while batch := list(islice(converted, 5_000)):
        cursor.executemany(f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({marks})', batch)  # noqa: S608


def _bound(field: Any, value: Any) -> Any:
    """A value as SQLite takes it; peewee makes an SQL function of JSON."""
    return json.dumps(value) if isinstance(value, list | dict) else field.db_value(value)
