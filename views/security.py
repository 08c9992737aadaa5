"""One's own account: password, questions, address, open sessions, and who signed in when (C03, C13, D07-D09)."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from models import LoginSession, SignInAttempt, database
from services import (
    accounts,
    addresses,
    authenticators,
    clock,
    formats,
    passkeys,
    passwords,
    provider_accounts,
    questions,
    recovery,
    registration,
    sessions,
)
from services.passwords import FieldError
from services.questions import QUESTIONS
from views import fragments, mailing, words
from views.access import account, settings, sign_in_session
from views.forms import Form, QuestionsForm
from views.provider import provider_name
from views.registration import registration_context

blueprint = Blueprint("security", __name__, url_prefix="/security")

#: The access log shows so many sign-ins.
SHOWN = 50


class ChangeForm(Form):
    """The present password and the new one, twice."""

    present = PasswordField()
    password = PasswordField()
    repeated = PasswordField()


class AddressForm(Form):
    """A new e-mail address, with the password."""

    email = StringField()
    present = PasswordField()


class AnswersForm(QuestionsForm):
    """New questions and answers, with the password."""

    present = PasswordField()


@blueprint.get("/session")
def stay() -> Response:
    """Asking is a use of the session, which so goes on (WCAG 2.2.1); the page that asks goes on as it is."""
    return Response(status=204)


@blueprint.get("")
def page() -> Response:
    """Everything about the account on one page; what cannot be changed here says how it can."""
    locale, zone, now = str(get_locale()), settings().time_zone, clock.now()
    tries = SignInAttempt.select().where(SignInAttempt.account == account()).order_by(SignInAttempt.id.desc())
    return fragments.render(
        "security/_page.html",
        title=_("My account"),
        mine=account(),
        portal=settings(),
        has_questions=questions.has_any(account()),
        has_authenticator=authenticators.is_on(account()),
        provider=provider_name() if provider_accounts.is_offered(account().role, settings()) else "",
        is_linked=provider_accounts.of(account(), settings()) is not None,
        passkeys=len(passkeys.of(account())) if passkeys.are_possible(settings()) else None,
        tries=[(formats.moment(one.at, zone, locale), one.ip, one.succeeded) for one in tries.limit(SHOWN)],
        open_sessions=[
            (one.id, formats.moment(one.created_at, zone, locale), formats.moment(one.seen_at, zone, locale), one.ip)
            for one in sessions.live(account(), settings=settings(), now=now)
        ],
        this_session=current_user.login_session.id,
    )


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> Response:
    """Change the password: the present one is asked, other sessions end, the owner is told (C13, CHECKS 15)."""
    form = ChangeForm()
    if not form.is_submitted():
        return _form_page("password", form)
    mine, now = account(), clock.now()
    try:
        accounts.confirm(mine, form.present.data or "", settings=settings(), now=now)
        own = passwords.words_of(mine.person, mine.user_name)
        passwords.check(form.password.data or "", form.repeated.data or "", settings(), own_words=own)
        passwords.check_differs(mine, form.password.data or "", settings=settings())
        with database.atomic():
            passwords.change(mine, form.password.data, settings=settings(), now=now, reason="owner")
            recovery.tell(mine, "changed", compose=mailing.compose, settings=settings())
            token = sessions.start(mine, ip=current_user.login_session.ip, settings=settings(), now=now)
    except FieldError as error:
        return _form_page("password", form, error)
    sign_in_session(token)
    flash(_("Your new password is set. Other browsers have been signed out."))
    return redirect(url_for("security.page"), 303)


@blueprint.route("/questions", methods=["GET", "POST"])
def security_questions() -> Response:
    """Replace questions and answers; the old answers are never shown (D11)."""
    if not questions.has_any(account()):
        abort(404)
    form = AnswersForm()
    if not form.is_submitted():
        return _form_page("questions", form)
    try:
        accounts.confirm(account(), form.present.data or "", settings=settings(), now=clock.now())
        questions.set_for(account(), {field.name: field.data or "" for field in form}, settings=settings())
    except FieldError as error:
        return _form_page("questions", form, error)
    flash(_("Your questions and answers have been replaced."))
    return redirect(url_for("security.page"), 303)


@blueprint.route("/email", methods=["GET", "POST"])
def email() -> Response:
    """A new address, where the preset lets its owner change it: a link proves it, and both addresses are told."""
    if settings().change_email != "self" or account().role != "guardian":
        abort(404)
    form = AddressForm()
    if not form.is_submitted():
        return _form_page("email", form)
    mine, context = account(), registration_context()
    try:
        accounts.confirm(mine, form.present.data or "", settings=settings(), now=clock.now())
        address = addresses.checked(form.email.data or "", required=True)
        assert address is not None  # noqa: S101 - required
        registration.ask_to_move(mine, address, context)
    except FieldError as error:
        return _form_page("email", form, error)
    flash(_("A mail with a link is on its way to the new address. It counts when you have followed the link."))
    return redirect(url_for("security.page"), 303)


@blueprint.post("/verify-again")
def verify_again() -> Response:
    """Send the link that proves the account's address once more."""
    mine = account()
    if mine.email and mine.email_verified_at is None:
        with database.atomic():
            registration.send_verification(mine, mine.email, registration_context())
        flash(_("A mail with a link is on its way to you."))
    return redirect(url_for("security.page"), 303)


@blueprint.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> Response:
    """Sign one of the own browsers out."""
    mine = (LoginSession.id == session_id) & (LoginSession.account == account())
    found = LoginSession.get_or_none(mine) or abort(404)
    sessions.end(found, clock.now())
    return redirect(url_for("security.page"), 303)


def _form_page(name: str, form: Form, error: FieldError | None = None) -> Response:
    titles = {
        "password": _("Change the password"),
        "questions": _("Replace the security questions"),
        "email": _("Change the e-mail address"),
    }
    return fragments.render(
        f"security/_{name}.html",
        status=200 if error is None else 422,
        title=titles[name],
        form=form,
        errors={} if error is None else words.field_errors(error, settings()),
        portal=settings(),
        questions={code: words.questions()[code] for code in QUESTIONS},
    )
