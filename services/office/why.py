"""Why a guardian sees a student, or does not: every condition, named, with the way to its remedy (H06).

`Student.visible_to` decides with one query; here each of its conditions is judged by itself, so that it can be named.
A property test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from peewee import fn

from config import Settings
from models import (
    AcademicSession,
    Account,
    ActivationKey,
    Address,
    Guardian,
    Guardianship,
    OutboundMail,
    School,
    SchoolEnrollment,
    Student,
)
from services import of_age

#: So many keys and mails are told, the newest first.
SHOWN = 3

#: What is mended in the SIS: the portal has no page for it.
SIS = "sis"


class Check(NamedTuple):
    """One condition: whether it holds, and the fact it was judged by.

    `passed` is None for what is worth knowing and closes nothing. `fact` is a code that the view puts into words, with
    `values`: text, and days and moments in ISO 8601. `remedy` is the endpoint of the page where it is mended, `SIS`, or
    empty.
    """

    name: str
    passed: bool | None
    fact: str
    values: dict[str, Any] = {}
    remedy: str = ""


def visible(checks: list[Check]) -> bool:
    """Whether the guardian sees the student: no condition fails."""
    return all(check.passed is not False for check in checks)


def checks(guardian: Guardian, student: Student, *, settings: Settings, on: dt.date, now: dt.datetime) -> list[Check]:
    """Everything that decides whether this guardian sees this student on the day `on`, and what helps to see why."""
    account = Account.get_or_none(Account.guardian == guardian)
    pair = Guardianship.get_or_none(Guardianship.guardian == guardian, Guardianship.student == student)
    per_child = settings.key_scope == "child" if account is None else account.per_child
    return [
        *_account(account, now),
        _in_sis("guardian", guardian.active),
        *_pair(pair, on, per_child),
        _age(student, settings.at_eighteen, on),
        _household(guardian, student, pair, on),
        _in_sis("student", student.active),
        *_enrollment(student, on),
        *_keys(guardian, student, account, now),
        *_mails(guardian, account),
    ]


def as_json(found: list[Check]) -> list[dict[str, Any]]:
    """The checks as a work order keeps them."""
    return [check._asdict() for check in found]


def from_json(kept: list[dict[str, Any]]) -> list[Check]:
    """The checks that a work order has kept."""
    return [Check(**one) for one in kept]


# ---- The guardian ------------------------------------------------------------------------------------------------


def _account(account: Account | None, now: dt.datetime) -> Iterator[Check]:
    if account is None or account.state == "cancelled":
        yield Check("account", False, "none" if account is None else "cancelled", remedy="office.register_guardian")
        return
    is_open = account.state == "active"
    yield Check("account", is_open, account.state, remedy="" if is_open else "office.account")
    if account.blocked_until is not None and account.blocked_until > now:
        yield Check("sign_in", None, "waits", {"until": account.blocked_until.isoformat()}, "office.account")
    elif account.duties:
        yield Check("sign_in", None, "duties", {"duties": list(account.duties)})
    elif account.last_sign_in_at is None:
        yield Check("sign_in", None, "never")


def _in_sis(name: str, active: bool) -> Check:
    return Check(name, bool(active), "active" if active else "gone", remedy="" if active else SIS)


# ---- The two of them ---------------------------------------------------------------------------------------------


def _pair(pair: Guardianship | None, on: dt.date, per_child: bool) -> Iterator[Check]:
    if pair is None:
        yield Check("guardianship", False, "none", remedy="office.rights")
        return
    vouching = [name for name in ("associations", "student_agents", "guardian_agents", "office") if _from(pair, name)]
    yield (
        Check("guardianship", True, "vouched", {"by": vouching})
        if vouching
        else Check("guardianship", False, "ended", remedy="office.rights")
    )
    yield _portal_flag(pair)
    yield from _relation(pair)
    yield _sis_restriction(pair, on)
    yield _office_restriction(pair, on)
    if per_child:
        if pair.activated_at is None:
            yield Check("activated", False, "waits", remedy="office.register_guardian")
        else:
            yield Check("activated", True, "done")
    if pair.withheld:
        yield Check("sections", None, "withheld", {"sections": list(pair.withheld)}, "office.rights")
    else:
        yield Check("sections", True, "all")


def _from(pair: Guardianship, name: str) -> bool:
    return bool(getattr(pair, f"from_{name}"))


def _portal_flag(pair: Guardianship) -> Check:
    if pair.portal_access is None:
        return Check("portal_flag", True, "unset")
    return Check("portal_flag", pair.portal_access, "yes" if pair.portal_access else "no",
                 remedy="" if pair.portal_access else SIS)  # fmt: skip


def _relation(pair: Guardianship) -> Iterator[Check]:
    """Whether anything says yes at all; a "no" of the SIS's own flag has said everything already."""
    values = {"relation": pair.relation or "", "restriction": pair.contact_restrictions or ""}
    if pair.portal_access is None and pair.office_access:
        yield Check("relation", True, "granted", {"document": pair.office_document or ""}, "office.rights")
    elif pair.portal_access is None:
        closed = "contact_restriction" if pair.contact_restrictions else "other"
        allowed = bool(pair.default_access)
        yield Check("relation", allowed, "parent" if allowed else closed, values, "" if allowed else "office.rights")


def _sis_restriction(pair: Guardianship, on: dt.date) -> Check:
    begins, ends = pair.restricted_from, pair.restricted_until
    values = _days(begins=begins, ends=ends)
    if begins is None:
        return Check("sis_restriction", True, "none")
    if ends is not None and ends < on:
        return Check("sis_restriction", True, "over", values)
    if begins > on:
        return Check("sis_restriction", True, "later", values)
    return Check("sis_restriction", False, "in_force", values, SIS)


def _office_restriction(pair: Guardianship, on: dt.date) -> Check:
    begins, ends = pair.office_from, pair.office_until
    if pair.office_access is None or pair.office_access:
        return Check("office_restriction", True, "none")
    values = {**_days(begins=begins, ends=ends), "document": pair.office_document or ""}
    if ends is not None and ends < on:
        return Check("office_restriction", True, "over", values, "office.rights")
    if begins is not None and begins > on:
        return Check("office_restriction", True, "later", values, "office.rights")
    return Check("office_restriction", False, "in_force", values, "office.rights")


def _age(student: Student, rule: str, on: dt.date) -> Check:
    """What the district's rule about students of age says (`models.AgeRule`)."""
    where = of_age.standing(student, of_age.answers_of([student.id]).get(student.id), rule, on)
    if where is None:
        return Check("age", True, "unknown")
    is_near = where.day <= on + of_age.AHEAD
    answer = "none" if where.answer is None else "yes" if where.answer.consents else "no"
    if where.day > on:
        fact = "ends" if where.ends is not None and is_near else "later"
    else:
        fact = "dependent" if rule == "dependent" else f"{rule}_{answer}"
    values = {**_days(day=where.day), "document": where.answer.document if where.answer is not None else ""}
    return Check("age", where.is_open, fact, values, "office.at_eighteen" if is_near and rule != "dependent" else "")


def _days(**days: dt.date | None) -> dict[str, Any]:
    return {name: day.isoformat() if day else "" for name, day in days.items()}


def _household(guardian: Guardian, student: Student, pair: Guardianship | None, on: dt.date) -> Check:
    """Where the SIS has them living; it opens and closes nothing, but tells whether the right people were joined."""
    in_force = (Address.begin_date.is_null() | (Address.begin_date <= on)) & (
        Address.end_date.is_null() | (Address.end_date >= on)
    )
    homes = [
        {name for (name,) in Address.select(Address.household).where(whose, in_force).tuples() if name}
        for whose in (Address.guardian == guardian, Address.student == student)
    ]
    if pair is not None and pair.lives_with and pair.household:
        for home in homes:
            home.add(pair.household)
    if homes[0] & homes[1] or (pair is not None and pair.lives_with):
        return Check("household", None, "together")
    if not homes[0] or not homes[1]:
        return Check("household", None, "unknown")
    return Check("household", None, "apart")


# ---- The student -------------------------------------------------------------------------------------------------


def _enrollment(student: Student, on: dt.date) -> Iterator[Check]:
    last_day = AcademicSession.last_day_on(on).tuples().first()
    if last_day is None:
        yield Check("enrollment", False, "no_year", remedy="office.feeds")
        return
    year_end = last_day[0] if isinstance(last_day[0], dt.date) else dt.date.fromisoformat(last_day[0])
    rows = list(
        SchoolEnrollment.select(SchoolEnrollment, School)
        .join(School)
        .where(SchoolEnrollment.student == student)
        .order_by(SchoolEnrollment.exit_date.desc(nulls="first"), SchoolEnrollment.id)
    )
    current = [one for one in rows if one.exit_date is None or one.exit_date >= min(on, year_end)]
    if not current:
        left = rows[0] if rows else None
        values = {"school": left.school.name, **_days(left=left.exit_date)} if left else {}
        yield Check("enrollment", False, "left" if left else "none", values, SIS)
        return
    yield Check("enrollment", True, "current", {"schools": [one.school.name for one in current]})
    opened = [one.school.name for one in current if one.school.active and one.school.switched_on]
    if opened:
        yield Check("school", True, "on", {"schools": opened})
        return
    off = [one.school.name for one in current if one.school.active]
    gone = [one.school.name for one in current]
    yield Check("school", False, "off" if off else "gone", {"schools": off or gone}, "office.schools" if off else SIS)


# ---- Keys and mail -----------------------------------------------------------------------------------------------


def _keys(guardian: Guardian, student: Student, account: Account | None, now: dt.datetime) -> Iterator[Check]:
    """The guardian's last keys that open this child: those for all children, and those bound to this one."""
    mine = (ActivationKey.guardian == guardian) & (ActivationKey.student.is_null() | (ActivationKey.student == student))
    found = list(ActivationKey.select().where(mine).order_by(ActivationKey.id.desc()).limit(SHOWN))
    for key in found:
        state = "used" if key.used_at else "revoked" if key.revoked_at else "over" if key.expires_at <= now else "live"
        yield Check(
            "key",
            None,
            state,
            {
                "whose": "child" if key.student_id else "person",
                "issued": key.created_at.isoformat(),
                "at": (key.used_at or key.revoked_at or key.expires_at).isoformat(),
            },
            "office.register_guardian" if state in ("revoked", "over") and account is None else "",
        )
    if not found:
        yield Check("key", None, "none", remedy="office.register_guardian" if account is None else "")


def _mails(guardian: Guardian, account: Account | None) -> Iterator[Check]:
    addresses = {one.lower() for one in (guardian.address_on_file, account.email if account else None) if one}
    found = (
        OutboundMail.select()
        .where(fn.LOWER(OutboundMail.recipient).in_(sorted(addresses)))
        .order_by(OutboundMail.id.desc())
        .limit(SHOWN)
    )
    for mail in found if addresses else ():
        at = (mail.sent_at or mail.created_at).isoformat()
        yield Check("mail", None, mail.state, {"kind": mail.kind, "at": at, "error": mail.last_error or ""})
    if not addresses:
        yield Check("mail", None, "no_address", remedy=SIS)
