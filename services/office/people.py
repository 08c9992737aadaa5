"""What the office sees of a person: children or guardians, households, account, keys, mail, problems."""

from __future__ import annotations

from typing import NamedTuple

from peewee import JOIN, Expression

from models import (
    Account,
    ActivationKey,
    Guardian,
    Guardianship,
    JoinedGuardian,
    OutboundMail,
    School,
    SchoolEnrollment,
    SignInAttempt,
    Student,
)
from services.office.scope import Office

#: So many keys, mails and sign-ins are shown.
SHOWN = 10


class Pair(NamedTuple):
    """A guardian and a student, with what their page says of the pair."""

    guardianship: Guardianship
    person: Guardian | Student
    is_open: bool
    account: Account | None


def children_of(office: Office, guardian: Guardian) -> list[Pair]:
    """The students of a guardian whom this member of staff may see."""
    pairs = (
        Guardianship.select(Guardianship, Student, Account)
        .join(Student)
        .join(Account, JOIN.LEFT_OUTER, on=(Account.student == Student.id), attr="account")
        .where(
            Guardianship.guardian == guardian, Guardianship.student.in_(office.students("guardian").select(Student.id))
        )
        .order_by(Student.birth_date, Student.id)
    )
    open_ids = _open_ids(office, Guardianship.guardian == guardian)
    return [Pair(one, one.student, one.id in open_ids, getattr(one.student, "account", None)) for one in pairs]


def guardians_of(office: Office, student: Student) -> list[Pair]:
    """The guardians of a student, those with access first."""
    pairs = (
        Guardianship.select(Guardianship, Guardian, Account)
        .join(Guardian)
        .join(Account, JOIN.LEFT_OUTER, on=(Account.guardian == Guardian.id), attr="account")
        .where(Guardianship.student == student, Guardian.id.not_in(JoinedGuardian.select(JoinedGuardian.guardian)))
        .order_by(Guardian.family_name, Guardian.id)
    )
    open_ids = _open_ids(office, Guardianship.student == student)
    found = [Pair(one, one.guardian, one.id in open_ids, getattr(one.guardian, "account", None)) for one in pairs]
    return sorted(found, key=lambda pair: not pair.is_open)


def _open_ids(office: Office, whose: Expression) -> set[int]:
    return {
        one for (one,) in Guardianship.select(Guardianship.id).where(whose, Guardianship.is_open(office.on)).tuples()
    }


def account_of(person: Guardian | Student) -> Account | None:
    """The account of a guardian or student; a cancelled one counts as none."""
    field = Account.guardian if isinstance(person, Guardian) else Account.student
    found: Account | None = Account.get_or_none(field == person, Account.state != "cancelled")
    return found


def keys_of(person: Guardian | Student) -> list[ActivationKey]:
    """The activation keys that were issued to somebody, the newest first; their values are kept nowhere."""
    mine = (
        ActivationKey.guardian == person
        if isinstance(person, Guardian)
        else ActivationKey.guardian.is_null() & (ActivationKey.student == person)
    )
    return list(ActivationKey.select().where(mine).order_by(ActivationKey.id.desc()).limit(SHOWN))


def mails_to(account: Account | None) -> list[OutboundMail]:
    """The last mails to an account's address: kind, state and error, for "my mail never came"."""
    if account is None or not account.email:
        return []
    return list(
        OutboundMail.select()
        .where(OutboundMail.recipient == account.email)
        .order_by(OutboundMail.id.desc())
        .limit(SHOWN)
    )


def sign_ins(account: Account | None) -> list[SignInAttempt]:
    """The last sign-ins of an account, failed ones included."""
    if account is None:
        return []
    return list(
        SignInAttempt.select().where(SignInAttempt.account == account).order_by(SignInAttempt.id.desc()).limit(SHOWN)
    )


def enrollments_of(student: Student) -> list[SchoolEnrollment]:
    """Every enrollment of a student with its school, the latest first."""
    return list(
        SchoolEnrollment.select(SchoolEnrollment, School)
        .join(School)
        .where(SchoolEnrollment.student == student)
        .order_by(SchoolEnrollment.entry_date.desc(nulls="first"), SchoolEnrollment.id.desc())
    )
