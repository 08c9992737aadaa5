"""What pages weigh on the line: headers and compressed bodies, as Chromium counts them (X02)."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from pages import ids
from playwright.sync_api import CDPSession
from server import People
from visiting import Visitor

from config import ROOT

#: What each page weighed when somebody last looked: `python -m benchmarks weights --record`.
RECORDED = ROOT / "benchmarks" / "weights.json"

TABS = (
    "", "/grades", "/to-do", "/attendance", "/schedule", "/calendar", "/behavior", "/tests", "/history", "/programs",
    "/library", "/fees", "/transportation", "/reports",
)  # fmt: skip
_BUSY, _FULL = "busy@example.com", "/students/{busy}"

#: Who opens what, every tab among them; {busy} is a child with a full gradebook.
PAGES = {
    "sign-in": ("", "/sign-in"),
    "key": ("", "/register"),
    "help": ("", "/help"),
    "instructions": ("", "/help/register"),
    "children": ("rosa@example.com", "/"),
    **{tab.strip("/") or "overview": (_BUSY, f"{_FULL}{tab}") for tab in TABS},
    "class": (_BUSY, f"{_FULL}/grades/{{full}}"),
    "all assignments": (_BUSY, f"{_FULL}/grades?all=1"),
    "messages": (_BUSY, "/messages"),
    "write": ("rosa@example.com", "/students/{ana}/grades/{math}/write/{teacher}"),
}


class Weight(NamedTuple):
    """Bytes on the line for somebody whose browser has nothing yet, the same page's bytes as a swap, and requests."""

    html: int
    style: int
    script: int
    swap: int
    requests: int


class Scales:
    """Bytes that came over the line, by kind of resource: document, stylesheet, script, fetch."""

    def __init__(self, visitor: Visitor) -> None:
        self.session: CDPSession = visitor.context.new_cdp_session(visitor.page)
        self.bytes: dict[str, int] = {}
        self.requests = 0
        self._kinds: dict[str, str] = {}
        self.session.on("Network.responseReceived", self._begin)
        self.session.on("Network.loadingFinished", self._end)
        self.session.send("Network.enable")

    def _begin(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["type"].lower()

    def _end(self, event: dict[str, Any]) -> None:
        kind = self._kinds[event["requestId"]]
        self.requests += 1
        self.bytes[kind] = self.bytes.get(kind, 0) + int(event["encodedDataLength"])


def weigh(visitor: Visitor, people: People, name: str) -> Weight:
    """Open one of PAGES with an empty cache, and then let a script fetch the part of it that htmx would swap in."""
    who, path = PAGES[name]
    address = path.format(**ids(people))
    if who:
        visitor.let_in(who)
    scales = Scales(visitor)
    visitor.open(address)
    visitor.page.wait_for_load_state("networkidle")
    first, requests = dict(scales.bytes), scales.requests
    ask = "url => fetch(url, {headers: {'HX-Request': 'true', 'HX-Request-Type': 'partial'}}).then(r => r.text())"
    with visitor.page.expect_request_finished(lambda request: request.url.endswith(address)):
        assert "<html" not in visitor.page.evaluate(ask, address)
    visitor.page.wait_for_load_state("networkidle")
    return Weight(first["document"], first["stylesheet"], first["script"], scales.bytes["fetch"], requests)


def recorded() -> dict[str, Weight]:
    """What is on record, by page."""
    return {name: Weight(**values) for name, values in json.loads(RECORDED.read_text(encoding="utf-8")).items()}


def record(weights: dict[str, Weight]) -> None:
    """Put these weights on record."""
    values = {name: weight._asdict() for name, weight in weights.items()}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in values.items())
    RECORDED.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
