"""Students who turn 18: a page, a file, and the answer of each that the office records (DECISIONS 28, FERPA)."""

from __future__ import annotations

from io import StringIO

from flask import Response, abort, flash, make_response, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from services import clock, formats, of_age, spreadsheets
from services.office import eighteen
from services.passwords import FieldError
from views import fragments
from views.access import settings, today
from views.forms import Form
from views.office.gate import blueprint, needs, office, student_or_404
from views.office.why import moment


class AnswerForm(Form):
    """What the student answered, and the document that says so."""

    answer = StringField()
    document = StringField()


@blueprint.get("/eighteen", endpoint="eighteen")
@needs("rights")
def page() -> BaseResponse:
    """Students of the own schools by the day on which they turn 18."""
    found, locale = _found("page"), str(get_locale())
    return fragments.render(
        "office/_eighteen.html",
        title=_("Turning 18"),
        days=of_age.AHEAD.days,
        rule=settings().at_eighteen,
        students=[
            (one.student, one.schools, formats.day(one.standing.day, locale), one.standing)
            for one in found[: eighteen.SHOWN]
        ],
        today=today(),
        answers=_answers(),
        left_out=max(len(found) - eighteen.SHOWN, 0),
    )


@blueprint.get("/eighteen.csv", endpoint="eighteen_file")
@needs("rights")
def file() -> Response:
    """The same as a file for a spreadsheet."""
    out = StringIO()
    header = (_("Student"), _("Student number"), _("School"), _("Grade level"), _("18th birthday"))
    asked = settings().at_eighteen != "dependent"
    rows = (
        (
            one.student.name, one.student.number, one.schools, one.student.grade_level, one.standing.day.isoformat(),
            *(_answered(one.standing) if asked else ()),
        )
        for one in _found("file")
    )  # fmt: skip
    spreadsheets.write(out, header + ((_("Answer"), _("Recorded")) if asked else ()), rows)
    # Spreadsheet programs take a file without this mark for one in an older encoding.
    answer = make_response("\ufeff" + out.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=eighteen.csv"
    return answer


@blueprint.route("/students/<int:student_id>/at-eighteen", methods=["GET", "POST"], endpoint="at_eighteen")
@needs("rights")
def answer(student_id: int) -> BaseResponse:
    """Record whether a student who comes of age agrees that guardians go on seeing the record."""
    student = student_or_404(student_id, "at eighteen")
    where = of_age.soon_or_over([student], settings().at_eighteen, today()).get(student.id) or abort(404)
    form = AnswerForm()
    errors: dict[str, str] = {}
    if form.is_submitted():
        try:
            eighteen.record(
                student, form.answer.data or "", document=form.document.data or "", by=office(), now=clock.now()
            )
            flash(_("The answer is recorded and counts from now on."))
            return redirect(url_for("office.student", student_id=student.id), 303)
        except FieldError as error:
            errors = {one.field: _wrong(one) for one in error.all}
    locale = str(get_locale())
    return fragments.render(
        "office/_at_eighteen.html",
        status=422 if errors else 200,
        title=_("The student's answer at 18"),
        student=student,
        rule=settings().at_eighteen,
        standing=where,
        day=formats.day(where.day, locale),
        answer=_answers()[eighteen.answer_of(where)],
        recorded=moment(where.answer.recorded_at) if where.answer else "",
        options=[("yes", _answers()["yes"]), ("no", _answers()["no"])],
        form=form,
        errors=errors,
    )


def _answered(where: of_age.Standing) -> tuple[str, str]:
    """The answer in words, and when it was recorded."""
    return _answers()[eighteen.answer_of(where)], moment(where.answer.recorded_at if where.answer else None)


def _answers() -> dict[str, str]:
    return {
        "": _("Not asked yet"),
        "yes": _("Agrees that guardians see the record"),
        "no": _("Does not agree"),
    }


def _wrong(error: FieldError) -> str:
    return {
        ("answer", "unknown"): _("Choose what the student has answered."),
        ("document", "empty"): _("Name the document, such as the signed consent and its date."),
        ("document", "long"): _("This is too long: name the document, do not copy it."),
    }[error.field, error.code]


def _found(kind: str) -> list[eighteen.Turning]:
    found = eighteen.turning(office(), settings().at_eighteen)
    office().note("birthdays viewed", clock.now(), page=kind, students=len(found))
    return found
