"""Grades and assignments: one row a class, one class, and what is still to do."""

from __future__ import annotations

from flask import abort, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import formats
from services.record import assignments, contacts, grades
from services.record.classes import classes_of, current, in_term, terms_of
from views import words
from views.access import account, settings, student_or_404, today
from views.students.frame import blueprint, tab


@blueprint.get("/grades")
def all_grades(student_id: int) -> Response:
    """One row a class, or another term of the year with `?term=`.

    `?all=1` has every assignment of every class, `?tasks=1` every posted grade by grading task and term (C19).
    """
    student = student_or_404(student_id, "grades")
    everything = classes_of([student.id])
    term_id = request.args.get("term", type=int)
    classes = in_term(everything, term_id) if term_id else current(everything, today())
    locale, day = str(get_locale()), today()
    if request.args.get("tasks") == "1":
        grids = grades.grids(everything, day, locale)
        return tab(
            "grades", student, _("Grades by grading task"), part="grading_tasks", classes=everything, grids=grids,
            states=words.grade_states(),
        )  # fmt: skip
    all_work = request.args.get("all") == "1"
    return tab(
        "grades", student, _("Grades"),
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
    locale, day, period = str(get_locale()), today(), request.args.get("period", type=int)
    grid = grades.grids([found], day, locale).get(section_id)
    needs_address = settings().messages and account().role == "guardian" and not account().reply_address
    return tab(
        "grades", student, found.title, part="section",
        chosen=found,
        grid=grid,
        period=next((one for one in grid.periods if one.id == period), None) if grid and period else None,
        states=words.grade_states(),
        scale=grades.scale(section_id),
        posted=grades.latest([found], day, locale).get(section_id),
        tables=assignments.by_category([found], day, locale, session_id=period).get(section_id, []),
        words=words.statuses(),
        needs_address=needs_address,
        offices=contacts.offices(student, day) if needs_address else [],
        shows_addresses=account().role == "student",
        term_ends=formats.day(max((term.ends for term in found.terms), default=None), locale),
    )  # fmt: skip


@blueprint.get("/to-do")
def to_do(student_id: int) -> Response:
    """What is missing and what is due next, across classes (C12)."""
    student = student_or_404(student_id, "grades")
    classes = current(classes_of([student.id]), today())
    work = assignments.to_do(classes, today(), str(get_locale()))
    return tab(
        "to_do", student, _("To do"),
        titles={c.section_id: c.title for c in classes},
        words=words.statuses(),
        missing=[a for a in work if a.status == "missing"],
        due=[a for a in work if a.status == "due"],
    )  # fmt: skip
