"""The rest of the demo's record: it hangs together, stays inside calendar and enrollment, shows what it promises."""

import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from demo_feed import TODAY, Feed

from services.demo import write_district

ABSENT = {"AE", "AU", "UK", "EX"}
BUSY, EMPTY = "much missing", "nothing on record"


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    folder = tmp_path_factory.mktemp("record")
    return Feed(folder, write_district(folder, today=TODAY))


def _open_days(feed: Feed) -> set[tuple[str, str]]:
    rows = feed.tables["calendarDates"]
    return {
        (row["schoolSourcedId"], row["date"]) for row in rows if "Instructional day" in row["calendarEventDescriptors"]
    }


def _enrolled(feed: Feed) -> dict[str, list[tuple[str, str, str]]]:
    found = defaultdict(list)
    for row in feed.tables["studentSchoolAssociations"]:
        leaving = row["exitWithdrawDate"] or "9999"
        found[row["studentSourcedId"]].append((row["schoolSourcedId"], row["entryDate"], leaving))
    return found


def test_attendance_stays_inside_the_calendar_and_the_enrollment(feed: Feed) -> None:
    days, enrolled = _open_days(feed), _enrolled(feed)
    for row in feed.tables["studentSchoolAttendanceEvents"]:
        school, on = row["schoolSourcedId"], row["eventDate"]
        assert (school, on) in days
        assert on <= TODAY.isoformat()
        assert any(one == school and entry <= on < leaving for one, entry, leaving in enrolled[row["studentSourcedId"]])
    classes = {row["sourcedId"]: row for row in feed.tables["classes"]}
    terms = {row["sourcedId"]: row for row in feed.tables["academicSessions"]}
    mine = {(row["userSourcedId"], row["classSourcedId"]): row for row in feed.tables["enrollments"]}
    for row in feed.tables["studentSectionAttendanceEvents"]:
        section, on = classes[row["classSourcedId"]], row["eventDate"]
        enrollment = mine[row["studentSourcedId"], section["sourcedId"]]
        assert enrollment["beginDate"] <= on <= enrollment["endDate"]
        assert section["periods"] == row["classPeriodName"]
        assert row["sessionSourcedId"] in section["termSourcedIds"]
        assert terms[row["sessionSourcedId"]]["startDate"] <= on <= terms[row["sessionSourcedId"]]["endDate"]


def test_attendance_uses_the_districts_own_codes(feed: Feed) -> None:
    codes = feed.of("codes", "codeSet", "AttendanceEventCategoryDescriptor")
    own = {row["localCode"]: row["ext.countsAs"] for row in codes}
    assert {*own.values()} == {"excused", "unexcused", "tardy", "exempt", "unknown", "present"}
    used = Counter(row["attendanceEventCategoryDescriptor"] for row in feed.tables["studentSchoolAttendanceEvents"])
    assert {*used} == {*own}
    behaviors = {row["localCode"] for row in feed.of("codes", "codeSet", "BehaviorDescriptor")}
    assert {row["behaviorDescriptors"] for row in feed.tables["disciplineIncidents"]} <= behaviors
    actions = {row["localCode"] for row in feed.of("codes", "codeSet", "DisciplineDescriptor")}
    assert {row["disciplineDescriptors"] for row in feed.tables["disciplineActions"]} <= actions


def test_some_five_percent_are_absent(feed: Feed) -> None:
    days = len({day for _, day in _open_days(feed) if day <= TODAY.isoformat()})
    absent = sum(
        float(row["eventDuration"] or 0)
        for row in feed.tables["studentSchoolAttendanceEvents"]
        if row["attendanceEventCategoryDescriptor"] in ABSENT - {"EX"}
    )
    assert 0.04 < absent / (days * 396) < 0.06


def test_whoever_is_absent_all_day_is_absent_in_every_class_of_that_day(feed: Feed) -> None:
    periods = defaultdict(dict)
    for row in feed.tables["studentSectionAttendanceEvents"]:
        code = row["attendanceEventCategoryDescriptor"]
        periods[row["studentSourcedId"], row["eventDate"]][row["classPeriodName"]] = code
    turns = {(row["schoolSourcedId"], row["date"]): row["alternateDayName"] for row in feed.tables["bellScheduleDates"]}
    wanted = {"": [*"12345678"], "A": [*"1357"], "B": [*"2468"]}
    seen = Counter()
    for row in feed.tables["studentSchoolAttendanceEvents"]:
        school, on, code = row["schoolSourcedId"], row["eventDate"], row["attendanceEventCategoryDescriptor"]
        found = periods.pop((row["studentSourcedId"], on), {})
        level = feed.level[school]
        if level == "Elementary":
            assert not found
        elif row["eventDuration"] == "1":
            assert found == dict.fromkeys(wanted[turns[school, on]], code)
        elif code in ("TD", "P"):
            assert [*found.items()] == [(wanted[turns[school, on]][0], code)]
            assert row["arrivalTime"]
        else:
            assert row["departureTime"]
            assert {*found.values()} == {"AE"}
        seen[level, bool(found)] += 1
    assert min(seen.values()) > 50
    assert {code for found in periods.values() for code in found.values()} == {"TD", "AU"}, "late to, or not in, class"


def test_report_cards_count_what_the_register_says(feed: Feed) -> None:
    quarters = {row["sourcedId"]: row for row in feed.of("academicSessions", "type", "gradingPeriod")}
    events = defaultdict(list)
    for row in feed.tables["studentSchoolAttendanceEvents"]:
        events[row["studentSourcedId"]].append(row)
    for card in feed.tables["reportCards"]:
        quarter = quarters[card["sessionSourcedId"]]
        assert quarter["endDate"] < TODAY.isoformat()
        own = [
            row
            for row in events[card["studentSourcedId"]]
            if quarter["startDate"] <= row["eventDate"] <= quarter["endDate"]
            and row["schoolSourcedId"] == card["orgSourcedId"]
        ]
        codes = Counter(row["attendanceEventCategoryDescriptor"] for row in own)
        absent = sum(
            float(row["eventDuration"] or 0) for row in own if row["attendanceEventCategoryDescriptor"] != "EX"
        )
        assert float(card["numberOfDaysAbsent"]) == absent
        assert int(card["numberOfDaysTardy"]) == codes["TD"]
        in_high_school = feed.level[card["orgSourcedId"]] == "High"
        assert bool(card["gradePointAverageValue"]) is in_high_school


def test_the_middle_school_turns_a_and_b_days_and_nobody_meets_twice_at_a_time(feed: Feed) -> None:
    (middle,) = (school for school, level in feed.level.items() if level == "Middle")
    days = [row["alternateDayName"] for row in feed.of("bellScheduleDates", "schoolSourcedId", middle)]
    assert days[:4] == ["A", "B", "A", "B"]
    assert {*days[::2]} == {"A"}
    assert {row["alternateDayName"] for row in feed.tables["bellScheduleDates"]} == {"A", "B", ""}
    meetings = {row["classSourcedId"]: row for row in feed.tables["classMeetings"]}
    assert {*meetings} == {row["sourcedId"] for row in feed.tables["classes"]}
    classes = {row["sourcedId"]: row for row in feed.tables["classes"]}
    taken = set()
    for row in feed.tables["enrollments"]:
        meeting, section = meetings[row["classSourcedId"]], classes[row["classSourcedId"]]
        assert meeting["classroomIdentificationCode"] == section["location"]
        assert meeting["startTime"] < meeting["endTime"]
        for term in section["termSourcedIds"].split(",") if ".x" not in row["sourcedId"] else ():
            # Teachers have two schools, and these have bells of their own.
            slot = (row["userSourcedId"], term, meeting["alternateDayName"], meeting["startTime"])
            assert row["role"] == "teacher" or slot not in taken
            taken.add(slot)


def test_the_teacher_of_two_schools_has_left_one_before_the_other_begins(feed: Feed) -> None:
    teacher = feed.cast.find("mathematics at two schools").sourced_id
    sections = {row["classSourcedId"] for row in feed.of("enrollments", "userSourcedId", teacher)}
    taught = [row for row in feed.tables["classes"] if row["sourcedId"] in sections]
    assert {feed.level[row["schoolSourcedId"]] for row in taught} == {"Middle", "High"}
    for schedule in ("Regular day", "Early release"):
        bells = {
            (row["schoolSourcedId"], row["classPeriodName"]): row
            for row in feed.of("bellSchedules", "bellScheduleName", schedule)
        }
        hours = [(feed.level[row["schoolSourcedId"]], bells[row["schoolSourcedId"], row["periods"]]) for row in taught]
        last = max(row["endTime"] for level, row in hours if level == "Middle")
        assert last < min(row["startTime"] for level, row in hours if level == "High")


def test_incidents_happen_on_days_at_school_and_one_is_not_for_the_family(feed: Feed) -> None:
    days = _open_days(feed)
    away = {
        (row["studentSourcedId"], row["eventDate"])
        for row in feed.tables["studentSchoolAttendanceEvents"]
        if row["attendanceEventCategoryDescriptor"] in ABSENT and row["eventDuration"] == "1"
    }
    incidents = {row["sourcedId"]: row for row in feed.tables["disciplineIncidents"]}
    for table in ("studentDisciplineIncidentBehaviorAssociations", "disciplineActions"):
        for row in feed.tables[table]:
            incident = incidents[row["disciplineIncidentSourcedId"]]
            assert (incident["schoolSourcedId"], incident["incidentDate"]) in days
            assert (row["studentSourcedId"], incident["incidentDate"]) not in away
            assert (row["studentSourcedId"], row.get("disciplineDate", "")) not in away
            assert incident["schoolSourcedId"] in feed.schools(row["studentSourcedId"])
    parts = feed.own(
        "studentDisciplineIncidentBehaviorAssociations", feed.cast.students[BUSY], "disciplineIncidentSourcedId"
    )
    assert Counter(incidents[sid]["ext.parentVisible"] for (sid,) in parts) == {"true": 1, "false": 1}
    names = {word for row in feed.users.values() for word in (row["givenName"], row["familyName"])}
    said = " ".join(row["incidentDescription"] for row in incidents.values())
    assert not names & {*re.findall(r"\w+", said)}


def test_tests_have_a_text_a_page_and_scores_inside_their_scale(feed: Feed) -> None:
    with (feed.folder / "supplement" / "assessments.csv").open(encoding="utf-8") as file:
        assert file.readline().strip().endswith("ext.parentText,ext.webSite")
    tests = {row["assessmentIdentifier"]: row for row in feed.tables["assessments"]}
    assert all(row["ext.webSite"].startswith("https://") and row["ext.parentText"] for row in tests.values())
    columns = ("assessmentIdentifier", "objectiveAssessmentIdentificationCode", "assessmentReportingMethodDescriptor")
    scales = {tuple(row[column] for column in columns): row for row in feed.tables["assessmentScores"]}
    sittings = {row["sourcedId"]: row for row in feed.tables["studentAssessments"]}
    assert {row["assessmentIdentifier"] for row in sittings.values()} == {*tests}
    scored = set()
    for row in feed.tables["studentAssessmentScoreResults"]:
        sitting = sittings[row["studentAssessmentSourcedId"]]
        scale = scales[
            sitting["assessmentIdentifier"],
            row["objectiveAssessmentIdentificationCode"],
            row["assessmentReportingMethodDescriptor"],
        ]
        assert int(scale["minimumScore"]) <= int(row["result"]) <= int(scale["maximumScore"])
        scored.add(sitting["sourcedId"])
    for row in sittings.values():
        assert row["administrationDate"] <= TODAY.isoformat()
        assert bool(row["reasonNotTestedDescriptor"]) is (row["sourcedId"] not in scored)
        levels = tests[row["assessmentIdentifier"]]["assessedGradeLevelDescriptors"].split(",")
        assert row["whenAssessedGradeLevelDescriptor"] in levels


def test_tests_show_a_trend_and_new_students_bring_none_along(feed: Feed) -> None:
    busy = feed.cast.students[BUSY]
    dates = [
        on
        for test, on in feed.own("studentAssessments", busy, "assessmentIdentifier", "administrationDate")
        if test == "MVR"
    ]
    assert dates == sorted(dates)
    assert len(dates) == 8, "three a year; spring's is still to come"
    entries = {
        row["studentSourcedId"]: row["entryDate"]
        for row in feed.tables["studentSchoolAssociations"]
        if row["schoolYear"] == "2026" and not row["exitWithdrawDate"]
    }
    moved = feed.cast.students["transferred"]
    joined = {sid for sid, entry in entries.items() if entry > min(entries.values()) and sid != moved}
    assert joined
    for row in feed.tables["studentAssessments"]:
        if row["studentSourcedId"] in joined:
            assert row["administrationDate"] >= entries[row["studentSourcedId"]]


def test_transcripts_add_up_and_agree_with_the_grades_posted(feed: Feed) -> None:
    earned: Counter[str] = Counter()
    posted = {
        (row["studentSourcedId"], row["classSourcedId"]): row["letterGradeEarned"]
        for row in feed.of("grades", "gradeTypeDescriptor", "Semester")
    }
    courses = {row["sourcedId"]: row["courseCode"] for row in feed.tables["courses"]}
    codes = {row["sourcedId"]: courses[row["courseSourcedId"]] for row in feed.tables["classes"]}
    letters = {(student, codes[section]): letter for (student, section), letter in posted.items()}
    for row in feed.tables["courseTranscripts"]:
        earned[row["studentSourcedId"]] += float(row["earnedCredits"] or 0)  # type: ignore[assignment]
        this_year = row["schoolYear"] == "2026"
        if this_year and row["finalLetterGradeEarned"]:
            assert letters[row["studentSourcedId"], row["courseCode"]] == row["finalLetterGradeEarned"]
        assert bool(row["finalLetterGradeEarned"]) is bool(row["courseAttemptResultDescriptor"])
        assert (row["courseAttemptResultDescriptor"] == "Pass") is (float(row["earnedCredits"] or 0) > 0)
    latest: dict[str, dict[str, str]] = {}
    for row in feed.tables["studentAcademicRecords"]:
        before = latest.get(row["studentSourcedId"])
        assert before is None or before["classRank"] == ""
        latest[row["studentSourcedId"]] = row
    for student, row in latest.items():
        assert float(row["cumulativeEarnedCredits"]) == earned[student]
        assert 1 <= int(row["classRank"]) <= int(row["totalNumberInClass"])
    high = {sid for sid, row in feed.users.items() if row["grades"] in ("09", "10", "11", "12")}
    assert high <= {*latest}
    assert {row["whenTakenGradeLevelDescriptor"] for row in feed.tables["courseTranscripts"]} >= {"Ninth grade"}


def test_one_student_is_behind_in_mathematics_alone(feed: Feed) -> None:
    student = feed.cast.students["behind in mathematics"]
    needs = feed.tables["graduationPlanRequirements"]
    (plan,) = {row["graduationPlanSourcedId"] for row in feed.of("studentGraduationPlans", "studentSourcedId", student)}
    own = [row for row in needs if row["graduationPlanSourcedId"] == plan]
    assert sum(float(row["credits"] or 0) for row in own) == 24
    kinds = {"CreditsBySubject", "CreditsByCourse", "CreditsByCreditCategory", "RequiredAssessment"}
    assert {row["ext.requirementType"] for row in own} == kinds
    rows = feed.own("courseTranscripts", student, "academicSubjectDescriptor", "courseAttemptResultDescriptor")
    assert {subject for subject, result in rows if result == "Fail"} == {"Mathematics"}


def test_high_school_follows_a_plan_and_nobody_else_does(feed: Feed) -> None:
    plans = {row["sourcedId"]: row["graduationSchoolYear"] for row in feed.tables["graduationPlans"]}
    classes = {"09": "2029", "10": "2028", "11": "2027", "12": "2026"}
    followed = {row["studentSourcedId"]: row for row in feed.tables["studentGraduationPlans"]}
    for row in feed.tables["studentSchoolAssociations"]:
        sid = row["studentSourcedId"]
        grade = feed.users[sid]["grades"]
        assert plans.get(row["graduationPlanSourcedId"]) == classes.get(grade)
        assert (sid in followed) is (grade in classes)
        if sid in followed:
            assert followed[sid]["projectedGraduationDate"].startswith(f"{classes[grade]}-06")


def test_grading_tasks_stand_beside_the_posted_grades(feed: Feed) -> None:
    kinds = Counter(row["gradeTypeDescriptor"] for row in feed.tables["grades"])
    assert {"4.5 Weeks", "Grading Period", "Progress Report", "Semester", "Phonics", "Number Sense"} <= {*kinds}
    ends = {row["sourcedId"]: row["endDate"] for row in feed.tables["academicSessions"]}
    standards = {*kinds} - {"4.5 Weeks", "Grading Period", "Progress Report", "Semester"}
    last: dict[tuple[str, str], tuple[str, str]] = {}
    for row in feed.tables["grades"]:
        kind, as_of = row["gradeTypeDescriptor"], row["currentGradeAsOfDate"]
        assert as_of <= min(ends[row["sessionSourcedId"]], TODAY.isoformat())
        if kind in standards:
            assert row["letterGradeEarned"] in "1234"
            assert feed.users[row["studentSourcedId"]]["grades"] <= "05"
        pair = (row["studentSourcedId"], row["classSourcedId"])
        last[pair] = max(last.get(pair, ("", "")), (as_of, kind))
    assert not standards & {kind for _, kind in last.values()}, "a standard must not pass for the class's latest grade"


def test_calendars_name_holidays_and_days_for_teachers(feed: Feed) -> None:
    kinds = Counter(row["calendarEventDescriptors"] for row in feed.tables["calendarDates"])
    assert {"Instructional day", "Holiday", "Teacher only day"} <= {*kinds}
    assert any("early dismissal" in kind for kind in kinds)
    assert all(date.fromisoformat(row["date"]).weekday() < 5 for row in feed.tables["calendarDates"])
    bells = {(row["schoolSourcedId"], row["date"]) for row in feed.tables["bellScheduleDates"]}
    assert bells == _open_days(feed)
    events = feed.tables["ext.schoolEvents"]
    assert {bool(row["startTime"]) for row in events} == {True, False}
    assert all(row["beginDate"] <= row["endDate"] for row in events)
    district = feed.of("orgs", "type", "district")[0]["sourcedId"]
    assert {row["orgSourcedIds"] for row in events} == {district, *feed.level}


@pytest.mark.parametrize("today", [TODAY, date(2026, 11, 16), date(2026, 10, 1)])
def test_between_the_families_everything_is_there_to_see(tmp_path: Path, today: date) -> None:
    feed = Feed(tmp_path, write_district(tmp_path, students=60, today=today))
    busy = feed.cast.students[BUSY]
    days = feed.own("studentSchoolAttendanceEvents", busy, "attendanceEventCategoryDescriptor", "eventDate")
    assert any(code == "AU" and on.startswith(f"{today:%Y-%m}") for code, on in days)
    assert sum(code == "TD" for code, _ in days) >= 2
    loans = feed.of("libraryTransactions", "userSourcedId", busy)
    assert any(row["ext.transactionStatus"] == "Overdue" and row["returnBy"] < today.isoformat() for row in loans)
    assert any(row["fineType"] == "Damaged" and float(row["fineAmount"]) > 0 for row in loans)
    assert {row["ext.itemClass"] for row in loans} == {"library", "textbook", "device"}
    ((balance, low),) = feed.own("mealAccounts", busy, "ext.balance", "ext.lowBalanceThreshold")
    assert float(balance) < float(low)
    rides = feed.own("studentTransportations", busy, "travelDirectionDescriptors", "busNumber", "ext.stopName")
    assert [direction for direction, _, _ in rides] == ["To School", "From School"]
    assert len({(bus, stop) for _, bus, stop in rides}) == 1
    if today.month != 10:  # billed a little later in the year
        assert any(float(left) > 0 for (left,) in feed.own("studentCharges", busy, "ext.balance"))
    assert all(row["ext.payUrl"].startswith("https://") for row in feed.tables["studentCharges"])
    assert any(row["fineType"] == "Refund" and row["fineAmount"] < "0" for row in feed.tables["libraryTransactions"])
    programs = {row["programName"] for row in feed.tables["studentProgramAssociations"]}
    assert {"Talented and Gifted", "English Language Development", "Reading Support"} <= programs
    nothing = feed.cast.students[EMPTY]
    told = {"studentSchoolAssociations", "studentContactAssociations", "studentIdentificationCodes"}
    for table, rows in feed.tables.items():
        who = {row.get("studentSourcedId") for row in rows} | (
            {row["userSourcedId"] for row in rows} if table == "libraryTransactions" else set()
        )
        assert (nothing in who) is (table in told), table


def test_resources_are_addresses_and_scales_are_pairs(feed: Feed, tmp_path: Path) -> None:
    assert all(row["vendorResourceId"].startswith("https://") for row in feed.tables["resources"])
    assert {row["importance"] for row in feed.tables["resources"]} == {"primary", "secondary"}
    scales = feed.tables["scoreScales"]
    assert all(re.fullmatch(r"\{[^:{}]+:[^:{}]+\}(,\{[^:{}]+:[^:{}]+\})+", row["scoreScaleValue"]) for row in scales)
    scopes = {("class" if row["classSourcedId"] else "course" if row["courseSourcedId"] else "org") for row in scales}
    assert scopes == {"class", "course", "org"}
    write_district(tmp_path, students=40, today=TODAY, oneroster="1.2")
    write_district(tmp_path, students=40, today=TODAY, oneroster="1.1")
    assert not (tmp_path / "oneroster" / "scoreScales.csv").exists()
    assert (tmp_path / "oneroster" / "courseResources.csv").exists()


def test_in_summer_nobody_has_a_textbook_left(tmp_path: Path) -> None:
    feed = Feed(tmp_path, write_district(tmp_path, students=60, today=date(2026, 7, 10)))
    assert {row["ext.itemClass"] for row in feed.tables["libraryTransactions"]} == {"library"}
