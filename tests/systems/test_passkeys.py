"""Passkeys beside the authenticator app: added, named, listed, removed, signed in with, and forged (WebAuthn; X09)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from browsing import Browser, mails
from cryptography.hazmat.primitives.asymmetric import ec
from factories import PASSWORD, Cast, officer
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from soft_passkey import PRESENT, SoftPasskey
from test_authenticator import Phone, at, log_of, set_up

import models as m
from config import Settings
from services import passkeys

MakeApp = Callable[..., Flask]
PAGE = "/security/passkeys"
PYTEST = [HealthCheck.function_scoped_fixture]


@pytest.fixture(autouse=True)
def _at_start() -> None:
    at(0)


def options_on(browser: Browser) -> dict[str, Any]:
    """What the page gives the script."""
    found = re.search(r'data-options="([^"]+)"', browser.page)
    assert found is not None, browser.text
    return json.loads(html.unescape(found[1]))


class Owner:
    """A member of staff with an app, signed in; codes are of half minutes that pass."""

    def __init__(self, app: Flask, account: m.Account) -> None:
        self.app, self.account, self.now = app, account, 0.0
        self.browser = Browser(app)
        if account.staff_id is None:
            self.browser.sign_in(account)
        else:
            self.browser.sign_in_to_office(account)
        self.phone: Phone = set_up(self.browser)[0]

    def code(self) -> str:
        """The next code, which has not been used."""
        self.now += 60
        at(self.now)
        return self.phone.code()

    def add(self, name: str = "Blue phone", key: SoftPasskey | None = None) -> SoftPasskey:
        """Add a passkey the usual way."""
        key = key or SoftPasskey()
        self.browser.open(f"{PAGE}/add").send(name=name, present=PASSWORD, code=self.code())
        assert self.browser.path == f"{PAGE}/make", self.browser.text
        self.browser.send(credential=json.dumps(key.create(options_on(self.browser))))
        return key

    def at_the_second_step(self) -> Browser:
        """Another browser after the right password."""
        browser = Browser(self.app)
        if self.account.staff_id is None:
            return browser.sign_in(self.account)
        return browser.sign_in_to_office(self.account)


@pytest.fixture
def owner(app: Flask, cast: Cast, portal: Settings) -> Owner:
    return Owner(app, officer("clerk", portal))


# ---- Adding and removing -----------------------------------------------------------------------------------------


def test_X09_staff_add_a_passkey_name_it_and_sign_in_with_it(owner: Owner) -> None:
    owner.browser.open("/security").follow("Add a passkey")
    assert "You have none yet." in owner.browser.text
    owner.browser.follow("Add a passkey")
    key = owner.add("  Blue   phone ")
    assert owner.browser.path == PAGE
    assert "The passkey has been added." in owner.browser.text
    assert "Blue phone" in owner.browser.text and "Never" in owner.browser.text
    assert len(mails("passkey_on", owner.account.email)) == 1

    browser = owner.at_the_second_step()
    assert browser.path == "/sign-in/code"
    asked = options_on(browser)
    assert (asked["rpId"], asked["userVerification"]) == ("localhost", "required")
    browser.send("/sign-in/passkey?next=/office", credential=json.dumps(key.sign(asked)))
    assert browser.path == "/office"
    stored = m.Passkey.get()
    assert (stored.sign_count, stored.name, stored.account_id) == (1, "Blue phone", owner.account.id)
    assert stored.used_at is not None
    assert log_of(owner.account)[-1] is True
    assert {one.action for one in m.AuditEvent.select()} >= {"passkey added"}


def test_a_code_of_the_app_goes_on_working_beside_it(owner: Owner) -> None:
    owner.add()
    code = owner.code()
    assert owner.at_the_second_step().send(1, code=code).path == "/office"


def test_adding_asks_for_name_password_and_code(owner: Owner) -> None:
    browser = owner.browser
    for typed, said in (
        ({"name": " "}, "Enter a name."),
        ({"name": "x" * 61}, "This name is too long."),
        ({"present": "wrong"}, "This is not your present password."),
        ({"code": "000000"}, "This code does not work"),
    ):
        right = {"name": "Phone", "present": PASSWORD, "code": owner.code()}
        browser.open(f"{PAGE}/add").send(**{**right, **typed})
        assert (browser.status, browser.path) == (422, f"{PAGE}/add")
        assert said in browser.text
    assert browser.open(f"{PAGE}/make").path == f"{PAGE}/add", "the password comes first"
    assert not m.Passkey.select().exists()


def test_the_password_stands_for_a_quarter_of_an_hour(owner: Owner) -> None:
    browser = owner.browser.open(f"{PAGE}/add").send(name="Phone", present=PASSWORD, code=owner.code())
    answer = json.dumps(SoftPasskey().create(options_on(browser)))
    at(owner.now + 15 * 60)
    browser.send(credential=answer)
    assert browser.path == f"{PAGE}/add"
    assert not m.Passkey.select().exists()


def test_removing_asks_for_password_and_code_and_the_passkey_signs_in_no_more(owner: Owner) -> None:
    key, other = owner.add("Phone"), owner.add("Laptop")
    waiting = owner.at_the_second_step()
    answer = json.dumps(key.sign(options_on(waiting)))
    number = m.Passkey.get(m.Passkey.name == "Phone").id
    browser = owner.browser.open(f"{PAGE}/{number}/remove")
    assert "Phone" in browser.text
    browser.send(present="wrong", code=owner.code())
    assert browser.status == 422 and m.Passkey.select().count() == 2
    browser.send(present=PASSWORD, code="1")
    assert browser.status == 422 and m.Passkey.select().count() == 2
    browser.send(present=PASSWORD, code=owner.code())
    assert browser.path == PAGE and "Phone" not in browser.text and "Laptop" in browser.text
    assert len(mails("passkey_off", owner.account.email)) == 1
    waiting.send("/sign-in/passkey?next=/office", credential=answer)
    assert waiting.status == 422
    asked = options_on(waiting)
    assert len(asked["allowCredentials"]) == 1
    waiting.send("/sign-in/passkey?next=/office", credential=json.dumps(other.sign(asked)))
    assert waiting.path == "/office"


def test_somebody_elses_passkey_is_not_found(owner: Owner, portal: Settings) -> None:
    owner.add()
    number = m.Passkey.get().id
    other = Owner(owner.app, officer("admin", portal))
    for path in (f"{PAGE}/{number}/remove", f"{PAGE}/987654/remove"):
        assert other.browser.open(path).status == 404
        assert other.browser.client.post(path).status_code == 400, "no token"
    assert "Blue phone" not in other.browser.open(PAGE).text
    assert m.Passkey.select().count() == 1


def test_ten_are_enough(owner: Owner) -> None:
    for number in range(10):
        owner.add(f"Key {number}")
    assert "You have as many as the portal keeps." in owner.browser.open(PAGE).text
    assert owner.browser.open(f"{PAGE}/add").path == PAGE


def test_without_an_app_there_is_no_passkey_and_the_two_end_together(owner: Owner, cast: Cast) -> None:
    rosa = Browser(owner.app).sign_in(cast.rosa)
    assert "Passkeys" not in rosa.open("/security").text
    assert rosa.open(PAGE).path == "/security/authenticator"
    owner.add()
    browser = owner.browser.open("/security/authenticator/end")
    assert "Your passkey ends too." in browser.text
    browser.send(present=PASSWORD, code=owner.code())
    assert not m.Passkey.select().exists()


def test_guardians_with_an_app_may_have_one_too(app: Flask, cast: Cast) -> None:
    rosa = Owner(app, cast.rosa)
    key = rosa.add()
    browser = rosa.at_the_second_step()
    browser.send("/sign-in/passkey", credential=json.dumps(key.sign(options_on(browser))))
    assert browser.path == "/" and "Ana" in browser.text


@pytest.mark.parametrize("address", ["https://192.0.2.7", "http://portal.example.org", "http://127.0.0.1:8000"])
def test_where_browsers_make_no_passkeys_none_is_offered(make_app: MakeApp, address: str) -> None:
    portal = make_app(portal_url=address).extensions["homeroom"]
    assert not passkeys.are_possible(portal)


@pytest.mark.parametrize(
    "address", ["https://portal.example.org", "https://PORTAL.example.org:8443", "http://localhost"]
)
def test_where_they_do_it_is(make_app: MakeApp, address: str) -> None:
    assert passkeys.are_possible(make_app(portal_url=address).extensions["homeroom"])


# ---- What is not one ---------------------------------------------------------------------------------------------

#: What a forger, a phishing site or a copied device sends at sign-in.
FORGED: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://localhost.evil.example"},
    "another port": {"origin": "http://localhost:81"},
    "another name": {"host": "evil.example"},
    "no finger": {"flags": PRESENT},
    "nobody there": {"flags": 0},
    "another key": {"key": ec.generate_private_key(ec.SECP256R1())},
    "not growing": {"count": 7},
    "made up": {"challenge": "AAAA"},
    "for registration": {"type": "webauthn.create"},
}


@pytest.mark.parametrize("forgery", FORGED)
def test_what_is_forged_lets_nobody_in_and_counts_as_a_failure(owner: Owner, forgery: str) -> None:
    key = owner.add(key=SoftPasskey(count=7))
    browser = owner.at_the_second_step()
    browser.send(
        "/sign-in/passkey?next=/office", credential=json.dumps(key.sign(options_on(browser), **FORGED[forgery]))
    )
    assert (browser.status, browser.path) == (422, "/sign-in/passkey")
    assert "This passkey did not work." in browser.text
    assert log_of(owner.account)[-1] is False
    assert m.Passkey.get().used_at is None
    key.count = 7
    browser.send("/sign-in/passkey?next=/office", credential=json.dumps(key.sign(options_on(browser))))
    assert browser.path == "/office", "an honest one still does"


def test_a_challenge_works_once_and_for_five_minutes(owner: Owner) -> None:
    key = owner.add()
    browser = owner.at_the_second_step()
    token = browser.client.get_cookie("portal")
    answer = json.dumps(key.sign(options_on(browser)))
    browser.send("/sign-in/passkey?next=/office", credential=answer)
    assert browser.path == "/office"
    again = owner.at_the_second_step()
    again.send("/sign-in/passkey?next=/office", credential=answer)
    assert again.status == 422
    assert token is not None
    late = owner.at_the_second_step()
    answer = json.dumps(key.sign(options_on(late)))
    at(owner.now + 5 * 60)
    late.send("/sign-in/passkey?next=/office", credential=answer)
    assert late.path == "/sign-in" and "begin again" in late.text


def test_a_challenge_is_used_up_by_a_wrong_answer_too(owner: Owner) -> None:
    key = owner.add()
    browser = owner.at_the_second_step()
    asked = options_on(browser)
    browser.send("/sign-in/passkey?next=/office", credential=json.dumps(key.sign(asked, host="evil.example")))
    browser.send("/sign-in/passkey?next=/office", credential=json.dumps(key.sign(asked)))
    assert browser.status == 422


def test_the_passkey_and_the_challenge_of_somebody_else_do_nothing(owner: Owner, portal: Settings) -> None:
    key = owner.add()
    other = Owner(owner.app, officer("admin", portal))
    other.now = owner.now
    theirs = other.add("Theirs")
    mine, other_one = owner.at_the_second_step(), other.at_the_second_step()
    asked_of_other = options_on(other_one)
    mine.send("/sign-in/passkey?next=/office", credential=json.dumps(theirs.sign(options_on(mine))))
    assert mine.status == 422, "another account's passkey"
    mine.send("/sign-in/passkey?next=/office", credential=json.dumps(key.sign(asked_of_other)))
    assert mine.status == 422, "another account's challenge"
    other_one.send("/sign-in/passkey?next=/office", credential=json.dumps(theirs.sign(asked_of_other)))
    assert other_one.path == "/office", "which still is good for its own"


def test_without_the_password_a_passkey_is_nothing(owner: Owner) -> None:
    key = owner.add()
    waiting = owner.at_the_second_step()
    answer = json.dumps(key.sign(options_on(waiting)))
    stranger = Browser(owner.app).open("/office/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', stranger.page)
    assert token is not None
    sent = stranger.client.post("/sign-in/passkey", data={"csrf_token": token[1], "credential": answer})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/sign-in")
    assert stranger.open("/office").path == "/office/sign-in"


def test_enough_failures_make_everybody_wait(owner: Owner) -> None:
    key = owner.add()
    browser = owner.at_the_second_step()
    for _ in range(5):
        answer = key.sign(options_on(browser), host="evil.example")
        browser.send("/sign-in/passkey?next=/office", credential=json.dumps(answer))
    browser.send("/sign-in/passkey?next=/office", credential=json.dumps(key.sign(options_on(browser))))
    assert browser.status == 422
    assert m.Account.get_by_id(owner.account.id).blocked_until is not None


@pytest.mark.parametrize(
    "odd",
    [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}, {"challenge": "AAAA"},
     {"type": "webauthn.get"}],
)  # fmt: skip
def test_a_forged_new_passkey_is_not_kept(owner: Owner, odd: dict[str, Any]) -> None:
    browser = owner.browser.open(f"{PAGE}/add").send(name="Phone", present=PASSWORD, code=owner.code())
    first = options_on(browser)
    browser.send(credential=json.dumps(SoftPasskey().create(first, **odd)))
    assert browser.status == 422 and "That did not work." in browser.text
    assert not m.Passkey.select().exists()
    assert mails("passkey_on") == []
    browser.send(credential=json.dumps(SoftPasskey().create(options_on(browser))))
    assert browser.path == PAGE and m.Passkey.select().count() == 1


def test_the_same_passkey_is_not_kept_twice(owner: Owner, portal: Settings) -> None:
    key = owner.add()
    other = Owner(owner.app, officer("admin", portal))
    other.now = owner.now
    other.add("Copied", key)
    assert other.browser.status == 422
    assert m.Passkey.select().count() == 1


ODD = ["", "null", "[]", "{}", "{", "\x00", "0" * 5000, '{"id": 1}', "[" * 900,
       json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
       json.dumps({"id": "AA", "rawId": "AA", "type": "public-key",
                   "response": {"clientDataJSON": "/w", "authenticatorData": "/w", "signature": "/w",
                                "attestationObject": "/w"}})]  # fmt: skip


@pytest.mark.parametrize("typed", ODD)
def test_odd_answers_are_told_so_and_make_no_error(owner: Owner, typed: str) -> None:
    owner.add()
    browser = owner.at_the_second_step()
    browser.send("/sign-in/passkey?next=/office", credential=typed)
    assert browser.status == 422
    owner.browser.open(f"{PAGE}/add").send(name="Phone", present=PASSWORD, code=owner.code())
    owner.browser.send(credential=typed)
    assert owner.browser.status == 422
    assert m.Passkey.select().count() == 1


@given(data=st.recursive(
    st.none() | st.integers() | st.text(max_size=20) | st.sampled_from(["AA", "eyJ0eXBlIjoxfQ"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "signature", "x"]), inner, max_size=5),
    max_leaves=12,
))  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=PYTEST)
def test_whatever_comes_is_refused(owner: Owner, portal: Settings, data: object) -> None:
    from services import clock

    assert not passkeys.accepts(owner.account, json.dumps(data), settings=portal, now=clock.now())
    with pytest.raises(passkeys.Refused):
        passkeys.add(owner.account, json.dumps(data), "x", compose=None, settings=portal, now=clock.now())


def test_what_is_stored_signs_nothing(owner: Owner) -> None:
    """The database has public keys and hashed challenges."""
    key = owner.add()
    browser = owner.at_the_second_step()
    asked = options_on(browser)
    stored = repr([list(one.select().tuples()) for one in (m.Passkey, m.OneTimeLink)])
    assert asked["challenge"] not in stored
    private = key.key.private_numbers().private_value
    assert str(private) not in stored and f"{private:x}" not in stored
