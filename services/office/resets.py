"""Resetting a student's account: a teacher asks, the office does it, the student claims the account again (S05)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from peewee import JOIN

from config import Settings
from models import Account, ResetRequest, Staff, Student, database
from services import accounts
from services.office import people
from services.office.scope import Office
from services.record.overview import schools_of
from services.throttle import Limit

#: A class is no larger than what one member of staff may ask for in a day.
PER_DAY = 40

#: What becomes of a request, besides being open.
OUTCOMES = ("done", "declined")

#: So many stand on a page.
SHOWN = 100


class NotNow(Exception):
    """There is no account to reset, a request is open already, or somebody else was faster."""


class TooMany(Exception):
    """This member of staff has asked for as many resets today as the portal takes."""


class Listed(NamedTuple):
    """A request with the student's schools and the name of whoever asked."""

    request: ResetRequest
    student: Student
    schools: str
    asked_by: str


def may_ask(student: Student, settings: Settings) -> bool:
    """Whether there is an account to reset: students have accounts here, and this one has one."""
    return settings.student_accounts != "off" and people.account_of(student) is not None


def of_student(student: Student) -> list[ResetRequest]:
    """The last requests about a student, the latest first."""
    return list(ResetRequest.select().where(ResetRequest.student == student).order_by(ResetRequest.id.desc()).limit(10))


def ask(student: Student, *, by: Office, settings: Settings, now: dt.datetime) -> ResetRequest:
    """Ask for a reset. Raises NotNow, and TooMany."""
    limit = Limit("reset request", tries=PER_DAY, minutes=24 * 60, secret=settings.secret_key)
    with database.atomic():
        # Counting first puts two requests of one account behind each other.
        if not limit.take(str(by.account.id), now):
            raise TooMany
        is_open = (ResetRequest.student == student) & (ResetRequest.state == "open")
        if not may_ask(student, settings) or ResetRequest.select().where(is_open).exists():
            raise NotNow
        request: ResetRequest = ResetRequest.create(student=student, asked_by=by.account, created_at=now)
        by.note("reset asked for", now, student=student, request=request.id)
    return request


def listed(by: Office, state: str, before: int | None = None) -> list[Listed]:
    """A page of requests in a state, and one more if there is another page: open ones oldest first, others newest
    first; `before` is the last id of the page before. Only of students whom this member of staff may see.
    """
    rows = (
        ResetRequest.select(ResetRequest, Student, Account, Staff)
        .join(Student)
        .switch(ResetRequest)
        .join(Account, JOIN.LEFT_OUTER, on=ResetRequest.asked_by)
        .join(Staff, JOIN.LEFT_OUTER)
        .where(ResetRequest.state == state, Student.id.in_(by.students("accounts").select(Student.id)))
    )
    if state == "open":
        rows = rows.order_by(ResetRequest.id)
        rows = rows.where(ResetRequest.id > before) if before else rows
    else:
        rows = rows.order_by(ResetRequest.id.desc())
        rows = rows.where(ResetRequest.id < before) if before else rows
    found = list(rows.limit(SHOWN + 1))
    schools = schools_of({one.student_id for one in found}, by.on) if found else {}
    return [Listed(one, one.student, ", ".join(schools.get(one.student_id, [])), _asked_by(one)) for one in found]


def find(by: Office, request_id: int) -> ResetRequest | None:
    """A request about a student whom this member of staff may see, or None."""
    mine = Student.id.in_(by.students("accounts").select(Student.id))
    found: ResetRequest | None = (
        ResetRequest.select(ResetRequest, Student).join(Student).where(mine, ResetRequest.id == request_id).first()
    )
    return found


def close(request: ResetRequest, outcome: str, *, by: Office, now: dt.datetime) -> None:
    """Reset the account, so that the student can claim it again, or decline. Raises NotNow."""
    if outcome not in OUTCOMES:
        raise NotNow
    is_open = (ResetRequest.id == request.id) & (ResetRequest.state == "open")
    with database.atomic():
        closed = {"state": outcome, "closed_at": now, "closed_by": by.account}
        if ResetRequest.update(closed).where(is_open).execute() != 1:
            raise NotNow
        account = people.account_of(request.student)
        if outcome == "done" and account is not None:
            accounts.cancel(account, now)
        by.note(f"reset {outcome}", now, student=request.student, request=request.id, account=account and account.id)


def _asked_by(request: ResetRequest) -> str:
    """The name of whoever asked; empty when that account is gone."""
    asker = request.asked_by
    return asker.staff.name if asker is not None and asker.staff is not None else ""
