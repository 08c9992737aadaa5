"""What pages weigh stays within what a thin line carries at once, and does not grow unnoticed (X02)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route
from server import People
from visiting import Visitor
from weighing import PAGES, TABS, Scales, recorded, weigh

#: systems.md X02: the first view of any page in one 14 KB round trip (HTML + CSS, compressed). Ten segments of 1,460
#: bytes are what a server may send before the first acknowledgment (RFC 6928).
FIRST_VIEW = 14 * 1024
#: With the script, which is htmx for the most part.
FIRST_VISIT = 32 * 1024
#: systems.md X02: a usual tab swap, and the heaviest.
USUAL_SWAP, HEAVIEST_SWAP = 3 * 1024, 9 * 1024
HEAVY = ("calendar", "all assignments")
#: DESIGN.md section 5: one stylesheet, compressed.
STYLESHEET = 5 * 1024
#: Page, stylesheet, script; the icon is in the page.
FIRST_REQUESTS = 3
#: How much heavier than its recorded weight a page may be.
GROWTH = 1.05


@pytest.mark.parametrize("name", PAGES)
def test_X02_the_first_view_fits_one_round_trip_and_the_swap_its_limit(
    visitor: Visitor, people: People, name: str
) -> None:
    weight, before = weigh(visitor, people, name), recorded()[name]
    assert 0 < weight.style <= STYLESHEET
    assert weight.html + weight.style <= FIRST_VIEW, weight
    assert weight.html + weight.style + weight.script <= FIRST_VISIT, weight
    assert weight.swap <= (HEAVIEST_SWAP if name in HEAVY else USUAL_SWAP), weight
    assert weight.requests == FIRST_REQUESTS, "page, stylesheet, script, and nothing else"
    grown = {
        kind: (was, now) for kind, was, now in zip(weight._fields, before, weight, strict=True) if now > was * GROWTH
    }
    assert not grown, f"{name} grew; if that is meant: python -m benchmarks weights --record"


def test_X02_every_page_on_record_is_weighed_and_every_tab_is_among_them(visitor: Visitor, people: People) -> None:
    assert set(recorded()) == set(PAGES)
    visitor.let_in("busy@example.com")
    record = f"/students/{people.busy.child.id}"
    page = visitor.open(record)
    tabs = page.locator(".tabs a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert sorted(tabs) == sorted(f"{record}{tab}" for tab in TABS)


def test_X02_the_page_after_the_first_takes_one_request(visitor: Visitor) -> None:
    visitor.let_in()
    visitor.open("/")
    visitor.page.wait_for_load_state("networkidle")
    scales = Scales(visitor)
    visitor.press(".bar >> text=Messages")
    assert set(scales.bytes) <= {"document", "stylesheet", "script"}
    assert scales.bytes.get("stylesheet", 0) == scales.bytes.get("script", 0) == 0, "they come from the cache"


def test_X02_a_tab_click_brings_the_part_that_was_weighed(visitor: Visitor, people: People) -> None:
    visitor.let_in("busy@example.com")
    address = f"/students/{people.busy.child.id}/grades"
    page = visitor.open(f"/students/{people.busy.child.id}")
    scales = Scales(visitor)
    with page.expect_request_finished(lambda request: request.url.endswith(address)):
        page.click(f".tabs a[href='{address}']")
    page.wait_for_load_state("networkidle")
    assert (set(scales.bytes), scales.requests) == ({"fetch"}, 1)
    assert scales.bytes["fetch"] <= recorded()["grades"].swap * GROWTH


def test_X02_files_named_by_their_content_are_kept_for_good_and_come_compressed(visitor: Visitor) -> None:
    seen = {}

    def look(route: Route) -> None:
        answer = route.fetch()
        seen[route.request.url.rpartition("/")[2]] = answer.headers
        route.fulfill(response=answer)

    visitor.page.route("**/assets/**", look)
    visitor.open("/sign-in")
    visitor.page.wait_for_load_state("networkidle")
    assert set(seen) == {"portal.css", "portal.js"}
    for name, headers in seen.items():
        assert headers["cache-control"] == "public, max-age=31536000, immutable", name
        assert headers["content-encoding"] == "br", name
        assert "set-cookie" not in headers, name
