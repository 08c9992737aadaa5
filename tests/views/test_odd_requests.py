"""Requests that no page of the portal makes, a database that is busy or away, and pages that only some presets have."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsing import Browser
from factories import Cast
from factories import cast as make_cast
from flask import Flask
from peewee import OperationalError, PostgresqlDatabase
from playhouse.db_url import connect

from models import LoginSession
from services import clock, outbox, worker
from services.mail import Mailer

START = dt.datetime(2026, 11, 16, 15, 0)


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, 0])
def test_numbers_that_no_row_can_have_are_not_found(browser: Browser, cast: Cast, number: int) -> None:
    browser.sign_in(cast.rosa)
    for path in (f"/students/{number}", f"/students/{cast.ana.id}/grades/{number}", f"/students/{number}/grades"):
        assert browser.open(path).status == 404


@pytest.mark.parametrize("query", ["?term=abc", "?term=-1", "?term=99999999999999999999", "?all=1&all=2", "?all[]=1"])
def test_odd_queries_show_the_page_or_nothing(browser: Browser, cast: Cast, query: str) -> None:
    assert browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades{query}").status in (200, 404)


@pytest.mark.parametrize("body", ['{"user_name": 5}', "[1]", '"x"', "{"])
def test_json_is_not_a_form(browser: Browser, cast: Cast, body: str) -> None:
    browser.open("/sign-in")
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
    assert browser.client.post("/sign-in", data=body, headers=headers).status_code == 422


def test_a_referrer_that_is_no_address_is_ignored(browser: Browser) -> None:
    browser.open("/sign-in")
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {"csrf_token": token, "language": "es", "next": "/register"}
    answer = browser.client.post("/language", data=data, headers={"Referer": "http://["})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/register")


def test_the_button_of_an_old_tab_shows_who_is_signed_in_instead_of_failing(browser: Browser, cast: Cast) -> None:
    old = browser.open("/sign-in").page.partition('name="csrf_token" value="')[2].partition('"')[0]
    browser.sign_in(cast.rosa)
    answer = browser.client.post("/sign-out", data={"csrf_token": old})
    assert answer.status_code == 400
    assert "This browser is signed in as" in answer.get_data(as_text=True)


def test_a_method_that_a_page_does_not_take_names_those_it_takes(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    answer = browser.client.open("/messages", method="PUT", headers={"X-CSRFToken": "x"})
    assert answer.status_code in (400, 405)
    answer = browser.client.options("/messages")
    assert "GET" in answer.headers["Allow"]


def test_a_page_does_not_wait_for_whoever_is_writing(app: Flask, cast: Cast) -> None:
    clock.set_source(lambda: START)
    browser = Browser(app).sign_in(cast.rosa)
    clock.set_source(lambda: START + dt.timedelta(minutes=10))
    with writing(app):
        began = time.monotonic()
        assert browser.open(f"/students/{cast.ana.id}/grades").status == 200
        assert time.monotonic() - began < 5, "it would be ten seconds for each try"
    assert LoginSession.get().seen_at == START
    browser.open("/")
    assert LoginSession.get().seen_at == START + dt.timedelta(minutes=10)


def test_with_the_database_away_a_plain_page_says_so(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = Browser(app).sign_in(cast.rosa)
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    opened = app.extensions["database"]
    opened.close()

    def away(*_: object, **__: object) -> None:
        raise OperationalError("unable to open database file")

    monkeypatch.setattr(opened, "connect", away)
    monkeypatch.setattr(opened, "execute_sql", away)
    for path in ("/", "/sign-in", "/no-such-page", f"/students/{cast.ana.id}"):
        answer = visitor.client.get(path)
        assert answer.status_code in (404, 500), path
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Content-Security-Policy" in answer.headers
        assert "Traceback" not in answer.get_data(as_text=True)
    assert "The portal is not available right now" in visitor.client.get("/").get_data(as_text=True)
    assert visitor.client.get("/livez").status_code == 200
    ready = visitor.client.get("/readyz")
    assert (ready.status_code, ready.mimetype) == (503, "application/json")


def test_where_the_oldest_child_comes_first_the_others_are_one_click_away(make_app: Callable[..., Flask]) -> None:
    app = make_app(home="oldest")
    people = make_cast(app.extensions["homeroom"])
    browser = Browser(app).sign_in(people.rosa)
    assert browser.path == f"/students/{people.ana.id}"
    browser.follow("My children")
    assert "Ben Reyes" in browser.text
    assert "Ana Reyes" in browser.text


def test_the_demo_shows_the_mail_it_would_have_sent(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app = make_app(demo=True, smtp_url=f"file://{tmp_path}")
    assert "No mail yet" in Browser(app).open("/demo/mail").text
    outbox.enqueue(kind="test", recipient="a@example.com", subject="Hello", text="Good <b>morning</b>\n")
    with Mailer(f"file://{tmp_path}", "Portal <portal@example.org>") as mailer:
        worker.run_once(mailer)
    browser = Browser(app).open("/demo/mail")
    assert "Hello" in browser.text
    assert "Good <b>morning</b>" in browser.text
    assert "<b>morning" not in browser.page


@pytest.mark.parametrize("path", ["/students/1/%00x", "/%00", "/sign-in?next=%00"])
def test_an_address_with_control_characters_does_not_come_back_in_the_page(app: Flask, cast: Cast, path: str) -> None:
    answer = Browser(app).sign_in(cast.rosa).client.get(path)
    assert answer.status_code in (200, 404) and b"\0" not in answer.get_data()


@contextmanager
def writing(app: Flask) -> Iterator[None]:
    """Somebody else in the middle of a long write: to the whole of SQLite, or to the sessions of PostgreSQL."""
    opened = app.extensions["database"]
    if isinstance(opened, PostgresqlDatabase):
        other = connect(app.extensions["homeroom"].database_url)
        with other.connection_context(), other.atomic() as transaction:
            other.execute_sql("SELECT * FROM login_session FOR UPDATE")
            yield
            transaction.rollback()
    else:
        other = sqlite3.connect(opened.database)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()
        other.close()
