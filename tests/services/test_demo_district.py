"""The demo district's feed: repeatable, whole, and with every scene that the demo promises."""

import csv
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from demo_feed import REFERENCES, TODAY, Feed, Row

from services.demo import demo_cast, write_district

ROOT = Path(__file__).parents[2]
SOURCED_ID = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
LANGUAGES = {"en", "es", "vi", "ar", "so"}


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    folder = tmp_path_factory.mktemp("district")
    return Feed(folder, write_district(folder, today=TODAY))


@pytest.fixture(scope="module")
def feed_11(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    folder = tmp_path_factory.mktemp("district11")
    return Feed(folder, write_district(folder, students=60, today=TODAY, oneroster="1.1"))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.glob("*/*.csv"))}


def test_two_runs_are_byte_identical_and_another_seed_differs(tmp_path: Path, feed: Feed) -> None:
    write_district(tmp_path / "again", today=TODAY)
    assert _bytes(tmp_path / "again") == _bytes(feed.folder)
    write_district(tmp_path / "other", today=TODAY, seed=2)
    other = _bytes(tmp_path / "other")
    assert other["oneroster/users.csv"] != _bytes(feed.folder)["oneroster/users.csv"]


def test_the_cast_depends_on_the_seed_alone(tmp_path: Path, feed: Feed) -> None:
    assert write_district(tmp_path, students=40, today=date(2024, 9, 3)) == feed.cast == demo_cast(1)
    assert demo_cast(2).personas[0].sourced_id != feed.cast.personas[0].sourced_id


@pytest.mark.parametrize("students", [40, 123])
def test_the_district_has_exactly_that_many_students(tmp_path: Path, students: int) -> None:
    feed = Feed(tmp_path, write_district(tmp_path, students=students, today=TODAY))
    assert sum(row["role"] == "student" for row in feed.tables["roles"]) == students
    names = [row["name"] for row in feed.tables["orgs"]]
    assert names == ["Maple Valley School District", "Juniper Elementary", "Cedar Middle", "Summit High"]


@pytest.mark.parametrize("bad", [{"students": 39}, {"oneroster": "1.3"}])
def test_impossible_requests_are_refused(tmp_path: Path, bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"40|1\.3"):
        write_district(tmp_path, today=TODAY, **bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", ["1.2", "1.1"])
def test_every_reference_leads_somewhere(request: pytest.FixtureRequest, version: str) -> None:
    feed: Feed = request.getfixturevalue("feed" if version == "1.2" else "feed_11")
    known = {name: {row.get("sourcedId", "") for row in rows} for name, rows in feed.tables.items()}
    checked = 0
    for table, rows in feed.tables.items():
        for column in rows[0]:
            target = REFERENCES.get(f"{table}.{column}")
            if not target:
                bare = column == "sourcedId" or not column.endswith(("SourcedId", "SourcedIds"))
                blank = all(not row[column] for row in rows)
                assert bare or blank, f"{table}.{column}"
                continue
            checked += 1
            cells = {cell for row in rows for cell in row[column].split(",") if cell}
            assert cells <= known[target], f"{table}.{column}"
    assert checked > 75


@pytest.mark.parametrize("version", ["1.2", "1.1"])
def test_ids_are_valid_and_unique_and_bulk_files_carry_no_status(request: pytest.FixtureRequest, version: str) -> None:
    feed: Feed = request.getfixturevalue("feed" if version == "1.2" else "feed_11")
    for table, rows in feed.tables.items():
        assert rows, f"{table} is empty"
        if "sourcedId" not in rows[0]:
            continue
        ids = [row["sourcedId"] for row in rows]
        assert all(SOURCED_ID.fullmatch(sid) for sid in ids), table
        assert len(set(ids)) == len(ids), table
        assert not any(row["status"] or row["dateLastModified"] for row in rows), table


def test_files_are_rfc_4180_in_utf_8_without_a_mark(feed: Feed) -> None:
    for name, data in _bytes(feed.folder).items():
        text = data.decode("utf-8")
        assert not text.startswith("\ufeff"), name
        assert text.endswith("\r\n"), name
        assert text.count("\r") == text.count("\n") == text.count("\r\n"), name
        assert None not in csv.DictReader(text.splitlines()).__next__(), name


def test_manifests_name_the_files_that_are_there(feed: Feed, feed_11: Feed) -> None:
    for one, version in ((feed, "1.2"), (feed_11, "1.1")):
        said = {row["propertyName"]: row["value"] for row in one.tables["manifest"]}
        assert said["oneroster.version"] == version
        for folder, manifest in (("oneroster", "manifest"), ("supplement", "supplement-manifest")):
            bulk = {row["propertyName"][5:] for row in one.tables[manifest] if row["value"] == "bulk"}
            assert bulk == {path.stem for path in (one.folder / folder).glob("*.csv")} - {manifest}


def test_numbers_and_addresses_are_unique_and_reserved(feed: Feed) -> None:
    numbers = [row["identifier"] for row in feed.tables["users"]]
    mails = [row["email"] for row in feed.tables["users"] if row["email"]]
    assert len(set(numbers)) == len(numbers)
    assert len(set(mails)) == len(mails)
    assert all(re.search(r"@(.+\.)?example(\.(com|org|net))?$", mail) for mail in mails)
    assert all(row["telephoneNumber"][6:].startswith("555-01") for row in feed.tables["telephones"])
    students = {row["userSourcedId"] for row in feed.of("roles", "role", "student")}
    assert all(re.fullmatch(r"\d{7,8}", feed.users[sid]["identifier"]) for sid in students)
    assert all(row["familyName"].strip() for row in feed.tables["users"])


def test_sessions_nest_and_cover_today(feed: Feed) -> None:
    sessions = {row["sourcedId"]: row for row in feed.tables["academicSessions"]}
    assert Counter(row["type"] for row in sessions.values()) == {
        "schoolYear": 1,
        "semester": 2,
        "gradingPeriod": 4,
    }
    parents = {"schoolYear": None, "semester": "schoolYear", "gradingPeriod": "semester"}
    for row in sessions.values():
        parent = sessions.get(row["parentSourcedId"])
        assert (parent and parent["type"]) == parents[row["type"]]
        assert not parent or parent["startDate"] <= row["startDate"] < row["endDate"] <= parent["endDate"]
    year = next(row for row in sessions.values() if row["type"] == "schoolYear")
    assert year["startDate"] <= TODAY.isoformat() <= year["endDate"]


def test_weights_of_every_section_add_up_to_one(feed: Feed, feed_11: Feed) -> None:
    for one, column in ((feed, "weight"), (feed_11, "metadata.weight")):
        weights = {row["sourcedId"]: float(row[column]) for row in one.tables["categories"]}
        used = defaultdict(set)
        for item in one.tables["lineItems"]:
            used[item["classSourcedId"]].add(item["categorySourcedId"])
        # A semester-long class whose term has just begun has not used all of its categories yet.
        assert len(used) > 20
        for categories in used.values():
            assert 3 <= len(categories) <= 4
            assert sum(weights[category] for category in categories) == pytest.approx(1.0)


def _terms(row: Row) -> set[str]:
    return set(row["termSourcedIds"].split(","))


def test_nobody_is_in_two_places_and_sections_have_their_teachers(feed: Feed) -> None:
    classes = {row["sourcedId"]: row for row in feed.tables["classes"]}
    taken: set[tuple[str, str, str]] = set()
    teachers: dict[str, list[str]] = {sid: [] for sid in classes}
    for row in feed.tables["enrollments"]:
        section = classes[row["classSourcedId"]]
        if row["role"] == "teacher":
            teachers[section["sourcedId"]].append(row["primary"])
        for term in _terms(section) if "x" not in row["sourcedId"] else ():
            slot = (row["userSourcedId"], term, section["periods"])
            assert slot not in taken
            taken.add(slot)
    assert Counter(len(found) for found in teachers.values())[0] == 1, "one vacant section"
    assert any(sorted(found) == ["false", "true"] for found in teachers.values()), "a co-teacher"
    per_student = Counter((user, term) for user, term, _ in taken if feed.users[user]["grades"] > "05")
    assert {count for (user, _), count in per_student.items() if feed.users[user]["grades"] != "KG"} == {8}


def test_non_core_classes_post_nothing_before_the_term_ends(tmp_path: Path) -> None:
    feed = Feed(tmp_path, write_district(tmp_path, students=60, today=date(2025, 11, 20)))
    arts = {row["sourcedId"] for row in feed.of("classes", "subjects", "Fine and Performing Arts")}
    assert arts
    assert not any(row["classSourcedId"] in arts for table in ("grades", "lineItems") for row in feed.tables[table])
    assert "Semester" not in {row["gradeTypeDescriptor"] for row in feed.tables["grades"]}


def test_the_gradebook_is_as_mixed_as_a_real_one(feed: Feed) -> None:
    items = {row["sourcedId"]: row for row in feed.tables["lineItems"]}
    results = feed.tables["results"]
    statuses = {row["scoreStatus"] for row in results}
    assert statuses == {"exempt", "fully graded", "not submitted", "submitted", "partially graded"}
    assert any(row["late"] == "true" for row in results)
    assert all(row["missing"] == "false" or row["scoreStatus"] == "not submitted" for row in results)
    scored = [
        (float(row["score"]), float(items[row["lineItemSourcedId"]]["resultValueMax"]))
        for row in results
        if row["score"]
    ]
    assert any(score > maximum for score, maximum in scored)
    assert "3 - Meets" in {row["textScore"] for row in results}
    answered = {row["lineItemSourcedId"] for row in results}
    assert all(items[sid]["dueDate"] <= TODAY.isoformat() for sid in answered)
    assert any(row["dueDate"] > TODAY.isoformat() for row in items.values())
    assert any(row["dueDate"] < TODAY.isoformat() and sid not in answered for sid, row in items.items())
    comments = "".join(row["comment"] for row in results)
    assert set("<&\"'") < set(comments)
    assert re.search("[\u0600-\u06ff]", comments)


def test_twenty_line_items_a_semester_in_core_classes(tmp_path: Path) -> None:
    feed = Feed(tmp_path, write_district(tmp_path, students=60, today=date(2025, 12, 19)))
    english = {row["sourcedId"] for row in feed.tables["classes"] if row["title"].startswith("English ")}
    counts = Counter(
        row["classSourcedId"]
        for row in feed.tables["lineItems"]
        if row["classSourcedId"] in english and row["dueDate"] < "2026-01-01"
    )
    assert counts
    assert set(counts.values()) == {20}


def test_1_1_carries_late_and_missing_in_result_extensions(feed_11: Feed) -> None:
    assert "roles" not in feed_11.tables
    assert "late" not in feed_11.tables["results"][0]
    extensions = feed_11.tables["resultExtensions"]
    results = {row["sourcedId"]: row for row in feed_11.tables["results"]}
    missing = {row["resultSourcedId"] for row in extensions if row["submissionStatusDescriptor"] == "Missing"}
    assert {results[sid]["scoreStatus"] for sid in missing} == {"not submitted"}
    assert {"Late", "Not Late"} == {row["assignmentLateStatusDescriptor"] for row in extensions}
    assert "3 - Meets" in {row["letterGradeEarned"] for row in extensions}


def test_all_five_languages_are_among_guardians_and_personas(feed: Feed) -> None:
    assert {row["languageDescriptor"] for row in feed.tables["userLanguages"]} == LANGUAGES
    assert {persona.language for persona in feed.cast.personas} == LANGUAGES
    for persona in feed.cast.personas:
        for row in feed.of("userLanguages", "userSourcedId", persona.sourced_id):
            assert row["languageDescriptor"] == persona.language


@pytest.mark.parametrize(
    ("scenario", "children", "schools"),
    [
        ("three children at three schools", 3, 3),
        ("two children at two schools, Spanish", 2, 2),
        ("twins, Vietnamese", 2, 1),
        ("two children, Arabic", 2, 2),
        ("four children, Somali", 4, 3),
        ("mother with full rights", 1, 1),
        ("father in another household", 2, 1),
        ("no e-mail address", 1, 1),
        ("not registered yet", 1, 1),
        ("nothing posted yet", 1, 1),
    ],
)
def test_guardian_personas_have_their_children(feed: Feed, scenario: str, children: int, schools: int) -> None:
    persona = feed.cast.find(scenario)
    links = feed.links(scenario)
    assert tuple(row["studentSourcedId"] for row in links) == persona.student_ids
    assert len(links) == children
    assert len({school for sid in persona.student_ids for school in feed.schools(sid)}) == schools
    assert {row["ext.portalAccess"] for row in links} == {"true"}
    assert bool(feed.users[persona.sourced_id]["email"]) is (scenario != "no e-mail address")
    assert persona.state == ("unregistered" if scenario == "not registered yet" else "active")


def test_one_child_has_much_missing_and_the_sister_nothing(feed: Feed) -> None:
    missing = Counter(row["studentSourcedId"] for row in feed.tables["results"] if row["missing"] == "true")
    assert missing[feed.cast.students["much missing"]] > 15
    assert missing[feed.cast.students["nothing missing"]] == 0


def test_the_kindergartner_has_classes_and_nothing_in_them(feed: Feed) -> None:
    (child,) = feed.cast.find("nothing posted yet").student_ids
    assert feed.users[child]["grades"] == "KG"
    assert len(feed.of("enrollments", "userSourcedId", child)) == 9
    assert not feed.of("results", "studentSourcedId", child)
    assert not feed.of("grades", "studentSourcedId", child)


def test_the_split_family_has_two_households_and_different_rights(feed: Feed) -> None:
    child = feed.cast.students["two households"]
    (hers,) = feed.links("mother with full rights")
    his = next(row for row in feed.links("father in another household") if row["studentSourcedId"] == child)
    assert hers["studentSourcedId"] == child
    assert hers["ext.householdId"] != his["ext.householdId"]
    homes = {row["ext.householdId"] for row in feed.of("addresses", "userSourcedId", child)}
    assert homes == {hers["ext.householdId"], his["ext.householdId"]}
    assert (his["legalGuardian"], his["contactRestrictions"], his["livesWith"]) == ("true", "", "false")
    assert (hers["ext.pickupAuthorized"], his["ext.pickupAuthorized"]) == ("true", "false")


def test_the_restricted_father_has_no_access_and_is_no_agent(feed: Feed) -> None:
    persona = feed.cast.find("restricted father")
    (link,) = feed.links("restricted father")
    assert (link["ext.portalAccess"], link["legalGuardian"]) == ("false", "false")
    assert link["contactRestrictions"]
    assert link["ext.restrictionBeginDate"]
    assert persona.state == "unregistered"
    assert persona.sourced_id not in feed.users[link["studentSourcedId"]]["agentSourcedIds"]


def test_staff_personas_have_roles_and_the_teacher_teaches_the_children(feed: Feed) -> None:
    roles = {row["userSourcedId"]: row["role"] for row in feed.tables["roles"]}
    found = {persona.role: persona for persona in feed.cast.personas}
    assert roles[found["teacher"].sourced_id] == "teacher"
    assert roles[found["counselor"].sourced_id] == "counselor"
    assert roles[found["clerk"].sourced_id] == "siteAdministrator"
    assert roles[found["admin"].sourced_id] == "districtAdministrator"
    taught = {row["classSourcedId"] for row in feed.of("enrollments", "userSourcedId", found["teacher"].sourced_id)}
    assert len(found["teacher"].student_ids) == 2
    for child in found["teacher"].student_ids:
        assert child in feed.cast.find("three children").student_ids
        assert taught & {row["classSourcedId"] for row in feed.of("enrollments", "userSourcedId", child)}
    assert all(
        feed.users[found[role].sourced_id]["email"].endswith("@maplevalley.example")
        for role in ("teacher", "counselor", "clerk", "admin")
    )


def test_students_who_come_and_go(feed: Feed) -> None:
    def rows(key: str) -> list[Row]:
        return feed.of("studentSchoolAssociations", "studentSourcedId", feed.cast.students[key])

    before, after = rows("transferred")
    assert before["exitWithdrawDate"] == after["entryDate"] <= TODAY.isoformat()
    assert before["schoolSourcedId"] != after["schoolSourcedId"]
    (soon,) = rows("next year only")
    assert soon["entryDate"].startswith("2026-08")
    (gone,) = rows("withdrawn last year")
    assert gone["exitWithdrawDate"] < "2025-08"
    assert feed.users[feed.cast.students["withdrawn last year"]]["enabledUser"] == "false"
    for key in ("next year only", "withdrawn last year"):
        assert not feed.of("enrollments", "userSourcedId", feed.cast.students[key])


def test_showcase_students_are_what_their_key_says(feed: Feed) -> None:
    births = {row["sourcedId"]: row["birthDate"] for row in feed.tables["demographics"]}
    students = feed.cast.students
    assert births[students["eighteen"]] < "2008-03-17"
    assert births[students["twin"]] == births[students["other twin"]]
    assert len(feed.users[students["long name"]]["familyName"]) > 45
    grandmother, aunt = feed.of("studentContactAssociations", "studentSourcedId", students["grandmother"])
    assert (grandmother["relationDescriptor"], grandmother["legalGuardian"]) == ("Grandmother", "true")
    assert (aunt["ext.portalAccess"], aunt["emergencyContactStatus"]) == ("false", "true")
    link = feed.of("studentContactAssociations", "studentSourcedId", students["surname of its own"])[0]
    linked = feed.of("studentContactAssociations", "contactSourcedId", link["contactSourcedId"])
    family = [feed.users[row["studentSourcedId"]]["familyName"] for row in linked]
    assert len({*family, feed.users[link["contactSourcedId"]]["familyName"]}) == 4


def test_some_guardians_have_no_mail_and_some_parents_no_flag(feed: Feed) -> None:
    guardians = {row["userSourcedId"] for row in feed.tables["roles"] if row["role"] in ("parent", "guardian")}
    without = sum(not feed.users[sid]["email"] for sid in guardians) / len(guardians)
    assert 0.03 < without < 0.10
    assert {row["ext.portalAccess"] for row in feed.tables["studentContactAssociations"]} == {
        "true",
        "false",
        "",
    }


def test_summer_belongs_to_the_year_that_ended_and_the_first_day_has_no_results(tmp_path: Path) -> None:
    summer = Feed(tmp_path / "july", write_district(tmp_path / "july", students=40, today=date(2026, 7, 10)))
    assert {row["schoolYear"] for row in summer.tables["academicSessions"]} == {"2026"}
    assert "Progress Report" not in {row["gradeTypeDescriptor"] for row in summer.tables["grades"]}
    first = Feed(tmp_path / "first", write_district(tmp_path / "first", students=40, today=date(2026, 8, 17)))
    assert {row["schoolYear"] for row in first.tables["academicSessions"]} == {"2027"}
    assert first.tables["lineItems"]
    assert not first.tables["results"]


PROBE = """
import sys
from datetime import date
from pathlib import Path
from services.demo import write_district
write_district(Path(sys.argv[1]), students=int(sys.argv[2]), today=date(2025, 8, 25))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def _peak_kb(folder: Path, students: int) -> int:
    """Peak memory of a process of its own: tracing this one would take three times as long."""
    command = [sys.executable, "-c", PROBE, str(folder), str(students)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's peak memory")
def test_memory_does_not_grow_with_the_district(tmp_path: Path) -> None:
    # 2,000 students are one zone, 8,000 are three of 2,667; holding them all costs about 1 MB a thousand.
    small, large = _peak_kb(tmp_path / "small", 2000), _peak_kb(tmp_path / "large", 8000)
    assert large - small < 3_500


def test_progress_ends_at_the_number_of_students(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))

    write_district(tmp_path, students=40, today=date(2025, 8, 25), progress=progress)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (40, 40)


def test_bigger_districts_get_more_schools_with_names_of_their_own(tmp_path: Path) -> None:
    feed = Feed(tmp_path, write_district(tmp_path, students=3000, today=date(2025, 8, 20)))
    names = [row["name"] for row in feed.of("orgs", "type", "school")]
    assert len(names) == len(set(names)) == 5
    (juniper,) = feed.of("orgs", "name", "Juniper Elementary")
    children = {sid for persona in feed.cast.personas for sid in persona.student_ids}
    pupils = [sid for sid in children if feed.users[sid]["grades"] in ("KG", "01", "02", "03", "04", "05")]
    assert len(pupils) > 5
    assert all(feed.schools(sid) == [juniper["sourcedId"]] for sid in pupils)
