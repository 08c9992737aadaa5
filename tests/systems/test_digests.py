"""News of the record by mail and text: digests, alerts, choosing and stopping them (X05, D07)."""

from __future__ import annotations

import datetime as dt
import email
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import factories
import pytest
from browsing import Browser
from factories import TODAY, Cast
from flask import Flask
from mail_server import MailServer
from news_worker import Nursery

import models as m
from config import Settings
from services import clock, jobs, mail, notices, preferences, withdrawal, worker
from services.digests import choices, leaving, run
from services.digests.choices import KINDS
from services.office import rights

#: Monday at five past eight, on the district's clock and in UTC.
NOW = dt.datetime(2026, 11, 16, 13, 5)
DAY = dt.timedelta(days=1)
NUMBER = "+17205550142"
TEXTS = {"text_url": "file:///nowhere"}
ALL = {"mail": list(KINDS), "text": list(KINDS)}


@pytest.fixture(autouse=True)
def monday() -> None:
    at(NOW)


def at(moment: dt.datetime) -> None:
    clock.set_source(lambda: moment)


def wants(account: m.Account, digest: str = "daily", **values: object) -> m.Preference:
    """What an account has chosen."""
    given = {"digest": digest, "digest_day": 0, "digest_hour": 8, **values}
    preferences.store(account, **given)
    return m.Preference.get(m.Preference.account == account)


def work(app: Flask, on: dt.date = TODAY) -> int:
    """Let the worker do all that is due; how many batches."""
    portal, batches = app.extensions["homeroom"], 0
    with app.test_request_context():
        while run.run_once(settings=portal, on=on, now=clock.now(), compose=app.extensions["compose"]):
            batches += 1
    return batches


def mails(to: str | m.Account | None = None, kind: str = "digest", channel: str = "mail") -> list[m.OutboundMail]:
    """What was written, the oldest first, as a person reads it."""
    address = to.email if isinstance(to, m.Account) else to
    rows = m.OutboundMail.select().where(m.OutboundMail.kind == kind, m.OutboundMail.channel == channel)
    found = [row for row in rows.order_by(m.OutboundMail.id) if address in (None, row.recipient)]
    for row in found:
        row.text = row.text.replace("\u2068", "").replace("\u2069", "")
    return found


def the_mail(to: m.Account, kind: str = "digest") -> str:
    (row,) = mails(to, kind)
    return row.text


def send(app: Flask, server: MailServer, on: dt.date = TODAY) -> worker.Counts:
    """Let the worker send what is due."""
    portal: Settings = app.extensions["homeroom"]
    with mail.Mailer(server.url, portal.mail_from, portal.portal_url) as mailer:
        return worker.run_once(
            mailer,
            clock.now(),
            still_allowed=lambda row: withdrawal.may_leave(row, on=on, now=clock.now(), settings=portal),
        )


def score(cast: Cast, title: str, day: dt.date = TODAY - DAY, child: m.Student | None = None) -> m.Result:
    item = factories.line_item(cast.math, title, day)
    return factories.result(item, child or cast.ana, 12)


def whole_record(cast: Cast) -> None:
    """Something of every kind, of Ana and of Ben, and of Zoe in the same class."""
    factories.delivered("studentSchoolAttendanceEvents", "mealAccounts", "libraryTransactions")
    for child, day in ((cast.ana, 12), (cast.zoe, 11)):
        factories.day_event(child, dt.date(2026, 11, day))
    factories.day_event(cast.ben, dt.date(2026, 11, 13), "tardy", reason="Flu")
    m.MealAccount.create(sourced_id="meals", student=cast.ben, balance=1.2, low_balance=5)
    m.Loan.create(sourced_id="hobbit", student=cast.ben, title="The Hobbit", return_by=TODAY - DAY)
    m.Loan.create(sourced_id="dune", student=cast.ana, title="Dune", return_by=TODAY + 3 * DAY)
    m.Loan.create(sourced_id="back", student=cast.ana, title="Emma", return_by=TODAY - DAY, state="Returned")
    notices.publish({"en": ("Snow day", "Stay home."), "es": ("Día de nieve", "Quédese en casa.")}, school=None,
                    begins_on=TODAY - DAY, ends_on=None, now=NOW)  # fmt: skip


# ---- What a digest says ------------------------------------------------------------------------------------------


def test_X05_one_mail_tells_of_all_children_and_every_kind(app: Flask, cast: Cast) -> None:
    whole_record(cast)
    wants(cast.rosa)
    work(app)
    (row,) = mails()
    assert (row.recipient, row.subject, row.state) == ("rosa@example.com", "News from Maple Valley Schools", "queued")
    expected = """This is new at school since Monday, November 9, 2026.

Ana Reyes

New scores:
- Fractions worksheet (Mathematics 7): 17.5 of 20

New grades:
- Mathematics 7: B+ (88)

Missing work:
- Number line (Mathematics 7), was due on Nov 9, 2026

Absent or late:
- Nov 12, 2026: Unexcused

To give back to the school:
- Dune, to be returned by Nov 19, 2026

Ben Reyes

Absent or late:
- Nov 13, 2026: Tardy

Low balance: $1.20

To give back to the school:
- The Hobbit, was to be returned by Nov 15, 2026

Notices:
- Snow day

More is in the family portal:
http://localhost/

-- """
    assert row.text.startswith(expected)
    assert "http://localhost/preferences/news" in row.text and "http://localhost/unsubscribe/" in row.text
    assert "Flu" not in row.text, "an illness stays on the page"


def test_X05_the_wrong_child_is_never_in_a_mail(app: Flask, cast: Cast) -> None:
    whole_record(cast)
    for account in (cast.rosa, cast.carlos, cast.stranger, cast.revoked):
        wants(account)
    work(app)
    assert mails(cast.revoked) == [], "the office has ended this access"
    assert "Ana" not in the_mail(cast.stranger) and "Ben" not in the_mail(cast.stranger)
    assert "Zoe Whitfield" in the_mail(cast.stranger) and "Fractions worksheet (Mathematics 7): 3 of 20" in the_mail(
        cast.stranger
    )
    assert "Zoe" not in the_mail(cast.rosa) and ": 3 of 20" not in the_mail(cast.rosa)
    carlos = the_mail(cast.carlos)
    assert "Ana Reyes" in carlos and "Ben" not in carlos and "Absent or late" in carlos
    for withheld in ("score", "grade", "Missing", "Number line", "B+", "Fractions"):
        assert withheld not in carlos, "her grades are withheld from him"


@pytest.mark.parametrize("sections", [["attendance"], ["fees"], ["library"], ["grades", "attendance"]])
def test_X05_a_withheld_section_is_in_no_mail(app: Flask, cast: Cast, sections: list[str]) -> None:
    whole_record(cast)
    m.Guardianship.update(withheld=sections).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    wants(cast.rosa)
    work(app)
    closed = {
        "attendance": ("Absent",), "fees": ("balance",), "library": ("give back", "Dune"),
        "grades": ("Fractions", "B+", "Number line"),
    }  # fmt: skip
    for section in sections:
        for word in closed[section]:
            assert word not in the_mail(cast.rosa)


def test_X05_each_guardian_reads_it_in_the_own_language(app: Flask, cast: Cast) -> None:
    whole_record(cast)
    for account, language in ((cast.rosa, "es"), (cast.carlos, "ar"), (cast.stranger, None)):
        m.Account.update(language=language).where(m.Account.id == account.id).execute()
        wants(account)
    work(app)
    assert "lunes, 9 de noviembre de 2026" in the_mail(cast.rosa) and "Día de nieve" in the_mail(cast.rosa)
    assert "الاثنين، 9 نوفمبر 2026" in the_mail(cast.carlos)
    assert "Monday, November 9" in the_mail(cast.stranger)


def test_X05_names_and_titles_of_the_feed_cannot_break_out_of_their_line(app: Flask, cast: Cast) -> None:
    score(cast, "Quiz\n\nhttp://localhost/evil <b>\u202ebold</b>\r\nBcc: x@example.com")
    m.Student.update(given_name="Ana\n\nZoe").where(m.Student.id == cast.ana.id).execute()
    wants(cast.rosa)
    work(app)
    text = the_mail(cast.rosa)
    assert "- Quiz http://localhost/evil <b>bold</b> Bcc: x@example.com (Mathematics 7): 12 of 20\n" in text
    assert "Ana Zoe Reyes\n" in text
    html = mail._as_html(text, "http://localhost")
    assert "<b>" not in html and 'href="http://localhost/evil"' not in html
    assert 'href="http://localhost/preferences/news"' in html


def test_X05_odd_rows_make_no_mail_fail(app: Flask, cast: Cast) -> None:
    title = "T" * 255
    item = factories.line_item(cast.math, title, TODAY - DAY, result_value_max=None, due_date=None)
    factories.result(item, cast.ana, None, text_score="Meets", score_date=TODAY - DAY)
    factories.result(item, cast.ana, None, score_date=None, missing=True)
    factories.grade(cast.ana, cast.art, None, description="Beginning", as_of=None)
    m.Loan.create(sourced_id="none", student=cast.ana, title=None, return_by=TODAY)
    m.MealAccount.create(sourced_id="meals", student=cast.ana, balance=None)
    wants(cast.rosa)
    work(app)
    assert f"- {title} (Mathematics 7): Meets\n" in the_mail(cast.rosa)
    assert f"- {title} (Mathematics 7)\n" in the_mail(cast.rosa)
    assert "Beginning" not in the_mail(cast.rosa), "a grade without any day is no news"


def test_X05_a_long_list_says_how_much_more_there_is(app: Flask, cast: Cast) -> None:
    for number in range(25):
        score(cast, f"Sheet {number}")
    wants(cast.rosa)
    work(app)
    assert the_mail(cast.rosa).count("Sheet") == 19 and "- and 6 more" in the_mail(cast.rosa)


def test_X05_what_is_still_in_progress_is_no_new_grade(app: Flask, cast: Cast) -> None:
    m.Grade.update(is_current=True, session=m.AcademicSession.get(m.AcademicSession.title == "Fall 2026")).execute()
    wants(cast.rosa)
    work(app)
    assert "New grades" not in the_mail(cast.rosa)


# ---- What is new -------------------------------------------------------------------------------------------------


def test_X05_nothing_is_told_twice_and_nothing_new_sends_nothing(app: Flask, cast: Cast) -> None:
    whole_record(cast)
    wants(cast.rosa)
    for day in range(5):
        at(NOW + day * DAY)
        work(app, TODAY + day * DAY)
    assert len(mails()) == 2, "the second one because a book is overdue by then"
    first, second = mails()
    assert "Dune, to be returned by" in first.text and "Dune, was to be returned by" in second.text
    assert "since Thursday, November 19, 2026" in second.text
    for told in ("Fractions", "Number line", "balance", "Hobbit", "Snow day", "Unexcused", "B+"):
        assert told not in second.text


def test_X05_a_score_that_arrives_late_is_told_once(app: Flask, cast: Cast) -> None:
    wants(cast.rosa)
    work(app)
    late = score(cast, "Found in a drawer", TODAY - 6 * DAY)
    item = factories.line_item(cast.math, "Scored at last", TODAY - 10 * DAY)
    waiting = factories.result(item, cast.ana, None, score_date=TODAY - 10 * DAY, score_status="submitted")
    for day in (1, 2, 3):
        at(NOW + day * DAY)
        if day == 2:
            m.Result.update(score=9, score_status="fully graded").where(m.Result.id == waiting.id).execute()
        work(app, TODAY + day * DAY)
    texts = [row.text for row in mails()]
    assert [("drawer" in text, "at last" in text) for text in texts] == [(False, False), (True, False), (False, True)]
    assert late.id in m.Preference.get().told["scores"]


def test_X05_what_is_remembered_does_not_grow(app: Flask, cast: Cast) -> None:
    wants(cast.rosa)
    for day in range(60):
        on = TODAY + day * DAY
        at(NOW + day * DAY)
        score(cast, f"Day {day}", on)
        work(app, on)
    told = Counter(line for row in mails() for line in row.text.splitlines() if line.startswith("- Day"))
    assert len(told) == 60 and set(told.values()) == {1}
    assert len(m.Preference.get().told["scores"]) == 15


def test_X05_work_that_goes_missing_is_told_whenever_the_teacher_says_so(app: Flask, cast: Cast) -> None:
    old = factories.result(factories.line_item(cast.math, "Old sheet", dt.date(2026, 9, 1)), cast.ana, None)
    wants(cast.rosa)
    work(app)
    assert "Old sheet" not in the_mail(cast.rosa)
    m.Result.update(missing=True).where(m.Result.id == old.id).execute()
    at(NOW + DAY)
    work(app, TODAY + DAY)
    assert "Missing work:\n- Old sheet (Mathematics 7), was due on Sep 1, 2026\n" in mails()[-1].text


def test_X05_missing_work_of_a_class_that_is_over_is_no_news(app: Flask, cast: Cast) -> None:
    m.SectionTerm.delete().execute()
    over = factories.session("Summer", "term", dt.date(2026, 6, 1), dt.date(2026, 7, 1))
    m.SectionTerm.create(section=cast.math, session=over)
    wants(cast.rosa, kinds={"mail": ["missing"]})
    work(app)
    assert mails() == []


def test_X05_a_read_notice_and_one_of_another_school_are_no_news(app: Flask, cast: Cast) -> None:
    def publish(title: str, **values: object) -> m.Notice:
        given = {"school": None, "begins_on": TODAY, "ends_on": None, **values}
        return notices.publish({"en": (title, "")}, now=NOW, **given)  # type: ignore[arg-type]

    school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    read = publish("Read already")
    publish("Book fair", school=school)
    publish("Elsewhere", school=factories.school("Far High"))
    publish("Third grade sing", grade_levels="03")
    publish("Class of Zoe", section=factories.section("Drama", students=(cast.zoe,)).id)
    publish("Next month", begins_on=TODAY + DAY)
    publish("Over", begins_on=TODAY - 9 * DAY, ends_on=TODAY - DAY)
    notices.mark_read(cast.rosa, [read.id], NOW)
    for account in (cast.rosa, cast.stranger):
        wants(account, kinds={"mail": ["notices"]})
    work(app)
    told = [line for line in the_mail(cast.rosa).splitlines() if line.startswith("- ")]
    assert told == ["- Third grade sing", "- Book fair (Cedar Middle)"]
    told = [line for line in the_mail(cast.stranger).splitlines() if line.startswith("- ")]
    assert told == ["- Class of Zoe", "- Book fair (Cedar Middle)", "- Read already"]


def test_X05_turned_off_and_on_again_it_begins_with_the_last_week(app: Flask, cast: Cast) -> None:
    wants(cast.rosa)
    work(app)
    choices.answer(cast.rosa, "off", now=NOW)
    choices.answer(cast.rosa, "daily", now=NOW)
    stored = m.Preference.get()
    assert (stored.told, stored.last_digest_at) == (None, None)
    at(NOW + DAY)
    work(app, TODAY + DAY)
    assert "Fractions" in mails()[-1].text and "Ratio quiz" not in mails()[-1].text


# ---- When --------------------------------------------------------------------------------------------------------


def mine(**values: object) -> m.Preference:
    return m.Preference(**{"digest": "daily", "digest_day": 0, "digest_hour": 18, **values})


WEEK = [dt.datetime(2026, 11, 16) + dt.timedelta(hours=hour) for hour in range(7 * 24)]


@pytest.mark.parametrize(("values", "expected"), [
    ({}, [f"{day} 18" for day in range(16, 23)]),
    ({"digest": "off"}, []),
    ({"digest": "unset"}, []),
    ({"digest": "weekly"}, ["16 18"]),
    ({"digest": "weekly", "digest_day": 6, "digest_hour": 0}, ["22 0"]),
    ({"digest": "weekly", "quiet_from": 17, "quiet_until": 20}, ["16 20"]),
    ({"digest": "weekly", "quiet_from": 17, "quiet_until": 18}, ["16 18"]),
    ({"digest": "weekly", "quiet_from": 18, "quiet_until": 7}, ["17 7"]),
    ({"digest": "weekly", "quiet_from": 18, "quiet_until": 18}, ["16 18"]),
    ({"digest": "weekly", "quiet_days": [0, 1]}, ["18 18"]),
    ({"digest": "weekly", "quiet_days": [1], "quiet_from": 18, "quiet_until": 7}, ["18 7"]),
    ({"quiet_days": [5, 6]}, [f"{day} 18" for day in range(16, 21)]),
    ({"quiet_from": 0, "quiet_until": 19, "quiet_days": [0, 2, 3, 4, 5, 6]}, ["17 19"]),
    ({"quiet_days": list(range(7))}, []),
])  # fmt: skip
def test_X05_digests_go_at_their_hour_and_never_in_quiet_ones(values: dict[str, object], expected: list[str]) -> None:
    chosen = mine(**values)
    due = [f"{one.day} {one.hour}" for one in WEEK if choices.is_due(chosen, one.date(), one.hour)]
    assert [one for one in due if one in expected or chosen.digest == "daily"] == expected == due


def test_X05_quiet_time_ends_when_it_ends_on_the_clock_on_the_wall() -> None:
    zone = "America/New_York"

    def until(local: str, **values: object) -> str | None:
        moment = dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
        found = choices.quiet_until(mine(**values), moment.replace(tzinfo=None), zone)
        local_end = found and found.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone))
        return f"{local_end:%d %H:%M}" if local_end else None

    night = {"quiet_from": 21, "quiet_until": 7}
    assert until("2026-11-16 20:59", **night) is None
    assert until("2026-11-16 21:00", **night) == "17 07:00"
    assert until("2026-11-17 06:59", **night) == "17 07:00"
    assert until("2026-11-17 07:00", **night) is None
    assert until("2027-03-14 01:30", **night) == "14 07:00", "the clock goes forward that night"
    assert until("2026-10-31 23:00", **night) == "01 07:00", "and back this one"
    assert until("2026-11-21 12:00", quiet_days=[5, 6]) == "23 00:00"
    assert until("2026-11-20 23:00", quiet_days=[5, 6], **night) == "23 07:00"
    assert until("2026-11-16 12:00") is None


def test_X05_each_hour_is_one_job_and_hours_without_a_worker_are_made_up_for(app: Flask, cast: Cast) -> None:
    wants(cast.rosa)
    at(NOW - dt.timedelta(hours=2))
    work(app)
    work(app)
    assert [job.key for job in m.Job.select()] == ["digests 2026-11-16 06"]
    at(NOW + dt.timedelta(hours=3))
    work(app)
    assert [job.key[-2:] for job in m.Job.select().order_by(m.Job.id)] == ["06", "07", "08", "09", "10", "11"]
    assert len(mails(cast.rosa)) == 1 and not m.Job.select().where(m.Job.done_at.is_null()).exists()
    at(NOW + 30 * DAY)
    work(app)
    assert m.Job.select().where(m.Job.key.startswith("digests")).count() <= 7 * 24 + 1 + 6, "a week at most"


def test_X05_every_hour_of_the_wall_clock_has_its_digests_when_it_jumps(app: Flask) -> None:
    for days in ((dt.datetime(2027, 3, 14, 4), dt.datetime(2027, 3, 15, 4)),):
        at(days[0])
        work(app)
        at(days[1])
        work(app)
    keys = [job.key for job in m.Job.select().order_by(m.Job.id)]
    assert keys == [f"digests 2027-03-{day} {hour:02}" for day, hour in
                    [(13, 23), *((14, hour) for hour in range(24)), (15, 0)]]  # fmt: skip


@pytest.mark.parametrize(("on", "sent"), [
    (dt.date(2026, 8, 16), 0), (dt.date(2026, 8, 17), 1), (dt.date(2027, 6, 4), 1), (dt.date(2027, 6, 5), 0),
    (dt.date(2027, 7, 20), 0),
])  # fmt: skip
def test_X05_nothing_is_sent_outside_of_the_school_year(app: Flask, cast: Cast, on: dt.date, sent: int) -> None:
    m.Result.update(score_date=on).execute()
    factories.day_event(cast.ana, on)
    m.FeedRun.create(started_at=NOW, finished_at=NOW, state="applied")
    wants(cast.rosa, kinds={"mail": ["grades"]}, attendance_alerts=True)
    work(app, on)
    assert (len(mails()), len(mails(kind="marked_absent"))) == (sent, sent)
    assert not m.Job.select().where(m.Job.done_at.is_null()).exists()


def test_X05_weekly_news_come_on_their_day_alone(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, "weekly", digest_day=2)
    for day in range(10):
        at(NOW + day * DAY)
        score(cast, f"Day {day}", TODAY + day * DAY)
        work(app, TODAY + day * DAY)
    assert ["Day 0" in row.text for row in mails()] == [True, False]
    assert "since Wednesday, November 18, 2026" in mails()[1].text


# ---- Rights --------------------------------------------------------------------------------------------------------


def test_X05_many_accounts_at_once_see_what_each_would_see(app: Flask, cast: Cast, portal: Settings) -> None:
    chance = random.Random(7)
    children = [factories.student(f"Child {number}", factories.school(f"School {number}")) for number in range(6)]
    m.School.update(switched_on=False).where(m.School.name == "School 5").execute()
    m.SchoolEnrollment.update(exit_date=TODAY - DAY).where(m.SchoolEnrollment.student == children[4]).execute()
    days = (None, None, TODAY - DAY, TODAY, TODAY + DAY)
    for number in range(60):
        parent = factories.guardian(f"Parent {number}", active=chance.random() < 0.9)
        for child in chance.sample(children, 3):
            factories.guardianship(
                child, parent,
                from_associations=chance.random() < 0.9,
                portal_access=chance.choice((None, None, True, False)),
                office_access=chance.choice((None, None, True, False)),
                default_access=chance.random() < 0.8,
                restricted_from=chance.choice(days), restricted_until=chance.choice(days),
                office_from=chance.choice(days), office_until=chance.choice(days),
                withheld=chance.choice(([], ["grades"], ["attendance", "fees"])),
                activated_at=chance.choice((None, NOW)),
            )  # fmt: skip
        factories.account(
            parent, f"p{number}@example.com", portal, per_child=chance.random() < 0.3,
            state=chance.choice(("active", "active", "active", "disabled", "left")),
        )  # fmt: skip
    everybody = list(m.Account.select().where(m.Account.guardian.is_null(False)))
    together: dict[int, list[object]] = {one.id: [] for one in everybody}
    for row in m.Student.visible_to_each([one.id for one in everybody], TODAY):
        together[row.account_id].append((row.id, row.withheld))
    alone = {one.id: [(row.id, row.withheld) for row in m.Student.visible_to(one, TODAY)] for one in everybody}
    assert together == alone
    assert 20 < sum(map(bool, alone.values())) < 60, "some see somebody and some do not"


# ---- Who gets none -----------------------------------------------------------------------------------------------


def test_X05_nobody_gets_any_who_has_not_asked_or_cannot_be_reached(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, "unset")
    wants(cast.carlos, "off")
    wants(cast.stranger)
    m.Account.update(email_verified_at=None).where(m.Account.id == cast.stranger.id).execute()
    wants(cast.pupil)
    work(app)
    assert mails() == []


@pytest.mark.parametrize("values", [
    {"state": "disabled"}, {"state": "pending"}, {"state": "left"}, {"duties": ["agreement"]}, {"per_child": True},
])  # fmt: skip
def test_X05_an_account_that_sees_nothing_hears_nothing(app: Flask, cast: Cast, values: dict[str, object]) -> None:
    wants(cast.rosa)
    m.Account.update(values).where(m.Account.id == cast.rosa.id).execute()
    work(app)
    assert mails() == []


def test_X05_an_odd_account_holds_up_nobody(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    usual = run.news.of

    def fails_for_rosa(family: run.Family, *rest: object) -> run.News:
        if family.account.id == cast.rosa.id:
            raise ValueError("Ana Reyes")
        return usual(family, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(run.news, "of", fails_for_rosa)
    m.Account.update(email="not an address").where(m.Account.id == cast.carlos.id).execute()
    for account in (cast.rosa, cast.carlos, cast.stranger):
        wants(account)
    work(app)
    assert [row.recipient for row in mails()] == ["wendy@example.com"]
    assert f"account {cast.rosa.id} was left out: ValueError" in caplog.text and "Ana" not in caplog.text
    assert m.Preference.get(m.Preference.account == cast.rosa).told is None, "it is told as soon as it can be"


def test_X05_a_batch_that_fails_is_tried_again_and_given_up_in_the_end(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants(cast.rosa)
    monkeypatch.setattr(run.news, "collect", lambda *_: 1 // 0)
    work(app)
    job = m.Job.get()
    assert (job.attempts, job.error, job.done_at, mails()) == (1, "ZeroDivisionError", None, [])
    at(NOW + jobs.WAIT)
    monkeypatch.undo()
    work(app)
    assert len(mails()) == 1
    monkeypatch.setattr(run.news, "collect", lambda *_: 1 // 0)
    for minutes in range(24 * 60, 24 * 60 + 59, 5):
        at(NOW + dt.timedelta(minutes=minutes))
        work(app, TODAY + DAY)
    last = m.Job.select().order_by(m.Job.id.desc()).get()
    assert last.attempts < jobs.TRIES or last.done_at is not None


# ---- Texts -------------------------------------------------------------------------------------------------------


def by_text(make_app: Callable[..., Flask], **values: object) -> tuple[Flask, Cast]:
    app = make_app(**TEXTS)
    cast = factories.cast(app.extensions["homeroom"])
    wants(cast.rosa, **{"kinds": ALL, "text_number": NUMBER, "text_verified_at": NOW, **values})
    return app, cast


def test_X05_a_text_has_counts_and_the_address_and_no_name_or_grade(make_app: Callable[..., Flask]) -> None:
    app, cast = by_text(make_app)
    whole_record(cast)
    work(app)
    (row,) = mails(channel="text")
    assert (row.recipient, row.subject) == (NUMBER, "")
    assert row.text == (
        "Maple Valley Schools: 2 grades, 1 missing, 2 absent or late, 1 low balance, 2 to give back, 1 notice."
        " http://localhost/"
    )
    assert len(mails(channel="mail")) == 1


@pytest.mark.parametrize(("name", "address", "expected"), [
    ("Consolidated Independent School District of the Greater Maple Valley", "https://portal.maple-valley.example",
     "Consolidated Independent School District of the Greater Maple Valley: 9 things are new."
     " https://portal.maple-valley.example/"),
    ("S" * 150, "https://portal.maple-valley.example",
     "9 things are new at school. https://portal.maple-valley.example/"),
])  # fmt: skip
def test_X05_a_text_fits_one_message_whatever_the_district_is_called(
    make_app: Callable[..., Flask], name: str, address: str, expected: str
) -> None:
    app = make_app(**TEXTS, district_name=name, portal_url=address)
    cast = factories.cast(app.extensions["homeroom"])
    whole_record(cast)
    wants(cast.rosa, kinds={"text": list(KINDS)}, text_number=NUMBER, text_verified_at=NOW)
    work(app)
    (row,) = mails(channel="text")
    assert (row.text, len(row.text.encode("ascii")) <= 160) == (expected, True)
    preferences.store(cast.rosa, attendance_alerts=True, kinds={"text": ["alerts"]})
    factories.day_event(cast.ana, TODAY)
    imported()
    work(app)
    (row,) = mails(kind="marked_absent", channel="text")
    assert len(row.text.encode("ascii")) <= 160 and "marked absent on Nov 16, 2026. https://" in row.text


def test_D07_kinds_go_each_by_the_way_that_was_chosen(make_app: Callable[..., Flask]) -> None:
    app, cast = by_text(make_app, kinds={"mail": ["grades"], "text": ["attendance", "balance"]})
    whole_record(cast)
    work(app)
    (by_mail,), (text,) = mails(channel="mail"), mails(channel="text")
    assert "New scores" in by_mail.text and "New grades" in by_mail.text
    for other in ("Missing", "Absent", "balance", "give back", "Notices"):
        assert other not in by_mail.text
    assert text.text == "Maple Valley Schools: 2 absent or late, 1 low balance. http://localhost/"


def test_D07_kinds_by_text_alone_send_no_mail(make_app: Callable[..., Flask]) -> None:
    app, cast = by_text(make_app, kinds={"mail": [], "text": ["missing"]})
    work(app)
    assert (len(mails(channel="mail")), len(mails(channel="text"))) == (0, 1)


def test_D07_without_texts_on_offer_none_is_written(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, kinds=ALL, text_number=NUMBER, text_verified_at=NOW)
    work(app)
    assert (len(mails(channel="mail")), len(mails(channel="text"))) == (1, 0)


# ---- Between writing and sending ---------------------------------------------------------------------------------


def test_X05_a_child_closed_meanwhile_stops_the_mail_and_the_others_news_come_later(app: Flask, cast: Cast) -> None:
    whole_record(cast)
    wants(cast.rosa)
    wants(cast.stranger)
    work(app)
    m.Guardianship.update(portal_access=False).where(
        m.Guardianship.guardian == cast.rosa.guardian, m.Guardianship.student == cast.ana
    ).execute()
    with MailServer() as server:
        assert send(app, server) == worker.Counts(sent=1, withdrawn=1)
        assert [one["To"] for one in server.taken] == ["wendy@example.com"]
        at(NOW + DAY)
        work(app, TODAY + DAY)
        assert send(app, server, TODAY + DAY) == worker.Counts(sent=1)
        body = server.taken[-1].get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Ben" in text and "Hobbit" in text and "Ana" not in text and "Fractions" not in text


def test_X05_a_restriction_of_the_office_withdraws_the_mail_at_once(app: Flask, cast: Cast, portal: Settings) -> None:
    wants(cast.rosa)
    wants(cast.carlos)
    whole_record(cast)
    work(app)
    pair = m.Guardianship.get(m.Guardianship.guardian == cast.rosa.guardian, m.Guardianship.student == cast.ana)
    clerk = factories.officer("admin", portal)
    rights.restrict(
        pair, document="order 12", reason="", begins=None, ends=None, now=NOW,
        by=SimpleNamespace(on=TODAY, note=lambda *_, **__: None, account=clerk),  # type: ignore[arg-type]
    )  # fmt: skip
    assert [(row.recipient, row.state) for row in mails()] == [
        ("rosa@example.com", "withdrawn"), ("carlos@example.com", "queued"),
    ]  # fmt: skip
    assert m.Preference.get(m.Preference.account == cast.rosa).told["scores"] != []
    told = m.Preference.get(m.Preference.account == cast.rosa).told
    assert told["missing"] == told["balance"] == told["notices"] == [], "what the mail had told counts as not told"


def test_X05_a_section_withheld_meanwhile_stops_the_mail(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, kinds={"mail": ["grades"]})
    work(app)
    m.Guardianship.update(withheld=["attendance"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    (row,) = mails()
    portal: Settings = app.extensions["homeroom"]
    assert leaving.may_leave(row, on=TODAY, now=NOW, settings=portal) is True, "it holds no attendance"
    m.Guardianship.update(withheld=["grades"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    with MailServer() as server:
        assert send(app, server) == worker.Counts(withdrawn=1)
        assert server.taken == []


@pytest.mark.parametrize("values", [
    {"state": "disabled"}, {"duties": ["password"]}, {"email": "other@example.com"}, {"email_verified_at": None},
])  # fmt: skip
def test_X05_an_account_that_changed_meanwhile_gets_nothing(app: Flask, cast: Cast, values: dict[str, object]) -> None:
    wants(cast.rosa)
    work(app)
    m.Account.update(values).where(m.Account.id == cast.rosa.id).execute()
    with MailServer() as server:
        assert send(app, server) == worker.Counts(withdrawn=1)


def test_X05_quiet_hours_that_have_begun_meanwhile_are_waited_for(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, quiet_from=21, quiet_until=7)
    work(app)
    late = dt.datetime(2026, 11, 17, 3, 0)
    at(late)
    with MailServer() as server:
        assert send(app, server) == worker.Counts(retried=1)
        (row,) = mails()
        assert (row.state, row.due_at, row.attempts) == ("queued", dt.datetime(2026, 11, 17, 12, 0), 0)
        at(row.due_at)
        assert send(app, server) == worker.Counts(sent=1)
    (row,) = mails()
    assert (row.text, row.headers) == ("", None), "a child's record does not stay in the outbox"


# ---- Alerts ------------------------------------------------------------------------------------------------------


def imported(number: int = 1) -> m.FeedRun:
    return m.FeedRun.create(started_at=clock.now(), finished_at=clock.now(), state="applied", summary={"n": number})


def test_X05_an_absence_is_told_the_same_morning_once_a_child_and_day(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, "off", attendance_alerts=True)
    wants(cast.carlos, "off", attendance_alerts=True)
    wants(cast.stranger, "off", attendance_alerts=False)
    for child in (cast.ana, cast.zoe):
        factories.day_event(child, TODAY)
    imported()
    work(app)
    assert sorted(row.recipient for row in mails(kind="marked_absent")) == ["carlos@example.com", "rosa@example.com"]
    row = mails(cast.rosa, kind="marked_absent")[0]
    assert row.subject == "Attendance today: a message from Maple Valley Schools"
    assert "has marked Ana Reyes absent on Monday, November 16, 2026" in row.text
    assert f"http://localhost/students/{cast.ana.id}/attendance/2026-11-16" in row.text
    factories.class_event(cast.ana, cast.math, TODAY)
    imported()
    work(app)
    assert len(mails(kind="marked_absent")) == 2, "not twice for the same day"
    factories.day_event(cast.ben, TODAY, "unknown")
    imported()
    work(app)
    assert [("Ben Reyes" in one.text) for one in mails(cast.rosa, kind="marked_absent")] == [False, True]
    at(NOW + DAY)
    factories.day_event(cast.ana, TODAY + DAY)
    imported()
    work(app, TODAY + DAY)
    assert len(mails(cast.rosa, kind="marked_absent")) == 3


@pytest.mark.parametrize(("day", "kind", "alerted"), [
    (TODAY, "unexcused", True), (TODAY, "unknown", True), (TODAY, "excused", False), (TODAY, "exempt", False),
    (TODAY, "tardy", False), (TODAY, "present", False), (TODAY - DAY, "unexcused", False),
])  # fmt: skip
@pytest.mark.parametrize("of_class", [False, True])
def test_X05_only_what_nobody_has_excused_and_only_today(
    app: Flask, cast: Cast, day: dt.date, kind: str, alerted: bool, of_class: bool
) -> None:
    wants(cast.rosa, "off", attendance_alerts=True)
    if of_class:
        factories.class_event(cast.ana, cast.math, day, kind)
    else:
        factories.day_event(cast.ana, day, kind)
    imported()
    work(app)
    assert len(mails(kind="marked_absent")) == alerted


def test_X05_what_the_school_says_of_the_day_wins_over_its_classes(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, "off", attendance_alerts=True)
    factories.day_event(cast.ana, TODAY, "excused")
    factories.class_event(cast.ana, cast.math, TODAY, "unexcused")
    imported()
    work(app)
    assert mails(kind="marked_absent") == []


def test_X05_withheld_attendance_alerts_nobody(app: Flask, cast: Cast) -> None:
    wants(cast.carlos, "off", attendance_alerts=True)
    m.Guardianship.update(withheld=["attendance"]).where(m.Guardianship.guardian == cast.carlos.guardian).execute()
    factories.day_event(cast.ana, TODAY)
    imported()
    work(app)
    assert mails(kind="marked_absent") == []


def test_X05_alerts_wait_for_quiet_hours_and_go_the_ways_that_were_chosen(make_app: Callable[..., Flask]) -> None:
    app, cast = by_text(
        make_app, digest="off", attendance_alerts=True, kinds={"mail": ["grades"], "text": ["alerts"]},
        quiet_from=7, quiet_until=9,
    )  # fmt: skip
    factories.day_event(cast.ana, TODAY)
    imported()
    work(app)
    assert mails(kind="marked_absent") == []
    (row,) = mails(kind="marked_absent", channel="text")
    assert row.text == ("Maple Valley Schools: a child of yours is marked absent on Nov 16, 2026. http://localhost/")
    assert row.due_at == dt.datetime(2026, 11, 16, 14, 0)
    assert "Ana" not in row.text and len(row.text) <= 160


def test_X05_two_imports_and_two_workers_make_one_alert(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, "off", attendance_alerts=True)
    factories.day_event(cast.ana, TODAY)
    for _ in range(2):
        imported()
        work(app)
        m.Job.delete().execute()
        work(app)
    assert len(mails(kind="marked_absent")) == 1


# ---- Stopping ----------------------------------------------------------------------------------------------------


def stop_path(account: m.Account) -> str:
    return mails(account)[-1].headers["List-Unsubscribe"].removeprefix("<http://localhost").removesuffix(">")


def test_X05_the_mail_says_how_it_is_stopped_with_one_click(app: Flask, cast: Cast) -> None:
    wants(cast.rosa)
    work(app)
    (row,) = mails()
    portal: Settings = app.extensions["homeroom"]
    long_address = "https://portal.a-district-with-a-very-long-name.k12.example.org"
    row.headers = {**row.headers, "List-Unsubscribe": f"<{long_address}{stop_path(cast.rosa)}>"}
    raw = mail.compose(row, portal.mail_from, portal.portal_url).as_bytes()
    assert f"\r\nList-Unsubscribe: <{long_address}{stop_path(cast.rosa)}>\r\n".encode() in raw, "in one piece"
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    read = email.message_from_bytes(raw, policy=default)
    body = read.get_body(("plain",))
    assert body is not None and f"http://localhost{stop_path(cast.rosa)}" in body.get_content()
    html = read.get_body(("html",))
    assert html is not None and f'href="http://localhost{stop_path(cast.rosa)}"' in html.get_content()


def test_X05_one_click_without_signing_in_stops_everything_and_is_written_down(app: Flask, cast: Cast) -> None:
    wants(cast.rosa, attendance_alerts=True)
    wants(cast.stranger)
    work(app)
    path = stop_path(cast.rosa)
    answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, "mail systems follow no redirect"
    stored = m.Preference.get(m.Preference.account == cast.rosa)
    assert (stored.digest, stored.attendance_alerts) == ("off", False)
    assert path.rpartition("/")[2] not in (stored.stop_hash or ""), "only a hash is stored"
    event = m.AuditEvent.get(m.AuditEvent.action == "news stopped")
    assert (event.account_id, event.student_id, event.details) == (cast.rosa.id, None, {"by": "link"})
    app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert m.AuditEvent.select().where(m.AuditEvent.action == "news stopped").count() == 1
    assert m.Preference.get(m.Preference.account == cast.stranger).digest == "daily"
    with MailServer() as server:
        assert send(app, server) == worker.Counts(sent=1, withdrawn=1), "what was queued is withdrawn too"
        assert [one["To"] for one in server.taken] == ["wendy@example.com"]


def test_X05_opening_the_link_shows_a_button_and_stops_nothing(app: Flask, cast: Cast) -> None:
    wants(cast.rosa)
    work(app)
    browser = Browser(app).open(stop_path(cast.rosa))
    assert (browser.status, "Stop these messages?" in browser.text) == (200, True)
    for personal in ("Rosa", "rosa@", "Ana", "Reyes"):
        assert personal not in browser.page
    app.test_client().head(stop_path(cast.rosa))
    assert m.Preference.get().digest == "daily"
    browser.send()
    assert "No more news from school is sent to you" in browser.text
    assert m.Preference.get().digest == "off"
    at(NOW + DAY)
    score(cast, "Later", TODAY + DAY)
    work(app, TODAY + DAY)
    assert len(mails()) == 1


@pytest.mark.parametrize("token", ["x", "0" * 64, "..%2f", "é", "x" * 128])
def test_X05_an_address_that_was_never_in_a_mail_is_no_page(app: Flask, cast: Cast, token: str) -> None:
    wants(cast.rosa)
    work(app)
    for answer in (app.test_client().get(f"/unsubscribe/{token}"), app.test_client().post(f"/unsubscribe/{token}")):
        assert answer.status_code == 404
    assert m.Preference.get().digest == "daily"


def test_X05_an_old_mails_link_still_stops(app: Flask, cast: Cast) -> None:
    wants(cast.rosa)
    work(app)
    path = stop_path(cast.rosa)
    for day in range(1, 30):
        at(NOW + day * DAY)
        score(cast, f"Day {day}", TODAY + day * DAY)
        work(app, TODAY + day * DAY)
    assert app.test_client().post(path).status_code == 200
    assert m.Preference.get().digest == "off"


# ---- Choosing ----------------------------------------------------------------------------------------------------


def test_X05_the_question_is_asked_once_and_nothing_comes_before_the_answer(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa)
    assert "What should we tell you, and how often?" in browser.text and "rosa@example.com" in browser.text
    assert browser.page.index('value="weekly"') < browser.page.index('value="daily"'), "weekly is preselected"
    work(app)
    assert (mails(), m.Preference.select().count()) == ([], 0)
    browser.send("/preferences/news/answer")
    assert browser.path == "/" and "Your choice is kept" in browser.text
    assert "What should we tell you" not in browser.text
    stored = m.Preference.get()
    assert (stored.digest, stored.digest_day, stored.digest_hour, stored.kinds) == ("weekly", 5, 8, None)
    assert m.AuditEvent.get(m.AuditEvent.action == "news chosen").details == {"digest": "weekly"}
    assert "News comes every week on Saturday at 8:00 AM." in browser.open("/preferences").text
    at(dt.datetime(2026, 11, 21, 13, 0))
    work(app, dt.date(2026, 11, 21))
    assert len(mails(cast.rosa)) == 1


def test_X05_never_is_an_answer_too(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa).send("/preferences/news/answer", digest="off")
    assert "What should we tell you" not in browser.open("/").text
    assert "No regular news is sent to you." in browser.open("/preferences").text


@pytest.mark.parametrize("typed", ["", "hourly", "unset"])
def test_X05_no_answer_is_no_answer(app: Flask, cast: Cast, typed: str) -> None:
    browser = Browser(app).sign_in(cast.rosa).send("/preferences/news/answer", digest=typed)
    assert browser.path == "/preferences/news" and m.Preference.select().count() == 0


def test_X05_whoever_cannot_be_reached_is_not_asked(app: Flask, cast: Cast) -> None:
    m.Account.update(email_verified_at=None).where(m.Account.id == cast.rosa.id).execute()
    browser = Browser(app).sign_in(cast.rosa)
    assert "What should we tell you" not in browser.text
    assert "None can reach you yet" in browser.open("/preferences/news").text
    assert "News from school" not in browser.open("/preferences").text


def test_X05_students_have_no_digests(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.pupil)
    assert "What should we tell you" not in browser.text
    assert "News from school" not in browser.open("/preferences").text
    assert browser.open("/preferences/news").status == 404
    token = browser.open("/preferences").page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    answer = browser.client.post("/preferences/news/answer", data={"digest": "daily", "csrf_token": token})
    assert answer.status_code == 404 and m.Preference.select().count() == 0


def test_X05_where_the_oldest_child_comes_first_the_question_stands_there(make_app: Callable[..., Flask]) -> None:
    app = make_app(home="oldest")
    cast = factories.cast(app.extensions["homeroom"])
    browser = Browser(app).sign_in(cast.rosa)
    assert browser.path == f"/students/{cast.ana.id}" and "What should we tell you" in browser.text
    browser.send("/preferences/news/answer")
    assert "What should we tell you" not in browser.open(f"/students/{cast.ana.id}").text


def test_D07_kinds_hours_and_days_are_chosen_on_one_page(make_app: Callable[..., Flask]) -> None:
    app = make_app(**TEXTS)
    cast = factories.cast(app.extensions["homeroom"])
    whole_record(cast)
    preferences.store(cast.rosa, text_number=NUMBER, text_verified_at=NOW)
    browser = Browser(app).sign_in(cast.rosa).open("/preferences").follow("Choose what, when and how")
    assert "By e-mail to rosa@example.com" in browser.text and "By text to +1 720 555 0142" in browser.text
    browser.send(
        digest="daily", day="4", hour="17", mail_notices="", mail_balance="", text_missing="1", text_alerts="1",
        quiet_from="21", quiet_until="7", quiet_6="1",
    )  # fmt: skip
    assert browser.path == "/preferences" and "Your choice is kept" in browser.text
    stored = m.Preference.get()
    assert (stored.digest, stored.digest_day, stored.digest_hour) == ("daily", 4, 17)
    assert (stored.quiet_from, stored.quiet_until, stored.quiet_days) == (21, 7, [6])
    assert stored.kinds == {"mail": ["grades", "missing", "attendance", "loans"], "text": ["missing", "alerts"]}
    assert stored.attendance_alerts is True
    shown = browser.open("/preferences/news").page
    assert shown.count(" checked") == 4 + 2 + 1
    before = m.AuditEvent.select().count()
    browser.send()
    assert m.Preference.get().kinds == stored.kinds and m.AuditEvent.select().count() == before + 1
    browser.open("/preferences/news").send(text_alerts="", text_missing="")
    stored = m.Preference.get()
    assert (stored.attendance_alerts, stored.kinds["text"]) == (False, [])


def test_D07_kinds_that_cannot_come_are_not_offered(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa).open("/preferences/news")
    assert "New scores and grades" in rosa.text and "Notices of the school" in rosa.text
    for unknown in ("Absences", "balance", "Books", "By text", "marked absent"):
        assert unknown not in rosa.text, "the feed brings none"
    rosa.send(digest="weekly", mail_missing="")
    assert m.Preference.get().kinds["mail"] == ["grades", "attendance", "balance", "loans", "notices"], (
        "what a later feed brings is wanted like the rest"
    )
    factories.delivered("studentSchoolAttendanceEvents", "mealAccounts", "libraryTransactions")
    assert "Absences, and days late" in rosa.open("/preferences/news").text
    carlos = Browser(app).sign_in(cast.carlos).open("/preferences/news")
    assert "New scores" not in carlos.text and "Absences" in carlos.text, "grades are withheld from him"


@pytest.mark.parametrize(("typed", "field"), [
    ({"digest": "hourly"}, "digest"), ({"digest": ""}, "digest"), ({"day": "7"}, "day"), ({"day": "-1"}, "day"),
    ({"day": "²"}, "day"), ({"hour": "24"}, "hour"), ({"hour": ""}, "hour"), ({"hour": "9" * 400}, "hour"),
    ({"quiet_from": "21"}, "quiet_from"), ({"quiet_until": "7"}, "quiet_from"),
    ({"quiet_from": "7", "quiet_until": "7"}, "quiet_from"), ({"quiet_from": "99", "quiet_until": "7"}, "quiet_from"),
    ({f"quiet_{day}": "1" for day in range(7)}, "quiet_days"),
    ({f"mail_{kind}": "" for kind in ("grades", "missing", "notices")}, "kinds"),
])  # fmt: skip
def test_D07_what_makes_no_sense_is_refused_at_its_field(
    app: Flask, cast: Cast, typed: dict[str, str], field: str
) -> None:
    wants(cast.rosa, kinds={"mail": ["grades", "missing", "notices"]})
    browser = Browser(app).sign_in(cast.rosa).open("/preferences/news").send(**{"digest": "weekly", **typed})
    assert (browser.status, browser.path) == (422, "/preferences/news")
    assert f'href="#{field}"' in browser.page and f'id="{field}"' in browser.page
    stored = m.Preference.get()
    assert (stored.digest, stored.quiet_from, stored.quiet_days) == ("daily", None, None), "nothing has changed"


def test_D07_two_families_choices_are_their_own(app: Flask, cast: Cast) -> None:
    one, other = Browser(app).sign_in(cast.rosa), Browser(app).sign_in(cast.stranger)
    one.open("/preferences/news"), other.open("/preferences/news")
    one.send(digest="daily"), other.send(digest="off")
    chosen = {row.account_id: row.digest for row in m.Preference.select()}
    assert chosen == {cast.rosa.id: "daily", cast.stranger.id: "off"}


# ---- Many, and faults --------------------------------------------------------------------------------------------


def many(cast: Cast, number: int, **values: object) -> list[m.Account]:
    """So many more mothers of Ana who want a digest."""
    password = cast.rosa.password_hash
    first = m.Account.select().count()
    made = []
    for index in range(first, first + number):
        parent = factories.guardian(f"Mother {index}", (cast.ana,))
        name = f"m{index}@example.com"
        account = m.Account.create(
            guardian=parent, user_name=name, user_name_key=name, email=name, email_verified_at=NOW,
            password_hash=password, created_at=NOW,
        )  # fmt: skip
        wants(account, **values)
        made.append(account)
    return made


def test_X05_a_batch_takes_the_same_queries_for_one_family_and_for_many(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_record(cast)
    factories.day_event(cast.ana, TODAY)
    counted = []
    for number in (1, 60):
        many(cast, number, attendance_alerts=True)
        m.Job.delete().execute()
        m.OutboundMail.delete().execute()
        m.Preference.update(told=None).execute()
        imported()
        counted.append(statements(lambda: work(app)))
        assert len(mails()) >= number and len(mails(kind="marked_absent")) >= number
    assert counted[0] == counted[1] <= 70


def statements(act: Callable[[], object]) -> int:
    import logging

    found: list[logging.LogRecord] = []
    log, listener = logging.getLogger("peewee"), logging.Handler()
    listener.emit = found.append  # type: ignore[method-assign]
    level = log.level
    log.setLevel(logging.DEBUG)
    log.addHandler(listener)
    try:
        act()
    finally:
        log.removeHandler(listener)
        log.setLevel(level)
    return len(found)


def test_X05_batches_leave_out_nobody_and_tell_nobody_twice(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 7)
    mothers = many(cast, 30)
    assert work(app) == 6, "five batches, and one that finds nobody left"
    assert Counter(row.recipient for row in mails()) == {one.email: 1 for one in mothers}


def test_X05_whoever_lost_a_batch_to_another_worker_writes_nothing(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(cast, 3)
    usual = run.news.collect

    def slow(*arguments: object) -> run.news.Facts:
        # Meanwhile the lease runs out and somebody else does the batch.
        monkeypatch.setattr(run.news, "collect", usual)
        at(NOW + jobs.LEASE)
        work(app)
        return usual(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(run.news, "collect", slow)
    work(app)
    assert Counter(row.recipient for row in mails()) == {f"m{number}@example.com": 1 for number in (5, 6, 7)}


def test_X05_two_workers_at_once_write_each_digest_once(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 5)
    mothers = many(cast, 40)
    opened = app.extensions["database"]

    def all_of_it() -> None:
        with opened.connection_context():
            for _ in range(60):
                work(app)

    threads = [threading.Thread(target=all_of_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(row.recipient for row in mails()) == {one.email: 1 for one in mothers}


def test_X05_workers_killed_thirty_times_tell_everybody_once(make_app: Callable[..., Flask], database_url: str) -> None:
    app = make_app()
    cast = factories.cast(app.extensions["homeroom"])
    mothers, kills, amid, chance = many(cast, 150), 0, 0, random.Random(5)
    expected = {one.email for one in mothers}
    with MailServer(delay=0.002) as server, Nursery(
        database_url, server.url, NOW.isoformat(), batch=4, lease=0.1
    ) as nursery:  # fmt: skip
        while kills < 30 or (not server.taken and kills < 90):
            victim = nursery.start()
            # On a busy machine a worker needs longer before there is anything to interrupt.
            time.sleep(chance.uniform(0.01, 0.25 if server.taken else 0.25 + kills / 100))
            os.kill(victim, signal.SIGKILL)
            kills += 1
            amid += 0 < len({one["To"] for one in server.taken}) < len(expected)
        so_far = len({one["To"] for one in server.taken})
        survivor = nursery.start()
        deadline = time.monotonic() + 60
        while {one["To"] for one in server.taken} < expected and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(survivor, signal.SIGTERM)
    ids = {(one["To"], one["Message-ID"]) for one in server.taken}
    doubles = len(server.taken) - len(ids)
    print(f"{kills} kills; {so_far} of {len(expected)} had theirs by then; {doubles} doubled with the same Message-ID")
    assert {to for to, _ in ids} == expected, "nobody is left out"
    assert len(ids) == len(expected), "and nobody gets two"
    assert doubles <= kills
    assert amid >= 3, "the kills fell into the work"


def test_X05_flask_worker_writes_and_sends_them(
    make_app: Callable[..., Flask], database_url: str, tmp_path: Path
) -> None:
    clock.set_source(None)
    cast = factories.cast(make_app().extensions["homeroom"])
    wants(cast.rosa)
    local = clock.now().replace(tzinfo=dt.UTC).astimezone(ZoneInfo("America/New_York"))
    jobs.add("digests", f"digests {local:%Y-%m-%d} 08", clock.now())
    environment = {
        **os.environ, "PORTAL_CONFIG": "/nonexistent", "DATABASE_URL": database_url,
        "PORTAL_SECRET_KEY": factories.SECRET, "PORTAL_TODAY": TODAY.isoformat(),
        "PORTAL_SMTP_URL": f"file://{tmp_path}/mail", "PORTAL_DISTRICT_NAME": "Maple Valley Schools",
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "worker"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not list((tmp_path / "mail").glob("*.eml")) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.terminate()
    assert process.wait(10) == 0
    (file,) = (tmp_path / "mail").glob("*.eml")
    body = email.message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))
    assert body is not None and "Fractions worksheet" in body.get_content()
    assert mails()[0].state == "sent"
