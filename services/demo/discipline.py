"""Incidents, who was part in them, and what the school did about it."""

from datetime import date
from random import Random
from typing import NamedTuple

from services.demo.attendance import Attendance
from services.demo.people import Student
from services.demo.schools import School, Teacher
from services.demo.timetable import clock
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

# Share of students with an incident in a whole year.
_CHANCES = {"elementary": 0.012, "middle": 0.06, "high": 0.045}
_TOGETHER = 0.2


class _Kind(NamedTuple):
    """A local behavior code, where it happens, what the school writes, and the usual answer (codes, days)."""

    code: str
    places: tuple[str, ...]
    text: str
    action: str
    length: str


_KINDS = (
    _Kind("DIS", ("Classroom",), "Kept talking and throwing paper after two reminders.", "LDT", "1"),
    _Kind("HPL", ("Hallway or stairs", "Athletic field or playground"), "Pushed in line; nobody was hurt.", "CNF", ""),
    _Kind("LNG", ("Cafeteria area", "Classroom"), "Spoke to a classmate in a hurtful way.", "RST", ""),
    _Kind("TEC", ("Computer lab", "Classroom"), "Used a phone in class and would not put it away.", "DET", "1"),
    _Kind("CUT", ("Hallway or stairs", "Library/media center"), "Left the room and came back late.", "DET", "1"),
    _Kind("HPL", ("School bus",), "Moved from seat to seat while the bus was moving.", "ISS", "1"),
)
# For the school's own eyes.
_OBSERVED = _Kind("OBS", ("Administrative offices area",), "Note for the school's own file.", "", "")


class _Own(NamedTuple):
    """A student with the days at school so far and the teachers who could report something."""

    student: Student
    days: list[date]
    teachers: list[Teacher]


class DisciplineLog:
    """Writes the incidents of one school, numbered as they come; students follow each other by grade."""

    def __init__(self, writer: FeedWriter, year: SchoolYear, school: School) -> None:
        self._writer, self._year, self._school = writer, year, school
        self._chance = _CHANCES[school.level] * len(year.days_so_far) / len(year.days)
        self._number = 0
        self._last: _Own | None = None

    def write(self, student: Student, attendance: Attendance, teachers: list[Teacher], rng: Random) -> None:
        """The student's incidents so far, always on a day at school. `teachers` are the student's own."""
        if "empty" in student.scenes or not attendance.days:
            return
        own = _Own(student, attendance.present, teachers)
        if "incidents" in student.scenes and own.days:
            self._incident(rng, own, own.days[len(own.days) * 3 // 4], _KINDS[0])
            self._incident(rng, own, own.days[len(own.days) * 2 // 5], _OBSERVED)
        elif rng.random() < self._chance and own.days:
            day = rng.choice(own.days)
            seen = self._last and day in self._last.days and rng.random() < _TOGETHER
            self._incident(rng, own, day, rng.choice(_KINDS), self._last.student if self._last and seen else None)
        self._last = own

    def _incident(self, rng: Random, own: _Own, day: date, kind: _Kind, witness: Student | None = None) -> None:
        """One incident with the student's part in it, and where somebody saw it, theirs."""
        self._number += 1
        number = f"{self._school.code}-{self._number:03d}"
        sid = f"{self._school.sid}.i{self._number:03d}"
        reporter = rng.choice(own.teachers).name if own.teachers else None
        self._writer.add(
            "disciplineIncidents",
            sid,
            self._school.sid,
            number,
            day.isoformat(),
            clock(rng.randrange(9 * 60, 14 * 60, 5)),
            rng.choice(kind.places),
            kind.text,
            "Staff",
            f"{reporter.family}, {reporter.given}" if reporter else "",
            kind.code,
            "false",
            "",
            "false" if kind is _OBSERVED else "true",
        )
        parts = "studentDisciplineIncidentBehaviorAssociations"
        self._writer.add(parts, f"{sid}.0", own.student.sid, sid, kind.code, "", "Perpetrator", "")
        if witness:
            self._writer.add(parts, f"{sid}.1", witness.sid, sid, "", "", "Witness", "")
        if kind.action:
            answered = next((one for one in own.days if one > day), day).isoformat()
            cells = kind.action, answered, kind.length, kind.length, self._school.sid, self._school.sid, "false"
            self._writer.add("disciplineActions", f"{sid}.a", own.student.sid, f"{number}-A", sid, *cells)
