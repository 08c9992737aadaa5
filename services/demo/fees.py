"""What families are asked to pay, and the meal account: studentCharges.csv and mealAccounts.csv."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from services.demo.people import Student
from services.demo.schools import STAFF_HOST
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

LOW_BALANCE = 10.0
_PAY = f"https://pay.{STAFF_HOST}"
_DUE = timedelta(days=30)


class _Fee(NamedTuple):
    """A charge: grades that get it, the share of students, the school day it is billed on (0 to 1 of the year)."""

    title: str
    amount: float
    ledger: str
    grades: range
    share: float
    at: float
    voluntary: bool = False


_FEES = (
    _Fee("Device care plan", 25.0, "Technology", range(4, 13), 0.6, 0.03, True),
    _Fee("Science lab fee", 15.0, "Course fees", range(9, 13), 1.0, 0.05),
    _Fee("Field trip: Hatfield Marsh", 12.5, "Field trips", range(3, 6), 1.0, 0.2),
    _Fee("Band instrument rental", 60.0, "Music", range(6, 9), 0.15, 0.06),
    _Fee("Athletics: fall season", 95.0, "Athletics", range(9, 13), 0.2, 0.02),
    _Fee("Yearbook", 38.0, "Student body", range(6, 13), 0.3, 0.25, True),
    _Fee("Parking permit", 45.0, "Student body", range(11, 13), 0.25, 0.04),
    _Fee("PTA book fund", 10.0, "Donations", range(0, 6), 0.3, 0.1, True),
)
_UNPAID = _Fee("Art supplies", 18.75, "Course fees", range(0, 13), 0.0, 0.24)


def write_fees(writer: FeedWriter, year: SchoolYear, student: Student, rng: Random) -> None:
    """Charges billed so far, most of them paid, and what is left for meals."""
    if "empty" in student.scenes:
        return
    number = 0
    for fee in _FEES:
        if student.grade in fee.grades and rng.random() < fee.share:
            draw = rng.random()
            paid = fee.amount if draw < 0.72 else fee.amount / 2 if draw < 0.78 else 0.0
            number += _charge(writer, year, student, fee, number, paid)
    if "unpaid" in student.scenes:
        _charge(writer, year, student, _UNPAID, number, 0.0)
    _meals(writer, year, student, rng.random(), rng.uniform(LOW_BALANCE + 0.5, 80))


def _charge(writer: FeedWriter, year: SchoolYear, student: Student, fee: _Fee, number: int, paid: float) -> int:
    """One charge, unless its day is still to come; returns how many were written."""
    billed = max(year.days[round(fee.at * (len(year.days) - 1))], student.entry or date.min)
    if billed > year.today:
        return 0
    form = f"{year.school_year}-{student.number}-{number + 1}"
    writer.add(
        "studentCharges",
        f"{student.sid}.f{number}",
        student.sid,
        form,
        billed.isoformat(),
        fee.title,
        f"{fee.amount:.2f}",
        (billed + _DUE).isoformat(),
        fee.ledger,
        "true" if fee.voluntary else "false",
        f"{paid:.2f}",
        f"{fee.amount - paid:.2f}",
        f"{_PAY}/invoices/{form}",
    )
    return 1


def _meals(writer: FeedWriter, year: SchoolYear, student: Student, draw: float, usual: float) -> None:
    """One account in eight is low, and one in forty is below zero."""
    balance = usual
    if draw < 0.025:
        balance = -2 - draw * 400
    elif draw < 0.125:
        balance = draw * 70
    if "low balance" in student.scenes:
        balance = 3.35
    cells = f"M{student.number}", f"{balance:.2f}", f"{year.today.isoformat()}T05:30:00.000Z", f"{LOW_BALANCE:.2f}"
    writer.add("mealAccounts", f"{student.sid}.m", student.sid, *cells)
