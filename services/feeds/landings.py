"""Where every file lands, in an order in which what is referred to comes first, and which files hang on which.

Files with a model land by themselves; `derived`, `contacts`, `record` and `notices` have the others.
"""

from __future__ import annotations

import models as m
from services.feeds import contacts, derived, notices, record
from services.feeds.files import FILES, CsvFile
from services.feeds.landing import Landing, Owner

#: A school that comes during a pilot is off until somebody switches it on (D02); only an org with a switch makes one.
_OFF_DURING_A_PILOT = {
    "switched_on": """NOT EXISTS (
        SELECT 1 FROM school s WHERE s.active AND NOT s.switched_on
            AND (s.kind = 'school' OR s.id IN (SELECT school_id FROM school_enrollment)))""",
}


def _direct(name: str) -> Landing:
    """The landing of a file that is one row, one row."""
    file = FILES[name]
    assert file.model is not None, name  # noqa: S101
    return Landing(
        name,
        file.model,
        {column.name: column.header for column in file.cells},
        reads=(name,),
        owners=(Owner(file, ((file.key.name, file.key.name),)),),
        key=(file.key.name,),
        flag="active" if "active" in file.model._meta.fields else None,
        scope=file.scope or "TRUE",
        only_new=_OFF_DURING_A_PILOT if file.model is m.School else {},
    )


_ORDERED = (
    "orgs", "academicSessions", "graduationPlans", "codes", *derived.PEOPLE, *contacts.CONTACTS,
    *derived.GUARDIANSHIPS, "courses", "classes", *derived.CLASSES, "studentSchoolAssociations",
    *derived.SCHOOL_ENROLLMENTS, "categories", "lineItems", "results", derived.RESULT_EXTENSIONS,
    *record.ATTENDANCE, "ext.schoolEvents", record.EVENT_SCHOOLS, *notices.NOTICES, record.LOANS,
)  # fmt: skip

#: Every landing. Files that a later version declares need no place of their own here: they come last.
LANDINGS: tuple[Landing, ...] = tuple(_direct(one) if isinstance(one, str) else one for one in _ORDERED) + tuple(
    _direct(file.name) for file in FILES.values() if file.model is not None and file.name not in _ORDERED
)

#: The landing that makes a model's rows.
MAKERS: dict[type[m.Table], Landing] = {one.model: one for one in reversed(LANDINGS) if not one.patch}


def referred_files(file: CsvFile) -> set[str]:
    """The files that bring the rows which a file's columns refer to."""
    models = {model for column in file.columns for model in column.refers}
    if file.model is not None:
        models |= set(_direct(file.name).references.values())
    return {name for model in models for name in MAKERS[model].reads} - {file.name}
