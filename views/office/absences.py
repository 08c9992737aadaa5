"""Absences that guardians have reported: seen, recorded, declined (X11)."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import get_locale, pgettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from models import AbsenceReport, School
from services import clock
from services.messages import MAX_LENGTH, MessageRefused
from services.office import absences
from views import fragments, mailing, words
from views.absences import SHAPES, when
from views.access import settings
from views.downloads import csv_file
from views.forms import Form
from views.office.gate import blueprint, needs, office, student_or_404
from views.office.why import moment


class AnswerForm(Form):
    """What the guardian reads about the report."""

    body = TextAreaField()


@blueprint.get("/absences", endpoint="absences")
@needs("absences")
def listed() -> Response:
    """Today's absences, those to come and those that nobody has answered; with `?earlier=1` all others."""
    earlier, school = request.args.get("earlier") == "1", _school()
    most = absences.SHOWN
    found = absences.listed(office(), earlier=earlier, school=school, now=clock.now(), limit=most + 1)
    reasons, locale = words.absence_reasons(), str(get_locale())
    return fragments.render(
        "office/_absences.html",
        title=_("Absences"),
        rows=[
            (one, when(one.report, locale), reasons.get(one.report.reason, one.report.reason),
             moment(one.report.created_at))
            for one in found[:most]
        ],
        more=len(found) > most,
        earlier=earlier,
        school=school,
        schools=list(office().schools("absences")),
        states=states(),
        shapes=SHAPES,
    )  # fmt: skip


@blueprint.get("/absences.csv", endpoint="absences_file")
@needs("absences")
def file() -> Response:
    """The same as a file for a spreadsheet."""
    found = absences.listed(office(), earlier=request.args.get("earlier") == "1", school=_school(), now=clock.now())
    office().note("absences downloaded", clock.now(), rows=len(found))
    header = (
        _("Student"), _("Student number"), _("Grade level"), _("School"), _("First day"), _("Last day"),
        _("Away from"), _("Away until"), _("Reason"), _("Note"),
        pgettext("what has become of it", "State"), _("Reported by"), _("Reported (UTC)"),
    )  # fmt: skip
    reasons, named = words.absence_reasons(), states()
    return csv_file("absences", header, (
        (
            one.student.name, one.student.number, one.student.grade_level, one.schools, one.report.first_day,
            one.report.last_day, one.report.from_time, one.report.until_time,
            reasons.get(one.report.reason, one.report.reason), one.report.note, named[one.report.state], one.reporter,
            one.report.created_at.isoformat(" ", "minutes"),
        )
        for one in found
    ))  # fmt: skip


@blueprint.route("/absences/<int:report_id>", methods=["GET", "POST"], endpoint="absence")
@needs("absences")
def one(report_id: int) -> Response:
    """One report; on POST it is marked as seen, recorded or declined."""
    found = absences.find(office(), report_id) or abort(404)
    form = AnswerForm()
    if not form.is_submitted():
        student_or_404(found.student_id, "absence")
        return _page(found, form)
    outcome, typed = request.form.get("outcome", ""), request.form.get("body", "")
    try:
        absences.decide(
            found, outcome, typed, by=office(), compose=mailing.compose, settings=settings(), now=clock.now()
        )  # fmt: skip
    except MessageRefused as refused:
        return _page(found, form, words.refusal(refused, typed))
    except absences.NotOpen:
        flash(_("Nothing was changed: somebody has answered already, or the guardian has withdrawn the report."))
    else:
        flash(_("%(student)s: %(state)s", student=words.isolated(found.student.name), state=states()[outcome]))
    return redirect(url_for("office.absences"), 303)


def states() -> dict[str, str]:
    """The states of a report, for the office."""
    return {
        **words.absence_states(),
        "new": pgettext("state of a reported absence, for the office", "New"),
        "seen": pgettext("state of a reported absence, for the office", "Seen"),
    }


def _school() -> School | None:
    """The school that the list is narrowed to; of others nothing is known here."""
    number = request.args.get("school", type=int)
    if number is None:
        return None
    found: School = office().schools("absences").where(School.id == number).first() or abort(404)
    return found


def _page(found: AbsenceReport, form: AnswerForm, error: str = "") -> Response:
    guardian = found.account.guardian if found.account is not None else None
    return fragments.render(
        "office/_absence.html",
        status=422 if error else 200,
        title=_("Absence of %(student)s", student=words.isolated(found.student.name)),
        report=found,
        guardian=guardian,
        when=when(found, str(get_locale())),
        reason=words.absence_reasons().get(found.reason, found.reason),
        at=moment(found.created_at),
        closed_at=moment(found.closed_at),
        states=states(),
        shapes=SHAPES,
        outcomes=[name for name, before in absences.OUTCOMES.items() if found.state in before],
        can=office().may,
        form=form,
        error=error,
        limit=MAX_LENGTH,
    )
