"""Pages in the dark, on paper, in forced colors, from right to left, narrow and wide."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pages import STATES
from playwright.sync_api import Page, expect
from server import People
from visiting import DESK, PHONE, Visitor

from views.languages import available

#: Where each character of an element's text stands.
PLACES = """(e) => [0, 5, 7].map((at) => {
  const range = document.createRange();
  range.setStart(e.firstChild, at);
  range.setEnd(e.firstChild, at + 1);
  return range.getBoundingClientRect().left;
})"""


def test_a_full_table_becomes_labelled_lists_on_a_phone_and_stays_a_table_on_a_desk(
    visitor: Visitor, people: People
) -> None:
    STATES["class full"](visitor, people)
    page = visitor.page
    cell = page.locator(".assignments tbody td").first
    assert cell.evaluate("e => getComputedStyle(e, '::before').content").startswith('"Assigned')
    assert page.locator("tbody tr").first.evaluate("e => getComputedStyle(e).display") == "flex"
    page.set_viewport_size(DESK)
    assert page.locator("tbody tr").first.evaluate("e => getComputedStyle(e).display") == "table-row"
    expect(page.get_by_role("columnheader", name="Assigned").first).to_be_visible()


def test_the_tabs_of_a_phone_stand_in_a_few_rows_and_the_current_one_is_always_there(
    visitor: Visitor, people: People
) -> None:
    STATES["history"](visitor, people)
    page = visitor.page
    tabs, more, every = page.locator(".tabs"), page.locator(".tabs summary"), page.locator(".tabs details a")
    for width, rows in ((320, 3), (360, 2)):
        page.set_viewport_size({"width": width, "height": 740})
        assert tabs.bounding_box()["height"] <= rows * 48, width
        expect(page.locator(".tabs > [aria-current=page]")).to_be_visible()
        expect(every.first).to_be_hidden()
    more.focus()
    page.keyboard.press("Enter")
    expect(every).to_have_count(10)
    expect(every.last).to_be_visible()
    page.set_viewport_size(DESK)
    assert tabs.bounding_box()["height"] <= 2 * 48
    for hidden in (more, page.locator(".tabs > .here")):
        expect(hidden).to_be_hidden()
    expect(every.last).to_be_visible()
    assert page.evaluate("scrollY") == 0


def test_on_a_desk_every_tab_is_reached_by_the_keyboard_though_nothing_was_opened(
    visit: Callable[..., Visitor], people: People
) -> None:
    visitor = visit(viewport=DESK)
    STATES["grades"](visitor, people)
    page = visitor.page
    page.locator(".tabs a", has_text="Attendance").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".tabs details a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Schedule")


def test_the_dark_page_is_dark_and_the_light_one_light(visitor: Visitor, people: People) -> None:
    STATES["overview"](visitor, people)
    luminance = "e => getComputedStyle(e).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    for element in ("body", ".work"):
        visitor.page.emulate_media(color_scheme="light")
        assert visitor.page.locator(element).first.evaluate(luminance) > 3 * 192, element
        visitor.page.emulate_media(color_scheme="dark")
        assert visitor.page.locator(element).first.evaluate(luminance) < 3 * 64, element


def test_on_paper_there_is_the_record_without_the_bar(visitor: Visitor, people: People) -> None:
    STATES["grades"](visitor, people)
    visitor.page.emulate_media(media="print")
    for selector in (".bar", ".languages", ".tabs"):
        expect(visitor.page.locator(selector)).to_be_hidden()
    for text in ("Ana Reyes", "Mathematics 7", "B+ (88)", "Updated"):
        expect(visitor.page.locator("main").get_by_text(text).first).to_be_visible()
    background = visitor.page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert background == "rgba(0, 0, 0, 0)"


def test_forced_colors_tell_the_current_tab_from_the_others(visitor: Visitor, people: People) -> None:
    STATES["grades"](visitor, people)
    page = visitor.page
    page.emulate_media(forced_colors="active")
    line = "e => getComputedStyle(e).borderBottomColor"
    canvas = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    for row in (".tabs", ".languages"):
        assert page.locator(f"{row} [aria-current]").evaluate(line) != canvas, row
        assert page.locator(f"{row} :not([aria-current]):not([type=hidden])").first.evaluate(line) == canvas, row
    page = visit_another_term(visitor, people)
    background = "e => getComputedStyle(e).backgroundColor"
    current, other = page.locator(".choices [aria-current]"), page.locator(".choices a:not([aria-current])").first
    assert current.evaluate(background) != other.evaluate(background)


def test_nothing_moves_by_itself(visitor: Visitor, people: People) -> None:
    moving = """() => [...document.querySelectorAll("*")].filter((e) => {
      const style = getComputedStyle(e);
      return style.animationName !== "none" || parseFloat(style.transitionDuration) || style.scrollBehavior !== "auto";
    }).map((e) => e.outerHTML.slice(0, 80))"""
    for motion in ("reduce", "no-preference"):
        visitor.page.emulate_media(reduced_motion=motion)
        visitor.context.clear_cookies()
        STATES["overview full"](visitor, people)
        assert visitor.page.evaluate(moving) == [], motion


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_arabic_pages_are_mirrored(visit: Callable[..., Visitor], people: People, size: dict[str, int]) -> None:
    assert "ar" in [language.code for language in available()], "locales/ar is missing"
    visitor = visit(locale="ar", viewport=size)
    visitor.let_in()
    page = visitor.open(f"/students/{people.cast.ana.id}/grades/{people.cast.math.id}")
    expect(page.locator("html[lang=ar][dir=rtl]")).to_have_count(1)
    middle = size["width"] / 2
    assert left(page, ".bar form button") < middle < right(page, ".bar .brand")
    assert left(page, ".tabs > a:last-of-type") < left(page, ".tabs a:first-child")
    assert right(page, "h1 ") > middle
    heading = page.locator("h1")
    assert heading.evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert page.locator("main table").first.evaluate("e => getComputedStyle(e.querySelector('th')).textAlign") != "left"


def test_numbers_read_the_same_in_every_direction(visit: Callable[..., Visitor], people: People) -> None:
    for code in ("en", "ar"):
        visitor = visit(locale=code, viewport=DESK)
        STATES["class"](visitor, people)
        score = visitor.page.locator("td.number bdi", has_text="17.5")
        assert score.inner_text() == "17.5 / 20"
        places = score.evaluate(PLACES)
        assert places == sorted(places), f"{code}: points stand before the score"


def test_a_note_has_its_line_where_reading_begins(visit: Callable[..., Visitor], people: People) -> None:
    for code, side, other in (("en", "Left", "Right"), ("ar", "Right", "Left")):
        visitor = visit(locale=code)
        page = visitor.open("/sign-in")
        widths = [
            page.locator(".note").first.evaluate(f"e => getComputedStyle(e).border{s}Width") for s in (side, other)
        ]
        assert widths == ["4px", "0px"], code


def visit_another_term(visitor: Visitor, people: People) -> Page:
    """The grades page with its choice of terms."""
    visitor.context.clear_cookies()
    STATES["grades of another term"](visitor, people)
    return visitor.page


def left(page: Page, selector: str) -> float:
    """Where the element begins, in CSS pixels from the left."""
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["x"]


def right(page: Page, selector: str) -> float:
    """Where it ends."""
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["x"] + box["width"]
