"""Bad rows: reported with file, line, column and reason, left out, and never a removal (DECISIONS 3)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from feeding import District, delta, reasons
from peewee import Database

import models as m
from services.feeds import problems


@pytest.fixture
def district(tmp_path: Path, db: Database) -> District:
    return District(tmp_path / "feed")


def test_a_clean_feed_has_no_problems(district: District) -> None:
    report = district.load()
    assert (report.problem_count, report.warning_count, report.problems) == (0, 0, ())


@pytest.mark.parametrize(
    ("file", "row", "severity", "reason"),
    [
        ("results", "r2,i1,s2", "error", ":3 None has 3 cells, the header has 6"),
        ("results", "r2,i1,s2,,,,extra", "error", ":3 None has 7 cells, the header has 6"),
        ("results", "r2,i1,s2,,\0,", "error", ":3 None holds a NUL character"),
        ("results", '"r2"x,i1,s2,,,', "error", ":3 None cannot be read as CSV"),
        ("results", "r1,i1,s2,,,", "error", ":3 sourcedId 'r1' was used before"),
        ("results", ",i1,s2,,,", "error", ":3 sourcedId is blank"),
        ("results", f"{'x' * 256},i1,s2,,,", "error", ":3 sourcedId is longer than 255"),
        ("results", "r2,i9,s2,,,", "error", ":3 lineItemSourcedId 'i9' names no line item"),
        ("results", "r2,i1,s9,,,", "error", ":3 studentSourcedId 's9' names no student"),
        ("results", "r2,i1,p1,,,", "error", ":3 studentSourcedId 'p1' names no student"),
        ("results", "r2,i1,s2,,17 of 20,", "warning", ":3 score '17 of 20' is not a number"),
        ("results", "r2,i1,s2,,,10.11.2026", "warning", ":3 scoreDate '10.11.2026' is not a date"),
        ("results", "r2,i1,s2,graded,,", "warning", ":3 scoreStatus 'graded' is none of"),
        ("results", "r 2,i1,s2,,,", "warning", ":3 sourcedId 'r 2' has characters"),
        ("demographics", "s9,2014-01-01", "error", ":4 sourcedId 's9' names no student or guardian or staff"),
        ("academicSessions", "x1,,,X,semester,soon,2027-01-01,,2027", "error", ":5 startDate 'soon' is not a date"),
        ("academicSessions", "x1,,,X,semester,,2027-01-01,,2027", "error", ":5 startDate is blank"),
        ("academicSessions", "x1,,,X,trimester,2026-09-01,2027-01-01,,2027", "warning", ":5 type 'trimester' is"),
        ("lineItems", "i2,Quiz,,,c9,,", "error", ":3 classSourcedId 'c9' names no section"),
        ("lineItems", "i2,Quiz,,,c1,tests,", "warning", ":3 categorySourcedId 'tests' names no category"),
        ("lineItems", "i2,,,,c1,,", "warning", ":3 title is blank"),
        ("classes", "c2,Art,,,art,o1,", "warning", ":3 courseSourcedId 'art' names no course"),
        ("classes", "c2,Art,,,,o1,summer", "warning", ":3 termSourcedIds 'summer' names no academic session"),
        ("enrollments", "e4,c1,s9,student,", "error", ":5 userSourcedId 's9' names no student or guardian or staff"),
        ("enrollments", "e4,c1,t1,student,", "error", ":5 userSourcedId 't1' names no student"),
        ("enrollments", "e4,c1,s1,teacher,", "error", ":5 userSourcedId 's1' names no staff"),
        ("enrollments", "e4,c1,s1,,", "error", ":5 role is blank"),
        ("users", "s3,,,true,o9,student,x,,Cy,Ode,,,,", "warning", ":7 orgSourcedIds 'o9' names no school"),
        ("users", "s3,,,true,o1,,x,,Cy,Ode,,,,", "error", ":7 role 's3' has no role"),
        ("users", "s3,,,true,o1,wizard,x,,Cy,Ode,,,,", "warning", ":7 role 'wizard' is none of"),
        ("users", "s3,,,true,o1,student,x,,Cy,Ode,,,t1,", "warning", ":7 agentSourcedIds 't1' is no parent"),
        ("users", "s3,gone,,true,o1,student,x,,Cy,Ode,,,,", "warning", ":7 status 'gone' is none of"),
    ],
)  # fmt: skip
def test_a_bad_row_is_reported_where_it_stands_and_the_rest_is_taken(
    district: District, file: str, row: str, severity: str, reason: str
) -> None:
    district.append(file, row)
    report = district.load()
    assert report.state == "applied"
    assert [one for one in reasons(report, severity) if one.startswith(f"{file}.csv{reason}")], reasons(report)
    assert len(report.problems) == 1
    assert m.Student.select().count() >= 2
    assert m.Result.select().count() >= 1
    counted = next(one for one in report.files if one.file == file)
    assert counted.read - counted.accepted == (severity == "error")


def test_problems_are_kept_with_the_run(district: District) -> None:
    district.append("results", "r2,i9,s2,,,")
    report = district.load()
    row = m.FeedProblem.get()
    assert (row.run_id, row.file, row.line, row.column, row.severity) == (
        report.run_id, "results.csv", 3, "lineItemSourcedId", "error",
    )  # fmt: skip


def test_rows_with_breaks_in_their_cells_are_counted_from_their_first_line(district: District) -> None:
    district.write("lineItems", 'sourcedId,title,description,classSourcedId\ni1,A,"one\ntwo\nthree",c1\ni2,B,,c9')
    assert reasons(district.load())[0].startswith("lineItems.csv:5 ")
    assert m.LineItem.get().description == "one\ntwo\nthree"


def test_blank_lines_are_nothing(district: District) -> None:
    district.append("results", "", ",,,,,", "r2,i1,s2,,,", "")
    assert district.load().problems == ()


def test_a_known_row_that_turns_bad_keeps_its_old_version(district: District) -> None:
    district.load()
    district.replace("results", "r1,i1,s1,fully graded,17", "r1,i1,s9,fully graded,3")
    district.replace("users", "Ana,Reyes", "x" * 300 + ",Reyes")
    district.replace("academicSessions", "2026-08-17,2027-01-15", "soon,2027-01-15")
    district.replace("classes", "c1,Mathematics 7", "c1,Maths,too many")
    report = district.load()
    assert m.Result.get().score == 17
    ana = m.Student.get(m.Student.sourced_id == "s1")
    assert (ana.given_name, ana.active) == ("Ana", True)
    assert m.AcademicSession.get(m.AcademicSession.sourced_id == "fall").start_date == dt.date(2026, 8, 17)
    assert m.Section.get().title == "Mathematics 7"
    assert m.SectionTerm.select().count() == 2
    assert m.Guardianship.select().where(m.Guardianship.is_active()).count() == 3
    assert m.SchoolEnrollment.select().count() == 2
    assert all(table.removed == 0 for table in report.tables)


def test_rows_that_ran_into_each_other_remove_nothing(district: District) -> None:
    district.append("results", "r2,i1,s2,,4,", "r3,i1,s2,,5,")
    district.load()
    district.replace("results", "r2,i1,s2,,4,", '"r2,i1,s2,,4,')
    report = district.load()
    assert report.problem_count == 1
    assert m.Result.select().count() == 3


def test_sessions_that_are_their_own_ancestors_lose_their_parents(district: District) -> None:
    district.append("academicSessions", "a,,,A,semester,2026-09-01,2027-01-01,b,2027")
    district.append("academicSessions", "b,,,B,semester,2026-09-01,2027-01-01,a,2027")
    district.append("academicSessions", "c,,,C,semester,2026-09-01,2027-01-01,a,2027")
    report = district.load()
    parents = {one.sourced_id: one.parent and one.parent.sourced_id for one in m.AcademicSession}
    assert parents == {"y1": None, "fall": "y1", "spring": "y1", "a": None, "b": None, "c": "a"}
    assert [reason.split(" ")[2] for reason in reasons(report, "error")] == ["'a'", "'b'"]


def test_a_loop_that_a_delta_closes_over_known_rows_is_cut_too(district: District, tmp_path: Path) -> None:
    district.load()
    delta(tmp_path / "noon", academicSessions="""\
        sourcedId,status,title,type,startDate,endDate,parentSourcedId
        y1,active,Year,schoolYear,2026-08-17,2027-06-04,fall""").load()  # fmt: skip
    assert m.AcademicSession.get(m.AcademicSession.sourced_id == "y1").parent is None
    assert m.AcademicSession.get(m.AcademicSession.sourced_id == "fall").parent.sourced_id == "y1"


def test_so_many_problems_are_kept_and_all_are_counted(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "KEPT_PER_FILE", 7)
    district.append("results", *(f"x{n},i9,s1,,," for n in range(20)), *(f"y{n},i1" for n in range(5)))
    report = district.load()
    assert (report.problem_count, len(report.problems), m.FeedProblem.select().count()) == (25, 7, 7)


def test_a_score_above_the_maximum_is_none_of_our_business(district: District) -> None:
    district.replace("results", ",17,", ",23,")
    assert district.load().problems == ()


def test_text_that_looks_like_code_is_stored_as_it_is(district: District) -> None:
    marker = "<b>'; DROP TABLE student; -- {0} %s"
    district.replace("users", "Ana,Reyes", f'"{marker}",Reyes')
    district.append("results", '"r2\'; --",i1,"s9\'; --{}%s",,,')
    report = district.load()
    assert m.Student.get(m.Student.sourced_id == "s1").given_name == marker
    assert "s9'; --{}%s" in reasons(report, "error")[0]
