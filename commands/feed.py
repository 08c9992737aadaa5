"""`flask feed`: the SIS's export in, and what came of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from config import Settings
from services import spreadsheets
from services.feeds import importer, runs, undo
from services.feeds.problems import Problem
from services.feeds.report import Report

group = AppGroup("feed", help="Import OneRoster and supplement files from the SIS.")
COMMANDS = (group,)

_MINUTE = "%Y-%m-%d %H:%M"

#: So many problems are printed after an import; `feed problems` has the rest.
PRINTED = 20


@group.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--allow-shrink", is_flag=True, help="Also when many students or guardianships would become inactive.")
@click.option("--quiet", is_flag=True, help="Print the summary alone, and no progress.")
def import_(paths: tuple[Path, ...], dry_run: bool, allow_shrink: bool, quiet: bool) -> None:
    """Import folders and zip files that together make one feed.

    Run it after every export, nightly or all day: a file that is known is not read again, and the portal stays open
    meanwhile. All of a feed is applied or nothing. Ends with 1 when it was refused.
    """
    settings: Settings = current_app.extensions["homeroom"]
    watched = sys.stderr.isatty() and not quiet
    try:
        report = importer.run(
            paths,
            shrink_percent=settings.shrink_percent,
            allow_shrink=allow_shrink,
            dry_run=dry_run,
            progress=_show_progress if watched else None,
            secret=settings.secret_key,
        )
    except importer.FeedError as error:
        raise click.ClickException(str(error)) from None
    finally:
        if watched:
            click.echo("\r\033[K", nl=False, err=True)
    if not quiet:
        _print_details(report)
    click.echo(_summary(report))
    if report.error:
        raise click.ClickException(report.error)


@group.command()
def status() -> None:
    """Say when each file was last delivered and changed, and how the last import ended."""
    run = runs.latest()
    if run is None:
        click.echo("Nothing has been imported yet.")
        return
    for name, file in sorted(runs.applied().items()):
        click.echo(f"{name + '.csv':36} delivered {file.seen_at:{_MINUTE}}, changed {file.changed_at:{_MINUTE}} UTC")
    error = f": {run.error}" if run.error else ""
    click.echo(f"Run {run.id} of {run.started_at:{_MINUTE}} UTC: {run.state}{error}")


@group.command()
@click.option("--run", "run_id", type=int, help="The number of a run; default: the last one that found problems.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, for the people who keep the SIS.")
def problems(run_id: int | None, as_csv: bool) -> None:
    """List what an import left out or took with a warning, row by row."""
    if run_id is None:
        run = runs.latest_with_problems()
        run_id = run.id if run else 0
    found = runs.problems_of(run_id)
    if as_csv:
        spreadsheets.write(sys.stdout, Problem._fields, found)
    else:
        _print_problems(found)
        click.echo(f"{len(found)} problems in run {run_id}." if run_id else "No import has found a problem.")


@group.command("undo")
@click.option("--yes", is_flag=True, help="Do not ask.")
def undo_(yes: bool) -> None:
    """Put back what was there before the last import that was applied.

    For a feed that was wrong and got through. What the office decided and all accounts stay. One import can be undone;
    the next one brings its files again, so stop the nightly import until the SIS has mended them.
    """
    run = undo.possible()
    if run is None:
        raise click.ClickException("there is no import that could be undone")
    said = f"run {run.id} of {run.started_at:{_MINUTE}} UTC"
    if not yes:
        click.confirm(f"Undo {said}?", abort=True)
    try:
        undo.undo()
    except importer.FeedError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"undone: {said}")


def _show_progress(file: str, rows: int) -> None:
    click.echo(f"\r\033[K{file} {rows:,} rows" if rows else f"\r\033[K{file}", nl=False, err=True)


def _print_details(report: Report) -> None:
    for file in report.files:
        counts = "known" if file.known else f"{file.read:,} rows, {file.accepted:,} taken"
        click.echo(f"{file.file + '.csv':36} {file.mode:6} {counts}")
    if report.not_read:
        click.echo(f"Not read: {', '.join(report.not_read)}")
    for table in report.tables:
        click.echo(
            f"{table.table:36} {table.added:,} added, {table.changed:,} changed, {table.removed:,} removed, "
            f"{table.unchanged:,} unchanged"
        )
    _print_problems(report.problems[:PRINTED])
    if report.problem_count + report.warning_count > PRINTED:
        click.echo("… the rest: flask feed problems")


def _print_problems(found: Iterable[Problem]) -> None:
    for one in found:
        where = ", ".join(str(part) for part in (one.file, one.line and f"line {one.line}", one.column) if part)
        click.echo(f"{one.severity}: {where}: {one.reason}")


def _summary(report: Report) -> str:
    tables = report.tables
    return (
        f"{report.state}: {sum(one.added for one in tables):,} added, {sum(one.changed for one in tables):,} changed, "
        f"{sum(one.removed for one in tables):,} removed; {report.problem_count:,} problems, "
        f"{report.warning_count:,} warnings"
    )
