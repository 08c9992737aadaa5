"""What a member of staff who views the portal as a guardian may open: pages of the record, to read, and no other."""

from __future__ import annotations

from flask import Flask, Response, current_app, flash, g, request
from flask_babel import gettext as _
from flask_login import current_user

from services import clock
from services.office import view_as
from views import fragments, words
from views.access import today, visible_students

#: Pages that are drawn as the guardian sees them. What is not here stays closed: one's own letters, preferences,
#: password, sessions and copies are the guardian's alone, a household lists children of schools elsewhere, and a file
#: cannot carry the banner.
SHOWN = frozenset({
    "home.children", "calendar.family", "notices.page", "help.page", "help.tour",
    "students.overview", "students.all_grades", "students.section", "students.to_do", "students.attendance",
    "students.attendance_day", "students.behavior", "students.schedule", "students.calendar", "students.tests",
    "students.test", "students.history", "students.library", "students.fees_and_meals", "students.transportation",
    "students.programs", "students.reports", "students.report",
})  # fmt: skip

#: What may be sent meanwhile; it changes nothing of the guardian's.
MAY_BE_SENT = frozenset({"office.end_view_as", "sign_in.sign_out", "languages.switch"})

#: Pages ask this one for themselves, and it shows nothing: the session that goes on is the member of staff's own.
_OF_STAFF = frozenset({"security.stay"})

#: Files and answers for machines that belong to nobody.
_OF_NOBODY = frozenset({"assets", "health"})


def init_app(app: Flask) -> None:
    """Look at every request before the door does, and write down what was shown."""
    app.before_request(_look_through)
    app.after_request(_write_down)


def _look_through() -> Response | None:
    """Put the guardian's eyes on a page that may be seen with them; refuse the others."""
    endpoint = request.endpoint
    if endpoint is None or request.blueprint in _OF_NOBODY or not current_user.is_authenticated:
        return None
    if current_user.owner.role != "staff":
        return None
    viewing = view_as.find(current_user.login_session, on=today())
    if viewing is None:
        return None
    name = words.isolated(viewing.name)
    if view_as.is_over(viewing, clock.now()):
        view_as.end(viewing, by="portal", now=clock.now())
        flash(_("You no longer view the portal as %(name)s.", name=name))
        return None
    current_user.viewing = viewing
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        if endpoint in MAY_BE_SENT:
            return None
        return _refuse(_("You view the portal as %(name)s: you can read and change nothing.", name=name))
    if endpoint in SHOWN:
        # What the guardian has to do after signing in is nothing that a member of staff can do.
        viewing.account.duties = []
        current_user.account = viewing.account
        g.shown_as = viewing
        return None
    is_public = getattr(current_app.view_functions[endpoint], "is_public", False)
    if is_public or endpoint in _OF_STAFF or endpoint.startswith("office."):
        return None
    return _refuse(_("This page is for %(name)s alone: it is not shown to members of staff.", name=name))


def _write_down(response: Response) -> Response:
    viewing: view_as.Viewing | None = g.get("shown_as")
    if viewing is not None and response.status_code == 200:
        one = (request.view_args or {}).get("student_id")
        viewing.note(request.endpoint or "", visible_students() if one is None else [one], clock.now())
    return response


def _refuse(text: str) -> Response:
    response = fragments.render("_error.html", status=403, title=_("Not while you view as somebody else"), text=text)
    response.headers["HX-Push-Url"] = "false"
    return response
