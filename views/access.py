"""Who may come in: nobody to anything, unless a view is marked `@public` or the session is somebody's.

A reviewer should be able to read this file whole. Which students an account reaches is decided by
`Student.visible_to`, which `student_or_404` asks on every request (G11).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response as BaseResponse

from config import Settings
from models import Account, LoginSession, Student
from services import access, clock, sessions
from services.office import view_as
from services.office.view_as import Viewing
from views import drafts
from views.fragments import wants_fragment

#: What an account with duties may open before they are done.
BEFORE_DUTIES = frozenset({"welcome.duty", "security.stay"})

#: Pages about one's own account, which staff have as families do.
OF_EVERYBODY = frozenset({"security", "authenticator", "passkeys", "provider", "welcome"})

View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):
    """The account behind this request's session, as Flask-Login wants it.

    `owner` is who signed in, `account` in whose eyes the page is drawn: another one only while a member of staff views
    the portal as a guardian (`views.view_as`); then `viewing` says so.
    """

    def __init__(self, login_session: LoginSession, token: str) -> None:
        self.login_session = login_session
        self.owner: Account = login_session.account
        self.account = self.owner
        self.viewing: Viewing | None = None
        self._token = token

    def get_id(self) -> str:
        """What the cookie holds: the session's token, never an account's id."""
        return self._token


def init_app(app: Flask) -> None:
    """Close every view that is not marked public."""
    manager = LoginManager(app)
    # Binding a session to an address would sign out every phone that changes from bus to home.
    manager.session_protection = None
    manager.user_loader(_load)
    app.before_request(_require_sign_in)
    app.add_template_global(seconds_left)


def public(view: View) -> View:
    """Open `view` to everybody."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def settings() -> Settings:
    """The portal's settings."""
    found: Settings = current_app.extensions["homeroom"]
    return found


def today() -> dt.date:
    """The district's calendar day, on which rights and records are judged."""
    return clock.today(settings().time_zone, settings().today)


def account() -> Account:
    """The account in whose eyes the page is drawn: the one that is signed in, unless staff view as a guardian."""
    found: Account = current_user.account
    return found


def owner() -> Account:
    """The account that is signed in, whoever it views the portal as."""
    found: Account = current_user.owner
    return found


def sign_in_session(token: str) -> None:
    """Let this browser in with a new session; what an earlier one left in its cookie is gone."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    found = _load(token)
    if found is not None:
        login_user(found)


def sign_out_session() -> None:
    """End the session on the server and forget the cookie."""
    if current_user.is_authenticated:
        if current_user.viewing is not None:
            view_as.end(current_user.viewing, by="sign-out", now=clock.now())
        sessions.end(current_user.login_session, clock.now())
    logout_user()
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def seconds_left() -> tuple[int, int]:
    """How long this session lasts from this request on: without another one, and in any case."""
    return sessions.seconds_left(current_user.login_session, settings=settings(), now=clock.now())


def student_or_404(student_id: int, section: str | None = None) -> Student:
    """The student, if this account may open that section of the record today; else 404.

    Unrelated, restricted, revoked and nonexistent students all answer the same (CHECKS 2), and so does a section
    that is withheld from this guardian (DECISIONS 30).
    """
    student = access.student(account(), student_id, today())
    if student is None or not _reached([student]) or (section is not None and section in withheld(student)):
        abort(404)
    return student


def visible_students() -> list[Student]:
    """Every student this account may open today, the oldest first."""
    return _reached(access.students(account(), today()))


def withheld(student: Student) -> list[str]:
    """The sections of a student out of `Student.visible_to` that stay closed to this account."""
    return getattr(student, "withheld", None) or []


def local_path(path: str | None, default: str) -> str:
    """`path` if it stays on this host, else `default` (CHECKS 31)."""
    if not path or not path.startswith("/") or path[1:2] in ("/", "\\") or any(ord(c) < 32 for c in path):
        return default
    return path


def _reached(students: list[Student]) -> list[Student]:
    """Of these, the ones whom a member of staff who views as their guardian may see too."""
    return students if current_user.viewing is None else current_user.viewing.reached(students)


def _load(token: str) -> SignedIn | None:
    found = sessions.find(token, settings=settings(), now=clock.now())
    return SignedIn(found, token) if found is not None else None


def _require_sign_in() -> Response | BaseResponse | None:
    if request.endpoint is None:
        return None
    if getattr(current_app.view_functions[request.endpoint], "is_public", False):
        return None
    if current_user.is_authenticated:
        if owner().duties and request.endpoint not in BEFORE_DUTIES:
            return _elsewhere(url_for("welcome.duty", name=owner().duties[0]))
        return _other_side()
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    if drafts.keep() is not None:
        flash(
            _("You were signed out meanwhile. What you typed is kept and has not been sent: sign in to go on with it.")
        )
        back = request.path
    door = "office.sign_in" if request.endpoint.startswith("office.") else "sign_in.form"
    return _elsewhere(url_for(door, next=back if back != "/" else None), 401)


def _other_side() -> Response | BaseResponse | None:
    """Families have no business in the office, and staff none in a family's pages: those show nothing of theirs."""
    endpoint = request.endpoint or ""
    is_staff, is_office = account().role == "staff", endpoint.startswith("office.")
    if is_office and not is_staff:
        abort(404)
    if is_staff and not is_office and endpoint.split(".")[0] not in OF_EVERYBODY:
        return _elsewhere(url_for("office.home"))
    return None


def _elsewhere(target: str, status: int = 200) -> Response | BaseResponse:
    """Another page instead; for htmx the whole of it: the record of somebody else must not stay around a form."""
    if wants_fragment():
        return Response(status=status, headers={"HX-Redirect": target})
    return redirect(target, 303)
