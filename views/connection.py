"""One database connection a request, opened when it begins and closed when it ends."""

from __future__ import annotations

from flask import Flask, current_app, request
from peewee import Database


def init_app(app: Flask) -> None:
    """Open and close the connection around every request that needs one."""
    app.before_request(_open)
    app.teardown_request(_close)


def _open() -> None:
    if request.endpoint not in ("assets.file", "health.live", "health.ready"):
        _database().connect(reuse_if_open=True)


def _close(_: BaseException | None) -> None:
    if not _database().is_closed() and not current_app.testing:
        _database().close()


def _database() -> Database:
    database: Database = current_app.extensions["database"]
    return database
