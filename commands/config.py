"""`flask config`: what the portal is set to."""

from __future__ import annotations

from dataclasses import fields

import click
from flask import current_app
from flask.cli import AppGroup

from config import SECRETS, Settings

group = AppGroup("config", help="Settings in force.")
COMMANDS = (group,)


@group.command("show")
def show() -> None:
    """Print every setting with its value; secrets are masked."""
    settings = current_app.extensions["homeroom"]
    for field in fields(Settings):
        value = getattr(settings, field.name)
        click.echo(f"{field.name} = {'(set, not shown)' if field.name in SECRETS and value else value}")
