"""The portal by keyboard alone: every step is reached by Tab, is seen to have the focus, and works by Enter."""

from __future__ import annotations

import pytest
from factories import PASSWORD
from pages import STATES
from playwright.sync_api import Page, expect
from server import People
from visiting import DESK, PHONE, Visitor

#: As many presses as the longest page needs.
PATIENCE = 120

FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getClientRects()[0], style = getComputedStyle(e);
  const middle = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
  const at = document.elementFromPoint(middle, box.top + Math.min(box.height / 2, 12));
  return {
    name: (e.innerText || e.value || e.id || e.tagName).trim(),
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    uncovered: !!at && (e.contains(at) || at.contains(e)),
    place: [...document.querySelectorAll("*")].indexOf(e),
  };
}"""


def test_a_whole_visit_by_keyboard_alone(visitor: Visitor, people: People) -> None:
    page = visitor.open("/sign-in")
    tab_to(page, "user_name")
    page.keyboard.type("rosa@example.com")
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    enter(page, "Sign in", "My children")
    enter(page, "Ana Reyes", "Overview")
    enter(page, "Grades", "Grades")
    expect(page.locator("h1")).to_be_focused()
    enter(page, "Mathematics 7", "Mathematics 7")
    enter(page, "Write a message", None)
    tab_to(page, "body")
    page.keyboard.type("Ana was sick on Friday.")
    enter(page, "Send", None)
    expect(page.locator("[role=status]", has_text="is on its way")).to_be_visible()
    enter(page, "Sign out", "Sign in")


def test_tabs_behind_more_open_by_keyboard(visitor: Visitor, people: People) -> None:
    STATES["grades full"](visitor, people)
    page = visitor.page
    tab_to(page, "More")
    page.keyboard.press("Enter")
    enter(page, "Library", "Library and textbooks")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator(".tabs > [aria-current=page]")).to_have_text("Library")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("state", ["sign-in refused", "children", "overview full", "calendar full", "write refused"])
def test_the_focus_goes_through_the_page_in_its_order_is_seen_and_never_stuck(
    visitor: Visitor, people: People, state: str, size: dict[str, int]
) -> None:
    visitor.page.set_viewport_size(size)
    STATES[state](visitor, people)
    page = visitor.page
    page.evaluate("document.activeElement.blur()")
    places = []
    for _ in range(2 * PATIENCE):
        page.keyboard.press("Tab")
        seen = page.evaluate(FOCUSED)
        if seen is None:
            continue  # between the page's end and its beginning
        if places and seen["place"] == places[0]:
            break
        assert seen["outlined"], f"{seen['name']} does not show that it has the focus"
        assert seen["uncovered"], f"{seen['name']} is covered"
        places.append(seen["place"])
    else:
        pytest.fail("the focus never comes to an end")
    assert len(places) > 5
    turn = places.index(min(places))
    assert places[turn:] + places[:turn] == sorted(places), "the focus jumps"


def enter(page: Page, name: str, heading: str | None) -> None:
    """Tab to it, press Enter, and wait for the page."""
    tab_to(page, name)
    if heading is None or name in ("Sign in", "Sign out"):
        with page.expect_navigation():
            page.keyboard.press("Enter")
    else:
        page.keyboard.press("Enter")
    if heading:
        expect(page.locator("h1")).to_have_text(heading)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element of that name, or id, has the focus."""
    passed = []
    for _ in range(PATIENCE):
        page.keyboard.press("Tab")
        seen = page.evaluate(FOCUSED)
        if seen and (seen["name"] == name or page.evaluate("document.activeElement.id") == name):
            return
        passed.append(seen and seen["name"])
    pytest.fail(f"no {name} among {passed}")
