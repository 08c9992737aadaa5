"""One page for all children (X04), one page for one child (G02), the oldest child first (D12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import factories
from browsing import Browser
from factories import TODAY, Cast, delivered
from flask import Flask

import models as m

MakeApp = Callable[..., Flask]


def absent(of: m.Student, days_ago: int, kind: str, section: m.Section | None = None) -> None:
    date = TODAY - dt.timedelta(days=days_ago)
    if section is None:
        m.SchoolAttendanceEvent.create(sourced_id=f"a{of.id}-{date}-{kind}", student=of, date=date, counts_as=kind)
    else:
        m.SectionAttendanceEvent.create(
            sourced_id=f"s{of.id}-{date}-{kind}-{section.id}", student=of, date=date, counts_as=kind, section=section
        )


def whole_record(cast: Cast) -> None:
    """Something of everything for Ana, and of Zoe, whom nobody here may see."""
    delivered("studentSchoolAttendanceEvents", "disciplineIncidents", "studentProgramAssociations", "mealAccounts")
    for child in (cast.ana, cast.zoe):
        absent(child, 1, "unexcused")
        absent(child, 1, "tardy", cast.math)
        absent(child, 3, "excused", cast.math)
        absent(child, 3, "excused", cast.art)
        absent(child, 20, "tardy")
        incident = m.Incident.create(sourced_id=f"i{child.id}", date=TODAY)
        m.IncidentBehavior.create(sourced_id=f"b{child.id}", student=child, incident=incident, behavior="Running")
        m.ProgramParticipation.create(sourced_id=f"p{child.id}", student=child, name=f"Choir of {child.given_name}")
        m.MealAccount.create(sourced_id=f"m{child.id}", student=child, balance=2, low_balance=5)


def test_X04_home_shows_all_children_with_what_needs_attention(browser: Browser, cast: Cast) -> None:
    whole_record(cast)
    browser.sign_in(cast.rosa).open("/")
    assert "Ana Reyes" in browser.text and "Ben Reyes" in browser.text
    assert "2 days with an absence in the last 7 days" in browser.text
    assert "No absence in the last 7 days" in browser.text
    assert "Low balance: $2.00" in browser.text and browser.text.count("Low balance") == 1


def test_X04_new_scores_count_from_the_visit_before(app: Flask, cast: Cast) -> None:
    browser = Browser(app).sign_in(cast.rosa).open("/")
    assert "since Nov 9, 2026" in browser.text
    m.LoginSession.update(seen_at=dt.datetime(2026, 11, 14, 3, 0)).execute()
    browser.sign_out().sign_in(cast.rosa).open("/")
    assert "since Nov 13, 2026" in browser.text  # 3:00 UTC is the evening before in the district


def test_X04_withheld_sections_and_files_that_never_came_are_left_out(browser: Browser, cast: Cast) -> None:
    whole_record(cast)
    withheld = ["grades", "attendance", "fees", "behavior", "programs"]
    m.Guardianship.update(withheld=withheld).where(
        m.Guardianship.guardian == cast.rosa.guardian, m.Guardianship.student == cast.ana
    ).execute()
    browser.sign_in(cast.rosa).open("/")
    assert "missing assignment" not in browser.text and "2 days with an absence" not in browser.text
    assert "Low balance" not in browser.text
    browser.open(f"/students/{cast.ana.id}")
    for word in ("with an absence", "Running", "Choir", "$2.00"):
        assert word not in browser.text
    m.FeedFile.delete().execute()
    assert "with an absence" not in browser.open("/").text and "No absence" not in browser.text


def test_G02_the_overview_has_grades_attendance_behavior_and_programs(browser: Browser, cast: Cast) -> None:
    whole_record(cast)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}")
    assert "Mathematics 7" in browser.text and "B+" in browser.text
    assert "Attendance 2 days with an absence 1 unexcused · 1 day late" in browser.text
    assert "Behavior 1 entry" in browser.text
    assert "Programs Choir of Ana" in browser.text and "Choir of Zoe" not in browser.text
    assert "Meal account $2.00 Low balance" in browser.text


def test_G02_a_clean_record_says_so(browser: Browser, cast: Cast) -> None:
    whole_record(cast)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ben.id}")
    assert "Attendance no absence" in browser.text and "Behavior nothing recorded" in browser.text


def test_D12_home_opens_the_oldest_child_and_my_children_switches(make_app: MakeApp, cast: Cast) -> None:
    browser = Browser(make_app(preset="denver")).sign_in(cast.rosa).open("/")
    assert browser.path == f"/students/{cast.ana.id}"
    browser.follow("My children").follow("Ben Reyes")
    assert browser.path == f"/students/{cast.ben.id}"


def test_D12_a_child_who_is_missing_has_its_reasons_and_somebody_to_ask(browser: Browser, cast: Cast) -> None:
    assert "A child is missing here? Ask the child's school" in browser.sign_in(cast.rosa).open("/").text
    m.School.update(switched_on=False).execute()
    assert "No child is open to you here at the moment." in browser.open("/").text


def test_home_and_overview_cost_the_same_for_many_rows(app: Flask, cast: Cast) -> None:
    whole_record(cast)
    rosa = Browser(app).sign_in(cast.rosa)
    few = rosa.queries("/"), rosa.queries(f"/students/{cast.ana.id}")
    for number in range(4, 30):
        absent(cast.ana, number, "excused")
    for number in range(3):
        factories.guardianship(
            factories.student(f"Child {number}", factories.school(f"S {number}")), cast.rosa.guardian
        )
    assert (rosa.queries("/"), rosa.queries(f"/students/{cast.ana.id}")) == few
