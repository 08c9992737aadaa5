"""Accounts: signing in, and what too many failures do."""

from __future__ import annotations

import datetime as dt
import unicodedata
from functools import lru_cache

from config import Settings
from models import Account, SignInAttempt, database
from services import sessions
from services.hashing import Passwords
from services.throttle import Limit

#: With the rule "delay" the first wait lasts a minute; each further failure doubles it up to an hour (DECISIONS 21).
FIRST_DELAY = dt.timedelta(minutes=1)
LONGEST_DELAY = dt.timedelta(hours=1)


class SignInRefused(Exception):
    """The sign-in failed. Unknown user name, wrong password and closed account are one and the same (CHECKS 12)."""


class TooManyTries(SignInRefused):
    """Too many failures came from one address lately."""


class AccountDisabled(SignInRefused):
    """The password was right, but the account is disabled: only the school can reactivate it (C02)."""


@lru_cache(maxsize=4)
def passwords(memory: int, passes: int) -> Passwords:
    """The hasher for these settings; making one costs a hash, so there is one of each."""
    return Passwords(memory=memory, passes=passes)


def hasher(settings: Settings) -> Passwords:
    """The hasher that `settings` ask for."""
    return passwords(settings.argon2_memory, settings.argon2_passes)


def user_name_key(user_name: str) -> str:
    """The user name as it is compared: without regard to case, width and surrounding space."""
    return unicodedata.normalize("NFKC", user_name).strip().casefold()


def sign_in(*, user_name: str, password: str, ip: str, settings: Settings, now: dt.datetime) -> str:
    """Sign in and return the token of a new session.

    Raises TooManyTries, AccountDisabled or plain SignInRefused. An unknown user name costs the same time as a wrong
    password and answers the same.
    """
    limit = Limit(
        "sign-in", tries=settings.address_limit, minutes=settings.address_window_minutes, secret=settings.secret_key
    )
    if not limit.take(ip, now):
        raise TooManyTries
    account = Account.get_or_none(Account.user_name_key == user_name_key(user_name))
    hashes = hasher(settings)
    waits = account is not None and account.blocked_until is not None and account.blocked_until > now
    right = hashes.verify(account.password_hash if account is not None and not waits else None, password)
    if account is None:
        raise SignInRefused
    if not right:
        _count_failure(account, ip=ip, settings=settings, now=now)
        raise SignInRefused
    if account.state != "active":
        SignInAttempt.create(account=account, at=now, ip=ip, succeeded=False)
        raise AccountDisabled
    limit.give_back(ip)
    fresh_hash = hashes.hash(password) if hashes.outdated(account.password_hash) else account.password_hash
    with database.atomic():
        Account.update(failures=0, blocked_until=None, last_sign_in_at=now, password_hash=fresh_hash).where(
            Account.id == account.id
        ).execute()
        SignInAttempt.create(account=account, at=now, ip=ip, succeeded=True)
        return sessions.start(account, ip=ip, settings=settings, now=now)


def unlock(account: Account) -> None:
    """Give a disabled account back to its owner: what the school does when a parent calls (C02)."""
    Account.update(state="active", failures=0, blocked_until=None).where(Account.id == account.id).execute()


def _count_failure(account: Account, *, ip: str, settings: Settings, now: dt.datetime) -> None:
    """Write the failure down and close the account as the preset's rule says, for a time or until the school helps."""
    with database.atomic():
        SignInAttempt.create(account=account, at=now, ip=ip, succeeded=False)
        if account.blocked_until is not None and account.blocked_until > now:
            return
        # Counted by the database, so that failures at the same moment all count.
        Account.update(failures=Account.failures + 1).where(Account.id == account.id).execute()
        failures = Account.select(Account.failures).where(Account.id == account.id).scalar()
        if failures < settings.lock_after:
            return
        if settings.lock_rule == "disable":
            Account.update(state="disabled").where(Account.id == account.id).execute()
            sessions.end_all(account, now)
        else:
            delay = min(FIRST_DELAY * 2 ** min(failures - settings.lock_after, 10), LONGEST_DELAY)
            Account.update(blocked_until=now + delay).where(Account.id == account.id).execute()
