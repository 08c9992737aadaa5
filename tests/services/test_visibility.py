"""`Student.visible_to`: every condition of the one query that decides, alone and against the others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from factories import TODAY, account, guardian, guardianship, school, school_year, session, student
from flask import Flask
from peewee import Database

from config import Settings
from models import AcademicSession, Account, Guardian, Guardianship, School, SchoolEnrollment, Student


@pytest.mark.parametrize(
    ("columns", "open_"),
    [
        ({}, True),
        ({"default_access": False}, False),
        ({"default_access": False, "portal_access": True}, True),
        ({"default_access": False, "office_access": True}, True),
        ({"portal_access": False}, False),
        ({"portal_access": False, "office_access": True}, False),
        ({"portal_access": True, "office_access": False}, False),
        ({"office_access": False}, False),
        ({"from_associations": False}, False),
        ({"from_associations": False, "from_office": True}, True),
        ({"from_associations": False, "from_student_agents": True}, True),
        ({"from_associations": False, "from_guardian_agents": True}, True),
        ({"restricted_from": TODAY}, False),
        ({"restricted_from": TODAY + dt.timedelta(days=1)}, True),
        ({"restricted_from": TODAY - dt.timedelta(days=9), "restricted_until": TODAY}, False),
        ({"restricted_from": TODAY - dt.timedelta(days=9), "restricted_until": TODAY - dt.timedelta(days=1)}, True),
        ({"restricted_until": TODAY - dt.timedelta(days=1)}, True),
        ({"portal_access": True, "restricted_from": TODAY}, False),
    ],
)
def test_the_stricter_of_feed_and_office_wins(
    app: Flask, portal: Settings, columns: dict[str, Any], open_: bool
) -> None:
    school_year()
    child = student(at=school())
    parent = guardian()
    guardianship(child, parent, **columns)
    assert sees(account(parent, "p@example.com", portal)) == ([child] if open_ else [])


@pytest.mark.parametrize(
    ("entry", "leaving", "on", "open_"),
    [
        (None, None, TODAY, True),
        (dt.date(2026, 8, 17), dt.date(2027, 6, 4), TODAY, True),
        (dt.date(2027, 8, 16), None, TODAY, True),
        (dt.date(2026, 8, 17), TODAY, TODAY, True),
        (dt.date(2026, 8, 17), dt.date(2026, 11, 13), TODAY, False),
        (dt.date(2025, 8, 17), dt.date(2026, 6, 4), TODAY, False),
        (dt.date(2026, 8, 17), dt.date(2027, 6, 4), dt.date(2027, 7, 20), True),
        (dt.date(2026, 8, 17), dt.date(2027, 5, 1), dt.date(2027, 7, 20), False),
        (None, None, dt.date(2027, 10, 2), True),
        (None, None, dt.date(2027, 10, 3), False),
    ],
)
def test_a_child_is_shown_while_enrolled_this_year_or_next(
    app: Flask, portal: Settings, entry: dt.date | None, leaving: dt.date | None, on: dt.date, open_: bool
) -> None:
    school_year()
    child = student(at=school())
    SchoolEnrollment.update(entry_date=entry, exit_date=leaving).execute()
    parent = account(guardian(of=(child,)), "p@example.com", portal)
    assert sees(parent, on) == ([child] if open_ else [])


def test_inactive_students_closed_schools_and_disabled_accounts_show_nothing(app: Flask, portal: Settings) -> None:
    school_year()
    child = student(at=school())
    parent = account(guardian(of=(child,)), "p@example.com", portal)
    for table, column in ((Student, "active"), (School, "active"), (School, "switched_on"), (Guardian, "active")):
        table.update({column: False}).execute()
        assert sees(parent) == []
        table.update({column: True}).execute()
        assert sees(parent) == [child]
    Account.update(state="disabled").execute()
    assert sees(Account.get_by_id(parent.id)) == []


def test_where_children_are_opened_one_by_one_the_others_stay_closed(app: Flask, portal: Settings) -> None:
    school_year()
    cedar = school()
    first, second = student("First Child", cedar), student("Second Child", cedar)
    parent = account(guardian(of=(first, second)), "p@example.com", portal, per_child=True)
    assert sees(parent) == []
    Guardianship.update(activated_at=dt.datetime(2026, 9, 1)).where(Guardianship.student == second).execute()
    assert sees(parent) == [second]


def test_the_oldest_child_comes_first(app: Flask, portal: Settings) -> None:
    school_year()
    cedar = school()
    young = student("Young One", cedar, birth_date=dt.date(2019, 1, 1))
    old = student("Old One", cedar, birth_date=dt.date(2010, 1, 1))
    assert sees(account(guardian(of=(young, old)), "p@example.com", portal)) == [old, young]


def test_the_year_is_the_latest_begun_until_the_next_begins(db: Database) -> None:
    year, _, _ = school_year()
    following = session("2027-2028", "schoolYear", dt.date(2027, 8, 16), dt.date(2028, 6, 2))
    AcademicSession.update(school_year="2028").where(AcademicSession.id == following.id).execute()
    for day, expected in (
        (dt.date(2026, 8, 16), None),
        (dt.date(2026, 8, 17), year),
        (dt.date(2027, 8, 15), year),
        (dt.date(2027, 8, 16), following),
        (dt.date(2028, 2, 29), following),
        (dt.date(2028, 9, 30), following),
        (dt.date(2028, 10, 1), None),
    ):
        found = AcademicSession.school_year_on(day)
        assert found == ((expected.start_date, expected.end_date) if expected else None), day


def test_a_feed_without_school_years_is_read_by_its_terms(db: Database) -> None:
    fall = session("Fall", "semester", dt.date(2023, 9, 4), dt.date(2024, 1, 26))
    assert AcademicSession.school_year_on(dt.date(2023, 10, 1)) == (fall.start_date, fall.end_date)


def sees(who: Account, on: dt.date = TODAY) -> list[Student]:
    return list(Student.visible_to(who, on))
