"""A child's calendar as an iCalendar file (RFC 5545) for phones and calendar programs (X06)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import icalendar

from config import Settings
from services.hashing import keyed_hash
from services.record.calendars import Entry

#: How often programs should ask again: the feed comes at night.
_REFRESH = dt.timedelta(hours=6)

#: Control characters, which RFC 5545 (3.1) forbids, and marks that would turn the text around them.
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def write(
    entries: Iterable[Entry], *, name: str, title_of: Callable[[Entry], str], whose: str, language: str,
    changed_at: dt.datetime, settings: Settings,
) -> bytes:  # fmt: skip
    """The file. `title_of` says what an entry is called, `whose` calendar it is in words that never change.

    All-day entries are dates without a zone, the same days wherever the phone is; the others are on the district's
    clock, with its rules for daylight saving time. `changed_at` (UTC) is when the data was last confirmed. An entry
    keeps its UID, an opaque hash, for as long as the feed keeps its id.
    """
    zone = ZoneInfo(settings.time_zone)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Homeroom//Parent portal//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for each in ("name", "x-wr-calname"):
        calendar.add(each, icalendar.vText(_line(name)))
    calendar.add("x-wr-timezone", icalendar.vText(settings.time_zone))
    calendar.add("refresh-interval", _REFRESH, {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(_REFRESH).to_ical().decode())
    host = urlsplit(settings.portal_url).hostname or "localhost"
    years = {changed_at.year}
    events = []
    for entry in entries:
        uid = keyed_hash(settings.secret_key, "calendar entry", f"{whose}\0{entry.key}")[:40]
        events.append(_event(entry, f"{uid}@{host}", _line(title_of(entry)), language, changed_at, zone))
        years |= {entry.begins.year, entry.ends.year}
    # A year more on both sides: some programs keep the rules that they read first.
    calendar.add_component(_rules(settings.time_zone, min(years) - 1, max(years) + 2))
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical()


@lru_cache(maxsize=16)
def _rules(time_zone: str, first_year: int, before_year: int) -> icalendar.Timezone:
    """The zone's offset at the start of the first year, and each change until the last (RFC 5545, 3.6.5).

    A change is written in the local time that ends with it, which icalendar's own rules are an hour off from.
    """
    zone = ZoneInfo(time_zone)
    rules = icalendar.Timezone()
    rules.add("tzid", time_zone)
    moment, end = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (first_year, before_year))
    rules.add_component(_rule(moment, moment, zone))
    while moment < end:
        later = moment + dt.timedelta(days=1)
        if later.astimezone(zone).utcoffset() != moment.astimezone(zone).utcoffset():
            rules.add_component(_rule(moment, _change_between(moment, later, zone), zone))
        moment = later
    return rules


def _change_between(before: dt.datetime, after: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The minute at which the offset changes."""
    while after - before > dt.timedelta(minutes=1):
        middle = before + dt.timedelta(minutes=(after - before) // dt.timedelta(minutes=2))
        same = middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
        before, after = (middle, after) if same else (before, middle)
    return after


def _rule(before: dt.datetime, at: dt.datetime, zone: ZoneInfo) -> icalendar.Component:
    local = at.astimezone(zone)
    rule = icalendar.TimezoneDaylight() if local.dst() else icalendar.TimezoneStandard()
    offset_before = before.astimezone(zone).utcoffset() or dt.timedelta()
    rule.add("dtstart", (at + offset_before).replace(tzinfo=None))
    rule.add("tzoffsetfrom", offset_before)
    rule.add("tzoffsetto", local.utcoffset() or dt.timedelta())
    rule.add("tzname", local.tzname() or "")
    return rule


def _event(
    entry: Entry, uid: str, title: str, language: str, changed_at: dt.datetime, zone: ZoneInfo
) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("dtstamp", changed_at.replace(tzinfo=dt.UTC, microsecond=0))
    event.add("summary", title, {"LANGUAGE": language})
    if entry.starts_at is None:
        event.add("dtstart", entry.begins)
        event.add("dtend", entry.ends + dt.timedelta(days=1))
    else:
        start = dt.datetime.combine(entry.begins, entry.starts_at, zone)
        event.add("dtstart", start)
        if entry.ends_at is not None:
            end = dt.datetime.combine(entry.ends, entry.ends_at, zone)
            if end.astimezone(dt.UTC) > start.astimezone(dt.UTC):
                event.add("dtend", end)
    if entry.location:
        event.add("location", _line(entry.location))
    if entry.description:
        event.add("description", _plain(entry.description))
    event.add("class", "PRIVATE")
    # A day on which work is due is not a day on which its student has no time.
    event.add("transp", "OPAQUE" if entry.starts_at is not None else "TRANSPARENT")
    return event


def _plain(text: str) -> str:
    """Text without what must not be in it; its line breaks stay, as the standard writes them."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    """The same on one line."""
    return " ".join(_plain(text).split())
