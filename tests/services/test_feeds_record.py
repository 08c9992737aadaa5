"""Attendance and its codes, discipline, events, loans: what in supplementary files is more than rows as they are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from feeding import District, delta, reasons
from peewee import Database

import models as m
from services.feeds.record import BUILT_IN

DAYS = "studentSchoolAttendanceEvents"
PERIODS = "studentSectionAttendanceEvents"
CODES_HEADER = "sourcedId,codeSet,localCode,codeValue,shortDescription,ext.countsAs,ext.parentVisible"
SET = "AttendanceEventCategoryDescriptor"
CODES = f"""\
    {CODES_HEADER}
    k1,{SET},AE,Excused Absence,"Absent, excused",excused,
    k2,{SET},FT,Excused Absence,Field trip,exempt,true
    k3,{SET},CN,Unexcused Absence,Counselor's note,unexcused,false
    k4,BehaviorDescriptor,DIS,School Code of Conduct,Disrupted class,tardy,false"""
DAYS_HEADER = (
    "sourcedId,studentSourcedId,schoolSourcedId,sessionSourcedId,eventDate,attendanceEventCategoryDescriptor,"
    "attendanceEventReason,eventDuration,arrivalTime,departureTime"
)


@pytest.fixture
def district(tmp_path: Path, db: Database) -> District:
    return District(tmp_path / "feed")


def days(*codes: str) -> str:
    """The file of day events with one of Ana's for each code: a0, a1, …"""
    rows = (f"a{place},s1,o1,fall,2026-10-{place + 1:02},{code},,,," for place, code in enumerate(codes))
    return "\n".join((DAYS_HEADER, *rows))


def counted() -> dict[str | None, str]:
    """What each code that is stored counts as."""
    return {one.category: one.counts_as for one in m.SchoolAttendanceEvent}


# ---- Codes ------------------------------------------------------------------------------------------------------


def test_an_event_lands_with_everything_it_says(district: District) -> None:
    district.write("codes", CODES)
    district.write(DAYS, f"{DAYS_HEADER}\na1,s1,o1,fall,2026-10-05,AE,Dentist,0.5,09:35:00,14:05")
    district.write(
        PERIODS,
        "sourcedId,studentSourcedId,classSourcedId,sessionSourcedId,eventDate,classPeriodName,"
        "attendanceEventCategoryDescriptor,arrivalTime\nb1,s1,c1,fall,2026-10-05,3,Tardy,10:25:00",
    )
    assert district.load().problems == ()
    day, period = m.SchoolAttendanceEvent.get(), m.SectionAttendanceEvent.get()
    assert (day.student.sourced_id, day.school.sourced_id, day.session.sourced_id) == ("s1", "o1", "fall")
    assert (day.date, day.category, day.counts_as, day.reason) == (dt.date(2026, 10, 5), "AE", "excused", "Dentist")
    assert (day.duration, day.arrival_time, day.departure_time) == (0.5, dt.time(9, 35), dt.time(14, 5))
    assert (period.section.sourced_id, period.period, period.counts_as) == ("c1", "3", "tardy")
    assert (period.arrival_time, period.departure_time) == (dt.time(10, 25), None)


def test_local_codes_count_as_the_district_says_whatever_their_capitals(district: District) -> None:
    district.write("codes", CODES)
    district.write(DAYS, days("AE", "ae", " Ft ", f"uri://maple.example/{SET}#FT"))
    assert district.load().problems == ()
    assert counted() == {"AE": "excused", "ae": "excused", "Ft": "exempt", "FT": "exempt"}


@pytest.mark.parametrize("code_set", ["", SET, SET.lower(), f"uri://maple.example/{SET}", f"uri://ed-fi.org/{SET}#"])
def test_the_set_of_a_code_may_be_written_in_several_ways(district: District, code_set: str) -> None:
    district.write("codes", f"{CODES_HEADER}\nk1,{code_set},AE,,,excused,\nk2,{code_set},CN,,,excused,false")
    district.write(DAYS, days("AE", "CN"))
    assert district.load().problems == ()
    assert counted() == {"AE": "excused"}


def test_codes_of_another_set_say_nothing_about_attendance(district: District) -> None:
    district.write("codes", CODES)
    district.write(DAYS, days("DIS"))
    assert reasons(district.load()) == [
        f"{DAYS}.csv:2 attendanceEventCategoryDescriptor 'DIS' is no known code: counted as unknown"
    ]
    assert counted() == {"DIS": "unknown"}


def test_ed_fis_own_codes_need_no_row_and_may_get_one(district: District) -> None:
    district.write(DAYS, days(*(code.title() for code in BUILT_IN), f"uri://ed-fi.org/{SET}#Tardy"))
    assert district.load().problems == ()
    assert counted() == {code.title(): meaning for code, meaning in BUILT_IN.items()}
    district.write("codes", f"{CODES_HEADER}\nk1,{SET},Tardy,Tardy,,unexcused,")
    assert district.load().problems == ()
    assert counted()["Tardy"] == "unexcused"


def test_a_code_that_does_not_say_what_it_counts_as_is_the_ed_fi_code_it_stands_for(district: District) -> None:
    district.write("codes", f"{CODES_HEADER}\nk1,,AE,excused absence,,,\nk2,,ZZ,Something,,,\nk3,,TD,,,,")
    district.write(DAYS, days("AE", "ZZ", "TD", "Tardy"))
    assert [one.split("' is no")[0] for one in reasons(district.load(), "warning")] == [
        f"{DAYS}.csv:3 attendanceEventCategoryDescriptor 'ZZ", f"{DAYS}.csv:4 attendanceEventCategoryDescriptor 'TD",
    ]  # fmt: skip
    assert counted() == {"AE": "excused", "ZZ": "unknown", "TD": "unknown", "Tardy": "tardy"}


def test_an_unmapped_code_is_unknown_with_one_warning_a_code(district: District) -> None:
    district.write(DAYS, days("X1", "x1", "X1", "X2", "", "Tardy"))
    report = district.load()
    assert reasons(report) == [
        f"{DAYS}.csv:2 attendanceEventCategoryDescriptor 'X1' is no known code: counted as unknown",
        f"{DAYS}.csv:5 attendanceEventCategoryDescriptor 'X2' is no known code: counted as unknown",
    ]
    assert (report.problem_count, report.warning_count) == (0, 2)
    assert counted() == {"X1": "unknown", "x1": "unknown", "X2": "unknown", None: "unknown", "Tardy": "tardy"}


def test_a_meaning_that_nobody_knows_is_none(district: District) -> None:
    district.write("codes", f"{CODES_HEADER}\nk1,,AE,,,ill,\nk2,,AU,,,Unexcused,")
    district.write(DAYS, days("AE", "AU"))
    found = reasons(district.load())
    assert "codes.csv:2 ext.countsAs 'ill' is none of" in found[0] and "left blank" in found[0]
    assert len(found) == 2 and "'AE' is no known code" in found[1]
    assert counted() == {"AE": "unknown", "AU": "unexcused"}


# ---- Codes that are not for families ----------------------------------------------------------------------------


def test_events_with_a_hidden_code_are_not_stored(district: District) -> None:
    district.write("codes", CODES)
    district.write(DAYS, days("CN", "cn", f"uri://maple.example/{SET}#CN", "AE"))
    district.write(
        PERIODS,
        "sourcedId,studentSourcedId,classSourcedId,eventDate,attendanceEventCategoryDescriptor\n"
        "b1,s1,c1,2026-10-05,CN\nb2,s1,c1,2026-10-06,FT",
    )
    assert district.load().problems == ()
    assert counted() == {"AE": "excused"}
    assert [one.sourced_id for one in m.SectionAttendanceEvent] == ["b2"]


def test_a_hidden_code_needs_no_meaning(district: District) -> None:
    district.write("codes", f"{CODES_HEADER}\nk1,{SET},CN,,,,false")
    district.write(DAYS, days("CN"))
    assert district.load().problems == ()
    assert counted() == {}


def test_a_visibility_that_cannot_be_read_hides(district: District) -> None:
    """Were the code's row left out instead, its events would be shown as unknown."""
    district.write("codes", f"{CODES_HEADER}\nk1,{SET},CN,,,excused,nope")
    district.write(DAYS, days("CN", "Tardy"))
    assert reasons(district.load()) == [
        "codes.csv:2 ext.parentVisible 'nope' is neither true nor false: taken as false"
    ]
    assert counted() == {"Tardy": "tardy"}


def test_a_code_that_is_hidden_later_takes_its_events_along_even_alone(district: District, tmp_path: Path) -> None:
    district.write("codes", CODES)
    district.write(DAYS, days("AE", "FT"))
    district.load()
    delta(tmp_path / "later", codes=f"{CODES_HEADER},status\nk1,{SET},AE,,,excused,false,active").load()
    assert counted() == {"FT": "exempt"}


def test_an_event_that_changes_from_a_hidden_code_to_another_stays(district: District) -> None:
    district.write("codes", CODES)
    district.write(DAYS, days("AE", "FT"))
    district.load()
    district.replace("codes", "excused,\n", "excused,false\n")
    district.write(DAYS, days("Tardy", "FT"))
    district.load()
    assert counted() == {"Tardy": "tardy", "FT": "exempt"}


def test_a_code_that_is_shown_again_brings_its_events_back(district: District) -> None:
    district.write("codes", CODES)
    district.write(DAYS, days("CN"))
    district.load()
    district.replace("codes", "unexcused,false", "unexcused,true")
    district.load()
    assert counted() == {"CN": "unexcused"}


def test_codes_that_come_later_remap_the_events_that_are_there(district: District) -> None:
    district.write(DAYS, days("AE", "FT", "CN"))
    district.load()
    before = {one.sourced_id: one.id for one in m.SchoolAttendanceEvent}
    assert set(counted().values()) == {"unknown"}
    district.write("codes", CODES)
    report = district.load()
    assert report.problems == ()
    assert counted() == {"AE": "excused", "FT": "exempt"}
    assert all(before[one.sourced_id] == one.id for one in m.SchoolAttendanceEvent)
    found = {one.table: (one.added, one.changed, one.removed) for one in report.tables}
    assert found["school_attendance_event"] == (0, 2, 1)
    assert district.load().state == "unchanged"


# ---- Bad rows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "severity", "reason"),
    [
        ("x,s1,o1,fall,5.10.2026,Tardy,,,,", "error", "eventDate '5.10.2026' is not a date"),
        ("x,s1,o1,fall,2026-02-30,Tardy,,,,", "error", "eventDate '2026-02-30' is not a date"),
        ("x,s1,o1,fall,,Tardy,,,,", "error", "eventDate is blank"),
        ("x,,o1,fall,2026-10-05,Tardy,,,,", "error", "studentSourcedId is blank"),
        ("x,s9,o1,fall,2026-10-05,Tardy,,,,", "error", "studentSourcedId 's9' names no student"),
        ("x,p1,o1,fall,2026-10-05,Tardy,,,,", "error", "studentSourcedId 'p1' names no student"),
        ("x,s1,o9,fall,2026-10-05,Tardy,,,,", "warning", "schoolSourcedId 'o9' names no school"),
        ("x,s1,o1,summer,2026-10-05,Tardy,,,,", "warning", "sessionSourcedId 'summer' names no academic session"),
        ("x,s1,o1,fall,2026-10-05,Tardy,,half a day,,", "warning", "eventDuration 'half a day' is not a number"),
        ("x,s1,o1,fall,2026-10-05,Tardy,,NaN,,", "warning", "eventDuration 'NaN' is not a number"),
        ("x,s1,o1,fall,2026-10-05,Tardy,,,9:35 AM,", "warning", "arrivalTime '9:35 AM' is not a time"),
        ("x,s1,o1,fall,2026-10-05,Tardy,,,,25:00:00", "warning", "departureTime '25:00:00' is not a time"),
        ("x,s1,o1,fall,2026-10-05", "error", "None has 5 cells, the header has 10"),
    ],
)
def test_a_bad_event_is_reported_where_it_stands(district: District, row: str, severity: str, reason: str) -> None:
    district.write(DAYS, f"{days('Tardy')}\n{row}")
    report = district.load()
    assert [one for one in reasons(report, severity) if one.startswith(f"{DAYS}.csv:3 {reason}")], reasons(report)
    assert len(report.problems) == 1
    assert m.SchoolAttendanceEvent.select().count() == (1 if severity == "error" else 2)


def test_a_known_event_whose_row_turns_bad_keeps_its_old_version(district: District) -> None:
    district.write(DAYS, days("Tardy", "Excused Absence"))
    district.load()
    district.replace(DAYS, "2026-10-01,Tardy", "soon,Unexcused Absence")
    district.load()
    assert counted() == {"Tardy": "tardy", "Excused Absence": "excused"}


def test_events_of_classes_need_a_class(district: District) -> None:
    district.write(PERIODS, "sourcedId,studentSourcedId,classSourcedId,eventDate\nb1,s1,c9,2026-10-05")
    assert reasons(district.load()) == [f"{PERIODS}.csv:2 classSourcedId 'c9' names no section of this feed"]
    assert not m.SectionAttendanceEvent.select().exists()


def test_numbers_and_times_of_other_files_that_cannot_be_read_are_blank(district: District) -> None:
    district.write("classPeriods", "sourcedId,schoolSourcedId,classPeriodName,startTime,endTime\np1,o1,3,noon,12:00Z")
    district.write("mealAccounts", "sourcedId,studentSourcedId,ext.balance\nm1,s1,$8.40")
    district.write("studentAcademicRecords", "sourcedId,studentSourcedId,classRank\nr1,s1,3.5")
    district.write("studentCharges", "sourcedId,studentSourcedId,billedAmount,ext.payUrl\nc1,s1,5,javascript:alert(1)")
    report = district.load()
    assert {(one.file, one.column) for one in report.problems} == {
        ("classPeriods.csv", "startTime"), ("mealAccounts.csv", "ext.balance"),
        ("studentAcademicRecords.csv", "classRank"), ("studentCharges.csv", "ext.payUrl"),
    }  # fmt: skip
    assert (report.problem_count, report.warning_count) == (0, 4)
    period = m.ClassPeriod.get()
    assert (period.start_time, period.end_time) == (None, dt.time(12))
    assert (m.MealAccount.get().balance, m.AcademicRecord.get().class_rank) == (None, None)
    assert (m.Charge.get().amount, m.Charge.get().pay_url) == (5, None)


# ---- Bulk and delta ---------------------------------------------------------------------------------------------


def test_a_bulk_file_of_events_replaces_what_was_there(district: District) -> None:
    district.write(DAYS, days("Tardy", "Excused Absence"))
    district.load()
    district.write(
        DAYS, f"{DAYS_HEADER}\na1,s1,o1,fall,2026-10-02,Unexcused Absence,,,,\na7,s2,o1,fall,2026-10-02,Tardy,,,,"
    )
    district.load()
    assert {one.sourced_id: one.counts_as for one in m.SchoolAttendanceEvent} == {"a1": "unexcused", "a7": "tardy"}


def test_a_delta_adds_changes_and_removes_its_own_events_alone(district: District, tmp_path: Path) -> None:
    district.write("codes", CODES)
    district.write(DAYS, days("Tardy", "Tardy", "Tardy", "AE"))
    district.load()
    header = DAYS_HEADER.replace("sourcedId,", "sourcedId,status,", 1)
    rows = (
        "a0,tobedeleted,,,,,,,,,", "a1,active,s1,o1,fall,2026-10-02,ft,,,,", "a2,active,s1,o1,fall,2026-10-03,CN,,,,",
        "a8,active,s2,o1,fall,2026-10-02,XX,,,,",
    )  # fmt: skip
    report = delta(tmp_path / "later", **{DAYS: "\n".join((header, *rows))}).load()
    assert [one.reason for one in report.problems] == ["'XX' is no known code: counted as unknown"]
    assert {one.sourced_id: one.counts_as for one in m.SchoolAttendanceEvent} == {
        "a1": "exempt", "a3": "excused", "a8": "unknown",
    }  # fmt: skip


def test_the_same_record_again_changes_nothing(district: District) -> None:
    district.write("codes", CODES)
    district.write(DAYS, days("AE", "CN", "XX"))
    district.load()
    assert district.load().state == "unchanged"
    m.FeedFile.update(sha256="unknown").execute()
    assert all((one.added, one.changed, one.removed) == (0, 0, 0) for one in district.load().tables)


# ---- Discipline -------------------------------------------------------------------------------------------------

INCIDENTS = """\
    sourcedId,schoolSourcedId,incidentDate,incidentTime,incidentDescription,ext.parentVisible,reporterName
    di1,o1,2026-10-20,10:40:00,Kept talking,,"Hickman, Dewayne"
    di2,o1,2026-10-21,,A note,false,"Hickman, Dewayne\""""


def test_an_incident_is_for_families_unless_it_says_otherwise(district: District) -> None:
    district.write("disciplineIncidents", INCIDENTS)
    assert district.load().problems == ()
    assert {one.sourced_id: one.parent_visible for one in m.Incident} == {"di1": True, "di2": False}
    assert m.Incident.get(sourced_id="di1").time == dt.time(10, 40)


def test_without_the_column_every_incident_is_for_families(district: District) -> None:
    district.write("disciplineIncidents", "sourcedId,schoolSourcedId\ndi1,o1")
    assert district.load().problems == ()
    assert m.Incident.get().parent_visible is True


def test_an_incident_whose_visibility_cannot_be_read_is_left_out_with_all_that_hangs_on_it(district: District) -> None:
    district.write("disciplineIncidents", INCIDENTS.replace("false", "hidden"))
    district.write(
        "studentDisciplineIncidentBehaviorAssociations",
        "sourcedId,studentSourcedId,disciplineIncidentSourcedId,behaviorDescriptor\nb1,s1,di1,DIS\nb2,s1,di2,DIS",
    )
    district.write(
        "disciplineActions",
        "sourcedId,studentSourcedId,disciplineIncidentSourcedId,disciplineDescriptors\n"
        'x1,s1,di1,"Detention,uri://ed-fi.org/DisciplineDescriptor#Conference"\nx2,s1,di2,Detention\nx3,s1,,Detention',
    )
    found = reasons(district.load(), "error")
    assert [one.split(":")[0] for one in found] == [
        "disciplineIncidents.csv", "studentDisciplineIncidentBehaviorAssociations.csv", "disciplineActions.csv",
    ]  # fmt: skip
    assert [one.sourced_id for one in m.Incident] == ["di1"]
    assert [one.sourced_id for one in m.IncidentBehavior] == ["b1"]
    assert {one.sourced_id: one.disciplines for one in m.DisciplineAction} == {
        "x1": "Detention, Conference", "x3": "Detention",
    }  # fmt: skip


# ---- Events, loans, plans, ids ----------------------------------------------------------------------------------

EVENTS = """\
    sourcedId,orgSourcedIds,ext.title,beginDate,startTime
    v1,"o1,d1",Band concert,2026-12-10,19:00:00
    v2,,Election day,2026-11-03,"""


def event_schools() -> set[tuple[str, str]]:
    return {(one.event.sourced_id, one.school.sourced_id) for one in m.EventSchool}


def test_events_are_stored_with_their_schools_or_without_any(district: District) -> None:
    district.write("ext.schoolEvents", EVENTS)
    assert district.load().problems == ()
    assert {one.sourced_id: one.start_time for one in m.Event} == {"v1": dt.time(19), "v2": None}
    assert event_schools() == {("v1", "o1"), ("v1", "d1")}


def test_an_events_schools_change_and_go_with_it(district: District, tmp_path: Path) -> None:
    district.write("ext.schoolEvents", EVENTS)
    district.load()
    event = m.Event.get(sourced_id="v1").id
    district.replace("ext.schoolEvents", '"o1,d1"', "d1")
    district.replace("ext.schoolEvents", "v2,,", "v2,o1,")
    district.load()
    assert event_schools() == {("v1", "d1"), ("v2", "o1")}
    assert m.Event.get(sourced_id="v1").id == event
    header = "sourcedId,status,orgSourcedIds,ext.title,beginDate\n"
    delta(tmp_path / "later", **{"ext.schoolEvents": f"{header}v1,active,o1,Band concert,2026-12-11"}).load()
    assert event_schools() == {("v1", "o1"), ("v2", "o1")}
    delta(tmp_path / "last", **{"ext.schoolEvents": f"{header}v1,tobedeleted,,,"}).load()
    assert event_schools() == {("v2", "o1")}
    district.remove("ext.schoolEvents", "v2")
    district.append("ext.schoolEvents", "v3,d1,Fair,2026-12-12,")
    district.load()
    assert event_schools() == {("v1", "d1"), ("v3", "d1")}


def test_an_event_at_an_unknown_school_is_a_warning_and_one_without_a_day_is_left_out(district: District) -> None:
    district.write("ext.schoolEvents", f'{EVENTS}\nv3,"o1,o9",Fair,2026-12-12,\nv4,o1,Some day,later,')
    assert sorted(reasons(district.load())) == [
        "ext.schoolEvents.csv:4 orgSourcedIds 'o9' names no school of this feed",
        "ext.schoolEvents.csv:5 beginDate 'later' is not a date like 2026-09-01",
    ]
    assert event_schools() == {("v1", "o1"), ("v1", "d1"), ("v3", "o1")}
    assert not m.Event.select().where(m.Event.sourced_id == "v4").exists()


def test_an_event_whose_row_turns_bad_keeps_its_schools(district: District) -> None:
    district.write("ext.schoolEvents", EVENTS)
    district.load()
    district.replace("ext.schoolEvents", '"o1,d1",Band concert,2026-12-10', "d1,Band concert,later")
    district.load()
    assert event_schools() == {("v1", "o1"), ("v1", "d1")}


LOANS = """\
    sourcedId,userSourcedId,title,fineAmount,ext.itemClass
    l1,s1,Hatchet,1.50,library
    l2,t1,Holes,,library
    l3,p1,Matilda,,library"""


def test_loans_of_staff_and_guardians_are_not_stored(district: District) -> None:
    district.write("libraryTransactions", LOANS)
    assert district.load().problems == ()
    assert [(one.sourced_id, one.student.sourced_id, one.fine_amount) for one in m.Loan] == [("l1", "s1", 1.5)]


def test_a_loan_goes_when_it_passes_to_staff_and_when_its_row_goes(district: District, tmp_path: Path) -> None:
    district.write("libraryTransactions", LOANS)
    district.append("libraryTransactions", "l4,s2,Wonder,,library")
    district.load()
    later = "sourcedId,status,userSourcedId,title\nl1,active,t1,Hatchet\nl2,active,s2,Holes"
    delta(tmp_path / "later", libraryTransactions=later).load()
    assert {one.sourced_id: one.student.sourced_id for one in m.Loan} == {"l2": "s2", "l4": "s2"}
    district.load()
    assert {one.sourced_id for one in m.Loan} == {"l1", "l4"}
    district.remove("libraryTransactions", "l4")
    district.load()
    assert {one.sourced_id for one in m.Loan} == {"l1"}


def test_a_loan_of_nobody_is_left_out(district: District) -> None:
    district.write("libraryTransactions", f"{LOANS}\nl5,zz,Wonder,,library")
    assert len(found := reasons(district.load(), "error")) == 1
    assert found[0].startswith("libraryTransactions.csv:5 userSourcedId 'zz' names no student")


ASSOCIATIONS = "sourcedId,studentSourcedId,schoolSourcedId,graduationPlanSourcedId,calendarCode\nx1,s1,o1,plan32,MS"


def test_a_graduation_plan_that_does_not_exist_is_a_warning_until_it_does(district: District) -> None:
    district.write("studentSchoolAssociations", ASSOCIATIONS)
    assert reasons(district.load()) == [
        "studentSchoolAssociations.csv:2 graduationPlanSourcedId 'plan32' names no graduation plan of this feed"
    ]
    enrollment = m.SchoolEnrollment.get(sourced_id="x1")
    assert (enrollment.plan, enrollment.calendar_code) == (None, "MS")
    district.write("graduationPlans", "sourcedId,orgSourcedId,totalRequiredCredits\nplan32,d1,24")
    assert district.load().problems == ()
    assert m.SchoolEnrollment.get(sourced_id="x1").plan.total_credits == 24
    district.write("graduationPlans", "sourcedId,orgSourcedId,totalRequiredCredits\nplan33,d1,24")
    assert district.load().warning_count == 1
    assert m.SchoolEnrollment.get(sourced_id="x1").plan is None


def test_ids_of_supplementary_files_may_hold_any_characters(district: District) -> None:
    """Ed-Fi's own are base64 and the like."""
    odd = "aYn4P+1nIy K5r2:OI#jGQ=é'"
    district.write(DAYS, days("Tardy").replace("a0,", f'"{odd}",'))
    district.write("ext.schoolEvents", EVENTS.replace("v1,", f'"{odd}",'))
    district.write("studentAssessments", f'sourcedId,studentSourcedId,assessmentIdentifier\n"{odd}",s1,ACT')
    district.write(
        "studentAssessmentScoreResults", f'sourcedId,studentAssessmentSourcedId,result\n"{odd} 1","{odd}",23'
    )
    assert district.load().problems == ()
    assert m.SchoolAttendanceEvent.get().sourced_id == odd
    assert event_schools() == {(odd, "o1"), (odd, "d1")}
    assert m.ScoreResult.get().student_assessment.sourced_id == odd
    assert district.load().state == "unchanged"
