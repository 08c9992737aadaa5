"""The first page after signing in: all children at a glance (X04), or the oldest, as the preset says (D12)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from models import AcademicSession
from services import formats, sessions
from services.record import overview
from views import fragments, news, of_age
from views.access import account, settings, today, visible_students

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def children() -> Response:
    """A card for each child with what needs attention; a student goes straight to the own record."""
    students = visible_students()
    opens_on_one = account().role == "student" or (settings().home == "oldest" and request.args.get("all") != "1")
    if students and opens_on_one:
        return redirect(url_for("students.overview", student_id=students[0].id), 303)
    since = _last_visit()
    locale = str(get_locale())
    return fragments.render(
        "home/_children.html",
        title=_("My children"),
        cards=overview.cards(students, today(), since, locale, settings().currency),
        since=formats.day(since, locale),
        age_notes=of_age.notes(students),
        ask_news=news.question() if students and current_user.viewing is None else {},
        year_is_missing=not students and AcademicSession.school_year_on(today()) is None,
    )


def _last_visit() -> dt.date:
    """The day of the visit before this one; at first, or long ago, or on the same day, a week back."""
    week = today() - dt.timedelta(days=7)
    before = sessions.last_visit(account(), current_user.login_session)
    if before is None:
        return week
    day = before.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(settings().time_zone)).date()
    return day if week < day < today() else week
