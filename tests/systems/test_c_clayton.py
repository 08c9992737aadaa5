"""A portal like Clayton's, line by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from browsing import Browser
from factories import (
    Cast,
    account,
    guardian,
    guardianship,
    line_item,
    result,
    school,
    school_year,
    student,
)
from flask import Flask

from config import Settings
from models import Account, ActivationKey, LoginSession, SchoolEnrollment, SignInAttempt
from services import accounts, clock
from services.registration import issue_key

MakeApp = Callable[..., Flask]


def test_C01_each_guardian_of_a_split_family_has_rights_of_their_own(app: Flask, cast: Cast) -> None:
    mother, father = Browser(app).sign_in(cast.rosa), Browser(app).sign_in(cast.carlos)
    assert {"Ana Reyes", "Ben Reyes"} == {name for name in ("Ana Reyes", "Ben Reyes") if name in mother.page}
    assert {"Ana Reyes"} == {name for name in ("Ana Reyes", "Ben Reyes") if name in father.page}
    assert mother.open(f"/students/{cast.ana.id}/grades").status == 200
    assert father.open(f"/students/{cast.ana.id}/grades").status == 404


def test_C02_a_session_idle_for_60_minutes_ends(browser: Browser, cast: Cast) -> None:
    start = dt.datetime(2026, 11, 16, 15, 0)
    clock.set_source(lambda: start)
    browser.sign_in(cast.rosa)
    clock.set_source(lambda: start + dt.timedelta(minutes=59))
    assert browser.open("/").path == "/"
    clock.set_source(lambda: start + dt.timedelta(minutes=118))
    assert browser.open("/").path == "/", "using it counts"
    clock.set_source(lambda: start + dt.timedelta(minutes=178, seconds=1))
    assert browser.open("/").path == "/sign-in"


def test_C02_five_failed_sign_ins_disable_the_account_until_the_school_reactivates_it(make_app: MakeApp) -> None:
    app, browser, rosa = clayton(make_app)
    open_session = Browser(app).sign_in(rosa)
    for _ in range(5):
        browser.sign_in(rosa, "not the password")
        assert browser.path == "/sign-in"
        assert "do not match" in browser.text
    assert Account.get_by_id(rosa.id).state == "disabled"
    assert open_session.open("/").path == "/sign-in", "what was open is closed too"
    browser.sign_in(rosa)
    assert "ask your child's school to reactivate" in browser.text
    accounts.unlock(rosa)
    assert browser.sign_in(rosa).path == "/"


def test_C03_every_sign_in_is_written_down_with_time_address_and_result(browser: Browser, cast: Cast) -> None:
    clock.set_source(lambda: dt.datetime(2026, 11, 16, 15, 0))
    browser.sign_in(cast.rosa, "wrong")
    browser.sign_in(cast.rosa)
    rows = list(SignInAttempt.select().where(SignInAttempt.account == cast.rosa).order_by(SignInAttempt.id))
    assert [(row.succeeded, row.ip) for row in rows] == [(False, "127.0.0.1"), (True, "127.0.0.1")]
    assert rows[0].at == dt.datetime(2026, 11, 16, 15, 0)


def test_C06_only_students_enrolled_this_year_or_next_are_listed(app: Flask, portal: Settings) -> None:
    school_year()
    cedar, closed = school("Cedar Middle"), school("Closed School", switched_on=False)
    left = student("Left Last-June", cedar)
    SchoolEnrollment.update(exit_date=dt.date(2026, 6, 3)).where(SchoolEnrollment.student == left).execute()
    next_year = student("Next Year", cedar)
    SchoolEnrollment.update(entry_date=dt.date(2027, 8, 16)).where(SchoolEnrollment.student == next_year).execute()
    children = (student("This Year", cedar), left, next_year, student("Switched Off", closed), student("No School"))
    mother = guardian("Mother Of-Five", children)
    page = Browser(app).sign_in(account(mother, "five@example.com", portal))
    shown = {child.name for child in children if child.name in page.page}
    assert shown == {"This Year", "Next Year"}
    assert page.open(f"/students/{left.id}").status == 404


def test_C09_assignments_show_category_weight_dates_points_score_flags_and_comment(
    browser: Browser, cast: Cast
) -> None:
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades/{cast.math.id}")
    text = browser.text
    assert "Homework 25% of the grade" in text
    assert "Tests 75% of the grade" in text
    assert "Fractions worksheet Well done <b>Ana</b> & keep going Nov 4, 2026 Nov 11, 2026 17.5 / 20" in text
    assert "Ratio quiz Oct 28, 2026 Nov 4, 2026 9 / 20 Late" in text
    assert "Number line Nov 2, 2026 Nov 9, 2026 – / 20 Missing" in text
    assert "Sick day sheet Oct 30, 2026 Nov 6, 2026 – / 20 Excused" in text
    assert "Ungraded sheet Oct 26, 2026 Nov 2, 2026 – / 20 No score yet" in text
    assert "Percent project Nov 12, 2026 Nov 19, 2026 – / 20 Due" in text
    assert "<b>Ana</b>" not in browser.page, "what a teacher wrote is text, not markup"
    assert "For Zoe" not in browser.page


def test_C12_the_to_do_list_has_what_is_missing_and_what_is_due_across_classes(browser: Browser, cast: Cast) -> None:
    line_item(cast.art, "Self portrait", dt.date(2026, 11, 30))
    line_item(cast.art, "Far away", dt.date(2027, 1, 10))
    done = line_item(cast.art, "Done early", dt.date(2026, 11, 20))
    result(done, cast.ana, 20)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/to-do")
    missing, _, due = browser.text.partition("Due in the next four weeks")
    assert "Number line" in missing
    assert "Percent project" not in missing
    assert due.index("Percent project") < due.index("Self portrait")
    for absent in ("Far away", "Done early", "Ungraded sheet", "Fractions worksheet"):
        assert absent not in browser.text


def test_C13_signing_out_ends_the_session_and_clears_what_the_browser_kept(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    cookie = browser.client.get_cookie("portal")
    assert cookie is not None
    answer = browser.client.post("/sign-out", data={"csrf_token": token_of(browser)})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert LoginSession.get(LoginSession.account == cast.rosa).ended_at is not None
    browser.client.set_cookie("portal", cookie.value)
    assert browser.open("/").path == "/sign-in", "the old cookie opens nothing"


@pytest.mark.parametrize("typed", ["{%s}", "%s", " %s \n", "{ %s }"])
def test_C14_an_activation_key_opens_an_account_once(make_app: MakeApp, typed: str) -> None:
    app, browser, _ = clayton(make_app)
    portal = app.extensions["homeroom"]
    ana = student("Ana Reyes", school("Cedar Middle"))
    mother = guardian("Rosa Reyes", (ana,))
    key = issue_key(mother, settings=portal, now=clock.now())
    bare = key.strip("{}").lower() if typed == " %s \n" else key.strip("{}")
    browser.open("/register").send(key=typed % bare)
    assert browser.path == "/register/account"
    browser.send(user_name="rosareyes7", password="my eight", repeated="my eight")
    assert "rosareyes7" in browser.text
    opened = Account.get(Account.user_name == "rosareyes7")
    assert (opened.guardian_id, opened.state) == (mother.id, "active")
    assert "my eight" not in opened.password_hash
    assert ActivationKey.get(ActivationKey.guardian == mother).used_at is not None
    assert "Ana Reyes" in browser.sign_in(opened, "my eight").text
    browser.sign_out()
    again = browser.open("/register").send(key=key)
    assert again.status == 422
    assert "This key does not work" in again.text


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        ("user_name", {"user_name": "1234567"}, "not digits only"),
        ("user_name", {"user_name": "rosa reyes"}, "letters and digits"),
        ("user_name", {"user_name": "takenname"}, "Somebody already signs in with this name"),
        ("password", {"password": "short", "repeated": "short"}, "at least 8 characters"),
        ("password", {"password": "x" * 257, "repeated": "x" * 257}, "too long"),
        ("repeated", {"repeated": "another one"}, "not the same"),
    ],
)
def test_C14_what_will_not_do_is_said_at_its_field_and_the_key_stays_good(
    make_app: MakeApp, field: str, values: dict[str, str], said: str
) -> None:
    app, browser, _ = clayton(make_app)
    portal = app.extensions["homeroom"]
    mother = guardian("Rosa Reyes", (student("Ana Reyes", school("Cedar Middle")),))
    key = issue_key(mother, settings=portal, now=clock.now())
    browser.open("/register").send(key=key)
    good = {"user_name": "rosareyes7", "password": "my eight", "repeated": "my eight"}
    browser.send(**{**good, **values})
    assert browser.status == 422
    assert said in browser.text
    assert f'href="#{field}"' in browser.page
    assert f'value="{values.get("user_name", "rosareyes7")}"' in browser.page, "typed text survives"
    assert ActivationKey.get(ActivationKey.guardian == mother).used_at is None
    assert browser.send(**good).path == "/register/done"


def clayton(make_app: MakeApp) -> tuple[Flask, Browser, Account]:
    """A portal with Clayton's preset, a browser, and one account on it."""
    app = make_app(preset="clayton")
    school_year()
    child = student("Some Child", school("Emerald Middle"))
    parent = guardian("Some Parent")
    guardianship(child, parent)
    return app, Browser(app), account(parent, "takenname", app.extensions["homeroom"])


def token_of(browser: Browser) -> str:
    """The token of the page's sign-out form."""
    import re

    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert found is not None
    return found.group(1)
