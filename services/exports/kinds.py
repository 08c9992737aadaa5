"""What of a student's record goes into a copy: one kind of rows after the other, by the names of the feed's files.

Columns bear the headers that OneRoster 1.2 and Ed-Fi 5.2 give them; `services.feeds.files` declares which they are.
Of other people nothing is taken but the names of teachers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from peewee import ForeignKeyField

import models as m
from config import Settings
from services.feeds.files import FILES
from services.record import grade_levels
from services.record.codes import CodeSet, read
from services.record.transcript import ending

#: One row: values by header, as JSON has them.
Row = dict[str, Any]

#: The part in an incident of the one who did it (Ed-Fi); what is written of the deed is that student's own.
_DOER = "perpetrator"


class Asked(NamedTuple):
    """Whose record, as of which day."""

    student: m.Student
    on: dt.date
    settings: Settings

    @property
    def withheld(self) -> list[str]:
        """The sections that stay closed to whoever asks."""
        return getattr(self.student, "withheld", None) or []


class Kind(NamedTuple):
    """One file: the name that the feed has for it, the sections any of which opens it, its table and which rows.

    `renamed` are columns whose field has another name here, `also` further files with columns of the same rows. Rows
    are left out when a code that is not for families stands in a field of `hides` (with its set of codes); from fields
    of `blanks` such codes are taken out, and what a further field says of them.
    """

    name: str
    sections: tuple[str, ...]
    model: type[m.Table]
    rows: Callable[[Asked], Any]
    renamed: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()
    hides: tuple[tuple[str, str], ...] = ()
    blanks: tuple[tuple[str, str, str | None], ...] = ()

    def columns(self) -> list[tuple[str, str]]:
        """Headers and the fields they show, in the feed's order."""
        renamed = dict(self.renamed)
        fields = self.model._meta.fields
        found: dict[str, str] = {}
        for file in (self.name, *self.also):
            for column in FILES[file].cells:
                field = renamed.get(column.name, column.name)
                if field in fields and column.header not in found:
                    found[column.header] = field
        return list(found.items())


def _own(model: Any) -> Callable[[Asked], Any]:
    return lambda asked: model.student == asked.student.id


def _sections(asked: Asked) -> Any:
    return m.Enrollment.select(m.Enrollment.section).where(m.Enrollment.student == asked.student.id)


def _schools(asked: Asked) -> Any:
    return m.SchoolEnrollment.select(m.SchoolEnrollment.school).where(m.SchoolEnrollment.student == asked.student.id)


def _visible_incidents() -> Any:
    return m.Incident.select(m.Incident.id).where(m.Incident.parent_visible)


def _own_incidents(asked: Asked) -> Any:
    (behaviors,) = read("BehaviorDescriptor")
    parts = m.IncidentBehavior.select().where(m.IncidentBehavior.student == asked.student.id)
    shown = [part.incident_id for part in parts if not behaviors.hides(part.behavior)]
    return m.Incident.parent_visible & m.Incident.id.in_(shown)


def _tests(asked: Asked) -> Any:
    taken = m.StudentAssessment.select(m.StudentAssessment.identifier)
    return m.Assessment.identifier.in_(taken.where(m.StudentAssessment.student == asked.student.id))


def _scores(asked: Asked) -> Any:
    own = m.StudentAssessment.select(m.StudentAssessment.id).where(m.StudentAssessment.student == asked.student.id)
    return m.ScoreResult.student_assessment.in_(own)


_CLASSES = ("grades", "schedule")
_ATTENDANCE = (("category", "AttendanceEventCategoryDescriptor"),)

KINDS = (
    Kind("users", (), m.Student, lambda asked: m.Student.id == asked.student.id, renamed=(("identifier", "number"),)),
    Kind("demographics", (), m.Student, lambda asked: m.Student.id == asked.student.id),
    Kind("orgs", (), m.School, lambda asked: m.School.id.in_(_schools(asked)), also=("orgContacts",)),
    Kind("studentSchoolAssociations", (), m.SchoolEnrollment, _own(m.SchoolEnrollment)),
    Kind("classes", _CLASSES, m.Section, lambda asked: m.Section.id.in_(_sections(asked))),
    Kind("enrollments", _CLASSES, m.Enrollment, _own(m.Enrollment), renamed=(("person", "student"),)),
    Kind("classMeetings", ("schedule",), m.Meeting, lambda asked: m.Meeting.section.in_(_sections(asked))),
    Kind("lineItems", ("grades",), m.LineItem, lambda asked: m.LineItem.section.in_(_sections(asked))),
    Kind("results", ("grades",), m.Result, _own(m.Result), also=("resultExtensions",)),
    Kind("grades", ("grades",), m.Grade, _own(m.Grade), hides=(("kind", "GradeTypeDescriptor"),)),
    Kind("reportCards", ("grades",), m.ReportCard, _own(m.ReportCard),
         blanks=(("gpa_kind", "GradePointAverageTypeDescriptor", "gpa"),)),
    Kind("studentSchoolAttendanceEvents", ("attendance",), m.SchoolAttendanceEvent, _own(m.SchoolAttendanceEvent),
         hides=_ATTENDANCE),
    Kind("studentSectionAttendanceEvents", ("attendance",), m.SectionAttendanceEvent, _own(m.SectionAttendanceEvent),
         hides=_ATTENDANCE),
    Kind("disciplineIncidents", ("behavior",), m.Incident, _own_incidents),
    Kind("studentDisciplineIncidentBehaviorAssociations", ("behavior",), m.IncidentBehavior,
         lambda asked: (m.IncidentBehavior.student == asked.student.id)
         & m.IncidentBehavior.incident.in_(_visible_incidents()),
         hides=(("behavior", "BehaviorDescriptor"),),
         blanks=(("participation", "DisciplineIncidentParticipationCodeDescriptor", None),)),
    Kind("disciplineActions", ("behavior",), m.DisciplineAction,
         lambda asked: (m.DisciplineAction.student == asked.student.id)
         & (m.DisciplineAction.incident.is_null() | m.DisciplineAction.incident.in_(_visible_incidents())),
         hides=(("disciplines", "DisciplineDescriptor"),), blanks=(("disciplines", "DisciplineDescriptor", None),)),
    Kind("assessments", ("tests",), m.Assessment, _tests),
    Kind("studentAssessments", ("tests",), m.StudentAssessment, _own(m.StudentAssessment),
         blanks=(("not_tested", "ReasonNotTestedDescriptor", None), ("retest", "RetestIndicatorDescriptor", None))),
    Kind("studentAssessmentScoreResults", ("tests",), m.ScoreResult, _scores,
         hides=(("method", "AssessmentReportingMethodDescriptor"),),
         blanks=(("performance_level", "PerformanceLevelDescriptor", None),)),
    Kind("studentAcademicRecords", ("history",), m.AcademicRecord, _own(m.AcademicRecord)),
    Kind("courseTranscripts", ("history",), m.TranscriptCourse, _own(m.TranscriptCourse),
         blanks=(("term", "TermDescriptor", None), ("method", "MethodCreditEarnedDescriptor", None))),
    Kind("academicHonors", ("history",), m.AcademicHonor, _own(m.AcademicHonor),
         hides=(("category", "AcademicHonorCategoryDescriptor"),)),
    Kind("studentGraduationPlans", ("history",), m.StudentGraduationPlan, _own(m.StudentGraduationPlan)),
    Kind("libraryTransactions", ("library",), m.Loan, _own(m.Loan)),
    Kind("studentCharges", ("fees",), m.Charge, _own(m.Charge)),
    Kind("mealAccounts", ("fees",), m.MealAccount, _own(m.MealAccount)),
    Kind("studentTransportations", ("transportation",), m.Transportation, _own(m.Transportation)),
    Kind("studentProgramAssociations", ("programs",), m.ProgramParticipation, _own(m.ProgramParticipation),
         hides=(("kind", "ProgramTypeDescriptor"),), blanks=(("services", "ServiceDescriptor", None),)),
)  # fmt: skip

#: What other rows refer to, told of as far as they do.
_REFERRED = (
    Kind("academicSessions", (), m.AcademicSession, lambda asked: None),
    Kind("courses", (), m.Course, lambda asked: None),
    Kind("categories", (), m.Category, lambda asked: None),
    Kind("graduationPlans", (), m.GraduationPlan, lambda asked: None),
)


def files_of(asked: Asked) -> dict[str, tuple[list[str], list[Row]]]:
    """Headers and rows by the name of the file, of everything that is open and of which there is anything."""
    reading = _Reading()
    found: dict[str, tuple[list[str], list[Row]]] = {}
    for kind in KINDS:
        if kind.sections and set(kind.sections) <= set(asked.withheld):
            continue
        rows = list(kind.model.select().where(kind.rows(asked)).order_by(kind.model.id))
        rows = _for_families(kind, _of_this_year_below(kind, rows, asked), asked)
        if rows:
            columns = [(header, field) for header, field in kind.columns() if field not in _closed(kind, asked)]
            found[kind.name] = [header for header, _ in columns], reading.shown(rows, columns)
    if "classes" in found:
        header, rows = found["classes"]
        terms = reading.terms(asked)
        header.append("termSourcedIds")
        for row in rows:
            row["termSourcedIds"] = ",".join(terms.get(row["sourcedId"], ()))
        teachers = [{"classSourcedId": one[0], "givenName": one[1], "familyName": one[2]} for one in _teachers(asked)]
        if teachers:
            found["classTeachers"] = ["classSourcedId", "givenName", "familyName"], teachers
    for kind in _REFERRED:
        rows = reading.referred(kind.model)
        if rows:
            columns = kind.columns()
            found[kind.name] = [header for header, _ in columns], reading.shown(rows, columns)
    codes = _codes(value for _, rows in found.values() for row in rows for value in row.values())
    if codes:
        found["codes"] = list(codes[0]), codes
    return found


class _Reading:
    """Rows as they go into a copy, and what they refer to: numbers of rows become the district's own ids."""

    def __init__(self) -> None:
        self._rows: dict[type[m.Table], dict[int, Any]] = {}

    def shown(self, rows: list[Any], columns: list[tuple[str, str]]) -> list[Row]:
        """The rows by header; a query for each column that refers to another table."""
        for _, name in columns:
            self._learn(rows, name)
        return [{header: self._value(row, field) for header, field in columns} for row in rows]

    def _learn(self, rows: list[Any], name: str) -> None:
        field = rows[0]._meta.fields[name]
        if isinstance(field, ForeignKeyField):
            known = self._rows.setdefault(field.rel_model, {})
            wanted = {row.__data__.get(name) for row in rows} - known.keys() - {None}
            known.update({row.id: row for row in field.rel_model.select().where(field.rel_model.id.in_(wanted))})

    def terms(self, asked: Asked) -> dict[str, list[str]]:
        """The terms of the student's classes, by class."""
        rows = list(
            m.SectionTerm.select(m.SectionTerm, m.Section.sourced_id.alias("of"))
            .join(m.Section)
            .where(m.Section.id.in_(_sections(asked)))
            .order_by(m.SectionTerm.id)
            .objects()
        )
        found: dict[str, list[str]] = {}
        if rows:
            self._learn(rows, "session")
        for row in rows:
            found.setdefault(row.of, []).append(self._value(row, "session"))
        return found

    def referred(self, model: type[m.Table]) -> list[Any]:
        """Every row of a table that has been referred to."""
        return sorted(self._rows.get(model, {}).values(), key=lambda row: row.id)

    def _value(self, row: Any, name: str) -> Any:
        field = row._meta.fields[name]
        value = row.__data__.get(name)
        if isinstance(field, ForeignKeyField):
            return None if value is None else self._rows[field.rel_model][value].sourced_id
        if isinstance(value, (dt.date, dt.time, dt.datetime)):
            return value.isoformat()
        return int(value) if isinstance(value, float) and value.is_integer() else value


def _for_families(kind: Kind, rows: list[Any], asked: Asked) -> list[Any]:
    """The rows without what is not for families, and without what is said there of others' deeds."""
    for field, code_set in kind.hides:
        known = read(code_set)[0]
        rows = [row for row in rows if not _hidden(getattr(row, field), known)]
    if kind.model is m.IncidentBehavior:
        for row in rows:
            row.detail = row.detail if _did_it(row) else None
    if kind.model is m.Incident:
        own = m.IncidentBehavior.select().where(m.IncidentBehavior.student == asked.student.id)
        done = {part.incident_id for part in own if _did_it(part)}
        for row in rows:
            row.description = row.description if row.id in done else None
    for field, code_set, about_it in kind.blanks:
        known = read(code_set)[0]
        for row in rows:
            if about_it and _hidden(getattr(row, field), known):
                setattr(row, about_it, None)
            setattr(row, field, _without_hidden(getattr(row, field), known))
    return rows


def _did_it(part: m.IncidentBehavior) -> bool:
    """Whether the student is the one who did it, or the feed does not say that it was somebody else."""
    return not part.participation or _DOER in [one.strip().lower() for one in part.participation.split(",")]


def _hidden(value: str | None, known: CodeSet) -> bool:
    """Whether every code of a list is hidden."""
    each = [one.strip() for one in (value or "").split(",") if one.strip()]
    return bool(each) and all(known.hides(one) for one in each)


def _without_hidden(value: str | None, known: CodeSet) -> str | None:
    kept = [one.strip() for one in (value or "").split(",") if one.strip() and not known.hides(one.strip())]
    return ", ".join(kept) or None


def _closed(kind: Kind, asked: Asked) -> tuple[str, ...]:
    """Columns that belong to another section, which is withheld."""
    if kind.model is m.ReportCard and "attendance" in asked.withheld:
        return ("days_absent", "days_present", "days_tardy")
    return ()


def _of_this_year_below(kind: Kind, rows: list[Any], asked: Asked) -> list[Any]:
    """Course history below the grade level of which all is shown: this year's alone (G03)."""
    level = grade_levels.level(asked.student.grade_level)
    if "history" not in kind.sections or level is None or level >= asked.settings.history_from_grade:
        return rows
    year = m.AcademicSession.school_year_on(asked.on)
    return [row for row in rows if year is not None and _is_of(row, year)]


def _is_of(row: Any, year: tuple[dt.date, dt.date]) -> bool:
    if isinstance(row, m.AcademicHonor):
        return row.date is not None and year[0] <= row.date <= year[1]
    if isinstance(row, m.StudentGraduationPlan):
        return True
    written = row.school_year
    if not written and isinstance(row, m.TranscriptCourse) and row.academic_record is not None:
        written = row.academic_record.school_year
    return ending(written) == year[1].year


def _teachers(asked: Asked) -> Any:
    return (
        m.Staff.select(m.Section.sourced_id, m.Staff.given_name, m.Staff.family_name)
        .join(m.SectionStaff)
        .join(m.Section)
        .where(m.Section.id.in_(_sections(asked)), m.SectionStaff.role == "teacher")
        .order_by(m.Section.id, m.Staff.family_name, m.Staff.id)
        .tuples()
    )


def _codes(values: Iterable[Any]) -> list[Row]:
    """The district's words for the codes that occur."""
    used = {one.strip().lower() for value in values if isinstance(value, str) for one in value.split(",")}
    rows = m.Code.select().order_by(m.Code.id)
    return [
        {"codeSet": row.code_set, "localCode": row.local_code, "shortDescription": row.short_description}
        for row in rows
        if row.parent_visible is not False and row.short_description and row.local_code.lower() in used
    ]
