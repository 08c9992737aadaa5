"""Posted grades: what the feed says, never computed here (DECISIONS 10)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import NamedTuple

from peewee import JOIN, Case, fn

from models import AcademicSession, Enrollment, Grade, School, ScoreScale, Section
from services import formats
from services.prepared import Prepared
from services.record import codes
from services.record.classes import Class

_IS_SHOWN = codes.is_for_families(Grade.kind, "GradeTypeDescriptor")
_SCALE_ITEMS = re.compile(r"\{([^:{}]+):([^{}]*)\}").findall
_IN_SCHOOL = (
    (ScoreScale.school == Section.school)
    | ScoreScale.school.in_(School.select(School.parent).where(School.id == Section.school))
    | ScoreScale.school.is_null()
)
_ALL = Prepared(
    lambda students, sections: (
        Grade.select(
            Grade.section, Grade.kind, Grade.letter, Grade.number, Grade.description, Grade.diagnostic,
            Grade.is_current, AcademicSession.id, AcademicSession.title, AcademicSession.start_date,
            AcademicSession.end_date, AcademicSession.parent, AcademicSession.kind,
        )
        .join(AcademicSession, JOIN.LEFT_OUTER)
        .where(Grade.student.in_(students), Grade.section.in_(sections), _IS_SHOWN)
        .order_by(
            AcademicSession.start_date.asc(nulls="last"), AcademicSession.end_date.asc(nulls="last"),
            Grade.as_of.asc(nulls="first"), Grade.id,
        )
        .tuples()
    )
)  # fmt: skip
_SIBLINGS = Prepared(
    lambda parents: AcademicSession.select(
        AcademicSession.parent, AcademicSession.kind, AcademicSession.id, AcademicSession.title,
        AcademicSession.start_date, AcademicSession.end_date,
    )
    .where(AcademicSession.parent.in_(parents))
    .tuples()
)  # fmt: skip
_SCALES = Prepared(
    lambda section: (
        ScoreScale.select(ScoreScale.marks)
        .join(
            Section,
            on=(ScoreScale.section == Section.id)
            | (ScoreScale.course == Section.course)
            | (ScoreScale.section.is_null() & ScoreScale.course.is_null() & _IN_SCHOOL),
        )
        .where(Section.id == section)
        .order_by(
            ScoreScale.section.asc(nulls="last"), ScoreScale.course.asc(nulls="last"),
            Case(None, [(ScoreScale.school == Section.school, 0)], 1), ScoreScale.id,
        )
        .limit(1)
        .tuples()
    )
)  # fmt: skip
_LATEST = Prepared(
    lambda students, sections, on: (
        Grade.select(
            Grade.section, Grade.letter, Grade.number, Grade.description, AcademicSession.title, Grade.kind, Grade.as_of
        )
        .join(AcademicSession, JOIN.LEFT_OUTER)
        .where(
            Grade.student.in_(students),
            Grade.section.in_(sections),
            _IS_SHOWN,
            AcademicSession.start_date.is_null() | (AcademicSession.start_date <= on),
        )
        .order_by(Grade.as_of.asc(nulls="first"), AcademicSession.end_date.asc(nulls="first"), Grade.id)
        .tuples()
    )
)


_FINAL = Prepared(
    lambda students, on, since: (
        Grade.select(
            Grade.student, Grade.id, Section.title, AcademicSession.title, Grade.kind, Grade.letter, Grade.number,
            Grade.description,
        )
        .join(Section)
        .switch(Grade)
        .join(AcademicSession, JOIN.LEFT_OUTER)
        .where(
            Grade.student.in_(students),
            _IS_SHOWN,
            (Grade.is_current == False) | AcademicSession.id.is_null() | (AcademicSession.end_date < on),  # noqa: E712
            fn.COALESCE(Grade.as_of, AcademicSession.end_date) >= since,
            fn.EXISTS(
                Enrollment.select(Enrollment.id).where(
                    Enrollment.student == Grade.student, Enrollment.section == Grade.section
                )
            ),
        )
        .order_by(Section.title, Grade.id)
        .tuples()
    )
)  # fmt: skip


class Final(NamedTuple):
    """A final grade; of letter, number and description some are empty."""

    student_id: int
    id: int
    section: str
    session: str | None
    kind: str
    letter: str | None
    number: float | None
    description: str | None


class PostedGrade(NamedTuple):
    """A grade as its school posted it: the mark, the session it is for, its kind in the SIS's words, and its day."""

    mark: str
    session: str
    kind: str
    as_of: str


class Period(NamedTuple):
    """A session that grades are posted for; `id` is None for grades without one."""

    id: int | None
    title: str
    begins: dt.date | None
    ends: dt.date | None


class Cell(NamedTuple):
    """One grading task in one session. `state` is final, in_progress, not_yet or none (over, and nothing posted)."""

    mark: str
    state: str
    comment: str


class Grid(NamedTuple):
    """Every posted grade of one class: `rows` pairs each grading task with a cell for each of the `periods` (C19)."""

    periods: list[Period]
    rows: list[tuple[str, list[Cell]]]


def grids(classes: Iterable[Class], on: dt.date, locale: str) -> dict[int, Grid]:
    """The grading tasks of each of one student's classes against its sessions, by section, in three queries.

    Beside the sessions that grades name stand those that belong to them: the other quarters of the same year while the
    class lasts. A grade is final when its session is over or the feed says that it is not the current one; until then
    it is in progress.
    """
    pairs = list(classes)
    found: dict[int, dict[str, dict[int | None, Cell]]] = {}
    periods: dict[int, set[Period]] = {}
    families: dict[int, set[tuple[int, str]]] = {}
    (kinds,) = codes.read("GradeTypeDescriptor")
    rows = _ALL(sorted({c.student_id for c in pairs}), sorted({c.section_id for c in pairs}))
    for section, kind, letter, number, description, diagnostic, is_current, *session, parent, session_kind in rows:
        period = Period(session[0], session[1] or "", session[2], session[3])
        is_over = is_current is False or period.ends is None or period.ends < on
        cell = Cell(
            formats.mark(letter, number, locale) or description or "",
            "final" if is_over else "in_progress",
            diagnostic or "",
        )
        if cell.mark or cell.comment:
            found.setdefault(section, {}).setdefault(kinds.label(kind), {})[period.id] = cell
            periods.setdefault(section, set()).add(period)
            if parent is not None:
                families.setdefault(section, set()).add((parent, session_kind))
    siblings = list(_SIBLINGS(sorted({parent for pair in families.values() for parent, _ in pair})))
    for taught in pairs:
        last = max((term.ends for term in taught.terms), default=dt.date.max)
        for parent, session_kind, *session in siblings:
            if (parent, session_kind) in families.get(taught.section_id, ()) and session[2] <= last:
                periods[taught.section_id].add(Period(*session))
    return {section: _grid(tasks, periods[section], on) for section, tasks in found.items()}


def _grid(tasks: dict[str, dict[int | None, Cell]], periods: set[Period], on: dt.date) -> Grid:
    ordered = sorted(periods, key=lambda one: (one.begins or dt.date.max, one.ends or dt.date.max, one.id or 0))
    empty = {one.id: Cell("", "not_yet" if one.ends is not None and one.ends >= on else "none", "") for one in ordered}
    return Grid(
        ordered, [(task, [cells.get(one.id, empty[one.id]) for one in ordered]) for task, cells in tasks.items()]
    )


def scale(section_id: int) -> list[tuple[str, str]]:
    """Which marks stand for which scores in a class, as pairs: the class's own scale, else the nearest above it.

    Above a class are its course, its school and the district. The feed writes `{90-100:A},{80-89:B}` (OneRoster 1.2),
    and some systems the mark first.
    """
    found = next(iter(_SCALES(section_id)), None)
    pairs = [(one.strip(), other.strip()) for one, other in _SCALE_ITEMS((found and found[0]) or "")]
    return [(other, one) if one[:1].isdigit() and not other[:1].isdigit() else (one, other) for one, other in pairs]


def latest(classes: Iterable[Class], on: dt.date, locale: str) -> dict[int, PostedGrade]:
    """The most recent posted grade by section of one student's classes, of sessions that have begun (D13)."""
    pairs = list(classes)
    rows = _LATEST(sorted({c.student_id for c in pairs}), sorted({c.section_id for c in pairs}), on)
    return {
        section: PostedGrade(
            formats.mark(letter, number, locale) or description or "",
            session or "",
            kind or "",
            formats.day(as_of, locale),
        )
        for section, letter, number, description, session, kind, as_of in rows
        if letter or number is not None or description
    }


def final(student_ids: list[int], on: dt.date, *, since: dt.date) -> list[Final]:
    """The final grades of these students that were posted from the day `since` on, in two queries (X05).

    A grade that is still in progress may change every night and is none.
    """
    (kinds,) = codes.read("GradeTypeDescriptor")
    rows = (Final(*row) for row in _FINAL(student_ids, on, since))
    return [
        row._replace(kind=kinds.label(row.kind))
        for row in rows
        if row.letter or row.number is not None or row.description
    ]
