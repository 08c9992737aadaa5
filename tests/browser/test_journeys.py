"""The two longest ways to an account, as a guardian goes them on a phone, with JavaScript and without."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from server import Server
from visiting import Visitor

PASSWORD = "a quiet place to read"


@pytest.fixture(scope="module", params=["gwinnett", "denver"])
def district(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A portal with that district's preset."""
    started = Server(tmp_path_factory.mktemp(request.param), request.param)
    yield started
    started.stop()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def newcomer(request: pytest.FixtureRequest, chromium: Browser, district: Server) -> Iterator[Visitor]:
    """Nadia, whom the school has given a letter."""
    district.reset()
    visitor = Visitor(chromium, district, java_script_enabled=request.param)
    yield visitor
    visitor.context.close()
    assert visitor.problems == [], district.log


def test_G10_D03_the_whole_way_from_the_letter_to_the_child(newcomer: Visitor, district: Server) -> None:
    newcomer.open("/sign-in")
    newcomer.page.click("text=Create an account with what you have")
    if newcomer.page.locator("#person_id").count():
        denver(newcomer, district)
    else:
        gwinnett(newcomer, district)
    expect(newcomer.page.locator("main")).to_contain_text("Ben Reyes")
    assert "Zoe" not in newcomer.page.content()


def gwinnett(newcomer: Visitor, district: Server) -> None:
    """User ID, date of birth and token; questions; agreement; password."""
    page = newcomer.page
    fill(newcomer, user_id="nadia@example.com", birth_date="2017-09-01", key=district.people.key.replace("-", " "))
    page.select_option("#relation", "mother")
    for name, answer in (("phone", "0123"), ("address", "")):
        if page.locator(f"#{name}").count():
            page.fill(f"#{name}", answer)
    if page.locator("#school").count():
        page.select_option("#school", "Juniper Elementary")
    newcomer.press("main form button")
    newcomer.press("main form button")
    page.go_back()
    page.go_forward()
    fill(newcomer, password=PASSWORD, repeated=PASSWORD)
    expect(page.locator("main")).to_contain_text("nadia@example.com")
    newcomer.sign_in("nadia@example.com", PASSWORD)


def denver(newcomer: Visitor, district: Server) -> None:
    """Person ID and GUID; user name, address and password; the mailed link; security questions."""
    page = newcomer.page
    fill(newcomer, person_id="771234", key=district.people.key.strip("{}").lower())
    fill(newcomer, user_name="nadianewcomer", email="nadia@home.example", password=PASSWORD, repeated="another")
    expect(page.locator("main")).to_contain_text("The two passwords are not the same")
    expect(page.locator("#user_name")).to_have_value("nadianewcomer")
    fill(newcomer, password=PASSWORD, repeated=PASSWORD)
    expect(page.locator("h1")).to_have_text("Please check your e-mail")
    ((text,),) = district.ask("SELECT text FROM outbound_mail WHERE kind = 'verify'")
    link = re.search(r"http://\S+/verify/\S+", str(text))
    assert link, "the mail has its link"
    newcomer.open(link[0])
    newcomer.press("main form button")
    newcomer.sign_in("nadianewcomer", PASSWORD)
    for number, (question, answer) in enumerate((("pet", "Luna"), ("street", "Elm"), ("food", "Pho")), 1):
        page.select_option(f"#question{number}", question)
        page.fill(f"#answer{number}", answer)
    newcomer.press("main form button")


def fill(newcomer: Visitor, **values: str) -> None:
    """Fill in the page's form and send it."""
    if "repeated" in values and values["repeated"] == "another":
        newcomer.expect_answers(422)
    for name, value in values.items():
        newcomer.page.fill(f"#{name}", value)
    newcomer.press("main form button")
