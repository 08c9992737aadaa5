"""Whom to ask about a part of the record (D19): teachers, the school's counselors and administrators, or the office."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from config import Settings
from models import School, SchoolEnrollment, Staff, StaffRole, Student
from services.prepared import Prepared
from services.record.classes import classes_of, current

#: Who advises families at a school, by OneRoster's roles.
ADVISORS = ("counselor", "principal", "siteAdministrator", "administrator")

_ADVISORS = Prepared(
    lambda student, on: (
        Staff.select(Staff, StaffRole.role.alias("school_role"))
        .join(StaffRole)
        .join(SchoolEnrollment, on=(SchoolEnrollment.school == StaffRole.school))
        .join(School)
        .where(
            SchoolEnrollment.student == student,
            SchoolEnrollment.is_current(on),
            School.switched_on,
            StaffRole.role.in_(ADVISORS),
            Staff.active,
        )
        .order_by(StaffRole.role, Staff.family_name, Staff.id)
        .objects()
    )
)
_OFFICES = Prepared(
    lambda student, on: (
        School.select()
        .join(SchoolEnrollment)
        .where(
            SchoolEnrollment.student == student,
            SchoolEnrollment.is_current(on),
            School.active,
            School.switched_on,
        )
        .order_by(SchoolEnrollment.is_primary.desc(), School.name)
    )
)


class Contact(NamedTuple):
    """Somebody to write to. `subject` is a teacher's class; `role` is OneRoster's, empty for teachers."""

    staff_id: int
    name: str
    email: str | None
    role: str
    subject: str
    section_id: int | None


class Office(NamedTuple):
    """A school's office."""

    name: str
    phone: str


class Ask(NamedTuple):
    """Whom to ask: people first, and always the offices of the student's schools."""

    people: list[Contact]
    offices: list[Office]


def whom_to_ask(student: Student, section: str, on: dt.date, settings: Settings) -> Ask:
    """The people who answer questions about a section of this student's record, as the district has set it.

    Who may not see the grades is not told the classes and their teachers either, and asks the advisors.
    """
    whom = dict(pair.split("=") for pair in settings.ask).get(section, "office")
    if whom == "teachers" and "grades" in (getattr(student, "withheld", None) or []):
        whom = "advisors"
    people = {"teachers": _teachers, "advisors": advisors}.get(whom)
    offices = {school.name: Office(school.name, school.phone or "") for school in _OFFICES(student.id, on)}
    return Ask(people(student, on) if people else [], list(offices.values()))


def advisors(student: Student, on: dt.date) -> list[Contact]:
    """Counselors and administrators of the student's present schools."""
    found = {
        one.id: Contact(one.id, one.name, one.email, one.school_role, "", None) for one in _ADVISORS(student.id, on)
    }
    return list(found.values())


def _teachers(student: Student, on: dt.date) -> list[Contact]:
    return [
        Contact(teacher.id, teacher.name, teacher.email, "", taught.title, taught.section_id)
        for taught in current(classes_of([student.id]), on)
        for teacher in taught.teachers
    ]
