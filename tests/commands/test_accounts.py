"""`flask account`: one clear line for every trouble, and what was done is written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Browser
from click.testing import Result
from factories import PASSWORD, Cast, account, guardian, officer, school, school_year, staff, student
from flask import Flask
from werkzeug.security import generate_password_hash

from config import Settings
from models import Account, ActivationKey, AuditEvent, Guardianship, LoginSession, OfficeRole, Staff
from services import clock
from services.keys import issue as issue_key

MakeApp = Callable[..., Flask]

NEW_PASSWORD = "seven purple umbrellas"
HEADER = "user_name,password_hash,guardian_id,email\n"
OLD_HASH = generate_password_hash("the old password", "pbkdf2:sha256:1000")


def run(app: Flask, *arguments: str) -> Result:
    """Run a command; trouble is told without a traceback."""
    result = app.test_cli_runner().invoke(args=["account", *arguments])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def actions(of: Account | None = None) -> list[str]:
    """What the audit log has of an account."""
    chosen = AuditEvent.account == of if of is not None else AuditEvent.account.is_null()
    return [event.action for event in AuditEvent.select().where(chosen).order_by(AuditEvent.id)]


@pytest.mark.parametrize("text", ["rosa@example.com", " ROSA@Example.com ", "4711", "g-17"])
def test_find_knows_user_name_address_and_the_numbers_of_the_person(app: Flask, portal: Settings, text: str) -> None:
    rosa = account(guardian("Rosa Reyes", person_id="4711", sourced_id="g-17"), "rosa@example.com", portal)
    Account.update(last_sign_in_at=dt.datetime(2026, 11, 3, 8, 5)).where(Account.id == rosa.id).execute()
    account(guardian("Wendy Whitfield"), "wendy@example.com", portal)
    result = run(app, "find", text)
    assert result.exit_code == 0
    assert f"{rosa.id}  active  guardian  Rosa Reyes" in result.output
    assert "user name rosa@example.com, e-mail rosa@example.com, last sign-in 2026-11-03 08:05 UTC" in result.output
    assert "Wendy" not in result.output
    assert actions(rosa) == ["account looked up"]


def test_find_shows_what_state_an_account_is_in(app: Flask, portal: Settings) -> None:
    child = student("Ana Reyes", number="7001")
    account(child, "S07001", portal, state="locked")
    assert "locked  student  Ana Reyes" in run(app, "find", "7001").output
    assert "e-mail none, last sign-in never" in run(app, "find", "S07001").output


@pytest.mark.parametrize("command", ["find", "unlock", "enable", "reset-link", "cancel", "delete --yes"])
def test_an_unknown_name_is_one_clear_line(app: Flask, command: str) -> None:
    result = run(app, *command.split(), "nobody@example.com")
    assert result.exit_code == 1
    assert result.output.startswith("Error: no account has ")
    assert result.output.count("\n") == 1
    assert AuditEvent.select().count() == 0


@pytest.mark.parametrize(("command", "state"), [("unlock", "locked"), ("enable", "disabled"), ("enable", "dormant")])
def test_a_closed_account_is_given_back(app: Flask, cast: Cast, command: str, state: str) -> None:
    Account.update(state=state, failures=5).where(Account.id == cast.rosa.id).execute()
    browser = Browser(app).sign_in(cast.rosa)
    assert browser.path == ("/sign-in/address" if state == "dormant" else "/sign-in")
    result = run(app, command, "Rosa@example.com")
    assert (result.exit_code, result.output) == (0, "Rosa@example.com is active.\n")
    stored = Account.get_by_id(cast.rosa.id)
    assert (stored.state, stored.failures) == ("active", 0)
    assert stored.reactivated_at is not None
    assert actions(cast.rosa)[-1] == "account reactivated"
    assert browser.sign_in(cast.rosa).path == "/"


def test_a_wait_after_wrong_passwords_ends_too(app: Flask, cast: Cast) -> None:
    Account.update(failures=9, blocked_until=clock.now() + dt.timedelta(hours=1)).where(
        Account.id == cast.rosa.id
    ).execute()
    assert Browser(app).sign_in(cast.rosa).path == "/sign-in"
    assert run(app, "unlock", "rosa@example.com").exit_code == 0
    assert Browser(app).sign_in(cast.rosa).path == "/"


@pytest.mark.parametrize(("state", "said"), [("pending", "waits for its e-mail address"), ("cancelled", "cancelled")])
def test_what_waits_for_its_owner_is_not_enabled(app: Flask, cast: Cast, state: str, said: str) -> None:
    Account.update(state=state).where(Account.id == cast.rosa.id).execute()
    result = run(app, "enable", "rosa@example.com")
    assert result.exit_code == 1
    assert said in result.output
    assert Account.get_by_id(cast.rosa.id).state == state


def test_a_reset_link_sets_a_new_password_once(app: Flask, cast: Cast) -> None:
    result = run(app, "reset-link", "rosa@example.com")
    link = result.output.strip()
    assert link.startswith("http://localhost/reset/")
    assert actions(cast.rosa) == ["reset link made"]
    browser = Browser(app).open(link.removeprefix("http://localhost"))
    browser.send(password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert "Your new password is set" in browser.page
    assert browser.sign_in(cast.rosa, NEW_PASSWORD).path == "/"
    assert Browser(app).open(link.removeprefix("http://localhost")).status == 404


def test_a_printed_code_is_good_for_72_hours(app: Flask, cast: Cast) -> None:
    printed = clock.now()
    result = run(app, "reset-link", "rosa@example.com", "--code")
    code, where = result.output.splitlines()
    assert where == "To be typed at http://localhost/reset within 72 hours."
    assert actions(cast.rosa) == ["reset code made"]
    clock.set_source(lambda: printed + dt.timedelta(hours=73))
    assert "does not work" in Browser(app).open("/reset").send(code=code).text
    clock.set_source(lambda: printed + dt.timedelta(hours=71))
    browser = Browser(app).open("/reset").send(code=code.lower().replace("-", " "))
    browser.send(password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert browser.sign_in(cast.rosa, NEW_PASSWORD).path == "/"


@pytest.mark.parametrize("state", ["pending", "dormant", "cancelled"])
def test_no_link_is_handed_out_where_an_address_has_to_be_proved(app: Flask, cast: Cast, state: str) -> None:
    Account.update(state=state).where(Account.id == cast.rosa.id).execute()
    result = run(app, "reset-link", "rosa@example.com")
    assert result.exit_code == 1
    assert f"rosa@example.com is {state}: " in result.output
    assert "/reset/" not in result.output


def test_a_cancelled_owner_registers_anew(app: Flask, portal: Settings, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa)
    assert run(app, "cancel", "rosa@example.com").exit_code == 0
    assert Account.get_by_id(cast.rosa.id).state == "cancelled"
    assert actions(cast.rosa)[-1] == "account cancelled"
    assert browser.open("/").path == "/sign-in"
    key = issue_key(cast.rosa.guardian, settings=portal, now=clock.now())
    browser.open("/register").send(key=key)
    browser.send(user_name="rosa.reyes@example.com", password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert Account.get(Account.user_name_key == "rosa.reyes@example.com").id == cast.rosa.id
    result = run(app, "cancel", "wendy@example.com")
    assert run(app, "cancel", "wendy@example.com").exit_code == 1 and result.exit_code == 0


def test_delete_asks_first_and_leaves_nothing_of_the_account(app: Flask, cast: Cast) -> None:
    Browser(app).sign_in(cast.rosa)
    Guardianship.update(activated_at=clock.now()).where(Guardianship.guardian == cast.rosa.guardian_id).execute()
    assert run(app, "delete", "rosa@example.com").exit_code == 1, "nobody has said yes"
    assert Account.get_or_none(Account.id == cast.rosa.id)
    result = run(app, "delete", "rosa@example.com", "--yes")
    assert (result.exit_code, result.output) == (0, "rosa@example.com is deleted.\n")
    assert Account.get_or_none(Account.id == cast.rosa.id) is None
    assert LoginSession.select().count() == 0
    event = AuditEvent.get(AuditEvent.action == "account deleted")
    assert event.details == {"account": cast.rosa.id, "guardian": cast.rosa.guardian_id, "reason": "command"}
    assert not Guardianship.select().where(Guardianship.activated_at.is_null(False)).exists()
    assert Browser(app).sign_in(cast.rosa).path == "/sign-in"


# ---- Import from an older portal ---------------------------------------------------------------------------------


def bring(app: Flask, tmp_path: Path, rows: str, *flags: str, header: str = HEADER) -> Result:
    """Import these rows."""
    file = tmp_path / "accounts.csv"
    file.write_bytes(("\ufeff" + header + rows).encode())
    return run(app, "import", str(file), *flags)


@pytest.fixture
def denver(make_app: MakeApp) -> Flask:
    return make_app(preset="denver")


def test_good_rows_become_accounts_and_bad_ones_are_listed_by_line(denver: Flask, tmp_path: Path) -> None:
    settings: Settings = denver.extensions["homeroom"]
    maria = guardian("Maria Lopez", person_id="100", sourced_id="g-1", language="es")
    john = guardian("John Park", person_id="101")
    for number in ("102", "103", "104", "105", "106"):
        guardian(f"Guardian {number}", person_id=number)
    guardian("Gone", person_id="107", active=False)
    guardian("Twin", person_id="108"), guardian("Twin", person_id="108")
    student("Ana Reyes", number="7654321")
    account(guardian("Has One", person_id="109", sourced_id="g-9"), "HasOne123", settings, email="one@example.com")
    account(guardian("Was Cancelled", person_id="110"), "WasCancelled", settings, state="cancelled")
    key = issue_key(maria, settings=settings, now=clock.now())
    rows = [
        f"mlopez,{OLD_HASH},g-1,Maria@Example.com",  # 2
        'jpark,"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",101,',  # 3
        f"someone,{OLD_HASH},999,",  # 4
        "plain,letmein,102,",  # 5
        f"HASONE123,{OLD_HASH},102,",  # 6
        f" ,{OLD_HASH},102,",  # 7
        f"other,{OLD_HASH},109,",  # 8
        f"other,{OLD_HASH},110,",  # 9
        f"other,{OLD_HASH},107,",  # 10
        f"other,{OLD_HASH},108,",  # 11
        f"7654321,{OLD_HASH},102,",  # 12
        f"MLopez,{OLD_HASH},102,",  # 13
        f"again,{OLD_HASH},100,",  # 14
        "jp,$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65,103,",  # 15
        "slow,$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW,103,",  # 16
        f"four,{OLD_HASH},104,one@example.com",  # 17
        f"five,{OLD_HASH},105,not an address",  # 18
        f"x\x07y,{OLD_HASH},106,",  # 19
    ]
    text = "\n".join(rows)
    dry = bring(denver, tmp_path, text, "--dry-run")
    assert "4 accounts would be imported, 14 rows left out." in dry.output
    assert Account.select().count() == 2 and AuditEvent.select().count() == 0

    result = bring(denver, tmp_path, text)
    assert result.exit_code == 0
    assert dry.output.replace("would be imported", "imported") == result.output
    said = result.output.splitlines()
    assert said[:14] == [
        "left out: line 4: guardian_id: no guardian of the feed has it",
        "left out: line 5: password_hash: the password hash has no format that the portal knows",
        "left out: line 6: user_name: taken by another account",
        "left out: line 7: user_name: needs 1 to 100 readable characters",
        "left out: line 8: guardian_id: this guardian has an account",
        "left out: line 9: guardian_id: the office cancelled this guardian's account; the guardian registers anew",
        "left out: line 10: guardian_id: this guardian has left the feed",
        "left out: line 11: guardian_id: several guardians have it",
        "left out: line 12: user_name: a student signs in with it",
        "left out: line 13: user_name: taken by another account",
        "left out: line 14: guardian_id: this guardian has an account",
        "left out: line 15: more cells than the header has: put quotes around what holds a comma",
        "left out: line 16: password_hash: the password hash wants more work than a sign-in may cost",
        "left out: line 19: user_name: needs 1 to 100 readable characters",
    ]
    assert said[14:] == [
        "note: line 17: email: used by another account; the guardian is asked for one",
        "note: line 18: email: not an e-mail address; the guardian is asked for one",
        "4 accounts imported, 14 rows left out.",
    ]
    assert OLD_HASH not in result.output and "Maria" not in result.output
    brought = Account.get(Account.guardian == maria)
    assert (brought.user_name, brought.state, brought.duties) == ("mlopez", "active", ["email", "questions"])
    assert (brought.email, brought.email_verified_at, brought.language) == ("Maria@example.com", None, "es")
    assert actions(brought) == ["account brought over"]
    assert Account.get(Account.guardian == john).password_hash.startswith("argon2$")
    assert ActivationKey.get().revoked_at is not None and key
    again = bring(denver, tmp_path, text)
    assert "0 accounts imported, 18 rows left out." in again.output


def test_questions_are_asked_only_where_the_preset_asks_them(app: Flask, portal: Settings, tmp_path: Path) -> None:
    guardian("Maria Lopez", person_id="100")
    bring(app, tmp_path, f"mlopez,{OLD_HASH},100", header="guardian_id,USER_NAME,password_hash\n")
    assert Account.select().count() == 0, "the columns are named in another order"
    bring(app, tmp_path, f"100,mlopez,{OLD_HASH}", header="guardian_id,USER_NAME,password_hash\n")
    assert Account.get().duties == ["email"]


def test_where_tokens_open_children_one_by_one_they_still_do(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(preset="gwinnett")
    school_year()
    child = student("Ana Reyes", school())
    rosa = guardian("Rosa Reyes", (child,), person_id="100")
    token = issue_key(rosa, child=child, settings=app.extensions["homeroom"], now=clock.now())
    bring(app, tmp_path, f"rosa,{OLD_HASH},100,rosa@example.com")
    assert (Account.get().per_child, Account.get().duties) == (True, ["email", "agreement"])
    assert ActivationKey.get().revoked_at is None, "her child's token opens him to her"
    assert token


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: no column user_name, password_hash, guardian_id"),
        (b"user_name,hash\n", "line 1: no column password_hash, guardian_id"),
        (HEADER.encode() + b"caf\xe9,x,1,\n", "the file is not UTF-8"),
        (HEADER.encode() + b'"' + b"x" * 200_000 + b'",x,1,\n', "line 2: field larger than field limit"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(app: Flask, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "accounts.csv"
    file.write_bytes(content)
    result = run(app, "import", str(file))
    assert result.exit_code == 1
    assert said in result.output
    assert result.output.count("\n") == 1
    assert Account.select().count() == 0


def test_the_command_says_which_file_it_cannot_find(app: Flask) -> None:
    assert "does not exist" in run(app, "import", "/nonexistent.csv").output


def test_staff_are_found_too(app: Flask, portal: Settings) -> None:
    teacher = staff("Dana Okafor", identifier="T-1")
    Account.create(
        staff=teacher, user_name="dana", user_name_key="dana", password_hash=PASSWORD, created_at=clock.now()
    )
    assert "active  staff  Dana Okafor" in run(app, "find", "T-1").output


@pytest.mark.parametrize(
    ("preset", "role", "said"),
    [
        ("standard", "guardian", "Its owner needs a new key: flask keys export --person g-1"),
        ("henry", "student", "Its owner needs a new key: flask keys export --role student --person s-1"),
        ("ccps", "student", "The student claims it again at http://localhost/claim"),
        ("denver", "student", "as the first time, with number and date of birth."),
        ("clayton", "student", "Students get no accounts here: student_accounts is 'off'."),
    ],
)
def test_cancel_says_how_its_owner_comes_back(make_app: MakeApp, preset: str, role: str, said: str) -> None:
    app = make_app(preset=preset)
    pupil = student("Ana Reyes", school(), sourced_id="s-1")
    owner = pupil if role == "student" else guardian("Rosa Reyes", (pupil,), sourced_id="g-1")
    account(owner, "somebody1", app.extensions["homeroom"])
    assert said in run(app, "cancel", "somebody1").output


def test_export_with_nothing_to_issue_says_why(make_app: MakeApp) -> None:
    app = make_app(preset="henry")
    runner = app.test_cli_runner()

    def said(*options: str) -> str:
        return runner.invoke(args=["keys", "export", *options]).stderr

    assert said() == "No keys issued: no student is enrolled there today.\n"
    school_year()
    ana = student("Ana Reyes", school(), sourced_id="s-1")
    rosa = guardian("Rosa Reyes", (ana,), sourced_id="g-1")
    account(rosa, "rosareyes7", app.extensions["homeroom"])
    assert said("--person", "s-1") == "No keys issued: s-1 is a student: add --role student.\n"
    assert said("--person", "nobody") == "No keys issued: nobody has the sourcedId 'nobody'.\n"
    assert "every guardian has an account or a key that still works (--reissue makes new ones) or no child" in said()
    assert "for students add --role student" in said("--reissue")
    assert said("--role", "student") == "1 keys issued, good for 60 days.\n"
    assert "--reissue" in said("--role", "student")


def test_export_says_where_students_get_no_keys(make_app: MakeApp) -> None:
    said = make_app(preset="ccps").test_cli_runner().invoke(args=["keys", "export", "--role", "student"])
    assert "students get no keys here: student_accounts is 'claim'" in said.stderr


def test_staff_who_have_left_the_feed_come_back_as_the_person_it_brings_now(app: Flask, portal: Settings) -> None:
    clerk = officer("clerk", portal)
    Staff.update(active=False).where(Staff.id == clerk.staff_id).execute()
    add = ["staff", "add", clerk.email, "--role", "clerk"]
    said = app.test_cli_runner().invoke(args=add)
    assert said.exit_code != 0 and "give --name" in said.output, said.output
    assert Account.get_by_id(clerk.id).staff_id == clerk.staff_id
    now_called = staff("Office Clerk", email=clerk.email)
    assert app.test_cli_runner().invoke(args=add).exit_code == 0
    assert Account.get_by_id(clerk.id).staff == now_called and OfficeRole.select().count() == 1
