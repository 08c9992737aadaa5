"""A guardian's own household as the school has it, and the way to have it changed (C05, D09)."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from models import ContactRequest
from services import clock, contact_requests, formats
from services.drafts import Kept
from services.messages import MAX_LENGTH, MessageRefused
from services.record.family import family
from views import drafts, fragments, words
from views.access import account, settings, today, visible_students
from views.drafts import keeps_draft
from views.forms import Form

blueprint = Blueprint("family", __name__, url_prefix="/family")


class RequestForm(Form):
    """What should be changed."""

    body = TextAreaField()


@blueprint.get("")
def page() -> Response:
    """Addresses, phones, members of the own household, and requests to the school with their state."""
    draft = drafts.unsent()
    return _page(RequestForm(data=draft.typed if draft else None), draft=draft)


@blueprint.post("")
@keeps_draft
def ask() -> Response:
    """Send a request for a change to the school."""
    form, typed = RequestForm(), request.form.get("body", "")
    if account().guardian_id is None:
        abort(404)
    try:
        contact_requests.send(account(), typed, settings=settings(), now=clock.now())
    except MessageRefused as refused:
        return _page(form, words.refusal(refused, typed), status=422)
    drafts.forget()
    flash(_("Your request has gone to the school. Its answer will be on this page."))
    return redirect(url_for("family.page"), 303)


def _page(form: RequestForm, error: str = "", status: int = 200, draft: Kept | None = None) -> Response:
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
        draft=draft,
        limit=MAX_LENGTH,
    )
