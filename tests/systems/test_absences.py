"""Absences that guardians report, and what the office makes of them (X11)."""

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


def day(ahead: int) -> str:
    return (TODAY + dt.timedelta(days=ahead)).isoformat()


def school_of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def report(browser: Browser, *children: m.Student, **values: str) -> Browser:
    chosen = {f"child_{child.id}": "y" for child in children}
    return browser.open("/absences").send("/absences", **{"reason": "illness", **chosen, **values})


def stored() -> list[m.AbsenceReport]:
    return list(m.AbsenceReport.select().order_by(m.AbsenceReport.id))


def a_report(cast: Cast, child: m.Student | None = None, **values: object) -> m.AbsenceReport:
    given = {"first_day": TODAY, "last_day": TODAY, "reason": "illness", "created_at": dt.datetime(2026, 11, 16, 11)}
    return m.AbsenceReport.create(account=cast.rosa, student=child or cast.ana, **{**given, **values})


def test_X11_one_report_for_several_children_is_stored_and_shown_with_its_state(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa).open("/").follow("Report an absence")
    report(rosa, cast.ana, cast.ben, last_day=day(2), note="Flu, the doctor says.\nBack on Thursday.")
    assert rosa.path == "/absences" and "The school has your report." in rosa.text
    first, second = stored()
    assert [first.student, second.student] == [cast.ana, cast.ben]
    assert (first.first_day, first.last_day, first.from_time, first.reason, first.state) == (
        TODAY, TODAY + dt.timedelta(days=2), None, "illness", "new",
    )  # fmt: skip
    assert first.note == "Flu, the doctor says.\nBack on Thursday."
    assert "Ana Reyes Nov 16, 2026 – Nov 18, 2026 Illness · sent" in rosa.text and "Sent" in rosa.text
    events = m.AuditEvent.select().where(m.AuditEvent.action == "absence reported")
    assert {(one.account_id, one.student_id) for one in events} == {
        (cast.rosa.id, cast.ana.id), (cast.rosa.id, cast.ben.id),
    }  # fmt: skip
    assert not mails("absence"), "without an address there is only the list"


def test_X11_a_part_of_a_day(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    report(rosa, cast.ana, first_day=day(1), from_time="10:30", until_time="12:00", reason="appointment")
    assert (stored()[0].from_time, stored()[0].until_time) == (dt.time(10, 30), dt.time(12))
    assert "Nov 17, 2026 from 10:30 AM until 12:00 PM" in rosa.text.replace("\u202f", " ")
    report(rosa, cast.ana, first_day=day(2), until_time="9:15", reason="appointment")
    assert "Nov 18, 2026 until 9:15 AM" in rosa.text.replace("\u202f", " ")
    report(rosa, cast.ana, first_day=day(3), from_time="2 pm", reason="appointment")
    assert "Nov 19, 2026 from 2:00 PM on" in rosa.text.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"first_day": ""}, "Enter the day."),
        ({"first_day": "soon"}, "Enter a date such as 2026-04-30."),
        ({"first_day": day(-4)}, "This is too long ago: Nov 13, 2026 at the earliest."),
        ({"first_day": day(31)}, "This is too far ahead: Dec 16, 2026 at the latest."),
        ({"last_day": day(-1)}, "The last day is before the first one."),
        ({"last_day": day(14)}, "At most 14 days can be reported at once."),
        ({"first_day": day(25), "last_day": day(31)}, "This is too far ahead"),
        ({"last_day": "2026-02-30"}, "Enter a date such as 2026-04-30."),
        ({"from_time": "noonish"}, "Enter a time such as 10:30."),
        ({"from_time": "25:00"}, "Enter a time such as 10:30."),
        ({"from_time": "12:00", "until_time": "10:30"}, "This time is not after the other one."),
        ({"last_day": day(1), "until_time": "10:30"}, "Times are for a part of one day."),
        ({"reason": ""}, "Choose a reason."),
        ({"note": "x" * 501}, "The message has 501 characters. At most 500 fit"),
        ({"note": "a\x07b"}, "The message holds characters that cannot be sent."),
    ],
)
def test_X11_what_cannot_be_is_refused_and_what_was_typed_stays(
    app: Flask, cast: Cast, values: dict[str, str], says: str
) -> None:
    rosa = report(Browser(app).sign_in(cast.rosa), cast.ana, **{"note": "Please keep this", **values})
    assert rosa.status == 422 and says in rosa.text
    assert not stored()
    if "note" not in values:
        assert "Please keep this" in rosa.page
    assert f'name="child_{cast.ana.id}" value="y" checked' in rosa.page


def test_X11_the_borders_of_the_days_are_in(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    report(rosa, cast.ana, first_day=day(-3), last_day=day(10))
    report(rosa, cast.ana, first_day=day(17), last_day=day(30))
    report(rosa, cast.ana, first_day="11/20/2026")
    assert len(stored()) == 3 and stored()[2].first_day == dt.date(2026, 11, 20)


def test_X11_no_child_is_a_mistake_and_a_reason_is_one_of_the_list(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa).open("/absences")
    rosa.send("/absences", reason="illness")
    assert rosa.status == 422 and "Choose for which child." in rosa.text
    token = rosa.page.split('name="csrf_token" value="')[1].split('"')[0]
    forged = {"csrf_token": token, "first_day": day(0), f"child_{cast.ana.id}": "y", "reason": "vacation"}
    assert rosa.client.post("/absences", data=forged).status_code == 422
    assert not stored()


def test_X11_the_districts_own_reasons_are_offered_in_its_order(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(absence_reasons=["other", "family"])
    cast = factories.cast(app.extensions["homeroom"])
    rosa = Browser(app).sign_in(cast.rosa).open("/absences")
    assert "Illness" not in rosa.text
    assert rosa.text.index("Another reason") < rosa.text.index("Family matter")


def test_X11_nobody_reports_another_familys_child_nor_one_whose_attendance_is_withheld(app: Flask, cast: Cast) -> None:
    m.Guardianship.update(withheld=["attendance"]).where(
        m.Guardianship.student == cast.ana, m.Guardianship.guardian == cast.carlos.guardian
    ).execute()
    for who, child in (
        (cast.rosa, cast.zoe),
        (cast.stranger, cast.ana),
        (cast.carlos, cast.ana),
        (cast.revoked, cast.ana),
    ):
        browser = Browser(app).sign_in(who).open("/absences")
        assert f"child_{child.id}" not in browser.page
        token = browser.page.split('name="csrf_token" value="')[1].split('"')[0]
        forged = {"csrf_token": token, "first_day": day(0), f"child_{child.id}": "y", "reason": "illness"}
        assert browser.client.post("/absences", data=forged).status_code == 422
    assert not stored()
    assert Browser(app).sign_in(cast.pupil).open("/absences").status == 404, "students do not excuse themselves"
    carlos = Browser(app).sign_in(cast.carlos).open("/absences")
    assert "No child is open to you here" in carlos.text


def test_X11_each_guardian_sees_the_own_reports_alone_and_loses_them_with_the_right(app: Flask, cast: Cast) -> None:
    found = a_report(cast, note="Between us")
    for other in (cast.carlos, cast.stranger):
        browser = Browser(app).sign_in(other).open("/absences")
        assert "Between us" not in browser.page
        token = browser.page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = browser.client.post(f"/absences/{found.id}/withdraw", data={"csrf_token": token})
        assert answer.status_code == 404
    rosa = Browser(app).sign_in(cast.rosa).open("/absences")
    assert "Between us" in rosa.text
    m.Guardianship.update(withheld=["attendance"]).where(m.Guardianship.student == cast.ana).execute()
    assert "Between us" not in rosa.open("/absences").page
    assert m.AbsenceReport.get().state == "new"


def test_X11_a_report_can_be_withdrawn_until_the_school_has_seen_it(app: Flask, cast: Cast) -> None:
    rosa = report(Browser(app).sign_in(cast.rosa), cast.ana)
    found = stored()[0]
    tab = rosa.tab().open("/absences")
    rosa.send(f"/absences/{found.id}/withdraw")
    assert "Your report has been withdrawn." in rosa.text and stored()[0].state == "withdrawn"
    assert m.AuditEvent.select().where(m.AuditEvent.action == "absence withdrawn").count() == 1
    again = report(rosa, cast.ana)
    assert "The school has your report." in again.text, "a withdrawn report may be sent anew"
    seen = stored()[1]
    tab.open("/absences")
    m.AbsenceReport.update(state="seen").where(m.AbsenceReport.id == seen.id).execute()
    tab.send(f"/absences/{seen.id}/withdraw")
    assert "The school has looked at this report already." in tab.text and stored()[1].state == "seen"


def test_X11_the_same_report_twice_is_one_and_there_is_an_end_to_reporting(app: Flask, cast: Cast) -> None:
    rosa = report(Browser(app).sign_in(cast.rosa), cast.ana)
    assert report(rosa, cast.ana).status == 422 and "You have reported this already." in rosa.text
    for ahead in range(1, 20):
        assert report(rosa, cast.ana, first_day=day(ahead)).status == 200
    assert report(rosa, cast.ana, first_day=day(25)).status == 422 and "Please call the school." in rosa.text
    assert len(stored()) == 20


def test_X11_the_office_gets_a_mail_at_once_without_a_name_in_its_subject(make_app: Callable[..., Flask]) -> None:
    app = make_app(absence_email="attendance@maplevalley.example")
    cast = factories.cast(app.extensions["homeroom"])
    m.Student.update(given_name="Ana\nBcc: all@example.com", preferred_given_name=None).where(
        m.Student.id == cast.ana.id
    ).execute()
    report(Browser(app).sign_in(cast.rosa), cast.ana, cast.ben, note="Flu <b>again</b>\r\n.\r\nSubject: x")
    (mail,) = mails("absence", "attendance@maplevalley.example")
    assert mail.subject == "An absence was reported"
    for told in (
        "Rosa Reyes",
        "Ben Reyes",
        "Cedar Middle",
        "Nov 16, 2026",
        "Illness",
        "Flu <b>again</b>",
        "/office/absences",
    ):
        assert told in mail.text
    assert "\nBcc:" not in mail.text and mail.reply_to == "rosa@example.com"


def test_X11_an_address_that_takes_no_mail_holds_up_no_report(make_app: Callable[..., Flask]) -> None:
    app = make_app(absence_email="attendance@nowhere")
    cast = factories.cast(app.extensions["homeroom"])
    assert report(Browser(app).sign_in(cast.rosa), cast.ana).status == 200
    assert len(stored()) == 1 and not mails("absence")


def test_X11_the_attendance_tab_leads_to_the_form_with_the_child_chosen(app: Flask, cast: Cast) -> None:
    factories.delivered("studentSchoolAttendanceEvents")
    rosa = Browser(app).sign_in(cast.rosa).open(f"/students/{cast.ben.id}/attendance").follow("Report an absence")
    assert f'name="child_{cast.ben.id}" value="y" checked' in rosa.page
    assert f'name="child_{cast.ana.id}" value="y" checked' not in rosa.page
    assert "Report an absence" not in Browser(app).sign_in(cast.pupil).open(f"/students/{cast.ana.id}/attendance").text
    assert rosa.open(f"/absences?student={cast.zoe.id}").status == 200
    assert "checked" not in rosa.page


def test_X11_a_page_costs_the_same_for_many_reports(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    a_report(cast)
    few = rosa.queries("/absences")
    for _ in range(20):
        a_report(cast, cast.ben)
    assert rosa.queries("/absences") == few


# ---- The office -------------------------------------------------------------------------------------------------


def test_X11_the_office_sees_its_own_schools_absences_and_marks_them(app: Flask, cast: Cast, portal: Settings) -> None:
    mine, other = a_report(cast, note="Flu"), a_report(cast, cast.ben)
    clerk = officer("clerk", portal, at=school_of(cast.ana))
    browser = Browser(app).sign_in_to_office(clerk).open("/office").follow("Absences")
    assert "Ana Reyes" in browser.text and "Rosa Reyes" in browser.text and "Ben Reyes" not in browser.text
    browser.send(f"/office/absences/{mine.id}", button=("outcome", "recorded"))
    assert browser.path == "/office/absences" and "Ana Reyes: Recorded" in browser.text
    assert m.AbsenceReport.get_by_id(mine.id).state == "recorded"
    event = m.AuditEvent.get(m.AuditEvent.action == "absence recorded")
    assert (event.account_id, event.student_id, event.details) == (clerk.id, cast.ana.id, {"report": mine.id})
    assert "Recorded" in Browser(app).sign_in(cast.rosa).open("/absences").text
    assert browser.open(f"/office/absences/{other.id}").status == 404
    assert browser.open("/office/absences/987654").status == 404


def test_X11_what_is_not_accepted_has_an_answer_that_the_guardian_is_told_of(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    found = a_report(cast)
    browser = Browser(app).sign_in_to_office(officer("admin", portal)).open(f"/office/absences/{found.id}")
    browser.send(button=("outcome", "declined"))
    assert browser.status == 422 and "Write something first." in browser.text
    browser.send(button=("outcome", "declined"), body="The school needs a note of the <doctor>.")
    assert m.AbsenceReport.get().state == "declined"
    rosa = Browser(app).sign_in(cast.rosa).open("/absences")
    assert "Not accepted" in rosa.text and "The school needs a note of the <doctor>." in rosa.text
    (mail,) = mails("answered", "rosa@example.com")
    assert "doctor" not in mail.subject + mail.text and "Ana" not in mail.subject + mail.text
    assert "http://localhost/absences" in mail.text


def test_X11_somebody_who_is_later_changes_nothing(app: Flask, cast: Cast, portal: Settings) -> None:
    found = a_report(cast)
    browser = Browser(app).sign_in_to_office(officer("admin", portal)).open(f"/office/absences/{found.id}")
    m.AbsenceReport.update(state="withdrawn").execute()
    browser.send(button=("outcome", "recorded"))
    assert "Nothing was changed" in browser.text and m.AbsenceReport.get().state == "withdrawn"
    for outcome in ("", "new", "withdrawn", "nonsense"):
        m.AbsenceReport.update(state="new").execute()
        browser.open(f"/office/absences/{found.id}").send(button=("outcome", outcome))
        assert m.AbsenceReport.get().state == "new"


def test_X11_the_list_has_today_and_later_and_what_nobody_has_answered(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    old = {"first_day": yesterday, "last_day": yesterday}
    a_report(cast, reason="family", state="recorded", **old)
    a_report(cast, reason="appointment", **old)
    a_report(cast, cast.ben, reason="religious", state="withdrawn")
    a_report(cast, cast.ben, reason="illness", state="declined", first_day=TODAY + dt.timedelta(days=5),
             last_day=TODAY + dt.timedelta(days=5))  # fmt: skip
    browser = Browser(app).sign_in_to_office(officer("clerk", portal)).open("/office/absences")
    assert "appointment" in browser.text and "Illness" in browser.text
    assert "Family matter" not in browser.text and "Religious" not in browser.text
    browser.follow("Earlier")
    assert "Family matter" in browser.text and "Religious holiday" in browser.text and "Illness" not in browser.text
    browser.open(f"/office/absences?school={school_of(cast.ben).id}")
    assert "Illness" in browser.text and "appointment" not in browser.text
    assert browser.open("/office/absences?school=987654").status == 404


@pytest.mark.parametrize("role", ["teacher", "counselor"])
def test_X11_other_roles_have_no_such_desk(app: Flask, cast: Cast, portal: Settings, role: str) -> None:
    found = a_report(cast)
    browser = Browser(app).sign_in_to_office(officer(role, portal, person=cast.teacher))
    assert "Absences" not in browser.open("/office").text
    for path in ("/office/absences", "/office/absences.csv", f"/office/absences/{found.id}"):
        assert browser.open(path).status == 404
        assert Browser(app).sign_in(cast.rosa).open(path).status == 404


def test_X11_the_file_is_safe_for_spreadsheets_and_counts_as_a_look(app: Flask, cast: Cast, portal: Settings) -> None:
    a_report(cast, note='=HYPERLINK("http://evil")')
    far = factories.student("Far Away", factories.school("Far High"))
    a_report(cast, far)
    clerk = officer("clerk", portal, at=school_of(cast.ana))
    browser = Browser(app).sign_in_to_office(clerk).open("/office/absences.csv")
    assert browser.response.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(browser.page.lstrip("\ufeff"))))
    assert len(rows) == 2 and rows[1][0] == "Ana Reyes" and rows[1][9] == '\'=HYPERLINK("http://evil")'
    assert "Far Away" not in browser.page
    browser.open("/office/absences").open("/office/absences")
    looks = m.AuditEvent.select().where(m.AuditEvent.action == "student listed")
    assert [(one.account_id, one.student_id, one.details) for one in looks] == [
        (clerk.id, cast.ana.id, {"page": "absences"})
    ], "one list is one look, however often it is loaded"
    assert m.AuditEvent.select().where(m.AuditEvent.action == "absences downloaded").count() == 1


def test_X11_hostile_text_is_inert(app: Flask, cast: Cast, portal: Settings) -> None:
    evil = "<script>alert(1)</script> \u202e{{ 7*7 }}"
    found = a_report(cast, note=evil, answer=evil, state="declined")
    m.Student.update(given_name="<img src=x>").where(m.Student.id == cast.ana.id).execute()
    pages = [Browser(app).sign_in(cast.rosa).open("/absences").page]
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    pages += [admin.open(path).page for path in ("/office/absences", f"/office/absences/{found.id}")]
    for page in pages:
        assert "<script>alert" not in page and "<img src=x" not in page and "&lt;img src=x" in page


def test_X11_a_list_costs_the_same_for_many_reports(app: Flask, cast: Cast, portal: Settings) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    a_report(cast)
    few = admin.queries("/office/absences")
    for _ in range(30):
        a_report(cast, cast.ben)
    assert admin.queries("/office/absences") == few


def test_X11_days_and_words_are_in_the_readers_language(app: Flask, cast: Cast) -> None:
    a_report(cast)
    rosa = Browser(app).sign_in(cast.rosa).open("/absences").send("/language", button=("language", "es"))
    assert "16 nov 2026" in rosa.open("/absences").text
    rosa.send("/language", button=("language", "ar"))
    assert 'dir="rtl"' in rosa.open("/absences").page
