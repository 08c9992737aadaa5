"""Accounts that come from an older portal, fall out of use, or whose family leaves (D04, D10, D20, C16)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Browser
from click.testing import Result
from factories import PASSWORD, TODAY, account, guardian, school, school_year, student
from flask import Flask
from werkzeug.security import generate_password_hash

from config import Settings
from models import Account, AuditEvent, OutboundMail, SchoolEnrollment, SecurityAnswer, SignInAttempt, Student
from services import clock
from services.keys import issue as issue_key

MakeApp = Callable[..., Flask]

START = dt.datetime(2026, 11, 16, 15, 0)
NEW_PASSWORD = "seven purple umbrellas"
QUESTIONS = {"question1": "pet", "answer1": "Bella", "question2": "book", "answer2": "Momo", "question3": "food",
             "answer3": "Pozole"}  # fmt: skip


def mails() -> list[OutboundMail]:
    return list(OutboundMail.select().order_by(OutboundMail.id))


def link_in(mail: OutboundMail) -> str:
    """The path of the link that a mail brings."""
    found = re.search(r"http://localhost(/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def run(app: Flask, *arguments: str) -> Result:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result


def on_day(day: int) -> None:
    clock.set_source(lambda: START + dt.timedelta(days=day))


# ---- D04: brought from an older portal ---------------------------------------------------------------------------


@pytest.fixture
def denver(make_app: MakeApp) -> Flask:
    app = make_app(preset="denver")
    school_year()
    return app


def bring(app: Flask, tmp_path: Path, password_hash: str, email: str = "") -> Student:
    """A family whose account comes from the older portal, by the command that the district runs."""
    child = student("Ana Lopez", school())
    guardian("Maria Lopez", (child,), person_id="4711")
    file = tmp_path / "accounts.csv"
    file.write_text(f"user_name,password_hash,guardian_id,email\nM.Lopez,{password_hash},4711,{email}\n")
    assert "1 accounts imported, 0 rows left out." in run(app, "account", "import", str(file)).output
    return child


def test_D04_an_account_of_the_older_portal_works_and_asks_for_an_address_and_questions_first(
    denver: Flask, tmp_path: Path
) -> None:
    child = bring(denver, tmp_path, generate_password_hash("Sunshine1", "scrypt:1024:8:1"))
    browser = Browser(denver).open("/sign-in").send(user_name="m.lopez", password="Sunshine1")
    assert browser.path == "/welcome/email"
    assert "The portal needs an address that is yours" in browser.text
    assert Account.get().password_hash.startswith("$argon2id$"), "the old hash is gone"

    for path in ("/", f"/students/{child.id}/grades", "/welcome/questions", "/security"):
        assert browser.open(path).path == "/welcome/email", "nothing else opens"
        assert "Ana" not in browser.page
    assert browser.send(email="nonsense").status == 422
    assert "Enter an e-mail address like" in browser.text
    browser.send(email="Maria@Example.com")
    assert "A mail is on its way to Maria@example.com" in browser.text
    assert browser.open("/").path == "/welcome/email", "given, but not proved"
    assert Account.get().email_verified_at is None

    [mail] = mails()
    assert (mail.kind, mail.recipient) == ("verify", "Maria@example.com")
    assert "Your user name: \u2068M.Lopez\u2069" in mail.text
    browser.open(link_in(mail))
    assert "Is this your address? Maria@example.com" in browser.text
    browser.send()
    assert browser.path == "/welcome/questions"
    assert "Your e-mail address is verified" in browser.page
    browser.send(**QUESTIONS)
    assert browser.status == 200 and browser.path.startswith(f"/students/{child.id}"), (
        "Denver opens on the oldest child"
    )
    assert "Ana Lopez" in browser.page

    stored = Account.get()
    assert (stored.email, stored.duties, stored.state) == ("Maria@example.com", [], "active")
    assert stored.email_verified_at is not None
    assert SecurityAnswer.select().where(SecurityAnswer.account == stored).count() == 3
    browser.sign_out()
    assert browser.open("/sign-in").send(user_name="M.Lopez", password="Sunshine1").path.startswith("/students/")


@pytest.mark.parametrize(
    "password_hash",
    [
        "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        '"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"',
        "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
    ],
)
def test_D04_a_wrong_password_is_refused_whatever_made_the_hash(
    denver: Flask, tmp_path: Path, password_hash: str
) -> None:
    bring(denver, tmp_path, password_hash)
    browser = Browser(denver).open("/sign-in").send(user_name="M.Lopez", password="wrong")
    assert browser.path == "/sign-in" and browser.status == 422
    assert "do not match" in browser.text
    assert Account.get().failures == 1
    password = "U*U" if "2y" in password_hash else "password"
    assert browser.send(user_name="M.Lopez", password=password).path == "/welcome/email"
    assert [attempt.succeeded for attempt in SignInAttempt.select().order_by(SignInAttempt.id)] == [False, True]


def test_D04_the_address_that_the_older_portal_had_is_proposed_and_still_has_to_be_proved(
    denver: Flask, tmp_path: Path
) -> None:
    bring(denver, tmp_path, generate_password_hash("Sunshine1", "pbkdf2:sha256:1000"), "maria@example.com")
    browser = Browser(denver).open("/sign-in").send(user_name="M.Lopez", password="Sunshine1")
    browser.send()
    assert "A mail is on its way to maria@example.com" in browser.text
    Browser(denver).open(link_in(mails()[0])).send()
    assert browser.open("/").path == "/welcome/questions", "proved on the phone, gone on with at the computer"
    Browser(denver).open("/forgot-password").send(email="maria@example.com")
    assert mails()[-1].kind == "reset"


def test_D04_an_address_of_another_guardian_gets_the_same_page_and_its_owner_is_told(
    denver: Flask, tmp_path: Path
) -> None:
    settings: Settings = denver.extensions["homeroom"]
    bring(denver, tmp_path, generate_password_hash("Sunshine1", "pbkdf2:sha256:1000"))
    account(guardian("Wendy Whitfield"), "Wendy2468", settings, email="wendy@example.com", email_verified_at=START)
    browser = Browser(denver).open("/sign-in").send(user_name="M.Lopez", password="Sunshine1")
    browser.send(email="wendy@example.com")
    assert "A mail is on its way to wendy@example.com" in browser.text
    assert [(mail.kind, mail.recipient) for mail in mails()] == [("already", "wendy@example.com")]
    assert browser.open("/").path == "/welcome/email"


def test_D20_the_office_sees_that_it_was_brought_over_and_starts_a_reset(denver: Flask, tmp_path: Path) -> None:
    bring(denver, tmp_path, generate_password_hash("forgotten", "pbkdf2:sha256:1000"))
    found = run(denver, "account", "find", "4711").output
    assert "active  guardian  Maria Lopez" in found and "user name M.Lopez" in found
    assert "account brought over" in [event.action for event in AuditEvent.select()]
    code = run(denver, "account", "reset-link", "M.Lopez", "--code").output.splitlines()[0]
    browser = Browser(denver).open("/reset").send(code=code)
    browser.send(password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert "Your new password is set" in browser.page
    browser.open("/sign-in").send(user_name="M.Lopez", password="forgotten")
    assert browser.path == "/sign-in"
    assert browser.send(user_name="M.Lopez", password=NEW_PASSWORD).path == "/welcome/email"


# ---- D10: not used for long --------------------------------------------------------------------------------------


@pytest.fixture
def wendy(denver: Flask) -> Account:
    """A guardian of Denver whose account was used on day 0."""
    on_day(0)
    parent = guardian("Wendy Whitfield", (student("Zoe Whitfield", school()),))
    return account(
        parent, "Wendy2468", denver.extensions["homeroom"], email="wendy@example.com", email_verified_at=START,
        last_sign_in_at=START,
    )  # fmt: skip


def test_D10_after_six_months_the_address_has_to_be_verified_again(denver: Flask, wendy: Account) -> None:
    on_day(153)
    dry = run(denver, "housekeeping", "--dry-run").output
    assert f"account {wendy.id}: its owner is told that it falls dormant on 2027-05-18" in dry
    assert "Would be done: 1 told" in dry and "Nothing was changed." in dry
    assert mails() == []
    run(denver, "housekeeping"), run(denver, "housekeeping")
    [mail] = mails()
    assert (mail.recipient, mail.subject) == ("wendy@example.com", "You have not signed in for a long time")
    assert "From May 18, 2027 on it opens only after you have verified your e-mail address again." in mail.text
    assert "Wendy2468" in mail.text and link_in(mail) == "/sign-in"

    on_day(183)
    assert f"account {wendy.id}: falls dormant" in run(denver, "housekeeping").output
    assert Account.get().state == "dormant"
    browser = Browser(denver).sign_in(wendy, "not the password")
    assert "do not match" in browser.text, "who does not know the password learns nothing"
    browser.sign_in(wendy)
    assert "Please check your e-mail" in browser.text
    assert "Zoe" not in browser.page
    assert (mails()[-1].kind, mails()[-1].recipient) == ("verify", "wendy@example.com")
    Browser(denver).open(link_in(mails()[-1])).send()
    assert Account.get().state == "active"
    assert browser.sign_in(wendy).path.startswith("/students/")
    assert "0 told, 0 dormant" in run(denver, "housekeeping").output


def test_D10_whoever_signs_in_in_time_keeps_the_account_as_it_is(denver: Flask, wendy: Account) -> None:
    on_day(153)
    run(denver, "housekeeping")
    on_day(170)
    assert Browser(denver).sign_in(wendy).path.startswith("/students/")
    on_day(190)
    run(denver, "housekeeping")
    assert Account.get().state == "active"
    assert len(mails()) == 1


def test_D10_after_13_months_it_is_deleted_and_a_new_key_opens_a_new_one(denver: Flask, wendy: Account) -> None:
    for day in (153, 183, 366):
        on_day(day)
        run(denver, "housekeeping")
    assert mails()[-1].subject == "Your account is about to be deleted"
    assert "It is deleted on December 17, 2027." in mails()[-1].text
    on_day(396)
    assert f"account {wendy.id}: is deleted" in run(denver, "housekeeping").output
    assert Account.select().count() == 0
    browser = Browser(denver).sign_in(wendy)
    assert "do not match" in browser.text

    wendy.guardian.person_id = "4711"
    wendy.guardian.save()
    key = issue_key(wendy.guardian, settings=denver.extensions["homeroom"], now=clock.now())
    browser.open("/register").send(person_id="4711", key=key)
    browser.send(
        user_name="Wendy2468", email="wendy@example.com", password=NEW_PASSWORD, repeated=NEW_PASSWORD
    )  # fmt: skip
    assert Account.get().guardian_id == wendy.guardian_id


# ---- C16: active while a child is in the district ----------------------------------------------------------------


def test_C16_the_account_stays_active_while_a_child_is_in_the_district(make_app: MakeApp) -> None:
    app = make_app(preset="clayton")
    school_year()
    cedar = school()
    older, younger = student("Ana Reyes", cedar), student("Ben Reyes", cedar)
    rosa = account(guardian("Rosa Reyes", (older, younger)), "RosaReyes", app.extensions["homeroom"],
                   email="rosa@example.com", email_verified_at=START)  # fmt: skip
    leave(older)
    for day in (0, 100, 1000):
        on_day(day)
        run(app, "housekeeping")
    assert Browser(app).sign_in(rosa).path == "/"
    assert mails() == []


def test_C16_when_the_last_child_has_left_the_account_closes_and_opens_again_if_a_child_returns(
    make_app: MakeApp,
) -> None:
    app = make_app(preset="clayton")
    school_year()
    child = student("Ana Reyes", school())
    rosa = account(guardian("Rosa Reyes", (child,)), "RosaReyes", app.extensions["homeroom"],
                   email="rosa@example.com", email_verified_at=START)  # fmt: skip
    leave(child)
    on_day(0)
    assert f"account {rosa.id}: no child of its guardian is enrolled any more" in run(app, "housekeeping").output
    on_day(30)
    run(app, "housekeeping")
    [mail] = mails()
    assert mail.subject == "Your account is about to close"
    assert "closes on January 15, 2027" in mail.text and "comes back" in mail.text
    on_day(59)
    browser = Browser(app).sign_in(rosa)
    assert browser.path == "/", "sixty days to look around"
    on_day(60)
    assert f"account {rosa.id}: closes: the last child has left" in run(app, "housekeeping").output
    assert browser.open("/").path == "/sign-in", "an open session ends too"
    browser.sign_in(rosa)
    assert "This account is closed" in browser.text
    assert Account.get().state == "left"

    SchoolEnrollment.update(exit_date=None).execute()
    on_day(90)
    assert f"account {rosa.id}: a child of its guardian is enrolled again" in run(app, "housekeeping").output
    assert browser.sign_in(rosa, PASSWORD).path == "/"
    assert "Ana Reyes" in browser.page
    assert mails()[-1].subject == "Your account is ready"


def test_C16_thirteen_months_after_the_last_child_left_the_account_is_deleted(make_app: MakeApp) -> None:
    app = make_app(preset="clayton")
    school_year()
    child = student("Ana Reyes", school())
    rosa = account(guardian("Rosa Reyes", (child,)), "RosaReyes", app.extensions["homeroom"],
                   email="rosa@example.com", email_verified_at=START)  # fmt: skip
    leave(child)
    for day in (0, 30, 60, 366, 396):
        on_day(day)
        run(app, "housekeeping")
    assert [mail.kind for mail in mails()] == ["left_soon", "deleted_soon"]
    assert "No child of yours is enrolled" in mails()[-1].text and "new key" in mails()[-1].text
    assert Account.select().count() == 0
    assert "do not match" in Browser(app).sign_in(rosa).text


def leave(child: Student) -> None:
    SchoolEnrollment.update(exit_date=TODAY - dt.timedelta(days=3)).where(SchoolEnrollment.student == child).execute()
