"""A demo district written to a folder and read back, with what refers to what."""

import csv
from datetime import date
from functools import cached_property
from pathlib import Path

from services.demo import Cast

TODAY = date(2026, 3, 17)

# table.column → table it points to; list columns are comma separated.
REFERENCES = {
    "academicSessions.parentSourcedId": "academicSessions",
    "academicHonors.studentSourcedId": "users",
    "addresses.userSourcedId": "users",
    "bellScheduleDates.schoolSourcedId": "orgs",
    "bellSchedules.schoolSourcedId": "orgs",
    "calendarDates.schoolSourcedId": "orgs",
    "classMeetings.classSourcedId": "classes",
    "classPeriods.schoolSourcedId": "orgs",
    "classResources.classSourcedId": "classes",
    "classResources.resourceSourcedId": "resources",
    "classes.courseSourcedId": "courses",
    "classes.schoolSourcedId": "orgs",
    "classes.termSourcedIds": "academicSessions",
    "courseResources.courseSourcedId": "courses",
    "courseResources.resourceSourcedId": "resources",
    "courses.orgSourcedId": "orgs",
    "courses.schoolYearSourcedId": "academicSessions",
    "courseTranscripts.studentAcademicRecordSourcedId": "studentAcademicRecords",
    "courseTranscripts.studentSourcedId": "users",
    "demographics.sourcedId": "users",
    "disciplineActions.assignmentSchoolSourcedId": "orgs",
    "disciplineActions.disciplineIncidentSourcedId": "disciplineIncidents",
    "disciplineActions.responsibilitySchoolSourcedId": "orgs",
    "disciplineActions.studentSourcedId": "users",
    "disciplineIncidents.schoolSourcedId": "orgs",
    "electronicMails.userSourcedId": "users",
    "enrollments.classSourcedId": "classes",
    "enrollments.schoolSourcedId": "orgs",
    "enrollments.userSourcedId": "users",
    "ext.schoolEvents.orgSourcedIds": "orgs",
    "ext.notices.orgSourcedIds": "orgs",
    "ext.notices.ext.translationOf": "ext.notices",
    "grades.classSourcedId": "classes",
    "grades.sessionSourcedId": "academicSessions",
    "grades.studentSourcedId": "users",
    "graduationPlanRequirements.graduationPlanSourcedId": "graduationPlans",
    "graduationPlans.orgSourcedId": "orgs",
    "libraryTransactions.userSourcedId": "users",
    "lineItems.academicSessionSourcedId": "academicSessions",
    "lineItems.categorySourcedId": "categories",
    "lineItems.classSourcedId": "classes",
    "lineItems.gradingPeriodSourcedId": "academicSessions",
    "lineItems.schoolSourcedId": "orgs",
    "mealAccounts.studentSourcedId": "users",
    "orgContacts.orgSourcedId": "orgs",
    "orgs.parentSourcedId": "orgs",
    "reportCards.orgSourcedId": "orgs",
    "reportCards.sessionSourcedId": "academicSessions",
    "reportCards.studentSourcedId": "users",
    "resultExtensions.resultSourcedId": "results",
    "results.classSourcedId": "classes",
    "results.lineItemSourcedId": "lineItems",
    "results.studentSourcedId": "users",
    "roles.orgSourcedId": "orgs",
    "roles.userSourcedId": "users",
    "scoreScales.classSourcedId": "classes",
    "scoreScales.courseSourcedId": "courses",
    "scoreScales.orgSourcedId": "orgs",
    "studentAcademicRecords.orgSourcedId": "orgs",
    "studentAcademicRecords.studentSourcedId": "users",
    "studentAssessmentScoreResults.studentAssessmentSourcedId": "studentAssessments",
    "studentAssessments.studentSourcedId": "users",
    "studentCharges.studentSourcedId": "users",
    "studentContactAssociations.contactSourcedId": "users",
    "studentContactAssociations.studentSourcedId": "users",
    "studentDisciplineIncidentBehaviorAssociations.disciplineIncidentSourcedId": "disciplineIncidents",
    "studentDisciplineIncidentBehaviorAssociations.studentSourcedId": "users",
    "studentGraduationPlans.graduationPlanSourcedId": "graduationPlans",
    "studentGraduationPlans.studentSourcedId": "users",
    "studentIdentificationCodes.studentSourcedId": "users",
    "studentProgramAssociations.schoolSourcedId": "orgs",
    "studentProgramAssociations.studentSourcedId": "users",
    "studentSchoolAssociations.graduationPlanSourcedId": "graduationPlans",
    "studentSchoolAssociations.schoolSourcedId": "orgs",
    "studentSchoolAssociations.studentSourcedId": "users",
    "studentSchoolAttendanceEvents.schoolSourcedId": "orgs",
    "studentSchoolAttendanceEvents.sessionSourcedId": "academicSessions",
    "studentSchoolAttendanceEvents.studentSourcedId": "users",
    "studentSectionAttendanceEvents.classSourcedId": "classes",
    "studentSectionAttendanceEvents.sessionSourcedId": "academicSessions",
    "studentSectionAttendanceEvents.studentSourcedId": "users",
    "studentTransportations.studentSourcedId": "users",
    "telephones.userSourcedId": "users",
    "userLanguages.userSourcedId": "users",
    "users.agentSourcedIds": "users",
    "users.orgSourcedIds": "orgs",
    "users.primaryOrgSourcedId": "orgs",
}
Row = dict[str, str]


class Feed:
    """A written district, read back: rows by table, users by sourcedId."""

    def __init__(self, folder: Path, cast: Cast) -> None:
        self.cast = cast
        self.folder = folder
        self.tables: dict[str, list[Row]] = {}
        for path in sorted(folder.glob("*/*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                self.tables[path.stem] = list(csv.DictReader(file))
        self.users = {row["sourcedId"]: row for row in self.tables["users"]}

    def of(self, table: str, column: str, value: str) -> list[Row]:
        """Rows of a table whose column has that value."""
        return [row for row in self.tables[table] if row[column] == value]

    def links(self, scenario: str) -> list[Row]:
        """The persona's rows in studentContactAssociations."""
        return self.of("studentContactAssociations", "contactSourcedId", self.cast.find(scenario).sourced_id)

    def schools(self, student: str) -> list[str]:
        """Schools of a student's associations, in order."""
        return [row["schoolSourcedId"] for row in self.of("studentSchoolAssociations", "studentSourcedId", student)]

    @cached_property
    def level(self) -> dict[str, str]:
        """Elementary, Middle or High by school."""
        return {row["sourcedId"]: row["name"].split()[-1] for row in self.of("orgs", "type", "school")}

    def own(self, table: str, student: str, *columns: str) -> list[tuple[str, ...]]:
        """These columns of a student's rows."""
        return [tuple(row[column] for column in columns) for row in self.of(table, "studentSourcedId", student)]
