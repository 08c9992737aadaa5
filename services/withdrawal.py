"""Mail in the outbox goes only while whoever it is to, or from, may still see the child that it is about (CHECKS 3)."""

from __future__ import annotations

import datetime as dt

from peewee import fn

from config import Settings
from models import Account, Guardian, Guardianship, OutboundMail, Student
from services import access
from services.digests import leaving
from services.outbox import OF_FAMILIES, students_of

#: Mails that have not left.
WAITING = ("queued", "failed")

#: States that keep the owner of an account from signing in without anybody's having decided about the owner.
_UNUSED = ("locked", "dormant", "left")


def may_leave(mail: OutboundMail, *, on: dt.date, now: dt.datetime, settings: Settings) -> bool | dt.datetime:
    """Whether the worker may send the mail on the day `on`: yes, never, or not before a moment."""
    if mail.kind in leaving.KINDS:
        return leaving.may_leave(mail, on=on, now=now, settings=settings)
    return is_allowed(mail, on)


def is_allowed(mail: OutboundMail, on: dt.date) -> bool:
    """Whether every student whom the mail is about is open to whoever it is to or from; mail about none always goes.

    With an account that is decided as for its pages; what a family has written goes by the family's rights alone. A key
    goes to guardians who have no account: for them their rights decide.
    """
    about = students_of(mail)
    if not about:
        return True
    account = mail.account or (mail.message.account if mail.message is not None else None)
    if account is not None:
        return access.reaches(_as_writer(account) if mail.kind in OF_FAMILIES else account, about, on)
    if mail.message_id is not None or mail.guardian_id is None:
        return False
    pairs = (
        Guardianship.select(Guardianship.student)
        .join(Student)
        .switch(Guardianship)
        .join(Guardian)
        .where(Guardianship.guardian == mail.guardian_id, Guardianship.is_open(on), Student.active, Guardian.active)
    )
    return set(about) <= {str(student) for (student,) in pairs.tuples()}


def withdraw(guardian_id: int, student_id: int) -> None:
    """Withdraw what waits about this child to or from this guardian, in the caller's transaction."""
    waits = OutboundMail.state.in_(WAITING)
    for mail in list(OutboundMail.select().where(waits, OutboundMail.guardian == guardian_id)):
        if str(student_id) in students_of(mail):
            leaving.forget(mail)
            OutboundMail.update(state="withdrawn").where(OutboundMail.id == mail.id, waits).execute()


def withdraw_to(account: Account, address: str) -> None:
    """Withdraw what waits for a guardian at an address from which mail comes back, in the caller's transaction.

    What waits for somebody else there stays: a teacher may be a parent with the same address.
    """
    waits = OutboundMail.state.in_(WAITING)
    to_it = (OutboundMail.channel == "mail") & (fn.LOWER(OutboundMail.recipient) == address.lower())
    theirs = (OutboundMail.account == account) | (OutboundMail.guardian == account.guardian_id)
    for mail in list(OutboundMail.select().where(waits, to_it, theirs, OutboundMail.kind.not_in(OF_FAMILIES))):
        leaving.forget(mail)
        OutboundMail.update(state="withdrawn").where(OutboundMail.id == mail.id, waits).execute()


def _as_writer(account: Account) -> Account:
    """The account as when its owner wrote: a lock after wrong passwords, which anybody can type, ends no right."""
    if account.state not in _UNUSED:
        return account
    return Account(
        guardian=account.guardian_id, student=account.student_id, staff=account.staff_id, state="active",
        per_child=account.per_child,
    )  # fmt: skip
