"""Whom a member of staff may see, and what they may do: the office's one place that decides.

An admin reaches everybody. Clerks and counselors reach the students of their schools, teachers those of their own
sections; guardians are reached through their children. What is not named in RIGHTS nobody may do.
"""

from __future__ import annotations

import datetime as dt
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


@dataclass(frozen=True)
class Office:
    """A member of staff at work on one day."""

    account: Account
    on: dt.date

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles that the account has anywhere."""
        return frozenset(one.role for one in self._rows)

    @cached_property
    def school_ids(self) -> list[int] | None:
        """The schools that the account works at as clerk or counselor; None for all of them."""
        local = [one for one in self._rows if one.role in ("clerk", "counselor")]
        if "admin" in self.roles or any(one.school_id is None for one in local):
            return None
        return sorted({one.school_id for one in local})

    @cached_property
    def _rows(self) -> list[OfficeRole]:
        return list(OfficeRole.select().where(OfficeRole.account == self.account))

    def may(self, what: str) -> bool:
        """Whether one of the roles allows it; what is not in RIGHTS is allowed to nobody."""
        return not self.roles.isdisjoint(RIGHTS.get(what, ()))

    def students(self) -> ModelSelect:
        """Every student whom this member of staff may see, switched off, left and restricted ones included."""
        if self.school_ids is None:
            return Student.select()
        here = SchoolEnrollment.select(SchoolEnrollment.student).where(SchoolEnrollment.school.in_(self.school_ids))
        reached = Student.id.in_(here)
        if "teacher" in self.roles:
            taught = (
                Enrollment.select(Enrollment.student)
                .join(SectionStaff, on=(SectionStaff.section == Enrollment.section))
                .where(SectionStaff.staff == self.account.staff_id, SectionStaff.role == "teacher")
            )
            reached |= Student.id.in_(taught)
        return Student.select().where(reached)

    def guardians(self) -> ModelSelect:
        """Every guardian of a student whom this member of staff may see; in all schools, every guardian.

        Those who were joined with another are that other one now.
        """
        found = Guardian.select().where(Guardian.id.not_in(JoinedGuardian.select(JoinedGuardian.guardian)))
        if self.school_ids is None:
            return found
        students = self.students().select(Student.id)
        return found.where(
            Guardian.id.in_(Guardianship.select(Guardianship.guardian).where(Guardianship.student.in_(students)))
        )

    def schools(self) -> ModelSelect:
        """The schools that this member of staff acts for, by name."""
        found = School.select().where(School.active, School.kind == "school").order_by(School.name)
        return found if self.school_ids is None else found.where(School.id.in_(self.school_ids))

    def note(self, action: str, now: dt.datetime, *, student: Student | None = None, **details: object) -> None:
        """Write down that this member of staff did or looked at something (X09, X07, CHECKS 33)."""
        AuditEvent.create(at=now, account=self.account, student=student, action=action, details=details)
