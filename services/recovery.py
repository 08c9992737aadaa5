"""Back in: forgotten user names and passwords, verified addresses, looked-up keys (G13, D11, S04, H01, H03).

Everything here answers the same whether somebody is known or not, and does the same work either way (CHECKS 12).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from config import Settings
from models import (
    Account,
    AuditEvent,
    Guardian,
    Guardianship,
    IdentificationCode,
    OneTimeLink,
    School,
    SchoolEnrollment,
    Student,
    database,
)
from services import addresses, duties, keys, links, outbox, passwords, preferences, questions, typed_in
from services.hashing import keyed_hash, new_token
from services.names import folded, user_name_key
from services.outbox import Compose
from services.throttle import Limit

#: Askings from one address before it has to wait.
TRIES, WINDOW_MINUTES = 10, 15

#: Wrong look-ups of one student's key in a day, from wherever they come: the secret could be guessed otherwise.
TRIES_A_DAY = 5


class TooManyAskings(Exception):
    """Too many came from one address lately."""


class AskTheSchool(Exception):
    """No key can be handed out here: unknown, ambiguous, or an account is there already. One answer for all."""


def mail_link(email: str, *, ip: str, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Mail the user name and a one-time link to every account that has proved the address (G13, H03).

    A guardian's account that is pending or disabled by disuse gets the mail too: its link verifies the address again.
    Raises TooManyAskings, or FieldError for what is no address.
    """
    typed_in.check({"email": email}, "email")
    _limit("recover", ip, settings, now)
    proved = Account.email_verified_at.is_null(False) | (Account.state == "pending")
    found = list(Account.select().where(addresses.is_of_account(email), proved, Account.state != "cancelled"))
    with database.atomic():
        if not addresses.may_mail("reset", email, settings=settings, now=now):
            found = []
        for account in found:
            token = links.make(account, "reset", settings=settings, now=now)
            mail = compose(
                "reset", account.language or settings.default_language, token=token, user_name=account.user_name
            )
            outbox.enqueue(kind="reset", recipient=account.email, subject=mail.subject, text=mail.text, account=account)
        if not found:
            # The same work for nobody, and as many writes: only their time could tell the two apart.
            links.end_all(Account(id=0), "reset", now=now)
            mail = compose("reset", settings.default_language, token=new_token(), user_name="nobody@example.com")
            outbox.prepare(kind="reset", recipient="nobody@example.com", subject=mail.subject, text=mail.text)
            Limit("nobody", tries=1, minutes=1, secret=settings.secret_key).take("", now)
            AuditEvent.create(at=now, action="asked for a link", details={})


def may_reset(link: OneTimeLink, typed: Mapping[str, str], *, settings: Settings, now: dt.datetime) -> None:
    """Raise questions.WrongAnswers unless the security questions that stand before a reset are answered (D11).

    Raises FieldError for answers left out, which is no try.
    """
    if asks_questions(link):
        questions.check_answered(questions.asked(link.account, "", settings), typed)
        questions.verify(link.account, typed, settings=settings, now=now)


def asks_questions(link: OneTimeLink) -> bool:
    """Whether the link leads to security questions: a mailed one does, a code that the office printed does not.

    The office has seen an ID before it printed one; somebody who forgot the answers too would find no other way in.
    """
    return link.purpose == "reset" and questions.has_any(link.account)


def reset(
    link: OneTimeLink, password: str, repeated: str, *, compose: Compose, settings: Settings, now: dt.datetime
) -> Account:
    """Set a new password over a one-time link or a printed code, and use it up.

    It clears a lock by failures where the preset lets it (DECISIONS 21), and the owner is told. Raises FieldError, or
    InvalidLink when another request was faster.
    """
    account: Account = link.account
    words = passwords.words_of(account.person, account.user_name)
    passwords.check(password, repeated, settings, own_words=words)
    with database.atomic():
        links.use_up(link, now)
        passwords.change(account, password, settings=settings, now=now, reason=link.purpose)
        if link.purpose == "reset" and account.state in ("pending", "dormant"):
            account.email_verified_at = now
            Account.update(state="active", email_verified_at=now).where(Account.id == account.id).execute()
        tell(account, "changed", compose=compose, settings=settings)
    return account


def verify(link: OneTimeLink, *, compose: Compose, settings: Settings, now: dt.datetime) -> Account:
    """Take the address of a verify link as proved; a pending account becomes ready and is told so (D03).

    Where people sign in with their address, the user name follows it. Raises InvalidLink when the link was used
    meanwhile, or another guardian has the address by now.
    """
    account: Account = link.account
    if account.guardian_id is not None and addresses.in_use(link.email, besides=account):
        raise links.InvalidLink
    with database.atomic():
        links.use_up(link, now)
        # What the office closes at this moment stays closed: only an account that waits is opened.
        waiting = (Account.id == account.id) & Account.state.in_(("pending", "dormant"))
        was_waiting = Account.update(state="active").where(waiting).execute() == 1
        if account.email_verified_at is not None and user_name_key(account.email or "") != user_name_key(link.email):
            tell(account, "moved", compose=compose, settings=settings)
            links.end_all(account, "reset", "invitation", now=now)
        Account.update(email=link.email, email_verified_at=now, mail_returned_at=None).where(
            Account.id == account.id
        ).execute()
        duties.done(account, "email")
        # The address of an account that waits may have been corrected; its user name still is the first one.
        was_address = user_name_key(account.user_name) == user_name_key(account.email or "") or (
            account.state == "pending" and "@" in account.user_name
        )
        if was_address and user_name_key(account.user_name) != user_name_key(link.email):
            _rename(account, link.email)
        account.email, account.email_verified_at = link.email, now
        if was_waiting:
            tell(account, "ready", compose=compose, settings=settings)
    return account


def _rename(account: Account, user_name: str) -> None:
    """Let the owner sign in with another user name, unless somebody else does."""
    if not Account.select().where(Account.user_name_key == user_name_key(user_name)).exists():
        account.user_name = user_name
        Account.update(user_name=user_name, user_name_key=user_name_key(user_name)).where(
            Account.id == account.id
        ).execute()


def tell(
    account: Account, template: str, *, compose: Compose, settings: Settings, everywhere: bool = False, **values: Any
) -> None:
    """Tell the owner about the account, in the caller's transaction, by mail or text as the owner has chosen (D07).

    `everywhere` means by every way there is, whatever was chosen. Nothing happens without a proved address or number.
    """
    language = account.language or settings.default_language
    ways = preferences.ways(account, settings) if everywhere else preferences.chosen(account, settings)
    for channel, recipient in ways.items():
        mail = compose(template, language, channel=channel, user_name=account.user_name, **values)
        # An address that nothing can be sent to, brought along from elsewhere, holds up nothing else.
        with suppress(outbox.BadAddress):
            outbox.enqueue(
                kind=template, recipient=recipient, subject=mail.subject, text=mail.text, channel=channel,
                account=account,
            )  # fmt: skip


def offices() -> list[School]:
    """The schools whose main offices help when nothing else does (G13)."""
    return list(School.select().where(School.active, School.kind == "school").order_by(School.name))


def student_account(user_name: str) -> Account | None:
    """A student's account, which recovers by questions alone; guardians' never do (S04, DECISIONS 20)."""
    found: Account | None = Account.get_or_none(
        Account.user_name_key == user_name_key(user_name), Account.student.is_null(False), Account.state == "active"
    )
    return found


def reset_by_questions(
    user_name: str, typed: Mapping[str, str], *, ip: str, compose: Compose, settings: Settings, now: dt.datetime
) -> Account:
    """Set a student's new password after all three answers were right.

    Raises WrongAnswers or TooManyAnswers, FieldError or TooManyAskings. Answers left out are no try.
    """
    account, key = student_account(user_name), user_name_key(user_name)
    questions.check_answered(questions.asked(account, key, settings), typed)
    _limit("questions", ip, settings, now)
    questions.verify(account, typed, user_name=key, settings=settings, now=now)
    assert account is not None  # noqa: S101 - nobody's answers are never right
    words = passwords.words_of(account.person, account.user_name)
    passwords.check(typed.get("password", ""), typed.get("repeated", ""), settings, own_words=words)
    with database.atomic():
        passwords.change(account, typed["password"], settings=settings, now=now, reason="questions")
        tell(account, "changed", compose=compose, settings=settings)
    return account


def look_up_key(
    typed: Mapping[str, str], *, ip: str, compose: Compose, settings: Settings, now: dt.datetime, on: dt.date
) -> str:
    """A fresh activation key for the guardian who knows the child's number, birthday and secret (H01, C17).

    The guardian's name is asked too, and exactly one portal-enabled guardian of that child without an account has to
    bear it (DECISIONS 16). The address on file is told. Raises AskTheSchool or TooManyAskings, or FieldError for what
    was left out.
    """
    typed_in.check(typed, "given_name", "family_name", "student_number", "birth_date", "secret")
    _limit("look up", ip, settings, now)
    number = typed.get("student_number", "").strip()
    of_student = Limit("look up student", tries=TRIES_A_DAY, minutes=24 * 60, secret=settings.secret_key)
    allowed = of_student.take(number, now)
    student = _student_with(number, typed, settings, on)
    guardians = _bearing(typed, _without_account(student, on)) if student is not None else []
    found = allowed and len(guardians) == 1
    with database.atomic():
        AuditEvent.create(at=now, student=student, action="key look-up", details={"found": found})
        if not found:
            value = None
        else:
            guardian = guardians[0]
            value = keys.issue(guardian, settings=settings, now=now)
            address = addresses.on_file(guardian)
            if address is not None:
                mail = compose("looked_up", guardian.language or settings.default_language)
                outbox.enqueue(
                    kind="looked_up", recipient=address, subject=mail.subject, text=mail.text, guardian=guardian
                )
            AuditEvent.create(at=now, student=student, action="key handed out", details={"guardian": guardian.id})
    if value is None:
        raise AskTheSchool
    of_student.give_back(number)
    return value


def secret_hashes(typed: str, settings: Settings) -> list[str]:
    """What the feed may have stored of a student's secret number that was typed like this."""
    secret = typed.strip()
    digits = re.sub(r"\D", "", secret)
    # A social security number stands in the SIS with or without its dashes, and is typed either way.
    spelled = {secret, secret.upper(), digits, f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"} - {"", "--"}
    return [keyed_hash(settings.secret_key, "identification code", one) for one in spelled]


def _student_with(number: str, typed: Mapping[str, str], settings: Settings, on: dt.date) -> Student | None:
    """The one student enrolled here who has this number, birthday and secret."""
    having = IdentificationCode.select(IdentificationCode.student).where(
        IdentificationCode.code_hash.in_(secret_hashes(typed.get("secret", ""), settings))
    )
    here = SchoolEnrollment.students_on(on)
    found = [
        student
        for student in Student.select().where(
            Student.active, Student.number == number, Student.id.in_(having), Student.id.in_(here)
        )
        if student.birth_date is not None and student.birth_date == typed_in.date(typed.get("birth_date", ""))
    ]
    return found[0] if len(found) == 1 and number else None


def _bearing(typed: Mapping[str, str], guardians: list[Guardian]) -> list[Guardian]:
    """Those of the guardians who bear the name that was typed."""
    wanted = (folded(typed.get("given_name", "")), folded(typed.get("family_name", "")))
    return [one for one in guardians if (folded(one.given_name), folded(one.family_name)) == wanted]


def _without_account(student: Student, on: dt.date) -> list[Guardian]:
    have = Account.select(Account.guardian).where(Account.guardian.is_null(False), Account.state != "cancelled")
    open_to = Guardianship.select(Guardianship.guardian).where(
        Guardianship.student == student, Guardianship.is_open(on)
    )
    return list(Guardian.select().where(Guardian.id.in_(open_to), Guardian.id.not_in(have), Guardian.active))


def _limit(name: str, ip: str, settings: Settings, now: dt.datetime) -> None:
    if not Limit(name, tries=TRIES, minutes=WINDOW_MINUTES, secret=settings.secret_key).take(ip, now):
        raise TooManyAskings
