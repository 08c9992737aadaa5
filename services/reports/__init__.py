"""Reports to print or to keep: schedule, missing assignments, report card, transcript (C11).

A module for each makes its parts from the record's services; `structure` is what they are made of, `as_pdf` prints it.
Names of reports in addresses come from REPORTS alone (CHECKS 28).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from config import Settings
from models import School, SchoolEnrollment, Student
from services import formats
from services.prepared import Prepared
from services.reports import missing_assignments, report_card, schedule, transcript
from services.reports.structure import Heading, Part, Report, Words

_SCHOOLS = Prepared(
    lambda student, on: (
        School.select()
        .join(SchoolEnrollment)
        .where(SchoolEnrollment.student == student, SchoolEnrollment.is_current(on), School.active, School.switched_on)
        .order_by(
            SchoolEnrollment.is_primary.desc(), SchoolEnrollment.entry_date.asc(nulls="first"), SchoolEnrollment.id
        )
    )
)


class Kind(NamedTuple):
    """A report: the section of the rights that opens it, the feed's files it is made from, and what makes it."""

    section: str
    files: tuple[str, ...]
    parts: Callable[[Student, dt.date, Words, Settings], list[Part]]


REPORTS = {
    "schedule": Kind("schedule", ("classes", "enrollments", "classMeetings"), schedule.parts),
    "missing-assignments": Kind("grades", ("results", "lineItems"), missing_assignments.parts),
    "report-card": Kind("grades", ("grades", "reportCards"), report_card.parts),
    "transcript": Kind("history", ("courseTranscripts", "studentAcademicRecords"), transcript.parts),
}


def open_of(student: Student) -> list[str]:
    """The reports of a student out of `Student.visible_to` that this account may have."""
    closed = getattr(student, "withheld", None) or []
    return [] if "reports" in closed else [name for name, kind in REPORTS.items() if kind.section not in closed]


def make(name: str, student: Student, *, on: dt.date, now: dt.datetime, words: Words, settings: Settings) -> Report:
    """One of REPORTS as of the day `on`; callers ask `open_of` before. A report without data says so in a sentence."""
    school = next(iter(_SCHOOLS(student.id, on)), None)
    number = words("number", number=student.number) if student.number else ""
    level = words.grade_level(student.grade_level) if student.grade_level else ""
    heading = Heading(
        settings.district_name,
        school.name if school else settings.district_name,
        _address(school) if school else (),
        student.name,
        " · ".join(filter(None, (number, level))),
        words("made", time=formats.moment(now, settings.time_zone, words.locale)),
    )
    return Report(name, words(name), heading, REPORTS[name].parts(student, on, words, settings))


def _address(school: School) -> tuple[str, ...]:
    """As on an envelope, with the telephone below."""
    place = " ".join(filter(None, (school.state, school.postal_code)))
    city = ", ".join(filter(None, (school.city, place)))
    return tuple(filter(None, (school.street, city, school.phone)))
