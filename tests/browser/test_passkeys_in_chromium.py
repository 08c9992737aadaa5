"""Passkeys in a real browser, whose virtual authenticator stands for a phone's (WebAuthn)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest
from factories import PASSWORD
from playwright.sync_api import Browser, expect
from server import Server
from visiting import Visitor

ADMIN = "admin@maplevalley.example"

#: The button for which the browser asks its owner.
DEVICE = "form[data-passkey] button"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A portal that is reached by a name: browsers make no passkeys for an address of digits."""
    started = Server(tmp_path_factory.mktemp("named"), host="localhost")
    yield started
    started.stop()


@pytest.fixture
def officer(chromium: Browser, named: Server) -> Iterator[Callable[..., Visitor]]:
    """Bring Ada to a browser."""
    named.reset()
    visitors: list[Visitor] = []

    def bring(**options: Any) -> Visitor:
        visitors.append(Visitor(chromium, named, **options))
        return visitors[-1]

    yield bring
    for visitor in visitors:
        visitor.context.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == [], named.log


def with_device(visitor: Visitor, *, owner_is_there: bool = True) -> tuple[Any, str]:
    """Give the browser a built-in authenticator."""
    line = visitor.context.new_cdp_session(visitor.page)
    line.send("WebAuthn.enable")
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": owner_is_there, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    return line, made["authenticatorId"]


def password(visitor: Visitor) -> None:
    visitor.open("/office/sign-in")
    visitor.page.fill("#user_name", ADMIN)
    visitor.page.fill("#password", PASSWORD)
    visitor.press("main form button")


def with_app(visitor: Visitor) -> list[str]:
    """Sign in, set the app up; the backup codes, which need no clock."""
    password(visitor)
    visitor.open("/security/authenticator")
    visitor.page.fill("#present", PASSWORD)
    visitor.press("main form button")
    key = visitor.page.locator("main .code bdi").inner_text().replace(" ", "")
    visitor.page.fill("#code", pyotp.TOTP(key).now())
    visitor.press("main form button")
    return visitor.page.locator("main ul.code li").all_inner_texts()


def begin(visitor: Visitor, code: str) -> None:
    visitor.open("/security/passkeys/add")
    visitor.page.fill("#name", "This computer")
    visitor.page.fill("#present", PASSWORD)
    visitor.page.fill("#code", code)
    visitor.press("main form button")


def test_X09_a_passkey_is_made_and_signs_in_and_is_removed(officer: Callable[..., Visitor], named: Server) -> None:
    ada = officer()
    line, device = with_device(ada)
    codes = with_app(ada)
    begin(ada, codes[0])
    expect(ada.page.locator("[data-without-passkeys]")).to_be_hidden()
    ada.press(DEVICE)
    expect(ada.page.locator("main")).to_contain_text("This computer")
    made = line.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [one["rpId"] for one in made] == ["localhost"]

    ada.press("header form button")
    password(ada)
    ada.press(DEVICE)
    assert ada.path == "/office"
    ((count, used),) = named.ask("SELECT sign_count, used_at IS NOT NULL FROM passkey")
    assert (count, used) == (made[0]["signCount"] + 1, 1)

    ada.open("/security/passkeys")
    ada.press("main table a")
    ada.page.fill("#present", PASSWORD)
    ada.page.fill("#code", codes[1])
    ada.press("main form button")
    expect(ada.page.locator("main")).to_contain_text("You have none yet.")
    ada.press("header form button")
    password(ada)
    expect(ada.page.locator("form[data-passkey]")).to_have_count(0)


def test_a_device_that_is_not_sure_of_its_owner_makes_none_and_the_page_says_so(
    officer: Callable[..., Visitor], named: Server
) -> None:
    ada = officer()
    with_device(ada, owner_is_there=False)
    begin(ada, with_app(ada)[0])
    ada.page.click(DEVICE)
    expect(ada.page.get_by_role("alert")).to_contain_text("Try again.")
    expect(ada.page.locator(DEVICE)).to_be_enabled()
    assert named.ask("SELECT COUNT(*) FROM passkey") == [(0,)]


def test_a_device_that_has_one_already_makes_no_second(officer: Callable[..., Visitor], named: Server) -> None:
    ada = officer()
    with_device(ada)
    codes = with_app(ada)
    begin(ada, codes[0])
    ada.press(DEVICE)
    begin(ada, codes[1])
    ada.page.click(DEVICE)
    expect(ada.page.get_by_role("alert")).to_be_visible()
    assert named.ask("SELECT COUNT(*) FROM passkey") == [(1,)]


def test_X01_without_javascript_the_app_is_the_way(officer: Callable[..., Visitor]) -> None:
    ada = officer()
    with_device(ada)
    codes = with_app(ada)
    begin(ada, codes[0])
    ada.press(DEVICE)
    plain = officer(java_script_enabled=False)
    password(plain)
    expect(plain.page.locator("form[data-passkey]")).to_be_hidden()
    plain.page.fill("#code", codes[1])
    plain.press("main form:not([data-passkey]) button")
    assert plain.path == "/office"
    begin(plain, codes[2])
    expect(plain.page.locator("[data-without-passkeys]")).to_be_visible()
    expect(plain.page.locator("form[data-passkey]")).to_be_hidden()
