"""An import that is killed, doubled or slow: the portal has the feed of before or of after, and goes on meanwhile."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from feeding import District, snapshot
from peewee import Database

import models as m
from services import clock
from services.feeds import apply, importer, runs
from services.feeds.importer import FeedError

ROOT = Path(__file__).resolve().parents[2]

#: Imports a folder in a process of its own, which stops for a moment before each statement that it is to be slow at.
SCRIPT = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from services import database
from services.feeds import importer
from services.feeds.scratch import Scratch

real = Scratch.run
def slowly(self, sql):
    time.sleep(float(sys.argv[4]))
    return real(self, sql)
Scratch.run = slowly

database.connect(sys.argv[2])
print("ready", flush=True)
importer.run([Path(sys.argv[3])], shrink_percent=100)
"""


@pytest.fixture
def district(tmp_path: Path, db: Database) -> District:
    return District(tmp_path / "feed")


def results(district: District, count: int) -> None:
    header = "sourcedId,lineItemSourcedId,studentSourcedId,score,comment"
    district.write("results", "\n".join((header, *(f"r{n},i1,s1,{n % 20},Fine" for n in range(count)))))


def importing(url: str, district: District, pause: float) -> subprocess.Popen[str]:
    """A process that imports the district, so slowly."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(ROOT), url, str(district.folder), str(pause)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def wait_until_free(opened: Database) -> None:
    """PostgreSQL notices a client's death only when it next talks to it."""
    for _ in range(200):
        try:
            with runs.alone(opened):
                return
        except FeedError:
            time.sleep(0.05)


def test_X08_an_import_killed_anywhere_leaves_before_or_after_and_the_next_succeeds(
    district: District, db: Database, database_url: str
) -> None:
    district.load()
    before = snapshot()
    results(district, 300)
    district.replace("users", "Ana,Reyes", "Anna,Reyes")
    moments = random.Random(1)
    for _ in range(5):
        process = importing(database_url, district, pause=0.01)
        time.sleep(moments.uniform(0.05, 0.9))
        kill(process)
        wait_until_free(db)
        assert snapshot() == before
    report = district.load()
    assert report.state == "applied"
    assert {one.state for one in m.FeedRun.select()} == {"applied", "failed"}
    assert m.Result.select().count() == 300
    if "sqlite" in database_url:
        assert db.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)


def test_X08_an_import_that_breaks_while_it_is_applied_changes_nothing(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    district.load()
    before, files = snapshot(), list(m.FeedFile.select().tuples())
    results(district, 20)
    district.replace("users", "Ana,Reyes", "Anna,Reyes")
    real = apply._remove

    def breaks(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(apply, "_remove", breaks)
    with pytest.raises(RuntimeError):
        district.load()
    assert (snapshot(), list(m.FeedFile.select().tuples())) == (before, files)
    assert runs.latest().error == "ended by RuntimeError"
    monkeypatch.undo()
    assert district.load().state == "applied"


def test_X08_an_import_killed_while_it_is_applied_changes_nothing(
    district: District, db: Database, database_url: str, tmp_path: Path
) -> None:
    district.load()
    before = snapshot()
    results(district, 50)
    mark = tmp_path / "applying"
    script = SCRIPT.replace("real = Scratch.run", f"""
from services.feeds import apply
removing = apply._remove
def stuck(*args):
    removing(*args)
    Path({str(mark)!r}).touch()
    time.sleep(60)
apply._remove = stuck
real = Scratch.run""")  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", script, str(ROOT), database_url, str(district.folder), "0"])
    for _ in range(400):
        if mark.exists():
            break
        time.sleep(0.02)
    assert mark.exists()
    kill(process)
    wait_until_free(db)
    assert snapshot() == before
    assert district.load().state == "applied"
    assert m.Result.select().count() == 50


def test_a_second_import_is_refused_while_one_runs_and_welcome_afterwards(
    district: District, database_url: str
) -> None:
    first = importing(database_url, district, pause=0.005)
    deadline = time.monotonic() + 10
    while not m.FeedRun.select().exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(FeedError, match="another import is running, since"):
        district.load()
    assert first.wait() == 0
    first.communicate()
    assert district.load().state == "unchanged"
    assert [one.state for one in m.FeedRun.select().order_by(m.FeedRun.id)] == ["applied", "unchanged"]


def test_G18_others_read_and_write_while_a_feed_is_staged_and_compared(
    district: District, database_url: str, db: Database
) -> None:
    """Every sign-in writes; none may wait for an import that is still reading."""
    results(district, 2_000)
    guardian = m.Guardian.create(given_name="Eve", family_name="Night")
    account = m.Account.create(
        guardian=guardian, user_name="eve", user_name_key="eve", password_hash="-", created_at=clock.now()
    )
    process = importing(database_url, district, pause=0.01)
    waits = []
    while process.poll() is None:
        began = time.monotonic()
        m.LoginSession.create(
            token_hash=os.urandom(8).hex(), account=account, created_at=clock.now(), seen_at=clock.now(), ip="::1"
        )
        assert m.Account.select().count() == 1
        waits.append(time.monotonic() - began)
        time.sleep(0.005)
    process.communicate()
    assert process.returncode == 0
    assert len(waits) > 20
    assert sorted(waits)[int(len(waits) * 0.95)] < 0.5
    assert m.Result.select().count() == 2_000


def test_memory_does_not_grow_with_the_file(district: District) -> None:
    peaks = []
    district.load()
    for count in (20_000, 60_000):
        results(district, count)
        tracemalloc.start()
        district.load()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert m.Result.select().count() == 60_000
    assert peaks[1] < peaks[0] * 1.2, peaks


def test_an_import_opens_and_closes_its_own_connection(district: District, db: Database) -> None:
    db.close()
    assert district.load().state == "applied"
    assert db.is_closed()
    db.connect()
    assert m.Student.select().count() == 2


def test_nothing_temporary_stays_behind_on_the_connection(district: District, db: Database) -> None:
    def temporary() -> list[tuple[str, ...]]:
        if "Sqlite" in type(db).__name__:
            return list(db.execute_sql("SELECT name FROM sqlite_temp_master"))
        return list(db.execute_sql("SELECT tablename FROM pg_tables WHERE schemaname LIKE 'pg_temp%%'"))

    district.load()
    district.append("orgs", "broken")
    district.load(dry_run=True)
    district.write("orgs", "nothing")
    with pytest.raises(FeedError):
        district.load()
    assert temporary() == []


def test_an_import_may_run_in_a_thread_of_the_portal(district: District) -> None:
    states: list[str] = []

    def work() -> None:
        states.append(importer.run([district.folder], shrink_percent=10).state)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert states == ["applied"]


def test_a_run_that_was_killed_long_ago_blocks_nobody(district: District) -> None:
    m.FeedRun.create(started_at=dt.datetime(2026, 1, 1))
    assert district.load().state == "applied"
    killed = m.FeedRun.select().order_by(m.FeedRun.id).first()
    assert (killed.state, killed.finished_at is not None) == ("failed", True)


def test_progress_is_told_by_file(district: District) -> None:
    results(district, 12_000)
    told: list[tuple[str, int]] = []
    district.load(progress=lambda file, rows: told.append((file, rows)))
    assert [rows for file, rows in told if file == "results.csv"] == [5_000, 10_000, 12_000]
