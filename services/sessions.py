"""Signed-in browsers: the cookie carries a random token, the database its hash, and what ends here ends at once."""

from __future__ import annotations

import datetime as dt

from peewee import JOIN

from config import Settings
from models import Account, Guardian, LoginSession, Staff, Student
from services.hashing import keyed_hash, new_token

#: A session's last use is written down at most this often, so that reading pages stays reading.
TOUCH_AFTER = dt.timedelta(minutes=2)


def start(account: Account, *, ip: str, settings: Settings, now: dt.datetime) -> str:
    """Open a session for `account` and return the token for its cookie, new at every sign-in (ASVS 7.2.4)."""
    token = new_token()
    LoginSession.create(token_hash=_hash(token, settings), account=account, created_at=now, seen_at=now, ip=ip)
    return token


def find(token: str, *, settings: Settings, now: dt.datetime) -> LoginSession | None:
    """The live session of `token` with its account and person, or None.

    It lives until it is ended, idle for `idle_minutes` (C02: 60) or `session_hours` old, and as long as its account is
    active.
    """
    session: LoginSession | None = (
        LoginSession.select(LoginSession, Account, Guardian, Student, Staff)
        .join(Account)
        .join(Guardian, JOIN.LEFT_OUTER)
        .switch(Account)
        .join(Student, JOIN.LEFT_OUTER)
        .switch(Account)
        .join(Staff, JOIN.LEFT_OUTER)
        .where(
            LoginSession.token_hash == _hash(token, settings),
            LoginSession.ended_at.is_null(),
            LoginSession.seen_at > now - dt.timedelta(minutes=settings.idle_minutes),
            LoginSession.created_at > now - dt.timedelta(hours=settings.session_hours),
            Account.state == "active",
        )
        .first()
    )
    if session is not None and now - session.seen_at > TOUCH_AFTER:
        LoginSession.update(seen_at=now).where(LoginSession.id == session.id).execute()
    return session


def end(session: LoginSession, now: dt.datetime) -> None:
    """Sign this browser out."""
    LoginSession.update(ended_at=now).where(LoginSession.id == session.id).execute()


def end_all(account: Account, now: dt.datetime) -> None:
    """Sign every browser of `account` out."""
    live = (LoginSession.account == account) & LoginSession.ended_at.is_null()
    LoginSession.update(ended_at=now).where(live).execute()


def _hash(token: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "session", token)
