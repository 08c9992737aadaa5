""" "Why can't this guardian see this student?" (H06), and from there to technical support (H07)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, NamedTuple

from flask import current_app, flash, redirect, request, url_for
from flask_babel import force_locale, get_locale, pgettext
from flask_babel import gettext as _
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from models import Guardian, Student, WorkOrder
from services import clock, formats
from services.messages import MAX_LENGTH, MessageRefused
from services.office import why, work_orders
from services.office.search import Found, search
from services.office.why import SIS, Check
from services.outbox import Mail
from views import fragments, mailing, words
from views.access import settings, today
from views.forms import Form
from views.office import searches
from views.office.gate import blueprint, guardian_or_404, needs, office, student_or_404


class ProblemForm(Form):
    """What is wrong, for technical support."""

    body = TextAreaField()


class Line(NamedTuple):
    """A check in words: `sign` is the status's word and `shape` its class; the remedy's link may be missing."""

    name: str
    sign: str
    shape: str
    text: str
    remedy: str
    link: str


@blueprint.get("/guardians/<int:guardian_id>/students/<int:student_id>/why", endpoint="why")
@needs("accounts")
def page(guardian_id: int, student_id: int) -> Response:
    """Every condition that decides, named, with its remedy; also for two people whom nothing connects yet (H06)."""
    guardian, student = guardian_or_404(guardian_id), student_or_404(student_id, "why")
    return _page(guardian, student, ProblemForm())


@blueprint.post("/guardians/<int:guardian_id>/students/<int:student_id>/work-orders", endpoint="send_work_order")
@needs("accounts")
def send(guardian_id: int, student_id: int) -> Response:
    """Hand the problem to technical support, with what was checked (H07)."""
    guardian, student = guardian_or_404(guardian_id), student_or_404(student_id, "work order")
    form, typed = ProblemForm(), request.form.get("body", "")
    found = _checks(guardian, student)
    try:
        work_orders.send(
            guardian, student, typed, found, write=_mail, by=office(), settings=settings(), now=clock.now()
        )
    except MessageRefused as refused:
        return _page(guardian, student, form, words.refusal(refused, typed), status=422)
    flash(_("The work order has gone to technical support. Its state is shown on this page."))
    return redirect(url_for("office.why", guardian_id=guardian.id, student_id=student.id), 303)


@blueprint.route("/guardians/<int:guardian_id>/why", methods=["GET", "POST"], endpoint="why_of_guardian")
@needs("accounts")
def of_guardian(guardian_id: int) -> Response:
    """Choose the student whom the guardian does not see."""
    guardian = guardian_or_404(guardian_id)
    return _choose(guardian, None)


@blueprint.route("/students/<int:student_id>/why", methods=["GET", "POST"], endpoint="why_of_student")
@needs("accounts")
def of_student(student_id: int) -> Response:
    """Choose the guardian who does not see the student."""
    student = student_or_404(student_id, "why")
    return _choose(None, student)


def in_words(checks: list[Check], guardian_id: int | None = None, student_id: int | None = None) -> list[Line]:
    """The checks as the page and the mail show them; without ids nothing is linked."""
    names, signs, remedies = _names(), _signs(), _remedies()
    lines = []
    for check in checks:
        link = ""
        if guardian_id is not None and student_id is not None:
            link = way_to(check.remedy, **_address_of(check.remedy, guardian_id, student_id))
        sign, shape = signs[check.passed]
        lines.append(
            Line(names[check.name], sign, shape, _sentence(check), remedies.get(check.remedy, "") , link)
        )  # fmt: skip
    return lines


def way_to(endpoint: str, **values: Any) -> str:
    """The address of a page of the office; empty when there is no such page, or not for this member of staff."""
    view = current_app.view_functions.get(endpoint)
    if view is None or not office().may(getattr(view, "right", "")):
        return ""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""


def _address_of(remedy: str, guardian_id: int, student_id: int) -> dict[str, Any]:
    """What the address of a remedy's page is made of; a desk of its own needs nothing."""
    by_remedy: dict[str, dict[str, Any]] = {
        "office.account": {"kind": "guardians", "person_id": guardian_id},
        "office.rights": {"guardian_id": guardian_id, "student_id": student_id},
        "office.register_guardian": {"guardian_id": guardian_id, "student": student_id},
        "office.at_eighteen": {"student_id": student_id},
    }
    return by_remedy.get(remedy, {})


def _checks(guardian: Guardian, student: Student) -> list[Check]:
    return why.checks(guardian, student, settings=settings(), on=today(), now=clock.now())


def _page(guardian: Guardian, student: Student, form: ProblemForm, error: str = "", status: int = 200) -> Response:
    found = _checks(guardian, student)
    return fragments.render(
        "office/_why.html",
        status=status,
        title=_("Does this guardian see this student?"),
        guardian=guardian,
        student=student,
        sees=why.visible(found),
        lines=in_words(found, guardian.id, student.id),
        failed=[line for line, check in zip(in_words(found), found, strict=True) if check.passed is False],
        orders=[(moment(one.created_at), one) for one in work_orders.of_pair(guardian, student, office())],
        states=states(),
        form=form,
        error=error,
        limit=MAX_LENGTH,
    )


def _choose(guardian: Guardian | None, student: Student | None) -> Response:
    form = Form()
    if form.is_submitted():
        return searches.results(["q"])
    typed = searches.typed("q")["q"]
    found = search(office(), typed, "accounts") if typed.strip() else Found([], [], False)
    return fragments.render(
        "office/_why_choose.html",
        title=_("Which student is not seen?") if guardian else _("Which guardian does not see the student?"),
        guardian=guardian, student=student, typed=typed, more=found.more, form=form,
        people=found.students if guardian else found.guardians,
    )  # fmt: skip


def _mail(order: WorkOrder) -> Mail:
    """The mail to technical support: nobody's name stands in its subject."""
    guardian, student, default = order.guardian, order.student, settings().default_language
    with force_locale(default):
        told = in_words(why.from_json(order.checks))
    return mailing.compose(
        "work_order", default, order=order.id, guardian=guardian.name, student=student.name,
        number=student.number or "", sender=office().account.person.name, body=order.problem,
        lines=[" ".join(f"{line.name}: {line.sign}. {line.text}".split()) for line in told],
    )  # fmt: skip


def moment(at: dt.datetime | None) -> str:
    """A moment on the district's clock, in the reader's language."""
    return formats.moment(at, settings().time_zone, str(get_locale()))


def states() -> dict[str, str]:
    """The states of a work order."""
    return {
        "open": pgettext("state of a work order", "Open"),
        "done": pgettext("state of a work order", "Done"),
        "declined": pgettext("state of a work order", "Declined"),
    }


# ---- In words ----------------------------------------------------------------------------------------------------


def _names() -> dict[str, str]:
    return {
        "account": _("Guardian's account"),
        # Translators: a step of why somebody may see a student
        "sign_in": _("Signing in"),
        "guardian": _("Guardian in the SIS"),
        "guardianship": _("Guardianship"),
        "portal_flag": _("Portal flag of the SIS"),
        "relation": _("What the relation allows"),
        "sis_restriction": _("Restriction in the SIS"),
        "office_restriction": _("Restriction by the office"),
        "age": _("Student's age"),
        "activated": _("Child added to the account"),
        "sections": _("Sections of the record"),
        # Translators: a step of why somebody may see a student: who lives where
        "household": _("Household"),
        "student": _("Student in the SIS"),
        "enrollment": _("Enrollment this year or next"),
        "school": _("School"),
        "key": _("Activation key"),
        "mail": _("Mail sent"),
    }


def _signs() -> dict[bool | None, tuple[str, str]]:
    return {
        True: (pgettext("of a condition", "In order"), "done"),
        False: (pgettext("of a condition", "In the way"), "missing"),
        None: (pgettext("of a condition", "For your information"), "exempt"),
    }


def _remedies() -> dict[str, str]:
    return {
        SIS: _("Correct it in the SIS; the next feed brings it."),
        "office.register_guardian": _("Issue a key"),
        "office.account": _("Help with the account"),
        "office.rights": _("Change the rights"),
        "office.schools": _("Switch schools on"),
        "office.feeds": _("Look at the feeds"),
        "office.at_eighteen": _("Record the student's answer"),
    }


def _sentence(check: Check) -> str:
    value: defaultdict[str, Any] = defaultdict(str, check.values)
    return {
        "account": _about_account,
        "sign_in": _about_account,
        "guardian": _about_people,
        "student": _about_people,
        "household": _about_people,
        "guardianship": _about_pair,
        "portal_flag": _about_pair,
        "relation": _about_pair,
        "activated": _about_pair,
        "sections": _about_pair,
        "sis_restriction": _about_restriction,
        "office_restriction": _about_restriction,
        "age": _about_age,
        "enrollment": _about_school,
        "school": _about_school,
        "key": _about_key,
        "mail": _about_mail,
    }[check.name](check, value)


def _about_account(check: Check, value: dict[str, Any]) -> str:
    if check.name == "sign_in":
        return {
            "waits": _("Too many wrong passwords: no password is taken before %(time)s.", time=_at(value["until"])),
            "duties": _("After signing in, something has to be done before any child is shown: %(duties)s.",
                        duties=_list([duties().get(one, one) for one in value["duties"]])),
            "never": _("The owner has never signed in."),
        }[check.fact]  # fmt: skip
    if check.fact == "none":
        return _("There is no account: the guardian has not registered.")
    state = words.account_states()[check.fact]
    return _("State of the account: %(state)s", state=state)


def _about_people(check: Check, value: dict[str, Any]) -> str:
    return {
        ("guardian", "active"): _("The SIS has this guardian."),
        ("guardian", "gone"): _("The SIS no longer has this guardian."),
        ("student", "active"): _("The SIS has this student."),
        ("student", "gone"): _("The SIS no longer has this student."),
        ("household", "together"): _("The two live together, as the SIS has it."),
        ("household", "apart"): _("The SIS has the two in different households."),
        ("household", "unknown"): _("The SIS does not say where the two live."),
    }[check.name, check.fact]


def _about_pair(check: Check, value: dict[str, Any]) -> str:
    vouching = {
        "associations": _("the SIS's contacts"),
        "student_agents": _("the student's agents in the SIS"),
        "guardian_agents": _("the guardian's agents in the SIS"),
        # Translators: who says that two people belong together
        "office": _("the office"),
    }
    sources = _list([vouching[by] for by in value["by"]])
    relation = words.isolated(value["relation"]) if value["relation"] else ""
    tabs = words.tabs()
    return {
        ("guardianship", "none"): _("Nothing connects this guardian with this student."),
        ("guardianship", "ended"): _("They were connected, but nobody says so any longer."),
        ("guardianship", "vouched"): _("Connected by: %(sources)s", sources=sources),
        ("portal_flag", "unset"): _("The SIS says neither yes nor no."),
        ("portal_flag", "yes"): _("The SIS says yes."),
        ("portal_flag", "no"): _("The SIS says no. The portal cannot overrule it."),
        ("relation", "granted"): _("The office has granted access. Document: %(document)s",
                                   document=words.isolated(value["document"])),
        ("relation", "parent"): (
            _("Relation in the SIS: %(relation)s. Access comes with it.", relation=relation)
            if relation
            else _("A parent or guardian in the SIS. Access comes with it.")
        ),
        ("relation", "other"): (
            _(
                "Relation in the SIS: %(relation)s. It gives no access by itself; the office can grant it.",
                relation=relation,
            )
            if relation
            else _("The SIS names no relation that gives access; the office can grant it.")
        ),
        ("relation", "contact_restriction"): _(
            "The SIS has a contact restriction: %(text)s. Nobody has granted access.",
            text=words.isolated(value["restriction"]),
        ),
        ("activated", "done"): _("The child's own key was used."),
        ("activated", "waits"): _("Children are added one by one here, and this child's key has not been used."),
        ("sections", "all"): _("All sections are open."),
        ("sections", "withheld"): _("The office withholds: %(sections)s",
                                    sections=_list([tabs.get(one, one) for one in value["sections"]])),
    }[check.name, check.fact]  # fmt: skip


def _about_restriction(check: Check, value: dict[str, Any]) -> str:
    begins, ends = _day(value["begins"]), _day(value["ends"])
    return {
        "none": _("There is no restriction."),
        "over": _("It ended on %(day)s.", day=ends),
        "later": _("It begins on %(day)s.", day=begins),
        "in_force": _("It is in force until %(day)s.", day=ends) if ends else _("It is in force, without an end."),
    }[check.fact]


def _about_age(check: Check, value: dict[str, Any]) -> str:
    if check.fact == "unknown":
        return _("The SIS has no date of birth.")
    day = _day(value["day"])
    if check.fact == "later":
        return _("The student turns 18 on %(day)s.", day=day)
    if check.fact == "ends":
        return _("Access ends on %(day)s, when the student turns 18, unless the student consents.", day=day)
    said = {
        "dependent": _("The student counts as a dependent of the guardians."),
        "ask_none": _("The student has not been asked yet whether guardians may see the record."),
        "consent_none": _("No consent of the student is recorded: access ended on that day."),
        "yes": _("The student consents."),
        "no": _("The student does not consent."),
    }
    answer = said.get(check.fact) or said[check.fact.rpartition("_")[2]]
    document = _("Document: %(document)s", document=words.isolated(value["document"])) if value["document"] else ""
    return " ".join(part for part in (_("18 since %(day)s.", day=day), answer, document) if part)


def _about_school(check: Check, value: dict[str, Any]) -> str:
    schools = _list([words.isolated(one) for one in value["schools"] or [value["school"]]])
    return {
        ("enrollment", "current"): _("Enrolled at %(schools)s.", schools=schools),
        ("enrollment", "left"): _("Left %(schools)s on %(day)s.", schools=schools, day=_day(value["left"])),
        ("enrollment", "none"): _("The SIS has no enrollment."),
        ("enrollment", "no_year"): _("No feed has brought the present school year: no student is shown to anybody."),
        ("school", "on"): _("%(schools)s: switched on.", schools=schools),
        ("school", "off"): _("%(schools)s: not switched on in the portal.", schools=schools),
        ("school", "gone"): _("%(schools)s: no longer in the SIS.", schools=schools),
    }[check.name, check.fact]


def _about_key(check: Check, value: dict[str, Any]) -> str:
    if check.fact == "none":
        return _("None was issued to this guardian.")
    issued, at = _at(value["issued"]), _at(value["at"])
    text = {
        "live": _("Issued %(issued)s, not used yet, good until %(time)s.", issued=issued, time=at),
        "used": _("Issued %(issued)s, used %(time)s.", issued=issued, time=at),
        "revoked": _("Issued %(issued)s, replaced or ended %(time)s.", issued=issued, time=at),
        "over": _("Issued %(issued)s, expired %(time)s without being used.", issued=issued, time=at),
    }[check.fact]
    whose = _("For this child.") if value["whose"] == "child" else _("For all children.")
    return f"{text} {whose}"


def _about_mail(check: Check, value: dict[str, Any]) -> str:
    if check.fact == "no_address":
        return _("There is no e-mail address that anything could be sent to.")
    state = {
        "queued": pgettext("state of a mail", "waits to be sent"),
        "sent": pgettext("state of a mail", "sent"),
        "failed": pgettext("state of a mail", "could not be delivered"),
        "withdrawn": pgettext("state of a mail", "withdrawn"),
    }.get(check.fact, check.fact)
    kind = words.isolated(value["kind"])
    return _("%(kind)s, %(time)s: %(state)s", kind=kind, time=_at(value["at"]), state=state)


def duties() -> dict[str, str]:
    """What an owner may have to do after signing in, before anything else is shown."""
    return {
        "email": _("verify the e-mail address"),
        "password": _("set a password"),
        "questions": _("choose security questions"),
        "agreement": _("accept the agreement"),
        "authenticator": _("set up an authenticator app"),
    }


def _list(items: list[str]) -> str:
    return ", ".join(items)


def _day(iso: str) -> str:
    return formats.day(iso or None, str(get_locale()))


def _at(iso: str) -> str:
    return moment(dt.datetime.fromisoformat(iso)) if iso else ""
