"""What the office tells families: which schools use the portal, the help page, maintenance, the agreement."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import factories
import pytest
from browsing import Browser, mails
from factories import TODAY, Cast, officer
from flask import Flask
from peewee import Database

import models as m
from config import Settings
from services import agreements, clock, maintenance, maintenance_mode
from services.keys import issue as issue_key
from services.maintenance_mode import Mode
from services.office import event_files, pages

MakeApp = Callable[..., Flask]
NOW = dt.datetime(2026, 11, 16, 15, 0)
HOSTILE = '<script>alert(1)</script> \u202ereversed\u202c "quoted" &amp; \u0645\u0631\u062d\u0628\u0627'
GOOD = {"password": "a quiet place to read", "repeated": "a quiet place to read"}


@pytest.fixture(autouse=True)
def fixed_clock() -> None:
    clock.set_source(lambda: NOW)


def school_of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def clerk_at(child: m.Student, app: Flask) -> Browser:
    account = officer("clerk", app.extensions["homeroom"], at=school_of(child))
    return Browser(app).sign_in_to_office(account)


def admin(app: Flask) -> Browser:
    return Browser(app).sign_in_to_office(officer("admin", app.extensions["homeroom"]))


def actions() -> list[str]:
    looked = ("signed in", "signed out", "student viewed")
    return [one.action for one in m.AuditEvent.select().order_by(m.AuditEvent.id) if one.action not in looked]


def switch(browser: Browser, **on: bool) -> Browser:
    """Check or clear the boxes of schools by name, and see what would happen."""
    ids = [
        str(one.id)
        for one in m.School.select().order_by(m.School.id)
        if on.get(one.name.split()[0].lower(), one.switched_on)
    ]
    token = _token(browser.open("/office/schools"))
    sent = {"csrf_token": token, "on": ids}
    return browser._show(browser.client.post("/office/schools", data=sent, follow_redirects=True))


def _token(browser: Browser) -> str:
    form = browser._tree().find(".//main//form/input[@name='csrf_token']")
    assert form is not None
    return str(form.get("value"))


# ---- D02 ---------------------------------------------------------------------------------------------------------


def test_D02_switching_a_school_off_hides_it_at_once_deletes_nothing_and_says_first_whom_it_concerns(
    app: Flask, cast: Cast
) -> None:
    rosa, pupil = Browser(app).sign_in(cast.rosa), Browser(app).sign_in(cast.pupil)
    counted = {table: table.select().count() for table in m.ALL_TABLES if table not in (m.AuditEvent, m.Throttle)}
    browser = switch(admin(app), cedar=False)
    assert "These schools are switched off Cedar Middle : students: 2, accounts that see them: 4" in browser.text
    assert m.School.select().where(m.School.switched_on).count() == 2, "not before it is confirmed"
    browser.send(0, ("confirm", "1"))
    assert browser.path == "/office/schools" and "1 school has been switched." in browser.text
    assert not m.School.get(m.School.name == "Cedar Middle").switched_on
    assert rosa.open(f"/students/{cast.ana.id}").status == 404
    assert rosa.open(f"/students/{cast.ben.id}").status == 200
    assert "Ana" not in rosa.open("/").text
    assert pupil.open(f"/students/{cast.ana.id}").status == 404
    changed = {m.LoginSession, m.SignInAttempt, m.Account, m.Staff, m.OfficeRole}
    for table, before in counted.items():
        assert table in changed or table.select().count() == before, table
    event = m.AuditEvent.get(m.AuditEvent.action == "school switched off")
    assert event.details == {"school": school_of(cast.ana).id, "students": 2, "accounts": 4}
    switch(browser, cedar=True).send(0, ("confirm", "1"))
    assert rosa.open(f"/students/{cast.ana.id}").status == 200
    assert actions()[-1] == "school switched on"


def test_D02_nothing_changes_without_a_change_and_made_up_schools_are_404(app: Flask, cast: Cast) -> None:
    browser = admin(app)
    assert "Nothing was changed." in switch(browser).text
    token = _token(browser)
    for values in (
        {"on": "987654"}, {"on": "x"}, {"confirm": "1", "switch_off": "987654"},
        {"confirm": "1", "switch_on": "9" * 30}, {"confirm": "1", "switch_off": "-1"},
    ):  # fmt: skip
        answer = browser.client.post("/office/schools", data={"csrf_token": token, **values})
        assert answer.status_code == 404, values
    assert m.School.select().where(m.School.switched_on).count() == 2


def test_D02_the_page_of_schools_costs_the_same_for_many(app: Flask, cast: Cast) -> None:
    browser = admin(app)
    few = browser.queries("/office/schools")
    for number in range(20):
        factories.student(f"Pupil {number}", factories.school(f"School {number}"))
    assert browser.queries("/office/schools") == few


@pytest.mark.parametrize("role", ["clerk", "counselor", "teacher"])
def test_D02_only_an_admin_switches_schools(app: Flask, cast: Cast, portal: Settings, role: str) -> None:
    browser = Browser(app).sign_in_to_office(officer(role, portal))
    for path in ("/office/schools", "/office/maintenance", "/office/maintenance/new", "/office/agreement"):
        assert browser.open(path).status == 404, path
    assert "Schools" not in browser.open("/office").text
    assert Browser(app).sign_in(cast.rosa).open("/office/schools").status == 404


def elsewhere(make_app: MakeApp, preset: str) -> tuple[Flask, m.Guardian, m.Student, m.School]:
    """A mother whose only child is at a school that does not use the portal yet."""
    app = make_app(preset=preset)
    factories.school_year()
    factories.school("Pilot High")
    later = factories.school("Later Middle", switched_on=False)
    child = factories.student("Ana Reyes", later, number="412345")
    mother = factories.guardian("Rosa Reyes", (child,), person_id="P-88412", email="rosa@example.com")
    return app, mother, child, later


def test_D02_a_registration_whose_children_are_all_elsewhere_gets_no_account_and_a_mail(make_app: MakeApp) -> None:
    app, mother, child, later = elsewhere(make_app, "denver")
    key = issue_key(mother, settings=app.extensions["homeroom"], now=NOW)
    typed = {"user_name": "rosareyes", "email": "rosa@example.com", **GOOD}

    def register() -> Browser:
        return Browser(app).open("/register").send(person_id="P-88412", key=key).send(**typed)

    refused = register()
    assert m.Account.select().count() == 0
    (mail,) = mails("not_yet", "rosa@example.com")
    assert "ask the school" in mail.text and not mails("verify")
    for secret in ("Ana", "Later Middle", "412345", key):
        assert secret not in mail.text + mail.subject
    m.School.update(switched_on=True).where(m.School.id == later.id).execute()
    taken = register()
    assert taken.path == refused.path == "/registered"
    assert taken.text == refused.text, "the page does not tell the two apart"
    assert m.Account.get().guardian == mother, "the key was still good"


def test_D02_one_child_at_a_school_of_the_pilot_is_enough(make_app: MakeApp) -> None:
    app, mother, _child, _later = elsewhere(make_app, "denver")
    sister = factories.student("Bea Reyes", m.School.get(m.School.name == "Pilot High"))
    factories.guardianship(sister, mother)
    key = issue_key(mother, settings=app.extensions["homeroom"], now=NOW)
    browser = Browser(app).open("/register").send(person_id="P-88412", key=key)
    browser.send(user_name="rosareyes", email="rosa@example.com", **GOOD)
    account = m.Account.get()
    assert [one.name for one in m.Student.visible_to(account, TODAY)] == [] and account.state == "pending"
    m.Account.update(state="active").execute()
    assert [one.name for one in m.Student.visible_to(m.Account.get(), TODAY)] == ["Bea Reyes"]


@pytest.mark.parametrize("address", ["rosa@example.com", ""])
def test_D02_without_a_proof_of_the_address_the_page_says_to_ask_the_school(make_app: MakeApp, address: str) -> None:
    app, mother, _child, _later = elsewhere(make_app, "standard")
    key = issue_key(mother, settings=app.extensions["homeroom"], now=NOW)
    browser = Browser(app).open("/register").send(key=key).send(user_name=address, **GOOD)
    assert browser.path == "/registered" and "Please ask your school" in browser.text
    assert "Ana" not in browser.page and "Later Middle" in browser.page, "as one of the offices, like on every page"
    assert m.Account.select().count() == 0 and len(mails("not_yet")) == bool(address)
    assert browser.open("/registered").text.startswith("Please ask your school"), "a reload says the same"


def test_D02_a_token_opens_nothing_for_a_child_elsewhere(make_app: MakeApp) -> None:
    app, mother, child, _later = elsewhere(make_app, "gwinnett")
    factories.telephone(mother, "503 555 0142")
    sister = factories.student("Bea Reyes", m.School.get(m.School.name == "Pilot High"))
    factories.guardianship(sister, mother, relation="Mother")
    m.Guardianship.update(relation="Mother").execute()
    key = issue_key(mother, child=child, settings=app.extensions["homeroom"], now=NOW)
    browser = Browser(app).open("/register")
    browser.send(user_id="rosa@example.com", birth_date=f"{child.birth_date}", key=key)
    browser.send(relation="mother", phone="0142", school="Later Middle")
    browser.send(**({"accept": str(m.Agreement.get().id)} if m.Agreement.select().exists() else {}))
    browser.send(**GOOD)
    assert "Please ask your school" in browser.text, browser.text
    assert m.Account.select().count() == 0 and m.ActivationKey.get().used_at is None


def test_D02_a_students_own_key_opens_nothing_elsewhere(make_app: MakeApp) -> None:
    app, _mother, child, _later = elsewhere(make_app, "henry")
    key = issue_key(child, settings=app.extensions["homeroom"], now=NOW)
    browser = Browser(app).open("/register").send(key=key).send(user_name="anareyes", **GOOD)
    assert "Please ask your school" in browser.text and m.Account.select().count() == 0


# ---- The help page -----------------------------------------------------------------------------------------------


def contact(name: str, at: m.School | None, **values: Any) -> m.SchoolContact:
    return m.SchoolContact.create(
        **{"school": at, "name": name, "role": "point_person", "phone": "720-555-0100", **values}
    )


def training(place: str, at: m.School | None = None, days: int = 3, **values: Any) -> m.TrainingDate:
    return m.TrainingDate.create(**{"school": at, "starts_at": NOW + dt.timedelta(days=days), "place": place, **values})


def link(kind: str = "guide", **values: Any) -> m.HelpLink:
    return m.HelpLink.create(**{
        "kind": kind, "titles": {"en": "How it works"}, "urls": {"en": "https://district.example/guide"}, **values,
    })  # fmt: skip


def test_D18_guardians_read_the_point_person_and_training_of_their_childs_school(app: Flask, cast: Cast) -> None:
    middle, far = school_of(cast.ana), factories.school("Far High")
    contact("Lynn Heintzman", middle)
    contact("Far Person", far)
    contact("Juan Pablo Parodi", None, role="portal_team", email="team@dps.example", phone=None)
    training("Library of Cedar", middle, texts={"en": "Bring your key.", "es": "Traiga su clave."})
    training("Far gym", far)
    training("Central office", None, ends_at=NOW + dt.timedelta(days=3, hours=2))
    training("Yesterday's room", middle, days=-1)
    rosa = Browser(app).sign_in(cast.rosa).follow("Help")
    assert rosa.path == "/help"
    assert "Lynn Heintzman Point person for the portal · Cedar Middle 720-555-0100" in rosa.text
    assert "Juan Pablo Parodi Portal team team@dps.example" in rosa.text
    assert "Library of Cedar · Cedar Middle Bring your key." in rosa.text
    assert "Thursday, November 19, 2026, 10:00" in rosa.text and "– 12:00" in rosa.text
    for absent in ("Far Person", "Far gym", "Yesterday's room"):
        assert absent not in rosa.text
    stranger = Browser(app).open("/help")
    assert "Lynn Heintzman" not in stranger.text and "Juan Pablo Parodi" in stranger.text
    assert "Library of Cedar" in stranger.text and "Far gym" in stranger.text, "whoever has no account yet comes too"
    m.School.update(switched_on=False).where(m.School.id == middle.id).execute()
    assert "Lynn Heintzman" not in rosa.open("/help").text, "hidden with the school"


def test_D18_another_familys_school_stays_out_and_so_does_that_of_a_revoked_guardian(app: Flask, cast: Cast) -> None:
    contact("Of Ben", school_of(cast.ben))
    contact("Of Ana", school_of(cast.ana))
    assert "Of Ben" not in Browser(app).sign_in(cast.stranger).open("/help").text
    assert "Of Ben" in Browser(app).sign_in(cast.rosa).open("/help").text
    gone = Browser(app).sign_in(cast.revoked).open("/help")
    assert "Of Ana" not in gone.text and "Of Ben" not in gone.text


def test_D18_the_office_enters_changes_and_deletes_contacts_and_dates(app: Flask, cast: Cast) -> None:
    browser = clerk_at(cast.ana, app).open("/office/pages").open("/office/pages/contacts/new")
    assert "The whole district" not in browser.text
    browser.send(0, name=" Lynn   Heintzman ", phone="720.424.9250", email="LYNN@dps.example", position="2")
    assert browser.path == "/office/pages" and "Lynn Heintzman" in browser.text
    made = m.SchoolContact.get()
    assert (made.school, made.name, made.role) == (school_of(cast.ana), "Lynn Heintzman", "point_person")
    browser.follow("Lynn Heintzman").send(0, name="Lindsay Drahota", phone="")
    assert m.SchoolContact.get().name == "Lindsay Drahota" and m.SchoolContact.get().phone is None
    browser.open("/office/pages/training/new")
    browser.send(0, day="2026-12-01", starts="6:30 pm", ends="20:00", place="Gym", texts_es="Habrá café.")
    date = m.TrainingDate.get()
    assert (date.starts_at, date.ends_at) == (dt.datetime(2026, 12, 1, 23, 30), dt.datetime(2026, 12, 2, 1, 0))
    assert date.texts == {"es": "Habrá café."}
    browser.open(f"/office/pages/training/{date.id}")
    assert 'value="18:30"' in browser.page and 'value="2026-12-01"' in browser.page
    rosa = Browser(app).sign_in(cast.rosa).open("/help")
    assert "Lindsay Drahota" in rosa.text and "Habrá café. Not in your language yet" in rosa.text
    browser.send(f"/office/pages/training/{date.id}/delete")
    assert not m.TrainingDate.select().exists() and "has been deleted" in browser.text
    assert actions() == ["page entry added", "page entry changed", "page entry added", "page entry deleted"]
    event = m.AuditEvent.get(m.AuditEvent.action == "page entry added")
    assert event.details == {"kind": "contacts", "entry": made.id, "school": school_of(cast.ana).id}


def test_D18_a_clerk_reaches_neither_another_school_nor_the_district(app: Flask, cast: Cast) -> None:
    browser = clerk_at(cast.ana, app)
    theirs = {
        "contacts": [contact("Far", school_of(cast.ben)), contact("All", None)],
        "training": [training("Far", school_of(cast.ben)), training("All")],
        "places": [m.Place.create(name="Library")],
        "links": [link()],
        "events": [office_event("Far", school_of(cast.ben)), office_event("All", None), feed_event("Of the feed")],
    }
    token = _token(browser.open("/office/pages/contacts/new"))
    for kind, rows in theirs.items():
        for row in rows:
            assert browser.open(f"/office/pages/{kind}/{row.id}").status == 404, (kind, row.id)
            gone = browser.client.post(f"/office/pages/{kind}/{row.id}/delete", data={"csrf_token": token})
            assert gone.status_code == 404
            assert type(row).get_or_none(type(row).id == row.id) is not None
    for path in ("places/new", "links/new", "nothing/new", "contacts/987654", "events/987654"):
        assert browser.open(f"/office/pages/{path}").status == 404, path
    listed = browser.open("/office/pages").text
    assert "Far" not in listed and "Library" not in listed
    for school in (str(school_of(cast.ben).id), "", "x", "987654"):
        answer = browser.client.post("/office/pages/contacts/new", data={
            "csrf_token": token, "school": school, "name": "X", "role": "registrar", "phone": "555-0100",
        })  # fmt: skip
        assert answer.status_code == 422, school
    assert m.SchoolContact.select().count() == 2
    for role in ("teacher", "counselor"):
        other = Browser(app).sign_in_to_office(officer(role, app.extensions["homeroom"]))
        assert other.open("/office/pages").status == 404 == other.open("/office/pages/contacts/new").status


def test_D21_places_stand_on_the_help_page_in_the_familys_language_before_signing_in(app: Flask, cast: Cast) -> None:
    browser = admin(app).open("/office/pages/places/new")
    browser.send(
        0, name="Central Library", address="10 Elm St", phone="720-555-0111", hours="Mon–Fri 9–18",
        web_site="https://library.example/computers", texts_en="Free classes on Mondays.", texts_es="Clases gratis.",
    )  # fmt: skip
    stranger = Browser(app).open("/sign-in").follow("Help: what you need, what to check, and where to ask")
    assert "Central Library 10 Elm St · Mon–Fri 9–18 720-555-0111" in stranger.text
    assert "Free classes on Mondays." in stranger.text
    stranger.send("/language", ("language", "es"))
    assert "Clases gratis." in stranger.text and "Free classes" not in stranger.text
    stranger.send("/language", ("language", "vi"))
    assert "Free classes on Mondays." in stranger.text and '<p class="body" lang="en"' in stranger.page


def test_G14_help_has_a_tour_with_links_the_faq_and_the_way_to_the_teacher(app: Flask, cast: Cast) -> None:
    link("faq", titles={"en": "Is it free?"}, texts={"en": "Yes.\nAlways."}, urls={})
    link("video", titles={"en": "Training video"}, urls={"en": "https://video.example/1"})
    rosa = Browser(app).sign_in(cast.rosa).open("/help")
    assert "Is it free? Yes. Always." in rosa.text
    assert 'href="https://video.example/1"' in rosa.page and "Training video Video" in rosa.text
    assert "Ask the teacher first" in rosa.text and "call the school's office" in rosa.text
    for child in (cast.ana, cast.ben):
        assert f'href="/students/{child.id}/grades"' in rosa.page
    rosa.follow("A tour of the portal")
    assert rosa.path == "/help/tour" and "1. Choose a child" in rosa.text and "2. Overview" in rosa.text
    assert rosa.follow("Grades").path == f"/students/{cast.ana.id}/grades"
    carlos = Browser(app).sign_in(cast.carlos)
    for page in ("/help", "/help/tour"):
        assert f"/students/{cast.ana.id}/grades" not in carlos.open(page).page, "withheld from him"
    stranger = Browser(app).open("/help/tour")
    assert stranger.status == 200 and "/students/" not in stranger.page


@pytest.mark.parametrize(
    ("preset", "says", "says_not"),
    [
        ("standard", ["activation key", "have to wait a minute", "e-mail address, or the 13 digits"],
         ["GUID", "photo ID"]),
        ("gwinnett", ["token for that child", "photo ID", "have to wait", "My token never came"], ["GUID"]),
        ("denver", ["Person ID and the GUID", "8 to 20 letters", "prove your e-mail address", "the link in the mail",
                    "your student number"], ["13 digits"]),
        ("clayton", ["The school reactivates it"], ["have to wait a minute"]),
        ("ccps", ["S, then 0", "password comes on the next page", "claim my account"], []),
        ("henry", ["I do not have an activation key yet"], []),
    ],
)  # fmt: skip
def test_G19_help_before_signing_in_says_what_is_needed_and_what_to_check(
    make_app: MakeApp, preset: str, says: list[str], says_not: list[str]
) -> None:
    app = make_app(preset=preset)
    factories.school("Cedar Middle", phone="555-0199", street="1 Oak St", city="Denver")
    browser = Browser(app).open("/sign-in").follow("Help")
    for text in (
        "Which browser?", "Opera Mini", "JavaScript switched off", "Does another web site open?", "http://localhost",
        "Ask your child's school. Only the school can give you a new one.", "At the office of your child's school.",
        "Cedar Middle 1 Oak St, Denver 555-0199", *says,
    ):  # fmt: skip
        assert text in browser.text, text
    for text in says_not:
        assert text not in browser.text, text
    assert "/forgot" in browser.page and "/reset" in browser.page
    assert 'href="tel:555-0199"' in browser.page


def test_G19_the_link_to_help_stands_in_the_same_place_on_every_page(app: Flask, cast: Cast, portal: Settings) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    welcome = Browser(app).sign_in(_with_duty(cast.carlos))
    places = [
        Browser(app).open("/sign-in").page, Browser(app).open("/forgot-password").page, rosa.open("/").page,
        rosa.open(f"/students/{cast.ana.id}/grades").page, rosa.open("/nowhere").page, welcome.page, admin(app).page,
        rosa.open("/help").page,
    ]  # fmt: skip
    for page in places:
        bar = page[page.index('<header class="bar">') : page.index("</header>")]
        assert bar.index('href="/help"') > bar.index('class="brand"')
        assert "<nav" not in bar or bar.index('href="/help"') < bar.index("<nav")
    assert welcome.open("/help").status == 200, "before the duties are done"


def _with_duty(account: m.Account) -> m.Account:
    account.duties = ["password"]
    account.save()
    return account


def test_G19_documents_exist_by_language_and_a_foreign_one_is_marked(app: Flask, cast: Cast) -> None:
    browser = admin(app).open("/office/pages/links/new")
    browser.send(
        0, kind="document", titles_en="Instructions", urls_en="https://d.example/en.pdf", titles_es="Instrucciones",
        urls_es="https://d.example/es.pdf", titles_vi="Chỉ dẫn",
    )  # fmt: skip
    reader = Browser(app).open("/help")
    assert "https://d.example/en.pdf" in reader.page and "es.pdf" not in reader.page
    reader.send("/language", ("language", "es"))
    assert "https://d.example/es.pdf" in reader.page and "Instrucciones" in reader.text and "en.pdf" not in reader.page
    reader.send("/language", ("language", "vi"))
    assert "Chỉ dẫn" in reader.text and "https://d.example/en.pdf" in reader.page and 'hreflang="en"' in reader.page
    reader.send("/language", ("language", "ar"))
    assert "Instructions" in reader.text and '<li lang="en" dir="auto">' in reader.page


def test_G19_the_help_page_costs_the_same_for_many_entries(app: Flask, cast: Cast) -> None:
    def fill() -> None:
        contact("Somebody", school_of(cast.ana))
        training("Somewhere", school_of(cast.ana))
        link()
        link("faq", texts={"en": "Yes."})
        m.Place.create(name="Library", texts={"en": "x"})

    fill()
    rosa, stranger = Browser(app).sign_in(cast.rosa), Browser(app)
    before = rosa.queries("/help"), stranger.queries("/help")
    for _ in range(20):
        fill()
    assert (rosa.queries("/help"), stranger.queries("/help")) == before
    assert before[1] <= 8


def test_G19_hostile_text_is_text_everywhere(app: Flask, cast: Cast) -> None:
    contact(HOSTILE, school_of(cast.ana), role="made up", phone=HOSTILE, email=HOSTILE)
    training(HOSTILE, school_of(cast.ana), texts={"xx": HOSTILE})
    m.Place.create(name=HOSTILE, address=HOSTILE, phone=HOSTILE, hours=HOSTILE, texts={"en": HOSTILE})
    link(titles={"en": HOSTILE}, texts={"en": HOSTILE})
    link("faq", titles={"en": "x" * 200}, texts={"en": HOSTILE * 20}, urls={})
    office_event(HOSTILE, school_of(cast.ana))
    link("document", titles={}, urls={})
    for browser, paths in (
        (Browser(app).sign_in(cast.rosa), ["/help", "/calendar"]), (Browser(app), ["/help"]),
        (admin(app), ["/office/pages", *(f"/office/pages/{kind}/{row.id}" for kind, row in _first_rows())]),
    ):  # fmt: skip
        for path in paths:
            assert "<script>alert" not in browser.open(path).page and browser.status == 200, path


def _first_rows() -> list[tuple[str, Any]]:
    return [(kind.name, kind.table.get()) for kind in pages.KINDS.values()]


@pytest.mark.parametrize(
    ("kind", "typed", "field", "message"),
    [
        ("contacts", {}, "name", "Fill this in."),
        ("contacts", {"name": "X"}, "phone", "Enter a telephone number or an e-mail address."),
        ("contacts", {"name": "X", "phone": "call me"}, "phone", "Enter a telephone number."),
        ("contacts", {"name": "X", "email": "x@"}, "email", "Enter an e-mail address"),
        ("contacts", {"name": "X", "phone": "555-0100", "position": "first"}, "position", "Enter a number"),
        ("contacts", {"name": "x" * 201, "phone": "555-0100"}, "name", "At most 200 characters"),
        ("contacts", {"name": "X", "phone": "555-0100", "role": "king"}, "role", "Choose one of the list."),
        ("contacts", {"name": "X", "phone": "555-0100", "school": "999999999999"}, "school", "Choose a school"),
        ("training", {"day": "soon", "starts": "18:00", "place": "Gym"}, "day", "Enter a day"),
        ("training", {"day": "20261201", "starts": "18:00", "place": "Gym"}, "day", "Enter a day"),
        ("training", {"day": "12026-12-01", "starts": "18:00", "place": "Gym"}, "day", "Enter a day"),
        ("training", {"day": "2026-02-30", "starts": "18:00", "place": "Gym"}, "day", "Enter a day"),
        ("training", {"day": "2026-12-01", "starts": "six", "place": "Gym"}, "starts", "Enter a time"),
        ("training", {"day": "2026-12-01", "starts": "18:00", "ends": "17:00", "place": "Gym"}, "ends", "The end is"),
        ("training", {"day": "2026-12-01", "starts": "18:00"}, "place", "Fill this in."),
        ("training", {"day": "2026-12-01", "starts": "18:00", "place": "G", "texts_vi": "x" * 4001}, "texts_vi",
         "At most 200 characters in a line and 4000 in a text."),
        ("places", {"name": " \x00 "}, "name", "Fill this in."),
        ("places", {"name": "X", "web_site": "http://library.example"}, "web_site", "begins with https://"),
        ("places", {"name": "X", "web_site": "javascript:alert(1)"}, "web_site", "begins with https://"),
        ("places", {"name": "X", "web_site": "https://user:pw@library.example"}, "web_site", "begins with https://"),
        ("places", {"name": "X", "web_site": "https://[::1"}, "web_site", "begins with https://"),
        ("places", {"name": "X", "web_site": 'https://a.example/"onclick="x'}, "web_site", "begins with https://"),
        ("links", {}, "titles_en", "Fill this in."),
        ("links", {"titles_en": "X"}, "urls_en", "Fill this in."),
        ("links", {"titles_en": "X", "urls_en": "https://a.example", "texts_es": "x"}, "titles_es", "has no title"),
        ("links", {"kind": "faq", "titles_en": "X?", "titles_es": "¿X?", "texts_en": "Yes"}, "texts_es", "Fill this"),
        ("links", {"kind": "virus", "titles_en": "X", "urls_en": "https://a.example"}, "kind", "Choose one"),
        ("events", {"begin_date": "2026-12-01"}, "title", "Fill this in."),
        ("events", {"title": "X", "begin_date": "2026-12-01", "end_date": "2026-11-30"}, "end_date", "The end is"),
        ("events", {"title": "X", "begin_date": "2026-12-01", "end_time": "10:00"}, "start_time", "Fill this in."),
        ("events", {"title": "X", "begin_date": "2026-12-01", "start_time": "11:00", "end_time": "10:00"}, "end_time",
         "The end is"),
        ("events", {"title": "X", "begin_date": "0026-12-01"}, "begin_date", "Enter a day"),
        ("events", {"title": "X", "begin_date": "2026-12-01", "grade_levels": "all of them"}, "grade_levels", "06, 07"),
    ],
)  # fmt: skip
def test_G19_a_bad_entry_is_explained_kept_and_not_stored(
    app: Flask, cast: Cast, kind: str, typed: dict[str, str], field: str, message: str
) -> None:
    browser = admin(app).open(f"/office/pages/{kind}/new")
    first = {"role": "registrar", "kind": "guide", "school": ""}
    token = _token(browser)
    data = {"csrf_token": token, **first, **typed}
    browser._show(browser.client.post(f"/office/pages/{kind}/new", data=data))
    assert browser.status == 422
    assert message in browser.text and f'href="#{field}"' in browser.page and f'id="{field}"' in browser.page
    assert not pages.KINDS[kind].table.select().exists()
    for name, value in typed.items():
        if value.isalnum() and name not in ("role", "kind", "school"):
            assert value in browser.page, "what was typed is kept"


# ---- Events ------------------------------------------------------------------------------------------------------


def office_event(title: str, at: m.School | None, **values: Any) -> m.Event:
    made = m.Event.create(
        **{"sourced_id": f"office:{m.Event.select().count()}", "title": title, "begin_date": TODAY, **values}
    )
    if at is not None:
        m.EventSchool.create(event=made, school=at)
    return made


def feed_event(title: str) -> m.Event:
    return m.Event.create(sourced_id=f"event-{m.Event.select().count()}", title=title, begin_date=TODAY)


def test_C07_events_of_the_office_stand_in_the_calendars_of_its_families_alone(app: Flask, cast: Cast) -> None:
    browser = clerk_at(cast.ben, app).open("/office/pages/events/new")
    browser.send(0, title="Book fair", begin_date="2026-11-20", start_time="9:00", end_time="15:00", location="Gym")
    assert "Book fair" in browser.text
    rosa = Browser(app).sign_in(cast.rosa)
    assert "Book fair" in rosa.open(f"/students/{cast.ben.id}/calendar").text
    assert "Book fair" not in rosa.open(f"/students/{cast.ana.id}/calendar").text
    assert "Book fair" not in Browser(app).sign_in(cast.stranger).open("/calendar").text
    browser.follow("Book fair").send(0, title="Book fair moved", begin_date="2026-11-27")
    moved = m.Event.get()
    assert moved.sourced_id.startswith("office:") and moved.begin_date == dt.date(2026, 11, 27)
    rosa.open(f"/students/{cast.ben.id}/calendar").send(f"/students/{cast.ben.id}/calendar/address")
    secret = rosa.page[rosa.page.index("/calendar/") :]
    address = next(part for part in secret.replace('"', " ").replace("<", " ").split() if part.endswith(".ics"))
    file = app.test_client().get(address[address.index("/calendar/") :]).get_data(as_text=True)
    assert "Book fair moved" in file


def test_C07_the_feed_neither_removes_nor_changes_events_of_the_office(
    app: Flask, cast: Cast, db: Database, tmp_path: Path
) -> None:
    kept = office_event("Book fair", school_of(cast.ana))
    gone = feed_event("Old event")
    _import(app, tmp_path, {"ext.schoolEvents": [
        "sourcedId,orgSourcedIds,ext.title,beginDate",
        f"fresh-1,{school_of(cast.ana).sourced_id},New event,2026-11-20",
    ]})  # fmt: skip
    assert {one.title for one in m.Event.select()} == {"Book fair", "New event"}
    assert m.EventSchool.get(m.EventSchool.event == kept).school == school_of(cast.ana)
    assert m.Event.get_or_none(m.Event.id == gone.id) is None
    _import(app, tmp_path, {"ext.schoolEvents": ["sourcedId,orgSourcedIds,ext.title,beginDate"]}, "second")
    assert [one.title for one in m.Event.select()] == ["Book fair"]
    assert m.EventSchool.select().count() == 1


def _import(app: Flask, folder: Path, files: dict[str, list[str]], name: str = "first") -> None:
    """Import these files as a whole export of their kinds."""
    (folder / name).mkdir()
    for file, lines in files.items():
        (folder / name / f"{file}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = app.test_cli_runner().invoke(args=["feed", "import", str(folder / name)])
    assert done.exit_code == 0, done.output


def upload(browser: Browser, content: bytes | str, name: str = "events.csv") -> Browser:
    data = content.encode() if isinstance(content, str) else content
    token = _token(browser.open("/office/pages"))
    sent: dict[str, Any] = {"csrf_token": token, "file": (io.BytesIO(data), name)}
    return browser._show(browser.client.post("/office/pages/events/upload", data=sent, follow_redirects=True))


def test_C07_a_years_events_come_as_a_csv_file_and_a_second_time_change_nothing(app: Flask, cast: Cast) -> None:
    browser = admin(app)
    table = (
        "\ufeffTitle;First Day;last day;Starts;Ends;Place;School;Grades;Extra\r\n"
        "Book fair;2026-11-20;;9:00;3 pm;Gym;Cedar Middle;07,08;x\r\n"
        "\r\n"
        '"Spring; break";4/5/2027;2027-04-09;;;;;;\r\n'
    )
    assert "2 events were added." in upload(browser, table).text
    fair, spring = m.Event.select().order_by(m.Event.begin_date)
    assert (fair.title, fair.start_time, fair.end_time, fair.grade_levels) == (
        "Book fair", dt.time(9), dt.time(15), "07,08",
    )  # fmt: skip
    assert m.EventSchool.get().school == school_of(cast.ana)
    assert (spring.title, spring.begin_date, spring.end_date) == (
        "Spring; break", dt.date(2027, 4, 5), dt.date(2027, 4, 9),
    )  # fmt: skip
    again = upload(browser, table)
    assert "0 events were added." in again.text and "2 events were there already." in again.text
    assert m.Event.select().count() == 2 and actions().count("page entry added") == 2


def test_C07_a_clerks_file_is_for_the_own_school_alone(app: Flask, cast: Cast) -> None:
    browser = clerk_at(cast.ana, app)
    assert "1 event was added." in upload(browser, "title,first day\nBook fair,2026-11-20\n").text
    assert m.EventSchool.get().school == school_of(cast.ana)
    other = upload(browser, "title,first day,school\nX,2026-11-21,Juniper Elementary\n")
    assert other.status == 422 and "Line 2, school: Choose a school of yours." in other.text
    assert m.Event.select().count() == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "There is no event in it."),
        (b"\n\n", "The first line has to name the columns"),
        (b"title,first day\n", "There is no event in it."),
        (b"name,day\nX,2026-11-20\n", "The first line has to name the columns"),
        (b"PK\x03\x04\x00\x00", "This is not a table in CSV."),
        (b"\xff\xfet\x00i\x00", "This is not a table in CSV."),
        (b"title,first day\nX,soon\nY,2026-11-20\n,2026-11-20\n", "Line 2, first day: Enter a day"),
        (b"title,first day\nX,2026-11-20\n,2026-11-20\n", "Line 3, title: Fill this in."),
        (b"title,first day,school\nX,2026-11-20,Nowhere\n", "Line 2, school: Choose a school"),
        (b"title,first day\n" + b"X,2026-11-20\n" * 1001, "There are more than 1,000 lines."),
        (b"title,first day\n" + b'"' + b"x" * 140_000, "This is not a table in CSV."),
    ],
)
def test_C07_a_bad_file_is_explained_and_nothing_of_it_is_stored(
    app: Flask, cast: Cast, content: bytes, message: str
) -> None:
    browser = admin(app)
    if len(content) > 60_000:
        with pytest.raises(event_files.BadFile):
            event_files.add(_office(app), content, time_zone="America/New_York", now=NOW)
        assert upload(browser, content).status == 413
    else:
        bad = upload(browser, content)
        assert bad.status == 422 and "Nothing was taken from the file." in bad.text and message in bad.text
    assert not m.Event.select().exists()


def _office(app: Flask) -> Any:
    from services.office.scope import Office

    return Office(officer("admin", app.extensions["homeroom"]), TODAY)


def test_C07_no_file_and_old_windows_letters(app: Flask, cast: Cast) -> None:
    browser = admin(app)
    assert "Choose a file." in upload(browser, b"", "").text
    assert "1 event was added." in upload(browser, "title,first day\nDía de los niños,2026-11-20".encode("cp1252")).text
    assert m.Event.get().title == "Día de los niños"


# ---- G15 ---------------------------------------------------------------------------------------------------------


def window(**values: str) -> dict[str, str]:
    return {
        "starts_day": "2026-11-21", "starts_time": "18:00", "ends_day": "2026-11-22", "ends_time": "06:00", **values,
    }  # fmt: skip


def test_G15_the_office_announces_changes_and_ends_maintenance(app: Flask, cast: Cast) -> None:
    browser = admin(app).open("/office/maintenance").follow("Announce")
    browser.send(0, **window(text_en="Back on Sunday.", text_es="Volvemos el domingo."))
    made = m.Maintenance.get()
    assert (made.starts_at, made.ends_at) == (dt.datetime(2026, 11, 21, 23), dt.datetime(2026, 11, 22, 11))
    assert made.texts == {"en": "Back on Sunday.", "es": "Volvemos el domingo."}
    assert "Back on Sunday." in Browser(app).open("/sign-in").text
    browser.open(f"/office/maintenance/{made.id}")
    assert 'value="18:00"' in browser.page
    browser.send(0, ends_time="07:00", text_en="Back at seven.", text_es="")
    made = m.Maintenance.get()
    assert made.ends_at == dt.datetime(2026, 11, 22, 12) and made.texts == {"en": "Back at seven."}
    clock.set_source(lambda: dt.datetime(2026, 11, 22, 3))
    browser = admin(app).open("/office/maintenance")
    assert "Under way" in browser.text
    browser.send(0)
    assert m.Maintenance.get().ends_at == dt.datetime(2026, 11, 22, 3)
    assert "Over" in browser.text and "Back at seven." not in Browser(app).open("/sign-in").text
    assert browser.open(f"/office/maintenance/{made.id}").status == 404, "what is over stays as it was"
    assert actions() == ["maintenance announced", "maintenance changed", "maintenance ended"]


def test_G15_what_has_not_begun_is_called_off(app: Flask, cast: Cast) -> None:
    browser = admin(app).open("/office/maintenance/new").send(0, **window())
    browser.send(0)
    assert not m.Maintenance.select().exists() and "Nothing is announced." in browser.text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (window(starts_day="soon"), "Enter a day"),
        (window(ends_time=""), "Fill this in."),
        (window(starts_time="99:99"), "Enter a time"),
        (window(ends_day="2026-11-21", ends_time="17:00"), "The end is before the beginning."),
        (window(starts_day="2026-11-01", ends_day="2026-11-02"), "This is over already."),
        (window(text_en="x" * 4001), "At most 200 characters in a line and 4000 in a text."),
    ],
)
def test_G15_a_bad_window_is_explained_and_not_stored(
    app: Flask, cast: Cast, typed: dict[str, str], message: str
) -> None:
    browser = admin(app).open("/office/maintenance/new").send(0, **typed)
    assert browser.status == 422 and message in browser.text and not m.Maintenance.select().exists()
    assert admin(app).open("/office/maintenance/987654").status == 404


@pytest.fixture
def closed(make_app: MakeApp, tmp_path: Path) -> tuple[Flask, Path]:
    file = tmp_path / "state" / "maintenance"
    return make_app(maintenance_file=str(file)), file


def test_G15_the_portal_closes_and_opens_again_by_command(closed: tuple[Flask, Path]) -> None:
    app, file = closed
    cast = factories.cast(app.extensions["homeroom"])
    rosa, runner = Browser(app).sign_in(cast.rosa), app.test_cli_runner()
    maintenance.announce(
        starts=dt.datetime(2026, 11, 16, 9), ends=dt.datetime(2026, 11, 16, 12), time_zone="America/New_York",
        texts={"en": "Grades <b>move</b> house.", "es": "Volvemos pronto."},
    )  # fmt: skip
    said = runner.invoke(args=["maintenance", "on"])
    assert said.exit_code == 0 and "Closed" in said.output and file.exists()
    for path in ("/", "/sign-in", f"/students/{cast.ana.id}", "/help", "/office", "/nowhere"):
        answer = rosa.client.get(path)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "7200", path
        assert answer.headers["Cache-Control"] == "no-store" and answer.mimetype == "text/html"
        assert "Grades &lt;b&gt;move&lt;/b&gt; house." in page and '<p lang="es" dir="auto">Volvemos' in page
        assert "Ana" not in page and "November 16, 2026" in page and "16 de noviembre de 2026" in page
    assert rosa.client.post("/sign-out").status_code == 503
    part = rosa.fragment(f"/students/{cast.ana.id}/grades")
    assert (part.status_code, part.get_data()) == (503, b"")
    assert part.headers["HX-Redirect"] == f"/students/{cast.ana.id}/grades"
    assert rosa.client.get("/livez").status_code == 200
    assert rosa.client.get("/readyz").get_json() is not None
    assert "Open again." in runner.invoke(args=["maintenance", "off"]).output and not file.exists()
    assert rosa.open("/").status == 200, "still signed in"
    assert "It was open." in runner.invoke(args=["maintenance", "off"]).output


def test_G15_the_portal_is_closed_without_a_database_too(closed: tuple[Flask, Path]) -> None:
    app, file = closed
    app.extensions["database"].close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.extensions["database"], "connect", _no_database)
        patch.setattr(m.database.obj, "execute_sql", _no_database)
        said = app.test_cli_runner().invoke(
            args=["maintenance", "on", "--until", "2026-11-16T11:00", "--text", "en=Soon."]
        )
        assert said.exit_code == 0, said.output
        answer = app.test_client().get("/sign-in")
        assert answer.status_code == 503 and "Soon." in answer.get_data(as_text=True)
        assert answer.headers["Retry-After"] == "3600"
    app.extensions["database"].connect(reuse_if_open=True)


def _no_database(*_: object, **__: object) -> None:
    from peewee import OperationalError

    raise OperationalError("away")


@pytest.mark.parametrize(
    "content",
    ["", "closed", "[]", '{"texts": 5}', '{"until": "soon"}', '{"texts": {"\\"><script>": "x"}}', '{"until": 5}'],
)
def test_G15_a_file_that_says_nothing_closes_the_portal_all_the_same(closed: tuple[Flask, Path], content: str) -> None:
    app, file = closed
    file.parent.mkdir()
    file.write_text(content)
    answer = app.test_client().get("/sign-in")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
    assert "Please try again in a few minutes." in answer.get_data(as_text=True)
    assert "<script>" not in answer.get_data(as_text=True)


def test_G15_a_text_without_its_language_is_refused(closed: tuple[Flask, Path]) -> None:
    app, file = closed
    for text in ("Soon.", "=Soon.", "en="):
        said = app.test_cli_runner().invoke(args=["maintenance", "on", "--text", text])
        assert said.exit_code != 0 and "Traceback" not in said.output
    assert not file.exists()
    assert Mode(NOW - dt.timedelta(hours=1), {}).retry_after(NOW) == 600
    assert Mode(NOW + dt.timedelta(days=9), {}).retry_after(NOW) == 86_400
    assert maintenance_mode.read("/nonexistent/maintenance") is None


# ---- The agreement -----------------------------------------------------------------------------------------------


def test_G10_the_office_publishes_a_new_agreement_and_everybody_is_asked_for_it(make_app: MakeApp) -> None:
    app = make_app(preset="gwinnett")
    cast = factories.cast(app.extensions["homeroom"])
    m.Account.update(duties=["email"]).where(m.Account.id == cast.stranger.id).execute()
    m.Account.update(state="cancelled").where(m.Account.id == cast.revoked.id).execute()
    browser = admin(app).open("/office/agreement")
    assert "There is no agreement yet." in browser.text and "3 accounts" in browser.text
    browser.send(0, ("preview", "1"), text_en="Keep <b>it</b> secret.", text_es="No lo comparta.")
    assert "This is what families will read" in browser.text and not m.Agreement.select().exists()
    browser.send(0, ("publish", "1"))
    version = m.Agreement.get()
    assert version.texts == {"en": "Keep <b>it</b> secret.", "es": "No lo comparta."}
    duties = {one.id: one.duties for one in m.Account.select()}
    assert duties[cast.rosa.id] == ["agreement"] and duties[cast.stranger.id] == ["email", "agreement"]
    assert duties[cast.revoked.id] == [] == duties[cast.pupil.id], "guardians with an account alone"
    rosa = Browser(app).sign_in(cast.rosa)
    assert rosa.path == "/welcome/agreement" and "Keep <b>it</b> secret." in rosa.text
    rosa.send(accept=str(version.id))
    assert browser.open("/office/agreement").text.count("In force") == 1
    assert "Version 1" in browser.text and agreements.versions()[0][1] == 1
    browser.follow("Version 1")
    assert "No lo comparta." in browser.text and browser.open("/office/agreement/987654").status == 404
    assert actions().count("agreement published") == 1


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "The district's own language needs a text."),
        ({"text_es": "Solo español."}, "The district's own language needs a text."),
        ({"text_en": "x" * 10_001}, "At most 10000 characters."),
        ({"text_en": "Version one."}, "This is the version that is in force."),
    ],
)
def test_G10_a_bad_agreement_is_explained_and_not_published(
    make_app: MakeApp, typed: dict[str, str], message: str
) -> None:
    app = make_app(preset="gwinnett")
    if "force" in message:
        agreements.publish({"en": "Version one."}, NOW)
    versions = m.Agreement.select().count()
    browser = admin(app).open("/office/agreement").send(0, ("publish", "1"), **typed)
    assert browser.status == 422 and message in browser.text and m.Agreement.select().count() == versions


def test_G10_where_nobody_is_asked_nothing_can_be_published(app: Flask, cast: Cast) -> None:
    browser = admin(app).open("/office/agreement")
    assert "asks families for no agreement" in browser.text
    token = _token(browser.open("/office/schools"))
    sent = browser.client.post("/office/agreement", data={"csrf_token": token, "text_en": "x", "publish": "1"})
    assert sent.status_code == 404 and not m.Agreement.select().exists()
