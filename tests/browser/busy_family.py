"""A family with long names and a full gradebook: what has to fit on a small phone and through a thin line."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import NamedTuple

import factories

import models as m
from config import Settings

#: As many assignments as a middle-school student of a large district has by the end of a semester.
CLASSES, ASSIGNMENTS = 7, 23
TITLES = (
    "Language Arts 7 Advanced Content",
    "Mathematics 7",
    "Life Science",
    "Georgia Studies",
    "Spanish I",
    "Band",
    "PE",
)
LETTERS = ("A", "A-", "B+", "B", "B-", "C+", "C")
KINDS = ("Worksheet", "Chapter quiz", "Reading log", "Lab report", "Vocabulary test", "Essay", "Exit ticket", "Project")
TOPICS = (
    "ratios and rates", "density of liquids", "the water cycle", "Cherokee removal", "figurative language",
    "ser and estar", "scales in B-flat", "pacing a mile", "cell membranes", "integers on a number line",
    "the Trustee period", "a character's motive", "food and family", "breath and posture", "heart rate zones",
    "plate boundaries", "two-step equations", "the Yazoo land fraud", "theme and evidence", "telling the time",
    "dotted quarter notes", "stretching", "Punnett squares", "unit prices", "railroads", "commas in a series",
)  # fmt: skip
POINTS = (5, 10, 20, 25, 100)
COMMENTS = ("", "", "", "Nice improvement since the last one.", "Please show your steps.", "See me about question 4.")


class Family(NamedTuple):
    """A guardian with a child whose every class is full."""

    account: m.Account
    child: m.Student
    section: m.Section
    spring: m.AcademicSession


def busy_family(portal: Settings) -> Family:
    """Make that family in the terms of the cast: fall is full, spring has one class."""
    school = factories.school("Wilhelmina Featherstonehaugh-Worthington International Academy")
    child = factories.student("Maximiliana-Alexandrina Wolfeschlegelsteinhausenbergerdorff", school)
    parent = factories.guardian("Bartholomew Wolfeschlegelsteinhausenbergerdorff", (child,))
    fall = m.AcademicSession.get(m.AcademicSession.title == "Fall 2026")
    kinds = [factories.category("Practice and homework", 0.4), factories.category("Assessments", 0.6)]
    sections = [_full_class(title, number, child, fall, school, kinds) for number, title in enumerate(TITLES)]
    spring = m.AcademicSession.get(m.AcademicSession.title == "Spring 2027")
    factories.section("Health", term=spring, students=(child,), school=school)
    return Family(factories.account(parent, "busy@example.com", portal), child, sections[0], spring)


def _full_class(
    title: str, number: int, child: m.Student, fall: m.AcademicSession, school: m.School, kinds: list[m.Category]
) -> m.Section:
    teacher = factories.staff(f"Theodora Featherstone-{number}", email=f"teacher{number}@maplevalley.example")
    section = factories.section(
        title, term=fall, teachers=(teacher,), students=(child,), school=school, code=f"27.0210{number}-0{number}"
    )
    dice = Random(number)
    for place in range(ASSIGNMENTS):
        due = factories.TODAY + dt.timedelta(days=12 - 4 * place - dice.randrange(4))
        work = f"{dice.choice(KINDS)} {place + 1}: {dice.choice(TOPICS)}"
        item = factories.line_item(
            section, work, due, category=dice.choice(kinds), result_value_max=dice.choice(POINTS)
        )
        if due < factories.TODAY:
            missing = dice.random() < 0.08
            score = None if missing else round(item.result_value_max * dice.uniform(0.5, 1) * 2) / 2
            late, comment = dice.random() < 0.1, dice.choice(COMMENTS) or None
            factories.result(item, child, score, missing=missing, late=late, comment=comment)
    factories.grade(child, section, LETTERS[number], number=97 - 3 * number, session=fall)
    return section
