"""Programs that a student takes part in (G02)."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.record.programs import programs as programs_of
from views.access import student_or_404, today
from views.students.frame import blueprint, tab


@blueprint.get("/programs")
def programs(student_id: int) -> Response:
    """Current programs, and those that have ended."""
    student = student_or_404(student_id, "programs")
    return tab("programs", student, _("Programs"), found=programs_of(student.id, today(), str(get_locale())))
