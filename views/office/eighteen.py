"""Students who turn 18 soon, or have this school year: a page and a file for the office (DECISIONS 28)."""

from __future__ import annotations

from io import StringIO

from flask import Response, make_response
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from services import clock, formats, spreadsheets
from services.office import eighteen
from views import fragments
from views.access import today
from views.office.gate import blueprint, needs, office


@blueprint.get("/eighteen", endpoint="eighteen")
@needs("rights")
def page() -> BaseResponse:
    """Students of the own schools by the day on which they turn 18."""
    found, locale = _found("page"), str(get_locale())
    return fragments.render(
        "office/_eighteen.html",
        title=_("Turning 18"),
        days=eighteen.AHEAD.days,
        students=[
            (one.student, one.schools, formats.day(one.birthday, locale), one.birthday <= today())
            for one in found[: eighteen.SHOWN]
        ],
        left_out=max(len(found) - eighteen.SHOWN, 0),
    )


@blueprint.get("/eighteen.csv", endpoint="eighteen_file")
@needs("rights")
def file() -> Response:
    """The same as a file for a spreadsheet."""
    out = StringIO()
    header = (_("Student"), _("Student number"), _("School"), _("Grade level"), _("18th birthday"))
    rows = (
        (one.student.name, one.student.number, one.schools, one.student.grade_level, one.birthday.isoformat())
        for one in _found("file")
    )
    spreadsheets.write(out, header, rows)
    # Spreadsheet programs take a file without this mark for one in an older encoding.
    answer = make_response("\ufeff" + out.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=eighteen.csv"
    return answer


def _found(kind: str) -> list[eighteen.Turning]:
    found = eighteen.turning(office())
    office().note("birthdays viewed", clock.now(), page=kind, students=len(found))
    return found
