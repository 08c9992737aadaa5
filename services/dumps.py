"""Dumping and loading a whole database with its own tools: SQLite's backup interface, pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import models
from services import clock
from services.database import ROOT

#: Rows in these tables are no reason to refuse a restore: a running portal writes them by itself.
_PASSING = (models.WorkerBeat, models.Throttle)

TABLES = tuple(table._meta.table_name for table in models.ALL_TABLES if table not in _PASSING)


class BackupError(Exception):
    """Why a backup was not written or not restored, in one line for the operator."""


class Engine(ABC):
    """A database that can be dumped to a file and loaded from it."""

    label: ClassVar[str]
    magic: ClassVar[bytes]

    @property
    @abstractmethod
    def folder(self) -> Path:
        """Where a dump is unpacked before it is loaded."""

    @abstractmethod
    def dump(self, target: Path) -> None:
        """Write a consistent copy of the running database to `target`."""

    @abstractmethod
    def migrations_in(self, dump: Path) -> list[str]:
        """Read the dump from end to end; the names of its migrations. Raises BackupError when it is no good."""

    @abstractmethod
    def has_data(self) -> bool:
        """Whether anything in the database would be lost."""

    @abstractmethod
    def load(self, dump: Path) -> None:
        """Replace the database by the verified dump, all of it or nothing."""


def engine_for(database_url: str) -> Engine:
    """The engine behind a URL that `services.database.connect` takes."""
    if database_url.startswith("sqlite:///"):
        return SqliteEngine(ROOT / database_url.removeprefix("sqlite:///"))
    return PostgresqlEngine(database_url)


# ---- SQLite -----------------------------------------------------------------------------------------------------


class SqliteEngine(Engine):
    """A SQLite file in WAL mode, in use or not."""

    label = "SQLite"
    magic = b"SQLite format 3\0"

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def folder(self) -> Path:
        """The database's own folder, so that a dump can be moved into place."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._path.parent

    def dump(self, target: Path) -> None:
        """Copy the state of one moment; writers go on in the WAL meanwhile."""
        if not self._path.exists():
            raise BackupError(f"{self._path}: there is no such database")
        try:
            with closing(_open(self._path)) as source, closing(_open(target)) as copy:
                source.backup(copy)
                # One file is easier to keep than three.
                copy.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            raise BackupError(f"{self._path}: {error}") from error

    def migrations_in(self, dump: Path) -> list[str]:
        """Check the tree, the foreign keys, and that these are our tables."""
        try:
            with closing(_open(dump)) as opened:
                pages, page_size = (
                    opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
                )
                if dump.stat().st_size < pages * page_size:
                    # SQLite itself reads a last page that was cut off as if it ended in zeros.
                    raise BackupError("this database is damaged (its end is missing)")
                (verdict,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
                if verdict != "ok":
                    raise BackupError(f"this database is damaged ({verdict.splitlines()[0]})")
                orphans = len(opened.execute("PRAGMA foreign_key_check").fetchall())
                if orphans:
                    raise BackupError(f"{orphans} rows of this database refer to rows that do not exist")
                return [name for (name,) in opened.execute("SELECT name FROM schema_migration")]
        except sqlite3.DatabaseError as error:
            raise BackupError(f"this is not a sound database of Homeroom ({error})") from error

    def has_data(self) -> bool:
        """A database that cannot be read counts as one with data: somebody may still rescue it."""
        if not self._path.exists():
            return False
        try:
            with closing(_open(self._path)) as opened:
                tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
                return any(
                    opened.execute(f'SELECT EXISTS (SELECT 1 FROM "{name}")').fetchone()[0]
                    for name in tables.intersection(TABLES)
                )
        except sqlite3.DatabaseError:
            return True

    def load(self, dump: Path) -> None:
        """Overwrite the database in one transaction, so that a running portal sees the old or the new one.

        One too broken to open is set aside with its journal, never deleted.
        """
        if self._path.exists() and self._is_readable():
            try:
                with closing(_open(dump)) as source, closing(_open(self._path)) as target:
                    source.backup(target)
            except sqlite3.Error as error:
                raise BackupError(f"{self._path}: {error}; nothing was changed") from error
            return
        aside = f".broken-{clock.now():%Y%m%d-%H%M%S}"
        for suffix in ("-wal", "-shm", ""):
            part = self._path.with_name(self._path.name + suffix)
            if part.exists():
                part.replace(part.with_name(f"{self._path.name}{aside}{suffix}"))
        dump.replace(self._path)

    def _is_readable(self) -> bool:
        try:
            with closing(_open(self._path)) as opened:
                opened.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError:
            return False
        return True


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=10, isolation_level=None)


# ---- PostgreSQL -------------------------------------------------------------------------------------------------

#: Parts of the URL's query that libpq knows; the others are peewee's.
_LIBPQ = ("sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout")

#: A backup of an older Homeroom lacks tables that are there now, so pg_restore's --clean would not be enough.
_DROP_ALL = """
SET lock_timeout = '30s';
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE public.%I CASCADE', name);
  END LOOP;
END $$;
"""


class PostgresqlEngine(Engine):
    """A PostgreSQL database, reached by the tools of its own client package."""

    label = "PostgreSQL"
    magic = b"PGDMP"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in _LIBPQ])
        host = parts.netloc.rpartition("@")[2]
        user = f"{parts.username}@" if parts.username else ""
        self._url = f"postgresql://{user}{host}{parts.path}" + (f"?{query}" if query else "")
        # In the environment, because everybody on the machine can read a command line.
        self._environment = {**os.environ, "PGPASSWORD": unquote(parts.password)} if parts.password else None

    @property
    def folder(self) -> Path:
        """Anywhere on this machine."""
        return Path(tempfile.gettempdir())

    def dump(self, target: Path) -> None:
        """Run pg_dump, which reads one snapshot; what `feed undo` needs is of this server's last import alone."""
        options = ("--format=custom", "--no-owner", "--no-privileges", "--exclude-schema=feed_undo")
        self._run("pg_dump", *options, f"--file={target}", self._url)

    def migrations_in(self, dump: Path) -> list[str]:
        """Let pg_restore write all of it as SQL to nowhere, then read the table of migrations."""
        self._run("pg_restore", "--file=/dev/null", str(dump))
        script = self._run("pg_restore", "--file=-", "--data-only", "--table=schema_migration", str(dump))
        head, _, rows = script.partition("COPY public.schema_migration (")
        if not rows:
            raise BackupError("this is not a database of Homeroom")
        columns, _, rows = rows.partition(") FROM stdin;\n")
        at = columns.split(", ").index("name")
        return [line.split("\t")[at] for line in rows.partition("\\.")[0].splitlines()]

    def has_data(self) -> bool:
        """Ask every table of ours that is there."""
        there = self._ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").split()
        tests = [f'EXISTS (SELECT 1 FROM public."{name}")' for name in there if name in TABLES]
        return bool(tests) and self._ask(f"SELECT {' OR '.join(tests)}").strip() == "t"

    def load(self, dump: Path) -> None:
        """Drop what is there and load the dump in one transaction."""
        script = dump.with_name("script.sql")
        self._run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
        self._run(
            "psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
            f"--command={_DROP_ALL}", f"--file={script}", self._url,
        )  # fmt: skip

    def _ask(self, question: str) -> str:
        return self._run("psql", "--no-psqlrc", "--tuples-only", "--no-align", f"--command={question}", self._url)

    def _run(self, tool: str, *arguments: str) -> str:
        """Run one of PostgreSQL's own tools; what it printed. Raises BackupError with the first line it complained."""
        path = _tool(tool)
        done = subprocess.run(  # noqa: S603  no shell, and the program is PostgreSQL's
            [path, *arguments], capture_output=True, text=True, env=self._environment, check=False
        )
        if done.returncode != 0:
            complaint = next((line for line in done.stderr.splitlines() if line.strip()), "no reason given")
            raise BackupError(complaint)
        return done.stdout


def _tool(name: str) -> str:
    """The path of a PostgreSQL tool: that of PATH, else the newest that Debian keeps beside it."""
    found = shutil.which(name)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if found is None and not versions:
        raise BackupError(f"{name} is missing: install the package postgresql-client")
    return found or str(versions[-1])
