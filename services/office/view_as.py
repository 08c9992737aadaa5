"""Staff see a guardian's pages as the guardian does: to read, for half an hour, written down (CHECKS 9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from models import Account, AuditEvent, Guardian, LoginSession, Student, ViewingAs, database
from services.office import people
from services.office.scope import Office

#: So long it lasts; then the password is asked again.
LASTS = dt.timedelta(minutes=30)

#: The right to it (`services.office.scope`), and what each page is in the record of who looked (`record.disclosures`).
PAGE = "view as"


class NotPossible(Exception):
    """The guardian has no account that is open: there is nothing that its owner sees."""


@dataclass(frozen=True)
class Viewing:
    """As whom `by` looks at the portal, and until when (UTC)."""

    row: ViewingAs
    by: Office

    @property
    def account(self) -> Account:
        """The guardian's account."""
        found: Account = self.row.account
        return found

    @property
    def name(self) -> str:
        """The guardian's name."""
        return self.account.guardian.name

    @property
    def until(self) -> dt.datetime:
        """When it ends by itself."""
        return self.row.since + LASTS

    @property
    def is_limited(self) -> bool:
        """Whether children of the guardian may be out of this member of staff's reach."""
        return self.by.school_ids(PAGE) is not None

    def reached(self, students: Sequence[Student]) -> list[Student]:
        """Of the guardian's children, those over whom `by` has this right: at a school where `by` works."""
        ids = {one.id for one in self.by.students(PAGE).where(Student.id.in_([one.id for one in students]))}
        return [one for one in students if one.id in ids]

    def note(self, view: str, students: Sequence[Student | int], now: dt.datetime) -> None:
        """Write down that a page with these students' records was shown; `view` is the page's own name."""
        action = "student viewed" if students else "viewed as guardian"
        details = {"page": PAGE, "view": view, "guardian": self.account.guardian_id}
        shown: Sequence[Student | int | None] = students or [None]
        AuditEvent.insert_many(
            {"at": now, "account": self.by.account, "student": one, "action": action, "details": details}
            for one in shown
        ).execute()


def begin(guardian: Guardian, *, session: LoginSession, by: Office, now: dt.datetime) -> None:
    """Let `session` see what `guardian` sees. Raises NotPossible."""
    account = people.account_of(guardian)
    if account is None or account.state != "active":
        raise NotPossible
    with database.atomic():
        ViewingAs.delete().where(ViewingAs.session == session).execute()
        ViewingAs.create(session=session, account=account, since=now)
        by.note("viewing as guardian begun", now, guardian=guardian.id)


def find(session: LoginSession, *, on: dt.date) -> Viewing | None:
    """As whom this session looks at the portal, whether or not that is over; None for its own owner."""
    rows = (
        ViewingAs.select(ViewingAs, Account, Guardian)
        .join(Account)
        .join(Guardian)
        .where(ViewingAs.session == session)
    )  # fmt: skip
    row = rows.first()
    return None if row is None else Viewing(row, Office(session.account, on))


def is_over(viewing: Viewing, now: dt.datetime) -> bool:
    """Whether its time is up, or one of the two has lost what it takes."""
    by, guardian = viewing.by, viewing.account.guardian
    return not (
        now < viewing.until
        and viewing.account.state == "active"
        and by.may(PAGE)
        and by.guardians(PAGE).where(Guardian.id == guardian.id).exists()
    )


def end(viewing: Viewing, *, by: str, now: dt.datetime) -> None:
    """Go back to one's own pages; `by` says what ended it: button, sign-out or portal."""
    with database.atomic():
        viewing.row.delete_instance()
        viewing.by.note("viewing as guardian ended", now, guardian=viewing.account.guardian_id, by=by)
