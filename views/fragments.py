"""One URL, one view, one context: the whole page for a browser, its part for htmx. No view reads HX-* itself."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request

from views.forms import without_controls


def init_app(app: Flask) -> None:
    """Both forms of a page tell caches and the back button apart; every template knows the portal it is in."""
    app.after_request(_vary)
    app.context_processor(_context)


def wants_fragment() -> bool:
    """Whether htmx asked for a part to swap in; what it asks for when history goes back is a whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type") == "partial"


def render(part: str, *, status: int = 200, **context: Any) -> Response:
    """Answer with the template `part` (its file name starts with an underscore), inside the page unless htmx asked.

    `title` in the context becomes the document's title; the part's heading should start it (STYLE 18).
    """
    fragment = wants_fragment()
    template = part if fragment else "page.html"
    return make_response(render_template(template, part=part, fragment=fragment, **context), status)


def _context() -> dict[str, object]:
    settings = current_app.extensions["homeroom"]
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return {
        "district_name": settings.district_name,
        "help_contact": settings.help_contact,
        "idle_minutes": settings.idle_minutes,
        "here": without_controls(here),
        "opens_on_oldest": settings.home == "oldest",
        "changes_address": settings.change_email == "self",
    }


def _vary(response: Response) -> Response:
    response.vary.update(("HX-Request", "HX-Request-Type", "Cookie"))
    return response
