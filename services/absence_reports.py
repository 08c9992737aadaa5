"""A guardian tells the school that a child is absent, for days or a part of one (X11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from config import Settings
from models import AbsenceReport, Account, AuditEvent, Student, database
from services import messages, outbox, typed_in
from services.messages import MessageRefused
from services.outbox import Mail
from services.passwords import Complaints, FieldError
from services.throttle import Limit

#: One report spans at most so many days; it may begin so long ago, and end so far ahead.
MOST_DAYS, DAYS_BACK, DAYS_AHEAD = 14, 3, 30

#: So often an account may report in a day, and so many reports stand on its page.
PER_DAY, SHOWN = 20, 50


def report(
    account: Account, students: Sequence[Student], typed: Mapping[str, str], *,
    write: Callable[[list[AbsenceReport]], Mail], settings: Settings, now: dt.datetime, on: dt.date,
) -> list[AbsenceReport]:  # fmt: skip
    """Store what was typed as a report for each of the `students`, whose attendance is open to this account.

    `typed` holds first_day, last_day, from_time, until_time, reason and note; without a last day it is one day, without
    times whole days. With the setting `absence_email` the mail that `write` makes goes there in the same transaction.
    Raises FieldErrors: `children` none, twice or often; `first_day` empty, invalid, past or ahead; `last_day` invalid,
    order, long or ahead; `from_time` and `until_time` invalid, order or days; `reason` unknown; `note` long or control.
    """
    values = _checked(students, typed, settings, on)
    limit = Limit("absence report", tries=PER_DAY, minutes=24 * 60, secret=settings.secret_key)
    with database.atomic():
        # Counting first puts two requests of one account behind each other: a form sent twice is stored once.
        if not limit.take(str(account.id), now):
            raise FieldError("children", "often")
        if any(_is_known(account, student, values) for student in students):
            limit.give_back(str(account.id))
            raise FieldError("children", "twice")
        made = [
            AbsenceReport.create(account=account, student=student, created_at=now, **values) for student in students
        ]
        for one in made:
            AuditEvent.create(
                at=now, account=account, student=one.student, action="absence reported", details={"report": one.id}
            )
        if settings.absence_email:
            mail = write(made)
            # An address that nothing can be sent to holds up no report: it is on the office's page.
            with suppress(outbox.BadAddress):
                outbox.enqueue(
                    kind="absence", recipient=settings.absence_email, reply_to=account.reply_address,
                    subject=mail.subject, text=mail.text, account=account,
                    about={one.id: ["attendance"] for one in students},
                )  # fmt: skip
    return made


def of_account(account: Account, students: Sequence[Student]) -> list[AbsenceReport]:
    """What this account has reported of these students, the latest first.

    What was written about a child goes with the right to see the child's attendance, so others are left out.
    """
    return list(
        AbsenceReport.select(AbsenceReport, Student)
        .join(Student)
        .where(AbsenceReport.account == account, AbsenceReport.student.in_([one.id for one in students]))
        .order_by(AbsenceReport.id.desc())
        .limit(SHOWN)
    )


def withdraw(found: AbsenceReport, now: dt.datetime) -> bool:
    """Take a report back; False when the school has looked at it already."""
    is_new = (AbsenceReport.id == found.id) & (AbsenceReport.state == "new")
    with database.atomic():
        if AbsenceReport.update(state="withdrawn", closed_at=now).where(is_new).execute() != 1:
            return False
        AuditEvent.create(
            at=now, account=found.account_id, student=found.student_id, action="absence withdrawn",
            details={"report": found.id},
        )  # fmt: skip
    return True


def _checked(
    students: Sequence[Student], typed: Mapping[str, str], settings: Settings, on: dt.date
) -> dict[str, object]:
    """The columns that all reports of one form share."""
    complaints = Complaints()
    with complaints:
        if not students:
            raise FieldError("children", "none")
    first = last = None
    with complaints:
        first = _first_day(typed, on)
    with complaints:
        last = _last_day(typed, first, on)
    times: tuple[dt.time | None, dt.time | None] = (None, None)
    with complaints:
        times = _times(typed, is_one_day=first == last)
    reason = typed.get("reason", "")
    with complaints:
        if reason not in settings.absence_reasons:
            raise FieldError("reason", "unknown")
    note = None
    with complaints:
        note = _note(typed.get("note", ""))
    complaints.raise_any()
    return {
        "first_day": first, "last_day": last, "from_time": times[0], "until_time": times[1], "reason": reason,
        "note": note,
    }  # fmt: skip


def _first_day(typed: Mapping[str, str], on: dt.date) -> dt.date:
    text = typed.get("first_day", "")
    if not text.strip():
        raise FieldError("first_day", "empty")
    day = typed_in.date(text)
    if day is None:
        raise FieldError("first_day", "invalid")
    if day < on - dt.timedelta(days=DAYS_BACK):
        raise FieldError("first_day", "past")
    if day > on + dt.timedelta(days=DAYS_AHEAD):
        raise FieldError("first_day", "ahead")
    return day


def _last_day(typed: Mapping[str, str], first: dt.date | None, on: dt.date) -> dt.date | None:
    text = typed.get("last_day", "")
    if not text.strip():
        return first
    day = typed_in.date(text)
    if day is None:
        raise FieldError("last_day", "invalid")
    if first is not None and day < first:
        raise FieldError("last_day", "order")
    if first is not None and (day - first).days >= MOST_DAYS:
        raise FieldError("last_day", "long")
    if day > on + dt.timedelta(days=DAYS_AHEAD):
        raise FieldError("last_day", "ahead")
    return day


def _times(typed: Mapping[str, str], *, is_one_day: bool) -> tuple[dt.time | None, dt.time | None]:
    """From when and until when; either alone is a late arrival or an early leave."""
    found: list[dt.time | None] = []
    for field in ("from_time", "until_time"):
        text = typed.get(field, "")
        found.append(typed_in.time(text) if text.strip() else None)
        if text.strip() and found[-1] is None:
            raise FieldError(field, "invalid")
    begins, ends = found
    if (begins or ends) and not is_one_day:
        raise FieldError("from_time" if begins else "until_time", "days")
    if begins is not None and ends is not None and ends <= begins:
        raise FieldError("until_time", "order")
    return begins, ends


def _note(typed: str) -> str | None:
    """The note under the rules of messages, except that it may be left out."""
    if not typed.strip():
        return None
    try:
        return messages.check(typed)
    except MessageRefused as refused:
        raise FieldError("note", refused.code) from refused


def _is_known(account: Account, student: Student, values: dict[str, object]) -> bool:
    """Whether this account has reported the very same already."""
    same = [
        field == values[name] if values[name] is not None else field.is_null()
        for name, field in (
            ("first_day", AbsenceReport.first_day), ("last_day", AbsenceReport.last_day),
            ("from_time", AbsenceReport.from_time), ("until_time", AbsenceReport.until_time),
        )
    ]  # fmt: skip
    mine = (AbsenceReport.account == account) & (AbsenceReport.student == student)
    return bool(AbsenceReport.select().where(mine, AbsenceReport.state != "withdrawn", *same).exists())
