"""The grades tab and all assignments, against the same page by hand and against a view that does nothing."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from flask import Flask

from app import create_app
from benchmarks import by_hand, district
from benchmarks.district import Signed
from benchmarks.measure import cpu, in_turns, ratio, table, wall
from benchmarks.wsgi import COMPRESSED, FRAGMENT, Visitor, assets

#: The pages: what they are called, and what follows the student in their address.
PAGES = {
    f"Grades tab, {district.CLASSES} classes": "/grades",
    f"All assignments, {district.CLASSES * district.ASSIGNMENTS} rows": "/grades?all=1",
}

#: Pages that each contender answers in one round.
_TURN = 20

#: What may differ between a page and the same page by hand: tokens of forms, seconds that are left of a session.
_TOKEN = re.compile(rb'name="csrf_token" value="[^"]*"|data-end="\d+"')


def report(rounds: int) -> str:
    """Everything about pages, as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        portal, guardians = district.make(Path(folder))
        app = create_app(portal)
        mine = by_hand.create_app(Path(folder) / "pages.db", portal.time_zone, portal.district_name)
        visitors = [(Visitor(app, _cookie(app, one)), f"/students/{one.student_id}") for one in guardians]
        _warm_up(visitors, Visitor(mine))
        return "\n\n".join((_times(visitors, Visitor(mine), rounds), _sizes(*visitors[0]), _first_visit(app)))


def _times(visitors: list[tuple[Visitor, str]], mine: Visitor, rounds: int) -> str:
    """A row a page. Everybody's sessions take turns, so that no page is opened twice in a row by the same one."""
    rows = []
    for name, page in PAGES.items():
        by_hand_too = [(mine, address) for _, address in visitors]
        costs = in_turns(
            {
                "portal": _turn(visitors, page),
                "compressed": _turn(visitors, page, **COMPRESSED),
                "hand": _turn(by_hand_too, page),
                "bare": _turn([(mine, "")], "/hello"),
            },
            rounds,
        )
        rows.append((
            name,
            ratio(cpu(costs["portal"]), cpu(costs["hand"])),
            ratio(wall(costs["portal"]), wall(costs["hand"])),
            ratio(cpu(costs["portal"]), cpu(costs["bare"])),
            ratio(cpu(costs["hand"]), cpu(costs["bare"])),
            ratio(cpu(costs["compressed"]), cpu(costs["portal"])),
        ))  # fmt: skip
    return table(
        ("Page", "portal / by hand, processor", "the same, clock", "portal / bare view", "by hand / bare view",
         "with Brotli / without"),
        rows,
    )  # fmt: skip


def _sizes(visitor: Visitor, address: str) -> str:
    """What each page weighs and asks of the database."""
    style = next(path for path in assets(_open(visitor, address, "/grades")) if path.endswith(".css"))
    css = len(visitor.get(style, **COMPRESSED).body)
    rows = []
    for name, page in PAGES.items():
        html = len(_open(visitor, address, page, **COMPRESSED))
        part = len(_open(visitor, address, page, **COMPRESSED, **FRAGMENT))
        plain = len(_open(visitor, address, page))
        with _counting() as queries:
            _open(visitor, address, page)
        rows.append((name, f"{plain:,}", f"{html:,}", f"{html + css:,}", f"{part:,}", len(queries)))
    return table(("Page", "bytes, plain", "bytes, Brotli", "with the stylesheet", "fragment, Brotli", "queries"), rows)


def _first_visit(app: Flask) -> str:
    """What somebody's browser fetches who comes for the first time: the sign-in page and what it names."""
    stranger = Visitor(app)
    page = _open(stranger, "", "/sign-in", **COMPRESSED)
    paths = assets(_open(stranger, "", "/sign-in"))
    sizes = [len(page), *(len(stranger.get(path, **COMPRESSED).body) for path in paths)]
    return f"A first visit (sign-in page): {len(sizes)} requests, {sum(sizes):,} bytes of content with Brotli."


def _turn(visitors: list[tuple[Visitor, str]], page: str, **headers: str) -> Callable[[], None]:
    """Twenty pages in a row, going on where the last turn ended."""
    sessions = cycle(visitors)

    def turn() -> None:
        for visitor, address in islice(sessions, _TURN):
            _open(visitor, address, page, **headers)

    return turn


def _open(visitor: Visitor, address: str, page: str, **headers: str) -> bytes:
    answer = visitor.get(address + page, **headers)
    if answer.status != 200:
        raise SystemExit(f"{address}{page} answered {answer.status}: there is nothing to measure")
    return answer.body


def _warm_up(visitors: list[tuple[Visitor, str]], mine: Visitor) -> None:
    """Open every page once with every session, and see that both contenders show the same."""
    for visitor, address in visitors:
        for page in PAGES.values():
            # The first page of a session sets a cookie for its forms, which the second brings back.
            theirs, ours = _open(mine, address, page), _open(visitor, address, page)
            if _TOKEN.sub(b"", ours) != _TOKEN.sub(b"", theirs):
                raise SystemExit(f"by_hand.py no longer shows what the portal shows: {_difference(ours, theirs)}")


def _difference(ours: bytes, theirs: bytes) -> str:
    pairs = zip(_TOKEN.sub(b"", ours).splitlines(), _TOKEN.sub(b"", theirs).splitlines(), strict=False)
    return next((f"\n{a.decode()}\n{b.decode()}" for a, b in pairs if a != b), "one of them ends early")


def _cookie(app: Flask, guardian: Signed) -> str:
    """The cookie of a browser that has just signed in."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps({'_user_id': guardian.token, '_fresh': True})}"


@contextmanager
def _counting() -> Iterator[list[logging.LogRecord]]:
    """Collects the statements that peewee sends."""
    records: list[logging.LogRecord] = []
    handler, log = logging.Handler(), logging.getLogger("peewee")
    handler.emit = records.append  # type: ignore[method-assign, assignment]
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield records
    finally:
        log.setLevel(logging.NOTSET)
        log.removeHandler(handler)
