"""`flask maintenance`: planned downtime, announced on the sign-in page."""

from __future__ import annotations

import datetime as dt

import click
from flask import current_app
from flask.cli import AppGroup

from services import maintenance

group = AppGroup("maintenance", help="Planned downtime.")
COMMANDS = (group,)

MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@group.command("announce")
@click.option("--from", "starts", type=MOMENT, required=True, help="On the district's clock: 2027-01-09T18:00.")
@click.option("--until", "ends", type=MOMENT, required=True)
@click.option("--text", "texts", multiple=True, metavar="LANG=TEXT", help="What to tell families; once a language.")
def announce(starts: dt.datetime, ends: dt.datetime, texts: tuple[str, ...]) -> None:
    """Tell families on the sign-in page that the portal will be closed for a while."""
    by_language = {}
    for text in texts:
        language, equals, words = text.partition("=")
        if not equals or not language or not words.strip():
            raise click.UsageError(f"--text takes LANG=TEXT, such as en='Back on Sunday.', not {text!r}")
        by_language[language] = words.strip()
    settings = current_app.extensions["homeroom"]
    try:
        window = maintenance.announce(starts=starts, ends=ends, texts=by_language, time_zone=settings.time_zone)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Announced: {starts:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} ({settings.time_zone}), no. {window.id}.")
