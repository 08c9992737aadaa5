"""Files that a page takes: only where a view says how large they may be, and only from those who are signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

#: What the parser of such a form may hold in memory. It reads 64 KB at a time, and keeps the last line of what came
#: before beside it: with as much as other pages get, it would refuse every longer file that has line ends.
_PARSING = 256 * 1024

View = TypeVar("View", bound=Callable[..., Any])


def takes(size: int) -> Callable[[View], View]:
    """Let a view take so many bytes, where every other takes `MAX_CONTENT_LENGTH`."""

    def mark(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Set the limit of such views before anything reads the form; the token of a form is in it."""
    app.before_request(_set_limit)


def _set_limit() -> None:
    size = getattr(current_app.view_functions.get(request.endpoint or ""), "takes", None)
    if size is not None and current_user.is_authenticated:
        request.max_content_length = size
        request.max_form_memory_size = _PARSING
