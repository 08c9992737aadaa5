"""What the office decides about one guardian and one child, and who turns 18 (D06, C01, DECISIONS 28)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import factories
import pytest
from browsing import Browser
from factories import TODAY, Cast, officer
from flask import Flask

import models as m
from config import Settings
from services import clock, keys, of_age, outbox, withdrawal, worker
from services.office import rights
from services.office.scope import Office

DAY = dt.timedelta(days=1)


def at(guardian: m.Guardian, student: m.Student, action: str = "") -> str:
    return f"/office/guardians/{guardian.id}/students/{student.id}/rights{'/' + action if action else ''}"


def pair_of(guardian: m.Guardian, student: m.Student) -> m.Guardianship:
    return m.Guardianship.get(m.Guardianship.guardian == guardian, m.Guardianship.student == student)


def decided(action: str) -> dict[str, Any]:
    """The details of the one decision of this kind."""
    found: dict[str, Any] = m.AuditEvent.get(m.AuditEvent.action == action).details
    return found


@pytest.fixture
def staff(app: Flask, cast: Cast, portal: Settings) -> m.Account:
    """A clerk of Ana's school."""
    at_school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    return officer("clerk", portal, at=at_school)


@pytest.fixture
def clerk(app: Flask, staff: m.Account) -> Browser:
    """The clerk at work."""
    return Browser(app).sign_in_to_office(staff)


def test_D06_a_restriction_ends_access_to_that_child_at_once_in_open_sessions_too(
    app: Flask, clerk: Browser, staff: m.Account, cast: Cast
) -> None:
    rosa = cast.rosa.guardian
    phone, computer = Browser(app).sign_in(cast.rosa), Browser(app).sign_in(cast.rosa)
    ana, ben = f"/students/{cast.ana.id}", f"/students/{cast.ben.id}"
    assert [one.open(ana).status for one in (phone, computer)] == [200, 200]
    clerk.open(f"/office/guardians/{rosa.id}").follow("Rights").follow("Restrict access")
    clerk.send(document="Court order 4711", reason="Custody decided")
    assert clerk.path == at(rosa, cast.ana) and "Court order 4711" in clerk.text
    for browser in (phone, computer):
        assert (browser.open(ana).status, browser.open(ben).status) == (404, 200)
        assert "Ana" not in browser.open("/").page
    assert Browser(app).sign_in(cast.carlos).open(ana).status == 200, "the other parent's rights stay"
    pair = pair_of(rosa, cast.ana)
    assert (pair.office_access, pair.office_document, pair.office_reason) == (
        False, "Court order 4711", "Custody decided",
    )  # fmt: skip
    event = m.AuditEvent.get(m.AuditEvent.action == "access restricted")
    assert (event.account_id, event.student_id) == (staff.id, cast.ana.id)
    assert event.details == {
        "guardian": rosa.id, "document": "Court order 4711", "reason": "Custody decided", "begins": None, "ends": None,
    }  # fmt: skip
    history = clerk.text.partition("What was decided before")[2]
    assert "Access restricted" in history and staff.person.name in history and "Custody decided" in history

    clerk.follow("End the office's decision").send(reason="The order was lifted")
    assert phone.open(ana).status == 200
    assert decided("restriction lifted") == {"guardian": rosa.id, "reason": "The order was lifted"}
    assert (pair_of(rosa, cast.ana).office_access, pair_of(rosa, cast.ana).office_document) == (None, None)
    assert "Restriction lifted" in clerk.text and "Court order 4711" in clerk.text, "the history keeps both"


@pytest.mark.parametrize(
    ("begins", "ends", "closed_on"),
    [
        (None, None, (TODAY, TODAY + 400 * DAY)),
        (TODAY + 2 * DAY, TODAY + 4 * DAY, (TODAY + 2 * DAY, TODAY + 4 * DAY)),
        (None, TODAY, (TODAY, TODAY)),
    ],
)
@pytest.mark.parametrize("flag", [None, True])
def test_D06_a_restriction_counts_from_its_first_to_its_last_day(
    clerk: Browser, cast: Cast, begins: dt.date | None, ends: dt.date | None, closed_on: tuple[dt.date, dt.date],
    flag: bool | None,
) -> None:  # fmt: skip
    m.Guardianship.update(portal_access=flag).execute()
    typed = {"begins": begins.isoformat() if begins else "", "ends": ends.isoformat() if ends else ""}
    clerk.open(at(cast.rosa.guardian, cast.ana, "restrict")).send(document="Order 1", **typed)
    for day in (TODAY - DAY, TODAY, TODAY + DAY, closed_on[0], closed_on[1], min(closed_on[1] + DAY, TODAY + 90 * DAY)):
        closed = closed_on[0] <= day <= closed_on[1] or (begins is None and day < TODAY)
        if day <= TODAY + 100 * DAY:
            assert (cast.ana in list(m.Student.visible_to(cast.rosa, day))) != closed, day


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"document": ""}, "Name the document"),
        ({"document": " . "}, "Name the document"),
        ({"document": "x" * 201}, "name the document, do not copy it"),
        ({"document": "o", "reason": "x" * 501}, "a sentence or two will do"),
        ({"document": "o", "begins": "soon"}, "Enter a day such as"),
        ({"document": "o", "ends": "2026-02-30"}, "Enter a day such as"),
        ({"document": "o", "begins": "2026-12-24", "ends": "2026-12-01"}, "before the first"),
        ({"document": "o", "ends": "2026-11-15"}, "This day is over"),
    ],
)
def test_D06_a_restriction_names_its_document_and_sensible_days(
    clerk: Browser, cast: Cast, typed: dict[str, str], said: str
) -> None:
    clerk.open(at(cast.rosa.guardian, cast.ana, "restrict")).send(**typed)
    assert clerk.status == 422 and said in clerk.text
    assert all(value in clerk.page for value in typed.values()), "what was typed is kept"
    assert pair_of(cast.rosa.guardian, cast.ana).office_access is None
    assert not m.AuditEvent.select().where(m.AuditEvent.action == "access restricted").exists()


def test_D06_calendar_addresses_keys_and_waiting_mail_end_with_the_access(
    app: Flask, clerk: Browser, cast: Cast, portal: Settings
) -> None:
    rosa = cast.rosa.guardian
    family = Browser(app).sign_in(cast.rosa)
    addresses = {}
    for child in (cast.ana, cast.ben):
        family.open(f"/students/{child.id}/calendar").send(f"/students/{child.id}/calendar/address")
        addresses[child] = re.findall(r"http://localhost(/calendar/[\w-]+\.ics)", family.page)[0]
        message = m.Message.create(
            account=cast.rosa, student=child, staff=cast.teacher, body="Hello", created_at=clock.now()
        )
        outbox.enqueue(
            kind="message", recipient="t@example.com", subject="s", text=child.name, message=message,
            account=cast.rosa, about={child.id: []},
        )  # fmt: skip
        keys.issue(rosa, child=child, settings=portal, now=clock.now())
        text = f"The key for {child.name}: ABCD"
        for whose, said in ((rosa, text), (cast.carlos.guardian, "w")):
            outbox.enqueue(
                kind="key", recipient="typed@example.com", subject="s", text=said, guardian=whose, about={child.id: []}
            )
    clerk.open(at(rosa, cast.ana, "restrict")).send(document="Order 1")
    reader = app.test_client()
    assert [reader.get(addresses[child]).status_code for child in (cast.ana, cast.ben)] == [404, 200]
    assert {mail.text: mail.state for mail in m.OutboundMail.select()} == {
        "w": "queued", "Ana Reyes": "withdrawn", "Ben Reyes": "queued",
        "The key for Ana Reyes: ABCD": "withdrawn", "The key for Ben Reyes: ABCD": "queued",
    }  # fmt: skip
    live = [key.student_id for key in m.ActivationKey.select().where(keys.is_live(clock.now()))]
    assert live == [cast.ben.id]
    clerk.open(at(rosa, cast.ana, "lift")).send(reason="Mistake")
    assert reader.get(addresses[cast.ana]).status_code == 404, "an address that ended stays dead"


def test_D06_a_key_mailed_to_an_address_typed_at_the_counter_ends_with_the_access(
    app: Flask, clerk: Browser, cast: Cast, portal: Settings
) -> None:
    aunt = factories.guardian("Aunt May", (cast.zoe,))
    factories.guardianship(cast.ana, aunt)
    token = {"once": "x" * 20, "document": "license", "legal": "1", "delivery": "mail", "email": "may@example.com"}
    clerk.open(f"/office/register/guardians/{aunt.id}?student={cast.zoe.id}")
    ticked = {f"child_{cast.zoe.id}": "1", f"child_{cast.ana.id}": "1"}
    csrf = re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"', clerk.page)[0]
    data = {**token, **ticked, "language": "en", "csrf_token": csrf}
    assert clerk.client.post(f"/office/register/guardians/{aunt.id}", data=data).status_code == 303
    mail, key = m.OutboundMail.get(m.OutboundMail.kind == "key"), m.ActivationKey.get(m.ActivationKey.guardian == aunt)
    assert (mail.recipient, mail.state, key.student) == ("may@example.com", "queued", None)
    clerk.open(at(aunt, cast.zoe, "restrict")).send(document="Order 1")
    assert m.OutboundMail.get_by_id(mail.id).state == "withdrawn", "it names the child"
    assert m.ActivationKey.get_by_id(key.id).revoked_at is None, "a key for all children opens the other one"
    clerk.open(at(aunt, cast.ana, "restrict")).send(document="Order 2")
    assert m.ActivationKey.get_by_id(key.id).revoked_at is not None, "no child is left that it opens"


def test_D06_mail_that_is_due_after_a_later_restriction_has_begun_is_withdrawn_then(clerk: Browser, cast: Cast) -> None:
    message = m.Message.create(
        account=cast.rosa, student=cast.ana, staff=cast.teacher, body="Hello", created_at=clock.now()
    )
    mail = outbox.enqueue(kind="message", recipient="t@example.com", subject="s", text="t", message=message)
    tomorrow = TODAY + DAY
    clerk.open(at(cast.rosa.guardian, cast.ana, "restrict")).send(document="Order 1", begins=tomorrow.isoformat())
    assert m.OutboundMail.get_by_id(mail.id).state == "queued"
    counts = worker.run_once(None, still_allowed=lambda one: withdrawal.is_allowed(one, tomorrow))  # type: ignore[arg-type]
    assert counts.withdrawn == 1


def test_C01_single_sections_are_withheld_from_one_guardian_and_nobody_else(
    app: Flask, clerk: Browser, cast: Cast
) -> None:
    rosa = cast.rosa.guardian
    family = Browser(app).sign_in(cast.rosa)
    attendance = f"/students/{cast.ana.id}/attendance"
    assert family.open(attendance).status == 200
    clerk.open(at(rosa, cast.ana, "sections"))
    assert all(label in clerk.text for label in ("Grades", "Attendance", "Behavior", "Fees and meals", "Reports"))
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', clerk.page)
    assert token is not None

    def withhold(reason: str, *sections: str) -> int:
        data = {
            "csrf_token": token[1], "withheld": list(sections), "reason": reason,
            "made_for": rights.version(pair_of(rosa, cast.ana)),
        }  # fmt: skip
        return clerk.client.post(at(rosa, cast.ana, "sections"), data=data).status_code

    assert withhold("", "attendance") == 422 and pair_of(rosa, cast.ana).withheld == []
    assert withhold("Court order 4711", "attendance", "behavior", "nonsense") == 303
    assert pair_of(rosa, cast.ana).withheld == ["attendance", "behavior"]
    assert (family.open(attendance).status, family.open(f"/students/{cast.ana.id}/grades").status) == (404, 200)
    assert attendance not in family.open(f"/students/{cast.ana.id}").page
    assert family.open(f"/students/{cast.ben.id}/attendance").status == 200, "another child's stays open"
    assert Browser(app).sign_in(cast.carlos).open(attendance).status == 200
    assert decided("sections withheld")["sections"] == ["attendance", "behavior"]
    assert "The office withholds: Attendance, Behavior" in clerk.open(at(rosa, cast.ana)).text
    clerk.follow("Withhold single sections")
    assert re.findall(r'value="(\w+)" checked', clerk.page) == ["attendance", "behavior"]
    assert withhold("Lifted") == 303 and family.open(attendance).status == 200


def test_C01_the_office_grants_what_the_relation_alone_does_not(
    app: Flask, clerk: Browser, cast: Cast, portal: Settings
) -> None:
    aunt = factories.guardian("Ina Vega")
    factories.guardianship(cast.ana, aunt, relation="Aunt", default_access=False)
    family = Browser(app).sign_in(factories.account(aunt, "ina@example.com", portal))
    ana = f"/students/{cast.ana.id}"
    assert family.open(ana).status == 404
    clerk.open(at(aunt, cast.ana)).follow("Grant access").send(document="")
    assert clerk.status == 422
    clerk.send(document="Power of attorney 12")
    assert family.open(ana).status == 200
    assert "The office has granted access. Document: Power of attorney 12" in clerk.text
    clerk.follow("End the office's decision").send(reason="Withdrawn")
    assert family.open(ana).status == 404
    assert decided("grant ended")["reason"] == "Withdrawn"
    m.Guardianship.update(portal_access=False).where(m.Guardianship.guardian == aunt).execute()
    assert "Grant access" not in clerk.open(at(aunt, cast.ana)).text, "the SIS's no is stronger"
    assert clerk.open(at(aunt, cast.ana, "grant")).path == at(aunt, cast.ana)


def test_C01_parents_have_equal_rights_by_default(clerk: Browser, cast: Cast) -> None:
    for parent in (cast.rosa.guardian, cast.carlos.guardian):
        text = clerk.open(at(parent, cast.ana)).text
        assert "Grant access" not in text and "Restrict access" in text and "May see this student" in text


def test_D06_the_office_connects_a_guardian_whom_the_sis_does_not_pair(app: Flask, clerk: Browser, cast: Cast) -> None:
    rosa, zoe = cast.rosa.guardian, f"/students/{cast.zoe.id}"
    family = Browser(app).sign_in(cast.rosa)
    assert family.open(zoe).status == 404
    clerk.open(at(rosa, cast.zoe)).follow("Connect guardian and student").send(document="")
    assert clerk.status == 422 and "Choose what the guardian is" in clerk.text and "Name the document" in clerk.text
    clerk.send(relation="guardian", legal_guardian="1", document="Guardianship 88")
    assert family.open(zoe).status == 200
    pair = pair_of(rosa, cast.zoe)
    assert (pair.from_office, pair.office_access, pair.relation, pair.legal_guardian) == (
        True, True, "Legal guardian", True,
    )  # fmt: skip
    assert decided("guardian connected") == {
        "guardian": rosa.id, "relation": "guardian", "legal_guardian": True, "document": "Guardianship 88",
    }  # fmt: skip
    assert "Connected by: the office" in clerk.open(at(rosa, cast.zoe)).text
    assert clerk.open(at(rosa, cast.zoe, "connect")).path == at(rosa, cast.zoe)
    clerk.open(at(rosa, cast.zoe)).follow("Disconnect guardian and student").send(reason="Wrong person")
    assert family.open(zoe).status == 404
    assert "Connected by the office" in clerk.text and "Disconnected by the office" in clerk.text


def test_D06_connecting_again_does_not_lift_a_restriction(app: Flask, clerk: Browser, cast: Cast) -> None:
    former = cast.revoked.guardian
    m.Guardianship.update(from_associations=False).where(m.Guardianship.guardian == former).execute()
    clerk.open(at(former, cast.ana, "connect")).send(relation="father", document="Certificate")
    assert Browser(app).sign_in(cast.revoked).open(f"/students/{cast.ana.id}").status == 404
    assert pair_of(former, cast.ana).office_document == "order 4711"


def test_C01_a_decision_that_somebody_else_was_faster_with_changes_nothing(clerk: Browser, cast: Cast) -> None:
    clerk.open(at(cast.rosa.guardian, cast.ana, "restrict"))
    late = clerk.tab()
    clerk.send(document="Order 1")
    late.send(document="Order 2", reason="Typed with care")
    assert late.status == 409 and "not possible any more" in late.text
    assert "Typed with care" in late.page and "document: Order 1" in late.text
    assert "<button>Restrict access" not in late.page
    assert pair_of(cast.rosa.guardian, cast.ana).office_document == "Order 1"


def test_D06_a_form_made_to_end_a_grant_does_not_lift_a_later_restriction(clerk: Browser, cast: Cast) -> None:
    aunt = factories.guardian("Ina Vega")
    factories.guardianship(cast.ana, aunt, default_access=False, office_access=True, office_document="Attorney 12")
    clerk.open(at(aunt, cast.ana, "lift"))
    late = clerk.tab()
    clerk.open(at(aunt, cast.ana, "restrict")).send(document="Court order 9")
    late.send(reason="The paper was withdrawn")
    assert late.status == 409 and "have been changed meanwhile. Nothing was saved" in late.text
    assert "Access restricted document: Court order 9" in late.text and "The paper was withdrawn" in late.page
    assert (pair_of(aunt, cast.ana).office_access, pair_of(aunt, cast.ana).office_document) == (False, "Court order 9")
    assert not m.AuditEvent.select().where(m.AuditEvent.action.in_(("restriction lifted", "grant ended"))).exists()
    late.send()
    assert late.status == 200 and pair_of(aunt, cast.ana).office_access is None, "whoever has seen it decides"
    assert decided("restriction lifted")["reason"] == "The paper was withdrawn"


def test_C01_a_second_form_of_sections_does_not_open_what_the_first_withheld(clerk: Browser, cast: Cast) -> None:
    rosa = cast.rosa.guardian
    clerk.open(at(rosa, cast.ana, "sections"))
    late = clerk.tab()

    def withhold(browser: Browser, section: str, reason: str) -> None:
        fields = {name: re.findall(rf'name="{name}"[^>]* value="([^"]+)"', browser.page)[0]
                  for name in ("csrf_token", "made_for")}  # fmt: skip
        data = {**fields, "withheld": section, "reason": reason}
        browser._show(browser.client.post(at(rosa, cast.ana, "sections"), data=data, follow_redirects=True))

    withhold(clerk, "behavior", "Order 1")
    withhold(late, "fees", "Order 2")
    assert late.status == 409 and "The office withholds: Behavior" in late.text and "Order 2" in late.page
    assert pair_of(rosa, cast.ana).withheld == ["behavior"]
    assert re.findall(r'value="(\w+)" checked', late.page) == ["behavior", "fees"], "neither choice is lost"


def test_D06_a_form_without_what_it_was_made_for_changes_nothing(clerk: Browser, cast: Cast) -> None:
    clerk.open(at(cast.rosa.guardian, cast.ana, "restrict")).send(document="Order 1", made_for="")
    assert clerk.status == 409 and pair_of(cast.rosa.guardian, cast.ana).office_access is None


@pytest.mark.parametrize("late", ["grant", "withhold", "lift", "restrict", "disconnect"])
def test_D06_a_decision_about_a_pair_that_was_read_before_another_overwrites_nothing(
    app: Flask, staff: m.Account, cast: Cast, late: str
) -> None:
    aunt, by = factories.guardian("Ina Vega"), Office(staff, TODAY)
    factories.guardianship(
        cast.ana, aunt, default_access=False, from_office=late == "disconnect",
        office_access=True if late == "lift" else None,
    )  # fmt: skip
    stale, fresh = pair_of(aunt, cast.ana), pair_of(aunt, cast.ana)
    said: dict[str, Any] = {"by": by, "now": clock.now()}
    rights.restrict(fresh, document="Court order 9", reason="", begins=None, ends=None, **said)
    decisions = {
        "grant": lambda: rights.grant(stale, document="Attorney 12", **said),
        "withhold": lambda: rights.withhold(stale, [], reason="r", **said),
        "lift": lambda: rights.lift(stale, reason="r", **said),
        "restrict": lambda: rights.restrict(stale, document="o", reason="", begins=None, ends=None, **said),
        "disconnect": lambda: rights.disconnect(stale, reason="r", **said),
    }
    with pytest.raises(rights.Changed):
        decisions[late]()
    pair = pair_of(aunt, cast.ana)
    assert (pair.office_access, pair.office_document) == (False, "Court order 9")
    assert m.AuditEvent.select().where(m.AuditEvent.action.in_(rights.ACTIONS)).count() == 1


def test_D06_only_clerks_and_admins_of_the_school_decide(app: Flask, cast: Cast, portal: Settings) -> None:
    elementary = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ben).school
    middle = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    pages = [at(cast.rosa.guardian, cast.ana), at(cast.rosa.guardian, cast.ana, "restrict")]
    for refused in (
        officer("counselor", portal, at=middle), officer("teacher", portal, person=cast.teacher),
        officer("clerk", portal, at=elementary),
    ):  # fmt: skip
        browser = Browser(app).sign_in_to_office(refused)
        assert [browser.open(page).status for page in pages] == [404, 404]
    for family in (cast.rosa, cast.carlos, cast.pupil):
        assert Browser(app).sign_in(family).open(pages[0]).status == 404
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    assert [admin.open(page).status for page in pages] == [200, 200]
    assert admin.open(at(cast.rosa.guardian, cast.ana, "nonsense")).status == 404
    counselor = Browser(app).sign_in_to_office(officer("counselor", portal, at=middle))
    assert "/rights" not in counselor.open(f"/office/students/{cast.ana.id}").page


def test_D06_a_clerk_who_teaches_elsewhere_is_only_a_teacher_there(app: Flask, cast: Cast, portal: Settings) -> None:
    elementary = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ben).school
    both = officer("clerk", portal, at=elementary, person=cast.teacher)
    m.OfficeRole.create(account=both, role="teacher")
    rosa, wendy, browser = cast.rosa.guardian, cast.stranger.guardian, Browser(app).sign_in_to_office(both)
    assert browser.open(f"/office/students/{cast.zoe.id}").status == 200, "a student of an own class"
    for page in ("/rights", "/why", "/office/guardians", "/key", "/account"):
        assert page not in browser.page.partition("<main")[2], page
    for page in (
        at(wendy, cast.zoe), at(wendy, cast.zoe, "restrict"), f"/office/guardians/{wendy.id}",
        f"/office/guardians/{wendy.id}/identity", f"/office/register/guardians/{wendy.id}",
        f"/office/guardians/{wendy.id}/students/{cast.zoe.id}/why", f"/office/students/{cast.zoe.id}/account",
        at(rosa, cast.ana),
    ):  # fmt: skip
        assert browser.open(page).status == 404, page
    assert [browser.open(page).status for page in (at(rosa, cast.ben), f"/office/guardians/{rosa.id}")] == [200, 200]
    assert (
        "Ben Reyes" in browser.text and "Ana Reyes" not in browser.text.partition("Children")[2].partition("House")[0]
    )


def test_D06_who_is_a_clerk_here_and_a_counselor_there_decides_here_alone(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    elementary = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ben).school
    middle = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    both = officer("clerk", portal, at=elementary)
    m.OfficeRole.create(account=both, role="counselor", school=middle)
    rosa, browser = cast.rosa.guardian, Browser(app).sign_in_to_office(both)
    assert [browser.open(at(rosa, one)).status for one in (cast.ana, cast.ben)] == [404, 200]
    why = f"/office/guardians/{rosa.id}/students"
    assert [browser.open(f"{why}/{one.id}/why").status for one in (cast.ana, cast.ben)] == [200, 200]


def test_D06_a_school_that_a_child_has_left_for_another_looks_and_decides_nothing(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    elementary = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ben).school
    earlier = {"entry_date": dt.date(2018, 8, 1), "exit_date": dt.date(2019, 6, 1)}
    for child in (cast.ana, cast.zoe):
        m.SchoolEnrollment.create(sourced_id=f"old-{child.id}", student=child, school=elementary, **earlier)
    rosa, wendy = cast.rosa.guardian, cast.stranger.guardian
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=elementary))
    assert clerk.open(f"/office/students/{cast.ana.id}").status == 200 and "Help with the account" not in clerk.text
    assert "Zoe Whitfield" in clerk.open("/office").send(q="Zoe").text
    for page in (
        at(rosa, cast.ana), at(rosa, cast.ana, "restrict"), at(wendy, cast.zoe), f"/office/guardians/{wendy.id}",
        f"/office/students/{cast.ana.id}/account", f"/office/students/{cast.ana.id}/why",
        f"/office/register/guardians/{wendy.id}", f"/office/guardians/{wendy.id}/identity",
    ):  # fmt: skip
        assert clerk.open(page).status == 404, page
    assert "Ana Reyes" not in clerk.open(f"/office/guardians/{rosa.id}").text, "by the other child"

    here = m.SchoolEnrollment.student == cast.ana, m.SchoolEnrollment.sourced_id != f"old-{cast.ana.id}"
    m.SchoolEnrollment.update(exit_date=dt.date(2026, 10, 1)).where(*here).execute()
    last = Browser(app).sign_in_to_office(
        officer("clerk", portal, at=m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.zoe).school)
    )
    assert last.open(at(rosa, cast.ana)).status == 200, "who has left all schools is still the last one's"
    assert clerk.open(at(rosa, cast.ana)).status == 404


# ---- 18 ----------------------------------------------------------------------------------------------------------


def test_those_who_turn_18_are_listed_for_their_own_schools(app: Flask, cast: Cast, portal: Settings) -> None:
    middle = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    far = factories.school("Far High")
    for name, school, born in (
        ("Turned Lately", middle, dt.date(2008, 9, 1)), ("Turns Soon", middle, dt.date(2009, 1, 15)),
        ("Turns Later", middle, dt.date(2009, 1, 16)), ("Turned Before", middle, dt.date(2008, 8, 16)),
        ("First Day", middle, dt.date(2008, 8, 17)), ("Far Away", far, dt.date(2008, 12, 1)),
        ("Not Known", middle, None), ("=1+1 Evil", middle, dt.date(2008, 11, 16)),
    ):  # fmt: skip
        factories.student(name, school, birth_date=born)
    browser = Browser(app).sign_in_to_office(officer("clerk", portal, at=middle)).open("/office").follow("Turning 18")
    names = ("First Day", "Turned Lately", "=1+1 Evil", "Turns Soon")
    places = [browser.text.find(name) for name in names]
    assert places == sorted(places) and -1 not in places
    for other in ("Turns Later", "Turned Before", "Far Away", "Not Known", "Ana Reyes"):
        assert other not in browser.text
    assert browser.text.count("18 already") == 3
    answer = browser.client.get("/office/eighteen.csv")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    lines = answer.get_data(as_text=True).splitlines()
    assert len(lines) == 5 and lines[3].startswith("'=1+1 Evil,") and lines[4].endswith(",2027-01-15")
    assert [one.details for one in m.AuditEvent.select().where(m.AuditEvent.action == "birthdays viewed")] == [
        {"page": "page", "students": 4}, {"page": "file", "students": 4},
    ]  # fmt: skip
    assert Browser(app).sign_in_to_office(officer("teacher", portal)).open("/office/eighteen").status == 404
    assert Browser(app).sign_in(cast.rosa).open("/office/eighteen.csv").status == 404
    assert "Far Away" in Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/eighteen").text


def test_a_list_without_anybody_says_so(app: Flask, cast: Cast, portal: Settings) -> None:
    browser = Browser(app).sign_in_to_office(officer("clerk", portal)).open("/office/eighteen")
    assert "There are no such students." in browser.text


@pytest.mark.parametrize(
    ("born", "day"),
    [
        (dt.date(2008, 2, 29), dt.date(2026, 3, 1)), (dt.date(2008, 3, 1), dt.date(2026, 3, 1)),
        (dt.date(2008, 2, 28), dt.date(2026, 2, 28)),
    ],
)  # fmt: skip
def test_who_was_born_on_a_leap_day_turns_18_on_march_1(born: dt.date, day: dt.date) -> None:
    assert of_age.birthday(born) == day
