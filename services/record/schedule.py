"""When and where a student's classes meet: periods by term, and the classes of one day in order of time (C08)."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from peewee import JOIN, fn

from models import AcademicSession, BellDay, BellTime, ClassPeriod, Course, Meeting, School, SchoolEnrollment, Section
from services import formats
from services.prepared import Prepared
from services.record import day_kinds
from services.record.classes import Class, Term, classes_of, current, terms_of
from services.record.day_kinds import Kind

#: Classes begin and end some days after and before their term.
_ABOUT = dt.timedelta(days=7)

_SECTIONS = Prepared(
    lambda sections: (
        Section.select(Section.id, Section.periods, Section.school, Course.code)
        .join(Course, JOIN.LEFT_OUTER)
        .where(Section.id.in_(sections))
        .tuples()
    )
)
_MEETINGS = Prepared(
    lambda sections: (
        Meeting.select(
            Meeting.section, Meeting.period, Meeting.alternate_day, Meeting.start_time, Meeting.end_time, Meeting.room
        )
        .where(Meeting.section.in_(sections))
        .order_by(Meeting.alternate_day.asc(nulls="first"), Meeting.start_time.asc(nulls="last"), Meeting.id)
        .tuples()
    )
)
_SCHOOLS = Prepared(
    lambda student, on: SchoolEnrollment.select(
        SchoolEnrollment.school, School.name, SchoolEnrollment.calendar_code
    )
    .join(School)
    .where(SchoolEnrollment.student == student, SchoolEnrollment.is_current(on), School.active, School.switched_on)
    .order_by(SchoolEnrollment.is_primary.desc(), SchoolEnrollment.id)
    .tuples()
)  # fmt: skip
_PERIODS = Prepared(
    lambda schools: (
        ClassPeriod.select(ClassPeriod.school, ClassPeriod.name, ClassPeriod.start_time, ClassPeriod.end_time)
        .where(ClassPeriod.school.in_(schools))
        .tuples()
    )
)
_BELLS = Prepared(
    lambda schools, on: BellDay.select(
        BellDay.school, BellDay.alternate_day, BellTime.period, BellTime.start_time, BellTime.end_time
    )
    .join(
        BellTime, JOIN.LEFT_OUTER,
        on=(
            (BellTime.school == BellDay.school)
            & (fn.COALESCE(BellTime.name, "") == fn.COALESCE(BellDay.name, ""))
            & (BellTime.alternate_day.is_null() | (BellTime.alternate_day == BellDay.alternate_day))
        ),
    )
    .where(BellDay.school.in_(schools), BellDay.date == on)
    .order_by(BellTime.id)
    .tuples()
)  # fmt: skip

#: From when to when, as far as it is known.
Hours = tuple[dt.time | None, dt.time | None]
#: A period of a school: the school's id and the period's name in small letters.
Period = tuple[int | None, str]


class Person(NamedTuple):
    """Who teaches a class, with the address of the reader's mail program (`mailto`), empty without one."""

    id: int
    name: str
    mailto: str
    can_be_written_to: bool


class Place(NamedTuple):
    """When and where a class meets in a period: rotating days, its own time where it is not the period's, the room."""

    days: str
    time: str
    room: str


class Lesson(NamedTuple):
    """A class in a period of the table. `starts` is the day on which a late joiner began, else empty."""

    section_id: int
    title: str
    code: str
    people: tuple[Person, ...]
    starts: str
    places: tuple[Place, ...]


class Row(NamedTuple):
    """A period, its usual time, its school where there are several, and the lessons of each term of the table."""

    period: str
    time: str
    school: str
    terms: tuple[tuple[Lesson, ...], ...]


class Table(NamedTuple):
    """The schedule of some terms. `loose` are the classes, by term, of which no period is known."""

    terms: tuple[Term, ...]
    rows: list[Row]
    loose: tuple[tuple[Lesson, ...], ...]
    rotates: bool

    @property
    def is_empty(self) -> bool:
        """Whether no class is entered for any of the terms."""
        return not any(self.loose) and not any(lessons for row in self.rows for lessons in row.terms)


class Today(NamedTuple):
    """One day: the rotating day's name, what kind of day it is when there are no classes (else None), the lessons.

    `unsure` says that some classes meet on rotating days and nobody has entered which of them this day is.
    """

    rotating_day: str
    closed: tuple[Kind, ...] | None
    lessons: list[Turn]
    unsure: bool


class Turn(NamedTuple):
    """A lesson of one day."""

    section_id: int
    title: str
    time: str
    period: str
    room: str
    teachers: str


class Schedule(NamedTuple):
    """All that the page shows: the terms to choose from, the table of the chosen ones, and today."""

    terms: list[Term]
    chosen: Term | None
    table: Table
    today: Today


class _Meets(NamedTuple):
    """One meeting of a class, from its meetings or, without them, from its periods."""

    period: str
    day: str
    hours: Hours
    room: str


class _Timetable(NamedTuple):
    """What the feed says, put together: by section its school, code and meetings; by period its name and usual time."""

    schools: dict[int, str]
    school_of: dict[int, int | None]
    codes: dict[int, str]
    meetings: dict[int, list[_Meets]]
    periods: dict[Period, tuple[str, Hours]]
    bells: dict[Period, Hours]
    rotating_days: dict[int, str]
    closed: dict[int, tuple[Kind, ...]]


def of(student_id: int, on: dt.date, locale: str, *, term_id: int | None = None, whole_year: bool = False) -> Schedule:
    """The schedule of one student as seen on the day `on`: one term, or every term of the year.

    The term is the one asked for, else that of the day; between terms the one that ended last (DECISIONS 35).
    """
    classes = classes_of([student_id])
    timetable = _read(student_id, classes, on)
    terms = _columns(terms_of(classes), on)
    chosen = None if whole_year else next((term for term in terms if term.id == term_id), None) or _term_of(terms, on)
    columns = tuple(terms) if whole_year else (chosen,) if chosen else ()
    writable = {one.section_id for one in current(classes, on)}
    table = _table(classes, columns, timetable, on, locale, writable)
    return Schedule(terms, chosen, table, _today(classes, timetable, on, locale))


def _read(student_id: int, classes: Sequence[Class], on: dt.date) -> _Timetable:
    """Seven queries, whatever the number of classes."""
    sections = sorted({one.section_id for one in classes})
    details = {row[0]: row[1:] for row in _SECTIONS(sections)}
    enrolled = _SCHOOLS(student_id, on)
    schools = {school: name for school, name, _ in enrolled}
    first = next(iter(schools), None)
    school_of = {section: details[section][1] or first for section in sections}
    ids = sorted({*schools, *filter(None, school_of.values())})
    meetings: dict[int, list[_Meets]] = defaultdict(list)
    for section, period, day, start, end, room in _MEETINGS(sections):
        meetings[section].append(_Meets(period or "", day or "", (start, end), room or ""))
    for one in classes:
        if one.section_id not in meetings:
            periods = [name.strip() for name in (details[one.section_id][0] or "").split(",")]
            found = [_Meets(name, "", (None, None), one.room) for name in periods if name]
            meetings[one.section_id] = found or [_Meets("", "", (None, None), one.room)]
    bells, rotating_days = {}, {}
    for school, day, period, start, end in _BELLS(ids, on):
        rotating_days[school] = day or ""
        if period:
            bells[school, period.lower()] = (start, end)
    calendars = [(school, code) for school, _, code in enrolled]
    return _Timetable(
        schools=schools, school_of=school_of,
        codes={one.section_id: _code(details[one.section_id][2], one.code) for one in classes},
        meetings=meetings,
        periods={(school, name.lower()): (name, (start, end)) for school, name, start, end in _PERIODS(ids)},
        bells=bells, rotating_days=rotating_days,
        closed=day_kinds.closed_on(calendars, on, with_bells=set(rotating_days)),
    )  # fmt: skip


def _code(course: str | None, section: str) -> str:
    """Course and section code; most sections' codes begin with the course's."""
    return section if not course or section.startswith(course) else f"{course} {section}".strip()


def _columns(terms: Iterable[Term], on: dt.date) -> list[Term]:
    """The terms to show: each span of time once, no longer one that shorter ones make up, none of earlier years."""
    year = AcademicSession.school_year_on(on)
    spans = {(term.begins, term.ends): term for term in terms if year is None or term.ends >= year[0]}
    found = []
    for term in spans.values():
        inside = [one for one in spans.values() if one != term and term.begins <= one.begins and one.ends <= term.ends]
        made_up = inside and (
            min(one.begins for one in inside) - term.begins <= _ABOUT
            and term.ends - max(one.ends for one in inside) <= _ABOUT
        )
        if not made_up:
            found.append(term)
    return found


def _term_of(terms: Sequence[Term], on: dt.date) -> Term | None:
    """The term of a day, the shortest if there are several; else the one that ended last, else the first to come."""
    now = [term for term in terms if term.begins <= on <= term.ends]
    if now:
        return max(now, key=lambda term: (term.begins, -term.ends.toordinal()))
    past = [term for term in terms if term.ends < on]
    return max(past, key=lambda term: term.ends) if past else next(iter(terms), None)


def _meets_in(one: Class, term: Term) -> bool:
    """Whether a class meets throughout a term: that of its own that is as long, or a longer one."""
    spans = [t for t in one.terms if t.begins <= term.begins + _ABOUT and t.ends >= term.ends - _ABOUT]
    return bool(spans) or not one.terms


def _attended(one: Class, term: Term, on: dt.date) -> bool:
    """Whether the student is in the class in that term: came before its end, and has not left it since."""
    seen_from = min(max(on, term.begins), term.ends - _ABOUT)
    return (one.begins is None or one.begins <= term.ends) and (one.ends is None or one.ends >= seen_from)


def _table(
    classes: Sequence[Class], columns: tuple[Term, ...], timetable: _Timetable, on: dt.date, locale: str,
    writable: set[int],
) -> Table:  # fmt: skip
    cells: dict[Period, list[list[Lesson]]] = defaultdict(lambda: [[] for _ in columns or (None,)])
    for place, term in enumerate(columns or (None,)):
        attended = [c for c in classes if term is None or (_meets_in(c, term) and _attended(c, term, on))]
        for one in attended:
            for name, lesson in _lessons(one, term, timetable, locale, one.section_id in writable):
                # Without a period there is no place in the table, whatever the school.
                period = (timetable.school_of[one.section_id] if name else None, name)
                cells[period][place].append(lesson)
    loose = cells[None, ""]
    del cells[None, ""]
    schools = {school for school, _ in cells}
    empty = {key for key in timetable.periods if key[0] in schools}
    rows = []
    for key in sorted({*cells, *empty}, key=lambda key: _order(key, timetable)):
        name, hours = timetable.periods.get(key) or (_spelled(key[1], timetable), (None, None))
        school = timetable.schools.get(key[0] or 0, "") if len(schools) > 1 else ""
        rows.append(Row(name, _hours(hours, locale), school, tuple(map(tuple, cells[key]))))
    rotates = any(place.days for row in rows for lessons in row.terms for one in lessons for place in one.places)
    return Table(columns, rows, tuple(map(tuple, loose)), rotates)


def _lessons(
    one: Class, term: Term | None, timetable: _Timetable, locale: str, writable: bool
) -> Iterable[tuple[str, Lesson]]:
    """The periods, in small letters, that a class meets in, each with its lesson; rotating days are put together."""
    late = term is not None and one.begins is not None and term.begins < one.begins
    people = tuple(
        Person(
            teacher.id, teacher.name, f"mailto:{quote(teacher.email, safe='@')}" if teacher.email else "",
            writable and bool(teacher.email),
        )
        for teacher in one.teachers
    )  # fmt: skip
    by_period: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(dict)
    for meets in timetable.meetings[one.section_id]:
        usual = timetable.periods.get((timetable.school_of[one.section_id], meets.period.lower()), ("", (None, None)))
        time = _hours(meets.hours, locale) if meets.hours != usual[1] else ""
        places = by_period[meets.period.lower()]
        places.setdefault((time, meets.room or one.room), []).append(meets.day)
    for period, places in by_period.items():
        yield period, Lesson(
            one.section_id, one.title, timetable.codes[one.section_id], people,
            formats.day(one.begins, locale) if late else "",
            tuple(Place(", ".join(filter(None, days)), time, room) for (time, room), days in places.items()),
        )  # fmt: skip


def _today(classes: Sequence[Class], timetable: _Timetable, on: dt.date, locale: str) -> Today:
    first = next(iter(timetable.schools), None)
    day = timetable.rotating_days.get(first or 0, "")
    closed = timetable.closed.get(first or 0)
    if closed is None and on.weekday() >= 5 and first not in timetable.rotating_days:
        closed = ()
    if closed is not None:
        return Today(day, closed, [], False)
    turns, unsure = [], False
    rung = any((timetable.school_of[c.section_id], m.period.lower()) in timetable.bells
               for c in classes for m in timetable.meetings[c.section_id])  # fmt: skip
    for one in classes:
        if not _meets_on(one, on):
            continue
        school = timetable.school_of[one.section_id]
        rotating_day = timetable.rotating_days.get(school or 0, "")
        for meets in timetable.meetings[one.section_id]:
            key = (school, meets.period.lower())
            if meets.day and not rotating_day:
                unsure = True
            elif (not meets.day or meets.day.lower() == rotating_day.lower()) and not (
                rung and meets.period and school in timetable.rotating_days and key not in timetable.bells
            ):
                turns.append((_hours_on_the_day(meets, key, timetable), meets, one))
    turns.sort(key=lambda turn: (turn[0][0] or dt.time.max, _natural(turn[1].period), turn[2].title))
    lessons = [
        Turn(
            one.section_id, one.title, _hours(hours, locale),
            timetable.periods.get((timetable.school_of[one.section_id], meets.period.lower()), (meets.period,))[0],
            meets.room or one.room, ", ".join(teacher.name for teacher in one.teachers),
        )
        for hours, meets, one in turns
    ]  # fmt: skip
    return Today(day, None, lessons, unsure)


def _meets_on(one: Class, on: dt.date) -> bool:
    """Whether the student has that class in the term of the day `on`."""
    enrolled = (one.begins is None or one.begins <= on) and (one.ends is None or one.ends >= on)
    return enrolled and (not one.terms or any(term.begins <= on <= term.ends for term in one.terms))


def _hours_on_the_day(meets: _Meets, key: Period, timetable: _Timetable) -> Hours:
    """A meeting's own hours, else the day's bells, else the usual ones.

    Where the meeting only repeats the usual hours of its period, a day with other bells goes by those.
    """
    usual = timetable.periods.get(key, ("", (None, None)))[1]
    bell = timetable.bells.get(key)
    own = meets.hours if meets.hours[0] is not None else None
    if own is not None and (bell is None or own != usual):
        return own
    return bell or own or usual


def _order(key: Period, timetable: _Timetable) -> tuple[int, dt.time, tuple[int, str]]:
    schools = list(timetable.schools)
    start = timetable.periods[key][1][0] if key in timetable.periods else None
    return (schools.index(key[0]) if key[0] in schools else len(schools), start or dt.time.max, _natural(key[1]))


def _natural(name: str) -> tuple[int, str]:
    """What puts period 10 behind period 9; names without a number, such as HR, come first."""
    number = re.search(r"\d{1,9}", name)
    return (int(number.group()) if number else 0, name)


def _spelled(lowered: str, timetable: _Timetable) -> str:
    """The name of a period that only classes know, as they spell it."""
    names = (meets.period for found in timetable.meetings.values() for meets in found)
    return next((name for name in names if name.lower() == lowered), lowered)


def _hours(hours: Hours, locale: str) -> str:
    start, end = (formats.time_of_day(one, locale) for one in hours)
    # Neither space is a place to break the line.
    return f"{start}\u00a0–\u00a0{end}" if start and end else start or end
