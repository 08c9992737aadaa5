"""A browser as small as can be: it calls a WSGI application in this process and keeps the session's cookie.

Werkzeug's test client costs as much as a small page; this one must not show in the figures.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Application = Callable[..., Iterable[bytes]]

#: What browsers send with every request. Without Accept-Encoding answers come uncompressed.
HEADERS = {
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}

#: What htmx sends when a tab is clicked, and what browsers accept.
FRAGMENT = {"HTTP_HX_REQUEST": "true", "HTTP_HX_REQUEST_TYPE": "partial"}
COMPRESSED = {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"}

_ASSET = re.compile(r'<(?:link|script|img)\b[^>]*?(?:href|src)="(/[^"]+)"')


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Visitor:
    """One browser. `cookie` is what it sends, and changes when an answer sets one."""

    def __init__(self, app: Application, cookie: str = "") -> None:
        self._app = app
        self.cookie = cookie

    def get(self, path: str, **more: str) -> Answer:
        """Open a page; `more` are further headers by their WSGI names."""
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "portal.example", "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "portal.example", "REMOTE_ADDR": "192.0.2.7", "HTTP_COOKIE": self.cookie,
            "wsgi.version": (1, 0), "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(), "wsgi.multithread": False, "wsgi.multiprocess": False,
            "wsgi.run_once": False, **HEADERS, **more,
        }  # fmt: skip
        started: list[Any] = []
        answer = self._app(environ, lambda status, headers, *_: started.extend((status, headers)))
        try:
            body = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        status, headers = started
        for name, value in headers:
            if name == "Set-Cookie":
                self.cookie = value.partition(";")[0]
        return Answer(int(status[:3]), headers, body)


def assets(page: bytes) -> list[str]:
    """The addresses of what a page makes a browser fetch, each once, in their order."""
    return list(dict.fromkeys(_ASSET.findall(page.decode())))
