"""What becomes of files that are not simply one row, one row: people by role, guardianships, enrollments.

Rules: DECISIONS 1, 2, 7; feed-oneroster.md for what 1.1 and 1.2 call things.
"""

from __future__ import annotations

import models as m
from services.feeds.files import FILES, CsvFile
from services.feeds.landing import After, Landing, Note, Owner
from services.feeds.problems import ERROR, WARNING

_USERS, _ROLES = FILES["users"], FILES["roles"]
_CLASSES, _ENROLLMENTS = FILES["classes"], FILES["enrollments"]
_CONTACTS = FILES["studentContactAssociations"]

#: Relations that come with access to the portal when the feed does not say (DECISIONS 2). Step- and foster
#: parents are not among them: for those `legalGuardian` has to say so.
PARENTS = (
    "mother", "father", "parent", "guardian", "legal guardian", "court appointed guardian", "adoptive parents",
    "adoptive mother", "adoptive father",
)  # fmt: skip

_GUARDIAN_ROLES = "('guardian', 'parent', 'relative')"

#: Every role of every delivered user, those of `users.csv` (1.1) and of `roles.csv` (1.2) alike. Unless
#: roles come in bulk, people whose row names no role stay what they are.
_ROLES_OF_USERS = """
    SELECT sourced_id AS person, role, 0 AS place, n FROM in_users WHERE row_state = 1 AND role IS NOT NULL
    UNION ALL
    SELECT person, role, CASE role_type WHEN 'primary' THEN 0 ELSE 1 END, n FROM in_roles WHERE row_state = 1
    UNION ALL
    SELECT u.sourced_id, known.role, 2, u.n FROM in_users u JOIN (
        SELECT sourced_id, 'student' AS role FROM student WHERE active
        UNION ALL SELECT sourced_id, role FROM guardian WHERE active
        UNION ALL SELECT sourced_id, role FROM staff WHERE active
    ) known ON known.sourced_id = u.sourced_id
    WHERE u.role IS NULL AND (
        NOT EXISTS (SELECT 1 FROM in_feed WHERE file = 'roles' AND mode = 'bulk')
        OR u.sourced_id IN (SELECT person FROM in_roles WHERE row_state = -1)
    )"""

_NAMES = {
    "sourced_id": "sourcedId", "given_name": "givenName", "middle_name": "middleName", "family_name": "familyName",
    "given_key": "givenName", "family_key": "familyName",
    "preferred_given_name": "preferredGivenName", "preferred_family_name": "preferredFamilyName", "email": "email",
}  # fmt: skip
_NAME_COLUMNS = ", ".join(f"u.{name}" for name in _NAMES)

#: People go with their row in users.csv. A role that ends in a delta makes nobody inactive; the next bulk does.
_PEOPLE_OWNERS = (
    Owner(_USERS, (("sourced_id", "sourced_id"),)),
    Owner(_ROLES, (("person", "sourced_id"),), reaches=False),
)


def _students(after: After) -> str:
    return f"""
        SELECT u.n, 1 AS row_state, {_NAME_COLUMNS}, COALESCE(u.identifier, u.local_id, u.sourced_id) AS number,
            u.grade_level, u.enabled
        FROM in_users u
        WHERE u.row_state = 1 AND u.sourced_id IN (SELECT person FROM ({_ROLES_OF_USERS}) r WHERE r.role = 'student')"""


def _guardians(after: After) -> str:
    return f"""
        SELECT u.n, 1 AS row_state, {_NAME_COLUMNS}, COALESCE(u.identifier, u.sourced_id) AS person_id,
            r.role, u.phone, u.sms
        FROM in_users u JOIN (
            SELECT person, MIN(role) AS role FROM ({_ROLES_OF_USERS}) r WHERE role IN {_GUARDIAN_ROLES} GROUP BY person
        ) r ON r.person = u.sourced_id
        WHERE u.row_state = 1"""


def _staff(after: After) -> str:
    return f"""
        SELECT u.n, 1 AS row_state, {_NAME_COLUMNS}, u.identifier, r.role
        FROM in_users u JOIN (
            SELECT person, role, ROW_NUMBER() OVER (PARTITION BY person ORDER BY place, n) AS place
            FROM ({_ROLES_OF_USERS}) r WHERE role <> 'student' AND role NOT IN {_GUARDIAN_ROLES}
        ) r ON r.person = u.sourced_id AND r.place = 1
        WHERE u.row_state = 1"""


def _staff_roles(after: After) -> str:
    """What each member of staff is where: their orgs with their role in 1.1, a row of roles.csv each in 1.2."""
    return f"""
        SELECT MIN(n) AS n, MAX(row_state) AS row_state, staff, school, role FROM (
            SELECT o.n, 1 AS row_state, o.owner AS staff, o.value AS school, u.role
            FROM in_users_orgs o JOIN in_users u ON u.n = o.n AND u.row_state = 1
            WHERE u.role IS NOT NULL
            UNION ALL
            SELECT r.n, r.row_state, r.person, r.org, r.role FROM in_roles r WHERE r.org IS NOT NULL
        ) pairs
        WHERE role <> 'student' AND role NOT IN {_GUARDIAN_ROLES} AND staff IN ({after("staff", "sourced_id")})
        GROUP BY staff, school, role"""


def _without_role(after: After) -> str:
    return f"""
        SELECT n, sourced_id AS value FROM in_users
        WHERE row_state = 1 AND sourced_id NOT IN (SELECT person FROM ({_ROLES_OF_USERS}) r)"""


def _birth_dates(after: After) -> str:
    return f"""
        SELECT n, row_state, sourced_id, birth_date FROM in_demographics
        WHERE sourced_id IN ({after("student", "sourced_id")})"""


def _no_schools(after: After) -> str:
    """Orgs at which nobody is enrolled by mere mention: the district beside its schools, a department.

    Where no org at all is of the type school, all of them are taken for schools.
    """
    orgs = after("orgs", "sourced_id", "kind")
    return f"""
        SELECT sourced_id FROM ({orgs}) o
        WHERE o.kind <> 'school' AND EXISTS (SELECT 1 FROM ({orgs}) k WHERE k.kind = 'school')"""


def _enrolled_by_users(after: After) -> str:
    """Schools of enabled students that have no row in studentSchoolAssociations.csv (DECISIONS 1)."""
    return f"""
        SELECT MIN(n) AS n, MAX(row_state) AS row_state, 'user:' || student || ':' || school AS sourced_id,
            student, school, MAX(is_primary) = 1 AS is_primary
        FROM (
            SELECT o.n, 1 AS row_state, o.owner AS student, o.value AS school, 0 AS is_primary
            FROM in_users_orgs o JOIN in_users u ON u.n = o.n AND u.row_state = 1
            WHERE u.role = 'student' AND u.enabled
            UNION ALL
            SELECT r.n, r.row_state, r.person, r.org, CASE r.role_type WHEN 'primary' THEN 1 ELSE 0 END
            FROM in_roles r
            WHERE r.role = 'student' AND r.org IS NOT NULL
                AND r.person IN (SELECT sourced_id FROM ({after("student", "sourced_id", "enabled")}) s WHERE s.enabled)
        ) pairs
        WHERE student IN ({after("student", "sourced_id")})
            AND student NOT IN ({after("studentSchoolAssociations", "student")})
            AND school NOT IN ({_no_schools(after)})
        GROUP BY student, school"""


def _enrolled_by_classes(after: After) -> str:
    """Schools of the classes of students whose school nothing else says (DECISIONS 1)."""
    return f"""
        SELECT DISTINCT 'class:' || e.student || ':' || c.school AS sourced_id, e.student, c.school,
            FALSE AS is_primary, 1 AS row_state, CAST(NULL AS BIGINT) AS n
        FROM ({after("enrollment", "student", "section")}) e
        JOIN ({after("classes", "sourced_id", "school")}) c ON c.sourced_id = e.section
        WHERE c.school IS NOT NULL AND c.school NOT IN ({_no_schools(after)})
            AND e.student IN ({after("student", "sourced_id")})
            AND e.student NOT IN ({after("studentSchoolAssociations", "student")})
            AND e.student NOT IN ({after("enrolled_by_users", "student")})"""


def _associations(after: After) -> str:
    """Contacts, each pair once; of several rows for one pair the strictest counts."""
    relations = ", ".join(f"'{relation}'" for relation in PARENTS)
    return f"""
        SELECT n, row_state, student, guardian, relation, legal_guardian, lives_with, household, portal_access,
            contact_restrictions,
            CASE WHEN restricted_from IS NULL AND restricted_until IS NOT NULL THEN {_DAWN} ELSE restricted_from END
                AS restricted_from,
            restricted_until,
            contact_restrictions IS NULL AND (
                COALESCE(legal_guardian, FALSE) OR COALESCE(LOWER(relation), '') IN ({relations})
            ) AS default_access
        FROM ({_RANKED_ASSOCIATIONS}) a WHERE place = 1"""


#: A restriction that names only its end has been in force ever since.
_DAWN = "'1900-01-01'"

_RANKED_ASSOCIATIONS = """
    SELECT a.*, ROW_NUMBER() OVER (
        PARTITION BY student, guardian
        ORDER BY row_state DESC, CASE
            WHEN NOT portal_access THEN 0 WHEN contact_restrictions IS NOT NULL THEN 1
            WHEN restricted_from IS NOT NULL OR restricted_until IS NOT NULL THEN 2 ELSE 3 END, n
    ) AS place
    FROM in_studentContactAssociations a"""


def _second_associations(after: After) -> str:
    return f"SELECT n, guardian AS value FROM ({_RANKED_ASSOCIATIONS}) a WHERE place > 1 AND row_state = 1"


def _parents(after: After) -> str:
    """Guardians whose mere mention as an agent makes a guardianship (DECISIONS 2)."""
    return f"""
        SELECT sourced_id FROM ({after("guardian", "sourced_id", "role")}) g WHERE g.role IN ('guardian', 'parent')"""


def _without_people(after: After) -> str:
    """Pairs whose guardian or student has left: whoever still names them, nobody reaches anybody over them."""
    return f"""
        k_student.sourced_id NOT IN ({after("student", "sourced_id")})
        OR k_guardian.sourced_id NOT IN ({after("guardian", "sourced_id")})"""


def _student_agents(after: After) -> str:
    return f"""
        SELECT n, 1 AS row_state, owner AS student, value AS guardian FROM in_users_agents
        WHERE owner IN ({after("student", "sourced_id")}) AND value IN ({_parents(after)})
            AND {_not_refused("owner", "value")}"""


def _guardian_agents(after: After) -> str:
    return f"""
        SELECT n, 1 AS row_state, value AS student, owner AS guardian FROM in_users_agents
        WHERE owner IN ({_parents(after)}) AND value IN ({after("student", "sourced_id")})
            AND {_not_refused("value", "owner")}"""


def _not_refused(student: str, guardian: str) -> str:
    """That no contact row of the pair was left out: what it would have said may have been "no"."""
    return f"""NOT EXISTS (
        SELECT 1 FROM {_CONTACTS.table} c
        WHERE c.row_state = -1 AND c.student = {student} AND c.guardian = {guardian})"""


def _other_agents(after: After) -> str:
    return f"""
        SELECT n, value FROM in_users_agents
        WHERE owner IN ({after("student", "sourced_id")}) AND value NOT IN ({after("guardian", "sourced_id")})"""


def _by_role(condition: str, person: str) -> str:
    return f"""
        SELECT n, row_state, sourced_id, section, person AS {person}, role, is_primary, begin_date, end_date
        FROM in_enrollments WHERE row_state = 1 AND {condition}"""


def _section_terms(after: After) -> str:
    return """
        SELECT t.n, 1 AS row_state, t.owner AS section, t.value AS session
        FROM in_classes_terms t JOIN in_classes c ON c.n = t.n AND c.row_state = 1"""


def _is(file: CsvFile, column: str = "sourced_id", landing: str = "sourced_id") -> tuple[Owner, ...]:
    return (Owner(file, ((column, landing),)),)


_ENROLLMENT_COLUMNS = {"sourced_id": "sourcedId", "section": "classSourcedId"}
_ENROLLMENT_DATES = {"begin_date": "beginDate", "end_date": "endDate"}
_PAIR = ("student", "guardian")
_SCHOOL_SOURCES = ("users", "roles", "studentSchoolAssociations")

PEOPLE = (
    Landing(
        "student", m.Student, {**_NAMES, "number": "identifier", "grade_level": "grades", "enabled": "enabledUser"},
        reads=("users", "roles"), owners=_PEOPLE_OWNERS, select=_students, flag="active",
        notes=(Note("users", "role", ERROR, "{} has no role, here or in roles.csv", _without_role),),
    ),
    Landing(
        "guardian", m.Guardian,
        {**_NAMES, "person_id": "identifier", "role": "role", "phone": "phone", "sms": "sms"},
        reads=("users", "roles"), owners=_PEOPLE_OWNERS, select=_guardians, flag="active",
    ),
    Landing(
        "staff", m.Staff, {**_NAMES, "identifier": "identifier", "role": "role"},
        reads=("users", "roles"), owners=_PEOPLE_OWNERS, select=_staff, flag="active",
        # The office adds people whom the SIS does not know; their ids have a colon, which OneRoster's cannot have.
        scope="substr(live.sourced_id, 1, 7) <> 'office:'",
    ),
    Landing(
        "staff_roles", m.StaffRole, {"staff": "sourcedId", "school": "orgSourcedIds", "role": "role"},
        reads=("users", "roles"), select=_staff_roles, key=("staff", "school", "role"), reference_severity=WARNING,
        owners=(
            Owner(_USERS, (("sourced_id", "staff"),), where="o.role IS NOT NULL"),
            Owner(_ROLES, (("person", "staff"), ("org", "school"))),
        ),
    ),
    Landing(
        "birth_date", m.Student, {"sourced_id": "sourcedId", "birth_date": "birthDate"},
        reads=("demographics",), owners=_is(FILES["demographics"]), select=_birth_dates, patch=True,
    ),
)  # fmt: skip

GUARDIANSHIPS = (
    Landing(
        "guardianship_associations", m.Guardianship,
        {
            "student": "studentSourcedId", "guardian": "contactSourcedId", "relation": "relationDescriptor",
            "legal_guardian": "legalGuardian", "lives_with": "livesWith", "household": "ext.householdId",
            "portal_access": "ext.portalAccess",
            "contact_restrictions": "contactRestrictions", "restricted_from": "ext.restrictionBeginDate",
            "restricted_until": "ext.restrictionEndDate", "default_access": "relationDescriptor",
        },
        reads=("studentContactAssociations",), follows=("users", "roles"), select=_associations, key=_PAIR,
        superseded=_without_people,
        owners=(Owner(_CONTACTS, (("student", "student"), ("guardian", "guardian"))),), flag="from_associations",
        notes=(Note(
            _CONTACTS.name, "contactSourcedId", WARNING,
            "{} is named twice for this student: the stricter row counts", _second_associations,
        ),),
    ),
    Landing(
        "guardianship_student_agents", m.Guardianship, {"student": "sourcedId", "guardian": "agentSourcedIds"},
        reads=("users", "roles", _CONTACTS.name), owners=_is(_USERS, landing="student"), select=_student_agents,
        key=_PAIR,
        superseded=_without_people, flag="from_student_agents", only_new={"default_access": "TRUE"},
        notes=(Note(
            "users", "agentSourcedIds", WARNING, "{} is no parent or guardian: not taken as a guardian", _other_agents,
        ),),
    ),
    Landing(
        "guardianship_guardian_agents", m.Guardianship, {"student": "agentSourcedIds", "guardian": "sourcedId"},
        reads=("users", "roles", _CONTACTS.name), owners=_is(_USERS, landing="guardian"), select=_guardian_agents,
        key=_PAIR,
        superseded=_without_people, flag="from_guardian_agents", only_new={"default_access": "TRUE"},
    ),
)  # fmt: skip

CLASSES = (
    Landing(
        "section_terms", m.SectionTerm, {"section": "sourcedId", "session": "termSourcedIds"},
        reads=("classes",), owners=_is(_CLASSES, landing="section"), select=_section_terms,
        key=("section", "session"), reference_severity=WARNING,
    ),
    Landing(
        "enrollment", m.Enrollment, {**_ENROLLMENT_COLUMNS, "student": "userSourcedId", **_ENROLLMENT_DATES},
        reads=("enrollments",), owners=_is(_ENROLLMENTS), select=lambda after: _by_role("role = 'student'", "student"),
    ),
    Landing(
        "section_staff", m.SectionStaff,
        {
            **_ENROLLMENT_COLUMNS, "staff": "userSourcedId", "role": "role", "is_primary": "primary",
            **_ENROLLMENT_DATES,
        },
        reads=("enrollments",), owners=_is(_ENROLLMENTS), select=lambda after: _by_role("role <> 'student'", "staff"),
    ),
)  # fmt: skip

SCHOOL_ENROLLMENTS = (
    Landing(
        "enrolled_by_users", m.SchoolEnrollment,
        {"sourced_id": "sourcedId", "student": "sourcedId", "school": "orgSourcedIds", "is_primary": "roleType"},
        reads=("users", "roles"), follows=("studentSchoolAssociations", "orgs"), select=_enrolled_by_users,
        owners=(
            Owner(_USERS, (("sourced_id", "student"),), where="o.role IS NOT NULL"),
            Owner(_ROLES, (("person", "student"), ("org", "school"))),
        ),
        scope="substr(live.sourced_id, 1, 5) = 'user:'", reference_severity=WARNING,
        superseded=lambda after: f"""
            k_student.sourced_id IN ({after("studentSchoolAssociations", "student")})
            OR k_school.sourced_id IN ({_no_schools(after)})""",
    ),
    Landing(
        "enrolled_by_classes", m.SchoolEnrollment,
        {"sourced_id": "sourcedId", "student": "userSourcedId", "school": "schoolSourcedId", "is_primary": "primary"},
        reads=(), follows=(*_SCHOOL_SOURCES, "enrollments", "classes", "orgs"), select=_enrolled_by_classes,
        scope="substr(live.sourced_id, 1, 6) = 'class:'",
    ),
)  # fmt: skip

RESULT_EXTENSIONS = Landing(
    "result_extensions", m.Result, {column.name: column.header for column in FILES["resultExtensions"].columns},
    reads=("resultExtensions",), owners=_is(FILES["resultExtensions"]), patch=True,
)  # fmt: skip
