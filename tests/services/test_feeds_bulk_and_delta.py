"""Bulk replaces, delta applies, the same again changes nothing, and a feed that is cut short is stopped."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from feeding import BASE, District, delta, snapshot
from peewee import Database

import models as m
from services import clock
from services.feeds.landings import MAKERS
from services.feeds.report import Report


@pytest.fixture
def district(tmp_path: Path, db: Database) -> District:
    return District(tmp_path / "feed")


def ids(model: type[m.Table], *where: object) -> set[str]:
    return {row.sourced_id for row in (model.select().where(*where) if where else model.select())}


def changes(report: Report) -> dict[str, tuple[int, int, int]]:
    """The tables that the report calls changed: added, changed, removed."""
    counted = {one.table: (one.added, one.changed, one.removed) for one in report.tables}
    return {table: numbers for table, numbers in counted.items() if any(numbers)}


def at(hour: int) -> None:
    """Let the clock stand at an hour of one day."""
    clock.set_source(lambda: dt.datetime(2026, 11, 16, hour))


# ---- Again ------------------------------------------------------------------------------------------------------


def test_the_same_feed_again_is_not_even_read(district: District) -> None:
    first = district.load()
    before = snapshot()
    again = district.load()
    assert (first.state, again.state) == ("applied", "unchanged")
    assert all(one.known and not one.read for one in again.files)
    assert snapshot() == before


def test_the_same_rows_in_other_words_change_nothing(district: District) -> None:
    district.load()
    before = snapshot()
    for name in BASE:
        header, *rows = district.read(name).rstrip("\n").split("\n")
        district.write(name, "\n".join((header, *reversed(rows))))
    again = district.load()
    assert (again.state, changes(again)) == ("applied", {})
    assert snapshot() == before


def test_only_files_that_changed_and_those_that_hang_on_them_are_read(district: District) -> None:
    district.load()
    district.replace("results", ",17,", ",18,")
    report = district.load()
    assert {one.file for one in report.files if not one.known} == {"results"}
    district.replace("lineItems", "Worksheet", "Worksheet 3")
    assert {one.file for one in district.load().files if not one.known} == {"lineItems", "results"}


def test_a_row_left_out_for_a_missing_reference_is_taken_when_that_arrives(district: District, tmp_path: Path) -> None:
    at(1)
    district.append("results", "r2,i2,s1,,5,")
    assert district.load().problem_count == 1
    at(2)
    delta(tmp_path / "noon", lineItems="sourcedId,status,title,classSourcedId\ni2,active,Quiz,c1").load()
    at(3)
    report = District(tmp_path / "evening", {"results": district.read("results")})
    report.write("manifest", "propertyName,value\nfile.users,absent\nfile.orgs,absent")
    assert report.load().state == "applied"
    assert ids(m.Result) == {"r1", "r2"}


def test_a_file_says_when_it_was_last_delivered_and_last_changed(district: District) -> None:
    at(1)
    district.load()
    at(2)
    district.replace("results", ",17,", ",18,")
    district.load()
    at(3)
    district.load()
    times = {one.name: (one.seen_at.hour, one.changed_at.hour) for one in m.FeedFile}
    assert times["results"] == (3, 2)
    assert times["users"] == (3, 1)


def test_an_importer_that_reads_more_columns_reads_known_files_again(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    district.load()
    m.FeedFile.update(sha256="by an older version").where(m.FeedFile.name == "categories").execute()
    assert [one.file for one in district.load().files if not one.known] == ["categories", "lineItems", "results"]


# ---- Bulk -------------------------------------------------------------------------------------------------------


def test_bulk_changes_rows_that_changed(district: District) -> None:
    district.load()
    district.replace("results", ",17,", ",18.5,")
    district.replace("users", "Rosa,Reyes", "Rosa,Vega")
    report = district.load()
    assert changes(report) == {"guardian": (0, 1, 0), "result": (0, 1, 0)}
    assert m.Result.get().score == 18.5
    assert m.Guardian.get(m.Guardian.sourced_id == "p1").family_name == "Vega"


@pytest.mark.parametrize("status", ["", "tobedeleted", "INACTIVE"])
def test_bulk_removes_rows_that_it_no_longer_brings(district: District, status: str) -> None:
    """A row that says that it has ended is the same as none."""
    district.append("academicSessions", "extra,,,Extra,semester,2026-08-17,2027-01-15,y1,2027")
    district.load()
    before = m.AcademicSession.select().count()
    if status:
        district.replace("academicSessions", "extra,,", f"extra,{status},")
    else:
        district.remove("academicSessions", "extra")
    assert changes(district.load()) == {"academic_session": (0, 0, 1)}
    assert m.AcademicSession.select().count() == before - 1


def test_people_and_schools_that_leave_turn_inactive_and_return_as_they_were(district: District) -> None:
    district.append("orgs", "o2,,,Juniper,school,12,d1")
    district.load()
    m.School.update(switched_on=False).where(m.School.sourced_id == "o2").execute()
    first = m.Student.get(m.Student.sourced_id == "s2")
    whole = district.read("users"), district.read("orgs")
    district.remove("users", "s2"), district.remove("users", "t1"), district.remove("orgs", "o2")
    district.load()
    assert ids(m.Student, m.Student.active) == {"s1"}
    assert ids(m.Staff, m.Staff.active) == set()
    assert ids(m.School, m.School.active) == {"d1", "o1"}
    district.write("users", whole[0].rstrip("\n")), district.write("orgs", whole[1].rstrip("\n"))
    district.load()
    again = m.Student.get(m.Student.sourced_id == "s2")
    assert (again.id, again.active, again.first_delivered_at) == (first.id, True, first.first_delivered_at)
    assert m.School.get(m.School.sourced_id == "o2").switched_on is False


def test_a_class_that_leaves_takes_along_what_hangs_on_it(district: District) -> None:
    district.load()
    district.remove("classes", "c1")
    district.load()
    assert [model.select().count() for model in (m.Section, m.SectionTerm, m.Enrollment, m.LineItem, m.Result)] == [
        0
    ] * 5


def test_a_file_that_is_not_delivered_changes_nothing(district: District) -> None:
    district.load()
    before = snapshot()
    for name in ("results", "demographics", "enrollments", "courses"):
        district.delete(name)
    assert district.load().state == "unchanged"
    assert snapshot() == before


def test_an_optional_column_that_disappears_is_blank(district: District) -> None:
    district.load()
    district.replace("lineItems", "dueDate", "dueDay")
    district.load()
    assert m.LineItem.get().due_date is None


def test_everything_that_goes_and_comes_is_counted_by_table(district: District) -> None:
    report = district.load()
    counted = {one.table: one.added for one in report.tables}
    assert counted == {
        "school": 2, "academic_session": 3, "student": 2, "guardian": 2, "staff": 1, "staff_role": 1, "guardianship": 3,
        "course": 1, "section": 1, "section_term": 2, "enrollment": 2, "section_staff": 1, "school_enrollment": 2,
        "category": 1, "line_item": 1, "result": 1,
    }  # fmt: skip
    assert all(model.select().count() == counted.get(model._meta.table_name, 0) for model in MAKERS)


# ---- Columns of other files -------------------------------------------------------------------------------------


def test_a_file_that_owns_a_column_fills_changes_and_clears_it(district: District) -> None:
    district.write("resultExtensions", "resultSourcedId,submissionStatusDescriptor,letterGradeEarned\nr1,Graded,B")
    district.load()
    assert (m.Result.get().submission_status, m.Result.get().letter_grade) == ("Graded", "B")
    district.replace("results", ",17,", ",18,")
    district.load()
    assert (m.Result.get().score, m.Result.get().letter_grade) == (18, "B")
    district.replace("resultExtensions", "r1,Graded,B", "r1,uri://ed-fi.org/SubmissionStatusDescriptor#Late,")
    district.load()
    assert (m.Result.get().submission_status, m.Result.get().letter_grade) == ("Late", None)
    district.remove("resultExtensions", "r1")
    report = district.load()
    assert m.Result.get().submission_status is None
    assert changes(report) == {"result": (0, 1, 0)}


def test_demographics_own_the_birth_date_under_old_names_too(district: District) -> None:
    district.write("demographics", "userSourcedId,birthdate\ns1,2013-04-02\nt1,1980-01-01")
    assert not district.load().problem_count
    assert m.Student.get(m.Student.sourced_id == "s1").birth_date == dt.date(2013, 4, 2)
    assert m.Student.get(m.Student.sourced_id == "s2").birth_date is None
    district.replace("users", "Ana", "Anna")
    district.load()
    assert m.Student.get(m.Student.sourced_id == "s1").birth_date == dt.date(2013, 4, 2)


def test_the_language_that_suits_letters_best_is_the_guardians(district: District) -> None:
    district.write(
        "userLanguages",
        """\
        sourcedId,userSourcedId,languageDescriptor,languageUseDescriptor
        1,p1,eng,Dominant language
        2,p1,Somali,uri://ed-fi.org/LanguageUseDescriptor#Correspondence language
        3,p2,Klingonese,
        4,s1,spa,""",
    )
    report = district.load()
    assert {one.sourced_id: one.language for one in m.Guardian} == {"p1": "so", "p2": None}
    assert report.warning_count == 1


# ---- Delta ------------------------------------------------------------------------------------------------------


def test_delta_adds_changes_and_removes_what_it_names_and_nothing_else(district: District, tmp_path: Path) -> None:
    district.append("results", "r2,i1,s2,,4,")
    district.load()
    noon = delta(tmp_path / "noon", results="""\
        sourcedId,status,lineItemSourcedId,studentSourcedId,score
        r1,active,i1,s1,19
        r2,ToBeDeleted,,,
        r3,active,i1,s2,9""")  # fmt: skip
    report = noon.load()
    assert (report.state, changes(report)) == ("applied", {"result": (1, 1, 1)})
    assert {one.sourced_id: one.score for one in m.Result} == {"r1": 19, "r3": 9}
    assert noon.load().state == "unchanged"


def test_delta_of_people_keeps_everybody_it_does_not_name(district: District, tmp_path: Path) -> None:
    district.load()
    noon = delta(tmp_path / "noon", users="""\
        sourcedId,status,orgSourcedIds,role,givenName,familyName,agentSourcedIds
        s1,active,o1,student,Ana,Reyes,p1
        p2,tobedeleted,,parent,,,
        s3,active,o1,student,Cy,Ode,p1""")  # fmt: skip
    noon.load()
    assert ids(m.Student, m.Student.active) == {"s1", "s2", "s3"}
    assert ids(m.Guardian, m.Guardian.active) == {"p1"}
    assert ids(m.Staff, m.Staff.active) == {"t1"}
    active = m.Guardianship.select().where(m.Guardianship.is_active())
    assert {(one.student.sourced_id, one.guardian.sourced_id) for one in active} == {
        ("s1", "p1"), ("s2", "p1"), ("s3", "p1"),
    }  # fmt: skip


def test_delta_replaces_the_terms_of_the_classes_that_it_names(district: District, tmp_path: Path) -> None:
    district.append("classes", "c2,Art,A-1,scheduled,,o1,fall")
    district.load()
    delta(tmp_path / "noon", classes="""\
        sourcedId,status,title,schoolSourcedId,termSourcedIds
        c1,active,Mathematics 7,o1,spring""").load()  # fmt: skip
    terms = {(one.section.sourced_id, one.session.sourced_id) for one in m.SectionTerm}
    assert terms == {("c1", "spring"), ("c2", "fall")}


def test_delta_moves_an_enrollment_between_students_and_staff(district: District, tmp_path: Path) -> None:
    district.load()
    delta(tmp_path / "noon", enrollments="""\
        sourcedId,status,classSourcedId,userSourcedId,role
        e1,active,c1,t1,aide
        e3,tobedeleted,,,""").load()  # fmt: skip
    assert ids(m.Enrollment) == {"e2"}
    assert [(one.sourced_id, one.role) for one in m.SectionStaff] == [("e1", "aide")]


def test_delta_and_bulk_in_one_feed_each_do_their_own(district: District) -> None:
    district.append("results", "r2,i1,s2,,4,")
    district.load()
    district.write("manifest", "propertyName,value\nfile.results,delta")
    district.write("results", "sourcedId,lineItemSourcedId,studentSourcedId,score\nr1,i1,s1,20")
    district.replace("categories", "hw,Homework", "ts,Tests")
    district.load()
    assert {one.sourced_id: one.score for one in m.Result} == {"r1": 20, "r2": 4}
    assert ids(m.Category) == {"ts"}


# ---- Shrink guard -----------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(district: District) -> District:
    """Forty more students, each with a parent, all imported."""
    for n in range(40):
        district.append(
            "users",
            f"s1{n:02},,,true,o1,student,x{n},,S{n},X,,,p1{n:02},",
            f"p1{n:02},,,true,o1,parent,y{n},,P{n},X,,,,",
        )
    district.load()
    return district


def test_a_feed_that_lost_many_students_is_refused_until_it_is_allowed(crowd: District) -> None:
    before = snapshot()
    for n in range(6):
        crowd.remove("users", f"s1{n:02},")
    report = crowd.load(shrink_percent=10)
    assert (report.state, snapshot() == before) == ("refused", True)
    assert report.error is not None and "6 of 42 active students" in report.error and "--allow-shrink" in report.error
    assert m.FeedRun.select().order_by(m.FeedRun.id.desc()).get().state == "refused"
    assert crowd.load(shrink_percent=10, dry_run=True).state == "refused"
    assert crowd.load(shrink_percent=10, allow_shrink=True).state == "applied"
    assert m.Student.select().where(m.Student.active).count() == 36


def test_a_feed_that_lost_many_guardianships_is_refused(crowd: District) -> None:
    for n in range(6):
        crowd.replace("users", f",p1{n:02},\n", ",,\n")
    report = crowd.load(shrink_percent=10)
    assert report.error is not None and "6 of 43 active guardianships" in report.error


def test_a_guardianship_that_moves_from_one_source_to_another_is_no_loss(crowd: District) -> None:
    rows = []
    for n in range(40):
        crowd.replace("users", f",p1{n:02},\n", ",,\n")
        rows.append(f"a{n},s1{n:02},p1{n:02},Mother")
    crowd.write(
        "studentContactAssociations",
        "\n".join(("sourcedId,studentSourcedId,contactSourcedId,relationDescriptor", *rows)),
    )
    report = crowd.load(shrink_percent=10)
    assert (report.state, changes(report)) == ("applied", {"guardianship": (0, 40, 0)})


def test_a_few_may_always_leave(crowd: District) -> None:
    for n in range(5):
        crowd.remove("users", f"s1{n:02},")
    assert crowd.load(shrink_percent=1).state == "applied"


def test_an_empty_export_after_a_full_one_is_refused(crowd: District) -> None:
    crowd.write("users", BASE["users"].split("\n")[0])
    assert crowd.load(shrink_percent=10).state == "refused"


def test_a_first_import_is_never_too_small(district: District) -> None:
    assert district.load(shrink_percent=0).state == "applied"


# ---- Dry run ----------------------------------------------------------------------------------------------------


def test_a_dry_run_reports_the_same_and_leaves_no_trace(district: District) -> None:
    district.append("results", "r2,i9,s2,,,")
    rehearsal = district.load(dry_run=True)
    assert rehearsal.state == "dry-run"
    assert all(model.select().count() == 0 for model in m.ALL_TABLES)
    applied = district.load()
    assert (rehearsal.files, rehearsal.tables, rehearsal.problems) == (applied.files, applied.tables, applied.problems)
