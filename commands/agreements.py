"""`flask agreement`: the user agreement that families accept."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from services import agreements, clock

group = AppGroup("agreement", help="The user agreement.")
COMMANDS = (group,)


@group.command("publish")
@click.option("--text", "texts", multiple=True, required=True, metavar="LANG=FILE", help="Its text; once a language.")
def publish(texts: tuple[str, ...]) -> None:
    """Publish a new version from text files; everybody is asked for it at the next sign-in."""
    by_language = {}
    for text in texts:
        language, equals, file = text.partition("=")
        if not equals or not language:
            raise click.UsageError(f"--text takes LANG=FILE, such as en=agreement.txt, not {text!r}")
        try:
            by_language[language] = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise click.ClickException(f"{file}: {error}") from error
        if not by_language[language]:
            raise click.ClickException(f"{file} is empty")
    version = agreements.publish(by_language, clock.now())
    click.echo(f"Version {version.id} is published in {', '.join(sorted(by_language))}.")
