"""What the office writes for the help page: contacts, training dates, places, links, and events of the calendar.

Each kind is a table with fields of one line and, for some, texts by language. What belongs to a school is written by
that school's clerks; what is the whole district's, by those who have the right "district" (D18, D21, G14, G19).
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from peewee import ModelSelect

from models import Event, EventSchool, HelpLink, Place, School, SchoolContact, Table, TrainingDate, database
from services import addresses, typed_in
from services.office.scope import Office
from services.passwords import Complaints, FieldError

#: What somebody named as a contact is at the school.
ROLES = ("point_person", "portal_team", "registrar", "counselor", "principal", "interpreter")

#: What a link of the help page can be.
LINKS = ("guide", "video", "form", "document", "faq")

#: The most characters of a line and of a longer text.
LINE, TEXT, ADDRESS = 200, 4000, 500

#: So many entries of a kind are listed.
LISTED = 200

#: Ids of events that the office has entered begin like this: the feed leaves them alone (DECISIONS 5).
OFFICE = "office:"


class Field(NamedTuple):
    """A field; `shape` says how it is read: as a line, a text, or what `_SHAPES` has."""

    name: str
    shape: str = "line"
    required: bool = False


class Kind(NamedTuple):
    """A kind of entry: its name in addresses, its table, its fields, and its texts by language with their shapes."""

    name: str
    table: type[Table]
    fields: tuple[Field, ...]
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def right(self) -> str:
        """Who may write it: what belongs to no school is an admin's."""
        return "tell" if any(field.name == "school" for field in self.fields) else "district"


_SCHOOL, _POSITION = Field("school", "school"), Field("position", "number")

KINDS = {
    one.name: one
    for one in (
        Kind(
            "contacts", SchoolContact,
            (_SCHOOL, Field("name", required=True), Field("role", "role", True), Field("phone", "phone"),
             Field("email", "email"), _POSITION),
        ),
        Kind(
            "training", TrainingDate,
            (_SCHOOL, Field("day", "day", True), Field("starts", "time", True), Field("ends", "time"),
             Field("place", required=True)),
            (("texts", "long"),),
        ),
        Kind(
            "places", Place,
            (Field("name", required=True), Field("address"), Field("phone", "phone"), Field("hours"),
             Field("web_site", "web"), _POSITION),
            (("texts", "long"),),
        ),
        Kind(
            "links", HelpLink, (Field("kind", "kind", True), _POSITION),
            (("titles", "line"), ("texts", "long"), ("urls", "web")),
        ),
        Kind(
            "events", Event,
            (_SCHOOL, Field("title", required=True), Field("begin_date", "day", True), Field("end_date", "day"),
             Field("start_time", "time"), Field("end_time", "time"), Field("location"), Field("grade_levels", "grades"),
             Field("description", "text")),
        ),
    )
}  # fmt: skip

Typed = Mapping[str, str]
Texts = dict[str, dict[str, str]]


class Entry(NamedTuple):
    """A row of a kind as the desk lists it: its values by the names of the fields, and the name of its school."""

    id: int
    values: dict[str, Any]
    texts: Texts
    school: str


def entries(office: Office, kind: Kind, time_zone: str) -> list[Entry]:
    """The entries that this member of staff may change, those that are shown first to families first."""
    names = {one.id: one.name for one in School.select(School.id, School.name)}
    found = []
    for row in rows(office, kind).limit(LISTED):
        values = values_of(kind, row, time_zone)
        found.append(Entry(row.id, values, texts_of(kind, row), names.get(values.get("school") or 0, "")))
    return found


def rows(office: Office, kind: Kind) -> ModelSelect:
    """The rows of a kind that this member of staff may change; nobody else's exist here."""
    table: Any = kind.table
    found = table.select()
    if not office.may(kind.right):
        return found.where(False)
    if table is Event:
        found = (
            Event.select(Event, EventSchool.school.alias("school_id"))
            .left_outer_join(EventSchool)
            .where(Event.sourced_id.startswith(OFFICE))
            .order_by(Event.begin_date.desc(), Event.id.desc())
            .objects()
        )
        return found if office.may("district") else found.where(EventSchool.school.in_(_schools(office)))
    if table is TrainingDate:
        found = found.order_by(TrainingDate.starts_at.desc(), TrainingDate.id.desc())
    elif table is HelpLink:
        found = found.order_by(HelpLink.kind, HelpLink.position, HelpLink.id)
    else:
        found = found.order_by(table.position, table.name, table.id)
    if kind.right == "tell" and not office.may("district"):
        found = found.where(table.school.in_(_schools(office)))
    return found


def find(office: Office, kind: Kind, number: int) -> Any | None:
    """The row of that number, if this member of staff may change it."""
    return rows(office, kind).where(getattr(kind.table, "id") == number).first()  # noqa: B009


def values_of(kind: Kind, row: Any, time_zone: str) -> dict[str, Any]:
    """What the fields of a row hold; times on the district's clock."""
    if kind.table is TrainingDate:
        starts, ends = _local(row.starts_at, time_zone), _local(row.ends_at, time_zone)
        return {
            "school": row.school_id, "day": starts and starts.date(), "starts": starts and starts.time(),
            "ends": ends and ends.time(), "place": row.place,
        }  # fmt: skip
    return {
        field.name: getattr(row, "school_id" if field.name == "school" else field.name, None) for field in kind.fields
    }


def texts_of(kind: Kind, row: Any) -> Texts:
    """The texts of a row: by column, then by language."""
    return {name: dict(getattr(row, name)) for name, _ in kind.texts}


def read(office: Office, kind: Kind, typed: Typed, texts: Texts) -> tuple[dict[str, Any], Texts]:
    """What was typed, as values. Raises FieldErrors; the fields of texts are called `titles_es`.

    Codes: empty, long, choice, order, untitled, unreachable, and the shapes of fields that hold nothing of their kind.
    """
    complaints, values = Complaints(), {}
    for field in kind.fields:
        with complaints:
            values[field.name] = read_field(office, field, typed.get(field.name, ""))
    clean: Texts = {}
    for name, shape in kind.texts:
        clean[name] = {}
        for language, text in texts.get(name, {}).items():
            with complaints:
                read_text = _shaped(Field(f"{name}_{language}", shape), text)
                if read_text:
                    clean[name][language] = read_text
    complaints.raise_any()
    _check_whole(kind, values, clean)
    return values, clean


def read_field(office: Office, field: Field, typed: str) -> Any:
    """The value of one field; None for one that may be, and is, empty. Raises FieldError."""
    if field.shape == "school":
        return _school_id(office, field, typed)
    value = _shaped(field, typed)
    if value is None and field.required:
        raise FieldError(field.name, "empty")
    return value


def save(office: Office, kind: Kind, values: dict[str, Any], texts: Texts, *, row: Any, time_zone: str,
         now: dt.datetime) -> int:  # fmt: skip
    """Store what `read` gave as a new entry, or in `row`, and return its id."""
    with database.atomic():
        is_event = kind.table is Event
        number = _save_event(values, row) if is_event else _save_row(kind, values, texts, row, time_zone)
        action = "page entry added" if row is None else "page entry changed"
        office.note(action, now, kind=kind.name, entry=number, school=values.get("school"))
    return number


def delete(office: Office, kind: Kind, row: Any, now: dt.datetime) -> None:
    """Take an entry away."""
    with database.atomic():
        school = getattr(row, "school_id", None)
        kind.table.delete().where(getattr(kind.table, "id") == row.id).execute()  # noqa: B009
        office.note("page entry deleted", now, kind=kind.name, entry=row.id, school=school)


def _save_row(kind: Kind, values: dict[str, Any], texts: Texts, row: Any, time_zone: str) -> int:
    stored = dict(values)
    if kind.table is TrainingDate:
        day, starts, ends = (stored.pop(name) for name in ("day", "starts", "ends"))
        stored |= {"starts_at": _utc(day, starts, time_zone), "ends_at": _utc(day, ends, time_zone)}
    if "position" in stored:
        stored["position"] = stored["position"] or 0
    stored |= texts
    if row is None:
        return int(kind.table.create(**stored).id)
    kind.table.update(**stored).where(getattr(kind.table, "id") == row.id).execute()  # noqa: B009
    return int(row.id)


def _save_event(values: dict[str, Any], row: Any) -> int:
    stored = {name: value for name, value in values.items() if name != "school"}
    if row is None:
        number = int(Event.create(sourced_id=OFFICE + secrets.token_hex(8), **stored).id)
    else:
        number = int(row.id)
        Event.update(**stored).where(Event.id == number).execute()
    EventSchool.delete().where(EventSchool.event == number).execute()
    if values["school"] is not None:
        EventSchool.create(event=number, school=values["school"])
    return number


# ---- Reading -----------------------------------------------------------------------------------------------------


def _school_id(office: Office, field: Field, typed: str) -> int | None:
    """The school that was chosen; none is the district, for those who may write to all of it."""
    if not typed.strip():
        if office.may("district"):
            return None
        raise FieldError(field.name, "school")
    number = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    if number not in _schools(office):
        raise FieldError(field.name, "school")
    return number


def _schools(office: Office) -> list[int]:
    return [one.id for one in office.schools("tell")]


def _shaped(field: Field, typed: str) -> Any:
    """What was typed, as its shape; None for nothing. Raises FieldError."""
    text = typed.replace("\r\n", "\n").strip()
    if field.shape not in ("long", "text"):
        text = " ".join(text.split())
    if not text:
        return None
    if len(text) > {"long": TEXT, "text": TEXT, "web": ADDRESS}.get(field.shape, LINE):
        raise FieldError(field.name, "long")
    reader = _SHAPES.get(field.shape)
    value = reader(text) if reader is not None else text
    if value is None:
        raise FieldError(field.name, {"role": "choice", "kind": "choice"}.get(field.shape, field.shape))
    return value


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None


def _day(text: str) -> dt.date | None:
    """A day that a calendar can be about: a mistyped year would be looked for by nobody."""
    found = typed_in.date(text)
    return found if found is not None and 2000 <= found.year <= 2100 else None


def _phone(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    return text if 3 <= len(digits) <= 20 and re.fullmatch(r"[0-9 ()+./x#*,–-]+", text, re.I) else None


def _email(text: str) -> str | None:
    try:
        return addresses.checked(text, required=True)
    except FieldError:
        return None


def web_address(text: str) -> str | None:
    """The address of a page that opens over TLS, as it was typed; None for anything else."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return None
    good = parts.scheme == "https" and "." in host and "@" not in parts.netloc
    return text if good and not re.search(r"[\s<>\"'\\^`{|}\x00-\x1f\x7f]", text) else None


def _grades(text: str) -> str | None:
    return text if re.fullmatch(r"[0-9A-Za-z]{1,3}(\s*,\s*[0-9A-Za-z]{1,3})*", text) else None


_SHAPES: dict[str, Any] = {
    "number": _number, "day": _day, "time": typed_in.time, "phone": _phone, "email": _email, "web": web_address,
    "grades": _grades, "role": lambda text: text if text in ROLES else None,
    "kind": lambda text: text if text in LINKS else None,
}  # fmt: skip


def _check_whole(kind: Kind, values: dict[str, Any], texts: Texts) -> None:
    """What fields have to do with each other."""
    complaints = Complaints()
    for first, last in (("starts", "ends"), ("begin_date", "end_date")):
        with complaints:
            if values.get(first) and values.get(last) and values[last] < values[first]:
                raise FieldError(last, "order")
    with complaints:
        _check_times(values)
    with complaints:
        if kind.table is SchoolContact and not values.get("phone") and not values.get("email"):
            raise FieldError("phone", "unreachable")
    if kind.table is HelpLink:
        with complaints:
            _check_titles(values, texts)
    complaints.raise_any()


def _check_titles(values: dict[str, Any], texts: Texts) -> None:
    """A link needs a title in each language that it exists in; an answer needs its text, the others an address."""
    for language in sorted((texts["texts"].keys() | texts["urls"].keys()) - texts["titles"].keys()):
        raise FieldError(f"titles_{language}", "untitled")
    if not texts["titles"]:
        raise FieldError("titles", "empty")
    if values.get("kind") == "faq":
        for language in sorted(texts["titles"].keys() - texts["texts"].keys()):
            raise FieldError(f"texts_{language}", "empty")
    elif not texts["urls"]:
        raise FieldError(f"urls_{min(texts['titles'])}", "empty")


def _check_times(values: dict[str, Any]) -> None:
    """An event's times: none ends that has not begun, and on one day the end comes later."""
    starts, ends = values.get("start_time"), values.get("end_time")
    if ends is not None and starts is None and "start_time" in values:
        raise FieldError("start_time", "empty")
    one_day = values.get("end_date") in (None, values.get("begin_date"))
    if starts is not None and ends is not None and one_day and ends < starts:
        raise FieldError("end_time", "order")


def _utc(day: dt.date, clock: dt.time | None, time_zone: str) -> dt.datetime | None:
    """A time of a day on the district's clock, as UTC."""
    if clock is None:
        return None
    local = dt.datetime.combine(day, clock, ZoneInfo(time_zone))
    return local.astimezone(dt.UTC).replace(tzinfo=None)


def _local(at: dt.datetime | None, time_zone: str) -> dt.datetime | None:
    if at is None:
        return None
    return at.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
