"""A portal like Henry County's, line by line."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import NamedTuple

import pytest
from browsing import Browser, link_in, mails
from factories import PASSWORD, account, guardian, guardianship, school, school_year, secret, student
from factories import settings as make_settings
from flask import Flask

import models as m
from config import ConfigError, Settings
from services import clock
from services.keys import issue as issue_key

MakeApp = Callable[..., Flask]
START = dt.datetime(2026, 11, 16, 15, 0)
SSN = "123-45-6789"
ASKED = {
    "given_name": "Rosa", "family_name": "Reyes", "student_number": "7700123", "birth_date": "2013-04-02",
    "secret": SSN,
}  # fmt: skip
GOOD = {"user_name": "rosareyes7", "password": "my eight", "repeated": "my eight"}


class Family(NamedTuple):
    app: Flask
    mother: m.Guardian
    ana: m.Student

    @property
    def portal(self) -> Settings:
        settings: Settings = self.app.extensions["homeroom"]
        return settings


def family(make_app: MakeApp) -> Family:
    clock.set_source(lambda: START)
    app = make_app(preset="henry")
    school_year()
    ana = student("Ana Reyes", school("Cedar Middle"), number="7700123")
    mother = guardian("Rosa Reyes", (ana,), email="Rosa@Example.com")
    secret(ana, SSN, app.extensions["homeroom"])
    return Family(app, mother, ana)


def look_up(f: Family, **values: str) -> Browser:
    return Browser(f.app).open("/activation-key").send(**{**ASKED, **values})


@pytest.mark.parametrize(
    "typed",
    [{}, {"secret": "123456789"}, {"secret": " 123 45 6789 "}, {"given_name": "rosa ", "family_name": "REYÉS"}],
    ids=["as it stands", "no dashes", "spaces", "another spelling of the name"],
)
def test_H01_number_birthday_and_secret_hand_out_the_key(make_app: MakeApp, typed: dict[str, str]) -> None:
    f = family(make_app)
    lost = issue_key(f.mother, settings=f.portal, now=START)
    browser = Browser(f.app).open("/sign-in").follow("I do not have an activation key yet")
    browser.send(**{**ASKED, **typed})
    assert browser.path == "/register/account"
    (told,) = mails("looked_up", "Rosa@example.com")
    assert "has just looked up your activation key" in told.text
    assert "7700123" not in told.text + told.subject
    browser.send(**GOOD)
    assert m.Account.get().guardian == f.mother
    assert Browser(f.app).open("/register").send(key=lost).status == 422, "the others of that person have died"
    assert [row.action for row in m.AuditEvent.select().order_by(m.AuditEvent.id)] == [
        "key look-up", "key handed out", "account opened"
    ]  # fmt: skip


def test_H01_wrong_unknown_ambiguous_and_already_registered_get_one_answer(make_app: MakeApp) -> None:
    f = family(make_app)
    other = student("Other Child", m.School.get(), number="7700999")
    secret(other, "987654321", f.portal)
    father = guardian("Carlos Molina")
    guardianship(f.ana, father, office_access=False)
    account(guardian("Has Account", (f.ana,)), "hasaccount", f.portal)
    for _ in range(2):
        guardian("Same Name", (other,))
    answers = []
    for number, wrong in enumerate((
        {"secret": "123-45-6780"}, {"secret": "--"}, {"birth_date": "2013-04-03"},
        {"birth_date": "04/03/2013"}, {"student_number": "7700124"}, {"given_name": "Rosita"},
        {"given_name": "-", "family_name": "-"}, {"student_number": "7700999"},
        {"given_name": "Carlos", "family_name": "Molina"}, {"given_name": "Has", "family_name": "Account"},
        {"student_number": "7700999", "secret": "987654321", "given_name": "Same", "family_name": "Name"},
    )):  # fmt: skip
        clock.set_source(lambda number=number: START + dt.timedelta(days=number))
        browser = look_up(f, **wrong)
        answers.append((browser.status, browser.text))
        assert SSN not in browser.page, "a secret is never shown again"
        if "given_name" not in wrong:
            assert 'value="Rosa"' in browser.page, "what else was typed stays"
    assert len(set(answers)) == 1
    assert "Please check each, or ask your child's school" in answers[0][1]
    assert (m.ActivationKey.select().count(), m.OutboundMail.select().count()) == (0, 0)


def test_H01_the_secret_is_nowhere_in_database_log_address_or_cookie(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    f = family(make_app)
    for values in ({}, {"secret": "123456780"}):
        browser = look_up(f, **values)
        cookie = browser.client.get_cookie("portal")
        assert cookie is not None
        assert "?" not in browser.response.request.full_path.rstrip("?")
    everything = "\n".join(str(row) for table in m.ALL_TABLES for row in table.select().dicts())
    for spelled in (SSN, "123456789", "123456780", "6789"):
        assert spelled not in everything
        assert spelled not in caplog.text


def test_H01_one_students_secret_cannot_be_guessed_from_many_addresses(make_app: MakeApp) -> None:
    f = family(make_app)
    for number in range(5):
        browser = Browser(f.app)
        browser.client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        browser.open("/activation-key").send(**{**ASKED, "secret": f"12345678{number}"})
    refused = look_up(f)
    assert (refused.status, "No key can be handed out with these" in refused.text) == (422, True)
    clock.set_source(lambda: START + dt.timedelta(hours=24))
    assert look_up(f).path == "/register/account"


def test_H01_tries_from_one_address_are_limited(make_app: MakeApp) -> None:
    f = family(make_app)
    for number in range(10):
        look_up(f, student_number=str(number))
    refused = look_up(f)
    assert (refused.status, "wait a quarter of an hour" in refused.text) == (429, True)


def test_H01_an_address_on_file_that_is_none_does_not_stand_in_the_way(make_app: MakeApp) -> None:
    f = family(make_app)
    m.Guardian.update(email="none@").execute()
    look_up(f).send(**GOOD)
    assert (m.Account.get().email, m.OutboundMail.select().count()) == (None, 0)


def test_H01_while_somebody_is_signed_in_nothing_is_looked_up(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).sign_in(account(guardian("Some Body", (f.ana,)), "somebody", f.portal))
    browser.open("/activation-key")
    assert "This browser is signed in as Some Body" in browser.text


def test_H01_the_look_up_needs_a_registration_that_begins_with_a_key() -> None:
    with pytest.raises(ConfigError, match="key_lookup"):
        make_settings("sqlite:///x.db", preset="denver", key_lookup=True)


@pytest.mark.parametrize("who", ["guardian", "student"])
def test_H02_the_guid_works_once_then_the_chosen_name_signs_in(make_app: MakeApp, who: str) -> None:
    f = family(make_app)
    person = f.mother if who == "guardian" else f.ana
    key = issue_key(person, settings=f.portal, now=START)
    bare = key.strip("{}").replace("-", "")
    assert (len(bare), int(bare, 16) > 0) == (32, True)
    browser = Browser(f.app).open("/register").send(key=bare.lower())
    browser.send(**GOOD)
    for said in ("rosareyes7", "From now on you sign in with this name. The key is used up."):
        assert said in browser.text
    opened = m.Account.get()
    assert opened.person == person
    again = Browser(f.app).open("/register").send(key=key)
    assert again.status == 422
    assert "already used" in again.text
    assert "If you have an account already, sign in instead." in again.text
    assert Browser(f.app).sign_in(opened, "my eight").status == 200


def test_H02_a_students_key_opens_nothing_where_students_have_no_accounts(make_app: MakeApp) -> None:
    app = make_app(preset="clayton")
    school_year()
    key = issue_key(student("Ana Reyes", school()), settings=app.extensions["homeroom"], now=clock.now())
    assert Browser(app).open("/register").send(key=key).status == 422


@pytest.mark.parametrize("who", ["guardian", "student"])
def test_H03_problems_signing_in_mails_the_user_name_and_a_link_never_a_password(make_app: MakeApp, who: str) -> None:
    f = family(make_app)
    person = f.mother if who == "guardian" else f.ana
    m.Student.update(email="ana@pupils.example").execute()
    address = "Rosa@example.com" if who == "guardian" else "ana@pupils.example"
    Browser(f.app).open("/register").send(key=issue_key(person, settings=f.portal, now=START)).send(**GOOD)
    assert m.Account.get().email == address, "the SIS has it"
    browser = Browser(f.app).open("/sign-in").follow("Problems signing in").send(email=address.upper())
    assert browser.status == 200
    (mail,) = mails("reset", address)
    assert "Your user name: rosareyes7" in mail.text
    assert "my eight" not in mail.text
    browser.open(link_in(mail)).send(password="my second", repeated="my second")
    assert Browser(f.app).sign_in(m.Account.get(), "my second").status == 200
    assert browser.open("/forgot-password/questions").status == 404, "this preset has no questions"


def test_H03_two_accounts_of_one_address_get_a_mail_each(make_app: MakeApp) -> None:
    f = family(make_app)
    for name in ("rosareyes7", "carlos77"):
        account(guardian(name), name, f.portal, email="home@example.com", email_verified_at=START)
    Browser(f.app).open("/forgot-password").send(email="home@example.com")
    named = {name for name in ("rosareyes7", "carlos77") for mail in mails("reset") if name in mail.text}
    assert len(mails("reset")) == len(named) == 2
    assert PASSWORD not in "".join(mail.text for mail in mails("reset"))
