"""Files as answers of the office: nothing keeps them, and large ones are made one at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response

# Hundreds of letters take seconds of a processor: more at once would only keep the families waiting.
_one = threading.BoundedSemaphore(1)

#: Seconds that somebody waits for a turn.
PATIENCE = 20


class Busy(Exception):
    """Somebody else's file is still being made."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for the file before. Raises Busy when that takes too long."""
    if not _one.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _one.release()


def pdf(body: bytes, name: str) -> Response:
    """A PDF, to be looked at and printed in the browser; the headers of every answer keep it out of caches."""
    return Response(body, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})
