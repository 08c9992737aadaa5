"""`flask demo`: a made-up district to look at, with people to sign in as. It never touches a real database."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app

from config import ROOT, Settings, available_presets, load
from services import clock, database

#: Everything of the demo: its settings, database, feed, mail and personas.
HOME = ROOT / "instance" / "demo"
CONFIG = HOME / "portal.toml"
PERSONAS = HOME / "personas.json"


@click.group("demo", invoke_without_command=True)
@click.option("--students", default=400, show_default=True, help="How many children go to its schools (40 or more).")
@click.option("--preset", type=click.Choice(available_presets()), default="standard", show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same district.")
@click.option("--oneroster", type=click.Choice(["1.1", "1.2"]), default="1.2", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Only write the district's feed into this folder.")
@click.pass_context
def demo(context: click.Context, students: int, preset: str, seed: int, oneroster: str, out: Path | None) -> None:
    """Make the demo district anew: its feed, its database, its people. `make demo` does this and serves it."""
    if context.invoked_subcommand is not None:
        return
    # The web server loads this module too and has no use for a district generator.
    from services.demo import desk, news, portal, write_district
    from services.feeds import importer

    if students < 40:
        raise click.UsageError("--students: the cast alone needs 40")
    today = clock.today(_settings().time_zone, _settings().today)
    if out is not None:
        write_district(out, students=students, seed=seed, today=today, oneroster=oneroster, progress=_progress)
        click.echo(f"Wrote a district of {students} students to {out}.")
        return
    settings = _fresh_home(preset, today)
    feed = HOME / "feed"
    cast = write_district(feed, students=students, seed=seed, today=today, oneroster=oneroster, progress=_progress)
    opened = database.connect(settings.database_url)
    with opened.connection_context():
        database.upgrade(opened)
        importer.run(
            [feed / "oneroster", feed / "supplement"],
            shrink_percent=settings.shrink_percent,
            secret=settings.secret_key,
        )
        news.publish(today, clock.now())
        personas = portal.open_accounts(
            cast, _secrets(feed / "supplement"), settings=settings, on=today, now=clock.now()
        )
        desk.fill(settings=settings, on=today, now=clock.now())
    PERSONAS.touch(mode=0o600)
    PERSONAS.write_text(json.dumps(personas, ensure_ascii=False, indent=1), encoding="utf-8")
    click.echo(f"A district of {students} students is ready in {HOME.relative_to(ROOT)}.")


@demo.command("personas")
@click.option("--json", "as_json", is_flag=True, help="Everything known of them, for programs.")
def personas(as_json: bool) -> None:
    """List the people of the demo with what they sign in with."""
    if not PERSONAS.exists():
        raise click.ClickException("there is no demo yet: run `flask demo` first")
    text = PERSONAS.read_text(encoding="utf-8")
    if as_json:
        click.echo(text)
        return
    for row in _table(json.loads(text)):
        click.echo("  ".join(row).rstrip())


@demo.command("codes")
def codes() -> None:
    """Print what the authenticator apps of the demo's staff show now: they sign in at /office/sign-in."""
    # The web server loads this module too and has no use for it.
    import pyotp

    if not PERSONAS.exists():
        raise click.ClickException("there is no demo yet: run `flask demo` first")
    for one in json.loads(PERSONAS.read_text(encoding="utf-8")):
        if one["totp_secret"]:
            click.echo(f"{pyotp.TOTP(one['totp_secret']).now()}  {one['role']}  {one['user_id']}")


COMMANDS = (demo,)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["homeroom"]
    return settings


def _fresh_home(preset: str, today: dt.date) -> Settings:
    """Empty the demo's folder and write the settings that `make demo` serves it with."""
    shutil.rmtree(HOME, ignore_errors=True)
    (HOME / "mail").mkdir(parents=True)
    CONFIG.write_text(
        f'preset = "{preset}"\ndemo = true\ndistrict_name = "Maple Valley School District"\n'
        f'database_url = "sqlite:///{HOME / "portal.db"}"\nsmtp_url = "file://{HOME / "mail"}"\n'
        f'text_url = "file://{HOME / "mail"}"\n'
        f'mail_from = "Maple Valley <portal@maplevalley.example>"\ntoday = {today.isoformat()}\n',
        encoding="utf-8",
    )
    return load({"PORTAL_CONFIG": str(CONFIG)})


def _secrets(supplement: Path) -> dict[str, str]:
    """The made-up look-up secrets of the students, by sourcedId."""
    with (supplement / "studentIdentificationCodes.csv").open(encoding="utf-8", newline="") as file:
        return {row["studentSourcedId"]: row["identificationCode"] for row in csv.DictReader(file)}


def _table(people: list[dict[str, Any]]) -> list[list[str]]:
    """Who can be signed in as, in columns of even width."""
    rows = [["who", "language", "sign in as", "password or key", "what there is to see"]]
    for one in people:
        secret = one["password"] or next((f"key {key['value']}" for key in one["keys"]), "")
        if secret:
            rows.append([one["name"], one["language"], one["user_id"] or "(register)", secret, one["scenario"]])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done * 100 // of} % of the students written", end="\n" if done >= of else "", file=sys.stderr)
