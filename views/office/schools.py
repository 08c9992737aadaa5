"""The pilot: which schools use the portal (D02)."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import clock, formats
from services.office import schools
from services.office.schools import Line, NoSuchSchool
from views import fragments
from views.forms import Form
from views.office.gate import blueprint, needs, office


@blueprint.get("/schools", endpoint="schools")
@needs("district")
def listed() -> Response:
    """Every school with its switch, and how many people that concerns."""
    return fragments.render(
        "office/_schools.html", title=_("Schools"), form=Form(), rows=_rows(schools.lines(office()))
    )


@blueprint.post("/schools", endpoint="switch_schools")
@needs("district")
def switch() -> Response:
    """First say what would change and whom it concerns, then, on "confirm", change it."""
    try:
        if "confirm" in request.form:
            turned = schools.switch(office(), on=_ids("switch_on"), off=_ids("switch_off"), now=clock.now())
            flash(ngettext("%(num)s school has been switched.", "%(num)s schools have been switched.", turned))
            return redirect(url_for("office.schools"), 303)
        turning = schools.changes(office(), _ids("on"))
    except NoSuchSchool:
        abort(404)
    if not turning:
        flash(_("Nothing was changed."))
        return redirect(url_for("office.schools"), 303)
    return fragments.render(
        "office/_switch_schools.html", title=_("Is this right?"), form=Form(formdata=None),
        off=_rows([one for one in turning if one.school.switched_on]),
        on=_rows([one for one in turning if not one.school.switched_on]),
    )  # fmt: skip


def _rows(lines: list[Line]) -> list[tuple[int, str, bool, str, str, bool]]:
    locale = str(get_locale())
    return [
        (
            one.school.id, one.school.name, one.school.switched_on, formats.number(one.students, locale),
            formats.number(one.accounts, locale), one.is_new,
        )
        for one in lines
    ]  # fmt: skip


def _ids(name: str) -> list[int]:
    """The schools' numbers of a form; what is none names no school."""
    return [int(typed) if typed.isdecimal() and len(typed) < 10 else 0 for typed in request.form.getlist(name)]
