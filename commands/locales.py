"""`flask locales`: for those who translate, and for the build."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from config import ROOT
from services import catalogs

group = AppGroup("locales", help="Translation catalogs.")
COMMANDS = (group,)


@group.command("extract")
def extract() -> None:
    """Collect the portal's sentences and merge them into every language. Run it after changing any text."""
    click.echo(f"messages.pot and {', '.join(catalogs.update()) or 'no language'} are up to date.")


@group.command("compile")
def compile_() -> None:
    """Build what the portal reads from what translators edit. Run it after changing a catalog."""
    click.echo(f"Compiled {', '.join(catalogs.compile_all()) or 'nothing'}.")


@group.command("add")
@click.argument("language")
def add(language: str) -> None:
    """Start a new language, such as `fr` or `zh_Hans`."""
    try:
        path = catalogs.add(language)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Translate {path.relative_to(ROOT)}, then run `flask locales compile`.")


@group.command("check")
def check() -> None:
    """Report each language: how complete it is, and what would break or be left out. Fails on any mistake."""
    found = catalogs.check()
    for language in found:
        click.echo(f"{language.language}: {language.translated} of {language.total} sentences")
        for mistake in language.mistakes:
            click.echo(f"  {mistake}")
    if any(language.mistakes for language in found):
        raise click.ClickException("the catalogs need care")
