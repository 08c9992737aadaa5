"""Signing in and out, for guardians and students."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from services import accounts, clock, formats, links, maintenance, passkeys, recovery, registration
from services.accounts import AccountClosed, AddressUnproved, CodeNeeded, SignInRefused, TooManyTries
from services.links import InvalidLink
from services.passwords import FieldError
from views import fragments, mailing, words
from views.access import local_path, public, settings, sign_in_session, sign_out_session
from views.authenticator import CodeForm
from views.forms import Form
from views.notices import public as public_notices
from views.passkeys import PasskeyForm
from views.registration import registration_context

blueprint = Blueprint("sign_in", __name__)

#: The user name of the first step waits so long for the password: a shared computer should soon forget it.
NAME_WAITS = dt.timedelta(minutes=10)

#: No user name is longer; a longer one must not overflow the cookie.
LONGEST_NAME = 255


class SignInForm(Form):
    """User name and password; what is wrong with them is never said field by field."""

    user_name = StringField()
    password = PasswordField()


class AddressForm(Form):
    """Another e-mail address for an account that waits for its mail."""

    email = StringField()


@blueprint.get("/sign-in")
@public
def form() -> Response:
    """The way in, with planned maintenance announced beside it (G15)."""
    if current_user.is_authenticated:
        return _already_signed_in()
    session.pop("name", None)
    return _page(SignInForm())


@blueprint.get("/sign-in/password")
@public
def password() -> Response:
    """The second step, where the preset signs in in two; the user name waits in the cookie (S01)."""
    if current_user.is_authenticated:
        return _already_signed_in()
    name, at = session.get("name") or ("", 0.0)
    if not settings().two_steps or clock.now().timestamp() - at > NAME_WAITS.total_seconds():
        return redirect(url_for("sign_in.form", next=request.args.get("next")), 303)
    form = SignInForm()
    form.user_name.data = name
    return _page(form, second=True)


@blueprint.post("/sign-in")
@blueprint.post("/sign-in/password")
@public
def sign_in() -> Response:
    """Check user name and password and open the page that was asked for."""
    if current_user.is_authenticated:
        return _already_signed_in()
    form = SignInForm()
    if settings().two_steps and "password" not in request.form:
        return _first_step(form)
    try:
        token = accounts.sign_in(
            user_name=form.user_name.data or "",
            password=form.password.data or "",
            ip=request.remote_addr or "",
            settings=settings(),
            now=clock.now(),
            compose=mailing.compose,
        )
    except CodeNeeded as needed:
        session["second"] = needed.token
        return redirect(url_for("sign_in.code", next=request.args.get("next")), 303)
    except TooManyTries:
        return _page(form, error=words.too_many(), status=429)
    except AddressUnproved as unproved:
        session["unproved"] = unproved.token
        return redirect(url_for("sign_in.address"), 303)
    except AccountClosed as closed:
        return _page(form, error=words.closed(closed.state), status=422, offices=True)
    except SignInRefused:
        return _page(form, error=_refusal(), status=422)
    sign_in_session(token)
    return redirect(local_path(request.args.get("next"), url_for("home.children")), 303)


@blueprint.route("/sign-in/address", methods=["GET", "POST"])
@public
def address() -> Response:
    """After the right password, where the mail went that has to be followed first; its owner can correct that (D03)."""
    if current_user.is_authenticated:
        return _already_signed_in()
    form = AddressForm()
    try:
        account, email = accounts.unproved(session.get("unproved", ""), settings=settings(), now=clock.now())
    except InvalidLink:
        return redirect(url_for("sign_in.form"), 303)
    errors = {}
    if form.is_submitted() and account.state == "pending":
        try:
            registration.correct_address(account, form.email.data or "", registration_context())
            return redirect(url_for("sign_in.address"), 303)
        except FieldError as error:
            errors = words.field_errors(error, settings())
    return fragments.render(
        "sign_in/_unproved.html", status=422 if errors else 200, title=_("Please check your e-mail"), form=form,
        errors=errors, user_name=account.user_name, address=email, correctable=account.state == "pending",
        sender=settings().mail_from, schools=recovery.offices(),
    )  # fmt: skip


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> Response:
    """The code of the authenticator app, where the account has one: it follows the right password within minutes."""
    if current_user.is_authenticated:
        return _already_signed_in()
    form, pending, now = CodeForm(), session.get("second", ""), clock.now()
    try:
        if not form.is_submitted():
            links.find(pending, "second", settings=settings(), now=now)
            return _code_page(form)
        token = accounts.sign_in_with_code(
            pending, form.code.data or "", ip=request.remote_addr or "", settings=settings(), now=now
        )
    except InvalidLink:
        return _begin_again()
    except TooManyTries:
        return _code_page(form, words.too_many(), status=429)
    except SignInRefused:
        return _code_page(form, words.wrong_code(), status=422)
    return _let_in(token)


@blueprint.post("/sign-in/passkey")
@public
def passkey() -> Response:
    """A passkey instead of the code; what the browser has made of the page's challenge comes as a form like any."""
    if current_user.is_authenticated:
        return _already_signed_in()
    form, pending = PasskeyForm(), session.get("second", "")
    try:
        token = accounts.sign_in_with_passkey(
            pending, form.credential.data or "", ip=request.remote_addr or "", settings=settings(), now=clock.now()
        )
    except InvalidLink:
        return _begin_again()
    except TooManyTries:
        return _code_page(CodeForm(formdata=None), words.too_many(), status=429)
    except SignInRefused:
        refusal = _("This passkey did not work. Try again, or use a code of your authenticator app.")
        return _code_page(CodeForm(formdata=None), refusal, status=422)
    return _let_in(token)


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


def _first_step(form: SignInForm) -> Response:
    """Go on to the password, with a page of its own that the back button can leave."""
    name = (form.user_name.data or "").strip()[:LONGEST_NAME]
    if not name:
        return _page(form, error=words.field_error(FieldError("user_name", "empty"), settings()), status=422)
    session["name"] = name, clock.now().timestamp()
    return redirect(url_for("sign_in.password", next=request.args.get("next")), 303)


def _refusal() -> str:
    wrong = _("User name and password do not match. Check the spelling and capital letters and try again.")
    helps = _("If it still does not work, the school helps you.")
    return f"{wrong} {_what_follows()} {helps}"


def _what_follows() -> str:
    """What several failures lead to."""
    if settings().lock_rule == "disable":
        return ngettext(
            "After %(num)s wrong password the school has to reactivate the account.",
            "After %(num)s wrong passwords the school has to reactivate the account.",
            settings().lock_after,
        )
    return ngettext(
        "After %(num)s wrong password you have to wait for at least a minute. Meanwhile even the right one is refused.",
        "After %(num)s wrong passwords in a row you have to wait for at least a minute. Meanwhile even the right one is"
        " refused.",
        settings().lock_after,
    )


def _already_signed_in() -> Response:
    return fragments.render("sign_in/_already.html", title=_("You are signed in"))


def _page(
    form: SignInForm, *, error: str = "", status: int = 200, second: bool = False, offices: bool = False
) -> Response:
    """The page; where the preset signs in in two steps, the password comes on the second (S01)."""
    return fragments.render(
        "sign_in/_form.html", status=status, title=_("Sign in"), form=form, error=error, windows=_windows(),
        notices=public_notices(),
        portal=settings(), ask_password=second or not settings().two_steps, ask_name=not second,
        schools=recovery.offices() if offices else None,
    )  # fmt: skip


def _begin_again() -> Response:
    flash(_("Please begin again: the code has to follow the password within five minutes."))
    return redirect(url_for("sign_in.form", next=request.args.get("next")), 303)


def _let_in(token: str) -> Response:
    sign_in_session(token)
    return redirect(local_path(request.args.get("next"), url_for("home.children")), 303)


def _code_page(form: CodeForm, error: str = "", status: int = 200) -> Response:
    """The page that asks for the code, or for a passkey where the owner has one."""
    now, options = clock.now(), ""
    with suppress(InvalidLink):
        mine = links.find(session.get("second", ""), "second", settings=settings(), now=now).account
        options = passkeys.options_to_sign_in(mine, settings=settings(), now=now)
    return fragments.render(
        "sign_in/_code.html", status=status, title=_("Enter the code"), form=form,
        errors={"code": error} if error else {}, what_follows=_what_follows(), passkey_options=options,
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
