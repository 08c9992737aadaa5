"""Who has no account yet: students by school and grade, guardians by school and grade or language (S09)."""

from __future__ import annotations

from typing import Any, NamedTuple

from peewee import JOIN, SQL, Case, Expression, ModelSelect, fn

from models import Account, Guardian, Guardianship, School, SchoolEnrollment, Student
from services.office.scope import Office

#: What is counted: students by grade, guardians by the grades of their children, guardians by their language.
KINDS = ("students", "guardians", "languages")

#: So many stand on the page; the file has all.
SHOWN = 200


#: Written out: PostgreSQL takes two parameters with the same value for two expressions, in a grouping too.
_NONE = SQL("''")


class Count(NamedTuple):
    """How many people there are at a school in one grade or of one language, and how many of them have no account."""

    school_id: int
    school: str
    group: str
    people: int
    without: int


class Missing(NamedTuple):
    """A student without an account; or a guardian without one, and the child at this school."""

    student: Student
    guardian: Guardian | None
    school: str


def total(by: Office, kind: str) -> tuple[int, int]:
    """How many people there are at the schools of this member of staff, and how many of them have no account."""
    row = _rows(by, kind, _people(kind), _without(kind)).tuples().get()
    return row[0], row[1]


def counts(by: Office, kind: str) -> list[Count]:
    """The same school by school and group by group; without a known grade or language the group is empty."""
    group = _group(kind)
    rows = (
        _rows(by, kind, School.id, School.name, group, _people(kind), _without(kind))
        .group_by(School.id, School.name, group)
        .order_by(School.name, School.id, group)
    )
    return [Count(*row) for row in rows.tuples()]


def missing(
    by: Office, kind: str, *, school: int | None = None, group: str | None = None, limit: int | None = None
) -> list[Missing]:
    """Who has no account, school by school; guardians once for each child through whom they could have one."""
    columns = [SchoolEnrollment.id, School.name, Student]
    if kind != "students":
        columns += [Guardianship.id, Guardian]
    rows = _rows(by, kind, *columns).where(Account.id.is_null())
    if school is not None:
        rows = rows.where(School.id == school)
    if group is not None:
        rows = rows.where(_group(kind) == group)
    whose: Any = Student if kind == "students" else Guardian
    rows = rows.order_by(School.name, _group(kind), whose.family_key, whose.given_key, whose.id, Student.id)
    found: list[Missing] = []
    seen = set()
    for row in rows.limit(limit):
        student, school_name = row.student, row.school.name
        guardian = None if kind == "students" else student.pair.guardian
        # Two enrollments at one school are one row here.
        one = (guardian and guardian.id, student.id, school_name)
        if one not in seen:
            seen.add(one)
            found.append(Missing(student, guardian, school_name))
    return found


def _rows(by: Office, kind: str, *columns: Any) -> ModelSelect:
    """Enrollments of this year or next at the office's schools that are switched on, with person and account."""
    rows = SchoolEnrollment.select(*columns).join(School).switch(SchoolEnrollment).join(Student)
    if kind == "students":
        mine = (Account.student == Student.id) & (Account.state != "cancelled")
    else:
        rows = (
            rows.join(Guardianship, on=(Guardianship.student == Student.id) & Guardianship.is_open(by.on), attr="pair")
            .join(Guardian, on=(Guardian.id == Guardianship.guardian) & Guardian.active)
        )  # fmt: skip
        mine = (Account.guardian == Guardian.id) & (Account.state != "cancelled")
    here = School.id.in_([one.id for one in by.schools("claims")])
    return rows.join(Account, JOIN.LEFT_OUTER, on=mine).where(
        here, School.switched_on, Student.active, SchoolEnrollment.is_current(by.on)
    )


def _person(kind: str) -> Any:
    return Student.id if kind == "students" else Guardian.id


def _people(kind: str) -> Expression:
    return fn.COUNT(_person(kind).distinct())


def _without(kind: str) -> Expression:
    return fn.COUNT(Case(None, [(Account.id.is_null(), _person(kind))]).distinct())


def _group(kind: str) -> Expression:
    if kind == "languages":
        return fn.COALESCE(Guardian.language, _NONE)
    return fn.COALESCE(Student.grade_level, _NONE)
