"""Posted grades by grading task and term, and what marks mean (C19, G12, C09)."""

from __future__ import annotations

import datetime as dt

import factories
from browsing import Browser
from factories import TODAY, Cast, grade, line_item, session
from flask import Flask

import models as m
from services.record import grades


def quarters() -> tuple[m.AcademicSession, m.AcademicSession, m.AcademicSession]:
    """The first quarter, which is over, the second, which is not, and the third, which has not begun."""
    year = m.AcademicSession.get(m.AcademicSession.kind == "schoolYear")
    return (
        session("Quarter 1", "gradingPeriod", dt.date(2026, 8, 17), dt.date(2026, 10, 23), parent=year),
        session("Quarter 2", "gradingPeriod", dt.date(2026, 10, 26), dt.date(2027, 1, 15), parent=year),
        session("Quarter 3", "gradingPeriod", dt.date(2027, 1, 18), dt.date(2027, 3, 26), parent=year),
    )


def test_C19_grading_tasks_by_term_say_final_in_progress_or_not_available_yet(browser: Browser, cast: Cast) -> None:
    first, second, _ = quarters()
    year_long = factories.section("Reading 7", students=(cast.ana,))
    grade(cast.ana, year_long, "B", kind="9 Weeks", session=first, diagnostic="Good work.")
    grade(cast.ana, year_long, "C", kind="9 Weeks", session=second)
    grade(cast.ana, year_long, "Meets", kind="Phonics", session=second)
    grade(cast.zoe, cast.math, "F", kind="Zoe's task", session=first)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades").follow("Grades by grading task")
    assert "Grading task Quarter 1 Quarter 2 Quarter 3" in browser.text
    assert "9 Weeks B Final Good work. C In progress Not available yet" in browser.text
    assert "Phonics Nothing posted Meets In progress Not available yet" in browser.text
    assert "Zoe" not in browser.text


def test_C19_a_task_without_work_says_so_and_one_with_work_shows_only_it(browser: Browser, cast: Cast) -> None:
    first, second, _ = quarters()
    grade(cast.ana, cast.math, "B", kind="9 Weeks", session=first)
    grade(cast.ana, cast.math, "C", kind="9 Weeks", session=second)
    line_item(cast.math, "Fractions poster", due=TODAY, session=second)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades/{cast.math.id}").follow("B")
    assert "Only Quarter 1." in browser.text
    assert "No assignments are entered for this grading period." in browser.text
    browser.follow("All assignments of this class").follow("C")
    assert "Only Quarter 2." in browser.text and "Fractions poster" in browser.text
    assert cast.homework.title not in browser.text
    browser.open(f"/students/{cast.ana.id}/grades/{cast.math.id}?period=99999")
    assert browser.status == 200 and "Only" not in browser.text


def test_C19_grades_without_a_term_or_a_kind_and_the_last_of_two(browser: Browser, cast: Cast) -> None:
    first, *_ = quarters()
    grade(cast.ana, cast.math, "D", session=first, kind=None, as_of=dt.date(2026, 10, 1))
    grade(cast.ana, cast.math, "A", session=first, kind=None, as_of=dt.date(2026, 10, 20))
    grade(cast.ana, cast.art, "P", session=None, kind="Effort")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades?tasks=1")
    assert "Grade A Final" in browser.text and "D Final" not in browser.text
    assert "Effort P Final" in browser.text


def test_C19_without_any_posted_grade_it_is_a_sentence(browser: Browser, cast: Cast) -> None:
    m.Grade.delete().execute()
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades?tasks=1")
    assert "Nothing posted yet." in browser.text and "<table" not in browser.page


def test_the_scale_of_a_class_says_what_its_grades_mean(browser: Browser, cast: Cast) -> None:
    school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    district = m.School.create(sourced_id="d1", name="District", kind="district")
    m.School.update(parent=district).where(m.School.id == school.id).execute()
    m.ScoreScale.create(sourced_id="s1", title="District", school=district, marks="{90-100:A},{80-89:B}")
    m.ScoreScale.create(
        sourced_id="s2",
        title="Elsewhere",
        school=m.School.create(sourced_id="x", name="X", kind="school"),
        marks="{Z:0-1}",
    )
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades/{cast.math.id}")
    assert "What the grades mean A 90-100 B 80-89" in browser.text and "Z 0-1" not in browser.text
    m.ScoreScale.create(sourced_id="s3", title="Own", section=cast.math, marks="{P:60-100},{<b>:0-59}, broken")
    browser.open(f"/students/{cast.ana.id}/grades/{cast.math.id}")
    assert "What the grades mean P 60-100 <b> 0-59" in browser.text and "A 90-100" not in browser.text


def test_G12_a_class_with_nothing_posted_says_when_to_expect_grades(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/grades/{cast.art.id}")
    assert "Nothing posted yet. Grades of this term are due by Jan 15, 2027." in browser.text
    browser.open(f"/students/{cast.ana.id}/grades")
    assert (
        "Some classes, such as art, music and physical education, may post only at the end of the term." in browser.text
    )


def test_G11_the_grid_is_closed_to_strangers_and_where_grades_are_withheld(app: Flask, cast: Cast) -> None:
    for other in (cast.stranger, cast.revoked, cast.carlos):
        assert Browser(app).sign_in(other).open(f"/students/{cast.ana.id}/grades?tasks=1").status == 404


def test_the_grid_costs_the_same_for_many_grades(app: Flask, cast: Cast) -> None:
    first, second, _ = quarters()
    rosa = Browser(app).sign_in(cast.rosa)
    few = rosa.queries(f"/students/{cast.ana.id}/grades?tasks=1")
    for number in range(20):
        grade(
            cast.ana, (cast.math, cast.art)[number % 2], "B", kind=f"Task {number}", session=(first, second)[number % 2]
        )
    assert rosa.queries(f"/students/{cast.ana.id}/grades?tasks=1") == few


def test_C01_kinds_of_grades_that_the_district_keeps_from_families_show_nowhere(app: Flask, cast: Cast) -> None:
    m.Code.create(
        sourced_id="c1", code_set="GradeTypeDescriptor", local_code="INT", short_description="Internal",
        parent_visible=False,
    )  # fmt: skip
    quarter = m.AcademicSession.create(
        sourced_id="q1", title="Quarter 1", kind="gradingPeriod", start_date=dt.date(2026, 8, 17),
        end_date=dt.date(2026, 11, 10), school_year="2027",
    )  # fmt: skip
    last = factories.TODAY - dt.timedelta(days=1)
    factories.grade(cast.ana, cast.art, "A-SHOWN", session=quarter, as_of=last - dt.timedelta(days=9))
    factories.grade(cast.ana, cast.art, "HIDDEN", kind="int", session=quarter, as_of=last)
    rosa = Browser(app).sign_in(cast.rosa)
    shown = [
        rosa.open(f"/students/{cast.ana.id}{path}").text
        for path in ("", "/grades", "/grades?tasks=1", f"/grades/{cast.art.id}", "/reports/report-card")
    ]
    assert not any("HIDDEN" in text for text in shown)
    assert "A-SHOWN" in shown[1], "the newest of those that are shown"
    told = grades.final([cast.ana.id], factories.TODAY, since=quarter.start_date)
    assert [one.letter for one in told if one.section == "Art 7"] == ["A-SHOWN"]
