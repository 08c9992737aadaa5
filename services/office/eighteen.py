"""Students who turn 18: the list, and the answer that the office records of each (DECISIONS 28, FERPA 34 CFR 99.5)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from models import (
    OF_AGE,
    AcademicSession,
    AgeAnswer,
    Guardianship,
    School,
    SchoolEnrollment,
    Student,
    database,
)
from services import of_age
from services.of_age import Standing
from services.office import rights
from services.office.scope import Office
from services.passwords import Complaints, FieldError

#: So many stand on the page; the file has all.
SHOWN = 500


class Turning(NamedTuple):
    """A student, the schools, and where the student stands."""

    student: Student
    schools: str
    standing: Standing


def turning(by: Office, rule: str) -> list[Turning]:
    """Students of this member of staff's schools whose 18th birthday is in this school year or soon, in its order.

    Where the rule asks for an answer, those who are older stay on the list until there is one.
    """
    year = AcademicSession.school_year_on(by.on)
    first, last = (year[0] if year else by.on), by.on + of_age.AHEAD
    # Who is born later than the day before's limit has not turned 18 by then (`models.Years` minds the leap days).
    listed = Student.birth_date > first - dt.timedelta(days=1) - OF_AGE
    if rule != "dependent":
        listed |= Student.id.not_in(AgeAnswer.select(AgeAnswer.student))
    rows = (
        SchoolEnrollment.select(SchoolEnrollment, Student, School)
        .join(Student)
        .switch(SchoolEnrollment)
        .join(School)
        .where(
            SchoolEnrollment.school.in_(by.schools("rights").select(School.id)), SchoolEnrollment.is_current(by.on),
            Student.active, Student.birth_date <= last - OF_AGE, listed,
        )
        .order_by(Student.birth_date, Student.family_key, Student.id, School.name)
    )  # fmt: skip
    schools: dict[int, list[str]] = {}
    students: dict[int, Student] = {}
    for row in rows:
        students[row.student_id] = row.student
        schools.setdefault(row.student_id, []).append(row.school.name)
    answers = of_age.answers_of(list(students))
    found = []
    for student in students.values():
        where = of_age.standing(student, answers.get(student.id), rule, by.on)
        if where is not None:
            found.append(Turning(student, ", ".join(schools[student.id]), where))
    return sorted(found, key=lambda one: one.standing.day)


def record(student: Student, answer: str, *, document: str, by: Office, now: dt.datetime) -> None:
    """Write down what the student answered (`yes`: guardians may go on reading; `no`), in the place of an earlier one.

    Where that ends access, what would go on by itself ends with it. Raises FieldErrors: `answer` unknown, `document`
    empty or long.
    """
    complaints = Complaints()
    with complaints:
        if answer not in ("yes", "no"):
            raise FieldError("answer", "unknown")
    with complaints:
        document = rights.text("document", document, rights.DOCUMENT_LENGTH, required=True)
    complaints.raise_any()
    columns = (AgeAnswer.consents, AgeAnswer.document, AgeAnswer.recorded_at, AgeAnswer.recorded_by)
    values = dict(zip(columns, (answer == "yes", document, now, by.account), strict=True))
    with database.atomic():
        AgeAnswer.insert({AgeAnswer.student: student, **values}).on_conflict(
            conflict_target=[AgeAnswer.student], preserve=columns
        ).execute()
        for pair in Guardianship.select().where(Guardianship.student == student):
            rights.end_what_is_open(pair, by.on, now)
        by.note("answer at 18 recorded", now, student=student, consents=answer == "yes", document=document)


def answer_of(where: Standing) -> str:
    """`yes`, `no`, or nothing while there is no answer."""
    return "" if where.answer is None else "yes" if where.answer.consents else "no"
