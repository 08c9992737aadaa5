"""The office's own door: every view names the right it needs (`services.office.scope.RIGHTS`), or nobody opens it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, abort, current_app, g, request

from models import Guardian, Student
from services import clock
from services.office.scope import Office
from views import words
from views.access import owner, today

blueprint = Blueprint("office", __name__, url_prefix="/office")

View = TypeVar("View", bound=Callable[..., Any])


def needs(right: str) -> Callable[[View], View]:
    """Open a view to the roles that have this right."""

    def mark(view: View) -> View:
        view.right = right  # type: ignore[attr-defined]
        return view

    return mark


def office() -> Office:
    """The member of staff who is at work in this request."""
    if "office" not in g:
        g.office = Office(owner(), today())
    found: Office = g.office
    return found


def student_or_404(student_id: int, page: str) -> Student:
    """A student over whom this member of staff has the right of the view; the look at the page is noted (X09)."""
    student: Student = office().students(_right()).where(Student.id == student_id).first() or abort(404)
    office().note("student viewed", clock.now(), student=student, page=page)
    return student


def guardian_or_404(guardian_id: int) -> Guardian:
    """A guardian over whom this member of staff has the right of the view."""
    found: Guardian = office().guardians(_right()).where(Guardian.id == guardian_id).first() or abort(404)
    return found


def _right() -> str:
    """The right that the view of this request asks for; of one without, an empty text that nobody has."""
    return getattr(current_app.view_functions[request.endpoint or ""], "right", "")


@blueprint.before_request
def _check_right() -> None:
    if getattr(current_app.view_functions[request.endpoint or ""], "is_public", False):
        return
    if not office().may(_right()):
        abort(404)


@blueprint.context_processor
def _desks() -> dict[str, Any]:
    """The office's navigation: the desks that are open to this member of staff."""
    if not getattr(g, "office", None):
        return {"desks": []}
    return {
        "desks": [
            (label, endpoint)
            for endpoint, label in words.desks().items()
            if endpoint in current_app.view_functions
            and office().may(getattr(current_app.view_functions[endpoint], "right", ""))
        ]
    }
