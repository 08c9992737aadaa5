"""Activation keys: made, printed once, stored as hashes, used once (DECISIONS 15, 18)."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import NamedTuple

from peewee import Expression, ModelSelect

from config import Settings
from models import (
    Account,
    ActivationKey,
    Enrollment,
    Guardian,
    Guardianship,
    IdentityCheck,
    SchoolEnrollment,
    Student,
    database,
)
from services import addresses, codes
from services.hashing import keyed_hash
from services.names import user_name_key
from services.passwords import FieldError


class InvalidKey(Exception):
    """No such key, or it was used, revoked or has expired: one answer for all (DECISIONS 22)."""


class Group(NamedTuple):
    """Whose keys: those of all `guardian`s or `student`s, of one school, or of one section.

    With `identified` only of guardians whose photo ID the office has seen (D06). `person` is one sourcedId.
    """

    role: str
    school_id: int | None = None
    section_id: int | None = None
    identified: bool = False
    person: str | None = None


class Draft(NamedTuple):
    """A key that is about to be issued: to whom, for which children, and its value, which is stored nowhere.

    `bound_to` is the one child that it opens, where keys are per child.
    """

    person: Guardian | Student
    children: list[Student]
    bound_to: Student | None
    user_id: str | None
    value: str


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
    user_id = _UserIds().of(person) if isinstance(person, Guardian) and child is not None else None
    made = Draft(person, [child] if child is not None else [], child, user_id, codes.random_code(settings.key_style))
    _store(made, settings, now)
    return made.value


def draft(
    person: Guardian | Student, children: list[Student], *, email: str | None = None, settings: Settings
) -> list[Draft]:  # fmt: skip
    """Keys for one person: one for each of the children where keys are per child, else one for all of them (G09).

    `email` is what the person gave as address, "" for none; where addresses are user IDs it becomes the user ID of
    somebody who has no account yet. Raises FieldError when it is another guardian's. Nothing is stored before `write`.
    """
    if isinstance(person, Student) or settings.key_scope != "child":
        return [Draft(person, children, None, None, codes.random_code(settings.key_style))]
    user_id = _UserIds().of(person, email if settings.user_name == "email" else None)
    return [Draft(person, [child], child, user_id, codes.random_code(settings.key_style)) for child in children]


def write(drafts: list[Draft], *, settings: Settings, now: dt.datetime) -> int:
    """Issue the keys, in the caller's transaction: how many earlier ones die of it."""
    replaced = 0
    for one in drafts:
        replaced += ActivationKey.update(revoked_at=now).where(_of_the_same(one), is_live(now)).execute()
        _store(one, settings, now)
    return replaced


def find(value: str, *, settings: Settings, now: dt.datetime) -> ActivationKey:
    """The live key behind what was typed or pasted; spaces, dashes, braces and case do not count. Raises InvalidKey."""
    key: ActivationKey | None = ActivationKey.get_or_none(
        ActivationKey.key_hash == _hash(_bare(value), settings), is_live(now)
    )
    if key is None:
        raise InvalidKey
    return key


def could_be_one(typed: str) -> bool:
    """Whether a key of any style could be meant, by the number of characters."""
    return len(codes.plain(_bare(typed))) in (16, 32)


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

    Whom `drafts` names; `person` is one sourcedId. All keys or none are made.
    """
    group = Group(role, school_id, person=person)
    with database.atomic():
        made = drafts(group, reissue=reissue, on=on, settings=settings, now=now)
        write(made, settings=settings, now=now)
        return [issued(one, settings, now) for one in made]


def drafts(group: Group, *, reissue: bool, on: dt.date, settings: Settings, now: dt.datetime) -> list[Draft]:
    """Keys for everybody of a group who has no account yet; nothing is stored.

    Where keys are bound to children, guardians get one for each child that they have not opened yet, also when they
    have an account (G09). People who already hold a live key are left out unless `reissue`. Guardians whose every
    child is closed to them get none.
    """
    ids = _UserIds() if group.role == "guardian" and settings.key_scope == "child" else None
    return [
        Draft(
            one.person, one.children, one.bound_to,
            ids.of(one.person) if ids is not None and isinstance(one.person, Guardian) else None,
            codes.random_code(settings.key_style),
        )
        for one in _waiting(group, on, settings, now)
        if reissue or not one.has_key
    ]  # fmt: skip


def count(group: Group, *, on: dt.date, settings: Settings, now: dt.datetime) -> tuple[int, int]:
    """How many keys `drafts` would make, and how many more with `reissue`: so many that are out there would die."""
    waiting = _waiting(group, on, settings, now)
    holding = sum(one.has_key for one in waiting)
    return len(waiting) - holding, holding


def issued(one: Draft, settings: Settings, now: dt.datetime) -> IssuedKey:
    """What the letter of a key needs."""
    person = one.person
    return IssuedKey(
        person=person.name,
        sourced_id=person.sourced_id or "",
        person_id=(person.number if isinstance(person, Student) else person.person_id) or "",
        language=getattr(person, "language", None) or settings.default_language,
        children=", ".join(child.name for child in one.children),
        user_id=one.user_id or "",
        key=one.value,
        expires=(now + dt.timedelta(days=settings.key_days)).date().isoformat(),
    )


def why_none(
    *, role: str, school_id: int | None, person: str | None, reissue: bool, on: dt.date, settings: Settings,
) -> str:  # fmt: skip
    """Why `export` has made no key, for the operator, and which option would help."""
    other = "student" if role == "guardian" else "guardian"
    known = {"guardian": Guardian, "student": Student}
    if person is not None and not known[role].select().where(known[role].sourced_id == person).exists():
        if known[other].select().where(known[other].sourced_id == person).exists():
            return f"{person} is a {other}: add --role {other}"
        return f"nobody has the sourcedId {person!r}"
    if role == "student" and settings.student_accounts != "key":
        return f"students get no keys here: student_accounts is {settings.student_accounts!r}"
    here = Student.select().where(Student.active, Student.id.in_(SchoolEnrollment.students_on(on, school_id)))
    if not here.exists():
        return "no student is enrolled there today"
    reasons = ["an account"]
    if not reissue:
        reasons.append("a key that still works (--reissue makes new ones)")
    if role == "guardian":
        reasons.append("no child there whose record is open to them")
    return f"every {role} has {' or '.join(reasons)}; for {other}s add --role {other}"


def _bare(typed: str) -> str:
    """The key without what was copied along with it: "Activation key: {…}"."""
    text = unicodedata.normalize("NFKC", typed)
    in_braces = re.search(r"\{(.+?)\}", text, re.DOTALL)
    return in_braces.group(1) if in_braces else text.rpartition(":")[2]


class _Waiting(NamedTuple):
    """Somebody without an account, or a guardian and a child who are not connected yet; `has_key` if one is live."""

    person: Guardian | Student
    children: list[Student]
    bound_to: Student | None
    has_key: bool


def _waiting(group: Group, on: dt.date, settings: Settings, now: dt.datetime) -> list[_Waiting]:
    students = Student.select(Student.id).where(
        Student.active, Student.id.in_(SchoolEnrollment.students_on(on, group.school_id))
    )
    if group.section_id is not None:
        in_class = Enrollment.select(Enrollment.student).where(Enrollment.section == group.section_id)
        students = students.where(Student.id.in_(in_class))
    if group.role == "student":
        found = _students(students, now)
    else:
        pairs = _pairs(students, group.identified, on)
        found = _child_by_child(pairs, now) if settings.key_scope == "child" else _guardians(pairs, now)
    return [one for one in found if group.person in (None, one.person.sourced_id)]


def _pairs(students: ModelSelect, identified: bool, on: dt.date) -> ModelSelect:
    """The guardians of these students who may see them, each with the student."""
    pairs = (
        Guardianship.select(Guardianship, Guardian, Student)
        .join(Guardian)
        .switch(Guardianship)
        .join(Student)
        .where(Guardian.active, Guardianship.student.in_(students), Guardianship.is_open(on))
        .order_by(Guardian.family_name, Guardian.given_name, Guardian.id, Student.id)
    )
    if identified:
        seen = IdentityCheck.select(IdentityCheck.guardian).where(
            IdentityCheck.passed, IdentityCheck.document.is_null(False), IdentityCheck.guardian.is_null(False)
        )
        pairs = pairs.where(Guardian.id.in_(seen))
    return pairs


def _guardians(pairs: ModelSelect, now: dt.datetime) -> list[_Waiting]:
    """Guardians without an account, each once, with their children."""
    with_account = Account.select(Account.guardian).where(Account.guardian.is_null(False), Account.state != "cancelled")
    found: dict[int, _Waiting] = {}
    holders = {guardian for guardian, _ in _live_keys(pairs, now)}
    for pair in pairs.where(Guardian.id.not_in(with_account)):
        one = found.setdefault(
            pair.guardian_id, _Waiting(pair.guardian, [], None, pair.guardian_id in holders)
        )  # fmt: skip
        one.children.append(pair.student)
    return list(found.values())


def _child_by_child(pairs: ModelSelect, now: dt.datetime) -> list[_Waiting]:
    """Guardian and child who are not connected yet (G09, G10)."""
    live = _live_keys(pairs, now)
    return [
        _Waiting(pair.guardian, [pair.student], pair.student, (pair.guardian_id, pair.student_id) in live)
        for pair in pairs.where(Guardianship.activated_at.is_null())
    ]


def _live_keys(pairs: ModelSelect, now: dt.datetime) -> set[tuple[int, int | None]]:
    """Guardian and child (None for all) of every live key of these guardians."""
    theirs = ActivationKey.guardian.in_(pairs.select(Guardianship.guardian).order_by())
    rows = ActivationKey.select(ActivationKey.guardian, ActivationKey.student).where(theirs, is_live(now))
    return set(rows.tuples())


def _students(students: ModelSelect, now: dt.datetime) -> list[_Waiting]:
    with_account = Account.select(Account.student).where(Account.student.is_null(False), Account.state != "cancelled")
    live = ActivationKey.select(ActivationKey.student).where(ActivationKey.guardian.is_null(), is_live(now))
    holders = {student for (student,) in live.tuples()}
    people = (
        Student.select()
        .where(Student.id.in_(students), Student.id.not_in(with_account))
        .order_by(Student.family_name, Student.given_name, Student.id)
    )
    return [_Waiting(one, [one], None, one.id in holders) for one in people]


def _of_the_same(one: Draft) -> Expression:
    """The condition on keys that this one replaces."""
    if isinstance(one.person, Student):
        return ActivationKey.guardian.is_null() & (ActivationKey.student == one.person.id)
    mine: Expression = ActivationKey.guardian == one.person.id
    return mine if one.bound_to is None else mine & (ActivationKey.student == one.bound_to.id)


def _store(one: Draft, settings: Settings, now: dt.datetime) -> None:
    ActivationKey.create(
        key_hash=_hash(one.value, settings),
        guardian=one.person if isinstance(one.person, Guardian) else None,
        student=one.person if isinstance(one.person, Student) else one.bound_to,
        user_id=one.user_id,
        created_at=now,
        expires_at=now + dt.timedelta(days=settings.key_days),
    )


class _UserIds:
    """What guardians with a token sign in with, the same for every child of theirs (G09).

    The own account's user name; else the address that the guardian gave, else the one on file, which two parents may
    share: the first to get a token has it; else 13 digits.
    """

    def __init__(self) -> None:
        issued = ActivationKey.select(ActivationKey.user_id, ActivationKey.guardian).where(
            ActivationKey.user_id.is_null(False)
        )
        accounts = Account.select(
            Account.user_name, Account.guardian, Account.state, Account.user_name_key
        ).where(Account.guardian.is_null(False))  # fmt: skip
        #: Whose each user ID of an account, or of a token ever issued, is.
        self._taken = {user_name_key(name): guardian for name, guardian in issued.tuples()}
        self._digits = {guardian: name for name, guardian in issued.tuples() if name.isdigit()}
        self._accounts: dict[int, str] = {}
        for name, guardian, state, key in accounts.tuples():
            self._taken[key] = guardian
            if state != "cancelled":
                self._accounts[guardian] = name

    def of(self, guardian: Guardian, email: str | None = None) -> str:
        """The user ID of one guardian. Raises FieldError when the given `email` is another's."""
        user_id = self._accounts.get(guardian.id) or self._address(guardian, email) or self._digits.get(guardian.id)
        if user_id is None:
            user_id = self._digits[guardian.id] = codes.random_user_id()
        self._taken[user_name_key(user_id)] = guardian.id
        return user_id

    def _address(self, guardian: Guardian, email: str | None) -> str | None:
        address = addresses.on_file(guardian) if email is None else email
        if not address:
            return None
        if self._taken.get(user_name_key(address), guardian.id) == guardian.id:
            return address
        if email is not None:
            raise FieldError("email", "taken")
        return None


def _hash(value: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "activation key", codes.plain(value))
