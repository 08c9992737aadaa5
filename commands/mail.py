"""`flask mail`: is mail going out, and if not, why?"""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from commands.database import clear_errors
from config import Settings
from models import OutboundMail
from services import outbox
from services.mail import DeliveryError, Mailer
from services.mail_advice import STEPS, explain
from services.texts import Texter

group = AppGroup("mail", help="Mails and texts that the portal sends.")
COMMANDS = (group,)

STATES = ("queued", "sent", "failed", "withdrawn")


def mailer_of(settings: Settings) -> Mailer:
    """The mailer that the settings describe; one clear line when they describe none."""
    try:
        return Mailer(settings.smtp_url, settings.mail_from, settings.portal_url)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def texter_of(settings: Settings) -> Texter | None:
    """What sends texts, if the settings name it; one clear line when it cannot be."""
    try:
        return Texter(settings.text_url) if settings.text_url else None
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@group.command()
@click.argument("address")
def test(address: str) -> None:
    """Send one mail to ADDRESS at once and tell what the mail server says, step by step.

    Use it after changing the mail settings, and when families say that no mail arrives. With a number such as
    +15035550123 for ADDRESS it sends one text.
    """
    settings: Settings = current_app.extensions["homeroom"]
    if address.startswith("+"):
        _test_text(address, settings)
        return
    try:
        mail = outbox.prepare(
            kind="test",
            recipient=address,
            subject=f"Test mail from {settings.district_name}",
            text=f"This mail was sent to see whether mail of the portal arrives.\n\n{settings.portal_url}\n",
        )
    except outbox.BadAddress as error:
        raise click.ClickException(f"{address} is no mail address: {error}") from error
    with mailer_of(settings) as mailer:
        failure = None
        try:
            mailer.send(mail)
        except DeliveryError as error:
            failure = error
        for step in mailer.steps:
            click.echo(f"ok    {STEPS[step.name]}: {step.answer}")
    if failure:
        click.echo(f"FAIL  {STEPS[failure.step]}: {failure.answer}")
        raise click.ClickException(explain(failure))
    click.echo(f"Handed over to the mail server. Look for it in the mailbox of {address}, the spam folder too.")


def _test_text(number: str, settings: Settings) -> None:
    texter = texter_of(settings)
    if texter is None:
        raise click.ClickException("texts are not offered: PORTAL_TEXT_URL is not set")
    try:
        texter.send(outbox.prepare(
            kind="test", recipient=number, subject="", channel="text",
            text=f"This text was sent to see whether texts of {settings.district_name} arrive.",
        ))  # fmt: skip
    except outbox.BadAddress as error:
        raise click.ClickException(f"{number} is {error}") from error
    except DeliveryError as error:
        raise click.ClickException(f"it was not sent: {error.answer} (see PORTAL_TEXT_URL)") from error
    click.echo(f"Handed over to the service that sends texts. Look for it on the phone of {number}.")


@group.command()
@click.option("--limit", default=50, show_default=True, help="List at most so many mails.")
def queue(limit: int) -> None:
    """List mails and texts that have not left yet or have failed, and count all by state."""
    open_mails = OutboundMail.select().where(OutboundMail.state.in_(("queued", "failed")))
    with clear_errors():
        listed = list(open_mails.order_by(OutboundMail.created_at, OutboundMail.id).limit(limit))
        counts = {state: OutboundMail.select().where(OutboundMail.state == state).count() for state in STATES}
    for mail in listed:
        hint = f"…{mail.recipient[-2:]}" if mail.channel == "text" else f"…@{mail.recipient.rpartition('@')[2]}"
        click.echo(
            f"{mail.id}  {mail.state}  {mail.kind} to {hint}  tries: {mail.attempts}"
            f"  next: {mail.due_at:%Y-%m-%d %H:%M} UTC  {mail.last_error or ''}".rstrip()
        )
    click.echo(", ".join(f"{count} {state}" for state, count in counts.items()))


@group.command()
@click.argument("mail_ids", metavar="[ID]…", type=int, nargs=-1)
def retry(mail_ids: tuple[int, ...]) -> None:
    """Send failed and waiting mail again at once: all of it, or the IDs that `flask mail queue` shows.

    Use it when the mail server works again. A worker must be running.
    """
    with clear_errors():
        changed = outbox.retry_now(list(mail_ids) or None)
    click.echo(f"{changed} mails will be sent now.")
