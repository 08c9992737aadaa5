"""What is on the calendar of one child or of a whole family (C07, C20, D17)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from peewee import JOIN

from models import (
    Event,
    EventSchool,
    LineItem,
    School,
    SchoolAttendanceEvent,
    SchoolEnrollment,
    SectionAttendanceEvent,
    Student,
)
from services import formats
from services.prepared import Prepared
from services.record import codes, day_kinds, grade_levels
from services.record.attendance import KINDS, gravest
from services.record.classes import classes_of
from services.record.months import Month, weeks

#: Whom an event has to be for, where it says so (OneRoster's roles and what schools write instead).
_FAMILIES = frozenset({
    "parent", "parents", "guardian", "guardians", "student", "students", "family", "families", "all", "everyone",
    "public", "community",
})  # fmt: skip

_ENROLLED = Prepared(
    lambda students, on: (
        SchoolEnrollment.select(
            SchoolEnrollment.student, SchoolEnrollment.school, SchoolEnrollment.calendar_code,
            SchoolEnrollment.entry_date, SchoolEnrollment.exit_date, SchoolEnrollment.grade_level,
        )
        .join(School)
        .where(
            SchoolEnrollment.student.in_(students), SchoolEnrollment.is_current(on), School.active, School.switched_on
        )
        .order_by(SchoolEnrollment.id)
        .tuples()
    )
)  # fmt: skip
_EVENTS = Prepared(
    lambda schools, first, last: (
        Event.select(Event, EventSchool.school.alias("school_id"), School.kind.alias("school_kind"))
        .join(EventSchool, JOIN.LEFT_OUTER)
        .join(School, JOIN.LEFT_OUTER)
        .where(
            Event.begin_date <= last,
            (Event.begin_date >= first) | (Event.end_date >= first),
            # An event of no school is the district's, and so is one of an organization above schools.
            EventSchool.id.is_null() | EventSchool.school.in_(schools) | School.kind.not_in(("school", "department")),
        )
        .order_by(Event.begin_date, Event.id)
        .namedtuples()
    )
)
_DUE = Prepared(
    lambda sections, first, last: (
        LineItem.select(LineItem.id, LineItem.sourced_id, LineItem.section, LineItem.title, LineItem.due_date)
        .where(LineItem.section.in_(sections), LineItem.due_date.between(first, last))
        .order_by(LineItem.due_date, LineItem.id)
        .tuples()
    )
)
_OF_DAYS = Prepared(
    lambda students, first, last: (
        SchoolAttendanceEvent.select(
            SchoolAttendanceEvent.student, SchoolAttendanceEvent.date, SchoolAttendanceEvent.counts_as,
            SchoolAttendanceEvent.category,
        )
        .where(SchoolAttendanceEvent.student.in_(students), SchoolAttendanceEvent.date.between(first, last))
        .tuples()
    )
)  # fmt: skip
_OF_CLASSES = Prepared(
    lambda students, first, last: (
        SectionAttendanceEvent.select(
            SectionAttendanceEvent.student, SectionAttendanceEvent.date, SectionAttendanceEvent.counts_as,
            SectionAttendanceEvent.category,
        )
        .where(SectionAttendanceEvent.student.in_(students), SectionAttendanceEvent.date.between(first, last))
        .tuples()
    )
)  # fmt: skip


class Entry(NamedTuple):
    """Something on the calendar, from the day `begins` through `ends`, on the district's clock.

    `kind` is `event`, `day` (of the school's calendar), `due` or `attendance`. What it is called is the `title` as the
    feed has it; where that is empty, the `code` says it: Ed-Fi's kind of day, or what attendance counts as.
    `student_ids` are the children it concerns; `key` names the entry whenever it is asked for again.
    """

    kind: str
    key: str
    begins: dt.date
    ends: dt.date
    title: str
    code: str
    student_ids: tuple[int, ...]
    starts_at: dt.time | None = None
    ends_at: dt.time | None = None
    location: str = ""
    description: str = ""
    section_id: int | None = None
    section: str = ""


class Line(NamedTuple):
    """An entry as a page shows it. `until` is its last day where there are several, `names` the children's."""

    kind: str
    title: str
    code: str
    time: str
    until: str
    location: str
    description: str
    section: str
    section_id: int | None
    student_id: int
    names: str


class Day(NamedTuple):
    """A day of the agenda."""

    iso: str
    name: str
    is_today: bool
    lines: list[Line]


class Cell(NamedTuple):
    """A day of the month's table: its number, the titles of what is on it, and its place in the agenda."""

    number: int
    iso: str
    is_today: bool
    titles: list[str]
    more: int


class Page(NamedTuple):
    """A month: its name, its weeks (None are days of other months), and its days with entries in order.

    `next_day` is the first of these from today on, empty in other months.
    """

    title: str
    weeks: list[list[Cell | None]]
    days: list[Day]
    next_day: str


class _Place(NamedTuple):
    """A student's enrollment in a school."""

    student_id: int
    school_id: int
    calendar_code: str | None
    entry_date: dt.date | None
    exit_date: dt.date | None
    grade_level: str | None

    def overlaps(self, first: dt.date, last: dt.date) -> bool:
        """Whether the student is there on any of these days."""
        return (self.entry_date is None or self.entry_date <= last) and (
            self.exit_date is None or self.exit_date >= first
        )


def entries(
    students: Sequence[Student], first: dt.date, last: dt.date, on: dt.date, *, attendance: bool = True
) -> list[Entry]:
    """What is on the calendars of these students from `first` through `last`, as seen on the day `on`, in order.

    The students come out of `Student.visible_to`: assignments are left out where grades are withheld, attendance where
    that is. What concerns several of them is one entry. The number of queries does not depend on how many they are.
    """
    open_to = {name: [one.id for one in students if name not in _withheld(one)] for name in ("grades", "attendance")}
    places = [_Place(*row) for row in _ENROLLED([one.id for one in students], on)]
    found = [
        *_events(students, places, first, last),
        *_days(places, first, last),
        *_due(open_to["grades"], first, last),
        *(_attendance(open_to["attendance"], first, last) if attendance else ()),
    ]
    order = {"day": 0, "event": 1, "due": 2, "attendance": 3}
    return sorted(
        _together(found, [one.id for one in students]),
        key=lambda one: (one.begins, order[one.kind], one.starts_at or dt.time.min, one.title, one.key),
    )


def page(
    found: Sequence[Entry], month: Month, first_day: int, names: dict[int, str], name_of: Callable[[Entry], str],
    on: dt.date, locale: str,
) -> Page:  # fmt: skip
    """One month of these entries; weeks begin on `first_day` (0 is Monday).

    `names` are the children's, shown beside each entry, or empty. `name_of` says what an entry is called.
    """
    agenda: dict[dt.date, list[Line]] = defaultdict(list)
    titles: dict[dt.date, list[str]] = defaultdict(list)
    for one in found:
        title, begins = name_of(one), max(one.begins, month.first)
        agenda[begins].append(_line(one, title, names, locale))
        for number in range((min(one.ends, month.last) - begins).days + 1):
            titles[begins + dt.timedelta(days=number)].append(title)
    return Page(
        formats.month(month.first, locale),
        [
            [_cell(day, titles.get(day, []), day in agenda, on) if day else None for day in week]
            for week in weeks(month.year, month.number, first_day)
        ],
        [
            Day(date.isoformat(), formats.day(date, locale, "full"), date == on, lines)
            for date, lines in sorted(agenda.items())
        ],
        min((date.isoformat() for date in agenda if date >= on and Month.of(on) == month), default=""),
    )


def first_names(students: Sequence[Student]) -> dict[int, str]:
    """What each student is called in the family; whole names where two are called the same."""
    short = {one.id: one.preferred_given_name or one.given_name for one in students}
    return {
        one.id: one.name if list(short.values()).count(short[one.id]) > 1 else short[one.id] for one in students
    }  # fmt: skip


def _events(students: Sequence[Student], places: list[_Place], first: dt.date, last: dt.date) -> list[Entry]:
    levels = {one.id: grade_levels.code(one.grade_level) for one in students}
    for place in places:
        levels[place.student_id] = levels[place.student_id] or grade_levels.code(place.grade_level)
    found = []
    for row in _EVENTS(sorted({place.school_id for place in places}), first, last):
        ends = max(row.begin_date, row.end_date or row.begin_date)
        if not _is_for_families(row.audience):
            continue
        wanted = {grade_levels.code(level.strip()) for level in (row.grade_levels or "").split(",")} - {""}
        for place in places:
            of_everybody = row.school_id is None or row.school_kind not in ("school", "department")
            here = of_everybody or row.school_id == place.school_id
            level = levels[place.student_id]
            if here and place.overlaps(row.begin_date, ends) and (not wanted or not level or level in wanted):
                found.append(
                    Entry(
                        "event", f"event {row.sourced_id}", row.begin_date, ends, row.title, "", (place.student_id,),
                        row.start_time, row.end_time if row.start_time else None, row.location or "",
                        row.description or "",
                    )
                )  # fmt: skip
    return found


def _days(places: list[_Place], first: dt.date, last: dt.date) -> list[Entry]:
    """Days of the schools' calendars that are not plain days with classes."""
    days = [day for day in day_kinds.between((place.school_id for place in places), first, last) if day.kinds]
    by_school: dict[int, list[_Place]] = defaultdict(list)
    for place in places:
        by_school[place.school_id].append(place)
    return [
        Entry("day", f"day {day.date} {kind.code}", day.date, day.date, kind.label, kind.code, (place.student_id,))
        for day in days
        for place in by_school[day.school_id]
        if day.is_on((place.school_id, place.calendar_code)) and place.overlaps(day.date, day.date)
        for kind in day.kinds
    ]


def _due(student_ids: list[int], first: dt.date, last: dt.date) -> list[Entry]:
    classes = classes_of(student_ids)
    by_section: dict[int, list[tuple[str, str, dt.date]]] = defaultdict(list)
    for _number, sourced_id, section, title, due in _DUE(sorted({one.section_id for one in classes}), first, last):
        by_section[section].append((sourced_id, title, due))
    return [
        Entry(
            "due", f"due {sourced_id}", due, due, title, "", (one.student_id,),
            section_id=one.section_id, section=one.title,
        )
        for one in classes
        for sourced_id, title, due in by_section[one.section_id]
        if (one.begins is None or one.begins <= due) and (one.ends is None or one.ends >= due)
    ]  # fmt: skip


def _attendance(student_ids: list[int], first: dt.date, last: dt.date) -> list[Entry]:
    """One entry a day: the school's own event if there is one, else the gravest period (DECISIONS 12)."""
    (known,) = codes.read("AttendanceEventCategoryDescriptor")
    of_day: dict[tuple[int, dt.date], list[str]] = {}
    for rows in (_OF_DAYS(student_ids, first, last), _OF_CLASSES(student_ids, first, last)):
        of_these: dict[tuple[int, dt.date], list[str]] = defaultdict(list)
        for student, date, counts_as, category in rows:
            if not known.hides(category):
                of_these[student, date].append(counts_as if counts_as in KINDS else "unknown")
        of_day = {**of_these, **of_day}
    return [
        Entry("attendance", f"attendance {date} {kind}", date, date, "", kind, (student,))
        for (student, date), kinds in of_day.items()
        if (kind := gravest(kinds)) != "present"
    ]


def _together(found: Iterable[Entry], order: list[int]) -> list[Entry]:
    """Entries that differ only in whom they concern, as one; attendance is each child's own."""
    merged: dict[tuple[object, ...], Entry] = {}
    for one in found:
        own = one.student_ids if one.kind == "attendance" else ()
        key = (one.key, one.title, own)
        known = merged.get(key)
        students = {*one.student_ids, *(known.student_ids if known else ())}
        merged[key] = one._replace(student_ids=tuple(sorted(students, key=order.index)))
    return list(merged.values())


def _line(one: Entry, title: str, names: dict[int, str], locale: str) -> Line:
    start, end = formats.time_of_day(one.starts_at, locale), formats.time_of_day(one.ends_at, locale)
    return Line(
        one.kind, title, one.code, f"{start} – {end}" if start and end else start,
        formats.day(one.ends, locale) if one.ends > one.begins else "",
        one.location, one.description, one.section, one.section_id, one.student_ids[0],
        ", ".join(names[student] for student in one.student_ids if student in names),
    )  # fmt: skip


def _cell(day: dt.date, titles: list[str], in_agenda: bool, on: dt.date) -> Cell:
    """A cell has room for three titles; a day that only goes on what began earlier has no place in the agenda."""
    return Cell(day.day, day.isoformat() if in_agenda else "", day == on, titles[:3], max(0, len(titles) - 3))


def _is_for_families(audience: str | None) -> bool:
    wanted = {one.strip().lower() for one in (audience or "").split(",")} - {""}
    return not wanted or bool(wanted & _FAMILIES)


def _withheld(student: Student) -> list[str]:
    return getattr(student, "withheld", None) or []
