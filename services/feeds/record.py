"""Attendance, events and loans: files of the record whose rows need more than to be stored as they are.

Rules: DECISIONS 12 for what an attendance code counts as; feed-supplement.md for the files.
"""

from __future__ import annotations

import models as m
from services.feeds.files import FILES
from services.feeds.landing import After, Landing, Note, Owner
from services.feeds.problems import WARNING

#: What Ed-Fi's own attendance categories count as, in small letters. A leaving before the end of the day is neither.
BUILT_IN = {
    "excused absence": "excused", "unexcused absence": "unexcused", "tardy": "tardy", "in attendance": "present",
    "early departure": "unknown", "partial": "unknown",
}  # fmt: skip

_OF_ATTENDANCE = "(code_set IS NULL OR LOWER(code_set) = 'attendanceeventcategorydescriptor')"


def _built_in(column: str) -> str:
    """What Ed-Fi's own name in a column counts as."""
    cases = " ".join(f"WHEN '{code}' THEN '{meaning}'" for code, meaning in BUILT_IN.items())
    return f"CASE LOWER({column}) {cases} END"


def _meanings(after: After) -> str:
    """A subquery of the district's own attendance codes, `code` in small letters, each with `it` that it counts as.

    A code that does not say so itself counts as the Ed-Fi code that it stands for.
    """
    codes = after("codes", "code_set", "local_code", "code_value", "counts_as")
    return f"""
        SELECT LOWER(local_code) AS code, MIN(COALESCE(counts_as, {_built_in("code_value")})) AS it FROM ({codes}) c
        WHERE {_OF_ATTENDANCE} GROUP BY LOWER(local_code)"""


def _hidden(after: After) -> str:
    """The district's attendance codes, in small letters, that are not for families."""
    codes = after("codes", "code_set", "local_code", "parent_visible")
    return f"SELECT LOWER(local_code) FROM ({codes}) h WHERE NOT parent_visible AND {_OF_ATTENDANCE}"


def _attendance(name: str, model: type[m.Table]) -> Landing:
    """The landing of one of the two files of attendance events."""
    file = FILES[name]
    headers = {column.name: column.header for column in file.cells}

    def select(after: After) -> str:
        return f"""
            SELECT e.n, e.row_state, {", ".join(f"e.{one}" for one in headers)},
                COALESCE(counts.it, {_built_in("e.category")}, 'unknown') AS counts_as
            FROM {file.table} e LEFT JOIN ({_meanings(after)}) counts ON counts.code = LOWER(e.category)
            WHERE LOWER(COALESCE(e.category, '')) NOT IN ({_hidden(after)})"""

    def unmapped(after: After) -> str:
        return f"""
            SELECT MIN(e.n) AS n, MIN(e.category) AS value FROM {file.table} e
            LEFT JOIN ({_meanings(after)}) counts ON counts.code = LOWER(e.category)
            WHERE e.row_state = 1 AND e.category IS NOT NULL AND COALESCE(counts.it, {_built_in("e.category")}) IS NULL
                AND LOWER(e.category) NOT IN ({_hidden(after)})
            GROUP BY LOWER(e.category)"""

    def hidden_since(after: After) -> str:
        return f"""
            LOWER(live.category) IN ({_hidden(after)})
            AND live.sourced_id NOT IN (SELECT sourced_id FROM want_{name} WHERE row_state = 1)"""

    return Landing(
        name, model, {**headers, "counts_as": "attendanceEventCategoryDescriptor"},
        reads=(name,), follows=("codes",), owners=(Owner(file, (("sourced_id", "sourced_id"),)),), select=select,
        superseded=hidden_since,
        notes=(Note(
            name, "attendanceEventCategoryDescriptor", WARNING, "{} is no known code: counted as unknown", unmapped,
        ),),
    )  # fmt: skip


def _event_schools(after: After) -> str:
    return """
        SELECT s.n, 1 AS row_state, s.owner AS event, s.value AS school
        FROM in_ext_schoolEvents_schools s JOIN in_ext_schoolEvents e ON e.n = s.n AND e.row_state = 1"""


def _loans(after: After) -> str:
    """Loans of students; those of staff are nobody's business here."""
    file = FILES["libraryTransactions"]
    columns = ", ".join(column.name for column in file.cells)
    return f"""
        SELECT n, row_state, {columns} FROM {file.table}
        WHERE row_state <> 1 OR student IN ({after("student", "sourced_id")})"""


_EVENTS, _LOANS = FILES["ext.schoolEvents"], FILES["libraryTransactions"]

#: What comes with the classes.
ATTENDANCE = (
    _attendance("studentSchoolAttendanceEvents", m.SchoolAttendanceEvent),
    _attendance("studentSectionAttendanceEvents", m.SectionAttendanceEvent),
)

EVENT_SCHOOLS = Landing(
    "event_schools", m.EventSchool, {"event": "sourcedId", "school": "orgSourcedIds"},
    reads=(_EVENTS.name,), owners=(Owner(_EVENTS, (("sourced_id", "event"),)),), select=_event_schools,
    key=("event", "school"), reference_severity=WARNING, scope="substr(k_event.sourced_id, 1, 7) <> 'office:'",
)  # fmt: skip

LOANS = Landing(
    _LOANS.name, m.Loan, {column.name: column.header for column in _LOANS.cells},
    reads=(_LOANS.name,), owners=(Owner(_LOANS, (("sourced_id", "sourced_id"),)),), select=_loans,
)  # fmt: skip
