"""One student's record, tab by tab, for those who may see it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models import Student
from services import formats
from services.record import assignments, grades
from services.record.classes import classes_of, current, in_term, terms_of
from services.record.overview import schools_of, updated_at
from views import fragments, words
from views.access import account, settings, student_or_404, today, withheld

blueprint = Blueprint("students", __name__, url_prefix="/students/<int:student_id>")

#: The overview shows so many of a kind; the other tabs have them all.
SHOWN = 8

#: The feed's files that these tabs are made from.
GRADE_FILES = ("results", "lineItems", "grades", "enrollments")


@blueprint.get("")
def overview(student_id: int) -> Response:
    """What needs attention, what is new, and every class with its grade, on one page (G02)."""
    student = student_or_404(student_id)
    if "grades" in withheld(student):
        return _tab("overview", student, _("Overview"), closed=True)
    classes, locale, day = current(classes_of([student.id]), today()), str(get_locale()), today()
    work = assignments.to_do(classes, day, locale, days=7)
    return _tab(
        "overview", student, _("Overview"), files=GRADE_FILES, closed=False,
        classes=classes,
        titles={c.section_id: c.title for c in classes},
        words=words.statuses(),
        missing=[a for a in work if a.status == "missing"][:SHOWN],
        missing_count=sum(a.status == "missing" for a in work),
        due=[a for a in work if a.status == "due"],
        scores=assignments.new_scores(classes, day, locale)[:SHOWN],
        posted=grades.latest(classes, day, locale),
    )  # fmt: skip


@blueprint.get("/grades")
def all_grades(student_id: int) -> Response:
    """One row a class; every assignment of every class with `?all=1`; another term of the year with `?term=`."""
    student = student_or_404(student_id, "grades")
    everything = classes_of([student.id])
    term_id = request.args.get("term", type=int)
    classes = in_term(everything, term_id) if term_id else current(everything, today())
    locale, day, all_work = str(get_locale()), today(), request.args.get("all") == "1"
    return _tab(
        "grades", student, _("Grades"), files=GRADE_FILES,
        classes=classes,
        terms=terms_of(everything),
        term_id=term_id,
        posted={} if all_work else grades.latest(classes, day, locale),
        counts={} if all_work else assignments.count(classes, day, by="section"),
        tables=assignments.by_category(classes, day, locale) if all_work else None,
        words=words.statuses() if all_work else {},
    )  # fmt: skip


@blueprint.get("/grades/<int:section_id>")
def section(student_id: int, section_id: int) -> Response:
    """The assignments of one class by category, with weights, dates, points, scores and marks (C09, G01)."""
    student = student_or_404(student_id, "grades")
    found = next((c for c in classes_of([student.id]) if c.section_id == section_id), None) or abort(404)
    locale, day = str(get_locale()), today()
    return _tab(
        "section", student, found.title, files=GRADE_FILES,
        chosen=found,
        posted=grades.latest([found], day, locale).get(section_id),
        tables=assignments.by_category([found], day, locale).get(section_id, []),
        words=words.statuses(),
        can_write=settings().messages,
        has_email=bool(account().reply_address),
        term_ends=formats.day(max((term.ends for term in found.terms), default=None), locale),
    )  # fmt: skip


@blueprint.get("/to-do")
def to_do(student_id: int) -> Response:
    """What is missing and what is due next, across classes (C12)."""
    student = student_or_404(student_id, "grades")
    classes = current(classes_of([student.id]), today())
    work = assignments.to_do(classes, today(), str(get_locale()))
    return _tab(
        "to_do", student, _("To do"), files=GRADE_FILES,
        titles={c.section_id: c.title for c in classes},
        words=words.statuses(),
        missing=[a for a in work if a.status == "missing"],
        due=[a for a in work if a.status == "due"],
    )  # fmt: skip


def _tab(name: str, student: Student, heading: str, *, files: tuple[str, ...] = (), **context: Any) -> Response:
    """One tab inside the student's frame: name, school, the row of tabs, and when its data was updated (G17)."""
    locale, day = str(get_locale()), today()
    schools = schools_of([student.id], day).get(student.id, [])
    updated = updated_at(*files) if files else None
    return fragments.render(
        f"students/_{name}.html",
        title=_("%(heading)s: %(student)s", heading=heading, student=words.isolated(student.name)),
        heading=heading,
        student=student,
        schools=", ".join(schools),
        tabs=_tabs(student, name),
        updated=formats.moment(updated, settings().time_zone, locale),
        **context,
    )


def _tabs(student: Student, current_name: str) -> list[tuple[str, str, bool]]:
    """The tabs that are open to this account: label, address, whether it is the current one."""
    closed = withheld(student)
    tabs = [("overview", _("Overview"), "students.overview")]
    if "grades" not in closed:
        tabs += [("grades", _("Grades"), "students.all_grades"), ("to_do", _("To do"), "students.to_do")]
    shown = {"section": "grades"}.get(current_name, current_name)
    return [(label, url_for(endpoint, student_id=student.id), name == shown) for name, label, endpoint in tabs]
