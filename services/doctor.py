"""What is wrong with this portal, and what to do about it: `flask doctor`, and `/readyz` for machines (CHECKS 56)."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from peewee import DatabaseError, InterfaceError, SqliteDatabase, fn

import models
from config import LOCALES, ROOT, Settings
from models import AcademicSession, FeedRun, OutboundMail, Student, WorkerBeat
from services import catalogs, clock, database
from services.office import schools, staff

Level = Literal["ok", "warn", "fail"]

#: A worker that is silent for longer than this is not running. It beats every 15 seconds.
BEAT_FRESH = dt.timedelta(minutes=2)

#: The feed comes every night: one that is older than this has been missed once.
FEED_FRESH = dt.timedelta(hours=36)

#: Mail normally leaves within seconds; after this somebody should look, after that somebody must.
MAIL_SLOW = dt.timedelta(minutes=15)
MAIL_STUCK = dt.timedelta(hours=4)

#: Free space, in bytes, below which to warn and to fail.
DISK_LOW = 2 << 30
DISK_FULL = 200 << 20

_UNAVAILABLE = (DatabaseError, InterfaceError)


class Finding(NamedTuple):
    """One thing that was looked at. `remedy` says what to do unless the level is ok."""

    level: Level
    what: str
    remedy: str = ""


Check = Callable[[Settings, dt.datetime], Iterator[Finding]]


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that has ever broken a portal, in the order in which to repair it."""
    now = clock.now()
    findings = [finding for check in (_secrets, _address, _time_zone, _catalogs) for finding in check(settings, now)]
    try:
        with _connected():
            tables = list(_tables(settings, now))
            findings += tables
            if all(finding.level != "fail" for finding in tables):
                for check in (_disk, _clock, _worker, _mail, _feed, _school_year, _staff, _schools):
                    findings += check(settings, now)
    except _UNAVAILABLE as error:
        findings.append(_database_away(error))
    return findings


def readiness(settings: Settings) -> dict[str, Any]:
    """The state for `/readyz`: `ready`, and what it follows from. Times are in seconds, None when there is none.

    A mail server that is away does not make the portal unready, because pages and sign-in go on (CHECKS 38).
    """
    now = clock.now()
    state: dict[str, Any] = {"ready": False, "database": False, "migrations_pending": None}
    state |= {"worker_beat_age": None, "oldest_unsent_mail_age": None}
    try:
        with _connected():
            state["migrations_pending"] = len(database.pending(models.database.obj))
            state["database"] = True
            if state["migrations_pending"] == 0:
                state["worker_beat_age"] = _seconds(_last_beat(), now)
                state["oldest_unsent_mail_age"] = _seconds(_oldest_unsent(now), now)
    except _UNAVAILABLE:
        return state
    beat = state["worker_beat_age"]
    state["ready"] = beat is not None and beat < BEAT_FRESH.total_seconds()
    return state


# ---- Settings ---------------------------------------------------------------------------------------------------


def _secrets(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    remedy = "Set PORTAL_SECRET_KEY to the output of: python3 -c 'import secrets; print(secrets.token_hex(32))'"
    if len(settings.secret_key) < 32 or len(set(settings.secret_key)) < 8:
        yield Finding("fail", "The secret key is missing, short or made of few characters.", remedy)
    else:
        yield Finding("ok", "The secret key is long enough.")
    url = urlsplit(settings.smtp_url)
    local = url.hostname in ("localhost", "127.0.0.1", "::1")
    if url.scheme == "smtp" and url.password and not local and "starttls=1" not in url.query:
        yield Finding("warn", "The mail password crosses the network in clear.", "Add ?starttls=1 to PORTAL_SMTP_URL.")


def _address(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    if settings.demo:
        yield Finding("ok", "This is a demo: mail stays on this machine.")
        return
    if settings.secure:
        yield Finding("ok", f"The portal's address is {settings.portal_url}.")
    else:
        remedy = "Put a proxy with TLS in front (deploy/Caddyfile) and set PORTAL_PORTAL_URL to https://…"
        yield Finding("fail", "The portal's address is not https: passwords could be read on the way.", remedy)
    if settings.secure and not settings.trusted_proxies:
        remedy = "Set PORTAL_TRUSTED_PROXIES=1 when one proxy, such as Caddy, stands in front."
        yield Finding("warn", "No proxy is trusted: limits by address then see the proxy's address alone.", remedy)
    if settings.today:
        yield Finding("warn", f"The portal believes that today is {settings.today}.", "Remove PORTAL_TODAY.")


def _time_zone(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        remedy = "Set PORTAL_TIME_ZONE to a name such as America/New_York, and install the package tzdata."
        yield Finding("fail", f"{settings.time_zone} is no time zone that this machine knows.", remedy)
    else:
        yield Finding("ok", f"The time zone is {settings.time_zone}.")


def _catalogs(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    stale = [
        source.parents[1].name
        for source in sorted(LOCALES.glob("*/LC_MESSAGES/messages.po"))
        if not _is_newer(LOCALES / "offered.json", source)
    ]
    if stale:
        yield Finding("fail", f"Translations are not compiled: {', '.join(stale)}.", "Run: flask locales compile")
        return
    yield Finding("ok", "All translations are compiled.")
    if settings.default_language not in ("en", *catalogs.offered(LOCALES)):
        what = f"The default language, {settings.default_language}, is not offered: readers get English."
        yield Finding("warn", what, "flask locales check names the sentences that it lacks.")


def _is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


# ---- Database and machine ---------------------------------------------------------------------------------------


@contextmanager
def _connected() -> Iterator[None]:
    """The caller's connection if there is one, else one for the time being."""
    opened = models.database.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened:
            models.database.close()


def _database_away(error: Exception) -> Finding:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return Finding("fail", f"The database does not answer: {reason[0]}", "Check DATABASE_URL, and that it runs.")


def _tables(_: Settings, now: dt.datetime) -> Iterator[Finding]:
    """Tables up to date, and a row can be written (and is taken back)."""
    missing = database.pending(models.database.obj)
    if missing:
        yield Finding("fail", f"The database lacks {', '.join(missing)}.", "Back up, then run: flask db upgrade")
        return
    try:
        with models.database.atomic() as transaction:
            WorkerBeat.insert(name="doctor", at=now).execute()
            transaction.rollback()
    except _UNAVAILABLE as error:
        remedy = "Check that its file and folder belong to the portal's user, and that the disk is not full."
        yield Finding("fail", f"The database cannot be written: {error}", remedy)
        return
    yield Finding("ok", "The database is up to date and can be written.")
    if isinstance(models.database.obj, SqliteDatabase):
        mode = models.database.execute_sql("PRAGMA journal_mode").fetchone()[0]
        if mode != "wal":
            remedy = "Keep the file on a local disk; network file systems cannot hold it."
            yield Finding("fail", f"SQLite's journal mode is {mode}, not wal: pages wait for imports.", remedy)


def _disk(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    path = ROOT
    if settings.database_url.startswith("sqlite:///"):
        path = (ROOT / settings.database_url.removeprefix("sqlite:///")).parent
    free = shutil.disk_usage(_nearest(path)).free
    shown = f"{free / (1 << 30):.1f} GB are free on the disk of {path}."
    if free >= DISK_LOW:
        yield Finding("ok", shown)
    else:
        yield Finding("fail" if free < DISK_FULL else "warn", shown, "Make room, or give the machine a larger disk.")


def _nearest(path: Path) -> Path:
    """The path, or the first folder above it that exists."""
    return next(candidate for candidate in (path, *path.parents) if candidate.exists())


def _clock(_: Settings, now: dt.datetime) -> Iterator[Finding]:
    """Nothing in the database can be younger than now."""
    moments = [
        WorkerBeat.select(fn.MAX(WorkerBeat.at)).scalar(),
        OutboundMail.select(fn.MAX(OutboundMail.created_at)).scalar(),
        FeedRun.select(fn.MAX(FeedRun.started_at)).scalar(),
    ]
    newest = max((moment for moment in moments if moment is not None), default=now)
    if newest > now + dt.timedelta(minutes=5):
        remedy = "Turn on time synchronization: timedatectl set-ntp true"
        yield Finding("fail", f"The clock says {now:%Y-%m-%d %H:%M} UTC, but {newest:%Y-%m-%d %H:%M} is past.", remedy)
    else:
        yield Finding("ok", f"The clock says {now:%Y-%m-%d %H:%M} UTC.")


# ---- Mail -------------------------------------------------------------------------------------------------------


def _worker(_: Settings, now: dt.datetime) -> Iterator[Finding]:
    beat = _last_beat()
    remedy = "Start it: systemctl start homeroom-worker (or: flask worker)"
    if beat is None:
        yield Finding("fail", "No worker is running: no mail leaves.", remedy)
    elif now - beat >= BEAT_FRESH:
        yield Finding("fail", f"No worker has been running since {beat:%Y-%m-%d %H:%M} UTC: no mail leaves.", remedy)
    else:
        yield Finding("ok", "A worker is running.")


def _mail(_: Settings, now: dt.datetime) -> Iterator[Finding]:
    failed = OutboundMail.select().where(OutboundMail.state == "failed").count()
    if failed:
        remedy = "Run: flask mail queue; when the cause is mended: flask mail retry"
        yield Finding("warn", f"{failed} mails could not be delivered.", remedy)
    oldest = _oldest_unsent(now)
    age = now - oldest if oldest else dt.timedelta(0)
    if age >= MAIL_SLOW:
        level: Level = "fail" if age >= MAIL_STUCK else "warn"
        minutes = int(age.total_seconds() // 60)
        remedy = "Run: flask mail queue, and: flask mail test YOUR-ADDRESS"
        yield Finding(level, f"The oldest unsent mail has been waiting for {minutes} minutes.", remedy)
    elif not failed:
        yield Finding("ok", "No mail is stuck.")


def _last_beat() -> dt.datetime | None:
    beat: dt.datetime | None = WorkerBeat.select(fn.MAX(WorkerBeat.at)).scalar()
    return beat


def _oldest_unsent(now: dt.datetime) -> dt.datetime | None:
    """Since when the longest waiting mail could have left; a mail for later is not waiting yet."""
    queued = OutboundMail.state == "queued"
    tried = OutboundMail.select(fn.MIN(OutboundMail.created_at)).where(queued, OutboundMail.attempts > 0).scalar()
    untried = OutboundMail.select(fn.MIN(OutboundMail.due_at)).where(queued, OutboundMail.attempts == 0).scalar()
    return min((moment for moment in (tried, untried) if moment is not None and moment <= now), default=None)


def _seconds(moment: dt.datetime | None, now: dt.datetime) -> int | None:
    return None if moment is None else int((now - moment).total_seconds())


# ---- The record -------------------------------------------------------------------------------------------------


def _feed(_: Settings, now: dt.datetime) -> Iterator[Finding]:
    last: FeedRun | None = FeedRun.select().order_by(FeedRun.started_at.desc(), FeedRun.id.desc()).first()
    remedy = "Run: flask feed status, and: flask feed problems"
    if last is None:
        yield Finding("warn", "No feed has been imported yet.", "Run: flask feed import PATH")
    elif last.state in ("failed", "refused"):
        yield Finding("fail", f"The last feed was {last.state}: {last.error or 'no reason given'}", remedy)
    elif now - last.started_at > FEED_FRESH:
        hours = int((now - last.started_at).total_seconds() // 3600)
        timer = "Check the export of the SIS, and: systemctl status homeroom-feed.timer"
        yield Finding("warn", f"The last feed came {hours} hours ago.", timer)
    else:
        yield Finding("ok", f"The last feed was {last.state}, at {last.started_at:%Y-%m-%d %H:%M} UTC.")


def _school_year(settings: Settings, _: dt.datetime) -> Iterator[Finding]:
    """Without a current school year nobody counts as enrolled and families see nothing (DECISIONS 8)."""
    if not Student.select().exists():
        return
    today = clock.today(settings.time_zone, settings.today)
    year = AcademicSession.school_year_on(today)
    if year is None:
        remedy = "Ask the SIS for a feed with the new year's academicSessions.csv."
        yield Finding("fail", f"NO SCHOOL YEAR COVERS {today}: NO FAMILY SEES ITS CHILDREN.", remedy)
    else:
        yield Finding("ok", f"The school year runs from {year[0]} to {year[1]}.")


def _staff(_: Settings, __: dt.datetime) -> Iterator[Finding]:
    """Accounts of staff who are in no feed any more: they open nothing, but somebody should know."""
    names = [account.user_name for account in staff.left()]
    if names:
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        remedy = (
            "Who has left: cancel the account at /office/staff. Who still works here: flask staff add, with --name if"
            " need be."
        )
        yield Finding("warn", f"The feed no longer brings the owners of staff accounts: {shown}.", remedy)


def _schools(_: Settings, __: dt.datetime) -> Iterator[Finding]:
    """Schools that a feed has brought during a pilot: their families see nothing until somebody decides (D02)."""
    names = ", ".join(school.name for school in schools.new_and_off())
    if names:
        yield Finding("warn", f"New schools, off: {names}.", "Switch them on at /office/schools when they take part.")
