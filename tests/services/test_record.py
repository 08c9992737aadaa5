"""What an assignment is to its student, and which classes are the current ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from factories import TODAY, category, enroll, line_item, result, school_year, section, session, student
from peewee import Database

from models import Enrollment
from services.record import assignments
from services.record.assignments import Counts
from services.record.classes import classes_of, current, in_term, terms_of

YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("due", "values", "status", "late"),
    [
        (YESTERDAY, {"score": 12}, "scored", False),
        (YESTERDAY, {"score": 25}, "scored", False),
        (YESTERDAY, {"score": 0}, "scored", False),
        (YESTERDAY, {"score": None, "text_score": "M"}, "scored", False),
        (YESTERDAY, {"score": 12, "late": True}, "scored", True),
        (YESTERDAY, {"score": 12, "late_status": "Late"}, "scored", True),
        (YESTERDAY, {"score": 12, "late_status": "Not Late"}, "scored", False),
        (YESTERDAY, {"score": None, "score_status": "not submitted"}, "missing", False),
        (TODAY, {"score": None, "score_status": "not submitted"}, "due", False),
        (TOMORROW, {"score": None, "score_status": "not submitted"}, "due", False),
        (TOMORROW, {"score": None, "missing": True}, "missing", False),
        (YESTERDAY, {"score": 0, "missing": True}, "missing", False),
        (YESTERDAY, {"score": None, "submission_status": "Missing"}, "missing", False),
        (YESTERDAY, {"score": None, "submission_status": "Not Submitted"}, "missing", False),
        (YESTERDAY, {"score": None, "missing": False, "score_status": None}, "unscored", False),
        (YESTERDAY, {"score": None, "score_status": "exempt", "missing": True}, "exempt", False),
        (YESTERDAY, {"score": 5, "incomplete": True}, "incomplete", False),
        (YESTERDAY, {"score": None, "score_status": "submitted"}, "submitted", False),
        (YESTERDAY, {"score": 3, "score_status": "partially graded"}, "scored", False),
        (YESTERDAY, None, "unscored", False),
        (TODAY, None, "due", False),
        (None, None, "due", False),
    ],
)
def test_work_is_missing_only_when_the_feed_says_so(
    db: Database, due: dt.date | None, values: dict[str, Any] | None, status: str, late: bool
) -> None:
    child = student()
    math = section("Mathematics 7", students=(child,))
    item = line_item(math, due=due or TODAY, due_date=due)
    if values is not None:
        result(item, child, **{"score_date": YESTERDAY, **values})
    ((table,),) = assignments.by_category(classes_of([child.id]), TODAY, "en").values()
    assert [(a.status, a.late) for a in table.assignments] == [(status, late)]


def test_counts_are_those_of_each_child_and_of_no_other(db: Database) -> None:
    ana, zoe = student("Ana"), student("Zoe")
    math = section("Mathematics 7", students=(ana, zoe))
    result(line_item(math, due=YESTERDAY), ana, None, missing=True)
    result(line_item(math, due=YESTERDAY), zoe, 3, score_date=YESTERDAY)
    line_item(math, due=TOMORROW)
    found = assignments.count(classes_of([ana.id, zoe.id]), TODAY, by="student")
    assert found == {ana.id: Counts(1, 1, 0, 3), zoe.id: Counts(0, 1, 1, 3)}
    assert assignments.count([], TODAY, by="student") == {}


def test_two_enrollments_in_one_class_show_its_work_once(db: Database) -> None:
    child = student()
    math = section("Mathematics 7", students=(child,))
    enroll(child, math, begin_date=TODAY)
    line_item(math)
    ((table,),) = assignments.by_category(classes_of([child.id]), TODAY, "en").values()
    assert len(table.assignments) == 1


def test_categories_keep_their_weight_with_the_decimal_point_of_the_schools_papers(db: Database) -> None:
    child = student()
    math = section("Mathematics 7", students=(child,))
    line_item(math, category=category("Tests", 0.125))
    line_item(math, category=None)
    for locale, weight in (("en", "12.5%"), ("es", "12.5%")):
        (tables,) = assignments.by_category(classes_of([child.id]), TODAY, locale).values()
        assert {(table.title, table.weight.replace("\xa0", "")) for table in tables} == {("Tests", weight), ("", "")}


def test_the_current_classes_are_those_of_the_term_of_today(db: Database) -> None:
    year, fall, spring = school_year()
    child = student()
    section("All Year", term=year, students=(child,))
    section("Fall Class", term=fall, students=(child,))
    section("Spring Class", term=spring, students=(child,))
    section("No Term", students=(child,))
    classes = classes_of([child.id])
    assert titles(current(classes, TODAY)) == ["All Year", "Fall Class", "No Term"]
    assert titles(current(classes, dt.date(2027, 3, 1))) == ["All Year", "No Term", "Spring Class"]
    assert titles(in_term(classes, fall.id)) == ["Fall Class"]
    assert [term.title for term in terms_of(classes)] == ["Fall 2026", "2026-2027", "Spring 2027"]


def test_between_terms_the_term_that_ended_last_stays(db: Database) -> None:
    first = session("Quarter 1", "gradingPeriod", dt.date(2026, 8, 17), dt.date(2026, 10, 16))
    second = session("Quarter 2", "gradingPeriod", dt.date(2026, 10, 19), dt.date(2026, 12, 18))
    child = student()
    section("One", term=first, students=(child,))
    section("Two", term=second, students=(child,))
    classes = classes_of([child.id])
    assert titles(current(classes, dt.date(2026, 12, 27))) == ["Two"]
    assert titles(current(classes, dt.date(2026, 8, 1))) == ["One", "Two"], "before any has begun"


def test_a_class_that_the_student_left_is_no_longer_current(db: Database) -> None:
    _, fall, _ = school_year()
    child = student()
    left = section("Left", term=fall, students=(child,))
    stayed = section("Stayed", term=fall, students=(child,))
    Enrollment.update(end_date=dt.date(2026, 10, 1)).where(Enrollment.section == left).execute()
    Enrollment.update(end_date=dt.date(2027, 1, 15)).where(Enrollment.section == stayed).execute()
    assert titles(current(classes_of([child.id]), TODAY)) == ["Stayed"]
    assert titles(current(classes_of([child.id]), dt.date(2027, 1, 16))) == ["Stayed"], "it ran to the end"


def titles(classes: list[Any]) -> list[str]:
    return [one.title for one in classes]
