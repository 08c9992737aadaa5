"""Posted grades: by quarter and semester, in the middle of a quarter, in progress, and by standard."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from services.demo.curriculum import Course
from services.demo.people import Student
from services.demo.schools import Section
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear, Session, seeded

LETTERS = ((90, "A"), (80, "B"), (70, "C"), (60, "D"), (0, "F"))
_SCALE = ("", "Beginning", "Approaching the standard", "Meets the standard", "Exceeds the standard")
_STATEMENTS = {
    "A": "A pleasure to have in class.",
    "B": "Good work; participates well.",
    "C": "Capable of more with regular homework.",
    "D": "Missing work lowers the grade.",
    "F": "Please contact me to plan how to catch up.",
}
_MIDDLE = "4.5 Weeks"
# What a standards-based class reports on beside its own grade, by topic; the last list is the reading class's.
_STANDARDS = {
    "ELA": ("Writing", "Speaking and Listening", "Language Conventions"),
    "MTH": ("Number Sense", "Operations", "Measurement and Data"),
    "SCI": ("Scientific Inquiry",),
    "SOC": ("Communities",),
    "reading": ("Phonics", "Phonological Awareness", "Reading Comprehension", "Reading Fluency", "Vocabulary"),
}


class Mark(NamedTuple):
    """A posted letter: which course, session and grade type it is for, and the number behind it."""

    course: Course
    session: Session
    kind: str
    letter: str
    number: str


#: Posted letters by student.
Marks = dict[str, list[Mark]]


class Tally:
    """Share of points earned by student, part of the year and category, for the grades a teacher would post."""

    def __init__(self, students: int, weights: list[float]) -> None:
        self._students, self._weights = students, weights
        self._sums: dict[tuple[str, int], tuple[list[float], list[float]]] = {}

    def cells(self, part: str, category: int) -> tuple[list[float], list[float]]:
        """Earned and possible points by student, to add to."""
        return self._sums.setdefault((part, category), ([0.0] * self._students, [0.0] * self._students))

    def share(self, parts: Sequence[str], student: int) -> float | None:
        """Weighted share 0..1 over those parts; None when nothing is scored."""
        total = weight = 0.0
        for category, part in enumerate(self._weights):
            earned = possible = 0.0
            for half in parts:
                if (half, category) in self._sums:
                    one, other = self._sums[half, category]
                    earned, possible = earned + one[student], possible + other[student]
            if possible:
                total, weight = total + part * earned / possible, weight + part
        return total / weight if weight else None


def part(year: SchoolYear, period: Session, due: date) -> str:
    """The half of a grading period that a due date is in, as the tally names it."""
    return _parts(period)[due > year.middles[period.sid]]


def _parts(period: Session) -> tuple[str, str]:
    return f"{period.sid}a", f"{period.sid}b"


def letter(percent: float) -> str:
    """The letter that a percentage earns in this district."""
    for least, mark in LETTERS:
        if percent >= least:
            return mark
    return LETTERS[-1][1]


def write_posted_grades(
    writer: FeedWriter, year: SchoolYear, section: Section, tally: Tally, rng: Random, marks: Marks
) -> None:
    """Quarter and semester grades of what has ended, and progress in the current quarter (secondary).

    Beside them what the grid of grading tasks shows: the grade in the middle of each quarter, and in classes graded
    by standards one for each standard. Art, music and PE post at the end of a semester and nothing before.
    """
    poster = _Poster(section, tally, rng, marks)
    today = year.today
    silent, by_standard = section.course.kind == "silent", section.course.kind == "standards"
    for semester in section.terms:
        quarters = [period for period in year.periods if period.parent == semester.sid]
        for quarter in quarters if not silent else ():
            middle = year.middles[quarter.sid]
            if quarter.end < today:
                poster.post(quarter, _parts(quarter), "Grading Period", quarter.end)
            elif quarter.start + timedelta(days=14) <= today and section.course.grade > 5:
                as_of = max(quarter.start, today - timedelta(days=(today.weekday() - 4) % 7))  # the last Friday
                poster.post(quarter, _parts(quarter), "Progress Report", as_of)
            if middle < today and not by_standard:
                poster.post_middle(quarter, middle)
            if quarter.end < today and by_standard:
                # Before the grade itself, which stays the class's latest.
                poster.post_standards(quarter, year.days_of(quarter)[-2], year.seed)
        if semester.end < today:
            both = [half for quarter in quarters for half in _parts(quarter)]
            poster.post(semester, both, "Semester", semester.end)
    writer.add_raw("grades", poster.rows)


class _Poster:
    """Collects one section's rows of grades.csv."""

    def __init__(self, section: Section, tally: Tally, rng: Random, marks: Marks) -> None:
        self.section, self.tally, self.rng, self.marks = section, tally, rng, marks
        self.rows: list[tuple[str, ...]] = []

    def post(self, session: Session, parts: Sequence[str], kind: str, as_of: date) -> None:
        """The class's grades of one session and type."""
        section = self.section
        for place, student in enumerate(section.students):
            if section.course.kind == "silent":
                share: float | None = min(1.0, student.ability + 0.08)
            else:
                share = self.tally.share(parts, place)
            if share is None or (student.entry and student.entry > as_of):
                continue
            cells = _grade_cells(section, student, share, self.rng)
            current = "true" if kind == "Progress Report" else "false"
            self._row(place, student, session, kind, kind[0], cells, as_of, current)
            if section.course.grade >= 9:
                mark = Mark(section.course, session, kind, cells[0], cells[1])
                self.marks.setdefault(student.sid, []).append(mark)

    def post_middle(self, quarter: Session, as_of: date) -> None:
        """Where everybody stood in the middle of the quarter."""
        parts, sid, iso = _parts(quarter)[:1], self.section.sid, as_of.isoformat()
        for place, student in enumerate(self.section.students):
            share = self.tally.share(parts, place)
            if share is None or (student.entry and student.entry > as_of):
                continue
            percent = round(share * 100)
            key = f"{sid}.{place:02d}.{quarter.sid[:8]}4"
            cells = _MIDDLE, letter(percent), str(percent), "", "", "false", iso
            self.rows.append((key, "", "", student.sid, sid, quarter.sid, *cells))

    def post_standards(self, quarter: Session, as_of: date, seed: int) -> None:
        """A level for each standard, near the student's level in the whole class."""
        course, rng = self.section.course, seeded(seed, "standards", self.section.sid, quarter.sid)
        names = _STANDARDS["reading" if course.title.startswith("Reading") else course.topic]
        parts = _parts(quarter)
        for place, student in enumerate(self.section.students):
            share = self.tally.share(parts, place)
            if share is None or (student.entry and student.entry > as_of):
                continue
            for number, name in enumerate(names):
                level = min(4, max(1, round(share * 4 - 0.1 + rng.gauss(0, 0.45))))
                cells = str(level), "", _SCALE[level], ""
                self._row(place, student, quarter, name, f"S{number}", cells, as_of, "false")

    def _row(
        self,
        place: int,
        student: Student,
        session: Session,
        kind: str,
        key: str,
        cells: tuple[str, str, str, str],
        as_of: date,
        current: str,
    ) -> None:
        sid = self.section.sid
        key = f"{sid}.{place:02d}.{session.sid[:8]}{key}"
        self.rows.append(
            (key, "", "", student.sid, sid, session.sid, kind, *cells, current, as_of.isoformat()),
        )


def _grade_cells(section: Section, student: Student, share: float, rng: Random) -> tuple[str, str, str, str]:
    """Letter, number, description and statement, as the grade level writes them."""
    if section.course.kind == "standards" or section.course.grade <= 2:
        level = min(4, max(1, round(share * 4 - 0.1)))
        return str(level), "", _SCALE[level], ""
    percent = round(share * 100)
    earned = letter(percent)
    if section.course.grade <= 5 and section.course.kind == "silent":
        return "S" if percent >= 70 else "N", "", "Satisfactory" if percent >= 70 else "Needs improvement", ""
    return earned, str(percent), "", _STATEMENTS[earned] if rng.random() < 0.15 else ""
