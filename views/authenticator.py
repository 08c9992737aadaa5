"""The authenticator app of one's own account: set up, ended, given new backup codes; a duty too (`views.welcome`)."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from services import accounts, authenticators, clock, passkeys
from services.passwords import FieldError
from views import fragments, mailing, words
from views.access import account, settings
from views.forms import Form

blueprint = Blueprint("authenticator", __name__, url_prefix="/security/authenticator")

#: So long after the password was given the app can be set up: the next person at a shared computer must not do it.
PROVED_FOR = dt.timedelta(minutes=15)


class BeginForm(Form):
    """The present password."""

    present = PasswordField()


class CodeForm(Form):
    """A code of the app, or a backup code."""

    code = StringField()


class ChangeForm(CodeForm):
    """What stands before every change: the password and a code."""

    present = PasswordField()


@blueprint.route("", methods=["GET", "POST"])
def page() -> Response:
    """Whether it is on and what can be done about it; where it is off, the way to set it up."""
    if not authenticators.is_on(account()):
        return set_up()
    return fragments.render(
        "authenticator/_page.html",
        title=_("Authenticator app"),
        left=authenticators.codes_left(account()),
        required=authenticators.is_required(account(), settings()),
    )


@blueprint.route("/codes", methods=["GET", "POST"])
def codes() -> Response:
    """New backup codes instead of the old ones; they are shown on this answer alone."""
    form = ChangeForm()
    refusal = _refusal_of_change("renew", form)
    if refusal is not None:
        return refusal
    return _codes_page(authenticators.renew_codes(account(), settings=settings(), now=clock.now()), first=False)


@blueprint.route("/end", methods=["GET", "POST"])
def end() -> Response:
    """Sign in with the password alone from now on; whoever needs an authenticator sets up another at once."""
    form = ChangeForm()
    refusal = _refusal_of_change("end", form)
    if refusal is not None:
        return refusal
    authenticators.end(account(), by="owner", compose=mailing.compose, settings=settings(), now=clock.now())
    flash(_("The authenticator app is off. Remove the portal from the app too."))
    return redirect(url_for("security.page"), 303)


def set_up(*, just_signed_in: bool = False) -> Response:
    """Ask the password, show what the app needs, take its first code, show the backup codes: each where it is due.

    A sign-in of the last quarter of an hour may stand for the password.
    """
    proved_at = session.get("authenticator_from", 0.0)
    proved = clock.now().timestamp() - proved_at < PROVED_FOR.total_seconds()
    shown = authenticators.waiting(account(), settings()) if proved else None
    if shown is None and "code" in request.form:
        flash(_("That took too long, or it was begun anew elsewhere. Please begin again."))
        return redirect(request.path, 303)
    if shown is None:
        ask = not just_signed_in or clock.now() - current_user.login_session.created_at > PROVED_FOR
        return _begin(BeginForm(), ask_password=ask)
    form = CodeForm()
    if not form.is_submitted():
        return _set_up_page(form, shown)
    try:
        made = authenticators.confirm(
            account(), form.code.data or "", compose=mailing.compose, settings=settings(), now=clock.now()
        )
    except FieldError as error:
        return _set_up_page(form, shown, error)
    session.pop("authenticator_from", None)
    return _codes_page(made, first=True)


def _begin(form: BeginForm, *, ask_password: bool) -> Response:
    error = None
    if form.is_submitted():
        try:
            if ask_password:
                accounts.confirm(account(), form.present.data or "", settings=settings(), now=clock.now())
            authenticators.begin(account())
            session["authenticator_from"] = clock.now().timestamp()
            return redirect(request.path, 303)
        except FieldError as wrong:
            error = wrong
    return _form_page("begin", form, error, ask_password=ask_password)


def _refusal_of_change(name: str, form: ChangeForm) -> Response | None:
    """The form of a change, or what is wrong with it; None when password and code are right."""
    if not authenticators.is_on(account()):
        return redirect(url_for("authenticator.page"), 303)
    if not form.is_submitted():
        return _form_page(name, form)
    error = wrong_with(form)
    return None if error is None else _form_page(name, form, error)


def wrong_with(form: ChangeForm) -> FieldError | None:
    """What is wrong with password and code; None when both are right, and the code is used up."""
    try:
        accounts.confirm(account(), form.present.data or "", settings=settings(), now=clock.now())
        authenticators.check(account(), form.code.data or "", settings=settings(), now=clock.now())
    except FieldError as error:
        return error
    return None


def _set_up_page(form: CodeForm, shown: authenticators.SetUp, error: FieldError | None = None) -> Response:
    return _form_page("set_up", form, error, shown=shown)


def _codes_page(made: list[str], *, first: bool) -> Response:
    """The backup codes, once: neither the database nor the cookie could show them again."""
    return fragments.render("authenticator/_codes.html", title=_("Your backup codes"), codes=made, first=first)


def _form_page(name: str, form: Form, error: FieldError | None = None, **context: object) -> Response:
    titles = {
        "begin": _("Set up an authenticator app"),
        "set_up": _("Connect the app"),
        "renew": _("New backup codes"),
        "end": _("End the authenticator app"),
    }
    return fragments.render(
        f"authenticator/_{name}.html",
        status=200 if error is None else 422,
        title=titles[name],
        form=form,
        errors={} if error is None else {error.field: words.field_error(error, settings())},
        required=authenticators.is_required(account(), settings()),
        passkeys=len(passkeys.of(account())),
        **context,
    )
