"""A portal like Gwinnett's, line by line."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import NamedTuple

import pytest
from browsing import Browser, link_in, mails
from factories import (
    PASSWORD,
    Cast,
    account,
    address,
    guardian,
    guardianship,
    school,
    school_year,
    session,
    staff,
    student,
    telephone,
)
from factories import cast as make_cast
from flask import Flask

import models as m
from models import AuditEvent, Message, OutboundMail, SectionStaff
from services import agreements, clock, maintenance

MakeApp = Callable[..., Flask]
START = dt.datetime(2026, 11, 16, 15, 0)
GOOD = {"password": "my eight", "repeated": "my eight"}


def test_G01_every_assignment_of_the_current_courses_shows_with_missing_work_marked(
    browser: Browser, cast: Cast
) -> None:
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades")
    assert "Mathematics 7 Dana Okafor B+ (88)" in browser.text
    assert "Art 7 Lee Novak Nothing posted yet" in browser.text
    browser.open(f"/students/{cast.ana.id}/grades?all=1")
    for title in ("Fractions worksheet", "Ratio quiz", "Number line", "Sick day sheet", "Percent project"):
        assert title in browser.text
    assert browser.text.count("Missing") == 1
    assert "No assignments are entered for this class yet." in browser.text, "Art has none"


def test_G07_a_guardian_writes_500_characters_of_plain_text_to_the_childs_teacher(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    browser.send(body="é" * 499 + "😀")
    assert browser.path == f"/students/{cast.ana.id}/grades/{cast.math.id}"
    assert "Your message to Dana Okafor is on its way" in browser.text
    message = Message.get()
    assert (message.account_id, message.student_id, message.staff_id) == (cast.rosa.id, cast.ana.id, cast.teacher.id)
    assert len(message.body) == 500
    mail = OutboundMail.get()
    assert (mail.recipient, mail.state, mail.message_id) == ("okafor@maplevalley.example", "queued", message.id)
    assert message.body in mail.text
    assert "Rosa Reyes" in mail.text
    assert "Ana Reyes" in mail.text
    assert "Ana" not in mail.subject
    assert "Rosa" not in mail.subject
    assert AuditEvent.get(AuditEvent.action == "message sent").details == {"message": message.id}
    assert "On its way" in browser.open("/messages").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x" * 501, "The message has 501 characters. At most 500 fit"),
        ("😀" * 501, "The message has 501 characters."),
        ("   \r\n ", "Write something first."),
        ("zero \0 byte", "characters that cannot be sent"),
        ("bell \a", "characters that cannot be sent"),
    ],
)
def test_G07_a_message_that_cannot_be_taken_is_explained_and_nothing_is_sent(
    browser: Browser, cast: Cast, typed: str, said: str
) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    browser.send(body=typed)
    assert browser.status == 422
    assert said in browser.text
    assert Message.select().count() == OutboundMail.select().count() == 0
    if "\0" not in typed and "\a" not in typed:
        assert typed.strip() in browser.page, "what was typed is still there"


@pytest.mark.parametrize(
    "typed",
    ["a\r\n" * 250, "e\u0301" * 500, "😀" * 500, " " * 499 + "x", "שלום" * 125, "\n" + "x" * 499],
    ids=["CRLF counts one", "composed letters", "emoji", "leading spaces", "right to left", "leading line"],
)
def test_G07_characters_are_counted_after_normalization(browser: Browser, cast: Cast, typed: str) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    browser.send(body=typed)
    assert browser.status == 200
    assert len(Message.get().body) == 500
    assert "\r" not in Message.get().body


def test_G07_a_file_is_refused_with_a_sentence(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    import io
    import re

    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert token is not None
    fields = {"csrf_token": token.group(1), "body": "Hello", "file": (io.BytesIO(b"GIF89a"), "cat.gif")}
    answer = browser.client.post(compose(cast), data=fields, content_type="multipart/form-data")
    assert answer.status_code == 415
    assert "only plain text" in answer.get_data(as_text=True)
    assert Message.select().count() == 0


def test_G07_what_a_guardian_writes_is_inert_in_the_mail_and_on_the_page(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    nasty = "<script>alert(1)</script>\nBcc: everybody@example.com\n\n%(password)s {{ 7*7 }} http://example.com"
    browser.send(body=nasty)
    assert Message.get().body == nasty
    assert OutboundMail.get().recipient == "okafor@maplevalley.example"
    assert "Bcc" not in OutboundMail.get().subject
    assert nasty in OutboundMail.get().text
    browser.open("/messages")
    assert "&lt;script&gt;" in browser.page
    assert "<script>alert" not in browser.page
    assert 'href="http://example.com' not in browser.page


def test_G07_only_teachers_of_the_childs_own_classes_who_take_mail_can_be_written_to(app: Flask, cast: Cast) -> None:
    rosa, outsider = Browser(app).sign_in(cast.rosa), staff("Other Teacher")
    silent = SectionStaff.get(SectionStaff.section == cast.art).staff
    base = f"/students/{cast.ana.id}/grades"
    for section, teacher in ((cast.math, outsider), (cast.art, cast.teacher), (cast.art, silent)):
        assert rosa.open(f"{base}/{section.id}/write/{teacher.id}").status == 404
    assert "Write a message" not in rosa.open(f"{base}/{cast.art.id}").page


def test_G07_twenty_messages_a_day_are_taken_and_no_more(make_app: Callable[..., Flask]) -> None:
    app = make_app(messages_per_day=2)
    people = make_cast(app.extensions["homeroom"])
    browser = Browser(app).sign_in(people.rosa)
    for text in ("one", "two"):
        browser.open(compose(people)).send(body=text)
        assert browser.status == 200
    browser.open(compose(people)).send(body="three")
    assert "as many messages today as the portal takes" in browser.text
    assert Message.select().count() == OutboundMail.select().count() == 2


def test_G08_the_answer_goes_to_the_guardians_own_address(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(compose(cast))
    assert "The answer comes to rosa@example.com" in browser.text
    browser.send(body="When is the next test?")
    assert OutboundMail.get().reply_to == "rosa@example.com"


def test_G08_without_an_address_the_function_is_not_offered_and_the_page_says_why(app: Flask, cast: Cast) -> None:
    portal = app.extensions["homeroom"]
    nana = account(guardian("Nana Reyes", (cast.ana,)), "4711047110471", portal)
    browser = Browser(app).sign_in(nana).open(f"/students/{cast.ana.id}/grades/{cast.math.id}")
    assert "Write a message" not in browser.page
    assert "need an e-mail address for the answer, and your account has none" in browser.text
    browser.open(compose(cast))
    assert "<textarea" not in browser.page
    assert "your account has none" in browser.text


def test_G15_planned_maintenance_is_announced_on_the_sign_in_page(browser: Browser, app: Flask, cast: Cast) -> None:
    clock.set_source(lambda: dt.datetime(2026, 11, 16, 15, 0))
    runner = app.test_cli_runner()
    said = runner.invoke(args=[
        "maintenance", "announce", "--from", "2026-11-21T18:00", "--until", "2026-11-22T06:00",
        "--text", "en=We move to a new server.", "--text", "es=Cambiamos de servidor.",
    ])  # fmt: skip
    assert said.exit_code == 0, said.output
    browser.open("/sign-in")
    assert "Planned maintenance" in browser.text
    assert "Saturday, November 21, 2026, 6:00\u202fPM" in browser.text.replace("6:00 PM", "6:00\u202fPM")
    assert "6:00\u202fAM, ET." in browser.text.replace("6:00 AM", "6:00\u202fAM")
    assert "We move to a new server." in browser.text
    clock.set_source(lambda: dt.datetime(2026, 11, 22, 11, 1))
    assert "Planned maintenance" not in browser.open("/sign-in").text, "it is over"


def test_G15_an_announcement_weeks_ahead_waits_and_a_senseless_one_is_refused(app: Flask, browser: Browser) -> None:
    far = dt.datetime(2027, 6, 1, 18)
    maintenance.announce(starts=far, ends=far + dt.timedelta(hours=2), texts={}, time_zone="America/New_York")
    clock.set_source(lambda: dt.datetime(2026, 11, 16, 15, 0))
    assert "Planned maintenance" not in browser.open("/sign-in").text
    runner = app.test_cli_runner()
    for arguments in (
        ["--from", "2026-11-22T06:00", "--until", "2026-11-21T18:00"],
        ["--from", "tomorrow", "--until", "2026-11-21T18:00"],
        ["--from", "2026-11-21T18:00", "--until", "2026-11-22T18:00", "--text", "no language"],
    ):
        said = runner.invoke(args=["maintenance", "announce", *arguments])
        assert said.exit_code != 0
        assert "Traceback" not in said.output


def test_G11_no_page_of_the_record_says_anything_without_signing_in(browser: Browser, cast: Cast) -> None:
    for path in (f"/students/{cast.ana.id}", f"/students/{cast.ana.id}/grades", "/messages", "/"):
        browser.open(path)
        assert browser.path == "/sign-in"
        assert "Ana" not in browser.page


def test_G11_what_the_office_ends_is_closed_on_the_very_next_request(browser: Browser, cast: Cast) -> None:
    from models import Guardianship

    browser.sign_in(cast.rosa)
    browser.open(compose(cast)).send(body="How is Ana doing?")
    assert "Ana" in browser.open("/messages").page
    pair = (Guardianship.guardian == cast.rosa.guardian) & (Guardianship.student == cast.ana)
    Guardianship.update(office_access=False).where(pair).execute()
    assert browser.open(f"/students/{cast.ana.id}").status == 404
    for path in ("/", "/messages"):
        assert "Ana" not in browser.open(path).page


def compose(cast: Cast) -> str:
    """Where Rosa writes to Ana's mathematics teacher."""
    return f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}"


def test_G07_an_address_that_no_mail_can_go_to_is_said_plainly(browser: Browser, cast: Cast) -> None:
    cast.teacher.email = "not an address"
    cast.teacher.save()
    browser.sign_in(cast.rosa).open(compose(cast)).send(body="Hello")
    assert "no e-mail address on file that this message could go to" in browser.text
    assert Message.select().count() == OutboundMail.select().count() == 0


class Family(NamedTuple):
    """A mother of two with an address, a father without one, and a stranger's child at the same school."""

    app: Flask
    mother: m.Guardian
    father: m.Guardian
    ana: m.Student
    ben: m.Student
    zoe: m.Student


def family(make_app: MakeApp) -> Family:
    clock.set_source(lambda: START)
    app = make_app(preset="gwinnett")
    school_year()
    cedar = school("Cedar Middle", phone="770-555-0100")
    ana, zoe = student("Ana Reyes", cedar), student("Zoe Whitfield", cedar, birth_date=dt.date(2013, 12, 24))
    ben = student("Ben Reyes", cedar, birth_date=dt.date(2017, 9, 1))
    mother, father = guardian("Rosa Reyes", email="rosa@example.com"), guardian("Carlos Molina")
    for child in (ana, ben):
        guardianship(child, mother, relation="Mother")
        guardianship(child, father, relation="Father")
    for one in (mother, father):
        telephone(one, "(770) 555-0147")
        address(one, "120 Oak Street", "30303-1234")
    agreements.publish({"en": "Keep your password to yourself.", "es": "Guarde su clave."}, START)
    return Family(app, mother, father, ana, ben, zoe)


def export(app: Flask, *options: str) -> list[dict[str, str]]:
    said = app.test_cli_runner().invoke(args=["keys", "export", *options])
    assert said.exit_code == 0, said.output
    return list(csv.DictReader(io.StringIO(said.stdout)))


ANSWERS = {"relation": "mother", "phone": "0147", "address": "120 30303", "school": "Cedar Middle"}


def answer(browser: Browser, **given: str) -> Browser:
    """Answer what the page asks."""
    asked = {name: value for name, value in {**ANSWERS, **given}.items() if f'name="{name}"' in browser.page}
    assert len(asked) == 3
    return browser.send(**asked)


def register(browser: Browser, row: dict[str, str], born: str = "2013-04-02", relation: str = "mother") -> Browser:
    """The whole way, as the letter says."""
    browser.open("/register").send(user_id=row["user_id"], birth_date=born, key=row["key"])
    answer(browser, relation=relation)
    browser.send(accept=str(agreements.current().id))
    return browser.send(**GOOD)


def test_G09_a_token_is_made_for_each_guardian_and_child_with_the_user_id_of_its_letter(make_app: MakeApp) -> None:
    f = family(make_app)
    rows = export(f.app)
    assert [(row["person"], row["children"]) for row in rows] == [
        ("Carlos Molina", "Ana Reyes"), ("Carlos Molina", "Ben Reyes"),
        ("Rosa Reyes", "Ana Reyes"), ("Rosa Reyes", "Ben Reyes"),
    ]  # fmt: skip
    number = rows[0]["user_id"]
    assert (len(number), number.isdigit()) == (13, True), "no address: 13 digits"
    assert [row["user_id"] for row in rows] == [number, number, "rosa@example.com", "rosa@example.com"]
    for row in rows:
        bare = row["key"].replace("-", "")
        assert (len(bare), bare.isdigit()) == (16, True)
    stored = list(m.ActivationKey.select())
    assert {(key.guardian_id, key.student_id) for key in stored} == {
        (one.id, child.id) for one in (f.mother, f.father) for child in (f.ana, f.ben)
    }
    assert {key.user_id for key in stored} == {number, "rosa@example.com"}
    assert not [key for key in stored for row in rows if row["key"].replace("-", "") in key.key_hash]
    assert export(f.app) == [], "each holds a token"
    again = export(f.app, "--reissue")
    assert [row["user_id"] for row in again] == [row["user_id"] for row in rows], "a new token, the same user ID"
    old = Browser(f.app).open("/register").send(user_id=number, birth_date="2013-04-02", key=rows[0]["key"])
    assert "were used already" in old.text
    assert register(Browser(f.app), again[0], relation="father").path == "/registered"


def test_G09_two_parents_who_share_an_address_do_not_share_a_user_id(make_app: MakeApp) -> None:
    f = family(make_app)
    m.Guardian.update(email="ROSA@example.com").where(m.Guardian.id == f.father.id).execute()
    ids = {row["person"]: row["user_id"] for row in export(f.app)}
    assert ids["Carlos Molina"] == "ROSA@example.com"
    assert ids["Rosa Reyes"].isdigit(), "the address was taken first by the other parent"


def test_G09_an_address_that_no_mail_can_go_to_is_no_user_id(make_app: MakeApp) -> None:
    f = family(make_app)
    m.Guardian.update(email="none@").where(m.Guardian.id == f.mother.id).execute()
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    assert row["user_id"].isdigit()
    assert register(Browser(f.app), row).path == "/registered"


@pytest.mark.parametrize("who", ["Rosa Reyes", "Carlos Molina"])
@pytest.mark.parametrize("typed", ["%s", " %s ", "bare", "spaced"])
def test_G10_user_id_date_of_birth_token_answers_agreement_and_password_open_one_child(
    make_app: MakeApp, who: str, typed: str
) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if (row["person"], row["children"]) == (who, "Ana Reyes"))
    key = {"bare": row["key"].replace("-", ""), "spaced": row["key"].replace("-", " ")}.get(typed) or typed % row["key"]
    browser = Browser(f.app).open("/sign-in").follow("Create an account with what you have from your school")
    assert "Register a new account" in browser.text
    assert "Step 1 of 4" in browser.text
    browser.send(user_id=row["user_id"].upper(), birth_date="2013-04-02", key=key)
    assert browser.path == "/register/role"
    assert m.Account.select().count() == 0
    answer(browser, relation="mother" if who == "Rosa Reyes" else "father", school="Cedar Middle")
    assert "Keep your password to yourself." in browser.text
    browser.send()
    assert (browser.status, "Please accept the agreement" in browser.text) == (422, True)
    clock.set_source(lambda: START + dt.timedelta(minutes=10))
    browser.send(accept=str(agreements.current().id)).send(**GOOD)
    assert browser.path == "/registered"
    assert row["user_id"] in browser.text
    opened = m.Account.get()
    assert opened.guardian.name == who
    assert (opened.user_name, opened.state, opened.per_child) == (row["user_id"], "active", True)
    assert opened.email == (row["user_id"] if who == "Rosa Reyes" else None)
    accepted = m.AgreementAcceptance.get()
    assert (accepted.account, accepted.agreement, accepted.at) == (
        opened, agreements.current(), START + dt.timedelta(minutes=10)
    )  # fmt: skip
    browser.open("/sign-in").send(user_name=row["user_id"], password="my eight")
    assert "Ana Reyes" in browser.text
    assert "Ben Reyes" not in browser.page, "his token has not been used"
    assert browser.open(f"/students/{f.ben.id}").status == 404


def test_G10_what_does_not_belong_together_gets_one_answer_and_uses_nothing_up(make_app: MakeApp) -> None:
    f = family(make_app)
    rows = {(row["person"], row["children"]): row for row in export(f.app)}
    mine, other = rows["Rosa Reyes", "Ana Reyes"], rows["Carlos Molina", "Ana Reyes"]
    good = {"user_id": "rosa@example.com", "birth_date": "2013-04-02", "key": mine["key"]}
    pages = set()
    for wrong in (
        {"birth_date": "2013-04-03"}, {"birth_date": "2017-09-01"}, {"birth_date": "04/03/2013"},
        {"user_id": other["user_id"]}, {"user_id": "x"}, {"key": other["key"]}, {"key": "1234-5678-1234-5678"},
        {"key": rows["Rosa Reyes", "Ben Reyes"]["key"]},
    ):  # fmt: skip
        browser = Browser(f.app).open("/register").send(**{**good, **wrong})
        assert (browser.status, browser.path) == (422, "/register/token")
        pages.add(browser.text)
        if "user_id" not in wrong:
            assert 'value="rosa@example.com"' in browser.page, "typed text stays"
        assert "do not belong together" in browser.text
    assert len(pages) == 1
    as_people_write_it = {**good, "birth_date": "4/2/2013"}
    assert Browser(f.app).open("/register").send(**as_people_write_it).path == "/register/role"


def test_G10_what_is_missing_is_said_at_each_field_and_costs_no_try(make_app: MakeApp) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    browser = Browser(f.app).open("/register")
    for _ in range(25):
        browser.send(user_id="", birth_date="2. April", key="1")
    assert browser.status == 422
    for said in (
        "Enter your e-mail address or user ID.", "Enter a date such as 2015-04-30.",
        "This is not complete. It has 16 letters and digits.",
    ):  # fmt: skip
        assert browser.text.count(said) == 2, "in the summary and at its field"
    browser.send(user_id=row["user_id"], birth_date="2013-04-02", key=f"Token for Ana: {row['key']}")
    assert browser.path == "/register/role"


def test_G10_letters_o_and_l_are_read_as_digits(make_app: MakeApp) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    key = row["key"].replace("0", "O").replace("1", "l").replace("-", "\u2011")
    browser = Browser(f.app).open("/register").send(user_id="rosa@example.com", birth_date="2013-04-02", key=key)
    assert browser.path == "/register/role"


def test_G10_five_wrong_answers_kill_the_token_everywhere(make_app: MakeApp) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    first = {"user_id": row["user_id"], "birth_date": "2013-04-02", "key": row["key"]}
    browser, waiting = Browser(f.app), Browser(f.app)
    for one in (browser, waiting):
        one.open("/register").send(**first)
    for number in range(4):
        answer(browser, relation="father")
        assert (browser.status, browser.path) == (422, "/register/role"), number
        assert "One of the answers is not what the school has" in browser.text
        assert '<option value="father" dir="auto" selected>' in browser.page, "typed text stays"
    answer(browser, relation="father")
    assert browser.status == 422
    assert "This key does not work" in browser.text
    answer(waiting)
    assert "This key does not work" in waiting.text, "the right answers come too late in another browser"
    assert Browser(f.app).open("/register").send(**first).status == 422
    assert (m.ActivationKey.get(m.ActivationKey.tries == 5).revoked_at, m.Account.select().count()) == (START, 0)
    (new,) = [row for row in export(f.app) if row["person"] == "Rosa Reyes"]
    assert register(Browser(f.app), new).path == "/registered", "the office issues another"


def test_G10_a_right_answer_does_not_count_as_a_try(make_app: MakeApp) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    browser = Browser(f.app)
    for _ in range(6):
        browser.open("/register/token").send(user_id=row["user_id"], birth_date="2013-04-02", key=row["key"])
        answer(browser, phone="+1 770 555 0147", address="120 Oak Street, Atlanta 30303-1234", school="cedar middle")
        assert browser.path == "/register/agreement"
    assert m.ActivationKey.get(m.ActivationKey.id == 3).tries == 0


def test_G10_only_what_the_feed_knows_is_asked_and_nothing_known_means_the_office(make_app: MakeApp) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    m.Guardianship.update(relation=None).execute()
    m.Telephone.delete().execute()
    browser = Browser(f.app).open("/register")
    browser.send(user_id=row["user_id"], birth_date="2013-04-02", key=row["key"])
    assert 'name="relation"' not in browser.page, "the feed does not say it"
    assert 'name="phone"' not in browser.page
    browser.send(address="1 30303", school="Cedar Middle")
    assert browser.status == 422
    m.Address.delete().execute()
    m.SchoolEnrollment.delete().execute()
    browser.open("/register/role")
    assert "Please ask the school's office" in browser.text
    assert browser.send().status == 422
    assert m.ActivationKey.select().where(m.ActivationKey.tries > 1).count() == 0


def test_G10_back_reload_and_a_form_sent_twice_do_no_harm(make_app: MakeApp) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    browser = Browser(f.app).open("/register")
    browser.send(user_id=row["user_id"], birth_date="2013-04-02", key=row["key"])
    assert browser.open("/register/password").path == "/register/role", "no step can be left out"
    answer(browser)
    back = browser.tab().open("/register/token")
    assert 'value="rosa@example.com"' in back.page
    assert 'value="2013-04-02"' in back.page
    back.open("/register/role")
    answer(back)
    assert back.path == "/register/agreement"
    browser.open("/register/agreement").send(accept=str(agreements.current().id))
    assert browser.open("/register/password").path == "/register/password"
    browser.send(password="my eight", repeated="other")
    assert "not the same" in browser.text
    twice = browser.tab()
    assert browser.send(**GOOD).path == "/registered"
    assert twice.send(**GOOD).path == "/registered", "a double click"
    assert browser.open("/register/password").path == "/registered", "the back button"
    assert browser.open("/registered").status == 200
    assert m.Account.select().count() == 1
    assert "my eight" not in str(list(m.Registration.select().dicts()))
    assert "argon2" not in str(list(m.Registration.select().dicts())), "nothing of the password is left behind"


def test_G10_an_old_tab_does_not_go_on_with_another_registration(make_app: MakeApp) -> None:
    f = family(make_app)
    rows = {(row["person"], row["children"]): row for row in export(f.app)}
    hers, his = rows["Rosa Reyes", "Ana Reyes"], rows["Carlos Molina", "Ana Reyes"]
    mother = Browser(f.app).open("/register")
    mother.send(user_id=hers["user_id"], birth_date="2013-04-02", key=hers["key"])
    father = mother.tab().open("/register/token")
    father.send(user_id=his["user_id"], birth_date="2013-04-02", key=his["key"])
    answer(father, relation="father")
    father.send(accept=str(agreements.current().id))
    assert father.path == "/register/password"
    answer(mother)
    assert "Another registration was begun in this browser" in mother.text
    assert m.Account.select().count() == 0
    father.send(**GOOD)
    assert m.Account.get().guardian == f.father


def test_G10_an_hour_later_or_in_another_browser_it_has_to_be_begun_again(make_app: MakeApp) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    browser = Browser(f.app).open("/register")
    browser.send(user_id=row["user_id"], birth_date="2013-04-02", key=row["key"])
    assert Browser(f.app).open("/register/role").path == "/register/token"
    clock.set_source(lambda: START + dt.timedelta(minutes=61))
    answer(browser)
    assert browser.path == "/register/token"
    assert "Please begin again" in browser.text
    assert register(browser, row).path == "/registered", "the token is still good"


def test_G10_a_token_used_or_withdrawn_meanwhile_ends_the_way(make_app: MakeApp) -> None:
    f = family(make_app)
    row = next(row for row in export(f.app) if row["person"] == "Rosa Reyes")
    slow = Browser(f.app).open("/register")
    slow.send(user_id=row["user_id"], birth_date="2013-04-02", key=row["key"])
    answer(slow)
    slow.send(accept=str(agreements.current().id))
    m.ActivationKey.update(revoked_at=START).execute()
    slow.send(**GOOD)
    assert (slow.status, m.Account.select().count()) == (422, 0)
    assert "This key does not work" in slow.text


def test_G10_a_signed_in_guardian_adds_the_next_child_with_its_own_token(make_app: MakeApp) -> None:
    f = family(make_app)
    rows = {(row["person"], row["children"]): row for row in export(f.app)}
    browser = Browser(f.app)
    register(browser, rows["Rosa Reyes", "Ana Reyes"])
    browser.open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    browser.open("/security").follow("Add a child")
    ben, fathers = rows["Rosa Reyes", "Ben Reyes"]["key"], rows["Carlos Molina", "Ben Reyes"]["key"]
    for wrong in (
        {"birth_date": "2017-09-02", "key": ben}, {"birth_date": "2017-09-01", "key": fathers},
        {"birth_date": "2013-04-02", "key": rows["Rosa Reyes", "Ana Reyes"]["key"]},
    ):  # fmt: skip
        browser.send(**wrong)
        assert (browser.status, "do not belong together" in browser.text) == (422, True)
        assert f'value="{wrong["birth_date"]}"' in browser.page
    browser.send(birth_date="2017-09-01", key=f"  {ben.replace('-', ' ')}")
    assert browser.path == "/"
    assert "Ben Reyes has been added" in browser.text
    assert browser.open(f"/students/{f.ben.id}").status == 200
    pair = m.Guardianship.get(m.Guardianship.guardian == f.mother, m.Guardianship.student == f.ben)
    assert pair.activated_at == START
    assert browser.open("/add-child").send(birth_date="2017-09-01", key=ben).status == 422, "it works once"
    other = m.Guardianship.get(m.Guardianship.guardian == f.father, m.Guardianship.student == f.ben)
    assert other.activated_at is None


def test_G10_a_guardian_with_an_account_is_told_to_sign_in_and_add_the_child(make_app: MakeApp) -> None:
    f = family(make_app)
    rows = {(row["person"], row["children"]): row for row in export(f.app)}
    browser = Browser(f.app)
    register(browser, rows["Rosa Reyes", "Ana Reyes"])
    browser.open("/register/token").send(
        user_id="rosa@example.com", birth_date="2017-09-01", key=rows["Rosa Reyes", "Ben Reyes"]["key"]
    )
    assert browser.status == 422
    assert "You have an account already. Sign in" in browser.text


def test_G10_a_child_who_comes_later_gets_a_token_for_the_account_that_is_there(make_app: MakeApp) -> None:
    f = family(make_app)
    register(Browser(f.app), next(row for row in export(f.app) if row["person"] == "Rosa Reyes"))
    baby = student("Cleo Reyes", m.School.get(), birth_date=dt.date(2021, 1, 5))
    guardianship(baby, f.mother, relation="Mother")
    rows = [row for row in export(f.app) if row["person"] == "Rosa Reyes"]
    assert [(row["children"], row["user_id"]) for row in rows] == [("Cleo Reyes", "rosa@example.com")]
    browser = Browser(f.app).open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    browser.open("/add-child").send(birth_date="2021-01-05", key=rows[0]["key"])
    assert "Cleo Reyes has been added" in browser.text


def test_G10_a_new_version_of_the_agreement_is_asked_for_and_kept_with_its_time(make_app: MakeApp) -> None:
    f = family(make_app)
    browser = Browser(f.app)
    register(browser, next(row for row in export(f.app) if row["person"] == "Rosa Reyes"))
    browser.open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    second = agreements.publish({"es": "Segunda <b>versión</b>."}, START)
    clock.set_source(lambda: START + dt.timedelta(minutes=5))
    browser.open(f"/students/{f.ana.id}")
    assert browser.path == "/welcome/agreement"
    assert "Segunda <b>versión</b>." in browser.text, "in the language there is, and as text"
    assert browser.send().status == 422
    assert browser.send(accept=str(second.id)).path == "/"
    rows = m.AgreementAcceptance.select().order_by(m.AgreementAcceptance.id)
    asked = [(second.id - 1, START), (second.id, START + dt.timedelta(minutes=5))]
    assert [(row.agreement_id, row.at) for row in rows] == asked


def test_G13_one_mail_brings_the_user_id_and_a_link_that_works_once(make_app: MakeApp) -> None:
    f = family(make_app)
    rosa = account(f.mother, "rosa@example.com", f.app.extensions["homeroom"])
    signed_in = Browser(f.app).sign_in(rosa)
    browser = Browser(f.app).open("/sign-in").follow("Problems signing in")
    assert "Cedar Middle · 770-555-0100" in browser.text, "who helps where there is no address"
    browser.send(email=" Rosa@EXAMPLE.com ")
    assert "a mail is on its way" in browser.text
    assert "Cedar Middle · 770-555-0100" in browser.text, "and when the mail fails"
    (mail,) = mails("reset", "rosa@example.com")
    assert "Your user name: rosa@example.com" in mail.text
    assert PASSWORD not in mail.text
    link = link_in(mail)
    assert m.OneTimeLink.get().token_hash not in link
    browser.open(link)
    assert browser.open(link).status == 200, "a mail scanner has opened it: nothing happened"
    browser.send(password="short", repeated="short")
    assert (browser.status, "at least 8 characters" in browser.text) == (422, True)
    browser.send(password="a new one", repeated="a new one")
    assert "Your new password is set" in browser.text
    assert signed_in.open("/").path == "/sign-in", "every open session has ended"
    assert len(mails("changed", "rosa@example.com")) == 1
    used = browser.open(link)
    assert (used.status, "no longer works" in used.text) == (404, True)
    assert Browser(f.app).sign_in(rosa).status == 422
    assert Browser(f.app).sign_in(rosa, "a new one").path == "/"


def test_G13_a_link_is_over_after_half_an_hour_or_when_another_was_asked_for(make_app: MakeApp) -> None:
    f = family(make_app)
    account(f.mother, "rosa@example.com", f.app.extensions["homeroom"])
    browser = Browser(f.app)
    links = []
    for _ in range(2):
        browser.open("/forgot-password").send(email="rosa@example.com")
        links.append(link_in(mails("reset")[0]))
    assert browser.open(links[0]).status == 404
    assert browser.open(links[1]).status == 200
    clock.set_source(lambda: START + dt.timedelta(minutes=30))
    assert browser.send(**GOOD).status == 404, "open on the page, but too late"
    assert browser.open("/reset/nonsense").status == 404


def test_G13_the_answer_is_the_same_for_everybody_and_mail_goes_only_to_proved_addresses(make_app: MakeApp) -> None:
    f = family(make_app)
    portal = f.app.extensions["homeroom"]
    account(f.mother, "rosa@example.com", portal)
    account(f.father, "unproved@example.com", portal, email_verified_at=None)
    account(guardian("Gone Away"), "gone@example.com", portal, state="cancelled")
    pages = {
        Browser(f.app).open("/forgot-password").send(email=typed).text
        for typed in (
            "rosa@example.com",
            "nobody@example.com",
            "unproved@example.com",
            "gone@example.com",
        )
    }
    assert len(pages) == 1
    for typed in ("", "x", "é@é"):
        browser = Browser(f.app).open("/forgot-password").send(email=typed)
        assert (browser.status, "Enter an e-mail address like name@example.com." in browser.text) == (422, True)
    assert [mail.recipient for mail in OutboundMail.select()] == ["rosa@example.com"]


def test_G13_a_mailbox_cannot_be_flooded(make_app: MakeApp) -> None:
    f = family(make_app)
    account(f.mother, "rosa@example.com", f.app.extensions["homeroom"])
    pages = {Browser(f.app).open("/forgot-password").send(email="rosa@example.com").text for _ in range(8)}
    assert len(pages) == 1
    assert len(mails("reset")) == 5


def test_G13_a_code_from_the_office_replaces_the_mail(make_app: MakeApp) -> None:
    from services import links

    f = family(make_app)
    portal = f.app.extensions["homeroom"]
    father = account(f.father, "4711047110471", portal)
    printed = links.make(father, "code", settings=portal, now=START)
    browser = Browser(f.app).open("/forgot-password").follow("I have a code from the school")
    browser.send(code="ABCD-EFGH-JKMN-PQRS")
    assert (browser.status, "This code does not work" in browser.text) == (422, True)
    assert 'value="ABCD-EFGH-JKMN-PQRS"' in browser.page
    browser.send(code=printed.lower().replace("-", " "))
    assert browser.path == "/reset-by-code"
    assert printed not in browser.response.request.url
    assert "User name: 4711047110471" in browser.text
    clock.set_source(lambda: START + dt.timedelta(minutes=16))
    assert browser.send(**GOOD).path == "/reset", "the next one at a shared computer does not find it"
    clock.set_source(lambda: START)
    browser.send(code=printed).send(**GOOD)
    assert "Your new password is set" in browser.text
    assert Browser(f.app).sign_in(father, "my eight").path == "/"
    assert Browser(f.app).open("/reset").send(code=printed).status == 422, "it works once"
    late = links.make(father, "code", settings=portal, now=START)
    clock.set_source(lambda: START + dt.timedelta(hours=72))
    assert Browser(f.app).open("/reset").send(code=late).status == 422
    assert OutboundMail.select().count() == 0


def test_G16_registered_once_for_the_whole_career(make_app: MakeApp) -> None:
    f = family(make_app)
    register(Browser(f.app), next(row for row in export(f.app) if row["person"] == "Rosa Reyes"))
    high = school("Birch High")
    m.SchoolEnrollment.update(exit_date=dt.date(2026, 11, 13)).where(m.SchoolEnrollment.student == f.ana).execute()
    m.SchoolEnrollment.create(sourced_id="moved", student=f.ana, school=high, entry_date=dt.date(2026, 11, 16))
    browser = Browser(f.app).open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    assert browser.open(f"/students/{f.ana.id}").status == 200, "after a move"
    session("2027-2028", "schoolYear", dt.date(2027, 8, 16), dt.date(2028, 6, 2), school_year="2028")
    clock.set_source(lambda: dt.datetime(2027, 9, 6, 15, 0))
    from dataclasses import replace

    f.app.extensions["homeroom"] = replace(f.app.extensions["homeroom"], today=dt.date(2027, 9, 6))
    browser = Browser(f.app).open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    assert browser.path == "/", "nothing is asked"
    assert browser.open(f"/students/{f.ana.id}").status == 200, "in a new school year"
    assert [row for row in export(f.app) if (row["person"], row["children"]) == ("Rosa Reyes", "Ana Reyes")] == []


def test_the_office_cancels_an_account_and_its_children_need_new_tokens(make_app: MakeApp) -> None:
    from services import accounts

    f = family(make_app)
    register(Browser(f.app), next(row for row in export(f.app) if row["person"] == "Rosa Reyes"))
    signed_in = Browser(f.app).open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    Browser(f.app).open("/forgot-password").send(email="rosa@example.com")
    accounts.cancel(m.Account.get(), START)
    assert signed_in.open("/").path == "/sign-in"
    assert Browser(f.app).open(link_in(mails("reset")[0])).status == 404
    rows = [row for row in export(f.app, "--reissue") if row["person"] == "Rosa Reyes"]
    assert [row["children"] for row in rows] == ["Ana Reyes", "Ben Reyes"]
    assert register(Browser(f.app), rows[0]).path == "/registered"
    assert m.Account.select().count() == 1
    assert m.Account.get().state == "active"
    browser = Browser(f.app).open("/sign-in").send(user_name="rosa@example.com", password="my eight")
    assert "Ben Reyes" not in browser.page
