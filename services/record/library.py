"""What a student has on loan from the school, with fines and refunds (G05)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from models import Loan
from services import formats
from services.prepared import Prepared

_LOANS = Prepared(
    lambda student: (
        Loan.select().where(Loan.student == student).order_by(Loan.return_by.asc(nulls="last"), Loan.title, Loan.id)
    )
)

_DUE = Prepared(
    lambda students, until: (
        Loan.select().where(Loan.student.in_(students), Loan.return_by <= until).order_by(Loan.return_by, Loan.id)
    )
)

#: How systems write that an item is back, and that nothing at all is left to do; else the student still has it.
_BACK = ("returned", "checkedin")
_SETTLED = ("closed", "complete", "completed", "paid", "refunded")


class Item(NamedTuple):
    """One thing on loan, or a fine or refund that is left of it; `kind` is library, textbook, device or empty."""

    title: str
    author: str
    kind: str
    number: str
    since: str
    due: str
    is_overdue: bool
    fine: str
    reason: str


class Library(NamedTuple):
    """Everything of one student: what is out, what is owed, what comes back, and both sums."""

    loans: list[Item]
    fines: list[Item]
    refunds: list[Item]
    owed: str
    refunded: str


def library(student_id: int, on: dt.date, locale: str, currency: str) -> Library:
    """The student's loans, those due first; fines and refunds stand apart, whether the item is back or not.

    A refund is a row whose `fineType` says so, or whose amount is negative.
    """
    loans, fines, refunds = [], [], []
    owed = refunded = 0.0
    for row in _LOANS(student_id):
        if _word(row.state) in _SETTLED:
            continue
        amount = row.fine_amount or 0.0
        item = _item(row, on, locale, currency)
        if _word(row.state) not in _BACK:
            loans.append(item)
        if "refund" in _word(row.fine_kind) or amount < 0:
            refunds.append(item)
            refunded += abs(amount)
        elif amount > 0:
            fines.append(item)
            owed += amount
    return Library(
        loans, fines, refunds, formats.money(owed, currency, locale), formats.money(refunded, currency, locale)
    )


def due(student_ids: list[int], until: dt.date) -> list[Loan]:
    """What these students have on loan and are to return by the day `until`, in one query."""
    return [row for row in _DUE(student_ids, until) if _word(row.state) not in (*_BACK, *_SETTLED)]


def _item(row: Loan, on: dt.date, locale: str, currency: str) -> Item:
    is_overdue = row.return_by is not None and row.return_by < on and _word(row.state) not in _BACK
    return Item(
        row.title or row.call_number or "", row.author or "", _word(row.item_class or row.kind), row.call_number or "",
        formats.day(row.checked_out_on, locale), formats.day(row.return_by, locale), is_overdue,
        formats.money(abs(row.fine_amount), currency, locale) if row.fine_amount else "",
        row.fine_description or row.fine_kind or "",
    )  # fmt: skip


def _word(value: str | None) -> str:
    """A code in small letters without spaces and dashes."""
    return "".join(char for char in (value or "").lower() if char.isalnum())
