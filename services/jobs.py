"""What the worker does once, batch by batch: jobs are rows that it leases, as it leases mails.

A batch writes what it makes and the job's cursor in one transaction. Who dies in between has done nothing, and whoever
comes next goes on from the cursor: no batch is done twice and none is left out.
"""

from __future__ import annotations

import datetime as dt
import logging

from models import Job

log = logging.getLogger(__name__)

#: Much longer than a batch takes, so that only the dead lose a lease.
LEASE = dt.timedelta(minutes=10)

#: How long to wait after a batch that failed, and how often it is tried.
WAIT, TRIES = dt.timedelta(minutes=5), 12

#: Jobs that are done are kept so long, to look at.
KEPT = dt.timedelta(days=30)


class Lost(Exception):
    """Somebody else holds the job: the lease ran out. Raised inside the batch's transaction, which then is nothing."""


def add(kind: str, key: str, due_at: dt.datetime) -> None:
    """Have something done, unless a job with this key is there already."""
    Job.insert(kind=kind, key=key, due_at=due_at).on_conflict_ignore().execute()
    Job.delete().where(Job.done_at < due_at - KEPT).execute()


def latest(kind: str) -> Job | None:
    """The job of a kind that was added last."""
    found: Job | None = Job.select().where(Job.kind == kind).order_by(Job.id.desc()).first()
    return found


def claim(kind: str, now: dt.datetime) -> Job | None:
    """Lease the oldest job of a kind that is not done; None when it is not due, or somebody is at it.

    Jobs of one kind are done one after the other: two at once could tell the same account the same thing.
    """
    found: Job | None = Job.select().where(Job.kind == kind, Job.done_at.is_null()).order_by(Job.due_at, Job.id).first()
    if found is None or found.due_at > now or (found.leased_until is not None and found.leased_until > now):
        return None
    before, found.leased_until = found.leased_until, now + LEASE
    unchanged = Job.leased_until.is_null() if before is None else Job.leased_until == before
    mine = (Job.id == found.id) & Job.done_at.is_null() & (Job.cursor == found.cursor) & unchanged
    claimed = Job.update(leased_until=found.leased_until).where(mine).execute()
    return found if claimed else None


def advance(job: Job, cursor: int) -> None:
    """Note how far a batch came and give the lease back, in the batch's transaction. Raises Lost."""
    _settle(job, cursor=cursor, leased_until=None, attempts=0, error=None)


def finish(job: Job, now: dt.datetime) -> None:
    """Note that nothing is left to do. Raises Lost."""
    _settle(job, done_at=now, leased_until=None)


def fail(job: Job, error: Exception, now: dt.datetime) -> None:
    """Note that a batch failed: it is tried again after a while, and in the end the job is given up. Raises Lost."""
    name = type(error).__name__
    # What went wrong may quote the record: the log gets its kind and place alone.
    log.error("job %s, after account %s, try %s: %s", job.key, job.cursor, job.attempts + 1, name)
    over = {"done_at": now} if job.attempts + 1 >= TRIES else {}
    _settle(job, attempts=job.attempts + 1, error=name, leased_until=now + WAIT, **over)


def _settle(job: Job, **changes: object) -> None:
    mine = (Job.id == job.id) & Job.done_at.is_null() & (Job.cursor == job.cursor)
    if Job.update(changes).where(mine, Job.leased_until == job.leased_until).execute() != 1:
        raise Lost
