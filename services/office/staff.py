"""Accounts of staff: who works in the office, in which role and where (X09, DECISIONS 26).

The first admin's is made by `flask staff add`; admins invite the others. Nobody but the owner ever sees an invitation.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple

from peewee import JOIN, IntegrityError, ModelSelect

from config import Settings
from models import (
    Account,
    AuditEvent,
    Authenticator,
    OfficeRole,
    OutboundMail,
    PasswordHistory,
    School,
    Staff,
    StaffRole,
    database,
)
from services import accounts, addresses, links, outbox, withdrawal
from services.names import folded, user_name_key
from services.office.scope import Office
from services.outbox import BadAddress, Compose
from services.passwords import FieldError, hasher

#: What somebody can be in the office, from what reaches least to what reaches most.
ROLES = ("teacher", "counselor", "clerk", "admin")

#: The roles that may end at single schools.
AT_SCHOOLS = ("counselor", "clerk")

#: So many accounts stand on a page.
SHOWN = 100


class StaffRefused(Exception):
    """The account cannot be made; the text is one line for the operator."""


class NotNow(Exception):
    """The account is not in a state that allows it, or somebody else was faster."""


class TooManyMails(Exception):
    """Enough invitations were mailed to this address lately."""


class Invited(NamedTuple):
    """A staff account, and the token of the link with which its owner sets a password; None where it was mailed."""

    account: Account
    token: str | None


class Place(NamedTuple):
    """A role at one school, by its id, or without one in all schools."""

    role: str
    school: int | None = None

    @property
    def key(self) -> str:
        """How forms and the audit log name it: `admin`, `clerk:7`."""
        return self.role if self.school is None else f"{self.role}:{self.school}"


class Member(NamedTuple):
    """An account of staff with the roles that it has, each with its school or None."""

    account: Account
    roles: list[tuple[str, School | None]]
    has_authenticator: bool

    @property
    def places(self) -> set[Place]:
        """The roles as they are chosen in a form: those that end at no school count everywhere."""
        return {
            Place(role, school.id if school is not None and role in AT_SCHOOLS else None) for role, school in self.roles
        }

    @property
    def version(self) -> str:
        """What tells whether somebody else has changed the roles meanwhile."""
        return " ".join(_keys(self.places))

    @property
    def is_invited(self) -> bool:
        """Whether the owner has not been here yet, and may be sent another invitation."""
        account = self.account
        return account.last_sign_in_at is None and account.state == "active" and account.staff.active


# ---- By the command ----------------------------------------------------------------------------------------------


def add(
    email: str, role: str, *, school: School | None, name: str = "", settings: Settings, now: dt.datetime,
    compose: Compose | None = None,
) -> Invited:  # fmt: skip
    """Give somebody a role in the office, and an account if there is none; the address is the user name.

    Somebody whom the feed knows by this address is that person; others need a `name` and get an id of the office's
    own. Counselors and clerks work at one `school` or, without one, in all; teachers see their own sections wherever
    they are. An account whose owner has left the feed, or that was cancelled, opens anew for the person found so, with
    nothing of the former owner's. With `compose` an invitation is mailed. Raises StaffRefused for an unknown role, a
    missing name, or an address that a family's account has or that no mail can be sent to.
    """
    if role not in ROLES:
        raise StaffRefused(f"{role!r} is none of {', '.join(ROLES)}")
    with database.atomic():
        account = Account.get_or_none(Account.user_name_key == user_name_key(email))
        if account is not None and account.staff_id is None:
            raise StaffRefused(f"{email} is the user name of a family's account; use the work address")
        if account is not None and account.state != "cancelled" and not account.staff.active:
            # Districts give the address of somebody who has left to the next: nothing of the former owner's opens it.
            accounts.cancel(account, now)
            account.state = "cancelled"
        if account is None or account.state == "cancelled":
            still_here = account is not None and account.staff.active
            person = account.staff if still_here else _person(email, role, name)
            account = _open(person, email, settings, now)
        OfficeRole.get_or_create(account=account, role=role, school=school)
        AuditEvent.create(
            at=now, account=account, action="office role given", details={"role": role, "school": school and school.id}
        )
        if compose is None:
            return Invited(account, links.make(account, "reset", settings=settings, now=now))
        try:
            _mail_invitation(account, compose, settings, now)
        except BadAddress as error:
            raise StaffRefused(f"no mail can be sent to {email}: {error}") from error
        except TooManyMails as error:
            raise StaffRefused(f"enough mail went to {email} within the last hour; try again later") from error
        return Invited(account, None)


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


def _without_account(person: Staff) -> Staff:
    existing = Account.get_or_none(Account.staff == person)
    if existing is not None:
        raise StaffRefused(f"{person.name} has an account already: {existing.user_name}")
    return person


# ---- By an admin -------------------------------------------------------------------------------------------------


def listed(page: int) -> list[Member]:
    """The accounts of staff by name, those whose owners have left included; one more than SHOWN says there are more."""
    rows = _live().order_by(Staff.family_key, Staff.given_key, Account.id)
    return _members(list(rows.limit(SHOWN + 1).offset((page - 1) * SHOWN)))


def find(account_id: int) -> Member | None:
    """One of them; None for a cancelled account, a family's, or none."""
    found = list(_live().where(Account.id == account_id))
    return _members(found)[0] if found else None


def accounts_of(people: Iterable[Staff]) -> dict[int, Account]:
    """The account of each of these people who has one, by the person's id."""
    return {one.staff_id: one for one in _live().where(Account.staff.in_([one.id for one in people]))}


def schools_of(people: Iterable[Staff]) -> dict[int, list[str]]:
    """The names of the schools where each of these people works by the feed, by the person's id."""
    found: dict[int, list[str]] = {one.id: [] for one in people}
    rows = StaffRole.select(StaffRole.staff, School.name).join(School).where(StaffRole.staff.in_(list(found)))
    for staff_id, name in rows.distinct().order_by(School.name).tuples():
        found[staff_id].append(name)
    return found


def address_of(person: Staff) -> str | None:
    """The address to which an invitation can be mailed, if the feed has one."""
    try:
        return addresses.checked(person.email or "", required=False)
    except FieldError:
        return None


def chosen(keys: Iterable[str], schools: Iterable[School]) -> set[Place]:
    """The roles that a form names, at these schools or in all. Raises FieldError for `role`: none, or one unknown.

    Who has a role in all schools needs it at none.
    """
    ids = {str(school.id): school.id for school in schools}
    found = set()
    for key in keys:
        role, _, school = key.partition(":")
        if role not in ROLES or (school and (role not in AT_SCHOOLS or school not in ids)):
            raise FieldError("role", "choice")
        found.add(Place(role, ids[school] if school else None))
    if not found:
        raise FieldError("role", "choice")
    return {one for one in found if one.school is None or Place(one.role) not in found}


def invite(
    person: Staff, places: set[Place], *, by: Office, compose: Compose, settings: Settings, now: dt.datetime
) -> Account:
    """Give a person of the feed an account with these roles, and mail the invitation to the address there.

    An account that was cancelled, or whose owner has left, opens anew: nothing of the former owner's leads into it.
    Raises FieldError for `email`: `invalid`, or `taken` by another account; NotNow when the person has one, and
    TooManyMails.
    """
    email = address_of(person)
    if email is None:
        raise FieldError("email", "invalid")
    if accounts_of([person]):
        raise NotNow
    try:
        with database.atomic():
            named = _live().where(Account.user_name_key == user_name_key(email)).first()
            if named is not None and not named.staff.active:
                accounts.cancel(named, now)
            account = _open(person, email, settings, now)
            _give(account, places)
            _mail_invitation(account, compose, settings, now)
            by.note("office access given", now, account=account.id, roles=_keys(places))
    except (StaffRefused, IntegrityError) as error:
        raise FieldError("email", "taken") from error
    return account


def send_again(member: Member, *, by: Office, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Mail another invitation; the one before works no longer. Raises NotNow or TooManyMails."""
    if not member.is_invited:
        raise NotNow
    with database.atomic():
        try:
            _mail_invitation(member.account, compose, settings, now)
        except BadAddress as error:
            raise NotNow from error
        by.note("office invitation sent", now, account=member.account.id)


def change_roles(account_id: int, places: set[Place], version: str, *, by: Office, now: dt.datetime) -> None:
    """Replace the roles of an account; it counts from the owner's next request on.

    Raises FieldError: `form` when they are no longer of this `version`, `role` when nobody would be admin any more;
    NotNow when the account is gone.
    """
    with database.atomic():
        member = _locked(account_id)
        if member.version != version:
            raise FieldError("form", "changed")
        _give(member.account, places)
        _check_admins("role")
        by.note("office roles changed", now, account=account_id, before=_keys(member.places), roles=_keys(places))


def end(account_id: int, *, by: Office, now: dt.datetime) -> None:
    """Cancel an account: its sessions end at once, and what waits to be mailed to invite its owner is withdrawn.

    Raises FieldError for the own account and when nobody would be admin any more, NotNow when it is gone.
    """
    if account_id == by.account.id:
        raise FieldError("form", "own")
    with database.atomic():
        member = _locked(account_id)
        accounts.cancel(member.account, now)
        _give(member.account, set())
        _check_admins("form")
        waits = (OutboundMail.kind == "invitation") & OutboundMail.state.in_(withdrawal.WAITING)
        OutboundMail.update(state="withdrawn").where(waits, OutboundMail.account == account_id).execute()
        by.note("office access ended", now, account=account_id, before=_keys(member.places))


def left() -> list[Account]:
    """Accounts whose owners the feed no longer brings: nobody signs in with them."""
    return list(_live().where(~Staff.active).order_by(Account.user_name_key))


# ---- Rows --------------------------------------------------------------------------------------------------------


def _live() -> ModelSelect:
    return Account.select(Account, Staff).join(Staff).where(Account.state != "cancelled")


def _members(found: list[Account]) -> list[Member]:
    ids = [one.id for one in found]
    roles: dict[int, list[tuple[str, School | None]]] = {id_: [] for id_ in ids}
    rows = OfficeRole.select(OfficeRole, School).join(School, JOIN.LEFT_OUTER).where(OfficeRole.account.in_(ids))
    for row in rows.order_by(OfficeRole.role, School.name):
        roles[row.account_id].append((row.role, row.school))
    confirmed = Authenticator.account.in_(ids) & Authenticator.confirmed_at.is_null(False)
    secured = {id_ for (id_,) in Authenticator.select(Authenticator.account).where(confirmed).tuples()}
    return [Member(one, roles[one.id], one.id in secured) for one in found]


def _locked(account_id: int) -> Member:
    """The account, while nobody else changes it or the admins. Raises NotNow."""
    admins = OfficeRole.select(OfficeRole.account).where(OfficeRole.role == "admin")
    rows = Account.select(Account.id).where(Account.id.in_(admins) | (Account.id == account_id)).order_by(Account.id)
    # Two admins who end each other's access at once: the second has to see what the first did.
    list(rows.for_update() if database.obj.for_update else rows)
    member = find(account_id)
    if member is None:
        raise NotNow
    return member


def _check_admins(field: str) -> None:
    """Raise FieldError, and so take back what the transaction did, when nobody is admin any more."""
    admins = Account.select().join(OfficeRole).switch(Account).join(Staff)
    if not admins.where(OfficeRole.role == "admin", Account.state == "active", Staff.active).exists():
        raise FieldError(field, "last")


def _give(account: Account, places: set[Place]) -> None:
    OfficeRole.delete().where(OfficeRole.account == account).execute()
    for role, school in places:
        OfficeRole.create(account=account, role=role, school=school)


def _keys(places: set[Place]) -> list[str]:
    return sorted(one.key for one in places)


def _open(person: Staff, email: str, settings: Settings, now: dt.datetime) -> Account:
    """An account that nobody can sign in to before its owner has set a password and an authenticator (X09).

    One of this name, or this person's, that was cancelled is used anew, without its roles. Raises StaffRefused.
    """
    key = user_name_key(email)
    former = Account.get_or_none(Account.user_name_key == key) or Account.get_or_none(Account.staff == person)
    if former is None or former.staff_id != person.id:
        _without_account(person)
    fresh: dict[str, Any] = {
        "staff": person, "user_name": email, "user_name_key": key, "email": email, "email_verified_at": now,
        "password_hash": hasher(settings).hash(secrets.token_hex(16)), "duties": ["authenticator"],
    }  # fmt: skip
    if former is None:
        return Account.create(**fresh, created_at=now)
    if former.staff_id is None or former.state != "cancelled":
        raise StaffRefused(f"{email} is the user name of another account, or {person.name} has one already")
    PasswordHistory.create(account=former, password_hash=former.password_hash, created_at=now)
    OfficeRole.delete().where(OfficeRole.account == former).execute()
    begun = {"state": "active", "failures": 0, "blocked_until": None, "last_sign_in_at": None, "mail_returned_at": None}
    Account.update({**fresh, **begun}).where(Account.id == former.id).execute()
    return Account.get_by_id(former.id)


def _mail_invitation(account: Account, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Mail a link with which the owner sets a password, in the caller's transaction, in the district's language.

    Raises TooManyMails, and BadAddress.
    """
    if not addresses.may_mail("invitation", account.email, settings=settings, now=now):
        raise TooManyMails
    token = links.make(account, "invitation", settings=settings, now=now)
    mail = compose("invitation", settings.default_language, token=token, user_name=account.user_name)
    outbox.enqueue(kind="invitation", recipient=account.email, subject=mail.subject, text=mail.text, account=account)
