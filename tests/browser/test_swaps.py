"""Tabs with JavaScript on: only the record is exchanged, and nothing else about the web changes (X01, FACTS htmx)."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Error, Page, Route, expect
from server import People, Server
from visiting import Visitor

TABS = "#record .tabs"


def test_a_tab_click_exchanges_the_record_and_nothing_else(visitor: Visitor, people: People) -> None:
    page, record = at_ana(visitor, people)
    page.evaluate("window.stillHere = true")
    visitor.requests.clear()
    click_tab(page, "Grades")
    expect(page).to_have_url(f"{visitor.server.origin}{record}/grades")
    expect(page).to_have_title("Grades: \u2068Ana Reyes\u2069 – Maple Valley Schools")
    expect(page.locator("h1")).to_have_text("Grades")
    expect(page.locator(f"{TABS} [aria-current=page]")).to_have_text("Grades")
    assert page.evaluate("window.stillHere"), "the document is the same"
    asked = [request.url for request in visitor.requests if "icon" not in request.url]
    assert asked == [f"{visitor.server.origin}{record}/grades"]


def test_after_a_swap_the_new_heading_has_the_focus_and_the_title_is_said(visitor: Visitor, people: People) -> None:
    page, _ = at_ana(visitor, people)
    assert page.locator("#said").inner_text() == ""
    click_tab(page, "To do")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("[role=status]#said")).to_have_text("To do: \u2068Ana Reyes\u2069 – Maple Valley Schools")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('h1').compareDocumentPosition(document.activeElement)") & 4, "goes on"


def test_the_keyboard_opens_a_tab_too(visitor: Visitor, people: People) -> None:
    page, record = at_ana(visitor, people)
    page.locator(f"{TABS} a", has_text="Grades").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{record}/grades$"))
    expect(page.locator("h1")).to_be_focused()


def test_the_back_button_gives_whole_pages(visitor: Visitor, people: People) -> None:
    page, record = at_ana(visitor, people)
    click_tab(page, "Grades")
    click_tab(page, "To do")
    for path, heading in ((f"{record}/grades", "Grades"), (record, "Overview"), ("/", "My children")):
        visitor.back()
        expect(page.locator("h1")).to_have_text(heading)
        expect(page.locator(".bar .brand")).to_be_visible()
        expect(page.locator("html[lang=en]")).to_have_count(1)
        assert visitor.path == path
    page.go_forward()
    expect(page.locator("h1")).to_have_text("Overview")
    expect(page.locator(".bar")).to_have_count(1)


def test_a_reload_keeps_the_tab(visitor: Visitor, people: People) -> None:
    page, record = at_ana(visitor, people)
    click_tab(page, "To do")
    page.reload()
    assert (visitor.path, visitor.heading) == (f"{record}/to-do", "To do")
    expect(page.locator(".bar")).to_have_count(1)


def test_a_tab_opens_in_a_window_of_its_own_with_ctrl(visitor: Visitor, people: People) -> None:
    page, record = at_ana(visitor, people)
    with visitor.context.expect_page() as opened:
        page.locator(f"{TABS} a", has_text="Grades").click(modifiers=["ControlOrMeta"])
    expect(opened.value.locator("h1")).to_have_text("Grades")
    assert visitor.path == record


def test_of_two_quick_clicks_the_last_one_counts(visitor: Visitor, people: People) -> None:
    page, record = at_ana(visitor, people)
    held: list[Route] = []
    page.route("**/grades", lambda route: held.append(route))
    page.locator(f"{TABS} a", has_text="Grades").click()
    click_tab(page, "To do")
    with suppress(Error):
        held[0].continue_()
    page.wait_for_timeout(300)
    expect(page.locator("h1")).to_have_text("To do")
    expect(page).to_have_url(re.compile(f"{record}/to-do$"))


def test_the_language_switch_stays_on_the_tab(visitor: Visitor, people: People) -> None:
    page, record = at_ana(visitor, people)
    click_tab(page, "Grades")
    visitor.press(".languages button[lang=es]")
    assert visitor.path == f"{record}/grades"
    expect(page.locator("html[lang=es]")).to_have_count(1)


def test_a_tab_that_the_network_loses_is_opened_as_a_page(visitor: Visitor, people: People) -> None:
    visitor.expect("ERR_FAILED|Failed to fetch")
    page, record = at_ana(visitor, people)
    only_for_htmx(page, lambda route: route.abort())
    with page.expect_navigation():
        page.locator(f"{TABS} a", has_text="Grades").click()
    assert (visitor.path, visitor.heading) == (f"{record}/grades", "Grades")


def test_an_error_page_of_a_proxy_is_never_swapped_in(visitor: Visitor, people: People) -> None:
    visitor.expect_answers(502)
    page, record = at_ana(visitor, people)
    only_for_htmx(page, lambda route: route.fulfill(status=502, body="<h1>nginx</h1>", content_type="text/html"))
    with page.expect_navigation():
        page.locator(f"{TABS} a", has_text="Grades").click()
    assert (visitor.path, visitor.heading) == (f"{record}/grades", "Grades")


def test_a_tab_click_in_an_expired_session_leads_to_the_whole_sign_in_page(visitor: Visitor, people: People) -> None:
    visitor.expect_answers(401)
    page, record = at_ana(visitor, people)
    visitor.server.change("UPDATE login_session SET ended_at = '2026-01-01 00:00:00'")
    with page.expect_navigation():
        page.locator(f"{TABS} a", has_text="Grades").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator(".bar nav")).to_have_count(0)
    assert "Ana" not in page.content()
    page.fill("#user_name", "rosa@example.com")
    page.fill("#password", "correct horse battery")
    visitor.press("main form button")
    assert visitor.path == f"{record}/grades"


def test_a_tab_that_is_closed_meanwhile_shows_the_404_page_and_keeps_the_address(
    visitor: Visitor, people: People
) -> None:
    visitor.expect_answers(404)
    page, record = at_ana(visitor, people)
    visitor.server.change("UPDATE guardianship SET office_access = 0")
    page.locator(f"{TABS} a", has_text="Grades").click()
    shows_error(visitor, "Page not found", at=record)
    assert "Ana" not in page.locator("main").inner_text()


def test_a_tab_that_fails_shows_the_500_page_and_keeps_the_address(visitor: Visitor, people: People) -> None:
    visitor.expect_answers(500)
    page, record = at_ana(visitor, people)
    break_the_gradebook(visitor.server)
    page.locator(f"{TABS} a", has_text="Grades").click()
    shows_error(visitor, "Something went wrong", at=record)


def test_the_visitor_notices_what_the_policy_blocks(visit: Callable[..., Visitor]) -> None:
    watched = visit()
    watched.open("/sign-in").evaluate("document.body.setAttribute('style', 'color: red')")
    watched.page.wait_for_timeout(50)
    assert any("Content Security Policy" in problem for problem in watched.problems)
    watched.problems.clear()


def at_ana(visitor: Visitor, people: People) -> tuple[Page, str]:
    """Sign in as Ana's mother and open Ana's record; the page and the record's address."""
    visitor.let_in()
    visitor.open("/")
    record = f"/students/{people.cast.ana.id}"
    return visitor.press("text=Ana Reyes"), record


def click_tab(page: Page, label: str) -> None:
    """Click and wait for the swap."""
    page.locator(f"{TABS} a", has_text=label).click()
    expect(page.locator("h1")).to_have_text(label)


def only_for_htmx(page: Page, answer: Callable[[Route], None]) -> None:
    """Let `answer` deal with what htmx fetches; whole pages go through."""
    page.route("**/students/**", lambda route: answer(route) if swaps(route) else route.continue_())


def swaps(route: Route) -> bool:
    """Whether htmx asks."""
    return "hx-request" in route.request.headers


def break_the_gradebook(server: Server) -> None:
    """Make every page with grades fail."""
    server.change("ALTER TABLE result RENAME TO result_away")


def shows_error(visitor: Visitor, heading: str, *, at: str) -> None:
    """The error stands in the page, with its title, under the address that the reader came from."""
    expect(visitor.page.locator("h1")).to_have_text(heading)
    expect(visitor.page).to_have_title(f"{heading} – Maple Valley Schools")
    expect(visitor.page.locator("h1")).to_be_focused()
    expect(visitor.page.locator(".bar")).to_have_count(1)
    assert visitor.path == at
