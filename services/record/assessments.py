"""Standardized tests: what a student has taken and with which scores, and what each test is (G04, D14)."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from models import Assessment, AssessmentScale, ScoreResult, StudentAssessment
from services import formats
from services.prepared import Prepared
from services.record import codes, grade_levels

_SITTINGS = Prepared(
    lambda student: (
        StudentAssessment.select()
        .where(StudentAssessment.student == student)
        .order_by(StudentAssessment.date.desc(nulls="last"), StudentAssessment.id.desc())
    )
)
_SCORES = Prepared(
    lambda student: (
        ScoreResult.select()
        .join(StudentAssessment)
        .where(StudentAssessment.student == student)
        .order_by(ScoreResult.id)
    )
)
_TESTS = Prepared(
    lambda student: Assessment.select().where(Assessment.identifier.in_(_identifiers(student))).order_by(Assessment.id)
)
_SCALES = Prepared(
    lambda student: (
        AssessmentScale.select()
        .where(AssessmentScale.identifier.in_(_identifiers(student)))
        .order_by(AssessmentScale.id)
    )
)
_TITLES = Prepared(
    lambda identifiers: (
        Assessment.select(Assessment.identifier, Assessment.title)
        .where(Assessment.identifier.in_(identifiers))
        .order_by(Assessment.id.desc())
        .tuples()
    )
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,9})?")

#: How Ed-Fi writes that this was no retest.
_FIRST_TIME = ("primary administration", "primary")

#: The drawing of a trend: its size, and what is left free around the line.
WIDTH, HEIGHT, _EDGE = 240, 56, 6


class Score(NamedTuple):
    """One score: of the whole test where `part` is empty. `low` and `high` are the ends of its scale, if known."""

    part: str
    method: str
    value: str
    level: str
    low: str
    high: str


class Sitting(NamedTuple):
    """A test as the student took it, or did not: then `is_untested`, for a `reason` where the feed has one."""

    date: dt.date | None
    day: str
    grade_level: str
    scores: list[Score]
    levels: list[str]
    parts: list[Score]
    retest: str
    is_untested: bool
    reason: str


class Scale(NamedTuple):
    """Between which scores one kind of result lies, of the whole test where `part` is empty."""

    part: str
    method: str
    low: str
    high: str


#: Scales by part and method, in small letters.
Scales = dict[tuple[str, str], Scale]


class Trend(NamedTuple):
    """Scores of one kind over time, oldest first, as pairs of day and score; `dots` are where they are drawn."""

    method: str
    points: list[tuple[str, str]]
    dots: list[tuple[float, float]]

    @property
    def line(self) -> str:
        """The dots as SVG's `points`."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.dots)


class Test(NamedTuple):
    """One test and all that the student has of it, newest first. `key` stands for it in addresses."""

    key: int
    identifier: str
    title: str
    family: str
    category: str
    subjects: list[str]
    text: str
    web_site: str
    highest: str
    scales: list[Scale]
    sittings: list[Sitting]
    trends: list[Trend]


class Group(NamedTuple):
    """Tests of one family. `rows` pairs each time that one was taken with its test, the newest first."""

    title: str
    tests: list[Test]
    rows: list[tuple[Test, Sitting]]


class Words(NamedTuple):
    """The district's own codes that tests use."""

    methods: codes.CodeSet
    levels: codes.CodeSet
    reasons: codes.CodeSet
    retests: codes.CodeSet
    categories: codes.CodeSet
    subjects: codes.CodeSet


def tests_of(student_id: int, locale: str) -> list[Test]:
    """Every test that the student has taken or should have taken, the latest first; five queries.

    A test is known by identifier and namespace, as in Ed-Fi; one that `assessments.csv` does not describe has its
    identifier as title. Its key is the id of the student's own first row, so nobody else's key fits.
    """
    taken: dict[tuple[str, str | None], list[StudentAssessment]] = {}
    for row in _SITTINGS(student_id):
        taken.setdefault((row.identifier, row.namespace), []).append(row)
    if not taken:
        return []
    scores = defaultdict(list)
    for score in _SCORES(student_id):
        scores[score.student_assessment_id].append(score)
    described, scales = list(_TESTS(student_id)), list(_SCALES(student_id))
    words = Words(
        *codes.read(
            "AssessmentReportingMethodDescriptor", "PerformanceLevelDescriptor", "ReasonNotTestedDescriptor",
            "RetestIndicatorDescriptor", "AssessmentCategoryDescriptor", "AcademicSubjectDescriptor",
        )
    )  # fmt: skip
    return [
        _test(identifier, rows, scores, _named(described, identifier, namespace),
              [one for one in scales if _is_of(one, identifier, namespace)], words, locale)
        for (identifier, namespace), rows in taken.items()
    ]  # fmt: skip


def grouped(tests: Iterable[Test]) -> list[Group]:
    """The tests by family, or by title where they belong to none, in the order in which they come."""
    groups: dict[str, list[Test]] = {}
    for test in tests:
        groups.setdefault(test.family or test.title, []).append(test)
    return [
        Group(
            title, members,
            sorted(
                ((test, sitting) for test in members for sitting in test.sittings),
                key=lambda row: row[1].date or dt.date.min, reverse=True,
            ),
        )
        for title, members in groups.items()
    ]  # fmt: skip


def titles(identifiers: Iterable[str]) -> dict[str, str]:
    """The titles of these tests by identifier, whoever has taken them."""
    return {identifier: title for identifier, title in _TITLES(sorted(identifiers)) if title}


def _identifiers(student: object) -> object:
    return StudentAssessment.select(StudentAssessment.identifier).where(StudentAssessment.student == student)


def _is_of(row: Assessment | AssessmentScale, identifier: str, namespace: str | None) -> bool:
    """Whether a row describes that test; a namespace that one side leaves out does not tell tests apart."""
    return row.identifier == identifier and (row.namespace == namespace or not row.namespace or not namespace)


def _named(rows: list[Assessment], identifier: str, namespace: str | None) -> Assessment | None:
    """The description of a test, one of its very namespace first."""
    found = [row for row in rows if _is_of(row, identifier, namespace)]
    return next((row for row in found if row.namespace == namespace), found[0] if found else None)


def _test(
    identifier: str, rows: list[StudentAssessment], scores: dict[int, list[ScoreResult]],
    described: Assessment | None, scale_rows: list[AssessmentScale], words: Words, locale: str,
) -> Test:  # fmt: skip
    scales: Scales = {}
    for row in scale_rows:
        if not words.methods.hides(row.method) and (row.minimum or row.maximum):
            scales[_folded(row.objective), _folded(row.method)] = Scale(
                row.objective or "", words.methods.label(row.method),
                _shown(row.minimum, locale), _shown(row.maximum, locale),
            )  # fmt: skip
    sittings = [_sitting(row, scores[row.id], scales, words, locale) for row in rows]
    title = (described and described.title) or identifier
    if described is None:
        described = Assessment()
    return Test(
        min(row.id for row in rows), identifier, title, described.family or "",
        _said(words.categories, described.category),
        words.subjects.shown(described.subjects), described.parent_text or "", described.web_site or "",
        formats.number(described.max_raw_score, locale), list(scales.values()), sittings,
        _trends(rows, scores, words, locale),
    )  # fmt: skip


def _sitting(row: StudentAssessment, results: list[ScoreResult], scales: Scales, words: Words, locale: str) -> Sitting:
    found = []
    for one in results:
        level = _said(words.levels, one.performance_level)
        if words.methods.hides(one.method) or not (one.result or level):
            continue
        scale = scales.get((_folded(one.objective), _folded(one.method)))
        found.append(
            Score(
                one.objective or "", words.methods.label(one.method), _shown(one.result, locale), level,
                scale.low if scale else "", scale.high if scale else "",
            )
        )  # fmt: skip
    whole = [score for score in found if not score.part]
    is_retest = _folded(row.retest) not in ("", *_FIRST_TIME)
    return Sitting(
        row.date, formats.day(row.date, locale), grade_levels.code(row.grade_level),
        [score for score in whole if score.value], list(dict.fromkeys(score.level for score in whole if score.level)),
        [score for score in found if score.part],
        _said(words.retests, row.retest) if is_retest else "",
        bool(row.not_tested), _said(words.reasons, row.not_tested),
    )  # fmt: skip


def _trends(
    rows: list[StudentAssessment], scores: dict[int, list[ScoreResult]], words: Words, locale: str
) -> list[Trend]:
    """Numbers of one kind, for the whole test, on at least two days; the kind with the most of them first."""
    found: dict[str, dict[dt.date, str]] = {}
    for row in reversed(rows):
        for one in scores[row.id]:
            is_drawn = row.date is not None and not one.objective and _NUMBER.fullmatch(one.result or "")
            if is_drawn and not words.methods.hides(one.method):
                found.setdefault(one.method or "", {}).setdefault(row.date, one.result)
    longest = sorted((item for item in found.items() if len(item[1]) > 1), key=lambda item: -len(item[1]))
    return [
        Trend(
            words.methods.label(method),
            [(formats.day(day, locale), _shown(result, locale)) for day, result in by_day.items()],
            _dots([(day.toordinal(), float(result)) for day, result in by_day.items()]),
        )
        for method, by_day in longest
    ]


def _dots(points: list[tuple[int, float]]) -> list[tuple[float, float]]:
    """Where the points lie in the drawing: days from the left to the right, scores from the bottom to the top."""
    days, values = [day for day, _ in points], [value for _, value in points]
    first, low, high = days[0], min(values), max(values)
    across, up = (WIDTH - 2 * _EDGE) / (days[-1] - first), (HEIGHT - 2 * _EDGE) / ((high - low) or 1)
    middle = 0 if high > low else (HEIGHT - 2 * _EDGE) / 2
    return [
        (round(_EDGE + (day - first) * across, 1), round(HEIGHT - _EDGE - middle - (value - low) * up, 1))
        for day, value in points
    ]


def _said(code_set: codes.CodeSet, code: str | None) -> str:
    """A code in the district's words; empty where it is not for families."""
    return "" if code_set.hides(code) else code_set.label(code)


def _shown(result: str | None, locale: str) -> str:
    """A result as people of that language write it; whole numbers as on the report that the family has on paper."""
    if result is None or not _NUMBER.fullmatch(result):
        return result or ""
    return formats.exact(float(result), locale) if "." in result else str(int(result))


def _folded(text: str | None) -> str:
    return (text or "").strip().lower()
