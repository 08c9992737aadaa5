"""Whom to ask about a part of the record (D19): teachers, the school's counselors and administrators, or the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from peewee import JOIN

from config import Settings
from models import School, SchoolContact, SchoolEnrollment, Staff, StaffRole, Student
from services.prepared import Prepared, filled_up
from services.record.classes import classes_of, current

#: Who advises families at a school, by OneRoster's roles.
ADVISORS = ("counselor", "principal", "siteAdministrator", "administrator")

#: Whose address of a school's contacts is its office's; the first is asked first (`services.office.pages.ROLES`).
OFFICE = ("registrar", "point_person", "portal_team")

_ADVISORS = Prepared(
    lambda students, on: (
        Staff.select(Staff, StaffRole.role.alias("school_role"), SchoolEnrollment.student.alias("student_id"))
        .join(StaffRole)
        .join(SchoolEnrollment, on=(SchoolEnrollment.school == StaffRole.school))
        .join(School)
        .where(
            SchoolEnrollment.student.in_(students),
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
    lambda students, on: (
        School.select(
            SchoolEnrollment.student.alias("student_id"), School.name, School.phone, SchoolContact.id.alias("contact"),
            SchoolContact.email,
        )
        .join(SchoolEnrollment)
        .switch(School)
        .join(
            SchoolContact, JOIN.LEFT_OUTER,
            on=(SchoolContact.school == School.id) & SchoolContact.email.is_null(False)
            & SchoolContact.role.in_(OFFICE),
        )
        .where(
            SchoolEnrollment.student.in_(students), SchoolEnrollment.is_current(on), School.active, School.switched_on
        )
        .order_by(
            SchoolEnrollment.is_primary.desc(), School.name, SchoolContact.role != OFFICE[0], SchoolContact.position,
            SchoolContact.id,
        )
        .namedtuples()
    )
)  # fmt: skip


class Contact(NamedTuple):
    """Somebody to write to. `subject` is a teacher's class; `role` is OneRoster's, empty for teachers."""

    staff_id: int
    name: str
    email: str | None
    role: str
    subject: str
    section_id: int | None


class Office(NamedTuple):
    """A school's office. `contact_id` is whom a message there goes to, None where the office has entered nobody."""

    name: str
    phone: str
    contact_id: int | None = None
    email: str | None = None


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
    return Ask(people(student, on) if people else [], offices(student, on))


def advisors(student: Student, on: dt.date) -> list[Contact]:
    """Counselors and administrators of the student's present schools."""
    return advisors_of([student.id], on).get(student.id, [])


def advisors_of(student_ids: Iterable[int], on: dt.date) -> dict[int, list[Contact]]:
    """The same for many students; one query."""
    found: dict[int, dict[int, Contact]] = {}
    for one in _ADVISORS(filled_up(student_ids), on):
        contact = Contact(one.id, one.name, one.email, one.school_role, "", None)
        found.setdefault(one.student_id, {})[one.id] = contact
    return {student: list(people.values()) for student, people in found.items()}


def offices(student: Student, on: dt.date) -> list[Office]:
    """The offices of the student's present schools, the primary one first."""
    return offices_of([student.id], on).get(student.id, [])


def offices_of(student_ids: Iterable[int], on: dt.date) -> dict[int, list[Office]]:
    """The same for many students; one query."""
    found: dict[int, dict[str, Office]] = {}
    for row in _OFFICES(filled_up(student_ids), on):
        office = Office(row.name, row.phone or "", row.contact, row.email)
        found.setdefault(row.student_id, {}).setdefault(row.name, office)
    return {student: list(rows.values()) for student, rows in found.items()}


def _teachers(student: Student, on: dt.date) -> list[Contact]:
    return [
        Contact(teacher.id, teacher.name, teacher.email, "", taught.title, taught.section_id)
        for taught in current(classes_of([student.id]), on)
        for teacher in taught.teachers
    ]
