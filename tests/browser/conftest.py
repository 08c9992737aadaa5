"""A real Chromium before the real portal. Every test in this folder also fails on what the browser complains about."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from server import People, Server
from visiting import Visitor

#: A quiet Chromium that talks to nobody but the portal.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The line to the browser."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The distribution's Chromium, or Playwright's own where there is none. Tests get profiles of their own in it."""
    launched = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def remembering_chromium(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium with its back-forward cache on, as people have it; Playwright switches it off."""
    launched = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=FLAGS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("portal"))
    yield started
    started.stop()


@pytest.fixture
def server(_running: Server) -> Server:
    """The portal, with nothing of earlier tests in its database."""
    _running.reset()
    return _running


@pytest.fixture
def people(server: Server) -> People:
    """Who is in its database."""
    return server.people


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Callable[..., Visitor]]:
    """Bring somebody to a browser; keywords are Playwright's for a context, such as `java_script_enabled=False`.

    At the end nobody may have seen a console message, a script error, a violated policy or a request to another host.
    """
    visitors: list[Visitor] = []

    def bring(browser: Browser = chromium, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, server, **options))
        return visitors[-1]

    yield bring
    for visitor in visitors:
        visitor.context.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == [], server.log


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody with a phone and JavaScript."""
    return visit()


@pytest.fixture
def plain_visitor(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody with a phone without JavaScript."""
    return visit(java_script_enabled=False)
