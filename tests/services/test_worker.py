"""Mail under real faults: servers that are away, refuse or hang up, workers that are killed (CHECKS 37, 38, 42)."""

from __future__ import annotations

import datetime as dt
import logging
import os
import random
import signal
import sqlite3
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from mail_server import MAIL_FROM, CuttingServer, MailServer, free_port, start_worker
from peewee import Database, SqliteDatabase

from models import Message, OutboundMail, Staff, Student, WorkerBeat
from services import clock, outbox, worker
from services.mail import Mailer, PermanentError, TemporaryError
from services.mail_advice import explain
from services.worker import Counts, run_once

MINUTE = dt.timedelta(minutes=1)

#: How often a worker is killed at random moments; `make test-long` does it a hundred times.
KILLS = int(os.environ.get("KILLS", "10"))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def enqueue(number: int = 1) -> list[OutboundMail]:
    return [
        outbox.enqueue(kind="test", recipient=f"r{index}@example.com", subject=f"No. {index}", text="secret words\n")
        for index in range(number)
    ]


def mailer_for(url: str) -> Mailer:
    return Mailer(url, MAIL_FROM, timeout=2)


def reload(mail: OutboundMail) -> OutboundMail:
    found: OutboundMail = OutboundMail.get_by_id(mail.id)
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


# ---- One worker -------------------------------------------------------------------------------------------------


def test_mail_is_delivered_once_over_one_connection(db: Database, server: MailServer) -> None:
    mails = enqueue(3)
    with mailer_for(server.url) as mailer:
        assert run_once(mailer) == Counts(sent=3)
        assert run_once(mailer) == Counts()
    assert set(server.times_taken) == {mail.header_id for mail in mails}
    assert server.taken[0]["From"] == MAIL_FROM and server.taken[0]["Auto-Submitted"] == "auto-generated"
    sent = reload(mails[0])
    assert (sent.state, sent.attempts, sent.leased_until) == ("sent", 1, None) and sent.sent_at is not None


def test_mail_waits_while_the_server_is_away_and_leaves_when_it_is_back(db: Database) -> None:
    (mail,) = enqueue()
    port, now = free_port(), clock.now()
    mailer = mailer_for(f"smtp://127.0.0.1:{port}")
    assert run_once(mailer, now) == Counts(retried=1)
    waiting = reload(mail)
    assert (waiting.state, waiting.due_at, waiting.leased_until) == ("queued", now + MINUTE, None)
    assert waiting.last_error.startswith("connect: ")
    with MailServer(port) as server:
        assert run_once(mailer, now + MINUTE / 2) == Counts()
        assert run_once(mailer, now + MINUTE) == Counts(sent=1)
        mailer.close()
    assert server.times_taken == {mail.header_id: 1}
    assert reload(mail).last_error is None


def test_waits_grow_and_after_a_day_the_mail_has_failed(db: Database) -> None:
    (mail,) = enqueue()
    now = begun = clock.now()
    mailer = mailer_for(f"smtp://127.0.0.1:{free_port()}")
    waits = []
    while run_once(mailer, now) == Counts(retried=1):
        waits.append(reload(mail).due_at - now)
        now = reload(mail).due_at
    assert waits[:5] == [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 60 * MINUTE]
    assert dt.timedelta(hours=24) <= now - begun < dt.timedelta(hours=25)
    assert reload(mail).state == "failed"


def test_a_temporary_refusal_is_tried_again(db: Database, server: MailServer) -> None:
    (mail,) = enqueue()
    server.answers["RCPT"] = "450 4.2.0 greylisted"
    now = clock.now()
    with mailer_for(server.url) as mailer:
        assert run_once(mailer, now) == Counts(retried=1)
        assert reload(mail).last_error == "recipient: 450 4.2.0 greylisted"
        server.answers.clear()
        assert run_once(mailer, now + MINUTE) == Counts(sent=1)


@pytest.mark.parametrize(("step", "name"), [("RCPT", "recipient"), ("DATA", "content")])
def test_a_refusal_for_good_fails_at_once_and_holds_up_no_other(
    db: Database, server: MailServer, step: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    refused, other = enqueue(2)
    server.answers[step] = "550 5.1.1 no such user <r0@example.com>"
    with mailer_for(server.url) as mailer:
        assert run_once(mailer, limit=1) == Counts(failed=1)
        server.answers.clear()
        assert run_once(mailer) == Counts(sent=1)
    assert reload(refused).state == "failed"
    assert reload(refused).last_error == f"{name}: 550 5.1.1 no such user <r0@example.com>"
    assert server.times_taken == {other.header_id: 1}
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("services."))
    assert f"mail {refused.id}, try 1: {name} refused with 550" in logged
    assert "@" not in logged and "secret words" not in logged


def test_a_refused_login_or_sender_is_the_operators_to_mend_and_loses_no_mail(db: Database, server: MailServer) -> None:
    enqueue()
    server.answers["RCPT"] = "530 5.7.0 authentication required"
    assert run_once(mailer_for(server.url)) == Counts(retried=1)


def test_a_connection_cut_inside_the_text_is_tried_again(db: Database) -> None:
    (mail,) = enqueue()
    OutboundMail.update(text="x" * 2_000_000).where(OutboundMail.id == mail.id).execute()
    with CuttingServer() as server:
        assert run_once(mailer_for(server.url)) == Counts(retried=1)
    assert reload(mail).last_error.startswith("content: ")


def test_a_connection_cut_before_the_answer_doubles_a_mail_recognizably(db: Database, server: MailServer) -> None:
    (mail,) = enqueue()
    now = clock.now()
    server.answers["DATA"] = "cut"
    with mailer_for(server.url) as mailer:
        assert run_once(mailer, now) == Counts(retried=1)
        server.answers.clear()
        assert run_once(mailer, now + MINUTE) == Counts(sent=1)
    assert server.times_taken == {mail.header_id: 2}


def test_a_mail_that_cannot_be_written_fails_alone(db: Database, server: MailServer) -> None:
    broken, good = enqueue(2)
    OutboundMail.update(subject="two\nlines").where(OutboundMail.id == broken.id).execute()
    with mailer_for(server.url) as mailer:
        assert run_once(mailer) == Counts(sent=1, failed=1)
    assert reload(broken).last_error == "compose: ValueError"
    assert server.times_taken == {good.header_id: 1}


def test_a_message_is_withdrawn_when_its_writer_lost_the_right(db: Database, server: MailServer) -> None:
    names = {"given_name": "A", "family_name": "B"}
    message = Message.create(
        student=Student.create(sourced_id="s", **names),
        staff=Staff.create(sourced_id="t", role="teacher", **names),
        body="Hello",
        created_at=clock.now(),
    )
    mail = outbox.enqueue(kind="message", recipient="t@example.com", subject="s", text="t", message=message)
    (other,) = enqueue()
    with mailer_for(server.url) as mailer:
        assert run_once(mailer, still_allowed=lambda one: one.message_id is None) == Counts(sent=1, withdrawn=1)
    assert reload(mail).state == "withdrawn"
    assert server.times_taken == {other.header_id: 1}


def test_the_demos_folder_holds_each_mail_once(db: Database, tmp_path: Path) -> None:
    (mail,) = enqueue()
    mailer = mailer_for(f"file://{tmp_path}/mail")
    assert run_once(mailer) == Counts(sent=1)
    mailer.send(reload(mail))
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml" and mail.header_id in file.read_text()


# ---- Encryption and login ----------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost, with its key in the same file, that nobody trusts yet."""
    file = tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem"]
    made = subprocess.run(command, check=True, capture_output=True, cwd=tmp_path).stdout
    file.write_bytes((tmp_path / "key.pem").read_bytes() + made)
    return file


@pytest.fixture
def strict_server(certificate: Path) -> Iterator[MailServer]:
    """A server that wants encryption and a login first."""

    def check_login(_: object, __: object, ___: object, mechanism: str, login: object) -> AuthResult:
        assert isinstance(login, LoginPassword)
        expected = LoginPassword(b"me@district.example", b"p@ss:w/rd")
        return AuthResult(success=login == expected, handled=False)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with MailServer(
        tls_context=context, require_starttls=True, auth_required=True, authenticator=check_login
    ) as running:
        yield running


def test_mail_goes_encrypted_and_logged_in(
    db: Database, strict_server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    (mail,) = enqueue()
    url = f"smtp://me%40district.example:p%40ss%3Aw%2Frd@localhost:{strict_server.port}?starttls=1"
    with mailer_for(url) as mailer:
        assert run_once(mailer) == Counts(sent=1)
        assert [step.name for step in mailer.steps[:4]] == ["connect", "greet", "tls", "login"]
    assert strict_server.times_taken == {mail.header_id: 1}


@pytest.mark.parametrize(("login", "trusted", "step", "advice"), [
    ("me%40district.example:wrong@", True, "login", "password is wrong"),
    ("", True, "sender", "wants a login"),
    ("", False, "tls", "certificate is not valid"),
])  # fmt: skip
def test_a_server_that_lets_nobody_in_loses_no_mail_and_says_why(
    db: Database, strict_server: MailServer, certificate: Path, monkeypatch: pytest.MonkeyPatch,
    login: str, trusted: bool, step: str, advice: str,
) -> None:  # fmt: skip
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mail = outbox.prepare(kind="test", recipient="a@example.com", subject="s", text="t")
    with (
        pytest.raises(TemporaryError) as caught,
        mailer_for(f"smtp://{login}localhost:{strict_server.port}?starttls=1") as mailer,
    ):
        mailer.send(mail)
    assert caught.value.step == step and advice in explain(caught.value)
    assert "p@ss" not in str(caught.value) and "wrong" not in str(caught.value)


# ---- Leases -----------------------------------------------------------------------------------------------------


def test_a_lease_keeps_others_away_until_it_runs_out(db: Database) -> None:
    enqueue(3)
    now = clock.now()
    first = worker.claim(now, limit=2)
    second = worker.claim(now, limit=2)
    assert (len(first), len(second)) == (2, 1)
    assert worker.claim(now + worker.LEASE - MINUTE, limit=9) == []
    assert len(worker.claim(now + worker.LEASE, limit=9)) == 3


def test_who_lost_the_lease_cannot_undo_what_its_successor_did(db: Database, server: MailServer) -> None:
    (mail,) = enqueue()
    now = clock.now()
    (lost,) = worker.claim(now, limit=1)
    with mailer_for(server.url) as mailer:
        assert run_once(mailer, now + worker.LEASE) == Counts(sent=1)
    worker._note_failure(lost, TemporaryError("connect", "away"), now)
    assert reload(mail).state == "sent"


def test_claims_at_the_same_moment_never_overlap(db: Database) -> None:
    mails = enqueue(40)
    claimed: list[int] = []

    def claim_all() -> None:
        with db.connection_context():
            while found := worker.claim(clock.now(), limit=3):
                claimed.extend(mail.id for mail in found)

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(claimed) == [mail.id for mail in mails]


# ---- Workers as processes ---------------------------------------------------------------------------------------


def finish(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(10)


def all_sent() -> bool:
    return not OutboundMail.select().where(OutboundMail.state != "sent").exists()


def test_two_workers_send_every_mail_exactly_once(db: Database, database_url: str) -> None:
    mails = enqueue(60)
    with MailServer(delay=0.002) as server:
        workers = [start_worker(database_url, server.url) for _ in range(2)]
        wait_until(all_sent)
        assert WorkerBeat.select().count() == 2
        assert [finish(process) for process in workers] == [0, 0]
    assert server.times_taken == {mail.header_id: 1 for mail in mails}
    assert WorkerBeat.select().count() == 0


def test_sigterm_finishes_the_mail_in_hand_and_leaves_the_rest_free(db: Database, database_url: str) -> None:
    enqueue(5)
    with MailServer(delay=0.4) as server:
        process = start_worker(database_url, server.url)
        assert server.arrived.wait(10)
        assert finish(process) == 0
    states = [mail.state for mail in OutboundMail.select().order_by(OutboundMail.id)]
    assert states == ["sent", *["queued"] * 4] and len(server.taken) == 1
    assert not OutboundMail.select().where(OutboundMail.leased_until.is_null(False)).exists()


def test_a_worker_killed_again_and_again_loses_nothing(db: Database, database_url: str) -> None:
    kills, chance = KILLS, random.Random(4)
    mails = enqueue(30 + 3 * kills)
    with MailServer(delay=0.002) as server:
        for _ in range(kills):
            before = len(server.taken)
            victim = start_worker(database_url, server.url, lease=0.5)
            wait_until(lambda before=before: len(server.taken) >= before + 1 + chance.randrange(3))  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.004))
            victim.kill()
            victim.wait()
        survivor = start_worker(database_url, server.url, lease=0.5)
        wait_until(all_sent, 15 + kills)
        assert finish(survivor) == 0
    taken = server.times_taken
    assert set(taken) == {mail.header_id for mail in mails}
    doubles = sum(taken.values()) - len(taken)
    print(f"{kills} kills, {doubles} of {len(mails)} mails doubled, none lost")
    assert doubles <= kills
    if isinstance(db, SqliteDatabase):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as opened:
            assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        opened.close()


# ---- Explaining -------------------------------------------------------------------------------------------------


def test_the_steps_of_a_conversation_are_told_in_order(db: Database, server: MailServer) -> None:
    with mailer_for(server.url) as mailer:
        mailer.send(outbox.prepare(kind="test", recipient="a@example.com", subject="s", text="t"))
        assert [step.name for step in mailer.steps] == ["connect", "greet", "sender", "recipient", "content"]


def test_a_server_without_encryption_is_named_as_such(server: MailServer) -> None:
    with pytest.raises(TemporaryError) as caught, mailer_for(server.url + "?starttls=1") as mailer:
        mailer.send(outbox.prepare(kind="test", recipient="a@example.com", subject="s", text="t"))
    assert caught.value.step == "tls"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (TemporaryError("login", "535 no", 535), "password"),
        (TemporaryError("connect", "refused", cause=ConnectionRefusedError()), "port"),
        (TemporaryError("connect", "timed out", cause=TimeoutError()), "firewall"),
        (PermanentError("recipient", "550 no", 550), "mailbox"),
        (TemporaryError("sender", "553 no", 553), "PORTAL_MAIL_FROM"),
    ],
)
def test_a_refusal_is_explained_by_what_to_change(error: TemporaryError, word: str) -> None:
    assert word in explain(error)


@pytest.mark.parametrize("url", ["", "mail.example", "http://mail.example", "smtp://", "file:"])
def test_an_address_of_no_mail_server_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="smtp_url"):
        Mailer(url, MAIL_FROM)
