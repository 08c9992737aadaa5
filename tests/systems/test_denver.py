"""A portal like Denver's, line by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import pytest
from browsing import Browser, link_in, mails
from factories import PASSWORD, account, guardian, guardianship, school, school_year, student
from flask import Flask

import models as m
from config import Settings
from services import accounts, clock
from services.keys import issue as issue_key

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
    for person_id, key in (("P-77777", f.key), ("", f.key), ("P-88412", ""), ("P-88412", "{1-2}"), ("412345", pupil)):
        browser = Browser(f.app).open("/register").send(person_id=person_id, key=key)
        assert browser.status == 422
        pages.add(browser.text)
    assert len(pages) == 1


@pytest.mark.parametrize("taken", ["rosa@example.com", "ROSA@Example.com"])
@pytest.mark.parametrize("proved", [True, False])
def test_D03_an_address_in_use_looks_the_same_and_its_owner_is_told(
    make_app: MakeApp, taken: str, proved: bool
) -> None:
    f = family(make_app)
    owner = guardian("Owner Parent")
    account(owner, "ownerparent", f.portal, email=taken, email_verified_at=START if proved else None)
    expected = register(f, email="free@example.com").text.replace("rosareyes", "—")
    m.Account.update(state="cancelled").where(m.Account.user_name == "rosareyes").execute()
    m.ActivationKey.update(used_at=None).execute()
    m.OutboundMail.delete().execute()

    browser = register(f, user_name="rosareyes2")
    assert (browser.status, browser.path) == (200, "/registered")
    assert browser.text.replace("rosareyes2", "—") == expected
    assert m.Account.select().where(m.Account.user_name == "rosareyes2").count() == 0
    (mail,) = m.OutboundMail.select()
    assert (mail.kind, mail.recipient) == ("already", taken.replace("Example", "example"))
    assert "Your user name: ownerparent" in mail.text
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


def test_D03_three_different_questions_have_to_be_answered(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).sign_in(account(f.mother, "rosareyes", f.portal, duties=["questions"]))
    for wrong, said in (
        ({"question2": "pet"}, "Choose three different questions"),
        ({"question3": ""}, "Choose a question"),
        ({"question1": "made-up"}, "Choose a question"),
        ({"answer1": " x "}, "at least three characters"),
    ):
        browser.send(**{**ANSWERS, **wrong})
        assert (browser.status, said in browser.text) == (422, True)
        assert 'value="Abuela Inés"' in browser.page, "typed text stays"
    assert m.SecurityAnswer.select().count() == 0
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
    (mail,) = m.OutboundMail.select()
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
