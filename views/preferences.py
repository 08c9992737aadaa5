"""What a family or student chooses: the language, and how the portal may reach them, with a number for texts (D07)."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from services import accounts, clock, numbers, preferences
from services.numbers import TooManyTexts
from services.passwords import FieldError
from views import fragments, languages, mailing, news, words
from views.access import account, settings
from views.forms import Form

blueprint = Blueprint("preferences", __name__, url_prefix="/preferences")


class PreferencesForm(Form):
    """The language and the ways to be reached; a box that is not ticked sends nothing."""

    language = StringField()
    by_email = StringField()
    by_text = StringField()


class NumberForm(Form):
    """A number for texts, with the password."""

    number = StringField()
    present = PasswordField()


class CodeForm(Form):
    """The code that was sent to the number."""

    code = StringField()


@blueprint.route("", methods=["GET", "POST"])
def page() -> Response:
    """Everything that can be chosen on one page; what would change nothing is not offered."""
    form = PreferencesForm()
    if not form.is_submitted():
        return _page(form)
    try:
        preferences.choose(
            account(), by_email=bool(form.by_email.data), by_text=bool(form.by_text.data), settings=settings()
        )
    except FieldError as error:
        return _page(form, error)
    languages.choose(form.language.data or "")
    flash(_("Your preferences are kept."))
    return redirect(url_for("preferences.page"), 303)


@blueprint.route("/number", methods=["GET", "POST"])
def number() -> Response:
    """Send a code to a number that texts are to go to; the present password is asked."""
    _texts_or_404()
    form = NumberForm()
    if not form.is_submitted():
        return _number_page(form)
    now = clock.now()
    try:
        accounts.confirm(account(), form.present.data or "", settings=settings(), now=now)
        numbers.send_code(
            account(), form.number.data or "", ip=request.remote_addr or "", compose=mailing.compose,
            settings=settings(), now=now,
        )  # fmt: skip
    except FieldError as error:
        return _number_page(form, {error.field: _error(error)}, status=422)
    except TooManyTexts:
        return _number_page(form, {"number": _too_many_texts()}, status=429)
    return redirect(url_for("preferences.code"), 303)


@blueprint.route("/number/code", methods=["GET", "POST"])
def code() -> Response:
    """Type the code that was sent: from then on the number is the account's."""
    _texts_or_404()
    waiting = numbers.waiting(account(), clock.now())
    if waiting is None:
        return redirect(url_for("preferences.page"), 303)
    form = CodeForm()
    if not form.is_submitted():
        return _code_page(form, waiting)
    try:
        numbers.prove(account(), form.code.data or "", compose=mailing.compose, settings=settings(), now=clock.now())
    except FieldError as error:
        return _code_page(form, waiting, error)
    flash(_("Thank you. This number is yours, and texts can go to it."))
    return redirect(url_for("preferences.page"), 303)


@blueprint.post("/number/remove")
def remove() -> Response:
    """Forget the number; notices go by e-mail then."""
    numbers.remove(account(), compose=mailing.compose, settings=settings(), now=clock.now())
    flash(_("Your number has been removed."))
    return redirect(url_for("preferences.page"), 303)


def _texts_or_404() -> None:
    if not settings().text_url:
        abort(404)


def _page(form: PreferencesForm, error: FieldError | None = None) -> Response:
    mine = preferences.of(account())
    return fragments.render(
        "preferences/_page.html",
        status=200 if error is None else 422,
        title=_("Preferences"),
        form=form,
        errors={} if error is None else {error.field: _error(error)},
        mine=account(),
        by={"mail": mine.by_email, "text": mine.by_text} if error is None else {},
        ways=preferences.ways(account(), settings()),
        number=mine.text_number,
        news=news.summary(),
        offered=bool(settings().text_url),
        shown=numbers.shown,
    )


def _number_page(form: NumberForm, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    on_file = numbers.on_file(account(), settings())
    if not form.is_submitted():
        form.number.data = _likely_number(on_file)
    return fragments.render(
        "preferences/_number.html",
        status=status,
        title=_("Your mobile number"),
        form=form,
        errors=errors or {},
        on_file=[numbers.shown(one) for one in on_file],
    )


def _likely_number(on_file: list[str]) -> str:
    """What to begin with: the number that was picked, the one that waits for its code, or the first of the SIS."""
    picked = request.args.get("use", -1, type=int)
    if 0 <= picked < len(on_file):
        return numbers.shown(on_file[picked])
    first = [] if preferences.of(account()).text_number else on_file[:1]
    waiting = numbers.waiting(account(), clock.now())
    return next((numbers.shown(one) for one in (waiting, *first) if one), "")


def _code_page(form: CodeForm, waiting: str, error: FieldError | None = None) -> Response:
    return fragments.render(
        "preferences/_code.html",
        status=200 if error is None else 422,
        title=_("The code in the text"),
        form=form,
        errors={} if error is None else {error.field: _error(error)},
        number=numbers.shown(waiting),
    )


def _error(error: FieldError) -> str:
    """What is wrong with a field, and what would do."""
    if error.field == "by_email":
        return _("Choose at least one way.")
    if error.field == "number":
        return _(
            "Enter a mobile number with its area code, like 720-555-0142. One of another country begins with + and"
            " that country's code."
        )
    if error.field == "code":
        return _("This is not the code of the newest text, or it is too old. After five tries you need another.")
    return words.field_error(error, settings())


def _too_many_texts() -> str:
    return _("Enough texts have been sent for now. Please wait an hour and try again.")
