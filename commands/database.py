"""`flask db`: the tables of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from flask.cli import AppGroup
from peewee import DatabaseError, InterfaceError

from services import database

group = AppGroup("db", help="The tables of the database.")
COMMANDS = (group,)


@contextmanager
def clear_errors() -> Iterator[None]:
    """One line instead of a traceback when the database is away, locked or lacks tables."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise click.ClickException(f"the database says: {reason}") from error


@group.command()
def upgrade() -> None:
    """Bring the tables up to date: after installing, and after every new version. Back up first."""
    with clear_errors():
        applied = database.upgrade(current_app.extensions["database"])
    click.echo(f"Applied {', '.join(applied)}." if applied else "The database is up to date; nothing to do.")


@group.command()
def status() -> None:
    """Say which migrations the database still lacks."""
    with clear_errors():
        missing = database.pending(current_app.extensions["database"])
    click.echo(f"Missing: {', '.join(missing)}. Run: flask db upgrade" if missing else "The database is up to date.")
