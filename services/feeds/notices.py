"""Notices that the SIS sends: one row is a notice in one language, further rows translate it (ext.notices.csv)."""

from __future__ import annotations

import models as m
from services.feeds.files import FILES
from services.feeds.landing import After, Landing, Note, Owner
from services.feeds.problems import ERROR, WARNING

_NOTICES = FILES["ext.notices"]
_SCHOOLS = _NOTICES.list_table(next(column for column in _NOTICES.lists if column.name == "schools"))

_SAME_ROW = (Owner(_NOTICES, (("sourced_id", "sourced_id"),)),)


def _of_nobody(after: After) -> str:
    """The condition on a row `t` that it names organizations, and none of them is known.

    It would otherwise count as one of the whole district, which a notice without organizations is.
    """
    known = f"s.value IN (SELECT sourced_id FROM ({after('orgs', 'sourced_id')}) o)"
    named = f"SELECT 1 FROM {_SCHOOLS} s WHERE s.n = t.n"
    return f"(EXISTS ({named}) AND NOT EXISTS ({named} AND {known}))"


def _notices(after: After) -> str:
    return f"""
        SELECT t.n, CASE WHEN t.row_state = 1 AND {_of_nobody(after)} THEN -1 ELSE t.row_state END AS row_state,
            t.sourced_id, t.begins_on, t.ends_on, t.audience, t.grade_levels, t.must_confirm,
            t.must_confirm AS is_important
        FROM {_NOTICES.table} t WHERE t.translation_of IS NULL"""


def _misdirected(after: After) -> str:
    return f"""
        SELECT t.n, t.sourced_id AS value FROM {_NOTICES.table} t
        WHERE t.row_state = 1 AND t.translation_of IS NULL AND {_of_nobody(after)}"""


def _texts(after: After) -> str:
    return f"""
        SELECT n, row_state, sourced_id, COALESCE(translation_of, sourced_id) AS notice,
            COALESCE(language, '') AS language, title, COALESCE(body, '') AS body
        FROM {_NOTICES.table}"""


def _schools(after: After) -> str:
    return f"""
        SELECT s.n, 1 AS row_state, s.owner AS notice, s.value AS school
        FROM {_SCHOOLS} s JOIN {_NOTICES.table} t ON t.n = s.n AND t.row_state = 1 AND t.translation_of IS NULL"""


NOTICES = (
    Landing(
        _NOTICES.name, m.Notice,
        {
            "sourced_id": "sourcedId", "begins_on": "beginDate", "ends_on": "endDate", "audience": "ext.audienceRoles",
            "grade_levels": "gradeLevelDescriptors", "must_confirm": "ext.requiresAcknowledgement",
            "is_important": "ext.requiresAcknowledgement",
        },
        reads=(_NOTICES.name,), owners=_SAME_ROW, select=_notices,
        # The feed does not say when a notice was written.
        only_new={"created_at": "w.begins_on"},
        notes=(Note(
            _NOTICES.name, "orgSourcedIds", ERROR, "notice {} names organizations, and none of this feed", _misdirected,
        ),),
    ),
    Landing(
        "notice_schools", m.NoticeSchool, {"notice": "sourcedId", "school": "orgSourcedIds"},
        reads=(_NOTICES.name,), owners=(Owner(_NOTICES, (("sourced_id", "notice"),)),), select=_schools,
        key=("notice", "school"), reference_severity=WARNING,
    ),
    Landing(
        "notice_texts", m.NoticeTranslation,
        {
            "sourced_id": "sourcedId", "notice": "ext.translationOf", "language": "ext.language", "title": "ext.title",
            "body": "ext.body",
        },
        reads=(_NOTICES.name,), owners=_SAME_ROW, select=_texts,
    ),
)  # fmt: skip
