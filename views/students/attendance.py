"""Attendance: a month of days, the periods of a day, and what the year adds up to (C10)."""

from __future__ import annotations

import datetime as dt

from flask import abort, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import formats
from services.record import attendance as record
from services.record import attendance_sums, freshness, months
from views import words
from views.access import settings, student_or_404, today
from views.students.frame import blueprint, tab


@blueprint.get("/attendance")
def attendance(student_id: int) -> Response:
    """The year in numbers and one month of it; another with `?month=2026-10`."""
    student = student_or_404(student_id, "attendance")
    locale, on, of_days = str(get_locale()), today(), "studentSchoolAttendanceEvents" in freshness.delivered()
    year, first_day = record.school_year(on), months.first_day_of_week(settings().time_zone)
    # What is recorded in summer belongs to the year that has ended.
    days = record.days_of(student.id, year[0], max(year[1], on), locale)
    chosen = months.choose(request.args.get("month"), on)
    return tab(
        "attendance", student, _("Attendance"),
        month=record.month_page(days, chosen.month, first_day, on, locale),
        chosen=chosen,
        titles=[month and formats.month(month.first, locale) for month in (chosen.before, chosen.after)],
        week_days=months.week_days(first_day, locale),
        sums=attendance_sums.sums(student.id, days.values(), year, on, locale, of_days=of_days),
        of_days=of_days,
        today=formats.day(on, locale),
        kinds=words.attendance(),
        columns=attendance_sums.COLUMNS,
    )  # fmt: skip


@blueprint.get("/attendance/<date>")
def attendance_day(student_id: int, date: str) -> Response:
    """What is recorded of one day (2026-11-12) of this school year, period by period."""
    student = student_or_404(student_id, "attendance")
    locale, day = str(get_locale()), _parsed(date)
    first, last = record.school_year(today())
    if day is None or not first <= day <= max(last, today()):
        abort(404)
    found = record.days_of(student.id, day, day, locale).get(day)
    return tab(
        "attendance", student, formats.day(day, locale, "full"), part="attendance_day",
        found=found,
        month=months.Month.of(day).code,
        month_title=formats.month(day, locale),
        kinds=words.attendance(),
    )  # fmt: skip


def _parsed(text: str) -> dt.date | None:
    """A day in the one way in which addresses have it."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
