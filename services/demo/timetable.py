"""When classes meet: periods and bells by level, A and B days, and the bell schedule of each day."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from services.demo.schools import School, Section
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

REGULAR, EARLY = "Regular day", "Early release"
_ROTATING = "middle"
_ALTERNATE = ("A", "B")


class Bell(NamedTuple):
    """One meeting of a day: the period as `classes.periods` has it, and minutes after midnight."""

    period: str
    start: int
    end: int


class _Shape(NamedTuple):
    """A day's outline: a first bell for homeroom (or 0 minutes), then so many meetings with lunch in the middle."""

    start: int
    homeroom: int
    length: int
    gap: int
    lunch: int


# The elementary day, the four blocks of the middle school, the eight periods of the high school. Mornings end before
# the high school's afternoon begins: one teacher works at both.
_SHAPES = {
    ("elementary", REGULAR): _Shape(8 * 60, 15, 38, 2, 38),
    ("elementary", EARLY): _Shape(8 * 60, 15, 24, 2, 30),
    ("middle", REGULAR): _Shape(8 * 60 + 30, 0, 85, 5, 35),
    ("middle", EARLY): _Shape(8 * 60 + 30, 0, 60, 5, 30),
    ("high", REGULAR): _Shape(8 * 60 + 15, 0, 45, 5, 35),
    ("high", EARLY): _Shape(8 * 60 + 15, 0, 32, 5, 25),
}


def clock(minutes: int) -> str:
    """Minutes after midnight as HH:MM:SS."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"


def alternate_days(level: str) -> tuple[str, ...]:
    """Names of the rotating days: A and B at the middle school, one without a name elsewhere."""
    return _ALTERNATE if level == _ROTATING else ("",)


@lru_cache(maxsize=16)
def bells(level: str, schedule: str, alternate: str) -> tuple[Bell, ...]:
    """The meetings of one day. On A days the middle school has its odd periods, on B days its even ones."""
    shape = _SHAPES[level, schedule]
    periods = [str(number) for number in range(1, 9)]
    if alternate:
        periods = periods[_ALTERNATE.index(alternate) :: 2]
    found = [Bell("HR", shape.start, shape.start + shape.homeroom)] if shape.homeroom else []
    at = shape.start + shape.homeroom + (shape.gap if found else 0)
    for number, period in enumerate(periods):
        if number == len(periods) // 2:
            at += shape.lunch
        found.append(Bell(period, at, at + shape.length))
        at += shape.length + shape.gap
    return tuple(found)


def first_bell(level: str) -> int:
    """When a regular day begins, in minutes after midnight."""
    return bells(level, REGULAR, alternate_days(level)[0])[0].start


def last_bell(level: str) -> int:
    """When a regular day ends."""
    return bells(level, REGULAR, alternate_days(level)[0])[-1].end


@lru_cache(maxsize=8)
def early_days(year: SchoolYear) -> frozenset[date]:
    """The first Wednesday with school of each month: everybody leaves early."""
    firsts: dict[int, date] = {}
    for day in year.days:
        if day.weekday() == 2:
            firsts.setdefault(day.month, day)
    return frozenset(firsts.values())


class SchoolDay(NamedTuple):
    """What the timetable says of one day at one level: the bell schedule, the rotating day, the meetings."""

    date: date
    schedule: str
    alternate: str
    bells: tuple[Bell, ...]


@lru_cache(maxsize=8)
def school_days(year: SchoolYear, level: str) -> tuple[SchoolDay, ...]:
    """Every school day of the year at that level. A and B take turns over school days, whatever the weekday."""
    early, names = early_days(year), alternate_days(level)
    found = []
    for number, day in enumerate(year.days):
        schedule, alternate = EARLY if day in early else REGULAR, names[number % len(names)]
        found.append(SchoolDay(day, schedule, alternate, bells(level, schedule, alternate)))
    return tuple(found)


def write_timetable(writer: FeedWriter, year: SchoolYear, school: School) -> None:
    """classPeriods.csv, bellSchedules.csv and bellScheduleDates.csv of one school."""
    for alternate in alternate_days(school.level):
        for number, bell in enumerate(bells(school.level, REGULAR, alternate)):
            official = "true" if number == 0 else "false"
            times = clock(bell.start), clock(bell.end)
            writer.add("classPeriods", f"{school.sid}.p{bell.period}", school.sid, bell.period, *times, official)
        for schedule in (REGULAR, EARLY):
            for bell in bells(school.level, schedule, alternate):
                sid = f"{school.sid}.{schedule[0]}{bell.period}"
                times = clock(bell.start), clock(bell.end)
                writer.add("bellSchedules", sid, school.sid, schedule, bell.period, alternate, *times)
    for day in school_days(year, school.level):
        iso = day.date.isoformat()
        writer.add("bellScheduleDates", f"{school.sid}.{iso}", school.sid, day.schedule, iso, day.alternate)


def write_meetings(writer: FeedWriter, section: Section) -> None:
    """classMeetings.csv: where and when one section meets on a regular day."""
    period = period_name(section)
    for alternate in alternate_days(section.school.level):
        for bell in bells(section.school.level, REGULAR, alternate):
            if bell.period == period:
                times = clock(bell.start), clock(bell.end)
                writer.add("classMeetings", f"{section.sid}.m", section.sid, alternate, period, *times, section.room)


def period_name(section: Section) -> str:
    """The section's period as `classes.periods` and `classPeriods.classPeriodName` have it."""
    return "HR" if section.course.kind == "homeroom" else str(section.period)


#: The class of one student by semester (0, 1) and period.
Schedule = dict[tuple[int, str], str]


def schedules(year: SchoolYear, sections: Iterable[Section]) -> dict[str, Schedule]:
    """The schedules of everybody in these sections, by student."""
    found: dict[str, Schedule] = {}
    for section in sections:
        slots = [(year.semesters.index(term), period_name(section)) for term in section.terms]
        for student in section.students:
            schedule = found.setdefault(student.sid, {})
            for slot in slots:
                schedule[slot] = section.sid
    return found
