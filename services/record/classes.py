"""A student's classes, the terms they meet in, and their teachers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from models import AcademicSession, Enrollment, Section, SectionStaff, SectionTerm, Staff
from services.prepared import Prepared

_ENROLLED = Prepared(
    lambda students: Enrollment.select(
        Enrollment.student, Section.id, Section.title, Section.code, Section.room,
        Enrollment.begin_date, Enrollment.end_date,
    )
    .join(Section)
    .where(Enrollment.student.in_(students))
    .order_by(Section.title, Section.id, Enrollment.id)
    .tuples()
)  # fmt: skip
_TERMS = Prepared(
    lambda sections: SectionTerm.select(
        SectionTerm.section, AcademicSession.id, AcademicSession.title,
        AcademicSession.start_date, AcademicSession.end_date,
    )
    .join(AcademicSession)
    .where(SectionTerm.section.in_(sections))
    .order_by(AcademicSession.start_date, AcademicSession.id)
    .tuples()
)  # fmt: skip
_TEACHERS = Prepared(
    lambda sections: Staff.select(
        Staff.id, Staff.given_name, Staff.family_name, Staff.preferred_given_name, Staff.preferred_family_name,
        Staff.email, SectionStaff.section.alias("section_id"),
    )
    .join(SectionStaff)
    .where(SectionStaff.section.in_(sections), SectionStaff.role == "teacher", Staff.active)
    .order_by(SectionStaff.is_primary.desc(), Staff.family_name, Staff.id)
    .objects()
)  # fmt: skip


class Term(NamedTuple):
    """A term that a student's classes meet in."""

    id: int
    title: str
    begins: dt.date
    ends: dt.date


class Teacher(NamedTuple):
    """Who teaches a class; without an e-mail address nobody can be written to."""

    id: int
    name: str
    email: str | None


class Class(NamedTuple):
    """One section that a student is enrolled in, with its terms and teachers (the first one is the primary)."""

    student_id: int
    section_id: int
    title: str
    code: str
    room: str
    terms: tuple[Term, ...]
    begins: dt.date | None
    ends: dt.date | None
    teachers: tuple[Teacher, ...]


def classes_of(student_ids: Iterable[int]) -> list[Class]:
    """Every class of the students, of any term, by title; three queries whatever their number."""
    student_ids = list(student_ids)
    if not student_ids:
        return []
    # A student who left a class and came back has two enrollments in it: the later one counts.
    latest = {(row[0], row[1]): row for row in _ENROLLED(student_ids)}
    sections = sorted({section for _, section in latest})
    terms, teachers = _terms(sections), _teachers(sections)
    return [
        Class(student, section, title, code or "", room or "", terms[section], begins, ends, teachers[section])
        for student, section, title, code, room, begins, ends in latest.values()
    ]


def current(classes: Iterable[Class], on: dt.date) -> list[Class]:
    """The classes that meet on the day `on`; between terms, those of the term that ended last (DECISIONS 35)."""
    attended = [c for c in classes if not _left_before(c, on) and not (c.begins is not None and c.begins > on)]
    now = [c for c in attended if not c.terms or any(term.begins <= on <= term.ends for term in c.terms)]
    if any(c.terms for c in now):
        return now
    begun = [term for c in attended for term in c.terms if term.begins <= on]
    if not begun:
        return now or [c for c in attended if c.terms]
    last = max(begun, key=lambda term: term.ends)
    return [c for c in attended if not c.terms or any(term.ends == last.ends for term in c.terms)]


def in_term(classes: Iterable[Class], term_id: int) -> list[Class]:
    """The classes that meet in one term."""
    return [c for c in classes if any(term.id == term_id for term in c.terms)]


def terms_of(classes: Iterable[Class]) -> list[Term]:
    """The terms that the classes meet in, earliest first, each once."""
    return sorted({term for c in classes for term in c.terms}, key=lambda term: (term.begins, term.ends, term.title))


def _left_before(enrolled: Class, on: dt.date) -> bool:
    """Whether the student left the class before `on` and before the class itself ended."""
    if enrolled.ends is None or enrolled.ends >= on:
        return False
    return not enrolled.terms or enrolled.ends < max(term.ends for term in enrolled.terms)


def _terms(sections: list[int]) -> dict[int, tuple[Term, ...]]:
    found: dict[int, tuple[Term, ...]] = defaultdict(tuple)
    for section, *term in _TERMS(sections):
        found[section] += (Term(*term),)
    return found


def _teachers(sections: list[int]) -> dict[int, tuple[Teacher, ...]]:
    found: dict[int, tuple[Teacher, ...]] = defaultdict(tuple)
    for staff in _TEACHERS(sections):
        teacher = Teacher(staff.id, staff.name, staff.email)
        if teacher not in found[staff.section_id]:
            found[staff.section_id] += (teacher,)
    return found
