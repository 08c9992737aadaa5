"""Course history as the school has it: courses, credits, averages, rank and honors (G03). Nothing is computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from config import Settings
from models import AcademicHonor, AcademicRecord, Student
from services import formats
from services.prepared import Prepared
from services.record import codes, grade_levels
from services.record.transcript import Taken, Transcript, ending, place, word

_RECORDS = Prepared(
    lambda student: AcademicRecord.select().where(AcademicRecord.student == student).order_by(AcademicRecord.id)
)
_HONORS = Prepared(
    lambda student: (
        AcademicHonor.select()
        .where(AcademicHonor.student == student)
        .order_by(AcademicHonor.date.desc(nulls="last"), AcademicHonor.id)
    )
)

#: How a course is usually taken, which is not worth a word.
_USUAL = ("", "classroomcredit", "classroom")


class Entry(NamedTuple):
    """One course in one term. `state` is in_progress, passed, failed, incomplete, withdrawn or empty.

    `repeat` is counted or not_counted for one that was taken again. `method` and `taken_at` say how and where else it
    was taken.
    """

    title: str
    term: str
    mark: str
    state: str
    attempted: str
    earned: str
    repeat: str
    method: str
    taken_at: str


class Average(NamedTuple):
    """A grade point average as the school has computed it, `best` being the highest possible."""

    value: str
    best: str
    kind: str
    term: str
    year: str


class Term(NamedTuple):
    """What the school sums up of one term: credits and averages."""

    name: str
    earned: str
    attempted: str
    averages: list[Average]


class Year(NamedTuple):
    """One school year in one grade level, "2025–2026", with its courses and terms."""

    title: str
    grade_level: str
    entries: list[Entry]
    terms: list[Term]


class Honor(NamedTuple):
    """An honor and the day on which it was awarded."""

    title: str
    day: str


class History(NamedTuple):
    """Everything, the newest first. `rank` and `class_size` are empty unless the school gives them.

    `is_this_year_only` for students below the grade level of which the whole history is shown.
    """

    years: list[Year]
    averages: list[Average]
    rank: str
    class_size: str
    honors: list[Honor]
    is_this_year_only: bool


class _Words(NamedTuple):
    terms: codes.CodeSet
    methods: codes.CodeSet
    averages: codes.CodeSet
    honors: codes.CodeSet


def history(student: Student, transcript: Transcript, locale: str, settings: Settings) -> History:
    """The student's courses of high school, or of this year alone below it; three queries beside the transcript's.

    Which students are below is the setting `history_from_grade`. Above, earlier courses show when they carry
    credit. A grade level that nobody knows hides nothing (DECISIONS 9).
    """
    words = _Words(
        *codes.read(
            "TermDescriptor", "MethodCreditEarnedDescriptor", "GradePointAverageTypeDescriptor",
            "AcademicHonorCategoryDescriptor",
        )
    )  # fmt: skip
    this_year, own = transcript.this_year, grade_levels.level(student.grade_level)
    is_below = own is not None and own < settings.history_from_grade
    records = sorted(_RECORDS(student.id), key=_when)
    if is_below:
        shown = [one for one in transcript.courses if this_year is not None and one.year == this_year]
        records = [one for one in records if this_year is not None and ending(one.school_year) == this_year]
    else:
        least = settings.history_from_grade if own is not None else -1
        shown = [one for one in transcript.courses if one.year == this_year or _is_of_high_school(one, least)]
        since = min((one.year for one in shown if one.year is not None), default=0)
        records = [one for one in records if (ending(one.school_year) or since) >= since]
    ranked = next((one for one in reversed(records) if one.class_rank is not None), None)
    return History(
        _years(shown, records, words, locale),
        _latest_averages(records, words, locale),
        formats.number(ranked and ranked.class_rank, locale), formats.number(ranked and ranked.class_size, locale),
        [
            Honor(one.description or words.honors.label(one.category), formats.day(one.date, locale))
            for one in _HONORS(student.id)
            if (one.description or one.category) and not words.honors.hides(one.category)
            and (not is_below or _is_within(one.date, transcript.year))
        ],
        is_below,
    )  # fmt: skip


def _is_of_high_school(one: Taken, least: int) -> bool:
    """Whether a course was taken in that grade level or above, or brought credit before it."""
    level = grade_levels.level(one.grade_level)
    return level is None or level >= least or bool(one.attempted or one.earned)


def _is_within(day: dt.date | None, year: tuple[dt.date, dt.date] | None) -> bool:
    return day is not None and year is not None and year[0] <= day <= year[1]


def _when(record: AcademicRecord) -> tuple[int, int, int]:
    return ending(record.school_year) or 0, place(record.term or ""), record.id


def _years(shown: list[Taken], records: list[AcademicRecord], words: _Words, locale: str) -> list[Year]:
    groups: dict[tuple[int | None, str, str], list[Taken]] = {}
    for one in shown:
        written = "" if one.year else one.year_as_written
        groups.setdefault((one.year, written, grade_levels.code(one.grade_level)), []).append(one)
    of_year: dict[int | None, list[AcademicRecord]] = {}
    for record in records:
        of_year.setdefault(ending(record.school_year), []).append(record)
    for year in of_year.keys() - {key[0] for key in groups}:
        groups.setdefault((year, "", ""), [])
    years = []
    # The newest first, the unknown last. A year in two grade levels names its terms once, under the later level.
    for key in sorted(groups, key=lambda key: (key[0] or 0, grade_levels.level(key[2]) or 0), reverse=True):
        year, written, level = key
        taken = sorted(groups[key], key=lambda one: (place(one.term), one.term, one.title))
        title = f"{year - 1}–{year}" if year else written
        terms = _terms(of_year.pop(year, []), words, locale)
        years.append(Year(title, level, [_entry(one, words, locale) for one in taken], terms))
    return years


def _entry(one: Taken, words: _Words, locale: str) -> Entry:
    repeat = word(one.repeat)
    return Entry(
        one.title, "" if words.terms.hides(one.term) else words.terms.label(one.term),
        formats.mark(one.letter, one.number, locale),
        "in_progress" if one.in_progress else _STATES.get(word(one.result), ""),
        formats.exact(one.attempted, locale), formats.exact(one.earned, locale),
        ("not_counted" if "notcounted" in repeat else "counted") if repeat else "",
        "" if word(one.method) in _USUAL or words.methods.hides(one.method) else words.methods.label(one.method),
        one.taken_at,
    )  # fmt: skip


#: Ed-Fi's results of a course.
_STATES = {"pass": "passed", "fail": "failed", "incomplete": "incomplete", "withdrawn": "withdrawn"}


def _terms(records: list[AcademicRecord], words: _Words, locale: str) -> list[Term]:
    """What the records of one year say, a term each: a feed may have a row for each kind of average."""
    found: dict[str, list[AcademicRecord]] = {}
    for one in records:
        found.setdefault(one.term or "", []).append(one)
    return [
        Term(
            words.terms.label(name), formats.exact(_first(one.session_earned for one in rows), locale),
            formats.exact(_first(one.session_attempted for one in rows), locale),
            [_average(one, words, locale) for one in _with_average(rows, words)],
        )
        for name, rows in found.items()
    ]  # fmt: skip


def _latest_averages(records: list[AcademicRecord], words: _Words, locale: str) -> list[Average]:
    """The latest average of each kind; those over all terms where the feed has such."""
    with_gpa = _with_average(records, words)
    overall = [one for one in with_gpa if one.gpa_is_cumulative] or with_gpa
    return [_average(one, words, locale) for one in {word(one.gpa_kind or ""): one for one in overall}.values()]


def _with_average(records: list[AcademicRecord], words: _Words) -> list[AcademicRecord]:
    return [one for one in records if one.gpa is not None and not words.averages.hides(one.gpa_kind)]


def _average(one: AcademicRecord, words: _Words, locale: str) -> Average:
    year = ending(one.school_year)
    return Average(
        formats.exact(one.gpa, locale, 2), formats.exact(one.gpa_max, locale, 1),
        words.averages.label(one.gpa_kind), words.terms.label(one.term),
        f"{year - 1}–{year}" if year else one.school_year or "",
    )  # fmt: skip


def _first(values: Iterable[float | None]) -> float | None:
    return next((value for value in values if value is not None), None)
