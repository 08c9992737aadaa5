"""Activation keys: made, printed once, stored as hashes, used once (DECISIONS 15, 18)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from peewee import Expression, ModelSelect

from config import Settings
from models import Account, ActivationKey, Guardian, Guardianship, SchoolEnrollment, Student, database
from services import addresses, codes
from services.hashing import keyed_hash
from services.names import user_name_key


class InvalidKey(Exception):
    """No such key, or it was used, revoked or has expired: one answer for all (DECISIONS 22)."""


class IssuedKey(NamedTuple):
    """A fresh key with what its letter needs; the value is kept nowhere else."""

    person: str
    sourced_id: str
    person_id: str
    language: str
    children: str
    user_id: str
    key: str
    expires: str


def issue(person: Guardian | Student, *, child: Student | None = None, settings: Settings, now: dt.datetime) -> str:
    """Make a key for `person` (bound to `child` where keys are per child) and return it; only its hash is stored."""
    user_id = _user_id(person, _holders_of_user_ids()) if isinstance(person, Guardian) and child is not None else None
    return _make(person, child, user_id, settings=settings, now=now)


def find(value: str, *, settings: Settings, now: dt.datetime) -> ActivationKey:
    """The live key behind what was typed or pasted; spaces, dashes, braces and case do not count. Raises InvalidKey."""
    key: ActivationKey | None = ActivationKey.get_or_none(
        ActivationKey.key_hash == _hash(value, settings), is_live(now)
    )
    if key is None:
        raise InvalidKey
    return key


def use_up(key: ActivationKey, now: dt.datetime) -> None:
    """Mark the key used and revoke the person's others, in the caller's transaction.

    Keys of other children stay. Raises InvalidKey when another request was faster.
    """
    if ActivationKey.update(used_at=now).where(ActivationKey.id == key.id, is_live(now)).execute() != 1:
        raise InvalidKey
    same = (ActivationKey.guardian == key.guardian_id) if key.guardian_id else ActivationKey.guardian.is_null()
    if key.student_id is not None:
        same &= ActivationKey.student == key.student_id
    ActivationKey.update(revoked_at=now).where(is_live(now), same).execute()


def is_live(now: dt.datetime) -> Expression:
    """The condition that a key can still be used."""
    unused = ActivationKey.used_at.is_null() & ActivationKey.revoked_at.is_null()
    return unused & (ActivationKey.expires_at > now)


def export(
    *, role: str, school_id: int | None, person: str | None, reissue: bool, on: dt.date, settings: Settings,
    now: dt.datetime,
) -> list[IssuedKey]:  # fmt: skip
    """Issue keys for the guardians or students (`role`) of a school, or of all, who have no account yet.

    Where keys are bound to children, guardians get one for each child that they have not opened yet, also when they
    have an account (G09). People who already hold a live key are left out unless `reissue`, which revokes what they
    hold. `person` is one sourcedId. Guardians whose every child is closed to them get none. All keys or none are made.
    """
    with database.atomic():
        students = Student.select(Student.id).where(
            Student.active, Student.id.in_(SchoolEnrollment.students_on(on, school_id))
        )
        if role == "guardian" and settings.key_scope == "child":
            return list(_for_each_child(students, person, reissue, on, settings, now))
        table = Guardian if role == "guardian" else Student
        people = _guardians(students, on) if role == "guardian" else _students(students)
        if person is not None:
            people = people.where(table.sourced_id == person)
        if not reissue:
            people = people.where(table.id.not_in(_holders(role, now)))
        return [issued for one in people for issued in _issue_all(one, students, on, settings, now)]


def _holders(role: str, now: dt.datetime) -> ModelSelect:
    """The ids of people who hold a live key."""
    if role == "guardian":
        return ActivationKey.select(ActivationKey.guardian).where(ActivationKey.guardian.is_null(False), is_live(now))
    return ActivationKey.select(ActivationKey.student).where(ActivationKey.guardian.is_null(), is_live(now))


def _guardians(students: ModelSelect, on: dt.date) -> ModelSelect:
    with_access = Guardianship.select(Guardianship.guardian).where(
        Guardianship.student.in_(students), Guardianship.is_open(on)
    )
    with_account = Account.select(Account.guardian).where(Account.guardian.is_null(False), Account.state != "cancelled")
    return (
        Guardian.select()
        .where(Guardian.active, Guardian.id.in_(with_access), Guardian.id.not_in(with_account))
        .order_by(Guardian.family_name, Guardian.given_name, Guardian.id)
    )


def _students(students: ModelSelect) -> ModelSelect:
    with_account = Account.select(Account.student).where(Account.student.is_null(False), Account.state != "cancelled")
    return (
        Student.select()
        .where(Student.id.in_(students), Student.id.not_in(with_account))
        .order_by(Student.family_name, Student.given_name, Student.id)
    )


def _issue_all(
    person: Guardian | Student, students: ModelSelect, on: dt.date, settings: Settings, now: dt.datetime
) -> Iterator[IssuedKey]:
    """One key for the person, good for all children; what the person held before is revoked."""
    if isinstance(person, Student):
        mine = ActivationKey.guardian.is_null() & (ActivationKey.student == person.id)
        children: list[Student] = [person]
    else:
        mine = ActivationKey.guardian == person.id
        open_to = Guardianship.select(Guardianship.student).where(
            Guardianship.guardian == person.id, Guardianship.is_open(on)
        )
        children = list(Student.select().where(Student.id.in_(open_to), Student.id.in_(students)).order_by(Student.id))
    ActivationKey.update(revoked_at=now).where(mine, is_live(now)).execute()
    yield _issued(person, children, None, _make(person, None, None, settings=settings, now=now), settings, now)


def _for_each_child(
    students: ModelSelect, person: str | None, reissue: bool, on: dt.date, settings: Settings, now: dt.datetime
) -> Iterator[IssuedKey]:
    """One key for every guardian and child who are not connected yet (G09, G10)."""
    pairs = (
        Guardianship.select(Guardianship, Guardian, Student)
        .join(Guardian)
        .switch(Guardianship)
        .join(Student)
        .where(
            Guardian.active,
            Guardianship.activated_at.is_null(),
            Guardianship.student.in_(students),
            Guardianship.is_open(on),
        )
        .order_by(Guardian.family_name, Guardian.given_name, Guardian.id, Student.id)
    )
    if person is not None:
        pairs = pairs.where(Guardian.sourced_id == person)
    taken = _holders_of_user_ids()
    for pair in list(pairs):
        mine = (ActivationKey.guardian == pair.guardian) & (ActivationKey.student == pair.student) & is_live(now)
        if not reissue and ActivationKey.select().where(mine).exists():
            continue
        ActivationKey.update(revoked_at=now).where(mine).execute()
        user_id = _user_id(pair.guardian, taken)
        value = _make(pair.guardian, pair.student, user_id, settings=settings, now=now)
        yield _issued(pair.guardian, [pair.student], user_id, value, settings, now)


def _make(
    person: Guardian | Student, child: Student | None, user_id: str | None, *, settings: Settings, now: dt.datetime
) -> str:
    value = codes.random_code(settings.key_style)
    ActivationKey.create(
        key_hash=_hash(value, settings),
        guardian=person if isinstance(person, Guardian) else None,
        student=person if isinstance(person, Student) else child,
        user_id=user_id,
        created_at=now,
        expires_at=now + dt.timedelta(days=settings.key_days),
    )
    return value


def _issued(
    person: Guardian | Student, children: list[Student], user_id: str | None, value: str, settings: Settings,
    now: dt.datetime,
) -> IssuedKey:  # fmt: skip
    return IssuedKey(
        person=person.name,
        sourced_id=person.sourced_id or "",
        person_id=(person.number if isinstance(person, Student) else person.person_id) or "",
        language=getattr(person, "language", None) or settings.default_language,
        children=", ".join(child.name for child in children),
        user_id=user_id or "",
        key=value,
        expires=(now + dt.timedelta(days=settings.key_days)).date().isoformat(),
    )


def _user_id(guardian: Guardian, taken: dict[str, int]) -> str:
    """What a guardian with a token signs in with, the same for every child (G09).

    The own account's user name; else the address on file, which two parents may share: the first to get a token has
    it; else 13 digits. `taken` says whose each user ID is, and learns of this one.
    """
    account = Account.get_or_none(Account.guardian == guardian, Account.state != "cancelled")
    address = addresses.on_file(guardian)
    if account is not None:
        user_id: str = account.user_name
    elif address is not None and taken.get(user_name_key(address), guardian.id) == guardian.id:
        user_id = address
    else:
        issued = ActivationKey.select(ActivationKey.user_id).where(
            ActivationKey.guardian == guardian, ActivationKey.user_id.is_null(False)
        )
        user_id = next((name for (name,) in issued.tuples() if name.isdigit()), None) or codes.random_user_id()
    taken[user_name_key(user_id)] = guardian.id
    return user_id


def _holders_of_user_ids() -> dict[str, int]:
    """The guardian that each user ID of an account, or of a token ever issued, belongs to."""
    issued = ActivationKey.select(ActivationKey.user_id, ActivationKey.guardian).where(
        ActivationKey.user_id.is_null(False)
    )
    accounts = Account.select(Account.user_name_key, Account.guardian).where(Account.guardian.is_null(False))
    return {user_name_key(name): guardian for name, guardian in (*issued.tuples(), *accounts.tuples())}


def _hash(value: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "activation key", codes.plain(value))
