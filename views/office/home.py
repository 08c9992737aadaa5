"""The office's first page: one search box, and what waits to be done."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import clock
from services.office import undelivered
from services.office.search import search
from services.record.overview import schools_of
from views import fragments
from views.access import today
from views.forms import Form
from views.office import searches
from views.office.gate import blueprint, needs, office


@blueprint.route("", methods=["GET", "POST"], endpoint="home")
@needs("search")
def home() -> Response:
    """Find a guardian or a student by name, number, user name, e-mail address or telephone."""
    form = Form()
    if form.is_submitted():
        return searches.results(["q"])
    typed = searches.typed("q")["q"]
    found = search(office(), typed)
    return fragments.render(
        "office/_home.html",
        title=_("Office"),
        form=form,
        typed=typed,
        found=found,
        schools=schools_of([one.id for one in found.students], today()),
        undelivered=undelivered.count(office(), clock.now()) if office().may("accounts") else 0,
    )
