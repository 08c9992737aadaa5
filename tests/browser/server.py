"""The real portal in a process of its own, on a database that goes back to its first state for every test."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import factories
from busy_family import Family, busy_family

from config import ROOT
from models import FeedFile, Maintenance
from services import clock, database
from services.feeds.files import FILES
from services.keys import issue as issue_key

TODAY = factories.TODAY
READ_AT = dt.datetime(2026, 11, 16, 11, 30)


class People(NamedTuple):
    """Who and what is in the database of the browser tests."""

    cast: factories.Cast
    busy: Family
    key: str
    """An unused activation key of a guardian without an account."""


class Server:
    """gunicorn, as `flask serve` starts it, on a free port of the loopback interface."""

    def __init__(self, folder: Path, preset: str = "standard") -> None:
        self._preset = preset
        self._pristine, self.database = folder / "pristine.db", folder / "portal.db"
        self.mail = folder / "mail"
        self.mail.mkdir()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._log_path, self._read = folder / "server.log", 0
        self._log_path.touch()
        self.people = _fill(self._pristine, preset)
        self.reset()
        self._log = self._log_path.open("wb")
        self._process = self._start()
        # The first answer takes as long as the start; tests do not wait for it with a browser's patience.
        with urlopen(f"{self.origin}/livez", timeout=60):
            pass

    def reset(self) -> None:
        """Put the database back; between requests nobody has it open."""
        for suffix in ("-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
        fresh = self.database.with_suffix(".fresh")
        shutil.copy(self._pristine, fresh)
        fresh.replace(self.database)
        for letter in self.mail.iterdir():
            letter.unlink()
        self._read = len(self._log_path.read_text(errors="replace"))

    def ask(self, question: str) -> list[tuple[object, ...]]:
        """Look into the database."""
        with sqlite3.connect(self.database, timeout=10) as connection:
            rows = connection.execute(question).fetchall()
        connection.close()
        return rows

    def change(self, statement: str, *values: object) -> None:
        """Do to the database what somebody else does meanwhile."""
        with sqlite3.connect(self.database, timeout=10) as connection:
            connection.execute(statement, values)
        connection.close()

    @property
    def log(self) -> str:
        """What the server wrote since the last reset."""
        return self._log_path.read_text(errors="replace")[self._read :]

    def stop(self) -> None:
        """End the server that this object started."""
        self._process.terminate()
        self._process.wait(10)
        self._log.close()
        self._listener.close()

    def _start(self) -> subprocess.Popen[bytes]:
        # The socket listens already: the first request waits in its queue until gunicorn is up.
        options = ["--no-control-socket", "--workers=1", "--threads=4", f"--bind=fd://{self._listener.fileno()}"]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "DATABASE"))}
        environment |= {
            "PORTAL_CONFIG": "/nonexistent", "PORTAL_PRESET": self._preset, "DATABASE_URL": f"sqlite:///{self.database}",
            "PORTAL_PORTAL_URL": self.origin, "PORTAL_SECRET_KEY": factories.SECRET,
            "PORTAL_TODAY": TODAY.isoformat(), "PORTAL_DISTRICT_NAME": "Maple Valley Schools",
            "PORTAL_DEMO": "1", "PORTAL_SMTP_URL": f"file://{self.mail}", "PORTAL_TEXT_URL": f"file://{self.mail}",
            "PORTAL_HELP_CONTACT": "555-0100",
            "PORTAL_ARGON2_MEMORY": "8", "PORTAL_ARGON2_PASSES": "1", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "app:create_app()"],
            cwd=ROOT, env=environment, pass_fds=[self._listener.fileno()], stdout=self._log, stderr=self._log,
        )  # fmt: skip


def _fill(path: Path, preset: str) -> People:
    """Make the database at `path`: the cast, a family with a full gradebook, a planned maintenance, an unused key."""
    opened = database.connect(f"sqlite:///{path}")
    database.upgrade(opened)
    portal = factories.settings(f"sqlite:///{path}", preset=preset)
    cast = factories.cast(portal)
    busy = busy_family(portal)
    for name in FILES:
        FeedFile.create(name=name, sha256="0" * 64, seen_at=READ_AT, changed_at=READ_AT)
    starts = clock.now() + dt.timedelta(days=2)
    Maintenance.create(starts_at=starts, ends_at=starts + dt.timedelta(hours=4), texts={"en": "Grades move house."})
    newcomer = factories.guardian(
        "Nadia Newcomer", email="nadia@example.com", person_id="771234", phone="(555) 555-0123"
    )
    factories.guardianship(cast.ben, newcomer, relation="Mother")
    child = cast.ben if portal.key_scope == "child" else None
    key = issue_key(newcomer, child=child, settings=portal, now=clock.now())
    factories.officer("admin", portal, person=factories.staff("Ada Admin", email="admin@maplevalley.example"))
    opened.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()
    return People(cast, busy, key)
