"""Planned maintenance, announced on the sign-in page ahead of time (systems.md G15)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from models import Maintenance
from services.in_languages import best

#: A window is announced this long before it begins.
ANNOUNCED_BEFORE = dt.timedelta(days=14)


class AlreadyOver(ValueError):
    """The window would be over before anybody could read of it."""


def announce(
    *, starts: dt.datetime, ends: dt.datetime, texts: dict[str, str], time_zone: str,
    replaces: Maintenance | None = None, now: dt.datetime | None = None,
) -> Maintenance:  # fmt: skip
    """Plan a window on the district's clock, or change one, with a text by language.

    Raises ValueError when it ends too early and, where `now` is given, AlreadyOver when that has passed.
    """
    if ends <= starts:
        raise ValueError("the window ends before it begins")
    zone = ZoneInfo(time_zone)
    starts_at, ends_at = (
        (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC).replace(tzinfo=None)
        for moment in (starts, ends)
    )
    if now is not None and ends_at <= now:
        raise AlreadyOver("the window is over already")
    if replaces is None:
        return Maintenance.create(starts_at=starts_at, ends_at=ends_at, texts=texts)
    replaces.starts_at, replaces.ends_at, replaces.texts = starts_at, ends_at, texts
    replaces.save()
    return replaces


def end(window: Maintenance, now: dt.datetime) -> None:
    """End a window that is under way; one that has not begun is called off."""
    if window.starts_at > now:
        window.delete_instance()
    elif window.ends_at > now:
        Maintenance.update(ends_at=now).where(Maintenance.id == window.id).execute()


def announced(now: dt.datetime) -> list[Maintenance]:
    """The windows to show now: under way, or beginning within two weeks."""
    shown = (Maintenance.ends_at > now) & (Maintenance.starts_at < now + ANNOUNCED_BEFORE)
    return list(Maintenance.select().where(shown).order_by(Maintenance.starts_at))


def text_for(window: Maintenance, language: str, default: str) -> tuple[str, str]:
    """The announcement's text and the language it is in: the reader's, else the district's, else any."""
    return best(window.texts, language, default)
