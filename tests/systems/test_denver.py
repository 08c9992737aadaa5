"""A portal like Denver's, line by line."""

from __future__ import annotations

import datetime as dt
import json
import re
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import bcrypt
import pytest
from browsing import Browser, link_in, mails
from factories import PASSWORD, account, guardian, guardianship, school, school_year, student, telephone
from flask import Flask
from timing import answers_alike, post

import models as m
from config import Settings
from services import accounts, clock, former_accounts, housekeeping, worker
from services.keys import issue as issue_key
from services.mail import Mailer
from services.texts import Texter
from views import mailing

MakeApp = Callable[..., Flask]
START = dt.datetime(2026, 11, 16, 15, 0)
GOOD = {"password": "my eight", "repeated": "my eight"}
ANSWERS = {
    "question1": "pet", "answer1": "Bello", "question2": "food", "answer2": "Pho  bo", "question3": "hero",
    "answer3": "Abuela Inés",
}  # fmt: skip


class Family(NamedTuple):
    """A mother with Person ID and GUID from the school, and her daughter."""

    app: Flask
    mother: m.Guardian
    ana: m.Student
    key: str

    @property
    def portal(self) -> Settings:
        settings: Settings = self.app.extensions["homeroom"]
        return settings


def family(make_app: MakeApp) -> Family:
    clock.set_source(lambda: START)
    app = make_app(preset="denver", mail_from="DPS portal team <portal_team@dps.example>")
    school_year()
    ana = student("Ana Reyes", school("Skinner Middle", phone="720-555-0142"), number="412345")
    mother = guardian("Rosa Reyes", (ana,), person_id="P-88412")
    return Family(app, mother, ana, issue_key(mother, settings=app.extensions["homeroom"], now=START))


def register(f: Family, **values: str) -> Browser:
    """The whole registration page by page."""
    browser = Browser(f.app).open("/register").send(person_id="P-88412", key=f.key)
    return browser.send(**{"user_name": "rosareyes", "email": "rosa@example.com", **GOOD, **values})


# ---- D01 ---------------------------------------------------------------------------------------------------------


def test_D01_a_student_signs_in_with_number_and_date_of_birth_and_must_change_it_first(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).open("/sign-in").send(user_name=" 412345 ", password="04022013")
    assert browser.path == "/welcome/password"
    assert "Choose a password of your own" in browser.text
    for path in ("/", f"/students/{f.ana.id}", "/messages", "/security", "/security/password", "/welcome/questions"):
        assert browser.open(path).path == "/welcome/password", "nothing shows before"
        assert "Ana" not in browser.page, "not even the name"
    for same in ("04022013", "04-02-2013", "20130402", "412345", "ana reyes"):
        browser.send(password=same, repeated=same)
        assert browser.status == 422, "what everybody could guess stays no password"
    browser.send(**GOOD)
    assert browser.path == "/welcome/questions"
    assert browser.send(**ANSWERS).path == f"/students/{f.ana.id}"
    opened = m.Account.get()
    assert (opened.student, opened.user_name, opened.email, opened.duties) == (f.ana, "412345", None, [])
    assert {row.ip for row in m.LoginSession.select()} == {"127.0.0.1"}
    assert Browser(f.app).open("/sign-in").send(user_name="412345", password="04022013").status == 422
    assert Browser(f.app).sign_in(opened, "my eight").path == f"/students/{f.ana.id}"


@pytest.mark.parametrize("typed", ["04/02/2013", "4/2/2013", "4-2-2013", "04.02.2013", " 04 02 2013 "])
def test_D01_the_date_of_birth_is_written_as_people_write_it(make_app: MakeApp, typed: str) -> None:
    f = family(make_app)
    browser = Browser(f.app).open("/sign-in")
    assert "Students: your student number." in browser.text
    assert "the first time, your date of birth as eight digits, month first, such as 04302015" in browser.text
    assert browser.send(user_name="412345", password=typed).path == "/welcome/password"
    browser.send(password=typed.strip(), repeated="another")
    assert "a word of your district or your name" in browser.text
    assert "not the same" in browser.text, "all of it at once"
    assert "your date of birth" not in Browser(f.app).open("/forgot-password").text


def test_D01_who_stops_half_way_can_come_back_with_the_date_of_birth(make_app: MakeApp) -> None:
    f = family(make_app)
    for _ in range(7):
        browser = Browser(f.app).open("/sign-in").send(user_name="412345", password="04022013")
        assert browser.path == "/welcome/password"
    assert m.Account.select().count() == 1


@pytest.mark.parametrize("begun", [False, True])
def test_D01_the_date_of_birth_cannot_be_guessed_more_than_five_times(make_app: MakeApp, begun: bool) -> None:
    f = family(make_app)
    if begun:
        Browser(f.app).open("/sign-in").send(user_name="412345", password="04022013")
    pages = set()
    for day in range(10, 15):
        browser = Browser(f.app).open("/sign-in").send(user_name="412345", password=f"04{day}2013")
        pages.add((browser.status, browser.text))
    right = Browser(f.app).open("/sign-in").send(user_name="412345", password="04022013")
    pages.add((right.status, right.text))
    nobody = Browser(f.app).open("/sign-in").send(user_name="499999", password="04022013")
    pages.add((nobody.status, nobody.text))
    assert len(pages) == 1
    assert m.Account.select().count() == begun
    clock.set_source(lambda: START + dt.timedelta(hours=24))
    assert Browser(f.app).open("/sign-in").send(user_name="412345", password="04022013").path == "/welcome/password"


def test_D01_only_students_of_schools_that_are_switched_on_and_never_two_of_one_number(make_app: MakeApp) -> None:
    f = family(make_app)
    born = dt.date(2013, 4, 2)
    student("Elsewhere Pupil", school("Later School", switched_on=False), number="500001", birth_date=born)
    student("No School", number="500002", birth_date=born)
    student("No Birthday", m.School.get(), number="500003", birth_date=None)
    for name in ("One", "Two"):
        student(f"{name} Twin", m.School.get(), number="500004", birth_date=born)
    for number in ("500001", "500002", "500003", "500004"):
        browser = Browser(f.app).open("/sign-in").send(user_name=number, password="04022013")
        assert browser.status == 422, number
    assert m.Account.select().count() == 0


def test_D01_a_student_whom_the_office_has_reset_begins_again(make_app: MakeApp) -> None:
    f = family(make_app)
    accounts.cancel(account(f.ana, "412345", f.portal), START)
    browser = Browser(f.app).open("/sign-in").send(user_name="412345", password="04022013")
    assert browser.path == "/welcome/password"
    assert m.Account.get().state == "active"
    assert Browser(f.app).open("/sign-in").send(user_name="412345", password=PASSWORD).status == 422


def test_D01_who_begins_again_inherits_nothing_of_the_former_owner(make_app: MakeApp) -> None:
    """Accounts that were cancelled before questions and calendar addresses went with them are reopened without, too."""
    f = family(make_app)
    theirs = account(f.ana, "412345", f.portal, email="impostor@example.org", email_verified_at=START)
    m.Account.update(failures=4, blocked_until=START + dt.timedelta(hours=1), mail_returned_at=START).execute()
    m.Draft.create(account=theirs, page="/absences", typed="{}", kept_at=START)
    m.DataExport.create(account=theirs, student=f.ana, language="en", requested_at=START)
    accounts.cancel(m.Account.get_by_id(theirs.id), START)
    assert not m.Draft.select().exists() and not m.DataExport.select().exists()
    m.SecurityAnswer.create(account=theirs, question="pet", answer_hash="x")
    m.CalendarFeed.create(account=theirs, student=f.ana, token_hash="x", created_at=START)
    browser = Browser(f.app).open("/sign-in").send(user_name="412345", password="04022013")
    assert browser.path == "/welcome/password"
    now = m.Account.get()
    assert (now.email, now.email_verified_at, now.mail_returned_at) == (None, None, None)
    assert (now.failures, now.blocked_until) == (0, None)
    assert not m.SecurityAnswer.select().exists() and not m.CalendarFeed.select().exists()
    assert [one.password_hash for one in m.PasswordHistory] == [theirs.password_hash]


def test_D01_a_guardian_signs_in_and_sees_the_child(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).sign_in(account(f.mother, "rosareyes", f.portal))
    assert browser.path == f"/students/{f.ana.id}"


# ---- D03 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{%s}", " %s\n", "%s"])
def test_D03_person_id_and_guid_then_a_mailed_link_then_questions(make_app: MakeApp, typed: str) -> None:
    f = family(make_app)
    bare = f.key.strip("{}").lower()
    browser = Browser(f.app).open("/sign-in").follow("Create an account with what you have from your school")
    browser.send(person_id=" p 88412 ", key=typed % bare)
    assert browser.path == "/register/account"
    browser.send(user_name="rosareyes", email="Rosa@Example.com", **GOOD)
    for said in ("check your e-mail", "DPS portal team <portal_team@dps.example>", "spam", "another one", "school"):
        assert said in browser.text
    opened = m.Account.get()
    assert (opened.state, opened.email, opened.email_verified_at) == ("pending", "Rosa@example.com", None)
    assert m.ActivationKey.get().used_at == START

    waiting = Browser(f.app).sign_in(opened, "my eight")
    assert "has to be verified before you can sign in" in waiting.text
    assert "Ana" not in waiting.page
    first, second = reversed(mails("verify", "Rosa@example.com"))
    assert Browser(f.app).open(link_in(first)).status == 404, "only the newest link works"

    link = link_in(second)
    assert m.OneTimeLink.select().where(m.OneTimeLink.token_hash == link.rpartition("/")[2]).count() == 0
    scanner = Browser(f.app).open(link)
    assert (scanner.status, m.Account.get().state) == (200, "pending"), "opening it changes nothing"
    clock.set_source(lambda: START + dt.timedelta(minutes=14))
    browser.open(link)
    assert "Rosa@example.com" in browser.text
    browser.send()
    assert "Your e-mail address is verified" in browser.text
    opened = m.Account.get()
    assert (opened.state, opened.email_verified_at) == ("active", START + dt.timedelta(minutes=14))
    (ready,) = mails("ready", "Rosa@example.com")
    assert "Your user name: rosareyes" in ready.text
    assert browser.open(link).status == 404, "it works once"

    browser.open("/sign-in").send(user_name="ROSAREYES", password="my eight")
    assert browser.path == "/welcome/questions"
    assert browser.open(f"/students/{f.ana.id}").path == "/welcome/questions", "nothing else is shown before"
    browser.send(**ANSWERS)
    assert browser.path == f"/students/{f.ana.id}"
    stored = list(m.SecurityAnswer.select().order_by(m.SecurityAnswer.id))
    assert [row.question for row in stored] == ["pet", "food", "hero"]
    assert not [row for row in stored if "bello" in row.answer_hash.lower()]


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"user_name": "rosa123"}, "user_name", "Use 8 to 20 letters and digits"),
        ({"user_name": "a" * 21}, "user_name", "Use 8 to 20 letters and digits"),
        ({"user_name": "rosa_reyes"}, "user_name", "Use 8 to 20 letters and digits"),
        ({"user_name": "rosa reyes"}, "user_name", "Use 8 to 20 letters and digits"),
        ({"user_name": "rosareyés"}, "user_name", "Use 8 to 20 letters and digits"),
        ({"user_name": "TAKENname"}, "user_name", "Somebody already signs in with this name"),
        ({"email": ""}, "email", "Enter an e-mail address"),
        ({"email": "rosa@"}, "email", "Enter an e-mail address"),
        ({"email": "josé@example.com"}, "email", "Enter an e-mail address"),
        ({"email": "rosa@example.com\r\nBcc: x@example.com"}, "email", "Enter an e-mail address"),
        ({"password": "seven77"}, "password", "at least 8 characters"),
        ({"password": "reyes1234"}, "password", "a word of your district or your name"),
        ({"password": "skinner 1"}, "password", "a word of your district or your name"),
        ({"password": "password"}, "password", "Too many people use this password"),
        ({"repeated": "my eighT"}, "repeated", "not the same"),
    ],
)
def test_D03_what_will_not_do_is_said_at_its_field_and_nothing_is_lost(
    make_app: MakeApp, values: dict[str, str], field: str, said: str
) -> None:
    f = family(make_app)
    account(guardian("Some Body"), "takenName", f.portal)
    browser = register(f, **values)
    assert (browser.status, browser.path) == (422, "/register/account")
    assert said in browser.text
    assert f'href="#{field}"' in browser.page
    if field != "user_name":
        assert 'value="rosareyes"' in browser.page, "typed text stays"
    if field != "email":
        assert 'value="rosa@example.com"' in browser.page
    assert "my eight" not in browser.page
    assert m.Account.select().count() == 1
    browser.send(user_name="rosareyes", email="rosa@example.com", **GOOD)
    assert browser.path == "/registered", "the key is still good"


def test_D03_person_id_and_guid_have_to_belong_together(make_app: MakeApp) -> None:
    f = family(make_app)
    other = guardian("Other Parent", person_id="P-77777")
    issue_key(other, settings=f.portal, now=START)
    pupil = issue_key(f.ana, settings=f.portal, now=START)
    pages = set()
    for person_id, key in (("P-77777", f.key), ("x", f.key), ("P-88412", "1" * 32), ("412345", pupil)):
        browser = Browser(f.app).open("/register").send(person_id=person_id, key=key)
        assert browser.status == 422
        pages.add(browser.text)
        assert 'href="#person_id"' not in browser.page, "it is not this field's alone"
    assert len(pages) == 1
    for typed, said in (
        ({"person_id": "", "key": ""}, ("Enter the Person ID.", "Enter what the school has given you")),
        ({"person_id": "P-88412", "key": "{1-2}"}, ("This is not complete. It has 32 letters and digits.",)),
    ):
        browser = Browser(f.app).open("/register").send(**typed)
        assert browser.status == 422
        assert [browser.text.count(one) for one in said] == [2] * len(said)


@pytest.mark.parametrize("taken", ["rosa@example.com", "ROSA@Example.com"])
@pytest.mark.parametrize("proved", [True, False])
def test_D03_an_address_in_use_looks_the_same_and_its_owner_is_told(
    make_app: MakeApp, taken: str, proved: bool
) -> None:
    f = family(make_app)
    owner = guardian("Owner Parent")
    account(owner, "ownerparent", f.portal, email=taken, email_verified_at=START if proved else None)
    expected = register(f, email="free@example.com").text.replace("rosareyes", "—").replace("free@", "rosa@")
    m.Account.update(state="cancelled").where(m.Account.user_name == "rosareyes").execute()
    m.ActivationKey.update(used_at=None).execute()
    m.OutboundMail.delete().execute()

    browser = register(f, user_name="rosareyes2")
    assert (browser.status, browser.path) == (200, "/registered")
    assert browser.text.replace("rosareyes2", "—") == expected
    assert m.Account.select().where(m.Account.user_name == "rosareyes2").count() == 0
    assert m.OutboundMail.select().count() == 1
    (mail,) = mails("already", taken.replace("Example", "example"))
    for said in ("no new account was made", "address of their own", "The key from the school still works",
                 "http://localhost/register", "this address: ownerparent"):  # fmt: skip
        assert said in mail.text
    assert "Rosa" not in mail.text, "nothing of the one who tried"
    assert m.ActivationKey.get().used_at is None
    assert register(f, user_name="rosareyes", email="other@example.com").path == "/registered", "the key is still good"
    assert m.Account.get(m.Account.user_name == "rosareyes").state == "pending"


def test_D03_the_owner_of_an_address_is_not_flooded(make_app: MakeApp) -> None:
    f = family(make_app)
    account(guardian("Owner Parent"), "ownerparent", f.portal, email="rosa@example.com")
    for _ in range(8):
        assert register(f).path == "/registered"
    assert len(mails("already")) == 5


def test_D03_a_link_is_over_after_two_days_and_signing_in_sends_another(make_app: MakeApp) -> None:
    f = family(make_app)
    register(f)
    old = link_in(mails("verify")[0])
    clock.set_source(lambda: START + dt.timedelta(hours=48))
    dead = Browser(f.app).open(old)
    assert (dead.status, "no longer works" in dead.text) == (404, True)
    waiting = Browser(f.app).sign_in(m.Account.get(), "my eight")
    assert "portal_team@dps.example" in waiting.text
    Browser(f.app).open(link_in(mails("verify")[0])).send()
    assert m.Account.get().state == "active"


def test_D03_the_wrong_password_of_an_account_that_waits_says_nothing_special(make_app: MakeApp) -> None:
    f = family(make_app)
    register(f)
    wrong = Browser(f.app).sign_in(m.Account.get(), "wrong")
    nobody = Browser(f.app).open("/sign-in").send(user_name="nobody12", password="wrong")
    assert wrong.text.replace("rosareyes", "") == nobody.text.replace("nobody12", "")
    assert len(mails("verify")) == 1


def test_D03_everything_that_will_not_do_is_said_at_once(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = register(f, user_name="rosa", email="rosa@", password="short", repeated="other")
    assert browser.status == 422
    for field in ("user_name", "email", "password", "repeated"):
        assert f'href="#{field}"' in browser.page
        assert f'id="{field}-error"' in browser.page
    assert "Type the password twice again" in browser.text
    assert "Type the password twice again" not in browser.tab().open("/register/account").text
    assert browser.send(user_name="rosareyes", email="rosa@example.com", **GOOD).path == "/registered"


def test_D03_the_pages_say_where_the_mail_went_and_who_helps(make_app: MakeApp) -> None:
    f = family(make_app)
    browser, office = register(f), "Skinner Middle · 720-555-0142"
    for said in ("rosa@example.com", "Your user name: rosareyes", "correct the address", office):
        assert said in browser.text
    waiting = Browser(f.app).sign_in(m.Account.get(), "my eight")
    assert waiting.path == "/sign-in/address", "a reload sends nothing"
    for said in ("rosa@example.com", "User name: rosareyes", "Is the address wrong?", office):
        assert said in waiting.text
    assert "\u2068DPS portal team &lt;portal_team@dps.example&gt;\u2069" in waiting.page, "brackets stay as they are"
    assert Browser(f.app).open("/sign-in/address").path == "/sign-in"
    clock.set_source(lambda: START + dt.timedelta(minutes=15))
    assert waiting.open("/sign-in/address").path == "/sign-in"
    assert m.SignInAttempt.select().count() == 0, "the right password has failed to open nothing"


def test_D03_the_owner_corrects_the_address_that_was_mistyped(make_app: MakeApp) -> None:
    f = family(make_app)
    register(f, email="rosa@exmaple.com")
    Browser(f.app).open("/forgot-password").send(email="rosa@exmaple.com")
    waiting = Browser(f.app).sign_in(m.Account.get(), "my eight")
    waiting.send(email="rosa@")
    assert (waiting.status, "Enter an e-mail address like" in waiting.text) == (422, True)
    old = [link_in(mails(kind, "rosa@exmaple.com")[0]) for kind in ("verify", "reset")]
    waiting.send(email="Rosa@Example.com")
    assert (waiting.status, waiting.path) == (200, "/sign-in/address")
    assert "Rosa@example.com" in waiting.text and "exmaple" not in waiting.text
    assert [Browser(f.app).open(link).status for link in old] == [404, 404], "the other mailbox is out"
    again = Browser(f.app).sign_in(m.Account.get(), "my eight")
    assert "Rosa@example.com" in again.text
    Browser(f.app).open("/forgot-password").send(email="rosa@exmaple.com")
    assert len(mails("reset", "rosa@exmaple.com")) == 1
    Browser(f.app).open(link_in(mails("verify", "Rosa@example.com")[0])).send()
    opened = m.Account.get()
    assert (opened.state, opened.email) == ("active", "Rosa@example.com")
    assert waiting.open("/sign-in/address").path == "/sign-in", "it has opened meanwhile"


def test_D03_a_correction_to_an_address_in_use_looks_the_same_now_and_later(make_app: MakeApp) -> None:
    f = family(make_app)
    account(guardian("Owner Parent"), "ownerparent", f.portal, email="taken@example.com", email_verified_at=START)
    register(f)
    rosa = m.Account.get(m.Account.user_name == "rosareyes")
    pages = []
    for email in ("other@example.com", "taken@example.com"):
        waiting = Browser(f.app).sign_in(rosa, "my eight").send(email=email)
        later = Browser(f.app).sign_in(rosa, "my eight")
        pages.append([(page.status, page.path, page.text.replace(email, "—")) for page in (waiting, later)])
        assert Browser(f.app).open(link_in(mails("verify", "rosa@example.com")[0])).status == 404
    assert pages[0] == pages[1]
    assert mails("verify", "taken@example.com") == []
    assert "the other account did not get it" in mails("already", "taken@example.com")[0].text, "its key is used up"
    Browser(f.app).open("/forgot-password").send(email="taken@example.com")
    assert ["ownerparent" in mail.text for mail in mails("reset")] == [True], "nor is it this account's"
    Browser(f.app).sign_in(rosa, "my eight").send(email="rosa@example.com")
    Browser(f.app).open(link_in(mails("verify", "rosa@example.com")[0])).send()
    assert m.Account.get_by_id(rosa.id).state == "active"


def test_D03_an_address_is_corrected_five_times_a_day_and_no_other_mailbox_flooded(make_app: MakeApp) -> None:
    f = family(make_app)
    register(f)
    waiting = Browser(f.app).sign_in(m.Account.get(), "my eight")
    for number in range(7):
        waiting.send(email=f"guess{number}@example.com")
    assert (waiting.status, "has been changed often today" in waiting.text) == (422, True)
    assert sum("guess" in mail.recipient for mail in mails("verify")) == 5


def test_D03_a_link_that_was_used_or_is_of_an_older_mail_says_what_to_do(make_app: MakeApp) -> None:
    f = family(make_app)
    register(f)
    Browser(f.app).sign_in(m.Account.get(), "my eight")
    newest, older = (link_in(mail) for mail in mails("verify"))
    Browser(f.app).open(newest).send()
    pages = {Browser(f.app).open(link).text for link in (newest, older, "/verify/nonsense")}
    assert len(pages) == 1
    browser = Browser(f.app).open(older)
    assert "If you have confirmed your address already, sign in." in browser.text
    assert "Use the newest mail" in browser.text
    assert browser.follow("Sign in").path == "/sign-in"


def test_D04_an_address_in_use_at_a_later_step_is_not_said_to_be_of_a_new_account(make_app: MakeApp) -> None:
    f = family(make_app)
    account(guardian("Owner Parent"), "ownerparent", f.portal, email="taken@example.com", email_verified_at=START)
    browser = Browser(f.app).sign_in(account(f.mother, "rosareyes", f.portal, duties=["email"]))
    browser.send(email="taken@example.com")
    assert "A mail is on its way to taken@example.com" in browser.text
    (mail,) = mails("already", "taken@example.com")
    assert "another account" in mail.text and "The user name of the account with this address: ownerparent" in mail.text
    for wrong in ("new account", "create an account", "key"):
        assert wrong not in mail.text


def test_D04_time_does_not_tell_which_accounts_were_brought_over(make_app: MakeApp) -> None:
    defaults = Settings()
    clock.set_source(lambda: START)
    app = make_app(
        preset="denver", argon2_memory=defaults.argon2_memory, argon2_passes=defaults.argon2_passes,
        address_limit=10_000, lock_after=500,
    )  # fmt: skip
    portal = app.extensions["homeroom"]
    school_year()
    ana = student("Ana Reyes", school("Skinner Middle"))
    registered = account(guardian("Rosa Reyes", (ana,)), "rosareyes", portal)
    for name, cost in (("josereyes", 10), ("inesreyes", 9)):
        brought = guardian(f"{name} Reyes", (ana,), person_id=name)
        hashed = bcrypt.hashpw(b"of the older portal", bcrypt.gensalt(cost)).decode()
        rows = ["user_name,password_hash,guardian_id", f"{name},{hashed},{brought.person_id}"]
        assert former_accounts.bring(rows, settings=portal, now=START).accounts == 1
    assert [specimen[:7] for specimen in m.FormerHash.specimens()] == ["$2b$09$", "$2b$10$"]
    visitor = Browser(app).open("/sign-in").client
    names = ("josereyes", "inesreyes", registered.user_name, "nobodyreyes")
    answers_alike(lambda name: post(visitor, "/sign-in", user_name=name, password="not the password"), names, 15)
    # Once both have signed in, nobody pays for them any more.
    for name in names[:2]:
        Browser(app).open("/sign-in").send(user_name=name, password="of the older portal")
    housekeeping.run(settings=portal, now=START, on=START.date(), compose=mailing.compose)
    assert m.FormerHash.specimens() == []


def test_D03_three_different_questions_have_to_be_answered(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).sign_in(account(f.mother, "rosareyes", f.portal, duties=["questions"]))
    for wrong, said in (
        ({"question2": "pet"}, "Choose three different questions"),
        ({"question3": ""}, "Choose a question"),
        ({"question1": "made-up"}, "Choose a question"),
        ({"answer1": " x "}, "a word of at least two letters"),
        (dict.fromkeys(("answer1", "answer2", "answer3"), "Abuela Inés"), "All three answers are the same"),
    ):
        browser.send(**{**ANSWERS, **wrong})
        assert (browser.status, said in browser.text) == (422, True)
        assert 'value="Abuela Inés"' in browser.page, "typed text stays"
    assert m.SecurityAnswer.select().count() == 0
    browser.send(question1="", question2="pet", question3="pet", answer1="x", answer2="y", answer3="ok")
    for field in ("question1", "question3", "answer1", "answer2"):
        assert f'href="#{field}"' in browser.page, "all of it at once"
    assert browser.send(**ANSWERS).path == f"/students/{f.ana.id}"
    assert browser.open("/welcome/questions").path == f"/students/{f.ana.id}"
    assert browser.open("/welcome/anything").status == 404


# ---- D08, D09 ----------------------------------------------------------------------------------------------------


def test_D08_the_address_cannot_be_changed_the_office_cancels_and_the_guardian_registers_anew(
    make_app: MakeApp,
) -> None:
    f = family(make_app)
    register(f)
    first = m.Account.get()
    Browser(f.app).open(link_in(mails("verify")[0])).send()
    browser = Browser(f.app).sign_in(first, "my eight").send(**ANSWERS)
    browser.open("/security")
    assert "The school changes it: the office cancels this account, and you register anew." in browser.text
    assert "Change the e-mail address" not in browser.text
    assert browser.open("/security/email").status == 404

    accounts.cancel(first, START)
    assert browser.open("/").path == "/sign-in"
    assert Browser(f.app).sign_in(first, "my eight").status == 422
    key = issue_key(f.mother, settings=f.portal, now=START)
    new = f._replace(key=key)
    browser = register(new, email="new@example.com")
    assert browser.path == "/registered", "the own user name of before is free for its owner"
    Browser(f.app).open(link_in(mails("verify", "new@example.com")[0])).send()
    (again,) = m.Account.select()
    assert (again.id, again.user_name, again.email, again.state) == (first.id, "rosareyes", "new@example.com", "active")
    assert Browser(f.app).sign_in(again, "my eight").path == "/welcome/questions"


def test_D08_the_user_name_of_a_cancelled_account_stays_closed_to_others(make_app: MakeApp) -> None:
    f = family(make_app)
    accounts.cancel(account(guardian("Some Body"), "rosareyes", f.portal), START)
    browser = register(f)
    assert "Somebody already signs in with this name" in browser.text


def test_D09_user_name_address_and_phone_cannot_be_changed_and_the_page_says_how(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).sign_in(account(f.mother, "rosareyes", f.portal)).open("/security")
    assert "User name rosareyes It cannot be changed." in browser.text
    assert "Address and phone They cannot be changed here. Go to your child's school and bring a proof" in browser.text
    for form in ('name="user_name"', 'name="phone"', 'name="address"'):
        assert form not in browser.page
    for path in ("/security", "/security/password"):
        token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
        browser.client.post(path, data={"csrf_token": token, "user_name": "another12", "phone": "1"})
    assert m.Account.get().user_name == "rosareyes"


# ---- D11 ---------------------------------------------------------------------------------------------------------


def test_D11_forgot_user_name_mails_it(make_app: MakeApp) -> None:
    f = family(make_app)
    account(f.mother, "rosareyes", f.portal, email="rosa@example.com", email_verified_at=START)
    pages = {
        Browser(f.app).open("/forgot-user-name").send(email=typed).text for typed in ("rosa@example.com", "no@body.com")
    }
    assert len(pages) == 1
    (mail,) = mails("reset")
    assert (mail.recipient, "Your user name: rosareyes" in mail.text) == ("rosa@example.com", True)


def test_D11_the_mailed_link_asks_the_security_questions_before_a_new_password(make_app: MakeApp) -> None:
    f = family(make_app)
    rosa = with_questions(f)
    browser = Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    link = link_in(mails("reset")[0])
    browser.open(link)
    assert "What was the name of your first pet?" in browser.text
    browser.send(pet="Rex", food="pho bo", hero="abuela ines", **GOOD)
    assert browser.status == 422
    assert "The answers are not those that were given" in browser.text
    assert 'href="#pet"' in browser.page
    browser.send(pet="Rex", food="pho bo", hero="ABUELA INÉS", **GOOD)
    assert browser.status == 422
    browser.send(pet=" BELLO ", food="pho bo", hero="ABUELA INÉS", password="short", repeated="short")
    assert (browser.status, "at least 8 characters" in browser.text) == (422, True)
    assert 'value="pho bo"' in browser.page, "nothing has to be typed twice"
    browser.send(**GOOD)
    assert "Your new password is set" in browser.text
    assert Browser(f.app).sign_in(rosa, "my eight").path == f"/students/{f.ana.id}"


def test_D11_five_wrong_tries_at_the_answers_close_them_for_a_day(make_app: MakeApp) -> None:
    f = family(make_app)
    with_questions(f)
    right = {"pet": "Bello", "food": "pho bo", "hero": "abuela inés", **GOOD}
    Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    browser = Browser(f.app).open(link_in(mails("reset")[0]))
    for _ in range(5):
        browser.send(**{**right, "pet": "Rex"})
    assert browser.send(**right).status == 422
    clock.set_source(lambda: START + dt.timedelta(hours=24))
    Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    assert Browser(f.app).open(link_in(mails("reset")[0])).send(**right).path == "/sign-in"


def test_D11_a_code_that_the_office_printed_asks_no_questions_and_proves_no_address(make_app: MakeApp) -> None:
    from services import links

    f = family(make_app)
    rosa = with_questions(f, state="pending", email_verified_at=None)
    code = links.make(rosa, "code", settings=f.portal, now=START)
    browser = Browser(f.app).open("/reset").send(code=code)
    assert "first pet" not in browser.text
    assert browser.send(**GOOD).path == "/sign-in"
    changed = m.Account.get()
    assert (changed.state, changed.email_verified_at) == ("pending", None)
    assert mails("changed") == [], "nothing goes to an address that nobody has proved"


def test_D11_signed_in_the_questions_can_be_replaced_and_old_answers_are_never_shown(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).sign_in(with_questions(f)).open("/security").follow("Replace the security questions")
    before = {row.answer_hash for row in m.SecurityAnswer.select()}
    assert "Bello" not in browser.page
    assert "selected" not in browser.page, "nor which questions they were"
    new = {**ANSWERS, "question1": "song", "answer1": "La Bamba"}
    browser.send(**new, present="wrong")
    assert (browser.status, "This is not your present password" in browser.text) == (422, True)
    assert 'value="La Bamba"' in browser.page
    browser.send(**new, present=PASSWORD)
    assert "have been replaced" in browser.text
    stored = {row.question: row.answer_hash for row in m.SecurityAnswer.select()}
    assert set(stored) == {"song", "food", "hero"}
    assert not before & set(stored.values())


def test_D11_guardians_never_recover_by_questions_alone_and_unknown_names_get_stable_ones(make_app: MakeApp) -> None:
    f = family(make_app)
    rosa = with_questions(f)
    asked = {}
    for name in ("rosareyes", "nobody12", "412345", "S0412345"):
        texts = {
            Browser(f.app).open("/forgot-password/questions").send(user_name=typed).text.partition("New password")[0]
            for typed in (name, name.upper(), f" {name} ")
        }
        plain = {text.lower().replace(name.lower(), "").replace("  ", " ") for text in texts}
        assert len(plain) == 1, "however it is typed"
        asked[name] = plain.pop()
        assert asked[name].count("?") == 3
    browser = Browser(f.app).open("/forgot-password/questions").send(user_name="rosareyes")
    answers = {name: "Bello" for name in ("pet", "food", "hero", "street", "teacher", "friend", "book", "place", "song",
               "game") if f'name="{name}"' in browser.page}  # fmt: skip
    browser.send(**answers, **GOOD)
    assert (browser.status, "not those that were given" in browser.text) == (422, True)
    assert Browser(f.app).sign_in(rosa).path == f"/students/{f.ana.id}", "the password is what it was"


def test_D11_a_student_without_an_address_recovers_by_the_questions(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).open("/sign-in").send(user_name="412345", password="04022013")
    browser.send(**GOOD).send(**ANSWERS)
    browser = Browser(f.app).open("/sign-in").follow("Problems signing in").follow("I am a student")
    browser.send(user_name=" 412345 ").send(pet="bello", food="Pho bo", hero="abuela inés", password="new eight",
                                            repeated="new eight")  # fmt: skip
    assert "Your new password is set" in browser.text
    assert Browser(f.app).sign_in(m.Account.get(), "new eight").path == f"/students/{f.ana.id}"


def with_questions(f: Family, **values: object) -> m.Account:
    """Rosa's account, with its three questions answered."""
    address = {"email": "rosa@example.com", "email_verified_at": START}
    rosa = account(f.mother, "rosareyes", f.portal, duties=["questions"], **address)
    Browser(f.app).sign_in(rosa).send(**ANSWERS)
    m.Account.update(**values or {"language": None}).execute()
    found: m.Account = m.Account.get_by_id(rosa.id)
    return found


def test_a_second_guardian_of_the_family_has_an_account_of_the_own(make_app: MakeApp) -> None:
    f = family(make_app)
    register(f)
    father = guardian("Carlos Molina", person_id="P-99")
    guardianship(f.ana, father)
    key = issue_key(father, settings=f.portal, now=START)
    browser = Browser(f.app).open("/register").send(person_id="P-99", key=key)
    browser.send(user_name="carlosmolina", email="carlos@example.com", **GOOD)
    assert browser.path == "/registered"
    assert m.Account.select().count() == 2


# ---- D07 ---------------------------------------------------------------------------------------------------------

NUMBER = "+17205550142"
NOTICE = "The password of your account at the family portal of"


def reachable(make_app: MakeApp, tmp_path: Path, **values: object) -> tuple[Family, m.Account]:
    """The family at a portal that sends texts into a folder, and the mother's account with its proved address."""
    f = family(lambda **settings: make_app(**{"text_url": f"file://{tmp_path}/texts", **settings}))
    address = {"email": "rosa@example.com", "email_verified_at": START}
    return f, account(f.mother, "rosareyes", f.portal, **{**address, **values})


def texts(to: str = NUMBER) -> list[str]:
    """What was texted to a number, the latest first."""
    rows = m.OutboundMail.select().where(m.OutboundMail.channel == "text", m.OutboundMail.recipient == to)
    return [row.text for row in rows.order_by(m.OutboundMail.id.desc())]


def ask_for_code(browser: Browser, typed: str = "(720) 555-0142", password: str = PASSWORD) -> Browser:
    return browser.open("/preferences/number").send(number=typed, present=password)


def code_of(to: str = NUMBER) -> str:
    return texts(to)[0].split()[0]


def with_number(f: Family, rosa: m.Account) -> Browser:
    """Rosa's browser after her number was proved."""
    browser = ask_for_code(Browser(f.app).sign_in(rosa))
    return browser.send(code=code_of())


def change_password(browser: Browser, present: str = PASSWORD, new: str = "my eight") -> Browser:
    """What a notice about the account follows from."""
    return browser.open("/security/password").send(present=present, password=new, repeated=new)


def told() -> set[tuple[str, str]]:
    """By which ways the owner was told of the new password; then it is forgotten."""
    rows = list(m.OutboundMail.select().where(m.OutboundMail.kind == "changed"))
    m.OutboundMail.delete().where(m.OutboundMail.kind == "changed").execute()
    return {(row.channel, row.recipient) for row in rows}


def test_D07_a_number_is_proved_with_a_code_and_then_notices_go_by_text_too(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = Browser(f.app).sign_in(rosa).open("/security").follow("Preferences")
    assert "They go to rosa@example.com" in browser.text
    assert "checkbox" not in browser.page, "with one way there is nothing to choose"
    browser.follow("Add your mobile number").send(number="720.555.0142", present=PASSWORD)
    assert (browser.path, "+1 720 555 0142" in browser.text) == ("/preferences/number/code", True)
    (text,) = texts()
    code = text.split()[0]
    assert (len(code), code.isdecimal(), "portal" in text) == (6, True, True)
    assert "Ana" not in text and "Rosa" not in text
    stored = m.Preference.get()
    assert (stored.text_number, stored.new_number, code in stored.code_hash) == (None, NUMBER, False)
    browser.send(code=f" {code[:3]} {code[3:]} ")
    assert (browser.path, "This number is yours" in browser.text) == ("/preferences", True)
    stored = m.Preference.get()
    assert (stored.text_number, stored.text_verified_at, stored.by_email, stored.by_text) == (NUMBER, START, True, True)
    assert (stored.new_number, stored.code_hash, stored.code_until) == (None, None, None)
    assert [mail.recipient for mail in mails("number")] == ["rosa@example.com"], "by mail, that a number came"
    assert "By e-mail to rosa@example.com" in browser.text and "By text to +1 720 555 0142" in browser.text
    change_password(browser)
    assert told() == {("mail", "rosa@example.com"), ("text", NUMBER)}


def test_D07_email_text_or_both_and_one_of_them_always(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = with_number(f, rosa)
    browser.send(by_email="")
    assert "Your preferences are kept" in browser.text
    change_password(browser)
    assert told() == {("text", NUMBER)}
    browser.open("/preferences").send(by_text="")
    assert (browser.status, "Choose at least one way" in browser.text) == (422, True)
    assert 'href="#by_email"' in browser.page
    stored = m.Preference.get()
    assert (stored.by_email, stored.by_text) == (False, True), "nothing has changed"
    browser.open("/preferences").send(by_email="1", by_text="")
    change_password(browser, "my eight", "other eight")
    assert told() == {("mail", "rosa@example.com")}


def test_D07_links_and_verification_come_by_email_whatever_is_chosen(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = with_number(f, rosa).send(by_email="")
    assert "come by e-mail only" in browser.text
    Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    (reset,) = mails("reset")
    assert (reset.channel, reset.recipient) == ("mail", "rosa@example.com")
    assert not [text for text in texts() if "/reset/" in text or "/verify/" in text]


def test_D07_texts_say_nothing_personal_and_come_in_the_language_of_the_account(
    make_app: MakeApp, tmp_path: Path
) -> None:
    f, rosa = reachable(make_app, tmp_path)
    change_password(with_number(f, rosa))
    text = texts()[0]
    assert text.startswith(NOTICE)
    assert "http://localhost/forgot-password" in text
    for personal in ("Ana", "Rosa", "rosareyes", "rosa@example.com", "P-88412", "412345"):
        assert personal not in text
    (row,) = m.OutboundMail.select().where(m.OutboundMail.kind == "changed", m.OutboundMail.channel == "text")
    assert (row.subject, "\n" in row.text) == ("", False)


@pytest.mark.parametrize("kind", ["changed", "moving", "ready", "dormant_soon", "left_soon", "deleted_soon",
                                  "authenticator_on", "authenticator_off", "passkey_on", "passkey_off",
                                  "provider_on", "provider_off", "number",
                                  "code"])  # fmt: skip
def test_D07_every_notice_exists_as_a_text_that_fits_two_messages(make_app: MakeApp, kind: str) -> None:
    app = make_app(preset="denver", district_name="Denver Public Schools", portal_url="https://portal.dpsk12.example")
    with app.test_request_context():
        for childless in (True, False):
            text = app.extensions["compose"](
                kind, "en", channel="text", user_name="rosareyes", code="123456", day="November 16, 2026",
                childless=childless,
            )  # fmt: skip
            assert (text.subject, "rosareyes" in text.text) == ("", False)
            assert "Denver Public Schools" in text.text
            # Two parts of 153 characters of the alphabet that phones have; a long address may take a third.
            assert len(text.text.encode("ascii")) <= 306


def test_D07_every_kind_of_notice_has_a_mail_and_a_text() -> None:
    root = Path(__file__).resolve().parent.parent.parent
    said = re.compile(r"\btell\(\s*\w+,\s*\"(\w+)\"")
    sources = [path for folder in ("services", "views") for path in (root / folder).rglob("*.py")]
    kinds = {kind for path in sources for kind in said.findall(path.read_text(encoding="utf-8"))}
    assert {"changed", "moving", "ready", "number"} <= kinds
    for kind in kinds:
        for folder in ("email", "text"):
            assert (root / "templates" / folder / f"{kind}.txt").exists(), f"{folder}/{kind}"


@pytest.mark.parametrize("typed", [
    "", "911", "9 1 1", "+911", "1-911", "112", "988", "555-0142", "720-555-014", "720-555-01422", "123-555-0142",
    "911-555-0142", "720-911-0142", "900-555-0142", "720-155-0142", "CALL-ROSA-NOW", "720-555-0142 x12",
    "720-555-0142;ls", "+1 720 555 014", "+0017205550142", "+4912", "+49170123456789012", "++17205550142",
    "7205550142, 3035550100", "rosa@example.com", "{number}", "+1720555014²0", "1" * 500, "½205550142",
])  # fmt: skip
def test_D07_what_is_no_mobile_number_is_refused_at_its_field(make_app: MakeApp, tmp_path: Path, typed: str) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = ask_for_code(Browser(f.app).sign_in(rosa), typed)
    assert (browser.status, browser.path) == (422, "/preferences/number")
    assert "Enter a mobile number with its area code" in browser.text
    assert 'href="#number"' in browser.page
    assert m.OutboundMail.select().count() == m.Preference.select().count() == 0


@pytest.mark.parametrize(("typed", "country", "expected"), [
    ("7205550142", "1", NUMBER), ("(720) 555-0142", "1", NUMBER), ("720.555.0142", "1", NUMBER),
    ("1-720-555-0142", "1", NUMBER), ("+1 720/555/0142", "1", NUMBER), ("  720 555\t0142 ", "1", NUMBER),
    ("\u202a+1\u00a0(720)\u00a0555\u20110142\u202c", "1", NUMBER), ("٧٢٠٥٥٥٠١٤٢", "1", NUMBER),
    ("＋１７２０５５５０１４２", "1", NUMBER), ("+52 55 1234 5678", "1", "+525512345678"),
    ("0170 1234567", "49", "+491701234567"), ("1701234567", "49", "+491701234567"), ("+17205550142", "49", NUMBER),
])  # fmt: skip
def test_D07_a_number_may_be_typed_in_any_usual_way(
    make_app: MakeApp, tmp_path: Path, typed: str, country: str, expected: str
) -> None:
    f = family(lambda **settings: make_app(text_url=f"file://{tmp_path}", phone_country_code=country, **settings))
    browser = ask_for_code(Browser(f.app).sign_in(account(f.mother, "rosareyes", f.portal)), typed)
    assert browser.path == "/preferences/number/code"
    assert m.Preference.get().new_number == expected
    assert m.OutboundMail.get().recipient == expected


def test_D07_the_present_password_is_asked_before_anything_is_sent(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = ask_for_code(Browser(f.app).sign_in(rosa), password="wrong")
    assert (browser.status, "This is not your present password" in browser.text) == (422, True)
    assert 'value="(720) 555-0142"' in browser.page, "typed text stays"
    assert m.OutboundMail.select().count() == 0


def test_D07_wrong_codes_are_counted_and_after_five_the_right_one_is_too_late(
    make_app: MakeApp, tmp_path: Path
) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = ask_for_code(Browser(f.app).sign_in(rosa))
    right = code_of()
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for typed in (wrong, "", "abcdef", right[:5], f"{right}0"):
        browser.send(code=typed)
        assert (browser.status, "not the code of the newest text" in browser.text) == (422, True), typed
        assert 'href="#code"' in browser.page
    browser.send(code=right)
    assert (browser.status, m.Preference.get().text_number) == (422, None)
    browser = ask_for_code(browser)
    assert browser.send(code=code_of()).path == "/preferences", "another code has tries of its own"


def test_D07_a_code_is_good_for_ten_minutes_for_one_number_and_once(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = ask_for_code(Browser(f.app).sign_in(rosa))
    first = code_of()
    ask_for_code(browser, "303-555-0100")
    if first != code_of("+13035550100"):
        assert browser.send(code=first).status == 422, "the newest text counts"
    tab = browser.tab()
    clock.set_source(lambda: START + dt.timedelta(minutes=10))
    assert browser.send(code=code_of("+13035550100")).path == "/preferences"
    assert m.Preference.get().text_number is None
    assert tab.open("/preferences/number/code").path == "/preferences", "nothing waits any more"
    ask_for_code(browser, "303-555-0100")
    twice = browser.tab()
    browser.send(code=code_of("+13035550100"))
    assert m.Preference.get().text_number == "+13035550100"
    twice.send(code=code_of("+13035550100"))
    assert len(mails("number")) == 1


def test_D07_three_texts_an_hour_for_an_account_and_ten_for_an_address(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = Browser(f.app).sign_in(rosa)
    for _ in range(3):
        assert ask_for_code(browser).status == 200
    ask_for_code(browser)
    assert (browser.status, "wait an hour" in browser.text) == (429, True)
    assert len(texts()) == 3
    for number in range(4):
        owner = account(guardian(f"Parent {number}", (f.ana,)), f"parent{number}", f.portal)
        one = Browser(f.app).sign_in(owner)
        answers = [ask_for_code(one).status for _ in range(2)]
        assert answers == ([200, 200] if number < 3 else [200, 429]), "ten of one address"
    clock.set_source(lambda: START + dt.timedelta(minutes=61))
    browser = Browser(f.app).sign_in(rosa)
    assert ask_for_code(browser).status == 200


def test_D07_a_changed_number_asks_the_password_and_the_old_one_is_told(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = with_number(f, rosa).send(by_text="")
    m.OutboundMail.delete().execute()
    browser.follow("Change the number").send(number="+13035550100", present=PASSWORD)
    assert m.Preference.get().text_number == NUMBER, "the old one counts until the new one is proved"
    browser.send(code=code_of("+13035550100"))
    stored = m.Preference.get()
    assert (stored.text_number, stored.by_text) == ("+13035550100", False), "what was chosen stays"
    assert [text for text in texts() if "mobile number of your account" in text], "the old one is told, chosen or not"
    assert [mail.channel for mail in mails("number", "rosa@example.com")] == ["mail"]
    assert not [text for text in texts("+13035550100") if "mobile number" in text]


def test_D07_a_number_can_be_removed_and_notices_go_by_mail_again(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = with_number(f, rosa).send(by_email="")
    m.OutboundMail.delete().execute()
    browser.open("/preferences").send("/preferences/number/remove")
    assert "Your number has been removed" in browser.text
    assert "720" not in browser.page
    assert {mail.recipient for mail in mails("number")} == {"rosa@example.com", NUMBER}
    stored = m.Preference.get()
    assert (stored.text_number, stored.text_verified_at, stored.by_text) == (None, None, False)
    change_password(browser)
    assert told() == {("mail", "rosa@example.com")}


def test_D07_families_may_share_a_phone_and_codes_are_each_accounts_own(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    carlos = account(guardian("Carlos Molina", (f.ana,)), "carlosmolina", f.portal)
    mother = ask_for_code(Browser(f.app).sign_in(rosa))
    hers = code_of()
    father = ask_for_code(Browser(f.app).sign_in(carlos))
    his = code_of()
    if hers != his:
        assert father.send(code=hers).status == 422, "a code proves a number for one account"
    father.send(code=his)
    mother.send(code=hers)
    assert {(row.account_id, row.text_number) for row in m.Preference.select()} == {
        (rosa.id, NUMBER), (carlos.id, NUMBER),
    }  # fmt: skip


def test_D07_numbers_of_the_sis_are_offered_to_their_own_guardian_alone(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    father, stranger = guardian("Carlos Molina", (f.ana,), sms="303-555-0177"), guardian("Wendy Other")
    m.Guardian.update(sms="(720) 555-0142").where(m.Guardian.id == f.mother.id).execute()
    for whose, number, can_text in (
        (f.mother, "720 555 0143", True), (f.mother, "1-720-555-0142", True), (f.mother, "720 555 0144", False),
        (f.mother, "720 555 0145", None), (f.mother, "unlisted", True), (father, "303 555 0178", True),
        (stranger, "303 555 0179", True),
    ):  # fmt: skip
        phone = telephone(whose, number)
        m.Telephone.update(can_text=can_text).where(m.Telephone.id == phone.id).execute()
    browser = Browser(f.app).sign_in(rosa).open("/preferences/number")
    assert 'value="+1 720 555 0142"' in browser.page
    offered = set(re.findall(r"\+1 \d{3} \d{3} \d{4}", browser.text))
    assert offered == {"+1 720 555 0142", "+1 720 555 0143"}
    assert 'value="+1 720 555 0143"' in browser.follow("+1 720 555 0143").page
    for nobodys in ("9", "-1", "x", "1e3"):
        assert browser.open(f"/preferences/number?use={nobodys}").status == 200
    pupil = account(f.ana, "412345", f.portal)
    student_page = Browser(f.app).sign_in(pupil).open("/preferences/number")
    assert "720" not in student_page.page.replace("720-555-0142", ""), "a student is not shown the parents' numbers"


def test_D07_a_student_without_an_address_has_language_and_texts(make_app: MakeApp, tmp_path: Path) -> None:
    f, _rosa = reachable(make_app, tmp_path)
    pupil = account(f.ana, "412345", f.portal)
    browser = Browser(f.app).sign_in(pupil).open("/preferences")
    assert "None can reach you yet: add your mobile number below" in browser.text
    assert "come by e-mail only" not in browser.text
    ask_for_code(browser).send(code=code_of())
    browser.open("/preferences")
    assert "They go by text to +1 720 555 0142" in browser.text
    assert "checkbox" not in browser.page
    change_password(browser)
    assert told() == {("text", NUMBER)}, "only the own number, never the mother's address"


def test_D07_an_unproved_address_gets_nothing_and_is_no_choice(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path, email_verified_at=None)
    browser = with_number(f, rosa)
    assert "rosa@example.com" not in browser.page
    change_password(browser)
    assert told() == {("text", NUMBER)}


def test_D07_where_the_district_sends_no_texts_none_are_offered(make_app: MakeApp) -> None:
    f = family(make_app)
    rosa = account(f.mother, "rosareyes", f.portal, email="rosa@example.com", email_verified_at=START)
    browser = Browser(f.app).sign_in(rosa).open("/preferences")
    assert "mobile" not in browser.text
    for path in ("/preferences/number", "/preferences/number/code"):
        assert browser.open(path).status == 404
    # The service was ended after somebody had chosen texts alone.
    m.Preference.create(account=rosa, by_email=False, by_text=True, text_number=NUMBER, text_verified_at=START)
    change_password(browser)
    assert told() == {("mail", "rosa@example.com")}
    browser.open("/preferences").send("/preferences/number/remove")
    assert m.Preference.get().text_number is None


def test_D07_the_language_changes_at_once_for_pages_and_mails(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    browser = Browser(f.app).sign_in(rosa).open("/preferences").send(language="es")
    assert 'lang="es"' in browser.page.partition("<head")[0]
    assert m.Account.get().language == "es"
    assert 'value="es" lang="es" selected' in browser.page
    browser.send(language="xx")
    assert (browser.status, m.Account.get().language) == (200, "es"), "no language of ours"
    assert 'lang="es"' in browser.sign_out().page.partition("<head")[0]
    Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    assert "http://localhost/reset/" in mails("reset")[0].text
    assert mails("reset")[0].subject != "Your link"


def test_D07_a_cancelled_account_forgets_its_number(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    with_number(f, rosa)
    accounts.cancel(rosa, START)
    assert m.Preference.select().count() == 0, "whoever registers anew proves a number anew"


def test_D07_an_owner_with_a_number_alone_is_told_before_the_account_is_deleted(
    make_app: MakeApp, tmp_path: Path
) -> None:
    f, rosa = reachable(make_app, tmp_path, email=None, email_verified_at=None)
    m.Preference.create(account=rosa, by_text=True, text_number=NUMBER, text_verified_at=START)
    later = START + dt.timedelta(days=f.portal.disable_after_days - 30)
    with f.app.test_request_context():
        report = housekeeping.run(
            settings=f.portal, now=later, on=later.date(), compose=f.app.extensions["compose"]
        )  # fmt: skip
    assert [step.act for step in report.steps if step.account.id == rosa.id] == ["told"]
    (text,) = texts()
    assert "has not been used for a long time" in text


def test_D07_the_worker_delivers_texts_and_the_demo_shows_them(make_app: MakeApp, tmp_path: Path) -> None:
    f = family(lambda **settings: make_app(
        **{**settings, "text_url": f"file://{tmp_path}/out", "smtp_url": f"file://{tmp_path}/out", "demo": True}
    ))  # fmt: skip
    rosa = account(f.mother, "rosareyes", f.portal, email="rosa@example.com", email_verified_at=START)
    change_password(with_number(f, rosa))
    with Mailer(f.portal.smtp_url, f.portal.mail_from) as mailer:
        assert worker.run_once(mailer, texter=Texter(f.portal.text_url)) == worker.Counts(sent=4)
    files = {path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("*.txt")}
    assert files == {f"To: {NUMBER}\n\n{text}" for text in texts()}
    seen = Browser(f.app).open("/demo/mail")
    assert f"Text To {NUMBER} {NOTICE}" in seen.text
    assert "To rosa@example.com" in seen.text


def test_D07_texts_go_through_apprise_and_a_failure_is_tried_again(
    make_app: MakeApp, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    f, rosa = reachable(make_app, tmp_path)
    ask_for_code(Browser(f.app).sign_in(rosa))
    with Webhook() as webhook, Mailer(f"file://{tmp_path}/mails", f.portal.mail_from) as mailer:
        texter = Texter(f"json://127.0.0.1:{webhook.port}/send/{{number}}")
        webhook.answer = 500
        assert worker.run_once(mailer, START, texter=texter) == worker.Counts(retried=1)
        waiting = m.OutboundMail.get()
        assert (waiting.state, waiting.due_at) == ("queued", START + dt.timedelta(minutes=1))
        assert waiting.last_error.startswith("text: ") and "500" in waiting.last_error
        webhook.answer = 200
        assert worker.run_once(mailer, START + dt.timedelta(minutes=1), texter=texter) == worker.Counts(sent=1)
    assert m.OutboundMail.get().state == "sent"
    (path, said) = webhook.taken[-1]
    assert unquote(path) == f"/send/{NUMBER}"
    assert (said["message"], said["title"]) == (texts()[0], "")
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "werkzeug")
    assert NUMBER.lstrip("+") not in logged and code_of() not in logged


def test_D07_without_a_service_texts_wait_and_mails_leave(make_app: MakeApp, tmp_path: Path) -> None:
    f, rosa = reachable(make_app, tmp_path)
    change_password(with_number(f, rosa))
    with Mailer(f"file://{tmp_path}/mails", f.portal.mail_from) as mailer:
        assert worker.run_once(mailer) == worker.Counts(sent=2, retried=2)
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    m.OutboundMail.update(due_at=START).execute()
    with Mailer(f"file://{tmp_path}/mails", f.portal.mail_from) as mailer:
        counts = worker.run_once(mailer, START, texter=Texter(f"json://127.0.0.1:{port}/{{number}}"))
    assert counts == worker.Counts(retried=2), "nothing listens there"


@pytest.mark.parametrize("url", ["nonsense://x/{number}", "twilio://only/{number}"])
def test_D07_a_url_that_apprise_does_not_know_is_refused_at_the_start_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="text_url") as refused:
        Texter(url)
    assert url not in str(refused.value)


def test_D07_the_number_stands_as_one_recipient_in_the_url_of_a_service() -> None:
    texter = Texter(f"twilio://AC{'a' * 32}:{'b' * 32}@+15035550100/{{number}}")
    service = texter._service(NUMBER)
    assert service is not None
    assert [target for (_kind, target) in service[0].targets] == [NUMBER]


class Webhook:
    """A web server on loopback that takes JSON as Apprise's `json://` sends it; `answer` is its status."""

    def __init__(self) -> None:
        self.answer, self.taken = 200, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.taken.append((self.path, said))
                self.send_response(outer.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Webhook:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
