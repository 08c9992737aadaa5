"""Who becomes whom, who is whose guardian with which access, and who counts as enrolled (DECISIONS 1, 2, 5, 7)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import factories
import pytest
from feeding import BASE, District, delta, reasons
from peewee import Database

import models as m
from services import clock
from services.office import schools as schools_desk
from services.office.scope import Office

CONTACTS = "sourcedId,studentSourcedId,contactSourcedId,relationDescriptor,livesWith,legalGuardian,contactRestrictions,ext.portalAccess,ext.restrictionBeginDate,ext.restrictionEndDate"  # noqa: E501
TODAY = dt.date(2026, 11, 16)

USERS_1_2 = "sourcedId,enabledUser,username,givenName,familyName,preferredGivenName,preferredFamilyName,agentSourcedIds"
ROLES = "sourcedId,userSourcedId,roleType,role,orgSourcedId"


@pytest.fixture
def district(tmp_path: Path, db: Database) -> District:
    return District(tmp_path / "feed")


@pytest.fixture
def newer(district: District) -> District:
    """A 1.2 feed: names in users.csv, roles and schools in roles.csv."""
    district.write("users", "\n".join((
        USERS_1_2, "s1,true,ana,Ana,Reyes,Annie,,p1", "p1,true,rosa,Rosa,Reyes,,,", "t1,true,dana,Dana,Okafor,,,",
    )))  # fmt: skip
    district.write("roles", "\n".join((
        ROLES, "a,s1,primary,Student,o1", "b,p1,primary,parent,o1", "c,t1,secondary,aide,o1", "d,t1,primary,teacher,o1",
    )))  # fmt: skip
    for name in ("demographics", "enrollments", "results"):
        district.delete(name)
    return district


def contacts(district: District, *rows: str) -> None:
    district.write("studentContactAssociations", "\n".join((CONTACTS, *rows)))


def pair(student: str = "s1", guardian: str = "p1") -> m.Guardianship:
    return (
        m.Guardianship.select()
        .join(m.Student)
        .switch(m.Guardianship)
        .join(m.Guardian)
        .where(m.Student.sourced_id == student, m.Guardian.sourced_id == guardian)
        .get()
    )


def open_pairs() -> set[tuple[str, str]]:
    found = m.Guardianship.select().where(m.Guardianship.is_open(TODAY))
    return {(one.student.sourced_id, one.guardian.sourced_id) for one in found}


def schools() -> set[tuple[str, str, str]]:
    return {(one.sourced_id, one.student.sourced_id, one.school.sourced_id) for one in m.SchoolEnrollment}


# ---- People -----------------------------------------------------------------------------------------------------


def test_numbers_follow_the_identifier_then_the_local_id_then_the_sourced_id(district: District) -> None:
    district.append("users", "s3,,,true,o1,student,x,{LDAP:3},Cy,Ode,,,,")
    district.load()
    assert {one.sourced_id: one.number for one in m.Student} == {"s1": "7001", "s2": "7002", "s3": "s3"}
    assert {one.sourced_id: one.person_id for one in m.Guardian} == {"p1": "9001", "p2": "p2"}
    assert m.Staff.get().identifier == "501"


def test_blank_is_null_and_the_first_grade_counts(district: District) -> None:
    district.replace("users", ",07", ',"07,08"')
    district.load()
    assert m.Guardian.get(m.Guardian.sourced_id == "p2").email is None
    assert {one.sourced_id: one.grade_level for one in m.Student} == {"s1": "07", "s2": "06"}
    assert m.Student.get(m.Student.sourced_id == "s1").first_delivered_at is not None


@pytest.mark.parametrize(
    ("role", "model"),
    [
        ("Student", m.Student), ("PARENT", m.Guardian), ("guardian", m.Guardian), ("relative", m.Guardian),
        ("teacher", m.Staff), ("counselor", m.Staff), ("proctor", m.Staff), ("ext:coach", m.Staff),
    ],
)  # fmt: skip
def test_every_role_has_its_table(district: District, role: str, model: type[m.Person]) -> None:
    district.append("users", f"x1,,,true,o1,{role},x,,Kim,Ode,,,,")
    assert not district.load().problem_count
    assert model.select().where(model.sourced_id == "x1").count() == 1
    assert (
        sum(other.select().where(other.sourced_id == "x1").count() for other in (m.Student, m.Guardian, m.Staff)) == 1
    )


def test_a_role_that_changes_moves_the_person(district: District) -> None:
    district.load()
    district.replace("users", "t1,,,true,o1,teacher", "t1,,,true,o1,parent")
    district.load()
    assert m.Staff.get().active is False
    assert m.Guardian.get(m.Guardian.sourced_id == "t1").active is True


def test_no_password_of_the_feed_is_kept_anywhere(district: District, database_url: str) -> None:
    users = district.read("users").rstrip("\n").split("\n")
    district.write("users", "\n".join([f"{users[0]},password", *(f"{row},hunter2hunter2" for row in users[1:])]))
    district.load()
    for model in m.ALL_TABLES:
        assert "hunter2hunter2" not in str(list(model.select().tuples()))


def test_roles_of_1_2_say_who_is_who_and_at_which_school(newer: District) -> None:
    assert newer.load().problems == ()
    ana = m.Student.get()
    assert (ana.name, ana.given_name, m.Staff.get().role, m.Guardian.get().role) == (
        "Annie Reyes", "Ana", "teacher", "parent",
    )  # fmt: skip
    assert schools() == {("user:s1:o1", "s1", "o1")}
    assert m.SchoolEnrollment.get().is_primary is True
    assert pair().from_student_agents


def test_a_teacher_who_is_a_parent_is_both(newer: District) -> None:
    newer.append("roles", "e,t1,secondary,guardian,o1")
    newer.load()
    assert {m.Staff.get().sourced_id} < {one.sourced_id for one in m.Guardian} == {"p1", "t1"}


def test_a_change_of_roles_alone_reads_the_users_beside_it(newer: District) -> None:
    newer.load()
    newer.replace("roles", "b,p1,primary,parent", "b,p1,primary,relative")
    report = newer.load()
    assert {one.file for one in report.files if not one.known} >= {"users", "roles"}
    assert m.Guardian.get().role == "relative"
    assert not pair().from_student_agents


def test_a_user_without_any_role_is_a_problem_and_a_known_one_stays(newer: District) -> None:
    newer.load()
    newer.remove("roles", "a,s1")
    newer.append("users", "s2,true,ben,Ben,Reyes,,,")
    report = newer.load()
    assert [reason.split(" ")[2] for reason in reasons(report, "error")] == ["'s1'", "'s2'"]
    assert [(one.sourced_id, one.active) for one in m.Student] == [("s1", True)]
    assert schools() == {("user:s1:o1", "s1", "o1")}


def test_a_delta_of_1_2_needs_only_the_rows_that_changed(newer: District, tmp_path: Path) -> None:
    newer.append("orgs", "o2,,,Birch High,school,12,d1")
    newer.load()
    delta(tmp_path / "ten", users=f"{USERS_1_2},status\ns1,true,ana,Anna,Reyes,,,p1,active").load()
    assert m.Student.get().name == "Anna Reyes"
    delta(tmp_path / "noon", roles=f"{ROLES},status\ne,s1,secondary,student,o2,active").load()
    assert {one[0] for one in schools()} == {"user:s1:o1", "user:s1:o2"}
    delta(tmp_path / "two", roles=f"{ROLES},status\na,s1,primary,student,o1,tobedeleted").load()
    assert {one[0] for one in schools()} == {"user:s1:o2"}
    assert m.Student.get().active and m.Staff.get().active


# ---- Guardianships ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relation", "legal", "restrictions", "portal", "begins", "ends", "opens"),
    [
        ("Mother", "", "", "", "", "", True), ("father", "", "", "", "", "", True),
        ("uri://ed-fi.org/RelationDescriptor#Father", "", "", "", "", "", True),
        ("Legal Guardian", "", "", "", "", "", True), ("Court appointed guardian", "", "", "", "", "", True),
        ("Aunt", "", "", "", "", "", False), ("", "", "", "", "", "", False),
        ("Emergency contact", "", "", "", "", "", False),
        ("Father, foster", "", "", "", "", "", False), ("Father, foster", "true", "", "", "", "", True),
        ("Mother, step", "false", "", "", "", "", False), ("Aunt", "TRUE", "", "", "", "", True),
        ("Mother", "", "No contact", "", "", "", False), ("Mother", "true", "No contact", "", "", "", False),
        ("Aunt", "", "", "true", "", "", True), ("Mother", "", "No contact", "true", "", "", True),
        ("Mother", "true", "", "false", "", "", False), ("Mother", "", "", "No", "", "", False),
        ("Mother", "", "", "", "2026-01-01", "", False), ("Mother", "", "", "", "2027-01-01", "", True),
        ("Mother", "", "", "", "2026-01-01", "2026-06-30", True), ("Mother", "", "", "", "", "2027-06-30", False),
        ("Mother", "", "", "true", "2026-01-01", "2027-06-30", False),
    ],
)  # fmt: skip
def test_who_may_look_follows_relation_custody_and_restrictions(
    district: District, relation: str, legal: str, restrictions: str, portal: str, begins: str, ends: str, opens: bool
) -> None:
    contacts(district, f'a1,s1,p1,"{relation}",,{legal},{restrictions},{portal},{begins},{ends}')
    assert district.load().problems == ()
    assert (("s1", "p1") in open_pairs()) is opens
    assert ("s1", "p2") in open_pairs()


def test_the_feeds_words_about_a_contact_are_kept(district: District) -> None:
    contacts(district, "a1,s1,p1,uri://ed-fi.org/RelationDescriptor#Mother,false,true,,,,")
    district.load()
    found = pair()
    assert (found.relation, found.lives_with, found.legal_guardian, found.portal_access) == (
        "Mother",
        False,
        True,
        None,
    )
    assert (found.from_associations, found.from_student_agents, found.from_guardian_agents) == (True, True, True)


@pytest.mark.parametrize(
    "row", ["a1,s1,p1,Mother,,,,perhaps,,", "a1,s1,p1,Mother,,,,,January,", "a1,s1,p1,Mother,,,,,,someday"]
)
def test_a_restriction_that_cannot_be_read_never_opens_what_was_closed(district: District, row: str) -> None:
    contacts(district, "a1,s1,p1,Mother,,,,false,,")
    district.load()
    contacts(district, row)
    report = district.load()
    assert report.problem_count == 1
    assert pair().portal_access is False


@pytest.mark.parametrize(
    "row",
    [
        "a1,s1,p1,Mother,,,,N/A,,",
        "a1,s1,p1,Mother,,,no contact,maybe,,",
        "a1,s1,p1,Mother,,,,true,11/01/2026,",
        f"a1,s1,p1,{'x' * 300},,,no contact,false,,",
    ],
)
def test_a_contact_row_that_cannot_be_read_is_not_overruled_by_agents(district: District, row: str) -> None:
    contacts(district, row)
    report = district.load()
    assert report.problem_count == 1
    assert ("s1", "p1") not in open_pairs()
    assert ("s2", "p1") in open_pairs(), "the other child is still open by its own agents"


def test_of_two_rows_for_one_pair_the_stricter_counts(district: District) -> None:
    contacts(district, "a1,s1,p1,Mother,,,,true,,", "a2,s1,p1,Emergency contact,,,,false,,")
    report = district.load()
    assert pair().portal_access is False
    assert [one.severity for one in report.problems] == ["warning"]


@pytest.mark.parametrize(("side", "flag"), [("s1", "from_student_agents"), ("p1", "from_guardian_agents")])
def test_agents_count_from_either_side(district: District, side: str, flag: str) -> None:
    users = (
        BASE["users"]
        .replace('"p1,p2"', "")
        .replace('"s1,s2"', "")
        .replace(",,p1,06", ",,,06")
        .replace(",,,s1,", ",,,,")
    )
    agents = {"s1": ("7001},Ana,Reyes,,,", "7001},Ana,Reyes,,,p1"), "p1": ("rosa@example.com,", "rosa@example.com,s1")}
    district.write("users", users.replace(*agents[side]))
    district.load()
    assert open_pairs() == {("s1", "p1")}
    assert getattr(pair(), flag) is True
    assert sum((pair().from_associations, pair().from_student_agents, pair().from_guardian_agents)) == 1


@pytest.mark.parametrize("role", ["relative", "teacher", "student"])
def test_agents_that_are_no_parents_make_no_guardianship(district: District, role: str) -> None:
    district.replace("users", "p2,,,true,o1,parent", f"p2,,,true,o1,{role}")
    district.load()
    assert open_pairs() == {("s1", "p1"), ("s2", "p1")}


def test_a_relation_in_the_contacts_decides_even_when_agents_name_the_pair(district: District) -> None:
    """Whichever of the two came first."""
    district.load()
    contacts(district, "a1,s1,p2,Uncle,,,,,,")
    district.load()
    assert ("s1", "p2") not in open_pairs()


def test_each_source_takes_back_its_own_word_alone(district: District) -> None:
    contacts(district, "a1,s1,p1,Mother,,,,,,", "a2,s2,p2,Father,,,,,,")
    district.load()
    contacts(district, "a1,s1,p1,Mother,,,,,,")
    district.load()
    assert pair("s2", "p2").from_associations is False
    assert open_pairs() == {("s1", "p1"), ("s2", "p1"), ("s1", "p2")}
    district.replace("users", '"s1,s2"', "")
    district.load()
    assert (pair().from_guardian_agents, pair().from_student_agents, pair().from_associations) == (False, True, True)


def test_a_delta_sets_the_list_of_the_users_that_it_names(district: District, tmp_path: Path) -> None:
    district.load()
    delta(tmp_path / "noon", users="""\
        sourcedId,status,orgSourcedIds,role,givenName,familyName,agentSourcedIds
        s1,active,o1,student,Ana,Reyes,p2""").load()  # fmt: skip
    assert (pair().from_student_agents, pair().from_guardian_agents) == (False, True)
    assert (pair("s2").from_student_agents, pair("s2").from_guardian_agents) == (True, True)


def test_a_delta_of_contacts_removes_the_pair_that_it_deletes(district: District, tmp_path: Path) -> None:
    contacts(district, "a1,s1,p1,Mother,,,,,,", "a2,s2,p1,Mother,,,,,,")
    district.load()
    delta(tmp_path / "noon", studentContactAssociations=f"status,{CONTACTS}\ntobedeleted,a1,s1,p1,,,,,,,").load()
    assert (pair().from_associations, pair("s2").from_associations) == (False, True)


def test_a_guardian_who_leaves_the_users_loses_access_whoever_still_names_them(
    district: District, tmp_path: Path
) -> None:
    contacts(district, "a1,s1,p2,Father,,,,,,")
    district.load()
    assert ("s1", "p2") in open_pairs()
    delta(tmp_path / "noon", users="sourcedId,status,role,givenName,familyName\np2,tobedeleted,parent,,").load()
    assert ("s1", "p2") not in open_pairs()
    assert ("s1", "p1") in open_pairs()
    district.replace("users", "Carlos", "Karlos")
    district.load()
    assert ("s1", "p2") in open_pairs()


def test_what_the_office_decided_survives_every_feed(district: District) -> None:
    contacts(district, "a1,s1,p1,Mother,,,,,,")
    district.load()
    office = {
        "office_access": False, "office_document": "order 4711", "withheld": ["grades"],
        "activated_at": dt.datetime(2026, 9, 1),
    }  # fmt: skip
    m.Guardianship.update(office).where(m.Guardianship.id == pair().id).execute()
    aunt = m.Guardian.create(given_name="Ina", family_name="Vega", person_id="office-1")
    made = m.Guardianship.create(student=pair().student, guardian=aunt, from_office=True, office_access=True)
    contacts(district, "a1,s1,p1,Mother,true,true,,true,,")
    district.load()
    contacts(district, "a1,s2,p1,Mother,,,,,,")
    district.replace("users", '"p1,p2"', ""), district.replace("users", '"s1,s2"', "s2")
    district.load()
    found = pair()
    assert {name: getattr(found, name) for name in office} == office
    assert made.id in {one.id for one in m.Guardianship.select().where(m.Guardianship.is_open(TODAY))}
    assert m.Guardian.get_by_id(aunt.id).active
    district.remove("users", "p2,")
    district.load()
    assert ("s1", "p2") not in open_pairs()
    assert m.Guardian.get_by_id(aunt.id).active


def test_the_feed_may_bring_a_pair_that_the_office_made(district: District) -> None:
    district.replace("users", '"p1,p2"', "p1"), district.replace("users", ",,,s1,", ",,,,")
    district.load()
    student, guardian = m.Student.get(m.Student.sourced_id == "s1"), m.Guardian.get(m.Guardian.sourced_id == "p2")
    m.Guardianship.create(student=student, guardian=guardian, from_office=True, office_access=True)
    contacts(district, "a1,s1,p2,Father,,,,false,,")
    district.load()
    assert (pair("s1", "p2").from_office, pair("s1", "p2").office_access) == (True, True)
    assert ("s1", "p2") not in open_pairs()


# ---- Enrollment in schools --------------------------------------------------------------------------------------

SCHOOLS = (
    "sourcedId,studentSourcedId,schoolSourcedId,primarySchool,entryDate,entryGradeLevelDescriptor,exitWithdrawDate"
)


def test_school_associations_come_before_everything_else(district: District) -> None:
    district.write("studentSchoolAssociations", f"{SCHOOLS}\nx1,s1,d1,true,2026-08-17,Seventh grade,2027-01-15")
    district.load()
    assert schools() == {("x1", "s1", "d1"), ("user:s2:o1", "s2", "o1")}
    found = m.SchoolEnrollment.get(m.SchoolEnrollment.sourced_id == "x1")
    assert (found.entry_date, found.exit_date, found.grade_level, found.is_primary) == (
        dt.date(2026, 8, 17), dt.date(2027, 1, 15), "Seventh grade", True,
    )  # fmt: skip
    assert m.Student.get(m.Student.sourced_id == "s1").grade_level == "07"


def test_associations_that_come_and_go_replace_and_bring_back_the_others(district: District) -> None:
    district.load()
    assert schools() == {("user:s1:o1", "s1", "o1"), ("user:s2:o1", "s2", "o1")}
    district.write("studentSchoolAssociations", f"{SCHOOLS}\nx1,s1,o1,,,,")
    district.load()
    assert schools() == {("x1", "s1", "o1"), ("user:s2:o1", "s2", "o1")}
    district.write("studentSchoolAssociations", SCHOOLS)
    district.load()
    assert schools() == {("user:s1:o1", "s1", "o1"), ("user:s2:o1", "s2", "o1")}


def test_associations_alone_take_over_from_users_known_before(district: District, tmp_path: Path) -> None:
    district.load()
    District(tmp_path / "more", {"studentSchoolAssociations": f"{SCHOOLS}\nx1,s1,o1,,,,"}).load()
    assert schools() == {("x1", "s1", "o1"), ("user:s2:o1", "s2", "o1")}


def test_classes_say_the_school_of_students_of_whom_nothing_else_does(district: District) -> None:
    district.replace("users", "s1,,,true,o1", "s1,,,true,")
    district.replace("users", "s2,,,true", "s2,,,false")
    district.append("users", "s3,,,true,,student,x,,Cy,Ode,,,,")
    district.load()
    assert schools() == {("class:s1:o1", "s1", "o1"), ("class:s2:o1", "s2", "o1")}
    assert m.Student.get(m.Student.sourced_id == "s2").enabled is False
    district.remove("enrollments", "e1,")
    district.load()
    assert schools() == {("class:s2:o1", "s2", "o1")}


def test_a_delta_of_enrollments_keeps_the_schools_of_the_others(district: District, tmp_path: Path) -> None:
    district.replace("users", "s1,,,true,o1", "s1,,,true,"), district.replace("users", "s2,,,true,o1", "s2,,,true,")
    district.load()
    delta(
        tmp_path / "noon",
        enrollments="sourcedId,status,classSourcedId,userSourcedId,role\ne1,tobedeleted,c1,s1,student",
    ).load()
    assert schools() == {("class:s2:o1", "s2", "o1")}


def test_posted_grades_land_with_their_words(district: District) -> None:
    district.write(
        "grades",
        """\
        sourcedId,studentSourcedId,classSourcedId,sessionSourcedId,gradeTypeDescriptor,letterGradeEarned,numericGradeEarned,gradeEarnedDescription,diagnosticStatement,currentGradeIndicator,currentGradeAsOfDate
        g1,s1,c1,fall,uri://ed-fi.org/GradeTypeDescriptor#Semester,B+,88,Good,"Reads, well",true,2026-11-13
        g2,s1,c1,winter,Final,A,,,,,""",
    )
    report = district.load()
    one, two = m.Grade.select().order_by(m.Grade.sourced_id)
    assert (one.kind, one.letter, one.number, one.description, one.diagnostic, one.is_current, one.as_of) == (
        "Semester", "B+", 88, "Good", "Reads, well", True, dt.date(2026, 11, 13),
    )  # fmt: skip
    assert (one.session.sourced_id, two.session) == ("fall", None)
    assert report.warning_count == 1


def test_category_weights_are_read_where_1_1_and_1_2_put_them(district: District) -> None:
    district.load()
    assert m.Category.get().weight == 0.25
    district.write("categories", "sourcedId,title,metadata.weight\nhw,Homework,40")
    district.load()
    assert m.Category.get().weight == 40


def test_line_items_name_their_session_as_1_1_or_1_2_do(district: District) -> None:
    for header in ("gradingPeriodSourcedId", "academicSessionSourcedId"):
        district.write("lineItems", f"sourcedId,title,classSourcedId,{header}\ni1,Worksheet,c1,fall")
        district.load()
        assert m.LineItem.get().session.sourced_id == "fall"


def test_D02_students_listed_under_the_district_too_are_hidden_with_their_school(
    district: District, database_url: str
) -> None:
    portal = factories.settings(database_url)
    district.replace("users", "s1,,,true,o1,student", 's1,,,true,"o1,d1",student')
    district.replace("users", "s2,,,true,o1,student", "s2,,,true,d1,student")
    district.load()
    enrolled = [(one.student.sourced_id, one.school.sourced_id) for one in m.SchoolEnrollment.select()]
    assert sorted(enrolled) == [("s1", "o1"), ("s2", "o1")], "by the school that is named, else by a class"
    rosa = factories.account(m.Guardian.get(m.Guardian.sourced_id == "p1"), "rosa@example.com", portal)
    assert m.Student.visible_to(rosa, factories.TODAY).count() == 2
    office = Office(factories.officer("admin", portal), factories.TODAY)
    assert [one.sourced_id for one in office.schools("district")] == ["o1"]
    m.School.update(switched_on=False).where(m.School.sourced_id == "o1").execute()
    assert not m.Student.visible_to(rosa, factories.TODAY).exists()


def test_D02_where_no_org_is_a_school_each_has_students_and_a_switch(district: District, database_url: str) -> None:
    district.replace("orgs", "o1,,,Cedar Middle,school", "o1,,,Cedar Middle,department")
    district.load()
    assert {one.school.sourced_id for one in m.SchoolEnrollment.select()} == {"o1"}
    office = Office(factories.officer("admin", factories.settings(database_url)), factories.TODAY)
    assert [one.sourced_id for one in office.schools("district")] == ["o1"]
    district.replace("orgs", "o1,,,Cedar Middle,department", "o1,,,Cedar Middle,school")
    district.append("orgs", "o2,,,Transport,department,12,d1")
    district.load()
    assert {one.school.sourced_id for one in m.SchoolEnrollment.select()} == {"o1"}


def test_D02_an_org_that_turns_out_to_be_no_school_keeps_no_students(district: District) -> None:
    district.append("orgs", "o2,,,Birch High,school,12,d1")
    district.replace("users", "s1,,,true,o1,student", 's1,,,true,"o1,o2",student')
    district.load()
    assert m.SchoolEnrollment.select().join(m.Student).where(m.Student.sourced_id == "s1").count() == 2
    district.replace("orgs", "o2,,,Birch High,school", "o2,,,Birch High,department")
    district.load()
    assert "o2" not in {one.school.sourced_id for one in m.SchoolEnrollment.select()}


@pytest.mark.parametrize("pilot", [True, False])
def test_D02_a_school_that_comes_during_a_pilot_is_off(district: District, database_url: str, pilot: bool) -> None:
    portal = factories.settings(database_url)
    district.append("orgs", "o2,,,Birch High,school,12,d1")
    district.load()
    assert all(one.switched_on for one in m.School.select()), "the first import switches nothing off"
    m.School.update(switched_on=False).where(m.School.sourced_id == ("o1" if pilot else "d1")).execute()
    rosa = factories.account(m.Guardian.get(m.Guardian.sourced_id == "p1"), "rosa@example.com", portal)
    district.append("orgs", "o3,,,New School,school,13,d1")
    district.replace("users", "s2,,,true,o1,student", "s2,,,true,o3,student")
    district.load()
    assert m.School.get(m.School.sourced_id == "o3").switched_on == (not pilot)
    assert m.School.get(m.School.sourced_id == "o2").switched_on, "what was on stays on"
    assert m.Student.visible_to(rosa, factories.TODAY).count() == (0 if pilot else 2)
    office = Office(factories.officer("admin", portal), factories.TODAY)
    new = {one.school.sourced_id for one in schools_desk.lines(office) if one.is_new}
    assert ("o3" in new) == pilot
    schools_desk.switch(office, on=[m.School.get(m.School.sourced_id == "o3").id], off=[], now=clock.now())
    district.replace("orgs", "New School", "Newer School")
    district.load()
    assert m.School.get(m.School.sourced_id == "o3").switched_on, "a feed never turns the switch of a known school"
