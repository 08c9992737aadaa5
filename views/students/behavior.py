"""Behavior: incidents, and what the school did (D15)."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.record.behavior import behavior as behavior_of
from views import words
from views.access import student_or_404, today
from views.students.frame import blueprint, tab


@blueprint.get("/behavior")
def behavior(student_id: int) -> Response:
    """This year's incidents and actions; earlier years below."""
    student = student_or_404(student_id, "behavior")
    found = behavior_of(student.id, today(), str(get_locale()))
    return tab("behavior", student, _("Behavior"), found=found, roles=words.incident_roles())
