"""What the passing of time does to accounts (D10, C16), and what is dropped when nobody needs it any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from factories import TODAY, account, guardian, school, school_year, staff, student
from flask import Flask

from config import Settings, load
from models import (
    Account,
    AuditEvent,
    Guardian,
    Guardianship,
    LoginSession,
    OneTimeLink,
    OutboundMail,
    Registration,
    SchoolEnrollment,
    Student,
    Throttle,
)
from services import accounts, clock, housekeeping, outbox
from services.housekeeping import Report
from services.outbox import Mail

START = dt.datetime(2026, 11, 16, 3, 30)
RULES = {"disable_after_days": 183, "delete_after_days": 396}


class House:
    """A portal whose nights can be counted; each night's report, and the mails that were written."""

    def __init__(self, app: Flask, **rules: Any) -> None:
        self.settings: Settings = replace(app.extensions["homeroom"], **{**RULES, **rules})
        self.year = school_year()
        self.school = school()
        self.day = 0
        clock.set_source(lambda: self.now)

    @property
    def now(self) -> dt.datetime:
        return START + dt.timedelta(days=self.day)

    def family(self, name: str = "Rosa Reyes", **values: Any) -> Account:
        """A guardian of an enrolled child with an account that is used today."""
        parent = guardian(name, (student("Ana Reyes", self.school),))
        address = f"{name.split()[0].lower()}@example.com"
        return account(
            parent, address, self.settings, **{"last_sign_in_at": self.now, "email_verified_at": self.now, **values}
        )

    def night(self, day: int | None = None, **options: Any) -> Report:
        """Housekeeping on that day (default: the same). School dates stand still, so that enrollments do not end."""
        self.day = self.day if day is None else day

        def compose(template: str, language: str, **values: Any) -> Mail:
            return Mail(template, f"{values['user_name']} {values.get('day', '')} {language}")

        return housekeeping.run(settings=self.settings, now=self.now, on=TODAY, compose=compose, **options)

    def steps(self, day: int | None = None, **options: Any) -> list[tuple[str, str | None]]:
        """The same, as what happened to whom did not matter."""
        return [(step.act, step.then) for step in self.night(day, **options).steps]


@pytest.fixture
def house(app: Flask) -> House:
    return House(app)


def mails() -> list[str]:
    return [mail.subject for mail in OutboundMail.select().order_by(OutboundMail.id)]


def leave(parent: Account) -> None:
    """The last child of a family is no longer enrolled."""
    SchoolEnrollment.update(exit_date=TODAY - dt.timedelta(days=3)).where(
        SchoolEnrollment.student.in_(
            Guardianship.select(Guardianship.student).where(Guardianship.guardian == parent.guardian_id)
        )
    ).execute()


def come_back() -> None:
    SchoolEnrollment.update(exit_date=None).execute()


# ---- D10: disuse -------------------------------------------------------------------------------------------------


def test_an_unused_account_is_told_falls_dormant_is_told_again_and_deleted(house: House) -> None:
    rosa = house.family()
    assert house.steps(152) == []
    assert house.steps(153) == [("told", "dormant")]
    assert OutboundMail.get().text == "rosa@example.com May 18, 2027 en"
    assert OutboundMail.get().recipient == "rosa@example.com"
    for day in (153, 154, 182):
        assert house.steps(day) == [], "told once"
    LoginSession.create(token_hash="open", account=rosa, ip="", created_at=house.now, seen_at=house.now)
    assert house.steps(183) == [("dormant", None)]
    assert Account.get_by_id(rosa.id).state == "dormant"
    assert LoginSession.get().ended_at == house.now
    assert house.steps(365) == []
    assert house.steps(366) == [("told", "deleted")]
    assert house.steps(395) == []
    assert house.steps(396) == [("deleted", None)]
    assert Account.select().count() == 0
    assert mails() == ["dormant_soon", "deleted_soon"]
    assert [event.action for event in AuditEvent.select().order_by(AuditEvent.id)] == [
        "account told", "account dormant", "account told", "account deleted",
    ]  # fmt: skip
    assert AuditEvent.get(AuditEvent.action == "account deleted").details["reason"] == "disuse"
    assert Guardian.select().count() == 1, "the guardian stays, and can get a new key"


def test_using_the_account_begins_the_time_anew(house: House) -> None:
    rosa = house.family()
    house.night(153)
    Account.update(last_sign_in_at=house.now).where(Account.id == rosa.id).execute()
    assert house.steps(183 + 30) == []
    assert house.steps(153 + 153) == [("told", "dormant")], "told of the new end"
    assert house.steps(153 + 183) == [("dormant", None)]


@pytest.mark.parametrize("field", ["email_verified_at", "reactivated_at"])
def test_a_proved_address_and_the_school_begin_it_anew_too(house: House, field: str) -> None:
    rosa = house.family()
    house.night(153), house.night(183)
    house.day = 200
    if field == "reactivated_at":
        accounts.reactivate(rosa, house.now)
    else:
        Account.update(state="active", email_verified_at=house.now).where(Account.id == rosa.id).execute()
    assert house.steps(200 + 152) == []
    assert house.steps(200 + 153) == [("told", "dormant")]


def test_everybody_has_30_days_after_the_mail_however_late_it_is(house: House) -> None:
    house.family()
    report = house.night(500)
    assert [(step.act, step.then, step.day) for step in report.steps] == [
        ("told", "dormant", (START + dt.timedelta(days=530)).date())
    ]
    assert house.steps(529) == []
    assert house.steps(530) == [("dormant", None)]
    assert house.steps(531) == [("told", "deleted")]
    assert house.steps(560) == []
    assert house.steps(561) == [("deleted", None)]


@pytest.mark.parametrize("state", ["locked", "disabled", "pending"])
def test_closed_accounts_are_deleted_by_disuse_too(house: House, state: str) -> None:
    house.family(state=state)
    assert house.steps(200) == []
    assert house.steps(366) == [("told", "deleted")]
    assert house.steps(396) == [("deleted", None)]


def test_an_owner_without_a_proved_address_cannot_be_told(house: House) -> None:
    rosa = house.family(email_verified_at=None)
    assert house.steps(182) == []
    assert house.steps(183) == [("dormant", None)]
    assert house.steps(396) == [("deleted", None)]
    assert mails() == [] and rosa


def test_an_account_that_owes_its_address_does_not_fall_dormant(house: House) -> None:
    house.family(duties=["email", "questions"], email_verified_at=None)
    assert house.steps(395) == []
    assert house.steps(396) == [("deleted", None)]


def test_a_cancelled_account_and_those_of_students_and_staff_are_left_alone(house: House) -> None:
    house.family(state="cancelled")
    account(student("Ben Reyes", house.school), "7000001", house.settings, last_sign_in_at=house.now)
    Account.create(
        staff=staff(), user_name="dana", user_name_key="dana", password_hash="", created_at=house.now,
        email="dana@example.com", email_verified_at=house.now,
    )  # fmt: skip
    for day in (153, 183, 396, 2000):
        assert house.steps(day) == []
    assert Account.select().count() == 3


def test_without_the_settings_nothing_ends(app: Flask) -> None:
    house = House(app, disable_after_days=0, delete_after_days=0)
    house.family()
    assert house.steps(5000) == []


def test_somebody_who_signs_in_meanwhile_keeps_the_account(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rosa = house.family(email_verified_at=None)
    house.day = 396
    plan = housekeeping._plan

    def used_after_the_plan(*arguments: Any) -> Any:
        steps = list(plan(*arguments))
        Account.update(last_sign_in_at=house.now).where(Account.id == rosa.id).execute()
        return steps

    monkeypatch.setattr(housekeeping, "_plan", used_after_the_plan)
    assert house.steps() == []
    assert Account.get().state == "active"
    assert AuditEvent.select().count() == 0


def test_an_address_that_takes_no_mail_stops_nothing(house: House) -> None:
    house.family("Rosa Reyes", email="rosa@nowhere")
    wendy = house.family("Wendy Whitfield")
    house.night(153)
    assert [mail.recipient for mail in OutboundMail.select()] == [wendy.email]
    assert house.steps(183) == [("dormant", None), ("dormant", None)]


# ---- C16: the last child has left --------------------------------------------------------------------------------


def test_the_account_of_a_family_that_has_left_closes_after_60_days_and_is_deleted_after_13_months(app: Flask) -> None:
    house = House(app, disable_after_days=0, delete_after_days=0)
    rosa = house.family()
    house.family("Wendy Whitfield")
    assert house.steps(0) == []
    leave(rosa)
    assert house.steps(1) == [("childless", None)]
    assert Account.get_by_id(rosa.id).childless_since == house.now
    assert house.steps(30) == []
    assert house.steps(31) == [("told", "left")]
    Account.update(last_sign_in_at=house.now).where(Account.id == rosa.id).execute()
    assert house.steps(60) == [], "using it changes nothing, and nobody is told twice"
    assert house.steps(61) == [("left", None)]
    assert Account.get_by_id(rosa.id).state == "left"
    assert house.steps(366) == []
    assert house.steps(367) == [("told", "deleted")]
    assert house.steps(397) == [("deleted", None)]
    assert mails() == ["left_soon", "deleted_soon"]
    assert AuditEvent.get(AuditEvent.action == "account deleted").details["reason"] == "last child left"
    assert [one.email for one in Account.select()] == ["wendy@example.com"]


def test_it_opens_again_when_a_child_comes_back(app: Flask) -> None:
    house = House(app, disable_after_days=0, delete_after_days=0)
    rosa = house.family()
    leave(rosa)
    house.night(1), house.night(31), house.night(61)
    come_back()
    assert house.steps(100) == [("back", None)]
    stored = Account.get_by_id(rosa.id)
    assert (stored.state, stored.childless_since, stored.warned_at) == ("active", None, None)
    assert mails() == ["left_soon", "ready"]
    leave(rosa)
    assert house.steps(200) == [("childless", None)]
    assert house.steps(230) == [("told", "left")]


def test_a_child_who_comes_back_opens_nothing_that_the_office_or_disuse_has_closed(app: Flask) -> None:
    house = House(app)
    one, two = house.family("Rosa Reyes", state="disabled"), house.family("Wendy Whitfield", state="dormant")
    leave(one), leave(two)
    house.night(1), house.night(61)
    come_back()
    assert house.steps(70) == [("back", None), ("back", None)]
    assert [row.state for row in Account.select().order_by(Account.id)] == ["disabled", "dormant"]
    assert mails() == []


def test_the_school_can_keep_it_open_for_another_60_days(app: Flask) -> None:
    house = House(app, disable_after_days=0, delete_after_days=0)
    rosa = house.family()
    leave(rosa)
    house.night(1), house.night(31), house.night(61)
    house.day = 70
    accounts.reactivate(rosa, house.now)
    assert house.steps(99) == []
    assert house.steps(100) == [("told", "left")]
    assert house.steps(130) == [("left", None)]


def test_a_child_at_a_school_that_is_switched_off_or_closed_to_the_guardian_counts(app: Flask) -> None:
    house = House(app)
    house.family()
    house.school.switched_on = False
    house.school.save()
    Guardianship.update(office_access=False).execute()
    assert house.steps(1) == []
    Guardianship.update(from_associations=False).execute()
    assert house.steps(2) == [("childless", None)], "nobody vouches for the pair any more"


def test_a_student_who_is_gone_from_the_feed_has_left(app: Flask) -> None:
    house = House(app)
    house.family()
    Student.update(active=False).execute()
    assert house.steps(1) == [("childless", None)]


def test_nobody_has_left_while_no_school_year_is_known(app: Flask) -> None:
    house = House(app)
    rosa = house.family()
    leave(rosa)
    report = housekeeping.run(
        settings=house.settings, now=house.now, on=dt.date(2028, 6, 1), compose=lambda *_, **__: Mail("", "")
    )
    assert (report.steps, report.enrollments_known) == ([], False)
    assert Account.get().childless_since is None


def test_days_of_leaving_can_be_set(app: Flask) -> None:
    house = House(app, leaving_close_days=10, leaving_delete_days=0, disable_after_days=0, delete_after_days=0)
    leave(house.family())
    assert house.steps(0) == [("childless", None), ("told", "left")]
    assert house.steps(29) == []
    assert house.steps(30) == [("left", None)], "but 30 days after the mail at the earliest"
    assert house.steps(4000) == []
    house.settings = replace(house.settings, leaving_close_days=0)
    leave(house.family("Wendy Whitfield"))
    assert house.steps(4001) == [("childless", None)]
    assert house.steps(9000) == []


def test_the_defaults_are_60_days_and_13_months() -> None:
    for preset in ("standard", "gwinnett", "denver", "clayton", "ccps", "henry"):
        settings = load({"PORTAL_CONFIG": "/nonexistent"}, preset=preset, secret_key="x" * 40)
        assert (settings.leaving_close_days, settings.leaving_delete_days) == (60, 396)


def test_leaving_and_disuse_together_take_what_comes_first(app: Flask) -> None:
    house = House(app)
    rosa = house.family()
    house.day = 350
    Account.update(state="dormant").where(Account.id == rosa.id).execute()
    leave(rosa)
    assert house.steps(350) == [("childless", None)]
    assert house.steps(366) == [("told", "deleted")]
    assert house.steps(396) == [("deleted", None)]


# ---- Old rows, and dry runs --------------------------------------------------------------------------------------


def test_what_is_over_for_long_is_dropped_and_nothing_else(house: House) -> None:
    rosa = house.family()
    now = house.now
    before = lambda **ago: now - dt.timedelta(**ago)  # noqa: E731
    kept = {"token_hash": "live", "created_at": before(hours=2), "seen_at": before(minutes=5)}
    for number, times in enumerate(
        [
            {"created_at": before(days=40), "seen_at": before(days=40), "ended_at": before(days=31)},
            {"created_at": before(days=40), "seen_at": before(days=31)},
            {"created_at": before(days=2), "seen_at": before(days=2), "ended_at": before(days=1)},
        ]
    ):
        LoginSession.create(token_hash=str(number), account=rosa, ip="", **times)
    LoginSession.create(account=rosa, ip="", **kept)
    for number, days in enumerate((31, 29)):
        Registration.create(token_hash=str(number), way="register", created_at=before(days=days))
        OneTimeLink.create(
            token_hash=str(number), account=rosa, purpose="reset", created_at=before(days=days + 1),
            expires_at=before(days=days),
        )  # fmt: skip
    for number, hours in enumerate((49, 47)):
        Throttle.create(bucket=str(number), window_start=before(hours=hours), count=1)
    for state, days in (("sent", 91), ("sent", 89), ("failed", 91), ("queued", 91), ("withdrawn", 91)):
        mail = outbox.enqueue(kind="reset", recipient="a@example.com", subject="About", text=f"{state} {days}")
        OutboundMail.update(state=state, created_at=before(days=days)).where(OutboundMail.id == mail.id).execute()
    for days in (31, 29):
        mail = outbox.enqueue(kind="digest", recipient="a@example.com", subject="News", text="")
        OutboundMail.update(state="sent", created_at=before(days=days)).where(OutboundMail.id == mail.id).execute()
    expected = {
        "sessions": 2, "registrations": 1, "links": 1, "drafts": 0, "throttle windows": 1, "news": 1, "mail texts": 2,
        "former password formats": 0, "downloads": 0,
    }  # fmt: skip
    assert house.night(dry_run=True).dropped == expected
    assert LoginSession.select().count() == 4 and OutboundMail.select().where(OutboundMail.text == "").count() == 2
    assert house.night().dropped == expected
    assert [row.token_hash for row in LoginSession.select().order_by(LoginSession.id)] == ["2", "live"]
    assert [row.token_hash for row in Registration.select()] == ["1"]
    assert [row.token_hash for row in OneTimeLink.select()] == ["1"]
    assert [row.bucket for row in Throttle.select()] == ["1"]
    texts = [(row.state, row.text) for row in OutboundMail.select().order_by(OutboundMail.id)]
    assert texts == [
        ("sent", ""), ("sent", "sent 89"), ("failed", "failed 91"), ("queued", "queued 91"), ("withdrawn", ""),
        ("sent", ""),
    ]  # fmt: skip
    assert set(house.night().dropped.values()) == {0}


def test_a_dry_run_reports_what_a_run_does_and_changes_nothing(app: Flask, make_everything: Callable[..., Any]) -> None:
    house = House(app)
    for number, days in enumerate((0, 100, 153, 170, 183, 400)):
        house.family(f"Parent{number} Reyes", last_sign_in_at=START - dt.timedelta(days=days), created_at=START - dt.timedelta(days=500), email_verified_at=START - dt.timedelta(days=500))  # fmt: skip  # noqa: E501
    leave(house.family("Left Reyes"))
    before = make_everything()
    dry = house.night(dry_run=True)
    assert make_everything() == before
    done = house.night()
    assert [(s.account.id, s.act, s.then, s.day) for s in dry.steps] == [
        (s.account.id, s.act, s.then, s.day) for s in done.steps
    ]
    assert [(s.act, s.then) for s in done.steps] == [
        ("told", "dormant"), ("told", "dormant"), ("told", "dormant"), ("told", "dormant"), ("childless", None),
    ]  # fmt: skip


@pytest.fixture
def make_everything() -> Callable[[], list[Any]]:
    """Every row of what housekeeping touches."""
    return lambda: [
        list(table.select().order_by(table.id).tuples())
        for table in (Account, OutboundMail, AuditEvent, LoginSession, Throttle)
    ]
