"""Students who turn 18 soon, or have this school year: the day from which their rights are their own (DECISIONS 28).

FERPA gives a student the parents' rights at 18 (34 CFR 99.5), and lets the school still show the record to parents of a
dependent student (99.31(a)(8)): that is what the portal does. The list is there so that the school can ask in time.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from models import AcademicSession, School, SchoolEnrollment, Student
from services.office.scope import Office

#: So many days ahead a birthday is told.
AHEAD = dt.timedelta(days=60)

#: So many stand on the page; the file has all.
SHOWN = 500


class Turning(NamedTuple):
    """A student, the schools, and the day of the 18th birthday."""

    student: Student
    schools: str
    birthday: dt.date


def birthday(born: dt.date, age: int = 18) -> dt.date:
    """The day on which somebody turns `age`; who was born on February 29 does so on March 1."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return dt.date(born.year + age, 3, 1)


def turning(by: Office) -> list[Turning]:
    """Students of this member of staff's schools whose 18th birthday is in this school year or soon, in its order."""
    year = AcademicSession.school_year_on(by.on)
    first, last = (year[0] if year else by.on), by.on + AHEAD
    rows = (
        SchoolEnrollment.select(SchoolEnrollment, Student, School)
        .join(Student)
        .switch(SchoolEnrollment)
        .join(School)
        .where(
            SchoolEnrollment.school.in_(by.schools("rights").select(School.id)),
            SchoolEnrollment.is_current(by.on),
            Student.active,
            # A day more at each end: leap days are looked at below.
            Student.birth_date >= _born(first - dt.timedelta(days=1)),
            Student.birth_date <= _born(last + dt.timedelta(days=1)),
        )
        .order_by(Student.birth_date, Student.family_key, Student.id, School.name)
    )
    found: dict[int, Turning] = {}
    for row in rows:
        student, day = row.student, birthday(row.student.birth_date)
        if not first <= day <= last:
            continue
        known = found.get(student.id)
        schools = f"{known.schools}, {row.school.name}" if known else row.school.name
        found[student.id] = Turning(student, schools, day)
    return sorted(found.values(), key=lambda one: one.birthday)


def _born(turning_on: dt.date) -> dt.date:
    return birthday(turning_on, -18)
