"""Registration at the counter: who stands there was checked, and gets a key, by mail or as a letter (G09, G20, H05)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import get_locale, ngettext, pgettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import StringField

from models import Guardian, Student
from services import clock, formats
from services.hashing import new_token
from services.keys import InvalidKey
from services.office import identity, registration, rights
from services.office.registration import Asked, Child, Handed
from services.office.search import search
from services.passwords import FieldError
from services.pdf.sheets import letters as draw_letters
from services.throttle import Limit
from views import fragments, help_sheets, languages, words
from views.access import settings
from views.forms import Form
from views.office import letter_texts, searches
from views.office.gate import blueprint, guardian_or_404, needs, office, student_or_404
from views.office.pdf import pdf


class CounterForm(Form):
    """What the clerk enters; the children are ticked beside it. `once` makes a form sent twice count once."""

    given_name = StringField()
    family_name = StringField()
    phone = StringField()
    email = StringField()
    language = StringField()
    document = StringField()
    legal = StringField()
    delivery = StringField()
    sought = StringField()
    once = StringField()


class PrintForm(Form):
    """The values of keys that a page still shows."""

    keys = StringField()
    language = StringField()


@blueprint.context_processor
def _students_get_keys() -> dict[str, bool]:
    """Whether a student's page offers a key (H05)."""
    return {"students_get_keys": settings().student_accounts == "key"}


@blueprint.route("/register", methods=["GET", "POST"], endpoint="registration")
@needs("register")
def find() -> Response:
    """Find the guardian who stands at the counter, or enter a new one."""
    form, student = Form(), _asked_for()
    if form.is_submitted():
        return searches.results(["q"], student=student.id if student is not None else None)
    typed = searches.typed("q")["q"]
    found = search(office(), typed, "register")
    return fragments.render(
        "office/_registration.html", title=_("Register a family"), typed=typed, guardians=found.guardians,
        more=found.more, student=student, form=form,
        portal_languages=languages.available(), sheets=help_sheets.listed(settings()),
    )  # fmt: skip


@blueprint.route("/register/new", methods=["GET", "POST"], endpoint="register_new")
@needs("register")
def register_new() -> Response:
    """Enter a guardian whom the SIS does not have, and register for students of one's own schools."""
    return _counter(None)


@blueprint.route("/register/guardians/<int:guardian_id>", methods=["GET", "POST"], endpoint="register_guardian")
@needs("register")
def register_guardian(guardian_id: int) -> Response:
    """Register a guardian for one's own children or for other students of one's own schools."""
    return _counter(guardian_or_404(guardian_id))


@blueprint.route("/guardians/<int:guardian_id>/new-key", methods=["GET", "POST"], endpoint="new_key")
@needs("register")
def new_key(guardian_id: int) -> Response:
    """Another key in place of one that did not arrive (G20): to an address that is known, or as a letter."""
    guardian = guardian_or_404(guardian_id)
    chosen = registration.waiting_children(office(), guardian, settings())
    known = registration.known_addresses(guardian)
    form = CounterForm()
    if not form.is_submitted():
        form.once.data, form.delivery.data = new_token(), known[0] if known else "letter"
        form.language.data = letter_texts.language_for(guardian.language)
        return _new_key_page(form, guardian, chosen, known)
    address = form.delivery.data if form.delivery.data in known else ""
    if not address and form.delivery.data != "letter":
        return _new_key_page(form, guardian, chosen, known, {"delivery": _by_field()["delivery"]}, 422)
    asked = Asked(
        document=form.document.data or "", by_mail=bool(address), email=address or "",
        language=letter_texts.language_for(form.language.data),
    )  # fmt: skip
    try:
        handed = _hand_out(form, guardian, chosen, asked, again=True)
    except FieldError as error:
        return _new_key_page(form, guardian, chosen, known, _errors(error), 422)
    return _handed(handed, asked.language) if handed is not None else _sent_before(guardian)


@blueprint.route("/students/<int:student_id>/key", methods=["GET", "POST"], endpoint="student_key")
@needs("register")
def student_key(student_id: int) -> Response:
    """A student's own activation key, as a letter (H05)."""
    student = student_or_404(student_id, "key")
    if settings().student_accounts != "key" or not _is_own(student):
        abort(404)
    form = CounterForm()
    if not form.is_submitted():
        form.once.data, form.language.data = new_token(), settings().default_language
        return _student_page(form, student)
    if not _first_time(form):
        return _sent_before(student)
    try:
        handed = registration.hand_to_student(office(), student, settings=settings(), now=clock.now())
    except FieldError as error:
        _once().give_back(form.once.data or "")
        return _student_page(form, student, _errors(error), 422)
    return _handed(handed, letter_texts.language_for(form.language.data))


@blueprint.post("/register/letter", endpoint="key_letter")
@needs("register")
def key_letter() -> Response:
    """The letter, for keys that the page before still shows: they come back from there, since nothing keeps them."""
    form = PrintForm()
    try:
        drafts = registration.from_letter(
            office(), (form.keys.data or "").split(), settings=settings(), now=clock.now()
        )
    except InvalidKey:
        abort(404)
    student = drafts[0].children[0]
    school = registration.school_of(student, office())
    language = letter_texts.language_for(form.language.data)
    body = draw_letters(
        letter_texts.letters([(drafts, None, "")], school, language), title=_("Letter"), language=language,
        made=clock.now(),
    )  # fmt: skip
    return pdf(body, "letter")


# ---- The counter's form --------------------------------------------------------------------------------------------


def _counter(guardian: Guardian | None) -> Response:
    form = CounterForm()
    if not form.is_submitted():
        student = _asked_for()
        form.once.data = new_token()
        form.email.data = (registration.known_addresses(guardian) or [""])[0] if guardian is not None else ""
        form.language.data = letter_texts.language_for(guardian.language if guardian is not None else None)
        form.delivery.data = "mail" if form.email.data else "letter"
        ids = [student.id] if student is not None else []
        found = registration.children(office(), guardian, ids, settings())
        return _counter_page(form, guardian, found, set(ids))
    ids = _ticked()
    if "find" in request.form:
        matches = [one.id for one in search(office(), form.sought.data or "", "register").students]
        found = registration.children(office(), guardian, [*ids, *matches], settings())
        return _counter_page(form, guardian, found, set(ids), nobody=not matches)
    found = registration.children(office(), guardian, ids, settings())
    chosen = [child for child in found if child.student.id in ids]
    if len(chosen) != len(set(ids)):
        abort(404)
    asked = _asked(form, ids)
    try:
        handed = _hand_out(form, guardian, chosen, asked)
    except FieldError as error:
        return _counter_page(form, guardian, found, set(ids), _errors(error), 422)
    return _handed(handed, asked.language) if handed is not None else _sent_before(guardian)


def _asked(form: CounterForm, ids: Iterable[int]) -> Asked:
    return Asked(
        document=form.document.data or "",
        is_legal=bool(form.legal.data),
        by_mail=form.delivery.data != "letter",
        email=form.email.data or "",
        language=letter_texts.language_for(form.language.data),
        relations={one: request.form.get(f"relation_{one}", "") for one in ids},
        given_name=form.given_name.data or "",
        family_name=form.family_name.data or "",
        phone=form.phone.data or "",
    )


def _hand_out(
    form: CounterForm, guardian: Guardian | None, chosen: list[Child], asked: Asked, *, again: bool = False
) -> Handed | None:
    """Do it; None when this very form was sent before: its mail is on its way, its letter was shown then."""
    registration.check(guardian, chosen, asked, again=again)
    if not _first_time(form):
        return None
    try:
        return registration.hand_out(
            office(), guardian, chosen, asked, again=again, compose=letter_texts.compose, settings=settings(),
            now=clock.now(),
        )  # fmt: skip
    except FieldError:
        _once().give_back(form.once.data or "")
        raise
    except rights.NotNow:
        _once().give_back(form.once.data or "")
        raise FieldError("children", "meanwhile") from None


def _first_time(form: CounterForm) -> bool:
    return bool(form.once.data) and _once().take(form.once.data or "", clock.now())


def _once() -> Limit:
    return Limit("counter form", tries=1, minutes=24 * 60, secret=settings().secret_key)


def _ticked() -> list[int]:
    """The ids of the students who were chosen."""
    named = [name.removeprefix("child_") for name in request.form if name.startswith("child_")]
    return [int(one) for one in named if one.isdecimal() and len(one) < 10]


def _asked_for() -> Student | None:
    """The student from whose page the clerk has come."""
    number = request.args.get("student", "")
    if not number.isdecimal() or len(number) > 9:
        return None
    found: Student | None = registration.own_students(office()).where(Student.id == int(number)).first()
    return found


def _is_own(student: Student) -> bool:
    return bool(registration.own_students(office()).where(Student.id == student.id).exists())


# ---- Answers -------------------------------------------------------------------------------------------------------


def _handed(handed: Handed, language: str) -> Response:
    """Where a mail went; or the keys, in this answer alone, with the letter one button away."""
    person = handed.person
    student_page = isinstance(person, Student)
    back = (
        url_for("office.student", student_id=person.id)
        if student_page
        else url_for("office.guardian", guardian_id=person.id)
    )
    if handed.mailed_to is not None:
        flash(_("A mail with the key is on its way to %(address)s.", address=words.isolated(handed.mailed_to)))
    if handed.connected:
        names = ", ".join(words.isolated(one.name) for one in handed.connected)
        flash(_("No key is needed: %(students)s can be seen with the guardian's account now.", students=names))
    if handed.mailed_to is not None or handed.connected:
        return redirect(back, 303)
    says = registration.letter_of(handed.drafts, settings(), clock.now())
    return fragments.render(
        "office/_key.html", title=_("The key"), form=PrintForm(formdata=None), person=person, back=back,
        codes=letter_texts.codes(says), values=" ".join(one.value for one in handed.drafts), to_language=language,
        dead=ngettext(
            "%(num)s earlier key no longer works.", "%(num)s earlier keys no longer work.", handed.replaced
        ) if handed.replaced else "",
    )  # fmt: skip


def _sent_before(person: Guardian | Student | None) -> Response:
    """A double click, or the page of an answer loaded anew."""
    again = (
        url_for("office.registration")
        if person is None
        else url_for("office.student_key", student_id=person.id)
        if isinstance(person, Student)
        else url_for("office.new_key", guardian_id=person.id)
    )
    return fragments.render("office/_sent_before.html", status=409, title=_("This form was sent already"), again=again)


def _counter_page(
    form: CounterForm, guardian: Guardian | None, found: list[Child], ticked: set[int],
    errors: dict[str, str] | None = None, status: int = 200, *, nobody: bool = False,
) -> Response:  # fmt: skip
    title = _("Register a new guardian") if guardian is None else _("Register a guardian")
    return fragments.render(
        "office/_register.html", status=status, title=title, form=form, guardian=guardian, found=found,
        ticked=ticked, errors=errors or {}, nobody=nobody, typed=request.form, obstacles=obstacles(),
        births={child.student.id: formats.day(child.student.birth_date, str(get_locale())) for child in found},
        **_choices(),
    )  # fmt: skip


def _new_key_page(
    form: CounterForm, guardian: Guardian, chosen: list[Child], known: list[str],
    errors: dict[str, str] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    return fragments.render(
        "office/_new_key.html", status=status, title=_("A new key"), form=form, guardian=guardian, chosen=chosen,
        by_mail=[(one, _("by e-mail to %(address)s", address=words.isolated(one))) for one in known],
        errors=errors or {}, live=len(registration.live_keys(guardian, clock.now())),
        was_identified=registration.was_identified(guardian), **_choices(),
    )  # fmt: skip


def _student_page(
    form: CounterForm, student: Student, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    return fragments.render(
        "office/_student_key.html", status=status, title=_("A key for the student"), form=form, student=student,
        errors=errors or {}, **_choices(),
    )  # fmt: skip


def _choices() -> dict[str, Any]:
    return {
        "documents": [(name, documents()[name]) for name in identity.DOCUMENTS],
        "relations": list(words.relations().items()),
        "portal_languages": [(known.code, known.name) for known in languages.available()],
    }


# ---- In words ------------------------------------------------------------------------------------------------------


def documents() -> dict[str, str]:
    """Documents that show who somebody is (see `services.office.identity.DOCUMENTS`)."""
    return {
        "license": _("Driver's license"),
        "passport": _("Passport"),
        # Translators: an identity card from one of the states of the USA
        "state_id": _("State ID"),
        "consular_id": _("Consular ID"),
        "other": _("Another document with a photo"),
    }


def obstacles() -> dict[str, str]:
    """Why no key can be given for a student (see `services.office.registration.Child`)."""
    return {
        "left": _("Not enrolled in a school that is switched on"),
        "inactive": _("The guardian is no longer in the SIS"),
        "withheld": _("Restricted by the office: see the rights"),
        "sis": _("The SIS withholds the portal"),
        "not legal": _("Not a legal guardian, says the SIS"),
        "open": pgettext("a guardian's access to a student", "Open already"),
    }


def _errors(error: FieldError) -> dict[str, str]:
    """What is wrong, by field."""
    return {one.field: _said(one) for one in error.all}


def _said(error: FieldError) -> str:
    if error.field == "children":
        return {
            **obstacles(),
            "empty": _("Choose at least one student."),
            "meanwhile": _("Somebody else has just changed this. Look at the page again."),
            "account": _("This student has an account already."),
            "off": _("Students get no keys here."),
        }[error.code]
    if error.field.startswith("relation_"):
        return _("Choose what the guardian is to this student.")
    return _by_field().get(error.field) or words.field_error(error, settings())


def _by_field() -> dict[str, str]:
    return {
        "phone": _("Enter a telephone number with at least seven digits, or leave it empty."),
        "document": _("Choose which photo ID you have seen: without one no key is handed out."),
        "legal": _("Only a legal guardian gets a key. Tick the box if this is one."),
        "delivery": _("Choose how the key gets to the family."),
    }
