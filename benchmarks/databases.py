"""Databases on a PostgreSQL server that are gone when a measurement is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from playhouse.db_url import connect as connect_url


@contextmanager
def new_database(url: str) -> Iterator[str]:
    """The URL of a database that is gone afterwards, on the server behind `url`."""
    name = f"homeroom_benchmark_{uuid4().hex}"
    server = connect_url(url, unquote_password=True)
    with server.connection_context():
        server.execute_sql(f'CREATE DATABASE "{name}"')
        try:
            yield f"{url.rsplit('/', 1)[0]}/{name}"
        finally:
            server.execute_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
