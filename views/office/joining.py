"""Two rows that are one guardian: the one entered at the counter becomes the SIS's."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import BooleanField

from models import Guardian
from services import clock
from services.office import joining, people
from views import fragments, words
from views.forms import Form
from views.office.gate import blueprint, guardian_or_404, needs, office


class JoinForm(Form):
    """That somebody has made sure."""

    sure = BooleanField()


@blueprint.route("/guardians/<int:guardian_id>/join/<int:other_id>", methods=["GET", "POST"], endpoint="join")
@needs("rights")
def join(guardian_id: int, other_id: int) -> Response:
    """Show both side by side, and make them one when the clerk says that it is the same person."""
    one, other = guardian_or_404(guardian_id), guardian_or_404(other_id)
    match = next((found for found in joining.matches(one, office()) if found.guardian == other), None) or abort(404)
    form, errors = JoinForm(), {}
    if form.is_submitted():
        try:
            if form.sure.data:
                kept = joining.join(one, other, by=office(), now=clock.now())
                flash(_("The two are one guardian now."))
                return redirect(url_for("office.guardian", guardian_id=kept.id), 303)
            errors["sure"] = _("Make sure that it is the same person, and tick the box.")
        except joining.TwoAccounts:
            errors["sure"] = _("Both have an account. Cancel the one that is not used, then join them.")
        except joining.NotTheSame:
            abort(404)
    return fragments.render(
        "office/_join.html",
        status=422 if errors else 200,
        title=_("Join two guardians"),
        guardian=one,
        by_email=match.why == "email",
        both=[_side(found) for found in sorted((one, other), key=lambda found: found.sourced_id is None)],
        form=form,
        errors=errors,
    )


def _side(guardian: Guardian) -> dict[str, Any]:
    """What tells one from another."""
    account = people.account_of(guardian)
    return {
        "guardian": guardian,
        "email": (account.email if account else None) or guardian.address_on_file,
        "state": words.account_states()[account.state] if account else _("no account"),
        "children": [
            (pair.person.name, pair.guardianship.relation, pair.is_open)
            for pair in people.children_of(office(), guardian)
        ],
    }
