"""From a key to an account under the standard preset: an e-mail address as user name, or a number for who has none."""

from __future__ import annotations

import datetime as dt

from browsing import Browser
from factories import Cast, account, guardian, school, school_year, student
from flask import Flask

from config import Settings
from models import Account, ActivationKey, Guardian
from services import clock
from services.keys import issue as issue_key

GOOD = {"password": "a long enough one", "repeated": "a long enough one"}


def test_the_address_on_file_is_offered_and_becomes_the_user_name(app: Flask, portal: Settings) -> None:
    browser, parent, key = invited(app, portal, email="Rosa@Example.com")
    browser.open("/register").send(key=key)
    assert 'value="Rosa@example.com"' in browser.page
    browser.send(**GOOD)
    assert "Your account is ready" in browser.text
    opened = Account.get(Account.guardian == parent)
    assert (opened.user_name, opened.user_name_key, opened.email) == (
        "Rosa@example.com", "rosa@example.com", "Rosa@example.com"
    )  # fmt: skip
    assert browser.open("/sign-in").send(user_name="rosa@example.com", password=GOOD["password"]).path == "/"


def test_without_an_address_a_number_of_13_digits_is_made_up_and_shown(app: Flask, portal: Settings) -> None:
    browser, parent, key = invited(app, portal)
    browser.open("/register").send(key=key)
    browser.send(**GOOD)
    opened = Account.get(Account.guardian == parent)
    assert opened.email is None
    assert opened.user_name.isdigit()
    assert len(opened.user_name) == 13
    assert opened.user_name in browser.text
    assert "Write this number down" in browser.text


def test_an_address_that_is_none_and_one_that_is_taken_are_told_apart(app: Flask, portal: Settings) -> None:
    browser, _, key = invited(app, portal)
    account(Guardian.create(given_name="Some", family_name="Body"), "taken@example.com", portal)
    browser.open("/register").send(key=key)
    browser.send(user_name="not an address", **GOOD)
    assert (browser.status, "Enter an e-mail address like" in browser.text) == (422, True)
    browser.send(user_name="TAKEN@example.com", **GOOD)
    assert (browser.status, "Somebody already signs in with this name" in browser.text) == (422, True)
    assert browser.send(user_name="mine@example.com", **GOOD).path == "/registered"


def test_used_expired_revoked_and_unknown_keys_all_get_the_same_answer(app: Flask, portal: Settings) -> None:
    clock.set_source(lambda: dt.datetime(2026, 11, 16, 15, 0))
    browser, parent, used = invited(app, portal)
    expired, revoked = (
        issue_key(guardian(name), settings=portal, now=clock.now()) for name in ("Ex Pired", "Re Voked")
    )
    newest = ActivationKey.select().order_by(ActivationKey.id.desc()).get()
    ActivationKey.update(revoked_at=clock.now()).where(ActivationKey.id == newest.id).execute()
    browser.open("/register").send(key=used)
    browser.send(user_name="mine@example.com", **GOOD)
    clock.set_source(lambda: dt.datetime(2027, 1, 16, 15, 0))
    pages = {
        Browser(app).open("/register").send(key=key).text for key in (used, expired, revoked, "NOPE-NOPE-NOPE-NOPE")
    }
    assert len({page.split("Activation key")[0] for page in pages}) == 1
    assert "This key does not work" in pages.pop()


def test_a_key_used_in_two_tabs_opens_one_account(app: Flask, portal: Settings) -> None:
    first, parent, key = invited(app, portal)
    second = Browser(app)
    for tab in (first, second):
        tab.open("/register").send(key=key)
    first.send(user_name="first@example.com", **GOOD)
    second.send(user_name="second@example.com", **GOOD)
    assert second.status == 422
    assert "This key does not work" in second.text
    assert [row.user_name for row in Account.select().where(Account.guardian == parent)] == ["first@example.com"]


def test_the_other_keys_of_the_same_person_die_with_the_first_one_used(app: Flask, portal: Settings) -> None:
    browser, parent, key = invited(app, portal)
    another = issue_key(parent, settings=portal, now=clock.now())
    browser.open("/register").send(key=key)
    browser.send(**GOOD)
    assert Browser(app).open("/register").send(key=another).status == 422


def test_guessing_keys_is_limited_by_address(app: Flask, portal: Settings) -> None:
    for _ in range(20):
        assert Browser(app).open("/register").send(key="ABCD-EFGH-JKMN-PQRS").status == 422
    assert Browser(app).open("/register").send(key="ABCD-EFGH-JKMN-PQRS").status == 429


def test_the_second_page_without_the_first_leads_back(browser: Browser) -> None:
    assert browser.open("/register/account").path == "/register/key"
    assert browser.open("/registered").path == "/sign-in"


def test_the_key_is_in_no_address_and_only_its_hash_is_stored(app: Flask, portal: Settings) -> None:
    browser, _, key = invited(app, portal)
    browser.open("/register").send(key=key)
    assert key not in browser.response.request.url
    assert key.replace("-", "") not in ActivationKey.get().key_hash.upper()
    assert set(key) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ-"), "nothing a reader could take for something else"


def test_a_child_without_any_class_yet_gets_sentences_instead_of_tables(browser: Browser, cast: Cast) -> None:
    newcomer = student("New Comer", school("Far School"))
    from factories import guardianship

    guardianship(newcomer, cast.rosa.guardian)
    browser.sign_in(cast.rosa)
    for page, sentence in (
        ("", "No classes are entered"),
        ("/grades", "No classes are entered"),
        ("/to-do", "missing"),
    ):
        browser.open(f"/students/{newcomer.id}{page}")
        assert sentence in browser.text
        assert "<table" not in browser.page


def invited(app: Flask, portal: Settings, email: str | None = None) -> tuple[Browser, Guardian, str]:
    """A browser, a guardian of one child, and the key from the letter."""
    school_year()
    parent = guardian("Rosa Reyes", (student("Ana Reyes", school()),), email=email)
    return Browser(app), parent, issue_key(parent, settings=portal, now=clock.now())
