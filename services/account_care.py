"""What operators do to single accounts: find them, let somebody back in, delete them."""

from __future__ import annotations

import datetime as dt

from peewee import JOIN, Expression, fn

from config import Settings
from models import Account, AuditEvent, Guardian, Guardianship, Staff, Student, database
from services import links
from services.names import user_name_key


class NotNow(Exception):
    """The account's state does not allow it; the text says what to do instead."""


def find(text: str, now: dt.datetime) -> list[Account]:
    """Every account with this user name or e-mail address, or whose owner has this id or number; cancelled ones too.

    That somebody looked is written down for each.
    """
    text = text.strip()
    found = list(
        Account.select(Account, Guardian, Student, Staff)
        .join(Guardian, JOIN.LEFT_OUTER)
        .switch(Account)
        .join(Student, JOIN.LEFT_OUTER)
        .switch(Account)
        .join(Staff, JOIN.LEFT_OUTER)
        .where(
            (Account.user_name_key == user_name_key(text))
            | (fn.LOWER(Account.email) == text.lower())
            | (Guardian.person_id == text)
            | (Guardian.sourced_id == text)
            | (Student.number == text)
            | (Student.sourced_id == text)
            | (Staff.identifier == text)
            | (Staff.sourced_id == text)
        )
        .order_by(Account.id)
    )
    with database.atomic():
        for account in found:
            AuditEvent.create(at=now, account=account, action="account looked up", details={})
    return found


def named(user_name: str) -> Account | None:
    """The account that signs in with this name, or None."""
    account: Account | None = Account.get_or_none(Account.user_name_key == user_name_key(user_name))
    return account


def reset_link(account: Account, purpose: str, *, settings: Settings, now: dt.datetime) -> str:
    """The token of a link (`reset`) or a `code` to print, with which a new password is set (DECISIONS 17).

    Raises NotNow for accounts whose address has to be proved by mail: a link handed over by hand would prove nothing.
    """
    if account.state == "pending":
        raise NotNow("its owner has not proved the e-mail address yet; signing in sends the mail again")
    if account.state == "dormant":
        raise NotNow("it was not used for long; run `flask account enable` first")
    if account.state == "cancelled":
        raise NotNow("it was cancelled; its owner registers or claims anew")
    with database.atomic():
        token = links.make(account, purpose, settings=settings, now=now)
        AuditEvent.create(
            at=now, account=account, action=f"{'reset code' if purpose == 'code' else 'reset link'} made", details={}
        )
    return token


def delete(account: Account, now: dt.datetime, *, reason: str, only_if: Expression | None = None) -> bool:
    """Delete an account with everything that is only its own; its owner needs a new key from the office.

    `only_if` is a condition on the row that has to hold still; False when it does not, and nothing happens.
    """
    with database.atomic():
        row = Account.id == account.id
        if Account.delete().where(row if only_if is None else row & only_if).execute() != 1:
            return False
        # Children that were opened one by one are not open to whoever registers next (DECISIONS 29).
        Guardianship.update(activated_at=None).where(Guardianship.guardian == account.guardian_id).execute()
        owner = {"guardian": account.guardian_id, "student": account.student_id, "staff": account.staff_id}
        details = {"account": account.id, "reason": reason, **{kind: id_ for kind, id_ in owner.items() if id_}}
        AuditEvent.create(at=now, action="account deleted", details=details)
    return True
