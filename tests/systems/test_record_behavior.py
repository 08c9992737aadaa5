"""Behavior and programs (D15, G02): the own child's part, what the school did, and nothing about anybody else."""

from __future__ import annotations

import csv
import datetime as dt
import logging
from collections.abc import Callable

import pytest
from browsing import Browser
from factories import (
    REAL_FEEDS,
    TODAY,
    Cast,
    account,
    code,
    delivered,
    discipline,
    incident,
    program,
    school,
    took_part,
)
from flask import Flask

import models as m
from services.feeds import importer

MakeApp = Callable[..., Flask]
FILES = ("disciplineIncidents", "studentProgramAssociations")


def test_D15_an_incident_shows_the_own_childs_part_and_what_the_school_did(browser: Browser, cast: Cast) -> None:
    code("BehaviorDescriptor", "HPL", "Rough play")
    code("DisciplineDescriptor", "DET", "After-school detention")
    middle = m.School.get(m.School.name == "Cedar Middle")
    found = incident(
        cast.ana, "HPL", detail="Pushed in line", participation="Perpetrator", date=dt.date(2026, 10, 7),
        time=dt.time(10, 5), location="Hallway", description="Pushing at the stairs.", school=middle,
    )  # fmt: skip
    took_part(cast.zoe, found, "Secret of Zoe", detail="Zoe's detail", participation="Victim")
    discipline(cast.ana, "DET, Call home", incident=found, date=dt.date(2026, 10, 8), length=3, actual_length=2)
    discipline(cast.zoe, "Zoe's action", incident=found)
    discipline(cast.ana, "ISS", date=dt.date(2026, 11, 2), length=0.5, actual_length=0.5)
    delivered("disciplineIncidents")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}").follow("Behavior")
    text = browser.text.replace("\u202f", " ")
    assert (
        "Oct 7, 2026 10:05 AM Rough play Pushing at the stairs. Pushed in line Hallway · Cedar Middle"
        " What the school did: After-school detention, Call home Oct 8, 2026 Length in days: 3 · of these served: 2"
    ) in text
    assert "What the school did: ISS Nov 2, 2026 Length in days: 0.5" in text
    assert text.index("ISS") < text.index("Rough play"), "newest first"
    assert "Zoe" not in text and "Perpetrator" not in text and "Earlier" not in text
    other = Browser(browser.client.application).sign_in(cast.stranger).open(f"/students/{cast.zoe.id}/behavior")
    assert "Secret of Zoe" in other.text and "Was harmed" in other.text and "Zoe's action" in other.text
    assert "Pushing" not in other.text and "Zoe's detail" not in other.text, "what others did is theirs"
    assert "Rough play" not in other.text and "detention" not in other.text


def test_D15_what_is_not_for_families_is_not_shown(browser: Browser, cast: Cast) -> None:
    code("BehaviorDescriptor", "OBS", "Office observation", parent_visible=False)
    code("DisciplineDescriptor", "NOTE", "Note to self", parent_visible=False)
    hidden = incident(cast.ana, "DIS", description="For the school alone", parent_visible=False)
    discipline(cast.ana, "Hidden action", incident=hidden)
    incident(cast.ana, "obs", description="Seen at the office")
    discipline(cast.ana, "NOTE")
    incident(cast.zoe, "DIS", description="Zoe's own")
    incident(None, description="Nobody's")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/behavior")
    assert "This school year Nothing has been recorded." in browser.text
    for word in ("alone", "Hidden", "office observation", "Seen", "Note to", "NOTE", "Zoe", "Nobody"):
        assert word not in browser.text.replace("Office of", "")


def test_D15_this_year_is_first_and_earlier_years_are_folded(browser: Browser, cast: Cast) -> None:
    incident(cast.ana, "Old matter", date=dt.date(2025, 11, 3))
    incident(cast.ana, "Undated matter", date=None, time=None)
    discipline(cast.ana, "Undated answer", date=None)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/behavior")
    assert browser.text.index("Undated matter") < browser.text.index("Earlier school years Nov 3, 2025 Old matter")
    assert "Undated answer" in browser.text and "Nothing has been recorded." not in browser.text


@pytest.mark.parametrize(
    ("participation", "says", "tells"),
    [
        ("Witness", "Saw what happened", False),
        ("Reporter", "Told the school about it", False),
        ("Witness, Perpetrator", "Saw what happened", True),
        ("Onlooker", "Onlooker", False),
        (None, "", True),
    ],
)
def test_D15_who_only_saw_it_is_not_taken_for_who_did_it(
    browser: Browser, cast: Cast, participation: str | None, says: str, tells: bool
) -> None:
    incident(cast.ana, None, participation=participation, description="What the others did.")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/behavior")
    assert says in browser.text
    assert ("What the others did." in browser.text) == tells


def test_D15_behavior_and_programs_are_for_the_own_family_alone(app: Flask, cast: Cast) -> None:
    incident(cast.ana, "Marked")
    program(cast.ana, "Marked")
    delivered(*FILES)
    withheld = m.Guardianship.update(withheld=["behavior", "programs"])
    withheld.where(m.Guardianship.guardian == cast.carlos.guardian).execute()
    for page in ("behavior", "programs"):
        path = f"/students/{cast.ana.id}/{page}"
        for who in (cast.stranger, cast.revoked, cast.carlos):
            visitor = Browser(app).sign_in(who).open(path)
            assert visitor.status == 404 and "Marked" not in visitor.page
        assert "Marked" in Browser(app).sign_in(cast.pupil).open(path).text
        assert f"/{page}" not in Browser(app).sign_in(cast.carlos).open(f"/students/{cast.ana.id}").page
        assert "Marked" not in Browser(app).sign_in(cast.stranger).open(f"/students/{cast.zoe.id}/{page}").page


def test_G02_programs_show_since_when_and_what_they_offer(browser: Browser, cast: Cast) -> None:
    code("ProgramTypeDescriptor", "GIFT", "Gifted and talented")
    code("ProgramTypeDescriptor", "HID", "Not for families", parent_visible=False)
    code("ServiceDescriptor", "PULL", "Small group")
    middle = m.School.get(m.School.name == "Cedar Middle")
    program(cast.ana, "Focus", kind="GIFT", school=middle, begin_date=dt.date(2026, 8, 17), services="PULL, Enrichment")
    program(cast.ana, None, kind="gift", begin_date=TODAY + dt.timedelta(days=9))
    program(cast.ana, "Reading help", begin_date=dt.date(2024, 1, 8), end_date=dt.date(2025, 6, 6), reason_exited="No")
    program(cast.ana, "Last day", end_date=TODAY)
    program(cast.ana, "Secret", kind="hid")
    program(cast.zoe, "Zoe's")
    delivered("studentProgramAssociations")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}").follow("Programs")
    current, ended = browser.text.split("Ended")
    assert ("Focus Gifted and talented Services: Small group, Enrichment Cedar Middle · since Aug 17, 2026") in current
    assert "Gifted and talented begins Nov 25, 2026" in current
    assert "Last day until Nov 16, 2026" in current
    assert "Reading help since Jan 8, 2024 · until Jun 6, 2025" in ended
    assert "Secret" not in browser.text and "Not for" not in browser.text and "Zoe" not in browser.text


def test_without_any_program_that_is_said(browser: Browser, cast: Cast) -> None:
    assert "No programs are entered." in browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/programs").text


def test_odd_incidents_and_programs_do_no_harm(browser: Browser, cast: Cast) -> None:
    long, turned = "x" * 255, "\u202eevil"
    incident(cast.ana, None, date=None)
    incident(cast.ana, long, detail=turned, location="<i>place</i>", description="<b>bold</b>\nline " + "y" * 3000)
    m.DisciplineAction.create(sourced_id="bare", student=cast.ana)
    m.ProgramParticipation.create(sourced_id="bare", student=cast.ana)
    program(cast.ana, turned, kind=long, services="<u>s</u>,,")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/behavior")
    assert "<b>bold</b>" in browser.text and "<i>place</i>" in browser.text and long in browser.text
    assert f'<div dir="auto">{turned}</div>' in browser.page
    assert "What the school did: Not given" in browser.text
    browser.open(f"/students/{cast.ana.id}/programs")
    assert "<u>s</u>" in browser.text and f"<bdi>{turned}</bdi>" in browser.page and "Without a name" in browser.text


@pytest.mark.parametrize(("language", "date"), [("es", "7 oct 2026"), ("vi", "7 thg 10, 2026")])
def test_dates_of_behavior_are_in_the_readers_language(browser: Browser, cast: Cast, language: str, date: str) -> None:
    incident(cast.ana, date=dt.date(2026, 10, 7))
    browser.sign_in(cast.rosa).send("/language", button=("language", language))
    assert date in browser.open(f"/students/{cast.ana.id}/behavior").text


@pytest.mark.parametrize("page", ["behavior", "programs"])
def test_behavior_and_programs_cost_the_same_queries_for_one_row_and_for_many(
    browser: Browser, cast: Cast, caplog: pytest.LogCaptureFixture, page: str
) -> None:
    caplog.set_level(logging.DEBUG, logger="peewee")
    browser.sign_in(cast.rosa)

    def cost() -> int:
        browser.open(f"/students/{cast.ana.id}/{page}")
        caplog.clear()
        assert browser.open(f"/students/{cast.ana.id}/{page}").status == 200
        return len(caplog.records)

    incident(cast.ana)
    program(cast.ana)
    few = cost()
    for number in range(20):
        discipline(cast.ana, incident=incident(cast.ana, date=TODAY - dt.timedelta(days=30 * number)))
        program(cast.ana, f"Program {number}", school=school(f"School {number}"))
    assert cost() == few <= 12


def test_D15_grand_bends_incidents_show_no_reporter_and_no_weapon(make_app: MakeApp) -> None:
    app = make_app(today=dt.date(2022, 5, 27))
    folders = (REAL_FEEDS / "grandbend/oneroster-1.1", REAL_FEEDS / "grandbend/supplement")
    importer.run(folders, shrink_percent=10)

    def rows(name: str) -> list[dict[str, str]]:
        with (folders[1] / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))

    incidents = {row["sourcedId"]: row for row in rows("disciplineIncidents")}
    parts = rows("studentDisciplineIncidentBehaviorAssociations")
    for part in (one for one in parts if one["weaponDescriptors"]):
        child = m.Student.get(m.Student.sourced_id == part["studentSourcedId"])
        browser = Browser(app).sign_in(account(child, f"79{child.id:05}", app.extensions["homeroom"]))
        browser.open(f"/students/{child.id}/behavior")
        found = incidents[part["disciplineIncidentSourcedId"]]
        assert part["behaviorDescriptor"] in browser.text and found["incidentLocationDescriptor"] in browser.text
        reporter = found["reporterName"].split(",")[0]
        assert (
            part["weaponDescriptors"] not in browser.text.replace("Other", "") or part["weaponDescriptors"] == "Other"
        )
        assert reporter not in browser.text and "Questions about this page?" in browser.text
