"""A family with long names and a full gradebook: what has to fit on a small phone and through a thin line."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import NamedTuple

import factories
from busy_history import busy_history

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
    _attendance(child, school, sections, fall)
    _behavior_and_programs(child, school)
    _periods_and_events(school, sections)
    busy_history(child)
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


def _attendance(child: m.Student, school: m.School, sections: list[m.Section], fall: m.AcademicSession) -> None:
    """Every kind of day and class, some of it this month, with the calendar and timetable that it agrees with."""
    m.SchoolEnrollment.update(entry_date=fall.start_date).where(m.SchoolEnrollment.student == child).execute()
    m.Enrollment.update(begin_date=fall.start_date).where(m.Enrollment.student == child).execute()
    kinds = {"AU": "unexcused", "UK": "unknown", "AE": "excused", "EX": "exempt", "TD": "tardy", "P": "present"}
    words = ("Absent, not excused", "Absent, reason not known yet", "Absent, excused", "Away for a school activity")
    for code, says in zip(kinds, words, strict=False):
        factories.code("AttendanceEventCategoryDescriptor", code, says, counts_as=kinds[code])
    for period, section in enumerate(sections, 1):
        m.Meeting.create(sourced_id=f"meeting-{period}", section=section, period=str(period))
    dice, codes = Random(7), list(kinds)
    for number in range((factories.TODAY - fall.start_date).days + 60):
        day = fall.start_date + dt.timedelta(days=number)
        if day.weekday() > 4:
            continue
        m.CalendarDay.create(sourced_id=f"calendar-{day}", school=school, date=day, kinds="Instructional day")
        if day <= factories.TODAY and number % 3 == 0:
            code = codes[number // 3 % len(codes)]
            more = {"category": code, "reason": dice.choice(("Illness", "No note received", None)), "session": fall}
            factories.day_event(child, day, kinds[code], **more)
            for period, section in enumerate(sections, 1):
                if period == 1 or code not in ("TD", "P"):
                    factories.class_event(child, section, day, kinds[code], period=str(period), **more)


def _behavior_and_programs(child: m.Student, school: m.School) -> None:
    """Incidents of this year and of an earlier one, and programs that go on and that have ended."""
    factories.code("BehaviorDescriptor", "DIS", "Disrupted class")
    factories.code("DisciplineDescriptor", "DET", "After-school detention")
    for years in (0, 1):
        found = factories.incident(
            child, date=dt.date(2026 - years, 10, 7), time=dt.time(10, 5), location="Hallway or stairs", school=school,
            description="Kept talking and throwing paper after two reminders.", participation="Perpetrator",
        )  # fmt: skip
        factories.discipline(child, incident=found, date=dt.date(2026 - years, 10, 8), length=2, actual_length=1)
    factories.program(child, "Gifted and talented", kind="Gifted", school=school, begin_date=dt.date(2025, 8, 18))
    factories.program(child, "English learners", services="Small group", end_date=dt.date(2025, 6, 6))


def _periods_and_events(school: m.School, sections: list[m.Section]) -> None:
    """A day of nine periods with one class on rotating days and a team of teachers, and a full month of events."""
    for number in range(9):
        m.ClassPeriod.create(
            sourced_id=f"period-{number}", school=school, name=str(number or "HR"),
            start_time=dt.time(7 + number, 35), end_time=dt.time(8 + number, 25),
        )  # fmt: skip
    m.Meeting.update(alternate_day="A").where(m.Meeting.section == sections[1]).execute()
    team = factories.staff("Immanuel Featherstonehaugh", email="team@maplevalley.example")
    m.SectionStaff.create(sourced_id="team", staff=team, section=sections[1], role="teacher")
    m.BellDay.create(sourced_id="bells", school=school, date=factories.TODAY, alternate_day="A", name="Regular day")
    m.CalendarDay.update(kinds="Holiday").where(
        m.CalendarDay.date.between(dt.date(2026, 11, 23), dt.date(2026, 11, 27))
    ).execute()
    for number in range(1, 28, 3):
        event = m.Event.create(
            sourced_id=f"event-{number}", title=f"International families' evening no. {number}",
            begin_date=dt.date(2026, 11, number), end_date=dt.date(2026, 11, number + 1) if number % 2 else None,
            start_time=dt.time(18, 30), end_time=dt.time(20), location="Auditorium of the academy",
            description="Bring a dish that your family likes.\nInterpreters and childcare are there.",
        )  # fmt: skip
        m.EventSchool.create(event=event, school=school)
