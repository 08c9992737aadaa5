"""The four public sets of feeds, imported; every count is held against one made of the files with plain csv.

They are read where REAL_FEEDS says (default ../shared/data) and never copied into the project; without them the
tests fail.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from factories import REAL_FEEDS

import models as m
from services.feeds import importer
from services.feeds.report import Report

pytestmark = pytest.mark.usefixtures("db")

GRAND_BEND = (REAL_FEEDS / "grandbend/oneroster-1.1", REAL_FEEDS / "grandbend/supplement")
FEED_TABLES = m.ALL_TABLES[: m.ALL_TABLES.index(m.FeedRun)]
#: The tables of the rest of the record with Grand Bend's files.
RECORD = {
    "school_attendance_event": "studentSchoolAttendanceEvents",
    "section_attendance_event": "studentSectionAttendanceEvents",
    "incident": "disciplineIncidents",
    "incident_behavior": "studentDisciplineIncidentBehaviorAssociations",
    "discipline_action": "disciplineActions",
    "student_assessment": "studentAssessments",
    "score_result": "studentAssessmentScoreResults",
    "transportation": "studentTransportations",
    "calendar_day": "calendarDates",
    "class_period": "classPeriods",
    "bell_time": "bellSchedules",
}
FLAGS = {"": None, "true": True, "false": False}
Row = dict[str, str]


def rows(folder: Path, name: str, where: Callable[[Row], object] = lambda row: True) -> list[Row]:
    """The rows of a file that are not said to have ended."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        every = list(csv.DictReader(stream))
    return [row for row in every if row.get("status", "") in ("", "active") and where(row)]


def load(*folders: Path, **options: bool) -> Report:
    return importer.run(folders, shrink_percent=10, **options)


def counts() -> dict[str, int]:
    return {model._meta.table_name: model.select().count() for model in m.ALL_TABLES if model.select().exists()}


def test_X08_grand_bend_arrives_row_by_row() -> None:
    report = load(*GRAND_BEND)
    roster, more = GRAND_BEND
    users = {role: rows(roster, "users", lambda row, role=role: row["role"] == role) for role in ("student", "parent")}
    enrollments = rows(roster, "enrollments")
    found = counts()
    assert (report.state, report.problem_count) == ("applied", 0)
    assert [one.reason for one in report.problems] == ["'De Leon@example1.com' is no e-mail address: left blank"]
    assert found == {
        "school": len(rows(roster, "orgs")),
        "academic_session": len(rows(roster, "academicSessions")),
        "student": len(users["student"]),
        "guardian": len(users["parent"]),
        "staff": len(rows(roster, "users")) - len(users["student"]) - len(users["parent"]),
        "school_enrollment": sum(len(row["orgSourcedIds"].split(",")) for row in users["student"]),
        "guardianship": len({(row["studentSourcedId"], row["contactSourcedId"])
                             for row in rows(more, "studentContactAssociations")}),
        "address": len(rows(more, "addresses")),
        "telephone": len(rows(more, "telephones")),
        "course": len(rows(roster, "courses")),
        "section": len(rows(roster, "classes")),
        "section_term": sum(len(row["termSourcedIds"].split(",")) for row in rows(roster, "classes")),
        "enrollment": sum(row["role"] == "student" for row in enrollments),
        "section_staff": sum(row["role"] != "student" for row in enrollments),
        "category": len(rows(roster, "categories")),
        "line_item": len(rows(roster, "lineItems")),
        "result": len(rows(roster, "results")),
        "staff_role": len(_staff_roles(roster)),
        **{table: len(rows(more, name)) for table, name in RECORD.items()},
        "feed_run": 1,
        "feed_problem": 1,
        "feed_file": 26,
    }  # fmt: skip
    assert (found["student"], found["guardian"], found["staff"], found["section"], found["result"]) == (
        279, 555, 68, 532, 1151,
    )  # fmt: skip
    assert (found["address"], found["telephone"], len(rows(more, "electronicMails"))) == (555, 656, 39)
    assert [found[table] for table in RECORD] == [1917, 66, 21, 23, 25, 466, 920, 26, 2, 21, 21]
    assert all(one.read == one.accepted == len(rows(roster if one.file + ".csv" in _names(roster) else more, one.file))
               for one in report.files)  # fmt: skip


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _staff_roles(folder: Path) -> set[tuple[str, str, str]]:
    """Each member of staff with each of their schools and their role, as 1.1 has them."""
    return {
        (row["sourcedId"], org.strip(), row["role"])
        for row in rows(folder, "users", lambda row: row["role"] not in ("student", "parent"))
        for org in row["orgSourcedIds"].split(",")
        if org.strip()
    }


def test_X08_every_value_of_grand_bend_lands_in_its_column() -> None:
    load(*GRAND_BEND)
    roster, more = GRAND_BEND
    born = {row["sourcedId"]: row["birthDate"] for row in rows(roster, "demographics")}
    assert {one.sourced_id: one.birth_date.isoformat() for one in m.Student} == born
    levels = {
        row["sourcedId"]: row["grades"] or None for row in rows(roster, "users", lambda row: row["role"] == "student")
    }
    assert {one.sourced_id: one.grade_level for one in m.Student} == levels
    extended = {row["resultSourcedId"]: row for row in rows(more, "resultExtensions")}
    for row in rows(roster, "results"):
        result = m.Result.get(m.Result.sourced_id == row["sourcedId"])
        late = extended[row["sourcedId"]]
        assert (result.line_item.sourced_id, result.student.sourced_id) == (
            row["lineItemSourcedId"],
            row["studentSourcedId"],
        )
        assert (result.score, result.score_status) == (
            float(row["score"]) if row["score"] else None,
            row["scoreStatus"],
        )
        assert (result.submission_status, result.late_status, result.letter_grade) == (
            late["submissionStatusDescriptor"], late["assignmentLateStatusDescriptor"],
            late["letterGradeEarned"].strip() or None,
        )  # fmt: skip
    assert m.Result.select().where(m.Result.late_status == "Late").count() == 171
    assert m.Guardian.select().where(m.Guardian.email.is_null()).count() == 521
    pairs = {
        (row["studentSourcedId"], row["contactSourcedId"]): row for row in rows(more, "studentContactAssociations")
    }
    for one in m.Guardianship:
        row = pairs[one.student.sourced_id, one.guardian.sourced_id]
        assert (one.relation, one.lives_with) == (row["relationDescriptor"], FLAGS[row["livesWith"]])
        assert (one.portal_access, one.default_access, one.legal_guardian) == (None, True, None)
        assert (one.from_associations, one.from_student_agents, one.from_guardian_agents) == (True, True, True)
    sections = {row["sourcedId"]: row for row in rows(roster, "classes")}
    for section in m.Section:
        row = sections[section.sourced_id]
        assert (section.course.sourced_id, section.school.sourced_id, section.room) == (
            row["courseSourcedId"], row["schoolSourcedId"], row["location"] or None,
        )  # fmt: skip


def test_X08_grand_bends_families_can_be_reached() -> None:
    load(*GRAND_BEND)
    more = GRAND_BEND[1]
    addresses = {row["sourcedId"]: row for row in rows(more, "addresses")}
    for address in m.Address:
        row = addresses[address.sourced_id]
        assert (address.guardian.sourced_id, address.student, address.household) == (row["userSourcedId"], None, None)
        assert [getattr(address, name) or "" for name in ("kind", "street", "apartment", "city", "state")] == [
            row[header].strip() for header in (
                "addressTypeDescriptor", "streetNumberName", "apartmentRoomSuiteNumber", "city",
                "stateAbbreviationDescriptor",
            )
        ]  # fmt: skip
        begun = dt.date.fromisoformat(row["beginDate"]) if row["beginDate"] else None
        assert (address.postal_code, address.begin_date, address.end_date) == (row["postalCode"], begun, None)
    telephones = {row["sourcedId"]: row for row in rows(more, "telephones")}
    for one in m.Telephone:
        row = telephones[one.sourced_id]
        assert (one.guardian.sourced_id, one.student, one.can_text) == (row["userSourcedId"], None, None)
        assert (one.number, one.kind, str(one.priority or "")) == (
            row["telephoneNumber"], row["telephoneNumberTypeDescriptor"], row["orderOfPriority"],
        )  # fmt: skip
    mails: dict[str, list[Row]] = {}
    for row in rows(more, "electronicMails", lambda row: " " not in row["electronicMailAddress"]):
        mails.setdefault(row["userSourcedId"], []).append(row)
    best = {
        guardian: min(found, key=lambda row: row["electronicMailTypeDescriptor"] != "Home/Personal")
        for guardian, found in mails.items()
    }
    chosen = {
        one.sourced_id: one.other_email for one in m.Guardian.select().where(m.Guardian.other_email.is_null(False))
    }
    assert chosen == {guardian: row["electronicMailAddress"] for guardian, row in best.items()}
    assert len(chosen) == 33


def test_X08_grand_bends_attendance_counts_as_ed_fi_says() -> None:
    load(*GRAND_BEND)
    more = GRAND_BEND[1]
    meanings = {"Excused Absence": "excused", "Unexcused Absence": "unexcused", "Tardy": "tardy"}
    for name, model in (
        ("studentSchoolAttendanceEvents", m.SchoolAttendanceEvent),
        ("studentSectionAttendanceEvents", m.SectionAttendanceEvent),
    ):
        stored = {one.sourced_id: one for one in model.select()}
        for row in rows(more, name):
            one = stored[row["sourcedId"]]
            code = row["attendanceEventCategoryDescriptor"]
            assert (one.student.sourced_id, one.date.isoformat()) == (row["studentSourcedId"], row["eventDate"])
            assert (one.category, one.counts_as) == (code, meanings.get(code, "unknown"))
            assert (one.arrival_time.isoformat() if one.arrival_time else "") == row["arrivalTime"]
            assert (one.session.sourced_id, one.reason or "") == (row["sessionSourcedId"], row["attendanceEventReason"])
    assert Counter(one.counts_as for one in m.SchoolAttendanceEvent) == {
        "excused": 1077, "unexcused": 773, "tardy": 66, "unknown": 1,
    }  # fmt: skip


def test_X08_grand_bends_incidents_scores_and_buses_land_without_what_is_not_for_families() -> None:
    load(*GRAND_BEND)
    more = GRAND_BEND[1]
    incidents = {row["sourcedId"]: row for row in rows(more, "disciplineIncidents")}
    for one in m.Incident:
        row = incidents[one.sourced_id]
        assert (one.school.sourced_id, one.date.isoformat()) == (row["schoolSourcedId"], row["incidentDate"])
        assert (one.time.isoformat() if one.time else "", one.parent_visible) == (row["incidentTime"], True)
        assert (one.location or "", one.description or "") == (
            row["incidentLocationDescriptor"], row["incidentDescription"],
        )  # fmt: skip
    parts = {row["sourcedId"]: row for row in rows(more, "studentDisciplineIncidentBehaviorAssociations")}
    withheld = {row[column] for row in incidents.values() for column in ("reporterName", "caseNumber") if row[column]}
    withheld |= {row["weaponDescriptors"] for row in parts.values()} - {"", "Other"}
    kept = {
        str(value) for model in (m.Incident, m.IncidentBehavior) for row in model.select().tuples() for value in row
    }
    assert len(withheld) > 20 and not kept & withheld
    assert {one.sourced_id: (one.student.sourced_id, one.behavior or "") for one in m.IncidentBehavior} == {
        key: (row["studentSourcedId"], row["behaviorDescriptor"]) for key, row in parts.items()
    }
    scores = {row["sourcedId"]: row for row in rows(more, "studentAssessmentScoreResults")}
    for one in m.ScoreResult:
        row = scores[one.sourced_id]
        assert (one.student_assessment.sourced_id, one.result or "") == (
            row["studentAssessmentSourcedId"], row["result"],
        )  # fmt: skip
    buses = {row["sourcedId"]: row for row in rows(more, "studentTransportations")}
    for one in m.Transportation:
        row = buses[one.sourced_id]
        assert (one.student.sourced_id, one.bus_number or "") == (row["studentSourcedId"], row["busNumber"])
        assert (one.days or "").replace(", ", ",") == row["travelDayofWeekDescriptors"]
        assert one.mileage == (float(row["mileage"]) if row["mileage"] else None)


def test_X08_grand_bends_parents_see_their_children_in_its_year() -> None:
    load(*GRAND_BEND)
    day = dt.date(2022, 3, 15)
    mother = m.Guardianship.select().where(m.Guardianship.relation == "Mother").first().guardian
    account = m.Account.create(
        guardian=mother, user_name="m", user_name_key="m", password_hash="-", created_at=dt.datetime(2022, 3, 1)
    )
    seen = {one.sourced_id for one in m.Student.visible_to(account, day)}
    assert seen == {row["studentSourcedId"] for row in rows(GRAND_BEND[1], "studentContactAssociations")
                    if row["contactSourcedId"] == mother.sourced_id}  # fmt: skip
    assert m.SchoolEnrollment.students_on(day).distinct().count() == 279


def test_X08_grand_bend_again_reads_and_touches_nothing() -> None:
    load(*GRAND_BEND)
    before = {model: list(model.select().order_by(model.id).tuples()) for model in FEED_TABLES}
    again = load(*GRAND_BEND)
    assert (again.state, again.tables, {one.known for one in again.files}) == ("unchanged", (), {True})
    m.FeedFile.update(sha256="unknown").execute()
    compared = load(*GRAND_BEND)
    assert (compared.state, {one.known for one in compared.files}) == ("applied", {False})
    assert all((one.added, one.changed, one.removed) == (0, 0, 0) for one in compared.tables)
    assert {model: list(model.select().order_by(model.id).tuples()) for model in FEED_TABLES} == before


def test_X08_one_changed_file_of_grand_bend_is_all_that_is_read(tmp_path: Path) -> None:
    roster = tmp_path / "roster"
    shutil.copytree(GRAND_BEND[0], roster)
    load(roster, GRAND_BEND[1])
    path = roster / "results.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("604822,fully graded,58", "604822,fully graded,59", 1), encoding="utf-8", newline="")
    report = load(roster, GRAND_BEND[1])
    assert {one.file for one in report.files if not one.known} == {"results", "resultExtensions"}
    assert [(one.table, one.added, one.changed, one.removed, one.unchanged) for one in report.tables] == [
        ("result", 0, 1, 0, 1150)
    ]


def test_X08_a_dry_run_of_grand_bend_says_what_the_import_will_do() -> None:
    rehearsal = load(*GRAND_BEND, dry_run=True)
    assert counts() == {}
    assert rehearsal.tables == load(*GRAND_BEND).tables


def test_X08_the_generated_district_arrives_row_by_row() -> None:
    """Its manifest says bulk though every row has a status; nobody is a parent, and nothing is graded."""
    folder = REAL_FEEDS / "generated-small"
    report = load(folder)
    users, enrollments = rows(folder, "users"), rows(folder, "enrollments")
    students = {row["sourcedId"]: row for row in users if row["role"] == "student"}
    assert (report.state, report.problem_count, report.warning_count) == ("applied", 0, 0)
    assert counts() == {
        "school": len(rows(folder, "orgs")), "academic_session": len(rows(folder, "academicSessions")),
        "student": len(students), "staff": len(users) - len(students), "course": len(rows(folder, "courses")),
        "section": len(rows(folder, "classes")), "section_term": len(rows(folder, "classes")),
        "enrollment": sum(row["role"] == "student" for row in enrollments),
        "section_staff": sum(row["role"] == "teacher" for row in enrollments),
        "school_enrollment": len(students), "staff_role": len(_staff_roles(folder)), "feed_run": 1, "feed_file": 7,
    }  # fmt: skip
    assert {one.sourced_id: one.number for one in m.Student} == {
        key: row["identifier"] for key, row in students.items()
    }
    assert {one.sourced_id: one.grade_level for one in m.Student} == {
        key: row["grades"] for key, row in students.items()
    }


def test_X08_moodles_1_1_set_arrives_without_its_courses_and_teachers_as_agents() -> None:
    report = load(REAL_FEEDS / "moodle-fixtures/full-1.1")
    assert report.state == "applied"
    found = counts()
    tables = ("student", "guardian", "staff", "section", "course", "guardianship")
    assert {name: found.get(name) for name in tables} == {
        "student": 3, "guardian": 1, "staff": 2, "section": 1, "course": None, "guardianship": 1,
    }  # fmt: skip
    assert {one.sourced_id for one in m.AcademicSession} == {"as-trm-222-1234", "as-grp-222-3456", "as-trm-222-1235"}
    assert (m.Section.get().kind, m.Section.get().course, m.Section.get().school.sourced_id) == (
        "scheduled", None, "org-sch-222-456",
    )  # fmt: skip
    assert (m.Guardianship.get().from_guardian_agents, m.Guardianship.get().from_student_agents) == (True, False)
    assert [(one.line, one.column) for one in report.problems if one.severity == "error"] == [
        (5, "classSourcedId"), (6, "classSourcedId"), (7, "classSourcedId"), (3, "userSourcedId"),
    ]  # fmt: skip
    assert (m.Enrollment.select().count(), m.SectionStaff.select().count()) == (1, 1)


def test_X08_gothams_1_2_delta_arrives_in_an_empty_portal() -> None:
    report = load(REAL_FEEDS / "moodle-fixtures/gotham-1.2")
    assert (report.state, report.problems, {one.mode for one in report.files}) == ("applied", (), {"delta"})
    bruce = m.Student.get()
    assert (bruce.name, bruce.number, bruce.birth_date) == ("Bruce Wayne", "bruce.wayne", dt.date(2010, 4, 17))
    assert m.SchoolEnrollment.get().school.name == "Gotham High School"
    assert m.Enrollment.get().section.title == "Basic Detection"
    assert report.not_read == ("gotham-1.2/userProfiles.csv",)
