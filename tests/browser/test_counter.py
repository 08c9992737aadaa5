"""The message counter counts what the server counts: code points, line ends as one, letters composed (G07)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from server import People
from visiting import Visitor

from services.messages import MAX_LENGTH, length

FAMILY = "\U0001f469‍\U0001f469‍\U0001f467"
#: What a text may hold, and how many characters that is.
PIECES = {
    "letters": ("abcd ", 5),
    "an emoji outside the first plane": ("\U0001f600", 1),
    "an emoji of five code points": (FAMILY, 5),
    "a flag of two code points": ("\U0001f1fb\U0001f1f3", 2),
    "letters with combining marks that compose": ("e\u0301o\u0302\u0301", 2),
    "a combining mark that composes with nothing": ("x\u0301", 2),
    "Vietnamese": ("Tiếng Việt", 10),
    "Arabic with vowel signs": ("مُحَمَّد", 8),
    "line ends": ("a\r\nb\rc\n", 6),
}


def test_G07_the_counter_counts_code_points_as_the_server_does(visitor: Visitor, people: People) -> None:
    page = at_the_form(visitor, people)
    for piece, (text, characters) in PIECES.items():
        assert length(text) == characters, piece
        page.fill("#body", text)
        expect(page.locator("#body-count"), piece).to_have_text(f"Characters left: {MAX_LENGTH - characters}")


@pytest.mark.parametrize("filler", ["x", "\U0001f600", "e\u0301", "\n"], ids=["letter", "emoji", "combined", "line"])
def test_G07_counter_and_server_agree_at_the_limit(visitor: Visitor, people: People, filler: str) -> None:
    page = at_the_form(visitor, people)
    text = "a" + filler * (MAX_LENGTH - 1) + "z"
    page.fill("#body", text)
    expect(page.locator("#body-count")).to_have_text("Characters too many: 1")
    visitor.expect_answers(422)
    visitor.press("main form button")
    expect(page.locator("main [role=alert]")).to_contain_text(f"The message has {MAX_LENGTH + 1} characters.")
    expect(page.locator("#body")).to_have_value(text)
    for characters in (MAX_LENGTH, MAX_LENGTH - 1):
        page.fill("#body", "a" + filler * (characters - 2) + "z")
        expect(page.locator("#body-count")).to_have_text(f"Characters left: {MAX_LENGTH - characters}")
        visitor.press("main form button")
        expect(page.locator("[role=status]", has_text="is on its way")).to_be_visible()
        write(visitor, people)


def test_G07_crossing_the_limit_is_said_once(visitor: Visitor, people: People) -> None:
    page = at_the_form(visitor, people)
    page.fill("#body", "x" * MAX_LENGTH)
    expect(page.locator("#said")).to_have_text("")
    page.locator("#body").press("End")
    page.keyboard.type("y")
    expect(page.locator("#said")).to_have_text("Characters too many: 1")
    page.keyboard.type("y")
    expect(page.locator("#said")).to_have_text("Characters too many: 1")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    expect(page.locator("#said")).to_have_text("Characters left: 0")


def at_the_form(visitor: Visitor, people: People) -> Page:
    """Signed in as Ana's mother, writing to Ana's teacher."""
    visitor.let_in()
    return write(visitor, people)


def write(visitor: Visitor, people: People) -> Page:
    """Open the empty form."""
    cast = people.cast
    return visitor.open(f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}")
