"""`flask keys`: activation keys for letters."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup

from models import School
from services import clock, keys, spreadsheets

group = AppGroup("keys", help="Activation keys that open accounts.")
COMMANDS = (group,)


@group.command("export")
@click.option("--school", help="Only people of the school with this sourcedId.")
@click.option("--role", type=click.Choice(["guardian", "student"]), default="guardian", show_default=True)
@click.option("--person", help="Only the person with this sourcedId.")
@click.option("--reissue", is_flag=True, help="Also for people who hold a key already; theirs dies.")
@click.option("--out", type=click.Path(dir_okay=False), help="A new file that only you can read; default: print.")
def export(school: str | None, role: str, person: str | None, reissue: bool, out: str | None) -> None:
    """Make keys for everybody without an account, as CSV for letters.

    The keys stand in this output alone: the portal keeps only their hashes. Keep the file private and
    delete it when the letters are printed.
    """
    settings = current_app.extensions["homeroom"]
    if out is not None and Path(out).exists():
        raise click.ClickException(f"{out} is there already")
    school_id = None
    if school is not None:
        found = School.get_or_none(School.sourced_id == school)
        if found is None:
            raise click.ClickException(f"no school has the sourcedId {school!r}")
        school_id = found.id
    issued = keys.export(
        role=role, school_id=school_id, person=person, reissue=reissue,
        on=clock.today(settings.time_zone, settings.today), settings=settings, now=clock.now(),
    )  # fmt: skip
    with _private(out) as file:
        count = spreadsheets.write(file, keys.IssuedKey._fields, issued)
    if count == 0:
        why = keys.why_none(
            role=role, school_id=school_id, person=person, reissue=reissue,
            on=clock.today(settings.time_zone, settings.today), settings=settings,
        )  # fmt: skip
        print(f"No keys issued: {why}.", file=sys.stderr)
        return
    print(f"{count} keys issued, good for {settings.key_days} days.", file=sys.stderr)


@contextmanager
def _private(path: str | None) -> Iterator[TextIO]:
    """The file to write keys to, readable by its owner alone, or standard output."""
    if path is None:
        yield sys.stdout
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        yield file
