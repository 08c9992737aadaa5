"""The office's page of feeds: runs and problems, a feed tried out, the last import taken back (X08)."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from browsing import Browser
from factories import PASSWORD, officer
from feeding import BASE, SECRET, District
from flask import Flask
from werkzeug.test import TestResponse

import models as m
from config import Settings
from services.feeds import importer
from services.office import feeds


def table(browser: Browser) -> list[list[str]]:
    """The CSV that was just downloaded."""
    assert browser.response.mimetype == "text/csv", browser.page[:200]
    return list(csv.reader(io.StringIO(browser.page.lstrip("\ufeff"))))


def token_of(browser: Browser) -> str:
    return browser.page.split('name="csrf_token" value="')[1].split('"')[0]


def audited(action: str) -> list[m.AuditEvent]:
    return list(m.AuditEvent.select().where(m.AuditEvent.action == action))


def send_files(browser: Browser, *files: tuple[str, bytes]) -> TestResponse:
    browser.open("/office/feeds")
    sent = {"csrf_token": token_of(browser), "files": [(io.BytesIO(data), name) for name, data in files]}
    return browser.client.post("/office/feeds/try", data=sent, content_type="multipart/form-data")


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", "\n".join(line.strip(" ") for line in text.split("\n")) + "\n")
    return out.getvalue()


def test_X08_the_page_has_every_import_with_counts_and_its_problems_by_file_and_severity(
    app: Flask, portal: Settings, tmp_path: Path
) -> None:
    district = District(tmp_path / "feed")
    district.append("results", "r8,=i8,s1,,1,2026-11-10", "r9,i9,s1,,1,2026-11-10")
    district.replace("users", "Rosa,Reyes", "Rosa,")
    importer.run([district.folder], shrink_percent=100, secret=SECRET)
    admin = Browser(app).sign_in_to_office(officer("admin", portal)).open("/office").follow("Feeds")
    assert "Applied" in admin.text
    admin.open("/office/feeds/1")
    assert "results.csv" in admin.text and "'i9' names no line item of this feed" in admin.text
    admin.open("/office/feeds/1?file=results.csv&severity=error")
    assert "'i9' names no line item" in admin.text and "familyName" not in admin.text
    assert "No problems." in admin.open("/office/feeds/1?file=nonsense.csv").text
    rows = table(admin.open("/office/feeds/1/problems.csv?file=results.csv"))
    assert rows[0] == ["file", "line", "column", "severity", "reason"] and len(rows) == 3
    for missing in ("/office/feeds/99", "/office/feeds/99/problems.csv"):
        assert admin.open(missing).status == 404
    for role in ("teacher", "counselor", "clerk"):
        other = Browser(app).sign_in_to_office(officer(role, portal))
        for path in ("/office/feeds", "/office/feeds/1", "/office/feeds/1/problems.csv"):
            assert other.open(path).status == 404


def test_X08_a_feed_is_tried_out_and_nothing_is_applied_or_kept(
    app: Flask, portal: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    browser = admin._show(send_files(admin, ("feed.zip", zipped(**BASE))))
    assert browser.status == 200 and "This feed was tried out. Nothing has been changed." in browser.text
    assert "student 2 0 0 0" in browser.text
    assert m.Student.select().count() == 0 and m.FeedRun.select().count() == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("homeroom-feed")] == []
    assert audited("feed tried out")[0].details == {"files": ["feed.zip"], "state": "dry-run"}
    loose = send_files(
        admin, *((f"{name}.csv", "\n".join(text.split("\n        ")).encode()) for name, text in BASE.items())
    )
    assert loose.status_code == 200 and "student" in loose.get_data(as_text=True)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_X08_a_feed_as_large_as_a_districts_is_tried_out(app: Flask, portal: Settings, ends: str) -> None:
    """The form's parser reads a part at a time, and keeps what stands behind the last line end for the next."""
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    header, *rows = BASE["users"].replace("        ", "").split("\n")
    more = [f"s{n},,,true,o1,student,u{n},,Kid,K,,,,07" for n in range(10, 8_000)]
    users = ends.join([header, *rows, *more])
    browser = admin._show(send_files(admin, ("feed.zip", zipped(**{**BASE, "users": users}))))
    assert browser.status == 200 and "student 7992 0 0 0" in browser.text


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "choose a zip file or CSV files"),
        ([("feed.zip", b"no zip")], "feed.zip is no zip file that can be opened"),
        ([("../../etc/passwd.csv", b"a")], "is no name of a zip or CSV file"),
        ([("feed.exe", b"MZ")], "is no name of a zip or CSV file"),
        ([("users.csv", b"a,b\n"), ("users.csv", b"a,b\n")], "users.csv was sent twice"),
        ([("users.csv", b"a,b\n")], "this bulk feed has no orgs.csv"),
    ],
)
def test_X08_what_is_no_feed_is_refused_without_naming_this_machine(
    app: Flask, portal: Settings, files: list[tuple[str, bytes]], says: str
) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    browser = admin._show(send_files(admin, *files))
    assert browser.status == 422 and says in browser.text
    assert "/tmp" not in browser.page and "homeroom-feed" not in browser.page


def test_X08_too_large_a_feed_is_refused_and_other_pages_still_take_little(
    app: Flask, portal: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_UNPACKED", 100)
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    browser = admin._show(send_files(admin, ("feed.zip", zipped(**BASE))))
    assert browser.status == 422 and "too large to be tried out here" in browser.text
    huge = {"data": b"x" * (feeds.MOST_BYTES + 1), "content_type": "multipart/form-data; boundary=x"}
    assert admin.client.post("/office/feeds/try", **huge).status_code == 413
    large = {"csrf_token": token_of(admin), "files": (io.BytesIO(b"x" * 200_000), "feed.zip")}
    assert admin.client.post("/office/notices/new", data=large).status_code == 413
    clerk = Browser(app).sign_in_to_office(officer("clerk", portal)).open("/office/requests")
    assert clerk.client.post("/office/feeds/try", data={"csrf_token": token_of(clerk)}).status_code == 404
    stranger = app.test_client().post("/office/feeds/try", data={"files": (io.BytesIO(b"x" * 200_000), "feed.zip")})
    assert stranger.status_code in (303, 413)


def test_X08_trying_out_has_an_end(app: Flask, portal: Settings) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    for _ in range(20):
        assert send_files(admin).status_code == 422
    assert send_files(admin).status_code == 429


def test_X08_the_last_import_is_undone_with_the_password(app: Flask, portal: Settings, tmp_path: Path) -> None:
    admin = Browser(app).sign_in_to_office(officer("admin", portal))
    assert "Undo" not in admin.open("/office/feeds").text
    importer.run([District(tmp_path / "feed").folder], shrink_percent=100, secret=SECRET)
    admin.open("/office/feeds").send("/office/feeds/undo", present="wrong")
    assert admin.status == 422 and "This is not your present password." in admin.text
    assert m.Student.select().where(m.Student.active).count() == 2
    admin.send("/office/feeds/undo", present=PASSWORD)
    assert "The import is undone." in admin.text and "Undone" in admin.text
    assert m.Student.select().where(m.Student.active).count() == 0
    (event,) = audited("feed undone")
    assert event.account.staff is not None and event.details == {"run": 1}
    token = token_of(admin)
    again = admin.client.post("/office/feeds/undo", data={"csrf_token": token, "present": PASSWORD})
    assert again.status_code == 422 and "there is no import that could be undone" in again.get_data(as_text=True)
