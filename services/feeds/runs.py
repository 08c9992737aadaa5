"""The record of imports, and the lock that lets one run at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from peewee import Database, PostgresqlDatabase

from models import FeedFile, FeedProblem, FeedRun
from services import clock
from services.feeds.errors import FeedError
from services.feeds.manifest import Delivery
from services.feeds.problems import Problem

#: Any number, as long as nobody else takes the same advisory lock in this database.
_ADVISORY_LOCK = 4_711_2026


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Hold the only import's place; it is free again as soon as this process ends, however it ends.

    Raises FeedError while another import holds it.
    """
    if isinstance(database, PostgresqlDatabase):
        if not database.execute_sql(f"SELECT pg_try_advisory_lock({_ADVISORY_LOCK})").fetchone()[0]:
            raise _busy()
        try:
            yield
        finally:
            database.execute_sql(f"SELECT pg_advisory_unlock({_ADVISORY_LOCK})")
        return
    with Path(f"{database.database}-import.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _busy() from None
        yield


def _busy() -> FeedError:
    running = FeedRun.select().where(FeedRun.state == "running").order_by(FeedRun.id.desc()).first()
    since = f", since {running.started_at:%Y-%m-%d %H:%M} UTC" if running else ""
    return FeedError(f"another import is running{since}; try again when it has finished")


def begin() -> FeedRun:
    """Record a run that starts now. The caller holds the lock, so one that seems to be running has been killed."""
    killed = {"state": "failed", "finished_at": clock.now(), "error": "was killed before it finished; changed nothing"}
    FeedRun.update(killed).where(FeedRun.state == "running").execute()
    run: FeedRun = FeedRun.create(started_at=clock.now())
    return run


def finish(run: FeedRun, state: str, summary: dict[str, Any], problems: Sequence[Problem], error: str | None) -> None:
    """Record how a run ended, with its problems. The caller holds the transaction."""
    rows = ({"run": run, **problem._asdict()} for problem in problems)
    while batch := list(islice(rows, 500)):
        FeedProblem.insert_many(batch).execute()
    ended = {"state": state, "finished_at": clock.now(), "summary": summary, "error": error}
    FeedRun.update(ended).where(FeedRun.id == run.id).execute()


def confirm(deliveries: Sequence[Delivery]) -> None:
    """Record that these files are what is applied now; what differs from before has changed (G17)."""
    now = clock.now()
    known = applied()
    for delivery in deliveries:
        before = known.get(delivery.file.name)
        if before is None:
            FeedFile.create(name=delivery.file.name, sha256=delivery.sha256, seen_at=now, changed_at=now)
            continue
        changed_at = before.changed_at if before.sha256 == delivery.sha256 else now
        FeedFile.update(sha256=delivery.sha256, seen_at=now, changed_at=changed_at).where(
            FeedFile.id == before.id
        ).execute()


def applied() -> dict[str, FeedFile]:
    """What was applied last of each file, by its name."""
    return {file.name: file for file in FeedFile.select()}


def latest() -> FeedRun | None:
    """The last run, whatever came of it."""
    return FeedRun.select().order_by(FeedRun.id.desc()).first()


def latest_with_problems() -> FeedRun | None:
    """The last run that found anything wrong: one that read nothing new found nothing new."""
    found = FeedRun.select().where(FeedRun.id.in_(FeedProblem.select(FeedProblem.run)))
    return found.order_by(FeedRun.id.desc()).first()


def problems_of(run_id: int) -> list[Problem]:
    """The problems of one run, in the order in which they were found."""
    columns = (getattr(FeedProblem, name) for name in Problem._fields)
    found = FeedProblem.select(*columns).where(FeedProblem.run == run_id).order_by(FeedProblem.id)
    return [Problem(*row) for row in found.tuples()]
