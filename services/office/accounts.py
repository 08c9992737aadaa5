"""What the office does to one account, after it has made sure who is asking (H04, C02, D08, D20).

Nobody here sees or sets a password: the owner sets a new one, over a mailed link or a printed code.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from config import Settings
from models import Account, AuditEvent, Guardian, IdentityCheck, Student, database
from services import account_care, accounts, addresses, authenticators, links, outbox, sessions
from services.office import people
from services.office.scope import Office
from services.outbox import BadAddress, Compose

#: What can be done, in the order of the page.
ACTIONS = ("unlock", "enable", "sign_out", "link", "code", "end_authenticator", "disable", "cancel")


class NotNow(Exception):
    """The account is not in a state that allows it, or somebody else was faster."""


class TooManyMails(Exception):
    """Enough links were mailed to this address lately."""


class Child(NamedTuple):
    """A child of a guardian who may be told its user name; empty without an account."""

    student: Student
    user_name: str


def possible(account: Account | None, now: dt.datetime) -> list[str]:
    """Which of ACTIONS the account's state allows."""
    if account is None:
        return []
    waits = account.blocked_until is not None and account.blocked_until > now
    state = account.state
    allowed = {
        "unlock": state == "locked" or (state == "active" and waits),
        "enable": state in ("disabled", "dormant", "left"),
        "sign_out": state == "active",
        "link": state in ("active", "dormant", "pending") and _mailable(account),
        "code": state == "active",
        "end_authenticator": authenticators.is_on(account),
        "disable": state in ("active", "locked", "dormant", "left"),
        "cancel": True,
    }
    return [name for name in ACTIONS if allowed[name]]


def do(
    action: str, account: Account, check: IdentityCheck, *, by: Office, compose: Compose, settings: Settings,
    now: dt.datetime,
) -> str:  # fmt: skip
    """Do one of ACTIONS, and return the printed code's value for `code`, else nothing.

    `check` is how the office has made sure who is asking. Raises NotNow, and TooManyMails for `link`.
    """
    with database.atomic():
        account = Account.get_by_id(account.id)
        if action not in possible(account, now):
            raise NotNow
        made = ""
        if action in ("unlock", "enable"):
            accounts.reactivate(account, now)
        elif action == "sign_out":
            sessions.end_all(account, now)
        elif action == "link":
            _mail_link(account, compose, settings, now)
        elif action == "code":
            made = account_care.reset_link(account, "code", settings=settings, now=now)
        elif action == "end_authenticator":
            authenticators.end(account, by="office", compose=compose, settings=settings, now=now)
        elif action == "disable":
            _disable(account, now)
        else:
            accounts.cancel(account, now)
        by.note(
            f"office: {action}", now, student=account.student, account=account.id, guardian=account.guardian_id,
            check=check.id,
        )  # fmt: skip
    return made


def children_of(guardian: Guardian, by: Office) -> list[Child]:
    """The children who are open to a guardian, with their user names: what a confirmed guardian may be told (H04)."""
    return [
        Child(pair.person, pair.account.user_name if pair.account and pair.account.state != "cancelled" else "")
        for pair in people.children_of(by, guardian)
        if pair.is_open
    ]


def brought_over_at(account: Account | None) -> dt.datetime | None:
    """When the account was brought over from an older portal; None when it was made here (D20)."""
    if account is None:
        return None
    brought = (AuditEvent.account == account) & (AuditEvent.action == "account brought over")
    found: dt.datetime | None = AuditEvent.select(AuditEvent.at).where(brought).limit(1).scalar()
    return found


def _mailable(account: Account) -> bool:
    """Whether a link may go to the address: its owner has proved it, or it waits to be proved by this very link."""
    return bool(account.email) and (account.email_verified_at is not None or account.state == "pending")


def _mail_link(account: Account, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """The mail that the owner could have asked for at "Problems signing in" (H03)."""
    if not addresses.may_mail("reset", account.email, settings=settings, now=now):
        raise TooManyMails
    token = links.make(account, "reset", settings=settings, now=now)
    language = account.language or settings.default_language
    mail = compose("reset", language, token=token, user_name=account.user_name)
    try:
        outbox.enqueue(kind="reset", recipient=account.email, subject=mail.subject, text=mail.text, account=account)
    except BadAddress as error:
        raise NotNow from error


def _disable(account: Account, now: dt.datetime) -> None:
    """Close the account until the office enables it again; nothing of its owner's stays open."""
    Account.update(state="disabled").where(Account.id == account.id).execute()
    sessions.end_all(account, now)
    links.end_ways_in(account, now)
