"""Standardized tests: what they are, and each student's scores of this year and the two before."""

from bisect import bisect
from collections.abc import Iterator
from datetime import date, timedelta
from math import erf
from random import Random
from typing import NamedTuple

from services.demo.attendance import Attendance
from services.demo.people import GRADE_NAMES, Student
from services.demo.schools import STAFF_HOST
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

_NAMESPACE = f"uri://{STAFF_HOST}"
_YEARS_BACK = 2
_LEVELS = ("Below Basic", "Basic", "Proficient", "Advanced")
_BENCHMARKS = ("Well below benchmark", "Below benchmark", "At benchmark", "Above benchmark")
_ENGLISH_LEVELS = ("Emerging", "Progressing", "Proficient")
_SCALE, _PERCENTILE, _COMPOSITE = "Scale score", "Percentile", "Composite Score"
_WAIVED, _WAIVER = 0.012, "Parental waiver"
_ENGLISH_LEARNERS = 0.45


class Test(NamedTuple):
    """One assessment; `objectives` are its parts with scores of their own. Seasons: fall, winter, spring.

    `form` says how its scores are made: see _SCORES.
    """

    identifier: str
    form: str
    title: str
    category: str
    subject: str
    grades: tuple[int, ...]
    seasons: tuple[str, ...]
    range: tuple[int, int]
    objectives: tuple[str, ...]
    page: str
    text: str


_STATE = (
    "The state gives this test every spring. It shows what your child knows of the year's standards, which are the "
    "same in every school of the state. It does not count toward course grades."
)
_SCREENER = (
    "A short test on the computer, three times a year. It shows how much your child has grown since the last time and "
    "which skills to work on next. Scores go up as children grow; compare a score with the one before it."
)
_ENGLISH = (
    "For students who speak another language at home and are learning English at school. It shows how well they "
    "understand, speak, read and write English, and decides how much help they get."
)
_PSAT = (
    "Practice for the SAT, which many colleges ask for. Taken in October; the score shows what to study before the "
    "SAT, and in grade 11 it can lead to a scholarship."
)
_SAT = (
    "A test that many colleges ask for when students apply. The school gives it once, free of charge, on a school "
    "day in spring; students may take it again on their own."
)
_FAMILIES = {
    "state": "State Tests",
    "check": "District Checks",
    "english": "English Language Proficiency",
    "entrance": "College Entrance",
}
_SUMMATIVE, _BENCHMARK, _ENTRANCE = "State summative assessment 3-8 general", "Benchmark test", "College entrance exam"
_STATE_GRADES = (3, 4, 5, 6, 7, 8, 11)
_ALL_YEAR = ("fall", "winter", "spring")
_HALVES = ("Reading and Writing", "Math")
_TESTS = (
    Test(
        "OSR",
        "state",
        "State Reading and Writing Test",
        _SUMMATIVE,
        "English Language Arts",
        _STATE_GRADES,
        ("spring",),
        (2114, 2795),
        (),
        "tests/state-reading",
        _STATE,
    ),
    Test(
        "OSM",
        "state",
        "State Mathematics Test",
        _SUMMATIVE,
        "Mathematics",
        _STATE_GRADES,
        ("spring",),
        (2189, 2862),
        (),
        "tests/state-mathematics",
        _STATE,
    ),
    Test(
        "OSS",
        "state",
        "State Science Test",
        _SUMMATIVE,
        "Science",
        (5, 8, 11),
        ("spring",),
        (300, 600),
        (),
        "tests/state-science",
        _STATE,
    ),
    Test(
        "MVR",
        "check",
        "Reading Check",
        _BENCHMARK,
        "Reading",
        tuple(range(9)),
        _ALL_YEAR,
        (100, 300),
        (),
        "tests/reading-check",
        _SCREENER,
    ),
    Test(
        "MVM",
        "check",
        "Mathematics Check",
        _BENCHMARK,
        "Mathematics",
        tuple(range(1, 9)),
        _ALL_YEAR,
        (100, 300),
        (),
        "tests/mathematics-check",
        _SCREENER,
    ),
    Test(
        "ELP",
        "english",
        "English Language Proficiency Test",
        "English proficiency test",
        "English",
        tuple(range(13)),
        ("winter",),
        (200, 800),
        ("Listening", "Reading", "Speaking", "Writing"),
        "tests/english-proficiency",
        _ENGLISH,
    ),
    Test(
        "PSAT",
        "entrance",
        "PSAT/NMSQT",
        _ENTRANCE,
        "Composite",
        (10, 11),
        ("fall",),
        (320, 1520),
        _HALVES,
        "tests/psat",
        _PSAT,
    ),
    Test(
        "SAT",
        "entrance",
        "SAT School Day",
        _ENTRANCE,
        "Composite",
        (11,),
        ("spring",),
        (400, 1600),
        _HALVES,
        "tests/sat",
        _SAT,
    ),
)
# Middle of the scores by grade: state tests in spring; the district's checks in fall, with the year's growth.
_STATE_MIDDLE = {3: 2432, 4: 2473, 5: 2502, 6: 2531, 7: 2552, 8: 2567, 11: 2583}
_CHECK_MIDDLE = (138, 156, 172, 187, 197, 205, 211, 216, 220)
_CHECK_GROWTH = (18, 16, 14, 10, 8, 6, 5, 4, 4)
_SO_FAR = {"fall": 0.0, "winter": 0.55, "spring": 1.0}


class _Sitting(NamedTuple):
    """One test as a grade takes it in one season of a year, on the first of `days` that a student is there.

    `middle` and `spread` say where that grade's scores lie then; `last_cells` end the row of studentAssessments.
    """

    test: Test
    days: tuple[date, ...]
    this_year: bool
    key: str
    language: bool
    middle: float
    spread: float
    last_cells: tuple[str, str, str]


def write_assessments(writer: FeedWriter) -> None:
    """assessments.csv and assessmentScores.csv: what each test is and between which numbers its scores lie."""
    for test in _TESTS:
        grades = ",".join(GRADE_NAMES[grade] for grade in test.grades)
        page = f"https://www.{STAFF_HOST}/{test.page}"
        cells = test.title, test.category, test.subject, grades, "", _FAMILIES[test.form], test.text, page
        writer.add("assessments", f"test.{test.identifier}", test.identifier, _NAMESPACE, *cells)
        method = _SCALE if not test.objectives else _COMPOSITE
        rows = [("", method, *test.range)]
        if test.form == "check":
            rows.append(("", _PERCENTILE, 1, 99))
        part = len(test.objectives) if test.form == "entrance" else 1
        rows += [(name, _SCALE, test.range[0] // part, test.range[1] // part) for name in test.objectives]
        for number, (objective, how, low, high) in enumerate(rows):
            sid = f"test.{test.identifier}.{number}"
            cells_of = objective, how, str(low), str(high), "Integer"
            writer.add("assessmentScores", sid, test.identifier, _NAMESPACE, *cells_of)


class Testing:
    """Writes studentAssessments.csv and studentAssessmentScoreResults.csv, student by student."""

    def __init__(self, writer: FeedWriter, year: SchoolYear) -> None:
        self._writer, self._year = writer, year
        self._plans: dict[int, list[_Sitting]] = {}

    def write(self, student: Student, attendance: Attendance, rng: Random) -> None:
        """Every test that the student's grade has taken so far; who is new has none of earlier years."""
        if "empty" in student.scenes:
            return
        learner = "esl" in student.scenes or (student.language != "en" and rng.random() < _ENGLISH_LEARNERS)
        strength = (student.ability - 0.8) / 0.11
        reading, mathematics = strength + rng.gauss(0, 0.5), strength + rng.gauss(0, 0.5)
        rows: list[tuple[str, ...]] = []
        scores: list[tuple[str, ...]] = []
        entered, away = attendance.days[0] if attendance.days else date.max, attendance.away
        for sitting in self._taken(student):
            test = sitting.test
            if test.form == "english" and not learner:
                continue
            day: date | None = sitting.days[0]
            if sitting.this_year:
                day = next((one for one in sitting.days if one >= entered and one not in away), None)
            if day is None:
                continue
            sid, iso = f"{student.sid}.{sitting.key}", day.isoformat()
            waived = _WAIVER if rng.random() < _WAIVED else ""
            cells = student.sid, test.identifier, _NAMESPACE, sitting.key, iso, iso
            rows.append((sid, "", "", *cells, *sitting.last_cells, waived))
            if not waived:
                z = (reading if sitting.language else mathematics) + rng.gauss(0, 0.3)
                scores += _SCORES[test.form](sid, sitting, z, rng)
        self._writer.add_raw("studentAssessments", rows)
        self._writer.add_raw("studentAssessmentScoreResults", scores)

    def _taken(self, student: Student) -> list[_Sitting]:
        """What the student's grade has taken. Who was moved up a grade this year was a grade lower before."""
        if student.standing == "transferred":
            before = [one for one in self._plan(student.grade - 1) if not one.this_year]
            return before + [one for one in self._plan(student.grade) if one.this_year]
        return [one for one in self._plan(student.grade) if one.this_year or not student.is_new]

    def _plan(self, grade: int) -> list[_Sitting]:
        if grade not in self._plans:
            self._plans[grade] = _sittings(self._year, grade)
        return self._plans[grade]


def _sittings(year: SchoolYear, grade: int) -> list[_Sitting]:
    """What somebody in that grade has taken, oldest first."""
    found = []
    for back in range(_YEARS_BACK, -1, -1):
        then, at = year.other(-back), grade - back
        for season in ("fall", "winter", "spring"):
            for number, test in enumerate(_TESTS):
                if at not in test.grades or season not in test.seasons:
                    continue
                opens = _opens(then, season, number)
                days = tuple(day for day in then.days if opens <= day <= min(year.today, opens + timedelta(days=9)))
                if days:
                    found.append(_sitting(test, at, season, then, days, this_year=not back))
    return found


def _sitting(
    test: Test, grade: int, season: str, year: SchoolYear, days: tuple[date, ...], *, this_year: bool
) -> _Sitting:
    middle, spread = 480.0, 75.0
    if test.form == "state":
        middle, spread = (450, 45) if test.identifier == "OSS" else (_STATE_MIDDLE[grade], 88)
    elif test.form == "check":
        middle, spread = _CHECK_MIDDLE[grade] + _SO_FAR[season] * _CHECK_GROWTH[grade], 14
    key = f"{test.identifier}{year.school_year % 100}{season[0]}"
    language = test.subject in ("English Language Arts", "Reading", "English")
    last_cells = GRADE_NAMES[grade], str(year.school_year), "Primary Administration"
    return _Sitting(test, days, this_year, key, language, middle, spread, last_cells)


def _opens(year: SchoolYear, season: str, number: int) -> date:
    """The first day on which a test may be taken; tests of one season are some days apart."""
    month = {"fall": date(year.start.year, 9, 14), "winter": date(year.end.year, 1, 18)}
    return month.get(season, date(year.end.year, 4, 20)) + timedelta(days=3 * number)


def _state(sid: str, sitting: _Sitting, z: float, rng: Random) -> list[tuple[str, ...]]:
    """One scale score with its level; `z` is how far from the middle, in standard deviations."""
    score = _within(sitting.middle + z * sitting.spread, sitting.test.range)
    return [_score(sid, 0, "", _SCALE, score, _LEVELS[bisect((-0.8, 0.0, 0.95), z)])]


def _check(sid: str, sitting: _Sitting, z: float, rng: Random) -> list[tuple[str, ...]]:
    """A scale score, and the percentile among students of the same grade and season."""
    share = min(99, max(1, round(50 * (1 + erf(z / 1.4142)))))
    score = _within(sitting.middle + z * sitting.spread, sitting.test.range)
    level = _BENCHMARKS[bisect((19, 39, 79), share)]
    return [_score(sid, 0, "", _SCALE, score, level), _score(sid, 1, "", _PERCENTILE, share, "")]


def _english(sid: str, sitting: _Sitting, z: float, rng: Random) -> list[tuple[str, ...]]:
    """Four parts, and their mean with its level."""
    test = sitting.test
    parts = [_within(sitting.middle + z * sitting.spread + rng.gauss(0, 40), test.range) for _ in test.objectives]
    whole = round(sum(parts) / len(parts))
    return [
        _score(sid, 0, "", _COMPOSITE, whole, _ENGLISH_LEVELS[bisect((430, 560), whole)]),
        *_parts(sid, test, parts),
    ]


def _entrance(sid: str, sitting: _Sitting, z: float, rng: Random) -> list[tuple[str, ...]]:
    """Two halves, in tens, and their sum."""
    test, (low, high) = sitting.test, sitting.test.range
    middle, spread, half = sitting.middle, sitting.spread, (low // 2, high // 2)
    parts = [_within(middle + z * spread + rng.gauss(0, 35), half) // 10 * 10 for _ in test.objectives]
    return [_score(sid, 0, "", _COMPOSITE, sum(parts), ""), *_parts(sid, test, parts)]


_SCORES = {"state": _state, "check": _check, "english": _english, "entrance": _entrance}


def _parts(sid: str, test: Test, parts: list[int]) -> Iterator[tuple[str, ...]]:
    for at, (name, part) in enumerate(zip(test.objectives, parts, strict=True)):
        yield _score(sid, at + 1, name, _SCALE, part, "")


def _within(value: float, ends: tuple[int, int]) -> int:
    return max(ends[0], min(ends[1], round(value)))


def _score(sid: str, number: int, objective: str, method: str, value: int, level: str) -> tuple[str, ...]:
    return (f"{sid}.{number}", "", "", sid, objective, method, str(value), "Integer", level)
