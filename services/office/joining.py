"""A guardian entered at the counter whom the SIS brings later under an id of its own: two rows, one person.

The SIS's guardian stays. What the portal knows of the other moves there: account, keys, what the office has decided
about each child, and whatever else points to it. The row that was entered stays behind, inactive.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from peewee import Expression, ForeignKeyField, fn

from models import (
    ALL_TABLES,
    Account,
    ActivationKey,
    Guardian,
    Guardianship,
    JoinedGuardian,
    Student,
    Table,
    database,
)
from services import keys
from services.office import rights
from services.office.scope import Office

#: Tables whose rows do not simply follow the guardian.
_APART = (Account, Guardianship, JoinedGuardian)


class NotTheSame(Exception):
    """The two are no likely match, or no longer: somebody else was faster."""


class TwoAccounts(Exception):
    """Both have an account that is in use; the office has to cancel one of them first."""


class Match(NamedTuple):
    """Somebody who probably is the same person; `why` is `email` or `name`."""

    guardian: Guardian
    why: str


def matches(guardian: Guardian, by: Office) -> list[Match]:
    """Guardians of the other kind: same proved e-mail address, and same name or a child; or same name and a child.

    Who joins two decides for every child of either, so those with a child over whom this member of staff has no right
    are left to somebody who has.
    """
    if not guardian.active:
        return []
    other_kind = Guardian.sourced_id.is_null(guardian.sourced_id is not None)
    found = by.guardians("rights").where(other_kind, Guardian.active, Guardian.id != guardian.id)
    named, related = _has_name_of(guardian), _has_child_of(guardian)
    by_email = list(found.where(_same_address(guardian), named | related).order_by(Guardian.id).limit(5))
    by_name = list(found.where(named, related).order_by(Guardian.id).limit(5))
    known = {one.id for one in by_email}
    likely = [Match(one, "email") for one in by_email] + [Match(one, "name") for one in by_name if one.id not in known]
    beyond = _with_children_beyond(by, [guardian, *(match.guardian for match in likely)]) if likely else set()
    return [match for match in likely if not beyond & {guardian.id, match.guardian.id}]


def join(one: Guardian, other: Guardian, *, by: Office, now: dt.datetime) -> Guardian:
    """Make the two one; the SIS's guardian, who stays. Raises NotTheSame and TwoAccounts."""
    with database.atomic():
        if other.id not in {match.guardian.id for match in matches(one, by)}:
            raise NotTheSame
        entered, kept = (one, other) if one.sourced_id is None else (other, one)
        _move_account(entered, kept)
        children = _move_pairs(entered, kept)
        for table, field in _pointing():
            table.update({field: kept.id}).where(field == entered.id).execute()
        _end_surplus_keys(kept, now)
        Guardian.update(active=False).where(Guardian.id == entered.id).execute()
        JoinedGuardian.create(guardian=entered, into=kept, at=now)
        for pair in Guardianship.select().where(Guardianship.guardian == kept, Guardianship.student.in_(children)):
            rights.end_what_is_open(pair, by.on, now)
            by.note("guardians joined", now, student=pair.student, guardian=kept.id, joined=entered.id)
    return kept


def _same_address(guardian: Guardian) -> Expression:
    """The condition that they have one of this guardian's addresses, however either is spelled.

    The SIS's addresses count, and those that somebody has proved in an account: never one that was just typed in.
    """
    account = Account.get_or_none(Account.guardian == guardian, Account.state != "cancelled")
    in_sis = guardian.sourced_id is not None
    known = [account and account.reply_address, *((guardian.email, guardian.other_email) if in_sis else ())]
    addresses = sorted({one.lower() for one in known if one})
    proved = Account.select(Account.guardian).where(
        fn.LOWER(Account.email).in_(addresses), Account.email_verified_at.is_null(False),
        Account.guardian.is_null(False), Account.state != "cancelled",
    )  # fmt: skip
    if in_sis:
        return Guardian.id.in_(proved)
    on_file = fn.LOWER(Guardian.email).in_(addresses) | fn.LOWER(Guardian.other_email).in_(addresses)
    return on_file | Guardian.id.in_(proved)


def _has_name_of(guardian: Guardian) -> Expression:
    return (
        (Guardian.family_key == guardian.family_key)
        & (Guardian.given_key == guardian.given_key)
        & (Guardian.family_key != "")
    )


def _has_child_of(guardian: Guardian) -> Expression:
    children = Guardianship.select(Guardianship.student).where(Guardianship.guardian == guardian)
    return Guardian.id.in_(Guardianship.select(Guardianship.guardian).where(Guardianship.student.in_(children)))


def _with_children_beyond(by: Office, guardians: Iterable[Guardian]) -> set[int]:
    """The ids of those of the guardians who have a child over whom this member of staff has no right."""
    mine = Guardianship.guardian.in_([one.id for one in guardians])
    pairs = list(Guardianship.select(Guardianship, Student).join(Student).where(mine))
    may = by.may_over(pair.student for pair in pairs)
    return {pair.guardian_id for pair in pairs if not may("rights", pair.student)}


def _pointing() -> list[tuple[type[Table], ForeignKeyField]]:
    """Every column that names a guardian, but for the tables that are looked at one by one."""
    return [
        (table, field)
        for table in ALL_TABLES
        if table not in _APART
        for field in table._meta.sorted_fields
        if isinstance(field, ForeignKeyField) and field.rel_model is Guardian
    ]


def _move_account(entered: Guardian, kept: Guardian) -> None:
    """The account goes along; a cancelled one of the SIS's guardian changes places with it."""
    mine, theirs = (Account.get_or_none(Account.guardian == one) for one in (entered, kept))
    if mine is None or mine.state == "cancelled":
        return
    if theirs is not None and theirs.state != "cancelled":
        raise TwoAccounts
    Account.update(guardian=None).where(Account.id == mine.id).execute()
    if theirs is not None:
        Account.update(guardian=entered).where(Account.id == theirs.id).execute()
    Account.update(guardian=kept).where(Account.id == mine.id).execute()


def _move_pairs(entered: Guardian, kept: Guardian) -> list[int]:
    """What the office decided about each child counts for the one who stays; the children's ids."""
    children = []
    both = Guardianship.select().where(Guardianship.guardian.in_([entered, kept])).order_by(Guardianship.id)
    # What somebody decides meanwhile about a pair of either comes before this or after it, and is never written over.
    for pair in [one for one in rights.locked(both) if one.guardian_id == entered.id]:
        same, _ = Guardianship.get_or_create(
            guardian=kept,
            student=pair.student_id,
            defaults={"relation": pair.relation, "legal_guardian": pair.legal_guardian, "lives_with": pair.lives_with},
        )
        Guardianship.update(_together(same, pair)).where(Guardianship.id == same.id).execute()
        # The row stays for a feed that is undone, and nobody vouches for it.
        Guardianship.update(_NOTHING).where(Guardianship.id == pair.id).execute()
        children.append(pair.student_id)
    return children


def _together(kept: Guardianship, moved: Guardianship) -> dict[str, Any]:
    """What both rows say together: a "no" wins over a "yes", and closed sections are closed; see DECISIONS 5."""
    both = (kept, moved)
    noes = [one for one in both if one.office_access is not None and not one.office_access]
    yeses = [one for one in both if one.office_access]
    opened = [one.activated_at for one in both if one.activated_at is not None]
    return {
        "from_office": kept.from_office or moved.from_office,
        "withheld": sorted({*kept.withheld, *moved.withheld}),
        "activated_at": min(opened, default=None),
        **_decision(noes or yeses),
    }


def _decision(said: list[Guardianship]) -> dict[str, Any]:
    """One decision out of those that say the same: it begins with the first and ends with the last."""
    begins, ends = [one.office_from for one in said], [one.office_until for one in said]
    return {
        "office_access": bool(said[0].office_access) if said else None,
        "office_from": None if None in begins else min(begins, default=None),
        "office_until": None if None in ends else max(ends, default=None),
        "office_document": _both(one.office_document for one in said),
        "office_reason": _both(one.office_reason for one in said),
    }


def _both(texts: Any) -> str | None:
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None


_NOTHING: dict[str, Any] = {
    "from_office": False, "withheld": [], "activated_at": None, "office_access": None, "office_from": None,
    "office_until": None, "office_document": None, "office_reason": None,
}  # fmt: skip


def _end_surplus_keys(kept: Guardian, now: dt.datetime) -> None:
    """With an account, no key is left that would open another."""
    if Account.select().where(Account.guardian == kept, Account.state != "cancelled").exists():
        ActivationKey.update(revoked_at=now).where(
            ActivationKey.guardian == kept, ActivationKey.student.is_null(), keys.is_live(now)
        ).execute()
