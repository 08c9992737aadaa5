"""What every test may ask for: a migrated database of its own, an application on it, a client that checks pages."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from peewee import Database, PeeweeException, PostgresqlDatabase
from playhouse.db_url import connect as connect_url

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import factories  # noqa: E402
from browsing import Browser  # noqa: E402

from app import create_app  # noqa: E402
from config import Settings  # noqa: E402
from models import ALL_TABLES, age_rule  # noqa: E402
from services import clock, database, outbox  # noqa: E402

POSTGRES = os.environ.get("DATABASE_URL", "") if os.environ.get("DATABASE_URL", "").startswith("postgres") else ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what only SQLite has."""
    left_out = [item for item in items if POSTGRES and item.get_closest_marker("sqlite_only")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty database to copy from: a SQLite file's path, or the name of a PostgreSQL template."""
    if POSTGRES:
        name = f"empty_{uuid4().hex}"
        with _administering() as server:
            server.execute_sql(f'CREATE DATABASE "{name}"')
        template = database.connect(_sibling(name))
        database.upgrade(template)
        template.close()
        yield name
        with _administering() as server:
            server.execute_sql(f'DROP DATABASE "{name}"')
    else:
        path = tmp_path_factory.mktemp("template") / "empty.db"
        template = database.connect(f"sqlite:///{path}")
        database.upgrade(template)
        template.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        template.close()
        yield str(path)


@pytest.fixture
def database_url(empty_database: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database that this test alone uses."""
    if not POSTGRES:
        path = tmp_path / "portal.db"
        shutil.copy(empty_database, path)
        yield f"sqlite:///{path}"
        return
    name = _USED.pop() if _USED else f"test_{uuid4().hex}"
    with _administering() as server:
        if not server.execute_sql("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            server.execute_sql(f'CREATE DATABASE "{name}" TEMPLATE "{empty_database}"')
    yield _sibling(name)
    if _emptied(name):
        _USED.append(name)
        return
    with _administering() as server:
        server.execute_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


#: PostgreSQL databases that were used and emptied: making one takes longer than most tests.
_USED: list[str] = []


def _emptied(name: str) -> bool:
    """Empty a PostgreSQL database for the next test; False when it is no longer what migrations make, or is in use."""
    server = connect_url(_sibling(name))
    try:
        server.connect()
        expected = {model._meta.table_name for model in ALL_TABLES} | {"schema_migration"}
        found = server.execute_sql(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        if {(schema, table) for schema, table in found} != {("public", table) for table in expected}:
            return False
        (applied,) = server.execute_sql("SELECT COUNT(*) FROM schema_migration").fetchone()
        if applied != len(list(database.MIGRATIONS.glob("[0-9]*.py"))):
            return False
        tables = sorted(expected - {"schema_migration"})
        filled = " UNION ALL ".join(f"(SELECT '{one}' FROM \"{one}\" LIMIT 1)" for one in tables)
        with server.atomic():
            server.execute_sql("SET LOCAL lock_timeout = '1s'")
            # No trigger looks for rows that refer to those that go: all of them go.
            server.execute_sql("SET LOCAL session_replication_role = replica")
            for (one,) in server.execute_sql(filled).fetchall():
                server.execute_sql(f'DELETE FROM "{one}"')
            server.execute_sql(
                "SELECT setval(quote_ident(sequencename), 1, false) FROM pg_sequences"
                " WHERE schemaname = 'public' AND last_value IS NOT NULL AND sequencename NOT LIKE 'schema_migration%'"
            )
        return True
    except PeeweeException:
        return False
    finally:
        server.close()


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """That database, connected, with the models pointing at it."""
    opened = database.connect(database_url)
    opened.connect()
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    """No test leaves its clock, or its district's rule about age, to the next."""
    yield
    clock.set_source(None)
    age_rule.name = Settings.at_eighteen


def _sibling(name: str) -> str:
    """The URL of the database `name` on the test server."""
    return f"{POSTGRES.rsplit('/', 1)[0]}/{name}"


class _administering:
    """A connection that runs each statement at once, for creating and dropping databases."""

    def __enter__(self) -> PostgresqlDatabase:
        self.server = connect_url(POSTGRES)
        self.server.connect()
        return self.server

    def __exit__(self, *_: object) -> None:
        self.server.close()


#: Applications made so far, by their settings without the database: making one takes as long as a test.
_APPLICATIONS: dict[Settings, Flask] = {}


def _application(settings: Settings) -> Flask:
    """An application with these settings: a used one, turned to this test's database, or a new one."""
    kind = replace(settings, database_url="")
    app = _APPLICATIONS.get(kind)
    if app is None:
        app = _APPLICATIONS[kind] = create_app(settings)
    else:
        app.extensions["homeroom"] = settings
        app.extensions["database"] = database.connect(settings.database_url)
        age_rule.name = settings.at_eighteen
        outbox.use_domain_of(settings.mail_from)
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = True, None
    return app


@pytest.fixture
def make_app(database_url: str) -> Iterator[Callable[..., Flask]]:
    """Makes the application on this test's database, with settings of the test's choice; call it once."""
    made: list[Flask] = []

    def make(**overrides: Any) -> Flask:
        app = _application(factories.settings(database_url, **overrides))
        app.extensions["database"].connect(reuse_if_open=True)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["database"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application with the standard preset."""
    return make_app()


@pytest.fixture
def portal(app: Flask) -> Settings:
    """Its settings."""
    settings: Settings = app.extensions["homeroom"]
    return settings


@pytest.fixture
def cast(portal: Settings) -> factories.Cast:
    """The fixed personas in that application's database."""
    return factories.cast(portal)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody's browser without JavaScript, which checks every page it is shown."""
    return Browser(app)
