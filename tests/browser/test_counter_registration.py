"""From the office's counter to the child's record: search, identity, letter, and the guardian's first sign-in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from urllib.request import urlopen

import pypdf
import pytest
from factories import PASSWORD
from playwright.sync_api import Browser, expect
from server import Server
from visiting import DESK, Visitor

NEW_PASSWORD = "a quiet place to read"


@pytest.fixture(scope="module")
def gwinnett(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A portal where each child has a token of its own and the office looks at a photo ID first."""
    started = Server(tmp_path_factory.mktemp("gwinnett"), "gwinnett")
    # The first answer waits until gunicorn is up, which a browser's patience need not be long enough for.
    urlopen(f"{started.origin}/livez", timeout=60).close()
    yield started
    started.stop()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the two browsers run scripts."""
    return bool(request.param)


def test_G09_from_the_counter_by_letter_to_the_guardians_first_sign_in(
    chromium: Browser, gwinnett: Server, scripts: bool
) -> None:
    gwinnett.reset()
    clerk = Visitor(chromium, gwinnett, viewport=DESK, java_script_enabled=scripts)
    family = Visitor(chromium, gwinnett, java_script_enabled=scripts)
    letter = hand_out_a_letter(clerk)
    assert "Nadia Newcomer" in letter and "Ben Reyes" in letter and "Zoe" not in letter
    register_with(family, letter)
    expect(family.page.locator("main")).to_contain_text("Ben Reyes")
    assert "Zoe" not in family.page.content()
    for visitor in (clerk, family):
        visitor.context.close()
    assert clerk.problems + family.problems == [], gwinnett.log


def hand_out_a_letter(clerk: Visitor) -> str:
    """Sign in at the office, find the guardian, look at a photo ID, print; the letter's text."""
    page = clerk.open("/office/sign-in")
    page.fill("#user_name", "admin@maplevalley.example")
    page.fill("#password", PASSWORD)
    clerk.press("main form button")
    page.fill("#q", "newcomer nad")
    clerk.press("main form button")
    page.click("text=Nadia Newcomer")
    page.click("text=Register for students")
    clerk.expect_answers(422)
    clerk.press("button:has-text('Hand out the key')")
    expect(page.locator("main [role=alert]")).to_be_visible()
    page.check("input[name^=child_]")
    page.select_option("#document", "passport")
    page.check("#legal")
    page.fill("#email", "")
    page.select_option("#delivery", "letter")
    clerk.press("button:has-text('Hand out the key')")
    expect(page.locator("main")).to_contain_text("Print the letter now")
    form = page.locator("form[action$='/register/letter']")
    fields = form.locator("input").evaluate_all("all => all.map(one => [one.name, one.value])")
    # A headless browser has no viewer for PDFs: the button's form is sent with its fields.
    answer = clerk.context.request.post("/office/register/letter", form=dict(fields))
    assert answer.headers["content-type"] == "application/pdf"
    (sheet,) = pypdf.PdfReader(io.BytesIO(answer.body())).pages
    return sheet.extract_text()


def register_with(family: Visitor, letter: str) -> None:
    """Type what the letter says, as its reader does on a phone, and sign in."""
    address = re.search(r"https?://\S+(/register\S*)", letter)
    user_id, token = re.search(r"\b\d{13}\b", letter), re.search(r"\b\d{4}(?:[- ]\d{4}){3}\b", letter)
    assert address and user_id and token, letter
    page = family.open(address[1])
    send(family, user_id=user_id[0], birth_date="2017-09-01", key=token[0])
    if page.locator("#relation").count():
        page.select_option("#relation", "mother")
    for name, answer in (("phone", "0123"), ("address", "")):
        if page.locator(f"#{name}").count():
            page.fill(f"#{name}", answer)
    if page.locator("#school").count():
        page.select_option("#school", "Juniper Elementary")
    family.press("main form button")
    if page.locator("#accept").count():
        page.check("#accept")
    family.press("main form button")
    send(family, password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    expect(page.locator("main")).to_contain_text(user_id[0])
    family.sign_in(user_id[0], NEW_PASSWORD)


def send(family: Visitor, **values: str) -> None:
    """Fill in the page's form and send it."""
    for name, value in values.items():
        family.page.fill(f"#{name}", value)
    family.press("main form button")
