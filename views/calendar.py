"""Calendars: one page for the whole family, and the file that a calendar program reads (C20, X06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, request
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from models import AcademicSession, Student
from services import calendar_feeds, clock, formats, icalendar_files
from services.record import calendars, freshness, months
from services.record.calendars import Entry
from views import fragments, words
from views.access import public, settings, today, visible_students, withheld

blueprint = Blueprint("calendar", __name__)

#: The feed's files whose time says how fresh a calendar is.
FILES = ("calendarDates", "ext.schoolEvents", "lineItems")


@blueprint.get("/calendar")
def family() -> Response:
    """A month of all children whose calendar this account may see; another with `?month=2026-10` (C20)."""
    children = [child for child in visible_students() if "calendar" not in withheld(child)]
    return fragments.render(
        "calendar/_family.html",
        title=_("Family calendar"),
        children=children,
        **month_of(children, names=calendars.first_names(children)),
    )


@blueprint.get("/calendar/<string(maxlength=64):secret>.ics")
@public
def feed(secret: str) -> Response:
    """One child's calendar for the calendar program that knows its secret address (X06)."""
    on, now = today(), clock.now()
    try:
        opened = calendar_feeds.fetch(secret, ip=request.remote_addr or "", settings=settings(), on=on, now=now)
    except calendar_feeds.TooMany:
        return Response(_("Too many requests."), 429, {"Retry-After": "3600"}, mimetype="text/plain")
    except calendar_feeds.Unknown:
        abort(404)
    account, student = opened
    language = account.language or settings().default_language
    first, last = AcademicSession.school_year_on(on) or (on, on)
    entries = calendars.entries([student], first, max(last, on + dt.timedelta(days=60)), on, attendance=False)
    delivered = freshness.oldest(freshness.delivered(), FILES)
    with force_locale(language):
        file = icalendar_files.write(
            entries,
            name=_("%(child)s: school", child=_first_name(student)),
            title_of=_titles_with_name(student),
            whose=f"{account.id} {student.sourced_id}",
            language=language.replace("_", "-"),
            changed_at=delivered or now,
            settings=settings(),
        )
    return Response(file, content_type="text/calendar; charset=utf-8")


def month_of(children: list[Student], *, names: dict[int, str]) -> dict[str, Any]:
    """What `calendar/_month.html` shows of these children; `names` are shown beside the entries."""
    locale, on = str(get_locale()), today()
    first_day, chosen = months.first_day_of_week(settings().time_zone), months.choose(request.args.get("month"), on)
    entries = calendars.entries(children, chosen.month.first, chosen.month.last, on)
    return {
        "month": calendars.page(entries, chosen.month, first_day, names, title_of, on, locale),
        "is_this_month": chosen.month == months.Month.of(on),
        "before": (chosen.before.code, formats.month(chosen.before.first, locale)) if chosen.before else None,
        "after": (chosen.after.code, formats.month(chosen.after.first, locale)) if chosen.after else None,
        "week_days": months.week_days(first_day, locale),
        "with_grades": {child.id for child in children if "grades" not in withheld(child)},
    }


def title_of(entry: Entry) -> str:
    """What an entry is called on a page: as the feed calls it, else in the portal's words for it."""
    if entry.kind == "attendance":
        return _("Attendance: %(kind)s", kind=words.attendance()[entry.code])
    return entry.title or words.day_kinds()[entry.code]


def _titles_with_name(student: Student) -> Callable[[Entry], str]:
    """What an entry is called among those of others in somebody's phone: with the child, and the class of work."""
    name = _first_name(student)

    def title(entry: Entry) -> str:
        if entry.kind == "due":
            return _(
                "%(child)s: due %(work)s (%(class_title)s)", child=name, work=entry.title, class_title=entry.section
            )
        return f"{name}: {title_of(entry)}"

    return title


def _first_name(student: Student) -> str:
    return student.preferred_given_name or student.given_name
