"""A guardian's own household as the school has it, and the way to have it changed (C05, D09)."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from models import ContactRequest
from services import clock, contact_requests, formats
from services.messages import MAX_LENGTH, MessageRefused
from services.record.family import family
from views import fragments, words
from views.access import account, settings, today, visible_students
from views.forms import Form

blueprint = Blueprint("family", __name__, url_prefix="/family")


class RequestForm(Form):
    """What should be changed."""

    body = TextAreaField()


@blueprint.get("")
def page() -> Response:
    """Addresses, phones, members of the own household, and requests to the school with their state."""
    return _page(RequestForm())


@blueprint.post("")
def ask() -> Response:
    """Send a request for a change to the school."""
    form, typed = RequestForm(), request.form.get("body", "")
    if account().guardian_id is None:
        abort(404)
    try:
        contact_requests.send(account(), typed, settings=settings(), now=clock.now())
    except MessageRefused as refused:
        return _page(form, words.refusal(refused, typed), status=422)
    flash(_("Your request has gone to the school. Its answer will be on this page."))
    return redirect(url_for("family.page"), 303)


def _page(form: RequestForm, error: str = "", status: int = 200) -> Response:
    guardian = account().guardian or abort(404)
    locale, zone = str(get_locale()), settings().time_zone
    mine = ContactRequest.select().where(ContactRequest.account == account()).order_by(ContactRequest.id.desc())
    return fragments.render(
        "family/_page.html",
        status=status,
        title=_("My family"),
        family=family(guardian, visible_students(), today()),
        requests=[(formats.moment(one.created_at, zone, locale), one) for one in mine.limit(20)],
        states=words.request_states(),
        form=form,
        error=error,
        limit=MAX_LENGTH,
    )
