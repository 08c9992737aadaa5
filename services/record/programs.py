"""Programs that a student takes part in (G02)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from peewee import JOIN

from models import ProgramParticipation, School
from services import formats
from services.prepared import Prepared
from services.record import codes

_PROGRAMS = Prepared(
    lambda student: (
        ProgramParticipation.select(ProgramParticipation, School.name.alias("school_name"))
        .join(School, JOIN.LEFT_OUTER)
        .where(ProgramParticipation.student == student)
        .order_by(
            ProgramParticipation.begin_date.desc(nulls="last"), ProgramParticipation.name, ProgramParticipation.id
        )
        .namedtuples()
    )
)


class Program(NamedTuple):
    """A program as a page shows it; what the feed does not say is empty. `is_ahead` programs have not begun."""

    name: str
    kind: str
    school: str
    begins: str
    ends: str
    services: str
    is_ahead: bool


class Programs(NamedTuple):
    """A student's programs, the latest first."""

    current: list[Program]
    ended: list[Program]


def programs(student_id: int, on: dt.date, locale: str) -> Programs:
    """The programs of a student that are for families, as seen on the day `on`; two queries."""
    kinds, services = codes.read("ProgramTypeDescriptor", "ServiceDescriptor")
    found = Programs([], [])
    for row in _PROGRAMS(student_id):
        if kinds.hides(row.kind):
            continue
        kind = kinds.label(row.kind)
        program = Program(
            row.name or kind, kind if kind != row.name and row.name else "", row.school_name or "",
            formats.day(row.begin_date, locale), formats.day(row.end_date, locale),
            ", ".join(services.shown(row.services)), row.begin_date is not None and row.begin_date > on,
        )  # fmt: skip
        (found.ended if row.end_date is not None and row.end_date < on else found.current).append(program)
    return found
