"""The absences that guardians have reported, as the office works through them (X11)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from peewee import JOIN, Expression, ModelSelect

from config import Settings
from models import AbsenceReport, Account, Guardian, School, SchoolEnrollment, Student, database
from services import messages, recovery
from services.office import looks
from services.office.scope import Office
from services.outbox import Compose
from services.record.overview import schools_of

#: What the office makes of a report, and from which states it may.
OUTCOMES = {"seen": ("new",), "recorded": ("new", "seen"), "declined": ("new", "seen")}

#: So many stand on the page, the file has all; and for so long they stay on the list of earlier ones.
SHOWN, KEPT = 300, dt.timedelta(days=60)


class NotOpen(Exception):
    """Somebody has answered already, the guardian has taken it back, or the outcome is none."""


class Listed(NamedTuple):
    """A report with the student's schools and the name of whoever reported."""

    report: AbsenceReport
    student: Student
    schools: str
    reporter: str


def listed(
    by: Office, *, earlier: bool, school: School | None, now: dt.datetime, limit: int | None = None
) -> list[Listed]:
    """Today's and coming absences, and older ones that nobody has answered, by day; `earlier` are others of late.

    Only of students whom this member of staff may see, at one `school` if it is given. That they were looked at is
    written down (X09).
    """
    waits = AbsenceReport.state.in_(("new", "seen"))
    is_now = (AbsenceReport.state != "withdrawn") & ((AbsenceReport.last_day >= by.on) | waits)
    if earlier:
        rows = _whole(by).where(~is_now, AbsenceReport.last_day >= by.on - KEPT)
        rows = rows.order_by(AbsenceReport.last_day.desc(), AbsenceReport.id.desc())
    else:
        rows = _whole(by).where(is_now).order_by(AbsenceReport.first_day, Student.family_key, AbsenceReport.id)
    if school is not None:
        rows = rows.where(Student.id.in_(SchoolEnrollment.students_on(by.on, school.id)))
    found = list(rows.limit(limit))
    schools = schools_of({one.student_id for one in found}, by.on) if found else {}
    looks.note_listed(by, "absences", (one.student_id for one in found), now)
    return [Listed(one, one.student, ", ".join(schools.get(one.student_id, [])), _reporter(one)) for one in found]


def find(by: Office, report_id: int) -> AbsenceReport | None:
    """A report about a student whom this member of staff may see, or None."""
    found: AbsenceReport | None = _whole(by).where(AbsenceReport.id == report_id).first()
    return found


def decide(
    found: AbsenceReport, outcome: str, typed: str, *, by: Office, compose: Compose, settings: Settings,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Mark a report as one of OUTCOMES, with an answer that only `declined` must have; of that the guardian is told.

    Raises MessageRefused for the answer, and NotOpen.
    """
    if outcome not in OUTCOMES:
        raise NotOpen
    text = messages.check(typed) if typed.strip() or outcome == "declined" else None
    values: dict[str, object] = {"state": outcome, "closed_by": by.account, "closed_at": now}
    if text is not None:
        values["answer"] = text
    is_open = (AbsenceReport.id == found.id) & AbsenceReport.state.in_(OUTCOMES[outcome])
    with database.atomic():
        if AbsenceReport.update(values).where(is_open).execute() != 1:
            raise NotOpen
        if outcome == "declined" and found.account is not None:
            recovery.tell(found.account, "answered", compose=compose, settings=settings, page="absences.page")
        by.note(f"absence {outcome}", now, student=found.student, report=found.id)


def _whole(by: Office) -> ModelSelect:
    """Reports with student, account and guardian, of the students whom this member of staff may see."""
    reached: Expression = AbsenceReport.student.in_(by.students("absences").select(Student.id))
    return (
        AbsenceReport.select(AbsenceReport, Student, Account, Guardian)
        .join(Student)
        .switch(AbsenceReport)
        .join(Account, JOIN.LEFT_OUTER, on=AbsenceReport.account)
        .join(Guardian, JOIN.LEFT_OUTER)
        .where(reached)
    )


def _reporter(found: AbsenceReport) -> str:
    """The name of whoever reported; empty when that account is gone."""
    return found.account.guardian.name if found.account is not None and found.account.guardian is not None else ""
