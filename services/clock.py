"""The portal's clock: the one place that asks what time it is, so that tests can say (DECISIONS 32)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo


def _system_time() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


_source: Callable[[], dt.datetime] = _system_time


def now() -> dt.datetime:
    """This moment, as naive UTC. Links, locks, sessions and maintenance run on it."""
    return _source()


def set_source(source: Callable[[], dt.datetime] | None) -> None:
    """Let `source` tell the time from now on; None gives the system's clock back."""
    global _source
    _source = source or _system_time


def today(time_zone: str, fixed: dt.date | None = None) -> dt.date:
    """The district's calendar day: `fixed` (the setting PORTAL_TODAY) or that of `now` in its time zone."""
    return fixed or now().replace(tzinfo=dt.UTC).astimezone(ZoneInfo(time_zone)).date()
