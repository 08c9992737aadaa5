"""Who at the school looked at a student's record, for the family (X07; FERPA, 34 CFR 99.32 keeps such a record)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from peewee import JOIN, fn

from models import Account, AuditEvent, OfficeRole, Staff
from services.office.looks import LISTED
from services.office.staff import ROLES

#: So many looks at each student are shown, the latest.
SHOWN = 100

#: What is written down when a member of staff opens a page about a student, or a list with the student on it.
VIEWS = ("student viewed", LISTED)


class Look(NamedTuple):
    """A look: when (UTC), whose (empty when that account is gone), in which role, and at which kind of page."""

    at: dt.datetime
    name: str
    role: str
    page: str


def looks(student_ids: Iterable[int]) -> dict[int, list[Look]]:
    """The latest looks of staff at each of these students, the latest first; two queries whatever their number."""
    ids = list(student_ids)
    if not ids:
        return {}
    place = fn.ROW_NUMBER().over(partition_by=[AuditEvent.student], order_by=[AuditEvent.id.desc()])
    ranked = (
        AuditEvent.select(AuditEvent.id, place.alias("place"))
        .where(AuditEvent.student.in_(ids), AuditEvent.action.in_(VIEWS))
        .alias("ranked")
    )
    latest = AuditEvent.select(ranked.c.id).from_(ranked).where(ranked.c.place <= SHOWN)
    rows = list(
        AuditEvent.select(AuditEvent, Account, Staff)
        .join(Account, JOIN.LEFT_OUTER)
        .join(Staff, JOIN.LEFT_OUTER)
        .where(AuditEvent.id.in_(latest), Account.id.is_null() | Account.staff.is_null(False))
        .order_by(AuditEvent.id.desc())
    )
    roles = _roles({row.account_id for row in rows if row.account_id is not None})
    found: dict[int, list[Look]] = {}
    for row in rows:
        name = row.account.staff.name if row.account is not None else ""
        details = row.details if isinstance(row.details, dict) else {}
        look = Look(row.at, name, roles.get(row.account_id, ""), str(details.get("page", "")))
        found.setdefault(row.student_id, []).append(look)
    return found


def _roles(accounts: set[int]) -> dict[int, str]:
    """The role of each account that reaches most."""
    found: dict[int, str] = {}
    rows = OfficeRole.select(OfficeRole.account, OfficeRole.role).where(OfficeRole.account.in_(accounts))
    for account, role in sorted(rows.tuples(), key=lambda row: ROLES.index(row[1])) if accounts else ():
        found[account] = role
    return found
