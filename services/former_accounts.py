"""Accounts brought from an older portal: old user names and passwords go on working (D04).

Whoever signs in with them for the first time gives an e-mail address and proves it before anything else is shown, and
does what the preset asks of new guardians. Rows that will not do are left out, each with its line and the reason.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from peewee import IntegrityError, chunked

from config import Settings
from models import Account, ActivationKey, AuditEvent, FormerHash, Guardian, Student, database
from services import addresses, claims, former_hashes, keys
from services.former_hashes import UnknownHash
from services.names import user_name_key
from services.passwords import FieldError

#: The columns of the file; `email` may be missing.
COLUMNS = ("user_name", "password_hash", "guardian_id")

#: No sign-in form of an older portal took more.
LONGEST_NAME = 100


class BadFile(ValueError):
    """The file as a whole cannot be read; the text says why in one line."""


class Refused(ValueError):
    """A row that will not do; the text says why and names no password hash."""


class Problem(NamedTuple):
    """What was left out of the file, or of one of its rows, and why. `line` counts from 1, the header included."""

    line: int
    reason: str


class Brought(NamedTuple):
    """What came of a file: how many accounts, the rows left out, and addresses that were not taken over."""

    accounts: int
    refused: list[Problem]
    notes: list[Problem]


def bring(file: Iterable[str], *, settings: Settings, now: dt.datetime, dry_run: bool = False) -> Brought:
    """Make an account of every row of a CSV file with the COLUMNS that will do, all in one transaction.

    A dry run checks everything and changes nothing. Raises BadFile, after which nothing was changed either.
    """
    known = _Known(settings)
    accounts: list[dict[str, object]] = []
    refused: list[Problem] = []
    notes: list[Problem] = []
    for line, row in _rows(file):
        try:
            guardian, name, password_hash = known.check(row)
        except Refused as error:
            refused.append(Problem(line, str(error)))
            continue
        email, note = known.address(row)
        if note:
            notes.append(Problem(line, note))
        accounts.append(_account(guardian, name, password_hash, email, settings, now))
    if not dry_run:
        _store(accounts, now)
    return Brought(len(accounts), refused, notes)


def note_formats(*, dry_run: bool = False) -> int:
    """Keep one specimen of each format of former password hashes that accounts still have; return how many go.

    Every sign-in does their work, so that its time tells nobody which accounts were brought over (CHECKS 12).
    """
    hashes = Account.select(Account.password_hash).where(
        Account.state != "cancelled", ~Account.password_hash.startswith(former_hashes.OUR_PREFIX)
    )
    used = set()
    for (encoded,) in hashes.tuples().iterator():
        # What no format reads opens nothing; it has no work to imitate either.
        with suppress(UnknownHash):
            used.add(former_hashes.specimen(encoded))
    unused = FormerHash.specimen.not_in(used)
    if dry_run:
        return FormerHash.select().where(unused).count()
    with database.atomic():
        if used:
            FormerHash.insert_many([{"specimen": one} for one in sorted(used)]).on_conflict_ignore().execute()
        return FormerHash.delete().where(unused).execute()


def _account(
    guardian: Guardian, name: str, password_hash: str, email: str | None, settings: Settings, now: dt.datetime
) -> dict[str, object]:
    agreement = ("agreement",) if "agreement" in settings.registration else ()
    return {
        "guardian": guardian.id,
        "user_name": name,
        "user_name_key": user_name_key(name),
        "email": email,
        "password_hash": password_hash,
        "state": "active",
        # In this order, each once: nothing else counts before the address is proved.
        "duties": list(dict.fromkeys(("email", *settings.first_duties, *agreement))),
        "per_child": settings.key_scope == "child",
        "language": guardian.language,
        "created_at": now,
    }


def _store(accounts: list[dict[str, object]], now: dt.datetime) -> None:
    """Write all accounts or none; keys that would open a second one for the same guardian die."""
    try:
        with database.atomic():
            for some in chunked(accounts, 200):
                Account.insert_many(some).execute()
                guardians = [row["guardian"] for row in some]
                made = Account.select(Account.id).where(Account.guardian.in_(guardians)).order_by(Account.id)
                AuditEvent.insert_many(
                    {"at": now, "account": account.id, "action": "account brought over", "details": {}}
                    for account in made
                ).execute()
                ActivationKey.update(revoked_at=now).where(
                    ActivationKey.guardian.in_(guardians), ActivationKey.student.is_null(), keys.is_live(now)
                ).execute()
            note_formats()
    except IntegrityError as error:
        raise BadFile("somebody registered meanwhile, so nothing was changed: run it again") from error


def _rows(file: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with the number of its (last) line; cells without the spaces around them."""
    reader = csv.DictReader(file)
    try:
        header = [(name or "").strip().lower() for name in reader.fieldnames or []]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise BadFile(f"line 1: no column {', '.join(missing)}")
        reader.fieldnames = header
        for row in reader:
            # A hash of Argon2 holds commas: without quotes it spills over into cells that have no header.
            spilled = {"": "spilled"} if None in row else {}
            yield reader.line_num, {name: (cell or "").strip() for name, cell in row.items() if name} | spilled
    except UnicodeDecodeError as error:
        raise BadFile("the file is not UTF-8") from error
    except csv.Error as error:
        raise BadFile(f"line {reader.reader.line_num}: {error}") from error


class _Known:
    """What the portal has, read once, and what earlier rows of the file take."""

    def __init__(self, settings: Settings) -> None:
        self._guardians: dict[str, list[Guardian]] = defaultdict(list)
        for guardian in Guardian.select():
            for name in {guardian.sourced_id, guardian.person_id} - {None, ""}:
                self._guardians[name].append(guardian)
        accounts = Account.select(Account.guardian, Account.user_name_key, Account.state, Account.email)
        self._with_account: dict[int, str] = {}
        self._names: set[str] = set()
        self._addresses: set[str] = set()
        for account in accounts:
            self._names.add(account.user_name_key)
            if account.guardian_id is not None:
                self._with_account[account.guardian_id] = account.state
                if account.email and account.state != "cancelled":
                    self._addresses.add(account.email.lower())
        self._of_students = _names_of_students(settings)

    def check(self, row: dict[str, str]) -> tuple[Guardian, str, str]:
        """The guardian, the user name and the hash of a row that will do. Raises Refused."""
        if "" in row:
            raise Refused("more cells than the header has: put quotes around what holds a comma")
        name, key = row["user_name"], user_name_key(row["user_name"])
        if not key or len(name) > LONGEST_NAME or not name.isprintable():
            raise Refused(f"user_name: needs 1 to {LONGEST_NAME} readable characters")
        found = self._guardians.get(row["guardian_id"], [])
        if len(found) != 1:
            raise Refused(
                "guardian_id: several guardians have it" if found else "guardian_id: no guardian of the feed has it"
            )
        guardian = found[0]
        if not guardian.active:
            raise Refused("guardian_id: this guardian has left the feed")
        if guardian.id in self._with_account:
            cancelled = self._with_account[guardian.id] == "cancelled"
            raise Refused(
                "guardian_id: the office cancelled this guardian's account; the guardian registers anew"
                if cancelled
                else "guardian_id: this guardian has an account"
            )
        if key in self._names:
            raise Refused("user_name: taken by another account")
        if key in self._of_students:
            raise Refused("user_name: a student signs in with it")
        try:
            password_hash = former_hashes.to_store(row["password_hash"])
        except UnknownHash as error:
            raise Refused(f"password_hash: {error}") from error
        self._names.add(key)
        self._with_account[guardian.id] = "active"
        return guardian, name, password_hash

    def address(self, row: dict[str, str]) -> tuple[str | None, str | None]:
        """The address to propose to the guardian, or none and why; either way the guardian has to prove one."""
        try:
            email = addresses.checked(row.get("email", ""), required=False)
        except FieldError:
            return None, "email: not an e-mail address; the guardian is asked for one"
        if email is None:
            return None, None
        if email.lower() in self._addresses:
            return None, "email: used by another account; the guardian is asked for one"
        self._addresses.add(email.lower())
        return email, None


def _names_of_students(settings: Settings) -> set[str]:
    """User names that wait for students who have no account yet: a guardian who had one would shut a student out."""
    students = Student.select().where(Student.active, Student.number.is_null(False))
    if settings.student_accounts == "district":
        return {user_name_key(student.number) for student in students}
    if settings.student_accounts == "claim":
        return {user_name_key(claims.user_name(student)) for student in students}
    return set()
