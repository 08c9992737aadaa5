"""What families read on the help page, and events of the calendar: one desk with a section for each kind of entry."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services import clock, formats
from services.in_languages import best
from services.office import event_files, pages
from services.office.event_files import BadFile
from services.office.pages import KINDS, Entry, Kind, Texts
from services.passwords import FieldError
from views import fragments, help_words
from views.access import settings
from views.forms import Form
from views.office import page_words
from views.office.by_language import codes_with_names, texts_typed, typed
from views.office.gate import blueprint, needs, office

#: So many faults of a file are told at once.
FAULTS = 20


@blueprint.get("/pages", endpoint="pages")
@needs("tell")
def listed() -> Response:
    """What this member of staff may change of it."""
    return _list()


@blueprint.route("/pages/<kind>/new", methods=["GET", "POST"], endpoint="new_page_entry")
@blueprint.route("/pages/<kind>/<int:number>", methods=["GET", "POST"], endpoint="page_entry")
@needs("tell")
def edit(kind: str, number: int | None = None) -> Response:
    """Write an entry, or change one."""
    of = _kind(kind)
    row = None if number is None else pages.find(office(), of, number) or abort(404)
    form = Form()
    if not form.is_submitted():
        values = pages.values_of(of, row, settings().time_zone) if row is not None else {}
        return _page(of, row, form, _shown(values), pages.texts_of(of, row) if row is not None else {})
    typed_in = {field.name: typed(field.name) for field in of.fields}
    known = _languages(pages.texts_of(of, row) if row is not None else {})
    texts = {name: texts_typed(name, known) for name, _shape in of.texts}
    try:
        values, clean = pages.read(office(), of, typed_in, texts)
    except FieldError as error:
        found = page_words.errors(error)
        if "titles" in found:
            found[f"titles_{settings().default_language}"] = found.pop("titles")
        return _page(of, row, form, typed_in, texts, found)
    pages.save(office(), of, values, clean, row=row, time_zone=settings().time_zone, now=clock.now())
    flash(_("Families can read it from now on."))
    return redirect(url_for("office.pages", _anchor=of.name), 303)


@blueprint.post("/pages/<kind>/<int:number>/delete", endpoint="delete_page_entry")
@needs("tell")
def delete(kind: str, number: int) -> Response:
    """Take an entry away."""
    of = _kind(kind)
    pages.delete(office(), of, pages.find(office(), of, number) or abort(404), clock.now())
    flash(_("The entry has been deleted."))
    return redirect(url_for("office.pages", _anchor=of.name), 303)


@blueprint.post("/pages/events/upload", endpoint="upload_events")
@needs("tell")
def upload() -> Response:
    """Take all events of a CSV file, or say line by line why not."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _list({"file": _("Choose a file.")})
    try:
        taken = event_files.add(office(), file.read(), time_zone=settings().time_zone, now=clock.now())
    except BadFile as bad:
        return _list({"file": _("Nothing was taken from the file.")}, [_fault(one) for one in bad.faults[:FAULTS]])
    flash(ngettext("%(num)s event was added.", "%(num)s events were added.", taken.added))
    if taken.known:
        flash(ngettext("%(num)s event was there already.", "%(num)s events were there already.", taken.known))
    return redirect(url_for("office.pages", _anchor="events"), 303)


def _kind(name: str) -> Kind:
    """A kind that this member of staff may write."""
    found = KINDS.get(name)
    if found is None or not office().may(found.right):
        abort(404)
    return found


def _list(errors: dict[str, str] | None = None, faults: list[str] | None = None) -> Response:
    zone, said = settings().time_zone, page_words.kinds()
    sections = [
        (name, *said[name], [_line(kind, one) for one in pages.entries(office(), kind, zone)])
        for name, kind in KINDS.items()
        if office().may(kind.right)
    ]
    return fragments.render(
        "office/_pages.html", status=422 if errors else 200, title=_("Dates and places"), form=Form(),
        sections=sections, errors=errors or {}, faults=faults or [], columns=", ".join(event_files.COLUMNS),
    )  # fmt: skip


def _line(kind: Kind, one: Entry) -> tuple[int, str, str, str]:
    """An entry in the list: its id, its name, what else tells it from others, and its languages."""
    values, locale = one.values, str(get_locale())
    of_school = one.school or (_("The whole district") if "school" in values else "")
    if kind.name == "links":
        name, _language = best(one.texts["titles"], locale, settings().default_language)
        return one.id, name, help_words.links().get(values["kind"], values["kind"]), _names(one.texts["titles"])
    if kind.name == "contacts":
        role = help_words.contact_roles().get(values["role"], values["role"])
        return one.id, values["name"], f"{role} · {of_school}", ""
    if kind.name == "training":
        when = f"{formats.day(values['day'], locale)}, {formats.time_of_day(values['starts'], locale)}"
        return one.id, f"{when}, {values['place']}", of_school, _names(one.texts["texts"])
    if kind.name == "events":
        days = " – ".join(filter(None, (formats.day(values[name], locale) for name in ("begin_date", "end_date"))))
        return one.id, values["title"], f"{days} · {of_school}", ""
    return one.id, values["name"], values["address"] or "", _names(one.texts["texts"])


def _names(texts: dict[str, str]) -> str:
    return ", ".join(sorted(texts))


def _page(
    kind: Kind, row: Any, form: Form, values: dict[str, str], texts: Texts, errors: dict[str, str] | None = None
) -> Response:
    heading, _told = page_words.kinds()[kind.name]
    return fragments.render(
        "office/_page_entry.html", status=422 if errors else 200, title=heading, kind=kind, row=row, form=form,
        values=values, texts=texts, errors=errors or {}, labels=page_words.fields(),
        text_labels=page_words.texts(kind.name), choices=page_words.choices(),
        codes=codes_with_names(_languages(texts)),
        schools=[(str(one.id), one.name) for one in office().schools("tell")], all_schools=office().may("district"),
    )  # fmt: skip


def _languages(texts: Texts) -> set[str]:
    return {code for by_code in texts.values() for code in by_code}


def _shown(values: dict[str, Any]) -> dict[str, str]:
    """Values as a form holds them."""
    return {
        name: f"{value:%H:%M}" if isinstance(value, dt.time) else "" if value is None else str(value)
        for name, value in values.items()
    }


def _fault(one: event_files.Fault) -> str:
    why = page_words.error(FieldError(one.column, one.code))
    if one.line and one.column:
        return _("Line %(line)s, %(column)s: %(why)s", line=one.line, column=one.column, why=why)
    return _("Line %(line)s: %(why)s", line=one.line, why=why) if one.line else why
