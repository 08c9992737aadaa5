"""Whether news in the outbox may still leave: rights, choices and quiet hours count to the last moment (CHECKS 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from config import Settings
from models import Account, OutboundMail, Preference, database
from services import access, preferences
from services.digests import choices
from services.outbox import same_recipient, students_of

#: The kinds of mail that news are.
KINDS = ("digest", "marked_absent")


def may_leave(mail: OutboundMail, *, on: dt.date, now: dt.datetime, settings: Settings) -> bool | dt.datetime:
    """Whether the worker may send the news in `mail`: yes, never, or not before a moment.

    Never when its account has closed, stopped such news or has another address, or when a child or a section that is in
    it is not open to the account any more. What it tells of the other children comes with the next digest.
    """
    account = mail.account
    mine = preferences.of(account) if account is not None else None
    if account is None or mine is None or account.duties or not _is_wanted(mail, account, mine, settings):
        return False
    if not access.reaches(account, students_of(mail), on):
        forget(mail)
        return False
    return choices.quiet_until(mine, now, settings.time_zone) or True


def _is_wanted(mail: OutboundMail, account: Account, mine: Preference, settings: Settings) -> bool:
    chosen = mine.digest in ("daily", "weekly") if mail.kind == "digest" else mine.attendance_alerts
    recipient = preferences.ways_of(account, mine, settings).get(mail.channel)
    return bool(chosen and recipient and same_recipient(mail, recipient))


def forget(mail: OutboundMail) -> None:
    """What this mail would have told counts as not told."""
    news = (mail.about or {}).get("told") or {}
    with database.atomic():
        mine = Preference.get_or_none(Preference.account == mail.account_id)
        if news and mine is not None:
            told = {name: _without(keys, news.get(name, ())) for name, keys in (mine.told or {}).items()}
            Preference.update(told=told).where(Preference.id == mine.id).execute()


def _without(keys: Iterable[int], less: Iterable[Any]) -> list[int]:
    gone = set(less)
    return [key for key in keys if key not in gone]
