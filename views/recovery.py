"""Back in: forgotten names and passwords, links from mails, printed codes, keys that are looked up (G13, S04)."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from models import Account, OneTimeLink
from services import clock, links, questions, recovery
from services.links import InvalidLink
from services.names import user_name_key
from services.passwords import FieldError
from services.questions import TooManyAnswers, WrongAnswers
from services.recovery import AskTheSchool, TooManyAskings
from services.throttle import Limit
from views import fragments, mailing, words
from views.access import public, settings, today
from views.forms import Form
from views.registration import KEY_TRIES, KEY_WINDOW_MINUTES, PasswordForm, begin_with

blueprint = Blueprint("recovery", __name__)


#: A code that was typed waits so long for the new password: the next person at a shared computer must not find it.
CODE_WAITS = dt.timedelta(minutes=15)


class AddressForm(Form):
    """An e-mail address."""

    email = StringField()


class CodeForm(Form):
    """The code that the office has printed."""

    code = StringField()


class NameForm(Form):
    """A student's user name."""

    user_name = StringField()


class AnswersForm(PasswordForm):
    """A student's user name, answers to its questions, and the new password."""

    user_name = StringField()


class LookUpForm(Form):
    """What the office would ask before it hands out a key."""

    given_name = StringField()
    family_name = StringField()
    student_number = StringField()
    birth_date = StringField()
    secret = PasswordField()


@blueprint.route("/forgot-password", methods=["GET", "POST"])
@blueprint.route("/forgot-user-name", methods=["GET", "POST"], endpoint="forgot_user_name")
@public
def forgot() -> Response:
    """One mail brings the user name and a one-time link; the answer never tells whether an account exists."""
    form = AddressForm()
    if not form.is_submitted():
        return _forgot_page(form)
    try:
        recovery.mail_link(
            form.email.data or "", ip=request.remote_addr or "", compose=mailing.compose, settings=settings(),
            now=clock.now(),
        )  # fmt: skip
    except TooManyAskings:
        return _forgot_page(form, words.too_many(), status=429)
    except FieldError as error:
        return _forgot_page(form, words.field_error(error, settings()), status=422)
    return fragments.render(
        "recovery/_mailed.html", title=_("Please check your e-mail"), sender=settings().mail_from,
        schools=recovery.offices(),
    )  # fmt: skip


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> Response:
    """Set a new password over a mailed link; opening it changes nothing, since mail scanners open links too."""
    return _reset(token, "reset", "invitation")


@blueprint.route("/reset", methods=["GET", "POST"])
@public
def code() -> Response:
    """Type the code that the office has printed; it waits in the cookie for the next page."""
    form = CodeForm()
    if form.is_submitted():
        limit = Limit("key", tries=KEY_TRIES, minutes=KEY_WINDOW_MINUTES, secret=settings().secret_key)
        if not limit.take(request.remote_addr or "", clock.now()):
            return _code_page(form, words.too_many(), status=429)
        try:
            links.find(form.code.data or "", "code", settings=settings(), now=clock.now())
        except InvalidLink:
            return _code_page(form, _dead_link(), status=422)
        limit.give_back(request.remote_addr or "")
        session["reset_code"] = form.code.data, clock.now().timestamp()
        return redirect(url_for("recovery.by_code"), 303)
    return _code_page(form)


@blueprint.route("/reset-by-code", methods=["GET", "POST"])
@public
def by_code() -> Response:
    """Set a new password with a printed code."""
    typed, at = session.get("reset_code") or ("", 0.0)
    if clock.now().timestamp() - at > CODE_WAITS.total_seconds():
        return redirect(url_for("recovery.code"), 303)
    return _reset(typed, "code")


@blueprint.route("/verify/<token>", methods=["GET", "POST"])
@public
def verify(token: str) -> Response:
    """Prove an address with the button on this page; opening the page alone proves nothing."""
    try:
        link = links.find(token, "verify", settings=settings(), now=clock.now())
        if request.method == "POST":
            recovery.verify(link, compose=mailing.compose, settings=settings(), now=clock.now())
            flash(_("Thank you. Your e-mail address is verified."))
            return redirect(url_for("home.children"), 303)
    except InvalidLink:
        return _dead_page(verifying=True)
    return fragments.render("recovery/_verify.html", title=_("Verify your e-mail address"), address=link.email)


@blueprint.route("/forgot-password/questions", methods=["GET", "POST"])
@public
def by_questions() -> Response:
    """Students without an address: the user name, then three answers and the new password on one page (S04)."""
    if settings().student_accounts not in ("claim", "district"):
        abort(404)
    form = NameForm()
    if not form.is_submitted():
        return _name_page(form)
    name = form.user_name.data or ""
    if not name.strip():
        return _name_page(form, words.field_errors(FieldError("user_name", "empty"), settings()), status=422)
    if "password" not in request.form:
        return _questions_page(AnswersForm(), name)
    answers = AnswersForm()
    try:
        account = recovery.reset_by_questions(
            name, request.form, ip=request.remote_addr or "", compose=mailing.compose, settings=settings(),
            now=clock.now(),
        )  # fmt: skip
    except TooManyAskings:
        return _questions_page(answers, name, {"form": words.too_many()}, status=429)
    except TooManyAnswers:
        return _questions_page(answers, name, {"form": _ask_a_teacher()}, status=422, offices=True)
    except WrongAnswers:
        return _questions_page(answers, name, {"question": _wrong_answers()}, status=422)
    except FieldError as error:
        return _questions_page(answers, name, words.field_errors(error, settings()), status=422)
    return _changed(account)


@blueprint.route("/activation-key", methods=["GET", "POST"])
@public
def activation_key() -> Response:
    """Look the activation key up, where the district has turned that on, and go on with it at once (H01, C17)."""
    if not settings().key_lookup:
        abort(404)
    if current_user.is_authenticated:
        return redirect(url_for("registration.begin", way="register"), 303)
    form = LookUpForm()
    if not form.is_submitted():
        return _look_up_page(form)
    typed = {field.name: field.data or "" for field in form}
    try:
        key = recovery.look_up_key(
            typed, ip=request.remote_addr or "", compose=mailing.compose, settings=settings(), now=clock.now(),
            on=today(),
        )  # fmt: skip
    except TooManyAskings:
        return _look_up_page(form, {"form": words.too_many()}, status=429)
    except AskTheSchool:
        return _look_up_page(form, {"form": _ask_the_school()}, status=422)
    except FieldError as error:
        return _look_up_page(form, words.field_errors(error, settings()), status=422)
    return begin_with(key)


@blueprint.get("/password-set")
@public
def closed() -> Response:
    """After a reset of an account that a new password does not open: who opens it (C02)."""
    state = session.get("closed")
    if state is None:
        return redirect(url_for("sign_in.form"), 303)
    return fragments.render(
        "recovery/_closed.html", title=_("Your new password is set"), said=words.closed(state),
        schools=recovery.offices(),
    )  # fmt: skip


def _reset(token: str, *purposes: str) -> Response:
    """The page behind a link or a code: questions where the account has some, then the new password (D11)."""
    form = PasswordForm()
    try:
        link = links.find(token, *purposes, settings=settings(), now=clock.now())
        if not form.is_submitted():
            return _reset_page(form, link)
        recovery.may_reset(link, request.form, settings=settings(), now=clock.now())
        account = recovery.reset(
            link, form.password.data or "", form.repeated.data or "", compose=mailing.compose, settings=settings(),
            now=clock.now(),
        )  # fmt: skip
    except InvalidLink:
        return _dead_page()
    except TooManyAnswers:
        return _reset_page(form, link, {"form": _ask_the_office()}, status=422, offices=True)
    except WrongAnswers:
        return _reset_page(form, link, {"question": _wrong_answers()}, status=422)
    except FieldError as error:
        return _reset_page(form, link, words.field_errors(error, settings()), status=422)
    session.pop("reset_code", None)
    return _changed(account)


def _changed(account: Account) -> Response:
    if account.state in ("locked", "disabled", "left"):
        session["closed"] = account.state
        return redirect(url_for("recovery.closed"), 303)
    flash(_("Your new password is set. Please sign in with it."))
    return redirect(url_for("office.sign_in" if account.role == "staff" else "sign_in.form"), 303)


def _reset_page(
    form: PasswordForm, link: OneTimeLink, errors: dict[str, str] | None = None, status: int = 200, *,
    offices: bool = False,
) -> Response:  # fmt: skip
    codes = questions.asked(link.account, "", settings()) if recovery.asks_questions(link) else []
    return fragments.render(
        "recovery/_reset.html", status=status, title=_("Choose a new password"), form=form,
        errors=_at_first(codes, errors), portal=settings(), user_name=link.account.user_name,
        asked={code: words.questions()[code] for code in codes}, typed=request.form,
        schools=recovery.offices() if offices else None,
    )  # fmt: skip


def _name_page(form: NameForm, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return fragments.render(
        "recovery/_student.html", status=status, title=_("Forgotten password"), form=form, errors=errors or {}
    )


def _questions_page(
    form: AnswersForm, user_name: str, errors: dict[str, str] | None = None, status: int = 200, *,
    offices: bool = False,
) -> Response:  # fmt: skip
    codes = questions.asked(recovery.student_account(user_name), user_name_key(user_name), settings())
    return fragments.render(
        "recovery/_questions.html", status=status, title=_("Forgotten password"), form=form,
        errors=_at_first(codes, errors), portal=settings(), user_name=user_name,
        asked={code: words.questions()[code] for code in codes}, typed=request.form,
        schools=recovery.offices() if offices else None,
    )  # fmt: skip


def _at_first(codes: list[str], errors: dict[str, str] | None) -> dict[str, str]:
    """The errors by field: what is wrong with the answers as a whole is said at the first of them."""
    return {codes[0] if field == "question" and codes else field: text for field, text in (errors or {}).items()}


def _forgot_page(form: AddressForm, error: str = "", status: int = 200) -> Response:
    return fragments.render(
        "recovery/_forgot.html", status=status, title=_("Problems signing in"), form=form,
        errors={"email": error} if error else {}, schools=recovery.offices(), portal=settings(),
    )  # fmt: skip


def _code_page(form: CodeForm, error: str = "", status: int = 200) -> Response:
    return fragments.render(
        "recovery/_code.html", status=status, title=_("Code from the school"), form=form,
        errors={"code": error} if error else {},
    )  # fmt: skip


def _look_up_page(form: LookUpForm, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    secret = settings().lookup_secret_name
    return fragments.render(
        "recovery/_look_up.html", status=status, title=_("Look up your activation key"), form=form,
        errors=errors or {}, secret_name=secret[:1].upper() + secret[1:], schools=recovery.offices(),
    )  # fmt: skip


def _dead_page(*, verifying: bool = False) -> Response:
    """A link that is over: what to do, the same for every reason."""
    return fragments.render(
        "recovery/_dead.html", status=404, title=_("This link no longer works"), verifying=verifying
    )


def _dead_link() -> str:
    return _("This code does not work. It may be mistyped, already used or too old. Please ask the school for another.")


def _wrong_answers() -> str:
    return _("The answers are not those that were given. After five tries you have to wait until tomorrow.")


def _ask_a_teacher() -> str:
    return _(
        "The questions were answered wrongly too often. Ask a teacher or your school: they can let you begin anew. Or"
        " try again tomorrow."
    )


def _ask_the_office() -> str:
    return _(
        "The questions were answered wrongly too often. Ask the school: it can print a code with which you set a new"
        " password. Or try again tomorrow."
    )


def _ask_the_school() -> str:
    return _("No key can be handed out with these. Please check each, or ask your child's school.")
