"""Which passwords will do, and what happens when one changes."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from config import Settings
from models import Account, AuditEvent, Guardian, PasswordHistory, School, Staff, Student
from services import duties, links, sessions
from services.hashing import PASSWORD_MAX_LENGTH, Passwords


class FieldError(Exception):
    """What was typed into `field` will not do; `code` says why in one word that the view puts into a sentence."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code

    @property
    def all(self) -> list[FieldError]:
        """What is wrong with each field of the form, in the order of its fields."""
        return [self]


class FieldErrors(FieldError):
    """Several fields of one form will not do; whoever looks at one only sees the first."""

    def __init__(self, found: list[FieldError]) -> None:
        super().__init__(found[0].field, found[0].code)
        self._found = found

    @property
    def all(self) -> list[FieldError]:
        """See FieldError."""
        return self._found


class Complaints:
    """Collects what is wrong with the fields of a form, so that all of it is said at once.

    Each `with` block checks something and goes on after a FieldError; `raise_any` raises what was found.
    """

    def __init__(self) -> None:
        self._found: list[FieldError] = []

    def __enter__(self) -> None:
        """Begin to check something."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        """Keep what was wrong; other errors go their way."""
        if isinstance(error, FieldError):
            self._found += error.all
        return isinstance(error, FieldError)

    def raise_any(self) -> None:
        """Raise FieldErrors if anything was wrong."""
        if self._found:
            raise FieldErrors(self._found)


@lru_cache(maxsize=4)
def _passwords(memory: int, passes: int) -> Passwords:
    return Passwords(memory=memory, passes=passes)


def hasher(settings: Settings) -> Passwords:
    """The hasher that `settings` ask for; making one costs a hash, so there is one of each."""
    return _passwords(settings.argon2_memory, settings.argon2_passes)


def check(password: str, repeated: str, settings: Settings, *, own_words: tuple[str, ...] = ()) -> None:
    """Raise FieldError unless a new password will do and was typed the same twice.

    It has to be long enough and neither common nor made of the district's or the person's own words; there are no
    rules of composition (SP 800-63B 3.1.1.2, ASVS 6.2). Codes: short, long, common, own; `repeated`: different.
    """
    complaints = Complaints()
    with complaints:
        _check(password, settings, own_words)
    with complaints:
        if password != repeated:
            raise FieldError("repeated", "different")
    complaints.raise_any()


def _check(password: str, settings: Settings, own_words: tuple[str, ...]) -> None:
    if len(password) < settings.password_min_length:
        raise FieldError("password", "short")
    if len(password) > PASSWORD_MAX_LENGTH:
        raise FieldError("password", "long")
    if password.casefold() in _common() or len(set(password)) <= 2:
        raise FieldError("password", "common")
    if _letters(password) in _district_words(settings, own_words):
        raise FieldError("password", "own")
    if _bare(password) in {_bare(word) for word in own_words}:
        raise FieldError("password", "own")


def words_of(person: Guardian | Student | Staff, user_name: str) -> tuple[str, ...]:
    """What anybody who knows this person would try first; a student's date of birth was the first password (D01)."""
    given, family = person.given_name, person.family_name
    words = [given, family, f"{given} {family}", f"{family} {given}", user_name, user_name.partition("@")[0]]
    if isinstance(person, Student):
        words.append(person.number or "")
        if person.birth_date is not None:
            born = person.birth_date
            words += [f"{born:{form}}" for form in ("%m%d%Y", "%d%m%Y", "%Y%m%d", "%m%d%y")]
            words += [f"{born.month}{born.day}{born.year}", f"{born.day}{born.month}{born.year}"]
    return tuple(words)


def check_differs(account: Account, password: str, *, settings: Settings) -> None:
    """Raise FieldError with `reused` when it is the password that the account has now: that is no change."""
    if hasher(settings).verify(account.password_hash, password):
        raise FieldError("password", "reused")


def change(account: Account, password: str, *, settings: Settings, now: dt.datetime, reason: str) -> None:
    """Store a new password, in the caller's transaction: failures are forgotten; sessions and ways to one end.

    Raises FieldError with `reused` where the preset forbids passwords that the account had before (S03).
    """
    hashes = hasher(settings)
    if not settings.reuse_passwords:
        check_not_used(account, password, settings=settings)
        PasswordHistory.create(account=account, password_hash=account.password_hash, created_at=now)
    Account.update(password_hash=hashes.hash(password), failures=0, blocked_until=None).where(
        Account.id == account.id
    ).execute()
    duties.done(account, "password")
    sessions.end_all(account, now)
    links.end_ways_in(account, now)
    AuditEvent.create(at=now, account=account, action="password changed", details={"by": reason})


def check_not_used(account: Account, password: str, *, settings: Settings) -> None:
    """Raise FieldError with `reused` when the account has or had this password (S03)."""
    former = [row.password_hash for row in PasswordHistory.select().where(PasswordHistory.account == account)]
    hashes = hasher(settings)
    if any(hashes.verify(old, password) for old in (account.password_hash, *former)):
        raise FieldError("password", "reused")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Some thirty thousand passwords that everybody tries first, from the zxcvbn project's frequency lists."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _district_words(settings: Settings, own_words: tuple[str, ...]) -> set[str]:
    """Words that anybody who knows the family or the district would try, alone or with digits and signs around."""
    names = [settings.district_name, "homeroom", "password", *own_words]
    names += [name for (name,) in School.select(School.name).where(School.active).tuples()]
    return {_letters(word) for name in names for word in (name, *name.split()) if len(_letters(word)) > 3}


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text.casefold())
