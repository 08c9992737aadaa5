"""What guardians ask the school to change, as a list, and the school's answer (C05)."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from services import clock, contact_requests
from services.contact_requests import Listed
from services.messages import MAX_LENGTH, MessageRefused
from views import fragments, mailing, words
from views.access import settings
from views.forms import Form
from views.office.gate import blueprint, needs, office
from views.office.why import moment


class AnswerForm(Form):
    """The school's answer."""

    body = TextAreaField()


@blueprint.get("/requests", endpoint="requests")
@needs("requests")
def listed() -> Response:
    """The requests of the own schools' guardians in one state, open ones first come first."""
    state = request.args.get("state", "open")
    if state not in states():
        abort(404)
    found = contact_requests.listed(office(), state, request.args.get("after", type=int))
    shown = found[: contact_requests.SHOWN]
    return fragments.render(
        "office/_requests.html",
        title=_("Requests"),
        requests=[(moment(one.request.created_at), one) for one in shown],
        state=state,
        states=states(),
        last=shown[-1].request.id if len(found) > len(shown) else None,
    )


@blueprint.route("/requests/<int:request_id>", methods=["GET", "POST"], endpoint="request")
@needs("requests")
def one(request_id: int) -> Response:
    """One request, and its answer."""
    found = contact_requests.find(office(), request_id) or abort(404)
    form = AnswerForm()
    if not form.is_submitted():
        return _page(found, form)
    typed = request.form.get("body", "")
    try:
        contact_requests.answer(
            found.request, request.form.get("state", ""), typed, by=office(), compose=mailing.compose,
            settings=settings(), now=clock.now(),
        )  # fmt: skip
    except MessageRefused as refused:
        return _page(found, form, words.refusal(refused, typed))
    except contact_requests.NotOpen:
        flash(_("Nothing was changed: the request had been answered already."))
        return redirect(url_for("office.request", request_id=request_id), 303)
    flash(_("The guardian can read your answer in the portal."))
    return redirect(url_for("office.requests"), 303)


def states() -> dict[str, str]:
    """The states of a request, for the office."""
    return {
        "open": pgettext("state of a request, for the office", "Open"),
        "done": pgettext("state of a request, for the office", "Done"),
        "declined": pgettext("state of a request, for the office", "Declined"),
    }


def _page(found: Listed, form: AnswerForm, error: str = "") -> Response:
    return fragments.render(
        "office/_request.html",
        status=422 if error else 200,
        title=_("Request of %(guardian)s", guardian=words.isolated(found.guardian.name)),
        found=found,
        at=moment(found.request.created_at),
        closed_at=moment(found.request.closed_at),
        states=states(),
        form=form,
        error=error,
        limit=MAX_LENGTH,
    )
