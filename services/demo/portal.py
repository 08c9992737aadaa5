"""The demo's own part of the portal: accounts and keys for the cast, once its feed is in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from config import Settings
from models import Account, Guardian, School, SchoolEnrollment, Student
from services.accounts import hasher, user_name_key
from services.demo.cast import Cast, Persona
from services.registration import issue_key

#: Everybody's password in the demo. It opens nothing else.
PASSWORD = "welcome to homeroom"  # noqa: S105


def open_accounts(cast: Cast, *, settings: Settings, on: dt.date, now: dt.datetime) -> list[dict[str, Any]]:
    """Give the cast its accounts and keys; return what `flask demo personas --json` prints, a dictionary each."""
    password_hash = hasher(settings).hash(PASSWORD)
    return [_person(persona, password_hash, settings=settings, on=on, now=now) for persona in cast.personas]


def _person(
    persona: Persona, password_hash: str, *, settings: Settings, on: dt.date, now: dt.datetime
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "role": persona.role, "name": persona.name, "language": persona.language, "scenario": persona.scenario,
        "user_id": None, "password": None, "state": "unregistered", "person_id": None, "keys": [],
        "role_answers": {}, "security_answers": {}, "lookup_secret": None, "totp_secret": None, "students": [],
    }  # fmt: skip
    person: Guardian | Student
    if persona.role == "guardian":
        person = Guardian.get(Guardian.sourced_id == persona.sourced_id)
        found["person_id"] = person.person_id
    elif persona.role == "student":
        person = Student.get(Student.sourced_id == persona.sourced_id)
        found["person_id"] = person.number
    else:
        return found
    if persona.state == "active":
        account = _account(person, persona, password_hash, settings, now)
        found |= {"user_id": account.user_name, "password": PASSWORD, "state": account.state}
        found["students"] = [_student(child, on) for child in Student.visible_to(account, on)]
    else:
        key = issue_key(person, settings=settings, now=now)
        kind = {"key": "key", "guid": "guid", "token": "token"}[settings.key_style]
        found["keys"] = [{"kind": kind, "value": key, "student": None}]
    return found


def _account(
    person: Guardian | Student, persona: Persona, password_hash: str, settings: Settings, now: dt.datetime
) -> Account:
    by_number = persona.role == "student" or not person.email
    user_name = f"{int(person.number):013d}" if persona.role == "student" else person.email
    if by_number and persona.role == "guardian":
        user_name = f"{int(person.person_id):013d}"
    return Account.create(
        guardian=person if isinstance(person, Guardian) else None,
        student=person if isinstance(person, Student) else None,
        user_name=user_name,
        user_name_key=user_name_key(user_name),
        email=person.email,
        password_hash=password_hash,
        language=persona.language,
        created_at=now,
    )


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
