"""An account at the counter and on the phone: first "Who is asking?", then what helps (H04, D20, C02, D08)."""

from __future__ import annotations

from typing import Any

import segno
from flask import flash, redirect, url_for
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import StringField

from models import Account, Guardian, IdentityCheck, Student
from services import clock, links
from services.office import accounts, identity, people
from services.passwords import FieldError
from views import fragments, languages, mailing, words
from views.access import settings
from views.forms import Form
from views.office.gate import blueprint, guardian_or_404, needs, office, student_or_404
from views.office.registration import documents
from views.office.why import duties, moment, way_to

_PERSON = "/<any(guardians, students):kind>/<int:person_id>"

#: Pixels of one square of the QR code.
SQUARE = 4


class DocumentForm(Form):
    """What somebody has shown, and for a student who it was."""

    document = StringField()
    shown_by = StringField()


class CallForm(Form):
    """What a caller has said; what was not asked stays empty."""

    guardian_name = StringField()
    student_name = StringField()
    address = StringField()
    phone = StringField()
    secret = StringField()
    number = StringField()


@blueprint.get(f"{_PERSON}/account", endpoint="account")
@needs("accounts")
def page(kind: str, person_id: int) -> Response:
    """The account, its user name and what can be done, once it is clear who is asking."""
    person = _person_or_404(kind, person_id, "account")
    check = _check(person)
    if check is None:
        return redirect(url_for("office.identity", kind=kind, person_id=person_id), 303)
    account, now = people.account_of(person), clock.now()
    return fragments.render(
        "office/_account_help.html",
        title=_("Help with the account"),
        person=person,
        kind=kind,
        account=account,
        state=words.account_states()[account.state] if account else "",
        waits_until=moment(account.blocked_until) if account and _waits(account) else "",
        duties=[duties().get(one, one) for one in account.duties] if account else [],
        brought_over=moment(accounts.brought_over_at(account)),
        children=accounts.children_of(person, office()) if isinstance(person, Guardian) else [],
        possible=accounts.possible(account, now),
        buttons=_buttons(),
        good_until=moment(check.at + identity.GOOD_FOR),
        register=way_to("office.register_guardian", guardian_id=person_id) if kind == "guardians" else "",
    )


@blueprint.post(f"{_PERSON}/account/<any({', '.join(accounts.ACTIONS)}):action>", endpoint="change_account")
@needs("accounts")
def change(kind: str, person_id: int, action: str) -> Response:
    """Do one thing to the account; a printed code is shown on this answer alone."""
    person = _person_or_404(kind, person_id, "account")
    check, account = _check(person), people.account_of(person)
    if check is None:
        flash(_("That was half an hour ago. Make sure again who is asking."))
        return redirect(url_for("office.identity", kind=kind, person_id=person_id), 303)
    back = redirect(url_for("office.account", kind=kind, person_id=person_id), 303)
    try:
        if account is None:
            raise accounts.NotNow
        code = accounts.do(
            action, account, check, by=office(), compose=mailing.compose, settings=settings(), now=clock.now()
        )
    except accounts.NotNow:
        flash(_("Nothing was changed: the account is in another state by now."))
        return back
    except accounts.TooManyMails:
        flash(too_many_mails())
        return back
    if code:
        return _letter(person, account, code)
    flash(_done()[action])
    return back


@blueprint.route(f"{_PERSON}/identity", methods=["GET", "POST"], endpoint="identity")
@needs("accounts")
def in_person(kind: str, person_id: int) -> Response:
    """Who is asking: somebody who stands at the counter and shows a document."""
    person = _person_or_404(kind, person_id, "identity")
    form = DocumentForm()
    guardians = {str(one.guardian.id): one.guardian for one in _pairs(person)} if kind == "students" else {}
    error = None
    if form.is_submitted():
        try:
            shown_by = _shown_by(form.shown_by.data or "", guardians) if kind == "students" else None
            identity.by_document(person, form.document.data or "", shown_by=shown_by, by=office(), now=clock.now())
            return redirect(url_for("office.account", kind=kind, person_id=person_id), 303)
        except FieldError as wrong:
            error = wrong
    return fragments.render(
        "office/_identity.html",
        status=200 if error is None else 422,
        title=_("Who is asking?"),
        kind=kind,
        person=person,
        form=form,
        documents=[(name, documents()[name]) for name in identity.DOCUMENTS],
        people=[("student", _("the student")), *((key, one.name) for key, one in guardians.items())],
        errors={} if error is None else {error.field: _left_out()[error.field]},
    )


@blueprint.route(f"{_PERSON}/identity/phone", methods=["GET", "POST"], endpoint="identity_by_phone")
@needs("accounts")
def by_phone(kind: str, person_id: int) -> Response:
    """Who is asking: a caller, whose answers are typed here. The page never shows what the right ones are."""
    person = _person_or_404(kind, person_id, "identity")
    form, found = CallForm(), _pairs(person)
    if not found:
        flash(_nobody_to_ask())
        return redirect(url_for("office.identity", kind=kind, person_id=person_id), 303)
    questions = identity.questions_for(found)
    if not form.is_submitted():
        return _call_page(kind, person, form, questions)
    typed = {name: form[name].data or "" for name in questions}
    try:
        check = identity.by_phone(person, typed, by=office(), settings=settings(), now=clock.now())
    except FieldError:
        nothing = {questions[0]: _("Type what the caller has answered.")}
        return _call_page(kind, person, form, questions, errors=nothing, status=422)
    except identity.TooManyCalls:
        return _call_page(kind, person, form, questions, _too_many_calls(), status=429)
    if check.passed:
        return redirect(url_for("office.account", kind=kind, person_id=person_id), 303)
    return _call_page(kind, person, form, questions, _refused(), check, status=422)


def _person_or_404(kind: str, person_id: int, page: str) -> Guardian | Student:
    return guardian_or_404(person_id) if kind == "guardians" else student_or_404(person_id, page)


def _check(person: Guardian | Student) -> IdentityCheck | None:
    """How this member of staff made sure who is asking, in this working session and lately."""
    signed_in_at = current_user.login_session.created_at
    return identity.current(person, office(), signed_in_at=signed_in_at, now=clock.now())


def _pairs(person: Guardian | Student) -> list[identity.Pair]:
    return identity.pairs(person, office())


def _shown_by(chosen: str, guardians: dict[str, Guardian]) -> Guardian | None:
    """The guardian who came, None for the student. Raises FieldError."""
    if chosen not in guardians and chosen != "student":
        raise FieldError("shown_by", "unknown")
    return guardians.get(chosen)


def _waits(account: Account) -> bool:
    return account.blocked_until is not None and account.blocked_until > clock.now()


def _call_page(
    kind: str, person: Guardian | Student, form: CallForm, questions: list[str], refused: str = "",
    check: IdentityCheck | None = None, errors: dict[str, str] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    labels = _questions()
    return fragments.render(
        "office/_identity_phone.html",
        status=status,
        title=_("Who is calling?"),
        kind=kind,
        person=person,
        form=form,
        questions=[(name, labels[name], form[name].data if name != "secret" else "") for name in questions],
        results=[(labels[name], name in check.matched) for name in check.asked] if check else [],
        least=identity.LEAST,
        refused=refused,
        errors=errors or {},
    )


def _letter(person: Guardian | Student, account: Account, code: str) -> Response:
    """The page that is printed and handed over, in the family's language; the code is in no other place."""
    path = url_for("recovery.code")
    address = settings().portal_url.rstrip("/") + path
    picture = segno.make_qr(address, error="m").svg_inline(scale=SQUARE, light="#fff", svgclass=None, lineclass=None)
    own = account.language if account.language in [one.code for one in languages.available()] else None
    hours = int(links.LIFETIMES["code"].total_seconds() // 3600)
    with force_locale(own or settings().default_language):
        texts: dict[str, Any] = {
            "heading": _("A new password for %(name)s", name=words.isolated(person.name)),
            "how": _("Open this address, type the code, and choose a new password:"),
            "name": _("Your user name: %(name)s", name=words.isolated(account.user_name)),
            "until": ngettext(
                "The code works once, within %(num)s hour. Nobody at the school knows your password.",
                "The code works once, within %(num)s hours. Nobody at the school knows your password.", hours,
            ),
            "code": _("Code"),
            "language": get_locale().language,
            "direction": get_locale().text_direction,
        }  # fmt: skip
    return fragments.render(
        "office/_reset_code.html", title=_("Reset code"), code=code, address=address, letter=texts,
        picture=picture, back=url_for("office.account", kind=_kind(person), person_id=person.id),
    )  # fmt: skip


def _kind(person: Guardian | Student) -> str:
    return "guardians" if isinstance(person, Guardian) else "students"


# ---- In words ----------------------------------------------------------------------------------------------------


def _questions() -> dict[str, str]:
    return {
        "guardian_name": _("The guardian's name"),
        "student_name": _("The student's name"),
        "address": _("The mailing address: house number and ZIP code"),
        "phone": _("The home phone number"),
        "secret": _("The student's secret number in the SIS"),
        "number": _("The student number"),
    }


def _left_out() -> dict[str, str]:
    return {
        "document": _("Choose the kind of document that you have seen."),
        "shown_by": _("Choose who has shown it."),
    }


def _buttons() -> dict[str, tuple[str, str]]:
    """The words on the button of each action, and what it does."""
    return {
        "unlock": (_("Unlock"), _("Wrong passwords are forgotten.")),
        "enable": (_("Enable"), _("The owner can sign in again.")),
        "sign_out": (_("End all sessions"), _("Every browser of the owner is signed out.")),
        "link": (_("Mail a one-time link"), _("With it the owner sets a new password.")),
        "code": (_("Print a reset code"), _("For an owner without e-mail: good for 72 hours, shown once.")),
        "end_authenticator": (_("End the authenticator app"), _("The password alone is enough from then on.")),
        "disable": (_("Disable"), _("Nobody signs in until the office enables the account again.")),
        "cancel": (_("Cancel the account"), _("Its owner has to register or claim anew.")),
    }


def _done() -> dict[str, str]:
    return {
        "unlock": _("The account is unlocked."),
        "enable": _("The account is enabled."),
        "sign_out": _("All sessions have ended."),
        "link": _("The mail with the one-time link is on its way."),
        "end_authenticator": _("The authenticator app is off. The owner has been told."),
        "disable": _("The account is disabled."),
        "cancel": _("The account is cancelled."),
    }


def _refused() -> str:
    return _("This does not prove who is calling. Ask the caller to come in with a document.")


def _too_many_calls() -> str:
    return _("Too many calls about this person failed today. Ask the caller to come in with a document.")


def too_many_mails() -> str:
    """That an address has had its mails for now."""
    return _("No further mail was sent: enough went to this address within the last hour.")


def _nobody_to_ask() -> str:
    return _(
        "Guardianship is not confirmed, so nobody can be asked by phone. Ask the caller to come in with a document."
    )
