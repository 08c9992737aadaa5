"""Who is asking, and what the office then does to an account, at the counter and on the phone (H04, D20, C02)."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import factories
import pytest
from browsing import Browser, link_in, mails
from factories import PASSWORD, Cast, officer
from flask import Flask
from werkzeug.security import generate_password_hash

import models as m
from config import Settings
from services import authenticators, clock, former_accounts

NEW_PASSWORD = "seven purple umbrellas"
SECRET_NUMBER = "123-45-6789"

#: What Rosa says on the phone.
CALL = {
    "guardian_name": "rosa reyes", "student_name": "Ana Reyes", "address": "12 Elm Street, Springfield 97477",
    "phone": "(503) 555-0101", "secret": "123456789",
}  # fmt: skip


def at(person: m.Guardian | m.Student, page: str = "account") -> str:
    kind = "guardians" if isinstance(person, m.Guardian) else "students"
    return f"/office/{kind}/{person.id}/{page}"


def state_of(account: m.Account) -> str:
    found: str = m.Account.get_by_id(account.id).state
    return found


def now_is(moment: dt.datetime) -> None:
    clock.set_source(lambda: moment)


@pytest.fixture
def family(cast: Cast, portal: Settings) -> Cast:
    """What the SIS has of Rosa and Ana: an address, a phone, a secret number."""
    factories.telephone(cast.rosa.guardian, "503-555-0101")
    factories.address(cast.rosa.guardian, "12 Elm Street", "97477-1234")
    factories.secret(cast.ana, SECRET_NUMBER, portal)
    return cast


@pytest.fixture
def staff(family: Cast, portal: Settings) -> m.Account:
    """A counselor of Ana's school."""
    at_school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == family.ana).school
    return officer("counselor", portal, at=at_school)


@pytest.fixture
def office(app: Flask, staff: m.Account) -> Browser:
    """The counselor at work."""
    return Browser(app).sign_in_to_office(staff)


def seen(browser: Browser, person: m.Guardian | m.Student) -> Browser:
    """The page of an account, after somebody has shown a driver's license at the counter."""
    browser.open(at(person, "identity"))
    who = {"shown_by": "student"} if isinstance(person, m.Student) else {}
    return browser.send(document="license", **who)


def press(browser: Browser, person: m.Guardian | m.Student, action: str) -> Browser:
    """A button of the account's page."""
    return browser.open(at(person)).send(at(person, f"account/{action}"))


# ---- Who is asking -----------------------------------------------------------------------------------------------


def test_H04_nothing_is_told_or_done_before_it_is_clear_who_is_asking(office: Browser, family: Cast) -> None:
    guardian = family.rosa.guardian
    office.open(f"/office/guardians/{guardian.id}").follow("Help with the account")
    assert office.path == at(guardian, "identity")
    assert family.rosa.user_name not in office.page and "Rosa" not in office.text
    office.follow("Somebody is calling instead")
    for answer in ("Rosa", "Reyes", "Ana", "Elm", "97477", "0101", family.ana.number, "6789"):
        assert answer not in office.text, "the answers are not on the page"
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', office.page)
    assert token is not None
    answer = office.client.post(at(guardian, "account/cancel"), data={"csrf_token": token[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, at(guardian, "identity"))
    assert state_of(family.rosa) == "active"


def test_H04_in_person_the_kind_of_the_document_is_kept(office: Browser, family: Cast, staff: m.Account) -> None:
    guardian = family.rosa.guardian
    office.open(at(guardian, "identity")).send(document="")
    assert office.status == 422 and "Choose the kind of document" in office.text
    office.send(document="library card")
    assert office.status == 422 and m.IdentityCheck.select().count() == 0
    office.send(document="consular_id")
    assert office.path == at(guardian) and family.rosa.user_name in office.text
    check = m.IdentityCheck.get()
    assert (check.checked_by_id, check.guardian_id, check.student_id) == (staff.id, guardian.id, None)
    assert (check.document, check.asked, check.matched, check.passed) == ("consular_id", [], [], True)
    event = m.AuditEvent.get(m.AuditEvent.action == "identity checked")
    assert event.details["check"] == check.id and event.details["document"] == "consular_id"


def test_H04_for_a_student_it_is_kept_who_came(office: Browser, family: Cast) -> None:
    office.open(at(family.ana, "identity")).send(document="passport")
    assert office.status == 422 and "Choose who has shown it." in office.text
    assert "Former Guardian" not in office.text, "a restricted guardian is nobody to ask"
    office.send(document="passport", shown_by=str(family.revoked.guardian_id))
    assert office.status == 422
    office.send(document="passport", shown_by=str(family.rosa.guardian_id))
    assert office.path == at(family.ana) and family.pupil.user_name in office.text
    assert (m.IdentityCheck.get().guardian_id, m.IdentityCheck.get().student_id) == (
        family.rosa.guardian_id, family.ana.id,
    )  # fmt: skip


def test_H04_on_the_phone_all_answers_match_and_only_the_questions_are_kept(office: Browser, family: Cast) -> None:
    guardian = family.rosa.guardian
    office.open(at(guardian, "identity/phone")).send(**CALL)
    assert office.path == at(guardian), office.text
    assert family.rosa.user_name in office.text and "7123456" in office.text, "the guardian's user name and the child's"
    check = m.IdentityCheck.get()
    assert check.asked == check.matched == ["guardian_name", "student_name", "address", "phone", "secret"]
    assert (check.guardian_id, check.student_id, check.document) == (guardian.id, family.ana.id, None)
    kept = json.dumps([one.details for one in m.AuditEvent.select()]) + json.dumps([check.asked, check.matched])
    for answer in ("Elm", "97477", "555", "6789", "Rosa"):
        assert answer not in kept
    assert office.open(at(family.ana)).path == at(family.ana), "the caller was asked about this child"
    assert office.open(at(family.ben)).status == 404, "Ben is at another school"
    assert office.open(at(family.carlos.guardian)).path == at(family.carlos.guardian, "identity")


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ({"guardian_name": "Reyes, Rosa", "student_name": "ÁNA REYES", "secret": SECRET_NUMBER}, True),
        ({"guardian_name": "Rosa Reyes", "address": "12, 97477", "secret": "123 45 6789"}, True),
        ({"phone": "5550101", "student_name": "Ana Reyes", "secret": "123456789"}, True),
        ({"phone": "+1 503 555 0101", "student_name": "Ana Reyes", "secret": "123456789"}, True),
        ({"phone": "0101", "student_name": "Ana Reyes", "secret": "123456789"}, False),
        ({"guardian_name": "Rosa Reyes", "secret": "123456789"}, False),
        ({"guardian_name": "Rosa Reyes", "student_name": "Ana Reyes", "phone": "5035550101"}, False),
        ({**CALL, "secret": "987654321"}, False),
        ({**CALL, "address": "14 Elm Street 97477"}, False),
        ({**CALL, "address": "Elm Street"}, False),
        ({**CALL, "guardian_name": "Rosa"}, False),
        ({**CALL, "guardian_name": "Wendy Whitfield"}, False),
        ({**CALL, "student_name": "Zoe Whitfield"}, False),
        ({**CALL, "student_name": "%"}, False),
        ({**CALL, "phone": "503-555-0102"}, False),
        ({**CALL, "secret": "{number}"}, False),
    ],
)
def test_H04_three_questions_the_secret_among_them_and_nothing_wrong(
    office: Browser, family: Cast, said: dict[str, str], passes: bool
) -> None:
    said = {name: value.format(number=family.ana.number) for name, value in said.items()}
    office.open(at(family.rosa.guardian, "identity/phone")).send(**said)
    check = m.IdentityCheck.get()
    assert check.passed is passes
    assert check.asked == [name for name in CALL if name in said]
    if passes:
        assert office.path == at(family.rosa.guardian)
        return
    assert office.status == 422 and "Ask the caller to come in with a document." in office.text
    assert office.text.count("Does not match") == len(check.asked) - len(check.matched)
    assert said["secret"] not in office.page if "secret" in said else True
    assert office.open(at(family.rosa.guardian)).path == at(family.rosa.guardian, "identity")


def test_H04_without_a_secret_in_the_sis_the_student_number_counts(office: Browser, family: Cast) -> None:
    m.IdentificationCode.delete().execute()
    call = {name: value for name, value in CALL.items() if name != "secret"}
    page = at(family.rosa.guardian, "identity/phone")
    assert 'name="secret"' not in office.open(page).page
    office.send(**call)
    assert office.status == 422, "knows neither"
    office.open(page).send(**call, number=family.zoe.number)
    assert office.status == 422
    office.open(page).send(**call, number=f" {family.ana.number} ")
    assert office.path == at(family.rosa.guardian)


def test_H04_the_number_of_a_child_who_has_a_secret_is_not_enough(app: Flask, family: Cast, portal: Settings) -> None:
    browser = Browser(app).sign_in_to_office(officer("admin", portal))
    page = at(family.rosa.guardian, "identity/phone")
    assert {'name="secret"' in browser.open(page).page, 'name="number"' in browser.page} == {True}, "Ben has no secret"
    ana, ben = (
        {"guardian_name": "Rosa Reyes", "student_name": child.name, "number": child.number}
        for child in (family.ana, family.ben)
    )
    assert browser.send(**ana).status == 422
    assert browser.open(page).send(**{**ben, "student_name": "Ana Reyes"}).status == 422, "one child's name, another's"
    assert browser.open(page).send(**ben).path == at(family.rosa.guardian)
    assert m.IdentityCheck.select().order_by(m.IdentityCheck.id.desc()).first().student_id == family.ben.id


def test_H04_a_restricted_guardian_is_not_helped_by_phone(office: Browser, family: Cast) -> None:
    m.Guardianship.update(office_access=False).where(m.Guardianship.guardian == family.rosa.guardian).execute()
    office.open(at(family.rosa.guardian, "identity/phone"))
    assert office.path == at(family.rosa.guardian, "identity") and "Guardianship is not confirmed" in office.page
    m.Guardian.update(given_name="Rosa", family_name="Reyes").where(
        m.Guardian.id == family.revoked.guardian_id
    ).execute()
    m.Telephone.update(guardian=family.revoked.guardian).execute()
    call = {**CALL, "address": ""}
    assert office.open(at(family.ana, "identity/phone")).send(**call).status == 422


def test_H04_wrong_calls_about_one_person_are_limited_a_day(office: Browser, family: Cast) -> None:
    page = at(family.rosa.guardian, "identity/phone")
    for _ in range(5):
        assert office.open(page).send(**{**CALL, "phone": "5035559999"}).status == 422
    assert office.open(page).send(**CALL).status == 429
    assert "Too many calls about this person" in office.text
    assert m.IdentityCheck.select().count() == 5
    assert office.open(at(family.carlos.guardian, "identity/phone")).send(student_name="x").status == 422, "not others'"
    assert seen(office, family.rosa.guardian).path == at(family.rosa.guardian), "a document helps"


def test_H04_an_empty_call_is_no_try(office: Browser, family: Cast) -> None:
    for _ in range(7):
        office.open(at(family.rosa.guardian, "identity/phone")).send(guardian_name="  ")
        assert office.status == 422 and "Type what the caller has answered." in office.text
    assert m.IdentityCheck.select().count() == 0


def test_H04_a_check_lasts_half_an_hour_of_one_working_session_of_one_person(
    app: Flask, family: Cast, staff: m.Account, portal: Settings
) -> None:
    start = dt.datetime(2026, 11, 16, 15, 0)
    now_is(start)
    office = Browser(app).sign_in_to_office(staff)
    guardian = family.rosa.guardian
    assert seen(office, guardian).path == at(guardian)
    now_is(start + dt.timedelta(minutes=29))
    assert office.open(at(guardian)).path == at(guardian)
    colleague = Browser(app).sign_in_to_office(officer("admin", portal))
    assert colleague.open(at(guardian)).path == at(guardian, "identity")
    again = Browser(app).sign_in_to_office(staff)
    assert again.open(at(guardian)).path == at(guardian, "identity"), "a new session asks anew"
    now_is(start + dt.timedelta(minutes=31))
    assert office.open(at(guardian)).path == at(guardian, "identity")


# ---- What is done ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["locked", "disabled", "dormant", "left"])
def test_H04_an_account_is_opened_again(app: Flask, office: Browser, family: Cast, state: str) -> None:
    m.Account.update(state=state, failures=5).where(m.Account.id == family.rosa.id).execute()
    seen(office, family.rosa.guardian)
    action = "unlock" if state == "locked" else "enable"
    press(office, family.rosa.guardian, action)
    assert f"The account is {action}" in office.page
    assert Browser(app).sign_in(family.rosa).path == "/"
    event = m.AuditEvent.get(m.AuditEvent.action == f"office: {action}")
    assert event.account_id != family.rosa.id
    assert event.details == {
        "account": family.rosa.id, "guardian": family.rosa.guardian_id, "check": m.IdentityCheck.get().id,
    }  # fmt: skip


def test_H04_a_delay_after_wrong_passwords_is_ended(app: Flask, office: Browser, family: Cast) -> None:
    m.Account.update(failures=9, blocked_until=clock.now() + dt.timedelta(hours=1)).where(
        m.Account.id == family.rosa.id
    ).execute()
    assert "no password is taken before" in seen(office, family.rosa.guardian).text
    press(office, family.rosa.guardian, "unlock")
    assert Browser(app).sign_in(family.rosa).path == "/"


def test_H04_disabling_and_ending_sessions_count_at_once(app: Flask, office: Browser, family: Cast) -> None:
    guardian = family.rosa.guardian
    seen(office, guardian)
    parent = Browser(app).sign_in(family.rosa)
    press(office, guardian, "sign_out")
    assert parent.open("/").path == "/sign-in"
    parent.sign_in(family.rosa)
    press(office, guardian, "disable")
    assert (state_of(family.rosa), parent.open("/").path) == ("disabled", "/sign-in")
    assert "account/code" not in office.open(at(guardian)).page, "no password opens it before it is enabled"


def test_H04_a_one_time_link_goes_by_mail_and_staff_never_see_it(app: Flask, office: Browser, family: Cast) -> None:
    seen(office, family.rosa.guardian)
    press(office, family.rosa.guardian, "link")
    [mail] = mails("reset", "rosa@example.com")
    assert link_in(mail) not in office.page
    parent = Browser(app).open(link_in(mail)).send(password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert parent.status == 200
    assert Browser(app).sign_in(family.rosa, NEW_PASSWORD).path == "/"
    for _ in range(6):
        press(office, family.rosa.guardian, "link")
    assert "enough went to this address" in office.page and len(mails("reset")) == 5


def test_H04_a_reset_code_is_printed_once_and_works_once_for_72_hours(
    app: Flask, office: Browser, family: Cast
) -> None:
    guardian = family.rosa.guardian
    m.Account.update(email=None, email_verified_at=None, language="es").where(m.Account.id == family.rosa.id).execute()
    seen(office, guardian)
    assert "account/link" not in office.open(at(guardian)).page, "there is no address"
    press(office, guardian, "code")
    shown = re.findall(r'<p class="code"><bdi dir="ltr">([^<]+)</bdi>', office.page)
    assert shown[0] == "http://localhost/reset" and "<svg" in office.page and 'lang="es"' in office.page
    code = shown[1]
    assert code not in office.open(at(guardian)).page
    assert code not in json.dumps([one.details for one in m.AuditEvent.select()])
    assert m.OneTimeLink.get(m.OneTimeLink.purpose == "code").expires_at - clock.now() > dt.timedelta(hours=71)
    parent = Browser(app).open("/reset").send(code=code)
    parent.send(password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert Browser(app).sign_in(family.rosa, NEW_PASSWORD).path == "/"
    assert Browser(app).open("/reset").send(code=code).status == 422


def test_H04_an_authenticator_is_ended_and_its_owner_told(
    app: Flask, office: Browser, family: Cast, portal: Settings
) -> None:
    guardian = family.rosa.guardian
    assert "account/end_authenticator" not in seen(office, guardian).page
    m.Authenticator.create(account=family.rosa, salt="00" * 16, confirmed_at=clock.now())
    press(office, guardian, "end_authenticator")
    assert not authenticators.is_on(family.rosa)
    assert len(mails("authenticator_off", "rosa@example.com")) == 1


def test_D08_a_cancelled_account_lets_its_owner_register_anew(app: Flask, office: Browser, family: Cast) -> None:
    guardian = family.rosa.guardian
    seen(office, guardian)
    parent = Browser(app).sign_in(family.rosa)
    press(office, guardian, "cancel")
    assert "The account is cancelled." in office.page and "There is no account." in office.text
    assert (state_of(family.rosa), parent.open("/").path) == ("cancelled", "/sign-in")


def test_H04_a_students_account_is_helped_like_a_guardians(app: Flask, office: Browser, family: Cast) -> None:
    m.Account.update(state="disabled").where(m.Account.id == family.pupil.id).execute()
    office.open(f"/office/students/{family.ana.id}").follow("Help with the account")
    office.follow("Somebody is calling instead").send(**CALL)
    assert office.path == at(family.ana)
    press(office, family.ana, "enable")
    assert state_of(family.pupil) == "active"
    assert m.AuditEvent.get(m.AuditEvent.action == "office: enable").student_id == family.ana.id


def test_H04_what_the_state_does_not_allow_is_not_done(app: Flask, office: Browser, family: Cast) -> None:
    guardian = family.rosa.guardian
    seen(office, guardian)
    late = office.open(at(guardian)).tab()
    m.Account.update(state="pending", email_verified_at=None).where(m.Account.id == family.rosa.id).execute()
    for action in ("code", "disable", "sign_out"):
        late.open(at(guardian))
        token = re.search(r'name="csrf_token" value="([^"]+)"', late.page)
        assert token is not None and f"account/{action}" not in late.page
        late.client.post(at(guardian, f"account/{action}"), data={"csrf_token": token[1]})
    assert state_of(family.rosa) == "pending" and m.OneTimeLink.select().count() == 0
    assert late.open(at(guardian, "account/password")).status == 404, "nobody sets a password"
    press(late, guardian, "link")
    assert len(mails("reset")) == 1, "the mail that its owner waits for"


def test_H04_only_the_roles_of_the_desk_and_only_their_schools(app: Flask, family: Cast, portal: Settings) -> None:
    elementary = m.SchoolEnrollment.get(m.SchoolEnrollment.student == family.ben).school
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=elementary))
    assert clerk.open(at(family.ana, "identity")).status == 404
    assert clerk.open(at(family.stranger.guardian, "identity")).status == 404
    assert clerk.open(at(family.rosa.guardian, "identity")).status == 200, "Ben's mother too"
    teacher = Browser(app).sign_in_to_office(officer("teacher", portal, person=family.teacher))
    for page in ("account", "identity", "identity/phone"):
        assert teacher.open(at(family.ana, page)).status == 404
        assert Browser(app).sign_in(family.rosa).open(at(family.ana, page)).status == 404
    assert "Help with the account" not in teacher.open(f"/office/students/{family.ana.id}").text


# ---- D20 ---------------------------------------------------------------------------------------------------------


def test_D20_my_old_user_name_wont_work(app: Flask, family: Cast, portal: Settings) -> None:
    brought = factories.guardian("Maria Lopez", (family.ana,), person_id="4711")
    never = factories.guardian("Omar Haddad", (family.ana,), person_id="4712")
    old_hash = generate_password_hash("forgotten", "pbkdf2:sha256:1000")
    rows = ["user_name,password_hash,guardian_id", f"M.Lopez,{old_hash},4711"]
    assert former_accounts.bring(rows, settings=portal, now=clock.now()).accounts == 1
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal))
    text = seen(clerk, brought).text
    assert "M.Lopez" in text and "Active" in text and "Brought over from the older portal" in text
    press(clerk, brought, "code")
    code = re.findall(r'<p class="code"><bdi dir="ltr">([^<]+)</bdi>', clerk.page)[1]
    parent = Browser(app).open("/reset").send(code=code)
    parent.send(password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    parent.open("/sign-in").send(user_name="m.lopez", password=NEW_PASSWORD)
    assert parent.path == "/welcome/email"
    text = seen(clerk, never).text
    assert "There is no account. None was brought over" in text
    assert "Brought over" not in seen(clerk, family.rosa.guardian).text, "made here"
    assert PASSWORD not in clerk.page


def test_H04_odd_names_and_long_answers_do_no_harm(office: Browser, family: Cast) -> None:
    odd: dict[str, Any] = {"given_name": "<b>Rosa</b>\u202e", "family_name": "O'Neil-" + "x" * 240}
    m.Guardian.update(odd).where(m.Guardian.id == family.rosa.guardian_id).execute()
    assert "<b>" not in seen(office, family.rosa.guardian).page
    press(office, family.rosa.guardian, "code")
    assert "<b>" not in office.page
    office.open(at(family.rosa.guardian, "identity/phone")).send(
        guardian_name="\u202eb rosa b ONeil " + "x" * 240, student_name="'; --" * 50, secret="0" * 5000
    )
    assert office.status == 422
