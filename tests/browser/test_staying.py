"""Who is about to be signed out is told, stays with one press, and loses nothing that was typed (WCAG 2.2.1)."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from server import People
from visiting import Visitor

LEAVING, STAYED = "You will be signed out soon, because", "Ana was sick on Friday."
#: Sessions of tests last for 60 minutes without use; the warning comes five minutes before that, or a little earlier.
BEFORE, WARNED, OVER = 52 * 60_000, 54 * 60_000, 6 * 60_000


def test_nobody_is_warned_while_there_is_time(visitor: Visitor, people: People) -> None:
    page = typing(visitor, people)
    page.clock.run_for(BEFORE)
    expect(page.locator("#session-end")).to_be_hidden()


def test_one_press_keeps_the_session_and_what_was_typed(visitor: Visitor, people: People) -> None:
    page = typing(visitor, people)
    visitor.server.change("UPDATE login_session SET seen_at = datetime(seen_at, '-50 minutes')")
    ((before,),) = visitor.server.ask("SELECT seen_at FROM login_session WHERE ended_at IS NULL")
    page.clock.run_for(WARNED)
    warning = page.get_by_role("alert").filter(has_text=LEAVING)
    expect(warning).to_be_visible()
    with page.expect_response("**/security/session") as answered:
        page.get_by_role("button", name="Stay signed in").press("Enter")
    assert answered.value.status == 204
    expect(warning).to_be_hidden()
    expect(page.locator("#body")).to_have_value(STAYED)
    ((after,),) = visitor.server.ask("SELECT seen_at FROM login_session WHERE ended_at IS NULL")
    assert str(after) > str(before)
    page.clock.run_for(WARNED)
    expect(warning).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    visitor.press("main form button")
    expect(page.locator("[role=status]", has_text="is on its way")).to_be_visible()


def test_whoever_comes_too_late_is_told_so_and_what_was_typed_is_still_there(visitor: Visitor, people: People) -> None:
    page = typing(visitor, people)
    visitor.server.change("UPDATE login_session SET ended_at = '2026-01-01 00:00:00'")
    page.clock.run_for(WARNED)
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("alert")).to_contain_text("You have been signed out.")
    expect(page.locator("#body")).to_have_value(STAYED)


def test_whoever_does_nothing_is_told_when_it_is_over(visitor: Visitor, people: People) -> None:
    page = typing(visitor, people)
    page.clock.run_for(WARNED)
    page.clock.run_for(OVER)
    expect(page.get_by_role("alert")).to_contain_text("You have been signed out.")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()


def test_a_tab_that_is_opened_meanwhile_counts_as_use(visitor: Visitor, people: People) -> None:
    page = opened(visitor, f"/students/{people.cast.ana.id}")
    page.clock.run_for(BEFORE)
    page.locator(".tabs a", has_text="Grades").click()
    expect(page.locator("h1")).to_have_text("Grades")
    page.clock.run_for(BEFORE)
    expect(page.locator("#session-end")).to_be_hidden()


def test_a_session_that_is_old_ends_in_any_case_and_says_so(visitor: Visitor, people: People) -> None:
    visitor.let_in()
    visitor.server.change("UPDATE login_session SET created_at = datetime('now', '-690 minutes')")
    visitor.page.clock.install()
    page = visitor.open("/")
    page.clock.run_for(27 * 60_000)
    expect(page.get_by_role("alert")).to_contain_text("Please send what you have typed, and sign in again.")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()


def test_without_javascript_the_limit_stands_on_every_page(plain_visitor: Visitor) -> None:
    page = plain_visitor.sign_in()
    expect(page.locator(".foot > .hint")).to_have_text("You are signed out when no page is opened for 60 minutes.")
    expect(page.locator("#session-end")).to_be_hidden()


def typing(visitor: Visitor, people: People) -> Page:
    """At a message that is half written, with a clock that the test moves."""
    cast = people.cast
    page = opened(visitor, f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}")
    page.fill("#body", STAYED)
    return page


def opened(visitor: Visitor, path: str) -> Page:
    """Signed in, at this page, with a clock that the test moves."""
    visitor.let_in()
    visitor.page.clock.install()
    return visitor.open(path)
