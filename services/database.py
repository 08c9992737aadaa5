"""Opening the database, and bringing its tables up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import Database, SqliteDatabase
from playhouse.db_url import connect as connect_url
from playhouse.migrations import Runner

import models

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = ROOT / "migrations"

#: WAL lets pages be read while a feed is applied (G18); FULL keeps accounts and consents through a power cut.
SQLITE_PRAGMAS = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10_000}


def connect(url: str) -> Database:
    """Point every model at the database behind `url` and return it, not yet connected.

    `sqlite:///relative/path.db` is taken from the project's folder. Raises ValueError when the URL names no
    database or one of a kind other than SQLite and PostgreSQL.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite":
        path = Path(rest.removeprefix("///"))
        if rest in ("", "///") or not rest.startswith("///"):
            raise ValueError("sqlite needs a file: sqlite:///instance/portal.db")
        path = ROOT / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        # With deferred transactions concurrent writers fail at once instead of waiting their turn.
        database = SqliteDatabase(str(path), pragmas=SQLITE_PRAGMAS, lock_type="IMMEDIATE", timeout=10)
    elif scheme.removesuffix("+pool") in ("postgresql", "postgres"):
        database = connect_url(url, unquote_password=True)
    else:
        raise ValueError(f"{scheme!r} is neither sqlite nor postgresql")
    models.database.initialize(database)
    return database


@contextmanager
def briefly() -> Iterator[None]:
    """Wait for a lock a moment at most, else raise peewee.OperationalError: for writes that a page can do without."""
    opened = models.database.obj
    if isinstance(opened, SqliteDatabase):
        opened.execute_sql("PRAGMA busy_timeout = 50")
        try:
            yield
        finally:
            opened.execute_sql(f"PRAGMA busy_timeout = {SQLITE_PRAGMAS['busy_timeout']}")
    else:
        with opened.atomic():
            opened.execute_sql("SET LOCAL lock_timeout = '50ms'")
            yield


def upgrade(database: Database) -> list[str]:
    """Apply the migrations that are still missing, in order, each in a transaction; return their names."""
    applied: list[str] = _runner(database).up()
    return applied


def pending(database: Database) -> list[str]:
    """The names of the migrations that this database still lacks."""
    return [migration.name for migration in _runner(database).status() if migration.applied is None]


def _runner(database: Database) -> Runner:
    return Runner(database, str(MIGRATIONS))
