"""While the portal is closed every page says so, in plain HTML and without a look into the database (G15)."""

from __future__ import annotations

from flask import Flask, Response, request

from services import clock, formats, maintenance_mode
from views import errors
from views.access import settings
from views.fragments import wants_fragment

#: What machines ask goes on, and so does what pages that are open already may still load.
OPEN = frozenset({"health.live", "health.ready", "assets.file"})


def init_app(app: Flask) -> None:
    """Look before anything else does: the database may be away."""
    app.before_request(_closed)


def _closed() -> Response | None:
    if request.endpoint in OPEN:
        return None
    mode = maintenance_mode.read(settings().maintenance_file)
    if mode is None:
        return None
    retry = {"Retry-After": str(mode.retry_after(clock.now()))}
    if wants_fragment():
        # The whole page, or what is swapped in would stand under somebody's record.
        return Response(status=503, headers={**retry, "HX-Redirect": request.full_path.rstrip("?")})
    later = mode.until if mode.until is not None and mode.until > clock.now() else None
    until = {code: formats.moment(later, settings().time_zone, code, "long") for code in errors.BARE_LANGUAGES}
    return errors.bare(503, texts=mode.texts, until=until if later else {}, headers=retry)
