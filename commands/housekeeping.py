"""`flask housekeeping`: what the passing of time does to accounts and old rows."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from commands.database import clear_errors
from config import Settings
from services import clock, housekeeping
from services.housekeeping import Report, Step

#: What a step says of "account 12".
_LINES = {
    "childless": "no child of its guardian is enrolled any more",
    "back": "a child of its guardian is enrolled again",
    "dormant": "falls dormant: its e-mail address has to be verified again",
    "left": "closes: the last child has left",
    "deleted": "is deleted",
}

#: What a notice announces.
_ANNOUNCED = {"dormant": "it falls dormant", "left": "it closes", "deleted": "it is deleted"}


@click.command("housekeeping")
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@with_appcontext
def keep_house(dry_run: bool) -> None:
    """Let unused accounts and those without a child here end, and drop what nobody needs. Run it every night.

    It tells families by mail first; a worker has to be running. Run it after the feed, so that enrollments are fresh.
    """
    settings: Settings = current_app.extensions["homeroom"]
    # Mails hold addresses of pages, which Flask makes within a request alone.
    with current_app.test_request_context(), clear_errors():
        report = housekeeping.run(
            settings=settings, now=clock.now(), on=clock.today(settings.time_zone, settings.today),
            compose=current_app.extensions["compose"], dry_run=dry_run,
        )  # fmt: skip
    for step in report.steps:
        click.echo(f"account {step.account.id}: {_line(step)}")
    if not report.enrollments_known:
        click.echo("No school year is known for today, so nobody was looked at for children who have left.")
    click.echo(_summary(report, dry_run))


COMMANDS = (keep_house,)


def _line(step: Step) -> str:
    if step.act != "told":
        return _LINES[step.act]
    return f"its owner is told that {_ANNOUNCED[step.then or 'deleted']} on {step.day:%Y-%m-%d}"


def _summary(report: Report, dry_run: bool) -> str:
    acts = [step.act for step in report.steps]
    counts = f"{acts.count('told')} told, {acts.count('dormant')} dormant, {acts.count('left')} closed, "
    counts += f"{acts.count('deleted')} deleted, {acts.count('back')} back; dropped: "
    counts += ", ".join(f"{count} {name}" for name, count in report.dropped.items())
    return f"Would be done: {counts}. Nothing was changed." if dry_run else f"Done: {counts}."
