"""Building digests and alerts: jobs of the worker, in batches of accounts that are each one transaction (X05).

A batch reads and writes its mails' texts outside of the transaction, which then holds the mails, what was told and the
job's cursor: killed anywhere, it is done again from the beginning or not at all. What changes meanwhile is asked when
the mail leaves (`services.digests.leaving`).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from peewee import Expression, InterfaceError, OperationalError, fn

from config import Settings
from models import (
    AcademicSession,
    Account,
    FeedRun,
    Guardianship,
    Job,
    OutboundMail,
    Preference,
    SchoolAttendanceEvent,
    SectionAttendanceEvent,
    Student,
    database,
)
from services import formats, jobs, outbox, preferences
from services.digests import choices, news
from services.digests.news import Family, News, one_line
from services.hashing import keyed_hash
from services.outbox import BadAddress, Compose
from services.prepared import Prepared, filled_up
from services.record.absences import by_day
from services.record.attendance import gravest

log = logging.getLogger(__name__)

#: So many accounts are looked at together.
BATCH = 200

#: Digests of hours in which no worker ran are made up for, so far back.
CATCH_UP = dt.timedelta(days=7)

#: What an alert is about: what nobody has excused.
ALERTED = ("unexcused", "unknown")

#: What one text message holds of the alphabet that phones have.
TEXT_LENGTH = 160

_SLOT = "%Y-%m-%d %H"

_VISIBLE = Prepared(lambda accounts, on: Student.visible_to_each(accounts, on))


def run_once(*, settings: Settings, on: dt.date, now: dt.datetime, compose: Compose) -> bool:
    """Do one batch of what is due; False when nothing is. A database that is away is the caller's to wait for.

    Alerts go before digests. Nothing is made outside of the school year.
    """
    _plan(now, settings)
    for kind, make in (("alerts", _alerts), ("digests", _digests)):
        job = jobs.claim(kind, now)
        if job is None:
            continue
        try:
            if _is_school_year(on):
                make(job, settings, on, now, compose)
            else:
                jobs.finish(job, now)
        except (OperationalError, InterfaceError):
            raise
        except jobs.Lost:
            log.info("job %s is somebody else's by now", job.key)
        except Exception as error:  # one bad batch must not stop everybody's mail
            jobs.fail(job, error, now)
        return True
    return False


def _is_school_year(on: dt.date) -> bool:
    year = AcademicSession.school_year_on(on)
    return year is not None and year[0] <= on <= year[1]


# ---- What is to be done ------------------------------------------------------------------------------------------


def _plan(now: dt.datetime, settings: Settings) -> None:
    """Add the digests of each hour that has begun, and the alerts of an import that was applied today."""
    zone = ZoneInfo(settings.time_zone)
    local = now.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None)
    hour = local.replace(minute=0, second=0, microsecond=0)
    last = jobs.latest("digests")
    slot = hour if last is None else max(_slot(last) + dt.timedelta(hours=1), hour - CATCH_UP)
    # Hours of the clock on the wall: one that is skipped in spring still has its digests.
    while slot <= hour:
        due_at = slot.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None)
        jobs.add("digests", f"digests {slot:{_SLOT}}", due_at)
        slot += dt.timedelta(hours=1)
    run = FeedRun.select().where(FeedRun.state == "applied").order_by(FeedRun.id.desc()).first()
    if run is None or run.finished_at is None or run.finished_at < now - dt.timedelta(days=1):
        return
    key = f"alerts {run.id} {run.finished_at:%Y-%m-%d %H:%M:%S}"
    if not Job.select(Job.id).where(Job.key == key).exists():
        jobs.add("alerts", key, run.finished_at)


def _slot(job: Job) -> dt.datetime:
    """The hour whose digests a job is about, on the district's clock."""
    return dt.datetime.strptime(job.key.removeprefix("digests "), _SLOT)


def _accounts(after: int, *conditions: Expression) -> list[Account]:
    """The next guardians' accounts by id that fulfil the conditions, each with its preferences as `mine`."""
    return list(
        Account.select(
            Account.id, Account.guardian, Account.email, Account.email_verified_at, Account.language, Account.duties,
            Account.created_at, Preference,
        )
        .join(Preference, attr="mine")
        .where(Account.id > after, Account.guardian.is_null(False), Account.state == "active", *conditions)
        .order_by(Account.id)
        .limit(BATCH)
    )  # fmt: skip


def _families(accounts: Sequence[Account], on: dt.date, settings: Settings) -> list[Family]:
    """The accounts with what each may see, asked anew; those that see nobody are left out, as with open duties."""
    students: dict[int, list[Student]] = {}
    for student in _VISIBLE(filled_up(one.id for one in accounts if not one.duties), on) if accounts else ():
        students.setdefault(student.account_id, []).append(student)
    return [
        Family(one, one.language or settings.default_language, students[one.id])
        for one in accounts
        if one.id in students
    ]


# ---- Digests -----------------------------------------------------------------------------------------------------


def _digests(job: Job, settings: Settings, on: dt.date, now: dt.datetime, compose: Compose) -> None:
    """The digests of the next accounts of an hour."""
    slot = _slot(job)
    maybe = (Preference.digest_hour == slot.hour) | Preference.quiet_from.is_null(False)
    maybe |= Preference.quiet_days.is_null(False)
    accounts = _accounts(job.cursor, Preference.digest.in_(("daily", "weekly")), maybe)
    if not accounts:
        jobs.finish(job, now)
        return
    due = [one for one in accounts if choices.is_due(one.mine, slot.date(), slot.hour)]
    families = _families([one for one in due if preferences.ways_of(one, one.mine, settings)], on, settings)
    facts = news.collect(families, on, settings)
    mails: list[OutboundMail] = []
    remembered: list[dict[str, object]] = []
    for family in families:
        mine = family.account.mine
        ways = preferences.ways_of(family.account, mine, settings)
        channels = choices.channels(mine, ways)
        wanted = {kind for kinds in channels.values() for kind in kinds}
        try:
            found = news.of(family, facts, wanted, mine.told, on, settings.currency)
            for channel, kinds in channels.items():
                mails += _digest(family, found, channel, ways[channel], kinds, on, settings, compose)
        except Exception as error:  # one odd record must not stop everybody's news
            log.error("the digest of account %s was left out: %s", family.account.id, type(error).__name__)
            continue
        token = choices.stop_token(family.account, settings)
        remembered.append({
            "account": family.account.id, "told": found.told, "last_digest_at": now,
            "stop_hash": choices.stop_hash(token, settings),
        })  # fmt: skip
    with database.atomic():
        jobs.advance(job, accounts[-1].id)
        outbox.enqueue_all(mails)
        _remember(remembered)
    log.info("job %s: %s digests, up to account %s", job.key, len(mails), accounts[-1].id)


def _digest(
    family: Family, found: News, channel: str, recipient: str, kinds: Sequence[str], on: dt.date, settings: Settings,
    compose: Compose,
) -> list[OutboundMail]:  # fmt: skip
    """The mail or text with what is new in these kinds: one, or none when nothing is."""
    counts = found.counts(kinds)
    if not counts:
        return []
    if channel == "text":
        always = {"total": sum(counts.values()), "counts": {}, "without_name": False}
        said = _text(compose, "digest", family, {**always, "counts": counts}, always, {**always, "without_name": True})
    else:
        before = family.account.mine.last_digest_at
        zone = ZoneInfo(settings.time_zone)
        since = before.replace(tzinfo=dt.UTC).astimezone(zone).date() if before else on - news.FIRST
        said = compose(
            "digest", family.language, since=formats.day(min(since, on), family.language, "full"),
            children=found.children(family.students, kinds),
            notices=[item.values for item in found.notices] if "notices" in kinds else [],
            stop=choices.stop_token(family.account, settings),
        )  # fmt: skip
    return _mail("digest", family, channel, recipient, said, found.about(kinds, family.students))


def _remember(rows: Sequence[dict[str, object]]) -> None:
    """Write values into many accounts' preferences in one statement."""
    if rows:
        columns = [getattr(Preference, name) for name in rows[0] if name != "account"]
        Preference.insert_many(rows).on_conflict(conflict_target=[Preference.account], preserve=columns).execute()


# ---- Alerts ------------------------------------------------------------------------------------------------------


def _alerts(job: Job, settings: Settings, on: dt.date, now: dt.datetime, compose: Compose) -> None:
    """The alerts of the next accounts after an import: a child is marked absent on the day `on`.

    There is one for each account, child, day and way, however often an import says so: its Message-ID is made of them.
    """
    absent = [
        fn.EXISTS(
            event.select(event.id).where(
                event.student == Guardianship.student, event.date == on, event.counts_as.in_(ALERTED)
            )
        )
        for event in (SchoolAttendanceEvent, SectionAttendanceEvent)
    ]
    of_absent = Guardianship.select(Guardianship.id).where(
        Guardianship.guardian == Account.guardian, absent[0] | absent[1]
    )
    accounts = _accounts(job.cursor, Preference.attendance_alerts, fn.EXISTS(of_absent))
    if not accounts:
        jobs.finish(job, now)
        return
    families = _families([one for one in accounts if preferences.ways_of(one, one.mine, settings)], on, settings)
    ids = filled_up(student.id for family in families for student in family.students)
    missing = {student for (student, _), kinds in by_day(ids, on, on).items() if gravest(kinds) in ALERTED}
    mails: list[OutboundMail] = []
    remembered: list[dict[str, object]] = []
    for family in families:
        absent_now = [
            student
            for student in family.students
            if student.id in missing and "attendance" not in (getattr(student, "withheld", None) or [])
        ]
        try:
            for student in absent_now:
                mails += _alert(family, student, settings, on, now, compose)
        except Exception as error:  # one odd record must not stop everybody's news
            log.error("an alert of account %s was left out: %s", family.account.id, type(error).__name__)
        token = choices.stop_token(family.account, settings)
        remembered.append({"account": family.account.id, "stop_hash": choices.stop_hash(token, settings)})
    with database.atomic():
        jobs.advance(job, accounts[-1].id)
        outbox.enqueue_all(mails)
        _remember(remembered)
    log.info("job %s: %s alerts, up to account %s", job.key, len(mails), accounts[-1].id)


def _alert(
    family: Family, student: Student, settings: Settings, on: dt.date, now: dt.datetime, compose: Compose
) -> list[OutboundMail]:
    """The mail and the text that one child is marked absent, as far as they are wanted."""
    account, found = family.account, []
    ways = preferences.ways_of(account, account.mine, settings)
    for channel in choices.alert_channels(account.mine, ways):
        days = {"day": formats.day(on, family.language, "full"), "short_day": formats.day(on, family.language)}
        if channel == "text":
            said = _text(compose, "marked_absent", family, {**days, "without_name": False},
                         {**days, "without_name": True})  # fmt: skip
        else:
            said = compose(
                "marked_absent", family.language, student_id=student.id, date=on, name=one_line(student.name),
                stop=choices.stop_token(account, settings), **days,
            )  # fmt: skip
        about = {"students": {str(student.id): ["attendance"]}, "told": {}}
        mails = _mail("marked_absent", family, channel, ways[channel], said, about)
        for mail in mails:
            once = f"{account.id} {student.id} {on} {channel}"
            mail.header_id = outbox.header_id(keyed_hash(settings.secret_key, "alert", once)[:32])
            mail.due_at = choices.quiet_until(account.mine, now, settings.time_zone) or mail.due_at
        found += mails
    return found


# ---- The outbox --------------------------------------------------------------------------------------------------


def _text(compose: Compose, template: str, family: Family, *ways_to_say: Mapping[str, object]) -> outbox.Mail:
    """The first way to say it that fits one message, else the last."""
    for values in ways_to_say:
        said = compose(template, family.language, channel="text", **values)
        if len(said.text) <= TEXT_LENGTH:
            break
    return said


def _mail(
    kind: str, family: Family, channel: str, recipient: str, said: outbox.Mail, about: Mapping[str, object]
) -> list[OutboundMail]:
    """The row of one mail; none for an address that nothing can be sent to."""
    try:
        mail = outbox.prepare(kind=kind, recipient=recipient, subject=said.subject, text=said.text, channel=channel)
    except BadAddress:
        log.warning("account %s has an address that nothing can be sent to", family.account.id)
        return []
    mail.account, mail.guardian = family.account.id, family.account.guardian_id
    mail.headers, mail.about = said.headers, dict(about)
    return [mail]
