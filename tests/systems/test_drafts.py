"""What was typed is not lost when the session ends meanwhile, and nobody else reads it (G07, X11, C05, S07)."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from browsing import Browser
from factories import Cast
from flask import Flask

import models as m
from services import clock, drafts, housekeeping

START = dt.datetime(2026, 11, 16, 15, 0)
TYPED = "  Ana was ill.\nMay she hand it in on Friday? é 😀 <b>"


@pytest.fixture(autouse=True)
def afternoon() -> None:
    clock.set_source(lambda: START)


def later(**passed: float) -> None:
    clock.set_source(lambda: START + dt.timedelta(**passed))


def compose(cast: Cast) -> str:
    return f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}"


def sign_in_here(browser: Browser, account: m.Account) -> Browser:
    return browser.send(user_name=account.user_name, password="correct horse battery")


def area(browser: Browser, name: str = "body") -> str:
    """What stands in a text area of the page."""
    found = re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', browser.page, re.S)
    assert found is not None
    return found[1].replace("&lt;", "<").replace("&gt;", ">")


def test_G07_a_message_typed_while_the_session_ended_is_there_after_signing_in(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    later(minutes=61)
    browser.send(body=TYPED)
    assert browser.path == "/sign-in"
    assert "What you typed is kept and has not been sent" in browser.page
    assert "Ana" not in browser.page, "nothing of it stands there"
    assert not m.Message.select().exists()
    sign_in_here(browser, cast.rosa)
    assert browser.path == compose(cast)
    assert "It has not been sent yet." in browser.text
    assert area(browser) == TYPED
    browser.send(1)
    assert "is on its way" in browser.text
    assert m.Message.get().body == TYPED
    assert not m.Draft.select().exists()
    assert area(browser.open(compose(cast))) == ""


def test_S07_the_next_person_at_this_computer_reads_nothing_and_the_writer_does_elsewhere(
    app: Flask, browser: Browser, cast: Cast
) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    old_tab = browser.tab()
    browser.sign_out()
    old_tab.send(body=TYPED)
    assert old_tab.path == "/sign-in"
    sign_in_here(old_tab, cast.stranger)
    assert old_tab.status == 404
    for path in (compose(cast), "/messages", "/", "/family", "/absences"):
        assert "hand it in" not in old_tab.open(path).page
    # Even where the other person may write to the very same teacher about the same child.
    father = Browser(app).sign_in(cast.carlos)
    m.Guardianship.update(withheld=[]).where(m.Guardianship.guardian == cast.carlos.guardian).execute()
    assert area(father.open(compose(cast))) == ""
    assert area(Browser(app).sign_in(cast.rosa).open(compose(cast))) == TYPED


def test_S07_an_old_tab_keeps_its_text_for_its_writer_whoever_is_signed_in_by_then(
    app: Flask, browser: Browser, cast: Cast
) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    old_tab = browser.tab()
    browser.sign_out()
    browser.sign_in(cast.stranger)
    old_tab.send(body=TYPED)
    assert old_tab.status == 400
    assert "hand it in" not in old_tab.page
    assert m.Draft.get().account_id == cast.rosa.id
    assert not m.Message.select().exists()
    assert area(Browser(app).sign_in(cast.rosa).open(compose(cast))) == TYPED


def test_G07_signed_in_anew_in_another_tab_the_old_form_comes_back_with_its_text(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    old_tab = browser.tab()
    browser.sign_out()
    browser.sign_in(cast.rosa)
    old_tab.send(body=TYPED)
    assert (old_tab.status, area(old_tab)) == (200, TYPED)
    old_tab.send(1)
    assert m.Message.get().body == TYPED


def test_X11_an_absence_is_kept_with_its_children_days_and_note(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open("/absences")
    later(minutes=61)
    browser.send(**{f"child_{cast.ben.id}": "y", "first_day": "2026-11-17", "reason": "illness", "note": "Fever\0"})
    sign_in_here(browser, cast.rosa)
    assert browser.path == "/absences"
    assert area(browser, "note") == "Fever", "what no form takes is left out of the field"
    browser.send(1)
    found = m.AbsenceReport.get()
    assert (found.student_id, str(found.first_day), found.reason, found.note) == (
        cast.ben.id, "2026-11-17", "illness", "Fever",
    )  # fmt: skip
    assert not m.Draft.select().exists()


def test_C05_a_request_to_the_school_is_kept(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open("/family")
    later(minutes=61)
    browser.send(body="We moved to 4 Elm Street.")
    sign_in_here(browser, cast.rosa)
    browser.send(1)
    assert m.ContactRequest.get().body == "We moved to 4 Elm Street."


def test_G07_a_draft_can_be_thrown_away_by_its_writer_alone(app: Flask, browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    later(minutes=61)
    browser.send(body=TYPED)
    sign_in_here(browser, cast.rosa)
    draft = m.Draft.get()
    other = Browser(app).sign_in(cast.stranger)
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.page)
    assert token is not None
    refused = other.client.post(f"/drafts/{draft.id}/discard", data={"csrf_token": token[1]})
    assert (refused.status_code, m.Draft.select().count()) == (404, 1)
    browser.send(0)
    assert "What you had typed is gone." in browser.page
    assert (browser.path, area(browser)) == (compose(cast), "")
    assert not m.Draft.select().exists()


@pytest.mark.parametrize("mark", ["", "1", "1.", ".x", "9" * 40 + ".x", "²." + "a" * 64, "1." + "a" * 64, "{other}"])
def test_G07_nothing_is_kept_for_a_mark_that_the_portal_has_not_made(browser: Browser, cast: Cast, mark: str) -> None:
    browser.sign_in(cast.rosa).open("/family")
    other = re.search(r'name="draft" value="([^"]+)"', browser.page)
    assert other is not None
    browser.open(compose(cast))
    later(minutes=61)
    browser.send(body=TYPED, draft=mark.format(other=other[1]))
    assert browser.path == "/sign-in"
    assert "What you typed" not in browser.page
    assert not m.Draft.select().exists()


def test_G07_far_more_than_a_message_takes_is_not_kept_and_the_latest_ten_pages_are(
    browser: Browser, cast: Cast, app: Flask
) -> None:
    settings = app.extensions["homeroom"]
    browser.sign_in(cast.rosa)
    session = m.LoginSession.get()
    for number in range(12):
        page = f"/page/{number}"
        later(minutes=number)
        assert drafts.keep(
            drafts.mark(session, page, settings), page, {"body": "x"}, settings=settings, now=clock.now()
        )
    assert [one.page for one in m.Draft.select().order_by(m.Draft.id)] == [f"/page/{number}" for number in range(2, 12)]
    huge = {"body": "x" * drafts.LONGEST}
    mark = drafts.mark(session, "/x", settings)
    assert drafts.keep(mark, "/x", huge, settings=settings, now=clock.now()) is None
    assert drafts.keep(mark, "/x", {}, settings=settings, now=START + drafts.KEPT * 2) is None


def test_G07_a_draft_is_forgotten_after_a_week(app: Flask, browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    later(minutes=61)
    browser.send(body=TYPED)
    later(days=8)
    assert area(Browser(app).sign_in(cast.rosa).open(compose(cast))) == ""
    settings = app.extensions["homeroom"]
    report = housekeeping.run(
        settings=settings, now=clock.now(), on=clock.today(settings.time_zone), compose=app.extensions["compose"]
    )
    assert report.dropped["drafts"] == 1
    assert not m.Draft.select().exists()


def test_G07_a_right_that_ended_meanwhile_closes_the_draft_too(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    later(minutes=61)
    browser.send(body=TYPED)
    m.Guardianship.update(office_access=False).where(m.Guardianship.student == cast.ana).execute()
    sign_in_here(browser, cast.rosa)
    assert browser.status == 404
    assert "hand it in" not in browser.page
