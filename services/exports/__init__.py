"""Copies of a whole record to download: asked for on a page, made by the worker, kept for a day (X07).

A copy lies in the database, so that several machines need nothing else, and goes with its account or student. What may
be in it is decided when it is made, and asked again when it is fetched.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from peewee import Expression, InterfaceError, OperationalError, fn

from config import Settings
from models import Account, AuditEvent, DataExport, Student, database
from services import access
from services.exports import archive
from services.reports.structure import Words
from services.throttle import Limit

logger = logging.getLogger(__name__)

#: How long a copy can be fetched, and how many an account may ask for in a day.
KEPT, PER_DAY = dt.timedelta(days=1), 5

#: Much longer than making one takes, so that only the dead lose a lease; and how often it is tried.
LEASE, TRIES = dt.timedelta(minutes=10), 3

#: Everything but the copy itself, which pages have no use for.
_WITHOUT_CONTENT = [field for field in DataExport._meta.sorted_fields if field.name != "content"]


class TooMany(Exception):
    """The account has asked for as many copies today as there are."""


def ask(account: Account, student: Student, *, language: str, settings: Settings, now: dt.datetime) -> DataExport:
    """Queue a copy of the record of a student out of `Student.visible_to`, or give the one of today that still fits.

    It fits when it is in the same language and its rights are today's. Raises TooMany after PER_DAY of them.
    """
    limit = Limit("export", tries=PER_DAY, minutes=24 * 60, secret=settings.secret_key)
    with database.atomic():
        # Counting first puts two requests of one account behind each other.
        allowed = limit.take(str(account.id), now)
        found = latest(account, [student], now).get(student.id)
        fits = found is not None and found.state != "failed" and found.language == language
        if found is not None and fits and (found.state != "ready" or _withheld(student) == set(found.withheld)):
            limit.give_back(str(account.id))
            return found
        if not allowed:
            raise TooMany
        made = DataExport.create(account=account, student=student.id, language=language, requested_at=now)
        AuditEvent.create(
            at=now, account=account, student=student.id, action="export asked", details={"export": made.id}
        )
    return made


def latest(account: Account, students: list[Student], now: dt.datetime) -> dict[int, DataExport]:
    """The account's latest copy of each of these students that is not over, by student; its content is not read."""
    rows = (
        DataExport.select(*_WITHOUT_CONTENT)
        .where(DataExport.account == account, DataExport.student.in_([one.id for one in students]), ~_is_over(now))
        .order_by(DataExport.id)
    )
    return {row.student_id: row for row in rows}


def fits(found: DataExport, student: Student) -> bool:
    """Whether a copy that is ready holds what this account may see of the student today, no more and no less."""
    return found.state == "ready" and _withheld(student) == set(found.withheld)


def fetch(account: Account, export_id: int, *, on: dt.date, now: dt.datetime) -> bytes | None:
    """The account's own copy, if it is ready and the rights that it was made with still hold on the day `on`."""
    mine = (DataExport.id == export_id) & (DataExport.account == account) & ~_is_over(now)
    found = DataExport.get_or_none(mine & (DataExport.state == "ready"))
    if found is None:
        return None
    student = access.student(account, found.student_id, on)
    if student is None or not fits(found, student):
        return None
    AuditEvent.create(
        at=now, account=account, student=student.id, action="export downloaded", details={"export": found.id}
    )
    return bytes(found.content)


def run_once(*, settings: Settings, on: dt.date, now: dt.datetime, words_in: Callable[[str], Words]) -> bool:
    """Make the copy that has waited longest; False when none waits. `words_in` says a language's words.

    A copy that cannot be made is tried again, three times in all. A database that is away is the caller's to wait for:
    the lease then runs out.
    """
    drop_old(now)
    claimed = _claim(now)
    if claimed is None:
        return False
    try:
        student = access.student(claimed.account, claimed.student_id, on)
        if student is None:
            _settle(claimed, state="failed")
            return True
        content = archive.make(student, on=on, now=now, words=words_in(claimed.language), settings=settings)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # one bad record must not stop everybody's mail
        # What went wrong may quote the record: the log gets its kind alone.
        logger.error("export %s, try %s: %s", claimed.id, claimed.attempts, type(error).__name__)
        _settle(claimed, state="failed" if claimed.attempts >= TRIES else "queued")
        return True
    _settle(claimed, state="ready", ready_at=now, content=content, withheld=sorted(_withheld(student)))
    logger.info("export %s is ready", claimed.id)
    return True


def drop_old(now: dt.datetime, *, dry_run: bool = False) -> int:
    """Delete copies whose day is over, and give up those that died with their worker too often; how many went."""
    given_up = (DataExport.state == "running") & (DataExport.leased_until <= now) & (DataExport.attempts >= TRIES)
    old = DataExport.select(DataExport.id).where(_is_over(now))
    if dry_run:
        return int(old.count())
    if DataExport.select(DataExport.id).where(given_up).exists():
        DataExport.update(state="failed", leased_until=None).where(given_up).execute()
    # A look first, because an idle worker that deletes nothing would still take SQLite's write lock every time.
    return int(DataExport.delete().where(_is_over(now)).execute()) if old.exists() else 0


def _is_over(now: dt.datetime) -> Expression:
    """The condition that a copy's day is over: counted from when it was ready, else from when it was asked for."""
    return fn.COALESCE(DataExport.ready_at, DataExport.requested_at) <= now - KEPT


def _claim(now: dt.datetime) -> DataExport | None:
    """Lease the oldest that waits, or whose worker died; an account's copies are made one after the other."""
    other = DataExport.alias()
    at_work = other.select(other.account).where(other.state == "running", other.leased_until > now)
    waits = (DataExport.state == "queued") | ((DataExport.state == "running") & (DataExport.leased_until <= now))
    free = waits & DataExport.account.not_in(at_work)
    due = DataExport.select(DataExport.id).where(free).order_by(DataExport.id).limit(1)
    if not due.exists():
        return None
    if database.obj.for_update:
        due = due.for_update(skip_locked=True)
    leased = {"state": "running", "leased_until": now + LEASE, "attempts": DataExport.attempts + 1}
    with database.atomic():
        claimed = DataExport.update(leased).where(DataExport.id.in_(due)).returning(*_WITHOUT_CONTENT).execute()
        return next(iter(claimed), None)


def _settle(claimed: DataExport, **changes: object) -> None:
    """Write how it ended, unless the lease ran out and somebody else holds the row."""
    mine = (DataExport.id == claimed.id) & (DataExport.state == "running")
    mine &= DataExport.leased_until == claimed.leased_until
    DataExport.update({**changes, "leased_until": None}).where(mine).execute()


def _withheld(student: Student) -> set[str]:
    return set(getattr(student, "withheld", None) or [])
