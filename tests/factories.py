"""Builders for tests: rows with sensible values, and the fixed cast that whole-app tests sign in as."""

from __future__ import annotations

import datetime as dt
import os
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import models as m
from config import Settings, load
from services import clock
from services.hashing import keyed_hash
from services.names import folded, user_name_key
from services.passwords import hasher

#: Public feeds that lie beside the project (see docs/feeds.md); tests that use them fail when they are missing.
REAL_FEEDS = Path(os.environ.get("REAL_FEEDS", Path(__file__).resolve().parent.parent.parent / "shared" / "data"))

TODAY = dt.date(2026, 11, 16)
PASSWORD = "correct horse battery"
SECRET = "test-secret-" + "x" * 32
_numbers = count(1)


def settings(database_url: str, **overrides: Any) -> Settings:
    """Settings of a test portal: cheap hashes, a fixed day, nothing from this machine's environment."""
    values = {
        "secret_key": SECRET, "database_url": database_url, "today": TODAY, "argon2_memory": 8, "argon2_passes": 1,
        "district_name": "Maple Valley Schools", "portal_url": "http://localhost", **overrides,
    }  # fmt: skip
    return load({"PORTAL_CONFIG": "/nonexistent"}, **values)


def school_year() -> tuple[m.AcademicSession, m.AcademicSession, m.AcademicSession]:
    """The school year 2026/27 with its two semesters: the year, fall, spring."""
    year = session("2026-2027", "schoolYear", dt.date(2026, 8, 17), dt.date(2027, 6, 4))
    fall = session("Fall 2026", "semester", dt.date(2026, 8, 17), dt.date(2027, 1, 15), parent=year)
    spring = session("Spring 2027", "semester", dt.date(2027, 1, 18), dt.date(2027, 6, 4), parent=year)
    return year, fall, spring


def session(title: str, kind: str, begins: dt.date, ends: dt.date, **values: Any) -> m.AcademicSession:
    dates = {"start_date": begins, "end_date": ends, "school_year": "2027", **values}
    return m.AcademicSession.create(sourced_id=_id("session"), title=title, kind=kind, **dates)


def school(name: str = "Cedar Middle", **values: Any) -> m.School:
    return m.School.create(sourced_id=_id("school"), name=name, kind="school", **values)


def student(name: str = "Ana Reyes", at: m.School | None = None, **values: Any) -> m.Student:
    given, _, family = name.partition(" ")
    found = m.Student.create(
        **{
            "sourced_id": _id("student"), "number": str(7_000_000 + next(_numbers)), "given_name": given,
            "family_name": family, "given_key": folded(given), "family_key": folded(family),
            "birth_date": dt.date(2013, 4, 2), "grade_level": "07", **values,
        }
    )  # fmt: skip
    if at is not None:
        m.SchoolEnrollment.create(sourced_id=_id("enrolled"), student=found, school=at)
    return found


def guardian(name: str = "Rosa Reyes", of: tuple[m.Student, ...] = (), **values: Any) -> m.Guardian:
    given, _, family = name.partition(" ")
    found = m.Guardian.create(
        **{
            "sourced_id": _id("guardian"),
            "given_name": given,
            "family_name": family,
            "email": None,
            "given_key": folded(given),
            "family_key": folded(family),
            **values,
        }
    )
    for child in of:
        guardianship(child, found)
    return found


def guardianship(child: m.Student, of: m.Guardian, **values: Any) -> m.Guardianship:
    return m.Guardianship.create(
        **{"student": child, "guardian": of, "from_associations": True, "default_access": True, **values}
    )


def telephone(of: m.Guardian, number: str) -> m.Telephone:
    digits = "".join(filter(str.isdigit, number))
    return m.Telephone.create(sourced_id=_id("telephone"), guardian=of, number=number, digits=digits)


def address(of: m.Guardian, street: str, postal_code: str) -> m.Address:
    return m.Address.create(sourced_id=_id("address"), guardian=of, street=street, postal_code=postal_code)


def secret(of: m.Student, code: str, portal: Settings) -> m.IdentificationCode:
    """A secret number of a student in the SIS, kept as the feed keeps it."""
    code_hash = keyed_hash(portal.secret_key, "identification code", code)
    return m.IdentificationCode.create(sourced_id=_id("code"), student=of, code_hash=code_hash)


def staff(name: str = "Dana Okafor", **values: Any) -> m.Staff:
    given, _, family = name.partition(" ")
    return m.Staff.create(
        **{
            "sourced_id": _id("staff"), "given_name": given, "family_name": family, "role": "teacher",
            "given_key": folded(given), "family_key": folded(family),
            "email": f"{family.lower()}@maplevalley.example", **values,
        }
    )  # fmt: skip


def section(
    title: str, *, term: m.AcademicSession | None = None, teachers: tuple[m.Staff, ...] = (),
    students: tuple[m.Student, ...] = (), **values: Any,
) -> m.Section:  # fmt: skip
    found = m.Section.create(**{"sourced_id": _id("section"), "title": title, "code": "101-1", "room": "12", **values})
    if term is not None:
        m.SectionTerm.create(section=found, session=term)
    for number, teacher in enumerate(teachers):
        m.SectionStaff.create(
            sourced_id=_id("teaches"), staff=teacher, section=found, role="teacher", is_primary=number == 0
        )
    for one in students:
        enroll(one, found)
    return found


def enroll(one: m.Student, in_section: m.Section, **values: Any) -> m.Enrollment:
    return m.Enrollment.create(sourced_id=_id("enrollment"), student=one, section=in_section, **values)


def category(title: str = "Homework", weight: float | None = 0.25) -> m.Category:
    return m.Category.create(sourced_id=_id("category"), title=title, weight=weight)


def line_item(in_section: m.Section, title: str = "Worksheet 3", due: dt.date = TODAY, **values: Any) -> m.LineItem:
    return m.LineItem.create(
        **{
            "sourced_id": _id("item"), "title": title, "section": in_section, "due_date": due,
            "assign_date": due - dt.timedelta(days=7), "result_value_min": 0, "result_value_max": 20, **values,
        }
    )  # fmt: skip


def result(item: m.LineItem, of: m.Student, score: float | None = 17, **values: Any) -> m.Result:
    return m.Result.create(
        **{
            "sourced_id": _id("result"), "line_item": item, "student": of, "score": score,
            "score_status": "fully graded", "score_date": item.due_date, **values,
        }
    )  # fmt: skip


def grade(of: m.Student, in_section: m.Section, letter: str = "B", **values: Any) -> m.Grade:
    return m.Grade.create(
        **{"sourced_id": _id("grade"), "student": of, "section": in_section, "letter": letter, "as_of": TODAY, **values}
    )


def account(of: m.Guardian | m.Student, user_name: str, portal: Settings, **values: Any) -> m.Account:
    """An account that signs in with PASSWORD; its e-mail address is the user name when that is one."""
    whose = {"guardian" if isinstance(of, m.Guardian) else "student": of}
    return m.Account.create(
        **{
            "user_name": user_name, "user_name_key": user_name_key(user_name),
            "email": user_name if "@" in user_name else None,
            "email_verified_at": clock.now() if "@" in user_name else None,
            "password_hash": hasher(portal).hash(PASSWORD), "created_at": clock.now(), **whose, **values,
        }
    )  # fmt: skip


def officer(
    role: str, portal: Settings, *, at: m.School | None = None, person: m.Staff | None = None, **values: Any
) -> m.Account:
    """A member of staff with a role in the office who signs in with PASSWORD and, unless told otherwise, a code."""
    email = f"{role}{next(_numbers)}@maplevalley.example"
    person = person or staff(f"Office {role.title()}", email=email, sourced_id=_id("office:"))
    found = m.Account.create(
        **{
            "staff": person, "user_name": person.email, "user_name_key": user_name_key(person.email),
            "email": person.email, "email_verified_at": clock.now(), "password_hash": hasher(portal).hash(PASSWORD),
            "created_at": clock.now(), **values,
        }
    )  # fmt: skip
    m.OfficeRole.create(account=found, role=role, school=at)
    return found


def delivered(*files: str) -> None:
    """That the feed has brought these files, so that their tabs are there and say when."""
    for name in files:
        m.FeedFile.create(name=name, sha256="0" * 64, seen_at=clock.now(), changed_at=clock.now())


def day_event(of: m.Student, date: dt.date, counts_as: str = "unexcused", **values: Any) -> m.SchoolAttendanceEvent:
    """What a school has entered about a whole day of a student."""
    return m.SchoolAttendanceEvent.create(
        **{"sourced_id": _id("day"), "student": of, "date": date, "counts_as": counts_as, **values}
    )


def class_event(
    of: m.Student, in_section: m.Section, date: dt.date, counts_as: str = "unexcused", **values: Any
) -> m.SectionAttendanceEvent:
    """The same about one meeting of a class."""
    return m.SectionAttendanceEvent.create(
        **{
            "sourced_id": _id("meeting"), "student": of, "section": in_section, "date": date, "counts_as": counts_as,
            **values,
        }
    )  # fmt: skip


def code(code_set: str, local_code: str, says: str | None = None, **values: Any) -> m.Code:
    """A code of the district's own."""
    return m.Code.create(
        sourced_id=_id("code"), code_set=code_set, local_code=local_code, short_description=says, **values
    )


def incident(of: m.Student | None = None, behavior: str | None = "DIS", **values: Any) -> m.Incident:
    """An incident, and the part of one student in it."""
    part = {name: values.pop(name) for name in ("detail", "participation") if name in values}
    found = m.Incident.create(**{"sourced_id": _id("incident"), "date": TODAY, **values})
    if of is not None:
        took_part(of, found, behavior, **part)
    return found


def took_part(of: m.Student, found: m.Incident, behavior: str | None = "DIS", **values: Any) -> m.IncidentBehavior:
    """That a student had a part in an incident."""
    return m.IncidentBehavior.create(
        **{"sourced_id": _id("part"), "student": of, "incident": found, "behavior": behavior, **values}
    )


def discipline(of: m.Student, disciplines: str = "DET", **values: Any) -> m.DisciplineAction:
    """What the school did about a student."""
    return m.DisciplineAction.create(
        **{"sourced_id": _id("action"), "student": of, "disciplines": disciplines, "date": TODAY, **values}
    )


def program(of: m.Student, name: str | None = "Gifted program", **values: Any) -> m.ProgramParticipation:
    """That a student takes part in a program."""
    return m.ProgramParticipation.create(**{"sourced_id": _id("program"), "student": of, "name": name, **values})


class Cast(NamedTuple):
    """Two families that share a school, a class and a teacher: what one sees, the other must not."""

    rosa: m.Account
    """Mother of Ana and Ben; sees everything."""
    carlos: m.Account
    """Father of Ana; her grades are withheld from him."""
    stranger: m.Account
    """Mother of Zoe, in the same class as Ana."""
    revoked: m.Account
    """Was Ana's guardian; the office has ended the access."""
    pupil: m.Account
    """Ana's own account."""
    ana: m.Student
    ben: m.Student
    zoe: m.Student
    teacher: m.Staff
    math: m.Section
    art: m.Section
    homework: m.LineItem


def cast(portal: Settings) -> Cast:
    """The fixed personas of whole-app tests (STYLE 37), with a class that has work in every state."""
    _, fall, _ = school_year()
    middle, elementary = school("Cedar Middle"), school("Juniper Elementary")
    ana = student("Ana Reyes", middle)
    ben = student("Ben Reyes", elementary, birth_date=dt.date(2017, 9, 1), grade_level="03")
    zoe = student("Zoe Whitfield", middle)
    teacher = staff("Dana Okafor")
    math = section("Mathematics 7", term=fall, teachers=(teacher,), students=(ana, zoe), school=middle)
    art = section("Art 7", term=fall, teachers=(staff("Lee Novak", email=None),), students=(ana,), school=middle)
    section("Reading 3", term=fall, teachers=(teacher,), students=(ben,), school=elementary)
    homework = _gradebook(math, ana, zoe)
    mother = guardian("Rosa Reyes", (ana, ben))
    father = guardian("Carlos Molina")
    guardianship(ana, father, withheld=["grades"])
    other = guardian("Wendy Whitfield", (zoe,))
    gone = guardian("Former Guardian")
    guardianship(ana, gone, office_access=False, office_document="order 4711")
    return Cast(
        account(mother, "rosa@example.com", portal), account(father, "carlos@example.com", portal),
        account(other, "wendy@example.com", portal), account(gone, "former@example.com", portal),
        account(ana, "7123456", portal), ana, ben, zoe, teacher, math, art, homework,
    )  # fmt: skip


def _gradebook(math: m.Section, ana: m.Student, zoe: m.Student) -> m.LineItem:
    homework, tests = category("Homework", 0.25), category("Tests", 0.75)
    scored = line_item(math, "Fractions worksheet", dt.date(2026, 11, 11), category=homework)
    result(scored, ana, 17.5, comment="Well done <b>Ana</b> & keep going")
    result(scored, zoe, 3, comment="For Zoe's family only")
    result(line_item(math, "Ratio quiz", dt.date(2026, 11, 4), category=tests), ana, 9, late=True)
    result(line_item(math, "Number line", dt.date(2026, 11, 9), category=homework), ana, None, missing=True)
    result(line_item(math, "Sick day sheet", dt.date(2026, 11, 6), category=homework), ana, None, score_status="exempt")
    line_item(math, "Percent project", dt.date(2026, 11, 19), category=tests)
    line_item(math, "Ungraded sheet", dt.date(2026, 11, 2), category=homework)
    grade(ana, math, "B+", number=88)
    grade(zoe, math, "F", number=41)
    return scored


def _id(kind: str) -> str:
    return f"{kind}-{next(_numbers)}"
