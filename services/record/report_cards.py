"""Report cards: what the school sums up of one session, with the grades posted in it, as the feed has both."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from peewee import JOIN

from models import AcademicSession, Grade, School, Section
from models import ReportCard as Row
from services import formats
from services.prepared import Prepared
from services.record import codes

_CARDS = Prepared(
    lambda student: (
        Row.select(Row, School.name.alias("school_name"))
        .join(School, JOIN.LEFT_OUTER)
        .where(Row.student == student)
        .order_by(Row.id)
        .objects()
    )
)
_GRADES = Prepared(
    lambda student: (
        Grade.select(Grade, Section.title.alias("section_title"))
        .join(Section)
        .where(Grade.student == student)
        .order_by(Section.title, Section.id, Grade.as_of.asc(nulls="first"), Grade.id)
        .objects()
    )
)
_SESSIONS = Prepared(
    lambda sessions: (
        AcademicSession.select()
        .where(AcademicSession.id.in_(sessions))
        .order_by(AcademicSession.start_date.desc(), AcademicSession.end_date.desc(), AcademicSession.id)
    )
)


class ClassGrade(NamedTuple):
    """A grade posted in one class; `kind` is the grading task in the district's words."""

    section_id: int
    title: str
    kind: str
    mark: str
    description: str
    comment: str
    as_of: str


class Average(NamedTuple):
    """A grade point average as the school has computed it."""

    value: str
    kind: str


class ReportCard(NamedTuple):
    """One session of one student. Days are empty where the feed has none; `school` too."""

    session_id: int
    session: str
    begins: dt.date
    ends: dt.date
    school: str
    days_absent: str
    days_present: str
    days_tardy: str
    averages: list[Average]
    grades: list[ClassGrade]


def report_cards(student_id: int, locale: str) -> list[ReportCard]:
    """A card for each session of which the feed has a report card or a posted grade, the latest first; four queries.

    Grades stand with the session that they are posted for: those of a quarter are not on its semester's card.
    """
    cards: dict[int, list[Row]] = {}
    for row in _CARDS(student_id):
        cards.setdefault(row.session_id, []).append(row)
    kinds, averages = codes.read("GradeTypeDescriptor", "GradePointAverageTypeDescriptor")
    grades: dict[int, list[ClassGrade]] = {}
    for row in _GRADES(student_id):
        mark = formats.mark(row.letter, row.number, locale)
        if (mark or row.description or row.diagnostic) and not kinds.hides(row.kind):
            grades.setdefault(row.session_id, []).append(
                ClassGrade(
                    row.section_id, row.section_title, kinds.label(row.kind), mark or row.description or "",
                    row.description or "", row.diagnostic or "", formats.day(row.as_of, locale),
                )
            )  # fmt: skip
    sessions = sorted(one for one in cards.keys() | grades.keys() if one is not None)
    return [
        _card(session, cards.get(session.id, []), grades.get(session.id, []), averages, locale)
        for session in _SESSIONS(sessions)
    ]


def _card(
    session: AcademicSession, rows: list[Row], grades: list[ClassGrade], kinds: codes.CodeSet, locale: str
) -> ReportCard:
    """One card. A feed may have a row for each kind of average: what the first of them leaves out the next may have."""

    def days(name: str) -> str:
        return formats.number(next((value for row in rows if (value := getattr(row, name)) is not None), None), locale)

    return ReportCard(
        session.id, session.title, session.start_date, session.end_date,
        next((row.school_name for row in rows if row.school_name), ""),
        days("days_absent"), days("days_present"), days("days_tardy"),
        [
            Average(formats.exact(row.gpa, locale, 2), kinds.label(row.gpa_kind))
            for row in rows
            if row.gpa is not None and not kinds.hides(row.gpa_kind)
        ],
        grades,
    )  # fmt: skip
