"""Who did or looked at what: the audit log, to read and to take along, never to change (X07, X09)."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import clock, typed_in
from services.office import audit
from services.office.audit import Entry, Wanted
from views import fragments
from views.access import settings
from views.downloads import csv_file
from views.forms import Form
from views.office import searches
from views.office.gate import blueprint, needs, office
from views.office.why import moment

_FIELDS = ("person", "student", "action", "first_day", "last_day")


@blueprint.get("/audit", endpoint="audit")
@needs("audit")
def page() -> Response:
    """The events that fit what was typed, the latest first, a page at a time."""
    wanted, errors = _wanted()
    before = request.args.get("before", type=int)
    found = [] if errors else audit.search(wanted, settings().time_zone, before=before, limit=audit.SHOWN + 1)
    shown = found[: audit.SHOWN]
    return fragments.render(
        "office/_audit.html",
        status=422 if errors else 200,
        title=_("Who looked at what"),
        form=Form(),
        typed=_typed(),
        search=request.args.get("s"),
        errors=errors,
        entries=[(moment(one.at), one) for one in shown],
        last=shown[-1].id if len(found) > len(shown) else None,
        can=office().may,
    )


@blueprint.post("/audit/search", endpoint="search_audit")
@needs("audit")
def search() -> Response:
    """What is looked for, as typed; it changes nothing."""
    return searches.results(_FIELDS, "office.audit")


@blueprint.get("/audit.csv", endpoint="audit_file")
@needs("audit")
def file() -> Response:
    """The same as a file for a spreadsheet, in UTC."""
    wanted, _errors = _wanted()
    found = audit.search(wanted, settings().time_zone, limit=audit.IN_A_FILE)
    office().note("audit log downloaded", clock.now(), rows=len(found))
    header = (_("Time (UTC)"), _("Who"), _("Account"), _("User name"), _("Event"), _("Student"), _("Student number"),
              _("Details"))  # fmt: skip
    return csv_file("audit-log", header, (_row(one) for one in found))


def _row(one: Entry) -> tuple[object, ...]:
    student = (one.student.name, one.student.number) if one.student is not None else ("", "")
    return one.at.isoformat(" ", "seconds"), one.who, one.role, one.user_name, one.action, *student, one.details


def _typed() -> dict[str, str]:
    return searches.typed(*_FIELDS)


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """What was typed, and what is wrong with it."""
    typed = _typed()
    days = {name: typed_in.date(typed[name]) for name in ("first_day", "last_day")}
    errors = {
        name: _("Enter a date such as 2026-04-30.") for name, day in days.items() if day is None and typed[name].strip()
    }
    return Wanted(typed["person"], typed["student"], typed["action"], **days), errors
