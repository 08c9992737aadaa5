"""The first tab: what needs attention across the whole record."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.record import assignments, grades
from services.record.classes import classes_of, current
from services.record.overview import glance
from views import news, words
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
    ask_news = news.question() if settings().home == "oldest" else {}
    if "grades" in withheld(student):
        return tab("overview", student, _("Overview"), files=(), closed=True, rest=rest, ask_news=ask_news)
    classes = current(classes_of([student.id]), day)
    work = assignments.to_do(classes, day, locale, days=7)
    return tab(
        "overview", student, _("Overview"), closed=False, rest=rest, ask_news=ask_news,
        classes=classes,
        titles={c.section_id: c.title for c in classes},
        words=words.statuses(),
        missing=[a for a in work if a.status == "missing"][:SHOWN],
        missing_count=sum(a.status == "missing" for a in work),
        due=[a for a in work if a.status == "due"],
        scores=assignments.new_scores(classes, day, locale)[:SHOWN],
        posted=grades.latest(classes, day, locale),
    )  # fmt: skip
