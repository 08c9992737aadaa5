"""The courses that a student has taken, as rows of the transcript: what history and graduation both read."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from peewee import JOIN

from models import AcademicRecord, AcademicSession, TranscriptCourse
from services.prepared import Prepared

_COURSES = Prepared(
    lambda student: (
        TranscriptCourse.select(
            TranscriptCourse,
            AcademicRecord.school_year.alias("record_year"),
            AcademicRecord.term.alias("record_term"),
        )
        .join(AcademicRecord, JOIN.LEFT_OUTER)
        .where(TranscriptCourse.student == student)
        .order_by(TranscriptCourse.id)
        .objects()
    )
)
_YEAR = re.compile(r"([0-9]{4})(?:\s*[-/–]\s*([0-9]{4}|[0-9]{2}))?")

#: The parts of a school year, by words that their names begin with or contain; others come last.
_PARTS = (
    ("fall", "autumn", "first", "1st", "q1", "s1", "t1"), ("winter", "second", "2nd", "q2", "s2", "t2"),
    ("spring", "third", "3rd", "q3", "t3"), ("fourth", "4th", "q4"), ("summer",),
)  # fmt: skip


class Taken(NamedTuple):
    """One row of the transcript. `year` is the calendar year in which its school year ends, None when unknown.

    A course is `in_progress` that was attempted, has no result yet, and is not of an earlier year.
    """

    code: str
    title: str
    subject: str
    categories: list[str]
    year: int | None
    year_as_written: str
    term: str
    grade_level: str
    attempted: float | None
    earned: float | None
    letter: str
    number: float | None
    result: str
    repeat: str
    method: str
    taken_at: str
    in_progress: bool

    @property
    def credits(self) -> float:
        """The credits that it has brought; what a repetition has replaced brings none."""
        return 0.0 if "notcounted" in word(self.repeat) else self.earned or 0.0


class Transcript(NamedTuple):
    """All courses of one student, and the first and last day of this school year, if there is one."""

    courses: list[Taken]
    year: tuple[dt.date, dt.date] | None

    @property
    def this_year(self) -> int | None:
        """The calendar year in which this school year ends."""
        return self.year[1].year if self.year else None


def transcript(student_id: int, on: dt.date) -> Transcript:
    """The student's transcript as seen on the day `on`, in two queries.

    Where a row has no year or term of its own, those of its academic record count.
    """
    year = AcademicSession.school_year_on(on)
    return Transcript([_taken(row, year[1].year if year else 0) for row in _COURSES(student_id)], year)


def _taken(row: TranscriptCourse, this_year: int) -> Taken:
    year_as_written = row.school_year or row.record_year or ""
    year = ending(year_as_written)
    is_graded = row.letter or row.number is not None or row.result or row.earned
    return Taken(
        row.code or "", row.title or row.code or "", row.subject or "",
        [one for one in map(str.strip, (row.credit_categories or "").split(",")) if one],
        year, year_as_written, row.term or row.record_term or "", row.grade_level or "", row.attempted, row.earned,
        row.letter or "", row.number, row.result or "", row.repeat or "", row.method or "", row.taken_at or "",
        bool(row.attempted) and not is_graded and (year is None or year >= this_year),
    )  # fmt: skip


def ending(school_year: str | None) -> int | None:
    """The year in which a school year ends: 2026 for "2025-2026", "2025-26" and, as Ed-Fi writes it, "2026"."""
    found = _YEAR.search(school_year or "")
    if found is None:
        return None
    first, second = found.groups()
    return int(first) + 1 if second else int(first)


def place(term: str) -> int:
    """Where a term stands in its school year."""
    words = term.lower().split()
    places = [number for number, names in enumerate(_PARTS) if any(one.startswith(names) for one in words)]
    return min(places, default=len(_PARTS))


def word(code: str) -> str:
    """A code in small letters without spaces and signs, as codes of two files are compared."""
    return "".join(char for char in code.lower() if char.isalnum())
