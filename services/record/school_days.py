"""Days of school and meetings of classes that a student was enrolled for, where the feed lets them be counted (C10).

Both answer None rather than a number that could be wrong: a family that reads "present on 61 days" has to be able to
rely on it. What a calendar or a timetable leaves open is never filled in.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import groupby
from typing import Any, NamedTuple

from peewee import JOIN, fn

from models import (
    AcademicSession,
    BellDay,
    BellTime,
    CalendarDay,
    Course,
    Enrollment,
    Meeting,
    SchoolEnrollment,
    Section,
    SectionTerm,
)
from services.prepared import Prepared

#: A calendar may end this long before the school year does, not earlier.
_LOOSE_END = dt.timedelta(days=7)

_CALENDARS = Prepared(
    lambda student, first, last: (
        SchoolEnrollment.select(
            SchoolEnrollment.id, SchoolEnrollment.entry_date, SchoolEnrollment.exit_date,
            CalendarDay.calendar_code, CalendarDay.date, CalendarDay.kinds,
        )
        .join(
            CalendarDay, JOIN.LEFT_OUTER,
            on=(
                (CalendarDay.school == SchoolEnrollment.school)
                & CalendarDay.date.between(first, last)
                & (
                    SchoolEnrollment.calendar_code.is_null()
                    | (CalendarDay.calendar_code == SchoolEnrollment.calendar_code)
                )
            ),
        )
        .where(
            SchoolEnrollment.student == student,
            SchoolEnrollment.exit_date.is_null() | (SchoolEnrollment.exit_date >= first),
            SchoolEnrollment.entry_date.is_null() | (SchoolEnrollment.entry_date <= last),
        )
        .order_by(SchoolEnrollment.id)
        .tuples()
    )
)  # fmt: skip
_TAKEN = Prepared(
    lambda student, first: (
        Enrollment.select(
            Section.id, Section.school, Enrollment.begin_date, Enrollment.end_date,
            AcademicSession.start_date, AcademicSession.end_date, fn.COALESCE(Course.title, Section.title),
        )
        .join(Section)
        .join(SectionTerm)
        .join(AcademicSession)
        .join(Course, JOIN.LEFT_OUTER, on=(Section.course == Course.id))
        .where(Enrollment.student == student, AcademicSession.end_date >= first)
        .tuples()
    )
)  # fmt: skip
_MEETINGS = Prepared(
    lambda sections: (
        Meeting.select(Meeting.section, Meeting.alternate_day, Meeting.period)
        .where(Meeting.section.in_(sections))
        .tuples()
    )
)
_BELL_DAYS = Prepared(
    lambda schools, first, last: (
        BellDay.select(BellDay.school, BellDay.date, BellDay.name, BellDay.alternate_day)
        .where(BellDay.school.in_(schools), BellDay.date.between(first, last))
        .tuples()
    )
)
_BELL_PERIODS = Prepared(
    lambda schools: (
        BellTime.select(BellTime.school, BellTime.name, BellTime.period)
        .where(BellTime.school.in_(schools), BellTime.period.is_null(False))
        .distinct()
        .tuples()
    )
)


class Slot(NamedTuple):
    """A meeting of a class; `course` is what is taught there."""

    section_id: int
    date: dt.date
    period: str
    course: str


def instructional(student_id: int, first: dt.date, last: dt.date, on: dt.date) -> frozenset[dt.date] | None:
    """The instructional days from the student's entry through `on` in the school year from `first` to `last`.

    None where they cannot be counted: an enrollment without a day of entry or without its one calendar, or a calendar
    that does not reach today or leaves most weekdays out.
    """
    found: set[dt.date] = set()
    rows = _CALENDARS(student_id, first, last)
    for _, group in groupby(rows, key=lambda row: row[0]):
        days = _days_enrolled(list(group), first, last, min(on, last))
        if days is None:
            return None
        found |= days
    return frozenset(found) if rows else None


def meetings(student_id: int, days: frozenset[dt.date], first: dt.date) -> set[Slot] | None:
    """Every meeting on these days of the student's classes that have a timetable; None where one stays unclear."""
    taken = _TAKEN(student_id, first)
    if not taken or not days:
        return None
    timetable = _Timetable(taken, days)
    found: set[Slot] = set()
    for section, school, begins, ends, term_begins, term_ends, course in taken:
        # Without a beginning nobody knows whether the student was in another class before.
        if section in timetable.meetings and begins is None:
            return None
        last = min(ends or term_ends, term_ends)
        for day in days if section in timetable.meetings else ():
            if max(begins, term_begins) <= day <= last:
                periods = timetable.periods(section, school, day)
                if periods is None:
                    return None
                found |= {Slot(section, day, period, course) for period in periods}
    return found or None


def _days_enrolled(rows: list[Any], first: dt.date, last: dt.date, on: dt.date) -> set[dt.date] | None:
    """Of one enrollment."""
    _, entry, leaving, _, listed, _ = rows[0]
    if entry is None or listed is None or len({row[3] for row in rows}) > 1:
        return None
    if max(row[4] for row in rows) < min(on, last - _LOOSE_END):
        return None
    begins, ends = max(first, entry), min(on, leaving or on)
    days = {date for *_, date, kinds in rows if begins <= date <= ends and _is_instructional(kinds)}
    weekdays = sum((begins + dt.timedelta(days=n)).weekday() < 5 for n in range((ends - begins).days + 1))
    return days if 2 * len(days) >= weekdays else None


def _is_instructional(kinds: str | None) -> bool:
    return "instructional day" in map(str.strip, (kinds or "").lower().split(","))


class _Timetable:
    """When the sections of a student meet, out of three queries."""

    def __init__(self, taken: list[Any], days: frozenset[dt.date]) -> None:
        self.meetings: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for section, alternate, period in _MEETINGS(sorted({row[0] for row in taken})):
            self.meetings[section].append((alternate or "", period or ""))
        schools = sorted({row[1] for row in taken if row[1] is not None})
        self._bells: dict[tuple[int, dt.date], list[tuple[str, str]]] = defaultdict(list)
        for school, date, name, alternate in _BELL_DAYS(schools, min(days), max(days)):
            self._bells[school, date].append((name or "", alternate or ""))
        self._rung: dict[tuple[int, str], set[str]] = defaultdict(set)
        for school, name, period in _BELL_PERIODS(schools):
            self._rung[school, name or ""].add(period)

    def periods(self, section: int, school: int | None, day: dt.date) -> set[str] | None:
        """The periods in which a section meets on one day of school; None where the day's schedule is not known."""
        bells = self._bells.get((school, day), []) if school is not None else []
        name, turn = bells[0] if bells else ("", "")
        if len(bells) > 1 or (not turn and any(alternate for alternate, _ in self.meetings[section])):
            return None
        rung = self._rung.get((school, name), set()) if school is not None and bells else set()
        return {
            period
            for alternate, period in self.meetings[section]
            if alternate in ("", turn) and (not rung or not period or period in rung)
        }
