"""What the doctor finds, and what `/readyz` reports (CHECKS 55, 56; DECISIONS 8)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import factories
import pytest
from peewee import Database, PostgresqlDatabase

from config import Settings
from models import Account, AuditEvent, FeedRun, OutboundMail, Staff, WorkerBeat
from services import clock, database, doctor, outbox
from services.doctor import Finding, examine, readiness

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def healthy(db: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a portal that has nothing wrong with it."""
    monkeypatch.setattr(doctor, "LOCALES", tmp_path / "locales")
    now = clock.now()
    factories.school_year()
    factories.student()
    WorkerBeat.create(name="worker", at=now)
    FeedRun.create(started_at=now - 6 * HOUR, finished_at=now - 6 * HOUR, state="applied")
    secret = "0123456789abcdef" * 4
    return factories.settings(
        database_url, secret_key=secret, portal_url="https://portal.example", trusted_proxies=1, today=None
    )


@pytest.fixture(autouse=True)
def in_november() -> None:
    """The school year of the factories is under way."""
    now = dt.datetime(2026, 11, 16, 12)
    clock.set_source(lambda: now)


def troubles(settings: Settings) -> list[Finding]:
    """What is not in order; each with a remedy in words."""
    found = [finding for finding in examine(settings) if finding.level != "ok"]
    assert all(finding.remedy for finding in found)
    return found


def only_trouble(settings: Settings) -> Finding:
    (found,) = troubles(settings)
    return found


def test_staff_accounts_whose_owners_the_feed_no_longer_brings_are_listed(healthy: Settings) -> None:
    gone, stays = factories.officer("clerk", healthy), factories.officer("admin", healthy)
    Staff.update(active=False).where(Staff.id == gone.staff_id).execute()
    found = only_trouble(healthy)
    assert found.level == "warn" and gone.user_name in found.what and stays.user_name not in found.what
    assert "flask staff add" in found.remedy
    Account.update(state="cancelled").where(Account.id == gone.id).execute()
    assert troubles(healthy) == []


def test_D02_schools_that_came_during_the_pilot_are_told_of_until_somebody_decides(healthy: Settings) -> None:
    new, off = factories.school("New High", switched_on=False), factories.school("Old High", switched_on=False)
    AuditEvent.create(at=clock.now(), action="school switched off", details={"school": off.id})
    assert only_trouble(healthy).what == "New schools, off: New High."
    new.switched_on = True
    new.save()
    assert troubles(healthy) == []


def test_a_healthy_portal_has_no_findings(healthy: Settings) -> None:
    assert troubles(healthy) == []
    assert readiness(healthy) == {
        "ready": True, "database": True, "migrations_pending": 0, "worker_beat_age": 0, "oldest_unsent_mail_age": None,
    }  # fmt: skip


@pytest.mark.parametrize(("changes", "level", "word"), [
    ({"secret_key": "short"}, "fail", "secret key"),
    ({"secret_key": "x" * 40}, "fail", "secret key"),
    ({"portal_url": "http://portal.example"}, "fail", "https"),
    ({"trusted_proxies": 0}, "warn", "proxy"),
    ({"time_zone": "Mars/Olympus"}, "fail", "time zone"),
    ({"smtp_url": "smtp://me:pw@mail.example:587"}, "warn", "password"),
])  # fmt: skip
def test_settings_that_harm_are_found(healthy: Settings, changes: dict[str, object], level: str, word: str) -> None:
    changed = replace(healthy, **changes)  # type: ignore[arg-type]
    if "time_zone" in changes:
        # The school year cannot be looked up either; load() refuses such a setting long before.
        assert [finding.what for finding in doctor._time_zone(changed, clock.now())] == [
            "Mars/Olympus is no time zone that this machine knows."
        ]
        return
    found = only_trouble(changed)
    assert found.level == level and word in found.what


def test_a_demo_needs_no_https(healthy: Settings) -> None:
    assert troubles(replace(healthy, demo=True, portal_url="http://127.0.0.1:8000", trusted_proxies=0)) == []


def test_a_worker_that_is_silent_for_two_minutes_is_missed(healthy: Settings) -> None:
    WorkerBeat.update(at=clock.now() - 2 * MINUTE + dt.timedelta(seconds=1)).execute()
    assert troubles(healthy) == [] and readiness(healthy)["ready"]
    WorkerBeat.update(at=clock.now() - 2 * MINUTE).execute()
    assert "No worker" in only_trouble(healthy).what and not readiness(healthy)["ready"]
    WorkerBeat.delete().execute()
    assert only_trouble(healthy).level == "fail"
    assert readiness(healthy) | {"oldest_unsent_mail_age": 0} == {
        "ready": False, "database": True, "migrations_pending": 0, "worker_beat_age": None, "oldest_unsent_mail_age": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("age", "level"), [(15 * MINUTE, "warn"), (4 * HOUR, "fail")])
def test_mail_that_does_not_leave_is_reported_by_its_age(healthy: Settings, age: dt.timedelta, level: str) -> None:
    mail = outbox.enqueue(kind="test", recipient="a@example.com", subject="s", text="t")
    assert troubles(healthy) == []
    tried = {"created_at": clock.now() - age, "due_at": clock.now() + HOUR, "attempts": 3}
    OutboundMail.update(tried).where(OutboundMail.id == mail.id).execute()
    assert only_trouble(healthy).level == level
    assert readiness(healthy)["oldest_unsent_mail_age"] == age.total_seconds()
    assert readiness(healthy)["ready"], "a mail server that is away keeps nobody from signing in (CHECKS 38)"


def test_mail_for_later_is_not_late(healthy: Settings) -> None:
    mail = outbox.enqueue(kind="test", recipient="a@example.com", subject="s", text="t", due_at=clock.now() + HOUR)
    OutboundMail.update(created_at=clock.now() - 30 * HOUR).where(OutboundMail.id == mail.id).execute()
    assert troubles(healthy) == []


def test_failed_mail_is_counted(healthy: Settings) -> None:
    outbox.enqueue(kind="test", recipient="a@example.com", subject="s", text="t")
    OutboundMail.update(state="failed").execute()
    assert "1 mails" in only_trouble(healthy).what


@pytest.mark.parametrize(("changes", "level", "word"), [
    ({"state": "failed", "error": "disk full"}, "fail", "disk full"),
    ({"state": "refused", "error": "would remove 400 students"}, "fail", "400 students"),
    ({"started_at": dt.datetime(2026, 11, 14, 23)}, "warn", "37 hours"),
])  # fmt: skip
def test_a_feed_that_failed_or_stayed_away_is_found(
    healthy: Settings, changes: dict[str, object], level: str, word: str
) -> None:
    FeedRun.update(changes).execute()
    found = only_trouble(healthy)
    assert found.level == level and word in found.what


def test_a_portal_without_a_feed_says_so(healthy: Settings) -> None:
    FeedRun.delete().execute()
    assert "No feed" in only_trouble(healthy).what


def test_the_missing_school_year_is_shouted(healthy: Settings) -> None:
    long_after = dt.datetime(2027, 10, 3, 12)
    clock.set_source(lambda: long_after)
    WorkerBeat.update(at=long_after).execute()
    FeedRun.update(started_at=long_after).execute()
    found = only_trouble(healthy)
    assert found.level == "fail" and "NO SCHOOL YEAR" in found.what


def test_a_clock_that_is_behind_is_found(healthy: Settings) -> None:
    WorkerBeat.update(at=clock.now() + HOUR).execute()
    assert "clock" in only_trouble(healthy).what


@pytest.mark.parametrize(("free", "level"), [(1 << 30, "warn"), (1 << 20, "fail")])
def test_a_full_disk_is_found(healthy: Settings, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    assert only_trouble(healthy).level == level


def test_catalogs_that_are_not_compiled_are_named(healthy: Settings) -> None:
    folder = doctor.LOCALES / "so" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").touch()
    assert "so" in only_trouble(healthy).what
    (doctor.LOCALES / "offered.json").write_text("{}")
    assert troubles(healthy) == []
    assert "so" in only_trouble(replace(healthy, default_language="so")).what


def test_pending_migrations_stop_every_other_look_at_the_tables(healthy: Settings, db: Database) -> None:
    db.execute_sql("DELETE FROM schema_migration")
    assert "0001_initial" in only_trouble(healthy).what
    assert readiness(healthy)["migrations_pending"] > 0 and not readiness(healthy)["ready"]


def test_a_database_that_is_away_is_one_finding_and_no_exception(healthy: Settings) -> None:
    lost = database.connect("postgresql://nobody@127.0.0.1:1/nothing")
    assert "does not answer" in only_trouble(healthy).what
    assert readiness(healthy)["database"] is False
    assert lost.is_closed()


def test_a_database_that_cannot_be_written_is_found(healthy: Settings, db: Database) -> None:
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql("SET default_transaction_read_only = on")
    else:
        db.execute_sql("PRAGMA query_only = 1")
    assert "cannot be written" in only_trouble(healthy).what


@pytest.mark.sqlite_only
def test_another_journal_mode_than_wal_is_found(
    healthy: Settings, db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.close()
    monkeypatch.setitem(database.SQLITE_PRAGMAS, "journal_mode", "delete")
    with database.connect(database_url):
        assert "wal" in only_trouble(healthy).what


def test_the_doctor_leaves_no_trace(healthy: Settings) -> None:
    examine(healthy)
    assert [beat.name for beat in WorkerBeat.select()] == ["worker"]
