"""Work orders: what the office cannot mend itself goes to the district's technical support (H07)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from peewee import JOIN, ModelSelect

from config import Settings
from models import Account, Guardian, Staff, Student, WorkOrder, database
from services import messages, outbox
from services.office import why
from services.office.scope import Office
from services.office.why import Check
from services.outbox import Mail

#: What becomes of an order, besides being open.
OUTCOMES = ("done", "declined")

#: So many orders stand on a page.
SHOWN = 50


class NotOpen(Exception):
    """Somebody has answered the order already, or the outcome is none."""


def send(
    guardian: Guardian, student: Student, typed: str, found: list[Check], *, write: Callable[[WorkOrder], Mail],
    by: Office, settings: Settings, now: dt.datetime,
) -> WorkOrder:  # fmt: skip
    """Hand a problem of these two to technical support, with the results of the checks.

    With the setting `support_email` the mail that `write` makes of the order goes there too. Raises MessageRefused
    (blank, long, control); nothing is stored then.
    """
    problem = messages.check(typed)
    with database.atomic():
        order: WorkOrder = WorkOrder.create(
            guardian=guardian, student=student, problem=problem, checks=why.as_json(found), created_at=now,
            created_by=by.account,
        )  # fmt: skip
        if settings.support_email:
            mail = write(order)
            outbox.enqueue(
                kind="work_order", recipient=settings.support_email, reply_to=by.account.reply_address,
                subject=mail.subject, text=mail.text,
            )  # fmt: skip
        by.note("work order sent", now, student=student, guardian=guardian.id, order=order.id)
    return order


def of_pair(guardian: Guardian, student: Student, by: Office) -> list[WorkOrder]:
    """What this member of staff has sent about these two, the latest first."""
    mine = (WorkOrder.guardian == guardian) & (WorkOrder.student == student) & (WorkOrder.created_by == by.account)
    return list(WorkOrder.select().where(mine).order_by(WorkOrder.id.desc()).limit(SHOWN))


def listed(state: str, before: int | None = None) -> list[WorkOrder]:
    """A page of orders in a state: open ones oldest first, others newest first; `before` is the last id of a page."""
    orders = _whole().where(WorkOrder.state == state)
    if state == "open":
        orders = orders.order_by(WorkOrder.id)
        return list((orders.where(WorkOrder.id > before) if before else orders).limit(SHOWN + 1))
    orders = orders.order_by(WorkOrder.id.desc())
    return list((orders.where(WorkOrder.id < before) if before else orders).limit(SHOWN + 1))


def find(order_id: int) -> WorkOrder | None:
    """An order with the people it is about, or None."""
    found: WorkOrder | None = _whole().where(WorkOrder.id == order_id).first()
    return found


def answer(order: WorkOrder, outcome: str, typed: str, *, by: Office, now: dt.datetime) -> None:
    """Close an order with an answer to whoever sent it.

    Raises MessageRefused, and NotOpen when somebody else was faster or the outcome is not one of OUTCOMES.
    """
    text = messages.check(typed)
    if outcome not in OUTCOMES:
        raise NotOpen
    is_open = (WorkOrder.id == order.id) & (WorkOrder.state == "open")
    with database.atomic():
        closed = {"state": outcome, "answer": text, "closed_at": now, "closed_by": by.account}
        if WorkOrder.update(closed).where(is_open).execute() != 1:
            raise NotOpen
        by.note("work order answered", now, student=order.student, order=order.id, outcome=outcome)


def _whole() -> ModelSelect:
    return (
        WorkOrder.select(WorkOrder, Guardian, Student, Account, Staff)
        .join(Guardian, JOIN.LEFT_OUTER)
        .switch(WorkOrder)
        .join(Student, JOIN.LEFT_OUTER)
        .switch(WorkOrder)
        .join(Account, JOIN.LEFT_OUTER, on=WorkOrder.created_by)
        .join(Staff, JOIN.LEFT_OUTER)
    )
