"""What may enter the outbox, and what a mail looks like on the wire."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import factories
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_server import MAIL_FROM
from peewee import Database

from models import Guardianship, Message, OutboundMail
from services import clock, outbox, withdrawal
from services.mail import compose

PORTAL = "https://portal.district.example"


def on_the_wire(mail: OutboundMail) -> EmailMessage:
    """The mail as a recipient's program reads it."""
    return cast(EmailMessage, message_from_bytes(compose(mail, MAIL_FROM, PORTAL).as_bytes(), policy=default))


def body(mail: EmailMessage, form: str = "plain") -> str:
    """The text of one of its two forms, with the line ends of this machine."""
    part = mail.get_body((form,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def prepare(**values: Any) -> OutboundMail:
    return outbox.prepare(
        **{"kind": "test", "recipient": "a@example.com", "subject": "Hello", "text": "Hello\n", **values}
    )


def test_a_mail_is_only_there_when_the_transaction_that_caused_it_is(db: Database) -> None:
    with db.atomic() as transaction:
        outbox.enqueue(kind="test", recipient="a@example.com", subject="never", text="never")
        transaction.rollback()
    assert OutboundMail.select().count() == 0
    with db.atomic():
        mail = outbox.enqueue(kind="test", recipient="a@example.com", subject="yes", text="yes")
    kept = OutboundMail.get_by_id(mail.id)
    assert (kept.state, kept.due_at, kept.attempts) == ("queued", mail.created_at, 0)


@pytest.mark.parametrize("address", [
    "a@example.com\nBcc: b@example.com", "a@example.com\r\n", "a@example.com, b@example.com", "A <a@example.com>",
    "a@example.com\x00", "é@example.com", "", "a@@example.com", "a@example.com\u2028Bcc: b@example.com",
])  # fmt: skip
def test_an_address_that_is_not_exactly_one_address_is_refused(address: str) -> None:
    with pytest.raises(outbox.BadAddress):
        prepare(recipient=address)
    with pytest.raises(outbox.BadAddress):
        prepare(reply_to=address)


def test_an_international_domain_goes_out_in_its_ascii_form() -> None:
    assert prepare(recipient="a@exämple.com").recipient == "a@xn--exmple-cua.com"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_no_subject_adds_a_header_or_breaks_the_mail(subject: str) -> None:
    mail = prepare(subject=subject, reply_to="g@example.com")
    read = on_the_wire(mail)
    assert list(read.keys()) == [
        "From", "To", "Reply-To", "Subject", "Message-ID", "Date", "Auto-Submitted", "X-Auto-Response-Suppress",
        "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert read["To"] == "a@example.com"
    assert read["Subject"] == mail.subject
    assert body(read) == "Hello\n"


@pytest.mark.parametrize(
    "subject", ["Thư mới từ trường", "رسالة جديدة من المدرسة", "A long subject " * 12, "Thư mới " * 24]
)
def test_a_subject_in_any_script_arrives_as_it_was_written(subject: str) -> None:
    assert on_the_wire(prepare(subject=subject))["Subject"] == subject.strip()[:200].strip()


def test_an_encoded_word_in_a_subject_is_not_decoded() -> None:
    read = on_the_wire(prepare(subject="=?utf-8?q?a=0D=0ABcc=3A_b?="))
    assert read["Subject"] == "= ?utf-8?q?a=0D=0ABcc=3A_b?=" and read["Bcc"] is None


def test_the_line_break_of_an_injected_header_becomes_a_space() -> None:
    mail = prepare(subject="Hello\r\nBcc: everybody@example.com\x85X: y")
    assert mail.subject == "Hello Bcc: everybody@example.com X: y"
    assert on_the_wire(mail)["Bcc"] is None


def test_both_forms_say_the_same_and_only_the_portals_links_work() -> None:
    text = f"<script>alert(1)</script>\nhttps://evil.example/\n\n{PORTAL}/reset/abc\n{PORTAL}.evil.example/\nمرحبا\n"
    read = on_the_wire(prepare(text=text))
    assert body(read) == text
    html = body(read, "html")
    assert html.count("<a ") == 1 and f'<a href="{PORTAL}/reset/abc" dir="ltr">' in html
    assert "<script>" not in html and '<html dir="ltr">' in html


def test_a_mail_reads_in_the_direction_of_its_language_and_a_name_in_it_does_too() -> None:
    named = "\u2068Ana Reyes\u2069\n\n- \u2068Dune\u2069، موعد الإعادة"
    text = f"هذا هو الجديد في المدرسة.\n\n{named}\n\nThe teacher wrote this.\n"
    html = body(on_the_wire(prepare(text=text)), "html")
    assert '<html dir="rtl">' in html and "<p>\u2068Ana Reyes\u2069</p>" in html and "<p>- \u2068Dune" in html
    assert '<p dir="ltr">The teacher wrote this.</p>' in html


def test_spaces_of_a_message_are_kept_in_both_forms() -> None:
    read = on_the_wire(prepare(text="  one\ntwo  three four\n"))
    assert body(read) == "  one\ntwo  three four\n"
    assert "\u00a0\u00a0one<br>two\u00a0\u00a0three four" in body(read, "html")


def test_message_ids_are_unique_and_end_in_the_portals_domain() -> None:
    outbox.use_domain_of(MAIL_FROM)
    ids = {prepare().header_id for _ in range(20)}
    assert len(ids) == 20 and all(id_.endswith("@district.example>") for id_ in ids)


def test_a_message_may_leave_only_while_its_writer_may_open_the_record(db: Database, database_url: str) -> None:
    cast_ = factories.cast(factories.settings(database_url))
    message = Message.create(
        account=cast_.rosa, student=cast_.ana, staff=cast_.teacher, body="Hello", created_at=clock.now()
    )
    mail = outbox.enqueue(kind="message", recipient="t@example.com", subject="s", text="t", message=message)
    assert withdrawal.is_allowed(mail, factories.TODAY)
    Guardianship.update(office_access=False).execute()
    assert not withdrawal.is_allowed(mail, factories.TODAY)
    cast_.rosa.delete_instance()
    assert not withdrawal.is_allowed(OutboundMail.get_by_id(mail.id), factories.TODAY)


def test_retry_makes_failed_and_waiting_mail_due_with_a_full_set_of_tries(db: Database) -> None:
    states = ("queued", "failed", "sent", "withdrawn")
    later = clock.now() + dt.timedelta(hours=3)
    for state in states:
        mail = outbox.enqueue(kind="test", recipient="a@example.com", subject="s", text="t", due_at=later)
        OutboundMail.update(state=state, attempts=9).where(OutboundMail.id == mail.id).execute()
    assert outbox.retry_now() == 2
    assert [mail.state for mail in OutboundMail.select().order_by(OutboundMail.id)] == [
        "queued", "queued", "sent", "withdrawn",
    ]  # fmt: skip
    assert OutboundMail.select().where(OutboundMail.attempts == 0, OutboundMail.due_at <= clock.now()).count() == 2
