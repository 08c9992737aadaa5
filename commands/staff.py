"""`flask staff`: who works in the office."""

from __future__ import annotations

import click
from flask import current_app, url_for
from flask.cli import AppGroup

from commands.database import clear_errors
from models import School
from services import clock
from services.office import staff

group = AppGroup("staff", help="Members of staff who work in the portal's office.")
COMMANDS = (group,)


@group.command()
@click.argument("email")
@click.option("--role", type=click.Choice(staff.ROLES), required=True, help="What they do here.")
@click.option("--school", help="Only at the school with this sourcedId; default: in all schools.")
@click.option("--name", default="", help="Given and family name, for people who are not in the feed.")
@click.option("--invite", is_flag=True, help="Mail the link, good for three days, instead of printing it.")
def add(email: str, role: str, school: str | None, name: str, invite: bool) -> None:
    """Let somebody work in the office, and print the link with which they set their password.

    They sign in at /office/sign-in and set up an authenticator app first. The link works once, for half an hour.
    Use it for the first admin: admins invite everybody whom the feed brings at /office/staff.
    """
    settings = current_app.extensions["homeroom"]
    with clear_errors():
        where = None
        if school is not None:
            where = School.get_or_none(School.sourced_id == school)
            if where is None:
                raise click.ClickException(f"no school has the sourcedId {school!r}")
        try:
            with current_app.test_request_context():
                invited = staff.add(
                    email, role, school=where, name=name, settings=settings, now=clock.now(),
                    compose=current_app.extensions["compose"] if invite else None,
                )  # fmt: skip
                page = settings.portal_url.rstrip("/") + url_for("recovery.reset", token=invited.token or "-")
        except staff.StaffRefused as refused:
            raise click.ClickException(str(refused)) from refused
    click.echo(f"{invited.account.person.name}: {role}{f' at {where.name}' if where else ''}")
    click.echo(page if invited.token else f"The invitation is on its way to {invited.account.email}.")
