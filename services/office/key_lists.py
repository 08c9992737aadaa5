"""Keys for a whole class or school: as letters to print, or as a list for the school's own (G09, H05, DECISIONS 15)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from peewee import fn

from config import Settings
from models import AcademicSession, Enrollment, School, SchoolEnrollment, Section, SectionTerm, Student, database
from services import keys
from services.keys import Draft, Group, IssuedKey
from services.names import folded
from services.office.scope import Office
from services.record import grade_levels

#: No more letters in one file: it is made while somebody waits, some five milliseconds and 25 KB of memory for each.
MOST = 1200

#: Files with keys that one account may make in a day: lists, and files of letters.
LISTS_A_DAY, LETTERS_A_DAY = 3, 40


class TooMany(Exception):
    """More letters than one file takes; the text is how many there would be."""


class Chosen(NamedTuple):
    """Whose keys: of a school, or of one class of it, for its `guardian`s or `student`s."""

    school: School
    section: Section | None
    role: str
    reissue: bool = False


class Bundle(NamedTuple):
    """One letter: the keys of one person; `student` is the child in whose class it is handed out."""

    drafts: list[Draft]
    student: Student
    class_title: str


def roles(settings: Settings) -> list[str]:
    """Who gets keys here: students only where they open their accounts with keys."""
    return ["guardian", *(["student"] if settings.student_accounts == "key" else [])]


def sections(school: School, on: dt.date) -> list[Section]:
    """The classes of a school that are not over."""
    over = (
        SectionTerm.select(SectionTerm.section)
        .join(AcademicSession)
        .group_by(SectionTerm.section)
        .having(fn.MAX(AcademicSession.end_date) < on)
    )
    taken = Enrollment.select(Enrollment.section)
    return list(
        Section.select()
        .where(Section.school == school, Section.id.not_in(over), Section.id.in_(taken))
        .order_by(Section.title, Section.code, Section.id)
    )


def count(chosen: Chosen, office: Office, settings: Settings, now: dt.datetime) -> tuple[int, int]:
    """How many keys there are to make, and how many more if those that are out there may die."""
    return keys.count(_group(chosen, settings), on=office.on, settings=settings, now=now)


def bundles(chosen: Chosen, office: Office, settings: Settings, now: dt.datetime) -> list[Bundle]:
    """Letters to be made, by class and by the student's name; nothing is issued yet. Raises TooMany."""
    drafts = _drafts(chosen, office, settings, now)
    by_person: dict[int, list[Draft]] = {}
    for one in drafts:
        by_person.setdefault(one.person.id, []).append(one)
    if len(by_person) > MOST:
        raise TooMany(str(len(by_person)))
    titles = _class_titles(chosen)
    order = {}
    for person, own in by_person.items():
        student = min((child for one in own for child in one.children), key=lambda child: _place(child, titles))
        order[person] = Bundle(own, student, titles.get(student.id, ""))
    return sorted(order.values(), key=lambda one: (_place(one.student, titles), one.drafts[0].person.id))


def issue(
    drafts: list[Draft], chosen: Chosen, office: Office, *, by: str, settings: Settings, now: dt.datetime
) -> int:  # fmt: skip
    """Make the keys valid, all or none, and write down who made how many for whom; how many earlier ones have died."""
    with database.atomic():
        replaced = keys.write(drafts, settings=settings, now=now)
        office.note(
            "keys exported", now, by=by, school=chosen.school.id, section=chosen.section and chosen.section.id,
            role=chosen.role, issued=len(drafts), replaced=replaced,
        )  # fmt: skip
    return replaced


def listed(chosen: Chosen, office: Office, *, settings: Settings, now: dt.datetime) -> list[IssuedKey]:
    """Issue the keys and return what a list of them says."""
    drafts = _drafts(chosen, office, settings, now)
    issue(drafts, chosen, office, by="list", settings=settings, now=now)
    return [keys.issued(one, settings, now) for one in drafts]


def _drafts(chosen: Chosen, office: Office, settings: Settings, now: dt.datetime) -> list[Draft]:
    group = _group(chosen, settings)
    return keys.drafts(group, reissue=chosen.reissue, on=office.on, settings=settings, now=now)


def _group(chosen: Chosen, settings: Settings) -> Group:
    section = chosen.section.id if chosen.section is not None else None
    return Group(chosen.role, chosen.school.id, section, identified=settings.check_identity)


def _class_titles(chosen: Chosen) -> dict[int, str]:
    """The class in which each student is handed the letter: the one chosen, else the homeroom."""
    here = SchoolEnrollment.select(SchoolEnrollment.student).where(SchoolEnrollment.school == chosen.school)
    rows = Enrollment.select(Enrollment.student, Section.title).join(Section).where(Enrollment.student.in_(here))
    if chosen.section is not None:
        rows = rows.where(Section.id == chosen.section.id)
    else:
        rows = rows.where(Section.kind == "homeroom", Section.school == chosen.school)
    return dict(rows.order_by(Section.id.desc()).tuples())


def _place(student: Student, titles: dict[int, str]) -> tuple[int, str, str, str, int]:
    """Where a student comes in the order in which letters are handed out."""
    level = grade_levels.level(student.grade_level)
    family, given = folded(student.family_name), folded(student.given_name)
    return (99 if level is None else level, titles.get(student.id, ""), family, given, student.id)
