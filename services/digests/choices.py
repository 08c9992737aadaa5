"""What a guardian chooses about news: how often, when, which kinds and by which way (X05, D07, DECISIONS 31)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from config import Settings
from models import Account, AuditEvent, Preference, Student, database
from services import preferences
from services.hashing import keyed_hash
from services.passwords import Complaints, FieldError
from services.record import freshness
from services.record.overview import ATTENDANCE_FILES

#: How often news can come; before somebody has chosen it is "unset".
OFTEN = ("weekly", "daily", "off")

#: The kinds of news, and the section of the record that each is from; notices are of none.
SECTION_OF = {
    "grades": "grades", "missing": "grades", "attendance": "attendance", "balance": "fees", "loans": "library",
    "notices": "",
}  # fmt: skip
KINDS = tuple(SECTION_OF)

#: The same morning's word that a child is marked absent; it stands among the kinds of a way.
ALERTS = "alerts"

#: The files without which there is no news of a kind.
_FILES = {"attendance": ATTENDANCE_FILES, "balance": {"mealAccounts"}, "loans": {"libraryTransactions"}}

#: No week is longer, however many of its days are quiet.
_DAYS = 8


@dataclass(frozen=True)
class Choice:
    """Everything that can be chosen. `kinds` has those of each way; `day` is 0 for Monday, hours are the district's."""

    digest: str
    day: int = 5
    hour: int = 8
    quiet_from: int | None = None
    quiet_until: int | None = None
    quiet_days: Sequence[int] = ()
    kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)


def of(mine: Preference) -> Choice:
    """What stands in the preferences of an account."""
    return Choice(
        mine.digest, mine.digest_day, mine.digest_hour, mine.quiet_from, mine.quiet_until, mine.quiet_days or (),
        mine.kinds or {},
    )  # fmt: skip


def must_be_asked(account: Account, settings: Settings) -> str:
    """Where news would go by default, for a guardian who was never asked; else empty (DECISIONS 31)."""
    if account.guardian_id is None:
        return ""
    mine = preferences.of(account)
    ways = preferences.ways_of(account, mine, settings)
    return next(iter(ways.values()), "") if mine.digest == "unset" else ""


def offered(students: Sequence[Student]) -> list[str]:
    """The kinds of news that there can be of these students out of `Student.visible_to`."""
    files = freshness.delivered().keys()
    closed = [set(getattr(student, "withheld", None) or []) for student in students]
    return [
        kind
        for kind, section in SECTION_OF.items()
        if (kind not in _FILES or files & _FILES[kind]) and (not closed or any(section not in one for one in closed))
    ]


def channels(mine: Preference, ways: Mapping[str, str]) -> dict[str, list[str]]:
    """The kinds of news that go each way, for ways that exist. Who has not said gets all by the first way there is."""
    if not mine.kinds:
        return {next(iter(ways)): list(KINDS)} if ways else {}
    wanted = {way: [kind for kind in KINDS if kind in mine.kinds.get(way, ())] for way in ways}
    return {way: kinds for way, kinds in wanted.items() if kinds}


def alert_channels(mine: Preference, ways: Mapping[str, str]) -> list[str]:
    """The ways that alerts go: those chosen for them, else those of notices about the account."""
    chosen = [way for way in ways if ALERTS in (mine.kinds or {}).get(way, ())]
    by = {"mail": mine.by_email, "text": mine.by_text}
    return chosen or [way for way in ways if by[way]] or list(ways)


# ---- When --------------------------------------------------------------------------------------------------------


def is_due(mine: Preference, day: dt.date, hour: int) -> bool:
    """Whether the account's digest goes at this hour of this day, be it because quiet hours end then."""
    days = (day - dt.timedelta(days=back) for back in range(_DAYS))
    return any(_is_chosen(mine, one) and _goes_at(mine, one) == (day, hour) for one in days)


def quiet_until(mine: Preference, now: dt.datetime, time_zone: str) -> dt.datetime | None:
    """When (UTC) the quiet time ends in which `now` is; None when it is in none."""
    zone = ZoneInfo(time_zone)
    local = now.replace(tzinfo=dt.UTC).astimezone(zone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    if not _is_quiet(mine, local):
        return None
    while _is_quiet(mine, local) and local < now + dt.timedelta(days=_DAYS):
        local += dt.timedelta(hours=1)
    return local.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None)


def _is_chosen(mine: Preference, day: dt.date) -> bool:
    return mine.digest == "daily" or (mine.digest == "weekly" and day.weekday() == mine.digest_day)


def _goes_at(mine: Preference, day: dt.date) -> tuple[dt.date, int] | None:
    """When the digest of a day goes: at its hour, or as soon afterwards as nothing is quiet.

    After a quiet day it goes at the usual hour again, unless that is quiet too; after quiet hours when they end.
    """
    free = [hour for hour in range(24) if not _is_quiet_hour(mine, hour)]
    first = mine.digest_hour
    for one in (day + dt.timedelta(days=ahead) for ahead in range(_DAYS)):
        if one.weekday() in (mine.quiet_days or ()):
            first = mine.digest_hour if mine.digest_hour in free else 0
            continue
        hours = [hour for hour in free if hour >= first]
        if hours:
            return one, hours[0]
        first = 0
    return None


def _is_quiet(mine: Preference, local: dt.datetime) -> bool:
    return local.weekday() in (mine.quiet_days or ()) or _is_quiet_hour(mine, local.hour)


def _is_quiet_hour(mine: Preference, hour: int) -> bool:
    begins, ends = mine.quiet_from, mine.quiet_until
    if begins is None or ends is None or begins == ends:
        return False
    return bool(begins <= hour < ends if begins < ends else hour >= begins or hour < ends)


# ---- Choosing ----------------------------------------------------------------------------------------------------


def answer(account: Account, digest: str, *, now: dt.datetime) -> None:
    """Take the answer to the one question of the first sign-in; the rest is as for everybody. Raises FieldError."""
    if digest not in OFTEN:
        raise FieldError("digest", "unknown")
    _store(account, now, digest=digest)


def choose(account: Account, chosen: Choice, *, settings: Settings, now: dt.datetime) -> None:
    """Keep what a guardian has chosen. Raises FieldErrors: `digest`, `day`, `hour` unknown, `kinds` none, `quiet` half
    or never.

    Kinds of ways that the account does not have stay as they are.
    """
    mine = preferences.of(account)
    ways = preferences.ways_of(account, mine, settings)
    wanted = {**(mine.kinds or {}), **{way: chosen.kinds.get(way, ()) for way in ways}}
    kinds = {way: [kind for kind in (*KINDS, ALERTS) if kind in wanted.get(way, ())] for way in ("mail", "text")}
    _check(chosen, kinds, ways)
    _store(
        account, now, digest=chosen.digest, digest_day=chosen.day, digest_hour=chosen.hour,
        quiet_from=chosen.quiet_from, quiet_until=chosen.quiet_until, quiet_days=sorted(set(chosen.quiet_days)) or None,
        kinds=kinds, attendance_alerts=any(ALERTS in kinds[way] for way in ways),
    )  # fmt: skip


def _check(chosen: Choice, kinds: Mapping[str, Sequence[str]], ways: Mapping[str, str]) -> None:
    complaints = Complaints()
    with complaints:
        if chosen.digest not in OFTEN:
            raise FieldError("digest", "unknown")
    with complaints:
        if chosen.day not in range(7):
            raise FieldError("day", "unknown")
    with complaints:
        if chosen.hour not in range(24):
            raise FieldError("hour", "unknown")
    with complaints:
        if chosen.digest in ("weekly", "daily") and not any({*kinds[way]} - {ALERTS} for way in ways):
            raise FieldError("kinds", "none")
    with complaints:
        hours = (chosen.quiet_from, chosen.quiet_until)
        if any(hour not in (None, *range(24)) for hour in hours) or (None in hours) != (hours == (None, None)):
            raise FieldError("quiet_from", "half")
        if None not in hours and hours[0] == hours[1]:
            raise FieldError("quiet_from", "half")
    with complaints:
        if not set(chosen.quiet_days) <= set(range(7)) or len(set(chosen.quiet_days)) == 7:
            raise FieldError("quiet_days", "never")
    complaints.raise_any()


def _store(account: Account, now: dt.datetime, *, digest: str, **values: object) -> None:
    """Write it down. Digests that begin anew know nothing of what earlier ones told."""
    with database.atomic():
        if preferences.of(account).digest not in ("weekly", "daily"):
            values |= {"told": None, "last_digest_at": None}
        preferences.store(account, digest=digest, **values)
        AuditEvent.create(at=now, account=account, action="news chosen", details={"digest": digest})


# ---- Stopping ----------------------------------------------------------------------------------------------------


def stop_token(account: Account, settings: Settings) -> str:
    """The secret part of the address in an account's mails at which they are stopped; the database has its hash."""
    # With the moment of its making: SQLite may give the number of a deleted account to another.
    return keyed_hash(settings.secret_key, "stop", f"{account.id} {account.created_at.isoformat()}")


def stop_hash(token: str, settings: Settings) -> str:
    """What is stored of it."""
    return keyed_hash(settings.secret_key, "stop hash", token)


def stops(token: str, settings: Settings) -> Preference | None:
    """The preferences that an address stops, or None."""
    found: Preference | None = Preference.get_or_none(Preference.stop_hash == stop_hash(token, settings))
    return found


def stop(mine: Preference, *, now: dt.datetime) -> None:
    """Send no news and no alerts any more. A second time changes nothing."""
    wanted = (Preference.digest != "off") | Preference.attendance_alerts
    with database.atomic():
        changes = {"digest": "off", "attendance_alerts": False}
        if Preference.update(changes).where(Preference.id == mine.id, wanted).execute():
            AuditEvent.create(at=now, account=mine.account_id, action="news stopped", details={"by": "link"})
