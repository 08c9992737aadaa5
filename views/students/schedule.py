"""When and where a student's classes meet."""

from __future__ import annotations

from flask import request
from flask_babel import get_locale, pgettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import formats
from services.record import schedule as schedules
from views import words
from views.access import settings, student_or_404, today, withheld
from views.students.frame import blueprint, tab


@blueprint.get("/schedule")
def schedule(student_id: int) -> Response:
    """Today in order of time, and a term by periods; another with `?term=`, the whole year with `?all=1` (C08)."""
    student = student_or_404(student_id, "schedule")
    locale = str(get_locale())
    found = schedules.of(
        student.id, today(), locale,
        term_id=request.args.get("term", type=int), whole_year=request.args.get("all") == "1",
    )  # fmt: skip
    return tab(
        "schedule", student, pgettext("of classes", "Schedule"),
        found=found,
        table=found.table,
        whole_year=bool(found.terms) and found.chosen is None,
        dates={term.id: (formats.day(term.begins, locale), formats.day(term.ends, locale)) for term in found.terms},
        day=formats.day(today(), locale, "full"),
        day_kinds=[kind.label or words.day_kinds()[kind.code] for kind in found.today.closed or ()],
        shows_grades="grades" not in withheld(student),
        email_links=settings().teacher_email_links,
        # Translators: in a cell of the schedule: a free period
        nobody=_("No class"),
    )  # fmt: skip
