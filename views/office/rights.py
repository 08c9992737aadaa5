"""The rights of one guardian for one child: restricted, granted, section by section, connected (D06, C01)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import get_locale, pgettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import StringField

from models import SECTIONS, Guardian, Guardianship, Student
from services import clock, formats, typed_in
from services.office import rights, why
from services.office.why import SIS
from services.passwords import FieldError
from views import fragments, words
from views.access import settings, today
from views.forms import Form
from views.office.gate import blueprint, guardian_or_404, needs, office, student_or_404
from views.office.why import in_words, moment

_PAIR = "/guardians/<int:guardian_id>/students/<int:student_id>/rights"

#: Each decision, with the words on its button.
_ACTIONS = "any(restrict, lift, grant, sections, connect, disconnect)"


class DecisionForm(Form):
    """What a decision may need; each page shows its own fields."""

    document = StringField()
    reason = StringField()
    begins = StringField()
    ends = StringField()
    relation = StringField()
    legal_guardian = StringField()
    made_for = StringField()
    """The version of the rights that the form was shown for."""


@blueprint.get(_PAIR, endpoint="rights")
@needs("rights")
def page(guardian_id: int, student_id: int) -> Response:
    """What this guardian may see of this student, by whose decision, and what was decided before."""
    guardian, student = guardian_or_404(guardian_id), student_or_404(student_id, "rights")
    pair, locale = rights.find(guardian, student), str(get_locale())
    of_pair = _checks(guardian, student)
    return fragments.render(
        "office/_rights.html",
        title=_("Rights"),
        guardian=guardian,
        student=student,
        pair=pair,
        is_open=all(one.passed is not False for one in of_pair),
        lines=in_words(of_pair),
        begins=formats.day(pair.office_from, locale) if pair else "",
        ends=formats.day(pair.office_until, locale) if pair else "",
        restricted=rights.is_restricted(pair),
        possible=_possible(pair),
        buttons=_buttons(),
        history=_history(guardian, student),
    )


@blueprint.route(f"{_PAIR}/<{_ACTIONS}:action>", methods=["GET", "POST"], endpoint="change_rights")
@needs("rights")
def change(guardian_id: int, student_id: int, action: str) -> Response:
    """Decide something about the two; it counts from the guardian's next request on."""
    guardian, student = guardian_or_404(guardian_id), student_or_404(student_id, "rights")
    pair = rights.find(guardian, student)
    back = url_for("office.rights", guardian_id=guardian.id, student_id=student.id)
    form = DecisionForm()
    if not form.is_submitted():
        if action in _possible(pair):
            return _form_page(action, guardian, student, pair, form)
        flash(_("That is not possible any more: the rights have been changed meanwhile."))
        return redirect(back, 303)
    try:
        _decide(action, guardian, student, pair, form)
    except FieldError as error:
        return _form_page(action, guardian, student, pair, form, error)
    except rights.NotNow:
        return _changed_page(action, guardian, student, form)
    flash(_("The decision counts from now on."))
    return redirect(back, 303)


_OF_THE_PAIR = (
    "guardianship", "portal_flag", "relation", "sis_restriction", "office_restriction", "age", "sections",
)  # fmt: skip


def _checks(guardian: Guardian, student: Student) -> list[why.Check]:
    """What decides about the two; of remedies only those that are not on these pages."""
    found = why.checks(guardian, student, settings=settings(), on=today(), now=clock.now())
    of_pair = [one for one in found if one.name in _OF_THE_PAIR]
    return [one if one.remedy == SIS else one._replace(remedy="") for one in of_pair]


def _history(guardian: Guardian, student: Student) -> list[tuple[str, str, str, str]]:
    """When, who, what and the details of each decision, the latest first."""
    return [(moment(one.at), one.who, *_told(one)) for one in rights.history(guardian, student)]


def _possible(pair: Guardianship | None) -> list[str]:
    """What can be decided as things are."""
    if pair is None:
        return ["connect"]
    vouched = any((pair.from_associations, pair.from_student_agents, pair.from_guardian_agents, pair.from_office))
    undecided = pair.office_access is None
    allowed = {
        "restrict": not rights.is_restricted(pair),
        "lift": not undecided,
        "grant": vouched and undecided and pair.portal_access is None and not pair.default_access,
        "sections": vouched,
        "connect": not vouched,
        "disconnect": bool(pair.from_office),
    }
    return [name for name, is_allowed in allowed.items() if is_allowed]


def _decide(action: str, guardian: Guardian, student: Student, pair: Guardianship | None, form: DecisionForm) -> None:
    """Do it, unless the form was shown for other rights. Raises FieldError and rights.NotNow."""
    if form.made_for.data != rights.version(pair) or action not in _possible(pair):
        raise rights.Changed
    said: dict[str, Any] = {"by": office(), "now": clock.now()}
    reason, document = form.reason.data or "", form.document.data or ""
    if action == "connect":
        legal = bool(form.legal_guardian.data)
        rights.connect(
            guardian, student, relation=form.relation.data or "", legal_guardian=legal, document=document, **said
        )
        return
    assert pair is not None  # noqa: S101 - the rest is only possible with one
    if action == "restrict":
        begins, ends = _day(form, "begins"), _day(form, "ends")
        rights.restrict(pair, document=document, reason=reason, begins=begins, ends=ends, **said)
    elif action == "lift":
        rights.lift(pair, reason=reason, **said)
    elif action == "grant":
        rights.grant(pair, document=document, **said)
    elif action == "sections":
        rights.withhold(pair, request.form.getlist("withheld"), reason=reason, **said)
    else:
        rights.disconnect(pair, reason=reason, **said)


def _day(form: DecisionForm, name: str) -> Any:
    """The day that was typed, None for none. Raises FieldError."""
    typed = (form[name].data or "").strip()
    found = typed_in.date(typed) if typed else None
    if typed and found is None:
        raise FieldError(name, "date")
    return found


def _form_page(
    action: str, guardian: Guardian, student: Student, pair: Guardianship | None, form: DecisionForm,
    error: FieldError | None = None,
) -> Response:  # fmt: skip
    withheld = list(pair.withheld or []) if pair is not None else []
    return _page_of(
        action, guardian, student, form, request.form.getlist("withheld") if form.is_submitted() else withheld,
        status=200 if error is None else 422, version=rights.version(pair),
        errors={} if error is None else {one.field: _wrong(one) for one in error.all},
    )  # fmt: skip


def _changed_page(action: str, guardian: Guardian, student: Student, form: DecisionForm) -> Response:
    """The form with what was typed, beside what stands now: whoever sends it again has seen that.

    Sections that are withheld now are checked too: none of them opens without being unchecked.
    """
    pair = rights.find(guardian, student)
    chosen = [*request.form.getlist("withheld"), *((pair.withheld or []) if pair is not None else [])]
    possible = action in _possible(pair)
    errors = {
        "form": _("The rights have been changed meanwhile. Nothing was saved: look at what stands now, then decide.")
        if possible
        else _("That is not possible any more: the rights have been changed meanwhile.")
    }
    return _page_of(
        action, guardian, student, form, chosen, status=409, version=rights.version(pair), errors=errors,
        lines=in_words(_checks(guardian, student)), history=_history(guardian, student)[:1], possible=possible,
    )  # fmt: skip


def _page_of(
    action: str, guardian: Guardian, student: Student, form: DecisionForm, chosen: list[str], **values: Any
) -> Response:
    tabs = words.tabs()
    return fragments.render(
        "office/_rights_form.html",
        title=_buttons()[action],
        action=action,
        guardian=guardian,
        student=student,
        form=form,
        sections=[(name, tabs[name], name in chosen) for name in SECTIONS],
        relations=list(words.relations().items()),
        **values,
    )


def _buttons() -> dict[str, str]:
    return {
        "restrict": _("Restrict access"),
        "lift": _("End the office's decision"),
        "grant": _("Grant access"),
        "sections": _("Withhold single sections"),
        "connect": _("Connect guardian and student"),
        "disconnect": _("Disconnect guardian and student"),
    }


def _wrong(error: FieldError) -> str:
    return {
        ("document", "empty"): _("Name the document, such as a court order and its number."),
        ("document", "long"): _("This is too long: name the document, do not copy it."),
        ("reason", "empty"): _("Give the reason."),
        ("reason", "long"): _("This is too long: a sentence or two will do."),
        ("begins", "date"): _("Enter a day such as 2026-11-30."),
        ("ends", "date"): _("Enter a day such as 2026-11-30."),
        ("ends", "order"): _("The last day is before the first."),
        ("ends", "past"): _("This day is over. Leave it empty for a restriction without an end."),
        ("relation", "unknown"): _("Choose what the guardian is to the child."),
    }[error.field, error.code]


def _told(entry: rights.Entry) -> tuple[str, str]:
    """A decision of the past: what was decided, and the details in words."""
    locale, given = str(get_locale()), entry.details
    tabs = words.tabs()
    what = {
        "access restricted": _("Access restricted"),
        "restriction lifted": _("Restriction lifted"),
        "access granted": _("Access granted"),
        "grant ended": _("Grant of access ended"),
        "sections withheld": _("Sections withheld"),
        "guardian connected": _("Connected by the office"),
        "guardian disconnected": _("Disconnected by the office"),
    }[entry.action]
    details = []
    if "sections" in given:
        names = ", ".join(tabs.get(str(name), str(name)) for name in _items(given["sections"]))
        details.append(names or pgettext("sections of the record", "none"))
    if given.get("begins"):
        details.append(_("from %(day)s", day=formats.day(str(given["begins"]), locale)))
    if given.get("ends"):
        details.append(_("until %(day)s", day=formats.day(str(given["ends"]), locale)))
    if given.get("document"):
        details.append(_("document: %(document)s", document=words.isolated(str(given["document"]))))
    if given.get("reason"):
        details.append(_("reason: %(reason)s", reason=words.isolated(str(given["reason"]))))
    return what, "; ".join(details)


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
