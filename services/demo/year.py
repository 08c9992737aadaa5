"""The demo's school year: sessions, school days, and the ids everything else refers to."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from random import Random


def make_id(seed: int, *parts: object) -> str:
    """An opaque sourcedId of 16 hex digits; the same seed and parts give the same id."""
    text = "/".join(str(part) for part in (seed, *parts))
    return blake2b(text.encode(), digest_size=8).hexdigest()


def seeded(seed: int, *parts: object) -> Random:
    """A generator of its own for one family, section or person: what comes before does not change it."""
    key = "/".join(str(part) for part in (seed, *parts))
    return Random(key)  # noqa: S311 - made-up people, nothing secret


@dataclass(frozen=True)
class Session:
    """One academic session; both dates are school days of it."""

    sid: str
    title: str
    type: str
    start: date
    end: date
    parent: str


@dataclass(frozen=True)
class SchoolYear:
    """The year that holds `today`: three kinds of sessions and the days school is open."""

    seed: int
    today: date
    start: date
    end: date
    year: Session
    semesters: tuple[Session, Session]
    periods: tuple[Session, Session, Session, Session]
    days: tuple[date, ...]

    @property
    def school_year(self) -> int:
        """OneRoster's schoolYear: the calendar year in which it ends."""
        return self.end.year

    @property
    def next_start(self) -> date:
        """First day of the following school year."""
        return _first_day(self.start.year + 1)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All seven, parents first."""
        return (self.year, *self.semesters, *self.periods)

    @cached_property
    def days_so_far(self) -> tuple[date, ...]:
        """School days up to today, today included."""
        return self.days[: bisect_right(self.days, self.today)]

    @cached_property
    def middles(self) -> dict[str, date]:
        """By grading period, the last Friday (or other school day) of its first half."""
        found = {}
        for period in self.periods:
            days = self.days_of(period)
            half = days[: len(days) // 2]
            found[period.sid] = next((day for day in reversed(half) if day.weekday() == 4), half[-1])
        return found

    def other(self, years: int) -> "SchoolYear":
        """The school year that many years later; earlier where `years` is negative."""
        return school_year(self.seed, date(self.start.year + years, 10, 1))

    def days_since(self, entry: date | None) -> tuple[date, ...]:
        """School days from a student's entry, or the year's start, up to today."""
        return self.days_so_far[bisect_left(self.days_so_far, entry) :] if entry else self.days_so_far

    def days_of(self, session: Session) -> tuple[date, ...]:
        """School days within one session of this year."""
        return self._days_of[session.sid]

    @cached_property
    def _days_of(self) -> dict[str, tuple[date, ...]]:
        return {
            session.sid: tuple(day for day in self.days if session.start <= day <= session.end)
            for session in self.sessions
        }


def _monday(day: date) -> date:
    """The Monday on or after that day."""
    return day + timedelta(days=-day.weekday() % 7)


def _first_day(year: int) -> date:
    return _monday(date(year, 8, 14))


def _is_closed(day: date, start_year: int, winter: tuple[date, date]) -> bool:
    """Weekends, Labor Day, Thanksgiving week, winter and spring break, Memorial Day and a few more."""
    thanksgiving = _monday(date(start_year, 11, 1)) + timedelta(days=21)
    spring_break = _monday(date(start_year + 1, 3, 22))
    return (
        day.weekday() > 4
        or day == _monday(date(start_year, 9, 1))
        or thanksgiving <= day <= thanksgiving + timedelta(days=4)
        or winter[0] < day < winter[1]
        or day == _monday(date(start_year + 1, 1, 15))
        or day == _monday(date(start_year + 1, 2, 15))
        or spring_break <= day <= spring_break + timedelta(days=4)
        or day == _monday(date(start_year + 1, 5, 25))
    )


@lru_cache(maxsize=32)
def school_year(seed: int, today: date) -> SchoolYear:
    """The school year of `today`; between June and the first day in August, the one that has just ended."""
    begun = _first_day(today.year)
    start_year = today.year if today >= begun else today.year - 1
    start = _first_day(start_year)
    end = _monday(date(start_year + 1, 6, 4)) + timedelta(days=4)
    winter = (_monday(date(start_year, 12, 12)) + timedelta(days=4), _monday(date(start_year + 1, 1, 3)))
    span = (start + timedelta(days=n) for n in range((end - start).days + 1))
    days = tuple(day for day in span if not _is_closed(day, start_year, winter))
    fall = [day for day in days if day <= winter[0]]
    spring = [day for day in days if day >= winter[1]]

    label = f"{start_year}-{start_year + 1}"
    year = Session(make_id(seed, "session", start_year), label, "schoolYear", start, end, "")

    def part(key: str, title: str, kind: str, among: list[date], parent: str) -> Session:
        sid = make_id(seed, "session", start_year, key)
        return Session(sid, f"{title} {label}", kind, among[0], among[-1], parent)

    first = part("S1", "Semester 1", "semester", fall, year.sid)
    second = part("S2", "Semester 2", "semester", spring, year.sid)
    quarters = []
    for number, (semester, among) in enumerate(((first, fall), (second, spring))):
        half = len(among) // 2
        for step, chunk in enumerate((among[:half], among[half:])):
            quarter = number * 2 + step + 1
            quarters.append(part(f"Q{quarter}", f"Quarter {quarter}", "gradingPeriod", chunk, semester.sid))
    return SchoolYear(
        seed,
        today,
        start,
        end,
        year,
        (first, second),
        (quarters[0], quarters[1], quarters[2], quarters[3]),
        days,
    )
