"""Accounts of staff: who works in the office, in which role and where (X09, DECISIONS 26)."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import NamedTuple

from config import Settings
from models import Account, AuditEvent, OfficeRole, School, Staff, database
from services import links
from services.names import folded, user_name_key
from services.passwords import hasher

#: What somebody can be in the office, from what reaches least to what reaches most.
ROLES = ("teacher", "counselor", "clerk", "admin")


class StaffRefused(Exception):
    """The account cannot be made; the text is one line for the operator."""


class Invited(NamedTuple):
    """A new staff account, and the token of the link with which its owner sets a password."""

    account: Account
    token: str


def add(
    email: str, role: str, *, school: School | None, name: str = "", settings: Settings, now: dt.datetime,
) -> Invited:  # fmt: skip
    """Give somebody a role in the office, and an account if there is none; the address is the user name.

    Somebody whom the feed knows by this address is that person; others need a `name` and get an id of the office's
    own. Counselors and clerks work at one `school` or, without one, in all; teachers see their own sections wherever
    they are. An account whose owner has left the feed becomes that of the person
    found so. Raises StaffRefused for an unknown role, a missing name, or an address that a family's account has.
    """
    if role not in ROLES:
        raise StaffRefused(f"{role!r} is none of {', '.join(ROLES)}")
    with database.atomic():
        account = Account.get_or_none(Account.user_name_key == user_name_key(email))
        if account is not None and account.staff_id is None:
            raise StaffRefused(f"{email} is the user name of a family's account; use the work address")
        if account is None:
            account = _account(_person(email, role, name), email, settings, now)
        elif not account.staff.active:
            # The feed brings the owner under another id now, or the office vouches for somebody whom it dropped.
            Account.update(staff=_without_account(_person(email, role, name))).where(Account.id == account.id).execute()
        OfficeRole.get_or_create(account=account, role=role, school=school)
        AuditEvent.create(
            at=now, account=account, action="office role given", details={"role": role, "school": school and school.id}
        )
        return Invited(account, links.make(account, "reset", settings=settings, now=now))


def _person(email: str, role: str, name: str) -> Staff:
    found = list(Staff.select().where(Staff.email == email, Staff.active).limit(2))
    if len(found) == 1:
        return found[0]
    given, _, family = name.strip().partition(" ")
    if not given:
        raise StaffRefused(f"{email} is nobody's address in the feed: give --name")
    return Staff.create(
        sourced_id=f"office:{secrets.token_hex(8)}", given_name=given, family_name=family,
        given_key=folded(given), family_key=folded(family), role=role, email=email,
    )  # fmt: skip


def _account(person: Staff, email: str, settings: Settings, now: dt.datetime) -> Account:
    """An account that nobody can sign in to before its owner has set a password and an authenticator (X09)."""
    return Account.create(
        staff=_without_account(person), user_name=email, user_name_key=user_name_key(email), email=email,
        email_verified_at=now, password_hash=hasher(settings).hash(secrets.token_hex(16)), duties=["authenticator"],
        created_at=now,
    )  # fmt: skip


def _without_account(person: Staff) -> Staff:
    existing = Account.get_or_none(Account.staff == person)
    if existing is not None:
        raise StaffRefused(f"{person.name} has an account already: {existing.user_name}")
    return person


def left() -> list[Account]:
    """Accounts whose owners the feed no longer brings: nobody signs in with them."""
    gone = Account.select(Account, Staff).join(Staff).where(~Staff.active, Account.state != "cancelled")
    return list(gone.order_by(Account.user_name_key))
