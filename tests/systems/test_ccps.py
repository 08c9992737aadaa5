"""Students who claim their accounts, as in Clayton County's student portal, line by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import pytest
from browsing import Browser
from factories import PASSWORD, account, enroll, guardian, school, school_year, section, staff, student
from flask import Flask

import models as m
from config import Settings
from services import accounts, clock

MakeApp = Callable[..., Flask]
START = dt.datetime(2026, 11, 16, 15, 0)
NAMES = {"family_name": "Núñez", "given_name": "Zoë", "student_number": "123456"}
GOOD = {"password": "my eight", "repeated": "my eight"}
ANSWERS = {
    "question1": "pet", "answer1": "Bello", "question2": "food", "answer2": "Pho  bo", "question3": "hero",
    "answer3": "Abuela Inés",
}  # fmt: skip
RIGHT = {"pet": "bello", "food": "pho bo", "hero": "ABUELA INE\u0301S"}


class Pupil(NamedTuple):
    app: Flask
    zoe: m.Student

    @property
    def portal(self) -> Settings:
        settings: Settings = self.app.extensions["homeroom"]
        return settings


def pupil(make_app: MakeApp, **settings: object) -> Pupil:
    clock.set_source(lambda: START)
    app = make_app(preset="ccps", **settings)
    _, fall, _ = school_year()
    cedar = school("Cedar Middle")
    delivered = START - dt.timedelta(hours=24)
    zoe = student("Zoë Núñez", cedar, number="123456", first_delivered_at=delivered)
    enroll(zoe, section("Mathematics 7", term=fall, teachers=(staff("Dana Okafor"),), school=cedar))
    return Pupil(app, zoe)


def claim(p: Pupil, **names: str) -> Browser:
    return Browser(p.app).open("/claim").send(**{**NAMES, **names})


def claimed(p: Pupil) -> m.Account:
    claim(p).send(**GOOD).send(**ANSWERS)
    found: m.Account = m.Account.get(m.Account.student == p.zoe)
    return found


def test_S01_a_student_signs_in_with_s0_and_the_number_name_first_then_password(make_app: MakeApp) -> None:
    p = pupil(make_app)
    claimed(p)
    browser = Browser(p.app).open("/sign-in")
    assert "Students: S, then 0, then the student ID." in browser.text
    assert 'name="password"' not in browser.page
    browser.send(user_name="S0123456")
    assert "User name: S0123456" in browser.text
    assert 'name="user_name" value="S0123456"' in browser.page
    browser.send(password="my eight")
    assert browser.path == f"/students/{p.zoe.id}"
    browser.open(f"/students/{p.zoe.id}/grades")
    assert "Mathematics 7 Dana Okafor" in browser.text, "the classes and their teachers"
    browser.sign_out()
    assert browser.open("/sign-in").send(user_name="s0123456").send(password="my eight").path.startswith("/students/")


def test_S01_the_password_has_a_page_of_its_own_that_back_does_not_send_again(make_app: MakeApp) -> None:
    p = pupil(make_app)
    claimed(p)
    browser = Browser(p.app).open(f"/students/{p.zoe.id}/grades").send(user_name="S0123456")
    first = browser.response.history[-1]
    assert (first.status_code, browser.path) == (303, "/sign-in/password")
    assert "S0123456" not in browser.response.request.url
    assert '<input type="text" name="user_name" value="S0123456" autocomplete="username" hidden>' in browser.page
    assert browser.tab().open(browser.response.request.full_path).status == 200, "a reload"
    browser.send(password="my eight")
    assert browser.path == f"/students/{p.zoe.id}/grades"
    assert "This browser is signed in as Zoë Núñez" in browser.open("/sign-in/password").text
    browser.sign_out()
    assert browser.open("/sign-in/password").path == "/sign-in", "nothing of the name remains"


def test_S01_the_name_is_asked_and_waits_for_ten_minutes(make_app: MakeApp) -> None:
    p = pupil(make_app)
    browser = Browser(p.app).open("/sign-in").send(user_name=" ")
    assert (browser.status, "Enter your user name." in browser.text) == (422, True)
    assert browser.send(user_name="x" * 5000).path == "/sign-in/password"
    clock.set_source(lambda: START + dt.timedelta(minutes=11))
    assert browser.open("/sign-in/password").path == "/sign-in"
    browser.send(user_name="S0123456")
    browser.tab().open("/sign-in")
    assert browser.open("/sign-in/password").path == "/sign-in", "the next one at a shared computer begins anew"
    assert Browser(make_other(p)).open("/sign-in/password").path == "/sign-in"


def make_other(p: Pupil) -> Flask:
    """The same portal, where name and password are asked on one page."""
    from dataclasses import replace

    p.app.extensions["homeroom"] = replace(p.portal, two_steps=False)
    return p.app


def test_S01_the_first_step_says_nothing_about_the_account(make_app: MakeApp) -> None:
    p = pupil(make_app)
    claimed(p)
    seconds, refusals = set(), set()
    for name in ("S0123456", "S0999999", "someone@example.com"):
        browser = Browser(p.app).open("/sign-in").send(user_name=name)
        seconds.add((browser.status, browser.text.replace(name, "—")))
        browser.send(password="wrong")
        refusals.add((browser.status, browser.text.replace(name, "—")))
    assert len(seconds) == len(refusals) == 1
    assert m.SignInAttempt.select().count() == 1


@pytest.mark.parametrize(
    "names",
    [{}, {"family_name": " Nu\u0301n\u0303ez "}, {"given_name": "Zoe\u0308"}, {"student_number": " 123456 "}],
    ids=["as it stands", "composed otherwise, with spaces", "composed otherwise", "spaces around the number"],
)
def test_S02_last_name_first_name_and_id_exactly_as_in_the_sis_claim_the_account(
    make_app: MakeApp, names: dict[str, str]
) -> None:
    p = pupil(make_app)
    browser = Browser(p.app).open("/sign-in").follow("Students: claim my account")
    browser.send(**{**NAMES, **names})
    assert browser.path == "/claim/password"
    assert m.Account.select().count() == 0


WRONG = [
    {"family_name": "Nunez"}, {"family_name": "núñez"}, {"given_name": "ZOË"}, {"given_name": "Zoe"},
    {"given_name": "Núñez", "family_name": "Zoë"}, {"student_number": "S0123456"}, {"student_number": "0123456"},
    {"student_number": "-"}, {"student_number": "1234567"}, {"family_name": "-"},
]  # fmt: skip


def test_S02_S06_what_differs_claims_nothing_and_says_what_to_check_and_no_more(make_app: MakeApp) -> None:
    p = pupil(make_app)
    pages = set()
    for wrong in WRONG:
        browser = claim(p, **wrong)
        assert (browser.status, browser.path) == (422, "/claim/claim"), wrong
        pages.add(browser.text)
        if "student_number" not in wrong:
            assert 'value="123456"' in browser.page, "typed text stays"
    assert len(pages) == 1
    for said in ("spelled as at school", "capital letters", "without the S", "24 hours"):
        assert said in browser.text
    for hint in ("Zoë", "Núñez", "exists"):
        assert hint not in browser.text
    assert 'class="error"' not in browser.page, "it is no single field's"
    for said in ("If you have an account already, sign in instead.", "Cedar Middle"):
        assert said in browser.text
    empty = claim(p, family_name="", given_name="\0", student_number=" ")
    for said in ("Enter the last name.", "Enter the first name.", "Enter the student's number."):
        assert empty.text.count(said) == 2


@pytest.mark.parametrize("wrong", [one for one in WRONG if set(one) <= {"family_name", "given_name"}][:4])
def test_S02_case_and_accents_are_forgiven_only_where_the_setting_says_so(
    make_app: MakeApp, wrong: dict[str, str]
) -> None:
    p = pupil(make_app, exact_names=False)
    assert claim(p, **wrong).path == "/claim/password"


def test_S02_only_24_hours_after_the_sis_first_delivered_the_student(make_app: MakeApp) -> None:
    p = pupil(make_app)
    m.Student.update(first_delivered_at=START - dt.timedelta(hours=23, minutes=59)).execute()
    early = claim(p)
    assert early.status == 422
    assert early.text == claim(p, given_name="Nobody").text
    clock.set_source(lambda: START + dt.timedelta(minutes=1))
    assert claim(p).path == "/claim/password"
    m.Student.update(first_delivered_at=None).execute()
    assert claim(p).status == 422


def test_S02_nobody_claims_twice_nor_who_is_not_enrolled_nor_one_of_two(make_app: MakeApp) -> None:
    p = pupil(make_app)
    cedar = m.School.get()
    waiting = claim(p)
    claimed(p)
    assert claim(p).status == 422, "the account is there"
    waiting.send(**GOOD).send(**ANSWERS)
    assert (waiting.status, waiting.path) == (422, "/claim/questions"), "another browser was faster"
    assert "No account can be claimed with these" in waiting.text
    assert m.Account.select().count() == 1
    student("Left School", number="77", first_delivered_at=START - dt.timedelta(days=9))
    for _ in range(2):
        student("Same Name", cedar, number="88", first_delivered_at=START - dt.timedelta(days=9))
    assert claim(p, given_name="Left", family_name="School", student_number="77").status == 422
    assert claim(p, given_name="Same", family_name="Name", student_number="88").status == 422


def test_S02_tries_from_one_address_are_limited_and_right_ones_do_not_count(make_app: MakeApp) -> None:
    p = pupil(make_app)
    for _ in range(22):
        assert claim(p).path == "/claim/password", "a class in the computer room"
    for _ in range(20):
        assert claim(p, student_number="1").status == 422
    refused = claim(p)
    assert (refused.status, "wait a quarter of an hour" in refused.text) == (429, True)
    clock.set_source(lambda: START + dt.timedelta(minutes=15))
    assert claim(p).path == "/claim/password"


def test_S03_password_twice_and_exactly_three_questions_and_only_then_it_is_done(make_app: MakeApp) -> None:
    p = pupil(make_app)
    browser = claim(p)
    assert "User name: S0123456" in browser.text
    for values, said in (
        ({"password": "seven 7", "repeated": "seven 7"}, "at least 8 characters"),
        ({"password": "my eight", "repeated": "my eighT"}, "not the same"),
        ({"password": "S0123456", "repeated": "S0123456"}, "a word of your district or your name"),
    ):
        browser.send(**values)
        assert (browser.status, said in browser.text) == (422, True), said
    browser.send(**GOOD)
    assert browser.path == "/claim/questions"
    assert "Answer exactly three" in browser.text
    assert (m.Account.select().count(), "argon2" in str(m.Registration.get().values)) == (0, True)
    assert Browser(p.app).open("/sign-in").send(user_name="S0123456").send(password="my eight").status == 422
    for wrong, said in (
        ({"question2": "pet"}, "Choose three different questions"),
        ({"question3": ""}, "Choose a question"),
        ({"answer1": ""}, "a word of at least two letters"),
    ):
        browser.send(**{**ANSWERS, **wrong})
        assert (browser.status, said in browser.text) == (422, True)
        assert 'value="Abuela Inés"' in browser.page
    browser.send(**ANSWERS)
    assert browser.path == "/registered"
    assert "S0123456" in browser.text
    assert "key" not in browser.text
    opened = m.Account.get()
    assert (opened.student, opened.user_name, opened.state) == (p.zoe, "S0123456", "active")
    assert m.SecurityAnswer.select().count() == 3


def test_S03_the_back_button_breaks_nothing(make_app: MakeApp) -> None:
    p = pupil(make_app)
    browser = claim(p).send(**GOOD)
    for back in ("/claim/password", "/claim/claim", "/claim/password", "/claim/questions", "/claim"):
        assert browser.open(back).status == 200
    assert browser.path == "/claim/questions"
    assert 'value="123456"' in browser.tab().open("/claim/claim").page
    again = browser.tab().open("/claim/password").send(password="another one", repeated="another one")
    assert again.path == "/claim/questions"
    twice = again.tab()
    assert again.send(**ANSWERS).path == twice.send(**ANSWERS).path == "/registered"
    for step in ("claim/password", "claim/questions", "registered"):
        assert browser.open(f"/{step}").path == "/registered"
    assert Browser(p.app).sign_in(m.Account.get(), "another one").path == f"/students/{p.zoe.id}"


def test_S03_begun_and_left_it_is_over_after_an_hour(make_app: MakeApp) -> None:
    p = pupil(make_app)
    browser = claim(p).send(**GOOD)
    clock.set_source(lambda: START + dt.timedelta(minutes=61))
    browser.send(**ANSWERS)
    assert browser.path == "/claim/claim"
    assert "Please begin again" in browser.text
    assert m.Account.select().count() == 0


def test_S03_no_password_is_used_again(make_app: MakeApp) -> None:
    p = pupil(make_app)
    zoe = claimed(p)
    browser = Browser(p.app).sign_in(zoe, "my eight").open("/security/password")
    browser.send(present="my eight", **GOOD)
    assert (browser.status, "You have used this password before" in browser.text) == (422, True)
    browser.send(present="my eight", password="my second", repeated="my second")
    browser.open("/security/password").send(present="my second", **GOOD)
    assert "You have used this password before" in browser.text, "nor one of earlier"
    accounts.cancel(zoe, START)
    anew = claim(p)
    for former in ("my eight", "my second"):
        anew.send(password=former, repeated=former)
        assert "You have used this password before" in anew.text, "nor one from before the reset"
    anew.send(password="my third one", repeated="my third one").send(**ANSWERS)
    assert anew.path == "/registered"
    assert m.Account.select().count() == 1


def test_S04_a_forgotten_password_is_reset_with_the_challenge_questions(make_app: MakeApp) -> None:
    p = pupil(make_app)
    zoe = claimed(p)
    signed_in = Browser(p.app).sign_in(zoe, "my eight")
    browser = Browser(p.app).open("/sign-in").follow("Problems signing in").follow("I am a student")
    browser.send(user_name="s0123456 ")
    assert "What was the name of your first pet?" in browser.text
    new = {"password": "my second", "repeated": "my second"}
    browser.send(**{**RIGHT, "hero": "Batman"}, **new)
    assert (browser.status, "not those that were given" in browser.text) == (422, True)
    browser.send(**RIGHT, **GOOD)
    assert (browser.status, "You have used this password before" in browser.text) == (422, True)
    browser.send(**new)
    assert "Your new password is set" in browser.text, "the answers were kept on the page"
    assert signed_in.open("/").path == "/sign-in"
    assert Browser(p.app).sign_in(zoe, "my second").path == f"/students/{p.zoe.id}"


def test_S04_five_tries_and_an_unknown_name_looks_like_a_known_one(make_app: MakeApp) -> None:
    p = pupil(make_app)
    claimed(p)
    new = {"password": "my second", "repeated": "my second"}
    known = Browser(p.app).open("/forgot-password/questions").send(user_name="S0123456")
    unknown = Browser(p.app).open("/forgot-password/questions").send(user_name="S0999999")
    assert unknown.status == known.status == 200
    fields = [[name for name in m_questions() if f'name="{name}"' in page.page] for page in (known, unknown)]
    assert [len(one) for one in fields] == [3, 3]
    for _ in range(5):
        for browser, names in ((known, fields[0]), (unknown, fields[1])):
            browser.send(**dict.fromkeys(names, "wrong"), **new)
            assert browser.status == 422
    clock.set_source(lambda: START + dt.timedelta(minutes=16))
    assert known.send(**RIGHT, **new).status == 422, "five tries are enough for a day"
    clock.set_source(lambda: START + dt.timedelta(hours=24))
    assert known.send(**RIGHT, **new).path == "/sign-in"


def test_S04_an_empty_form_is_no_try_and_after_the_limit_the_page_names_who_helps(make_app: MakeApp) -> None:
    p = pupil(make_app)
    claimed(p)
    new = {"password": "my second", "repeated": "my second"}
    nameless = Browser(p.app).open("/forgot-password/questions").send(user_name="")
    assert (nameless.status, "Enter your user name." in nameless.text) == (422, True)
    outcomes = []
    for name in ("S0123456", "S0999999", "someone@example.com"):
        browser = Browser(p.app).open("/forgot-password/questions").send(user_name=name)
        asked = [one for one in m_questions() if f'name="{one}"' in browser.page]
        seen = []
        for _ in range(12):
            browser.send(**new)
            assert (browser.status, browser.text.count("Answer this question.")) == (422, 6)
        for number in range(6):
            m.Throttle.update(count=0).where(m.Throttle.count >= 8).execute()
            browser.send(**dict.fromkeys(asked, "wrong"), **new)
            seen.append((browser.status, "not those that were given" in browser.text, "Cedar Middle" in browser.text))
            assert ("Ask a teacher or your school" in browser.text) == (number == 5)
        outcomes.append(seen)
    assert outcomes[0] == outcomes[1] == outcomes[2] == [(422, True, False)] * 5 + [(422, False, True)]
    assert Browser(p.app).open("/forgot-password/questions").send(user_name="S0777777").status == 200


@pytest.mark.parametrize(("answer", "will_do"), [("Bo", True), ("李", True), ("X", False), ("é", False), ("1.", False)])
def test_S03_an_answer_may_be_as_short_as_a_name(make_app: MakeApp, answer: str, will_do: bool) -> None:
    p = pupil(make_app)
    browser = claim(p).send(**GOOD).send(**{**ANSWERS, "answer1": answer})
    assert (browser.path == "/registered") == will_do


def test_S05_after_the_office_cancels_the_student_claims_it_again(make_app: MakeApp) -> None:
    p = pupil(make_app)
    claimed(p)
    said = p.app.test_cli_runner().invoke(args=["account", "cancel", "S0123456"])
    assert said.output == "S0123456 is cancelled. The student claims it again at http://localhost/claim\n"
    assert claim(p).path == "/claim/password"


def test_S10_a_student_writes_where_the_feed_has_an_address_and_answers_go_there(make_app: MakeApp) -> None:
    p = pupil(make_app)
    zoe = claimed(p)
    m.Student.update(email="zoe@pupils.example").execute()
    m.Account.update(email="private@example.com", email_verified_at=START).execute()
    browser = Browser(p.app).sign_in(zoe, "my eight").open("/resources").follow("Write a message")
    assert "The answer comes to zoe@pupils.example." in browser.text
    for said in ("Files", "child"):
        assert said not in browser.text
    assert browser.send(body="x" * 501).status == 422, "G07's rule"
    browser.send(body="When is the quiz?")
    assert "on its way. The answer comes to zoe@pupils.example." in browser.text
    mail = m.OutboundMail.get(m.OutboundMail.kind == "message")
    assert (mail.recipient, mail.reply_to) == ("okafor@maplevalley.example", "zoe@pupils.example")
    assert "A student's message about Mathematics 7" in mail.subject
    assert "about \u2068Zoë" not in mail.text and "private@" not in mail.text
    assert "Zoë" in browser.open("/messages").text


@pytest.mark.parametrize(("email", "on"), [(None, True), ("none@", True), ("zoe@pupils.example", False)])
def test_S10_else_the_teachers_address_at_the_school_is_shown(make_app: MakeApp, email: str | None, on: bool) -> None:
    p = pupil(make_app, student_messages=on)
    zoe, teacher, taught = claimed(p), m.Staff.get(), m.Section.get()
    m.Student.update(email=email).execute()
    m.Account.update(email="private@example.com", email_verified_at=START).execute()
    browser = Browser(p.app).sign_in(zoe, "my eight")
    class_page = f"/students/{p.zoe.id}/grades/{taught.id}"
    for path in ("/resources", class_page, f"{class_page}/write/{teacher.id}"):
        browser.open(path)
        assert "okafor@maplevalley.example" in browser.text, path
        assert "Write a message" not in browser.text and "<textarea" not in browser.page
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = browser.client.post(f"{class_page}/write/{teacher.id}", data={"csrf_token": token, "body": "Hello"})
    assert (sent.status_code, m.Message.select().count()) == (403, 0)


def test_S10_students_are_not_told_of_a_child_and_enter_no_address_of_their_own(make_app: MakeApp) -> None:
    p = pupil(make_app)
    browser = Browser(p.app).open("/sign-in")
    assert "child" not in browser.text
    browser = browser.sign_in(claimed(p), "my eight")
    m.Account.update(email="private@example.com").execute()
    for path in ("/messages", "/security", f"/students/{p.zoe.id}/grades/{m.Section.get().id}", "/resources"):
        assert "child" not in browser.open(path).text, path
    assert "/security/email" not in browser.open("/security").page
    assert browser.open("/security/email").status == 404
    mother = account(guardian("Rosa Núñez", (p.zoe,)), "rosa@example.com", p.portal)
    assert Browser(p.app).sign_in(mother).open("/security/email").status == 200


def m_questions() -> tuple[str, ...]:
    from services.questions import QUESTIONS

    return QUESTIONS


def test_S04_a_guardian_does_not_recover_by_questions(make_app: MakeApp) -> None:
    p = pupil(make_app)
    mother = account(guardian("Rosa Núñez", (p.zoe,)), "rosa@example.com", p.portal)
    for number, question in enumerate(("pet", "food", "hero")):
        answer_hash = m.Account.get().password_hash
        m.SecurityAnswer.create(id=number + 1, account=mother, question=question, answer_hash=answer_hash)
    browser = Browser(p.app).open("/forgot-password/questions").send(user_name="rosa@example.com")
    asked = [name for name in m_questions() if f'name="{name}"' in browser.page]
    browser.send(**dict.fromkeys(asked, PASSWORD), **GOOD)
    assert browser.status == 422
    assert Browser(p.app).sign_in(mother).path == "/"


def test_S06_a_failed_sign_in_says_what_to_check_and_no_more(make_app: MakeApp) -> None:
    p = pupil(make_app)
    claimed(p)
    browser = Browser(p.app).open("/sign-in").send(user_name="S0123456").send(password="MY EIGHT")
    assert browser.status == 422
    assert "Check the spelling and capital letters" in browser.text
    assert "S, then 0, then the student ID" in browser.text
    assert 'value="S0123456"' in browser.page


def test_S07_nothing_of_the_last_user_remains_on_a_shared_computer(make_app: MakeApp) -> None:
    p = pupil(make_app)
    browser = claim(p).send(**GOOD).send(**ANSWERS)
    browser.open("/sign-in").send(user_name="S0123456").send(password="my eight")
    for path in ("/sign-in", "/claim", "/claim/password", "/register", "/register/key"):
        browser.open(path)
        assert "This browser is signed in as Zoë Núñez" in browser.text
        assert "Somebody else? Sign out first." in browser.text
    tab = browser.tab().open(f"/students/{p.zoe.id}")
    browser.open("/").sign_out()
    assert "Zoë" not in browser.page
    assert "S0123456" not in browser.page
    for back in (tab.path, "/registered", "/security", "/", "/claim/claim"):
        browser.open(back)
        assert "Zoë" not in browser.page
        assert "123456" not in browser.page


def test_S07_a_claim_begun_by_the_last_user_is_not_gone_on_with_by_a_newcomer_after_signing_in_and_out(
    make_app: MakeApp,
) -> None:
    p = pupil(make_app)
    mother = account(guardian("Rosa Núñez", (p.zoe,)), "rosa@example.com", p.portal)
    browser = claim(p)
    browser.sign_in(mother).sign_out()
    assert browser.open("/claim").path == "/claim/claim"
    assert "123456" not in browser.page
