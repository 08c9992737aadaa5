"""What kind of day a school's calendar says a day is: a holiday, a make-up day, and so on (Ed-Fi `CalendarDate`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models import CalendarDay
from services.prepared import Prepared
from services.record import codes

#: The set of codes that name kinds of days.
_CODE_SET = "CalendarEventDescriptor"

#: The plain kind, which is not worth a line.
_PLAIN = "instructional day"
#: Ed-Fi's kinds with classes, and those without.
_OPEN = frozenset({_PLAIN, "make-up day", "student late arrival/early dismissal"})
_CLOSED = frozenset({
    "holiday", "teacher only day", "weather day", "strike", "emergency day", "non-instructional day",
})  # fmt: skip

#: A school and the code of one of its calendars, where a student follows a certain one.
Calendar = tuple[int, str | None]

_DAYS = Prepared(
    lambda schools, first, last: (
        CalendarDay.select(CalendarDay.school, CalendarDay.calendar_code, CalendarDay.date, CalendarDay.kinds)
        .where(CalendarDay.school.in_(schools), CalendarDay.date.between(first, last))
        .order_by(CalendarDay.date, CalendarDay.id)
        .tuples()
    )
)


class Kind(NamedTuple):
    """A kind of day in small letters, and the words that the district has for it.

    `label` is empty for a kind of Ed-Fi's that the district does not name otherwise.
    """

    code: str
    label: str


class Day(NamedTuple):
    """A day of a school's calendar. `kinds` are those worth a line; `is_closed` is None when they do not say."""

    school_id: int
    calendar_code: str | None
    date: dt.date
    kinds: tuple[Kind, ...]
    is_closed: bool | None

    def is_on(self, calendar: Calendar) -> bool:
        """Whether it is on that calendar; a day without a code is on every calendar of its school."""
        school, code = calendar
        return self.school_id == school and (code is None or self.calendar_code in (None, code))


def between(schools: Iterable[int], first: dt.date, last: dt.date) -> list[Day]:
    """The days of these schools' calendars in order, without kinds that are not for families; two queries."""
    rows = _DAYS(sorted(set(schools)), first, last)
    (named,) = codes.read(_CODE_SET)
    found = []
    for school, calendar, date, listed in rows:
        kinds = [one for one in map(str.strip, (listed or "").split(",")) if one]
        words = {word.lower() for one in kinds for word in (one, named.label(one))}
        shown = tuple(
            Kind(one.lower(), named.labels.get(one.lower()) or ("" if one.lower() in _OPEN | _CLOSED else one))
            for one in kinds
            if one.lower() != _PLAIN and not named.hides(one)
        )
        found.append(Day(school, calendar, date, shown, False if words & _OPEN else True if words & _CLOSED else None))
    return found


def closed_on(calendars: Sequence[Calendar], on: dt.date, *, with_bells: set[int]) -> dict[int, tuple[Kind, ...]]:
    """The schools that have no classes on the day `on`, with the kinds of day that say so.

    A kind of the district's own closes a school unless bells are entered for that day (`with_bells`).
    """
    found: dict[int, tuple[Kind, ...]] = {}
    days = between((school for school, _ in calendars), on, on)
    for calendar in calendars:
        own = [day for day in days if day.is_on(calendar)]
        closed = [calendar[0] not in with_bells if day.is_closed is None else day.is_closed for day in own]
        if own and all(closed):
            found[calendar[0]] = tuple(dict.fromkeys(kind for day in own for kind in day.kinds))
    return found
