"""The lists that the office works through, and what the district's admin sees (C05, S05, S09, X07, X09)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable

import factories
import pytest
from browsing import Browser, mails
from factories import TODAY, Cast, officer
from flask import Flask

import models as m
from config import Settings
from services import clock, contact_requests
from services.record import disclosures


def school_of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def table(browser: Browser) -> list[list[str]]:
    """The CSV that was just downloaded."""
    assert browser.response.mimetype == "text/csv", browser.page[:200]
    assert "attachment" in browser.response.headers["Content-Disposition"]
    assert browser.response.headers["Cache-Control"] == "no-store"
    return list(csv.reader(io.StringIO(browser.page.lstrip("\ufeff"))))


def token_of(browser: Browser) -> str:
    return browser.page.split('name="csrf_token" value="')[1].split('"')[0]


def audited(action: str) -> list[m.AuditEvent]:
    return list(m.AuditEvent.select().where(m.AuditEvent.action == action))


# ---- Requests (C05) ---------------------------------------------------------------------------------------------


def a_request(of: m.Account, body: str = "We moved to 9 Oak Ave.", **values: object) -> m.ContactRequest:
    return m.ContactRequest.create(account=of, body=body, created_at=clock.now(), **values)


def test_C05_office_answers_a_request_and_the_guardian_is_told_that_there_is_an_answer(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    rosa = Browser(app).sign_in(cast.rosa).open("/family")
    rosa.send("/family", body="We moved to 9 Oak Ave.")
    clerk = officer("clerk", portal, at=school_of(cast.ben))
    browser = Browser(app).sign_in_to_office(clerk).open("/office").follow("Requests").follow("Rosa Reyes")
    assert "We moved to 9 Oak Ave." in browser.text and "Ben Reyes" in browser.text
    assert "Ana Reyes" not in browser.text, "a child at another school"
    browser.send(button=("state", "done"), body="Changed, thank you.")
    request = m.ContactRequest.get()
    assert (request.state, request.answer, request.closed_by) == ("done", "Changed, thank you.", clerk)
    (event,) = audited("contact request answered")
    assert event.details == {"request": request.id, "guardian": cast.rosa.guardian_id, "outcome": "done"}
    assert "Changed, thank you." in rosa.open("/family").text
    (mail,) = mails("answered", "rosa@example.com")
    assert "Changed" not in mail.text and "Oak" not in mail.text and "http://localhost/family" in mail.text
    assert "There are no requests." in browser.open("/office/requests").text
    assert "Rosa Reyes" in browser.open("/office/requests?state=done").text


def test_C05_office_needs_an_answer_that_fits_and_answers_once(app: Flask, cast: Cast, portal: Settings) -> None:
    request = a_request(cast.rosa)
    browser = Browser(app).sign_in_to_office(officer("admin", portal)).open(f"/office/requests/{request.id}")
    late = browser.tab()
    for typed, says in (("  ", "Write something first."), ("x" * 501, "501 characters"), ("a\x07", "cannot be sent")):
        browser.send(button=("state", "declined"), body=typed)
        assert browser.status == 422 and says in browser.text
    assert m.ContactRequest.get().state == "open"
    browser.send(button=("state", "open"), body="Hm")
    assert m.ContactRequest.get().state == "open" and "Nothing was changed" in browser.text
    browser.open(f"/office/requests/{request.id}").send(button=("state", "declined"), body="Please bring a lease.")
    late.send(button=("state", "done"), body="Too late")
    assert "Nothing was changed" in late.text and "Please bring a lease." in late.text
    assert m.ContactRequest.get().answer == "Please bring a lease." and len(mails("answered")) == 1


def test_C05_office_sees_the_requests_of_its_own_schools_alone(app: Flask, cast: Cast, portal: Settings) -> None:
    a_request(cast.rosa, "Mine")
    theirs = a_request(cast.stranger, "Theirs")
    browser = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ben))).open("/office/requests")
    assert "Mine" in browser.text and "Theirs" not in browser.text
    assert browser.open(f"/office/requests/{theirs.id}").status == 404
    assert browser.open("/office/requests/987654").status == 404
    assert browser.open("/office/requests?state=nonsense").status == 404
    for role in ("teacher", "counselor"):
        other = Browser(app).sign_in_to_office(officer(role, portal, person=None))
        assert other.open("/office/requests").status == other.open(f"/office/requests/{theirs.id}").status == 404
    assert Browser(app).sign_in(cast.stranger).open(f"/office/requests/{theirs.id}").status == 404


def test_C05_office_reads_hostile_text_as_text_and_many_requests_page_by_page(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    for number in range(contact_requests.SHOWN + 1):
        a_request(cast.rosa, f"<b>Number</b> {number} \u202e")
    browser = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/requests")
    assert "<b>Number" not in browser.page and "<b>Number</b> 0" in browser.text
    assert "Number</b> 50" not in browser.text
    browser.follow("More requests")
    assert "Number</b> 50" in browser.text and "More requests" not in browser.text


def test_C05_office_list_costs_the_same_for_many(app: Flask, cast: Cast, portal: Settings) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    a_request(cast.rosa)
    few = admin.queries("/office/requests")
    for number in range(20):
        other = factories.guardian(f"G{number} Many", (cast.zoe,))
        a_request(factories.account(other, f"many{number}@example.com", portal))
    assert admin.queries("/office/requests") == few


# ---- Resets (S05) -----------------------------------------------------------------------------------------------


@pytest.fixture
def ccps(make_app: Callable[..., Flask]) -> Flask:
    """A portal whose students claim accounts."""
    return make_app(preset="ccps")


@pytest.fixture
def pupils(ccps: Flask) -> Cast:
    return factories.cast(ccps.extensions["homeroom"])


def test_S05_a_teacher_asks_the_office_resets_and_the_student_claims_again(ccps: Flask, pupils: Cast) -> None:
    portal: Settings = ccps.extensions["homeroom"]
    pupil = Browser(ccps).sign_in(pupils.pupil)
    teacher = Browser(ccps).sign_in_to_office(officer("teacher", portal, person=pupils.teacher))
    teacher.open(f"/office/students/{pupils.ana.id}").follow("Ask for a reset of this student's account").send()
    assert "The office has your request." in teacher.text and "Open" in teacher.text
    request = m.ResetRequest.get()
    assert (request.student, request.state) == (pupils.ana, "open")
    assert audited("reset asked for")[0].student == pupils.ana
    assert teacher.open("/office/resets").status == 404, "the office does it"
    clerk = officer("clerk", portal, at=school_of(pupils.ana))
    browser = Browser(ccps).sign_in_to_office(clerk).open("/office").follow("Account resets")
    assert "Ana Reyes" in browser.text and "Dana Okafor" in browser.text
    browser.send(f"/office/resets/{request.id}", button=("outcome", "done"))
    assert "The account of Ana Reyes is reset." in browser.text
    assert m.Account.get_by_id(pupils.pupil.id).state == "cancelled"
    assert pupil.open("/").path.startswith("/sign-in"), "every session has ended"
    assert audited("reset done")[0].details == {"request": request.id, "account": pupils.pupil.id}
    assert "Done" in teacher.open(f"/office/students/{pupils.ana.id}/reset").text
    m.Student.update(first_delivered_at=clock.now() - dt.timedelta(days=3)).execute()
    again = Browser(ccps).open("/claim")
    again.send(given_name="Ana", family_name="Reyes", student_number=pupils.ana.number)
    assert again.status == 200 and "password" in again.page, again.text


def test_S05_only_what_can_be_reset_is_asked_for_and_once(ccps: Flask, pupils: Cast) -> None:
    portal: Settings = ccps.extensions["homeroom"]
    teacher = Browser(ccps).sign_in_to_office(officer("teacher", portal, person=pupils.teacher))
    teacher.open(f"/office/students/{pupils.zoe.id}/reset")
    assert "no account that could be reset" in teacher.text
    assert '<form method="post">' not in teacher.page
    teacher.open(f"/office/students/{pupils.ana.id}/reset")
    second = teacher.tab()
    teacher.send()
    second.send()
    assert "Nothing was changed" in second.text and m.ResetRequest.select().count() == 1
    token = token_of(second)
    answer = second.client.post(f"/office/students/{pupils.zoe.id}/reset", data={"csrf_token": token})
    assert answer.status_code == 303 and m.ResetRequest.select().count() == 1
    stranger = Browser(ccps).sign_in_to_office(officer("teacher", portal))
    assert stranger.open(f"/office/students/{pupils.ana.id}/reset").status == 404
    assert teacher.open("/office/students/987654/reset").status == 404
    assert Browser(ccps).sign_in(pupils.rosa).open(f"/office/students/{pupils.ana.id}/reset").status == 404


def test_S05_a_declined_reset_leaves_the_account_and_other_schools_are_not_reached(ccps: Flask, pupils: Cast) -> None:
    portal: Settings = ccps.extensions["homeroom"]
    request = m.ResetRequest.create(student=pupils.ana, created_at=clock.now())
    far = Browser(ccps).sign_in_to_office(officer("clerk", portal, at=school_of(pupils.ben))).open("/office/resets")
    assert "Ana Reyes" not in far.text
    assert far.client.post(f"/office/resets/{request.id}", data={"csrf_token": token_of(far)}).status_code == 404
    browser = Browser(ccps).sign_in_to_office(officer("counselor", portal)).open("/office/resets")
    late = browser.tab()
    browser.send(f"/office/resets/{request.id}", button=("outcome", "nonsense"))
    assert m.ResetRequest.get().state == "open"
    browser.send(f"/office/resets/{request.id}", button=("outcome", "declined"))
    assert "declined" in browser.text and m.Account.get_by_id(pupils.pupil.id).state == "active"
    late.send(f"/office/resets/{request.id}", button=("outcome", "done"))
    assert "Nothing was changed" in late.text and m.Account.get_by_id(pupils.pupil.id).state == "active"
    assert "Ana Reyes" in browser.open("/office/resets?state=declined").text


def test_S05_where_students_have_no_accounts_there_is_nothing_to_reset(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal)).open(f"/office/students/{cast.ana.id}")
    assert "Ask for a reset" not in admin.text
    assert admin.open(f"/office/students/{cast.ana.id}/reset").status == 404
    assert "Students have no accounts in this district." in admin.open("/office/resets").text


# ---- Claims (S09) -----------------------------------------------------------------------------------------------


def test_S09_who_has_not_claimed_by_school_and_grade_as_page_and_file(ccps: Flask, pupils: Cast) -> None:
    portal: Settings = ccps.extensions["homeroom"]
    m.Student.update(given_name="=1+1").where(m.Student.id == pupils.ben.id).execute()
    browser = Browser(ccps).sign_in_to_office(officer("admin", portal)).open("/office").follow("Not registered yet")
    assert "2 students of 3 have not claimed an account." in browser.text
    assert "Cedar Middle Grade 7 2 1 50%" in browser.text and "Juniper Elementary Grade 3 1 1 100%" in browser.text
    assert "Zoe Whitfield" in browser.text and "Ana Reyes" not in browser.text
    browser.open(f"/office/claims?of=students&school={school_of(pupils.ben).id}&group=03")
    assert "Zoe" not in browser.text and "=1+1 Reyes" in browser.text
    rows = table(browser.open("/office/claims.csv?of=students"))
    assert [row[0] for row in rows[1:]] == ["Zoe Whitfield", "'=1+1 Reyes"]
    assert audited("not registered yet downloaded")[0].details == {"of": "students", "rows": 2}


def test_S09_a_cancelled_account_counts_as_none_and_who_left_does_not_count(ccps: Flask, pupils: Cast) -> None:
    portal: Settings = ccps.extensions["homeroom"]
    m.Account.update(state="cancelled").where(m.Account.id == pupils.pupil.id).execute()
    m.SchoolEnrollment.update(exit_date=dt.date(2026, 10, 1)).where(m.SchoolEnrollment.student == pupils.ben).execute()
    m.SchoolEnrollment.create(sourced_id="again", student=pupils.zoe, school=school_of(pupils.zoe))
    browser = Browser(ccps).sign_in_to_office(officer("admin", portal)).open("/office/claims")
    assert "2 students of 2 have not claimed" in browser.text and "Juniper" not in browser.text.split("Announce")[0]
    assert browser.text.count("Zoe Whitfield") == 1
    m.School.update(switched_on=False).execute()
    assert "0 students of 0 have not claimed" in browser.open("/office/claims").text


def test_S09_without_accounts_of_students_it_is_guardians_by_grade_and_by_language(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    nadia = factories.guardian("Nadia Newcomer", (cast.ben,), language="es", email="nadia@example.com", person_id="77")
    factories.guardianship(cast.ben, factories.guardian("No Access"), portal_access=False)
    browser = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/claims")
    assert "1 guardian of 4 has no account." in browser.text and "Nadia Newcomer" in browser.text
    assert "No Access" not in browser.text and "Students by grade" not in browser.text
    assert browser.open("/office/claims?of=students").status == 404
    browser.open("/office/claims").follow("Guardians by language")
    assert (
        "Juniper Elementary Spanish 1 1 100%" in browser.text and "Juniper Elementary Not known 1 0 0%" in browser.text
    )
    rows = table(browser.open("/office/claims.csv?of=languages"))
    assert rows[1] == [
        "Nadia Newcomer", "77", "es", "nadia@example.com", "Ben Reyes", cast.ben.number, "Juniper Elementary", "03",
    ]  # fmt: skip
    factories.account(nadia, "nadia@example.com", portal)
    assert "0 guardians of 4 have no account." in browser.open("/office/claims").text


def test_S09_each_office_counts_its_own_schools(app: Flask, cast: Cast, portal: Settings) -> None:
    factories.guardian("Nadia Newcomer", (cast.ben,))
    factories.guardian("Yara Yonder", (cast.zoe,))
    browser = (
        Browser(app).sign_in_to_office(officer("counselor", portal, at=school_of(cast.ben))).open("/office/claims")
    )
    assert "Nadia" in browser.text and "Yara" not in browser.text and "Cedar" not in browser.text
    browser.open(f"/office/claims?school={school_of(cast.zoe).id}&group=07")
    assert "Yara" not in browser.text
    assert "Yara" not in browser.open(f"/office/claims.csv?school={school_of(cast.zoe).id}").page
    assert "Announce with a deadline" not in browser.open("/office/claims").text, "a counselor tells nobody"
    token = token_of(browser)
    assert browser.client.post("/office/claims/announce", data={"csrf_token": token}).status_code == 404
    teacher = Browser(app).sign_in_to_office(officer("teacher", portal, person=cast.teacher))
    assert teacher.open("/office/claims").status == teacher.open("/office/claims.csv").status == 404


def test_S09_the_announcement_is_a_draft_in_every_language_that_the_office_edits(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    browser = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/claims")
    for bad in ("", "soon", "2026-11-15"):
        browser.send("/office/claims/announce", deadline=bad)
        assert browser.status == 422 and "Enter a day that is still to come." in browser.text
    browser.send("/office/claims/announce", deadline="2026-12-01", grade_levels="07, 08")
    assert browser.status == 200 and m.Notice.select().count() == 0
    assert "register by December 1, 2026" in browser.page and 'id="title_ar"' in browser.page
    assert 'id="grade_levels" name="grade_levels" type="text" value="07, 08"' in browser.page
    browser.send("/office/notices/new", title_en="Register by December 1")
    assert browser.path == "/office/notices" and "The notice is published." in browser.text
    notice = m.Notice.get()
    assert (notice.grade_levels, notice.begins_on, notice.ends_on, notice.is_public) == (
        "07, 08", TODAY, dt.date(2026, 12, 1), True,
    )  # fmt: skip
    texts = {text.language: text for text in notice.translations}
    assert texts["en"].title == "Register by December 1" and {"es", "vi", "ar", "so"} <= set(texts)
    assert "Register by December 1" in Browser(app).open("/sign-in").text, "who has no account reads it there"


def test_S09_a_clerk_announces_for_the_own_school(app: Flask, cast: Cast, portal: Settings) -> None:
    clerk = officer("clerk", portal, at=school_of(cast.ben))
    browser = Browser(app).sign_in_to_office(clerk).open("/office/claims")
    browser.send("/office/claims/announce", deadline="2026-12-01").send("/office/notices/new")
    assert m.Notice.get().school == school_of(cast.ben)


# ---- The audit log (X09) ----------------------------------------------------------------------------------------


def test_X09_the_log_is_searched_by_person_student_event_and_days(app: Flask, cast: Cast, portal: Settings) -> None:
    clerk = officer("clerk", portal, person=factories.staff("Carla Clerk", email="carla@maplevalley.example"))
    Browser(app).sign_in_to_office(clerk).open(f"/office/students/{cast.ana.id}").open(
        f"/office/students/{cast.ben.id}"
    )
    m.AuditEvent.create(at=dt.datetime(2026, 1, 15, 4, 30), account=cast.rosa, action="message sent", student=cast.ana)
    admin = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office").follow("Who looked at what")
    assert "Carla Clerk" in admin.text and "page: student" in admin.text and "Rosa Reyes" in admin.text
    for query, there, gone in (
        ({"person": "CLERK carla"}, "Carla Clerk", "message sent"),
        ({"person": "rosa@example.com"}, "message sent", "Carla Clerk"),
        ({"student": "ben"}, "Ben Reyes", "Ana Reyes"),
        ({"student": cast.ana.number}, "Ana Reyes", "Ben Reyes"),
        ({"action": "message"}, "message sent", "Carla Clerk"),
        # Half past four in the night, UTC, is the evening before in the district.
        ({"first_day": "2026-01-14", "last_day": "2026-01-14"}, "message sent", "Carla Clerk"),
        ({"first_day": "2026-01-15"}, "Carla Clerk", "message sent"),
    ):
        admin.open("/office/audit").send(**query)
        assert not any(value in admin.response.request.full_path for value in query.values())
        main = admin.text.split("Search", 1)[1]
        assert there in main and gone not in main, query
    for odd in ("%", "'; --", "nobody"):
        assert "There are no events." in admin.open("/office/audit").send(person=odd).text
    assert admin.open("/office/audit").send(first_day="soon").status == 422


def test_X09_the_log_is_read_page_by_page_and_as_a_safe_file(app: Flask, cast: Cast, portal: Settings) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    for number in range(150):
        m.AuditEvent.create(
            at=clock.now(), account=cast.rosa, action="e", details={"place": f"p{number}", "none": None}
        )
    m.Student.update(given_name="@SUM(1)").where(m.Student.id == cast.ana.id).execute()
    m.AuditEvent.create(at=clock.now(), student=cast.ana, action="student viewed", details={"page": "<b>x</b>"})
    admin.open("/office/audit").send(action="e")
    of_e = admin.response.request.query_string.decode()
    assert "p149" in admin.text and "p40" not in admin.text and "none" not in admin.text
    assert "<b>x" not in admin.page
    admin.follow("Earlier events")
    assert "p40" in admin.text and "p149" not in admin.text and "Earlier events" not in admin.text
    admin.open("/office/audit").send(student="reyes")
    rows = table(admin.open(f"/office/audit.csv?{admin.response.request.query_string.decode()}"))
    assert [row[5] for row in rows[1:]] == ["'@SUM(1) Reyes"]
    assert audited("audit log downloaded")[0].details == {"rows": 1}
    assert len(table(admin.open(f"/office/audit.csv?{of_e}"))) == 153


def test_X09_nobody_changes_the_log_and_only_an_admin_reads_it(app: Flask, cast: Cast, portal: Settings) -> None:
    for role in ("teacher", "counselor", "clerk"):
        other = Browser(app).sign_in_to_office(officer(role, portal))
        assert other.open("/office/audit").status == other.open("/office/audit.csv").status == 404
    assert Browser(app).sign_in(cast.rosa).open("/office/audit").status == 404
    audit = [rule for rule in app.url_map.iter_rules() if rule.endpoint in ("office.audit", "office.audit_file")]
    assert len(audit) == 2 and all((rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"} for rule in audit)


def test_X09_the_log_costs_the_same_for_many_events(app: Flask, cast: Cast, portal: Settings) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    few = admin.queries("/office/audit")
    for account in (cast.rosa, cast.carlos, cast.pupil, cast.stranger, None):
        for child in (cast.ana, cast.ben, cast.zoe, None):
            m.AuditEvent.create(at=clock.now(), account=account, student=child, action="x")
    assert admin.queries("/office/audit") == few


# ---- Who looked (X07) -------------------------------------------------------------------------------------------


def test_X07_a_guardian_sees_who_at_the_school_looked_at_each_childs_record(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    clerk = officer("clerk", portal, person=factories.staff("Carla Clerk", email="carla@maplevalley.example"))
    counselor = officer("counselor", portal, person=factories.staff("Cole Counselor", email="cole@maplevalley.example"))
    Browser(app).sign_in_to_office(clerk).open(f"/office/students/{cast.ana.id}").open(
        f"/office/students/{cast.zoe.id}"
    )
    Browser(app).sign_in_to_office(counselor).open(f"/office/students/{cast.ben.id}")
    m.AuditEvent.create(at=clock.now(), account=cast.carlos, student=cast.ana, action="message sent")
    m.AuditEvent.create(at=clock.now(), account=cast.carlos, student=cast.ana, action="student viewed")
    rosa = Browser(app).sign_in(cast.rosa).open("/my-data")
    ana, ben = rosa.text.split("Ben Reyes", 1)
    assert "Carla Clerk School office" in ana and "The student's page" in ana and "Cole" not in ana
    assert "Cole Counselor Counselor" in ben and "Carla" not in ben
    assert "Carlos" not in rosa.text, "what the family itself did is not the school's look"
    assert "Carla Clerk" in Browser(app).sign_in(cast.stranger).open("/my-data").text, "she looked at Zoe too"
    assert "Cole" not in Browser(app).sign_in(cast.carlos).open("/my-data").text
    assert "Carla" not in Browser(app).sign_in(cast.revoked).open("/my-data").text
    assert "Carla Clerk" in Browser(app).sign_in(cast.pupil).open("/my-data").text


def test_X07_at_most_a_hundred_looks_at_each_child_by_two_queries(app: Flask, cast: Cast, portal: Settings) -> None:
    clerk = officer("clerk", portal)
    for number in range(105):
        m.AuditEvent.create(at=clock.now(), account=clerk, student=cast.ana, action="student viewed",
                            details={"page": f"p{number}"})  # fmt: skip
    m.AuditEvent.create(at=clock.now(), account=clerk, student=cast.ben, action="student listed", details={"page": "x"})
    m.AuditEvent.create(at=clock.now(), student=cast.ben, action="student viewed", details=[])
    found = disclosures.looks([cast.ana.id, cast.ben.id, cast.zoe.id])
    assert [one.page for one in found[cast.ana.id]][:2] == ["p104", "p103"] and len(found[cast.ana.id]) == 100
    assert [(one.name, one.role) for one in found[cast.ben.id]] == [("", ""), ("Office Clerk", "clerk")]
    assert cast.zoe.id not in found and disclosures.looks([]) == {}
    rosa = Browser(app).sign_in(cast.rosa)
    assert "Somebody who no longer works here" in rosa.open("/my-data").text
    many = rosa.queries("/my-data")
    m.AuditEvent.delete().where(m.AuditEvent.student == cast.ana).execute()
    assert rosa.queries("/my-data") == many


# ---- Usage ------------------------------------------------------------------------------------------------------


def test_usage_counts_guardians_by_language_and_sign_ins_by_week(app: Flask, cast: Cast, portal: Settings) -> None:
    factories.guardian("Nadia Newcomer", (cast.ben,), language="es")
    clerk = officer("clerk", portal)
    m.SignInAttempt.delete().execute()
    for account, at, succeeded in (
        (cast.rosa, dt.datetime(2026, 11, 16, 5, 1), True),  # one minute past midnight on Monday, in New York
        (cast.rosa, dt.datetime(2026, 11, 16, 4, 59), True),  # still Sunday there
        (cast.rosa, dt.datetime(2026, 11, 17), True), (cast.pupil, dt.datetime(2026, 11, 18), True),
        (cast.carlos, dt.datetime(2026, 11, 18), False), (clerk, dt.datetime(2026, 11, 18), True),
        (cast.rosa, dt.datetime(2026, 1, 1), True),
    ):  # fmt: skip
        m.SignInAttempt.create(account=account, at=at, ip="127.0.0.1", succeeded=succeeded)
    clock.set_source(lambda: dt.datetime(2026, 11, 18, 12))
    admin = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office").follow("Usage")
    assert "3 guardians of 4 have an account." in admin.text
    assert "Juniper Elementary Spanish 0 1" in admin.text
    assert "Nov 9, 2026 1 0 1 Nov 16, 2026 2 1 2" in admin.text
    assert admin.page.count("<rect ") == 12 and "style=" not in admin.page
    for role in ("teacher", "counselor", "clerk"):
        assert Browser(app).sign_in_to_office(officer(role, portal)).open("/office/usage").status == 404


def test_usage_of_an_empty_portal_is_a_page_too(app: Flask, portal: Settings) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    assert "0 guardians of 0 have an account." in admin.open("/office/usage").text
