"""What pages weigh on the line: headers and compressed bodies, as Chromium counts them (X02)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import CDPSession
from server import People
from visiting import Visitor

#: systems.md X02: the first view of any page in one 14 KB round trip (HTML + CSS, compressed). Ten segments of 1,460
#: bytes are what a server may send before the first acknowledgment (RFC 6928).
FIRST_VIEW = 14 * 1024
#: systems.md X02: a usual tab swap, and the heaviest.
USUAL_SWAP, HEAVIEST_SWAP = 3 * 1024, 9 * 1024
#: DESIGN.md section 5: one stylesheet, compressed.
STYLESHEET = 5 * 1024
#: Page, stylesheet, script; the icon comes beside them.
FIRST_REQUESTS = 3

FULL = "/students/{child}"
PAGES = {
    "sign-in": ("", "/sign-in"),
    "key": ("", "/register"),
    "children": ("rosa@example.com", "/"),
    "overview": ("busy@example.com", FULL),
    "grades": ("busy@example.com", f"{FULL}/grades"),
    "class": ("busy@example.com", f"{FULL}/grades/{{section}}"),
    "to do": ("busy@example.com", f"{FULL}/to-do"),
    "all assignments": ("busy@example.com", f"{FULL}/grades?all=1"),
    "schedule": ("busy@example.com", f"{FULL}/schedule"),
    "calendar": ("busy@example.com", f"{FULL}/calendar"),
    "tests": ("busy@example.com", f"{FULL}/tests"),
    "history": ("busy@example.com", f"{FULL}/history"),
    "messages": ("busy@example.com", "/messages"),
    "help": ("busy@example.com", "/help"),
    "instructions": ("", "/help/register"),
}


class Scales:
    """Bytes that came over the line, by kind of resource: document, stylesheet, script, fetch."""

    def __init__(self, visitor: Visitor) -> None:
        self.session: CDPSession = visitor.context.new_cdp_session(visitor.page)
        self.bytes: dict[str, int] = {}
        self._kinds: dict[str, str] = {}
        self.session.on("Network.responseReceived", self._begin)
        self.session.on("Network.loadingFinished", self._end)
        self.session.send("Network.enable")

    def _begin(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["type"].lower()

    def _end(self, event: dict[str, Any]) -> None:
        kind = self._kinds[event["requestId"]]
        self.bytes[kind] = self.bytes.get(kind, 0) + int(event["encodedDataLength"])


@pytest.mark.parametrize("name", PAGES)
def test_X02_the_first_view_of_any_page_fits_one_round_trip(visitor: Visitor, people: People, name: str) -> None:
    scales = at(visitor, people, *PAGES[name])
    assert set(scales.bytes) <= {"document", "stylesheet", "script", "other"}
    assert 0 < scales.bytes["stylesheet"] <= STYLESHEET
    assert scales.bytes["document"] + scales.bytes["stylesheet"] <= FIRST_VIEW, scales.bytes


def test_X02_a_first_visit_takes_three_requests_and_the_next_page_one(visitor: Visitor) -> None:
    visitor.let_in()
    visitor.open("/")
    visitor.page.wait_for_load_state("networkidle")
    assert len(without_icon(visitor)) == FIRST_REQUESTS
    visitor.requests.clear()
    scales = Scales(visitor)
    visitor.press(".bar >> text=Messages")
    assert set(scales.bytes) - {"other"} <= {"document", "stylesheet", "script"}
    assert scales.bytes.get("stylesheet", 0) == scales.bytes.get("script", 0) == 0, "they come from the cache"


@pytest.mark.parametrize("tab", ["", "/grades", "/to-do"], ids=["overview", "grades", "to do"])
def test_X02_a_usual_tab_swap_weighs_three_kilobytes(visitor: Visitor, people: People, tab: str) -> None:
    start = "/students/{child}/to-do" if tab != "/to-do" else "/students/{child}/grades"
    scales = at(visitor, people, "busy@example.com", start)
    scales.bytes.clear()
    address = f"/students/{people.busy.child.id}{tab}"
    with visitor.page.expect_request_finished(lambda request: request.url.endswith(address)):
        visitor.page.click(f".tabs a[href='{address}']")
    assert 0 < scales.bytes["fetch"] <= USUAL_SWAP, scales.bytes


def test_X02_the_heaviest_fragment_weighs_nine_kilobytes(visitor: Visitor, people: People) -> None:
    scales = at(visitor, people, "busy@example.com", "/students/{child}/grades")
    scales.bytes.clear()
    weigh = "url => fetch(url, {headers: {'HX-Request': 'true', 'HX-Request-Type': 'partial'}}).then(r => r.text())"
    address = f"/students/{people.busy.child.id}/grades?all=1"
    with visitor.page.expect_request_finished(lambda request: request.url.endswith(address)):
        assert "<html" not in visitor.page.evaluate(weigh, address)
    assert 0 < scales.bytes["fetch"] <= HEAVIEST_SWAP, scales.bytes


def at(visitor: Visitor, people: People, who: str, path: str) -> Scales:
    """Open the page with an empty cache, on the scales."""
    if who:
        visitor.let_in(who)
    scales = Scales(visitor)
    visitor.open(path.format(child=people.busy.child.id, section=people.busy.section.id))
    return scales


def without_icon(visitor: Visitor) -> list[str]:
    """The addresses that were asked for."""
    return [request.url for request in visitor.requests if "icon" not in request.url]
