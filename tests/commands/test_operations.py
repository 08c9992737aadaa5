"""What operators type: one clear line for every trouble, and an exit code that scripts can trust (CHECKS 55-58)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from mail_server import ROOT, MailServer, free_port

from models import OutboundMail, Student, WorkerBeat
from services import outbox


def run(app: Flask, *arguments: str) -> Result:
    """Run a command; trouble is told without a traceback."""
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def send_test_mail(make_app: Callable[..., Flask], url: str) -> Result:
    portal = make_app(smtp_url=url, mail_from="Homeroom <portal@district.example>")
    return run(portal, "mail", "test", "parent@example.com")


def test_mail_test_tells_every_step(make_app: Callable[..., Flask]) -> None:
    with MailServer() as server:
        result = send_test_mail(make_app, server.url)
    assert result.exit_code == 0
    assert result.output.count("ok    ") == 5 and "Name the recipient: 250 OK" in result.output
    assert server.taken[0]["To"] == "parent@example.com"
    assert OutboundMail.select().count() == 0


def test_mail_test_explains_a_refusal(make_app: Callable[..., Flask]) -> None:
    with MailServer() as server:
        server.answers["RCPT"] = "550 5.7.1 relaying denied"
        result = send_test_mail(make_app, server.url)
    assert result.exit_code == 1
    assert "FAIL  Name the recipient: 550 5.7.1 relaying denied" in result.output and "relaying" in result.output


def test_mail_test_explains_that_nothing_listens(make_app: Callable[..., Flask]) -> None:
    result = send_test_mail(make_app, f"smtp://127.0.0.1:{free_port()}")
    assert result.exit_code == 1 and "Nothing listens there" in result.output


def test_mail_test_sends_a_text_to_a_number(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    portal = make_app(text_url=f"file://{tmp_path}/texts")
    assert run(portal, "mail", "test", "+17205550142").exit_code == 0
    (file,) = (tmp_path / "texts").iterdir()
    assert file.read_text(encoding="utf-8").startswith("To: +17205550142\n\nThis text was sent")


@pytest.mark.parametrize(
    ("url", "number", "said"),
    [
        ("", "+17205550142", "PORTAL_TEXT_URL is not set"),
        ("file:///tmp/texts", "+911", "not a number such as"),
        (f"json://127.0.0.1:{free_port()}/{{number}}", "+17205550142", "it was not sent"),
        ("gibberish://secret/{number}", "+17205550142", "Apprise cannot read it"),
    ],
    ids=["unset", "no number", "nobody there", "unreadable"],
)
def test_mail_test_explains_why_no_text_leaves(
    make_app: Callable[..., Flask], url: str, number: str, said: str
) -> None:
    result = run(make_app(text_url=url), "mail", "test", number)
    assert result.exit_code == 1 and said in result.output and "secret" not in result.output


@pytest.mark.parametrize(
    "arguments", [("mail", "test", "nobody"), ("backup", "/nonexistent/file"), ("restore", "/nonexistent")]
)
def test_a_wrong_argument_is_one_line_and_a_failure(app: Flask, arguments: tuple[str, ...]) -> None:
    result = run(app, *arguments)
    assert result.exit_code == 1 and result.output.startswith("Error: ") and result.output.count("\n") == 1


def test_mail_queue_and_retry(app: Flask) -> None:
    failed, waiting = (
        outbox.enqueue(kind="test", recipient="parent@example.com", subject="s", text="t") for _ in range(2)
    )
    OutboundMail.update(state="failed", last_error="recipient: 550 no").where(OutboundMail.id == failed.id).execute()
    listed = run(app, "mail", "queue").output
    assert f"{failed.id}  failed  test to …@example.com" in listed and "550 no" in listed
    assert listed.endswith("1 queued, 0 sent, 1 failed, 0 withdrawn\n")
    assert run(app, "mail", "retry", str(failed.id)).output == "1 mails will be sent now.\n"
    assert "2 queued" in run(app, "mail", "queue").output


def test_mail_queue_shows_two_digits_of_a_number(app: Flask) -> None:
    outbox.enqueue(kind="code", recipient="+17205550142", subject="", text="t", channel="text")
    listed = run(app, "mail", "queue").output
    assert "code to …42  tries" in listed and "720555" not in listed


def test_backup_and_restore_say_what_they_did(app: Flask, tmp_path: Path) -> None:
    Student.create(sourced_id="s", given_name="A", family_name="B")
    file = str(tmp_path / "portal.bak.gz")
    assert "verified" in run(app, "backup", file).output
    refused = run(app, "restore", file)
    assert refused.exit_code == 1 and "--force" in refused.output
    assert run(app, "restore", file, "--force").output == f"Restored from {file}.\n"


def test_doctor_ends_with_one_when_something_is_broken(app: Flask) -> None:
    result = run(app, "doctor")
    assert result.exit_code == 1 and "No worker is running" in result.output and "broken." in result.output


def test_db_status_and_upgrade(app: Flask) -> None:
    assert run(app, "db", "status").output == "The database is up to date.\n"
    assert run(app, "db", "upgrade").output == "The database is up to date; nothing to do.\n"


def test_every_command_says_when_to_use_it(app: Flask) -> None:
    for name in (
        "worker",
        "backup",
        "restore",
        "doctor",
        "serve",
        "mail test",
        "mail queue",
        "mail retry",
        "db upgrade",
    ):
        assert len(run(app, *name.split(), "--help").output) > 150


def test_the_served_portal_logs_no_query_and_no_secret(app: Flask, database_url: str, tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": database_url, "PORT": str(port), "PORTAL_SECRET_KEY": "0123456789" * 4}
    with (tmp_path / "log").open("w+") as log:
        command = [sys.executable, "-m", "flask", "serve"]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as server:
            base = f"http://127.0.0.1:{port}"
            _until_it_answers(f"{base}/livez")
            for path in ("/reset/abcdefghijklmnopqrstuvwxyz?token=hidden", "/x%0Ainjected"):
                with pytest.raises(urllib.error.HTTPError):
                    urllib.request.urlopen(base + path)
            server.send_signal(signal.SIGTERM)
            assert server.wait(10) == 0
        log.seek(0)
        written = log.read()
    assert '"GET /reset/[secret]" 404' in written and "/x%0Ainjected" in written
    assert "hidden" not in written and "qrstuv" not in written


def test_the_worker_stops_at_sigterm(app: Flask, database_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "PORTAL_SMTP_URL": "smtp://127.0.0.1:1"}
    environment |= {"PORTAL_SECRET_KEY": "0123456789" * 4}
    command = [sys.executable, "-m", "flask", "worker"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(500):
            if WorkerBeat.select().exists():
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[0] == "The worker is running.\nThe worker has stopped.\n"
    assert process.returncode == 0 and not WorkerBeat.select().exists()


def _until_it_answers(address: str) -> None:
    for _ in range(500):
        try:
            urllib.request.urlopen(address).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the portal did not start")
