"""High school: courses taken since grade 9, credits, averages and ranks."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple

from services.demo.curriculum import ELECTIVE_SLOT, PLANS, Course, elective
from services.demo.graduation import counts_as, graduates_on
from services.demo.people import GRADE_NAMES, Student
from services.demo.posted_grades import Mark, letter
from services.demo.schools import School, Section
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

POINTS = {"A": 4.0, "B": 3.0, "C": 2.0, "D": 1.0, "F": 0.0}
_TERMS = ("Fall Semester", "Spring Semester", "Summer Semester")
_CREDIT = 0.5
_RECOVERS = 0.6
_ELSEWHERE = ("Riverbend High School", "Lakeside High School", "North Valley High School")


class _Entry(NamedTuple):
    """One course in one term, graded."""

    course: Course
    letter: str
    number: str
    repeat: str = ""


class _Term(NamedTuple):
    """One term of one student: the school year it belongs to, its place among _TERMS, the grade level then."""

    year: SchoolYear
    place: int
    grade: int
    entries: list[_Entry]


class Transcripts:
    """Writes those of one grade of one school. Rows go out student by student; ranks wait for `close`."""

    def __init__(self, writer: FeedWriter, year: SchoolYear, school: School, grade: int) -> None:
        self._writer, self._year, self._school = writer, year, school
        self._graduates = graduates_on(year, grade)
        self._latest: list[tuple[float, str, tuple[str, ...]]] = []

    def add(
        self, student: Student, sections: Iterable[Section], marks: list[Mark], rng: Random
    ) -> list[tuple[SchoolYear, float]]:
        """Courses and terms of one student; gives the average at the end of each earlier year.

        `sections` are the student's classes, `marks` the letters posted in them.
        """
        elsewhere = rng.choice(_ELSEWHERE) if student.is_new else ""
        attempted = earned = points = 0.0
        averages: list[tuple[SchoolYear, float]] = []
        row: tuple[str, ...] = ()
        sid = ""
        for term in (*_earlier(self._year, student, rng), *_this_year(self._year, student, marks)):
            if row:
                self._writer.add("studentAcademicRecords", sid, *row, "", "", self._graduates)
            sid = f"{student.sid}.r{term.year.school_year}.{term.place}"
            gained = sum(_CREDIT for entry in term.entries if entry.letter != "F")
            tried = _CREDIT * len(term.entries)
            attempted, earned = attempted + tried, earned + gained
            points += sum(_CREDIT * POINTS[entry.letter] for entry in term.entries)
            average = points / attempted
            if term.year.school_year < self._year.school_year and term.place == 1:
                averages.append((term.year, average))
            row = (
                *(student.sid, self._school.sid, str(term.year.school_year), _TERMS[term.place]),
                *(f"{earned:g}", f"{attempted:g}", f"{gained:g}", f"{tried:g}"),
                *(f"{average:.2f}", "Unweighted", "true", "4.0"),
            )
            self._courses(sid, student, term, elsewhere if term.year is not self._year else "")
        if row:
            self._latest.append((round(points / attempted, 2), sid, row))
        self._in_progress(student, sections)
        return averages

    def _in_progress(self, student: Student, sections: Iterable[Section]) -> None:
        """What the student takes in a semester that has begun: attempted, with no grade and no credit yet."""
        rows: list[tuple[str, ...]] = []
        for place, semester in enumerate(self._year.semesters):
            if not semester.start <= self._year.today <= semester.end:
                continue
            ends = str(self._year.school_year)
            for section in sections:
                if semester in section.terms:
                    course = section.course
                    subject, category = counts_as(course)
                    rows.append(
                        (
                            *(f"{student.sid}.t{place}.{len(rows)}", "", "", "", student.sid),
                            *(course.code, course.title, subject, ends, _TERMS[place], GRADE_NAMES[student.grade]),
                            *(f"{_CREDIT:g}", "", "Carnegie unit", category, "", "", "", "", "Classroom credit", ""),
                        )
                    )
        self._writer.add_raw("courseTranscripts", rows)

    def _courses(self, record: str, student: Student, term: _Term, elsewhere: str) -> None:
        rows: list[tuple[str, ...]] = []
        grade_name, ends = GRADE_NAMES[term.grade], str(term.year.school_year)
        for number, (course, mark, value, repeat) in enumerate(term.entries):
            subject, category = counts_as(course)
            passed = mark != "F"
            method = "Transfer credit" if elsewhere else "Credit recovery" if repeat else "Classroom credit"
            rows.append(
                (
                    *(f"{record}.{number}", "", "", record, student.sid, course.code, course.title, subject, ends),
                    *(_TERMS[term.place], grade_name, "0.5", "0.5" if passed else "0", "Carnegie unit", category),
                    *(mark, value, "Pass" if passed else "Fail", repeat, method, elsewhere),
                )
            )
        self._writer.add_raw("courseTranscripts", rows)

    def close(self) -> None:
        """Writes each student's latest term, with the rank in the class."""
        averages = sorted((average for average, _, _ in self._latest), reverse=True)
        ranks: dict[float, int] = {}
        for place, average in enumerate(averages):
            ranks.setdefault(average, place + 1)
        size = str(len(averages))
        for average, sid, row in self._latest:
            self._writer.add("studentAcademicRecords", sid, *row, str(ranks[average]), size, self._graduates)


def _earlier(year: SchoolYear, student: Student, rng: Random) -> Iterator[_Term]:
    """The terms since grade 9 that belong to earlier years; what was failed is often made up in summer."""
    arts = rng.randrange(4)
    behind = "behind" in student.scenes
    for grade in range(9, student.grade):
        then = year.other(grade - student.grade)
        failed: list[_Entry] = []
        for place in (0, 1):
            entries = []
            for slot, plan in enumerate(PLANS[grade]):
                course = elective(grade, arts) if slot == ELECTIVE_SLOT else plan.courses[place % len(plan.courses)]
                percent = round(100 * min(1.0, max(0.45, student.ability + 0.02 + rng.gauss(0, 0.06))))
                if behind:
                    percent = 52 if (grade, course.topic) == (10, "MTH") else max(percent, 68)
                entries.append(_Entry(course, letter(percent), str(percent)))
            yield _Term(then, place, grade, entries)
            failed += [entry for entry in entries if entry.letter == "F" and not behind and rng.random() < _RECOVERS]
        if failed:
            again = [_Entry(entry.course, "C", "72", "RepeatCounted") for entry in failed[:2]]
            yield _Term(then, 2, grade, again)


def _this_year(year: SchoolYear, student: Student, marks: list[Mark]) -> Iterator[_Term]:
    """The semesters of this year that have ended, with the grades that were posted."""
    for place, semester in enumerate(year.semesters):
        own = [mark for mark in marks if mark.kind == "Semester" and mark.session is semester]
        if own:
            yield _Term(year, place, student.grade, [_Entry(mark.course, mark.letter, mark.number) for mark in own])
