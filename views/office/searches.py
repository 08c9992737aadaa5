"""What is searched for in the office stands in no address: those are in logs and the browser's history (CHECKS 24).

A search is sent as a form and kept in the session, from which sign-off takes it; the address of its results has a
number that says nothing. So "back" and "reload" show it again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from flask import json, redirect, request, session, url_for
from werkzeug.wrappers import Response

from views.forms import without_controls

#: So many searches "back" finds, if the cookie can hold them: browsers refuse one of more than 4,093 bytes, and it
#: has other things to hold.
KEPT = 5
BYTES = 1500

#: What is typed into one field, at the longest.
LONGEST = 100


def typed(*names: str) -> dict[str, str]:
    """What the search of this address was for, by field; empty texts without one."""
    wanted = request.args.get("s", "")
    found: dict[str, str] = next((fields for number, fields in _kept() if number == wanted), {})
    return {name: found.get(name, "") for name in names}


def results(names: Iterable[str], endpoint: str | None = None, **values: Any) -> Response:
    """Keep what was sent in these fields, and go on to its results: at `endpoint`, or this view, with `values`."""
    fields = {name: without_controls(request.form.get(name, "")[:LONGEST]) or "" for name in names}
    number = None
    if any(text.strip() for text in fields.values()):
        number = secrets.token_hex(4)
        session["searches"] = _fitting([*_kept(), [number, fields]][-KEPT:])
    return redirect(
        url_for(endpoint or request.endpoint or "", **{**(request.view_args or {}), **values, "s": number}), 303
    )


def _fitting(searches: list[Any]) -> list[Any]:
    """The latest of these searches that fit into the cookie; the last one alone is cut until it does."""
    while len(searches) > 1 and not _fits(searches):
        searches = searches[1:]
    number, fields = searches[-1]
    length = LONGEST
    while not _fits(searches):
        length -= 1
        searches = [[number, {name: text[:length] for name, text in fields.items()}]]
    return searches


def _fits(searches: list[Any]) -> bool:
    return len(json.dumps(searches)) <= BYTES


def _kept() -> list[Any]:
    found: list[Any] = session.get("searches", [])
    return found
