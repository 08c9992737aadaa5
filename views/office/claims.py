"""Who has not claimed or registered yet, and the announcement that asks them to (S09)."""

from __future__ import annotations

import datetime as dt

from babel import Locale, UnknownLocaleError
from flask import abort, flash, redirect, request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import clock, formats, typed_in
from services.office import claims
from services.office.claims import Count
from views import fragments, words
from views.access import settings, today
from views.downloads import csv_file
from views.office import notices
from views.office.gate import blueprint, needs, office


@blueprint.get("/claims", endpoint="claims")
@needs("claims")
def page() -> Response:
    """How many have no account, by school and group, and who they are: `?of=` one of the kinds, narrowed or not."""
    return _page()


@blueprint.get("/claims.csv", endpoint="claims_file")
@needs("claims")
def file() -> Response:
    """Everybody on the list as a file for a spreadsheet."""
    kind, school, group = _kind(), request.args.get("school", type=int), request.args.get("group")
    found = claims.missing(office(), kind, school=school, group=group)
    office().note("not registered yet downloaded", clock.now(), of=kind, rows=len(found))
    student_columns = (_("Student"), _("Student number"), _("School"), _("Grade level"))
    if kind == "students":
        return csv_file("not-claimed-yet", student_columns, (
            (one.student.name, one.student.number, one.school, one.student.grade_level) for one in found
        ))  # fmt: skip
    header = (_("Guardian"), _("Person ID"), _("Language"), _("E-mail address"), *student_columns)
    return csv_file("not-registered-yet", header, (
        (
            one.guardian.name, one.guardian.person_id, one.guardian.language, one.guardian.address_on_file,
            one.student.name, one.student.number, one.school, one.student.grade_level,
        )
        for one in found if one.guardian is not None
    ))  # fmt: skip


@blueprint.post("/claims/announce", endpoint="announce_claims")
@needs("tell")
def announce() -> Response:
    """A notice with the deadline in every language, to be edited before anybody sees it."""
    kind, deadline = _kind(request.form), typed_in.date(request.form.get("deadline", ""))
    if deadline is None or deadline < today():
        return _page({"deadline": _("Enter a day that is still to come.")})
    if not office().may("district") and not request.form.get("school"):
        flash(_("Choose a school: only the district office writes to all of them."))
        return redirect(url_for("office.claims", of=kind), 303)
    data = {
        "school": request.form.get("school", ""), "grade_levels": request.form.get("grade_levels", "")[:100],
        "begins_on": today(), "ends_on": deadline,
        # Whoever has no account reads it on the sign-in page or nowhere.
        "public": True,
    }  # fmt: skip
    return notices.prefilled(data, {code: _text(kind, code, deadline) for code in notices.codes()})


def _text(kind: str, language: str, deadline: dt.date) -> tuple[str, str]:
    """Title and body of the announcement in one language."""
    with force_locale(language):
        values = {
            "day": formats.day(deadline, language, "long"), "district": settings().district_name,
            "address": settings().portal_url.rstrip("/"),
        }  # fmt: skip
        if kind == "students":
            return _("Students: claim your account by %(day)s", day=values["day"]), _(
                "Every student of %(district)s needs an account in the portal. Whoever has none yet: please claim it by"
                " %(day)s at %(address)s. Ask the school if it does not work.", **values,
            )  # fmt: skip
        return _("Parents and guardians: register by %(day)s", day=values["day"]), _(
            "In the portal of %(district)s you see how your children are doing at school. Whoever has no account yet:"
            " please register by %(day)s at %(address)s. The school gives you what you need for it.", **values,
        )  # fmt: skip


def _kinds() -> dict[str, str]:
    """What can be counted here: students only where they have accounts."""
    named = {
        "students": _("Students by grade"),
        "guardians": _("Guardians by grade"),
        "languages": _("Guardians by language"),
    }
    return {kind: named[kind] for kind in claims.KINDS if kind != "students" or settings().student_accounts != "off"}


def _kind(values: object = None) -> str:
    given = (request.args if values is None else request.form).get("of")
    kinds = _kinds()
    if given is not None and given not in kinds:
        abort(404)
    return given or next(iter(kinds))


def group_name(kind: str, group: str) -> str:
    """A grade level or a language in the reader's words; empty where the SIS knows none."""
    if kind != "languages":
        return words.grade_level(group) if group else ""
    if not group:
        return ""
    try:
        return Locale.parse(group.replace("-", "_")).get_display_name(get_locale()) or group
    except (UnknownLocaleError, ValueError):
        return group


def _page(errors: dict[str, str] | None = None) -> Response:
    values = request.form if errors else request.args
    kind = _kind(request.form) if errors else _kind()
    school, group = request.args.get("school", type=int), request.args.get("group")
    people, without = claims.total(office(), kind)
    rows = claims.counts(office(), kind)
    found = claims.missing(office(), kind, school=school, group=group, limit=claims.SHOWN + 1)
    return fragments.render(
        "office/_claims.html",
        status=422 if errors else 200,
        title=_("Not registered yet"),
        kinds=_kinds(),
        kind=kind,
        people=people,
        without=without,
        rows=[(one, group_name(kind, one.group), _share(one)) for one in rows],
        found=[(one, group_name("students", one.student.grade_level or "")) for one in found[: claims.SHOWN]],
        more=len(found) > claims.SHOWN,
        school=school,
        group=group,
        narrowed=_narrowed(kind, rows, school, group),
        schools=[(str(one.id), one.name) for one in office().schools("tell")],
        all_schools=office().may("district"),
        can=office().may,
        errors=errors or {},
        typed={name: values.get(name, "") for name in ("deadline", "school", "grade_levels")} if errors else {},
    )


def _share(one: Count) -> str:
    return formats.percent(round(one.without / one.people, 3), str(get_locale())) if one.people else ""


def _narrowed(kind: str, rows: list[Count], school: int | None, group: str | None) -> str:
    """The school and the group that the list is narrowed to."""
    name = next((one.school for one in rows if one.school_id == school), "")
    return " · ".join(part for part in (name, group_name(kind, group or "")) if part)
