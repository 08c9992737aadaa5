"""How a student comes to school and home."""

from __future__ import annotations

from typing import NamedTuple

from babel.dates import get_day_names

from models import Transportation
from services import formats
from services.prepared import Prepared

_RIDES = Prepared(
    lambda student: (
        Transportation.select()
        .where(Transportation.student == student)
        .order_by(Transportation.stop_time.asc(nulls="last"), Transportation.id)
    )
)

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: Ed-Fi's travel directions by what they mean; others are shown as the feed has them.
_DIRECTIONS = {"to school": "to", "from school": "from", "to and from school": "both"}


class Ride(NamedTuple):
    """One bus, or another way; `direction` is to, from, both or the feed's own words."""

    direction: str
    kind: str
    bus: str
    route: str
    stop: str
    time: str
    days: str


def rides(student_id: int, locale: str) -> list[Ride]:
    """The student's rides, the earliest first."""
    return [
        Ride(
            _DIRECTIONS.get((row.direction or "").lower(), row.direction or ""), row.kind or "", row.bus_number or "",
            row.route or "", row.stop or "", formats.time_of_day(row.stop_time, locale), _days(row.days, locale),
        )
        for row in _RIDES(student_id)
    ]  # fmt: skip


def _days(days: str | None, locale: str) -> str:
    """Days of the week in the reader's language; none when it is every school day or not said."""
    names = [day.strip() for day in (days or "").split(",") if day.strip()]
    if {day.lower() for day in names} >= set(_DAYS[:5]):
        return ""
    words = get_day_names("abbreviated", locale=formats.words_of(locale))
    return ", ".join(words[_DAYS.index(day.lower())] if day.lower() in _DAYS else day for day in names)
