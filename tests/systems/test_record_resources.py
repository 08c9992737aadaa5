"""Students reach their instructional resources and teachers (S01, S10)."""

from __future__ import annotations

from collections.abc import Callable

import factories
from browsing import Browser
from factories import Cast
from flask import Flask

import models as m

MakeApp = Callable[..., Flask]


def resource(title: str, address: str | None, **values: object) -> m.Resource:
    return m.Resource.create(sourced_id=f"r-{title}", title=title, vendor_resource_id=address, **values)


def for_section(section: m.Section, of: m.Resource) -> None:
    m.SectionResource.create(sourced_id=f"{section.id}-{of.id}", section=section, resource=of)


def test_S01_a_student_reaches_resources_and_teachers(browser: Browser, cast: Cast) -> None:
    course = m.Course.create(sourced_id="c7", title="Mathematics")
    m.Section.update(course=course).where(m.Section.id == cast.math.id).execute()
    book = resource("Math book", "https://books.example/7", importance="primary", roles="teacher,student")
    for_section(cast.math, book)
    m.CourseResource.create(sourced_id="cr", course=course, resource=resource("Practice", "https://drill.example/"))
    m.CourseResource.create(sourced_id="cr2", course=course, resource=book)
    for_section(cast.math, resource("Answers", "https://answers.example/", roles="teacher"))
    for_section(factories.section("Not mine", students=(cast.zoe,)), resource("Zoe's", "https://zoe.example/"))
    browser.sign_in(cast.pupil).open("/").follow("Resources")
    assert "Mathematics 7 Dana Okafor Teacher" in browser.text and "Math book Practice" in browser.text
    assert 'href="https://books.example/7" rel="noopener noreferrer"' in browser.page
    assert browser.text.count("Math book") == 1
    assert "Answers" not in browser.text and "Zoe" not in browser.text
    assert "No resources are entered for this class." in browser.text


def test_S01_an_address_that_is_none_of_the_web_becomes_no_link(browser: Browser, cast: Cast) -> None:
    for number, address in enumerate(("javascript:alert(1)", "ISBN 12345", None, "//evil.example/x")):
        for_section(cast.math, resource(f"Thing {number}", address))
    browser.sign_in(cast.pupil).open("/resources")
    assert "Thing 0 Thing 1 Thing 2 Thing 3" in browser.text
    assert "javascript:" not in browser.page and "evil" not in browser.page


def test_S01_resources_are_the_students_own_page(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    assert rosa.open("/resources").status == 404 and "/resources" not in rosa.open("/").page


def test_S10_without_an_address_of_their_own_students_see_their_teachers(make_app: MakeApp, cast: Cast) -> None:
    browser = Browser(make_app(preset="ccps")).sign_in(cast.pupil).open("/resources")
    assert "Dana Okafor Teacher · okafor@maplevalley.example" in browser.text
    assert "Write a message" not in browser.text


def test_resources_cost_the_same_for_many(app: Flask, cast: Cast) -> None:
    pupil = Browser(app).sign_in(cast.pupil)
    few = pupil.queries("/resources")
    for number in range(20):
        for_section(cast.math, resource(f"Thing {number}", "https://x.example/"))
    assert pupil.queries("/resources") == few
