"""Mail that did not arrive: what the portal has given up, and addresses from which mail comes back.

A refusal for good, or a day of vain tries, ends in the state `failed` (`services.worker`); the office reads of it here.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from peewee import JOIN, Expression

from models import Account, AuditEvent, Guardian, Message, OutboundMail, Staff, Student, database
from services import outbox, withdrawal
from services.office.scope import Office

#: So many stand on the page; older ones than this are no news to anybody.
SHOWN, RECENT = 100, dt.timedelta(days=30)


class NotNow(Exception):
    """Somebody else was faster, or there is no such address."""


class Failed(NamedTuple):
    """A mail that was given up: to or from whom, and about which teacher if it is a family's message.

    `returns` says that it went to the account's own address, which the office can mark.
    """

    mail: OutboundMail
    guardian: Guardian | None
    student: Student | None
    teacher: Staff | None
    returns: bool


def failed(by: Office, now: dt.datetime) -> list[Failed]:
    """The latest mails that were given up and concern somebody whom this member of staff may see."""
    rows = (
        OutboundMail.select(OutboundMail, Guardian, Account, Student, Message, Staff)
        .join(Guardian, JOIN.LEFT_OUTER)
        .switch(OutboundMail)
        .join(Account, JOIN.LEFT_OUTER)
        .join(Student, JOIN.LEFT_OUTER)
        .switch(OutboundMail)
        .join(Message, JOIN.LEFT_OUTER)
        .join(Staff, JOIN.LEFT_OUTER)
        .where(_theirs(by, now))
        .order_by(OutboundMail.id.desc())
        .limit(SHOWN)
    )
    return [
        Failed(
            mail, mail.guardian, mail.account.student if mail.account else None,
            mail.message.staff if mail.message else None, _is_to(mail, mail.account),
        )
        for mail in rows
    ]  # fmt: skip


def count(by: Office, now: dt.datetime) -> int:
    """How many there are."""
    return int(OutboundMail.select().where(_theirs(by, now)).count())


def retry(mail_id: int, by: Office, now: dt.datetime) -> None:
    """Have one of them sent again, at once and with a full set of tries. Raises NotNow."""
    with database.atomic():
        _find(mail_id, by, now)
        outbox.retry_now([mail_id])
        by.note("mail retried", now, mail=mail_id)


def give_up(mail_id: int, by: Office, now: dt.datetime) -> None:
    """Take one of them off the list: it is not wanted any more. Raises NotNow."""
    with database.atomic():
        _find(mail_id, by, now)
        OutboundMail.update(state="withdrawn").where(OutboundMail.id == mail_id).execute()
        by.note("mail given up", now, mail=mail_id)


def comes_back(guardian: Guardian, by: Office, now: dt.datetime) -> None:
    """Note that mail to the address of this guardian's account comes back: none is sent there until it is proved again.

    What waits for that address is withdrawn. Raises NotNow without an account or an address that counts.
    """
    with database.atomic():
        account: Account | None = Account.get_or_none(Account.guardian == guardian, Account.state != "cancelled")
        if account is None or not account.email or account.mail_returned_at is not None:
            raise NotNow
        Account.update(mail_returned_at=now, email_verified_at=None).where(Account.id == account.id).execute()
        withdrawal.withdraw_to(account, account.email)
        AuditEvent.create(
            at=now, account=by.account, action="mail comes back",
            details={"account": account.id, "guardian": guardian.id},
        )  # fmt: skip


def _find(mail_id: int, by: Office, now: dt.datetime) -> OutboundMail:
    found: OutboundMail | None = OutboundMail.select().where(_theirs(by, now), OutboundMail.id == mail_id).first()
    if found is None:
        raise NotNow
    return found


def _theirs(by: Office, now: dt.datetime) -> Expression:
    """The condition on failed mails that this member of staff may read of."""
    recent = (OutboundMail.state == "failed") & (OutboundMail.created_at > now - RECENT)
    if by.may("district"):
        return recent
    pupils = Account.select(Account.id).where(Account.student.in_(by.students("accounts").select(Student.id)))
    theirs = recent & (
        OutboundMail.guardian.in_(by.guardians("accounts").select(Guardian.id)) | OutboundMail.account.in_(pupils)
    )
    return theirs & OutboundMail.id.not_in(_about_others(theirs, by))


def _about_others(which: Expression, by: Office) -> list[int]:
    """The ids of those of these mails that are about a student over whose account there is no right."""
    rows = (
        OutboundMail.select(OutboundMail.id, OutboundMail.about, OutboundMail.message, Message)
        .join(Message, JOIN.LEFT_OUTER)
        .where(which)
    )
    about = {mail.id: {int(one) for one in outbox.students_of(mail)} for mail in rows}
    named = set().union(*about.values())
    reached = {one.id for one in by.students("accounts").select(Student.id).where(Student.id.in_(named))}
    return [mail_id for mail_id, students in about.items() if students - reached]


def _is_to(mail: OutboundMail, account: Account | None) -> bool:
    return bool(
        account is not None and account.guardian_id and account.email and account.mail_returned_at is None
        and mail.channel == "mail" and outbox.same_recipient(mail, account.email)
    )  # fmt: skip
