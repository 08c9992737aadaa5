"""Stylesheet, script, icons and pictures: named by their content, compressed ahead, cached for good."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

import brotli
from flask import Blueprint, Response, abort, current_app, jsonify, request, url_for

from config import ROOT
from views import tour_pictures
from views.access import public

blueprint = Blueprint("assets", __name__)

#: Served files and what each is put together from: one script means one request (X02).
FILES = {
    "portal.css": ("text/css; charset=utf-8", ("portal.css",)),
    "portal.js": ("text/javascript; charset=utf-8", ("htmx.min.js", "portal.js")),
    "passkeys.js": ("text/javascript; charset=utf-8", ("passkeys.js",)),
    "icon.svg": ("image/svg+xml", ("icon.svg",)),
    "icon-180.png": ("image/png", ("icon-180.png",)),
    "icon-192.png": ("image/png", ("icon-192.png",)),
    "icon-512.png": ("image/png", ("icon-512.png",)),
    **{name: ("image/png", (path,)) for name, path in tour_pictures.assets().items()},
}


class Asset(NamedTuple):
    """A file ready to send, plain and compressed."""

    kind: str
    digest: str
    plain: bytes
    gzip: bytes
    br: bytes


@lru_cache(maxsize=len(FILES))
def asset(name: str) -> Asset:
    """Read, join and compress the file once."""
    kind, parts = FILES[name]
    plain = b"\n".join((ROOT / "static" / part).read_bytes() for part in parts)
    digest = hashlib.sha256(plain).hexdigest()[:12]
    return Asset(kind, digest, plain, gzip.compress(plain, mtime=0), brotli.compress(plain))


@blueprint.app_template_global()
def asset_url(name: str) -> str:
    """The address of a static file, which changes with its content."""
    return url_for("assets.file", digest=asset(name).digest, name=name)


@blueprint.app_template_global()
@lru_cache(maxsize=1)
def icon_data() -> str:
    """The icon inside the page: browsers ask for one on every first visit, and so it costs no request (X02)."""
    drawing = asset("icon.svg").plain.decode().strip().replace('"', "'")
    return "data:image/svg+xml," + quote(drawing, safe=" '=:/,.")


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """What a phone needs to put the portal on its home screen, without an app store (C15)."""
    name = current_app.extensions["homeroom"].district_name
    icons = [{"src": asset_url("icon.svg"), "sizes": "any", "type": "image/svg+xml"}] + [
        {"src": asset_url(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)
    ]
    response = jsonify(
        name=name, short_name=name[:12].strip(), start_url="/", scope="/", display="standalone",
        background_color="#f4f6f6", theme_color="#0b5c7f", icons=icons,
    )  # fmt: skip
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.get("/assets/<digest>/<name>")
@public
def file(digest: str, name: str) -> Response:
    """One static file."""
    if name not in FILES or asset(name).digest != digest:
        abort(404)
    found = asset(name)
    response = Response(found.plain, content_type=found.kind)
    for encoding, body in (("br", found.br), ("gzip", found.gzip)):
        if request.accept_encodings[encoding]:
            response.set_data(body)
            response.headers["Content-Encoding"] = encoding
            break
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.vary.add("Accept-Encoding")
    return response
