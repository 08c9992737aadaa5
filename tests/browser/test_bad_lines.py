"""A script that is lost on the way, all of it or half, or storage that is blocked: every link and form works (X01)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect
from server import People
from visiting import Visitor

#: Chromium's words when a script is cut off or blocked.
EXPECTED = "SyntaxError|Unexpected end of input|Invalid or unexpected token|must be declared|ERR_FAILED"


def half(route: Route) -> None:
    """The first half of the script arrives."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text()[: len(answer.text()) // 2])


def only_htmx(route: Route) -> None:
    """htmx arrives, and what the portal adds to it does not."""
    answer = route.fetch()
    whole = answer.text()
    route.fulfill(response=answer, body=whole[: whole.index("// What the portal adds")])


WAYS: dict[str, Callable[[Route], None]] = {
    "nothing comes": lambda route: route.abort(),
    "half of it comes": half,
    "htmx alone comes": only_htmx,
}


@pytest.mark.parametrize("way", WAYS)
def test_X01_every_step_works_when_the_script_is_lost_on_the_way(visitor: Visitor, people: People, way: str) -> None:
    visitor.page.route("**/portal.js", WAYS[way])
    visit(visitor, people, broken=way != "htmx alone comes")


def test_X01_every_step_works_while_the_script_is_still_on_its_way(visitor: Visitor, people: People) -> None:
    waiting: list[Route] = []
    visitor.page.route("**/portal.js", lambda route: waiting.append(route))
    page = visitor.page
    page.goto("/sign-in", wait_until="commit")
    page.fill("#user_name", "rosa@example.com")
    page.fill("#password", "correct horse battery")
    page.locator("main form button").click(no_wait_after=True)
    expect(page.locator("h1")).to_have_text("My children")
    page.locator("text=Ana Reyes").click(no_wait_after=True)
    expect(page.locator("h1")).to_have_text("Overview")
    page.locator(".tabs >> text=Grades").click(no_wait_after=True)
    expect(page.locator("h1")).to_have_text("Grades")
    expect(page.locator("tbody tr", has_text="Mathematics 7")).to_contain_text("B+ (88)")
    assert waiting, "it never came"
    for route in waiting:
        route.abort()
    visitor.expect(EXPECTED)


def test_X01_every_step_works_where_storage_is_blocked(visitor: Visitor, people: People) -> None:
    visitor.context.add_init_script("""for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
      Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
    }""")
    visit(visitor, people, broken=False)
    assert (
        visitor.page.evaluate("() => { try { return localStorage; } catch (e) { return e.name; } }") == "SecurityError"
    )


def visit(visitor: Visitor, people: People, *, broken: bool) -> None:
    """Sign in, read grades by the tabs, switch the language, send a message, sign out."""
    visitor.expect(EXPECTED)
    page, grades = visitor.sign_in(), f"/students/{people.cast.ana.id}/grades"
    visitor.press("text=Ana Reyes")
    page.locator(".tabs >> text=Grades").click()
    expect(page).to_have_url(f"{visitor.server.origin}{grades}")
    expect(page.locator("h1")).to_have_text("Grades")
    visitor.press(".languages button[lang=es]")
    visitor.press(".languages button[lang=en]")
    visitor.press("tbody >> text=Mathematics 7")
    visitor.press("text=Write a message")
    page.fill("#body", "Ana was sick on Friday.")
    visitor.press("main form button")
    expect(page.locator("[role=status]", has_text="is on its way")).to_be_visible()
    assert page.evaluate("typeof htmx") == ("undefined" if broken else "object")
    visitor.press(".bar form button")
    assert visitor.path == "/sign-in"
