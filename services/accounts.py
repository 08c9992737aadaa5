"""Accounts: signing in, and what too many failures do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NoReturn

from config import Settings
from models import (
    Account,
    AuditEvent,
    DataExport,
    Draft,
    FormerHash,
    Guardianship,
    Preference,
    ProviderIdentity,
    SignInAttempt,
    Staff,
    database,
)
from services import (
    authenticators,
    calendar_feeds,
    clock,
    districts,
    links,
    passkeys,
    questions,
    registration,
    sessions,
)
from services.names import user_name_key
from services.outbox import Compose
from services.passwords import FieldError, hasher
from services.throttle import Limit

#: With the rule "delay" the first wait lasts a minute; each further failure doubles it up to an hour (DECISIONS 21).
FIRST_DELAY = dt.timedelta(minutes=1)
LONGEST_DELAY = dt.timedelta(hours=1)

#: So long after the last wait, earlier failures no longer count: they were a stranger's, or another week's.
FORGOTTEN_AFTER = dt.timedelta(days=1)


class SignInRefused(Exception):
    """The sign-in failed. Unknown user name, wrong password and closed account are one and the same (CHECKS 12)."""


class TooManyTries(SignInRefused):
    """Too many failures came from one address lately."""


class AccountClosed(SignInRefused):
    """The password was right, but only the school opens the account: `state` is locked, disabled, left or dormant."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self.state = state


class AddressUnproved(SignInRefused):
    """The password was right, but the e-mail address has to be verified first: a mail has been sent (D03, D10).

    `token` leads to the page that says where the mail went (`unproved`).
    """

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token


class CodeNeeded(SignInRefused):
    """The password was right, and the authenticator's code is asked next; `token` leads to `sign_in_with_code`."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token


def sign_in(
    *, user_name: str, password: str, ip: str, settings: Settings, now: dt.datetime, compose: Compose,
    staff: bool = False,
) -> str:  # fmt: skip
    """Sign in and return the token of a new session; staff have a door of their own (DECISIONS 26).

    Raises TooManyTries, AccountClosed, AddressUnproved, CodeNeeded or plain SignInRefused. An unknown user name costs
    the same time as a wrong password and answers the same; staff whom the feed no longer brings are unknown.
    """
    limit = _address_limit(settings)
    if not limit.take(ip, now):
        raise TooManyTries
    account = Account.get_or_none(
        Account.user_name_key == user_name_key(user_name),
        Account.state != "cancelled",
        Account.staff.in_(Staff.select(Staff.id).where(Staff.active)) if staff else Account.staff.is_null(),
    )
    hashes = hasher(settings)
    shut = account is not None and _is_shut(account, settings, now)
    right = hashes.verify(
        account.password_hash if account is not None and not shut else None, password, specimens=FormerHash.specimens()
    )
    if not staff and settings.student_accounts == "district" and (account is None or districts.is_unfinished(account)):
        account = districts.first_account(user_name, password, settings=settings, now=now)
        right = account is not None
    if account is None:
        # A write like that of a failure on an account that exists: nobody can tell the two by the time they take.
        if settings.student_accounts != "district":
            Limit("nobody", tries=1, minutes=1, secret=settings.secret_key).take("", now)
        raise SignInRefused
    if not right:
        _count_failure(account, ip=ip, settings=settings, now=now)
        raise SignInRefused
    if account.state != "active":
        limit.give_back(ip)
        _explain_closed(account, ip=ip, settings=settings, now=now, compose=compose)
    limit.give_back(ip)
    verified = account.password_hash
    fresh_hash = hashes.hash(password) if hashes.outdated(verified) else verified
    with database.atomic():
        # Hashing takes a while: whoever has set another password meanwhile must not get the old one back.
        same = (Account.id == account.id) & (Account.password_hash == verified) & (Account.state == "active")
        if Account.update(password_hash=fresh_hash).where(same).execute() != 1:
            raise SignInRefused
        if not authenticators.is_on(account):
            return _open(account, ip=ip, settings=settings, now=now)
        # Failures stay counted: between two guesses at the code the right password must not forget the first.
        token = links.make(account, "second", settings=settings, now=now)
    raise CodeNeeded(token)


def sign_in_with_code(token: str, typed: str, *, ip: str, settings: Settings, now: dt.datetime) -> str:
    """Finish a sign-in with a code of the authenticator or a backup code; return the token of a new session.

    A wrong code counts as a wrong password does. Raises TooManyTries, plain SignInRefused, or links.InvalidLink when
    the password has to be given again.
    """
    return _second_step(
        token, lambda account: authenticators.accepts(account, typed, settings=settings, now=now),
        ip=ip, settings=settings, now=now,
    )  # fmt: skip


def sign_in_with_passkey(token: str, answer: str, *, ip: str, settings: Settings, now: dt.datetime) -> str:
    """The same with a passkey: `answer` is what the browser made of `passkeys.options_to_sign_in`, as JSON."""
    return _second_step(
        token, lambda account: passkeys.accepts(account, answer, settings=settings, now=now),
        ip=ip, settings=settings, now=now,
    )  # fmt: skip


def sign_in_identified(
    account: Account, *, has_second_factor: bool, ip: str, settings: Settings, now: dt.datetime
) -> str:
    """Let the owner in whom the OpenID provider has identified; return the token of a new session.

    Wrong passwords that somebody else has tried are no reason to wait. Raises AccountClosed, and CodeNeeded where the
    account has an authenticator and the provider has asked for no second factor.
    """
    state = "disabled" if _has_left(account) else account.state
    with database.atomic():
        if state == "active":
            if has_second_factor or not authenticators.is_on(account):
                return _open(account, ip=ip, settings=settings, now=now)
            token = links.make(account, "second", settings=settings, now=now)
        else:
            SignInAttempt.create(account=account, at=now, ip=ip, succeeded=False)
    if state != "active":
        raise AccountClosed(state)
    raise CodeNeeded(token)


def _second_step(
    token: str, is_right: Callable[[Account], bool], *, ip: str, settings: Settings, now: dt.datetime
) -> str:
    pending = links.find(token, "second", settings=settings, now=now)
    limit = _address_limit(settings)
    if not limit.take(ip, now):
        raise TooManyTries
    account: Account = pending.account
    shut = account.state != "active" or _has_left(account) or _has_to_wait(account, now)
    with database.atomic():
        if not shut and is_right(account):
            links.use_up(pending, now)
            limit.give_back(ip)
            return _open(account, ip=ip, settings=settings, now=now)
    _count_failure(account, ip=ip, settings=settings, now=now)
    raise SignInRefused


def unproved(token: str, *, settings: Settings, now: dt.datetime) -> tuple[Account, str]:
    """The account whose owner gave the right password before the address was verified, and where the mail went.

    Raises links.InvalidLink when that was too long ago, or the account has opened meanwhile.
    """
    account: Account = links.find(token, "unproved", settings=settings, now=now).account
    address = registration.address_to_prove(account)
    if account.state not in ("pending", "dormant") or address is None:
        raise links.InvalidLink
    return account, address


def reactivate(account: Account, now: dt.datetime | None = None) -> None:
    """Give a closed account back to its owner: what the school does when a parent calls (C02, H04).

    The time of disuse, and that without a child here, begin anew.
    """
    now = now or clock.now()
    with database.atomic():
        Account.update(state="active", failures=0, blocked_until=None, warned_at=None, reactivated_at=now).where(
            Account.id == account.id
        ).execute()
        AuditEvent.create(at=now, account=account, action="account reactivated", details={})


def confirm(account: Account, password: str, *, settings: Settings, now: dt.datetime) -> None:
    """Raise FieldError unless the owner knows the present password; guesses are limited (CHECKS 15)."""
    limit = Limit("confirm", tries=settings.lock_after, minutes=15, secret=settings.secret_key)
    if not limit.take(str(account.id), now) or not hasher(settings).verify(account.password_hash, password):
        raise FieldError("present", "old")
    limit.give_back(str(account.id))


def cancel(account: Account, now: dt.datetime) -> None:
    """End an account so that its owner can register or claim anew (D08, S05); the record of it stays.

    Mailed links, printed codes, its authenticator, passkeys, security questions, calendar addresses, link to a
    provider, number for texts, drafts and copies of records die with it, and children that were opened one by one need
    new tokens.
    """
    with database.atomic():
        Account.update(state="cancelled").where(Account.id == account.id).execute()
        sessions.end_all(account, now)
        links.end_all(account, *links.LIFETIMES, now=now)
        authenticators.forget(account)
        questions.forget(account)
        calendar_feeds.forget(account)
        for table in (DataExport, Draft, Preference, ProviderIdentity):
            table.delete().where(table.account == account).execute()
        if account.per_child:
            Guardianship.update(activated_at=None).where(Guardianship.guardian == account.guardian_id).execute()
        AuditEvent.create(at=now, account=account, action="account cancelled", details={})


def _address_limit(settings: Settings) -> Limit:
    """Failures that one network address may have."""
    tries, minutes = settings.address_limit, settings.address_window_minutes
    return Limit("sign-in", tries=tries, minutes=minutes, secret=settings.secret_key)


def _is_shut(account: Account, settings: Settings, now: dt.datetime) -> bool:
    """Whether no password is the right one now: otherwise guessing could go on meanwhile.

    The owner of a locked or disabled account is told so by the right password; only so many more tries count as were
    needed to lock it.
    """
    closed = account.state in ("locked", "disabled")
    return _has_to_wait(account, now) or (closed and account.failures >= 2 * settings.lock_after)


def _has_left(account: Account) -> bool:
    """Whether it is that of a member of staff whom the feed no longer brings."""
    return account.staff is not None and not account.staff.active


def _has_to_wait(account: Account, now: dt.datetime) -> bool:
    return account.blocked_until is not None and account.blocked_until > now


def _open(account: Account, *, ip: str, settings: Settings, now: dt.datetime) -> str:
    """Let the owner in, in the caller's transaction: the token of a new session."""
    Account.update(failures=0, blocked_until=None, last_sign_in_at=now).where(Account.id == account.id).execute()
    SignInAttempt.create(account=account, at=now, ip=ip, succeeded=True)
    return sessions.start(account, ip=ip, settings=settings, now=now)


def _explain_closed(account: Account, *, ip: str, settings: Settings, now: dt.datetime, compose: Compose) -> NoReturn:
    """Say to somebody with the right password why the account does not open."""
    address = registration.address_to_prove(account) if account.state in ("pending", "dormant") else None
    with database.atomic():
        if account.state != "pending":
            # Before the account has ever opened, there is nothing that a right password has failed to open.
            SignInAttempt.create(account=account, at=now, ip=ip, succeeded=False)
        if address is not None:
            language = account.language or settings.default_language
            today = clock.today(settings.time_zone, settings.today)
            context = registration.Context(settings, now, today, language, compose)
            registration.ask_to_verify(account, address, context)
            token = links.make(account, "unproved", settings=settings, now=now)
    if address is None:
        raise AccountClosed(account.state)
    raise AddressUnproved(token)


def _count_failure(account: Account, *, ip: str, settings: Settings, now: dt.datetime) -> None:
    """Write the failure down and close the account as the preset's rule says, for a time or until the school helps."""
    with database.atomic():
        SignInAttempt.create(account=account, at=now, ip=ip, succeeded=False)
        if account.blocked_until is not None and account.blocked_until > now:
            return
        if account.blocked_until is not None and account.blocked_until < now - FORGOTTEN_AFTER:
            Account.update(failures=0, blocked_until=None).where(Account.id == account.id).execute()
        # Counted by the database, so that failures at the same moment all count.
        Account.update(failures=Account.failures + 1).where(Account.id == account.id).execute()
        failures = Account.select(Account.failures).where(Account.id == account.id).scalar()
        if failures < settings.lock_after:
            return
        if settings.lock_rule == "disable":
            Account.update(state="locked").where(Account.id == account.id, Account.state == "active").execute()
            sessions.end_all(account, now)
        else:
            delay = min(FIRST_DELAY * 2 ** min(failures - settings.lock_after, 10), LONGEST_DELAY)
            Account.update(blocked_until=now + delay).where(Account.id == account.id).execute()
