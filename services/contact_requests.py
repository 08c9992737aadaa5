"""A guardian asks the school to change an address, a phone, a name; the office answers (C05, D09)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from peewee import ModelSelect

from config import Settings
from models import Account, AuditEvent, ContactRequest, Guardian, Guardianship, Student, database
from services import messages, recovery
from services.messages import MessageRefused
from services.office.scope import Office
from services.outbox import Compose
from services.throttle import Limit

#: A family does not move more often than that in a day.
PER_DAY = 5

#: What becomes of a request, besides being open.
OUTCOMES = ("done", "declined")

#: So many requests stand on a page of the office.
SHOWN = 50


class NotOpen(Exception):
    """Somebody has answered the request already, or the outcome is none."""


class Listed(NamedTuple):
    """A request, who asks, and which of that guardian's children the member of staff may see."""

    request: ContactRequest
    guardian: Guardian
    children: list[Student]


def send(account: Account, typed: str, *, settings: Settings, now: dt.datetime) -> ContactRequest:
    """Store what was typed as an open request of the account's owner.

    Raises MessageRefused (blank, long, control, often), under the same rules as messages; nothing is stored then.
    """
    body = messages.check(typed)
    limit = Limit("contact request", tries=PER_DAY, minutes=24 * 60, secret=settings.secret_key)
    with database.atomic():
        if not limit.take(str(account.id), now):
            raise MessageRefused("often")
        request = ContactRequest.create(account=account, body=body, created_at=now)
        AuditEvent.create(at=now, account=account, action="contact request sent", details={"request": request.id})
    return request


def listed(by: Office, state: str, before: int | None = None) -> list[Listed]:
    """A page of requests in a state, and one more if there is another page: open ones oldest first, others newest
    first; `before` is the last id of the page before. Only of guardians whom this member of staff may see.
    """
    requests = _whole(by).where(ContactRequest.state == state)
    if state == "open":
        requests = requests.order_by(ContactRequest.id)
        requests = requests.where(ContactRequest.id > before) if before else requests
    else:
        requests = requests.order_by(ContactRequest.id.desc())
        requests = requests.where(ContactRequest.id < before) if before else requests
    return _with_children(by, list(requests.limit(SHOWN + 1)))


def find(by: Office, request_id: int) -> Listed | None:
    """A request of a guardian whom this member of staff may see, or None."""
    found = _with_children(by, list(_whole(by).where(ContactRequest.id == request_id)))
    return found[0] if found else None


def answer(
    request: ContactRequest, outcome: str, typed: str, *, by: Office, compose: Compose, settings: Settings,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Close a request with an answer, and tell the guardian that there is one: what it says stays in the portal.

    Raises MessageRefused (blank, long, control), and NotOpen when somebody else was faster.
    """
    text = messages.check(typed)
    if outcome not in OUTCOMES:
        raise NotOpen
    is_open = (ContactRequest.id == request.id) & (ContactRequest.state == "open")
    with database.atomic():
        closed = {"state": outcome, "answer": text, "closed_at": now, "closed_by": by.account}
        if ContactRequest.update(closed).where(is_open).execute() != 1:
            raise NotOpen
        recovery.tell(request.account, "answered", compose=compose, settings=settings, page="family.page")
        by.note(
            "contact request answered", now, request=request.id, guardian=request.account.guardian_id, outcome=outcome
        )


def _whole(by: Office) -> ModelSelect:
    return (
        ContactRequest.select(ContactRequest, Account, Guardian)
        .join(Account, on=ContactRequest.account)
        .join(Guardian)
        .where(Guardian.id.in_(by.guardians("requests").select(Guardian.id)))
    )


def _with_children(by: Office, requests: list[ContactRequest]) -> list[Listed]:
    guardians = {one.account.guardian_id for one in requests}
    pairs = (
        Guardianship.select(Guardianship.guardian, Student)
        .join(Student)
        .where(
            Guardianship.guardian.in_(guardians),
            Guardianship.is_active(),
            Student.id.in_(by.students("requests").select(Student.id)),
        )
        .order_by(Student.birth_date, Student.id)
    )
    children: dict[int, list[Student]] = {}
    for pair in pairs if guardians else ():
        children.setdefault(pair.guardian_id, []).append(pair.student)
    return [Listed(one, one.account.guardian, children.get(one.account.guardian_id, [])) for one in requests]
