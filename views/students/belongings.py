"""What a student has and owes, and how it comes to school: library, fees and meals, bus (G05, G06)."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.record.fees import balances, fees
from services.record.library import library as library_of
from services.record.transportation import rides
from views import words
from views.access import settings, student_or_404, today
from views.students.frame import blueprint, tab


@blueprint.get("/library")
def library(student_id: int) -> Response:
    """Library books, textbooks and devices on loan, with fines and refunds (G05)."""
    student = student_or_404(student_id, "library")
    found = library_of(student.id, today(), str(get_locale()), settings().currency)
    return tab("library", student, _("Library and textbooks"), found=found, kinds=words.loan_kinds())


@blueprint.get("/fees")
def fees_and_meals(student_id: int) -> Response:
    """The balance of the payments account and open charges, with a link to the payment service (G06)."""
    student = student_or_404(student_id, "fees")
    locale, currency = str(get_locale()), settings().currency
    return tab(
        "fees", student, _("Fees and meals"),
        balances=balances([student.id], locale, currency),
        fees=fees(student.id, today(), locale, currency),
        payment_url=settings().payment_url,
    )  # fmt: skip


@blueprint.get("/transportation")
def transportation(student_id: int) -> Response:
    """Buses, stops and times."""
    student = student_or_404(student_id, "transportation")
    return tab(
        "transportation", student, _("Bus"),
        rides=rides(student.id, str(get_locale())),
        directions={"to": _("To school"), "from": _("Home from school"), "both": _("To school and home")},
    )  # fmt: skip
