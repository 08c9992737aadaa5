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
RULES = "2"

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


def _code_set(cell: str) -> str | None:
    """The name of an Ed-Fi descriptor, with or without its namespace."""
    return v.text(re.split("[/#]", cell.strip().rstrip("/#"))[-1])


def _counts_as(cell: str) -> object:
    """What an attendance code counts as: one of six words, because pages have no other."""
    try:
        return v.enumeration("excused", "unexcused", "exempt", "unknown", "tardy", "present")(cell)
    except v.OddValue as remark:
        raise v.BadValue(remark.reason) from None


def _hidden_if_unclear(cell: str) -> bool | None:
    """A flag that shows what others only name, so that leaving its row out would show it."""
    try:
        return v.flag(cell)
    except v.BadValue as remark:
        raise v.OddValue(f"{remark.reason}: taken as false", False) from None


CODE_SET = Kind(_code_set)
COUNTS_AS = Kind(_counts_as)
CODE_VISIBLE = Kind(_hidden_if_unclear, "BOOLEAN")
# Where it cannot be read, the row is left out rather than shown.
VISIBLE_UNLESS_SAID = Kind(v.firm(v.assumed(True)), "BOOLEAN")


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
        Column("given_key", "givenName", v.FOLDED_NAME),
        Column("family_key", "familyName", v.FOLDED_NAME),
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
    CsvFile("resources", (
        _sourced_id(),
        Column("title", "title", v.TITLE),
        Column("vendor_resource_id", "vendorResourceId"),
        Column("roles", "roles"),
        Column("importance", "importance"),
    ), m.Resource),
    CsvFile("classResources", (
        _sourced_id(),
        Column("title", "title"),
        Column("section", "classSourcedId"),
        Column("resource", "resourceSourcedId"),
    ), m.SectionResource),
    CsvFile("courseResources", (
        _sourced_id(),
        Column("title", "title"),
        Column("course", "courseSourcedId"),
        Column("resource", "resourceSourcedId"),
    ), m.CourseResource),
    CsvFile("scoreScales", (
        _sourced_id(),
        Column("title", "title", v.TITLE),
        Column("kind", "type"),
        Column("school", "orgSourcedId"),
        Column("course", "courseSourcedId"),
        Column("section", "classSourcedId"),
        Column("marks", "scoreScaleValue", v.LONG_TEXT),
    ), m.ScoreScale),
)  # fmt: skip

SUPPLEMENT = (
    CsvFile("codes", (
        Column("sourced_id", "sourcedId"),
        Column("code_set", "codeSet", CODE_SET),
        Column("local_code", "localCode", v.DESCRIPTOR),
        Column("code_value", "codeValue", v.DESCRIPTOR),
        Column("short_description", "shortDescription"),
        Column("counts_as", "ext.countsAs", COUNTS_AS),
        Column("parent_visible", "ext.parentVisible", CODE_VISIBLE),
    ), m.Code, supplement=True),
    CsvFile("studentContactAssociations", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId", required=True, refers=(m.Student,)),
        Column("guardian", "contactSourcedId", required=True, refers=(m.Guardian,)),
        Column("relation", "relationDescriptor", v.DESCRIPTOR),
        Column("legal_guardian", "legalGuardian", v.FLAG),
        Column("lives_with", "livesWith", v.FLAG),
        Column("household", "ext.householdId"),
        Column("portal_access", "ext.portalAccess", v.FIRM_FLAG),
        Column("contact_restrictions", "contactRestrictions", v.LONG_TEXT),
        Column("restricted_from", "ext.restrictionBeginDate", v.FIRM_DATE),
        Column("restricted_until", "ext.restrictionEndDate", v.FIRM_DATE),
    ), supplement=True),
    CsvFile("userLanguages", (
        Column("sourced_id", "sourcedId"),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("language", "languageDescriptor", v.LANGUAGE),
        Column("use", "languageUseDescriptor", v.LANGUAGE_USE),
    ), supplement=True),
    CsvFile("addresses", (
        Column("sourced_id", "sourcedId"),
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
        Column("sourced_id", "sourcedId"),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("number", "telephoneNumber", required=True),
        Column("digits", "telephoneNumber", v.DIGITS),
        Column("kind", "telephoneNumberTypeDescriptor", v.DESCRIPTOR),
        Column("priority", "orderOfPriority", v.INTEGER),
        Column("can_text", "textMessageCapabilityIndicator", v.FLAG),
    ), supplement=True),
    CsvFile("electronicMails", (
        Column("sourced_id", "sourcedId"),
        Column("person", "userSourcedId", required=True, refers=PEOPLE),
        Column("other_email", "electronicMailAddress", v.ADDRESS),
        Column("kind", "electronicMailTypeDescriptor", EMAIL_TYPE),
        Column("is_primary", "primaryEmailAddressIndicator", v.NO_UNLESS_SAID),
    ), supplement=True),
    CsvFile("orgContacts", (
        Column("sourced_id", "sourcedId"),
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
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("school", "schoolSourcedId"),
        Column("is_primary", "primarySchool", v.NO_UNLESS_SAID),
        Column("entry_date", "entryDate", v.DATE),
        Column("grade_level", "entryGradeLevelDescriptor", v.DESCRIPTOR),
        Column("exit_date", "exitWithdrawDate", v.DATE),
        Column("calendar_code", "calendarCode"),
        Column("plan", "graduationPlanSourcedId"),
    ), m.SchoolEnrollment, supplement=True,
        scope="substr(live.sourced_id, 1, 5) <> 'user:' AND substr(live.sourced_id, 1, 6) <> 'class:'",
    ),
    CsvFile("grades", (
        Column("sourced_id", "sourcedId"),
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
    CsvFile("studentSchoolAttendanceEvents", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId", required=True, refers=(m.Student,)),
        Column("school", "schoolSourcedId"),
        Column("session", "sessionSourcedId"),
        Column("date", "eventDate", v.DATE, required=True),
        Column("category", "attendanceEventCategoryDescriptor", v.DESCRIPTOR),
        Column("reason", "attendanceEventReason"),
        Column("duration", "eventDuration", v.NUMBER),
        Column("arrival_time", "arrivalTime", v.TIME),
        Column("departure_time", "departureTime", v.TIME),
    ), supplement=True),
    CsvFile("studentSectionAttendanceEvents", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId", required=True, refers=(m.Student,)),
        Column("section", "classSourcedId", required=True, refers=(m.Section,)),
        Column("session", "sessionSourcedId"),
        Column("date", "eventDate", v.DATE, required=True),
        Column("period", "classPeriodName"),
        Column("category", "attendanceEventCategoryDescriptor", v.DESCRIPTOR),
        Column("reason", "attendanceEventReason"),
        Column("duration", "eventDuration", v.NUMBER),
        Column("arrival_time", "arrivalTime", v.TIME),
        Column("departure_time", "departureTime", v.TIME),
    ), supplement=True),
    # Who reported it, weapons and the police's numbers are not for families and are not read.
    CsvFile("disciplineIncidents", (
        Column("sourced_id", "sourcedId"),
        Column("school", "schoolSourcedId"),
        Column("date", "incidentDate", v.DATE),
        Column("time", "incidentTime", v.TIME),
        Column("location", "incidentLocationDescriptor", v.DESCRIPTOR),
        Column("description", "incidentDescription", v.LONG_TEXT),
        Column("parent_visible", "ext.parentVisible", VISIBLE_UNLESS_SAID),
    ), m.Incident, supplement=True),
    CsvFile("studentDisciplineIncidentBehaviorAssociations", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("incident", "disciplineIncidentSourcedId"),
        Column("behavior", "behaviorDescriptor", v.DESCRIPTOR),
        Column("detail", "behaviorDetailedDescription", v.LONG_TEXT),
        Column("participation", "disciplineIncidentParticipationCodeDescriptors", v.DESCRIPTORS),
    ), m.IncidentBehavior, supplement=True),
    # An action is left out with the incident that it names: without it, nobody could tell whether it is for families.
    CsvFile("disciplineActions", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("incident", "disciplineIncidentSourcedId", refers=(m.Incident,)),
        Column("disciplines", "disciplineDescriptors", v.DESCRIPTORS),
        Column("date", "disciplineDate", v.DATE),
        Column("length", "disciplineActionLength", v.NUMBER),
        Column("actual_length", "actualDisciplineActionLength", v.NUMBER),
    ), m.DisciplineAction, supplement=True),
    CsvFile("assessments", (
        Column("sourced_id", "sourcedId"),
        Column("identifier", "assessmentIdentifier"),
        Column("namespace", "namespace"),
        Column("title", "assessmentTitle"),
        Column("category", "assessmentCategoryDescriptor", v.DESCRIPTOR),
        Column("subjects", "academicSubjectDescriptors", v.DESCRIPTORS),
        Column("max_raw_score", "maxRawScore", v.NUMBER),
        Column("family", "assessmentFamily"),
        Column("parent_text", "ext.parentText", v.LONG_TEXT),
        Column("web_site", "ext.webSite", v.WEB_SITE),
    ), m.Assessment, supplement=True),
    CsvFile("assessmentScores", (
        Column("sourced_id", "sourcedId"),
        Column("identifier", "assessmentIdentifier"),
        Column("namespace", "namespace"),
        Column("objective", "objectiveAssessmentIdentificationCode"),
        Column("method", "assessmentReportingMethodDescriptor", v.DESCRIPTOR),
        Column("minimum", "minimumScore"),
        Column("maximum", "maximumScore"),
    ), m.AssessmentScale, supplement=True),
    CsvFile("studentAssessments", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("identifier", "assessmentIdentifier"),
        Column("namespace", "namespace"),
        Column("date", "administrationDate", v.DATE),
        Column("grade_level", "whenAssessedGradeLevelDescriptor", v.DESCRIPTOR),
        Column("school_year", "schoolYear"),
        Column("retest", "retestIndicatorDescriptor", v.DESCRIPTOR),
        Column("not_tested", "reasonNotTestedDescriptor", v.DESCRIPTOR),
    ), m.StudentAssessment, supplement=True),
    CsvFile("studentAssessmentScoreResults", (
        Column("sourced_id", "sourcedId"),
        Column("student_assessment", "studentAssessmentSourcedId"),
        Column("objective", "objectiveAssessmentIdentificationCode"),
        Column("method", "assessmentReportingMethodDescriptor", v.DESCRIPTOR),
        Column("result", "result"),
        Column("performance_level", "performanceLevelDescriptor", v.DESCRIPTOR),
    ), m.ScoreResult, supplement=True),
    CsvFile("reportCards", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("school", "orgSourcedId"),
        Column("session", "sessionSourcedId"),
        Column("days_absent", "numberOfDaysAbsent", v.NUMBER),
        Column("days_present", "numberOfDaysInAttendance", v.NUMBER),
        Column("days_tardy", "numberOfDaysTardy", v.NUMBER),
        Column("gpa", "gradePointAverageValue", v.NUMBER),
        Column("gpa_kind", "gradePointAverageTypeDescriptor", v.DESCRIPTOR),
    ), m.ReportCard, supplement=True),
    CsvFile("studentAcademicRecords", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("school", "orgSourcedId"),
        Column("school_year", "schoolYear"),
        Column("term", "termDescriptor", v.DESCRIPTOR),
        Column("cumulative_earned", "cumulativeEarnedCredits", v.NUMBER),
        Column("cumulative_attempted", "cumulativeAttemptedCredits", v.NUMBER),
        Column("session_earned", "sessionEarnedCredits", v.NUMBER),
        Column("session_attempted", "sessionAttemptedCredits", v.NUMBER),
        Column("gpa", "gradePointAverageValue", v.NUMBER),
        Column("gpa_kind", "gradePointAverageTypeDescriptor", v.DESCRIPTOR),
        Column("gpa_is_cumulative", "isCumulative", v.FLAG),
        Column("gpa_max", "maxGradePointAverageValue", v.NUMBER),
        Column("class_rank", "classRank", v.INTEGER),
        Column("class_size", "totalNumberInClass", v.INTEGER),
        Column("graduates_on", "projectedGraduationDate", v.DATE),
    ), m.AcademicRecord, supplement=True),
    CsvFile("courseTranscripts", (
        Column("sourced_id", "sourcedId"),
        Column("academic_record", "studentAcademicRecordSourcedId"),
        Column("student", "studentSourcedId"),
        Column("code", "courseCode"),
        Column("title", "courseTitle"),
        Column("subject", "academicSubjectDescriptor", v.DESCRIPTOR),
        Column("school_year", "schoolYear"),
        Column("term", "termDescriptor", v.DESCRIPTOR),
        Column("grade_level", "whenTakenGradeLevelDescriptor", v.DESCRIPTOR),
        Column("attempted", "attemptedCredits", v.NUMBER),
        Column("earned", "earnedCredits", v.NUMBER),
        Column("credit_kind", "creditTypeDescriptor", v.DESCRIPTOR),
        Column("credit_categories", "creditCategoryDescriptors", v.DESCRIPTORS),
        Column("letter", "finalLetterGradeEarned"),
        Column("number", "finalNumericGradeEarned", v.NUMBER),
        Column("result", "courseAttemptResultDescriptor", v.DESCRIPTOR),
        Column("repeat", "courseRepeatCodeDescriptor", v.DESCRIPTOR),
        Column("method", "methodCreditEarnedDescriptor", v.DESCRIPTOR),
        Column("taken_at", "externalEducationOrganizationNameOfInstitution"),
    ), m.TranscriptCourse, supplement=True),
    CsvFile("academicHonors", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("category", "academicHonorCategoryDescriptor", v.DESCRIPTOR),
        Column("description", "honorDescription"),
        Column("date", "honorAwardDate", v.DATE),
    ), m.AcademicHonor, supplement=True),
    CsvFile("graduationPlans", (
        Column("sourced_id", "sourcedId"),
        Column("school", "orgSourcedId"),
        Column("kind", "graduationPlanTypeDescriptor", v.DESCRIPTOR),
        Column("school_year", "graduationSchoolYear"),
        Column("total_credits", "totalRequiredCredits", v.NUMBER),
    ), m.GraduationPlan, supplement=True),
    CsvFile("graduationPlanRequirements", (
        Column("sourced_id", "sourcedId"),
        Column("plan", "graduationPlanSourcedId"),
        Column("kind", "ext.requirementType"),
        Column("subject", "academicSubjectDescriptor", v.DESCRIPTOR),
        Column("credit_category", "creditCategoryDescriptor", v.DESCRIPTOR),
        Column("course_set", "courseSetName"),
        Column("course_codes", "courseCodes", v.LONG_TEXT),
        Column("credits", "credits", v.NUMBER),
        Column("assessment", "assessmentIdentifier"),
    ), m.GraduationRequirement, supplement=True),
    CsvFile("studentGraduationPlans", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("plan", "graduationPlanSourcedId"),
        Column("graduates_on", "projectedGraduationDate", v.DATE),
    ), m.StudentGraduationPlan, supplement=True),
    CsvFile("calendarDates", (
        Column("sourced_id", "sourcedId"),
        Column("school", "schoolSourcedId"),
        Column("calendar_code", "calendarCode"),
        Column("date", "date", v.DATE),
        Column("kinds", "calendarEventDescriptors", v.DESCRIPTORS),
    ), m.CalendarDay, supplement=True),
    CsvFile("ext.schoolEvents", (
        Column("sourced_id", "sourcedId"),
        Column("schools", "orgSourcedIds", v.ITEMS),
        Column("title", "ext.title", v.TITLE),
        Column("description", "ext.description", v.LONG_TEXT),
        Column("begin_date", "beginDate", v.DATE),
        Column("start_time", "startTime", v.TIME),
        Column("end_date", "endDate", v.DATE),
        Column("end_time", "endTime", v.TIME),
        Column("location", "ext.location"),
        Column("audience", "ext.audienceRoles"),
        Column("grade_levels", "gradeLevelDescriptors", v.DESCRIPTORS),
        # The office enters events of its own; their ids have a colon, which OneRoster's cannot have.
    ), m.Event, supplement=True, scope="substr(live.sourced_id, 1, 7) <> 'office:'"),
    CsvFile("ext.notices", (
        Column("sourced_id", "sourcedId"),
        Column("translation_of", "ext.translationOf"),
        Column("schools", "orgSourcedIds", v.ITEMS),
        Column("title", "ext.title", required=True),
        Column("body", "ext.body", v.LONG_TEXT),
        Column("language", "ext.language", v.LANGUAGE),
        Column("begins_on", "beginDate", v.DATE, required=True),
        Column("ends_on", "endDate", v.DATE),
        Column("audience", "ext.audienceRoles"),
        Column("grade_levels", "gradeLevelDescriptors", v.DESCRIPTORS),
        Column("must_confirm", "ext.requiresAcknowledgement", v.NO_UNLESS_SAID),
    ), supplement=True),
    CsvFile("classPeriods", (
        Column("sourced_id", "sourcedId"),
        Column("school", "schoolSourcedId"),
        Column("name", "classPeriodName"),
        Column("start_time", "startTime", v.TIME),
        Column("end_time", "endTime", v.TIME),
        Column("official", "officialAttendancePeriod", v.FLAG),
    ), m.ClassPeriod, supplement=True),
    CsvFile("bellSchedules", (
        Column("sourced_id", "sourcedId"),
        Column("school", "schoolSourcedId"),
        Column("name", "bellScheduleName"),
        Column("period", "classPeriodName"),
        Column("alternate_day", "alternateDayName"),
        Column("start_time", "startTime", v.TIME),
        Column("end_time", "endTime", v.TIME),
    ), m.BellTime, supplement=True),
    CsvFile("bellScheduleDates", (
        Column("sourced_id", "sourcedId"),
        Column("school", "schoolSourcedId"),
        Column("name", "bellScheduleName"),
        Column("date", "date", v.DATE),
        Column("alternate_day", "alternateDayName"),
    ), m.BellDay, supplement=True),
    CsvFile("classMeetings", (
        Column("sourced_id", "sourcedId"),
        Column("section", "classSourcedId"),
        Column("alternate_day", "alternateDayName"),
        Column("period", "classPeriodName"),
        Column("start_time", "startTime", v.TIME),
        Column("end_time", "endTime", v.TIME),
        Column("room", "classroomIdentificationCode"),
    ), m.Meeting, supplement=True),
    CsvFile("libraryTransactions", (
        Column("sourced_id", "sourcedId"),
        Column("student", "userSourcedId", required=True, refers=PEOPLE),
        Column("kind", "type"),
        Column("title", "title"),
        Column("author", "author"),
        Column("call_number", "callNumber"),
        Column("price", "price", v.NUMBER),
        Column("checked_out_on", "ext.checkedOutOn", v.DATE),
        Column("return_by", "returnBy", v.DATE),
        Column("fine_kind", "fineType"),
        Column("fine_on", "fineAssessed", v.DATE),
        Column("fine_description", "fineDescription"),
        Column("fine_amount", "fineAmount", v.NUMBER),
        Column("state", "ext.transactionStatus"),
        Column("item_class", "ext.itemClass"),
    ), supplement=True),
    CsvFile("studentCharges", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("form_number", "formNumber"),
        Column("billed_on", "billingDate", v.DATE),
        Column("description", "transactionDescription"),
        Column("amount", "billedAmount", v.NUMBER),
        Column("due_date", "dueDate", v.DATE),
        Column("ledger", "ledger"),
        Column("voluntary", "voluntary", v.FLAG),
        Column("paid", "ext.amountPaid", v.NUMBER),
        Column("balance", "ext.balance", v.NUMBER),
        Column("pay_url", "ext.payUrl", v.WEB_SITE),
    ), m.Charge, supplement=True),
    CsvFile("mealAccounts", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("number", "ext.accountNumber"),
        Column("balance", "ext.balance", v.NUMBER),
        Column("as_of", "ext.asOfDateTime", v.DATE),
        Column("low_balance", "ext.lowBalanceThreshold", v.NUMBER),
    ), m.MealAccount, supplement=True),
    CsvFile("studentTransportations", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("kind", "transportationTypeDescriptor", v.DESCRIPTOR),
        Column("bus_number", "busNumber"),
        Column("route", "busRoute"),
        Column("days", "travelDayofWeekDescriptors", v.DESCRIPTORS),
        Column("direction", "travelDirectionDescriptors", v.DESCRIPTORS),
        Column("mileage", "mileage", v.NUMBER),
        Column("stop", "ext.stopName"),
        Column("stop_time", "ext.stopTime", v.TIME),
    ), m.Transportation, supplement=True),
    CsvFile("studentProgramAssociations", (
        Column("sourced_id", "sourcedId"),
        Column("student", "studentSourcedId"),
        Column("school", "schoolSourcedId"),
        Column("name", "programName"),
        Column("kind", "programTypeDescriptor", v.DESCRIPTOR),
        Column("begin_date", "beginDate", v.DATE),
        Column("end_date", "endDate", v.DATE),
        Column("services", "programServiceDescriptors", v.DESCRIPTORS),
        Column("reason_exited", "reasonExitedDescriptor", v.DESCRIPTOR),
    ), m.ProgramParticipation, supplement=True),
)  # fmt: skip

#: Every file that is read, by its name without `.csv`.
FILES = {file.name: file for file in ONEROSTER + SUPPLEMENT}
