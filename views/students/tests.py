"""Standardized tests: everything that a student has taken, and a page about each test (G04, D14)."""

from __future__ import annotations

from flask import abort
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.record import assessments
from views import words
from views.access import student_or_404
from views.students.frame import blueprint, tab


@blueprint.get("/tests")
def tests(student_id: int) -> Response:
    """The results of standardized tests by family of tests, each with a link to more about that test."""
    student = student_or_404(student_id, "tests")
    groups = assessments.grouped(assessments.tests_of(student.id, str(get_locale())))
    return tab("tests", student, _("Tests"), groups=groups, says=words.test_words())


@blueprint.get("/tests/<int:key>")
def test(student_id: int, key: int) -> Response:
    """One test: what it is, its scale, the district's page about it, and this student's results over time."""
    student = student_or_404(student_id, "tests")
    taken = assessments.tests_of(student.id, str(get_locale()))
    found = next((one for one in taken if one.key == key), None) or abort(404)
    return tab(
        "tests", student, found.title, part="test",
        test=found,
        rows=[(found, sitting) for sitting in found.sittings],
        says=words.test_words(),
    )  # fmt: skip
