"""The whole record to download: what is in it, for whom it is made, and what becomes of it (X07)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import factories
import printed
import pytest
from browsing import Browser
from factories import TODAY, Cast
from flask import Flask

import models as m
from services import clock, exports, housekeeping, worker
from services.exports.kinds import KINDS
from services.mail import Mailer

NOW = dt.datetime(2026, 11, 16, 15, 0)

#: Which files each section opens; `classes` and `enrollments` go with grades or schedule.
BY_SECTION = {
    "grades": {"lineItems", "results", "grades", "reportCards", "categories"},
    "attendance": {"studentSchoolAttendanceEvents", "studentSectionAttendanceEvents"},
    "behavior": {"disciplineIncidents", "studentDisciplineIncidentBehaviorAssociations", "disciplineActions"},
    "schedule": {"classMeetings"},
    "tests": {"assessments", "studentAssessments", "studentAssessmentScoreResults"},
    "history": {"studentAcademicRecords", "courseTranscripts", "academicHonors", "studentGraduationPlans",
                "graduationPlans"},
    "library": {"libraryTransactions"},
    "fees": {"studentCharges", "mealAccounts"},
    "transportation": {"studentTransportations"},
    "programs": {"studentProgramAssociations"},
}  # fmt: skip
ALWAYS = {
    "users", "demographics", "orgs", "studentSchoolAssociations", "classes", "enrollments", "classTeachers",
    "academicSessions", "courses", "codes",
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_ten() -> None:
    """It is ten in the morning of the sixteenth."""
    clock.set_source(lambda: NOW)


@pytest.fixture
def work(app: Flask) -> Callable[..., bool]:
    """One look of the worker at what waits."""

    def once(now: dt.datetime = NOW) -> bool:
        with app.test_request_context():
            return exports.run_once(
                settings=app.extensions["homeroom"], on=TODAY, now=now, words_in=app.extensions["report_words"]
            )

    return once


def whole_record(of: m.Student, math: m.Section) -> None:
    """A row of everything there is, and beside it what is not for this family."""
    fall = m.AcademicSession.get(m.AcademicSession.title == "Fall 2026")
    m.Section.update(course=m.Course.create(sourced_id="course", title="Mathematics")).where(
        m.Section.id == math.id
    ).execute()
    m.Meeting.create(sourced_id="meeting", section=math, period="1", start_time=dt.time(8, 5))
    m.ReportCard.create(sourced_id="card", student=of, session=fall, days_absent=2, gpa=3.5)
    factories.code("AttendanceEventCategoryDescriptor", "AU", "Absent, not excused")
    factories.code("AttendanceEventCategoryDescriptor", "SECRET", "hidden from families", parent_visible=False)
    factories.day_event(of, TODAY, category="AU")
    factories.day_event(of, TODAY - dt.timedelta(days=1), category="SECRET", reason="not for families")
    factories.class_event(of, math, TODAY, category="AU")
    found = factories.incident(of, description="Threw a ball", detail="Hit a window", participation="Perpetrator")
    factories.discipline(of, incident=found)
    seen = factories.incident(of, "FGT", description="Two others fought", detail="Saw it", participation="Witness")
    unseen = factories.incident(of, description="Kept inside", parent_visible=False)
    factories.discipline(of, disciplines="SUS", incident=unseen)
    factories.took_part(factories.student("Some Other"), seen, detail="Another child's part")
    m.Assessment.create(sourced_id="test", identifier="SAT", title="The test")
    m.Assessment.create(sourced_id="test2", identifier="ACT", title="A test of others")
    taken = m.StudentAssessment.create(sourced_id="taken", student=of, identifier="SAT", date=TODAY)
    m.ScoreResult.create(sourced_id="score", student_assessment=taken, method="Scale score", result="1180")
    plan = m.GraduationPlan.create(sourced_id="plan", kind="Recommended")
    m.StudentGraduationPlan.create(sourced_id="own-plan", student=of, plan=plan)
    record = m.AcademicRecord.create(sourced_id="record", student=of, school_year="2027", gpa=3.5)
    m.TranscriptCourse.create(sourced_id="t1", student=of, academic_record=record, title="Life Science", letter="A")
    m.TranscriptCourse.create(sourced_id="t2", student=of, school_year="2025", title="Reading of long ago", letter="B")
    m.AcademicHonor.create(sourced_id="honor", student=of, description="Honor roll", date=TODAY)
    m.Loan.create(sourced_id="loan", student=of, title='=HYPERLINK("http://x")', fine_amount=-2.5)
    m.Charge.create(sourced_id="charge", student=of, description="@trip", amount=12.5, voluntary=True)
    m.MealAccount.create(sourced_id="meal", student=of, balance=-3.75, as_of=TODAY)
    m.Transportation.create(sourced_id="bus", student=of, bus_number="+14", stop_time=dt.time(7, 10))
    factories.program(of, "-Band")


def asked(browser: Browser, of: m.Student) -> Browser:
    """The page after asking for a copy of this student's record."""
    return browser.open("/my-data").send(f"/my-data/{of.id}")


def download(browser: Browser) -> zipfile.ZipFile:
    """The copy that the page links to."""
    browser.open("/my-data")
    link = next(part.split('"')[0] for part in browser.page.split('href="')[1:] if "record.zip" in part)
    answer = browser.client.get(link)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=record.zip"
    assert answer.headers["Cache-Control"] == "no-store"
    return zipfile.ZipFile(io.BytesIO(answer.data))


def names(found: zipfile.ZipFile) -> set[str]:
    """The tables in a copy."""
    return {Path(name).stem for name in found.namelist() if name.endswith(".csv")}


def rows(found: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """The rows of one table."""
    return list(csv.DictReader(io.StringIO(found.read(f"tables/{name}.csv").decode("utf-8-sig"))))


def test_X07_a_copy_is_asked_for_made_and_downloaded(browser: Browser, cast: Cast, work: Callable[..., bool]) -> None:
    browser.sign_in(cast.rosa)
    asked(browser, cast.ana)
    assert (browser.path, browser.status) == ("/my-data", 200)
    assert "Ana Reyes Being made" in browser.text
    assert "refresh" not in browser.page.lower()
    assert work() and not work()
    browser.follow("Load this page again to see whether the copy is ready")
    assert "Ready" in browser.text and "until Nov 17, 2026" in browser.text
    found = download(browser)
    assert found.testzip() is None
    assert {"README.txt", "record.json", "reports/transcript.pdf", "tables/results.csv"} <= set(found.namelist())
    events = m.AuditEvent.select().where(m.AuditEvent.action.startswith("export")).order_by(m.AuditEvent.id)
    assert [(one.action, one.account_id, one.student_id) for one in events] == [
        ("export asked", cast.rosa.id, cast.ana.id), ("export downloaded", cast.rosa.id, cast.ana.id),
    ]  # fmt: skip


def test_X07_the_copy_holds_what_the_database_holds(browser: Browser, cast: Cast, work: Callable[..., bool]) -> None:
    whole_record(cast.ana, cast.math)
    asked(browser.sign_in(cast.rosa), cast.ana)
    assert work()
    found = download(browser)
    assert names(found) == ALWAYS | set().union(*BY_SECTION.values())
    assert {kind.name for kind in KINDS} <= names(found), "no kind is forgotten here"
    own = {row.sourced_id: row for row in m.Result.select().where(m.Result.student == cast.ana)}
    assert {row["sourcedId"] for row in rows(found, "results")} == own.keys()
    for row in rows(found, "results"):
        result = own[row["sourcedId"]]
        assert row["lineItemSourcedId"] == result.line_item.sourced_id
        assert row["score"] == ("" if result.score is None else f"{result.score:g}")
        assert row["missing"] == ("true" if result.missing else "")
    assert [row["identifier"] for row in rows(found, "users")] == [cast.ana.number]
    assert rows(found, "demographics")[0]["birthDate"] == "2013-04-02"
    assert rows(found, "studentAssessmentScoreResults")[0]["studentAssessmentSourcedId"] == "taken"
    assert [row["assessmentIdentifier"] for row in rows(found, "assessments")] == ["SAT"]
    assert rows(found, "classMeetings")[0]["startTime"] == "08:05:00"
    assert {row["termSourcedIds"] for row in rows(found, "classes")} == {
        m.AcademicSession.get(m.AcademicSession.title == "Fall 2026").sourced_id
    }
    assert {(row["givenName"], row["familyName"]) for row in rows(found, "classTeachers")} == {
        ("Dana", "Okafor"), ("Lee", "Novak"),
    }  # fmt: skip
    assert [row["shortDescription"] for row in rows(found, "codes")] == ["Absent, not excused"]
    record = json.loads(found.read("record.json"))
    assert record["format"] == "homeroom-record-1"
    assert {name: len(table) for name, table in record["tables"].items()} == {
        name: len(rows(found, name)) for name in names(found)
    }
    assert record["tables"]["mealAccounts"][0]["ext.balance"] == -3.75
    assert record["tables"]["studentCharges"][0]["voluntary"] is True


def test_X07_a_copy_says_nothing_of_other_people(browser: Browser, cast: Cast, work: Callable[..., bool]) -> None:
    whole_record(cast.ana, cast.math)
    factories.telephone(cast.rosa.guardian, "+17705550100")
    asked(browser.sign_in(cast.rosa), cast.ana)
    assert work()
    found = download(browser)
    everything = "\n".join(found.read(name).decode() for name in found.namelist() if not name.endswith(".pdf"))
    for other in (
        "Zoe", "Whitfield", "Rosa", "Carlos", "Ben", "Former", "example.com", "maplevalley", "770555", "Zoe's family",
        "Another child's part", "Two others fought", "Saw it", "Kept inside", "SUS", "SECRET", "not for families",
        "A test of others", "order 4711",
    ):  # fmt: skip
        assert other not in everything, other
    assert "Threw a ball" in everything and "Hit a window" in everything
    assert not any("Ana" in name or "Reyes" in name or cast.ana.number in name for name in found.namelist())


def test_X07_formulas_are_defused_in_tables_and_whole_in_the_json(
    browser: Browser, cast: Cast, work: Callable[..., bool]
) -> None:
    whole_record(cast.ana, cast.math)
    asked(browser.sign_in(cast.rosa), cast.ana)
    assert work()
    found = download(browser)
    for name in names(found):
        for row in rows(found, name):
            assert not any(cell[:1] in tuple("=+-@\t\r") and cell for cell in row.values()), (name, row)
    assert rows(found, "libraryTransactions")[0]["title"] == '\'=HYPERLINK("http://x")'
    assert json.loads(found.read("record.json"))["tables"]["libraryTransactions"][0]["title"].startswith("=HYPER")
    assert found.read("tables/users.csv").startswith(b"\xef\xbb\xbf"), "spreadsheets know that it is UTF-8"


def test_G03_below_high_school_the_copy_has_this_years_courses(
    browser: Browser, cast: Cast, work: Callable[..., bool]
) -> None:
    whole_record(cast.ana, cast.math)
    asked(browser.sign_in(cast.rosa), cast.ana)
    assert work()
    assert [row["courseTitle"] for row in rows(download(browser), "courseTranscripts")] == ["Life Science"]
    m.Student.update(grade_level="11").where(m.Student.id == cast.ana.id).execute()
    m.DataExport.delete().execute()
    asked(browser, cast.ana)
    assert work()
    assert len(rows(download(browser), "courseTranscripts")) == 2


@pytest.mark.parametrize("section", BY_SECTION)
def test_X07_a_withheld_section_is_in_no_file(
    browser: Browser, cast: Cast, work: Callable[..., bool], section: str
) -> None:
    whole_record(cast.ana, cast.math)
    m.Guardianship.update(withheld=[section]).where(m.Guardianship.guardian == cast.carlos.guardian).execute()
    asked(browser.sign_in(cast.carlos), cast.ana)
    assert work()
    found = download(browser)
    everything = ALWAYS | set().union(*BY_SECTION.values())
    assert everything - names(found) <= BY_SECTION[section] | {"codes", "courses"}
    assert not names(found) & BY_SECTION[section]
    pdfs = {Path(name).stem for name in found.namelist() if name.endswith(".pdf")}
    closed = {"grades": {"report-card", "missing-assignments"}, "schedule": {"schedule"}, "history": {"transcript"}}
    assert pdfs == {"schedule", "missing-assignments", "report-card", "transcript"} - closed.get(section, set())
    if section == "attendance":
        assert "numberOfDaysAbsent" not in rows(found, "reportCards")[0]


def test_X07_without_reports_there_are_tables_and_without_classes_no_classes(
    browser: Browser, cast: Cast, work: Callable[..., bool]
) -> None:
    closed = ["reports", "grades", "schedule"]
    m.Guardianship.update(withheld=closed).where(m.Guardianship.guardian == cast.carlos.guardian).execute()
    asked(browser.sign_in(cast.carlos), cast.ana)
    assert work()
    found = download(browser)
    assert not any(name.endswith(".pdf") for name in found.namelist())
    assert names(found) == {"users", "demographics", "orgs", "studentSchoolAssociations"}


def test_X07_readme_and_pdfs_are_in_the_language_it_was_asked_in(
    browser: Browser, cast: Cast, work: Callable[..., bool]
) -> None:
    browser.sign_in(cast.rosa).send("/language", ("language", "vi"))
    asked(browser, cast.ana)
    m.Account.update(language="en").execute()
    assert work()
    found = download(browser)
    assert printed.read(found.read("reports/schedule.pdf")).language == "vi"
    assert "reports/schedule.pdf" in found.read("README.txt").decode()
    for name in names(found):
        assert f"tables/{name}.csv: " in found.read("README.txt").decode()


def test_X07_a_student_downloads_the_own_record(browser: Browser, cast: Cast, work: Callable[..., bool]) -> None:
    asked(browser.sign_in(cast.pupil), cast.ana)
    assert work()
    assert "results" in names(download(browser))
    assert browser.client.post(f"/my-data/{cast.zoe.id}").status_code in (400, 404)
    assert m.DataExport.select().count() == 1


def test_X07_nobody_elses_record_and_nobody_elses_copy(
    app: Flask, browser: Browser, cast: Cast, work: Callable[..., bool]
) -> None:
    asked(browser.sign_in(cast.rosa), cast.ana)
    assert work()
    path = f"/my-data/{m.DataExport.get().id}/record.zip"
    for who in (cast.stranger, cast.revoked, cast.carlos, cast.pupil):
        other = Browser(app).sign_in(who)
        assert other.client.get(path).status_code == 404, "a copy is its account's alone"
        assert ("Ready" in other.open("/my-data").text) is False
    stranger = Browser(app).sign_in(cast.stranger)
    stranger.open("/my-data")
    token = stranger.page.split('name="csrf_token" value="')[1].split('"')[0]
    assert stranger.client.post(f"/my-data/{cast.ana.id}", data={"csrf_token": token}).status_code == 404
    assert Browser(app).client.get(path).status_code == 303
    assert browser.client.get("/my-data/999999/record.zip").status_code == 404
    assert m.DataExport.select().count() == 1


@pytest.mark.parametrize("change", [{"office_access": False}, {"withheld": ["fees"]}])
def test_X07_a_right_that_is_taken_away_closes_a_copy_that_is_ready(
    browser: Browser, cast: Cast, work: Callable[..., bool], change: dict[str, Any]
) -> None:
    asked(browser.sign_in(cast.rosa), cast.ana)
    assert work()
    path = f"/my-data/{m.DataExport.get().id}/record.zip"
    assert browser.client.get(path).status_code == 200
    m.Guardianship.update(**change).where(
        m.Guardianship.guardian == cast.rosa.guardian, m.Guardianship.student == cast.ana
    ).execute()
    assert browser.client.get(path).status_code == 404
    assert "Ready" not in browser.open("/my-data").text


def test_X07_a_right_that_is_taken_away_before_it_is_made_leaves_nothing(
    browser: Browser, cast: Cast, work: Callable[..., bool]
) -> None:
    asked(browser.sign_in(cast.rosa), cast.ana)
    m.Guardianship.update(office_access=False).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    assert work()
    found = m.DataExport.get()
    assert (found.state, found.content) == ("failed", None)


def test_X07_asking_again_gives_the_copy_that_is_there(browser: Browser, cast: Cast, work: Callable[..., bool]) -> None:
    browser.sign_in(cast.rosa)
    token = asked(browser, cast.ana).page.split('name="csrf_token" value="')[1].split('"')[0]
    for _ in range(9):
        browser.client.post(f"/my-data/{cast.ana.id}", data={"csrf_token": token})
    assert m.DataExport.select().count() == 1
    assert work()
    browser.client.post(f"/my-data/{cast.ana.id}", data={"csrf_token": token})
    assert m.DataExport.select().count() == 1
    assert "Ready" in browser.open("/my-data").text
    m.Guardianship.update(withheld=["fees"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    asked(browser, cast.ana)
    assert m.DataExport.select().count() == 2, "the one that is there holds too much"


def test_X07_five_copies_a_day_and_then_a_sentence(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    for _ in range(5):
        assert "Being made" in asked(browser, cast.ana).text
        m.DataExport.update(state="failed").execute()
    refused = asked(browser, cast.ana)
    assert refused.status == 422
    assert "as many copies today" in refused.text
    assert m.DataExport.select().count() == 5
    clock.set_source(lambda: NOW + dt.timedelta(hours=25))
    browser.sign_in(cast.rosa)
    assert "Being made" in asked(browser, cast.ana).text


def test_X07_one_account_is_served_one_copy_at_a_time(app: Flask, cast: Cast) -> None:
    for child in (cast.ana, cast.ben):
        exports.ask(cast.rosa, child, language="en", settings=app.extensions["homeroom"], now=NOW)
    exports.ask(cast.stranger, cast.zoe, language="en", settings=app.extensions["homeroom"], now=NOW)
    claimed = [exports._claim(NOW) for _ in range(3)]
    assert [one and one.student_id for one in claimed] == [cast.ana.id, cast.zoe.id, None]


def test_X07_a_copy_whose_worker_died_is_made_again_once(app: Flask, cast: Cast, work: Callable[..., bool]) -> None:
    exports.ask(cast.rosa, cast.ana, language="en", settings=app.extensions["homeroom"], now=NOW)
    dead = exports._claim(NOW)
    assert dead is not None
    assert not work(NOW + dt.timedelta(minutes=9)), "its lease still runs"
    assert work(NOW + dt.timedelta(minutes=11))
    assert not work(NOW + dt.timedelta(minutes=30)), "once"
    found = m.DataExport.get()
    assert (found.state, found.attempts, found.leased_until) == ("ready", 2, None)
    exports._settle(dead, state="failed")
    assert m.DataExport.get().state == "ready", "a worker that comes back too late changes nothing"


def test_X07_a_copy_that_cannot_be_made_is_given_up_after_three_tries(
    app: Flask, browser: Browser, cast: Cast, work: Callable[..., bool], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object, **__: object) -> bytes:
        raise ValueError("Ana Reyes")

    monkeypatch.setattr("services.exports.archive.make", broken)
    asked(browser.sign_in(cast.rosa), cast.ana)
    assert [work() for _ in range(4)] == [True, True, True, False]
    assert "could not be made" in browser.open("/my-data").text
    assert "ValueError" in caplog.text and "Ana Reyes" not in caplog.messages


def test_X07_one_whose_workers_all_died_is_given_up_too(
    app: Flask, browser: Browser, cast: Cast, work: Callable[..., bool]
) -> None:
    exports.ask(cast.rosa, cast.ana, language="en", settings=app.extensions["homeroom"], now=NOW)
    for hour in range(3):
        assert exports._claim(NOW + dt.timedelta(hours=hour)) is not None
    assert not work(NOW + dt.timedelta(hours=3))
    assert m.DataExport.get().state == "failed"


def test_X07_a_copy_is_gone_after_a_day(app: Flask, browser: Browser, cast: Cast, work: Callable[..., bool]) -> None:
    asked(browser.sign_in(cast.rosa), cast.ana)
    assert work()
    path = f"/my-data/{m.DataExport.get().id}/record.zip"
    clock.set_source(lambda: NOW + dt.timedelta(hours=25))
    browser.sign_in(cast.rosa)
    assert browser.client.get(path).status_code == 404
    assert "Make a copy" in browser.open("/my-data").text
    settings = app.extensions["homeroom"]
    keep: dict[str, Any] = {"settings": settings, "on": TODAY, "compose": app.extensions["compose"]}
    with app.test_request_context():
        dry = housekeeping.run(**keep, now=clock.now(), dry_run=True)
        assert (dry.dropped["downloads"], m.DataExport.select().count()) == (1, 1)
        assert housekeeping.run(**keep, now=clock.now()).dropped["downloads"] == 1
    assert m.DataExport.select().count() == 0


def test_X07_the_worker_drops_old_copies_without_being_asked(app: Flask, cast: Cast, work: Callable[..., bool]) -> None:
    exports.ask(cast.rosa, cast.ana, language="en", settings=app.extensions["homeroom"], now=NOW)
    assert work()
    work(NOW + dt.timedelta(hours=25))
    assert m.DataExport.select().count() == 0


def test_X07_the_worker_makes_copies_between_mails(app: Flask, cast: Cast, tmp_path: Path) -> None:
    settings = app.extensions["homeroom"]
    exports.ask(cast.rosa, cast.ana, language="en", settings=settings, now=NOW)
    exports.ask(cast.stranger, cast.zoe, language="en", settings=settings, now=NOW)
    looks = iter([False] * 5 + [True] * 9)

    def make() -> bool:
        return exports.run_once(settings=settings, on=TODAY, now=NOW, words_in=app.extensions["report_words"])

    app.extensions["database"].close()
    with app.test_request_context():
        worker.run(
            app.extensions["database"], Mailer(f"file://{tmp_path}", "Portal <portal@localhost>"),
            lambda _: next(looks), poll=0, other_work=make,
        )  # fmt: skip
    app.extensions["database"].connect(reuse_if_open=True)
    assert {row.state for row in m.DataExport.select()} == {"ready"}


def test_X07_without_a_child_the_page_is_a_sentence(browser: Browser, cast: Cast) -> None:
    assert "No child is open to you" in browser.sign_in(cast.revoked).open("/my-data").text


def test_X07_the_page_costs_the_same_for_one_child_and_for_many(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa)
    few = browser.queries("/my-data")
    for number in range(4):
        factories.guardianship(
            factories.student(f"Child {number}", factories.school(f"S {number}")), cast.rosa.guardian
        )
    assert browser.queries("/my-data") == few <= 8
