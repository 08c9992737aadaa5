"""Whom a member of staff may see, and what they may do: the office's one place that decides.

An admin reaches everybody. Clerks and counselors reach the students of their schools, teachers those of their own
sections; guardians are reached through their children. What is not named in RIGHTS nobody may do. Each role brings its
rights to its own students alone: who is a clerk here and teaches there is no clerk there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from peewee import ModelSelect

from models import (
    Account,
    AuditEvent,
    Enrollment,
    Guardian,
    Guardianship,
    JoinedGuardian,
    OfficeRole,
    School,
    SchoolEnrollment,
    SectionStaff,
    SectionTerm,
    Staff,
    Student,
)

#: What can be done in the office, and which roles may.
RIGHTS = {
    "search": ("teacher", "counselor", "clerk", "admin"),
    "student": ("teacher", "counselor", "clerk", "admin"),
    "guardian": ("counselor", "clerk", "admin"),
    "ask for reset": ("teacher", "counselor", "clerk", "admin"),
    "register": ("clerk", "admin"),
    "accounts": ("counselor", "clerk", "admin"),
    "view as": ("counselor", "clerk", "admin"),
    "rights": ("clerk", "admin"),
    "requests": ("clerk", "admin"),
    "tell": ("clerk", "admin"),
    "absences": ("clerk", "admin"),
    "claims": ("counselor", "clerk", "admin"),
    "district": ("admin",),
    "feeds": ("admin",),
    "audit": ("admin",),
    "support": ("admin",),
}


#: What a school may do about everybody who was ever enrolled there; all else is the present or the last school's.
OVER_FORMER = ("search", "student")

#: The rights that a teacher has over the students of the own sections; all others end at the schools of the role.
OF_TEACHERS = tuple(right for right, roles in RIGHTS.items() if "teacher" in roles)


@dataclass(frozen=True)
class Office:
    """A member of staff at work on one day."""

    account: Account
    on: dt.date

    @cached_property
    def _rows(self) -> list[OfficeRole]:
        """The roles of the account; whoever has left the district's staff has none (`services.sessions` asks too)."""
        mine = OfficeRole.select().join(Account).join(Staff)
        return list(mine.where(OfficeRole.account == self.account, Staff.active))

    def may(self, right: str) -> bool:
        """Whether one of the roles has this right, over anybody; what is not in RIGHTS nobody has."""
        return any(one.role in RIGHTS.get(right, ()) for one in self._rows)

    def may_over(self, people: Iterable[Student | Guardian]) -> Callable[[str, Student | Guardian], bool]:
        """Answers whether there is a right over one of these people: a query for each right, however many they are."""
        asked, reached = list(people), {}

        def may(right: str, person: Student | Guardian) -> bool:
            table = type(person)
            if (right, table) not in reached:
                all_of_right = self.students(right) if table is Student else self.guardians(right)
                found = all_of_right.where(table.id.in_([one.id for one in asked if type(one) is table]))
                reached[right, table] = {one.id for one in found} if self.may(right) else set()
            return person.id in reached[right, table]

        return may

    def school_ids(self, right: str) -> list[int] | None:
        """The schools at which the account has this right as clerk or counselor; None for all of them."""
        allowed = [one for one in self._rows if one.role in RIGHTS.get(right, ()) and one.role != "teacher"]
        if any(one.role == "admin" or one.school_id is None for one in allowed):
            return None
        return sorted({one.school_id for one in allowed})

    def students(self, right: str) -> ModelSelect:
        """Every student over whom this member of staff has this right, switched off, left and restricted ones included.

        A school that the student has left for another may still look, and decides nothing any more.
        Those of a teacher's sections count only for what teachers may do, whatever else the teacher is elsewhere.
        """
        schools = self.school_ids(right)
        if schools is None:
            return Student.select()
        here = SchoolEnrollment.select(SchoolEnrollment.student).where(SchoolEnrollment.school.in_(schools))
        if right not in OVER_FORMER:
            here = here.where(SchoolEnrollment.is_current(self.on) | SchoolEnrollment.is_latest())
        reached = Student.id.in_(here)
        if right in OF_TEACHERS and any(one.role == "teacher" for one in self._rows):
            reached |= Student.id.in_(self._taught())
        return Student.select().where(reached)

    def _taught(self) -> ModelSelect:
        """The ids of the students of the own sections; who has left one, teacher or student, has left the other."""
        return (
            Enrollment.select(Enrollment.student)
            .join(SectionStaff, on=(SectionStaff.section == Enrollment.section))
            .where(
                SectionStaff.staff == self.account.staff_id,
                SectionStaff.role == "teacher",
                SectionTerm.has_not_left(SectionStaff, self.on),
                SectionTerm.has_not_left(Enrollment, self.on),
            )
        )

    def guardians(self, right: str) -> ModelSelect:
        """Every guardian of a student over whom there is this right; in all schools, every guardian.

        Those who were joined with another are that other one now.
        """
        found = Guardian.select().where(Guardian.id.not_in(JoinedGuardian.select(JoinedGuardian.guardian)))
        if self.school_ids(right) is None:
            return found
        students = self.students(right).select(Student.id)
        return found.where(
            Guardian.id.in_(Guardianship.select(Guardianship.guardian).where(Guardianship.student.in_(students)))
        )

    def schools(self, right: str) -> ModelSelect:
        """The schools for which this member of staff has this right, by name."""
        found, schools = School.select().where(School.active, School.has_switch()), self.school_ids(right)
        return (found if schools is None else found.where(School.id.in_(schools))).order_by(School.name)

    def note(self, action: str, now: dt.datetime, *, student: Student | None = None, **details: object) -> None:
        """Write down that this member of staff did or looked at something (X09, X07, CHECKS 33)."""
        AuditEvent.create(at=now, account=self.account, student=student, action=action, details=details)
