"""When data was updated, what shows without waiting for night, and the portal on a phone (D13, D16, G17, C15, C18)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from browsing import Browser
from factories import TODAY, Cast, delivered, grade
from flask import Flask

import models as m
from services import clock
from services.feeds import importer

TABS = {
    "attendance": "studentSchoolAttendanceEvents", "behavior": "disciplineIncidents", "tests": "studentAssessments",
    "history": "courseTranscripts", "programs": "studentProgramAssociations", "library": "libraryTransactions",
    "fees": "mealAccounts", "transportation": "studentTransportations", "calendar": "calendarDates",
    "schedule": "classes", "grades": "results", "to-do": "lineItems", "": "grades",
}  # fmt: skip


@pytest.mark.parametrize("tab", TABS)
def test_D16_every_section_has_a_date_stamp(app: Flask, cast: Cast, tab: str) -> None:
    m.FeedFile.delete().execute()
    clock.set_source(lambda: dt.datetime(2026, 11, 16, 3, 30))
    delivered(TABS[tab])
    browser = Browser(app).sign_in(cast.rosa).open(f"/students/{cast.ana.id}/{tab}".rstrip("/"))
    assert browser.status == 200
    # On the district's clock it was still the evening before.
    assert "Updated Nov 15, 2026, 10:30 PM" in browser.text.replace("\u202f", " ")


def test_G17_each_tab_has_the_time_of_its_own_data(app: Flask, cast: Cast) -> None:
    m.FeedFile.delete().execute()
    for hour, file in ((13, "mealAccounts"), (14, "libraryTransactions")):
        clock.set_source(lambda hour=hour: dt.datetime(2026, 11, 16, hour, 0))
        delivered(file)
    browser = Browser(app).sign_in(cast.rosa)
    assert "8:00" in browser.open(f"/students/{cast.ana.id}/fees").text
    assert "9:00" in browser.open(f"/students/{cast.ana.id}/library").text


def test_G17_a_tab_whose_data_never_came_has_no_stamp(browser: Browser, cast: Cast) -> None:
    m.FeedFile.delete().execute()
    assert "Updated" not in browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/fees").text


def test_D13_each_course_shows_its_most_recent_posted_grade(browser: Browser, cast: Cast) -> None:
    m.Grade.delete().execute()
    grade(cast.ana, cast.math, "C", as_of=TODAY - dt.timedelta(days=30))
    grade(cast.ana, cast.math, "A", as_of=TODAY - dt.timedelta(days=2))
    grade(cast.zoe, cast.art, "F", as_of=TODAY)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades")
    assert "Mathematics 7 Dana Okafor A" in browser.text
    assert "Art 7 Lee Novak Nothing posted yet" in browser.text


def test_C18_what_the_school_enters_shows_at_the_next_page_view(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """A delta by day: one file with one new entry, in the portal at once, with its time."""
    delivered("studentSchoolAttendanceEvents")
    rosa = Browser(app).sign_in(cast.rosa).open(f"/students/{cast.ana.id}/attendance")
    assert "Nov 16, 2026 Unexcused" not in rosa.text
    (tmp_path / "supplement-manifest.csv").write_text(
        "propertyName,value\nfile.studentSchoolAttendanceEvents,delta\n", encoding="utf-8"
    )
    (tmp_path / "studentSchoolAttendanceEvents.csv").write_text(
        "sourcedId,status,dateLastModified,studentSourcedId,eventDate,attendanceEventCategoryDescriptor\n"
        f"new1,active,2026-11-16T15:00:00.000Z,{cast.ana.sourced_id},2026-11-16,Unexcused Absence\n",
        encoding="utf-8",
    )
    clock.set_source(lambda: dt.datetime(2026, 11, 16, 15, 5))
    report = importer.run([tmp_path], shrink_percent=10, secret="x" * 32)  # noqa: S106
    assert (report.state, report.problems) == ("applied", ())
    rosa.open(f"/students/{cast.ana.id}/attendance")
    assert "Nov 16, 2026 Unexcused" in rosa.text
    assert "Updated Nov 16, 2026, 10:05 AM" in rosa.text.replace("\u202f", " ")


def test_C15_the_portal_can_be_put_on_the_home_screen(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa)
    assert '<link rel="manifest" href="/manifest.webmanifest">' in browser.page
    assert '<link rel="apple-touch-icon" href="/assets/' in browser.page
    answer = browser.client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.get_data())
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Maple Valley Schools", "/", "standalone")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        assert browser.client.get(icon["src"]).mimetype == icon["type"]
