"""What the district's rule `at_eighteen` means for one student, told to families and to the office.

FERPA gives a student the parents' rights at 18 (34 CFR 99.5); a school may still show the record to parents of a
dependent student (99.31(a)(8)). Whether access is open is decided by `Student.visible_to` alone (`models.AgeRule`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from models import OF_AGE, AgeAnswer, Student

#: So many days ahead an 18th birthday is told.
AHEAD = dt.timedelta(days=60)


class Standing(NamedTuple):
    """Where a student stands: the day of coming of age, and the answer that was recorded, if any.

    `ends` is the day on which the rule ends guardians' access, or did; None while nothing ends it. `is_open` says
    whether it is open to guardians on the day that was asked for, as far as age goes.
    """

    day: dt.date
    answer: AgeAnswer | None
    ends: dt.date | None
    is_open: bool


def birthday(born: dt.date) -> dt.date:
    """The day on which somebody turns 18; who was born on February 29 does so on March 1."""
    return born + OF_AGE


def standing(student: Student, answer: AgeAnswer | None, rule: str, on: dt.date) -> Standing | None:
    """Where the student stands on the day `on`; None when no day of birth is known."""
    if student.birth_date is None:
        return None
    day = birthday(student.birth_date)
    shares = rule == "dependent" or (answer.consents if answer is not None else rule == "ask")
    return Standing(day, answer, None if shares else day, bool(shares) or on < day)


def soon_or_over(students: Iterable[Student], rule: str, on: dt.date) -> dict[int, Standing]:
    """Where those stand, by id, whose 18th birthday is near or past; with the rule `dependent` it matters for nobody.

    One query however many they are, and none when there is nobody.
    """
    if rule == "dependent":
        return {}
    near = [one for one in students if one.birth_date is not None and birthday(one.birth_date) <= on + AHEAD]
    answers = answers_of([one.id for one in near])
    found = {one.id: standing(one, answers.get(one.id), rule, on) for one in near}
    return {student_id: one for student_id, one in found.items() if one is not None}


def answers_of(student_ids: list[int]) -> dict[int, AgeAnswer]:
    """The answers that were recorded of these students, by student."""
    if not student_ids:
        return {}
    return {one.student_id: one for one in AgeAnswer.select().where(AgeAnswer.student.in_(student_ids))}
