"""Reports to print or to keep (C11): each as a page that prints well, and as a PDF beside it."""

from __future__ import annotations

from flask import abort
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models import AuditEvent, Student
from services import clock
from services import reports as made_of
from services.reports.as_pdf import as_pdf
from services.reports.structure import Report, Words
from views import report_words
from views.access import owner, settings, student_or_404, today
from views.students.frame import blueprint, tab


@blueprint.get("/reports")
def reports(student_id: int) -> Response:
    """What can be printed of this student."""
    student = student_or_404(student_id, "reports")
    words = report_words.current()
    return tab("reports", student, _("Reports"), reports=[(name, words(name)) for name in made_of.open_of(student)])


@blueprint.get("/reports/<name>")
def report(student_id: int, name: str) -> Response:
    """One report as a page."""
    student, found, words = _report_or_404(student_id, name)
    _note(student, name, "page")
    files = made_of.REPORTS[name].files
    return tab(
        "reports", student, found.title, part="report", files=files, report=found, page_of=words.texts["page of"]
    )


@blueprint.get("/reports/<name>.pdf")
def report_pdf(student_id: int, name: str) -> Response:
    """The same as a file, whose name says nothing of the child."""
    student, found, words = _report_or_404(student_id, name)
    body = as_pdf(found, words, made=clock.now())
    _note(student, name, "pdf")
    headers = {"Content-Disposition": f"attachment; filename={name}.pdf"}
    return Response(body, mimetype="application/pdf", headers=headers)


def _report_or_404(student_id: int, name: str) -> tuple[Student, Report, Words]:
    student = student_or_404(student_id, "reports")
    if name not in made_of.open_of(student):
        abort(404)
    words = report_words.current()
    found = made_of.make(name, student, on=today(), now=clock.now(), words=words, settings=settings())
    return student, found, words


def _note(student: Student, name: str, form: str) -> None:
    AuditEvent.create(
        at=clock.now(), account=owner(), student=student.id, action="report made",
        details={"report": name, "as": form},
    )  # fmt: skip
