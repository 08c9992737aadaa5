"""Who is asking? Made sure of before the office touches an account: by a document, or by questions (H04, D20, G09).

On the phone the member of staff types what the caller says, and the portal answers whether it matches. What was asked
and what matched is kept, never an answer, and of a document its kind, never its number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import NamedTuple

from config import Settings
from models import Address, Guardian, Guardianship, IdentificationCode, IdentityCheck, Student, Telephone, database
from services import recovery, roles
from services.names import folded
from services.office.scope import Office
from services.passwords import FieldError
from services.throttle import Limit

#: What somebody can show.
DOCUMENTS = ("license", "passport", "state_id", "consular_id", "other")

#: What a caller can be asked. `number`, the student's, stands in for `secret` where the SIS has none.
QUESTIONS = ("guardian_name", "student_name", "address", "phone", "secret", "number")

#: A caller is asked at least so many of them, `secret` or `number` among them, and all answers have to match.
LEAST = 3

#: So long a check is good for, in the working session that it was made in.
GOOD_FOR = dt.timedelta(minutes=30)

#: Wrong calls about one person in a day; then somebody has to come in with a document.
TRIES = 5


class NobodyToAsk(Exception):
    """No guardian with access stands in the portal for this person: a call cannot be checked against anything."""


class TooManyCalls(Exception):
    """Too many calls about this person failed today."""


class Pair(NamedTuple):
    """A guardian and a child who are open to each other: what a caller's answers are compared with."""

    guardian: Guardian
    student: Student
    has_secret: bool


def current(
    person: Guardian | Student, by: Office, *, signed_in_at: dt.datetime, now: dt.datetime
) -> IdentityCheck | None:
    """The check that lets this member of staff act for the person now: the own latest of this working session."""
    mine = IdentityCheck.guardian if isinstance(person, Guardian) else IdentityCheck.student
    found: IdentityCheck | None = (
        IdentityCheck.select()
        .where(
            mine == person,
            IdentityCheck.checked_by == by.account,
            IdentityCheck.passed,
            IdentityCheck.at >= max(signed_in_at, now - GOOD_FOR),
        )
        .order_by(IdentityCheck.id.desc())
        .first()
    )
    return found


def by_document(
    person: Guardian | Student, document: str, *, shown_by: Guardian | None = None, by: Office, now: dt.datetime
) -> IdentityCheck:
    """Write down that somebody has come in and shown a document of one of the DOCUMENTS' kinds.

    For a student `shown_by` is the guardian who came; None is the student. Raises FieldError for an unknown kind.
    """
    if document not in DOCUMENTS:
        raise FieldError("document", "unknown")
    whose = {"guardian": person} if isinstance(person, Guardian) else {"guardian": shown_by, "student": person}
    return _keep(by, now, document=document, passed=True, **whose)


def pairs(person: Guardian | Student, by: Office) -> list[Pair]:
    """Whom a caller can be: the person with each child, or each guardian, that is open to the portal today."""
    mine = Guardianship.guardian if isinstance(person, Guardian) else Guardianship.student
    rows = list(
        Guardianship.select(Guardianship, Guardian, Student)
        .join(Guardian)
        .switch(Guardianship)
        .join(Student)
        .where(
            mine == person,
            Guardianship.is_open(by.on),
            Guardian.active,
            Guardianship.student.in_(by.students("accounts").select(Student.id)),
        )
        .order_by(Guardianship.id)
    )
    children = [row.student_id for row in rows]
    codes = IdentificationCode.select(IdentificationCode.student).where(IdentificationCode.student.in_(children))
    known = {student for (student,) in codes.tuples()}
    return [Pair(row.guardian, row.student, row.student_id in known) for row in rows]


def questions_for(found: list[Pair]) -> list[str]:
    """What can be asked of these pairs, in the order in which it is asked."""
    left_out = {"secret" if not any(pair.has_secret for pair in found) else "",
                "number" if all(pair.has_secret for pair in found) else ""}  # fmt: skip
    return [name for name in QUESTIONS if name not in left_out]


def by_phone(
    person: Guardian | Student, typed: Mapping[str, str], *, by: Office, settings: Settings, now: dt.datetime
) -> IdentityCheck:
    """Compare what a caller has said with what the SIS has, and write down what was asked and what matched.

    Empty fields were not asked. All answers have to match for one and the same pair; the check names both of it.
    Raises NobodyToAsk, TooManyCalls, or FieldError when nothing was asked.
    """
    found = pairs(person, by)
    if not found:
        raise NobodyToAsk
    asked = [name for name in questions_for(found) if typed.get(name, "").strip()]
    if not asked:
        raise FieldError(questions_for(found)[0], "empty")
    kind = "guardian" if isinstance(person, Guardian) else "student"
    limit = Limit("identity", tries=TRIES, minutes=24 * 60, secret=settings.secret_key)
    if not limit.take(f"{kind} {person.id}", now):
        raise TooManyCalls
    matches = [(pair, [name for name in asked if _matches(name, typed[name], pair, by.on, settings)]) for pair in found]
    pair, matched = max(matches, key=lambda one: len(one[1]))
    key = "secret" if pair.has_secret else "number"
    passed = matched == asked and len(asked) >= LEAST and key in asked
    if passed:
        limit.give_back(f"{kind} {person.id}")
    # A call that failed says nothing about the other of the pair.
    whose = {"guardian": pair.guardian, "student": pair.student} if passed else {kind: person}
    return _keep(by, now, asked=asked, matched=matched, passed=passed, **whose)


def _keep(by: Office, now: dt.datetime, **values: object) -> IdentityCheck:
    with database.atomic():
        check: IdentityCheck = IdentityCheck.create(at=now, checked_by=by.account, **values)
        by.note(
            "identity checked", now, student=check.student, check=check.id, guardian=check.guardian_id,
            document=check.document, asked=check.asked, matched=check.matched, passed=check.passed,
        )  # fmt: skip
    return check


def _matches(question: str, typed: str, pair: Pair, on: dt.date, settings: Settings) -> bool:
    guardian, student = pair.guardian, pair.student
    if question == "guardian_name":
        return _is_name_of(typed, guardian)
    if question == "student_name":
        return _is_name_of(typed, student)
    if question == "address":
        return roles.comparable("address", typed) in _addresses(guardian, student, on)
    if question == "phone":
        digits = _digits(typed)[-10:]
        return len(digits) >= 7 and any(number.endswith(digits) for number in _phones(guardian, student))
    if question == "number":
        return not pair.has_secret and bool(student.number) and typed.strip().casefold() == student.number.casefold()
    hashes = recovery.secret_hashes(typed, settings)
    mine = (IdentificationCode.student == student) & IdentificationCode.code_hash.in_(hashes)
    return bool(hashes and IdentificationCode.select().where(mine).exists())


def _is_name_of(typed: str, person: Guardian | Student) -> bool:
    """Whether somebody is called that, family name first or last, with the middle name or without."""
    said = _words(typed)
    given = {person.given_name, person.preferred_given_name or person.given_name}
    family = {person.family_name, person.preferred_family_name or person.family_name}
    names = [_words(f"{one} {middle} {other}") for one in given for other in family
             for middle in ("", person.middle_name or "")]  # fmt: skip
    return bool(said) and said in names


def _words(name: str) -> list[str]:
    """The words of a name in any order; an apostrophe is often left out, a hyphen said as a space."""
    return sorted(re.findall(r"\w+", re.sub(r"['’`]", "", folded(name)).replace("_", " ")))


def _addresses(guardian: Guardian, student: Student, on: dt.date) -> set[str]:
    """House number and ZIP code of where the guardian lives or gets mail; the child's where the SIS has none."""
    in_force = (Address.begin_date.is_null() | (Address.begin_date <= on)) & (
        Address.end_date.is_null() | (Address.end_date >= on)
    )
    places = Address.select(Address.street, Address.postal_code)
    for theirs in (Address.guardian == guardian, Address.student == student):
        known = {
            roles.house_and_zip(street or "", code or "") for street, code in places.where(theirs, in_force).tuples()
        }
        if known - {""}:
            return known - {""}
    return set()


def _phones(guardian: Guardian, student: Student) -> set[str]:
    """The guardian's numbers; the child's where the SIS has none."""
    numbers = Telephone.select(Telephone.number)
    own = [number for (number,) in numbers.where(Telephone.guardian == guardian).tuples()]
    known = {_digits(number or "") for number in (*own, guardian.phone, guardian.sms)} - {""}
    of_student = numbers.where(Telephone.student == student).tuples()
    return known or {_digits(number or "") for (number,) in of_student} - {""}


def _digits(text: str) -> str:
    return "".join(str(int(char)) for char in text if char.isdecimal())
