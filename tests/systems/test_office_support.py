""" "Why can't this guardian see this student?", and the work orders to technical support (H06, H07)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
from collections.abc import Callable
from typing import Any

import factories
import pytest
from browsing import Browser, mails
from factories import SECRET, TODAY, Cast, officer
from flask import Flask

import models as m
from config import Settings
from services import clock, keys
from services.office import why

DAY = dt.timedelta(days=1)


def at(guardian: m.Guardian, student: m.Student) -> str:
    return f"/office/guardians/{guardian.id}/students/{student.id}/why"


def failed(browser: Browser) -> str:
    """What the page's summary says is wrong."""
    return browser.text.partition("does not see this student.")[2].partition("What was checked")[0]


@pytest.fixture
def clerk(app: Flask, cast: Cast, portal: Settings) -> Browser:
    """A clerk of Ana's school at work."""
    at_school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    return Browser(app).sign_in_to_office(officer("clerk", portal, at=at_school))


def test_H06_the_verdict_is_that_of_the_one_query_that_decides(app: Flask, portal: Settings) -> None:
    """Hundreds of combinations: wherever the page and `Student.visible_to` differ, one of the two is wrong."""
    factories.school_year()
    school, other = factories.school(), factories.school("Juniper")
    child, parent = factories.student(at=school), factories.guardian()
    second = m.SchoolEnrollment.create(sourced_id="second", student=child, school=other, exit_date=TODAY - 30 * DAY)
    enrollment = m.SchoolEnrollment.get(m.SchoolEnrollment.student == child, m.SchoolEnrollment.id != second.id)
    pair = factories.guardianship(child, parent)
    account = factories.account(parent, "p@example.com", portal)
    days = (None, None, None, TODAY - 9 * DAY, TODAY - DAY, TODAY, TODAY + DAY)
    chances: tuple[tuple[Any, str, tuple[Any, ...]], ...] = (
        (account, "state", ("active",) * 9 + ("pending", "dormant", "left", "locked", "disabled", "cancelled")),
        (account, "per_child", (False, False, False, True)),
        (parent, "active", (True,) * 9 + (False,)),
        (child, "active", (True,) * 9 + (False,)),
        (school, "active", (True,) * 5 + (False,)), (school, "switched_on", (True,) * 5 + (False,)),
        (other, "switched_on", (True, False)),
        (enrollment, "exit_date", (None, None, TODAY - DAY, TODAY, dt.date(2027, 6, 4))),
        (second, "exit_date", (TODAY - 30 * DAY,) * 4 + (None,)),
        (pair, "portal_access", (None, None, None, True, False)), (pair, "office_access", (None, None, True, False)),
        (pair, "default_access", (True, True, False)), (pair, "contact_restrictions", (None, "No contact")),
        (pair, "restricted_from", days), (pair, "restricted_until", days),
        (pair, "office_from", days), (pair, "office_until", days),
        (pair, "from_associations", (True, True, True, False)), (pair, "from_office", (False, False, True)),
        (pair, "from_student_agents", (False, False, False, True)),
        (pair, "activated_at", (None, dt.datetime(2026, 9, 1))), (pair, "withheld", ([], ["grades"])),
        (child, "birth_date", (dt.date(2013, 4, 2), None, *(dt.date(2008, 11, day) for day in (15, 16, 17)))),
    )  # fmt: skip
    chance, seen = random.Random(18), {True: 0, False: 0}
    for number in range(600):
        for row, column, values in chances:
            setattr(row, column, values[0] if chance.random() < 0.8 else chance.choice(values))
        for row in (account, parent, child, school, other, enrollment, second, pair):
            row.save()
        rule, answer = chance.choice(("dependent", "ask", "consent")), chance.choice((None, True, False))
        m.age_rule.name = rule
        m.AgeAnswer.delete().execute()
        if answer is not None:
            m.AgeAnswer.create(student=child, consents=answer, document="Form", recorded_at=clock.now())
        on = dt.date(2028, 1, 1) if number % 40 == 39 else dt.date(2027, 7, 1) if number % 20 == 19 else TODAY
        ruled = dataclasses.replace(portal, at_eighteen=rule)
        found = why.checks(parent, child, settings=ruled, on=on, now=clock.now())
        expected = m.Student.visible_to(account, on).exists()
        assert why.visible(found) == expected, [(one.name, one.passed, one.fact) for one in found]
        assert json.loads(json.dumps(why.as_json(found))) == why.as_json(found)
        seen[expected] += 1
    assert min(seen.values()) > 100, seen


def change(table: type[m.Table], **values: Any) -> Callable[[Cast], object]:
    return lambda cast: table.update(values).execute()


def pair(**values: Any) -> Callable[[Cast], object]:
    return lambda cast: m.Guardianship.update(values).where(
        m.Guardianship.student == cast.ana, m.Guardianship.guardian == cast.rosa.guardian
    ).execute()  # fmt: skip


def account(**values: Any) -> Callable[[Cast], object]:
    return lambda cast: m.Account.update(values).where(m.Account.id == cast.rosa.id).execute()


@pytest.mark.parametrize(
    ("spoil", "said", "remedy"),
    [
        (lambda cast: cast.rosa.delete_instance(), "the guardian has not registered", "Issue a key"),
        (account(state="cancelled"), "Cancelled", "Issue a key"),
        (account(state="pending"), "E-mail address not verified yet", "Help with the account"),
        (account(state="dormant"), "Not used for a long time", "Help with the account"),
        (account(state="left"), "no child here any more", "Help with the account"),
        (account(state="locked"), "Locked after wrong passwords", "Help with the account"),
        (account(state="disabled"), "Disabled by the office", "Help with the account"),
        (change(m.Guardian, active=False), "The SIS no longer has this guardian.", "Correct it in the SIS"),
        (pair(from_associations=False), "nobody says so any longer", "Change the rights"),
        (pair(portal_access=False), "The SIS says no.", "Correct it in the SIS"),
        (pair(default_access=False, relation="Aunt"), "Relation in the SIS: Aunt.", "Change the rights"),
        (pair(default_access=False, contact_restrictions="No contact"), "restriction: No contact", "Change the rights"),
        (pair(restricted_from=TODAY), "in force, without an end", "Correct it in the SIS"),
        (pair(office_access=False, office_until=TODAY), "in force until Nov 16, 2026", "Change the rights"),
        (account(per_child=True), "this child's key has not been used", "Issue a key"),
        (change(m.Student, active=False), "The SIS no longer has this student.", "Correct it in the SIS"),
        (change(m.SchoolEnrollment, exit_date=TODAY - DAY), "Left Cedar Middle on Nov 15, 2026.", "in the SIS"),
        (change(m.School, switched_on=False), "Cedar Middle: not switched on", "Switch schools on"),
    ],
)  # fmt: skip
def test_H06_each_reason_is_named_with_the_way_to_its_remedy(
    clerk: Browser, cast: Cast, spoil: Callable[[Cast], object], said: str, remedy: str
) -> None:
    page = at(cast.rosa.guardian, cast.ana)
    assert "Yes: this guardian sees this student." in clerk.open(page).text
    spoil(cast)
    clerk.open(page)
    assert said in failed(clerk), clerk.text
    assert failed(clerk).count(":") <= 3, "one reason alone"
    assert remedy in clerk.text.partition("What was checked")[2]


def test_H06_the_remedies_are_one_click_away(clerk: Browser, cast: Cast) -> None:
    m.Account.update(state="locked").where(m.Account.id == cast.rosa.id).execute()
    clerk.open(at(cast.rosa.guardian, cast.ana)).follow("Help with the account")
    assert clerk.path == f"/office/guardians/{cast.rosa.guardian_id}/identity"
    clerk.open(at(cast.revoked.guardian, cast.ana)).follow("Change the rights")
    assert clerk.path == f"/office/guardians/{cast.revoked.guardian_id}/students/{cast.ana.id}/rights"


def test_H06_a_pair_that_does_not_exist_yet_is_reached_from_either_page(clerk: Browser, cast: Cast) -> None:
    guardian = cast.rosa.guardian
    clerk.open(f"/office/guardians/{guardian.id}").follow("Which student is not seen?")
    clerk.send(q="whitfield").follow("Zoe Whitfield")
    assert clerk.path == at(guardian, cast.zoe)
    assert "Nothing connects this guardian with this student." in failed(clerk)
    clerk.open(f"/office/students/{cast.zoe.id}").follow("Which guardian does not see the student?")
    assert clerk.send(q="rosa").follow("Rosa Reyes").path == at(guardian, cast.zoe)
    assert clerk.open(f"/office/guardians/{guardian.id}/why").send(q="nobody").text.count("Nobody was found") == 1


def test_H06_keys_and_mail_say_whose_when_and_what_became_of_them(clerk: Browser, cast: Cast, portal: Settings) -> None:
    aunt = factories.guardian("Ina Vega", (cast.ana,), email="ina@example.com")
    page = at(aunt, cast.ana)
    assert "None was issued to this guardian." in clerk.open(page).text
    clock.set_source(lambda: dt.datetime(2026, 11, 1, 15, 0))
    value = keys.issue(aunt, settings=portal, now=clock.now())
    m.OutboundMail.create(
        header_id="<1@x>", kind="token", recipient="ina@example.com", subject="s", text="t", created_at=clock.now(),
        due_at=clock.now(), state="failed", last_error="550 no such user",
    )  # fmt: skip
    clock.set_source(None)
    text = clerk.open(page).text
    assert "Issued Nov 1, 2026, 10:00 AM, not used yet, good until Dec 31, 2026, 10:00 AM. For all children." in text
    assert "token, Nov 1, 2026, 10:00 AM: could not be delivered" in text
    assert value not in clerk.page
    m.ActivationKey.update(used_at=dt.datetime(2026, 11, 2, 15, 0)).execute()
    assert "used Nov 2, 2026, 10:00 AM." in clerk.open(page).text
    m.ActivationKey.update(used_at=None, expires_at=dt.datetime(2026, 11, 3)).execute()
    assert "without being used" in clerk.open(page).text


def test_H06_what_waits_behind_the_sign_in_is_told_and_closes_nothing(clerk: Browser, cast: Cast) -> None:
    page = at(cast.rosa.guardian, cast.ana)
    account(duties=["questions"])(cast)
    text = clerk.open(page).text
    assert "Yes: this guardian sees this student." in text and "choose security questions" in text
    account(duties=[], blocked_until=clock.now() + dt.timedelta(minutes=5))(cast)
    assert "no password is taken before" in clerk.open(page).text
    pair(withheld=["grades", "behavior"])(cast)
    assert "The office withholds: Grades, Behavior" in clerk.open(page).text


def test_H06_strangers_to_the_desk_get_404_and_looks_are_written_down(
    app: Flask, clerk: Browser, cast: Cast, portal: Settings
) -> None:
    elementary = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ben).school
    page = at(cast.rosa.guardian, cast.ana)
    clerk.open(page)
    looked = m.AuditEvent.select().order_by(m.AuditEvent.id.desc()).first()
    assert (looked.action, looked.student_id, looked.details) == ("student viewed", cast.ana.id, {"page": "why"})
    for who in (officer("teacher", portal, person=cast.teacher), officer("clerk", portal, at=elementary)):
        assert Browser(app).sign_in_to_office(who).open(page).status == 404
    for family in (cast.rosa, cast.stranger, cast.pupil):
        assert Browser(app).sign_in(family).open(page).status == 404
    for nobody in (f"/office/guardians/987654/students/{cast.ana.id}/why",
                   f"/office/guardians/{cast.rosa.guardian_id}/students/987654/why"):  # fmt: skip
        assert clerk.open(nobody).status == 404


def test_H06_names_of_any_kind_do_no_harm(clerk: Browser, cast: Cast) -> None:
    pair(relation="<b>Mother</b>\u202e" * 15, default_access=False)(cast)
    m.Guardian.update(given_name="<script>", family_name="x" * 250).where(
        m.Guardian.id == cast.rosa.guardian_id
    ).execute()
    clerk.open(at(cast.rosa.guardian, cast.ana))
    assert clerk.status == 200 and "&lt;script&gt;" in clerk.page and "\u202e" not in failed(clerk)


# ---- H07 ---------------------------------------------------------------------------------------------------------


def test_H07_a_work_order_carries_names_number_problem_and_checks_and_comes_back_answered(
    app: Flask, clerk: Browser, cast: Cast, portal: Settings
) -> None:
    page = at(cast.revoked.guardian, cast.ana)
    clerk.open(page).send(body="She says\r\nshe had it <b>yesterday</b>.")
    assert clerk.path == page and "Open" in clerk.text and "she had it" in clerk.text
    order = m.WorkOrder.get()
    assert order.problem == "She says\nshe had it <b>yesterday</b>."
    assert (order.guardian_id, order.student_id, order.state) == (cast.revoked.guardian_id, cast.ana.id, "open")
    assert {"office_restriction": False, "enrollment": True}.items() <= {
        one["name"]: one["passed"] for one in order.checks
    }.items()
    assert m.AuditEvent.get(m.AuditEvent.action == "work order sent").details["order"] == order.id
    assert mails("work_order") == [], "no support_email is set"

    colleague = Browser(app).sign_in_to_office(officer("clerk", portal))
    assert "she had it" not in colleague.open(page).text, "only the own orders are shown"
    assert colleague.open("/office/work-orders").status == 404

    m.Guardianship.update(office_access=None).where(m.Guardianship.guardian == cast.revoked.guardian).execute()
    support = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office").follow("Work orders")
    support.follow(f"Work order {order.id}")
    for told in ("Former Guardian", "Ana Reyes", cast.ana.number, "she had it", "It is in force, without an end."):
        assert told in support.text
    support.send(button=("state", "done"), body="")
    assert support.status == 422 and "Write something first." in support.text
    support.send(button=("state", "done"), body="The order was an old one.")
    assert support.path == "/office/work-orders" and "There are no work orders." in support.text
    assert "Former Guardian" in support.open("/office/work-orders?state=done").text
    assert "The order was an old one." in clerk.open(page).text and "Done" in clerk.text
    answered = m.AuditEvent.get(m.AuditEvent.action == "work order answered")
    assert answered.details == {"order": order.id, "outcome": "done"}
    assert "The order was an old one." in support.open(f"/office/work-orders/{order.id}").text


@pytest.mark.parametrize("body", ["", "   \n ", "x" * 501, "a\x07b"])
def test_H07_a_problem_follows_the_rules_of_messages(clerk: Browser, cast: Cast, body: str) -> None:
    clerk.open(at(cast.revoked.guardian, cast.ana)).send(body=body)
    assert clerk.status == 422 and m.WorkOrder.select().count() == 0
    if len(body) > 500:
        assert "501 characters" in clerk.text and body in clerk.page
    clerk.open(at(cast.revoked.guardian, cast.ana)).send(body="é" * 500)
    assert m.WorkOrder.select().count() == 1


def test_H07_an_order_is_answered_once_and_only_with_a_known_outcome(
    app: Flask, clerk: Browser, cast: Cast, portal: Settings
) -> None:
    clerk.open(at(cast.revoked.guardian, cast.ana)).send(body="Please help.")
    order = m.WorkOrder.get()
    support = Browser(app).sign_in_to_office(officer("admin", portal)).open(f"/office/work-orders/{order.id}")
    late = support.tab()
    support.send(button=("state", "whatever"), body="Fine")
    assert m.WorkOrder.get().state == "open"
    late.send(button=("state", "declined"), body="No.")
    support.open(f"/office/work-orders/{order.id}")
    assert m.WorkOrder.get().answer == "No." and 'name="body"' not in support.page
    assert support.open("/office/work-orders/987654").status == 404
    assert support.open("/office/work-orders?state=nonsense").status == 404


def test_H07_the_mail_to_support_names_nobody_in_its_subject(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(support_email="help@maplevalley.example")
    portal = app.extensions["homeroom"]
    cast = factories.cast(portal)
    m.Guardianship.update(office_document="order\n\n47").where(m.Guardianship.office_access == False).execute()  # noqa: E712
    admin = officer("admin", portal, language="es")
    Browser(app).sign_in_to_office(admin).open(at(cast.revoked.guardian, cast.ana)).send(body="No puede entrar.")
    [mail] = mails("work_order")
    assert (mail.recipient, mail.reply_to) == ("help@maplevalley.example", admin.email)
    assert "Ana" not in mail.subject and "Former" not in mail.subject and cast.ana.number not in mail.subject
    assert str(m.WorkOrder.get().id) in mail.subject
    wanted = ("Former Guardian", "Ana Reyes", cast.ana.number, "No puede entrar.", "by the office: In the way.")
    for told in wanted:
        assert told in mail.text.replace("\u2068", "").replace("\u2069", ""), mail.text
    assert SECRET not in mail.text


def test_H07_the_list_costs_the_same_for_many_orders(app: Flask, cast: Cast, portal: Settings) -> None:
    support = officer("admin", portal)
    browser = Browser(app).sign_in_to_office(support)

    def order(number: int) -> None:
        m.WorkOrder.create(
            guardian=cast.rosa.guardian, student=cast.ana, problem=f"Problem {number}", created_at=clock.now(),
            created_by=support,
        )  # fmt: skip

    order(1)
    one = browser.queries("/office/work-orders")
    for number in range(2, 121):
        order(number)
    assert browser.queries("/office/work-orders") == one
    assert "Problem 50" in browser.text and "Problem 51" not in browser.text
    assert "Problem 51" in browser.follow("More work orders").text
    assert "Problem 120" in browser.follow("More work orders").text
    assert "More work orders" not in browser.text
