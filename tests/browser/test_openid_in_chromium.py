"""The district's own sign-in in a real browser: there and back under our own policy, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openid_provider import CLIENT_ID, CLIENT_SECRET, Provider
from playwright.sync_api import Browser, expect
from server import Server
from visiting import Visitor


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """The provider, which takes everybody for one student."""
    started = Provider()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def district(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A portal whose students sign in there."""
    started = Server(
        tmp_path_factory.mktemp("openid"), PORTAL_OIDC_ISSUER=provider.issuer, PORTAL_OIDC_CLIENT_ID=CLIENT_ID,
        PORTAL_OIDC_CLIENT_SECRET=CLIENT_SECRET, PORTAL_OIDC_FOR="students", PORTAL_OIDC_STUDENT_CLAIM="student_number",
    )  # fmt: skip
    provider.redirect_uri = f"{started.origin}/sign-in/provider/return"
    provider.person = {"sub": "s-1", "student_number": started.people.cast.ben.number}
    yield started
    started.stop()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_X01_a_student_goes_to_the_provider_and_comes_back_signed_in(
    chromium: Browser, district: Server, provider: Provider, scripts: bool
) -> None:
    district.reset()
    student = Visitor(chromium, district, java_script_enabled=scripts)
    student.open("/sign-in")
    student.press("a[href^='/sign-in/provider/students']")
    expect(student.page.locator("main")).to_contain_text("Ben Reyes")
    assert student.path == f"/students/{district.people.cast.ben.id}"
    student.context.close()
    elsewhere = [problem for problem in student.problems if not problem.startswith("request to another host")]
    assert elsewhere == [], district.log
    assert len(student.problems) == 1 and provider.issuer in student.problems[0]
    assert "code=" not in district.log and "student_number" not in district.log
