"""Course history, and how far a student is on the way to graduation (G03, D15)."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.record.graduation import on_track
from services.record.history import history as history_of
from services.record.transcript import transcript
from views import words
from views.access import settings, student_or_404, today, withheld
from views.students.frame import blueprint, tab


@blueprint.get("/history")
def history(student_id: int) -> Response:
    """Courses by year with averages and honors as the school has them, and credits against the plan."""
    student = student_or_404(student_id, "history")
    locale, day = str(get_locale()), today()
    found = transcript(student.id, day)
    # The plan may ask for tests, whose results are a section of their own.
    with_tests = "tests" not in withheld(student)
    return tab(
        "history", student, _("Course history"),
        found=history_of(student, found, locale, settings()),
        plan=on_track(student.id, found.courses, day, locale, with_tests=with_tests),
        with_tests=with_tests,
        says=words.history_words(),
        states=words.course_states(),
    )  # fmt: skip
