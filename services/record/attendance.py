"""A student's attendance of this school year, day by day (C10). What it adds up to is in `attendance_sums`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from peewee import JOIN, fn

from models import AcademicSession, ClassPeriod, Course, SchoolAttendanceEvent, Section, SectionAttendanceEvent
from services import formats
from services.feeds.record import BUILT_IN
from services.prepared import Prepared
from services.record import codes
from services.record.months import Month, weeks

#: What an event counts as, the gravest first (DECISIONS 12).
KINDS = ("unexcused", "unknown", "excused", "exempt", "tardy", "present")
ABSENT = KINDS[:4]

_CODE_SET = "AttendanceEventCategoryDescriptor"

_OF_DAYS = Prepared(
    lambda student, first, last: (
        SchoolAttendanceEvent.select(
            SchoolAttendanceEvent,
            AcademicSession.id.alias("term_id"), AcademicSession.title.alias("term"),
            AcademicSession.start_date.alias("term_begins"), AcademicSession.end_date.alias("term_ends"),
        )
        .join(AcademicSession, JOIN.LEFT_OUTER)
        .where(SchoolAttendanceEvent.student == student, SchoolAttendanceEvent.date.between(first, last))
        .order_by(SchoolAttendanceEvent.date, SchoolAttendanceEvent.id)
        .namedtuples()
    )
)  # fmt: skip
_OF_CLASSES = Prepared(
    lambda student, first, last: (
        SectionAttendanceEvent.select(
            SectionAttendanceEvent,
            AcademicSession.id.alias("term_id"), AcademicSession.title.alias("term"),
            AcademicSession.start_date.alias("term_begins"), AcademicSession.end_date.alias("term_ends"),
            Section.title, Course.title.alias("course"), _period_begins().alias("begins"),
        )
        .join(Section)
        .join(Course, JOIN.LEFT_OUTER)
        .join(AcademicSession, JOIN.LEFT_OUTER, on=(SectionAttendanceEvent.session == AcademicSession.id))
        .where(SectionAttendanceEvent.student == student, SectionAttendanceEvent.date.between(first, last))
        .order_by(SectionAttendanceEvent.date, SectionAttendanceEvent.id)
        .namedtuples()
    )
)  # fmt: skip


class Term(NamedTuple):
    """The session that the SIS counts an event to; terms are ordered by time."""

    begins: dt.date
    ends: dt.date
    title: str
    id: int


class Entry(NamedTuple):
    """One event. `kind` is one of KINDS, `wording` the district's own word for it where it has one.

    `share` of a day is what the school counts; `part` says so where that is not the whole. Without a `section_id` the
    event is about the day; with one it is about one meeting of a class, and `title` and `course` are that class's.
    Times are text in the reader's language.
    """

    date: dt.date
    kind: str
    wording: str
    reason: str
    arrived: str
    left: str
    term: Term | None
    share: float = 1
    part: str = ""
    section_id: int | None = None
    title: str = ""
    course: str = ""
    period: str = ""


class Day(NamedTuple):
    """A day on which something is recorded: the school's `own` entries, then those of its `classes` by period."""

    date: dt.date
    iso: str
    name: str
    kind: str
    own: list[Entry]
    classes: list[Entry]

    @property
    def notes(self) -> list[str]:
        """What is said about the day beside its word: the district's wording, reasons, times; each once."""
        gravest = [one for one in self.own or self.classes if one.kind == self.kind]
        return list(dict.fromkeys(text for one in gravest for text in (one.wording, one.reason) if text))

    @property
    def titles(self) -> list[str]:
        """The classes that make the day what it is, where the school has no entry of its own for it."""
        return [] if self.own else list(dict.fromkeys(one.title for one in self.classes if one.kind == self.kind))


class Cell(NamedTuple):
    """A day of the month's calendar; `kind` is empty where nothing is recorded."""

    number: int
    iso: str
    kind: str
    is_today: bool


class MonthPage(NamedTuple):
    """A month: its title, its weeks (None are days of other months), and its days with entries in order."""

    title: str
    weeks: list[list[Cell | None]]
    days: list[Day]


def school_year(on: dt.date) -> tuple[dt.date, dt.date]:
    """The first and last day of this school year as seen on the day `on`; without such a year, the year before it."""
    return AcademicSession.school_year_on(on) or (on - dt.timedelta(days=365), on)


def days_of(student_id: int, first: dt.date, last: dt.date, locale: str) -> dict[dt.date, Day]:
    """Every day from `first` through `last` on which something is recorded, in order; three queries.

    The kind of a day is that of the school's own event if there is one, else of the gravest period (DECISIONS 12).
    """
    (known,) = codes.read(_CODE_SET)
    own, classes = _OF_DAYS(student_id, first, last), _OF_CLASSES(student_id, first, last)
    by_date: dict[dt.date, tuple[list[Entry], list[Entry]]] = {}
    for row in own:
        if not known.hides(row.category):
            by_date.setdefault(row.date, ([], []))[0].append(_entry(row, known, locale, **_share(row.duration, locale)))
    for row in sorted(classes, key=_by_period):
        if not known.hides(row.category):
            by_date.setdefault(row.date, ([], []))[1].append(
                _entry(
                    row, known, locale,
                    section_id=row.section, title=row.title, course=row.course or row.title, period=row.period or "",
                )
            )  # fmt: skip
    return {date: _day(date, *entries, locale) for date, entries in sorted(by_date.items())}


def month_page(days: dict[dt.date, Day], month: Month, first_day: int, on: dt.date, locale: str) -> MonthPage:
    """One month of these days; weeks begin on `first_day` (0 is Monday)."""
    return MonthPage(
        formats.month(month.first, locale),
        [[_cell(day, days, on) for day in week] for week in weeks(month.year, month.number, first_day)],
        [day for date, day in days.items() if Month.of(date) == month],
    )


def gravest(kinds: Iterable[str]) -> str:
    """The gravest of several kinds."""
    return min(kinds, key=KINDS.index)


def natural(text: str) -> list[tuple[int, str]]:
    """A sort key that puts period 2 before period 10."""
    return [(int(part), "") if part.isdecimal() else (10**9, part) for part in re.findall(r"\d{1,9}|\D+", text)]


def _period_begins() -> Any:
    """When the period of an event usually begins at its school."""
    same = (ClassPeriod.school == Section.school) & (ClassPeriod.name == SectionAttendanceEvent.period)
    return ClassPeriod.select(fn.MIN(ClassPeriod.start_time)).where(same)


def _by_period(row: Any) -> tuple[Any, ...]:
    return str(row.begins or "~"), natural(row.period or ""), row.title, row.id


def _share(duration: float | None, locale: str) -> dict[str, Any]:
    """The part of a day that an event is about; what is no such part is taken as the whole day."""
    if duration is None or not 0 < duration < 1:
        return {}
    return {"share": duration, "part": formats.percent(duration, locale)}


def _entry(row: Any, known: codes.CodeSet, locale: str, **more: Any) -> Entry:
    term = Term(row.term_begins, row.term_ends, row.term, row.term_id) if row.term_id is not None else None
    wording = _wording(row.category or "", known)
    reason = row.reason or ""
    return Entry(
        row.date, row.counts_as if row.counts_as in KINDS else "unknown", wording,
        reason if reason.casefold() != wording.casefold() else "",
        formats.time_of_day(row.arrival_time, locale), formats.time_of_day(row.departure_time, locale), term, **more,
    )  # fmt: skip


def _wording(category: str, known: codes.CodeSet) -> str:
    """The district's word for a code; Ed-Fi's own names say no more than ours do."""
    if category.lower() not in known.labels and BUILT_IN.get(category.lower(), "unknown") != "unknown":
        return ""
    return known.label(category)


def _day(date: dt.date, own: list[Entry], classes: list[Entry], locale: str) -> Day:
    kind = gravest(one.kind for one in own or classes)
    return Day(date, date.isoformat(), formats.day(date, locale), kind, own, classes)


def _cell(day: dt.date | None, days: dict[dt.date, Day], on: dt.date) -> Cell | None:
    if day is None:
        return None
    found = days.get(day)
    return Cell(day.day, day.isoformat(), found.kind if found else "", day == on)
