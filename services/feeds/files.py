"""Every CSV file that is read, column by column: the one place to declare a new one.

A file with a `model` lands in that table as it is; its columns bear the names of the model's fields, and what is
required or refers to another table follows from the model. The others are staged under names of their own, and
`landings` says what becomes of them. The first column of each file is its key. Sources: feed-oneroster.md
(OneRoster 1.1 and 1.2 CSV), feed-supplement.md (Ed-Fi 5.2 names).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import models as m
from services.feeds import values as v
from services.feeds.errors import shown
from services.feeds.values import Kind

#: Raise it when a new version makes something else of the same rows: known files are then read again after an upgrade.
RULES = "1"

PEOPLE = (m.Student, m.Guardian, m.Staff)

ROLES = (
    "administrator", "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor",
    "relative", "siteAdministrator", "student", "systemAdministrator", "teacher",
)  # fmt: skip
ROLE = Kind(v.enumeration(*ROLES, extensible=True))
ORG_TYPE = Kind(v.enumeration("department", "school", "district", "local", "state", "national"))
# `term` is not in the list we hold, but both public 1.1 sets with terms use it and OneRoster's JSON binding has it.
SESSION_TYPE = Kind(v.enumeration("gradingPeriod", "semester", "schoolYear", "term"))
CLASS_TYPE = Kind(v.enumeration("homeroom", "scheduled"))
# The better a row suits for writing to or calling whom it belongs to, the smaller its place (Ed-Fi descriptors).
EMAIL_TYPE = Kind(v.ranked("home/personal"), "INTEGER")
SCHOOL_PHONE_TYPE = Kind(v.ranked("main", "", "administrative", "attendance", "other"), "INTEGER")
SCORE_STATUS = Kind(v.enumeration("exempt", "fully graded", "not submitted", "partially graded", "submitted"))


@dataclass(frozen=True)
class Column:
    """One column: its name in the temporary table, its header (and what else it is called), its kind.

    `refers` names the tables in one of which the value must be a `sourced_id`; columns named after a model's foreign
    key need not say so.
    """

    name: str
    header: str
    kind: Kind = v.TEXT
    required: bool = False
    refers: tuple[type[m.Table], ...] = ()
    also: tuple[str, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that it goes by, the standard's first."""
        return (self.header, *self.also)


@dataclass(frozen=True)
class CsvFile:
    """One CSV file. `scope` narrows the table's rows to those that come from this file."""

    name: str
    columns: tuple[Column, ...]
    model: type[m.Table] | None = None
    scope: str = ""
    supplement: bool = False

    @property
    def table(self) -> str:
        """The temporary table that its rows are staged in."""
        return "in_" + re.sub(r"\W", "_", self.name)

    @property
    def key(self) -> Column:
        """The column that names the row."""
        return self.columns[0]

    @cached_property
    def cells(self) -> tuple[Column, ...]:
        """The columns with one value each."""
        return tuple(column for column in self.columns if not column.kind.is_list)

    @cached_property
    def lists(self) -> tuple[Column, ...]:
        """The columns with several values each; they are staged as `(n, owner, value)` in tables of their own."""
        return tuple(column for column in self.columns if column.kind.is_list)

    def list_table(self, column: Column) -> str:
        """The temporary table of a list column's values."""
        return f"{self.table}_{column.name}"

    @cached_property
    def is_confidential(self) -> bool:
        """Whether a secret is among its cells: then no message quotes anything of it.

        Where an export mixes its columns up, or a comma is missing, the secret stands in another column.
        """
        return any(column.kind.kept_as for column in self.columns)

    def quoted(self, value: object) -> str:
        """A value of this file as a message may carry it."""
        return "the value" if self.is_confidential else shown(value)

    def requires(self, column: Column) -> bool:
        """Whether a row without this column's value is left out."""
        if column is self.key or column.required:
            return True
        field = self.model._meta.fields.get(column.name) if self.model else None
        if field is None or field.null or column.kind.is_list:
            return False
        return blank(column.kind) is None

    def must_have(self, column: Column) -> bool:
        """Whether a file without this column is refused."""
        return column.kind.expected or self.requires(column)

    @cached_property
    def signature(self) -> str:
        """What this declaration reads; when a new version reads more, known files are read again."""
        return repr([(c.name, c.headers, c.kind.convert.__qualname__, self.requires(c)) for c in self.columns])


def blank(kind: Kind) -> object:
    """What a blank cell of a kind means."""
    try:
        return kind.convert("")
    except v.OddValue as remark:
        return remark.value


def _sourced_id(*also: str, refers: tuple[type[m.Table], ...] = ()) -> Column:
    return Column("sourced_id", "sourcedId", v.IDENTIFIER, also=also, refers=refers)


ONEROSTER = (
    CsvFile("orgs", (
        _sourced_id(),
        Column("name", "name", v.TITLE),
        Column("kind", "type", ORG_TYPE),
        Column("identifier", "identifier"),
        Column("parent", "parentSourcedId"),
    ), m.School),
    CsvFile("academicSessions", (
        _sourced_id(),
        Column("title", "title", v.TITLE),
        Column("kind", "type", SESSION_TYPE),
        Column("start_date", "startDate", v.DATE),
        Column("end_date", "endDate", v.DATE),
        Column("parent", "parentSourcedId"),
        Column("school_year", "schoolYear"),
    ), m.AcademicSession),
    CsvFile("users", (
        _sourced_id(),
        Column("enabled", "enabledUser", v.YES_UNLESS_SAID),
        Column("role", "role", ROLE),
        Column("given_name", "givenName", v.NAME),
        Column("middle_name", "middleName"),
        Column("family_name", "familyName", v.NAME),
        Column("preferred_given_name", "preferredGivenName"),
        Column("preferred_family_name", "preferredFamilyName"),
        Column("identifier", "identifier"),
        Column("local_id", "userIds", v.LOCAL_ID),
        Column("email", "email"),
        Column("sms", "sms"),
        Column("phone", "phone"),
        Column("grade_level", "grades", v.FIRST_ITEM),
        Column("orgs", "orgSourcedIds", v.ITEMS),
        Column("agents", "agentSourcedIds", v.ITEMS),
    )),
    CsvFile("roles", (
        _sourced_id(),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("role_type", "roleType"),
        Column("role", "role", ROLE, required=True),
        Column("org", "orgSourcedId"),
    )),
    CsvFile("demographics", (
        _sourced_id("userSourcedId", refers=PEOPLE),
        Column("birth_date", "birthDate", v.DATE),
    )),
    CsvFile("courses", (
        _sourced_id(),
        Column("title", "title", v.TITLE),
        Column("code", "courseCode"),
        Column("school", "orgSourcedId"),
        Column("subjects", "subjects"),
    ), m.Course),
    CsvFile("classes", (
        _sourced_id(),
        Column("title", "title", v.TITLE),
        Column("code", "classCode"),
        Column("kind", "classType", CLASS_TYPE),
        Column("room", "location"),
        Column("periods", "periods"),
        Column("subjects", "subjects"),
        Column("course", "courseSourcedId"),
        Column("school", "schoolSourcedId"),
        Column("terms", "termSourcedIds", v.ITEMS),
    ), m.Section),
    CsvFile("enrollments", (
        _sourced_id(),
        Column("section", "classSourcedId", required=True, refers=(m.Section,)),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("role", "role", ROLE, required=True),
        Column("is_primary", "primary", v.NO_UNLESS_SAID),
        Column("begin_date", "beginDate", v.DATE),
        Column("end_date", "endDate", v.DATE),
    )),
    CsvFile("categories", (
        _sourced_id(),
        Column("title", "title", v.TITLE),
        Column("weight", "weight", v.NUMBER, also=("metadata.weight",)),
    ), m.Category),
    CsvFile("lineItems", (
        _sourced_id(),
        Column("title", "title", v.TITLE),
        Column("description", "description", v.LONG_TEXT),
        Column("assign_date", "assignDate", v.DATE),
        Column("due_date", "dueDate", v.DATE),
        Column("section", "classSourcedId"),
        Column("category", "categorySourcedId"),
        Column("session", "academicSessionSourcedId", also=("gradingPeriodSourcedId",)),
        Column("result_value_min", "resultValueMin", v.NUMBER),
        Column("result_value_max", "resultValueMax", v.NUMBER),
    ), m.LineItem),
    CsvFile("results", (
        _sourced_id(),
        Column("line_item", "lineItemSourcedId"),
        Column("student", "studentSourcedId"),
        Column("score_status", "scoreStatus", SCORE_STATUS),
        Column("score", "score", v.NUMBER),
        Column("text_score", "textScore"),
        Column("score_date", "scoreDate", v.DATE),
        Column("comment", "comment", v.LONG_TEXT),
        Column("late", "late", v.FLAG),
        Column("missing", "missing", v.FLAG),
        Column("incomplete", "incomplete", v.FLAG),
        Column("in_progress", "inProgress", v.FLAG),
    ), m.Result),
)  # fmt: skip

SUPPLEMENT = (
    CsvFile("studentContactAssociations", (
        _sourced_id(),
        Column("student", "studentSourcedId", required=True, refers=(m.Student,)),
        Column("guardian", "contactSourcedId", required=True, refers=(m.Guardian,)),
        Column("relation", "relationDescriptor", v.DESCRIPTOR),
        Column("legal_guardian", "legalGuardian", v.FLAG),
        Column("lives_with", "livesWith", v.FLAG),
        Column("portal_access", "ext.portalAccess", v.FIRM_FLAG),
        Column("contact_restrictions", "contactRestrictions", v.LONG_TEXT),
        Column("restricted_from", "ext.restrictionBeginDate", v.FIRM_DATE),
        Column("restricted_until", "ext.restrictionEndDate", v.FIRM_DATE),
    ), supplement=True),
    CsvFile("userLanguages", (
        _sourced_id(),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("language", "languageDescriptor", v.LANGUAGE),
        Column("use", "languageUseDescriptor", v.LANGUAGE_USE),
    ), supplement=True),
    CsvFile("addresses", (
        _sourced_id(),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("kind", "addressTypeDescriptor", v.DESCRIPTOR),
        Column("street", "streetNumberName"),
        Column("apartment", "apartmentRoomSuiteNumber"),
        Column("city", "city"),
        Column("state", "stateAbbreviationDescriptor", v.DESCRIPTOR),
        Column("postal_code", "postalCode"),
        Column("begin_date", "beginDate", v.DATE),
        Column("end_date", "endDate", v.DATE),
        Column("household", "ext.householdId"),
    ), supplement=True),
    CsvFile("telephones", (
        _sourced_id(),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("number", "telephoneNumber", required=True),
        Column("kind", "telephoneNumberTypeDescriptor", v.DESCRIPTOR),
        Column("priority", "orderOfPriority", v.INTEGER),
        Column("can_text", "textMessageCapabilityIndicator", v.FLAG),
    ), supplement=True),
    CsvFile("electronicMails", (
        _sourced_id(),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("other_email", "electronicMailAddress", v.ADDRESS),
        Column("kind", "electronicMailTypeDescriptor", EMAIL_TYPE),
        Column("is_primary", "primaryEmailAddressIndicator", v.NO_UNLESS_SAID),
    ), supplement=True),
    CsvFile("orgContacts", (
        _sourced_id(),
        Column("org", "orgSourcedId", required=True, refers=(m.School,)),
        Column("street", "streetNumberName"),
        Column("city", "city"),
        Column("state", "stateAbbreviationDescriptor", v.DESCRIPTOR),
        Column("postal_code", "postalCode"),
        Column("phone", "telephoneNumber"),
        Column("phone_type", "institutionTelephoneNumberTypeDescriptor", SCHOOL_PHONE_TYPE),
        Column("web_site", "webSite", v.WEB_SITE),
    ), supplement=True),
    # No kind here may quote what it reads: see `is_confidential`.
    CsvFile("studentIdentificationCodes", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("system", "studentIdentificationSystemDescriptor", v.DESCRIPTOR),
        Column("code_hash", "identificationCode", v.IDENTIFICATION_CODE),
    ), m.IdentificationCode, supplement=True),
    # A sourcedId with a colon is not one of OneRoster's, so these prefixes cannot be confused with the file's own ids.
    CsvFile("studentSchoolAssociations", (
        _sourced_id(),
        Column("student", "studentSourcedId"),
        Column("school", "schoolSourcedId"),
        Column("is_primary", "primarySchool", v.NO_UNLESS_SAID),
        Column("entry_date", "entryDate", v.DATE),
        Column("grade_level", "entryGradeLevelDescriptor", v.DESCRIPTOR),
        Column("exit_date", "exitWithdrawDate", v.DATE),
    ), m.SchoolEnrollment, supplement=True,
        scope="substr(live.sourced_id, 1, 5) <> 'user:' AND substr(live.sourced_id, 1, 6) <> 'class:'",
    ),
    CsvFile("grades", (
        _sourced_id(),
        Column("student", "studentSourcedId"),
        Column("section", "classSourcedId"),
        Column("session", "sessionSourcedId"),
        Column("kind", "gradeTypeDescriptor", v.DESCRIPTOR),
        Column("letter", "letterGradeEarned"),
        Column("number", "numericGradeEarned", v.NUMBER),
        Column("description", "gradeEarnedDescription", v.LONG_TEXT),
        Column("diagnostic", "diagnosticStatement", v.LONG_TEXT),
        Column("is_current", "currentGradeIndicator", v.FLAG),
        Column("as_of", "currentGradeAsOfDate", v.DATE),
    ), m.Grade, supplement=True),
    CsvFile("resultExtensions", (
        Column("sourced_id", "resultSourcedId", required=True, refers=(m.Result,)),
        Column("submission_status", "submissionStatusDescriptor", v.DESCRIPTOR),
        Column("late_status", "assignmentLateStatusDescriptor", v.DESCRIPTOR),
        Column("letter_grade", "letterGradeEarned"),
        Column("points_earned", "pointsEarned", v.NUMBER),
    ), supplement=True),
)  # fmt: skip

#: Every file that is read, by its name without `.csv`.
FILES = {file.name: file for file in ONEROSTER + SUPPLEMENT}
