"""Pages cost a handful of queries, whatever the number of children, classes and assignments."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from browsing import Browser
from factories import Cast, enroll, grade, guardianship, line_item, result, school, section, staff, student
from flask import Flask

from models import AcademicSession

#: For session, student, year and school; then the page's own.
AT_MOST = 11


@pytest.fixture
def queries(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Every statement sent to the database from now on."""
    caplog.set_level(logging.DEBUG, logger="peewee")
    return caplog.records  # type: ignore[return-value]


@pytest.mark.parametrize("page", ["/", "", "/grades", "/grades?all=1", "/to-do", "/section"])
def test_a_page_costs_the_same_queries_for_one_class_and_for_many(
    app: Flask, cast: Cast, queries: list[str], page: str
) -> None:
    browser = Browser(app).sign_in(cast.rosa)
    few = cost(browser, cast, queries, page)
    crowd(cast)
    many = cost(browser, cast, queries, page)
    assert many == few <= AT_MOST


def cost(browser: Browser, cast: Cast, queries: list[str], page: str) -> int:
    """How many statements opening the page takes."""
    path = {"/": "/", "/section": f"/students/{cast.ana.id}/grades/{cast.math.id}"}.get(
        page, f"/students/{cast.ana.id}{page}"
    )
    browser.open(path)
    queries.clear()
    assert browser.open(path).status == 200
    return len(queries)


def crowd(cast: Cast) -> None:
    """Three more children, eight more classes, twenty more assignments each."""
    fall = AcademicSession.get(AcademicSession.title == "Fall 2026")
    children = [student(f"Child {number}", school(f"School {number}")) for number in range(3)]
    for child in children:
        guardianship(child, cast.rosa.guardian)
    for number in range(8):
        taught = section(f"Class {number}", term=fall, teachers=(staff(f"Teacher {number}"),))
        for pupil in (cast.ana, *children):
            enroll(pupil, taught)
        grade(cast.ana, taught, "A")
        for day in range(20):
            item = line_item(taught, f"Work {day}", dt.date(2026, 10, 20) + dt.timedelta(days=2 * day))
            result(item, cast.ana, 10, missing=day % 5 == 0)
