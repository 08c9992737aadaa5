"""What has to be done after signing in before anything else is shown (D01, D03, D04)."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import StringField

from models import database
from services import (
    addresses,
    agreements,
    authenticators,
    clock,
    duties,
    passwords,
    questions,
    registration,
    sessions,
)
from services.passwords import FieldError
from services.questions import QUESTIONS
from views import authenticator, fragments, words
from views.access import account, settings, sign_in_session
from views.forms import Form, QuestionsForm
from views.registration import AgreementForm, PasswordForm, registration_context

blueprint = Blueprint("welcome", __name__)


class EmailForm(Form):
    """The address that mail about the account goes to."""

    email = StringField()


FORMS = {"password": PasswordForm, "questions": QuestionsForm, "agreement": AgreementForm, "email": EmailForm}


@blueprint.route("/welcome/<name>", methods=["GET", "POST"])
def duty(name: str) -> Response:
    """One duty: shown, and done."""
    if name not in (*FORMS, "authenticator"):
        abort(404)
    if account().duties[:1] != [name]:
        # Done already, or not its turn: a password that was given has to be changed before questions can be set.
        return redirect(url_for("home.children"), 303)
    if name == "authenticator":
        if not authenticators.is_on(account()):
            return authenticator.set_up(just_signed_in=True)
        duties.done(account(), name)
        return redirect(url_for("home.children"), 303)
    form = FORMS[name]()
    if not form.is_submitted():
        return _page(name, form)
    try:
        _DOERS[name](form)
    except FieldError as error:
        return _page(name, form, words.field_errors(error, settings()), status=422)
    return redirect(url_for("home.children"), 303)


def _password(form: PasswordForm) -> None:
    mine, now = account(), clock.now()
    own = passwords.words_of(mine.person, mine.user_name)
    passwords.check(form.password.data or "", form.repeated.data or "", settings(), own_words=own)
    passwords.check_differs(mine, form.password.data or "", settings=settings())
    with database.atomic():
        passwords.change(mine, form.password.data, settings=settings(), now=now, reason="owner")
        token = sessions.start(mine, ip=current_user.login_session.ip, settings=settings(), now=now)
    sign_in_session(token)


def _questions(form: QuestionsForm) -> None:
    typed = {field.name: field.data or "" for field in form}
    questions.set_for(account(), typed, settings=settings())


def _agreement(form: AgreementForm) -> None:
    current = agreements.current()
    if current is not None and form.accept.data != str(current.id):
        raise FieldError("accept", "needed")
    with database.atomic():
        if current is not None:
            agreements.accept(account(), current, clock.now())
        duties.done(account(), "agreement")


def _email(form: EmailForm) -> None:
    """Mail a link to the address; the duty is done when the link has been followed."""
    email = addresses.checked(form.email.data or "", required=True)
    assert email is not None  # noqa: S101 - required
    with database.atomic():
        registration.ask_to_verify(account(), email, registration_context())
    session["verifying"] = email


_DOERS = {"password": _password, "questions": _questions, "agreement": _agreement, "email": _email}


def _page(name: str, form: Form, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    current = agreements.current() if name == "agreement" else None
    return fragments.render(
        f"welcome/_{name}.html", status=status, title=_titles()[name], form=form, errors=errors or {},
        portal=settings(), verifying=session.get("verifying"), known=account().email, agreement=current,
        text=words.agreement_text(current, settings()),
        questions={code: words.questions()[code] for code in QUESTIONS},
    )  # fmt: skip


def _titles() -> dict[str, str]:
    return {
        "password": _("Choose a password of your own"),
        "questions": _("Security questions"),
        "agreement": _("User agreement"),
        "email": _("Your e-mail address"),
    }
