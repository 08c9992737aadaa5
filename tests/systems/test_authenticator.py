"""The authenticator app: set up by its owner, asked for at sign-in, ended by its owner or by the school (RFC 6238)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pyotp
import pytest
from browsing import Browser, link_in, mails
from factories import PASSWORD, Cast, guardian, school, school_year, student
from factories import cast as make_cast
from flask import Flask
from html5lib import parse

import models as m
from config import Settings
from services import authenticators, clock
from services.keys import issue as issue_key

MakeApp = Callable[..., Flask]
START = dt.datetime(2026, 11, 16, 15, 0, 10)
PAGE = "/security/authenticator"


class Phone:
    """An app that was told the key on the page, with a clock of its own."""

    def __init__(self, browser: Browser) -> None:
        shown = re.search(r'<p class="code"><bdi dir="ltr">([A-Z2-7 ]+)</bdi>', browser.page)
        assert shown is not None, browser.text
        self.key = shown[1].replace(" ", "")

    def code(self, *, late: int = 0) -> str:
        """What it shows, with a clock that is so many seconds late."""
        moment = clock.now().replace(tzinfo=dt.UTC) - dt.timedelta(seconds=late)
        return pyotp.TOTP(self.key).at(moment)


@pytest.fixture(autouse=True)
def _at_start() -> None:
    at(0)


def at(seconds: float) -> None:
    """Let it be so many seconds after START."""
    moment = START + dt.timedelta(seconds=seconds)
    clock.set_source(lambda: moment)


def set_up(browser: Browser) -> tuple[Phone, list[str]]:
    """Set the app up in a browser that is signed in; the phone and the backup codes on the page."""
    browser.open(PAGE).send(present=PASSWORD)
    phone = Phone(browser)
    browser.send(code=phone.code())
    assert browser.status == 200
    return phone, codes_on(browser)


def codes_on(browser: Browser) -> list[str]:
    return re.findall(r"<li><bdi dir=\"ltr\">(\d{4} \d{4})</bdi>", browser.page)


def with_app(app: Flask, account: m.Account) -> tuple[Phone, list[str]]:
    """Give the account an app, a minute before the test goes on."""
    found = set_up(Browser(app).sign_in(account))
    at(60)
    return found


def log_of(account: m.Account) -> list[bool]:
    """The access log: whether each sign-in succeeded, the first one first."""
    rows = m.SignInAttempt.select().where(m.SignInAttempt.account == account).order_by(m.SignInAttempt.id)
    return [row.succeeded for row in rows]


# ---- Setting it up -----------------------------------------------------------------------------------------------


def test_it_is_set_up_from_the_page_of_the_account(app: Flask, portal: Settings, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa).open("/security")
    assert "Authenticator app Off" in browser.text
    browser.follow("Set up an authenticator app")
    assert "<svg" not in browser.page, "the password comes first"
    browser.send(present="wrong")
    assert (browser.status, "not your present password" in browser.text) == (422, True)
    assert m.Authenticator.select().count() == 0
    browser.send(present=PASSWORD)
    phone = Phone(browser)
    link = re.search(r'href="(otpauth://[^"]+)"', browser.page)
    assert link is not None
    told = pyotp.parse_uri(link[1].replace("&amp;", "&"))
    assert (told.secret, told.name, told.issuer) == (phone.key, "rosa@example.com", "Maple Valley Schools")
    assert len(phone.key) == 32, "20 bytes"
    svg = next(parse(browser.page, namespaceHTMLElements=False).iter("{http://www.w3.org/2000/svg}svg"))
    assert svg.get("width") == svg.get("height")
    assert "style" not in {name for node in svg.iter() for name in node.attrib}, "the policy takes no style"
    browser.send(code="12345")
    assert (browser.status, "This code does not work" in browser.text) == (422, True)
    assert 'value="12345"' in browser.page
    assert mails("authenticator_on") == []
    browser.send(code=f" {phone.code()[:3]} {phone.code()[3:]} ")
    assert browser.text.startswith("Your backup codes")
    assert len(set(codes_on(browser))) == 8
    (mail,) = mails("authenticator_on", "rosa@example.com")
    assert "rosa@example.com" in mail.text
    assert "Authenticator app On Change" in browser.open("/security").text
    assert [event.action for event in m.AuditEvent.select().where(m.AuditEvent.account == cast.rosa)] == [
        "authenticator set up"
    ]
    assert authenticators.is_on(cast.rosa)
    assert not authenticators.is_on(cast.carlos)


def test_a_stolen_database_gives_nobody_a_code(app: Flask, portal: Settings, cast: Cast) -> None:
    phone, codes = with_app(app, cast.rosa)
    stored = repr([*m.Authenticator.select().tuples(), *m.BackupCode.select().tuples()])
    assert phone.key not in stored
    assert bytes(pyotp.TOTP(phone.key).byte_secret()).hex() not in stored
    assert not [code for code in codes if code.replace(" ", "") in stored]
    other, _ = set_up(Browser(app).sign_in(cast.stranger))
    assert other.key != phone.key


def test_backup_codes_are_shown_once(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa)
    _, codes = set_up(browser)
    for path in (PAGE, f"{PAGE}/codes", "/security"):
        browser.open(path)
        assert not [code for code in codes if code in browser.page]
    assert "You have 8 backup codes left." in browser.open(PAGE).text
    reload = browser.client.post(PAGE, data={"code": "123456", "csrf_token": token_of(browser)})
    assert reload.status_code == 200
    assert b"You have 8 backup codes left." in reload.data


def test_what_was_begun_waits_a_quarter_of_an_hour_for_the_first_code(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa).open(PAGE).send(present=PASSWORD)
    phone = Phone(browser)
    at(14 * 60)
    assert Phone(browser.open(PAGE)).key == phone.key, "a reload shows the same"
    at(15 * 60)
    browser.send(code=phone.code())
    assert "Please begin again" in browser.text
    assert browser.path == PAGE
    assert "Your present password" in browser.text
    assert not authenticators.is_on(cast.rosa)
    browser.send(present=PASSWORD)
    assert Phone(browser).key != phone.key, "what was shown long ago is void"


def test_what_another_browser_has_begun_is_not_shown_without_the_password(app: Flask, cast: Cast) -> None:
    Browser(app).sign_in(cast.rosa).open(PAGE).send(present=PASSWORD)
    other = Browser(app).sign_in(cast.rosa).open(PAGE)
    assert 'name="present"' in other.page
    assert "otpauth" not in other.page


def test_two_browsers_that_set_up_at_the_same_time_end_with_one_app(app: Flask, cast: Cast) -> None:
    first = Browser(app).sign_in(cast.rosa).open(PAGE).send(present=PASSWORD)
    second = Browser(app).sign_in(cast.rosa).open(PAGE).send(present=PASSWORD)
    old, new = Phone(first), Phone(second)
    first.send(code=old.code())
    assert first.status == 422, "the second one has replaced the key"
    second.send(code=new.code())
    assert len(codes_on(second)) == 8
    assert first.send(code=new.code()).status == 200
    assert codes_on(first) == [], "it is on already"
    assert m.BackupCode.select().count() == 8


def test_students_have_one_too(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.pupil)
    browser = Browser(app).sign_in(cast.pupil)
    assert browser.path == "/sign-in/code"
    assert browser.send(code=phone.code()).path == f"/students/{cast.ana.id}"


# ---- Signing in --------------------------------------------------------------------------------------------------


def test_after_the_right_password_the_code_is_asked_before_any_session_exists(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    sessions = m.LoginSession.select().count()
    browser = Browser(app).sign_in(cast.rosa)
    assert (browser.path, browser.text.split(".")[0]) == ("/sign-in/code", "Enter the code Your password is right")
    for attribute in ('autocomplete="one-time-code"', 'inputmode="numeric"'):
        assert attribute in browser.page
    assert m.LoginSession.select().count() == sessions
    assert browser.tab().open("/").path == "/sign-in", "the password alone opens nothing"
    assert browser.tab().open(f"/students/{cast.ana.id}").path == "/sign-in"
    browser.open("/sign-in/code").send(code=phone.code())
    assert browser.path == "/"
    assert "Ana Reyes" in browser.text
    assert m.LoginSession.select().count() == sessions + 1


def test_an_account_without_one_signs_in_as_before(app: Flask, cast: Cast) -> None:
    with_app(app, cast.rosa)
    assert Browser(app).sign_in(cast.carlos).path == "/"
    assert Browser(app).open("/sign-in/code").path == "/sign-in"


@pytest.mark.parametrize("preset", ["standard", "gwinnett", "denver", "clayton", "ccps", "henry"])
def test_every_preset_asks_for_the_code(make_app: MakeApp, preset: str) -> None:
    app = make_app(preset=preset)
    people = make_cast(app.extensions["homeroom"])
    phone, _ = with_app(app, people.rosa)
    browser = Browser(app).sign_in(people.rosa)
    assert browser.path == "/sign-in/code"
    assert browser.send(code=phone.code()).response.request.path.startswith(("/", "/students/"))
    assert "Ana Reyes" in browser.text


def test_the_page_that_was_asked_for_opens_in_the_end(make_app: MakeApp) -> None:
    app = make_app(two_steps=True)
    people = make_cast(app.extensions["homeroom"])
    phone, _ = with_app(app, people.rosa)
    browser = Browser(app).open("/messages")
    browser.send(user_name="rosa@example.com").send(password=PASSWORD)
    assert browser.path == "/sign-in/code"
    browser.send(code="111")
    assert browser.status == 422
    browser.tab().follow("Begin again").send(user_name="rosa@example.com")
    browser.send(code=phone.code())
    assert browser.path == "/messages"


def test_the_address_to_go_on_to_stays_on_this_host(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    browser = Browser(app).open("/sign-in?next=//evil.example/").send(user_name="rosa@example.com", password=PASSWORD)
    assert browser.send(code=phone.code()).path == "/"


def test_a_code_works_once(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    code = phone.code()
    assert Browser(app).sign_in(cast.rosa).send(code=code).path == "/"
    browser = Browser(app).sign_in(cast.rosa).send(code=code)
    assert (browser.status, "This code does not work" in browser.text) == (422, True)
    browser.send(code=phone.code(late=30))
    assert browser.status == 422, "nor one before it"
    at(90)
    assert browser.send(code=phone.code()).path == "/"


def test_the_code_of_the_set_up_does_not_sign_in(app: Flask, cast: Cast) -> None:
    phone, _ = set_up(Browser(app).sign_in(cast.rosa))
    assert Browser(app).sign_in(cast.rosa).send(code=phone.code()).status == 422


@pytest.mark.parametrize(("late", "path"), [(30, "/"), (-30, "/"), (60, "/sign-in/code"), (-60, "/sign-in/code")])
def test_a_phone_may_be_half_a_minute_off(app: Flask, cast: Cast, late: int, path: str) -> None:
    phone, _ = with_app(app, cast.rosa)
    at(120)
    assert Browser(app).sign_in(cast.rosa).send(code=phone.code(late=late)).path == path


def test_spaces_and_arabic_digits_are_read(app: Flask, cast: Cast) -> None:
    phone, codes = with_app(app, cast.rosa)
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    code = phone.code().translate(arabic)
    assert Browser(app).sign_in(cast.rosa).send(code=f"{code[:3]} {code[3:]}").path == "/"
    assert Browser(app).sign_in(cast.rosa).send(code=codes[0].replace(" ", "-").translate(arabic)).path == "/"


def test_a_backup_code_lets_in_once(app: Flask, cast: Cast) -> None:
    _, codes = with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa).send(code=codes[3])
    assert browser.path == "/"
    assert "You have 7 backup codes left." in browser.open(PAGE).text
    again = Browser(app).sign_in(cast.rosa).send(code=codes[3])
    assert again.status == 422
    assert again.send(code=codes[4].replace(" ", "")).path == "/"


def test_nobody_elses_code_will_do(app: Flask, cast: Cast) -> None:
    _, of_rosa = with_app(app, cast.rosa)
    at(0)
    wendys, of_wendy = with_app(app, cast.stranger)
    browser = Browser(app).sign_in(cast.rosa)
    for code in (wendys.code(), of_wendy[0]):
        assert browser.send(code=code).status == 422
    assert "Zoe" not in browser.text
    assert browser.send(code=of_rosa[0]).path == "/"
    assert "Zoe" not in browser.text


@pytest.mark.parametrize("code", ["", "abcdef", "000000000", "1" * 5000, "\0", "½²³", "<b>123</b>"])
def test_what_is_no_code_is_refused_with_the_page(app: Flask, cast: Cast, code: str) -> None:
    with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa).send(code=code)
    assert (browser.status, browser.path) == (422, "/sign-in/code")
    assert "<b>" not in browser.page


def test_the_access_log_shows_wrong_codes_as_failures(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa).send(code="12345")
    assert log_of(cast.rosa) == [True, False]
    browser.send(code=phone.code())
    assert log_of(cast.rosa) == [True, False, True]
    assert browser.open("/security").text.count("Failed") == 1


def test_the_code_has_to_follow_within_five_minutes(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    at(100)
    browser = Browser(app).open("/messages").send(user_name="rosa@example.com", password=PASSWORD)
    reloaded, sent = browser.tab(), browser.tab()
    at(100 + 299)
    assert reloaded.open("/sign-in/code").path == "/sign-in/code"
    at(100 + 300)
    sent.send(code=phone.code())
    assert (sent.path, "Please begin again" in sent.text) == ("/sign-in", True)
    sent.send(user_name="rosa@example.com", password=PASSWORD).send(code=phone.code())
    assert sent.path == "/messages", "the page that was asked for is not forgotten"


def test_back_and_a_second_tab_after_signing_in_show_who_is_signed_in(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa)
    other, again = browser.tab(), browser.tab()
    browser.send(code=phone.code())
    assert "This browser is signed in as Rosa Reyes" in other.open("/sign-in/code").text
    again.send(code="123456")
    assert (again.status, "This browser is signed in as Rosa Reyes" in again.text) == (400, True)
    browser.open("/").sign_out()
    assert "Please begin again" in browser.open("/sign-in/code").text


def test_what_stands_in_the_cookie_opens_nothing_twice(app: Flask, cast: Cast) -> None:
    phone, codes = with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa)
    (pending,) = m.OneTimeLink.select().where(m.OneTimeLink.used_at.is_null())
    assert (pending.purpose, pending.account) == ("second", cast.rosa)
    kept = browser.client.get_cookie("portal")
    assert kept is not None
    browser.send(code=phone.code())
    thief = Browser(app)
    thief.client.set_cookie("portal", kept.value)
    assert thief.open("/sign-in/code").path == "/sign-in"
    assert codes


# ---- Guessing ----------------------------------------------------------------------------------------------------


def test_wrong_codes_make_the_account_wait_and_the_password_does_not_forget_them(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    for _ in range(5):
        browser = Browser(app).sign_in(cast.rosa).send(code="12345")
        assert "After 5 wrong passwords in a row you have to wait" in browser.text
    assert m.Account.get_by_id(cast.rosa.id).blocked_until is not None
    assert Browser(app).sign_in(cast.rosa).status == 422, "not even the password is taken"
    at(60 + 61)
    assert Browser(app).sign_in(cast.rosa).send(code=phone.code()).path == "/"
    assert m.Account.get_by_id(cast.rosa.id).failures == 0


def test_while_the_account_waits_no_code_is_right(app: Flask, cast: Cast) -> None:
    phone, codes = with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa)
    for _ in range(5):
        browser.send(code="12345")
    assert browser.send(code=phone.code()).status == 422
    assert browser.send(code=codes[0]).status == 422
    at(60 + 61)
    assert browser.send(code=phone.code()).path == "/", "the same code, now that it counts"


def test_where_failures_lock_wrong_codes_lock(make_app: MakeApp) -> None:
    app = make_app(preset="clayton")
    people = make_cast(app.extensions["homeroom"])
    phone, _ = with_app(app, people.rosa)
    browser = Browser(app).sign_in(people.rosa)
    for _ in range(5):
        browser.send(code="12345")
    assert "the school has to reactivate the account" in browser.text
    assert m.Account.get_by_id(people.rosa.id).state == "locked"
    assert browser.send(code=phone.code()).status == 422
    app.test_cli_runner().invoke(args=["account", "unlock", "rosa@example.com"])
    assert Browser(app).sign_in(people.rosa).send(code=phone.code()).path == "/"


def test_wrong_codes_count_for_the_network_address(make_app: MakeApp) -> None:
    app = make_app(address_limit=4, lock_after=100)
    people = make_cast(app.extensions["homeroom"])
    phone, _ = with_app(app, people.rosa)
    browser = Browser(app).sign_in(people.rosa)
    for _ in range(4):
        assert browser.send(code="12345").status == 422
    refused = browser.send(code=phone.code())
    assert (refused.status, "wait a quarter of an hour" in refused.text) == (429, True)
    assert Browser(app).sign_in(people.carlos).status == 429
    at(60 + 15 * 60)
    assert Browser(app).sign_in(people.rosa).send(code=phone.code()).path == "/"


def test_a_day_has_twenty_wrong_codes_whatever_ends_the_wait(make_app: MakeApp) -> None:
    """Somebody with the owner's mailbox could end every wait with a new password."""
    app = make_app(address_limit=1000)
    people = make_cast(app.extensions["homeroom"])
    phone, _ = with_app(app, people.rosa)
    for number in range(5):
        browser = Browser(app).sign_in(people.rosa)
        for _ in range(4):
            browser.send(code="12345")
        assert browser.path == "/sign-in/code", number
        m.Account.update(failures=0, blocked_until=None).where(m.Account.id == people.rosa.id).execute()
    assert browser.send(code=phone.code()).status == 422
    at(24 * 3600 + 60)
    assert Browser(app).sign_in(people.rosa).send(code=phone.code()).path == "/"


# ---- Other ways in -----------------------------------------------------------------------------------------------


def test_a_reset_by_mail_or_by_code_does_not_switch_it_off(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    Browser(app).open("/forgot-password").send(email="rosa@example.com")
    new = {"password": "seven purple umbrellas", "repeated": "seven purple umbrellas"}
    Browser(app).open(link_in(mails("reset")[0])).send(**new)
    browser = Browser(app).sign_in(cast.rosa, new["password"])
    assert browser.path == "/sign-in/code"
    assert browser.send(code=phone.code()).path == "/"
    code = app.test_cli_runner().invoke(args=["account", "reset-link", "rosa@example.com", "--code"]).output
    new = {"password": "eight green teapots", "repeated": "eight green teapots"}
    Browser(app).open("/reset").send(code=code.splitlines()[0]).send(**new)
    assert Browser(app).sign_in(cast.rosa, new["password"]).path == "/sign-in/code"


def test_a_new_password_ends_a_sign_in_that_waits_for_its_code(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    Browser(app).open("/forgot-password").send(email="rosa@example.com")
    thief = Browser(app).sign_in(cast.rosa)
    new = {"password": "seven purple umbrellas", "repeated": "seven purple umbrellas"}
    Browser(app).open(link_in(mails("reset")[0])).send(**new)
    assert thief.send(code=phone.code()).path == "/sign-in"


def test_whoever_registers_anew_after_the_office_cancelled_has_none(app: Flask, portal: Settings, cast: Cast) -> None:
    with_app(app, cast.rosa)
    app.test_cli_runner().invoke(args=["account", "cancel", "rosa@example.com"])
    assert (m.Authenticator.select().count(), m.BackupCode.select().count()) == (0, 0)
    key = issue_key(cast.rosa.guardian, settings=portal, now=clock.now())
    Browser(app).open("/register").send(key=key).send(
        user_name="rosa@example.com", password="a long enough one", repeated="a long enough one"
    )
    assert Browser(app).sign_in(cast.rosa, "a long enough one").path == "/"


def test_a_deleted_account_takes_it_along(app: Flask, cast: Cast) -> None:
    with_app(app, cast.rosa)
    app.test_cli_runner().invoke(args=["account", "delete", "--yes", "rosa@example.com"])
    assert (m.Authenticator.select().count(), m.BackupCode.select().count()) == (0, 0)


# ---- Changing it -------------------------------------------------------------------------------------------------


def test_its_owner_ends_it_with_password_and_code(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa).send(code=phone.code())
    at(120)
    browser.open("/security").follow("Change").follow("End the authenticator app")
    for values, said in (
        ({"present": "wrong", "code": phone.code()}, "This is not your present password"),
        ({"present": PASSWORD, "code": "12345"}, "This code does not work"),
    ):
        browser.send(**values)
        assert (browser.status, said in browser.text) == (422, True)
    assert authenticators.is_on(cast.rosa)
    browser.send(present=PASSWORD, code=phone.code())
    assert (browser.path, "The authenticator app is off" in browser.text) == ("/security", True)
    assert len(mails("authenticator_off", "rosa@example.com")) == 1
    assert m.BackupCode.select().count() == 0
    assert Browser(app).sign_in(cast.rosa).path == "/"
    assert browser.open(f"{PAGE}/end").path == PAGE, "there is nothing to end"


def test_new_backup_codes_replace_the_old(app: Flask, cast: Cast) -> None:
    _, old = with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa).send(code=old[0]).open(PAGE).follow("New backup codes")
    assert browser.send(present=PASSWORD, code=old[0]).status == 422, "it was used"
    new = codes_on(browser.send(present=PASSWORD, code=old[1]))
    assert (len(new), set(new) & set(old)) == (8, set())
    assert Browser(app).sign_in(cast.rosa).send(code=old[2]).status == 422
    assert Browser(app).sign_in(cast.rosa).send(code=new[0]).path == "/"


# ---- As a duty ---------------------------------------------------------------------------------------------------


def test_where_the_district_wants_it_new_guardians_set_it_up_before_anything_else(make_app: MakeApp) -> None:
    app = make_app(first_duties=("authenticator",))
    school_year()
    mother = guardian("Rosa Reyes", (student("Ana Reyes", school()),), email="rosa@example.com")
    key = issue_key(mother, settings=app.extensions["homeroom"], now=clock.now())
    Browser(app).open("/register").send(key=key).send(password=PASSWORD, repeated=PASSWORD)
    rosa = m.Account.get()
    browser = Browser(app).sign_in(rosa)
    assert browser.path == "/welcome/authenticator"
    assert "Your account needs an authenticator app." in browser.text
    for path in ("/", "/messages", "/security", PAGE):
        assert browser.open(path).path == "/welcome/authenticator"
    browser.send()
    phone = Phone(browser)
    assert browser.send(code="12345").status == 422
    browser.send(code=phone.code())
    assert len(codes_on(browser)) == 8
    assert "Ana Reyes" in browser.follow("Go on").text
    at(60)
    browser = Browser(app).sign_in(rosa).send(code=phone.code())
    assert browser.path == "/"
    at(120)
    browser.open(f"{PAGE}/end").send(present=PASSWORD, code=phone.code())
    assert browser.path == "/welcome/authenticator", "ended is not done with"


def test_a_browser_that_was_left_open_at_the_duty_asks_for_the_password(app: Flask, cast: Cast) -> None:
    m.Account.update(duties=["authenticator"]).where(m.Account.id == cast.rosa.id).execute()
    browser = Browser(app).sign_in(cast.rosa)
    assert 'name="present"' not in browser.page
    at(16 * 60)
    browser.send()
    assert (browser.status, "not your present password" in browser.text) == (422, True)
    browser.send(present=PASSWORD)
    assert Phone(browser).key


def test_whoever_has_one_already_is_not_held_up_by_the_duty(app: Flask, cast: Cast) -> None:
    _, codes = with_app(app, cast.rosa)
    browser = Browser(app).sign_in(cast.rosa).send(code=codes[0])
    m.Account.update(duties=["authenticator"]).where(m.Account.id == cast.rosa.id).execute()
    assert browser.open("/welcome/authenticator").path == "/"
    assert m.Account.get_by_id(cast.rosa.id).duties == []


# ---- The school helps --------------------------------------------------------------------------------------------


def test_the_school_ends_it_for_somebody_who_has_lost_phone_and_codes(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast.rosa)
    half_way = Browser(app).sign_in(cast.rosa)
    run = app.test_cli_runner().invoke(args=["account", "end-authenticator", "ROSA@example.com"])
    assert (run.exit_code, run.output) == (0, "ROSA@example.com signs in without an authenticator.\n")
    assert half_way.send(code=phone.code()).path == "/sign-in", "begun under other rules"
    assert Browser(app).sign_in(cast.rosa).path == "/"
    (mail,) = mails("authenticator_off", "rosa@example.com")
    assert "has just been turned off" in mail.text
    event = m.AuditEvent.select().where(m.AuditEvent.account == cast.rosa).order_by(m.AuditEvent.id.desc()).get()
    assert (event.action, event.details) == ("authenticator ended", {"by": "command"})
    assert phone.key


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rosa@example.com"], "rosa@example.com has no authenticator"),
        (["nobody@example.com"], "no account has the user name"),
        ([], "give the user name of one account, or --all"),
        (["rosa@example.com", "--all"], "give the user name of one account, or --all"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(app: Flask, cast: Cast, arguments: list[str], said: str) -> None:
    run = app.test_cli_runner().invoke(args=["account", "end-authenticator", *arguments])
    assert run.exit_code != 0
    assert said in run.output
    assert mails("authenticator_off") == []


def test_after_a_new_secret_key_no_code_works_and_the_school_ends_them_all(make_app: MakeApp) -> None:
    app = make_app()
    people = make_cast(app.extensions["homeroom"])
    phone, codes = with_app(app, people.rosa)
    later = make_app(secret_key="another-secret-" + "y" * 32)
    browser = Browser(later).sign_in(people.rosa)
    for code in (phone.code(), codes[0]):
        assert browser.send(code=code).status == 422
    run = later.test_cli_runner().invoke(args=["account", "end-authenticator", "--all"])
    assert run.output == "1 authenticators ended.\n"
    assert Browser(later).sign_in(people.rosa).path == "/"


def token_of(browser: Browser) -> str:
    """The form token of the page."""
    return browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
