"""Months as a wall calendar shows them: weeks from the first day of the week on, and the months before and after."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache
from typing import NamedTuple, Self

from babel import Locale
from babel.core import get_global

from models import AcademicSession
from services import formats

#: Without a school year, so many days before and after today can be leafed through; no year is taken for longer.
_AROUND, _LONGEST = dt.timedelta(days=365), dt.timedelta(days=730)


class Month(NamedTuple):
    """A month of a year; months compare by time."""

    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """The month that `day` is in."""
        return cls(day.year, day.month)

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        """Its last day."""
        return self.first.replace(day=calendar.monthrange(self.year, self.number)[1])

    @property
    def code(self) -> str:
        """As it stands in an address: 2026-11."""
        return f"{self.year:04d}-{self.number:02d}"


class Shown(NamedTuple):
    """The month that a page shows, and those it leads to; None at the ends of the school year."""

    month: Month
    before: Month | None
    after: Month | None


def choose(wanted: str | None, on: dt.date) -> Shown:
    """The month that an address such as `?month=2026-11` asks for, within the school year as seen on the day `on`.

    What is no month is that of `on`; what lies outside the year is its first or last month.
    """
    first, last = AcademicSession.school_year_on(on) or (on - _AROUND, on + _AROUND)
    least = Month.of(max(min(first, on), on - _LONGEST))
    most = Month.of(min(max(last, on), on + _LONGEST))
    month = max(least, min(_parsed(wanted) or Month.of(on), most))
    before, after = Month.of(month.first - dt.timedelta(days=1)), Month.of(month.last + dt.timedelta(days=1))
    return Shown(month, before if before >= least else None, after if after <= most else None)


def weeks(year: int, month: int, first_day: int) -> list[list[dt.date | None]]:
    """The weeks of a month, each of seven days from `first_day` (0 is Monday) on; None are days of other months."""
    whole = calendar.Calendar(first_day).monthdatescalendar(year, month)
    return [[day if day.month == month else None for day in week] for week in whole]


@lru_cache(maxsize=16)
def first_day_of_week(time_zone: str) -> int:
    """The day that weeks begin with where the district is (0 is Monday): a custom of countries, not of languages."""
    zone = get_global("zone_aliases").get(time_zone, time_zone)
    territory = get_global("zone_territories").get(zone, "001")
    return int(Locale.parse(f"und_{territory}" if territory != "001" else "en").first_week_day)


@lru_cache(maxsize=64)
def week_days(first_day: int, locale: str) -> list[tuple[str, str]]:
    """The short and the whole names of the days of the week, from `first_day` on."""
    days = formats.words_of(locale).days["stand-alone"]
    return [(days["abbreviated"][day % 7], days["wide"][day % 7]) for day in range(first_day, first_day + 7)]


def _parsed(text: str | None) -> Month | None:
    try:
        return Month.of(dt.datetime.strptime(text or "", "%Y-%m").date())
    except ValueError:
        return None
