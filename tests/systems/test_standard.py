"""The standard preset: what a district should choose today, driven as a family would, and what strangers cannot learn.

The first steps (`/register`) are in `tests/views/test_registration.py`, sign-in's limits in `test_sign_in.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import pytest
from browsing import Browser, link_in, mails
from factories import PASSWORD, Cast, account, guardian, school, school_year, student
from factories import cast as make_cast
from flask import Flask
from timing import answers_alike, post

import models as m
from config import Settings
from services import clock
from services.keys import issue as issue_key

MakeApp = Callable[..., Flask]
START = dt.datetime(2026, 11, 16, 15, 0)
GOOD = {"password": "a long enough one", "repeated": "a long enough one"}


class Family(NamedTuple):
    app: Flask
    mother: m.Guardian
    ana: m.Student
    key: str

    @property
    def portal(self) -> Settings:
        settings: Settings = self.app.extensions["homeroom"]
        return settings


def family(make_app: MakeApp, **values: str | None) -> Family:
    clock.set_source(lambda: START)
    app = make_app(preset="standard")
    school_year()
    ana = student("Ana Reyes", school("Cedar Middle"))
    mother = guardian("Rosa Reyes", (ana,), **values)
    return Family(app, mother, ana, issue_key(mother, settings=app.extensions["homeroom"], now=START))


def test_an_address_of_the_sis_counts_as_proved_and_another_has_to_be_verified(make_app: MakeApp) -> None:
    f = family(make_app, other_email="rosa@example.com")
    browser = Browser(f.app).open("/register").send(key=f.key.lower().replace("-", " "))
    assert 'value="rosa@example.com"' in browser.page, "also one of electronicMails.csv"
    browser.send(user_name="mine@example.com", **GOOD)
    assert m.Account.get().email_verified_at is None
    (mail,) = mails("verify", "mine@example.com")
    browser.open("/sign-in").send(user_name="mine@example.com", password=GOOD["password"])
    assert "Ana Reyes" in browser.text, "the portal opens"
    browser.open("/security")
    assert "Not verified" in browser.text
    assert "no mail about your children goes to it" in browser.text
    browser.send("/security/verify-again")
    assert len(mails("verify")) == 2
    assert Browser(f.app).open(link_in(mail)).status == 404, "the newer link counts"
    link = link_in(mails("verify")[0])
    assert browser.open(link).status == 200
    assert m.Account.get().email_verified_at is None, "a mail scanner opens links too"
    browser.send()
    assert m.Account.get().email_verified_at == START
    assert mails("ready") == [], "the account was ready before"
    assert "Not verified" not in browser.open("/security").text


def test_an_address_of_the_sis_needs_no_mail(make_app: MakeApp) -> None:
    f = family(make_app, email="Rosa@Example.com")
    Browser(f.app).open("/register").send(key=f.key).send(**GOOD)
    assert (m.Account.get().email_verified_at, m.OutboundMail.select().count()) == (START, 0)


def test_an_address_that_another_account_has_is_refused_however_it_is_written(make_app: MakeApp) -> None:
    f = family(make_app)
    account(guardian("Some Body"), "old@example.com", f.portal, email="new@example.com")
    browser = Browser(f.app).open("/register").send(key=f.key)
    for taken in ("new@example.com", "NEW@example.com", "old@example.com"):
        browser.send(user_name=taken, **GOOD)
        assert "Somebody already signs in with this name" in browser.text


def test_sending_the_link_again_does_not_flood_a_strangers_mailbox(make_app: MakeApp) -> None:
    f = family(make_app)
    Browser(f.app).open("/register").send(key=f.key).send(user_name="stranger@example.com", **GOOD)
    browser = Browser(f.app).open("/sign-in").send(user_name="stranger@example.com", password=GOOD["password"])
    for _ in range(8):
        browser.open("/security").send("/security/verify-again")
    assert len(mails("verify")) == 5


def test_messages_need_a_verified_address(app: Flask, cast: Cast) -> None:
    m.Account.update(email_verified_at=None).where(m.Account.id == cast.rosa.id).execute()
    browser = Browser(app).sign_in(cast.rosa)
    browser.open(f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}")
    assert "<textarea" not in browser.page
    m.Account.update(email_verified_at=clock.now()).where(m.Account.id == cast.rosa.id).execute()
    browser.open(f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}")
    assert "<textarea" in browser.page


def test_the_owner_changes_the_address_and_both_addresses_hear_of_it(make_app: MakeApp) -> None:
    f = family(make_app)
    rosa = account(f.mother, "rosa@example.com", f.portal)
    Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    browser = Browser(f.app).sign_in(rosa).open("/security").follow("Change the e-mail address")
    for values, said in (
        ({"email": "new@example.com", "present": "wrong"}, "This is not your present password"),
        ({"email": "new@", "present": PASSWORD}, "Enter an e-mail address"),
    ):
        browser.send(**values)
        assert (browser.status, said in browser.text) == (422, True)
        assert f'value="{values["email"]}"' in browser.page
    browser.send(email="New@Example.com", present=PASSWORD)
    assert "A mail with a link is on its way to the new address" in browser.text
    assert m.Account.get().email == "rosa@example.com", "it counts when it is proved"
    (old,), (new,) = mails("moving", "rosa@example.com"), mails("verify", "New@example.com")
    assert "New@" not in old.text
    Browser(f.app).open(link_in(new)).send()
    changed = m.Account.get()
    assert (changed.email, changed.user_name, changed.user_name_key) == (
        "New@example.com", "New@example.com", "new@example.com"
    )  # fmt: skip
    assert Browser(f.app).open(link_in(mails("reset", "rosa@example.com")[0])).status == 404, "the old mailbox is out"
    assert Browser(f.app).open("/sign-in").send(user_name="new@example.com", password=PASSWORD).path == "/"


def test_changing_to_an_address_in_use_looks_the_same_and_its_owner_is_told(make_app: MakeApp) -> None:
    f = family(make_app)
    rosa = account(f.mother, "rosa@example.com", f.portal)
    account(guardian("Some Body"), "taken@example.com", f.portal)
    texts = set()
    for email in ("TAKEN@example.com", "free@example.com"):
        browser = Browser(f.app).sign_in(rosa).open("/security/email").send(email=email, present=PASSWORD)
        texts.add(browser.text.partition("User name")[0])
    assert len(texts) == 1
    assert len(mails("already", "taken@example.com")) == 1
    assert len(mails("verify")) == 1
    m.Account.update(email="free@example.com").where(m.Account.user_name == "taken@example.com").execute()
    late = Browser(f.app).open(link_in(mails("verify")[0])).send()
    assert late.status == 404, "somebody else has it by now"


def test_a_reset_over_the_link_ends_the_wait_after_failures(make_app: MakeApp) -> None:
    f = family(make_app)
    rosa = account(f.mother, "rosa@example.com", f.portal)
    for _ in range(6):
        Browser(f.app).sign_in(rosa, "wrong")
    assert Browser(f.app).sign_in(rosa).status == 422
    Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    Browser(f.app).open(link_in(mails("reset")[0])).send(**GOOD)
    assert Browser(f.app).sign_in(rosa, GOOD["password"]).path == "/"


def test_two_tabs_with_the_same_link_set_one_password(make_app: MakeApp) -> None:
    f = family(make_app)
    rosa = account(f.mother, "rosa@example.com", f.portal)
    Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    link = link_in(mails("reset")[0])
    first, second = Browser(f.app).open(link), Browser(f.app).open(link)
    first.send(**GOOD)
    assert second.send(password="another long one", repeated="another long one").status == 404
    assert Browser(f.app).sign_in(rosa, GOOD["password"]).path == "/"


def test_all_languages_long_passwords_and_pasted_ones_are_taken(make_app: MakeApp) -> None:
    f = family(make_app)
    password = "пароль для школы 🙂 " + "x" * 230
    browser = Browser(f.app).open("/register").send(key=f.key)
    browser.send(user_name="rosa@example.com", password=password, repeated=password)
    assert browser.path == "/registered"
    assert Browser(f.app).open("/sign-in").send(user_name="rosa@example.com", password=password).path == "/"


def test_registered_pages_are_told_to_nobody_else(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app).open("/register").send(key=f.key).send(user_name="rosa@example.com", **GOOD)
    assert "rosa@example.com" in browser.text
    assert Browser(f.app).open("/registered").path == "/sign-in"
    clock.set_source(lambda: START + dt.timedelta(minutes=61))
    assert browser.open("/registered").path == "/sign-in"


def test_nothing_tells_whether_an_account_exists(make_app: MakeApp) -> None:
    """Page, status and time, with the real cost of Argon2 (CHECKS 12)."""
    defaults = Settings()
    app = make_app(
        argon2_memory=defaults.argon2_memory, argon2_passes=defaults.argon2_passes, address_limit=10_000, lock_after=500
    )
    make_cast(app.extensions["homeroom"])
    visitor = Browser(app).open("/sign-in").client
    m.Throttle.delete().execute()

    def sign_in(name: str) -> tuple[int, str]:
        return post(visitor, "/sign-in", user_name=name, password="not the password")

    def forgot(name: str) -> tuple[int, str]:
        m.Throttle.delete().execute()
        return post(visitor, "/forgot-password", email=name)

    for ask in (sign_in, forgot):
        answers_alike(ask, ("rosa@example.com", "nobody@example.com"))
    assert m.SignInAttempt.select().count() == 33


@pytest.mark.parametrize("preset", ["standard", "gwinnett", "denver", "clayton", "ccps", "henry"])
def test_every_way_in_is_linked_from_the_sign_in_page(make_app: MakeApp, preset: str) -> None:
    browser = Browser(make_app(preset=preset)).open("/sign-in")
    for label in ("Problems signing in", "Create an account with what you have from your school"):
        assert browser.tab().follow(label).status == 200
    assert browser.open("/register/nonsense").status == 404
    assert browser.open("/claim").status == (200 if preset == "ccps" else 404)
