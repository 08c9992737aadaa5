"""The staff's door (X09, DECISIONS 26): the authenticator's code follows the password."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from services import accounts, clock
from services.accounts import CodeNeeded, SignInRefused, TooManyTries
from views import fragments, mailing, words
from views.access import local_path, public, settings, sign_in_session
from views.office.gate import blueprint
from views.sign_in import SignInForm


@blueprint.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@public
def sign_in() -> Response:
    """Check user name and password; whoever has no authenticator yet sets one up before anything else is shown."""
    if current_user.is_authenticated:
        return fragments.render("sign_in/_already.html", title=_("You are signed in"))
    form = SignInForm()
    if not form.is_submitted():
        return _page(form)
    try:
        token = accounts.sign_in(
            user_name=form.user_name.data or "", password=form.password.data or "", ip=request.remote_addr or "",
            settings=settings(), now=clock.now(), compose=mailing.compose, staff=True,
        )  # fmt: skip
    except CodeNeeded as needed:
        session["second"] = needed.token
        return redirect(url_for("sign_in.code", next=request.args.get("next", url_for("office.home"))), 303)
    except TooManyTries:
        return _page(form, words.too_many(), 429)
    except SignInRefused:
        return _page(form, _("User name and password do not match. Check the spelling and try again."), 422)
    sign_in_session(token)
    return redirect(local_path(request.args.get("next"), url_for("office.home")), 303)


def _page(form: SignInForm, error: str = "", status: int = 200) -> Response:
    return fragments.render(
        "office/_sign_in.html", status=status, title=_("Sign in to the office"), form=form,
        errors={"user_name": error} if error else {},
    )  # fmt: skip
