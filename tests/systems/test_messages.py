"""Whom families write to, what becomes of it, and how else the school is reached (G07, G08, D19, S10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import factories
import pytest
from browsing import Browser
from factories import Cast, account, enroll, guardian, officer, section, staff
from factories import cast as make_cast
from flask import Flask
from mail_server import MAIL_FROM, MailServer

import models as m
from config import Settings
from services import clock, mail, worker

NOW = dt.datetime(2026, 11, 16, 15, 0)


@pytest.fixture(autouse=True)
def afternoon() -> None:
    clock.set_source(lambda: NOW)


def school_of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def with_office(child: m.Student) -> m.SchoolContact:
    """A school with a telephone, a counselor, and two people of whom one is the registrar."""
    at = school_of(child)
    m.School.update(phone="555-0100").where(m.School.id == at.id).execute()
    counselor = staff("Cora Counsel", role="counselor")
    m.StaffRole.create(staff=counselor, school=at, role="counselor")
    m.SchoolContact.create(school=at, name="Pat Point", role="point_person", email="pat@maplevalley.example")
    return m.SchoolContact.create(
        school=at, name="Rae Registrar", role="registrar", email="office@maplevalley.example", position=5
    )


def test_G07_everybody_who_can_be_written_to_stands_on_one_page(browser: Browser, cast: Cast) -> None:
    with_office(cast.ana)
    section("Vacant 7", students=(cast.ana,), school=school_of(cast.ana))
    second = staff("Sam Second")
    m.SectionStaff.create(sourced_id="ts", staff=second, section=cast.math, role="teacher", is_primary=False)
    browser.sign_in(cast.rosa).open("/messages").follow("Write a message")
    for said in (
        "About Ana Reyes", "Dana Okafor Mathematics 7", "Sam Second Mathematics 7",
        "Lee Novak Art 7 · takes no messages here; the office passes them on",
        "Vacant 7 · No teacher is entered for this class; ask the office.",
        "Cora Counsel Counselor", "Office of Cedar Middle 555-0100", "About Ben Reyes", "Dana Okafor Reading 3",
    ):  # fmt: skip
        assert said in browser.text, said
    assert "Zoe" not in browser.page
    browser.follow("Sam Second").send(body="Hello")
    assert m.Message.get().staff_id == second.id, "of several teachers the one that was chosen"
    assert m.OutboundMail.get().recipient == "second@maplevalley.example"


def test_G07_a_message_to_the_office_goes_to_the_registrar_of_the_childs_school(
    app: Flask, browser: Browser, cast: Cast
) -> None:
    registrar = with_office(cast.ana)
    browser.sign_in(cast.rosa).open("/messages/new").follow("Office of \u2068Cedar Middle\u2069")
    assert "About Ana Reyes" in browser.text
    browser.send(body="Which papers do you need?")
    assert "Your message to Office of Cedar Middle is on its way" in browser.text
    message, mailed = m.Message.get(), m.OutboundMail.get()
    assert (message.staff_id, message.contact_id, message.section_id) == (None, registrar.id, None)
    assert (mailed.recipient, mailed.reply_to) == ("office@maplevalley.example", "rosa@example.com")
    assert "To Office of Cedar Middle" in browser.open("/messages").text
    path = f"/students/{cast.ana.id}/write/office/{registrar.id}"
    assert Browser(app).sign_in(cast.stranger).open(path).status == 404
    assert browser.open(path.replace(str(cast.ana.id), str(cast.ben.id), 1)).status == 404, "not Ben's school"
    registrar.delete_instance()
    assert "To Office" in browser.open("/messages").text


def test_G07_a_guardian_without_the_grades_writes_to_advisors_and_the_office_alone(
    browser: Browser, cast: Cast
) -> None:
    with_office(cast.ana)
    browser.sign_in(cast.carlos).open("/messages/new")
    assert "Cora Counsel" in browser.text and "Office of Cedar Middle" in browser.text
    assert "Mathematics" not in browser.text and "Dana Okafor" not in browser.text


def test_G07_a_class_without_a_teacher_leads_to_the_office(browser: Browser, cast: Cast) -> None:
    vacant = section("Vacant 7", students=(cast.ana,), school=school_of(cast.ana))
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades/{vacant.id}")
    browser.follow("Write to the office or a counselor")
    assert browser.path == "/messages/new"
    browser.open(f"/students/{cast.ana.id}/grades/{cast.art.id}")
    assert "Lee Novak · takes no messages here; the office passes them on" in browser.text


@pytest.mark.parametrize("known", [None, "nana@example.com"])
def test_G08_without_a_proved_address_the_pages_say_why_and_how_else(app: Flask, cast: Cast, known: str | None) -> None:
    with_office(cast.ana)
    nana = account(
        guardian("Nana Reyes", (cast.ana,)), "4711047110471", app.extensions["homeroom"], email=known,
        email_verified_at=None,
    )  # fmt: skip
    browser = Browser(app).sign_in(nana)
    section_page = f"/students/{cast.ana.id}/grades/{cast.math.id}"
    for path in ("/messages/new", section_page, f"{section_page}/write/{cast.teacher.id}"):
        browser.open(path)
        assert ("yours is not verified" if known else "your account has none") in browser.text, path
        assert "Cedar Middle · 555-0100" in browser.text, path
        assert "<textarea" not in browser.page


def test_G08_the_teachers_mail_is_in_the_teachers_own_language_and_says_how_to_answer(
    app: Flask, browser: Browser, cast: Cast, portal: Settings
) -> None:
    officer("teacher", portal, person=cast.teacher, language="es")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}")
    browser.send(body="Danke!")
    text = m.OutboundMail.get().text
    assert "Danke!" in text and "Rosa Reyes" in text and "Ana Reyes" in text and "rosa@example.com" in text
    assert "wrote to you" not in text and "To answer" not in text
    assert m.OutboundMail.get().subject != "A family's message about Mathematics 7"


def test_G07_the_list_says_when_a_message_left_and_whom_to_call_when_it_could_not(
    app: Flask, browser: Browser, cast: Cast
) -> None:
    with_office(cast.ana)
    path = f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}"
    browser.sign_in(cast.rosa)
    with MailServer() as server, mail.Mailer(server.url, MAIL_FROM) as mailer:
        browser.open(path).send(body="First")
        assert "On its way" in browser.open("/messages").text
        worker.run_once(mailer)
        assert "Sent Nov 16, 2026" in browser.open("/messages").text
        assert server.taken[0]["Reply-To"] == "rosa@example.com"
        server.answers["RCPT"] = "550 no such user"
        browser.open(path).send(body="Second")
        worker.run_once(mailer)
    assert "Could not be delivered. Please call the school. Cedar Middle · 555-0100" in browser.open("/messages").text


def test_S10_students_have_the_page_too_where_they_may_write(make_app: Callable[..., Flask]) -> None:
    app = make_app(student_messages=True, student_accounts="district")
    cast = make_cast(app.extensions["homeroom"])
    m.Student.update(email="ana@pupils.example").where(m.Student.id == cast.ana.id).execute()
    ana = Browser(app).sign_in(m.Account.get_by_id(cast.pupil.id)).open("/messages/new")
    assert "Dana Okafor Mathematics 7" in ana.text
    ana.follow("Dana Okafor").send(body="Hello")
    assert m.OutboundMail.get().reply_to == "ana@pupils.example"


def test_G07_messages_that_are_off_have_no_page(make_app: Callable[..., Flask]) -> None:
    app = make_app(messages=False)
    cast = make_cast(app.extensions["homeroom"])
    assert Browser(app).sign_in(cast.rosa).open("/messages/new").status == 404


def test_G07_the_pages_cost_the_same_for_one_child_and_for_five(browser: Browser, cast: Cast) -> None:
    with_office(cast.ana)
    browser.sign_in(cast.rosa)
    browser.open(f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}").send(body="Hello")
    before = browser.queries("/messages/new"), browser.queries("/messages")
    for number in range(3):
        child = factories.student(f"Child {number}", school_of(cast.ben))
        factories.guardianship(child, cast.rosa.guardian)
        enroll(child, cast.art)
    browser.open(f"/students/{cast.ben.id}/grades/{m.Section.get(m.Section.title == 'Reading 3').id}")
    browser.follow("Write a message").send(body="Hello")
    assert (browser.queries("/messages/new"), browser.queries("/messages")) == before
