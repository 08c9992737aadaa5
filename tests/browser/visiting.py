"""A person at a real browser, who notices what a person would not: console messages and calls to other hosts."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from factories import PASSWORD
from playwright.sync_api import Browser, Error, Page, Request, ViewportSize, expect
from server import Server

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}
#: Chromium says this of every answer from 400 on, also when such a page is what the test wants to see.
FAILED_ANSWER = r"Failed to load resource: the server responded with a status of (\d+)"


class Visitor:
    """One browser profile with one page. `problems` is what must be empty at the end of the test."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:
        self.server = server
        self.problems: list[str] = []
        self.requests: list[Request] = []
        # Chromium tells of every sign-out that it cleared what it was asked to clear.
        self._expected = [r"^Clear-Site-Data header on"]
        options = {"viewport": PHONE, "locale": "en-US", **options}
        self.context = browser.new_context(base_url=server.origin, **options)
        self.context.set_default_timeout(5_000)
        self.page: Page = self.context.new_page()
        self.context.on("console", lambda message: self._notice(f"console {message.type}", message.text))
        self.context.on("weberror", lambda error: self._notice("script error", str(error.error)))
        self.context.on("request", self._on_request)

    def open(self, path: str) -> Page:
        """Type an address."""
        self.page.goto(path)
        return self.page

    def sign_in(self, user_name: str = "rosa@example.com", password: str = PASSWORD) -> Page:
        """Go to the sign-in page and sign in."""
        self.open("/sign-in")
        self.page.fill("#user_name", user_name)
        self.page.fill("#password", password)
        return self.press("main form button")

    def let_in(self, user_name: str = "rosa@example.com") -> None:
        """Sign in without looking at the pages, for tests about what comes after."""
        form = self.context.request.get("/sign-in").text()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token, "the sign-in form has a token"
        values = {"csrf_token": token[1], "user_name": user_name, "password": PASSWORD}
        answer = self.context.request.post("/sign-in", form=values, max_redirects=0)
        assert answer.status == 303, answer.text()

    def press(self, selector: str) -> Page:
        """Press a button that loads a page."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        return self.page

    def back(self) -> Page:
        """Press the back button and wait until a page stands there."""
        # Where htmx takes the step back it reloads the page, which Playwright takes for a failure.
        with suppress(Error):
            self.page.go_back()
        expect(self.page.locator("h1")).to_be_visible()
        return self.page

    def expect(self, pattern: str) -> None:
        """What the console says that matches `pattern` is no problem in this test."""
        self._expected.append(pattern)

    def expect_answers(self, *codes: int) -> None:
        """Answers with these codes are wanted in this test."""
        self._expected += [FAILED_ANSWER.replace(r"(\d+)", str(code)) for code in codes]

    @property
    def path(self) -> str:
        """Where the address line is."""
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def heading(self) -> str:
        """The page's first heading."""
        return self.page.locator("h1").inner_text()

    def _notice(self, kind: str, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in self._expected):
            self.problems.append(f"{kind}: {text}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith(f"{self.server.origin}/"):
            self.problems.append(f"request to another host: {request.url}")
