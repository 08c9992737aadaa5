"""Reporting an absence to the school, for one child or several at once (X11)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from models import AbsenceReport, Student
from services import absence_reports, clock, formats
from services.drafts import Kept
from services.messages import MAX_LENGTH, MessageRefused
from services.outbox import Mail
from services.passwords import FieldError
from services.record.overview import schools_of
from views import drafts, fragments, mailing, words
from views.access import account, settings, today, visible_students, withheld
from views.drafts import keeps_draft
from views.forms import Form

blueprint = Blueprint("absences", __name__, url_prefix="/absences")


class AbsenceForm(Form):
    """When a child is absent and why; which children it is for are boxes of their own."""

    first_day = StringField()
    last_day = StringField()
    from_time = StringField()
    until_time = StringField()
    reason = StringField()
    note = TextAreaField()


class Reported(NamedTuple):
    """A report as its guardian reads it."""

    id: int
    student: Student
    when: str
    reason: str
    note: str
    state: str
    answer: str
    at: str


@blueprint.get("")
def page() -> Response:
    """The form, and what this guardian has reported; with `?student=` one child is chosen already."""
    children = _children_or_404()
    wanted = request.args.get("student", type=int)
    chosen = [one.id for one in children if one.id == wanted or len(children) == 1]
    draft = drafts.unsent()
    if draft is not None:
        chosen = [one.id for one in children if f"child_{one.id}" in draft.typed]
    return _page(AbsenceForm(data=draft.typed if draft else {"first_day": today().isoformat()}), children, chosen,
                 draft=draft)  # fmt: skip


@blueprint.post("")
@keeps_draft
def report() -> Response:
    """Tell the school."""
    children, form = _children_or_404(), AbsenceForm()
    chosen = [one for one in children if f"child_{one.id}" in request.form]
    # The note as it came: characters that the form leaves out are a reason to refuse, not to send something else.
    typed = {**{name: value or "" for name, value in form.data.items()}, "note": request.form.get("note", "")}
    try:
        absence_reports.report(
            account(), chosen, typed, write=_mail, settings=settings(), now=clock.now(), on=today()
        )  # fmt: skip
    except FieldError as error:
        errors = {one.field: _error(one, typed) for one in error.all}
        return _page(form, children, [one.id for one in chosen], errors)
    drafts.forget()
    flash(_("The school has your report. What it makes of it will be on this page."))
    return redirect(url_for("absences.page"), 303)


@blueprint.post("/<int:report_id>/withdraw")
def withdraw(report_id: int) -> Response:
    """Take a report back that the school has not looked at."""
    mine = absence_reports.of_account(account(), _children_or_404())
    found = next((one for one in mine if one.id == report_id), None) or abort(404)
    if absence_reports.withdraw(found, clock.now()):
        flash(_("Your report has been withdrawn."))
    else:
        flash(_("The school has looked at this report already. Please call the school."))
    return redirect(url_for("absences.page"), 303)


def _children_or_404() -> list[Student]:
    """The children whose attendance is open to this guardian: of others nobody reports an absence."""
    if account().guardian_id is None:
        abort(404)
    return [one for one in visible_students() if "attendance" not in withheld(one)]


def _page(
    form: AbsenceForm, children: list[Student], chosen: list[int], errors: dict[str, str] | None = None,
    draft: Kept | None = None,
) -> Response:  # fmt: skip
    reasons = words.absence_reasons()
    return fragments.render(
        "absences/_page.html",
        status=422 if errors else 200,
        title=_("Report an absence"),
        form=form,
        children=children,
        chosen=chosen,
        draft=draft,
        errors=errors or {},
        reasons=[(code, reasons[code]) for code in settings().absence_reasons],
        reports=[_reported(one, reasons) for one in absence_reports.of_account(account(), children)],
        states=words.absence_states(),
        shapes=SHAPES,
        limit=MAX_LENGTH,
        days=absence_reports.MOST_DAYS,
    )


#: The shape that goes with the word for a state (static/portal.css).
SHAPES = {"new": "submitted", "seen": "submitted", "recorded": "done", "declined": "missing", "withdrawn": "exempt"}


def when(found: AbsenceReport, locale: str) -> str:
    """The days of a report, or the part of its day."""
    first, last = (formats.day(day, locale) for day in (found.first_day, found.last_day))
    begins, ends = (formats.time_of_day(time, locale) for time in (found.from_time, found.until_time))
    if first != last:
        return f"{first} – {last}"
    if begins and ends:
        return _("%(day)s from %(begins)s until %(ends)s", day=first, begins=begins, ends=ends)
    if begins:
        return _("%(day)s from %(begins)s on", day=first, begins=begins)
    if ends:
        return _("%(day)s until %(ends)s", day=first, ends=ends)
    return first


def _reported(found: AbsenceReport, reasons: dict[str, str]) -> Reported:
    locale = str(get_locale())
    return Reported(
        found.id, found.student, when(found, locale), reasons.get(found.reason, found.reason), found.note or "",
        found.state, found.answer or "", formats.moment(found.created_at, settings().time_zone, locale),
    )  # fmt: skip


def _mail(made: list[AbsenceReport]) -> Mail:
    """The mail to the office, in the district's language: no name and no reason in its subject."""
    language, one = settings().default_language, made[0]
    schools = schools_of([each.student_id for each in made], today())
    children = [
        (each.student.name, each.student.number or "", ", ".join(schools.get(each.student_id, []))) for each in made
    ]
    with force_locale(language):
        return mailing.compose(
            "absence", language,
            # A line break in a name must not begin another line of the mail.
            students=[[" ".join(text.split()) for text in child] for child in children],
            when=when(one, language), reason=words.absence_reasons().get(one.reason, one.reason),
            sender=account().person.name, body=one.note or "", reply_to=account().reply_address or "",
        )  # fmt: skip


def _error(error: FieldError, typed: dict[str, str]) -> str:
    """What is wrong with a field, and what would do."""
    if error.field == "note":
        return words.refusal(MessageRefused(error.code), typed["note"])
    day = formats.day(today() - dt.timedelta(days=absence_reports.DAYS_BACK), str(get_locale()))
    last = formats.day(today() + dt.timedelta(days=absence_reports.DAYS_AHEAD), str(get_locale()))
    by_code = {
        "children none": _("Choose for which child."),
        "children twice": _("You have reported this already. It is in the list below."),
        "children often": _("You have reported as often today as the portal takes. Please call the school."),
        "first_day empty": _("Enter the day."),
        "first_day past": _("This is too long ago: %(day)s at the earliest. Please call the school.", day=day),
        "last_day order": _("The last day is before the first one."),
        "last_day long": ngettext(
            "At most %(num)s day can be reported at once. Please call the school.",
            "At most %(num)s days can be reported at once. Please call the school.", absence_reports.MOST_DAYS,
        ),
        "until_time order": _("This time is not after the other one."),
        "reason unknown": _("Choose a reason."),
    }  # fmt: skip
    found = by_code.get(f"{error.field} {error.code}")
    if found is not None:
        return found
    if error.code == "ahead":
        return _("This is too far ahead: %(day)s at the latest. Please call the school.", day=last)
    if error.code == "days":
        return _("Times are for a part of one day. Leave them empty for several days.")
    if error.field.endswith("_time"):
        return _("Enter a time such as 10:30.")
    return _("Enter a date such as 2026-04-30.")
