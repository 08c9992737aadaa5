"""Plain messages of at most 500 characters from families to staff (systems.md G07, G08)."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import NamedTuple

from config import Settings
from models import Account, AuditEvent, Message, Student, database
from services import addresses, outbox
from services.outbox import Mail
from services.throttle import Limit

MAX_LENGTH = 500


class To(NamedTuple):
    """Whom a message goes to: a member of staff, or a contact of a school, its office."""

    name: str
    email: str
    staff_id: int | None = None
    contact_id: int | None = None


class MessageRefused(Exception):
    """The message cannot be taken; `code` says why: blank, long, control, often or address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def normalized(typed: str) -> str:
    """The text as it is counted and sent: line ends are LF, letters are composed (NFC). Spaces stay as they are."""
    return unicodedata.normalize("NFC", typed.replace("\r\n", "\n").replace("\r", "\n"))


def length(typed: str) -> int:
    """How many characters count toward the 500: code points of the normalized text, as in the browser's counter."""
    return len(normalized(typed))


def check(typed: str) -> str:
    """The text to store. Raises MessageRefused when it is blank, too long or holds control characters."""
    body = normalized(typed)
    if not body.strip():
        raise MessageRefused("blank")
    if len(body) > MAX_LENGTH:
        raise MessageRefused("long")
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in body):
        raise MessageRefused("control")
    return body


def reply_to(account: Account, settings: Settings) -> str | None:
    """Where a teacher's answer to this account goes; None when it cannot write messages.

    A guardian's is the own address, proved (G08). Students write only where the setting says so, and to them goes the
    address that the feed has, whatever they gave the portal (S10).
    """
    if not settings.messages:
        return None
    if account.role != "student":
        return account.reply_address
    return addresses.on_file(account.student) if settings.student_messages else None


def language_of(to: To, settings: Settings) -> str:
    """The language that whoever gets the message reads the portal in; the district's for those who never chose one."""
    mine = Account.select(Account.language).where(Account.staff == to.staff_id) if to.staff_id is not None else None
    found: str | None = mine.limit(1).scalar() if mine is not None else None
    return found or settings.default_language


def send(
    *, account: Account, student: Student, to: To, section_id: int | None, typed: str, mail: Mail,
    settings: Settings, now: dt.datetime,
) -> Message:  # fmt: skip
    """Store what was typed and queue `mail`, which carries it to the recipient, both or neither.

    Answers go to `reply_to`. Raises MessageRefused; a refused message changes nothing.
    """
    body = check(typed)
    limit = Limit("message", tries=settings.messages_per_day, minutes=24 * 60, secret=settings.secret_key)
    try:
        with database.atomic():
            if not limit.take(str(account.id), now):
                raise MessageRefused("often")
            message = Message.create(
                account=account, student=student, staff=to.staff_id, contact=to.contact_id, section=section_id,
                body=body, created_at=now,
            )  # fmt: skip
            outbox.enqueue(
                kind="message", recipient=to.email, reply_to=reply_to(account, settings), subject=mail.subject,
                text=mail.text, message=message, account=account,
                # Writing to a teacher of a class goes with the right to see the grades.
                about={student.id: ["grades"] if section_id else []},
            )  # fmt: skip
            AuditEvent.create(
                at=now, account=account, student=student, action="message sent", details={"message": message.id}
            )
    except outbox.BadAddress as error:
        raise MessageRefused("address") from error
    return message
