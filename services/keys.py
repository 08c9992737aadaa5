"""Activation keys in bulk: for letters that go home before anybody can sign in (DECISIONS 15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from peewee import ModelSelect

from config import Settings
from models import Account, ActivationKey, Guardian, Guardianship, SchoolEnrollment, Student, database
from services.registration import issue_key


class IssuedKey(NamedTuple):
    """A fresh key with what its letter needs; the value is kept nowhere else."""

    person: str
    sourced_id: str
    person_id: str
    language: str
    children: str
    key: str
    expires: str


def export(
    *, role: str, school_id: int | None, person: str | None, reissue: bool, on: dt.date, settings: Settings,
    now: dt.datetime,
) -> list[IssuedKey]:  # fmt: skip
    """Issue keys for the guardians or students (`role`) of a school, or of all, who have no account yet.

    People who already hold a live key are left out unless `reissue`, which revokes what they hold. `person` is one
    sourcedId. Guardians whose every child is closed to them get none. All keys or none are made.
    """
    with database.atomic():
        students = Student.select(Student.id).where(
            Student.active, Student.id.in_(SchoolEnrollment.students_on(on, school_id))
        )
        people = _guardians(students, on) if role == "guardian" else _students(students)
        if person is not None:
            people = people.where((Guardian if role == "guardian" else Student).sourced_id == person)
        if not reissue:
            holders = ActivationKey.guardian if role == "guardian" else ActivationKey.student
            own = holders.is_null(False) if role == "guardian" else ActivationKey.guardian.is_null()
            live = ActivationKey.select(holders).where(own, _live(now))
            people = people.where((Guardian if role == "guardian" else Student).id.not_in(live))
        return [issued for one in people for issued in _issue(one, students, on, settings, now)]


def _guardians(students: ModelSelect, on: dt.date) -> ModelSelect:
    with_access = Guardianship.select(Guardianship.guardian).where(
        Guardianship.student.in_(students), Guardianship.is_open(on)
    )
    with_account = Account.select(Account.guardian).where(Account.guardian.is_null(False))
    return (
        Guardian.select()
        .where(Guardian.active, Guardian.id.in_(with_access), Guardian.id.not_in(with_account))
        .order_by(Guardian.family_name, Guardian.given_name, Guardian.id)
    )


def _students(students: ModelSelect) -> ModelSelect:
    with_account = Account.select(Account.student).where(Account.student.is_null(False))
    return (
        Student.select()
        .where(Student.id.in_(students), Student.id.not_in(with_account))
        .order_by(Student.family_name, Student.given_name, Student.id)
    )


def _issue(
    person: Guardian | Student, students: ModelSelect, on: dt.date, settings: Settings, now: dt.datetime
) -> Iterator[IssuedKey]:
    """One key for the person, or one for each child where the preset binds keys to children (G09)."""
    if isinstance(person, Student):
        mine = ActivationKey.guardian.is_null() & (ActivationKey.student == person.id)
        children: list[Student] = [person]
    else:
        mine = ActivationKey.guardian == person.id
        open_to = Guardianship.select(Guardianship.student).where(
            Guardianship.guardian == person.id, Guardianship.is_open(on)
        )
        children = list(Student.select().where(Student.id.in_(open_to), Student.id.in_(students)).order_by(Student.id))
    ActivationKey.update(revoked_at=now).where(mine, _live(now)).execute()
    per_child = isinstance(person, Guardian) and settings.key_scope == "child"
    for group in [[child] for child in children] if per_child else [children]:
        yield IssuedKey(
            person=person.name,
            sourced_id=person.sourced_id or "",
            person_id=(person.number if isinstance(person, Student) else person.person_id) or "",
            language=getattr(person, "language", None) or settings.default_language,
            children=", ".join(child.name for child in group),
            key=issue_key(person, child=group[0] if per_child else None, settings=settings, now=now),
            expires=(now + dt.timedelta(days=settings.key_days)).date().isoformat(),
        )


def _live(now: dt.datetime) -> object:
    return ActivationKey.used_at.is_null() & ActivationKey.revoked_at.is_null() & (ActivationKey.expires_at > now)
