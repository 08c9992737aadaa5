"""Students who claim the account that waits for them (S01, S02, S03)."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping

from peewee import fn

from config import Settings
from models import Account, Guardian, SchoolEnrollment, Student
from services import passwords
from services.names import folded, user_name_key

#: A student's record has to have been here so long: the SIS may still be wrong on the first day (S02).
WAIT = dt.timedelta(hours=24)


class NoClaim(Exception):
    """No student of these names and this number can claim an account: one answer for every reason (S06)."""


def find(typed: Mapping[str, str], *, settings: Settings, now: dt.datetime, on: dt.date) -> Student:
    """The student with exactly this last name, first name and number who has no account yet. Raises NoClaim."""
    number = typed.get("student_number", "").strip()
    same = [
        student
        for student in Student.select().where(
            Student.number == number, Student.active, Student.id.in_(SchoolEnrollment.students_on(on))
        )
        if _same(student.family_name, typed.get("family_name", ""), settings)
        and _same(student.given_name, typed.get("given_name", ""), settings)
    ]
    if len(same) != 1 or not number:
        raise NoClaim
    student = same[0]
    if student.first_delivered_at is None or student.first_delivered_at > now - WAIT:
        raise NoClaim
    if Account.select().where(Account.student == student, Account.state != "cancelled").exists():
        raise NoClaim
    return student


def user_name(student: Student) -> str:
    """ "S", "0" and the student's number (S01)."""
    return f"S0{student.number}"


def waits_for_student(name: str, settings: Settings) -> bool:
    """Whether a student who has no account yet is to sign in with this name: nobody else may take it then."""
    key = user_name_key(name)
    numbers = fn.LOWER(Student.number)
    if settings.student_accounts == "district":
        waiting = numbers == key
    elif settings.student_accounts == "claim" and key.startswith("s0"):
        waiting = numbers == key.removeprefix("s0")
    else:
        return False
    return bool(Student.select().where(Student.active, waiting).exists())


def check_never_used(person: Student | Guardian, password: str, settings: Settings) -> None:
    """Raise FieldError when this person's former account had the password (S03)."""
    if settings.reuse_passwords:
        return
    of_person = (Account.student if isinstance(person, Student) else Account.guardian) == person
    account = Account.get_or_none(of_person, Account.state == "cancelled")
    if account is not None:
        passwords.check_not_used(account, password, settings=settings)


def _same(stored: str, typed: str, settings: Settings) -> bool:
    """Whether a name was typed as the SIS has it; case and accents are forgiven only where the setting says so."""
    if settings.exact_names:
        return unicodedata.normalize("NFC", stored.strip()) == unicodedata.normalize("NFC", typed.strip())
    return folded(stored) == folded(typed)
