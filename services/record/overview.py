"""The record at a glance: one card a child for the home page, and the first tab of one child."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models import School, SchoolEnrollment, Student
from services.prepared import Prepared
from services.record import assignments, freshness
from services.record.absences import Absences, absences
from services.record.assignments import Counts
from services.record.attendance import school_year
from services.record.behavior import behavior
from services.record.classes import classes_of, current
from services.record.fees import Balance, balances
from services.record.programs import programs

_SCHOOLS = Prepared(
    lambda students, on: (
        SchoolEnrollment.select(SchoolEnrollment.student, School.name)
        .join(School)
        .where(
            SchoolEnrollment.student.in_(students), SchoolEnrollment.is_current(on), School.active, School.switched_on
        )
        .order_by(
            SchoolEnrollment.is_primary.desc(), SchoolEnrollment.entry_date.asc(nulls="first"), SchoolEnrollment.id
        )
        .tuples()
    )
)


#: The files that bring attendance.
ATTENDANCE_FILES = {"studentSchoolAttendanceEvents", "studentSectionAttendanceEvents"}


class Card(NamedTuple):
    """One child on the home page. What is withheld, or what the feed does not bring, is None."""

    student_id: int
    name: str
    school: str
    grade_level: str
    counts: Counts | None
    absences: Absences | None
    low_balance: str


def cards(students: Sequence[Student], on: dt.date, since: dt.date, locale: str, currency: str) -> list[Card]:
    """A card a child, in the order given; the number of queries does not depend on how many there are (X04).

    New scores are those since the day `since`, absences those of the last seven days. Sections that are withheld from
    this guardian are left out.
    """
    ids = {section: _open(students, section) for section in ("grades", "attendance", "fees")}
    files = freshness.delivered()
    counts = assignments.count(current(classes_of(ids["grades"]), on), on, by="student", since=since)
    missed = absences(ids["attendance"], on - dt.timedelta(days=6), on) if files.keys() & ATTENDANCE_FILES else None
    low = {one.student_id: one.amount for one in balances(ids["fees"], locale, currency) if one.is_low}
    schools = schools_of([student.id for student in students], on)
    return [
        Card(
            student.id,
            student.name,
            ", ".join(schools.get(student.id, [])),
            student.grade_level or "",
            counts.get(student.id, Counts()) if student.id in ids["grades"] else None,
            missed.get(student.id, Absences()) if missed is not None and student.id in ids["attendance"] else None,
            low.get(student.id, ""),
        )
        for student in students
    ]


def _open(students: Sequence[Student], section: str) -> list[int]:
    """Those whose section is open to the guardian who reads."""
    return [student.id for student in students if section not in (getattr(student, "withheld", None) or [])]


class Glance(NamedTuple):
    """One child's attendance, behavior, programs and balance in a few words; None or empty without such a tab."""

    absences: Absences | None
    incidents: int | None
    programs: list[str]
    balance: Balance | None


def glance(student: Student, on: dt.date, locale: str, currency: str) -> Glance:
    """The rest of the record at a glance (G02): only what is open to the reader and what the feed has brought."""
    files = freshness.delivered()
    closed = getattr(student, "withheld", None) or []

    def is_there(section: str, *names: str) -> bool:
        return section not in closed and bool(files.keys() & set(names))

    missed, incidents = None, None
    if is_there("attendance", *ATTENDANCE_FILES):
        first, last = school_year(on)
        missed = absences([student.id], first, min(last, on)).get(student.id, Absences())
    if is_there("behavior", "disciplineIncidents", "disciplineActions"):
        incidents = len(behavior(student.id, on, locale).this_year)
    taken = programs(student.id, on, locale).current if is_there("programs", "studentProgramAssociations") else []
    balance = balances([student.id], locale, currency)[:1] if is_there("fees", "mealAccounts") else []
    return Glance(missed, incidents, [one.name for one in taken], next(iter(balance), None))


def schools_of(student_ids: Iterable[int], on: dt.date) -> dict[int, list[str]]:
    """The names of the schools that each student is enrolled in this year or next, the present ones first."""
    found: dict[int, list[str]] = {}
    for student_id, name in _SCHOOLS(list(student_ids), on):
        names = found.setdefault(student_id, [])
        if name not in names:
            names.append(name)
    return found
