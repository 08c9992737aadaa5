"""Whose account it is that somebody signs in to at the OpenID provider: linked by issuer and subject, and by no name.

Staff link it themselves, or by their verified e-mail address where the setting says so; students by a claim that names
their number. Accounts of staff are never made here.
"""

from __future__ import annotations

import datetime as dt
import secrets

from peewee import IntegrityError, fn

from config import Settings
from models import Account, AuditEvent, ProviderIdentity, SchoolEnrollment, Student, database
from services import accounts, claims, clock, openid, recovery, reopening
from services.names import user_name_key
from services.openid import Identified
from services.outbox import Compose
from services.passwords import hasher

#: For whom the provider can be, by the roles of accounts.
PURPOSES = {"staff": "staff", "student": "students"}


class Unknown(Exception):
    """Nobody's account here is linked to this person, and none may be."""


class Taken(Exception):
    """This person's account at the provider, or this account here, is linked to another already."""


def is_offered(role: str, settings: Settings) -> bool:
    """Whether accounts of this role sign in at the provider."""
    return PURPOSES.get(role) in settings.oidc_for


def of(account: Account, settings: Settings) -> ProviderIdentity | None:
    """The account's link to the provider that the portal uses now."""
    mine = (ProviderIdentity.account == account) & (ProviderIdentity.issuer == settings.oidc_issuer)
    found: ProviderIdentity | None = ProviderIdentity.get_or_none(mine)
    return found


def wanted(settings: Settings) -> dict[str, str]:
    """The claim that a first sign-in needs, by its purpose."""
    staff = {"staff": "email"} if settings.oidc_link_by_email else {}
    return {"students": settings.oidc_student_claim, **staff}


def sign_in(found: Identified, *, ip: str, compose: Compose, settings: Settings, now: dt.datetime) -> str:
    """Sign the owner in and return the token of a new session.

    Raises Unknown, Taken, accounts.AccountClosed, and accounts.CodeNeeded where the provider has asked for no second
    factor and the account has one.
    """
    try:
        account = _owner(found, compose, settings, now)
    except IntegrityError:
        # Another tab was faster to open or to link the account: it is there now.
        account = _owner(found, compose, settings, now)
    return accounts.sign_in_identified(
        account, has_second_factor=openid.proves_second_factor(found, settings), ip=ip, settings=settings, now=now
    )


def _owner(found: Identified, compose: Compose, settings: Settings, now: dt.datetime) -> Account:
    """The account that this person signs in to, made and linked where it may be. Raises Unknown, Taken."""
    purpose = found.sign_in.purpose
    with database.atomic():
        identity = _identity(found)
        account: Account | None = identity.account if identity is not None else None
        if account is None or account.state == "cancelled":
            account = _staff(found, settings) if purpose == "staff" else _student(found, settings, now)
            _link(account, found, compose, settings, now)
        if PURPOSES.get(account.role) != purpose:
            raise Unknown
        ProviderIdentity.update(used_at=now).where(ProviderIdentity.account == account).execute()
    return account


def link(account: Account, found: Identified, *, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Link the account that is signed in, and tell its owner. Raises Taken."""
    with database.atomic():
        identity = _identity(found)
        if identity is not None and identity.account_id == account.id:
            return
        _link(account, found, compose, settings, now)


def unlink(account: Account, *, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Let the provider open this account no more, and tell its owner."""
    with database.atomic():
        ProviderIdentity.delete().where(ProviderIdentity.account == account).execute()
        AuditEvent.create(at=now, account=account, action="provider unlinked", details={})
        recovery.tell(account, "provider_off", compose=compose, settings=settings)


def _identity(found: Identified) -> ProviderIdentity | None:
    identity: ProviderIdentity | None = ProviderIdentity.get_or_none(
        ProviderIdentity.issuer == found.issuer, ProviderIdentity.subject == found.subject
    )
    return identity


def _link(account: Account, found: Identified, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    identity = _identity(found)
    if identity is not None and identity.account.state == "cancelled":
        identity.delete_instance()
        identity = None
    if identity is not None or of(account, settings) is not None:
        raise Taken
    ProviderIdentity.create(issuer=found.issuer, subject=found.subject, account=account, linked_at=now)
    AuditEvent.create(at=now, account=account, action="provider linked", details={"by": found.sign_in.purpose})
    recovery.tell(account, "provider_on", compose=compose, settings=settings)


def _staff(found: Identified, settings: Settings) -> Account:
    """The one member of staff who has this address here, if the provider has verified it. Raises Unknown."""
    email = found.claims.get("email")
    if not settings.oidc_link_by_email or found.claims.get("email_verified") is not True or not isinstance(email, str):
        raise Unknown
    same = (fn.LOWER(Account.email) == email.lower()) & Account.email_verified_at.is_null(False)
    rows = list(Account.select().where(same, Account.staff.is_null(False), Account.state != "cancelled").limit(2))
    if len(rows) != 1:
        raise Unknown
    account: Account = rows[0]
    return account


def _student(found: Identified, settings: Settings, now: dt.datetime) -> Account:
    """The account of the one student whom the claim names, made if there is none. Raises Unknown."""
    value = found.claims.get(settings.oidc_student_claim)
    value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(value, str) or not value.strip():
        raise Unknown
    field = Student.number if settings.oidc_student_matches == "number" else Student.sourced_id
    here = SchoolEnrollment.students_on(clock.today(settings.time_zone, settings.today))
    rows = list(Student.select().where(field == value.strip(), Student.active, Student.id.in_(here)).limit(2))
    if len(rows) != 1:
        raise Unknown
    account: Account | None = Account.get_or_none(Account.student == rows[0])
    if account is not None and account.state != "cancelled":
        return account
    return _made(rows[0], settings, now)


def _made(student: Student, settings: Settings, now: dt.datetime) -> Account:
    """An account that has no password anybody knows; its owner comes in over the provider. Raises Unknown."""
    name = claims.user_name(student) if settings.student_accounts == "claim" else student.number or student.sourced_id
    holder = Account.get_or_none(Account.user_name_key == user_name_key(name))
    if holder is not None and holder.student_id != student.id:
        raise Unknown
    account = reopening.former(student) or Account(student=student, created_at=now)
    account.user_name, account.user_name_key = name, user_name_key(name)
    account.password_hash = hasher(settings).hash(secrets.token_hex(16))
    account.state, account.duties = "active", []
    account.save()
    AuditEvent.create(at=now, account=account, action="account opened", details={"way": "provider"})
    return account
