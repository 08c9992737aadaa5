"""The number that an owner's texts go to: how it is typed, proved with a code, changed and taken away (D07)."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata

from config import Settings
from models import Account, AuditEvent, Preference, Telephone, database
from services import outbox, preferences, recovery
from services.hashing import keyed_hash
from services.outbox import Compose
from services.passwords import FieldError
from services.throttle import Limit

#: How long a code is good for, and how often it may be typed wrong.
CODE_LIFETIME, TRIES = dt.timedelta(minutes=10), 5

#: So many codes go out in an hour for one account, and to whoever sits behind one network address.
OF_ACCOUNT, OF_ADDRESS, WINDOW_MINUTES = 3, 10, 60

#: A number of North America: neither its area nor its exchange is a service such as 911, and 900 costs who is called.
_NORTH_AMERICAN = re.compile(r"\+1(?!900)[2-9](?!11)\d\d[2-9](?!11)\d{6}")


class TooManyTexts(Exception):
    """Enough codes were sent lately."""


def normalized(typed: str, settings: Settings) -> str:
    """The number as E.164 writes it, however it was typed. Raises FieldError for what can be no mobile number.

    Without `+` it is one of the district's country (setting `phone_country_code`), as people there dial it: with a 1 in
    front or not in North America, with a 0 or not elsewhere. Letters and services such as 911 are refused.
    """
    plain = unicodedata.normalize("NFKC", typed)
    # Numbers copied from an address book bring marks of direction and all kinds of dashes and spaces along.
    bare = "".join(char for char in plain if unicodedata.category(char) not in ("Cf", "Pd") and char not in ".()/")
    bare = "".join(bare.split())
    if not re.fullmatch(r"\+?\d{1,20}", bare):
        raise FieldError("number", "invalid")
    country, digits = settings.phone_country_code, _digits(bare)
    number = (
        f"+{digits}" if bare.startswith("+") else f"+{country}{digits.removeprefix('1' if country == '1' else '0')}"
    )
    if not outbox.NUMBER.fullmatch(number) or (number.startswith("+1") and not _NORTH_AMERICAN.fullmatch(number)):
        raise FieldError("number", "invalid")
    return number


def shown(number: str) -> str:
    """The number as people read it: +1 720 555 0142. Countries group their digits in too many ways to do more."""
    return re.sub(r"^(\+1)(\d{3})(\d{3})(\d{4})$", r"\1 \2 \3 \4", number)


def on_file(account: Account, settings: Settings) -> list[str]:
    """The owner's own numbers that can take texts, as far as the SIS says so; nobody else's of the household."""
    if account.guardian_id is None:
        return []
    telephones = (
        Telephone.select(Telephone.number)
        .where(Telephone.guardian == account.guardian_id, Telephone.can_text)
        .order_by(Telephone.priority.asc(nulls="last"), Telephone.id)
    )
    found = []
    for typed in (account.guardian.sms, *(number for (number,) in telephones.tuples())):
        try:
            found.append(normalized(typed or "", settings))
        except FieldError:
            continue
    return list(dict.fromkeys(found))


def waiting(account: Account, now: dt.datetime) -> str | None:
    """The number that a code has been sent to and that can still be proved with it."""
    mine = preferences.of(account)
    return mine.new_number if mine.code_until is not None and mine.code_until > now else None


def send_code(account: Account, typed: str, *, ip: str, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Text a code to a number, which replaces the account's number when the code is typed.

    Raises FieldError for no number, TooManyTexts.
    """
    number = normalized(typed, settings)
    limits = (("account", OF_ACCOUNT, str(account.id)), ("address", OF_ADDRESS, ip))
    for name, tries, subject in limits:
        if not _limit(f"texts of {name}", tries, WINDOW_MINUTES, settings).take(subject, now):
            raise TooManyTexts
    code = f"{secrets.randbelow(10**6):06}"
    with database.atomic():
        preferences.store(
            account, new_number=number, code_hash=_hash(account, number, code, settings), code_until=now + CODE_LIFETIME
        )
        text = compose("code", account.language or settings.default_language, channel="text", code=code)
        outbox.enqueue(kind="code", recipient=number, subject="", text=text.text, channel="text")


def prove(account: Account, typed: str, *, compose: Compose, settings: Settings, now: dt.datetime) -> str:
    """Take the number whose code was typed as the account's, and return it; address and old number are told.

    With a first number, notices go by text too. Raises FieldError when the code is not the one that was sent, was used,
    is too old, or was typed wrong too often.
    """
    mine = preferences.of(account)
    if mine.code_hash is None or mine.code_until is None or mine.code_until <= now:
        raise FieldError("code", "wrong")
    # Counted for each code that is sent, and before it is looked at.
    allowed = _limit("text code", TRIES, WINDOW_MINUTES, settings).take(mine.code_hash, now)
    typed_hash = _hash(account, mine.new_number, _digits(typed), settings)
    if not allowed or not secrets.compare_digest(typed_hash, mine.code_hash):
        raise FieldError("code", "wrong")
    number: str = mine.new_number
    with database.atomic():
        recovery.tell(account, "number", compose=compose, settings=settings, everywhere=True)
        unused = (Preference.account == account) & (Preference.code_hash == mine.code_hash)
        changes = {**_NOTHING_WAITS, "text_number": number, "text_verified_at": now}
        if mine.text_number is None:
            changes["by_text"] = True
        if Preference.update(changes).where(unused).execute() != 1:
            raise FieldError("code", "wrong")
        AuditEvent.create(at=now, account=account, action="text number proved", details={})
    return number


def remove(account: Account, *, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Forget the number, and one that waits for its code; address and number are told."""
    had = preferences.of(account).text_number is not None
    with database.atomic():
        if had:
            recovery.tell(account, "number", compose=compose, settings=settings, everywhere=True)
            AuditEvent.create(at=now, account=account, action="text number removed", details={})
        changes = {**_NOTHING_WAITS, "text_number": None, "text_verified_at": None, "by_text": False, "by_email": True}
        preferences.store(account, **changes)


_NOTHING_WAITS: dict[str, object] = {"new_number": None, "code_hash": None, "code_until": None}


def _digits(typed: str) -> str:
    """The digits of what was typed, in whatever script, as 0 to 9."""
    return "".join(str(unicodedata.decimal(char)) for char in typed if char.isdecimal())


def _limit(name: str, tries: int, minutes: int, settings: Settings) -> Limit:
    return Limit(name, tries=tries, minutes=minutes, secret=settings.secret_key)


def _hash(account: Account, number: str, code: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "text code", f"{account.id} {number} {code}")
