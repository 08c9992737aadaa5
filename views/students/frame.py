"""What all tabs of a student's record share: the row of tabs, the time of their data, and whom to ask (D19, G17)."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Blueprint, current_app, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models import Student
from services import formats, messages
from services.record import contacts, freshness
from services.record.overview import schools_of
from views import fragments, words
from views.access import account, settings, today, withheld

blueprint = Blueprint("students", __name__, url_prefix="/students/<int:student_id>")


class Tab(NamedTuple):
    """A tab: its view, the section of the rights that opens it, and the feed's files that it is made from.

    `always` tabs are there whatever the feed brings; the others when it has brought one of their files.
    """

    endpoint: str
    section: str | None
    files: tuple[str, ...]
    always: bool = False


_GRADE_FILES = ("results", "lineItems", "grades", "enrollments")

#: Every tab, in the order of the row.
TABS = {
    "overview": Tab("students.overview", None, _GRADE_FILES, always=True),
    "grades": Tab("students.all_grades", "grades", _GRADE_FILES, always=True),
    "to_do": Tab("students.to_do", "grades", _GRADE_FILES, always=True),
    "attendance": Tab(
        "students.attendance", "attendance", ("studentSchoolAttendanceEvents", "studentSectionAttendanceEvents")
    ),
    "schedule": Tab("students.schedule", "schedule", ("classes", "enrollments", "classMeetings"), always=True),
    "calendar": Tab("students.calendar", "calendar", ("calendarDates", "ext.schoolEvents"), always=True),
    "behavior": Tab(
        "students.behavior",
        "behavior",
        ("disciplineIncidents", "studentDisciplineIncidentBehaviorAssociations", "disciplineActions"),
    ),
    "tests": Tab("students.tests", "tests", ("studentAssessments", "studentAssessmentScoreResults")),
    "history": Tab("students.history", "history", ("courseTranscripts", "studentAcademicRecords")),
    "programs": Tab("students.programs", "programs", ("studentProgramAssociations",)),
    "library": Tab("students.library", "library", ("libraryTransactions",)),
    "fees": Tab("students.fees_and_meals", "fees", ("mealAccounts", "studentCharges")),
    "transportation": Tab("students.transportation", "transportation", ("studentTransportations",)),
    "reports": Tab("students.reports", "reports", (), always=True),
}

#: The tabs that are always in the row; the others stand behind "More".
FIRST = ("overview", "grades", "to_do", "attendance")


def tab(
    name: str, student: Student, heading: str, *, part: str = "", files: tuple[str, ...] | None = None, **context: Any
) -> Response:
    """Answer with one tab inside the student's frame.

    `name` is one of TABS; `part` the template in `templates/students/` where it is not the tab's own; `files` those
    whose time counts for "Updated", where they are not all of the tab's (G17, D16).
    """
    locale, day = str(get_locale()), today()
    delivered = freshness.delivered()
    schools = schools_of([student.id], day).get(student.id, [])
    row = _row(student, name, delivered)
    updated = freshness.oldest(delivered, TABS[name].files if files is None else files)
    return fragments.render(
        f"students/_{part or name}.html",
        title=_("%(heading)s: %(student)s", heading=heading, student=words.isolated(student.name)),
        heading=heading,
        student=student,
        schools=", ".join(schools),
        tabs=row["tabs"],
        more_tabs=row["more_tabs"],
        updated=formats.moment(updated, settings().time_zone, locale),
        ask=_whom_to_ask(student, name),
        may_write=may_write(),
        **context,
    )


def _row(student: Student, current_name: str, delivered: freshness.Delivered) -> dict[str, list[tuple[str, str, bool]]]:
    """The tabs that are open to this account, those of FIRST as `tabs`, the others as `more_tabs`.

    Each has its label, its address, and whether it is the current one.
    """
    labels, closed = words.tabs(), withheld(student)
    found = {
        name: (labels[name], url_for(one.endpoint, student_id=student.id), name == current_name)
        for name, one in TABS.items()
        if one.endpoint in current_app.view_functions
        and one.section not in closed
        and (one.always or name == current_name or delivered.keys() & set(one.files))
    }
    return {
        "tabs": [one for name, one in found.items() if name in FIRST],
        "more_tabs": [one for name, one in found.items() if name not in FIRST],
    }


def _whom_to_ask(student: Student, name: str) -> contacts.Ask | None:
    """Whom to ask about this tab, as the district has set it; the grades' own pages name the teachers themselves."""
    section = TABS[name].section
    if section in (None, "grades"):
        return None
    return contacts.whom_to_ask(student, section, today(), settings())


def may_write() -> bool:
    """Whether this account can write messages: they are on, and there is an address for the answer (G08, S10)."""
    return messages.reply_to(account(), settings()) is not None
