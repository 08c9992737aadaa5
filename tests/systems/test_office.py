"""The office's door, its search box, and who may see whom there (X09)."""

from __future__ import annotations

import datetime as dt
import re

import factories
import pyotp
import pytest
from browsing import Browser
from factories import PASSWORD, TODAY, Cast, officer
from flask import Flask, request

import models as m
from config import Settings
from services import clock
from services.office.scope import Office

DAY = dt.timedelta(days=1)


def school_of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def test_X09_staff_who_have_left_the_feed_have_no_session_and_no_sign_in(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    clerk = officer("clerk", portal, at=school_of(cast.ana))
    page = f"/office/students/{cast.ana.id}"
    browser = Browser(app).sign_in_to_office(clerk)
    assert browser.open(page).status == 200
    m.Staff.update(active=False).where(m.Staff.id == clerk.staff_id).execute()
    assert browser.open(page).path == "/office/sign-in" and "Ana" not in browser.page
    assert Browser(app).sign_in_to_office(clerk).open(page).path == "/office/sign-in"
    refused = Browser(app).open("/office/sign-in").send(user_name=clerk.user_name, password=PASSWORD)
    nobody = Browser(app).open("/office/sign-in").send(user_name="nobody@example.com", password=PASSWORD)
    assert (refused.status, refused.text) == (nobody.status, nobody.text) and refused.status == 422
    assert not Office(clerk, TODAY).may("search") and not Office(clerk, TODAY).students("search").exists()
    m.Staff.update(active=True).where(m.Staff.id == clerk.staff_id).execute()
    assert Browser(app).sign_in_to_office(clerk).open(page).status == 200, "who comes back is let in"


def test_X09_the_authenticators_code_lets_nobody_in_who_has_left_meanwhile(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    clerk = officer("clerk", portal, duties=["authenticator"])
    browser = Browser(app).sign_in_to_office(clerk).send()
    shown = re.search(r'<p class="code"><bdi dir="ltr">([A-Z2-7 ]+)</bdi>', browser.page)
    assert shown is not None
    secret = pyotp.TOTP(shown[1].replace(" ", ""))
    browser.send(code=secret.now()).sign_out().sign_in_to_office(clerk)
    assert browser.path == "/sign-in/code"
    m.Staff.update(active=False).where(m.Staff.id == clerk.staff_id).execute()
    browser.send(code=secret.at(int(clock.now().replace(tzinfo=dt.UTC).timestamp()) + 30))
    assert browser.status == 422 and browser.open("/office").path == "/office/sign-in"


@pytest.mark.parametrize("whose", [m.SectionStaff, m.Enrollment])
@pytest.mark.parametrize(
    ("ends", "term", "reached"),
    [
        (TODAY - DAY, True, False), (TODAY - DAY, False, False), (TODAY, True, True), (None, True, True),
        (dt.date(2027, 1, 15), True, True),
    ],
)  # fmt: skip
def test_X09_a_teacher_has_the_students_of_a_class_until_either_leaves_it(
    app: Flask, cast: Cast, portal: Settings, whose: type[m.Table], ends: dt.date | None, term: bool, reached: bool
) -> None:
    whose.update(end_date=ends).where(whose.section == cast.math).execute()  # type: ignore[attr-defined]
    if not term:
        m.SectionTerm.delete().where(m.SectionTerm.section == cast.math).execute()
    teacher = Browser(app).sign_in_to_office(officer("teacher", portal, person=cast.teacher))
    assert (teacher.open(f"/office/students/{cast.zoe.id}").status == 200) == reached
    assert ("Zoe Whitfield" in teacher.open("/office").send(q="whitfield").text) == reached
    assert teacher.open(f"/office/students/{cast.ben.id}").status == 200, "another class of the same teacher"


def test_X09_the_end_of_a_term_takes_no_student_from_a_teacher(app: Flask, cast: Cast, portal: Settings) -> None:
    last_day = dt.date(2026, 11, 6)
    m.AcademicSession.update(end_date=last_day).where(m.AcademicSession.title == "Fall 2026").execute()
    for whose in (m.SectionStaff, m.Enrollment):
        whose.update(end_date=last_day).where(whose.section == cast.math).execute()
    teacher = Browser(app).sign_in_to_office(officer("teacher", portal, person=cast.teacher))
    assert teacher.open(f"/office/students/{cast.zoe.id}").status == 200


def test_X09_staff_sign_in_with_a_second_factor_that_they_set_up_first(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    clerk = officer("clerk", portal, duties=["authenticator"])
    browser = Browser(app).sign_in_to_office(clerk)
    assert browser.path == "/welcome/authenticator"
    for closed in ("/office", f"/office/students/{cast.ana.id}"):
        assert browser.open(closed).path == "/welcome/authenticator"
    browser.send()
    shown = re.search(r'<p class="code"><bdi dir="ltr">([A-Z2-7 ]+)</bdi>', browser.page)
    assert shown is not None, browser.text
    browser.send(code=pyotp.TOTP(shown[1].replace(" ", "")).now())
    assert "backup codes" in browser.text.lower()
    assert browser.open("/office").path == "/office"
    browser.sign_out().sign_in_to_office(clerk)
    assert browser.path.startswith("/sign-in/code")
    assert browser.open("/office").path.startswith("/office/sign-in")


def test_X09_every_look_at_a_students_record_is_in_the_audit_log(app: Flask, cast: Cast, portal: Settings) -> None:
    clerk = officer("clerk", portal, at=school_of(cast.ana))
    Browser(app).sign_in_to_office(clerk).open(f"/office/students/{cast.ana.id}")
    looked = m.AuditEvent.get(m.AuditEvent.action == "student viewed")
    assert (looked.account_id, looked.student_id, looked.details) == (clerk.id, cast.ana.id, {"page": "student"})


@pytest.mark.parametrize("role", ["clerk", "counselor", "teacher", "admin"])
def test_families_and_staff_keep_to_their_own_side(app: Flask, cast: Cast, portal: Settings, role: str) -> None:
    staff = officer(role, portal)
    browser = Browser(app).sign_in_to_office(staff)
    for theirs in ("/", f"/students/{cast.ana.id}", "/messages", "/family"):
        assert browser.open(theirs).path == "/office"
    assert browser.open("/security").status == 200
    for family in (cast.rosa, cast.pupil):
        assert Browser(app).sign_in(family).open("/office").status == 404
        assert Browser(app).sign_in(family).open(f"/office/students/{cast.ana.id}").status == 404


def test_staff_do_not_come_in_by_the_families_door_nor_families_by_theirs(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    staff = officer("admin", portal)
    wrong_door = Browser(app).open("/sign-in").send(user_name=staff.user_name, password=PASSWORD)
    assert wrong_door.status == 422 and "do not match" in wrong_door.text
    wrong_door = Browser(app).open("/office/sign-in").send(user_name=cast.rosa.user_name, password=PASSWORD)
    assert wrong_door.status == 422 and "do not match" in wrong_door.text


def test_a_clerk_sees_the_own_schools_a_teacher_the_own_sections_an_admin_everybody(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    far = factories.student("Far Away", factories.school("Far High"))
    seen = {
        officer("clerk", portal, at=school_of(cast.ben)): {cast.ben},
        officer("counselor", portal, at=school_of(cast.ana)): {cast.ana, cast.zoe},
        officer("teacher", portal, person=cast.teacher): {cast.ana, cast.ben, cast.zoe},
        officer("teacher", portal): set(),
        officer("clerk", portal): {cast.ana, cast.ben, cast.zoe, far},
        officer("admin", portal): {cast.ana, cast.ben, cast.zoe, far},
    }
    for account, students in seen.items():
        browser = Browser(app).sign_in_to_office(account)
        for child in (cast.ana, cast.ben, cast.zoe, far):
            expected = 200 if child in students else 404
            assert browser.open(f"/office/students/{child.id}").status == expected, (account.user_name, child.name)
        assert browser.open("/office/students/987654").status == 404


def test_a_teacher_sees_no_guardians_account(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = Browser(app).sign_in_to_office(officer("teacher", portal, person=cast.teacher))
    assert browser.open(f"/office/guardians/{cast.rosa.guardian_id}").status == 404
    browser.open(f"/office/students/{cast.ana.id}")
    assert "Rosa Reyes" in browser.text and cast.rosa.user_name not in browser.page


def test_a_guardian_of_another_school_is_404_for_a_clerk(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ben)))
    assert browser.open(f"/office/guardians/{cast.rosa.guardian_id}").status == 200
    assert "Ben Reyes" in browser.text and "Ana Reyes" not in browser.text
    assert browser.open(f"/office/guardians/{cast.stranger.guardian_id}").status == 404


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("reyes ana", "Ana Reyes"), ("REY A", "Ana Reyes"), ("ána", "Ana Reyes"), ("eyes", "Ana Reyes"),
        ("rosa", "Rosa Reyes"), ("{number}", "Ana Reyes"), ("{user}", "Rosa Reyes"), ("503 555 0101", "Rosa Reyes"),
        ("+1 (503) 555-0101", "Rosa Reyes"),
    ],
)  # fmt: skip
def test_the_search_box_finds_by_name_number_user_name_address_and_phone(
    app: Flask, cast: Cast, portal: Settings, typed: str, finds: str
) -> None:
    factories.telephone(cast.rosa.guardian, "(503) 555-0101")
    browser = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office")
    browser.send(q=typed.format(number=cast.ana.number, user=cast.rosa.user_name.upper()))
    assert finds in browser.text
    assert "Zoe" not in browser.text


@pytest.mark.parametrize("typed", ["", "   ", "%", "_", "'; --", "x" * 300, "nobody", "\x00", "555"])
def test_a_search_that_finds_nobody_says_so(app: Flask, cast: Cast, portal: Settings, typed: str) -> None:
    browser = Browser(app).sign_in_to_office(officer("admin", portal))
    browser.open("/office").send(q=typed)
    assert browser.status == 200 and "Reyes" not in browser.text


def test_a_search_stands_in_no_address_and_is_there_again_on_the_way_back(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    browser = Browser(app).sign_in_to_office(officer("admin", portal))
    asked: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(lambda: asked.append(request.full_path))
    try:
        for path, action in (
            ("/office", None), ("/office/register", None), (f"/office/guardians/{cast.rosa.guardian_id}/why", None),
            (f"/office/students/{cast.ana.id}/why", None), ("/office/audit", "person"),
        ):  # fmt: skip
            browser.open(path).send(**{action or "q": "whitfield"})
            assert browser.status == 200 and browser.response.request.method == "GET"
            results = browser.response.request.full_path
            assert 'value="whitfield"' in browser.page, path
            browser.send(**{action or "q": "reyes"})
            assert 'value="whitfield"' in browser.open(results).page, "the way back, and loading anew"
        browser.open("/office").send(q="Whitfield")
        results = browser.response.request.full_path
        assert "Zoe Whitfield" in browser.text
        browser.sign_out()
        assert "hitfield" not in browser.open(results).page and browser.path == "/office/sign-in"
        assert 'value="Whitfield"' not in browser.sign_in_to_office(officer("admin", portal)).open(results).page
    finally:
        app.before_request_funcs[None].pop()
    assert asked and not [one for one in asked if "hitfield" in one or "reyes" in one]


def test_searches_never_burst_the_cookie_that_keeps_them(app: Flask, cast: Cast, portal: Settings) -> None:
    """Browsers drop a cookie of more than 4,093 bytes without a word; characters differ so that none can be packed."""
    browser = Browser(app).sign_in_to_office(officer("admin", portal))
    for number in range(6):
        first, second, third = (
            "".join(chr(0x20000 + 7919 * (number * 300 + part * 100 + place) % 40000) for place in range(100))
            for part in range(3)
        )
        browser.open("/office/audit")
        browser.send("/office/audit/search", person=first, student=second, action=third)
        cookie = browser.client.get_cookie("portal")
        assert cookie is not None and len(f"portal={cookie.value}") < 4093
        assert first[:30] in browser.page, "this search is there, as far as it fits"
    for word in ("Reyes", "Molina", "Vance"):
        browser.open("/office/audit").send("/office/audit/search", person=word)
    assert 'value="Vance"' in browser.page
    with browser.client.session_transaction() as kept:
        assert [fields["person"] for _, fields in kept["searches"]][-3:] == ["Reyes", "Molina", "Vance"]


def test_a_search_reaches_nobody_outside_the_own_schools(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ben)))
    browser.open("/office").send(q="whitfield")
    assert "Nobody was found whom you may see." in browser.text
    browser.send(q=cast.ana.number)
    assert "Nobody was found whom you may see." in browser.text


def test_the_page_of_a_guardian_has_children_account_and_keys(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = (
        Browser(app).sign_in_to_office(officer("admin", portal)).open(f"/office/guardians/{cast.rosa.guardian_id}")
    )
    assert "Ana Reyes" in browser.text and "May see this student" in browser.text
    assert "Active" in browser.text and "Has never signed in" in browser.text
    assert cast.rosa.user_name not in browser.page  # it is told after an identity check (H04)
    browser.open(f"/office/guardians/{cast.revoked.guardian_id}")
    assert "May not see this student" in browser.text
