"""What keeps a portal running: serve, work, back up, restore, diagnose."""

from __future__ import annotations

import datetime as dt
import logging
import os
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from commands.mail import mailer_of, texter_of
from config import ROOT, Settings
from models import OutboundMail
from services import access_log, clock, doctor, exports, withdrawal, worker
from services import backup as backups
from services.digests import run as digests


@click.command("worker")
@with_appcontext
def run_worker() -> None:
    """Send the mails and texts in the outbox, make downloads of records, and write families their news, until stopped.

    Keep one running at all times; several do no harm.
    """
    settings: Settings = current_app.extensions["homeroom"]

    def on() -> dt.date:
        return clock.today(settings.time_zone, settings.today)

    def still_allowed(mail: OutboundMail) -> bool | dt.datetime:
        return withdrawal.may_leave(mail, on=on(), now=clock.now(), settings=settings)

    def make_download() -> bool:
        return exports.run_once(
            settings=settings, on=on(), now=clock.now(), words_in=current_app.extensions["report_words"]
        )

    def write_news() -> bool:
        return digests.run_once(settings=settings, on=on(), now=clock.now(), compose=current_app.extensions["compose"])

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # Mails hold addresses of pages, which Flask makes within a request alone.
    with mailer_of(settings) as mailer, current_app.test_request_context():
        click.echo("The worker is running.")
        worker.run(
            current_app.extensions["database"], mailer, worker.wait_for_stop_signal(), still_allowed,
            texter=texter_of(settings), other_work=lambda: make_download() or write_news(),
        )  # fmt: skip
    click.echo("The worker has stopped.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write the whole database into FILE, while the portal runs, and verify it. A name in .gz is compressed.

    Use it every night and before every upgrade, and keep FILE on another machine. The settings and the secret key
    are not in it.
    """
    settings: Settings = current_app.extensions["homeroom"]
    try:
        size = backups.backup(settings.database_url, file)
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Backed up to {file}: {size:,} bytes, verified.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a database that holds data.")
@with_appcontext
def restore(file: Path, force: bool) -> None:
    """Put the backup in FILE in place of the database. FILE is verified first; nothing is mixed.

    Use it on a new machine, or after damage. Stop the worker and the feed's timer before.
    """
    settings: Settings = current_app.extensions["homeroom"]
    try:
        report = backups.restore(file, settings.database_url, force)
    except (backups.BackupError, OSError) as error:
        raise click.ClickException(str(error)) from error
    older = " It is of an older Homeroom. Run: flask db upgrade" if report.pending else ""
    click.echo(f"Restored from {file}.{older}")


@click.command("doctor")
@with_appcontext
def examine() -> None:
    """Look for everything that is known to go wrong and say what to do. Ends with 1 when something is broken.

    Use it after installing and upgrading, and whenever something seems odd.
    """
    findings = doctor.examine(current_app.extensions["homeroom"])
    for finding in findings:
        click.echo(f"{finding.level:5} {finding.what}")
        if finding.level != "ok":
            click.echo(f"      → {finding.remedy}")
    count = {level: sum(finding.level == level for finding in findings) for level in ("ok", "warn", "fail")}
    click.echo(f"{count['ok']} in order, {count['warn']} to look at, {count['fail']} broken.")
    if count["fail"]:
        sys.exit(1)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="The port, also read from PORT.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=2, show_default=True, help="Threads in each process.")
@with_appcontext
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the portal with gunicorn, for a proxy with TLS in front of it."""
    os.chdir(ROOT)
    # From here on this process is gunicorn, so that a service manager talks to it directly.
    os.execv(sys.executable, gunicorn_command(host, port, workers, threads))  # noqa: S606  no shell is wanted


def gunicorn_command(host: str, port: int, workers: int, threads: int) -> list[str]:
    """The command line that serves the portal.

    Without --preload each process opens its own database and SIGHUP loads new code and settings.
    """
    return [
        sys.executable, "-m", "gunicorn",
        f"--bind={host}:{port}",
        f"--workers={workers}",
        f"--threads={threads}",
        "--no-control-socket",
        "--access-logfile=-",
        f"--access-logformat={access_log.FORMAT}",
        "--logger-class=services.access_log.AccessLog",
        "app:create_app()",
    ]  # fmt: skip


COMMANDS = (run_worker, backup, restore, examine, serve)
