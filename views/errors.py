"""Errors as pages: plain words, a way on, and never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from flask import Flask, Response, redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from jinja2 import Environment
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from config import ROOT
from views import drafts, fragments

log = logging.getLogger(__name__)


#: The languages that the page has which is shown when no other can be made.
BARE_LANGUAGES = ("en", "es", "vi", "ar", "so")

#: That page, read at the start: it asks nothing of anybody.
_BARE = Environment(autoescape=True, trim_blocks=True).from_string(
    (ROOT / "templates" / "bare.html").read_text(encoding="utf-8")
)


#: Buttons that an old tab may still show.
_IN_AND_OUT = ("sign_in.sign_in", "sign_in.code", "sign_in.passkey", "sign_in.sign_out")


def init_app(app: Flask) -> None:
    """Answer every error with a page of the portal."""
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)


def _expired_form(_error: CSRFError) -> BaseResponse:
    """A form of another session: an old tab's button to sign in or out shows who is signed in, and a fresh button."""
    if request.endpoint in _IN_AND_OUT and current_user.is_authenticated:
        return fragments.render("sign_in/_already.html", status=400, title=_("You are signed in"))
    owner = drafts.keep()
    if owner is not None and current_user.is_authenticated and current_user.account.id == owner.id:
        # Signed in anew meanwhile: the form with the text in it, to be sent with one more press.
        return redirect(request.path, 303)
    return _page(
        400,
        _("This page was open too long"),
        _("For your safety the form is no longer valid. Go back, reload the page and send it again."),
    )


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        # A redirect that the router itself makes.
        return error.get_response()  # type: ignore[return-value]
    if code == 404:
        return _page(404, _("Page not found"), _("There is nothing here, or it is not open to you."))
    if code == 403:
        return _page(403, _("Not open to you"), _("Your account cannot open this page."))
    if code == 413:
        return _page(413, _("Too much at once"), _("What was sent is larger than this page takes."))
    if isinstance(error, MethodNotAllowed):
        response = _page(405, _("That does not work here"), _("Go back and use the buttons on the page."))
        response.allow.update(error.valid_methods or ())
        return response
    if code < 500:
        return _page(code, _("That did not work"), _("Go back, check what you entered and try again."))
    return _failure(error)


def _failure(error: Exception) -> Response:
    # The path is the view's rule: values in a URL may name a child.
    log.error("failed: %s %s", request.method, request.url_rule, exc_info=error)
    try:
        return _page(500, _("Something went wrong"), _("The fault is ours and has been noted. Please try again later."))
    except Exception:
        # The page asks who is reading; without the database nobody knows.
        log.exception("the page about that failed too")
        return bare(500)


def bare(
    status: int, *, texts: Mapping[str, str] | None = None, until: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """The page that needs neither database nor session: that the portal is away.

    `texts` (by language) say more, `until` (by language of BARE_LANGUAGES) when it is back.
    """
    page = _BARE.render(texts=texts or {}, until=until or {})
    return Response(page, status, dict(headers or {}), content_type="text/html; charset=utf-8")


def _page(status: int, heading: str, text: str) -> Response:
    response = fragments.render("_error.html", status=status, title=heading, text=text)
    # Swapped in by htmx, an error must not stand under the address of the page that failed.
    response.headers["HX-Push-Url"] = "false"
    return response
