"""'View as this guardian': read-only, bannered, written down, over after half an hour (CHECKS 9, X07, X09)."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from browsing import Browser
from factories import PASSWORD, Cast, account, guardian, guardianship, officer, staff, student
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

import models as m
from config import Settings
from services import clock
from views.view_as import MAY_BE_SENT, SHOWN

READ_ONLY = "you can read and change nothing"
NOW = dt.datetime(2026, 11, 16, 15, 0)


def school_of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def view_as(app: Flask, officer: m.Account, whom: m.Account) -> Browser:
    """A browser in which this officer views the portal as the owner of `whom`."""
    browser = Browser(app).sign_in_to_office(officer)
    browser.open(f"/office/guardians/{whom.guardian_id}").follow("View as this guardian")
    return browser.send(present=PASSWORD)


def banner(browser: Browser) -> str:
    """The banner above the page, empty without one."""
    form = next((one for one in browser._tree().iter("form") if one.get("action") == "/office/view-as/end"), None)
    return (
        "" if form is None else " ".join("".join(form.itertext()).replace("\u2068", "").replace("\u2069", "").split())
    )


@pytest.mark.parametrize("role", ["clerk", "counselor", "admin"])
def test_X09_staff_see_what_the_guardian_sees_under_a_banner_that_names_whom(
    app: Flask, cast: Cast, portal: Settings, role: str
) -> None:
    m.Preference.create(account=cast.carlos, digest="off")
    browser = view_as(app, officer(role, portal), cast.carlos)
    assert browser.path == "/"
    theirs = Browser(app).sign_in(cast.carlos)
    for path in ("/", f"/students/{cast.ana.id}", f"/students/{cast.ana.id}/reports", "/calendar", "/notices", "/help"):
        assert browser.open(path).status == 200
        assert browser.text == theirs.open(path).text
        assert banner(browser).startswith("You view the portal as Carlos Molina, until ")
        assert "Carlos" not in banner(theirs)
    for closed in (f"/students/{cast.ana.id}/grades", f"/students/{cast.ben.id}", f"/students/{cast.zoe.id}"):
        assert browser.open(closed).status == theirs.open(closed).status == 404
        assert banner(browser)


def test_the_password_is_asked_and_a_wrong_one_opens_nothing(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = Browser(app).sign_in_to_office(officer("clerk", portal))
    path = f"/office/guardians/{cast.rosa.guardian_id}/view-as"
    for wrong in ("", "wrong horse", "x" * 5000):
        browser.open(path).send(present=wrong)
        assert (browser.status, browser.path) == (422, path)
        assert not banner(browser)
    assert browser.open("/").path == "/office"
    assert not m.ViewingAs.select().exists()


def test_a_teacher_a_family_and_a_clerk_of_another_school_cannot(app: Flask, cast: Cast, portal: Settings) -> None:
    path = f"/office/guardians/{cast.rosa.guardian_id}/view-as"
    elsewhere = m.School.create(sourced_id="far", name="Far Away", kind="school")
    teacher = officer("teacher", portal, person=cast.teacher)
    for browser in (
        Browser(app).sign_in_to_office(teacher),
        Browser(app).sign_in_to_office(officer("clerk", portal, at=elsewhere)),
        Browser(app).sign_in(cast.rosa),
    ):
        assert browser.open(path).status == 404
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal))
    assert clerk.open("/office/guardians/987654/view-as").status == 404


def test_a_guardian_whose_account_does_not_open_cannot_be_viewed(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = Browser(app).sign_in_to_office(officer("clerk", portal))
    without = guardian("Nora Newcomer", (cast.ana,))
    m.Account.update(state="disabled").where(m.Account.id == cast.rosa.id).execute()
    for one in (without, cast.rosa.guardian):
        assert "View as this guardian" not in browser.open(f"/office/guardians/{one.id}").text
        browser.open(f"/office/guardians/{one.id}/view-as").send(present=PASSWORD)
        assert "has no account that is open" in browser.text
    assert not m.ViewingAs.select().exists()


def test_a_clerk_does_not_see_a_sibling_at_a_school_out_of_reach(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = view_as(app, officer("clerk", portal, at=school_of(cast.ana)), cast.rosa)
    assert "Only children who are at your schools now are shown." in banner(browser)
    for path in ("/", f"/students/{cast.ana.id}", "/calendar", "/help", "/notices"):
        assert browser.open(path).status == 200
        assert "Ben" not in browser.page, path
    assert browser.open(f"/students/{cast.ana.id}/grades").status == 200
    assert browser.open(f"/students/{cast.ben.id}").status == 404
    assert not m.AuditEvent.select().where(m.AuditEvent.student == cast.ben).exists()
    assert "Ben" in view_as(app, officer("admin", portal), cast.rosa).page


def test_neither_a_class_nor_a_former_enrollment_opens_a_whole_record(app: Flask, cast: Cast, portal: Settings) -> None:
    """A counselor of Ben's school who teaches Ana, and whose school Zoe has left, views as their guardians."""
    here = school_of(cast.ben)
    counselor = officer("counselor", portal, person=cast.teacher, at=here)
    m.OfficeRole.create(account=counselor, role="teacher", school=None)
    m.SchoolEnrollment.create(sourced_id="was", student=cast.zoe, school=here, exit_date=dt.date(2026, 9, 1))
    browser = view_as(app, counselor, cast.rosa)
    assert browser.open(f"/students/{cast.ben.id}").status == 200
    assert browser.open(f"/students/{cast.ana.id}").status == 404
    browser.send("/office/view-as/end")
    assert browser.open(f"/office/students/{cast.zoe.id}").status == 200
    assert browser.open(f"/office/guardians/{cast.stranger.guardian_id}/view-as").status == 404


def test_X07_every_page_is_written_down_as_a_look_of_that_member_of_staff(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    clerk = officer("clerk", portal, at=school_of(cast.ana), person=staff("Pat Vance"))
    browser = view_as(app, clerk, cast.rosa)
    m.AuditEvent.delete().execute()
    browser.open(f"/students/{cast.ana.id}/grades")
    browser.fragment(f"/students/{cast.ana.id}/to-do")
    browser.open(f"/students/{cast.ana.id}/reports").follow("Missing assignments")
    browser.open("/")
    browser.open(f"/students/{cast.ben.id}")
    browser.open("/security")
    looks = m.AuditEvent.select().where(m.AuditEvent.action == "student viewed").order_by(m.AuditEvent.id)
    assert [(one.account_id, one.student_id, one.details["view"]) for one in looks] == [
        (clerk.id, cast.ana.id, view)
        for view in (
            "students.all_grades", "students.to_do", "students.reports", "students.report", "home.children",
        )
    ]  # fmt: skip
    assert all(one.details["guardian"] == cast.rosa.guardian_id for one in looks)
    made = m.AuditEvent.get(m.AuditEvent.action == "report made")
    assert made.account_id == clerk.id
    family = Browser(app).sign_in(cast.rosa).open("/my-data")
    assert "Pat Vance" in family.text and "The record, as a guardian sees it" in family.text


def test_a_page_without_a_record_is_written_down_too(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = view_as(app, officer("admin", portal), cast.revoked)
    assert browser.status == 200
    seen = m.AuditEvent.get(m.AuditEvent.action == "viewed as guardian")
    assert seen.details["view"] == "home.children"
    begun = m.AuditEvent.get(m.AuditEvent.action == "viewing as guardian begun")
    assert begun.details == {"guardian": cast.revoked.guardian_id}


def test_every_route_refuses_what_is_not_reading(app: Flask, cast: Cast, portal: Settings) -> None:
    """Every route and method, with what may be sent aside: 403, and nothing anywhere has changed."""
    browser = view_as(app, officer("admin", portal), cast.rosa)
    before = rows()
    sent = set()
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            if rule.endpoint in MAY_BE_SENT:
                continue
            answer = browser.client.open(
                path_of(app, rule, cast), method=method, data={"body": "Hello", "present": PASSWORD}
            )
            assert answer.status_code == 403, (method, rule.endpoint)
            assert READ_ONLY in answer.get_data(as_text=True), rule.endpoint
            sent.add(rule.endpoint)
    assert len(sent) > 60
    assert rows() == before


def test_every_route_that_is_read_is_the_guardians_or_the_offices_or_closed(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    browser = view_as(app, officer("admin", portal), cast.rosa)
    m.CalendarFeed.create(account=cast.rosa, student=cast.ana, token_hash="x", created_at=NOW)
    before, shown = rows(), set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(("office.", "assets.", "health.")):
            continue
        answer = browser.client.get(path_of(app, rule, cast))
        page = answer.get_data(as_text=True)
        if rule.endpoint in SHOWN:
            assert answer.status_code in (200, 404), rule.endpoint
            shown.add(rule.endpoint)
        elif rule.endpoint == "security.stay":
            assert (answer.status_code, page) == (204, "")
        elif not getattr(app.view_functions[rule.endpoint], "is_public", False):
            assert answer.status_code == 403, rule.endpoint
            assert "alone: it is not shown to members of staff" in page, rule.endpoint
        for secret in (cast.rosa.user_name, "calendar address"):
            assert secret not in page, (rule.endpoint, secret)
        if (
            answer.mimetype == "text/html"
            and answer.status_code in (200, 403, 404)
            and rule.endpoint != "calendar.feed"
        ):
            assert "/office/view-as/end" in page, rule.endpoint
    assert shown == SHOWN, "a page that may be shown is no longer there"
    assert rows() == before, "reading as a guardian left something behind"


def test_looking_does_not_read_the_guardians_notices_nor_answer_the_first_question(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    browser = view_as(app, officer("admin", portal), cast.rosa)
    assert "What should we tell you" not in browser.text
    browser.open("/notices")
    assert not m.NoticeRead.select().exists()
    assert "What should we tell you" in Browser(app).sign_in(cast.rosa).open("/").text


def test_the_language_is_the_members_of_staff_own(app: Flask, cast: Cast, portal: Settings) -> None:
    m.Account.update(language="vi").where(m.Account.id == cast.rosa.id).execute()
    clerk = officer("clerk", portal)
    browser = view_as(app, clerk, cast.rosa)
    assert 'lang="en"' in browser.page.split("<body>")[0]
    answer = browser.send("/language", button=("language", "es"))
    assert answer.status == 200 and 'lang="es"' in browser.page.split("<body>")[0] and "Rosa Reyes" in banner(browser)
    assert m.Account.get_by_id(clerk.id).language == "es"
    assert m.Account.get_by_id(cast.rosa.id).language == "vi"


def test_staff_stay_signed_in_while_they_view(app: Flask, cast: Cast, portal: Settings) -> None:
    """The button "Stay signed in" is on the guardian's pages too: it keeps the session of staff, and nobody else's."""
    clock.set_source(lambda: NOW)
    browser = view_as(app, officer("clerk", portal), cast.rosa)
    begun = m.LoginSession.get()
    clock.set_source(lambda: NOW + dt.timedelta(minutes=20))
    answer = browser.client.get("/security/session")
    assert (answer.status_code, answer.data) == (204, b"")
    assert [one.seen_at for one in m.LoginSession] == [NOW + dt.timedelta(minutes=20)] != [begun.seen_at]
    assert browser.open("/security").status == 403 and banner(browser)


def test_the_button_ends_it(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = view_as(app, officer("clerk", portal), cast.rosa)
    browser.open(f"/students/{cast.ana.id}").send("/office/view-as/end")
    assert browser.path == f"/office/guardians/{cast.rosa.guardian_id}"
    assert not banner(browser)
    assert browser.open(f"/students/{cast.ana.id}").path == "/office"
    ended = m.AuditEvent.get(m.AuditEvent.action == "viewing as guardian ended")
    assert ended.details == {"guardian": cast.rosa.guardian_id, "by": "button"}


def test_signing_out_ends_it(app: Flask, cast: Cast, portal: Settings) -> None:
    clerk = officer("clerk", portal)
    browser = view_as(app, clerk, cast.rosa).sign_out()
    assert not banner(browser)
    assert not m.ViewingAs.select().exists()
    assert m.AuditEvent.get(m.AuditEvent.action == "viewing as guardian ended").details["by"] == "sign-out"
    browser.sign_in_to_office(clerk)
    assert browser.path == "/office" and not banner(browser)


def test_it_ends_by_itself_after_half_an_hour(app: Flask, cast: Cast, portal: Settings) -> None:
    clock.set_source(lambda: NOW)
    browser = view_as(app, officer("clerk", portal), cast.rosa)
    clock.set_source(lambda: NOW + dt.timedelta(minutes=29, seconds=59))
    assert browser.open(f"/students/{cast.ana.id}").status == 200 and banner(browser)
    clock.set_source(lambda: NOW + dt.timedelta(minutes=30))
    browser.open(f"/students/{cast.ana.id}")
    assert browser.path == "/office" and not banner(browser)
    assert "You no longer view the portal as Rosa Reyes." in browser.text
    assert m.AuditEvent.get(m.AuditEvent.action == "viewing as guardian ended").details["by"] == "portal"
    assert browser.fragment(f"/students/{cast.ana.id}").headers["HX-Redirect"] == "/office"


def lose_role(clerk: m.Account, cast: Cast) -> None:
    m.OfficeRole.delete().where(m.OfficeRole.account == clerk).execute()


def lose_reach(clerk: m.Account, cast: Cast) -> None:
    m.Guardianship.delete().where(m.Guardianship.guardian == cast.rosa.guardian_id).execute()


def guardian_closed(clerk: m.Account, cast: Cast) -> None:
    m.Account.update(state="locked").where(m.Account.id == cast.rosa.id).execute()


@pytest.mark.parametrize("loss", [lose_role, lose_reach, guardian_closed])
def test_it_ends_when_either_side_loses_what_it_takes(app: Flask, cast: Cast, portal: Settings, loss: object) -> None:
    clerk = officer("clerk", portal, at=school_of(cast.ana))
    browser = view_as(app, clerk, cast.rosa)
    assert browser.open(f"/students/{cast.ana.id}").status == 200
    loss(clerk, cast)  # type: ignore[operator]
    browser.open(f"/students/{cast.ana.id}")
    assert "Ana" not in browser.text and not banner(browser)
    assert not m.ViewingAs.select().exists()


def test_D06_a_restriction_closes_the_child_for_whoever_views_as_the_guardian(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    browser = view_as(app, officer("clerk", portal), cast.rosa)
    m.Guardianship.update(office_access=False).where(
        m.Guardianship.guardian == cast.rosa.guardian_id, m.Guardianship.student == cast.ana
    ).execute()
    assert browser.open(f"/students/{cast.ana.id}").status == 404
    assert browser.open(f"/students/{cast.ben.id}").status == 200


def test_what_the_guardian_still_has_to_do_does_not_stand_in_the_way(app: Flask, cast: Cast, portal: Settings) -> None:
    m.Account.update(duties=["password"]).where(m.Account.id == cast.rosa.id).execute()
    browser = view_as(app, officer("clerk", portal), cast.rosa)
    assert "Ana" in browser.text
    assert m.Account.get_by_id(cast.rosa.id).duties == ["password"]


def test_a_second_guardian_only_after_the_first(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = view_as(app, officer("admin", portal), cast.rosa)
    browser.open(f"/office/guardians/{cast.stranger.guardian_id}/view-as").send(present=PASSWORD)
    assert browser.status == 403 and READ_ONLY in browser.text
    assert "Rosa Reyes" in banner(browser)


def test_another_browser_of_the_same_member_of_staff_views_nothing(app: Flask, cast: Cast, portal: Settings) -> None:
    admin = officer("admin", portal)
    view_as(app, admin, cast.rosa)
    other = Browser(app).sign_in_to_office(admin)
    assert other.open(f"/students/{cast.ana.id}").path == "/office" and not banner(other)


def test_the_name_of_a_guardian_is_text_in_the_banner(app: Flask, cast: Cast, portal: Settings) -> None:
    odd = guardian("<b>Eve</b> %(time)s", ())
    guardianship(student("Kit Eve", school_of(cast.ana)), odd)
    browser = view_as(app, officer("admin", portal), account(odd, "eve@example.com", portal))
    assert "<b>Eve" not in browser.page and "as <b>Eve</b> %(time)s, until" in banner(browser)


def rows() -> str:
    """Everything the database holds, as text, but for what says that somebody looked or tried."""
    left_out = (m.AuditEvent, m.LoginSession, m.Throttle)
    return json.dumps(
        [[one.__name__, list(one.select().order_by(one._meta.primary_key).tuples())] for one in m.ALL_TABLES
         if one not in left_out], default=str,
    )  # fmt: skip


def path_of(app: Flask, rule: Rule, cast: Cast) -> str:
    known = {
        "student_id": cast.ana.id, "section_id": cast.math.id, "staff_id": cast.teacher.id,
        "guardian_id": cast.rosa.guardian_id, "day": "2026-11-12",
    }  # fmt: skip
    values = {name: known.get(name, sample(kind)) for name, kind in rule._converters.items()}
    with app.test_request_context():
        built = rule.build(values)
    assert built is not None
    return built[1]


def sample(kind: BaseConverter) -> str | int:
    if isinstance(kind, AnyConverter):
        return sorted(kind.items)[0]
    return 1 if isinstance(kind, IntegerConverter) else "x"
