"""The class schedule on paper: every term of the year, period by period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from config import Settings
from models import Student
from services import formats
from services.record import schedule
from services.record.schedule import Lesson, Place, Row
from services.reports.structure import Column, Part, Words, facts, table


def parts(student: Student, on: dt.date, words: Words, settings: Settings) -> list[Part]:
    """A part for each term."""
    found = schedule.of(student.id, on, words.locale, whole_year=True).table
    if found.is_empty:
        return [Part(sentences=(words("schedule empty"),))]
    columns = [
        Column(words("period")), Column(words("time")), Column(words("days")), Column(words("class")),
        Column(words("teacher")), Column(words("room")), Column(words("school")),
    ]  # fmt: skip
    made = []
    for place in range(max(len(found.terms), 1)):
        term = found.terms[place] if found.terms else None
        rows = [
            _cells(row, lesson, at, words) for row in found.rows for lesson in row.terms[place] for at in lesson.places
        ]
        rows += [_cells(None, lesson, at, words) for lesson in found.loose[place] for at in lesson.places]
        made.append(
            Part(
                term.title if term else "",
                () if rows else (words("schedule empty"),),
                facts((words("dates"), _span(term.begins, term.ends, words))) if term else (),
                table(words("schedule"), columns, rows),
            )
        )
    return made


def _cells(row: Row | None, lesson: Lesson, at: Place, words: Words) -> tuple[str, ...]:
    title = f"{lesson.title} ({lesson.code})" if lesson.code else lesson.title
    return (
        row.period if row else "", at.time or (row.time if row else ""), at.days,
        _lines(title, words("from", day=lesson.starts) if lesson.starts else ""),
        ", ".join(person.name for person in lesson.people), at.room, row.school if row else "",
    )  # fmt: skip


def _lines(*texts: str) -> str:
    return "\n".join(_said(texts))


def _said(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if text]


def _span(begins: dt.date, ends: dt.date, words: Words) -> str:
    return f"{formats.day(begins, words.locale)} – {formats.day(ends, words.locale)}"
