"""A portal like Clayton's, line by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from browsing import Browser, link_in, mails
from factories import (
    PASSWORD,
    Cast,
    account,
    guardian,
    guardianship,
    line_item,
    result,
    school,
    school_year,
    secret,
    student,
)
from flask import Flask

from config import Settings
from models import Account, ActivationKey, LoginSession, SchoolEnrollment, SignInAttempt
from services import accounts, clock
from services.keys import issue as issue_key

MakeApp = Callable[..., Flask]
START = dt.datetime(2026, 11, 16, 15, 0)


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
    assert Account.get_by_id(rosa.id).state == "locked"
    assert open_session.open("/").path == "/sign-in", "what was open is closed too"
    assert "After 5 wrong passwords the school has to reactivate the account" in browser.text
    browser.sign_in(rosa)
    assert (browser.path, browser.status) == ("/sign-in", 422)
    assert "This account is locked after too many wrong passwords. Please ask the school" in browser.text
    assert "Emerald Middle" in browser.text, "whom to ask"
    said = app.test_cli_runner().invoke(args=["account", "unlock", rosa.user_name])
    assert said.exit_code == 0, said.output
    assert browser.sign_in(rosa).path == "/"


def test_C02_of_a_closed_account_only_the_right_password_says_so(make_app: MakeApp) -> None:
    app, browser, some = clayton(make_app)
    Account.update(state="disabled").execute()
    right = browser.sign_in(some).text
    assert "This account is closed. Please ask the school to reactivate it." in right
    assert "Emerald Middle" in right
    wrong = browser.sign_in(some, "wrong")
    nobody = Browser(app).open("/sign-in").send(user_name="nobody12", password="wrong")
    assert (wrong.status, wrong.text) == (nobody.status, nobody.text)
    assert "Emerald Middle" not in wrong.text


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


@pytest.mark.parametrize("typed", ["{%s}", "%s", " %s \n", "{ %s }", "Activation Key: {%s}", "Activation key:  %s"])
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
    assert browser.send(**good).path == "/registered"


def test_C03_the_log_is_seen_by_its_owner_and_by_nobody_else(make_app: MakeApp) -> None:
    app, browser, some = clayton(make_app)
    portal = app.extensions["homeroom"]
    other = account(guardian("Other Parent"), "otherparent", portal)
    clock.set_source(lambda: START)
    browser.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    browser.sign_in(some, "wrong")
    clock.set_source(lambda: START + dt.timedelta(minutes=2))
    browser.sign_in(some)
    Browser(app).sign_in(other)
    browser.open("/").follow("Some Parent")
    log = browser.text.partition("Access log")[2]
    rows = (
        "When IP address Result Nov 16, 2026, 10:02 AM 203.0.113.9 Signed in Nov 16, 2026, 10:00 AM 203.0.113.9 Failed"
    )
    assert rows in log.replace("\u202f", " ")
    assert "127.0.0.1" not in log, "the other parent's"
    theirs = Browser(app).sign_in(other).open("/security").text.partition("Access log")[2]
    assert "203.0.113.9" not in theirs


def test_C03_the_right_password_on_a_locked_account_is_in_the_log_too(make_app: MakeApp) -> None:
    app, browser, some = clayton(make_app)
    for _ in range(5):
        browser.sign_in(some, "wrong")
    assert "This account is locked" in browser.sign_in(some).text
    assert [row.succeeded for row in SignInAttempt.select()] == [False] * 6


def test_C02_a_locked_account_takes_no_more_guesses_than_locked_it(make_app: MakeApp) -> None:
    app, browser, some = clayton(make_app)
    pages = set()
    for _ in range(10):
        browser.sign_in(some, "wrong")
        pages.add((browser.status, browser.text))
    browser.sign_in(some)
    pages.add((browser.status, browser.text))
    browser.open("/sign-in").send(user_name="nobody12", password="wrong")
    pages.add((browser.status, browser.text))
    assert len(pages) == 1, "not even the right password says more"


def test_C13_a_guardian_changes_the_password_and_not_the_user_name(make_app: MakeApp) -> None:
    app, browser, some = clayton(make_app)
    Account.update(email="some@example.com", email_verified_at=clock.now()).execute()
    elsewhere = Browser(app).sign_in(some)
    Browser(app).open("/forgot-password").send(email="some@example.com")
    browser.sign_in(some).open("/security").follow("Change the password")
    browser.send(present=PASSWORD, password=PASSWORD, repeated=PASSWORD)
    assert (browser.status, "Choose another" in browser.text) == (422, True), "the same again is no change"
    new = {"password": "my eight", "repeated": "my eight"}
    browser.send(present="wrong", **new)
    assert (browser.status, "This is not your present password" in browser.text) == (422, True)
    assert elsewhere.open("/").path == "/"
    browser.send(present=PASSWORD, password="my eight", repeated="my nine")
    assert "not the same" in browser.text
    browser.send(present=PASSWORD, **new)
    assert browser.path == "/security"
    assert "Other browsers have been signed out" in browser.text
    assert elsewhere.open("/").path == "/sign-in"
    assert len(mails("changed", "some@example.com")) == 1
    assert Browser(app).open(link_in(mails("reset")[0])).status == 404, "a link asked for before is dead"
    assert Browser(app).sign_in(some).status == 422
    assert Browser(app).sign_in(some, "my eight").path == "/"
    assert "It cannot be changed." in browser.open("/security").text
    assert Account.get_by_id(some.id).user_name == "takenname"


def test_C13_a_student_changes_the_password_too(make_app: MakeApp) -> None:
    app, browser, _ = clayton(make_app)
    pupil = account(student("Some Pupil", school()), "1234567", app.extensions["homeroom"])
    browser.sign_in(pupil).open("/security/password")
    browser.send(present=PASSWORD, password="1234567 ", repeated="1234567 ")
    assert "a word of your district or your name" in browser.text
    browser.send(present=PASSWORD, password="my eight", repeated="my eight")
    assert Browser(app).sign_in(pupil, "my eight").status == 200


def test_C13_the_present_password_cannot_be_guessed(make_app: MakeApp) -> None:
    app, browser, some = clayton(make_app)
    clock.set_source(lambda: START)
    browser.sign_in(some).open("/security/password")
    for _ in range(5):
        browser.send(present="wrong", password="my eight", repeated="my eight")
    browser.send(present=PASSWORD, password="my eight", repeated="my eight")
    assert browser.status == 422
    clock.set_source(lambda: START + dt.timedelta(minutes=15))
    assert browser.send(present=PASSWORD, password="my eight", repeated="my eight").path == "/security"


def test_C13_one_of_the_own_browsers_is_signed_out_and_nobody_elses(make_app: MakeApp) -> None:
    app, browser, some = clayton(make_app)
    other = account(guardian("Other Parent"), "otherparent", app.extensions["homeroom"])
    theirs, phone = Browser(app).sign_in(other), Browser(app).sign_in(some)
    ids = {row.account_id: row.id for row in LoginSession.select()}
    browser.sign_in(some).open("/security")
    assert browser.page.count("/end") == 1, "the phone; this browser signs out in the bar"
    assert "This browser" in browser.text
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    refused = browser.client.post(f"/security/sessions/{ids[other.id]}/end", data={"csrf_token": token})
    assert refused.status_code == 404
    assert theirs.open("/").path == "/"
    browser.send(f"/security/sessions/{ids[some.id]}/end")
    assert phone.open("/").path == "/sign-in"
    assert browser.open("/").path == "/"


def test_C14_a_pasted_o_for_a_zero_and_an_l_for_a_one_do_no_harm(make_app: MakeApp) -> None:
    app, browser, _ = clayton(make_app)
    mother = guardian("Rosa Reyes", (student("Ana Reyes", school("Cedar Middle")),))
    key = issue_key(mother, settings=app.extensions["homeroom"], now=clock.now())
    typed = key.replace("0", "O").replace("1", "l").replace("-", "\u2013").replace("{", "\u200b{ ")
    assert browser.open("/register").send(key=typed).path == "/register/account"


def test_C14_the_way_to_the_account_survives_back_and_reload_and_ends_after_an_hour(make_app: MakeApp) -> None:
    app, browser, _ = clayton(make_app)
    mother = guardian("Rosa Reyes", (student("Ana Reyes", school("Cedar Middle")),))
    clock.set_source(lambda: START)
    key = issue_key(mother, settings=app.extensions["homeroom"], now=START)
    browser.open("/register").send(key=key)
    back = browser.tab().open("/register/key")
    assert key not in back.page
    assert 'name="key" type="text" value=""' in back.page, "nor anything else"
    back.send(key="wrong")
    assert "This is not complete. It has 32 letters and digits." in back.text
    back.send(key="1" * 32)
    assert back.status == 422
    good = {"user_name": "rosareyes7", "password": "my eight", "repeated": "my eight"}
    assert browser.send(**good).path == "/register/key", "another beginning took its place"
    browser.send(key=key)
    clock.set_source(lambda: START + dt.timedelta(minutes=61))
    browser.send(**good)
    assert "Please begin again" in browser.text
    assert Account.select().where(Account.guardian == mother).count() == 0
    assert browser.send(key=key).send(**good).path == "/registered"


def test_C17_the_link_beside_the_sign_in_form_retrieves_the_key(make_app: MakeApp) -> None:
    app, browser, _ = clayton(make_app)
    portal = app.extensions["homeroom"]
    ana = student("Ana Reyes", school("Cedar Middle"), number="0123456")
    mother = guardian("Rosa Reyes", (ana,))
    secret(ana, "123456789", portal)
    browser.open("/sign-in").follow("I do not have an activation key yet")
    browser.send(
        given_name="rosa", family_name="REYES", student_number="0123456", birth_date="2013-04-02", secret="123-45-6789"
    )
    assert browser.path == "/register/account", "it goes on at once"
    browser.send(user_name="rosareyes7", password="my eight", repeated="my eight")
    assert Account.get(Account.guardian == mother).user_name == "rosareyes7"


def test_C17_the_page_names_what_it_asks_as_the_district_does(make_app: MakeApp) -> None:
    app = make_app(preset="clayton", lookup_secret_name="last four digits of the Social Security number")
    school("Emerald Middle", phone="770-555-0100")
    browser = Browser(app).open("/activation-key")
    assert "Last four digits of the Social Security number" in browser.text
    for said in ("If you have an account already, sign in instead.", "Emerald Middle · 770-555-0100"):
        assert said in browser.text
    assert browser.tab().follow("Sign in").path == "/sign-in"
    browser.send(given_name="Rosa", family_name="", student_number="1", birth_date="", secret="")
    for field, said in (
        ("family_name", "Enter the last name."), ("birth_date", "Enter the date of birth."),
        ("secret", "Enter the secret number."),
    ):  # fmt: skip
        assert f'<a href="#{field}">{said}</a>' in browser.page
        assert f'id="{field}-error">{said}' in browser.page
    browser.send(family_name="Reyes", birth_date="2013-04-02", secret="1")
    assert "No key can be handed out with these" in browser.text
    assert 'class="error"' not in browser.page and 'href="#' not in browser.page.partition("<main")[2], "the whole form"


def test_C17_a_date_field_shows_no_format_of_its_own(make_app: MakeApp) -> None:
    app, browser, _ = clayton(make_app)
    browser.open("/activation-key")
    assert 'type="date"' in browser.page
    assert "birth_date-hint" not in browser.page and "Year, month and day" not in browser.text
    ana = student("Ana Reyes", school("Cedar Middle"), number="0123456")
    guardian("Rosa Reyes", (ana,))
    secret(ana, "4711", app.extensions["homeroom"])
    names = {"given_name": "Rosa", "family_name": "Reyes", "student_number": "0123456", "secret": "4711"}
    assert browser.send(**names, birth_date="04/02/2013").path == "/register/account", "typed where there is no field"


@pytest.mark.parametrize("preset", ["gwinnett", "denver", "ccps", "standard"])
def test_C17_other_presets_have_no_look_up(make_app: MakeApp, preset: str) -> None:
    browser = Browser(make_app(preset=preset)).open("/sign-in")
    assert "I do not have an activation key yet" not in browser.text
    assert browser.open("/activation-key").status == 404


def test_a_reset_does_not_open_an_account_that_only_the_school_may_open(make_app: MakeApp) -> None:
    app, browser, some = clayton(make_app)
    Account.update(email="some@example.com", email_verified_at=clock.now()).execute()
    for _ in range(5):
        browser.sign_in(some, "wrong")
    browser.open("/forgot-password").send(email="some@example.com")
    browser.open(link_in(mails("reset")[0])).send(password="my eight", repeated="my eight")
    assert browser.path == "/password-set"
    for said in ("Your new password is set", "This account is locked", "ask the school", "Emerald Middle"):
        assert said in browser.text
    assert "This account is locked" in browser.sign_in(some, "my eight").text
    said = app.test_cli_runner().invoke(args=["account", "reset-link", some.user_name, "--code"])
    assert "takenname is locked: no password opens it before `flask account unlock takenname`." in said.stderr
    browser.open("/reset").send(code=said.stdout.splitlines()[0]).send(password="my third", repeated="my third")
    assert (browser.path, "This account is locked" in browser.text) == ("/password-set", True)
    assert browser.sign_in(some, "my eight").status == 422
    assert Account.get_by_id(some.id).state == "locked"
    accounts.reactivate(some)
    assert browser.sign_in(some, "my third").path == "/"
    assert Browser(app).open("/password-set").path == "/sign-in", "nobody else sees it"


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
