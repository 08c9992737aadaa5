"""Where students go to learn: the resources and the teachers of their classes (S01, S10)."""

from __future__ import annotations

from flask import Blueprint, abort
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import messages
from services.record.classes import classes_of, current
from services.record.resources import resources_of
from views import fragments
from views.access import account, settings, today, visible_students

blueprint = Blueprint("resources", __name__, url_prefix="/resources")


@blueprint.get("")
def page() -> Response:
    """The student's classes with what they learn with, and whom they learn from."""
    if account().role != "student":
        abort(404)
    students = visible_students()
    classes = current(classes_of([student.id for student in students]), today())
    return fragments.render(
        "resources/_page.html",
        title=_("Resources and teachers"),
        classes=classes,
        resources=resources_of(sorted({c.section_id for c in classes})),
        may_write=messages.reply_to(account(), settings()) is not None,
    )
