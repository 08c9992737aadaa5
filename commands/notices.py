"""`flask notice`: news for families, from the command line."""

from __future__ import annotations

import datetime as dt

import click
from flask import current_app
from flask.cli import AppGroup

from commands.database import clear_errors
from models import School
from services import clock, notices

group = AppGroup("notice", help="News for families.")
COMMANDS = (group,)

DAY = click.DateTime(["%Y-%m-%d"])


@group.command()
@click.option("--school", help="Only for families of the school with this sourcedId; default: the whole district.")
@click.option("--from", "begins", type=DAY, help="The first day, such as 2027-01-09; default: today.")
@click.option("--until", "ends", type=DAY, help="The last day; default: until it is taken down.")
@click.option("--important", is_flag=True, help="On every page until it is read.")
@click.option("--public", is_flag=True, help="On the sign-in page too.")
@click.option(
    "--text",
    "texts",
    multiple=True,
    required=True,
    metavar="LANG=TITLE|BODY",
    help="Once a language; | ends the title.",
)
def add(
    school: str | None, begins: dt.datetime | None, ends: dt.datetime | None, important: bool, public: bool,
    texts: tuple[str, ...],
) -> None:  # fmt: skip
    """Publish a notice for families."""
    by_language = {}
    for text in texts:
        language, equals, words = text.partition("=")
        title, _, body = words.partition("|")
        if not equals or not language or not title.strip():
            raise click.UsageError(
                f"--text takes LANG=TITLE|BODY, such as en='Snow day|No school today.', not {text!r}"
            )
        by_language[language] = (title, body)
    settings = current_app.extensions["homeroom"]
    with clear_errors():
        found = School.get_or_none(School.sourced_id == school) if school is not None else None
        if school is not None and found is None:
            raise click.ClickException(f"no school has the sourcedId {school!r}")
        try:
            notice = notices.publish(
                by_language, school=found, important=important, public=public, now=clock.now(),
                begins_on=begins.date() if begins else clock.today(settings.time_zone, settings.today),
                ends_on=ends.date() if ends else None,
            )  # fmt: skip
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"Published: no. {notice.id}, for {found.name if found else 'the whole district'}.")
