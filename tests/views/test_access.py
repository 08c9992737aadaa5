"""Doors: what is open to whom, over every route there is. A new route without an entry here fails."""

from __future__ import annotations

import pytest
from browsing import Browser
from factories import Cast, officer
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter

from config import Settings
from services.office.scope import RIGHTS

#: Routes that anybody may open, and why.
PUBLIC = {
    "office.sign_in": "the staff's way in",
    "assets.manifest": "the name and the icon of the portal",
    "assets.file": "stylesheet, script and icon hold nothing of anybody",
    "health.live": "for the machines that watch",
    "health.ready": "for the machines that watch",
    "help.page": "help is for those who cannot get in, too",
    "help.instructions": "people without an account need them",
    "help.instructions_pdf": "people without an account need them",
    "help.tour": "it shows nothing of anybody who is not signed in",
    "news.stop": "a secret address in mails, which stops them",
    "languages.switch": "the sign-in page is read in many languages",
    "calendar.feed": "a secret address opens it, to what its account may see",
    "recovery.activation_key": "people without an account come here, where the preset lets them",
    "recovery.by_code": "a code from the office opens it",
    "recovery.closed": "whoever has just set a new password, and cannot sign in with it",
    "recovery.by_questions": "students who cannot sign in, where the preset lets them",
    "recovery.code": "people who cannot sign in come here",
    "recovery.forgot": "people who cannot sign in come here",
    "recovery.forgot_user_name": "people who cannot sign in come here",
    "recovery.reset": "a mailed link opens it",
    "recovery.verify": "a mailed link opens it",
    "registration.begin": "people without an account come here",
    "registration.claim": "students without an account come here, where the preset lets them",
    "registration.done": "people without an account come here",
    "registration.register": "people without an account come here",
    "provider.back": "the way in, from the district's own sign-in",
    "provider.begin": "the way in, to the district's own sign-in",
    "sign_in.address": "the way in, after the right password",
    "sign_in.code": "the way in",
    "sign_in.passkey": "the way in, after the right password",
    "sign_in.form": "the way in",
    "sign_in.password": "the way in",
    "sign_in.sign_in": "the way in",
    "sign_in.sign_out": "ends a session that may have ended already",
}

#: Routes about one student: who reaches them is decided row by row.
OF_A_STUDENT = {
    "my_data.ask", "students.report", "students.report_pdf", "students.reports",
    "students.history", "students.test", "students.tests",
    "students.attendance", "students.attendance_day", "students.behavior", "students.programs",
    "students.calendar", "students.end_calendar_address", "students.make_calendar_address", "students.schedule",
    "students.fees_and_meals", "students.library", "students.transportation",
    "students.overview", "students.all_grades", "students.section", "students.to_do", "messages.write",
}  # fmt: skip

#: Routes that show an account what is its own.
OF_THE_ACCOUNT = {
    "absences.page", "absences.report", "absences.withdraw", "drafts.discard",
    "my_data.download", "my_data.page",
    "calendar.family",
    "family.ask", "family.page", "notices.page", "notices.read", "resources.page",
    "authenticator.codes", "authenticator.end", "authenticator.page", "home.children",
    "messages.choose", "messages.sent",
    "news.answer", "news.choose",
    "provider.change", "provider.go", "provider.page",
    "passkeys.add", "passkeys.make", "passkeys.page", "passkeys.remove",
    "preferences.code", "preferences.number", "preferences.page", "preferences.remove",
    "registration.add_child", "security.email", "security.end_session",
    "security.page", "security.password", "security.security_questions", "security.stay",
    "security.verify_again", "welcome.duty",
}  # fmt: skip


def test_every_route_has_a_rule_and_public_ones_say_so(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint.startswith("office.") and rule.endpoint not in PUBLIC:
            assert getattr(view, "right", None) in RIGHTS, f"{rule.endpoint} names no right of the office"
            continue
        known = rule.endpoint in PUBLIC or rule.endpoint in OF_A_STUDENT or rule.endpoint in OF_THE_ACCOUNT
        assert known, f"{rule.endpoint} has no rule here"
        assert getattr(view, "is_public", False) == (rule.endpoint in PUBLIC), rule.endpoint
        assert ("student_id" in rule.arguments) == (rule.endpoint in OF_A_STUDENT), rule.endpoint


def test_without_a_session_every_closed_page_leads_to_the_sign_in_page(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    for path in pages_of(cast):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in"), path


def test_without_a_session_htmx_is_told_to_open_the_whole_sign_in_page(browser: Browser, cast: Cast) -> None:
    answer = browser.fragment(f"/students/{cast.ana.id}/grades")
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")
    assert answer.get_data() == b""


@pytest.mark.parametrize("who", ["stranger", "revoked"])
def test_G11_a_stranger_gets_the_same_404_as_for_a_student_who_does_not_exist(app: Flask, cast: Cast, who: str) -> None:
    visitor = Browser(app).sign_in(getattr(cast, who))
    for path in pages_of(cast):
        if "/students/" in path:
            refused = visitor.open(path)
            nobody = Browser(app).sign_in(getattr(cast, who)).open(path.replace(f"/{cast.ana.id}", "/987654", 1))
            assert refused.status == nobody.status == 404, path
            assert without_tokens(refused.page) == without_tokens(nobody.page), path
            assert "Ana" not in refused.page


def test_G11_another_section_of_the_same_school_is_not_this_childs(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.stranger)
    assert browser.open(f"/students/{cast.zoe.id}/grades/{cast.art.id}").status == 404
    assert browser.open(f"/students/{cast.zoe.id}/grades/{cast.math.id}").status == 200
    assert "For Zoe" in browser.page
    assert "Well done" not in browser.page


def test_a_withheld_section_is_404_and_its_tab_is_absent(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.carlos)
    overview = browser.open(f"/students/{cast.ana.id}")
    assert overview.status == 200
    assert "/grades" not in overview.page
    assert "B+" not in overview.page
    assert "Number line" not in overview.page
    for path in (f"/students/{cast.ana.id}/grades", f"/students/{cast.ana.id}/to-do"):
        assert browser.open(path).status == 404
    assert browser.open("/").text.count("missing") == 1, "only the sentence about a missing child"


def test_a_student_sees_the_own_record_and_nobody_elses(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.pupil)
    assert browser.path == f"/students/{cast.ana.id}"
    assert "B+ (88)" in browser.text
    for other in (cast.ben, cast.zoe):
        assert browser.open(f"/students/{other.id}").status == 404


def test_wrong_methods_are_refused_with_a_page(app: Flask, browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    for path in (f"/students/{cast.ana.id}", "/"):
        assert app.test_client().delete(path).status_code == 405


def test_forms_without_their_token_change_nothing(app: Flask, cast: Cast, portal: Settings) -> None:
    visitor = Browser(app).sign_in(cast.rosa)
    staff = Browser(app).sign_in_to_office(officer("admin", portal))
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            known = {
                "student_id": cast.ana.id, "section_id": cast.math.id, "staff_id": cast.teacher.id, "session_id": 1,
                "token": "x", "step": "key", "name": "password",
            }  # fmt: skip
            values = {name: known.get(name, sample(kind)) for name, kind in rule._converters.items()}
            with app.test_request_context():
                path = rule.build(values)
            assert path is not None
            who = staff if rule.endpoint.startswith("office.") and rule.endpoint not in PUBLIC else visitor
            answer = who.client.post(path[1], data={"body": "Hello", "language": "es"})
            # The address in a mail is its own proof; a wrong one is no page.
            assert answer.status_code == (404 if rule.endpoint == "news.stop" else 400), rule.endpoint
    assert visitor.open("/").status == 200, "still signed in"


def sample(kind: BaseConverter) -> str | int:
    """Something that a part of an address may be."""
    if isinstance(kind, AnyConverter):
        return sorted(kind.items)[0]
    return 1 if isinstance(kind, IntegerConverter) else "x"


def pages_of(cast: Cast) -> list[str]:
    """Every page behind the door, for Ana where it is about a student."""
    student = f"/students/{cast.ana.id}"
    section = f"{student}/grades/{cast.math.id}"
    return [
        "/calendar", f"{student}/calendar", f"{student}/schedule",
        f"{student}/attendance", f"{student}/attendance/2026-11-12", f"{student}/behavior", f"{student}/programs",
        f"{student}/tests", f"{student}/history",
        f"{student}/reports", f"{student}/reports/transcript", "/my-data",
        "/", "/messages", student, f"{student}/grades", f"{student}/grades?all=1", section, f"{student}/to-do",
        f"{section}/write/{cast.teacher.id}", "/security", "/security/password", "/security/questions",
        "/security/email", "/security/authenticator", "/security/authenticator/codes", "/security/authenticator/end",
        "/security/passkeys", "/security/passkeys/add", "/security/passkeys/make", "/security/passkeys/1/remove",
        "/preferences", "/preferences/number", "/preferences/number/code",
        "/add-child", "/welcome/password", "/welcome/questions", "/welcome/email",
    ]  # fmt: skip


def without_tokens(page: str) -> str:
    """The page without what differs between any two: tokens, the address it was asked at, seconds left."""
    import re

    return re.sub(r'name="(csrf_token|next)" value="[^"]*"|data-end="\d+"', "", page)
