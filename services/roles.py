"""Questions that only a child's guardian can answer, asked before a token opens anything (G10, DECISIONS 19)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from config import Settings
from models import (
    ActivationKey,
    Address,
    Guardianship,
    School,
    SchoolEnrollment,
    Telephone,
)
from services.hashing import keyed_hash
from services.keys import InvalidKey
from services.passwords import FieldError

#: A token is dead after so many wrong answers; then the office helps.
TRIES = 5

#: What a guardian can be to a child; `views.words` has the words.
RELATIONS = ("mother", "father", "grandparent", "stepparent", "guardian", "other")

#: Besides the relation, so many questions are asked of those that the feed can answer.
HOW_MANY = 2


class NothingToAsk(Exception):
    """The feed knows too little of this guardian: the school has to help."""


def asked(key: ActivationKey, settings: Settings) -> list[str]:
    """The questions for this token: `relation` if the feed says it, then two of `phone`, `address` and `school`.

    The same token is asked the same questions every time. Raises NothingToAsk when none but the relation has an answer.
    """
    known = [question for question, answers in _known(key).items() if answers]
    if not known:
        raise NothingToAsk
    order = sorted(known, key=lambda question: keyed_hash(settings.secret_key, f"role {question}", str(key.id)))
    return [*(["relation"] if _relations(key) else []), *order[:HOW_MANY]]


def check(key: ActivationKey, typed: Mapping[str, str], *, settings: Settings, now: dt.datetime) -> None:
    """Raise FieldError unless every question is answered right; the fifth wrong try kills the token: InvalidKey."""
    questions = asked(key, settings)
    this = ActivationKey.id == key.id
    # Counted by the database and before it is looked at: answers sent at the same moment all count.
    if ActivationKey.update(tries=ActivationKey.tries + 1).where(this, ActivationKey.tries < TRIES).execute() != 1:
        raise InvalidKey
    known = {**_known(key), "relation": _relations(key)}
    if all(comparable(question, typed.get(question, "")) in known[question] for question in questions):
        ActivationKey.update(tries=ActivationKey.tries - 1).where(this).execute()
    elif ActivationKey.update(revoked_at=now).where(this, ActivationKey.tries >= TRIES).execute():
        raise InvalidKey
    else:
        raise FieldError(questions[0], "wrong")


def answers(key: ActivationKey) -> dict[str, str]:
    """One right answer to every question that could be asked with this token; for the demo's made-up people."""
    known = {**_known(key), "relation": _relations(key)}
    return {question: min(right) for question, right in known.items() if right}


def schools() -> list[str]:
    """The names to choose the child's school from."""
    chosen = School.select(School.name).where(School.active, School.kind == "school").order_by(School.name)
    return [name for (name,) in chosen.tuples()]


def relation_of(described: str | None) -> str:
    """The relation in the feed's words (Ed-Fi RelationDescriptor) as one of RELATIONS."""
    words = (described or "").casefold()
    for sign, relation in (
        ("grand", "grandparent"), ("step", "stepparent"), ("mother", "mother"), ("father", "father"),
        ("guardian", "guardian"), ("foster", "guardian"),
    ):  # fmt: skip
        if sign in words:
            return relation
    return "other"


def _known(key: ActivationKey) -> dict[str, set[str]]:
    """The right answers by question; empty where the feed has none."""
    guardian = key.guardian
    phones = [number for (number,) in Telephone.select(Telephone.number).where(Telephone.guardian == guardian).tuples()]
    digits = [re.sub(r"\D", "", number or "") for number in (*phones, guardian.phone, guardian.sms)]
    addresses = Address.select().where(Address.guardian == guardian)
    at = (SchoolEnrollment.student == key.student) & School.active
    schools_of = School.select(School.name).join(SchoolEnrollment, on=(SchoolEnrollment.school == School.id)).where(at)
    return {
        "phone": {number[-4:] for number in digits if len(number) >= 7},
        "address": {
            plain
            for one in addresses
            if one.street and one.postal_code and (plain := house_and_zip(one.street, one.postal_code))
        },
        "school": {comparable("school", name) for (name,) in schools_of.tuples()},
    }


def _relations(key: ActivationKey) -> set[str]:
    """What the guardian may say to be to the child; nothing where the feed does not say it itself."""
    pair = Guardianship.get_or_none(
        (Guardianship.guardian == key.guardian_id) & (Guardianship.student == key.student_id)
    )
    described = (pair.relation or "").strip() if pair is not None else ""
    if not described or described.casefold() == "parent":
        return set()
    return {relation_of(described), *(["guardian"] if pair.legal_guardian else [])}


def house_and_zip(street: str, postal_code: str) -> str:
    """What is asked of an address: house number and ZIP code; empty where it lacks one of them."""
    house, code = re.match(r"\s*(\d+)", street), re.match(r"\s*(\d{5})", postal_code)
    return f"{house.group(1)} {code.group(1)}" if house and code else ""


def comparable(question: str, answer: str) -> str:
    """An answer to `phone`, `address` or `school` as it is compared."""
    if question == "phone":
        return re.sub(r"\D", "", answer)[-4:]
    if question == "address":
        numbers = re.findall(r"\d+", answer)
        zips = [number for number in numbers[1:] if len(number) == 5]
        return f"{numbers[0]} {zips[-1]}" if zips else ""
    return " ".join(answer.casefold().split())
