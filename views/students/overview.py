"""The first tab: what needs attention across the whole record."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.record import assignments, grades
from services.record.classes import classes_of, current
from services.record.overview import glance
from views import news, of_age, words
from views.access import settings, student_or_404, today, withheld
from views.students.frame import blueprint, tab

#: The overview shows so many of a kind; the other tabs have them all.
SHOWN = 8


@blueprint.get("")
def overview(student_id: int) -> Response:
    """What needs attention, what is new, and every class with its grade, on one page (G02)."""
    student = student_or_404(student_id)
    locale, day = str(get_locale()), today()
    rest = glance(student, day, locale, settings().currency)
    # Where this is the first page, the question of the first sign-in stands here.
    above: dict[str, Any] = {
        "ask_news": news.question() if settings().home == "oldest" else {},
        "age_notes": of_age.notes([student]),
    }
    if "grades" in withheld(student):
        return tab("overview", student, _("Overview"), files=(), closed=True, rest=rest, **above)
    classes = current(classes_of([student.id]), day)
    work = assignments.to_do(classes, day, locale, days=7)
    return tab(
        "overview", student, _("Overview"), closed=False, rest=rest, **above,
        classes=classes,
        titles={c.section_id: c.title for c in classes},
        words=words.statuses(),
        missing=[a for a in work if a.status == "missing"][:SHOWN],
        missing_count=sum(a.status == "missing" for a in work),
        due=[a for a in work if a.status == "due"],
        scores=assignments.new_scores(classes, day, locale)[:SHOWN],
        posted=grades.latest(classes, day, locale),
    )  # fmt: skip
