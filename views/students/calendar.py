"""One child's calendar, and the secret address at which a calendar program reads it."""

from __future__ import annotations

from flask import redirect, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import calendar_feeds, clock, formats
from views.access import account, settings, student_or_404
from views.calendar import FILES, month_of
from views.students.frame import blueprint, tab


@blueprint.get("/calendar")
def calendar(student_id: int) -> Response:
    """A month of assignments due, events, days of the school's calendar and attendance (C07, D17)."""
    student = student_or_404(student_id, "calendar")
    address, feed = _address_just_made(student_id), calendar_feeds.live(account(), student)
    locale, zone = str(get_locale()), settings().time_zone
    return tab(
        "calendar", student, _("Calendar"), files=FILES,
        address=address,
        webcal=f"webcal:{address.partition(':')[2]}" if address else "",
        feed=feed,
        made=formats.moment(feed.created_at, zone, locale) if feed else "",
        fetched=formats.moment(feed.fetched_at, zone, locale) if feed else "",
        is_family=account().role == "guardian",
        **month_of([student], names={}),
    )  # fmt: skip


@blueprint.post("/calendar/address")
def make_calendar_address(student_id: int) -> Response:
    """Make a new secret address; the next page shows it, once, and the earlier one ends (X06)."""
    student = student_or_404(student_id, "calendar")
    secret = calendar_feeds.make(account(), student, settings=settings(), now=clock.now())
    # The cookie is this browser's own; the address of a page would stand in its history.
    session["calendar_address"] = [student.id, secret]
    return redirect(url_for("students.calendar", student_id=student.id, _anchor="address"), 303)


@blueprint.post("/calendar/address/end")
def end_calendar_address(student_id: int) -> Response:
    """End the address: calendar programs get nothing from now on."""
    student = student_or_404(student_id, "calendar")
    calendar_feeds.end(account(), student, now=clock.now())
    return redirect(url_for("students.calendar", student_id=student.id, _anchor="address"), 303)


def _address_just_made(student_id: int) -> str:
    """The address that this browser has just asked for, if it was for this child; no page shows it again."""
    made_for, secret = session.get("calendar_address") or (None, "")
    if made_for != student_id:
        return ""
    session.pop("calendar_address")
    return settings().portal_url.rstrip("/") + url_for("calendar.feed", secret=secret)
