"""Signed-in browsers: the cookie carries a random token, the database its hash, and what ends here ends at once."""

from __future__ import annotations

import datetime as dt
import logging

from peewee import JOIN, OperationalError

from config import Settings
from models import Account, Guardian, LoginSession, Staff, Student
from services import database
from services.hashing import keyed_hash, new_token
from services.prepared import Prepared

log = logging.getLogger(__name__)

#: A session's last use is written down at most this often, so that reading pages stays reading.
TOUCH_AFTER = dt.timedelta(minutes=2)

_LIVE = Prepared(
    lambda token_hash, idle_since, begun_since: (
        LoginSession.select(LoginSession, Account, Guardian, Student, Staff)
        .join(Account)
        .join(Guardian, JOIN.LEFT_OUTER)
        .switch(Account)
        .join(Student, JOIN.LEFT_OUTER)
        .switch(Account)
        .join(Staff, JOIN.LEFT_OUTER)
        .where(
            LoginSession.token_hash == token_hash,
            LoginSession.ended_at.is_null(),
            LoginSession.seen_at > idle_since,
            LoginSession.created_at > begun_since,
            Account.state == "active",
            Account.staff.is_null() | Staff.active,
        )
    )
)

_BEFORE = Prepared(
    lambda account, session: (
        LoginSession.select(LoginSession.seen_at)
        .where(LoginSession.account == account, LoginSession.id < session)
        .order_by(LoginSession.id.desc())
        .limit(1)
        .tuples()
    )
)


def start(account: Account, *, ip: str, settings: Settings, now: dt.datetime) -> str:
    """Open a session for `account` and return the token for its cookie, new at every sign-in (ASVS 7.2.4)."""
    token = new_token()
    LoginSession.create(token_hash=_hash(token, settings), account=account, created_at=now, seen_at=now, ip=ip)
    return token


def seconds_left(session: LoginSession, *, settings: Settings, now: dt.datetime) -> tuple[int, int]:
    """How long a session that has just been used lasts: without another use, and in any case.

    What `find` leaves unwritten (TOUCH_AFTER) is taken off, so that nobody is promised too much.
    """
    idle = dt.timedelta(minutes=settings.idle_minutes)
    in_any_case = session.created_at + dt.timedelta(hours=settings.session_hours) - now
    return max(int((idle - TOUCH_AFTER).total_seconds()), 30), max(int(in_any_case.total_seconds()), 0)


def last_visit(account: Account, before: LoginSession) -> dt.datetime | None:
    """When the account was signed in the time before this session; None at the first time."""
    found = _BEFORE(account.id, before.id)
    return found[0][0] if found else None


def find(token: str, *, settings: Settings, now: dt.datetime) -> LoginSession | None:
    """The live session of `token` with its account and person, or None.

    It lives until it is ended, idle for `idle_minutes` (C02: 60) or `session_hours` old, and as long as its account is
    active and, of staff, the feed still brings its owner.
    """
    idle_since = now - dt.timedelta(minutes=settings.idle_minutes)
    begun_since = now - dt.timedelta(hours=settings.session_hours)
    found = _LIVE(_hash(token, settings), idle_since, begun_since)
    if not found:
        return None
    session: LoginSession = found[0]
    if now - session.seen_at > TOUCH_AFTER:
        _touch(session, now)
    return session


def live(account: Account, *, settings: Settings, now: dt.datetime) -> list[LoginSession]:
    """The sessions of `account` that are open now, the latest used first."""
    return list(
        LoginSession.select()
        .where(
            LoginSession.account == account,
            LoginSession.ended_at.is_null(),
            LoginSession.seen_at > now - dt.timedelta(minutes=settings.idle_minutes),
            LoginSession.created_at > now - dt.timedelta(hours=settings.session_hours),
        )
        .order_by(LoginSession.seen_at.desc())
    )


def _touch(session: LoginSession, now: dt.datetime) -> None:
    """Write down that the session was used; while somebody else writes for long, a page does not wait for that."""
    try:
        with database.briefly():
            LoginSession.update(seen_at=now).where(LoginSession.id == session.id).execute()
    except OperationalError:
        log.info("the use of session %s was not written down: the database is busy", session.id)


def end(session: LoginSession, now: dt.datetime) -> None:
    """Sign this browser out."""
    LoginSession.update(ended_at=now).where(LoginSession.id == session.id).execute()


def end_all(account: Account, now: dt.datetime) -> None:
    """Sign every browser of `account` out."""
    live = (LoginSession.account == account) & LoginSession.ended_at.is_null()
    LoginSession.update(ended_at=now).where(live).execute()


def _hash(token: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "session", token)
