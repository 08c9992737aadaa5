"""Who did or looked at what: the audit log, searched page by page and never changed (X07, X09, CHECKS 33)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from peewee import JOIN, Expression, ModelSelect

from models import Account, AuditEvent, Guardian, Staff, Student
from services.names import folded, user_name_key

#: So many stand on a page, and in a file.
SHOWN, IN_A_FILE = 100, 50_000


class Wanted(NamedTuple):
    """What is looked for; empty parts say nothing. Days are the district's own."""

    person: str = ""
    student: str = ""
    action: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None


class Entry(NamedTuple):
    """One event: who (`role` is the account's), about whom, what, and ids and choices as text."""

    id: int
    at: dt.datetime
    who: str
    role: str
    user_name: str
    student: Student | None
    action: str
    details: str


def search(wanted: Wanted, time_zone: str, *, before: int | None = None, limit: int = SHOWN) -> list[Entry]:
    """The events, the latest first; `before` is the id of the last one on the page before.

    `person` are words of the name of somebody at work, or a whole user name of anybody; `student` words of the name, or
    a whole number; `action` is a part of the event's own name.
    """
    rows = _whole().where(*_conditions(wanted, time_zone))
    if before is not None:
        rows = rows.where(AuditEvent.id < before)
    return [_entry(row) for row in rows.order_by(AuditEvent.id.desc()).limit(limit)]


def _whole() -> ModelSelect:
    owner, child = Student.alias(), Student.alias()
    return (
        AuditEvent.select(AuditEvent, Account, Staff, Guardian, owner, child)
        .join(Account, JOIN.LEFT_OUTER)
        .join(Staff, JOIN.LEFT_OUTER)
        .switch(Account)
        .join(Guardian, JOIN.LEFT_OUTER)
        .switch(Account)
        .join(owner, JOIN.LEFT_OUTER, on=(Account.student == owner.id), attr="student")
        .switch(AuditEvent)
        .join(child, JOIN.LEFT_OUTER, on=(AuditEvent.student == child.id), attr="student")
    )


def _conditions(wanted: Wanted, time_zone: str) -> Iterator[Expression]:
    yield AuditEvent.id.is_null(False)
    if wanted.person.strip():
        named = Staff.select(Staff.id).where(*_named(Staff, wanted.person))
        theirs = Account.staff.in_(named) | (Account.user_name_key == user_name_key(wanted.person))
        yield AuditEvent.account.in_(Account.select(Account.id).where(theirs))
    if wanted.student.strip():
        by_name = Student.select(Student.id).where(*_named(Student, wanted.student))
        by_number = Student.select(Student.id).where(Student.number == wanted.student.strip())
        yield AuditEvent.student.in_(by_name) | AuditEvent.student.in_(by_number)
    if wanted.action:
        yield AuditEvent.action.contains(wanted.action)
    if wanted.first_day is not None:
        yield AuditEvent.at >= _begins(wanted.first_day, time_zone)
    if wanted.last_day is not None:
        yield AuditEvent.at < _begins(wanted.last_day + dt.timedelta(days=1), time_zone)


def _named(table: type[Staff | Student], typed: str) -> Iterator[Expression]:
    """That each word is in the given or the family name."""
    for word in folded(typed).split()[:5]:
        yield table.given_key.contains(word) | table.family_key.contains(word)


def _begins(day: dt.date, time_zone: str) -> dt.datetime:
    """The UTC moment at which the day begins in the district."""
    local = dt.datetime.combine(day, dt.time(), ZoneInfo(time_zone))
    return local.astimezone(dt.UTC).replace(tzinfo=None)


def _entry(row: AuditEvent) -> Entry:
    account = row.account
    person = account.person if account is not None else None
    return Entry(
        row.id, row.at, person.name if person is not None else "", account.role if account is not None else "",
        account.user_name if account is not None else "", row.student, row.action, _details(row.details),
    )  # fmt: skip


def _details(details: object) -> str:
    """Ids and choices on one line: `page: grades, request: 7`."""
    if not isinstance(details, dict):
        return ""
    return ", ".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in details.items()
        if value is not None
    )
