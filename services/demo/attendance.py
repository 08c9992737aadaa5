"""Absences and tardies of one student, by day and, in middle and high school, by period."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.demo.people import Student
from services.demo.schools import School
from services.demo.timetable import Bell, Schedule, clock, school_days
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear, seeded

# Shares of all school days of an average student; spells of absence last 1.4 days on average.
_SPELLS = 0.037
_TARDY = 0.018
_LEFT_EARLY = 0.006
_LATE_BUS = 0.002
_LATE_TO_CLASS = 0.010
_SKIPPED_CLASS = 0.003
_LENGTHS = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
# Which code a spell gets, and why. Nobody has heard from a family of yesterday's absence yet.
_CODES = ("AE", "AU", "EX", "UK")
_SHARES = (0.64, 0.21, 0.11, 0.04)
_RECENT_SHARES = (0.40, 0.15, 0.10, 0.35)
_RECENT = 3
_REASONS = {
    "AE": ("Illness", "Illness", "Illness", "Appointment", "Family emergency", "Religious observance", "Family trip"),
    "AU": ("No note received", "No note received", "Overslept", "Missed the bus"),
    "EX": ("Field trip", "Athletics", "Music festival"),
    "UK": ("",),
}
_LATE_REASONS = ("", "", "Overslept", "Traffic", "Missed the bus")


class _Day(NamedTuple):
    """One school day so far, with what every event of it repeats."""

    date: date
    iso: str
    key: str
    semester: int
    session: str
    quarter: int
    bells: tuple[Bell, ...]


@dataclass
class Attendance:
    """School days enrolled so far and those away, and by quarter what a report card sums up."""

    days: tuple[date, ...]
    enrolled: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    absent: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    tardy: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    away: set[date] = field(default_factory=set)

    @property
    def present(self) -> list[date]:
        """Days at school, in order."""
        return [day for day in self.days if day not in self.away]


class Register:
    """Takes attendance at every school: one instance a district, which knows the days so far."""

    def __init__(self, writer: FeedWriter, year: SchoolYear) -> None:
        self._writer, self._year = writer, year
        self._days = {level: tuple(_days(year, level)) for level in ("elementary", "middle", "high")}

    def take(
        self,
        school: School,
        student: Student,
        schedule: Schedule,
        *,
        first: date | None = None,
        before: date | None = None,
    ) -> Attendance:
        """Writes the student's events at that school from `first` on and `before` a day, and sums them up.

        Period events follow from the day's own: whoever is absent all day is absent in each class of that day.
        """
        days, dates = self._days[school.level], self._year.days_so_far
        if dates and (first or before):
            begin, end = bisect_left(dates, first or dates[0]), bisect_left(dates, before or date.max)
            days, dates = days[begin:end], dates[begin:end]
        found = Attendance(dates)
        for day in days:
            found.enrolled[day.quarter] += 1
        if "empty" in student.scenes or not days:
            return found
        page = _Page(self._year, school, student, schedule, days, found)
        page.fill()
        self._writer.add_raw("studentSchoolAttendanceEvents", page.rows)
        self._writer.add_raw("studentSectionAttendanceEvents", page.period_rows)
        return found


def _days(year: SchoolYear, level: str) -> Iterator[_Day]:
    for day in school_days(year, level):
        if day.date > year.today:
            return
        semester = 0 if day.date <= year.semesters[0].end else 1
        quarter = next(at for at, session in enumerate(year.periods) if day.date <= session.end)
        iso = day.date.isoformat()
        yield _Day(day.date, iso, iso[5:].replace("-", ""), semester, year.semesters[semester].sid, quarter, day.bells)


class _Page:
    """One student's page of the register while it is filled."""

    def __init__(
        self,
        year: SchoolYear,
        school: School,
        student: Student,
        schedule: Schedule,
        days: tuple[_Day, ...],
        found: Attendance,
    ) -> None:
        self.school, self.student, self.schedule, self.days, self.found = school, student, schedule, days, found
        self.today = year.today
        self.rng = seeded(year.seed, "attendance", student.sid, school.sid)
        self.rows: list[tuple[str, ...]] = []
        self.period_rows: list[tuple[str, ...]] = []
        self._taken: set[int] = set()

    def fill(self) -> None:
        """Everything out of the ordinary: what the student must show, then what chance brings."""
        rng, scenes = self.rng, self.student.scenes
        if "unexcused" in scenes:
            self._absent(self._this_month(), "AU", "No note received")
        if "tardies" in scenes:
            for at in range(max(0, len(self.days) - 15), len(self.days), 5):
                self._tardy(at)
        # Some are hardly ever away, a few often.
        tendency = rng.gammavariate(1.6, 1 / 1.6)
        for at in self._sampled(_SPELLS * tendency):
            recent = at >= len(self.days) - _RECENT
            code = rng.choices(_CODES, _RECENT_SHARES if recent else _SHARES)[0]
            reason = rng.choice(_REASONS[code])
            for step in range(1 if code in ("EX", "UK") else rng.choice(_LENGTHS)):
                self._absent(at + step, code, reason)
        tendency = rng.gammavariate(0.8, 1 / 0.8)
        for at in self._sampled(_TARDY * tendency):
            self._tardy(at)
        for at in self._sampled(_LEFT_EARLY):
            self._left(at)
        for at in self._sampled(_LATE_BUS):
            self._late_bus(at)
        if self.schedule:
            for at in self._sampled(_LATE_TO_CLASS * tendency):
                self._late_to_class(at)
            for at in self._sampled(_SKIPPED_CLASS * tendency):
                self._skipped(at)

    def _sampled(self, rate: float) -> Iterator[int]:
        """Places of days, each with that chance; their gaps are drawn rather than every day."""
        at = -1
        while True:
            at += 1 + int(self.rng.expovariate(rate))
            if at >= len(self.days):
                return
            yield at

    def _this_month(self) -> int:
        """A school day of today's month, the month's first day or two after the last one; else the latest."""
        month = [at for at, day in enumerate(self.days) if day.iso[:7] == self.today.isoformat()[:7]]
        return month[len(month) // 2] if month else len(self.days) - 1

    def _free(self, at: int) -> bool:
        if at >= len(self.days) or at in self._taken:
            return False
        self._taken.add(at)
        return True

    def _absent(self, at: int, code: str, reason: str) -> None:
        if not self._free(at):
            return
        day = self.days[at]
        self.found.away.add(day.date)
        if code != "EX":
            self.found.absent[day.quarter] += 1
        self._day_row(day, code, reason, "1")
        for bell in day.bells if self.schedule else ():
            self._period_row(day, bell, code, reason)

    def _tardy(self, at: int) -> None:
        """Comes late, within the first period."""
        if not self._free(at):
            return
        day, reason = self.days[at], self.rng.choice(_LATE_REASONS)
        arrival = day.bells[0].start + self.rng.randint(3, 14)
        self.found.tardy[day.quarter] += 1
        self._day_row(day, "TD", reason, "", arrival)
        if self.schedule:
            self._period_row(day, day.bells[0], "TD", reason, arrival)

    def _left(self, at: int) -> None:
        """Leaves for an appointment before the last meetings of the day: half a day, excused."""
        if not self._free(at):
            return
        day = self.days[at]
        missed = day.bells[-(len(day.bells) // 4) :]
        departure = missed[0].start - 3
        self.found.absent[day.quarter] += 0.5
        self._day_row(day, "AE", "Appointment", "0.5", None, departure)
        for bell in missed if self.schedule else ():
            self._period_row(day, bell, "AE", "Appointment")

    def _late_bus(self, at: int) -> None:
        """Nobody's fault, and no tardy."""
        if not self._free(at):
            return
        day = self.days[at]
        arrival = day.bells[0].start + self.rng.randint(5, 20)
        self._day_row(day, "P", "Late bus", "", arrival)
        if self.schedule:
            self._period_row(day, day.bells[0], "P", "Late bus", arrival)

    def _late_to_class(self, at: int) -> None:
        if self._free(at):
            day = self.days[at]
            bell = self.rng.choice(day.bells[1:])
            self._period_row(day, bell, "TD", "", bell.start + self.rng.randint(2, 8))

    def _skipped(self, at: int) -> None:
        if self._free(at):
            day = self.days[at]
            self._period_row(day, self.rng.choice(day.bells[1:]), "AU", "Left class without permission")

    def _day_row(
        self, day: _Day, code: str, reason: str, days: str, arrival: int | None = None, departure: int | None = None
    ) -> None:
        sid = self.student.sid
        times = clock(arrival) if arrival else "", clock(departure) if departure else ""
        self.rows.append(
            (f"{sid}.d{day.key}", "", "", sid, self.school.sid, day.session, day.iso, code, reason, days, "", *times)
        )

    def _period_row(self, day: _Day, bell: Bell, code: str, reason: str, arrival: int | None = None) -> None:
        section = self.schedule.get((day.semester, bell.period))
        if section is None:
            return
        sid = self.student.sid
        attended, came = (str(bell.end - arrival), clock(arrival)) if arrival else ("", "")
        key = f"{sid}.{day.key}{bell.period}"
        row = (key, "", "", sid, section, day.session, day.iso, bell.period, code, reason, "", attended, came, "")
        self.period_rows.append(row)
