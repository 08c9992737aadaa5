"""The office's first page: one search box, and what waits to be done."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import clock
from services.office import undelivered
from services.office.search import search
from services.record.overview import schools_of
from views import fragments
from views.access import today
from views.forms import without_controls
from views.office.gate import blueprint, needs, office


@blueprint.get("", endpoint="home")
@needs("search")
def home() -> Response:
    """Find a guardian or a student by name, number, user name, e-mail address or telephone."""
    typed = without_controls(request.args.get("q", "")[:100]) or ""
    found = search(office(), typed)
    return fragments.render(
        "office/_home.html",
        title=_("Office"),
        typed=typed,
        found=found,
        schools=schools_of([one.id for one in found.students], today()),
        undelivered=undelivered.count(office(), clock.now()) if office().may("accounts") else 0,
    )
