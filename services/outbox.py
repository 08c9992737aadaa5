"""The outbox: every mail or text that leaves is first a row, written in the transaction that causes it (CHECKS 37).

`services.worker` sends the rows; nothing else does. A mail that was never committed is never sent, and a committed
one is sent whatever happens to the mail server meanwhile.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from email.utils import parseaddr
from typing import NamedTuple
from uuid import uuid4

from email_validator import EmailNotValidError, validate_email

from models import Account, Guardian, Message, OutboundMail
from services import clock

#: Subjects longer than this are cut: RFC 5322 2.1.1 allows 998 characters a line, and nobody reads more than this.
SUBJECT_LENGTH = 200

#: Kinds of mail whose text is blanked once it is sent: a key in it works for weeks, an invitation to the office for
#: days, and only their hashes are kept (G09); news are children's records (X05).
NOT_KEPT = frozenset({"key", "invitation", "digest", "marked_absent"})

#: Kinds of mail that the owner of the account has written to a school; all others go to the owner.
OF_FAMILIES = frozenset({"message", "absence"})

_message_id_domain = "homeroom.invalid"


class Mail(NamedTuple):
    """What a mail says, in the language of its recipient. A text has no subject. `headers` are for mail programs."""

    subject: str
    text: str
    headers: dict[str, str] | None = None


#: `compose(template, language, **values)` writes a mail, and with `channel="text"` a text: how is not for services to
#: know.
Compose = Callable[..., Mail]


#: A telephone number as the international numbering plan writes it (E.164), shortest that any country has.
NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")


class BadAddress(ValueError):
    """An address or number that nothing can be sent to; the text says why and does not repeat it."""


def use_domain_of(mail_from: str) -> None:
    """From now on let Message-IDs end in the domain of the portal's own address, as spam filters expect."""
    global _message_id_domain
    domain = parseaddr(mail_from)[1].rpartition("@")[2]
    _message_id_domain = domain if "." in domain else "homeroom.invalid"


def enqueue(
    *,
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    reply_to: str | None = None,
    message: Message | None = None,
    due_at: dt.datetime | None = None,
    channel: str = "mail",
    account: Account | None = None,
    guardian: Guardian | None = None,
    about: Mapping[int, Sequence[str]] | None = None,
) -> OutboundMail:
    """Put a mail into the outbox, in the caller's transaction, and return its row.

    `kind` names the occasion in one word for operators, `due_at` (UTC, default now) is the earliest moment to send.
    It is to or from the owner of the `account`, or a `guardian` who has none; a right to the students whom it is
    `about` (ids with the sections that are needed) that is withdrawn meanwhile stops it (CHECKS 3). A `message` ties it
    to what was written. With the `channel` "text" it goes as a text, and its recipient is a number. Raises BadAddress
    when `recipient` or `reply_to` is not one plain address, or not a number.
    """
    mail = prepare(kind=kind, recipient=recipient, subject=subject, text=text, reply_to=reply_to, channel=channel)
    mail.message, mail.account = message, account
    mail.guardian = account.guardian_id if account is not None else guardian
    mail.about = {"students": {str(one): list(sections) for one, sections in about.items()}} if about else None
    mail.due_at = due_at or mail.due_at
    mail.save(force_insert=True)
    return mail


def enqueue_all(mails: Sequence[OutboundMail]) -> None:
    """Put prepared mails into the outbox at once, in the caller's transaction; those whose Message-ID is there stay."""
    if mails:
        OutboundMail.insert_many([dict(mail.__data__) for mail in mails]).on_conflict_ignore().execute()


def prepare(
    *, kind: str, recipient: str, subject: str, text: str, reply_to: str | None = None, channel: str = "mail"
) -> OutboundMail:
    """The row that `enqueue` would write, not saved. Raises BadAddress."""
    now = clock.now()
    return OutboundMail(
        header_id=header_id(str(uuid4())),
        channel=channel,
        kind=kind,
        recipient=_number(recipient) if channel == "text" else _address(recipient),
        reply_to=None if reply_to is None else _address(reply_to),
        subject=_single_line(subject),
        text=text,
        created_at=now,
        due_at=now,
    )


def header_id(unique: str) -> str:
    """The Message-ID that is made of something unique, without characters that such an id cannot have."""
    return f"<{unique}@{_message_id_domain}>"


def same_recipient(mail: OutboundMail, recipient: str) -> bool:
    """Whether a mail in the outbox goes to this address or number."""
    try:
        return bool(mail.recipient == (_number(recipient) if mail.channel == "text" else _address(recipient)))
    except BadAddress:
        return False


def retry_now(mail_ids: list[int] | None = None) -> int:
    """Make failed and waiting mails (those of `mail_ids`, or all) due at once, with a full set of tries; how many."""
    waiting = OutboundMail.state.in_(("failed", "queued"))
    chosen = waiting if mail_ids is None else waiting & OutboundMail.id.in_(mail_ids)
    # A lease is left alone: whoever holds it may be in the middle of handing the mail over.
    fresh = {"state": "queued", "due_at": clock.now(), "attempts": 0}
    changed: int = OutboundMail.update(fresh).where(chosen).execute()
    return changed


def students_of(mail: OutboundMail) -> dict[str, list[str]]:
    """The ids of the students whom a mail is about, each with the sections that it takes to read or write of them."""
    found: dict[str, list[str]] = (mail.about or {}).get("students", {})
    if not found and mail.message is not None:
        # Of an earlier version of the portal.
        return {str(mail.message.student_id): ["grades"] if mail.message.section_id else []}
    return found


def _address(given: str) -> str:
    """The address in the form that SMTP without SMTPUTF8 can carry."""
    try:
        # `test_environment` lets the reserved domain .test through; nothing is looked up in the DNS here.
        checked = validate_email(given, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        # The validator's text quotes at most single characters of what was given.
        raise BadAddress(str(error)) from error
    return checked.ascii_email or checked.normalized


def _number(given: str) -> str:
    if not NUMBER.fullmatch(given):
        raise BadAddress("not a number such as +15035550100")
    return given


def _single_line(subject: str) -> str:
    """The subject with every run of spaces, line breaks and control characters as one space.

    `str.split` knows all of Unicode's line separators, which Python's own mail parser also breaks lines at.
    """
    readable = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in subject)
    # What looks like an encoded word (RFC 2047) would be decoded, and bring back what was just taken out.
    line = " ".join(readable.replace("=?", "= ?").split())
    return line[:SUBJECT_LENGTH].rstrip()
