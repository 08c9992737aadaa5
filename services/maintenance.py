"""Planned maintenance, announced on the sign-in page ahead of time (systems.md G15)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from models import Maintenance

#: A window is announced this long before it begins.
ANNOUNCED_BEFORE = dt.timedelta(days=14)


def announce(*, starts: dt.datetime, ends: dt.datetime, texts: dict[str, str], time_zone: str) -> Maintenance:
    """Plan a window on the district's clock, with a text by language. Raises ValueError when it ends too early."""
    if ends <= starts:
        raise ValueError("the window ends before it begins")
    zone = ZoneInfo(time_zone)
    starts_at, ends_at = (
        (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC).replace(tzinfo=None)
        for moment in (starts, ends)
    )
    return Maintenance.create(starts_at=starts_at, ends_at=ends_at, texts=texts)


def announced(now: dt.datetime) -> list[Maintenance]:
    """The windows to show now: under way, or beginning within two weeks."""
    shown = (Maintenance.ends_at > now) & (Maintenance.starts_at < now + ANNOUNCED_BEFORE)
    return list(Maintenance.select().where(shown).order_by(Maintenance.starts_at))


def text_for(window: Maintenance, language: str, default: str) -> tuple[str, str]:
    """The announcement's text and the language it is in: the reader's, else the district's, else any."""
    for candidate in (language, language.partition("_")[0], default):
        if candidate in window.texts:
            return window.texts[candidate], candidate
    first = next(iter(window.texts), default)
    return window.texts.get(first, ""), first
