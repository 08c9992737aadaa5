"""One's own passkeys: list, add, remove; at sign-in they stand in for the authenticator's code (`views.sign_in`)."""

from __future__ import annotations

import logging

from flask import Blueprint, abort, flash, redirect, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import StringField

from models import Passkey
from services import authenticators, clock, formats, passkeys
from services.passwords import FieldError
from views import fragments, mailing, words
from views.access import account, settings
from views.authenticator import PROVED_FOR, ChangeForm, wrong_with
from views.forms import Form

log = logging.getLogger(__name__)
blueprint = Blueprint("passkeys", __name__, url_prefix="/security/passkeys")


class AddForm(ChangeForm):
    """The name of the new one, beside password and code."""

    name = StringField()


class PasskeyForm(Form):
    """What the browser made of the page's options, as JSON."""

    credential = StringField()


@blueprint.get("")
def page() -> Response:
    """The passkeys of the account; whoever has no authenticator app sets one up first."""
    if not passkeys.are_possible(settings()):
        abort(404)
    if not authenticators.is_on(account()):
        return redirect(url_for("authenticator.page"), 303)
    zone, locale = settings().time_zone, str(get_locale())
    return fragments.render(
        "passkeys/_page.html",
        title=_("Passkeys"),
        passkeys=[
            (one.id, one.name, formats.moment(one.created_at, zone, locale), formats.moment(one.used_at, zone, locale))
            for one in passkeys.of(account())
        ],
        may_add=passkeys.may_add(account(), settings()),
    )


@blueprint.route("/add", methods=["GET", "POST"])
def add() -> Response:
    """Ask for a name, the password and a code; the passkey is made on the page after."""
    if not passkeys.may_add(account(), settings()):
        return redirect(url_for("passkeys.page"), 303)
    form, error = AddForm(), None
    if form.is_submitted():
        try:
            name = passkeys.checked_name(form.name.data or "")
            error = wrong_with(form)
        except FieldError as wrong:
            error = wrong
        if error is None:
            session["passkey"] = [name, clock.now().timestamp()]
            return redirect(url_for("passkeys.make"), 303)
    return _form_page("add", _("Add a passkey"), form, error)


@blueprint.route("/make", methods=["GET", "POST"])
def make() -> Response:
    """Let the browser make it, within a quarter of an hour of the password."""
    name, at = session.get("passkey") or ("", 0.0)
    proved = clock.now().timestamp() - at < PROVED_FOR.total_seconds()
    if not proved or not passkeys.may_add(account(), settings()):
        return redirect(url_for("passkeys.add"), 303)
    form = PasskeyForm()
    if not form.is_submitted():
        return _make_page(name)
    try:
        passkeys.add(
            account(), form.credential.data or "", name, compose=mailing.compose, settings=settings(), now=clock.now()
        )
    except passkeys.Refused as refused:
        log.info("a new passkey of account %s was refused: %s", account().id, refused)
        return _make_page(name, _("That did not work. Please try again."), 422)
    session.pop("passkey")
    flash(_("The passkey has been added. Sign-in offers it from now on."))
    return redirect(url_for("passkeys.page"), 303)


@blueprint.route("/<int:passkey_id>/remove", methods=["GET", "POST"])
def remove(passkey_id: int) -> Response:
    """Remove one of one's own, after password and code."""
    mine = (Passkey.id == passkey_id) & (Passkey.account == account())
    found = Passkey.get_or_none(mine) or abort(404)
    form, title = ChangeForm(), _("Remove a passkey")
    error = wrong_with(form) if form.is_submitted() else None
    if not form.is_submitted() or error is not None:
        return _form_page("remove", title, form, error, passkey=found.name)
    passkeys.remove(found, compose=mailing.compose, settings=settings(), now=clock.now())
    flash(_("The passkey has been removed."))
    return redirect(url_for("passkeys.page"), 303)


def _make_page(name: str, error: str = "", status: int = 200) -> Response:
    options = passkeys.options_to_add(account(), settings=settings(), now=clock.now())
    return fragments.render(
        "passkeys/_make.html", status=status, title=_("Create the passkey"), name=name, options=options, error=error
    )


def _form_page(name: str, title: str, form: Form, error: FieldError | None, **context: object) -> Response:
    return fragments.render(
        f"passkeys/_{name}.html", status=200 if error is None else 422, title=title, form=form,
        errors={} if error is None else {error.field: _said(error)}, **context,
    )  # fmt: skip


def _said(error: FieldError) -> str:
    if error.field == "name":
        return {"empty": _("Enter a name."), "long": _("This name is too long.")}[error.code]
    return words.field_error(error, settings())
