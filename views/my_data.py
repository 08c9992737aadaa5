"""The right to inspect: a copy of a student's whole record to keep, made in the background (X07)."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, abort, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models import DataExport, Student
from services import clock, exports, formats
from services.record import disclosures
from views import fragments, words
from views.access import account, settings, student_or_404, today, visible_students

blueprint = Blueprint("my_data", __name__, url_prefix="/my-data")


class Copy(NamedTuple):
    """A student and what has become of the copy: `state` is empty, waiting, ready or failed; `until` ends its day.

    `looks` say who at the school looked at the record: name, role, page and time.
    """

    student: Student
    state: str
    export_id: int | None
    until: str
    looks: list[tuple[str, str, str, str]]


@blueprint.get("")
def page() -> Response:
    """Each child with its copy: to ask for, on its way, or to download."""
    return _page()


@blueprint.post("/<int:student_id>")
def ask(student_id: int) -> Response:
    """Have a copy made; asking again on the same day changes nothing."""
    student = student_or_404(student_id)
    try:
        exports.ask(account(), student, language=str(get_locale()), settings=settings(), now=clock.now())
    except exports.TooMany:
        return _page(
            _("You have asked for as many copies today as the portal makes. Please come back tomorrow."), status=422
        )
    return redirect(url_for("my_data.page"), 303)


@blueprint.get("/<int:export_id>/record.zip")
def download(export_id: int) -> Response:
    """The copy, if it is this account's and its rights are still those it was made with."""
    content = exports.fetch(account(), export_id, on=today(), now=clock.now()) or abort(404)
    headers = {"Content-Disposition": "attachment; filename=record.zip"}
    return Response(content, mimetype="application/zip", headers=headers)


def _page(error: str = "", status: int = 200) -> Response:
    students, now = visible_students(), clock.now()
    latest = exports.latest(account(), students, now)
    seen = disclosures.looks([student.id for student in students])
    copies = [_copy(student, latest.get(student.id), _looks(seen.get(student.id, []))) for student in students]
    return fragments.render(
        "my_data/_page.html", status=status,
        title=_("Download the record"), copies=copies, error=error,
        is_waiting=any(one.state == "waiting" for one in copies),
    )  # fmt: skip


def _looks(looks: list[disclosures.Look]) -> list[tuple[str, str, str, str]]:
    roles, pages = words.office_roles(), words.looked_at()
    return [
        (
            one.name or _("Somebody who no longer works here"), roles.get(one.role, ""),
            pages.get(one.page, pages["student"]),
            formats.moment(one.at, settings().time_zone, str(get_locale())),
        )
        for one in looks
    ]  # fmt: skip


def _copy(student: Student, found: DataExport | None, looks: list[tuple[str, str, str, str]]) -> Copy:
    if found is None or (found.state == "ready" and not exports.fits(found, student)):
        return Copy(student, "", None, "", looks)
    if found.state != "ready":
        return Copy(student, "failed" if found.state == "failed" else "waiting", None, "", looks)
    until = formats.moment(found.ready_at + exports.KEPT, settings().time_zone, str(get_locale()))
    return Copy(student, "ready", found.id, until, looks)
