"""The digests of one hour for a very large district: how long they take, and how much memory (X05).

Every guardian has asked for the weekly digest of this very hour, which is the worst that can be asked for. The rows are
written straight into the tables; what is measured is the worker's own work, in a process of its own.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import models as m
from app import create_app
from benchmarks.district import fill, name, school_year, settings
from benchmarks.measure import table
from config import Settings
from services import clock, database
from services.digests import run

#: A Monday morning at eight on the district's clock (America/New_York), and its date.
NOW, TODAY = dt.datetime(2026, 11, 16, 13, 5), dt.date(2026, 11, 16)

LANGUAGES = ("en", "en", "es", "en", "vi", "en", "ar", "so")
CLASSES, TOGETHER, SCHOOL_SIZE = 6, 25, 600
_SUBJECTS = ("Art", "English", "Mathematics", "Music", "Science", "Social Studies")


class Measured(NamedTuple):
    """What building took: seconds on the clock and of the processor, kilobytes at most, batches, mails."""

    wall: float
    cpu: float
    peak: int
    batches: int
    mails: int


def report(guardians: int) -> str:
    """Measure it for so many guardians, and for a tenth of them, and say so in Markdown."""
    rows = []
    for count in (guardians // 10, guardians):
        first, again = _measure(count)
        rows.append((
            f"{count:,}", f"{first.mails:,}", f"{first.wall:.0f} s", f"{first.cpu:.0f} s",
            f"{1000 * first.wall / max(1, count):.2f} ms", f"{first.peak / 1024:.0f} MB", f"{again.wall:.0f} s",
            again.mails,
        ))  # fmt: skip
    headings = (
        "guardians", "digests", "clock", "processor", "a guardian", "peak memory", "again, nothing new", "digests then",
    )  # fmt: skip
    return table(headings, rows)


def _measure(guardians: int) -> tuple[Measured, Measured]:
    with tempfile.TemporaryDirectory() as folder:
        portal = settings(f"sqlite:///{Path(folder) / 'digests.db'}")
        spawned = multiprocessing.get_context("spawn")
        with spawned.Pool(1) as pool:
            pool.apply(_load, (portal, guardians))
        measured = []
        for days in (0, 7):
            with spawned.Pool(1) as pool:
                measured.append(pool.apply(_build, (portal, days)))
        return measured[0], measured[1]


def _build(portal: Settings, days: int) -> Measured:
    """Build the digests of the hour as the worker does, batch by batch, `days` later than the first time."""
    app, batches = create_app(portal), 0
    now, on = NOW + dt.timedelta(days=days), TODAY + dt.timedelta(days=days)
    clock.set_source(lambda: now)
    with app.test_request_context(), app.extensions["database"].connection_context():
        before = m.OutboundMail.select().count()
        # Hours between the two have no digests: only the last one counts.
        m.Job.delete().execute()
        wall, cpu = time.perf_counter(), time.process_time()
        while run.run_once(settings=portal, on=on, now=now, compose=app.extensions["compose"]):
            batches += 1
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        mails = m.OutboundMail.select().count() - before
    return Measured(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, batches, mails)


# ---- The district ------------------------------------------------------------------------------------------------


def _load(portal: Settings, guardians: int) -> None:
    """Three children for each five guardians: two in three have two guardians, the others one."""
    clock.set_source(lambda: NOW)
    opened = database.connect(portal.database_url)
    with opened.connection_context():
        database.upgrade(opened)
        with opened.atomic():
            _write(guardians, guardians * 3 // 5)
        opened.execute_sql("ANALYZE")


def _write(guardians: int, students: int) -> None:
    now, schools = clock.now(), max(1, students // SCHOOL_SIZE)
    fill(m.School, (
        {"sourced_id": f"sc{n}", "name": f"School {n}", "kind": "school", "phone": "555-0100"} for n in range(schools)
    ))  # fmt: skip
    fill(m.AcademicSession, school_year(TODAY))
    fill(m.Student, (
        {**name(n), "sourced_id": f"s{n}", "number": str(n), "grade_level": "07", "birth_date": dt.date(2013, 4, 2)}
        for n in range(students)
    ))  # fmt: skip
    fill(m.SchoolEnrollment, (
        {"sourced_id": f"se{n}", "student": n + 1, "school": n % schools + 1} for n in range(students)
    ))  # fmt: skip
    fill(m.Guardian, ({**name(n), "sourced_id": f"g{n}", "email": f"g{n}@home.example"} for n in range(guardians)))
    fill(m.Guardianship, (
        {"student": n * 3 // 5 % students + 1, "guardian": n + 1, "from_associations": True, "default_access": True}
        for n in range(guardians)
    ))  # fmt: skip
    fill(m.Account, (
        {
            "guardian": n + 1, "user_name": f"g{n}@home.example", "user_name_key": f"g{n}@home.example",
            "email": f"g{n}@home.example", "email_verified_at": now, "password_hash": "none", "created_at": now,
            "language": LANGUAGES[n % len(LANGUAGES)],
        }
        for n in range(guardians)
    ))  # fmt: skip
    fill(m.Preference, ({"account": n + 1, "digest": "weekly", "digest_day": 0} for n in range(guardians)))
    _write_work(students)
    for n, (district, school) in enumerate(((True, None), (False, 1))):
        notice = m.Notice.create(begins_on=TODAY, created_at=now, school=None if district else school)
        m.NoticeTranslation.create(notice=notice, language="en", title=f"Notice {n}", body="Text")
    fill(m.FeedFile, (
        {"name": one, "sha256": "0" * 64, "seen_at": now, "changed_at": now}
        for one in ("results", "grades", "studentSchoolAttendanceEvents", "mealAccounts", "libraryTransactions")
    ))  # fmt: skip


def _write_work(students: int) -> None:
    """Six classes each, one new score a class, and of every ten children one missing, one absent, one with a book."""
    groups = -(-students // TOGETHER)
    fill(m.Section, (
        {"sourced_id": f"x{n}", "title": f"{_SUBJECTS[n % CLASSES]} 7", "school": 1} for n in range(groups * CLASSES)
    ))  # fmt: skip
    fill(m.SectionTerm, ({"section": n + 1, "session": 2} for n in range(groups * CLASSES)))
    taken = ((n, n // TOGETHER * CLASSES + place) for n in range(students) for place in range(CLASSES))
    fill(m.Enrollment, ({"sourced_id": f"e{n}.{s}", "student": n + 1, "section": s + 1} for n, s in taken))
    fill(m.LineItem, (
        {
            "sourced_id": f"i{n}", "section": n + 1, "session": 2, "title": f"Worksheet {n % 40} & review",
            "due_date": TODAY - dt.timedelta(days=3), "assign_date": TODAY - dt.timedelta(days=9),
            "result_value_min": 0, "result_value_max": 20,
        }
        for n in range(groups * CLASSES)
    ))  # fmt: skip
    fill(m.Result, _results(students))
    fill(m.SchoolAttendanceEvent, (
        {"sourced_id": f"a{n}", "student": n + 1, "date": TODAY - dt.timedelta(days=4), "counts_as": "unexcused"}
        for n in range(0, students, 10)
    ))  # fmt: skip
    fill(m.MealAccount, (
        {"sourced_id": f"m{n}", "student": n + 1, "balance": 1.5, "low_balance": 5.0} for n in range(0, students, 20)
    ))  # fmt: skip
    fill(m.Loan, (
        {"sourced_id": f"l{n}", "student": n + 1, "title": f"Book {n}", "return_by": TODAY + dt.timedelta(days=2)}
        for n in range(3, students, 10)
    ))  # fmt: skip


def _results(students: int) -> Iterator[dict[str, Any]]:
    for student in range(students):
        for place in range(CLASSES):
            item = student // TOGETHER * CLASSES + place + 1
            is_missing = (student + place) % 60 == 0
            yield {
                "sourced_id": f"r{student}.{place}", "line_item": item, "student": student + 1,
                "score": None if is_missing else 12.5 + student % 8,
                "score_status": "not submitted" if is_missing else "fully graded", "missing": is_missing or None,
                "score_date": None if is_missing else TODAY - dt.timedelta(days=1 + place % 4),
            }  # fmt: skip
