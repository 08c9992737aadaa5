"""`flask account`: single accounts, and accounts brought from an older portal."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app, url_for
from flask.cli import AppGroup

from commands.database import clear_errors
from config import Settings
from models import Account
from services import account_care, accounts, authenticators, clock, former_accounts
from services.former_accounts import BadFile

group = AppGroup("account", help="Accounts of families, students and staff.")
COMMANDS = (group,)


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row and change nothing.")
def import_(file: Path, dry_run: bool) -> None:
    """Bring guardians' accounts from an older portal: user names and passwords go on working.

    FILE is CSV in UTF-8 with the columns user_name, password_hash, guardian_id (the sourcedId or person id) and
    perhaps email. Import the feed first. Rows that will not do are listed and left out. Delete FILE afterwards.
    """
    try:
        with clear_errors(), file.open(encoding="utf-8-sig", newline="") as rows:
            done = former_accounts.bring(rows, settings=_settings(), now=clock.now(), dry_run=dry_run)
    except (BadFile, OSError) as error:
        raise click.ClickException(f"{file}: {error}") from error
    for line, reason in done.refused:
        click.echo(f"left out: line {line}: {reason}")
    for line, reason in done.notes:
        click.echo(f"note: line {line}: {reason}")
    verb = "would be imported" if dry_run else "imported"
    click.echo(f"{done.accounts} accounts {verb}, {len(done.refused)} rows left out.")


@group.command()
@click.argument("text")
def find(text: str) -> None:
    """List accounts by user name, e-mail address, person id, student number or sourcedId.

    Use it when somebody cannot get in. That you looked is written down.
    """
    with clear_errors():
        found = account_care.find(text, clock.now())
    for account in found:
        last = f"{account.last_sign_in_at:%Y-%m-%d %H:%M} UTC" if account.last_sign_in_at else "never"
        click.echo(f"{account.id}  {account.state}  {account.role}  {account.person.name}")
        click.echo(f"    user name {account.user_name}, e-mail {_address(account)}, last sign-in {last}")
    if not found:
        raise click.ClickException(f"no account has {text!r} as user name, address or id")


@group.command()
@click.argument("name")
def unlock(name: str) -> None:
    """Let somebody in again whom too many wrong passwords have shut out."""
    _reactivate(name)


@group.command()
@click.argument("name")
def enable(name: str) -> None:
    """Open an account again that is disabled, dormant or closed because the last child had left."""
    _reactivate(name)


@group.command("reset-link")
@click.argument("name")
@click.option("--code", is_flag=True, help="A code to print instead, good for 72 hours.")
def reset_link(name: str, code: bool) -> None:
    """Print a link with which its owner sets a new password within half an hour. It works once.

    Use it after you have made sure who is asking, and hand it to nobody else.
    """
    account, purpose = _named(name), "code" if code else "reset"
    try:
        with clear_errors():
            token = account_care.reset_link(account, purpose, settings=_settings(), now=clock.now())
    except account_care.NotNow as error:
        raise click.ClickException(f"{name} is {account.state}: {error}") from error
    with current_app.test_request_context():
        path = url_for("recovery.code") if code else url_for("recovery.reset", token=token)
    page = _settings().portal_url.rstrip("/") + path
    click.echo(f"{token}\nTo be typed at {page} within 72 hours." if code else page)
    opens = {"locked": "unlock", "disabled": "enable", "left": "enable"}.get(account.state)
    if opens is not None:
        click.echo(f"{name} is {account.state}: no password opens it before `flask account {opens} {name}`.", err=True)


@group.command("end-authenticator")
@click.argument("name", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every account: a new secret key makes all apps useless.")
def end_authenticator(name: str | None, everybody: bool) -> None:
    """Let somebody sign in without the authenticator app, who has lost the phone and the backup codes.

    Make sure who is asking: from then on the password alone is enough. The owner is told by mail.
    """
    if everybody == (name is not None):
        raise click.UsageError("give the user name of one account, or --all")
    with clear_errors():
        found = [_named(name)] if name is not None else authenticators.all_accounts()
        if name is not None and not authenticators.is_on(found[0]):
            raise click.ClickException(f"{name} has no authenticator")
        compose = current_app.extensions["compose"]
        with current_app.test_request_context():
            for account in found:
                authenticators.end(account, by="command", compose=compose, settings=_settings(), now=clock.now())
    click.echo(f"{name} signs in without an authenticator." if name else f"{len(found)} authenticators ended.")


@group.command()
@click.argument("name")
def cancel(name: str) -> None:
    """End an account so that its owner registers or claims anew, with a new e-mail address for example."""
    with clear_errors():
        account = _named(name)
        if account.state == "cancelled":
            raise click.ClickException(f"{name} is cancelled already")
        accounts.cancel(account, clock.now())
    click.echo(f"{name} is cancelled. {_way_back(account)}")


@group.command()
@click.argument("name")
@click.confirmation_option("--yes", prompt="Delete the account with all that belongs to it?", help="Do not ask.")
def delete(name: str) -> None:
    """Delete an account, its sessions, its history and its answers. What its owner wrote to teachers stays."""
    with clear_errors():
        account_care.delete(_named(name), clock.now(), reason="command")
    click.echo(f"{name} is deleted.")


def _way_back(account: Account) -> str:
    """How the owner of a cancelled account comes by another one."""
    ways, portal = _settings().student_accounts, _settings().portal_url.rstrip("/")
    if account.role == "staff":
        return "To let its owner in again: flask staff add"
    if account.role == "student" and ways == "claim":
        return f"The student claims it again at {portal}/claim"
    if account.role == "student" and ways == "district":
        return f"The student signs in at {portal}/sign-in as the first time, with number and date of birth."
    if account.role == "student" and ways == "off":
        return "Students get no accounts here: student_accounts is 'off'."
    role = " --role student" if account.role == "student" else ""
    person = account.person.sourced_id or "SOURCED_ID"
    return f"Its owner needs a new key: flask keys export{role} --person {person}"


def _reactivate(name: str) -> None:
    with clear_errors():
        account = _named(name)
        if account.state == "pending":
            raise click.ClickException(f"{name} waits for its e-mail address: its owner follows the link in the mail")
        if account.state == "cancelled":
            raise click.ClickException(f"{name} is cancelled: its owner registers or claims anew")
        accounts.reactivate(account, clock.now())
    click.echo(f"{name} is active.")


def _named(name: str) -> Account:
    with clear_errors():
        account = account_care.named(name)
    if account is None:
        raise click.ClickException(f"no account has the user name {name!r}; try: flask account find")
    return account


def _address(account: Account) -> str:
    if not account.email:
        return "none"
    return account.email if account.email_verified_at else f"{account.email} (not verified)"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["homeroom"]
    return settings
