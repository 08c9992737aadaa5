"""Meals and fees: the balance of the payments account, and what is to be paid (G06, DECISIONS 13)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from models import Charge, MealAccount
from services import formats
from services.prepared import Prepared

_BALANCES = Prepared(
    lambda students: MealAccount.select().where(MealAccount.student.in_(students)).order_by(MealAccount.id)
)
_CHARGES = Prepared(
    lambda student: (
        Charge.select().where(Charge.student == student).order_by(Charge.due_date.asc(nulls="last"), Charge.id)
    )
)


class Balance(NamedTuple):
    """What is on one payments account; `is_low` under the feed's threshold, or below zero where it names none."""

    student_id: int
    number: str
    amount: str
    as_of: str
    is_low: bool


class Fee(NamedTuple):
    """One charge; `left` is what is still to be paid, empty when nothing is."""

    description: str
    ledger: str
    amount: str
    paid: str
    left: str
    due: str
    is_overdue: bool
    is_voluntary: bool
    pay_url: str


class Fees(NamedTuple):
    """Charges still open, those settled, and the sum of what is open; voluntary ones are not in the sum."""

    open: list[Fee]
    settled: list[Fee]
    total: str


def balances(student_ids: list[int], locale: str, currency: str) -> list[Balance]:
    """The payments accounts of these students, in one query; accounts without a balance are left out."""
    return [
        Balance(
            row.student_id, row.number or "", formats.money(row.balance, currency, locale),
            formats.day(row.as_of, locale), _is_low(row),
        )
        for row in _BALANCES(student_ids)
        if row.balance is not None
    ]  # fmt: skip


def low_balances(student_ids: list[int]) -> dict[int, float]:
    """The balance of each of these students whose account is low, in one query."""
    return {row.student_id: row.balance for row in _BALANCES(student_ids) if row.balance is not None and _is_low(row)}


def fees(student_id: int, on: dt.date, locale: str, currency: str) -> Fees:
    """What the school asks this student's family to pay.

    `ext.balance` counts where it is given, else the amount without what has been paid.
    """
    unpaid: list[Fee] = []
    settled: list[Fee] = []
    total = 0.0
    for row in _CHARGES(student_id):
        left = row.balance if row.balance is not None else (row.amount or 0.0) - (row.paid or 0.0)
        left = round(left, 2)
        fee = Fee(
            row.description or row.form_number or "", row.ledger or "", formats.money(row.amount, currency, locale),
            formats.money(row.paid, currency, locale), formats.money(left, currency, locale) if left > 0 else "",
            formats.day(row.due_date, locale), left > 0 and row.due_date is not None and row.due_date < on,
            bool(row.voluntary), row.pay_url or "",
        )  # fmt: skip
        (unpaid if left > 0 else settled).append(fee)
        total += left if left > 0 and not row.voluntary else 0
    return Fees(unpaid, settled, formats.money(total, currency, locale))


def _is_low(account: MealAccount) -> bool:
    return bool(account.balance < (0 if account.low_balance is None else account.low_balance))
