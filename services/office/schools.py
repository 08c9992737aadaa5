"""Which schools use the portal (D02): switching one off hides its students at once and deletes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from peewee import fn

from models import Account, AuditEvent, Guardian, Guardianship, School, SchoolEnrollment, Student, database
from services.office.scope import Office

#: What is written down when somebody turns a switch.
ON, OFF = "school switched on", "school switched off"


class Line(NamedTuple):
    """A school, how many students it has today, and how many accounts see one of them.

    `is_new`: it came during the pilot and is off, and nobody has decided about it yet.
    """

    school: School
    students: int
    accounts: int
    is_new: bool


class NoSuchSchool(Exception):
    """A school that this member of staff does not act for, or none at all."""


def lines(office: Office) -> list[Line]:
    """Every school of this member of staff, by name; the number of queries does not depend on how many there are."""
    enrolled = (
        SchoolEnrollment.select(SchoolEnrollment.school, fn.COUNT(SchoolEnrollment.student.distinct()))
        .join(Student)
        .where(Student.active, SchoolEnrollment.is_current(office.on))
        .group_by(SchoolEnrollment.school)
    )
    of_guardians = (
        SchoolEnrollment.select(SchoolEnrollment.school, fn.COUNT(Account.id.distinct()))
        .join(Student)
        .join(Guardianship)
        .join(Guardian)
        .join(Account)
        .where(
            Student.active, SchoolEnrollment.is_current(office.on), Guardian.active,
            Guardianship.is_open(office.on), Account.state != "cancelled",
        )
        .group_by(SchoolEnrollment.school)
    )  # fmt: skip
    of_students = (
        SchoolEnrollment.select(SchoolEnrollment.school, fn.COUNT(Account.id.distinct()))
        .join(Student)
        .join(Account)
        .where(Student.active, SchoolEnrollment.is_current(office.on), Account.state != "cancelled")
        .group_by(SchoolEnrollment.school)
    )
    students, guardians, pupils = (dict(query.tuples()) for query in (enrolled, of_guardians, of_students))
    new = {one.id for one in new_and_off()}
    return [
        Line(one, students.get(one.id, 0), guardians.get(one.id, 0) + pupils.get(one.id, 0), one.id in new)
        for one in office.schools("district")
    ]


def new_and_off() -> list[School]:
    """Schools that are off because they came during a pilot: nobody has ever turned their switch."""
    turned = AuditEvent.select(AuditEvent.details).where(AuditEvent.action.in_((ON, OFF))).tuples()
    decided = {details.get("school") for (details,) in turned}
    off = School.select().where(School.active, School.has_switch(), ~School.switched_on).order_by(School.name)
    return [one for one in off if one.id not in decided]


def changes(office: Office, on: Collection[int]) -> list[Line]:
    """The schools whose switch would turn over if those of the numbers `on`, and no others, were on.

    Raises NoSuchSchool.
    """
    found = lines(office)
    if set(on) - {one.school.id for one in found}:
        raise NoSuchSchool
    return [one for one in found if one.school.switched_on != (one.school.id in on)]


def switch(office: Office, *, on: Collection[int], off: Collection[int], now: dt.datetime) -> int:
    """Switch these schools on and those off, and return how many it was; one that is so already stays so.

    It counts from the next request on (`Student.visible_to`). Raises NoSuchSchool.
    """
    known = {one.school.id: one for one in lines(office)}
    if (set(on) | set(off)) - known.keys() or set(on) & set(off):
        raise NoSuchSchool
    turned = 0
    with database.atomic():
        for number in (*on, *off):
            is_on, one = number in on, known[number]
            if School.update(switched_on=is_on).where(School.id == number, School.switched_on != is_on).execute():
                office.note(ON if is_on else OFF, now, school=number, students=one.students, accounts=one.accounts)
                turned += 1
    return turned
