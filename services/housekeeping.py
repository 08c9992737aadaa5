"""What happens to accounts over time, and what is dropped when nobody needs it any more.

Guardians' accounts that nobody uses fall dormant and are deleted, by `disable_after_days` and `delete_after_days`
(D10); those whose last child has left close and are deleted, by `leaving_close_days` and `leaving_delete_days` (C16,
DECISIONS 27). Before each, its owner is told and then has 30 days, however late the notice went out. Accounts of
students and staff are left alone: theirs end with what the district says of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import reduce
from operator import and_
from typing import Any, Literal, NamedTuple

from peewee import Expression, Model, ModelSelect

from config import Settings
from models import (
    AcademicSession,
    Account,
    AuditEvent,
    Draft,
    Guardian,
    Guardianship,
    LoginSession,
    OneTimeLink,
    OutboundMail,
    Registration,
    School,
    SchoolEnrollment,
    Student,
    Throttle,
    database,
)
from services import account_care, drafts, exports, formats, former_accounts, preferences, recovery, sessions
from services.digests import leaving
from services.outbox import Compose

#: So long before an account closes or is deleted its owner is told.
NOTICE = dt.timedelta(days=30)

#: How long what is over is kept: sessions, registrations, links; windows of the throttle; texts of mail.
KEEP, KEEP_WINDOWS, KEEP_MAIL = dt.timedelta(days=30), dt.timedelta(days=2), dt.timedelta(days=90)

Act = Literal["childless", "back", "told", "dormant", "left", "deleted"]


class Step(NamedTuple):
    """One thing that happens to one account. For `told` it is what will happen (`then`) and from which day on."""

    account: Account
    act: Act
    then: Act | None = None
    day: dt.date | None = None


class Report(NamedTuple):
    """What was done, or would be: the steps, how many rows of what were dropped, and whether enrollments are known."""

    steps: list[Step]
    dropped: dict[str, int]
    enrollments_known: bool


class _Event(NamedTuple):
    """What the passing of time brings an account next."""

    day: dt.date
    act: Act


def run(*, settings: Settings, now: dt.datetime, on: dt.date, compose: Compose, dry_run: bool = False) -> Report:
    """Do what is due at the moment `now`, on the district's day `on`; a dry run changes nothing and reports the same.

    Nobody counts as childless while there is no school year that a feed brought: then no enrollment is known at all.
    Each account is changed in a transaction of its own, and only if nobody has changed it meanwhile.
    """
    known = AcademicSession.school_year_on(on) is not None
    steps = list(_plan(settings, now, on, known))
    if not dry_run:
        steps = [step for step in steps if _apply(step, settings, now, compose)]
    return Report(steps, _drop(settings, now, dry_run), known)


# ---- What is due -------------------------------------------------------------------------------------------------


def _plan(settings: Settings, now: dt.datetime, on: dt.date, enrollments_known: bool) -> Iterator[Step]:
    with_child = _guardians_with_child(on) if enrollments_known else set()
    by_text = preferences.reached_by_text(settings)
    accounts = (
        Account.select(Account, Guardian)
        .join(Guardian)
        .where(Account.guardian.is_null(False), Account.state != "cancelled")
        .order_by(Account.id)
    )
    for account in list(accounts):
        childless = account.childless_since is not None
        if enrollments_known and childless and account.guardian_id in with_child:
            yield Step(account, "back")
            continue
        if enrollments_known and not childless and account.guardian_id not in with_child:
            account.childless_since, account.warned_at = now, None
            yield Step(account, "childless")
        event = _next_event(account, settings)
        if event is not None:
            yield from _due(account, event, now, bool(account.reply_address) or account.id in by_text)


def _guardians_with_child(on: dt.date) -> set[int]:
    """The ids of guardians of a child in the district, whether they may see its record or not.

    A school that is not switched on is a school of the district all the same (D02).
    """
    enrolled = (
        SchoolEnrollment.select(SchoolEnrollment.student)
        .join(School)
        .where(SchoolEnrollment.is_current(on), School.active)
    )
    pairs = (
        Guardianship.select(Guardianship.guardian)
        .join(Student)
        .where(Guardianship.is_active(), Student.active, Student.id.in_(enrolled))
        .distinct()
    )
    return {guardian for (guardian,) in pairs.tuples()}


def _next_event(account: Account, settings: Settings) -> _Event | None:
    """The first thing that is to happen to the account if its owner does nothing.

    Accounts that owe their address do not fall dormant: signing in asks for it anyway (D04).
    """
    used = _latest(account.created_at, account.last_sign_in_at, account.email_verified_at, account.reactivated_at)
    gone = _latest(account.childless_since, account.reactivated_at) if account.childless_since else None
    events = []
    if account.state == "active" and gone and settings.leaving_close_days:
        events.append(_Event(_after(gone, settings.leaving_close_days), "left"))
    elif account.state == "active" and settings.disable_after_days and "email" not in account.duties:
        events.append(_Event(_after(used, settings.disable_after_days), "dormant"))
    if settings.delete_after_days:
        events.append(_Event(_after(used, settings.delete_after_days), "deleted"))
    if gone and settings.leaving_delete_days:
        events.append(_Event(_after(gone, settings.leaving_delete_days), "deleted"))
    return min(events, key=lambda event: event.day, default=None)


def _due(account: Account, event: _Event, now: dt.datetime, can_be_told: bool) -> Iterator[Step]:
    """The event, or the notice about it; an owner without a proved address or number cannot be told."""
    today = now.date()
    told = account.warned_at.date() if account.warned_at and account.warned_at.date() >= event.day - NOTICE else None
    if can_be_told and told is None:
        if today >= event.day - NOTICE:
            yield Step(account, "told", event.act, max(event.day, today + NOTICE))
    elif today >= event.day and (told is None or today >= told + NOTICE):
        yield Step(account, event.act)


def _latest(*moments: dt.datetime | None) -> dt.datetime:
    return max(moment for moment in moments if moment is not None)


def _after(moment: dt.datetime, days: int) -> dt.date:
    return (moment + dt.timedelta(days=days)).date()


# ---- Doing it ----------------------------------------------------------------------------------------------------


def _apply(step: Step, settings: Settings, now: dt.datetime, compose: Compose) -> bool:
    """Take one step; False when the account was used or changed since the plan was made."""
    account, same = step.account, _unchanged(step.account)
    with database.atomic():
        if step.act == "deleted":
            reason = "last child left" if account.childless_since else "disuse"
            return account_care.delete(account, now, reason=reason, only_if=same)
        by_act: dict[str, dict[str, Any]] = {
            "childless": {"childless_since": now, "warned_at": None},
            "back": {"childless_since": None, "warned_at": None, "state": _state_of_one_who_is_back(account)},
            "told": {"warned_at": now},
            "dormant": {"state": "dormant", "warned_at": None},
            "left": {"state": "left", "warned_at": None},
        }
        if Account.update(by_act[step.act]).where(Account.id == account.id, same).execute() != 1:
            return False
        if step.act in ("dormant", "left"):
            sessions.end_all(account, now)
        if step.act == "told":
            _tell(account, f"{step.then}_soon", settings, compose, day=step.day)
        elif step.act == "back" and account.state == "left":
            _tell(account, "ready", settings, compose)
        AuditEvent.create(at=now, account=account, action=f"account {step.act}", details=_details(step))
    return True


def _unchanged(account: Account) -> Expression:
    """The condition that the row still is what the plan was made for."""
    names = ("state", "last_sign_in_at", "email_verified_at", "reactivated_at")
    fields = [(getattr(Account, name), getattr(account, name)) for name in names]
    return reduce(and_, [field.is_null() if value is None else field == value for field, value in fields])


def _state_of_one_who_is_back(account: Account) -> str:
    return "active" if account.state == "left" else account.state


def _details(step: Step) -> dict[str, str]:
    return {"then": str(step.then), "day": str(step.day)} if step.act == "told" else {}


def _tell(account: Account, template: str, settings: Settings, compose: Compose, day: dt.date | None = None) -> None:
    """Tell the owner by the ways that are there, in the caller's transaction."""
    shown = formats.day(day, account.language or settings.default_language, "long")
    childless = account.childless_since is not None
    recovery.tell(account, template, compose=compose, settings=settings, day=shown, childless=childless)


# ---- What nobody needs any more ----------------------------------------------------------------------------------


def _drop(settings: Settings, now: dt.datetime, dry_run: bool) -> dict[str, int]:
    """Delete what is over for long and blank the texts of mail that was sent; how many rows of each."""
    over = now - KEEP
    sessions_over = (
        (LoginSession.ended_at < over)
        | (LoginSession.seen_at < over - dt.timedelta(minutes=settings.idle_minutes))
        | (LoginSession.created_at < over - dt.timedelta(hours=settings.session_hours))
    )
    rows: list[tuple[str, type[Model], Expression]] = [
        ("sessions", LoginSession, sessions_over),
        ("registrations", Registration, Registration.created_at < over),
        ("links", OneTimeLink, OneTimeLink.expires_at < over),
        ("drafts", Draft, Draft.kept_at < now - drafts.KEPT),
        ("throttle windows", Throttle, Throttle.window_start < now - KEEP_WINDOWS),
        ("news", OutboundMail, OutboundMail.kind.in_(leaving.KINDS) & (OutboundMail.created_at < over)),
    ]
    counts = {}
    for name, table, condition in rows:
        matching: ModelSelect = table.select().where(condition)
        counts[name] = matching.count() if dry_run else table.delete().where(condition).execute()
    settled = OutboundMail.state.in_(("sent", "withdrawn")) & (OutboundMail.text != "")
    old = settled & (OutboundMail.created_at < now - KEEP_MAIL)
    blank = OutboundMail.update(text="").where(old)
    counts["mail texts"] = OutboundMail.select().where(old).count() if dry_run else blank.execute()
    counts["former password formats"] = former_accounts.note_formats(dry_run=dry_run)
    counts["downloads"] = exports.drop_old(now, dry_run=dry_run)
    return counts
