"""From an activation key on a letter to an account that signs in (systems.md C14, G10, H02)."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import uuid

from email_validator import EmailNotValidError, validate_email
from peewee import IntegrityError

from config import Settings
from models import Account, ActivationKey, AuditEvent, Guardian, Guardianship, Student, database
from services.accounts import hasher, user_name_key
from services.hashing import PASSWORD_MAX_LENGTH, keyed_hash

#: No 0 O 1 I L: nothing that a letter's reader could take for another (CHECKS 10, DECISIONS 18).
KEY_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CHOSEN_USER_NAME = re.compile(r"[A-Za-z0-9]{4,30}")


class InvalidKey(Exception):
    """No such key, or it was used, revoked or has expired: one answer for all (DECISIONS 22)."""


class FieldError(Exception):
    """What was typed into `field` will not do; `code` says why in one word that the view puts into a sentence."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


def issue_key(person: Guardian | Student, *, child: Student | None = None, settings: Settings, now: dt.datetime) -> str:
    """Make a key for `person` (bound to `child` where keys are per child) and return it; only its hash is stored."""
    value = _random_key(settings.key_style)
    ActivationKey.create(
        key_hash=_hash(value, settings),
        guardian=person if isinstance(person, Guardian) else None,
        student=person if isinstance(person, Student) else child,
        created_at=now,
        expires_at=now + dt.timedelta(days=settings.key_days),
    )
    return value


def find_key(value: str, *, settings: Settings, now: dt.datetime) -> ActivationKey:
    """The live key behind what was typed or pasted; spaces, dashes, braces and case do not count. Raises InvalidKey."""
    key: ActivationKey | None = ActivationKey.get_or_none(
        ActivationKey.key_hash == _hash(value, settings),
        ActivationKey.used_at.is_null(),
        ActivationKey.revoked_at.is_null(),
        ActivationKey.expires_at > now,
    )
    if key is None:
        raise InvalidKey
    return key


def open_account(
    key_value: str, *, user_name: str, password: str, repeated: str, language: str, settings: Settings, now: dt.datetime
) -> Account:
    """Use the key up and open its person's account, both or neither.

    `user_name` is an e-mail address where the preset says so; left empty, a 13-digit number is made up for somebody
    without one (G09, DECISIONS 14). Raises InvalidKey or FieldError (`user_name`: invalid, taken; `password`: short,
    long; `repeated`: different).
    """
    key = find_key(key_value, settings=settings, now=now)
    name, email = _checked_user_name(user_name, settings)
    check_password(password, repeated, settings)
    password_hash = hasher(settings).hash(password)
    try:
        with database.atomic():
            _use_up(key, now)
            account = Account.create(
                guardian=key.guardian_id,
                student=key.student_id if key.guardian_id is None else None,
                user_name=name,
                user_name_key=user_name_key(name),
                email=email or (key.guardian.email if key.guardian_id and settings.user_name == "chosen" else None),
                password_hash=password_hash,
                per_child=settings.key_scope == "child",
                language=language,
                created_at=now,
            )
            if key.guardian_id is not None and key.student_id is not None:
                pair = (Guardianship.guardian == key.guardian_id) & (Guardianship.student == key.student_id)
                Guardianship.update(activated_at=now).where(pair).execute()
            AuditEvent.create(at=now, account=account, action="account opened", details={"key": key.id})
    except IntegrityError as error:
        taken = Account.select().where(Account.user_name_key == user_name_key(name)).exists()
        raise FieldError("user_name", "taken") if taken else InvalidKey from error
    return account


def check_password(password: str, repeated: str, settings: Settings) -> None:
    """Raise FieldError unless the new password is long enough and typed the same twice (SP 800-63B 3.1.1.2)."""
    if len(password) < settings.password_min_length:
        raise FieldError("password", "short")
    if len(password) > PASSWORD_MAX_LENGTH:
        raise FieldError("password", "long")
    if password != repeated:
        raise FieldError("repeated", "different")


def _use_up(key: ActivationKey, now: dt.datetime) -> None:
    """Mark the key used and revoke the person's others; raises InvalidKey when another request was faster."""
    live = ActivationKey.used_at.is_null() & ActivationKey.revoked_at.is_null()
    if ActivationKey.update(used_at=now).where(live, ActivationKey.id == key.id).execute() != 1:
        raise InvalidKey
    if key.guardian_id is not None and key.student_id is not None:
        return
    same_person = (
        ActivationKey.guardian == key.guardian_id
        if key.guardian_id is not None
        else ActivationKey.guardian.is_null() & (ActivationKey.student == key.student_id)
    )
    ActivationKey.update(revoked_at=now).where(live, same_person).execute()


def _checked_user_name(typed: str, settings: Settings) -> tuple[str, str | None]:
    """The user name to store and the e-mail address that it is, if it is one. Raises FieldError."""
    typed = typed.strip()
    if settings.user_name == "chosen":
        if not CHOSEN_USER_NAME.fullmatch(typed) or typed.isdigit():
            raise FieldError("user_name", "invalid")
        return typed, None
    if not typed:
        return "".join(secrets.choice("0123456789") for _ in range(13)), None
    try:
        email = validate_email(
            typed, check_deliverability=False, allow_smtputf8=False, test_environment=True
        ).normalized
    except EmailNotValidError:
        raise FieldError("user_name", "invalid") from None
    return email, email


def _random_key(style: str) -> str:
    if style == "guid":
        return f"{{{str(uuid.uuid4()).upper()}}}"
    if style == "token":
        return "-".join("".join(secrets.choice("0123456789") for _ in range(4)) for _ in range(4))
    return "-".join("".join(secrets.choice(KEY_ALPHABET) for _ in range(4)) for _ in range(4))


def _hash(value: str, settings: Settings) -> str:
    plain = re.sub(r"[\s{}()-]|[\u2010-\u2015]", "", value).upper()
    return keyed_hash(settings.secret_key, "activation key", plain.translate(str.maketrans("OIL", "011")))
