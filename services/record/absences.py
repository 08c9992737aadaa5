"""Days with an absence and days late, for several children at once (X04, G02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from models import SchoolAttendanceEvent, SectionAttendanceEvent
from services.prepared import Prepared
from services.record.attendance import ABSENT, gravest

_OF_DAYS = Prepared(
    lambda students, first, last: (
        SchoolAttendanceEvent.select(
            SchoolAttendanceEvent.student, SchoolAttendanceEvent.date, SchoolAttendanceEvent.counts_as
        )
        .where(SchoolAttendanceEvent.student.in_(students), SchoolAttendanceEvent.date.between(first, last))
        .tuples()
    )
)
_OF_CLASSES = Prepared(
    lambda students, first, last: (
        SectionAttendanceEvent.select(
            SectionAttendanceEvent.student, SectionAttendanceEvent.date, SectionAttendanceEvent.counts_as
        )
        .where(SectionAttendanceEvent.student.in_(students), SectionAttendanceEvent.date.between(first, last))
        .tuples()
    )
)


class Absences(NamedTuple):
    """Days with an absence, how many of them are unexcused, and days late; a day counts as its gravest entry."""

    absent: int = 0
    unexcused: int = 0
    tardy: int = 0


def absences(student_ids: Iterable[int], first: dt.date, last: dt.date) -> dict[int, Absences]:
    """What was recorded of these students from `first` through `last`; two queries whatever their number."""
    found: dict[int, Absences] = {}
    for (student, _), kinds in by_day(student_ids, first, last).items():
        one, kind = found.get(student, Absences()), gravest(kinds)
        found[student] = Absences(
            one.absent + (kind in ABSENT), one.unexcused + (kind == "unexcused"), one.tardy + ("tardy" in kinds)
        )
    return found


def by_day(student_ids: Iterable[int], first: dt.date, last: dt.date) -> dict[tuple[int, dt.date], list[str]]:
    """What each entry from `first` through `last` counts as, by student and day; two queries.

    The school's own entry for a day wins over those of its classes, as in the calendar (DECISIONS 12).
    """
    ids = list(student_ids)
    days: dict[tuple[int, dt.date], list[str]] = {}
    for student, date, kind in _OF_DAYS(ids, first, last):
        days.setdefault((student, date), []).append(kind)
    own = set(days)
    for student, date, kind in _OF_CLASSES(ids, first, last):
        if (student, date) not in own:
            days.setdefault((student, date), []).append(kind)
    return days
