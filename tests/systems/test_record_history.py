"""Course history (G03), on track to graduate (D15), and what report cards say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import count

import factories
import pytest
from browsing import Browser
from factories import Cast, delivered
from flask import Flask

import models as m
from services.record import grade_levels, transcript
from services.record.report_cards import report_cards

MakeApp = Callable[..., Flask]
_ids = count(1)


def course(
    of: m.Student, title: str, year: str | None = "2026-2027", level: str | None = "07", **values: object
) -> None:
    """A row of the transcript: half a credit earned with a B, unless said otherwise."""
    m.TranscriptCourse.create(
        **{
            "sourced_id": f"course-{next(_ids)}", "student": of, "title": title, "school_year": year,
            "grade_level": level, "term": "Fall Semester", "attempted": 0.5, "earned": 0.5, "letter": "B", **values,
        }
    )  # fmt: skip


def record(of: m.Student, year: str | None, term: str, **values: object) -> m.AcademicRecord:
    return m.AcademicRecord.create(sourced_id=f"record-{next(_ids)}", student=of, school_year=year, term=term, **values)


def promote(child: m.Student, level: str | None) -> None:
    m.Student.update(grade_level=level).where(m.Student.id == child.id).execute()


def plan(*requirements: dict[str, object], total: float | None = 24, of: m.Student | None = None) -> m.GraduationPlan:
    """A plan of these requirements; the plan of `of` where given."""
    made = m.GraduationPlan.create(sourced_id=f"plan-{next(_ids)}", total_credits=total)
    for one in requirements:
        m.GraduationRequirement.create(sourced_id=f"requirement-{next(_ids)}", plan=made, **one)
    if of is not None:
        m.StudentGraduationPlan.create(
            sourced_id=f"own-{next(_ids)}", student=of, plan=made, graduates_on=dt.date(2027, 6, 4)
        )
    return made


def subject(name: str, credits: float, **values: object) -> dict[str, object]:
    return {"kind": "CreditsBySubject", "subject": name, "credits": credits, **values}


def test_G03_high_school_sees_the_whole_history_by_year_and_term(browser: Browser, cast: Cast) -> None:
    promote(cast.ana, "11")
    course(cast.ana, "English 11", "2027", "Eleventh grade", letter="A", number=93)
    course(
        cast.ana, "English 9", "2024-2025", "Ninth grade", term="Spring Semester", letter="F", earned=0, result="Fail"
    )
    course(
        cast.ana, "English 9", "2025", "09", term="Summer Semester", repeat="RepeatCounted", method="Credit recovery"
    )
    course(cast.ana, "Biology", "2025", "9", taken_at="Riverbend High School")
    course(cast.ana, "Algebra I", "2023-24", "08", attempted=1, earned=1)
    course(cast.ana, "Homeroom 8", "2023-24", "Eighth grade", attempted=None, earned=0)
    course(cast.zoe, "Zoe's course", "2025", "09")
    delivered("courseTranscripts")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}").follow("Course history")
    head = "Course Term Final grade Credits possible Credits earned"
    assert f"2026–2027 Grade 11 {head} English 11 Fall semester A (93) 0.5 0.5" in browser.text
    ninth = (
        f"2024–2025 Grade 9 {head} Biology Taken at Riverbend High School Fall semester B 0.5 0.5 "
        "English 9 Spring semester F Not passed 0.5 0 "
        "English 9 Taken again Made up after it was not passed Summer term B 0.5 0.5"
    )
    assert ninth in browser.text
    assert f"2023–2024 Grade 8 {head} Algebra I Fall semester B 1 1" in browser.text, "it carries credit"
    assert browser.text.index("2026–2027") < browser.text.index("2024–2025") < browser.text.index("2023–2024")
    assert "Homeroom 8" not in browser.text and "Zoe" not in browser.text


@pytest.mark.parametrize("level", ["03", "07", "Eighth grade", "KG"])
def test_G03_elementary_and_middle_see_the_current_year_only(browser: Browser, cast: Cast, level: str) -> None:
    promote(cast.ana, level)
    course(cast.ana, "This year", "2026-2027", level)
    course(cast.ana, "This year too", "2027", level)
    course(cast.ana, "Of its record", None, level, academic_record=record(cast.ana, "2027", "Fall Semester"))
    course(cast.ana, "Last year", "2025-2026", "02", attempted=1, earned=1)
    course(cast.ana, "Some year", None)
    record(cast.ana, "2026", "Fall Semester", gpa=1.5)
    m.AcademicHonor.create(sourced_id="h1", student=cast.ana, description="Old", date=dt.date(2026, 5, 1))
    m.AcademicHonor.create(sourced_id="h2", student=cast.ana, description="Fresh", date=dt.date(2026, 9, 1))
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert all(title in browser.text for title in ("This year", "This year too", "Of its record", "Fresh"))
    assert not any(title in browser.text for title in ("Last year", "Some year", "1.5", "Old"))


def test_G03_the_district_says_from_which_grade_on(make_app: MakeApp, cast: Cast) -> None:
    course(cast.ana, "Last year", "2026", "06", attempted=None, earned=None)
    address = f"/students/{cast.ana.id}/history"
    assert "Last year" in Browser(make_app(history_from_grade=6)).sign_in(cast.rosa).open(address).text


def test_G03_an_unknown_grade_level_hides_nothing(browser: Browser, cast: Cast) -> None:
    course(cast.ana, "First steps", "2021", "01", attempted=None, earned=None)
    browser.sign_in(cast.rosa)
    for level, is_shown in ((None, True), ("UG", True), ("11", False)):
        promote(cast.ana, level)
        assert ("First steps" in browser.open(f"/students/{cast.ana.id}/history").text) == is_shown


def test_G03_averages_rank_and_honors_are_the_schools_own(browser: Browser, cast: Cast) -> None:
    promote(cast.ana, "10")
    course(cast.ana, "English 9", "2026", "09", letter="F", earned=0)
    shared = {"gpa_is_cumulative": True, "gpa_max": 4}
    record(cast.ana, "2026", "Spring Semester", gpa=3.125, gpa_kind="Unweighted", session_earned=3, **shared)
    record(cast.ana, "2026", "Fall Semester", gpa=2, gpa_kind="Unweighted", session_earned=1, session_attempted=4)
    record(
        cast.ana, "2026", "Spring Semester", gpa=3.5, gpa_kind="Weighted", gpa_is_cumulative=True, class_rank=1012,
        class_size=2200,
    )  # fmt: skip
    m.AcademicHonor.create(sourced_id="h", student=cast.ana, category="Honor roll", date=dt.date(2026, 1, 20))
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert "Grade point average (GPA) 3.125 out of 4.0 Not weighted Spring semester 2025–2026" in browser.text
    assert "3.50 Weighted Spring semester 2025–2026 Rank in the class: 1,012 of 2,200" in browser.text
    assert "Fall semester : 1 of 4 credits earned · GPA 2.00 Not weighted" in browser.text
    assert "Honor roll Jan 20, 2026" in browser.text
    m.AcademicRecord.update(class_rank=None).execute()
    assert "Rank" not in browser.open(f"/students/{cast.ana.id}/history").text, "only where the school gives it"


def test_G03_in_progress_withdrawn_and_passed_without_a_grade(browser: Browser, cast: Cast) -> None:
    nothing = {"letter": None, "earned": None}
    course(cast.ana, "Art", **nothing)
    course(cast.ana, "Band", **nothing, result="Withdrawn")
    course(cast.ana, "Choir", letter=None, result="Pass")
    course(cast.ana, "Dance", letter=None, result="Incomplete", repeat="RepeatNotCounted")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert "Art Fall semester In progress 0.5 Band Fall semester Withdrawn 0.5" in browser.text
    assert "Choir Fall semester Passed 0.5 0.5" in browser.text
    assert "Dance Taken again; this time does not count Fall semester Incomplete" in browser.text


def test_D15_on_track_to_graduate_says_credits_earned_against_required_by_subject(browser: Browser, cast: Cast) -> None:
    promote(cast.ana, "11")
    plan(
        subject("Mathematics", 1, course_set="Math"), subject("English Language Arts", 4),
        {"kind": "CreditsByCreditCategory", "credit_category": "World Language", "credits": 1},
        {"kind": "CreditsByCourse", "course_set": "Health", "course_codes": "HEA09, HEA10", "credits": 0.5},
        {"kind": "CreditsByCreditCategory", "credit_category": "Elective", "course_set": "Electives", "credits": 6},
        of=cast.ana,
    )  # fmt: skip
    for title, earned, values in (
        ("Algebra", 1.0, {"subject": "Mathematics"}),
        ("Geometry", 1.0, {"subject": "mathematics"}),
        ("English 9", 1.0, {"subject": "English Language Arts", "credit_categories": "Core"}),
        ("Spanish", 0.5, {"subject": "English Language Arts", "credit_categories": "Core, World Language"}),
        ("Health", 0.5, {"subject": "English Language Arts", "code": "hea09"}),
        ("Failed", 0.0, {"subject": "English Language Arts", "letter": "F"}),
        ("Replaced", 1.0, {"subject": "English Language Arts", "repeat": "ReplacedNotCounted"}),
    ):
        course(cast.ana, title, "2026", "10", attempted=1, earned=earned, **values)
    course(cast.ana, "English 11", "2027", "11", attempted=1, earned=None, letter=None, subject="English Language Arts")
    course(cast.ana, "Forgotten", "2025", "09", attempted=1, earned=None, letter=None, subject="Mathematics")
    course(cast.zoe, "Zoe's", "2026", "10", earned=9)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert "4 of 24 credits earned. In progress: 1 credits. Expected graduation: Jun 4, 2027" in browser.text
    assert "Subject Earned Needed In progress Still to take Math 1 1 All earned" in browser.text
    assert "English Language Arts 1 4 1 2 World Language 0.5 1 0.5 Health 0.5 0.5 All earned" in browser.text
    assert "Electives 1 6 5" in browser.text, "what Math has no room for"
    assert "fit none" not in browser.text
    assert browser.page.count("<svg") == 6 and 'width="16.7"' in browser.page


def test_D15_on_track_surplus_without_electives_counts_toward_the_total_alone(browser: Browser, cast: Cast) -> None:
    plan(subject("Science", 2), subject("Mathematics", 1), total=None, of=cast.ana)
    for number in range(4):
        course(cast.ana, f"Science {number}", attempted=1, earned=1, subject="Science")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert "4 of 3 credits earned." in browser.text
    assert "The total is reached, but not yet in every subject." in browser.text
    assert "Science 2 2 All earned Mathematics 0 1 1" in browser.text
    assert "2 of the credits earned fit none of these and count toward the total alone." in browser.text
    course(cast.ana, "Algebra", attempted=1, earned=1, subject="Mathematics")
    assert "All credits of the plan are earned." in browser.open(f"/students/{cast.ana.id}/history").text


def test_D15_on_track_a_course_that_fits_one_place_takes_it_before_one_that_fits_many(
    browser: Browser, cast: Cast
) -> None:
    category = {"kind": "CreditsByCreditCategory", "credits": 1}
    plan({**category, "credit_category": "Arts"}, {**category, "credit_category": "Career"}, of=cast.ana)
    course(cast.ana, "Both", attempted=1, earned=1, credit_categories="Arts, Career")
    course(cast.ana, "Arts alone", attempted=1, earned=1, credit_categories="Arts")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert "Arts 1 1 All earned Career 1 1 All earned" in browser.text


def test_D15_on_track_the_schools_plan_counts_where_the_student_has_none(browser: Browser, cast: Cast) -> None:
    schools = plan(subject("Science", 3), total=22)
    m.SchoolEnrollment.update(plan=schools).where(m.SchoolEnrollment.student == cast.ana).execute()
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert "0 of 22 credits earned." in browser.text
    plan(subject("Science", 3), total=26, of=cast.ana)
    assert "0 of 26 credits earned." in browser.open(f"/students/{cast.ana.id}/history").text
    assert "graduate" not in browser.open(f"/students/{cast.ben.id}/history").text, "no plan, nothing about one"


def test_D15_on_track_required_tests_say_what_the_feed_says(browser: Browser, cast: Cast) -> None:
    required = {"kind": "RequiredAssessment"}
    plan(
        {**required, "assessment": "OSR"},
        {**required, "assessment": "OSM"},
        {**required, "assessment": "X"},
        of=cast.ana,
    )
    for identifier, title in (("OSR", "State Reading Test"), ("OSM", "State Mathematics Test")):
        m.Assessment.create(sourced_id=identifier, identifier=identifier, title=title)
    taken = m.StudentAssessment.create(sourced_id="s1", student=cast.ana, identifier="OSR", date=dt.date(2026, 4, 20))
    m.ScoreResult.create(sourced_id="r", student_assessment=taken, result="2500", performance_level="Proficient")
    m.StudentAssessment.create(
        sourced_id="s2", student=cast.ana, identifier="OSR", date=dt.date(2025, 4, 20), not_tested="Absent"
    )
    m.StudentAssessment.create(sourced_id="s3", student=cast.zoe, identifier="OSM", date=dt.date(2025, 4, 1))
    address = f"/students/{cast.ana.id}/history"
    browser.sign_in(cast.rosa).open(address)
    assert "State Mathematics Test No result yet State Reading Test Taken on Apr 20, 2026: Proficient X" in browser.text
    assert browser.follow("State Reading Test").path == f"/students/{cast.ana.id}/tests/{taken.id}"
    m.Guardianship.update(withheld=["tests"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    browser.open(address)
    assert "State Reading Test" in browser.text, "the plan asks for it"
    assert "Proficient" not in browser.text and "Taken on" not in browser.text, "its result is not this guardian's"
    assert "No result yet" not in browser.text and f"tests/{taken.id}" not in browser.page


def test_D15_on_track_odd_plans_do_no_harm(browser: Browser, cast: Cast) -> None:
    odd = ({}, {"credits": 0}, {"credits": 2}, {"credits": -1}, {"assessment": "<b>"})
    plan(*odd, subject("<i>" + "x" * 240, 1), total=0, of=cast.ana)
    m.TranscriptCourse.create(sourced_id="bare", student=cast.ana)
    record(cast.ana, None, "")
    m.AcademicHonor.create(sourced_id="h", student=cast.ana)
    course(cast.ana, "\u202e<h1>", "spring", "?", term="<b>", earned=1 / 3, credit_categories=",,")
    promote(cast.ana, None)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert "0.3333 of 3 credits earned." in browser.text and "Without a title" in browser.text
    assert "<h1>" in browser.text
    plan(total=None, of=cast.ben)
    assert "0 credits earned." in browser.open(f"/students/{cast.ben.id}/history").text


def test_G11_history_is_closed_to_others_and_a_withheld_one_has_no_tab(app: Flask, cast: Cast) -> None:
    delivered("courseTranscripts")
    address = f"/students/{cast.ana.id}/history"
    for other in (cast.stranger, cast.revoked):
        assert Browser(app).sign_in(other).open(address).status == 404
    assert Browser(app).sign_in(cast.pupil).open(address).status == 200
    m.Guardianship.update(withheld=["history"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    rosa = Browser(app).sign_in(cast.rosa)
    assert rosa.open(address).status == 404
    assert f'href="{address}"' not in rosa.open(f"/students/{cast.ana.id}").page


def test_history_costs_the_same_queries_for_many(app: Flask, cast: Cast) -> None:
    promote(cast.ana, "12")
    plan(subject("Science", 3), {"assessment": "T"}, of=cast.ana)
    m.StudentAssessment.create(sourced_id="t", student=cast.ana, identifier="T")
    address, rosa = f"/students/{cast.ana.id}/history", Browser(app).sign_in(cast.rosa)
    few = rosa.queries(address)
    for number in range(60):
        course(cast.ana, f"Course {number}", str(2024 + number % 4), "10", subject="Science")
        record(cast.ana, str(2024 + number % 4), f"Term {number}", gpa=3)
        m.AcademicHonor.create(sourced_id=f"h{number}", student=cast.ana, description="Honor")
    for number in range(20):
        plan(subject(f"Subject {number}", 1), {"assessment": f"T{number}"}, of=cast.ana)
        m.StudentAssessment.create(sourced_id=f"t{number}", student=cast.ana, identifier=f"T{number}")
    assert rosa.queries(address) == few


def test_without_anything_history_is_a_sentence(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/history")
    assert "No courses with final grades are entered for this school year yet." in browser.text
    promote(cast.ana, "10")
    browser.open(f"/students/{cast.ana.id}/history")
    assert "The school has not entered any courses yet." in browser.text and "<table" not in browser.page


def test_history_follows_the_language(browser: Browser, cast: Cast) -> None:
    course(cast.ana, "Art")
    plan(subject("Science", 3.5), of=cast.ana)
    browser.sign_in(cast.rosa)
    for language, shown in (("es", "3.5"), ("ar", "3.5"), ("vi", "3.5")):
        browser.send("/language", button=("language", language)).open(f"/students/{cast.ana.id}/history")
        assert browser.status == 200 and shown in browser.text


@pytest.mark.parametrize(
    ("written", "level", "code"),
    [
        ("09", 9, "09"), ("9", 9, "09"), ("Ninth grade", 9, "09"), ("9th grade", 9, "09"), ("Grade 12", 12, "12"),
        ("13", 13, "13"), ("KG", 0, "KG"), ("Kindergarten", 0, "KG"), ("Preschool/Prekindergarten", -1, "PK"),
        ("UG", None, "UG"), ("", None, ""), (None, None, ""), ("99", None, "99"),
    ],
)  # fmt: skip
def test_grade_levels_are_read_as_feeds_write_them(written: str | None, level: int | None, code: str) -> None:
    assert (grade_levels.level(written), grade_levels.code(written)) == (level, code)


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("2025-2026", 2026), ("2026", 2026), ("2025-26", 2026), ("2025/2026", 2026), ("1999-00", 2000),
        ("SY 2025–2026", 2026), ("soon", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_school_years_are_read_as_feeds_write_them(written: str | None, year: int | None) -> None:
    assert transcript.ending(written) == year


def test_report_cards_have_days_averages_and_the_grades_of_each_class(cast: Cast) -> None:
    fall = m.AcademicSession.get(m.AcademicSession.title == "Fall 2026")
    spring = m.AcademicSession.get(m.AcademicSession.title == "Spring 2027")
    school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    for number, values in enumerate(
        ({"days_absent": 1.5, "days_present": 40, "gpa": 3.25, "gpa_kind": "Unweighted"},
         {"days_tardy": 2, "gpa": 3.5, "gpa_kind": "Weighted"})
    ):  # fmt: skip
        m.ReportCard.create(sourced_id=f"rc{number}", student=cast.ana, school=school, session=fall, **values)
    m.ReportCard.create(sourced_id="zoe", student=cast.zoe, session=fall, days_absent=99)
    m.ReportCard.create(sourced_id="nowhere", student=cast.ana, days_absent=77)
    factories.grade(cast.ana, cast.math, "A", number=95, session=fall, kind="Semester", diagnostic="Well done.")
    factories.grade(cast.ana, cast.art, None, session=spring, description="Meets the standard")
    factories.grade(cast.zoe, cast.math, "F", session=fall)
    second, first = report_cards(cast.ana.id, "en")
    assert (first.session, first.school, first.days_absent, first.days_present, first.days_tardy) == (
        "Fall 2026", "Cedar Middle", "1.5", "40", "2",
    )  # fmt: skip
    assert [(one.value, one.kind) for one in first.averages] == [("3.25", "Unweighted"), ("3.50", "Weighted")]
    assert [(one.title, one.kind, one.mark, one.comment) for one in first.grades] == [
        ("Mathematics 7", "Semester", "A (95)", "Well done.")
    ]
    assert (second.session, second.days_absent, [one.mark for one in second.grades]) == (
        "Spring 2027", "", ["Meets the standard"],
    )  # fmt: skip
