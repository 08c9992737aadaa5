"""Secret addresses at which calendar programs read one child's calendar (X06).

An address is random and kept as a hash, like the links in mails. It is worth what its account may see at the moment of
each fetch, and nothing once the account, the guardianship or the address itself has ended.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import NamedTuple

from peewee import OperationalError

from config import Settings
from models import Account, CalendarFeed, Student, database
from services import access
from services.database import briefly
from services.hashing import keyed_hash, new_token
from services.throttle import Limit

log = logging.getLogger(__name__)

#: The last fetch is written down at most this often, so that reading stays reading.
_TOUCH_AFTER = dt.timedelta(hours=1)

#: A program asks every few hours; one that asks more often than this in an hour has to wait.
_FETCHES_AN_HOUR = 60


class Unknown(Exception):
    """No such address, or nothing is open to it any more: one answer for all (CHECKS 2, 3)."""


class TooMany(Exception):
    """This address has been fetched too often, or too many that do not exist were asked for from one place."""


class Open(NamedTuple):
    """An address that works: whose account and which child it is for."""

    account: Account
    student: Student


def make(account: Account, student: Student, *, settings: Settings, now: dt.datetime) -> str:
    """Make an address for this account and child and return its secret; the earlier one ends."""
    token = new_token()
    with database.atomic():
        end(account, student, now=now)
        CalendarFeed.create(account=account, student=student, token_hash=_hash(token, settings), created_at=now)
    return token


def end(account: Account, student: Student, *, now: dt.datetime) -> None:
    """End this account's address for the child, if there is one."""
    CalendarFeed.update(revoked_at=now).where(_live(account, student)).execute()


def forget(account: Account) -> None:
    """Drop every address of the account, in the caller's transaction: its next owner does not know who has them."""
    CalendarFeed.delete().where(CalendarFeed.account == account).execute()


def live(account: Account, student: Student) -> CalendarFeed | None:
    """The address that this account has for the child, or None."""
    found: CalendarFeed | None = CalendarFeed.get_or_none(_live(account, student))
    return found


def fetch(token: str, *, ip: str, settings: Settings, on: dt.date, now: dt.datetime) -> Open:
    """Whose calendar the secret opens on the day `on`. Raises Unknown and TooMany.

    Only wrong secrets count against a network address: one service fetches the calendars of many families. An account
    that has something to do before it sees anything (docs/accounts.md) sees nothing here either.
    """
    feed = (
        CalendarFeed.select(CalendarFeed, Account)
        .join(Account)
        .where(CalendarFeed.token_hash == _hash(token, settings), CalendarFeed.revoked_at.is_null())
        .first()
    )
    student = access.student(feed.account, feed.student_id, on) if feed is not None else None
    closed = getattr(student, "withheld", None) or []
    if feed is None or student is None or "calendar" in closed or feed.account.duties:
        if not _wrong_secrets(settings).take(ip, now):
            raise TooMany
        raise Unknown
    if not _fetches(settings).take(str(feed.id), now):
        raise TooMany
    if feed.fetched_at is None or now - feed.fetched_at > _TOUCH_AFTER:
        _touch(feed, now)
    return Open(feed.account, student)


def _touch(feed: CalendarFeed, now: dt.datetime) -> None:
    """Write down that the calendar was fetched; while somebody else writes for long, it does not wait for that."""
    try:
        with briefly():
            CalendarFeed.update(fetched_at=now).where(CalendarFeed.id == feed.id).execute()
    except OperationalError:
        log.info("the fetch of calendar %s was not written down: the database is busy", feed.id)


def _live(account: Account, student: Student) -> object:
    return (
        (CalendarFeed.account == account)
        & (CalendarFeed.student == student)
        & CalendarFeed.revoked_at.is_null()
    )  # fmt: skip


def _wrong_secrets(settings: Settings) -> Limit:
    minutes = settings.address_window_minutes
    return Limit("calendar address", tries=settings.address_limit, minutes=minutes, secret=settings.secret_key)


def _fetches(settings: Settings) -> Limit:
    return Limit("calendar fetches", tries=_FETCHES_AN_HOUR, minutes=60, secret=settings.secret_key)


def _hash(token: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "calendar", token)
