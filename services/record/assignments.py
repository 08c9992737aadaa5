"""Assignments with their results: one rule for what is missing, late, due or scored, wherever they are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from models import database
from services import formats
from services.record.classes import Class

# What an assignment is to its student, in the order in which the questions are asked. Only the feed's own word makes
# work missing; past its date without a result it is "not scored yet" (DECISIONS 11).
_STATUS = """
CASE WHEN r.score_status = 'exempt' THEN 'exempt'
     WHEN r.missing OR LOWER(r.submission_status) = 'missing'
       OR (li.due_date < ? AND 'not submitted' IN (r.score_status, LOWER(r.submission_status))) THEN 'missing'
     WHEN r.incomplete THEN 'incomplete'
     WHEN r.score IS NOT NULL OR r.text_score IS NOT NULL THEN 'scored'
     WHEN r.score_status IN ('submitted', 'partially graded') THEN 'submitted'
     WHEN li.due_date < ? THEN 'unscored'
     ELSE 'due' END
"""

_WORK = f"""
WITH taken (student_id, section_id) AS (VALUES {{pairs}}),
work AS (
    SELECT taken.student_id, taken.section_id, li.id, c.id AS category_id, c.title AS category, c.weight, li.title,
           li.session_id, li.description, li.assign_date, li.due_date, li.result_value_max AS points, r.score,
           COALESCE(r.text_score, r.letter_grade) AS text_score, r.comment, r.score_date,
           {_STATUS} AS status,
           CASE WHEN r.late OR LOWER(r.late_status) = 'late' THEN 1 ELSE 0 END AS late
    FROM taken
    JOIN line_item li ON li.section_id = taken.section_id
    LEFT JOIN category c ON c.id = li.category_id
    LEFT JOIN result r ON r.line_item_id = li.id AND r.student_id = taken.student_id
)
"""

_COLUMNS = """student_id, section_id, title, description, assign_date, due_date, points,
              score, text_score, comment, status, late"""


_RECENT = f"""
SELECT * FROM (
    SELECT r.student_id, r.id, li.title, s.title AS section, li.due_date, li.result_value_max AS points, r.score,
           COALESCE(r.text_score, r.letter_grade) AS text_score,
           COALESCE(r.score_date, li.due_date) AS score_date, {_STATUS} AS status,
           NOT EXISTS (SELECT 1 FROM section_term st WHERE st.section_id = s.id) OR EXISTS (
               SELECT 1 FROM section_term st JOIN academic_session term ON term.id = st.session_id
               WHERE st.section_id = s.id AND term.start_date <= ? AND term.end_date >= ?) AS meets
    FROM result r
    JOIN line_item li ON li.id = r.line_item_id
    JOIN section s ON s.id = li.section_id
    WHERE r.student_id IN ({{students}}) AND EXISTS (
        SELECT 1 FROM enrollment e WHERE e.student_id = r.student_id AND e.section_id = li.section_id)
) work
WHERE status = 'missing' OR (status = 'scored' AND score_date BETWEEN ? AND ?)
ORDER BY student_id, score_date NULLS FIRST, due_date NULLS LAST, id
"""

#: Work of a class counts as long after its last term as a break between two terms takes.
_BREAK = dt.timedelta(days=21)


class Assignment(NamedTuple):
    """One assignment as a table shows it; dates and numbers are text in the reader's language.

    `status` is exempt, missing, incomplete, scored, submitted, unscored or due; `late` stands beside it.
    """

    student_id: int
    section_id: int
    title: str
    description: str
    assigned: str
    due: str
    points: str
    score: str
    status: str
    late: bool
    comment: str


class Recent(NamedTuple):
    """A result that is missing or was scored lately, with raw values; `meets` says whether its class still does."""

    student_id: int
    id: int
    title: str
    section: str
    due_date: dt.date | str | None
    points: float | None
    score: float | None
    text_score: str | None
    score_date: dt.date | str | None
    status: str
    meets: bool


class CategoryTable(NamedTuple):
    """The assignments of one category; `weight` is a percentage or empty."""

    title: str
    weight: str
    assignments: list[Assignment]


class Counts(NamedTuple):
    """How many assignments of one class or child are missing, due soon, newly scored, and there at all."""

    missing: int = 0
    due_soon: int = 0
    new_scores: int = 0
    assignments: int = 0


def by_category(
    classes: Iterable[Class], on: dt.date, locale: str, *, session_id: int | None = None
) -> dict[int, list[CategoryTable]]:
    """Every assignment of one student's classes, by section and category; in a category the newest is first (C09).

    With `session_id` only those of that term or grading period.
    """
    which, values = ("", ()) if session_id is None else (" WHERE session_id = ?", (session_id,))
    rows = _select(
        classes, on, f"SELECT section_id, category_id, category, weight, {_COLUMNS} FROM work{which}"
        " ORDER BY section_id, category NULLS LAST, category_id, due_date DESC NULLS LAST, id DESC", *values,
    )  # fmt: skip
    found: dict[int, list[CategoryTable]] = {}
    for (section, _, title, weight), group in groupby(rows, key=lambda row: row[:4]):
        assignments = [_assignment(row[4:], locale) for row in group]
        found.setdefault(section, []).append(CategoryTable(title or "", formats.percent(weight, locale), assignments))
    return found


def to_do(classes: Iterable[Class], on: dt.date, locale: str, *, days: int = 28) -> list[Assignment]:
    """What is missing, oldest first, then what is due within `days` and has no score yet (C12, DECISIONS 11)."""
    rows = _select(
        classes, on, f"SELECT {_COLUMNS} FROM work WHERE status = 'missing' OR (status = 'due' AND due_date <= ?)"
        " ORDER BY CASE WHEN status = 'missing' THEN 0 ELSE 1 END, due_date NULLS LAST, id",
        on + dt.timedelta(days=days),
    )  # fmt: skip
    return [_assignment(row, locale) for row in rows]


def new_scores(classes: Iterable[Class], on: dt.date, locale: str, *, days: int = 14) -> list[Assignment]:
    """What was scored in the last `days`, newest first."""
    rows = _select(
        classes, on, f"SELECT {_COLUMNS} FROM work WHERE status = 'scored' AND score_date BETWEEN ? AND ?"
        " ORDER BY score_date DESC, id DESC",
        on - dt.timedelta(days=days), on,
    )  # fmt: skip
    return [_assignment(row, locale) for row in rows]


def count(
    classes: Iterable[Class], on: dt.date, *, by: str, days: int = 7, since: dt.date | None = None
) -> dict[int, Counts]:
    """Counts of all classes given, by "student" or by "section" (ids): one query whatever their number.

    Scores are new when they are of the last `days`, or `since` a day.
    """
    key = {"student": "student_id", "section": "section_id"}[by]
    rows = _select(
        classes, on, f"""
        SELECT {key},
               SUM(CASE WHEN status = 'missing' THEN 1 ELSE 0 END),
               SUM(CASE WHEN status = 'due' AND due_date <= ? THEN 1 ELSE 0 END),
               SUM(CASE WHEN status = 'scored' AND score_date BETWEEN ? AND ? THEN 1 ELSE 0 END),
               COUNT(*)
        FROM work GROUP BY {key}""",
        on + dt.timedelta(days=days), since or on - dt.timedelta(days=days), on,
    )  # fmt: skip
    return {int(row[0]): Counts(*map(int, row[1:])) for row in rows}


def recent(student_ids: Iterable[int], on: dt.date, *, since: dt.date) -> list[Recent]:
    """What is missing, and what was scored from the day `since` on, of all these students in one query (X05).

    A score without a day of its own counts for the day on which the work was due.
    """
    ids = list(student_ids)
    if not ids:
        return []
    whole = _RECENT.replace("{students}", ", ".join(["?"] * len(ids))).replace("?", database.param)
    rows = database.execute_sql(whole, (on, on, on, on - _BREAK, *ids, since, on))
    return [Recent(*row) for row in rows.fetchall()]


def _select(classes: Iterable[Class], on: dt.date, sql: str, *values: dt.date | int) -> list[Any]:
    """Run `sql` over the `work` of exactly these students in exactly these sections.

    Rows of the largest tables skip the models: instances of them would cost more than the rest of the page.
    """
    pairs = [(c.student_id, c.section_id) for c in classes]
    if not pairs:
        return []
    whole = (_WORK.replace("{pairs}", ", ".join(["(?, ?)"] * len(pairs))) + sql).replace("?", database.param)
    params = (*(number for pair in pairs for number in pair), on, on, *values)
    return list(database.execute_sql(whole, params).fetchall())


def _assignment(row: Any, locale: str) -> Assignment:
    (student, section, title, description, assigned, due, points, score, text, comment, status, late) = row
    return Assignment(
        student, section, title, description or "",
        formats.day(assigned, locale), formats.day(due, locale), formats.number(points, locale),
        text if score is None and text else formats.number(score, locale),
        status, bool(late), comment or "",
    )  # fmt: skip
