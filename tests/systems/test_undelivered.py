"""Mail that must not leave any more, and mail that does not arrive (G07, G08, D06, X05, X11, CHECKS 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from browsing import Browser, link_in, mails
from factories import TODAY, Cast, guardian, officer, staff
from factories import cast as make_cast
from flask import Flask
from mail_server import MAIL_FROM, MailServer

import models as m
from config import Settings
from services import clock, mail, outbox, withdrawal, worker

NOW = dt.datetime(2026, 11, 16, 15, 0)


@pytest.fixture(autouse=True)
def afternoon() -> None:
    clock.set_source(lambda: NOW)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def work(portal: Settings, server: MailServer, now: dt.datetime | None = None) -> worker.Counts:
    """One round of the worker, which asks what `flask worker` asks."""
    with mail.Mailer(server.url, MAIL_FROM) as mailer:
        return worker.run_once(
            mailer, now or clock.now(),
            still_allowed=lambda one: withdrawal.may_leave(one, on=TODAY, now=clock.now(), settings=portal),
        )  # fmt: skip


def school_of(child: m.Student) -> m.School:
    return m.SchoolEnrollment.get(m.SchoolEnrollment.student == child).school


def compose(cast: Cast) -> str:
    return f"/students/{cast.ana.id}/grades/{cast.math.id}/write/{cast.teacher.id}"


def states() -> dict[str, str]:
    return {one.kind: one.state for one in m.OutboundMail.select()}


# ---- Rights that end meanwhile (CHECKS 3) -----------------------------------------------------------------------


def test_D06_every_kind_of_mail_about_a_child_is_withdrawn_when_the_access_ends(
    make_app: Callable[..., Flask], server: MailServer
) -> None:
    app = make_app(absence_email="office@maplevalley.example", student_messages=True)
    portal = app.extensions["homeroom"]
    cast = make_cast(portal)
    rosa = Browser(app).sign_in(cast.rosa)
    rosa.open(compose(cast)).send(body="Hello")
    rosa.open("/absences").send(**{f"child_{cast.ana.id}": "y", "reason": "illness"})
    outbox.enqueue(
        kind="key",
        recipient="r@example.com",
        subject="s",
        text="t",
        guardian=cast.rosa.guardian,
        about={cast.ana.id: []},
    )
    outbox.enqueue(kind="ready", recipient="rosa@example.com", subject="s", text="t", account=cast.rosa)
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ana)))
    rights = f"/office/guardians/{cast.rosa.guardian_id}/students/{cast.ana.id}/rights"
    clerk.open(f"{rights}/restrict").send(document="Order 1")
    assert states() == {"message": "withdrawn", "absence": "withdrawn", "key": "withdrawn", "ready": "queued"}


@pytest.mark.parametrize("kind", ["message", "absence", "key"])
def test_D06_a_right_that_the_feed_has_ended_stops_what_waits(
    app: Flask, cast: Cast, portal: Settings, server: MailServer, kind: str
) -> None:
    whose = {"guardian": cast.rosa.guardian} if kind == "key" else {"account": cast.rosa}
    for child in (cast.ana, cast.ben):
        outbox.enqueue(
            kind=kind, recipient="x@example.com", subject="s", text=child.name, about={child.id: []}, **whose
        )
    pair = (m.Guardianship.student == cast.ana) & (m.Guardianship.guardian == cast.rosa.guardian)
    m.Guardianship.update(portal_access=False).where(pair).execute()
    assert work(portal, server) == worker.Counts(sent=1, withdrawn=1)
    assert server.taken[0].get_body(("plain",)).get_content().strip() == "Ben Reyes"  # type: ignore[union-attr]


def test_G07_who_may_not_see_the_grades_still_reaches_the_counselor(
    app: Flask, cast: Cast, portal: Settings, server: MailServer
) -> None:
    advisor = staff("Cora Counsel", role="counselor")
    m.StaffRole.create(staff=advisor, school=school_of(cast.ana), role="counselor")
    Browser(app).sign_in(cast.carlos).open(f"/students/{cast.ana.id}/write/{advisor.id}").send(body="Please call me.")
    assert work(portal, server) == worker.Counts(sent=1)
    m.Message.delete().execute()


def test_G07_a_message_to_a_teacher_is_stopped_when_the_grades_are_withheld_meanwhile(
    app: Flask, cast: Cast, portal: Settings, server: MailServer
) -> None:
    Browser(app).sign_in(cast.rosa).open(compose(cast)).send(body="Hello")
    m.Guardianship.update(withheld=["grades"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    assert work(portal, server) == worker.Counts(withdrawn=1)
    assert server.taken == []


@pytest.mark.parametrize("state", ["locked", "dormant", "left", "disabled", "cancelled"])
def test_X11_what_a_family_has_written_leaves_unless_the_office_has_closed_the_account(
    make_app: Callable[..., Flask], server: MailServer, state: str
) -> None:
    app = make_app(absence_email="office@maplevalley.example")
    portal = app.extensions["homeroom"]
    cast = make_cast(portal)
    rosa = Browser(app).sign_in(cast.rosa)
    rosa.open(compose(cast)).send(body="Hello")
    rosa.open("/absences").send(**{f"child_{cast.ana.id}": "y", "reason": "illness"})
    outbox.enqueue(
        kind="ready", recipient="r@example.com", subject="s", text="t", account=cast.rosa, about={cast.ana.id: []}
    )
    m.Account.update(state=state).where(m.Account.id == cast.rosa.id).execute()
    written = "withdrawn" if state in ("disabled", "cancelled") else "sent"
    work(portal, server)
    assert states() == {"message": written, "absence": written, "ready": "withdrawn"}


@pytest.mark.parametrize("change", [{"office_access": False}, {"withheld": ["grades"]}])
def test_D06_what_a_locked_account_has_written_stays_behind_when_the_right_ends(
    app: Flask, cast: Cast, portal: Settings, server: MailServer, change: dict[str, object]
) -> None:
    Browser(app).sign_in(cast.rosa).open(compose(cast)).send(body="Hello")
    m.Account.update(state="locked").where(m.Account.id == cast.rosa.id).execute()
    m.Guardianship.update(change).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    assert work(portal, server) == worker.Counts(withdrawn=1)
    assert server.taken == []


# ---- What the portal gives up -----------------------------------------------------------------------------------


def test_G07_a_message_refused_for_good_is_on_the_offices_list_and_leaves_when_sent_again(
    app: Flask, cast: Cast, portal: Settings, server: MailServer
) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    rosa.open(compose(cast)).send(body="Hello")
    server.answers["RCPT"] = "550 5.1.1 no such user"
    assert work(portal, server) == worker.Counts(failed=1)
    assert "Could not be delivered" in rosa.open("/messages").text
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ana)))
    assert "1 mail could not be delivered" in clerk.open("/office").text
    clerk.follow("Undelivered mail")
    for said in ("A family's message", "Rosa Reyes", "okafor@maplevalley.example", "no such mailbox", "Dana Okafor"):
        assert said in clerk.text
    assert "Mail to this address comes back" not in clerk.text, "it is the teacher's address"
    server.answers.clear()
    clerk.send()
    assert "sent again at once" in clerk.page and "Everything has been delivered" in clerk.text
    assert work(portal, server) == worker.Counts(sent=1)
    assert "Sent" in rosa.open("/messages").text
    assert m.AuditEvent.get(m.AuditEvent.action == "mail retried").details == {"mail": m.OutboundMail.get().id}


def test_X05_after_a_day_of_vain_tries_the_office_reads_of_it(app: Flask, cast: Cast, portal: Settings) -> None:
    outbox.enqueue(kind="digest", recipient="rosa@example.com", subject="s", text="t", account=cast.rosa)
    m.Preference.create(account=cast.rosa, digest="daily")
    with MailServer() as server:
        server.answers["RCPT"] = "451 4.3.0 try later"
        now, counts = NOW, worker.Counts()
        while not counts.failed:
            counts = work(portal, server, now)
            now = m.OutboundMail.get().due_at
            assert now < NOW + dt.timedelta(hours=26)
    clerk = Browser(app).sign_in_to_office(officer("counselor", portal, at=school_of(cast.ben)))
    clerk.open("/office/undelivered")
    assert "News from school Rosa Reyes" in clerk.text and "tried for a day in vain" in clerk.text
    clerk.send(1)
    assert "Everything has been delivered" in clerk.text
    assert m.OutboundMail.get().state == "withdrawn"


def test_a_clerk_reads_of_the_own_schools_mail_alone_and_teachers_of_none(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    mine = outbox.enqueue(kind="ready", recipient="rosa@example.com", subject="s", text="t", account=cast.rosa)
    other = outbox.enqueue(kind="ready", recipient="w@example.com", subject="s", text="t", account=cast.stranger)
    nobodys = outbox.enqueue(kind="not_yet", recipient="n@example.com", subject="s", text="t")
    m.OutboundMail.update(state="failed").execute()
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ben)))
    clerk.open("/office/undelivered")
    assert "rosa@example.com" in clerk.text
    assert "w@example.com" not in clerk.text and "n@example.com" not in clerk.text
    token = clerk.page.split('name="csrf_token" value="')[1].split('"')[0]
    clerk.client.post(f"/office/undelivered/{other.id}/drop", data={"csrf_token": token})
    assert m.OutboundMail.get_by_id(other.id).state == "failed"
    assert clerk.client.post(
        f"/office/guardians/{cast.stranger.guardian_id}/mail-comes-back", data={"csrf_token": token}
    ).status_code == 404  # fmt: skip
    admin = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/undelivered")
    assert all(one.recipient in admin.text for one in (mine, other, nobodys))
    teacher = Browser(app).sign_in_to_office(officer("teacher", portal))
    assert teacher.open("/office/undelivered").status == 404


@pytest.mark.parametrize("told", ["about", "message"])
def test_a_clerk_neither_reads_of_nor_drops_mail_about_a_sibling_at_another_school(
    app: Flask, cast: Cast, portal: Settings, told: str
) -> None:
    teacher = staff("Robin Reader", email="reader@maplevalley.example")
    found = {}
    for child in (cast.ana, cast.ben):
        message = m.Message.create(account=cast.rosa, student=child, staff=teacher, body="x", created_at=NOW)
        about = {"about": {child.id: []}} if told == "about" else {"message": message}
        found[child.id] = outbox.enqueue(
            kind="message", recipient=f"{child.given_name}s@example.com", subject="s", text="t", account=cast.rosa,
            **about,
        ).id  # fmt: skip
    both = outbox.enqueue(
        kind="digest", recipient="both@example.com", subject="s", text="t", account=cast.rosa,
        about={cast.ana.id: [], cast.ben.id: []},
    ).id  # fmt: skip
    m.OutboundMail.update(state="failed").execute()
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ana)))
    assert "1 mail could not be delivered" in clerk.open("/office").text
    clerk.open("/office/undelivered")
    assert "Anas@example.com" in clerk.text
    assert "Bens@example.com" not in clerk.text and "both@example.com" not in clerk.text
    token = clerk.page.split('name="csrf_token" value="')[1].split('"')[0]
    for one in (found[cast.ben.id], both):
        for action in ("drop", "retry"):
            clerk.client.post(f"/office/undelivered/{one}/{action}", data={"csrf_token": token})
        assert m.OutboundMail.get_by_id(one).state == "failed"
    clerk.client.post(f"/office/undelivered/{found[cast.ana.id]}/drop", data={"csrf_token": token})
    assert m.OutboundMail.get_by_id(found[cast.ana.id]).state == "withdrawn"
    admin = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office/undelivered")
    assert "Bens@example.com" in admin.text and "both@example.com" in admin.text


# ---- An address from which mail comes back ----------------------------------------------------------------------


def test_G08_mail_comes_back_so_none_goes_there_and_the_guardian_gives_another_address(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    outbox.enqueue(kind="changed", recipient="Rosa@example.com", subject="s", text="t", account=cast.rosa)
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ana)))
    clerk.open(f"/office/guardians/{cast.rosa.guardian_id}")
    clerk.send(f"/office/guardians/{cast.rosa.guardian_id}/mail-comes-back")
    assert "No further mail goes to this address" in clerk.page
    assert "Mail to this address comes back" in clerk.text
    assert states() == {"changed": "withdrawn"}
    assert m.AuditEvent.get(m.AuditEvent.action == "mail comes back").details["account"] == cast.rosa.id
    Browser(app).open("/forgot-password").send(email="rosa@example.com")
    assert not mails("reset"), "nothing is sent to an address that comes back"

    rosa = Browser(app).sign_in(cast.rosa)
    for path in ("/", "/messages", f"/students/{cast.ana.id}"):
        assert "Mail to rosa@example.com comes back" in rosa.open(path).text
    assert "<textarea" not in rosa.open(compose(cast)).page, "an answer would not reach her"
    rosa.follow("Enter another e-mail address").send(email="new@example.com", present="correct horse battery")
    rosa.open(link_in(mails("verify", "new@example.com")[0])).send()
    account = m.Account.get_by_id(cast.rosa.id)
    assert (account.email, account.mail_returned_at, account.reply_address) == (
        "new@example.com", None, "new@example.com",
    )  # fmt: skip
    assert "comes back" not in rosa.open("/").text


def test_G08_mail_of_others_who_have_the_same_address_waits_on(app: Flask, cast: Cast, portal: Settings) -> None:
    m.Staff.update(email="carlos@example.com").where(m.Staff.id == cast.teacher.id).execute()
    Browser(app).sign_in(cast.rosa).open(compose(cast)).send(body="Hello")
    outbox.enqueue(kind="changed", recipient="Carlos@example.com", subject="s", text="t", account=cast.carlos)
    outbox.enqueue(kind="key", recipient="carlos@example.com", subject="s", text="t", guardian=cast.carlos.guardian)
    outbox.enqueue(kind="ready", recipient="other@example.com", subject="s", text="t", account=cast.carlos)
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal, at=school_of(cast.ana)))
    clerk.open(f"/office/guardians/{cast.carlos.guardian_id}")
    clerk.send(f"/office/guardians/{cast.carlos.guardian_id}/mail-comes-back")
    assert states() == {"message": "queued", "changed": "withdrawn", "key": "withdrawn", "ready": "queued"}


def test_G08_an_address_that_works_again_is_proved_with_a_link(app: Flask, cast: Cast, portal: Settings) -> None:
    clerk = Browser(app).sign_in_to_office(officer("admin", portal))
    clerk.open(f"/office/guardians/{cast.rosa.guardian_id}")
    clerk.send(f"/office/guardians/{cast.rosa.guardian_id}/mail-comes-back")
    rosa = Browser(app).sign_in(cast.rosa).follow("It works again? Have a link sent that proves it.")
    rosa.send("/security/verify-again").open(link_in(mails("verify", "rosa@example.com")[0])).send()
    assert m.Account.get_by_id(cast.rosa.id).reply_address == "rosa@example.com"
    assert "comes back" not in rosa.open("/").text


def test_D08_where_the_office_changes_addresses_the_note_says_so(make_app: Callable[..., Flask]) -> None:
    app = make_app(change_email="office")
    cast = make_cast(app.extensions["homeroom"])
    m.Account.update(mail_returned_at=NOW, email_verified_at=None).where(m.Account.id == cast.rosa.id).execute()
    rosa = Browser(app).sign_in(cast.rosa)
    assert "Ask the school to change the address." in rosa.text
    assert "/security/email" not in rosa.page


def test_a_guardian_without_an_account_or_marked_already_changes_nothing(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    nobody = guardian("No Account", (cast.ana,))
    clerk = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office")
    token = clerk.page.split('name="csrf_token" value="')[1].split('"')[0]
    for one in (nobody.id, cast.rosa.guardian_id, cast.rosa.guardian_id):
        address = f"/office/guardians/{one}/mail-comes-back"
        clerk._show(clerk.client.post(address, data={"csrf_token": token}, follow_redirects=True))
    assert "Nothing was changed" in clerk.page
    assert m.AuditEvent.select().where(m.AuditEvent.action == "mail comes back").count() == 1
