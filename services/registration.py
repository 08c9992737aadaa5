"""From a key, a token or a claim to an account: a registration is a list of steps that the preset names.

Each step checks what was typed and establishes something; the last one opens the account, all or nothing. What the
steps have established waits in a `Registration` row, so that the back button, a reload and a second tab do no harm.
The presets' lists: standard, clayton, henry `key account` (C14, H02); gwinnett `token role agreement password` (G10);
denver `credentials account` (D03); students of ccps `claim password questions` (S02, S03).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from peewee import IntegrityError

from config import Settings
from models import (
    Account,
    ActivationKey,
    AuditEvent,
    Guardian,
    Guardianship,
    Registration,
    School,
    SchoolEnrollment,
    Student,
    database,
)
from services import (
    addresses,
    agreements,
    claims,
    codes,
    keys,
    links,
    outbox,
    passwords,
    questions,
    recovery,
    reopening,
    roles,
    typed_in,
)
from services.hashing import keyed_hash, new_token
from services.keys import InvalidKey
from services.names import user_name_key
from services.outbox import Compose
from services.passwords import Complaints, FieldError
from services.throttle import Limit

#: How long somebody may take from the first step to the last.
LIFETIME = dt.timedelta(hours=1)

#: So often in a day may the address of an account that waits for its mail be corrected.
CORRECTIONS = 5

#: What has to be there before a first step is looked at.
_FIELDS = {
    "key": ("key",),
    "credentials": ("person_id", "key"),
    "token": ("user_id", "birth_date", "key"),
    "claim": ("family_name", "given_name", "student_number"),
}


class Finished(NamedTuple):
    """The end of a registration: the account, unless an address that is taken has to look as if it were not.

    `email` is where a mail went, as it was typed. `not_yet` says that there is no account because the children's
    schools do not use the portal yet (D02); where the address has to be proved first, the mail alone tells that.
    """

    account: Account | None
    user_name: str
    waits_for_mail: bool
    email: str | None = None
    not_yet: bool = False


class Context(NamedTuple):
    """What the steps need to know besides what was typed."""

    settings: Settings
    now: dt.datetime
    on: dt.date
    language: str
    compose: Compose


def steps(way: str, settings: Settings) -> tuple[str, ...]:
    """The names of the steps of `register` (guardians, and students with a key) or `claim` (students)."""
    return settings.registration if way == "register" else settings.claim


def start(way: str, context: Context) -> str:
    """Begin and return the token for the browser."""
    Registration.delete().where(Registration.created_at < context.now - LIFETIME).execute()
    token = new_token()
    Registration.create(token_hash=_hash(token, context.settings), way=way, created_at=context.now)
    return token


def resume(token: str | None, way: str, context: Context) -> Registration | None:
    """The registration that this browser has begun, if it is not over."""
    return Registration.get_or_none(
        Registration.token_hash == _hash(token or "", context.settings),
        Registration.way == way,
        Registration.created_at > context.now - LIFETIME,
    )


def finished(registration: Registration) -> Finished | None:
    """The end of a registration that is over: a form sent twice is answered like the first time."""
    return Finished(None, *registration.values["finished"]) if "finished" in registration.values else None


def next_step(registration: Registration, settings: Settings) -> str:
    """The first step that is still to be taken."""
    names = steps(registration.way, settings)
    return next((name for name in names if name not in registration.values), names[-1])


def take(registration: Registration, step: str, typed: Mapping[str, str], context: Context) -> Finished | None:
    """Take one step; after the last the account is there and Finished comes back.

    Raises FieldError for what will not do, and InvalidKey when the key no longer works.
    """
    established = _STEPS[step](registration, typed, context)
    names = steps(registration.way, context.settings)
    registration.values = {**registration.values, step: established}
    if any(name not in registration.values for name in names):
        registration.save()
        return None
    return _finish(registration, context)


def check_shape(step: str, typed: Mapping[str, str]) -> None:
    """Raise FieldErrors for what a first step cannot begin with: this is told by looking at what was typed alone."""
    typed_in.check(typed, *_FIELDS.get(step, ()))


# ---- The steps ---------------------------------------------------------------------------------------------------


def _key(_: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    return {"key_id": _find_key(typed, context).id}


def _credentials(_: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    """Person ID and GUID, which the school hands out together (D03)."""
    key = _find_key(typed, context)
    person = key.guardian or key.student
    known = person.person_id if isinstance(person, Guardian) else person.number
    if not known or codes.plain(typed.get("person_id", "")) != codes.plain(known):
        raise InvalidKey
    return {"key_id": key.id, "person_id": typed["person_id"]}


def _token(_: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    """User ID, the child's date of birth and the token: all three have to be right, and nothing says which was not."""
    key = find_token(typed, context)
    if user_name_key(typed.get("user_id", "")) != user_name_key(key.user_id or ""):
        raise InvalidKey
    if Account.select().where(Account.guardian == key.guardian_id, Account.state != "cancelled").exists():
        raise FieldError("key", "account")
    return {
        "key_id": key.id, "user_name": key.user_id, "user_id": typed["user_id"], "birth_date": typed["birth_date"],
    }  # fmt: skip


def _role(registration: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    key = _key_of(registration)
    roles.check(key, typed, settings=context.settings, now=context.now)
    return {"validated": True}


def _agreement(_: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    current = agreements.current()
    if current is not None and typed.get("accept") != str(current.id):
        raise FieldError("accept", "needed")
    return {"agreement": current.id if current is not None else None, "at": context.now.isoformat()}


def _account(registration: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    settings, complaints = context.settings, Complaints()
    found: dict[str, Any] = {}
    with complaints:
        found["user_name"], found["email"] = _free_user_name(
            typed.get("user_name", ""), _person(registration), settings
        )
    with complaints:
        if "email" in typed:
            found["email"] = addresses.checked(typed["email"], required=settings.email_required)
    with complaints:
        found |= _password(registration, typed, context)
    complaints.raise_any()
    return found


def _free_user_name(typed: str, person: Guardian | Student, settings: Settings) -> tuple[str, str | None]:
    """The user name and the address that it is, if it is one, which nobody else signs in with. Raises FieldError."""
    name, email = checked_user_name(typed, settings)
    holder = Account.get_or_none(Account.user_name_key == user_name_key(name))
    free = holder is None or (holder.state == "cancelled" and holder.person == person)
    if isinstance(person, Guardian) and claims.waits_for_student(name, settings):
        free = False
    if not free or (settings.user_name == "email" and email and addresses.in_use(email)):
        raise FieldError("user_name", "taken")
    return name, email


def _password(registration: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    person = _person(registration)
    user_name = typed.get("user_name") or next(
        (step["user_name"] for step in registration.values.values() if "user_name" in step), ""
    )
    password = typed.get("password", "")
    words = passwords.words_of(person, user_name)
    passwords.check(password, typed.get("repeated", ""), context.settings, own_words=words)
    claims.check_never_used(person, password, context.settings)
    return {"password_hash": passwords.hasher(context.settings).hash(password)}


def _questions(_: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    return {"answers": questions.checked(typed, settings=context.settings)}


def _claim(_: Registration, typed: Mapping[str, str], context: Context) -> dict[str, Any]:
    student = claims.find(typed, settings=context.settings, now=context.now, on=context.on)
    asked = {name: typed[name] for name in ("family_name", "given_name", "student_number")}
    return {"student": student.id, "user_name": claims.user_name(student), **asked}


_STEPS: dict[str, Callable[[Registration, Mapping[str, str], Context], dict[str, Any]]] = {
    "key": _key, "credentials": _credentials, "token": _token, "role": _role, "agreement": _agreement,
    "account": _account, "password": _password, "questions": _questions, "claim": _claim,
}  # fmt: skip


# ---- The end -----------------------------------------------------------------------------------------------------


def _finish(registration: Registration, context: Context) -> Finished:
    """Open the account with everything that belongs to it, and use the key up: all of it or nothing."""
    found: dict[str, Any] = {name: value for step in registration.values.values() for name, value in step.items()}
    user_name, email = found["user_name"], found.get("email") or _address(found["user_name"])
    if email is None and context.settings.user_name == "chosen":
        email = addresses.on_file(_person(registration))
    try:
        with database.atomic():
            if _is_elsewhere(registration, context.on):
                return _over(registration, _turned_away(user_name, email, context))
            if email and context.settings.verify_email == "before" and addresses.in_use(email):
                tell_owner(email, context, opening=True)
                return _over(registration, Finished(None, user_name, True, email))
            account = _open(registration, found, email, context)
            if "key_id" in found:
                use_key(ActivationKey.get_by_id(found["key_id"]), context)
            waits = account.state == "pending"
            return _over(registration, Finished(account, user_name, waits, email if waits else None))
    except IntegrityError as error:
        holder = Account.get_or_none(Account.user_name_key == user_name_key(user_name))
        # Somebody else's name, or the own account, which another browser was faster to open.
        free = holder is None or holder.person == _person(registration)
        raise InvalidKey if free else FieldError("user_name", "taken") from error


def _is_elsewhere(registration: Registration, on: dt.date) -> bool:
    """Whether every child that this account would open is at a school that is switched off (D02).

    Who has no child at school here at all is no matter of schools, and is treated as always.
    """
    person = _person(registration)
    if isinstance(person, Guardian):
        child = _key_of(registration).student_id
        children = Guardianship.select(Guardianship.student).where(
            Guardianship.guardian == person, Guardianship.is_open(on)
        )
        whose = SchoolEnrollment.student.in_(children) if child is None else SchoolEnrollment.student == child
    else:
        whose = SchoolEnrollment.student == person
    schools = (
        SchoolEnrollment.select(School.switched_on)
        .join(School)
        .where(whose, SchoolEnrollment.is_current(on), School.active)
        .tuples()
    )
    switches = [is_on for (is_on,) in schools]
    return bool(switches) and not any(switches)


def _turned_away(user_name: str, email: str | None, context: Context) -> Finished:
    """No account: the address given is told to ask the school, and nothing of any child. The key stays good."""
    if email and addresses.may_mail("not_yet", email, settings=context.settings, now=context.now):
        mail = context.compose("not_yet", context.language)
        outbox.enqueue(kind="not_yet", recipient=email, subject=mail.subject, text=mail.text)
    waits = bool(email) and context.settings.verify_email == "before"
    return Finished(None, user_name, waits, email, not waits)


def _over(registration: Registration, end: Finished) -> Finished:
    """Forget what the steps established, passwords' hashes above all, and keep how it ended for a form sent twice."""
    registration.values = {"finished": end[1:]}
    registration.save()
    return end


def _open(registration: Registration, found: dict[str, Any], email: str | None, context: Context) -> Account:
    settings, person = context.settings, _person(registration)
    known = (addresses.on_file(person) or "").casefold()
    verified = context.now if email and email.casefold() == known and settings.verify_email == "after" else None
    account = reopening.former(person) or Account(
        guardian=person if isinstance(person, Guardian) else None,
        student=person if isinstance(person, Student) else None,
        created_at=context.now,
    )
    account.user_name = found["user_name"]
    account.user_name_key = user_name_key(found["user_name"])
    account.email, account.email_verified_at = email, verified
    account.password_hash = found["password_hash"]
    account.state = "pending" if email and settings.verify_email == "before" else "active"
    account.duties = list(settings.first_duties) if isinstance(person, Guardian) else []
    account.per_child = settings.key_scope == "child" and isinstance(person, Guardian)
    account.language = context.language
    account.save()
    if "answers" in found:
        questions.replace_hashed(account, found["answers"])
    if found.get("agreement"):
        agreements.accept(account, found["agreement"], dt.datetime.fromisoformat(found["at"]))
    AuditEvent.create(at=context.now, account=account, action="account opened", details={"way": registration.way})
    if email and verified is None:
        send_verification(account, email, context)
    return account


def send_verification(account: Account, email: str, context: Context) -> None:
    """Mail a link that proves the address, in the caller's transaction; nothing more when it has had many of them."""
    if not addresses.may_mail("verify", email, settings=context.settings, now=context.now):
        return
    token = links.make(account, "verify", settings=context.settings, now=context.now, email=email)
    mail = context.compose("verify", account.language or context.language, token=token, user_name=account.user_name)
    outbox.enqueue(kind="verify", recipient=email, subject=mail.subject, text=mail.text, account=account)


def ask_to_verify(account: Account, email: str, context: Context) -> None:
    """Mail a link that proves the address of an account, in the caller's transaction.

    If the address is another account's, its owner is told instead, and nobody else.
    """
    if addresses.in_use(email, besides=account):
        tell_owner(email, context, opening=False)
    else:
        send_verification(account, email, context)


def ask_to_move(account: Account, email: str, context: Context) -> None:
    """Mail a link that gives an account the address, once it is followed, and tell the present one (CHECKS 15).

    Nothing of what the owner gets or sees tells whether the address is another account's (DECISIONS 22). Raises
    FieldError `often` after so many askings in a day.
    """
    limit = Limit("move", tries=CORRECTIONS, minutes=24 * 60, secret=context.settings.secret_key)
    if not limit.take(str(account.id), context.now):
        raise FieldError("email", "often")
    with database.atomic():
        ask_to_verify(account, email, context)
        recovery.tell(account, "moving", compose=context.compose, settings=context.settings)


def address_to_prove(account: Account) -> str | None:
    """Where the mail goes that an account waits for: the address that its owner gave last, taken or not."""
    newest = links.address_to_prove(account) if account.state == "pending" else None
    address: str | None = newest or account.email
    return address


def correct_address(account: Account, typed: str, context: Context) -> None:
    """Give an account that waits for its mail another address: links to the old one die, and a new one is mailed.

    What happens with an address that is another account's cannot be told from this (D03): its owner is told, and the
    account waits for ever. Raises FieldError: `invalid`, or `often` after so many corrections in a day.
    """
    email = addresses.checked(typed, required=True)
    limit = Limit("correct address", tries=CORRECTIONS, minutes=24 * 60, secret=context.settings.secret_key)
    if not limit.take(str(account.id), context.now):
        raise FieldError("email", "often")
    assert email is not None  # noqa: S101 - required
    with database.atomic():
        taken = addresses.in_use(email, besides=account)
        Account.update(email=None if taken else email).where(Account.id == account.id).execute()
        links.end_all(account, "reset", now=context.now)
        # Nobody gets to know this one: it is what the page, and the next mail, take the address from.
        links.make(account, "verify", settings=context.settings, now=context.now, email=email)
        ask_to_verify(account, email, context)


def use_key(key: ActivationKey, context: Context) -> None:
    """Use a key up, and open the child that it is bound to. Raises InvalidKey."""
    keys.use_up(key, context.now)
    if key.guardian_id is not None and key.student_id is not None:
        pair = (Guardianship.guardian == key.guardian_id) & (Guardianship.student == key.student_id)
        Guardianship.update(activated_at=context.now).where(pair).execute()


def add_child(account: Account, typed: Mapping[str, str], context: Context) -> Student:
    """Open another child to a guardian who has an account, with that child's own token (G10). Raises InvalidKey."""
    key = find_token(typed, context)
    if key.guardian_id != account.guardian_id:
        raise InvalidKey
    with database.atomic():
        use_key(key, context)
    child: Student = key.student
    return child


def find_token(typed: Mapping[str, str], context: Context) -> ActivationKey:
    """The token of one child whose date of birth was given with it. Raises InvalidKey."""
    key = _find_key(typed, context)
    if key.guardian_id is None or key.student_id is None or key.student.birth_date is None:
        raise InvalidKey
    if typed_in.date(typed.get("birth_date", "")) != key.student.birth_date:
        raise InvalidKey
    return key


def checked_user_name(typed: str, settings: Settings) -> tuple[str, str | None]:
    """The user name to store and the e-mail address that it is, if it is one. Raises FieldError."""
    typed = typed.strip()
    if settings.user_name == "chosen":
        size = f"{{{settings.user_name_min},{settings.user_name_max}}}"
        if not re.fullmatch(f"[A-Za-z0-9]{size}", typed) or typed.isdigit():
            raise FieldError("user_name", "invalid")
        return typed, None
    if not typed:
        return codes.random_user_id(), None
    try:
        email = addresses.checked(typed, required=True)
    except FieldError:
        raise FieldError("user_name", "invalid") from None
    assert email is not None  # noqa: S101 - required
    return email, email


def tell_owner(email: str, context: Context, *, opening: bool) -> None:
    """Mail the owner of an address that somebody gave it to the portal (D03), in the caller's transaction.

    With `opening` it was given for a new account, else for one that is there.
    """
    if not addresses.may_mail("already", email, settings=context.settings, now=context.now):
        return
    owners = addresses.is_of_account(email) & Account.guardian.is_null(False) & (Account.state != "cancelled")
    for owner in Account.select().where(owners):
        language = owner.language or context.language
        mail = context.compose("already", language, user_name=owner.user_name, opening=opening)
        outbox.enqueue(kind="already", recipient=owner.email, subject=mail.subject, text=mail.text, account=owner)


def _find_key(typed: Mapping[str, str], context: Context) -> ActivationKey:
    """The live key that was typed; one of a student is none where students get their accounts in another way."""
    key = keys.find(typed.get("key", ""), settings=context.settings, now=context.now)
    if key.guardian_id is None and context.settings.student_accounts != "key":
        raise InvalidKey
    return key


def _key_of(registration: Registration) -> ActivationKey:
    """The key that an earlier step has found; another browser may have used it meanwhile. Raises InvalidKey."""
    number = next((step["key_id"] for step in registration.values.values() if "key_id" in step), None)
    key: ActivationKey | None = ActivationKey.get_or_none(ActivationKey.id == number)
    if key is None:
        raise InvalidKey
    return key


def _person(registration: Registration) -> Guardian | Student:
    """Whose account it will be."""
    if "claim" in registration.values:
        student: Student = Student.get_by_id(registration.values["claim"]["student"])
        return student
    key = _key_of(registration)
    person: Guardian | Student = key.guardian or key.student
    return person


def _address(user_name: str) -> str | None:
    return user_name if "@" in user_name else None


def _hash(token: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "registration", token)
