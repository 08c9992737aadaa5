"""What the portal weighs, and how long a family waits for it on a slow telephone: in Chromium, with nothing cached.

The portal and the families are those of the browser tests.
"""

from __future__ import annotations

import datetime as dt
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.measure import table
from config import ROOT
from views.assets import asset

sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests")]

from conftest import FLAGS  # noqa: E402
from factories import PASSWORD  # noqa: E402
from server import Server  # noqa: E402
from visiting import Visitor  # noqa: E402
from weighing import PAGES, Weight, record, weigh  # noqa: E402

#: 400 kbit/s both ways in bytes a second, 400 ms there and back, a processor six times slower than this one.
_BYTES, _ROUND_TRIP, _SLOWER = 50_000, 400, 6
#: A page is usable when its text is painted and its script has run.
_USABLE = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return page.domContentLoadedEventEnd && paint ? Math.max(page.domContentLoadedEventEnd, paint.startTime) / 1000 : 0;
}"""
_SWAPPED = """() => new Promise((done) => {
  const link = [...document.querySelectorAll(".tabs a")].find((a) => a.pathname.endsWith("/grades"));
  document.addEventListener("htmx:after:swap", () => requestAnimationFrame(() => requestAnimationFrame(
    () => done((performance.now() - begun) / 1000))));
  const begun = performance.now();
  link.click();
})"""


def weights(*, keep: bool) -> str:
    """A row for each page, as Markdown; with `keep` these are the weights that pages are held to from now on."""
    with _portal() as (chromium, server):
        found: dict[str, Weight] = {}
        for name in PAGES:
            server.reset()
            visitor = Visitor(chromium, server)
            found[name] = weigh(visitor, server.people, name)
            visitor.context.close()
    if keep:
        record(found)
    rows = [
        (name, f"{one.html:,}", f"{one.html + one.style:,}", f"{one.html + one.style + one.script:,}", one.requests,
         f"{one.swap:,}")
        for name, one in found.items()
    ]  # fmt: skip
    some = next(iter(found.values()))
    return "\n\n".join((
        table(("Page", "HTML", "with the stylesheet", "with the script", "requests", "as a swap"), rows),
        f"Bytes on the line with nothing cached, headers included; the stylesheet is {some.style:,} of them, the"
        f" script with htmx {some.script:,}.",
    ))  # fmt: skip


def seconds(rounds: int) -> str:
    """How long each step of a family's way takes, as Markdown: the median and the longest of `rounds`."""
    with _portal() as (chromium, server):
        ways = [_way(chromium, server) for _ in range(rounds)]
    rows = [
        (step, f"{statistics.median(way[step] for way in ways):.1f}", f"{max(way[step] for way in ways):.1f}")
        for step in ways[0]
    ]
    return "\n\n".join((
        table(("Step", "seconds until usable", "longest"), rows),
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {rounds} rounds: 400 kbit/s, {_ROUND_TRIP} ms there and back, processor"
        f" slowed {_SLOWER}×. Chromium does not slow down what comes before the first byte is sent: looking up the"
        " name and connecting with TLS add three round trips, 1.2 seconds, to the first step.",
    ))  # fmt: skip


def _way(chromium: Browser, server: Server) -> dict[str, float]:
    """From the sign-in page to the grades, once, in a browser that has never been there."""
    server.reset()
    visitor = Visitor(chromium, server)
    page = visitor.page
    page.set_default_timeout(60_000)
    _slow_down(visitor)
    taken = {"sign-in page, nothing cached": _page(page, lambda: page.goto("/sign-in"))}
    page.fill("#user_name", "rosa@example.com")
    page.fill("#password", PASSWORD)
    taken["signing in, home"] = _page(page, lambda: visitor.press("main form button"))
    taken["a child's overview"] = _page(page, lambda: visitor.press("text=Ana Reyes"))
    taken["grades tab"] = page.evaluate(_SWAPPED)
    expect(page.locator("h1")).to_have_text("Grades")
    visitor.context.close()
    return taken


def _page(page: Page, step: Callable[[], object]) -> float:
    step()
    return float(page.wait_for_function(_USABLE).json_value())


def _slow_down(visitor: Visitor) -> None:
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Network.enable")
    line = {"latency": _ROUND_TRIP, "downloadThroughput": _BYTES, "uploadThroughput": _BYTES, "offline": False}
    session.send("Network.emulateNetworkConditions", line)
    session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})


@contextmanager
def _portal() -> Iterator[tuple[Browser, Server]]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            _warm_up(server)
            yield chromium, server
        finally:
            chromium.close()
            server.stop()


def _warm_up(server: Server) -> None:
    """Let the server start and compress its files, which it does once."""
    for path in ("/sign-in", _asset("portal.css"), _asset("portal.js")):
        with urlopen(server.origin + path):  # noqa: S310
            pass


def _asset(name: str) -> str:
    """Where a static file is."""
    return f"/assets/{asset(name).digest}/{name}"
