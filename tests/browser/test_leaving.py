"""After signing out nothing of the record is left in the browser, also not behind the back button (C13, S07)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from server import People
from visiting import Visitor

STORED = """async () => [localStorage.length, sessionStorage.length, document.cookie,
    (await indexedDB.databases()).length]"""

WHY_NOT_KEPT = "performance.getEntriesByType('navigation')[0].notRestoredReasons.reasons.map(r => r.reason)"


@pytest.fixture
def remembering(visit: Callable[..., Visitor], remembering_chromium: Browser) -> Visitor:
    """Somebody whose browser keeps pages for the back button."""
    return visit(remembering_chromium)


@pytest.fixture
def remembering_plainly(visit: Callable[..., Visitor], remembering_chromium: Browser) -> Visitor:
    """The same without JavaScript."""
    return visit(remembering_chromium, java_script_enabled=False)


def test_C13_after_signing_out_the_back_button_shows_nothing_of_the_record(
    remembering: Visitor, people: People
) -> None:
    page = read_and_leave(remembering, people)
    for _ in range(4):
        remembering.back()
        expect(page.locator("h1")).to_have_text("Sign in")
        assert "Ana" not in page.locator("html").inner_text()
    page.go_forward()
    assert "Ana" not in page.locator("html").inner_text()


def test_C13_the_same_holds_without_javascript(remembering_plainly: Visitor, people: People) -> None:
    page = read_and_leave(remembering_plainly, people)
    for _ in range(4):
        remembering_plainly.back()
        expect(page.locator("h1")).to_have_text("Sign in")
        assert "Ana" not in page.locator("html").inner_text()


def test_C13_while_signed_in_the_back_button_works(remembering: Visitor, people: People) -> None:
    remembering.let_in()
    page = remembering.open("/")
    remembering.press("text=Ana Reyes")
    remembering.back()
    expect(page.locator("h1")).to_have_text("My children")
    expect(page.get_by_text("Ana Reyes")).to_be_visible()
    assert page.evaluate(WHY_NOT_KEPT) == ["response-cache-control-no-store"], "the cache is on, but may not keep this"


def test_C13_a_page_that_comes_back_as_it_was_left_is_asked_for_again(visitor: Visitor) -> None:
    visitor.let_in()
    page = visitor.open("/")
    visitor.server.change("UPDATE login_session SET ended_at = '2026-01-01 00:00:00'")
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_S07_nothing_is_ever_stored_in_the_browser(remembering: Visitor, people: People) -> None:
    remembering.let_in()
    page = remembering.open(f"/students/{people.cast.ana.id}")
    page.click(".tabs >> text=Grades")
    expect(page.locator("h1")).to_have_text("Grades")
    assert page.evaluate(STORED) == [0, 0, "", 0]
    remembering.press(".bar form button")
    assert page.evaluate(STORED) == [0, 0, "", 0]
    assert [(cookie["name"], cookie["httpOnly"]) for cookie in remembering.context.cookies()] == [("portal", True)]


def test_S07_the_next_person_at_a_shared_computer_reaches_nothing_of_the_last(
    remembering: Visitor, people: People
) -> None:
    page = read_and_leave(remembering, people)
    remembering.sign_in("wendy@example.com")
    assert "Zoe Whitfield" in page.locator("main").inner_text()
    remembering.expect_answers(404)
    remembering.open(f"/students/{people.cast.ana.id}/grades")
    assert remembering.heading == "Page not found"
    for _ in range(6):
        remembering.back()
        assert "Ana" not in page.locator("html").inner_text()


@pytest.mark.parametrize("path", ["/sign-in", "/register"])
def test_S07_while_somebody_is_signed_in_the_way_in_says_who(visitor: Visitor, path: str) -> None:
    visitor.let_in()
    page = visitor.open(path)
    expect(page.locator("main")).to_contain_text("signed in as \u2068Rosa Reyes\u2069")
    visitor.press("main form button")
    assert (visitor.path, visitor.heading) == ("/sign-in", "Sign in")


def read_and_leave(visitor: Visitor, people: People) -> Page:
    """Read in the record as a person does, by links and by tabs, and sign out."""
    page = visitor.sign_in()
    visitor.press("text=Ana Reyes")
    page.click(".tabs >> text=Grades")
    expect(page.locator("h1")).to_have_text("Grades")
    expect(page).to_have_url(f"{visitor.server.origin}/students/{people.cast.ana.id}/grades")
    visitor.press("tbody >> text=Mathematics 7")
    return visitor.press(".bar form button")
