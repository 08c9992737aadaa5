"""What the office has written for families: whom to ask, training, public computers, guides and answers.

For everybody it is read in the same few queries, signed in or not (D18, D21, G14, G19).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from peewee import JOIN, fn

from models import HelpLink, Place, School, SchoolContact, SchoolEnrollment, TrainingDate
from services import formats
from services.in_languages import best, mark
from services.prepared import Prepared

_CONTACTS = Prepared(
    lambda schools: (
        SchoolContact.select(
            SchoolContact.name, SchoolContact.role, SchoolContact.phone, SchoolContact.email,
            School.name.alias("school_name"),
        )
        .join(School, JOIN.LEFT_OUTER)
        .where(SchoolContact.school.is_null() | (SchoolContact.school.in_(schools) & School.active))
        .order_by(School.name.asc(nulls="last"), SchoolContact.position, SchoolContact.name, SchoolContact.id)
        .tuples()
    )
)  # fmt: skip
_TRAINING = Prepared(
    lambda now, schools, everywhere: (
        TrainingDate.select(TrainingDate, School.name.alias("school_name"))
        .join(School, JOIN.LEFT_OUTER)
        .where(
            fn.COALESCE(TrainingDate.ends_at, TrainingDate.starts_at) >= now,
            TrainingDate.school.is_null()
            | (School.active & School.switched_on & (everywhere | TrainingDate.school.in_(schools))),
        )
        .order_by(TrainingDate.starts_at, TrainingDate.id)
        .objects()
    )
)
_PLACES = Prepared(lambda: Place.select().order_by(Place.position, Place.name, Place.id))
_LINKS = Prepared(lambda: HelpLink.select().order_by(HelpLink.position, HelpLink.id))
_OFFICES = Prepared(
    lambda: School.select().where(School.active, School.switched_on, School.kind == "school").order_by(School.name)
)
_OF_STUDENTS = Prepared(
    lambda students, on: (
        SchoolEnrollment.select(
            SchoolEnrollment.student, School.id, School.name, School.street, School.city, School.phone
        )
        .join(School)
        .where(
            SchoolEnrollment.student.in_(students), SchoolEnrollment.is_current(on), School.active, School.switched_on
        )
        .order_by(SchoolEnrollment.is_primary.desc(), School.name, School.id)
        .tuples()
    )
)


class Contact(NamedTuple):
    """Somebody to ask; `school` is empty for the district's own, `role` one of `services.office.pages.ROLES`."""

    school: str
    name: str
    role: str
    phone: str
    email: str


class Training(NamedTuple):
    """A date; `school` is empty for the district's, `language` unless the text is in another than the reader's."""

    begins: str
    ends: str
    place: str
    school: str
    text: str
    language: str


class Computers(NamedTuple):
    """A place with public computers or free classes."""

    name: str
    address: str
    phone: str
    hours: str
    web_site: str
    text: str
    language: str


class Link(NamedTuple):
    """A guide, video, form or document with its address, or a question with its answer."""

    kind: str
    title: str
    text: str
    url: str
    language: str


class Office(NamedTuple):
    """A school's main office."""

    name: str
    address: str
    phone: str


class Reader(NamedTuple):
    """Who reads: the language, the district's own, and the district's clock."""

    language: str
    default: str
    time_zone: str


def schools_of(students: Sequence[int], on: dt.date) -> dict[int, dict[int, Office]]:
    """The offices of the schools that these students attend: by student, then by school."""
    found: dict[int, dict[int, Office]] = {student: {} for student in students}
    if students:
        for student, school, *office in _OF_STUDENTS(list(students), on):
            found[student][school] = _office(*office)
    return found


def contacts(schools: Sequence[int]) -> list[Contact]:
    """Whom to ask at these schools, and in the district (D18)."""
    return [
        Contact(school or "", name, role, phone or "", email or "")
        for name, role, phone, email, school in _CONTACTS(list(schools))
    ]


def training(now: dt.datetime, schools: Sequence[int] | None, reader: Reader) -> list[Training]:
    """The dates to come: the district's and those of these schools, or with None of every school (D18)."""
    found = []
    for one in _TRAINING(now, list(schools or ()), schools is None):
        text, language = best(one.texts, reader.language, reader.default)
        begins = formats.moment(one.starts_at, reader.time_zone, reader.language, "full")
        ends = formats.moment_time(one.ends_at, reader.time_zone, reader.language)
        found.append(
            Training(begins, ends, one.place, one.school_name or "", text, mark(language, reader.language))
        )  # fmt: skip
    return found


def places(reader: Reader) -> list[Computers]:
    """Places with public computers and free classes (D21)."""
    found = []
    for one in _PLACES():
        text, language = best(one.texts, reader.language, reader.default)
        found.append(
            Computers(one.name, one.address or "", one.phone or "", one.hours or "", one.web_site or "", text,
                      mark(language, reader.language))
        )  # fmt: skip
    return found


def links(reader: Reader) -> list[Link]:
    """The district's guides, videos, forms, documents and answers, each in one language (G14, G19, S08)."""
    found = []
    for one in _LINKS():
        title, language = best(one.titles, reader.language, reader.default)
        url, of_url = best(one.urls, language, reader.default)
        # A title in the reader's own language may stand for a document that exists in another alone.
        told = mark(language, reader.language) or (mark(of_url, reader.language) if url else "")
        found.append(Link(one.kind, title, one.texts.get(language, ""), url, told))
    return found


def offices() -> list[Office]:
    """The main offices of the schools that use the portal (G19, D02)."""
    return [_office(one.name, one.street, one.city, one.phone) for one in _OFFICES()]


def _office(name: str, street: str | None, city: str | None, phone: str | None) -> Office:
    return Office(name, ", ".join(filter(None, (street, city))), phone or "")
