"""What a student took part in, and what the school did about it (D15).

Of an incident a family reads its own child's part alone. Who reported it, who else was in it, and weapons are not here:
the feed's columns for them are never read.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from peewee import JOIN

from models import AcademicSession, DisciplineAction, Incident, IncidentBehavior, School
from services import formats
from services.prepared import Prepared
from services.record import codes

_PARTS = Prepared(
    lambda student: (
        IncidentBehavior.select(
            IncidentBehavior.incident, IncidentBehavior.behavior, IncidentBehavior.detail,
            IncidentBehavior.participation, Incident.date, Incident.time, Incident.location, Incident.description,
            School.name.alias("school"),
        )
        .join(Incident)
        .join(School, JOIN.LEFT_OUTER)
        .where(IncidentBehavior.student == student, Incident.parent_visible)
        .order_by(Incident.date.desc(nulls="last"), Incident.time.desc(nulls="last"), IncidentBehavior.id)
        .namedtuples()
    )
)  # fmt: skip
_ACTIONS = Prepared(
    lambda student: (
        DisciplineAction.select(DisciplineAction, Incident.date.alias("incident_date"))
        .join(Incident, JOIN.LEFT_OUTER)
        .where(DisciplineAction.student == student, Incident.id.is_null() | Incident.parent_visible)
        .order_by(DisciplineAction.date.desc(nulls="last"), DisciplineAction.id)
        .namedtuples()
    )
)

#: The part of somebody who did it (Ed-Fi's descriptor); an incident's description is about such students.
_DOER = "perpetrator"


class Action(NamedTuple):
    """What the school did: in its words, on which day, for how many days; `served` where that was not all of them."""

    what: str
    date: str
    length: str
    served: str


class Item(NamedTuple):
    """An incident, or actions that belong to none; without a date it is the present year's.

    `did` are the student's own acts. `roles` are other parts: witness, victim, reporter or the feed's own word.
    """

    happened: dt.date | None
    date: str
    time: str
    place: str
    school: str
    description: str
    did: list[str]
    details: list[str]
    roles: list[str]
    actions: list[Action]


class Record(NamedTuple):
    """Everything recorded, newest first: of this school year, and of earlier ones."""

    this_year: list[Item]
    earlier: list[Item]


def behavior(student_id: int, on: dt.date, locale: str) -> Record:
    """The incidents and actions of one student that are for families; four queries, whatever their number."""
    behaviors, disciplines, parts_played = codes.read(
        "BehaviorDescriptor", "DisciplineDescriptor", "DisciplineIncidentParticipationCodeDescriptor"
    )
    actions: dict[int | None, list[Any]] = {}
    for row in _ACTIONS(student_id):
        actions.setdefault(row.incident, []).append(row)
    parts: dict[int, list[Any]] = {}
    for row in _PARTS(student_id):
        # A part that is not for families is none; with the last of them the incident is not shown either.
        if not behaviors.hides(row.behavior):
            parts.setdefault(row.incident, []).append(row)
    found = [
        _incident(rows, _actions(actions.pop(incident, []), disciplines, locale), behaviors, parts_played, locale)
        for incident, rows in parts.items()
    ]
    found += [
        Item(row.date or row.incident_date, "", "", "", "", "", [], [], [], shown)
        for rows in actions.values()
        for row in rows
        if (shown := _actions([row], disciplines, locale))
    ]
    found.sort(key=lambda item: item.happened or dt.date.max, reverse=True)
    year = AcademicSession.school_year_on(on)
    begins = year[0] if year else dt.date.min
    earlier = [item for item in found if item.happened is not None and item.happened < begins]
    return Record([item for item in found if item not in earlier], earlier)


def _incident(
    rows: list[Any], actions: list[Action], behaviors: codes.CodeSet, parts_played: codes.CodeSet, locale: str
) -> Item:
    """One incident out of the student's parts in it, of which there may be several."""
    roles = [parts_played.shown(row.participation) for row in rows]
    others = [role for shown in roles for role in shown if role.lower() != _DOER]
    # What others did is theirs: a witness's family does not read it.
    is_doer = any(
        not row.participation or _DOER in map(str.lower, shown) for row, shown in zip(rows, roles, strict=True)
    )
    first = rows[0]
    return Item(
        first.date, formats.day(first.date, locale), formats.time_of_day(first.time, locale), first.location or "",
        first.school or "", (first.description or "") if is_doer else "",
        _each(behaviors.label(row.behavior) for row in rows),
        _each(row.detail for row in rows) if is_doer else [],
        _each(others), actions,
    )  # fmt: skip


def _actions(rows: list[Any], disciplines: codes.CodeSet, locale: str) -> list[Action]:
    found = []
    for row in rows:
        what = disciplines.shown(row.disciplines)
        if not what and row.disciplines:
            continue
        served = row.actual_length if row.actual_length not in (None, row.length) and row.length is not None else None
        length = row.length if row.length is not None else row.actual_length
        found.append(
            Action(
                ", ".join(what), formats.day(row.date, locale),
                formats.number(length, locale) if length else "", formats.number(served, locale),
            )
        )  # fmt: skip
    # Feeds repeat an action for each of their own numbers.
    return list(dict.fromkeys(found))


def _each(texts: Any) -> list[str]:
    """The texts that say something, each once."""
    return list(dict.fromkeys(text for text in texts if text))
