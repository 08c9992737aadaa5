"""`flask locales`: for those who translate, and for the build."""

from __future__ import annotations

from collections import Counter

import click
from flask.cli import AppGroup

from config import ROOT
from services import catalogs, pseudo
from services.catalogs import Checked

group = AppGroup("locales", help="Translation catalogs.")
COMMANDS = (group,)

_OFFERS = {"whole": "offered", "partly": "offered as partly translated", "none": "not offered"}

#: The report names so many of the sentences that keep a language from being offered.
_NAMED = 5


@group.command("extract")
def extract() -> None:
    """Collect the portal's sentences and merge them into every language. Run it after changing any text."""
    click.echo(f"messages.pot and {', '.join(catalogs.update()) or 'no language'} are up to date.")


@group.command("compile")
def compile_() -> None:
    """Build what the portal reads from what translators edit. Run it after changing a catalog."""
    found = catalogs.compile_all()
    click.echo(f"Compiled {', '.join(one.language for one in found) or 'nothing'}.")
    for one in found:
        if one.offer != "whole":
            click.echo(_summary(one))


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
    """Report each language: how complete it is, and what would break or be left out. Fails on any mistake.

    What is not translated, or marked fuzzy, is no mistake: its English is shown.
    """
    found = catalogs.check()
    for one in found:
        click.echo(_summary(one))
        for source in one.lacking[:_NAMED]:
            click.echo(f"  needed before it is offered: {source!r}")
        if len(one.lacking) > _NAMED:
            click.echo(f"  and {len(one.lacking) - _NAMED} more")
        for mistake in one.mistakes:
            click.echo(f"  {mistake}")
    if any(one.mistakes for one in found):
        raise click.ClickException("the catalogs need care")


@group.command("pseudo")
def pseudo_() -> None:
    """Make two pseudo-languages for testing: English with accents and brackets, 40 % longer, and one right to left.

    They are offered in the demo and in debug mode alone. What stands on a page without brackets is not translatable.
    """
    click.echo(f"Made {', '.join(pseudo.make())}. Restart the demo to see them.")


def _summary(one: Checked) -> str:
    kinds = Counter(mistake.kind for mistake in one.mistakes)
    parts = [
        f"{one.translated} of {one.total} sentences ({int(one.share * 100)} %)",
        *([f"{one.fuzzy} fuzzy"] if one.fuzzy else []),
        *(f"{number} × {kind}" for kind, number in sorted(kinds.items())),
        _OFFERS[one.offer],
    ]
    return f"{one.language}: {', '.join(parts)}"
