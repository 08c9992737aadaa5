"""`flask maintenance`: planned downtime, announced on the sign-in page."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup
from peewee import PeeweeException

from services import clock, maintenance, maintenance_mode
from services.maintenance_mode import Mode

group = AppGroup("maintenance", help="Planned downtime.")
COMMANDS = (group,)

MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@group.command("announce")
@click.option("--from", "starts", type=MOMENT, required=True, help="On the district's clock: 2027-01-09T18:00.")
@click.option("--until", "ends", type=MOMENT, required=True)
@click.option("--text", "texts", multiple=True, metavar="LANG=TEXT", help="What to tell families; once a language.")
def announce(starts: dt.datetime, ends: dt.datetime, texts: tuple[str, ...]) -> None:
    """Tell families on the sign-in page that the portal will be closed for a while."""
    by_language = _by_language(texts)
    settings = current_app.extensions["homeroom"]
    try:
        window = maintenance.announce(starts=starts, ends=ends, texts=by_language, time_zone=settings.time_zone)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Announced: {starts:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} ({settings.time_zone}), no. {window.id}.")


@group.command("on")
@click.option("--until", type=MOMENT, help="When families may come back, on the district's clock.")
@click.option("--text", "texts", multiple=True, metavar="LANG=TEXT", help="What to tell families; once a language.")
def on(until: dt.datetime | None, texts: tuple[str, ...]) -> None:
    """Close the portal: every page says so, until `flask maintenance off`. It works without the database too.

    What was announced for this time is said again, unless there are other texts.
    """
    settings = current_app.extensions["homeroom"]
    announced = _under_way()
    by_language = _by_language(texts) or announced.texts
    ends = until.replace(tzinfo=ZoneInfo(settings.time_zone)).astimezone(dt.UTC).replace(tzinfo=None) if until else None
    try:
        maintenance_mode.close(settings.maintenance_file, Mode(ends or announced.until, by_language))
    except OSError as error:
        raise click.ClickException(f"the portal stays open: {error}") from error
    click.echo("Closed: every page of this machine answers 503. Open it again with `flask maintenance off`.")


@group.command("off")
def off() -> None:
    """Open the portal again."""
    try:
        was_closed = maintenance_mode.open_again(current_app.extensions["homeroom"].maintenance_file)
    except OSError as error:
        raise click.ClickException(f"the portal stays closed: {error}") from error
    click.echo("Open again." if was_closed else "It was open.")


def _under_way() -> Mode:
    """What was announced for now; nothing when the database is away."""
    now = clock.now()
    try:
        found = [one for one in maintenance.announced(now) if one.starts_at <= now]
    except PeeweeException:
        return Mode(None, {})
    return Mode(found[0].ends_at, found[0].texts) if found else Mode(None, {})


def _by_language(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        language, equals, words = text.partition("=")
        if not equals or not language or not words.strip():
            raise click.UsageError(f"--text takes LANG=TEXT, such as en='Back on Sunday.', not {text!r}")
        found[language] = words.strip()
    return found
