"""Signing in and out, for guardians and students."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from services import accounts, clock, formats, maintenance
from services.accounts import AccountClosed, AddressUnproved, SignInRefused, TooManyTries
from views import fragments, mailing, words
from views.access import local_path, public, settings, sign_in_session, sign_out_session
from views.forms import Form

blueprint = Blueprint("sign_in", __name__)


class SignInForm(Form):
    """User name and password; what is wrong with them is never said field by field."""

    user_name = StringField()
    password = PasswordField()


@blueprint.get("/sign-in")
@public
def form() -> Response:
    """The way in, with planned maintenance announced beside it (G15)."""
    if current_user.is_authenticated:
        return _already_signed_in()
    return _page(SignInForm())


@blueprint.post("/sign-in")
@public
def sign_in() -> Response:
    """Check user name and password and open the page that was asked for."""
    if current_user.is_authenticated:
        return _already_signed_in()
    form = SignInForm()
    if settings().two_steps and "password" not in request.form:
        return _page(form, second=True)
    try:
        token = accounts.sign_in(
            user_name=form.user_name.data or "",
            password=form.password.data or "",
            ip=request.remote_addr or "",
            settings=settings(),
            now=clock.now(),
            compose=mailing.compose,
        )
    except TooManyTries:
        return _page(form, error=words.too_many(), status=429)
    except AddressUnproved:
        return fragments.render(
            "sign_in/_unproved.html", title=_("Please check your e-mail"), sender=settings().mail_from
        )
    except AccountClosed:
        closed = _("This account is closed. Please ask your child's school to reactivate it.")
        return _page(form, error=closed, status=422)
    except SignInRefused:
        return _page(form, error=_refusal(), status=422)
    sign_in_session(token)
    return redirect(local_path(request.args.get("next"), url_for("home.children")), 303)


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End the session on the server and let the browser forget what it kept (C13, S07)."""
    sign_out_session()
    flash(_("You have signed out."))
    response = redirect(url_for("sign_in.form"), 303)
    # "cookies" would also remove the language and this very message.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _refusal() -> str:
    parts = [_("User name and password do not match. Check the spelling and capital letters and try again.")]
    if settings().lock_rule == "disable":
        parts.append(
            ngettext(
                "After %(num)s wrong password the school has to reactivate the account.",
                "After %(num)s wrong passwords the school has to reactivate the account.",
                settings().lock_after,
            )
        )
    else:
        parts.append(_("After several wrong passwords you have to wait a little before the next try."))
    parts.append(_("If it still does not work, your child's school helps you."))
    return " ".join(parts)


def _already_signed_in() -> Response:
    return fragments.render("sign_in/_already.html", title=_("You are signed in"))


def _page(form: SignInForm, *, error: str = "", status: int = 200, second: bool = False) -> Response:
    """The page; where the preset signs in in two steps, the password comes on the second (S01)."""
    return fragments.render(
        "sign_in/_form.html", status=status, title=_("Sign in"), form=form, error=error, windows=_windows(),
        portal=settings(), ask_password=second or not settings().two_steps, ask_name=not second,
    )  # fmt: skip


def _windows() -> list[dict[str, str]]:
    """Planned maintenance in the reader's language, on the district's clock."""
    locale, zone = str(get_locale()), settings().time_zone
    found = []
    for window in maintenance.announced(clock.now()):
        text, language = maintenance.text_for(window, locale, settings().default_language)
        found.append({
            "text": text,
            "language": language,
            "starts": formats.moment(window.starts_at, zone, locale, "full"),
            "ends": formats.moment(window.ends_at, zone, locale, "full"),
            "zone": formats.zone_name(zone, locale),
        })  # fmt: skip
    return found
