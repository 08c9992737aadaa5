"""Headers that every answer carries: nothing is cached, framed, sniffed or loaded from elsewhere (CHECKS 22, 23)."""

from __future__ import annotations

from flask import Flask, Response, current_app

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "manifest-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))  # fmt: skip


def init_app(app: Flask) -> None:
    """Set the headers on every answer."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Cache-Control", "no-store")
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    # no-referrer would break the CSRF check over HTTPS, which asks where a form came from.
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if current_app.extensions["homeroom"].secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
