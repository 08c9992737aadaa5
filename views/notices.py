"""Notices of the district and the schools (C04)."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from services import clock, formats, notices
from services.notices import Shown
from views import fragments
from views.access import account, local_path, settings, today, visible_students

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
def page() -> Response:
    """The district's and the schools' notices apart, each counted, new ones marked; with `?archive=1` those over.

    What is to be confirmed is read when its reader says so.
    """
    archive = request.args.get("archive") == "1"
    found = board(archive=archive)
    response = fragments.render("notices/_page.html", title=_("Notices"), board=found, archive=archive)
    if current_user.viewing is None:
        seen = [one.id for one in (*found.district, *found.schools) if one.is_new and not one.must_confirm]
        notices.mark_read(account(), seen, clock.now())
    return response


@blueprint.post("/<int:notice_id>/read")
def read(notice_id: int) -> Response:
    """Take an important notice off the top of every page, or confirm one."""
    if notice_id in [one.id for one in important()]:
        notices.mark_read(account(), [notice_id], clock.now())
    return redirect(local_path(request.form.get("next"), url_for("home.children")), 303)


def board(*, archive: bool = False) -> notices.Board:
    """What this account's family sees, in the reader's language."""
    return notices.board(
        account(), visible_students(), today(), str(get_locale()), settings().default_language, archive=archive
    )


def important() -> list[Shown]:
    """The important notices that stand on every page until they are read."""
    if not current_user.is_authenticated or account().duties or account().role == "staff":
        return []
    return notices.important(account(), visible_students, today(), str(get_locale()), settings().default_language)


def public() -> list[Shown]:
    """The notices of the sign-in page."""
    return notices.public(today(), str(get_locale()), settings().default_language)


@blueprint.app_context_processor
def _for_every_page() -> dict[str, object]:
    return {"important_notices": important, "day_of_notice": day_of}


def day_of(notice: Shown) -> str:
    """The day from which a notice is shown."""
    return formats.day(notice.begins_on, str(get_locale()))
