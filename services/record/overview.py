"""The record at a glance: one card a child for the home page, and the first tab of one child."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models import FeedFile, School, SchoolEnrollment, Student
from services.prepared import Prepared
from services.record import assignments
from services.record.assignments import Counts
from services.record.classes import classes_of, current

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
_UPDATED = Prepared(lambda files: FeedFile.select(FeedFile.seen_at).where(FeedFile.name.in_(files)).tuples())


class Card(NamedTuple):
    """One child on the home page."""

    student_id: int
    name: str
    school: str
    grade_level: str
    counts: Counts | None


def cards(students: Sequence[Student], on: dt.date) -> list[Card]:
    """A card a child, in the order given; the number of queries does not depend on how many there are.

    Counts are None for a child whose grades are withheld from this guardian.
    """
    open_ids = [student.id for student in students if "grades" not in (getattr(student, "withheld", None) or [])]
    counts = assignments.count(current(classes_of(open_ids), on), on, by="student")
    schools = schools_of([student.id for student in students], on)
    return [
        Card(
            student.id,
            student.name,
            ", ".join(schools.get(student.id, [])),
            student.grade_level or "",
            counts.get(student.id, Counts()) if student.id in open_ids else None,
        )
        for student in students
    ]


def schools_of(student_ids: Iterable[int], on: dt.date) -> dict[int, list[str]]:
    """The names of the schools that each student is enrolled in this year or next, the present ones first."""
    found: dict[int, list[str]] = {}
    for student_id, name in _SCHOOLS(list(student_ids), on):
        names = found.setdefault(student_id, [])
        if name not in names:
            names.append(name)
    return found


def updated_at(*files: str) -> dt.datetime | None:
    """When the feed last confirmed the data of all of these files (G17, D16); None before the first import."""
    return min((seen for (seen,) in _UPDATED(list(files))), default=None)
