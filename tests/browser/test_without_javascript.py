"""Everything works without JavaScript (X01): a family's whole visit, with scripts switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from server import People
from visiting import DESK, PHONE, Visitor


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_X01_a_guardian_reads_the_record_and_signs_out_without_javascript(
    visit: Callable[..., Visitor], people: People, size: dict[str, int]
) -> None:
    visitor = visit(java_script_enabled=False, viewport=size)
    page = visitor.sign_in()
    assert (visitor.path, visitor.heading) == ("/", "My children")
    visitor.press("text=Ana Reyes")
    assert (visitor.path, visitor.heading) == (f"/students/{people.cast.ana.id}", "Overview")
    visitor.press(".tabs >> text=Grades")
    expect(page.locator("tbody tr", has_text="Mathematics 7")).to_contain_text("B+ (88)")
    visitor.press("tbody >> text=Mathematics 7")
    assert visitor.heading == "Mathematics 7"
    expect(page.locator("tbody tr", has_text="Fractions worksheet")).to_contain_text("17.5 / 20")
    expect(page.locator("tbody tr", has_text="Number line")).to_contain_text("Missing")
    visitor.press(".tabs >> text=To do")
    expect(page.locator("main")).to_contain_text("Percent project")
    visitor.press(".bar form button")
    assert (visitor.path, visitor.heading) == ("/sign-in", "Sign in")
    expect(page.locator("[role=status]", has_text="You have signed out.")).to_be_visible()
    visitor.open("/")
    assert visitor.path == "/sign-in"


def test_X01_a_message_is_sent_without_javascript(plain_visitor: Visitor, people: People) -> None:
    plain_visitor.let_in()
    page = plain_visitor.open(f"/students/{people.cast.ana.id}/grades/{people.cast.math.id}")
    plain_visitor.press("text=Write a message")
    expect(page.get_by_text("At most 500 characters")).to_be_visible()
    assert page.locator("#body-count").inner_text() == "", "a counter that does not count is not shown"
    page.fill("#body", "Ana was sick on Friday.")
    plain_visitor.press("main form button")
    expect(page.locator("[role=status]", has_text="is on its way")).to_be_visible()
    plain_visitor.press(".bar >> text=Messages")
    expect(page.locator(".letters .card")).to_contain_text("Ana was sick on Friday.")


def test_X01_the_language_is_switched_without_javascript_and_the_page_stays(
    plain_visitor: Visitor, people: People
) -> None:
    plain_visitor.let_in()
    record = f"/students/{people.cast.ana.id}/grades"
    page = plain_visitor.open(record)
    plain_visitor.press(".languages button[lang=es]")
    assert plain_visitor.path == record
    expect(page.locator("html[lang=es]")).to_have_count(1)
    expect(page.locator(".languages [aria-current]")).to_have_text("Español")
    assert plain_visitor.heading != "Grades"
    plain_visitor.press(".languages button[lang=en]")
    assert plain_visitor.heading == "Grades"


def test_X01_an_account_is_made_from_a_key_without_javascript(plain_visitor: Visitor, people: People) -> None:
    page = plain_visitor.open("/sign-in")
    plain_visitor.press("text=Create an account")
    page.fill("#key", people.key.lower().replace("-", " "))
    plain_visitor.press("main form button")
    page.fill("#password", "a quiet place to read")
    page.fill("#repeated", "a quiet place to read")
    plain_visitor.press("main form button")
    assert plain_visitor.heading == "Your account is ready"
    plain_visitor.press("main a.button")
    plain_visitor.sign_in("nadia@example.com", "a quiet place to read")
    expect(page.locator(".card a", has_text="Ben Reyes")).to_have_count(1)


def test_X01_an_error_leads_to_its_field_without_javascript(plain_visitor: Visitor) -> None:
    plain_visitor.expect_answers(422)
    page = plain_visitor.open("/sign-in")
    plain_visitor.press("text=Create an account")
    page.fill("#key", "nonsense")
    plain_visitor.press("main form button")
    expect(page.locator("[role=alert]")).to_be_focused()
    expect(page.locator("#key")).to_have_value("nonsense")
    page.click("[role=alert] a")
    assert page.url.endswith("#key")
    page.keyboard.press("Tab")
    expect(page.locator("main form button").first).to_be_focused()


def test_X01_the_skip_link_leads_past_the_bar_without_javascript(plain_visitor: Visitor) -> None:
    plain_visitor.let_in()
    page = plain_visitor.open("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.locator("main :is(a, button, input:not([type=hidden]), select, textarea)").first
    expect(first).to_be_focused()
