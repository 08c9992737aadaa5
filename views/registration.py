"""From the key on the school's letter to an account, for guardians and students (C14, H02)."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from services import clock, registration
from services.registration import FieldError, InvalidKey
from services.throttle import Limit
from views import fragments
from views.access import public, settings
from views.forms import Form

blueprint = Blueprint("registration", __name__, url_prefix="/register")

#: Tries at keys from one address before it has to wait: enough for a family at a library, useless for guessing.
KEY_TRIES, KEY_WINDOW_MINUTES = 20, 15


class KeyForm(Form):
    """The activation key as typed or pasted."""

    key = StringField()


class AccountForm(Form):
    """User name and password of the new account."""

    user_name = StringField()
    password = PasswordField()
    repeated = PasswordField()


@blueprint.route("", methods=["GET", "POST"])
@public
def key() -> Response:
    """Ask for the key. It waits in the signed cookie, never in a URL, for the next page."""
    if current_user.is_authenticated:
        return fragments.render("sign_in/_already.html", title=_("You are signed in"))
    form = KeyForm()
    if not form.is_submitted():
        return _key_page(form)
    if not _may_try():
        return _key_page(form, _("Too many tries. Please wait a quarter of an hour and try again."), status=429)
    try:
        found = registration.find_key(form.key.data or "", settings=settings(), now=clock.now())
    except InvalidKey:
        return _key_page(form, _invalid_key(), status=422)
    session["activation_key"] = form.key.data
    session["activation_email"] = found.guardian.email if found.guardian_id else found.student.email
    return redirect(url_for("registration.account"), 303)


@blueprint.route("/account", methods=["GET", "POST"])
@public
def account() -> Response:
    """Choose user name and password; both pages work with the back button and a reload."""
    value = session.get("activation_key")
    if not value or current_user.is_authenticated:
        return redirect(url_for("registration.key"), 303)
    form = AccountForm()
    if not form.is_submitted():
        form.user_name.data = session.get("activation_email") if settings().user_name == "email" else None
        return _account_page(form)
    try:
        opened = registration.open_account(
            value,
            user_name=form.user_name.data or "",
            password=form.password.data or "",
            repeated=form.repeated.data or "",
            language=str(get_locale()),
            settings=settings(),
            now=clock.now(),
        )
    except InvalidKey:
        _forget_key()
        return _key_page(KeyForm(formdata=None), _invalid_key(), status=422)
    except FieldError as error:
        return _account_page(form, {error.field: _explain(error)}, status=422)
    _forget_key()
    session["opened_user_name"] = opened.user_name
    return redirect(url_for("registration.done"), 303)


@blueprint.get("/done")
@public
def done() -> Response:
    """Name the user name once more; from now on it signs in, and the key is dead."""
    user_name = session.get("opened_user_name")
    if not user_name:
        return redirect(url_for("sign_in.form"), 303)
    return fragments.render(
        "registration/_done.html", title=_("Your account is ready"), user_name=user_name, made_up=user_name.isdigit()
    )


def _may_try() -> bool:
    limit = Limit("key", tries=KEY_TRIES, minutes=KEY_WINDOW_MINUTES, secret=settings().secret_key)
    return limit.take(request.remote_addr or "", clock.now())


def _forget_key() -> None:
    session.pop("activation_key", None)
    session.pop("activation_email", None)


def _key_page(form: KeyForm, error: str = "", status: int = 200) -> Response:
    title = _("Create your account")
    return fragments.render("registration/_key.html", status=status, title=title, form=form, error=error)


def _account_page(form: AccountForm, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return fragments.render(
        "registration/_account.html",
        status=status,
        title=_("Choose how you sign in"),
        form=form,
        errors=errors or {},
        user_name_is_email=settings().user_name == "email",
        password_min_length=settings().password_min_length,
    )


def _invalid_key() -> str:
    return _("This key does not work. It may be mistyped, already used or too old. Please check it, or ask the school.")


def _explain(error: FieldError) -> str:
    minimum = settings().password_min_length
    by_code = {
        ("user_name", "invalid"): _("Enter an e-mail address like name@example.com.")
        if settings().user_name == "email"
        else _("Use 4 to 30 letters and digits, and not digits only."),
        ("user_name", "taken"): _("Somebody already signs in with this name. Please use another."),
        ("password", "short"): ngettext("Use at least %(num)s character.", "Use at least %(num)s characters.", minimum),
        ("password", "long"): _("This password is too long."),
        ("repeated", "different"): _("The two passwords are not the same."),
    }
    return by_code[error.field, error.code]
