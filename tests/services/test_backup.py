"""A backup is tested by restoring it (CHECKS 39, 42, 58)."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from mail_server import ROOT
from peewee import Database, SqliteDatabase

import models
from models import FeedProblem, FeedRun, Student
from services import clock, dumps
from services.backup import BackupError, Report, backup, restore

KINDS = ["portal.bak", "portal.bak.gz"]


def add_students(number: int) -> None:
    with models.database.atomic():
        first = Student.select().count()
        for index in range(first, first + number):
            Student.create(
                sourced_id=f"s{index}", given_name="Zoë", family_name="Nguyễn", birth_date=dt.date(2012, 2, 29)
            )


def everything(db: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    return {
        table._meta.table_name: list(table.select().order_by(table._meta.primary_key).tuples())
        for table in models.ALL_TABLES
    }


def make_empty(db: Database) -> None:
    for table in reversed(models.ALL_TABLES):
        table.delete().execute()


@pytest.mark.parametrize("name", KINDS)
def test_what_was_backed_up_comes_back_exactly(db: Database, database_url: str, tmp_path: Path, name: str) -> None:
    add_students(3)
    before = everything(db)
    file = tmp_path / name
    assert backup(database_url, file) == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    make_empty(db)
    assert restore(file, database_url) == Report(file.stat().st_size, [])
    assert everything(db) == before
    # Ids go on where they were.
    add_students(1)
    assert Student.select().count() == 4
    leftovers = [path.name for path in tmp_path.iterdir() if path.name.startswith(".homeroom-")]
    assert leftovers == []


def test_a_backup_opens_without_this_program(db: Database, database_url: str, tmp_path: Path) -> None:
    add_students(2)
    file = tmp_path / "portal.bak"
    backup(database_url, file)
    if isinstance(db, SqliteDatabase):
        opened = dumps._open(file)
        assert opened.execute("SELECT COUNT(*) FROM student").fetchone() == (2,)
        opened.close()
    else:
        listed = subprocess.run([dumps._tool("pg_restore"), "--list", file], capture_output=True, text=True, check=True)
        assert "TABLE DATA public student" in listed.stdout


@pytest.mark.parametrize("name", KINDS)
def test_a_backup_is_of_one_moment_while_others_write(
    db: Database, database_url: str, tmp_path: Path, name: str
) -> None:
    stop, slowest = threading.Event(), [0.0]

    def write() -> None:
        """Runs and problems are added in pairs; a backup that saw half a pair would be of no one moment."""
        with db.connection_context():
            while not stop.is_set():
                began = time.monotonic()
                with db.atomic():
                    run = FeedRun.create(started_at=clock.now())
                    FeedProblem.create(run=run, file="f", severity="error", reason="x" * 500)
                slowest[0] = max(slowest[0], time.monotonic() - began)

    with db.atomic():
        run = FeedRun.create(started_at=clock.now())
        FeedProblem.create(run=run, file="f", severity="error", reason="x")
    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(5):
        backup(database_url, tmp_path / name)
    stop.set()
    writer.join(10)
    written = FeedRun.select().count()
    restore(tmp_path / name, database_url, force=True)
    assert 1 < FeedRun.select().count() == FeedProblem.select().count() <= written
    assert slowest[0] < 2


def test_a_database_with_data_is_not_overwritten_unless_forced(db: Database, database_url: str, tmp_path: Path) -> None:
    add_students(1)
    backup(database_url, tmp_path / "one")
    add_students(1)
    with pytest.raises(BackupError, match="already holds data"):
        restore(tmp_path / "one", database_url)
    assert Student.select().count() == 2
    restore(tmp_path / "one", database_url, force=True)
    assert Student.select().count() == 1


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    db: Database, database_url: str, tmp_path: Path, name: str
) -> None:
    add_students(2)
    backup(database_url, tmp_path / name)
    whole, chance = (tmp_path / name).read_bytes(), random.Random(7)
    add_students(1)
    for _ in range(12):
        at = chance.randrange(100, len(whole) - 100)
        (tmp_path / name).write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
        with pytest.raises(BackupError, match="damaged|not a backup"):
            restore(tmp_path / name, database_url, force=True)
    for _ in range(6):
        (tmp_path / name).write_bytes(whole[: chance.randrange(len(whole) - 200)])
        with pytest.raises(BackupError):
            restore(tmp_path / name, database_url, force=True)
    assert Student.select().count() == 3


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x1f\x8bnothing", b"SQLite format 3\0" + b"x" * 5000, b"PGDMP...."]
)
def test_a_file_that_is_no_backup_is_refused_in_one_line(
    db: Database, database_url: str, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(BackupError) as caught:
        restore(tmp_path / "file", database_url)
    assert "\n" not in str(caught.value) and str(tmp_path / "file") in str(caught.value)


def test_a_backup_of_a_newer_homeroom_is_refused(db: Database, database_url: str, tmp_path: Path) -> None:
    db.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', CURRENT_TIMESTAMP)")
    backup(database_url, tmp_path / "file")
    with pytest.raises(BackupError, match="9999_future"):
        restore(tmp_path / "file", database_url)


def test_a_backup_of_an_older_homeroom_replaces_newer_tables_and_says_what_is_missing(
    db: Database, database_url: str, tmp_path: Path
) -> None:
    add_students(1)
    db.execute_sql("DELETE FROM schema_migration")
    backup(database_url, tmp_path / "file")
    db.execute_sql("CREATE TABLE newer (student INTEGER REFERENCES student (id))")
    db.execute_sql("INSERT INTO newer SELECT id FROM student")
    assert restore(tmp_path / "file", database_url, force=True).pending[0] == "0001_initial"
    assert "newer" not in db.get_tables()


def test_an_older_backup_stays_when_a_new_one_fails(db: Database, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"older")
    with pytest.raises(BackupError):
        backup("sqlite:////nonexistent/portal.db", tmp_path / "file")
    with pytest.raises(BackupError, match="no such folder"):
        backup(database_url, tmp_path / "nowhere" / "file")
    assert (tmp_path / "file").read_bytes() == b"older"


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(db: Database, database_url: str, tmp_path: Path) -> None:
    file, chance = tmp_path / "file", random.Random(3)
    run = FeedRun.create(started_at=clock.now())
    rows = [{"run": run, "file": "f", "severity": "error", "reason": "x" * 300}] * 5000
    FeedProblem.insert_many(rows).execute()
    backup(database_url, file)
    make_empty(db)
    db.close()
    command = "import sys, pathlib; from services.backup import restore; print('go', flush=True);"
    command += "restore(pathlib.Path(sys.argv[1]), sys.argv[2], force=True)"
    for _ in range(6):
        arguments = [sys.executable, "-c", command, str(file), database_url]
        with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE) as victim:
            assert victim.stdout is not None and victim.stdout.readline() == b"go\n"
            time.sleep(chance.uniform(0, 0.15))
            victim.kill()
        with db.connection_context():
            assert FeedProblem.select().count() in (0, 5000)
            if isinstance(db, SqliteDatabase):
                assert db.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)


# ---- What only one of the two databases can suffer ---------------------------------------------------------------


@pytest.mark.sqlite_only
def test_a_broken_database_is_set_aside_not_deleted(db: Database, database_url: str, tmp_path: Path) -> None:
    add_students(2)
    backup(database_url, tmp_path / "file")
    db.close()
    live = Path(database_url.removeprefix("sqlite:///"))
    live.write_bytes(b"rubbish" * 1000)
    with pytest.raises(BackupError, match="--force"):
        restore(tmp_path / "file", database_url)
    restore(tmp_path / "file", database_url, force=True)
    assert live.stat().st_mode & 0o777 == 0o600
    (aside,) = tmp_path.glob("portal.db.broken-*[0-9]")
    assert aside.read_bytes().startswith(b"rubbish")
    with db.connection_context():
        assert Student.select().count() == 2


@pytest.mark.sqlite_only
def test_a_backup_made_by_hand_can_be_restored_too(db: Database, database_url: str, tmp_path: Path) -> None:
    add_students(2)
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(database_url.removeprefix("sqlite:///"), tmp_path / "copy")
    make_empty(db)
    restore(tmp_path / "copy", database_url)
    assert Student.select().count() == 2


def test_no_password_stands_on_a_command_line() -> None:
    engine = dumps.PostgresqlEngine(
        "postgresql+pool://me:s%40cret@db.example:5433/portal?sslmode=require&max_connections=4"
    )
    assert engine._url == "postgresql://me@db.example:5433/portal?sslmode=require"
    assert engine._environment is not None and engine._environment["PGPASSWORD"] == "s@cret"
