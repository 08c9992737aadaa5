"""Forms whose text survives the end of the session, without JavaScript: marked `@keeps_draft`, refilled by `unsent`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, abort, current_app, flash, redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from models import Account
from services import clock, drafts
from services.drafts import Kept

blueprint = Blueprint("drafts", __name__)

#: The field that carries the mark, and fields that are no text of anybody's.
FIELD, _NOT_TYPED = "draft", ("draft", "csrf_token")

View = TypeVar("View", bound=Callable[..., Any])


def keeps_draft(view: View) -> View:
    """Keep what a form sends to this view when the session is over; a GET of the same address shows the form again."""
    view.keeps_draft = True  # type: ignore[attr-defined]
    return view


def keep() -> Account | None:
    """Keep what this request sends, if the view does that and the form is the portal's; for which account."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or not getattr(view, "keeps_draft", False):
        return None
    typed = {name: value for name, value in request.form.items() if name not in _NOT_TYPED}
    return drafts.keep(
        request.form.get(FIELD, ""), request.path, typed,
        settings=current_app.extensions["homeroom"], now=clock.now(),
    )  # fmt: skip


def unsent() -> Kept | None:
    """What the account's owner had typed on this page when the session ended."""
    return drafts.find(current_user.account, request.path, clock.now())


def forget() -> None:
    """What was typed on this page has been sent."""
    drafts.drop(current_user.account, request.path)


@blueprint.app_template_global("draft_mark")
def draft_mark(page: str) -> Markup:
    """The hidden field of a form that is sent to `page`."""
    marked = drafts.mark(current_user.login_session, page, current_app.extensions["homeroom"])
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, marked)


@blueprint.post("/drafts/<int:draft_id>/discard")
def discard(draft_id: int) -> Response:
    """Throw away what was typed and not sent, and show the empty form."""
    page = drafts.discard(current_user.account, draft_id) or abort(404)
    flash(_("What you had typed is gone."))
    return redirect(page, 303)
