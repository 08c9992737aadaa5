"""The demo's own part of the portal: accounts and keys for the cast, once its feed is in."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from config import Settings
from models import (
    Account,
    ActivationKey,
    Authenticator,
    Guardian,
    Guardianship,
    OfficeRole,
    School,
    SchoolEnrollment,
    Staff,
    StaffRole,
    Student,
)
from services import authenticators, claims, keys, roles
from services.demo.cast import Cast, Persona
from services.names import user_name_key
from services.passwords import hasher

#: Everybody's password in the demo. It opens nothing else.
PASSWORD = "welcome to homeroom"  # noqa: S105


def open_accounts(
    cast: Cast, secrets_of: dict[str, str], *, settings: Settings, on: dt.date, now: dt.datetime
) -> list[dict[str, Any]]:
    """Give the cast its accounts and keys; return what `flask demo personas --json` prints, a dictionary each.

    `secrets_of` has the look-up secret of each student by sourcedId: the portal itself keeps only its hash.
    """
    password_hash = hasher(settings).hash(PASSWORD)
    return [_persona(one, secrets_of, password_hash, settings, on, now) for one in cast.personas]


def _persona(
    persona: Persona, secrets_of: dict[str, str], password_hash: str, settings: Settings, on: dt.date, now: dt.datetime
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "role": persona.role, "name": persona.name, "language": persona.language, "scenario": persona.scenario,
        "user_id": None, "password": None, "state": "unregistered", "person_id": None, "keys": [],
        "role_answers": {}, "security_answers": {}, "totp_secret": None, "students": [],
        "lookup_secret": next((secrets_of[one] for one in persona.student_ids if one in secrets_of), None),
    }  # fmt: skip
    if persona.role == "guardian":
        guardian = Guardian.get(Guardian.sourced_id == persona.sourced_id)
        found["person_id"] = guardian.person_id
        return found | _guardian(guardian, persona, password_hash, settings, on, now)
    if persona.role == "student":
        student = Student.get(Student.sourced_id == persona.sourced_id)
        found |= {"person_id": student.number, "students": [_student(student, on)]}
        return found | _pupil(student, persona, password_hash, settings, now)
    return found | _officer(persona, password_hash, settings, now)


def _officer(persona: Persona, password_hash: str, settings: Settings, now: dt.datetime) -> dict[str, Any]:
    """A member of staff with an account for the office, whose authenticator app has been set up (X09)."""
    person = Staff.get(Staff.sourced_id == persona.sourced_id)
    account = Account.create(
        staff=person, user_name=person.email, user_name_key=user_name_key(person.email), email=person.email,
        email_verified_at=now, password_hash=password_hash, language=persona.language, created_at=now,
    )  # fmt: skip
    places = School.select().join(StaffRole).where(StaffRole.staff == person, School.kind == "school")
    for school in places if persona.role in ("clerk", "counselor") else [None]:
        OfficeRole.create(account=account, role=persona.role, school=school)
    authenticators.begin(account)
    told = authenticators.waiting(account, settings)
    assert told is not None  # noqa: S101 - begun above
    Authenticator.update(confirmed_at=now).where(Authenticator.account == account).execute()
    return {
        "user_id": account.user_name, "password": PASSWORD, "state": account.state,
        "totp_secret": told.text.replace(" ", ""),
    }  # fmt: skip


def _guardian(
    guardian: Guardian, persona: Persona, password_hash: str, settings: Settings, on: dt.date, now: dt.datetime
) -> dict[str, Any]:
    """An account, or the keys to open one; under a preset with tokens, one for each child."""
    if persona.state == "active":
        account = _account(guardian, _user_name(guardian, settings), persona, password_hash, settings, now)
        Guardianship.update(activated_at=now).where(Guardianship.guardian == guardian).execute()
        seen = [_student(child, on) for child in Student.visible_to(account, on)]
        return {"user_id": account.user_name, "password": PASSWORD, "state": account.state, "students": seen}
    pairs = Guardianship.select().where(Guardianship.guardian == guardian)
    children = [pair.student for pair in pairs.where(Guardianship.is_open(on))]
    given: list[Student | None] = [*children] if settings.key_scope == "child" else [None]
    issued = [(child, keys.issue(guardian, child=child, settings=settings, now=now)) for child in given]
    newest = ActivationKey.select().where(ActivationKey.guardian == guardian).order_by(ActivationKey.id.desc()).first()
    return {
        "user_id": newest.user_id if newest is not None else None,
        "role_answers": roles.answers(newest) if newest is not None and newest.student_id is not None else {},
        "keys": [
            {"kind": settings.key_style, "value": key, "student": child and child.number} for child, key in issued
        ],
        "students": [_student(child, on) for child in children],
    }


def _pupil(
    student: Student, persona: Persona, password_hash: str, settings: Settings, now: dt.datetime
) -> dict[str, Any]:
    """A student's account as the preset has it; with the district's credentials the first sign-in makes it."""
    if settings.student_accounts == "off":
        return {}
    if settings.student_accounts == "district":
        return {"user_id": student.number, "password": f"{student.birth_date:%m%d%Y}"}
    claimed = settings.student_accounts == "claim"
    user_name = claims.user_name(student) if claimed else f"{int(student.number):013d}"
    account = _account(student, user_name, persona, password_hash, settings, now)
    return {"user_id": account.user_name, "password": PASSWORD, "state": account.state}


def _user_name(guardian: Guardian, settings: Settings) -> str:
    address = guardian.address_on_file
    if address is None:
        return f"{int(guardian.person_id):013d}"
    if settings.user_name == "chosen":
        return re.sub(r"[^A-Za-z0-9]", "", address.partition("@")[0])[: settings.user_name_max]
    return address


def _account(
    person: Guardian | Student, user_name: str, persona: Persona, password_hash: str, settings: Settings,
    now: dt.datetime,
) -> Account:  # fmt: skip
    address = person.address_on_file if isinstance(person, Guardian) else person.email
    account: Account = Account.create(
        guardian=person if isinstance(person, Guardian) else None,
        student=person if isinstance(person, Student) else None,
        user_name=user_name,
        user_name_key=user_name_key(user_name),
        email=address,
        email_verified_at=now if address else None,
        password_hash=password_hash,
        per_child=settings.key_scope == "child" and isinstance(person, Guardian),
        language=persona.language,
        created_at=now,
    )
    return account


def _student(child: Student, on: dt.date) -> dict[str, Any]:
    enrolled = (
        SchoolEnrollment.select(School.name)
        .join(School)
        .where(SchoolEnrollment.student == child, SchoolEnrollment.is_current(on))
    )
    return {
        "id": child.id,
        "number": child.number,
        "given_name": child.given_name,
        "family_name": child.family_name,
        "birth_date": child.birth_date.isoformat() if child.birth_date else None,
        "school": enrolled.order_by(SchoolEnrollment.is_primary.desc()).scalar(),
        "grade": child.grade_level,
    }
