"""Signing in and out under the standard preset, and what a stranger can learn from trying."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from browsing import Browser
from factories import PASSWORD, Cast
from factories import cast as make_cast
from flask import Flask

from models import LoginSession, SignInAttempt, Throttle
from services import clock

START = dt.datetime(2026, 11, 16, 15, 0)


def test_unknown_names_and_wrong_passwords_get_the_same_answer(app: Flask, cast: Cast) -> None:
    pages = []
    for name, password in (("nobody@example.com", PASSWORD), ("rosa@example.com", "wrong"), ("", ""), ("x\0y", "\0")):
        browser = Browser(app).open("/sign-in").send(user_name=name, password=password)
        assert browser.status == 422
        pages.append(browser.text)
    assert len(set(pages)) == 1
    assert "do not match" in pages[0]


def test_the_user_name_may_be_typed_in_capitals_and_with_spaces(browser: Browser, cast: Cast) -> None:
    browser.open("/sign-in").send(user_name=" ROSA@Example.COM ", password=PASSWORD)
    assert browser.path == "/"


def test_after_five_failures_the_wait_grows_and_ends_by_itself(browser: Browser, cast: Cast) -> None:
    clock.set_source(lambda: START)
    for _ in range(5):
        browser.sign_in(cast.rosa, "wrong")
    assert browser.sign_in(cast.rosa).status == 422, "even the right password has to wait a minute"
    clock.set_source(lambda: START + dt.timedelta(seconds=61))
    browser.sign_in(cast.rosa, "wrong")
    clock.set_source(lambda: START + dt.timedelta(seconds=61 + 100))
    assert browser.sign_in(cast.rosa).status == 422, "two minutes after the sixth"
    clock.set_source(lambda: START + dt.timedelta(seconds=61 + 121))
    assert browser.sign_in(cast.rosa).path == "/"


def test_twenty_failures_from_one_address_close_it_for_a_quarter_of_an_hour(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(address_limit=3)
    people = make_cast(app.extensions["homeroom"])
    clock.set_source(lambda: START)
    for number in range(3):
        Browser(app).open("/sign-in").send(user_name=f"guess{number}", password="x")
    refused = Browser(app).sign_in(people.rosa)
    assert refused.status == 429
    assert "wait a quarter of an hour" in refused.text
    clock.set_source(lambda: START + dt.timedelta(minutes=15))
    assert Browser(app).sign_in(people.rosa).path == "/"


def test_right_sign_ins_do_not_use_up_the_address(make_app: Callable[..., Flask]) -> None:
    app = make_app(address_limit=3)
    people = make_cast(app.extensions["homeroom"])
    for _ in range(8):
        assert Browser(app).sign_in(people.rosa).path == "/"
    assert "127.0.0.1" not in {row.bucket for row in Throttle.select()}, "addresses are kept as keyed hashes"


def test_a_forged_forwarded_address_is_ignored_without_a_configured_proxy(app: Flask, cast: Cast) -> None:
    client = Browser(app)
    client.client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.9"
    client.sign_in(cast.rosa)
    assert SignInAttempt.get().ip == "127.0.0.1"


@pytest.mark.parametrize(
    "there", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/\n/evil.example"]
)
def test_after_signing_in_nobody_is_sent_to_another_host(browser: Browser, cast: Cast, there: str) -> None:
    browser.open("/sign-in", query_string={"next": there})
    answer = browser.client.post(
        "/sign-in",
        query_string={"next": there},
        data={"csrf_token": token(browser), "user_name": "rosa@example.com", "password": PASSWORD},
    )
    assert answer.headers["Location"] == "/"


def test_the_page_that_was_asked_for_opens_after_signing_in(browser: Browser, cast: Cast) -> None:
    browser.open(f"/students/{cast.ana.id}/grades?all=1")
    assert browser.path == "/sign-in"
    answer = browser.client.post(
        browser.response.request.full_path,
        data={"csrf_token": token(browser), "user_name": "rosa@example.com", "password": PASSWORD},
    )
    assert answer.headers["Location"] == f"/students/{cast.ana.id}/grades?all=1"


def test_signing_in_starts_a_new_session_with_a_new_token(browser: Browser, cast: Cast) -> None:
    browser.open("/sign-in")
    before = browser.client.get_cookie("portal")
    browser.sign_in(cast.rosa)
    after = browser.client.get_cookie("portal")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert after.http_only
    assert after.same_site == "Lax"
    stored = LoginSession.get().token_hash
    assert stored not in after.value


def test_over_tls_the_cookie_is_bound_to_the_host(make_app: Callable[..., Flask]) -> None:
    app = make_app(portal_url="https://portal.example.org")
    answer = app.test_client().get("/sign-in", base_url="https://portal.example.org")
    cookie = next(value for name, value in answer.headers if name == "Set-Cookie")
    assert cookie.startswith("__Host-portal=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_S07_opening_sign_in_or_registration_while_signed_in_says_who_and_asks_to_sign_out(
    browser: Browser, cast: Cast
) -> None:
    browser.sign_in(cast.rosa)
    for path in ("/sign-in", "/register"):
        browser.open(path)
        assert "This browser is signed in as Rosa Reyes" in browser.text
        assert "Sign out first" in browser.text
        assert 'name="password"' not in browser.page
    browser.send()
    assert "You have signed out" in browser.text


def test_a_session_ends_after_its_longest_life_even_when_it_is_used(browser: Browser, cast: Cast) -> None:
    clock.set_source(lambda: START)
    browser.sign_in(cast.rosa)
    for minutes in range(50, 12 * 60, 50):
        clock.set_source(lambda minutes=minutes: START + dt.timedelta(minutes=minutes))
        assert browser.open("/").path == "/"
    clock.set_source(lambda: START + dt.timedelta(hours=12, seconds=1))
    assert browser.open("/").path == "/sign-in"


def token(browser: Browser) -> str:
    """The token on the page."""
    return browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_failures_of_another_day_are_forgotten(browser: Browser, cast: Cast) -> None:
    clock.set_source(lambda: START)
    for _ in range(5):
        browser.sign_in(cast.rosa, "wrong")
    clock.set_source(lambda: START + dt.timedelta(days=2))
    browser.sign_in(cast.rosa, "wrong")
    assert browser.sign_in(cast.rosa).path == "/", "one wrong password is one wrong password again"


def test_addresses_of_one_ipv6_network_count_together(make_app: Callable[..., Flask]) -> None:
    app = make_app(address_limit=3)
    for number in range(4):
        visitor = Browser(app)
        visitor.client.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number:x}"
        visitor.open("/sign-in").send(user_name="nobody", password="x")
    assert visitor.status == 429
    visitor.client.environ_base["REMOTE_ADDR"] = "2001:db8:1:3::1"
    assert visitor.open("/sign-in").send(user_name="nobody", password="x").status == 422


def test_what_follows_wrong_passwords_is_said_to_everybody_in_numbers(app: Flask, cast: Cast) -> None:
    names = ("rosa@example.com", "nobody@example.com")
    pages = {Browser(app).open("/sign-in").send(user_name=name, password="wrong").text for name in names}
    assert len(pages) == 1
    for said in (
        "After 5 wrong passwords in a row you have to wait for at least a minute.",
        "Meanwhile even the right one is refused.",
    ):
        assert said in next(iter(pages))


def test_a_user_name_that_was_copied_from_a_mail_signs_in(browser: Browser, cast: Cast) -> None:
    browser.open("/sign-in").send(user_name="\u2068rosa@example.com\u2069", password=PASSWORD)
    assert browser.path == "/"
