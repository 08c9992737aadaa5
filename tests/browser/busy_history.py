"""The same family's tests, courses of four years and graduation plan."""

from __future__ import annotations

import datetime as dt
from random import Random

import models as m

YEARS = (("2024", "08"), ("2025", "09"), ("2026", "10"), ("2027", "11"))
COURSES = (
    "English Language Arts",
    "Mathematics",
    "Science",
    "Social Studies",
    "Fine and Performing Arts",
    "Band & Co.",
)
TESTS = ("State Mathematics Test", "Reading Check", "An Assessment of English Language Proficiency for Grades 6 to 8")


def busy_history(child: m.Student) -> None:
    """Give `child` tests in every state, a transcript, averages, honors and a plan."""
    dice = Random(7)
    for number, title in enumerate(TESTS):
        _test(child, number, title, dice)
    plan = m.GraduationPlan.create(sourced_id="busy-plan", total_credits=24)
    for number, subject in enumerate((*COURSES, "Elective")):
        m.GraduationRequirement.create(sourced_id=f"busy-need-{number}", plan=plan, subject=subject, credits=4)
    m.GraduationRequirement.create(sourced_id="busy-need-test", plan=plan, assessment="busy-0")
    m.StudentGraduationPlan.create(sourced_id="busy-own", student=child, plan=plan, graduates_on=dt.date(2028, 6, 2))
    for year, level in YEARS:
        for term in ("Fall Semester", "Spring Semester"):
            of_term = {"student": child, "school_year": year, "term": term}
            m.AcademicRecord.create(
                sourced_id=f"busy-record-{year}-{term}", gpa=3.125, gpa_kind="Weighted", gpa_max=4, class_rank=17,
                class_size=318, session_earned=2.5, session_attempted=3, **of_term,
            )  # fmt: skip
            for number, subject in enumerate(COURSES):
                is_open = (year, term) == ("2027", "Spring Semester")
                m.TranscriptCourse.create(
                    sourced_id=f"busy-course-{year}-{term}-{number}", title=f"{subject} {level}", subject=subject,
                    grade_level=level, attempted=0.5, earned=None if is_open else 0.5,
                    letter=None if is_open else dice.choice("ABC"), repeat="RepeatCounted" if number == 1 else None,
                    taken_at="Riverbend High School of the Far-Away Valley" if year == "2025" else None, **of_term,
                )  # fmt: skip
    m.AcademicHonor.create(
        sourced_id="busy-honor", student=child, description="Perfect attendance", date=dt.date(2026, 10, 23)
    )


def _test(child: m.Student, number: int, title: str, dice: Random) -> None:
    identifier, method = f"busy-{number}", "Scale score"
    m.Assessment.create(
        sourced_id=identifier, identifier=identifier, title=title, category="State summative assessment",
        subjects="Mathematics, Reading", parent_text="Every spring.\n\nIt does not count toward grades.",
        web_site="https://maplevalley.example/tests", family="State tests" if number else None,
    )  # fmt: skip
    m.AssessmentScale.create(
        sourced_id=f"{identifier}-scale", identifier=identifier, method=method, minimum="2189", maximum="2862"
    )
    for year in range(2021, 2027):
        taken = m.StudentAssessment.create(
            sourced_id=f"{identifier}-{year}", student=child, identifier=identifier, date=dt.date(year, 4, 20 + number),
            grade_level="Sixth grade", not_tested="Absent" if year == 2022 else None,
            retest="1st Retest" if year == 2024 else None,
        )  # fmt: skip
        for part in (None, "Reading", "Listening and speaking") if year != 2022 else ():
            m.ScoreResult.create(
                sourced_id=f"{identifier}-{year}-{part}", student_assessment=taken, objective=part, method=method,
                result=str(dice.randrange(2200, 2800)), performance_level="Proficient",
            )  # fmt: skip
