"""Planned maintenance: announced to families, changed, called off (G15)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from models import Maintenance
from services import clock, formats, maintenance
from services.maintenance import AlreadyOver
from services.office import pages
from services.office.pages import Field
from services.passwords import Complaints, FieldError
from views import fragments
from views.access import settings
from views.forms import Form
from views.office import page_words
from views.office.by_language import codes_with_names, texts_typed, typed
from views.office.gate import blueprint, needs, office

_FIELDS = tuple(
    Field(f"{end}_{part}", shape, required=True)
    for end in ("starts", "ends")
    for part, shape in (("day", "day"), ("time", "time"))
)

#: So many windows that are over are shown.
OVER = 10


@blueprint.get("/maintenance", endpoint="maintenance")
@needs("district")
def listed() -> Response:
    """The windows to come, and the last ones that are over."""
    now, locale, zone = clock.now(), str(get_locale()), settings().time_zone
    coming = Maintenance.select().where(Maintenance.ends_at > now).order_by(Maintenance.starts_at)
    over = Maintenance.select().where(Maintenance.ends_at <= now).order_by(Maintenance.ends_at.desc()).limit(OVER)
    rows = [
        (
            one.id, formats.moment(one.starts_at, zone, locale), formats.moment(one.ends_at, zone, locale),
            ", ".join(sorted(one.texts)), "over" if one.ends_at <= now else "on" if one.starts_at <= now else "coming",
        )
        for one in (*coming, *over)
    ]  # fmt: skip
    return fragments.render(
        "office/_maintenance.html", title=_("Maintenance"), rows=rows, zone=formats.zone_name(zone, locale), form=Form()
    )


@blueprint.route("/maintenance/new", methods=["GET", "POST"], endpoint="new_maintenance")
@blueprint.route("/maintenance/<int:number>", methods=["GET", "POST"], endpoint="change_maintenance")
@needs("district")
def edit(number: int | None = None) -> Response:
    """Announce a window, or change one that is not over."""
    window = None if number is None else _window(number)
    form = Form()
    if not form.is_submitted():
        return _page(window, form, _shown(window), window.texts if window is not None else {})
    values = {field.name: typed(field.name) for field in _FIELDS}
    texts = texts_typed("text", window.texts if window is not None else {})
    try:
        starts, ends, said = _read(values, texts)
        saved = maintenance.announce(
            starts=starts, ends=ends, texts=said, time_zone=settings().time_zone, replaces=window, now=clock.now()
        )
    except FieldError as error:
        return _page(window, form, values, texts, page_words.errors(error))
    except AlreadyOver:
        return _page(window, form, values, texts, {"ends_day": _("This is over already.")})
    except ValueError:
        return _page(window, form, values, texts, {"ends_day": _("The end is before the beginning.")})
    office().note("maintenance announced" if window is None else "maintenance changed", clock.now(), window=saved.id)
    flash(_("The sign-in page says so from two weeks before."))
    return redirect(url_for("office.maintenance"), 303)


@blueprint.post("/maintenance/<int:number>/end", endpoint="end_maintenance")
@needs("district")
def end(number: int) -> Response:
    """End a window now, or call it off before it begins."""
    window = _window(number)
    maintenance.end(window, clock.now())
    office().note("maintenance ended", clock.now(), window=number)
    flash(_("The announcement has been taken down."))
    return redirect(url_for("office.maintenance"), 303)


def _window(number: int) -> Maintenance:
    """A window that is not over."""
    found: Maintenance | None = Maintenance.get_or_none(
        Maintenance.id == number, Maintenance.ends_at > clock.now()
    )  # fmt: skip
    return found or abort(404)


def _read(values: dict[str, str], texts: dict[str, str]) -> tuple[dt.datetime, dt.datetime, dict[str, str]]:
    """Beginning and end on the district's clock, and the texts that are not empty. Raises FieldErrors."""
    complaints, read = Complaints(), {}
    for field in _FIELDS:
        with complaints:
            read[field.name] = pages.read_field(office(), field, values[field.name])
    said = {}
    for code, text in texts.items():
        with complaints:
            said[code] = pages.read_field(office(), Field(f"text_{code}", "long"), text)
    complaints.raise_any()
    starts, ends = (dt.datetime.combine(read[f"{name}_day"], read[f"{name}_time"]) for name in ("starts", "ends"))
    return starts, ends, {code: text for code, text in said.items() if text}


def _shown(window: Maintenance | None) -> dict[str, str]:
    if window is None:
        return {}
    zone = ZoneInfo(settings().time_zone)
    found: dict[str, str] = {}
    for name, at in (("starts", window.starts_at), ("ends", window.ends_at)):
        local = at.replace(tzinfo=dt.UTC).astimezone(zone)
        found |= {f"{name}_day": f"{local:%Y-%m-%d}", f"{name}_time": f"{local:%H:%M}"}
    return found


def _page(
    window: Maintenance | None, form: Form, values: dict[str, str], texts: dict[str, str],
    errors: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    return fragments.render(
        "office/_maintenance_window.html", status=422 if errors else 200,
        title=_("Announce maintenance") if window is None else _("Change the announcement"),
        form=form, values=values, errors=errors or {}, codes=codes_with_names(texts), texts=texts,
        zone=formats.zone_name(settings().time_zone, str(get_locale())),
    )  # fmt: skip
