"""E-mail addresses: what is one, who has it, and how much mail strangers can cause to it."""

from __future__ import annotations

import datetime as dt

from email_validator import EmailNotValidError, validate_email
from peewee import Expression, fn

from config import Settings
from models import Account, Guardian, Student
from services.passwords import FieldError
from services.throttle import Limit

#: So many mails of one kind go to one address within an hour: forms that anybody can send must not flood a mailbox.
MAILS, WINDOW_MINUTES = 5, 60


def checked(typed: str, *, required: bool) -> str | None:
    """The address in its normal form, None where none is needed and given. Raises FieldError."""
    if not typed.strip() and not required:
        return None
    try:
        # The same rules as the outbox's: an address that no mail can be sent to is none.
        return validate_email(
            typed.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        ).normalized
    except EmailNotValidError:
        raise FieldError("email", "invalid") from None


def on_file(person: Guardian | Student) -> str | None:
    """The address that the SIS has of somebody, if mail can be sent to it."""
    try:
        return checked((person.address_on_file if isinstance(person, Guardian) else person.email) or "", required=False)
    except FieldError:
        return None


def is_of_account(email: str) -> Expression:
    """The condition that an account has this address; capital letters do not count."""
    return fn.LOWER(Account.email) == email.strip().lower()


def in_use(email: str, *, besides: Account | None = None) -> bool:
    """Whether a guardian's account, other than `besides`, has the address, proved or not (D03)."""
    others = Account.select().where(is_of_account(email), Account.guardian.is_null(False), Account.state != "cancelled")
    return any(account.id != (besides.id if besides is not None else None) for account in others)


def may_mail(kind: str, email: str, *, settings: Settings, now: dt.datetime) -> bool:
    """Count one more mail of this kind to the address; False when it has had enough of them for now."""
    limit = Limit(f"mail {kind}", tries=MAILS, minutes=WINDOW_MINUTES, secret=settings.secret_key)
    return limit.take(email.strip().lower(), now)
