"""What none of the five portals has, line by line."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from browsing import Browser
from factories import REAL_FEEDS, Cast, account
from flask import Flask

from models import Account, FeedRun, Guardian, LineItem, Message, Result, Student
from services.feeds import importer

GRAND_BEND = (REAL_FEEDS / "grandbend" / "oneroster-1.1", REAL_FEEDS / "grandbend" / "supplement")


def test_X01_the_whole_way_through_the_portal_needs_no_javascript(browser: Browser, cast: Cast) -> None:
    browser.open("/").send(user_name="rosa@example.com", password="correct horse battery")
    for label in ("Ana Reyes", "Grades", "Mathematics 7", "Write a message"):
        browser.follow(label)
        assert browser.status == 200
    browser.send(body="Thank you for the extra lesson.")
    assert Message.get().body == "Thank you for the extra lesson."
    browser.follow("To do")
    browser.send("/language", button=("language", "es"))
    assert 'lang="es"' in browser.page
    browser.sign_out()
    assert browser.path == "/sign-in"


@pytest.mark.parametrize(("guardian", "child"), [("C779023", "604938"), ("C778418", "604940")])
def test_X08_a_guardian_of_a_real_feed_registers_and_sees_every_result_of_the_child(
    make_app: Callable[..., Flask], guardian: str, child: str
) -> None:
    app = make_app(today=dt.date(2021, 11, 15))
    runner = app.test_cli_runner()
    for expected in ("applied", "unchanged"):
        run = runner.invoke(args=["feed", "import", *map(str, GRAND_BEND)])
        assert run.exit_code == 0, run.output
        assert run.output.splitlines()[-1].startswith(expected)
    exported = runner.invoke(args=["keys", "export", "--person", guardian])
    (row,) = csv.DictReader(io.StringIO(exported.stdout))
    assert row["sourced_id"] == guardian

    parent = Guardian.get(Guardian.sourced_id == guardian)
    browser = Browser(app).open("/register").send(key=row["key"])
    browser.send(user_name="parent@example.com", password="a long enough one", repeated="a long enough one")
    browser.open("/sign-in").send(user_name="parent@example.com", password="a long enough one")
    student = Student.get(Student.sourced_id == child)
    assert student.name in browser.text
    assert Account.get().guardian == parent

    browser.open(f"/students/{student.id}/grades?all=1")
    with (GRAND_BEND[0] / "results.csv").open(encoding="utf-8") as file:
        of_child = [line for line in csv.DictReader(file) if line["studentSourcedId"] == child]
    assert len(of_child) == Result.select().where(Result.student == student).count() == 34
    for line in of_child:
        title = LineItem.get(LineItem.sourced_id == line["lineItemSourcedId"]).title
        assert title.strip() in browser.text.replace("&amp;", "&")
    shown = browser.page.count("<tr>") - browser.page.count("<thead>")
    assert shown == 34, "every result, and no other child's"


def test_X08_a_feed_that_cannot_be_read_is_refused_in_one_line_and_changes_nothing(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    runner = app.test_cli_runner()
    broken = tmp_path / "feed.zip"
    broken.write_bytes(b"this is no zip")
    before = Student.select().count()
    run = runner.invoke(args=["feed", "import", str(broken)])
    assert run.exit_code == 1
    assert len([line for line in run.output.splitlines() if line.startswith("Error:")]) == 1
    assert "Traceback" not in run.output
    assert Student.select().count() == before
    assert FeedRun.get().state == "failed"


def test_G18_pages_and_sign_in_keep_answering_while_a_feed_is_imported(app: Flask, cast: Cast) -> None:
    open_session = Browser(app).sign_in(cast.rosa)
    answers: list[tuple[int, str]] = []

    def visit() -> None:
        open_session.open(f"/students/{cast.ana.id}/grades")
        newcomer = Browser(app).sign_in(cast.stranger)
        answers.append((open_session.status, newcomer.path))
        app.extensions["database"].close()

    def look_in(_stage: str, _rows: int) -> None:
        visitor = Thread(target=visit)
        visitor.start()
        visitor.join(timeout=20)
        assert not visitor.is_alive(), "the import keeps the portal waiting"

    importer.run(GRAND_BEND, shrink_percent=10, allow_shrink=True, progress=look_in)
    assert len(answers) > 10
    assert set(answers) == {(200, "/")}


def test_X10_backup_restore_and_doctor_are_one_command_each(app: Flask, cast: Cast, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    copy = tmp_path / "portal.backup"
    saved = runner.invoke(args=["backup", str(copy)])
    assert saved.exit_code == 0, saved.output
    assert copy.stat().st_mode & 0o077 == 0, "nobody else reads a backup"
    account(Guardian.create(given_name="After", family_name="Backup"), "after@example.com", app.extensions["homeroom"])
    refused = runner.invoke(args=["restore", str(copy)])
    assert refused.exit_code == 1, "a database with data is not overwritten by accident"
    assert Account.select().where(Account.user_name == "after@example.com").exists()
    app.extensions["database"].close()
    restored = runner.invoke(args=["restore", str(copy), "--force"])
    assert restored.exit_code == 0, restored.output
    assert not Account.select().where(Account.user_name == "after@example.com").exists()
    assert Browser(app).sign_in(cast.rosa).path == "/"
    said = runner.invoke(args=["doctor"]).output
    assert "worker" in said, "no worker runs here, and the doctor says so"
