"""Students with the district's own credentials: their number and, the first time, their date of birth (D01)."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from config import Settings
from models import Account, SchoolEnrollment, Student, database
from services import clock, reopening, typed_in
from services.names import user_name_key
from services.passwords import hasher
from services.throttle import Limit

#: Tries at one student's first password: a date of birth could be guessed otherwise (DECISIONS 20).
TRIES, WINDOW_MINUTES = 5, 24 * 60


def first_account(user_name: str, password: str, *, settings: Settings, now: dt.datetime) -> Account | None:
    """The account of the student whose number and date of birth (MMDDYYYY, or 4/30/2013 and the like) were given.

    None for anybody else.

    It opens nothing before its owner has set a password, and the date of birth works until then. Numbers that two
    students bear, students without a date of birth, and students who have set a password get none. The office's
    "cancel" lets a student begin again.
    """
    number = user_name.strip()
    limit = Limit("first password", tries=TRIES, minutes=WINDOW_MINUTES, secret=settings.secret_key)
    if not number or not limit.take(number, now):
        return None
    here = SchoolEnrollment.students_on(clock.today(settings.time_zone, settings.today))
    found = list(Student.select().where(Student.number == number, Student.active, Student.id.in_(here)))
    birth_date = found[0].birth_date if len(found) == 1 else None
    expected = f"{birth_date:%m%d%Y}" if birth_date else secrets.token_hex(4)
    written = typed_in.date(password)
    given = f"{written:%m%d%Y}" if written else password.strip()
    if not hmac.compare_digest(expected.encode(), given.encode()):
        return None
    limit.give_back(number)
    account: Account | None = Account.get_or_none(Account.student == found[0])
    if account is not None and account.state != "cancelled":
        return account if is_unfinished(account) else None
    nobodys = hasher(settings).hash(secrets.token_hex(16))
    with database.atomic():
        account = reopening.former(found[0]) or Account(student=found[0], created_at=now)
        account.user_name, account.user_name_key = number, user_name_key(number)
        account.password_hash = nobodys
        account.state, account.duties = "active", ["password", "questions"]
        account.save()
    return account


def is_unfinished(account: Account) -> bool:
    """Whether a student has come in with the date of birth, but not set a password yet."""
    return account.student_id is not None and "password" in account.duties
