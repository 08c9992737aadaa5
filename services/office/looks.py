"""That a list showed students' records to a member of staff: written down once for each student and page (X09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from peewee import chunked

from models import AuditEvent
from services.office.scope import Office

#: Within so long, the same list is one look, however often it is loaded again.
ONE_LOOK = dt.timedelta(hours=12)

#: What is written down for a student on a list; a page of one student is "student viewed".
LISTED = "student listed"


def note_listed(by: Office, page: str, student_ids: Iterable[int], now: dt.datetime) -> None:
    """Write down that the list `page` showed these students."""
    wanted = sorted(set(student_ids))
    mine = (AuditEvent.account == by.account) & (AuditEvent.action == LISTED) & (AuditEvent.at > now - ONE_LOOK)
    noted = AuditEvent.select(AuditEvent.student, AuditEvent.details).where(mine, AuditEvent.student.is_null(False))
    known = {event.student_id for event in noted if event.details.get("page") == page}
    rows = [
        {"at": now, "account": by.account, "student": one, "action": LISTED, "details": {"page": page}}
        for one in wanted
        if one not in known
    ]
    for batch in chunked(rows, 500):
        AuditEvent.insert_many(batch).execute()
