"""A portal like Gwinnett's, line by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from browsing import Browser
from factories import Cast, account, guardian, staff
from factories import cast as make_cast
from flask import Flask

from models import AuditEvent, Message, OutboundMail, SectionStaff
from services import clock, maintenance


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
