"""Programs that students take part in, nothing medical: studentProgramAssociations.csv."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import NamedTuple

from services.demo.people import Scene, Student
from services.demo.schools import School
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear


class _Program(NamedTuple):
    """A program, which grades have it, who could be in it and how likely that is then."""

    name: str
    kind: str
    services: str
    grades: range
    suits: Callable[[Student], bool]
    share: float
    scene: Scene | None = None


_PROGRAMS = (
    _Program(
        "Talented and Gifted",
        "Gifted and Talented",
        "Enrichment in class,Project day",
        range(2, 13),
        lambda student: student.ability > 0.93,
        0.4,
        "gifted",
    ),
    _Program(
        "English Language Development",
        "English as a Second Language (ESL)",
        "Small group,Support in class",
        range(0, 13),
        lambda student: student.language != "en",
        0.4,
        "esl",
    ),
    _Program(
        "Reading Support",
        "Title I Part A",
        "Small group,Reading at home kit",
        range(0, 6),
        lambda student: student.ability < 0.7,
        0.5,
        "reading support",
    ),
    _Program(
        "Mathematics Lab",
        "Other",
        "Tutoring after school",
        range(6, 10),
        lambda student: student.ability < 0.68,
        0.4,
    ),
    _Program(
        "College Readiness (AVID)",
        "Other",
        "Study skills class,Tutoring",
        range(7, 13),
        lambda student: 0.7 < student.ability < 0.9,
        0.1,
    ),
    _Program(
        "Athletics Eligibility",
        "Athletics",
        "Fall season",
        range(7, 13),
        lambda student: student.ability > 0.62,
        0.22,
        "athletics",
    ),
)


def write_programs(writer: FeedWriter, year: SchoolYear, school: School, student: Student, rng: Random) -> None:
    """The student's programs this year; a few have ended."""
    if "empty" in student.scenes:
        return
    days = year.days_since(student.entry)
    for number, program in enumerate(_PROGRAMS):
        draw, start, left = rng.random(), rng.randrange(15), rng.random() < 0.06
        shown = program.scene is not None and program.scene in student.scenes
        chosen = student.grade in program.grades and program.suits(student) and draw < program.share
        if not days or not (shown or chosen):
            continue
        begin = days[min(start, len(days) - 1)]
        end: date | None = days[-1 - len(days) // 5] if left and not shown else None
        if end and end <= begin:
            end = None
        writer.add(
            "studentProgramAssociations",
            f"{student.sid}.p{number}",
            student.sid,
            school.sid,
            program.name,
            program.kind,
            begin.isoformat(),
            end.isoformat() if end else "",
            program.services,
            "Reached the program's goals" if end else "",
        )
