"""Posted grades: what the feed says, never computed here (DECISIONS 10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from peewee import JOIN

from models import AcademicSession, Grade
from services import formats
from services.prepared import Prepared
from services.record.classes import Class

_LATEST = Prepared(
    lambda students, sections, on: (
        Grade.select(
            Grade.section, Grade.letter, Grade.number, Grade.description, AcademicSession.title, Grade.kind, Grade.as_of
        )
        .join(AcademicSession, JOIN.LEFT_OUTER)
        .where(
            Grade.student.in_(students),
            Grade.section.in_(sections),
            AcademicSession.start_date.is_null() | (AcademicSession.start_date <= on),
        )
        .order_by(Grade.as_of.asc(nulls="first"), AcademicSession.end_date.asc(nulls="first"), Grade.id)
        .tuples()
    )
)


class PostedGrade(NamedTuple):
    """A grade as its school posted it: the mark, the session it is for, its kind in the SIS's words, and its day."""

    mark: str
    session: str
    kind: str
    as_of: str


def latest(classes: Iterable[Class], on: dt.date, locale: str) -> dict[int, PostedGrade]:
    """The most recent posted grade by section of one student's classes, of sessions that have begun (D13)."""
    pairs = list(classes)
    rows = _LATEST(sorted({c.student_id for c in pairs}), sorted({c.section_id for c in pairs}), on)
    return {
        section: PostedGrade(
            _mark(letter, number, description, locale), session or "", kind or "", formats.day(as_of, locale)
        )
        for section, letter, number, description, session, kind, as_of in rows
        if letter or number is not None or description
    }


def _mark(letter: str | None, number: float | None, description: str | None, locale: str) -> str:
    if letter and number is not None:
        return f"{letter} ({formats.number(number, locale)})"
    return letter or formats.number(number, locale) or description or ""
