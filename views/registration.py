"""Ways to an account: guardians register, students claim, step by step as the preset says (C14, D03, G10, H02, S02).

Each step is a page of its own with an address of its own. What has been established waits on the server; the browser
holds a token in its cookie. Nothing personal is ever in an address.
"""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from models import ActivationKey, Registration
from services import addresses, agreements, clock, recovery, registration, roles, typed_in
from services.claims import NoClaim
from services.keys import InvalidKey
from services.passwords import FieldError
from services.questions import QUESTIONS
from services.registration import Context
from services.roles import NothingToAsk
from services.throttle import Limit
from views import fragments, mailing, words
from views.access import account, public, settings, today
from views.forms import Form, QuestionsForm

blueprint = Blueprint("registration", __name__)

#: Tries at first steps from one address before it has to wait: enough for a family at a library, useless for guessing.
KEY_TRIES, KEY_WINDOW_MINUTES = 20, 15


class KeyForm(Form):
    """The activation key as typed or pasted."""

    key = StringField()


class CredentialsForm(Form):
    """Person ID and GUID from the school."""

    person_id = StringField()
    key = StringField()


class TokenForm(Form):
    """User ID, the child's date of birth and the token for that child."""

    user_id = StringField()
    birth_date = StringField()
    key = StringField()


class ClaimForm(Form):
    """A student's names and number, as the school has them."""

    family_name = StringField()
    given_name = StringField()
    student_number = StringField()


class RoleForm(Form):
    """Answers that only a guardian knows."""

    relation = StringField()
    phone = StringField()
    address = StringField()
    school = StringField()


class AgreementForm(Form):
    """The user agreement's box."""

    accept = StringField()


class AccountForm(Form):
    """User name, address where it is asked for apart, and password."""

    user_name = StringField()
    email = StringField()
    password = PasswordField()
    repeated = PasswordField()


class PasswordForm(Form):
    """A new password, twice."""

    password = PasswordField()
    repeated = PasswordField()


FORMS = {
    "key": KeyForm, "credentials": CredentialsForm, "token": TokenForm, "claim": ClaimForm, "role": RoleForm,
    "agreement": AgreementForm, "account": AccountForm, "password": PasswordForm, "questions": QuestionsForm,
}  # fmt: skip


@blueprint.get("/register", defaults={"way": "register"})
@blueprint.get("/claim", defaults={"way": "claim"})
@public
def begin(way: str) -> Response:
    """Go to the step that is next."""
    if current_user.is_authenticated:
        return fragments.render("sign_in/_already.html", title=_("You are signed in"))
    names = _steps(way)
    begun = _begun(way)
    step = registration.next_step(begun, settings()) if begun is not None else names[0]
    return redirect(url_for(f"registration.{way}", step=step), 303)


@blueprint.route("/register/<step>", methods=["GET", "POST"])
@public
def register(step: str) -> Response:
    """One step of a guardian, or of a student with a key."""
    return _step("register", step)


@blueprint.route("/claim/<step>", methods=["GET", "POST"])
@public
def claim(step: str) -> Response:
    """One step of a student who claims the account that waits."""
    return _step("claim", step)


@blueprint.get("/registered")
@public
def done() -> Response:
    """Name the user name once more; from now on it signs in, and the key is dead."""
    begun = _begun("register") or _begun("claim")
    end = registration.finished(begun) if begun is not None else None
    if begun is None or end is None:
        return redirect(url_for("sign_in.form"), 303)
    if end.not_yet:
        return fragments.render(
            "registration/_not_yet.html", title=_("Please ask your school"), mailed=bool(end.email),
            schools=recovery.offices(),
        )  # fmt: skip
    return fragments.render(
        "registration/_done.html",
        title=_("Please check your e-mail") if end.waits_for_mail else _("Your account is ready"),
        user_name=end.user_name,
        made_up=end.user_name.isdigit() and settings().user_name == "email",
        waits=end.waits_for_mail,
        email=end.email,
        schools=recovery.offices(),
        with_key=begun.way == "register",
        sender=settings().mail_from,
    )


@blueprint.route("/add-child", methods=["GET", "POST"])
def add_child() -> Response:
    """A guardian who is signed in opens the next child with that child's own token (G10)."""
    if settings().key_scope != "child" or account().role != "guardian":
        abort(404)
    form = TokenForm()
    if not form.is_submitted():
        return _child_page(form)
    try:
        typed_in.check(_typed(form), "birth_date", "key")
    except FieldError as error:
        return _child_page(form, words.field_errors(error, settings()), status=422)
    if not _key_limit().take(request.remote_addr or "", clock.now()):
        return _child_page(form, {"form": words.too_many()}, status=429)
    try:
        child = registration.add_child(account(), _typed(form), registration_context())
    except InvalidKey:
        return _child_page(form, {"form": _wrong_token()}, status=422)
    _key_limit().give_back(request.remote_addr or "")
    flash(_("%(student)s has been added.", student=words.isolated(child.name)))
    return redirect(url_for("home.children"), 303)


def begin_with(key: str) -> Response:
    """Go on with a key that was just looked up, as if it had been typed."""
    context = registration_context()
    begun = _start("register", context)
    registration.take(begun, _steps("register")[0], {"key": key}, context)
    return redirect(url_for("registration.register", step=registration.next_step(begun, settings())), 303)


def _step(way: str, step: str) -> Response:
    """Show a step, or take it."""
    names = _steps(way)
    if step not in names:
        abort(404)
    if current_user.is_authenticated:
        return redirect(f"/{way}", 303)
    begun, form = _begun(way), FORMS[step]()
    if step != names[0]:
        if begun is None:
            flash(_("Please begin again: this took longer than an hour, or it was begun in another browser."))
            return redirect(url_for(f"registration.{way}", step=names[0]), 303)
        if registration.finished(begun) is not None:
            return redirect(url_for("registration.done"), 303)
        due = registration.next_step(begun, settings())
        if names.index(step) > names.index(due):
            return redirect(url_for(f"registration.{way}", step=due), 303)
        if form.is_submitted() and request.form.get("begun") != str(begun.id):
            flash(_("Another registration was begun in this browser. This is where it stands."))
            return redirect(url_for(f"registration.{way}", step=due), 303)
    if not form.is_submitted():
        return _page(way, step, form, begun)
    return _take(way, step, form, begun)


def _take(way: str, step: str, form: Form, begun: Registration | None) -> Response:
    """Take a step with what was typed, and go on; or show it again and say what will not do.

    The first step always begins anew: a page of an earlier beginning, in another tab, must not go on with this one.
    """
    first = begun is None or step == _steps(way)[0]
    context = registration_context()
    try:
        if first:
            registration.check_shape(step, _typed(form))
            if not _key_limit().take(request.remote_addr or "", clock.now()):
                return _page(way, step, form, begun, {"form": words.too_many()}, status=429)
        if begun is None or first:
            begun = _start(way, context)
        finished = registration.take(begun, step, _typed(form), context)
    except FieldError as error:
        return _page(way, step, form, begun, words.field_errors(error, settings()), status=422)
    except NoClaim:
        return _page(way, step, form, begun, {"form": _no_claim()}, status=422)
    except InvalidKey:
        if first:
            wrong = {"key": _invalid_key()} if step == "key" else {"form": _wrong_token()}
            return _page(way, step, form, begun, wrong, status=422)
        return _ended(way)
    except NothingToAsk:
        return _page(way, step, form, begun, {}, status=422)
    if first:
        _key_limit().give_back(request.remote_addr or "")
    if finished is None:
        return redirect(url_for(f"registration.{way}", step=registration.next_step(begun, settings())), 303)
    return redirect(url_for("registration.done"), 303)


def _ended(way: str) -> Response:
    """The key was used or withdrawn while somebody was on the way."""
    session.pop("registration", None)
    first = _steps(way)[0]
    form = FORMS[first](formdata=None)
    said = _no_claim() if way == "claim" else _invalid_key()
    return _page(way, first, form, None, {"form": said}, status=422)


def _page(
    way: str, step: str, form: Form, begun: Registration | None, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    """The page of one step, with what was typed before still in it."""
    established = (begun.values.get(step) or {}) if begun is not None else {}
    if not form.is_submitted():
        for field in form:
            if field.name in established and field.type != "PasswordField":
                field.data = established[field.name]
    names = _steps(way)
    return fragments.render(
        f"registration/_{step}.html", status=status, title=_titles()[step], form=form, errors=errors or {},
        portal=settings(), way=way, number=names.index(step) + 1, of=len(names),
        begun=begun.id if begun is not None and step != names[0] else None, **_extras(step, begun, form),
    )  # fmt: skip


def _extras(step: str, begun: Registration | None, form: Form) -> dict[str, object]:
    """What the page of a step shows besides its form."""
    if step == "account" and settings().user_name == "email" and not form.is_submitted() and begun is not None:
        key = _key(begun)
        person = key and (key.guardian or key.student)
        form.user_name.data = form.user_name.data or (addresses.on_file(person) if person is not None else None)
    if step == "role" and begun is not None:
        key = _key(begun)
        try:
            asked = roles.asked(key, settings()) if key is not None else []
        except NothingToAsk:
            asked = []
        return {"asked": asked, "relations": words.relations(), "schools": [(name, name) for name in roles.schools()]}
    if step == "agreement":
        agreement = agreements.current()
        return {"agreement": agreement, "text": words.agreement_text(agreement, settings())}
    if step == "password" and begun is not None:
        named = [values["user_name"] for values in begun.values.values() if "user_name" in values]
        return {"user_name": named[0] if named else ""}
    if step == "claim":
        return {"schools": recovery.offices()}
    if step == "questions":
        return {"questions": {code: words.questions()[code] for code in QUESTIONS}}
    return {}


def _key(begun: Registration) -> ActivationKey | None:
    number = next((values["key_id"] for values in begun.values.values() if "key_id" in values), None)
    found: ActivationKey | None = ActivationKey.get_or_none(ActivationKey.id == number)
    return found


def _child_page(form: TokenForm, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return fragments.render(
        "registration/_add_child.html", status=status, title=_("Add a child"), form=form, errors=errors or {}
    )


def registration_context() -> Context:
    """What the steps need to know of this request."""
    return Context(settings(), clock.now(), today(), str(get_locale()), mailing.compose)


def _begun(way: str) -> Registration | None:
    return registration.resume(session.get("registration"), way, registration_context())


def _start(way: str, context: Context) -> Registration:
    session["registration"] = registration.start(way, context)
    return _begun(way) or abort(500)


def _steps(way: str) -> tuple[str, ...]:
    names = registration.steps(way, settings())
    return names or abort(404)


def _typed(form: Form) -> dict[str, str]:
    """What was typed, by field; fields that this preset's page does not have are left out."""
    typed = {field.name: field.data or "" for field in form if field.name != "csrf_token"}
    if not settings().email_required:
        typed.pop("email", None)
    return typed


def _key_limit() -> Limit:
    """Right keys are given back: a school's computer room full of parents shares one address."""
    return Limit("key", tries=KEY_TRIES, minutes=KEY_WINDOW_MINUTES, secret=settings().secret_key)


def _titles() -> dict[str, str]:
    return {
        "key": _("Create your account"),
        "credentials": _("Create your account"),
        "token": _("Register a new account"),
        "claim": _("Claim my account"),
        "role": _("A few questions to be sure"),
        "agreement": _("User agreement"),
        "account": _("Choose how you sign in"),
        "password": _("Choose a password"),
        "questions": _("Challenge questions"),
    }


def _invalid_key() -> str:
    return _("This key does not work. It may be mistyped, already used or too old. Please check it, or ask the school.")


def _wrong_token() -> str:
    return _("These do not belong together, or they were used already. Please check each, or ask the school.")


def _no_claim() -> str:
    return _(
        "No account can be claimed with these. Check that the names are spelled as at school, capital letters included,"
        " and that the number is without the S. New students can claim their account 24 hours after the school has"
        " entered them."
    )
