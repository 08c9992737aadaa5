"""What the office decides about one guardian and one child: restricted, granted, withheld, connected (D06, C01).

Parents have equal rights until a document says otherwise, so every decision that takes or gives access names one.
All of it counts from the next request on, in sessions that are open too, and no feed undoes it (DECISIONS 5).
A decision changes what stood when its pair was read, and nothing else: each raises Changed when another came first.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import NamedTuple

from peewee import JOIN, ModelSelect

from models import (
    SECTIONS,
    Account,
    ActivationKey,
    AuditEvent,
    CalendarFeed,
    Guardian,
    Guardianship,
    JoinedGuardian,
    Staff,
    Student,
    database,
)
from services import keys, withdrawal
from services.office.scope import Office
from services.passwords import Complaints, FieldError

#: The longest reference to a document, and the longest reason.
DOCUMENT_LENGTH, REASON_LENGTH = 200, 500

#: What is written down about a pair, and shown as its history.
ACTIONS = (
    "access restricted", "restriction lifted", "access granted", "grant ended", "sections withheld",
    "guardian connected", "guardian disconnected",
)  # fmt: skip

#: The relations that the office can enter, in the words of the SIS (Ed-Fi RelationDescriptor), by the portal's codes.
RELATIONS = {
    "mother": "Mother", "father": "Father", "grandparent": "Grandparent", "stepparent": "Stepparent",
    "guardian": "Legal guardian", "other": "Other",
}  # fmt: skip


#: What the office decides about a pair, column by column.
_DECIDED = (
    "office_access", "office_document", "office_reason", "office_from", "office_until", "withheld", "from_office",
)  # fmt: skip


class NotNow(Exception):
    """The pair is not in a state that allows it: somebody else has changed it meanwhile."""


class Changed(NotNow):
    """What the office had decided when the pair was read no longer stands: nothing was written over it."""


class Entry(NamedTuple):
    """One decision of the past: when, by whom, what, and the details that were given."""

    at: dt.datetime
    who: str
    action: str
    details: dict[str, object]


def find(guardian: Guardian, student: Student) -> Guardianship | None:
    """What there is between the two, or None."""
    found: Guardianship | None = Guardianship.get_or_none(
        Guardianship.guardian == guardian, Guardianship.student == student
    )
    return found


def version(pair: Guardianship | None) -> str:
    """What the office has decided about a pair, as a short text that is another as soon as any of it is."""
    decided = [getattr(pair, name) for name in _DECIDED] if pair is not None else []
    return hashlib.sha256(json.dumps(decided, default=str).encode()).hexdigest()[:16]


def is_restricted(pair: Guardianship | None) -> bool:
    """Whether the office has entered a restriction, in force or not."""
    return pair is not None and pair.office_access is not None and not pair.office_access


def restrict(
    pair: Guardianship, *, document: str, reason: str, begins: dt.date | None, ends: dt.date | None, by: Office,
    now: dt.datetime,
) -> None:  # fmt: skip
    """End this guardian's access to this child from `begins` (None: at once) through `ends` (None: until lifted).

    Where it counts already, the calendar's address, unused keys for the child and queued mail about the child end with
    it. Raises FieldErrors: `document` empty or long, `reason` long, `ends` order or past.
    """
    complaints = Complaints()
    with complaints:
        document = text("document", document, DOCUMENT_LENGTH, required=True)
    with complaints:
        reason = text("reason", reason, REASON_LENGTH, required=False)
    with complaints:
        if ends is not None and begins is not None and ends < begins:
            raise FieldError("ends", "order")
        if ends is not None and ends < by.on:
            raise FieldError("ends", "past")
    complaints.raise_any()
    values = {
        "office_access": False, "office_document": document, "office_reason": reason or None, "office_from": begins,
        "office_until": ends,
    }  # fmt: skip
    with database.atomic():
        _change(pair, values)
        end_what_is_open(pair, by.on, now)
        _note("access restricted", pair, by, now, document=document, reason=reason, begins=begins, ends=ends)


def lift(pair: Guardianship, *, reason: str, by: Office, now: dt.datetime) -> None:
    """Take the office's restriction, or its grant, away: from then on the relation and the SIS decide.

    Raises FieldError for a reason that is empty or long, NotNow when there is nothing to take away.
    """
    reason = text("reason", reason, REASON_LENGTH, required=True)
    if pair.office_access is None:
        raise NotNow
    granted = bool(pair.office_access)
    with database.atomic():
        _change(pair, _NOTHING_DECIDED)
        end_what_is_open(pair, by.on, now)
        _note("grant ended" if granted else "restriction lifted", pair, by, now, reason=reason)


def grant(pair: Guardianship, *, document: str, by: Office, now: dt.datetime) -> None:
    """Open the child to a guardian whose relation alone gives no access (DECISIONS 2).

    A "no" of the SIS and a restriction are stronger. Raises FieldError for the document, NotNow while there is either.
    """
    document = text("document", document, DOCUMENT_LENGTH, required=True)
    if is_restricted(pair) or pair.portal_access is False:
        raise NotNow
    with database.atomic():
        _change(pair, {**_NOTHING_DECIDED, "office_access": True, "office_document": document})
        _note("access granted", pair, by, now, document=document)


def withhold(pair: Guardianship, sections: list[str], *, reason: str, by: Office, now: dt.datetime) -> None:
    """Keep these sections of the record closed to this guardian and open all others (C01).

    Names that are no section are dropped. Raises FieldError for a reason that is empty or long.
    """
    reason = text("reason", reason, REASON_LENGTH, required=True)
    chosen = [name for name in SECTIONS if name in sections]
    with database.atomic():
        _change(pair, {"withheld": chosen})
        _note("sections withheld", pair, by, now, sections=chosen, reason=reason)


def connect(
    guardian: Guardian, student: Student, *, relation: str, legal_guardian: bool, document: str, by: Office,
    now: dt.datetime,
) -> Guardianship:  # fmt: skip
    """Make somebody a guardian of a student whom the SIS does not pair, and open the child (D06).

    A restriction that the office entered before stays. Raises FieldErrors: `relation` unknown, `document`; NotNow when
    the two are connected.
    """
    complaints = Complaints()
    with complaints:
        if relation not in RELATIONS:
            raise FieldError("relation", "unknown")
    with complaints:
        document = text("document", document, DOCUMENT_LENGTH, required=True)
    complaints.raise_any()
    with database.atomic():
        Guardianship.insert(student=student, guardian=guardian).on_conflict_ignore().execute()
        pair = find(guardian, student)
        assert pair is not None  # noqa: S101 - just made
        if _is_vouched_for(pair):
            raise NotNow
        values = {"relation": RELATIONS[relation], "legal_guardian": legal_guardian, "from_office": True}
        if not is_restricted(pair):
            values |= {**_NOTHING_DECIDED, "office_access": True, "office_document": document}
        _change(pair, values)
        _note("guardian connected", pair, by, now, relation=relation, legal_guardian=legal_guardian, document=document)
    return pair


def disconnect(pair: Guardianship, *, reason: str, by: Office, now: dt.datetime) -> None:
    """Take back that the office vouches for the two; a restriction stays, and so does what the SIS says.

    Raises FieldError for a reason that is empty or long, NotNow when the office has not connected them.
    """
    reason = text("reason", reason, REASON_LENGTH, required=True)
    if not pair.from_office:
        raise NotNow
    values: dict[str, object] = {"from_office": False}
    if not is_restricted(pair):
        values |= _NOTHING_DECIDED
    with database.atomic():
        _change(pair, values)
        end_what_is_open(pair, by.on, now)
        _note("guardian disconnected", pair, by, now, reason=reason)


def history(guardian: Guardian, student: Student) -> list[Entry]:
    """What the office has decided about the two, the latest first, also under another row of the same guardian."""
    joined = JoinedGuardian.select(JoinedGuardian.guardian).where(JoinedGuardian.into == guardian).tuples()
    mine = {guardian.id, *(one for (one,) in joined)}
    rows = (
        AuditEvent.select(AuditEvent, Account, Staff)
        .join(Account, JOIN.LEFT_OUTER)
        .join(Staff, JOIN.LEFT_OUTER)
        .where(AuditEvent.student == student, AuditEvent.action.in_(ACTIONS))
        .order_by(AuditEvent.id.desc())
    )
    return [
        Entry(one.at, one.account.person.name if one.account else "", one.action, one.details)
        for one in rows
        if one.details.get("guardian") in mine
    ]


_NOTHING_DECIDED: dict[str, object] = {
    "office_access": None, "office_document": None, "office_reason": None, "office_from": None, "office_until": None,
}  # fmt: skip


def _is_vouched_for(pair: Guardianship) -> bool:
    return any((pair.from_associations, pair.from_student_agents, pair.from_guardian_agents, pair.from_office))


def _change(pair: Guardianship, values: dict[str, object]) -> None:
    """Write a decision over what stood when the pair was read. Raises Changed when something else stands now."""
    if version(locked(Guardianship.select().where(Guardianship.id == pair.id)).first()) != version(pair):
        raise Changed
    Guardianship.update(values).where(Guardianship.id == pair.id).execute()
    for name, value in values.items():
        setattr(pair, name, value)


def locked(pairs: ModelSelect) -> ModelSelect:
    """These pairs as they stand now, which nobody else decides about until the caller's transaction ends."""
    return pairs.for_update() if database.obj.for_update else pairs


def _note(action: str, pair: Guardianship, by: Office, now: dt.datetime, **details: object) -> None:
    kept = {name: one.isoformat() if isinstance(one, dt.date) else one for name, one in details.items()}
    by.note(action, now, student=pair.student, guardian=pair.guardian_id, **kept)


def end_what_is_open(pair: Guardianship, on: dt.date, now: dt.datetime) -> None:
    """Unless the child is open still, end what would go on by itself: calendar address, keys, mail that has not left.

    What begins to count on a later day is asked then by whoever opens the calendar or sends the mail.
    """
    if Guardianship.select().where(Guardianship.id == pair.id, Guardianship.is_open(on)).exists():
        return
    whose = Account.select(Account.id).where(Account.guardian == pair.guardian_id)
    CalendarFeed.update(revoked_at=now).where(
        CalendarFeed.account.in_(whose), CalendarFeed.student == pair.student_id, CalendarFeed.revoked_at.is_null()
    ).execute()
    mine = (ActivationKey.guardian == pair.guardian_id) & keys.is_live(now)
    which = ActivationKey.student == pair.student_id
    others = Guardianship.select().where(Guardianship.guardian == pair.guardian_id, Guardianship.is_open(on))
    if not others.exists():
        # A key for all children opens none any more.
        which |= ActivationKey.student.is_null()
    ActivationKey.update(revoked_at=now).where(mine, which).execute()
    withdrawal.withdraw(pair.guardian_id, pair.student_id)


def text(field: str, typed: str, longest: int, *, required: bool) -> str:
    """One line or a few words of the office's. Raises FieldError: empty, long."""
    text = " ".join(typed.split())
    if required and not any(map(str.isalnum, text)):
        raise FieldError(field, "empty")
    if len(text) > longest:
        raise FieldError(field, "long")
    return text
