"""Registration at the counter: who somebody is was checked, and a key is handed out (G09, G20, D06, H05)."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from peewee import JOIN, ModelSelect

from config import Settings
from models import (
    Account,
    ActivationKey,
    Guardian,
    Guardianship,
    IdentityCheck,
    School,
    SchoolEnrollment,
    Student,
    database,
)
from services import addresses, keys, outbox
from services.keys import Draft, InvalidKey
from services.names import folded
from services.office import identity, people, rights
from services.office.scope import Office
from services.outbox import Compose
from services.passwords import Complaints, FieldError

#: What the office's decision to open a child to somebody at the counter rests on.
_FORM = "registration form"

#: Names, telephones and so on: what the tables take.
_LONGEST = 255


class Child(NamedTuple):
    """A student whom a guardian could be registered for.

    `obstacle` is empty, or says why no key can be given for this pair: `left` (not enrolled in a school that is
    switched on), `inactive` (the SIS no longer has the guardian), `withheld` (by the office), `sis` (by the SIS),
    `not legal` (says the SIS), `open` (nothing is left to open).
    """

    student: Student
    pair: Guardianship | None
    schools: list[str]
    obstacle: str


class Asked(NamedTuple):
    """What the clerk entered; `relations` by student, for pairs that are new."""

    document: str = ""
    is_legal: bool = False
    by_mail: bool = False
    email: str = ""
    language: str = ""
    relations: Mapping[int, str] = {}
    given_name: str = ""
    family_name: str = ""
    phone: str = ""


class Handed(NamedTuple):
    """What came of it: the keys (none where an account shows the children at once), and where a mail went, if one did.

    `replaced` keys are dead now.
    """

    person: Guardian | Student
    drafts: list[Draft]
    mailed_to: str | None
    replaced: int
    connected: list[Student]


class Checked(NamedTuple):
    """What was entered, when it will do."""

    document: str
    email: str | None
    phone: str | None
    given_name: str
    family_name: str


# ---- Whom ---------------------------------------------------------------------------------------------------------


def own_students(office: Office) -> ModelSelect:
    """Students of the schools that this member of staff acts for: those of a teacher's classes elsewhere are not."""
    schools = office.school_ids("register")
    if schools is None:
        return Student.select().where(Student.active)
    here = SchoolEnrollment.select(SchoolEnrollment.student).where(
        SchoolEnrollment.school.in_(schools), SchoolEnrollment.is_current(office.on)
    )
    return Student.select().where(Student.active, Student.id.in_(here))


def children(
    office: Office, guardian: Guardian | None, others: Iterable[int], settings: Settings
) -> list[Child]:  # fmt: skip
    """The guardian's own children whom this member of staff may register, and `others` (ids of students) after them."""
    students = {one.id: one for one in own_students(office).where(Student.id.in_([*others]))}
    pairs: dict[int, Guardianship] = {}
    if guardian is not None:
        found = (
            Guardianship.select(Guardianship, Student)
            .join(Student)
            .where(Guardianship.guardian == guardian, Guardianship.student.in_(own_students(office).select(Student.id)))
            .order_by(Student.birth_date, Student.id)
        )
        pairs = {pair.student_id: pair for pair in found}
        students = {pair.student_id: pair.student for pair in pairs.values()} | students
    account = people.account_of(guardian) if guardian is not None else None
    schools = _schools(students, office.on)
    open_ids = {
        one
        for (one,) in Guardianship.select(Guardianship.student)
        .where(Guardianship.id.in_([pair.id for pair in pairs.values()]), Guardianship.is_open(office.on))
        .tuples()
    }
    return [
        Child(
            student, pairs.get(student.id), schools.get(student.id, []),
            "left" if student.id not in schools
            else _obstacle(guardian, pairs.get(student.id), student.id in open_ids, account, office.on),
        )
        for student in students.values()
    ]  # fmt: skip


def _obstacle(
    guardian: Guardian | None, pair: Guardianship | None, is_open: bool, account: Account | None, on: dt.date
) -> str:
    """Why this pair gets no key; whatever the SIS or the office forbids stays forbidden (D06, DECISIONS 5)."""
    if guardian is not None and not guardian.active:
        return "inactive"
    if pair is None:
        return ""
    if rights.is_restricted(pair):
        return "withheld"
    begun = pair.restricted_from is not None and pair.restricted_from <= on
    over = pair.restricted_until is not None and pair.restricted_until < on
    if pair.portal_access is False or (begun and not over):
        return "sis"
    if pair.legal_guardian is False:
        return "not legal"
    if account is not None and is_open and (pair.activated_at is not None or not account.per_child):
        return "open"
    return ""


def _schools(students: Iterable[int], on: dt.date) -> dict[int, list[str]]:
    """The names of the schools, switched on, that each student is enrolled in."""
    rows = (
        SchoolEnrollment.select(SchoolEnrollment.student, School.name)
        .join(School)
        .where(
            SchoolEnrollment.student.in_([*students]),
            SchoolEnrollment.is_current(on),
            School.active,
            School.switched_on,
        )
        .order_by(SchoolEnrollment.is_primary.desc(), School.name)
    )
    found: dict[int, list[str]] = {}
    for student, name in rows.tuples():
        found.setdefault(student, []).append(name)
    return found


def school_of(student: Student, office: Office) -> School | None:
    """The school that writes about a student: one that this member of staff acts for, else the student's own."""
    enrolled = (
        School.select()
        .join(SchoolEnrollment)
        .where(SchoolEnrollment.student == student, SchoolEnrollment.is_current(office.on), School.active)
        .order_by(SchoolEnrollment.is_primary.desc(), School.name)
    )
    found, schools = list(enrolled), office.school_ids("register")
    mine = [one for one in found if schools is None or one.id in schools]
    return next(iter(mine or found), None)


def was_identified(guardian: Guardian) -> bool:
    """Whether the office has seen a photo ID of this guardian before."""
    seen = IdentityCheck.guardian == guardian
    documents = IdentityCheck.select().where(seen, IdentityCheck.passed, IdentityCheck.document.is_null(False))
    return bool(documents.exists())


def known_addresses(guardian: Guardian) -> list[str]:
    """Where a key may be mailed to again: addresses given in person or known to the SIS, never one named by phone."""
    account = people.account_of(guardian)
    issued = _newest_user_id(guardian) or ""
    known = (account and account.reply_address, issued if "@" in issued else None, addresses.on_file(guardian))
    return list(dict.fromkeys(address for address in known if address))


def _newest_user_id(guardian: Guardian) -> str | None:
    """What the guardian's last token says to sign in with."""
    issued = ActivationKey.select(ActivationKey.user_id).where(
        ActivationKey.guardian == guardian, ActivationKey.user_id.is_null(False)
    )
    found: str | None = issued.order_by(ActivationKey.id.desc()).limit(1).scalar()
    return found


# ---- Handing out ---------------------------------------------------------------------------------------------------


def check(guardian: Guardian | None, chosen: list[Child], asked: Asked, *, again: bool = False) -> Checked:
    """What was entered, checked before anything happens. Raises FieldErrors.

    With `again` a key replaces one that did not arrive: an identity that was checked before need not be again.
    """
    complaints = Complaints()
    document, email = "", None
    given, family = (" ".join(text.split())[:_LONGEST] for text in (asked.given_name, asked.family_name))
    phone = " ".join(asked.phone.split())[:_LONGEST]
    with complaints:
        if guardian is None and not given:
            raise FieldError("given_name", "empty")
    with complaints:
        if guardian is None and not family:
            raise FieldError("family_name", "empty")
    with complaints:
        email = addresses.checked(asked.email, required=asked.by_mail)
    with complaints:
        if phone and len(re.sub(r"\D", "", phone)) < 7:
            raise FieldError("phone", "invalid")
    with complaints:
        if not chosen:
            raise FieldError("children", "empty")
    for child in chosen:
        with complaints:
            if child.obstacle:
                raise FieldError("children", child.obstacle)
        with complaints:
            if not _is_known(child) and asked.relations.get(child.student.id) not in rights.RELATIONS:
                raise FieldError(f"relation_{child.student.id}", "empty")
    with complaints:
        document = asked.document
        known = again and guardian is not None and was_identified(guardian)
        if document not in identity.DOCUMENTS and not (known and not document):
            raise FieldError("document", "empty")
    with complaints:
        if not again and not asked.is_legal:
            raise FieldError("legal", "needed")
    complaints.raise_any()
    return Checked(document, email, phone or None, given, family)


def _is_known(child: Child) -> bool:
    """Whether somebody already vouches for the pair."""
    pair = child.pair
    return pair is not None and (
        pair.from_associations or pair.from_student_agents or pair.from_guardian_agents or pair.from_office
    )


def hand_out(
    office: Office, guardian: Guardian | None, chosen: list[Child], asked: Asked, *, again: bool = False,
    compose: Compose, settings: Settings, now: dt.datetime,
) -> Handed:  # fmt: skip
    """Register a guardian for students and issue what opens them: by mail, or as values for a letter.

    Without `guardian` a new one is entered, with an id of the office's own. A pair that is not there is made and opens
    with the key; where the guardian has an account for all children, at once. Earlier keys for the same die. Who looked
    at which document is written down. Raises FieldErrors; all of it happens or nothing.
    """
    checked = check(guardian, chosen, asked, again=again)
    with database.atomic():
        guardian = guardian or _enter(checked, asked.language, office, now)
        if checked.document:
            identity.by_document(guardian, checked.document, by=office, now=now)
        for child in chosen:
            _connect(office, guardian, child, asked, now)
        account = people.account_of(guardian)
        opened = account is not None and not account.per_child
        students = [child.student for child in chosen]
        user_id = _user_id(guardian, checked.email, again and not asked.by_mail)
        drafts = [] if opened else keys.draft(guardian, students, email=user_id, settings=settings)
        replaced = keys.write(drafts, settings=settings, now=now)
        mailed = checked.email if asked.by_mail and drafts else None
        if mailed is not None:
            school = school_of(students[0], office)
            mail = compose(
                "key", asked.language, **letter_of(drafts, settings, now),
                has_account=account is not None,
                school=school.name if school else "", phone=school.phone if school else "",
            )  # fmt: skip
            outbox.enqueue(
                kind="key", recipient=mailed, subject=mail.subject, text=mail.text, guardian=guardian,
                about={student.id: [] for student in students},
            )  # fmt: skip
        if drafts:
            _note_keys(office, drafts, "mail" if mailed else "letter", replaced, now)
    return Handed(guardian, drafts, mailed, replaced, students if opened else [])


def hand_to_student(office: Office, student: Student, *, settings: Settings, now: dt.datetime) -> Handed:
    """Issue a student's own key for a letter (H05); an earlier one dies.

    Raises FieldError `children`: `off` where students get no keys, `account` for one who has an account, or `left`.
    """
    if settings.student_accounts != "key":
        raise FieldError("children", "off")
    if people.account_of(student) is not None:
        raise FieldError("children", "account")
    if student.id not in _schools([student.id], office.on):
        raise FieldError("children", "left")
    with database.atomic():
        drafts = keys.draft(student, [student], settings=settings)
        replaced = keys.write(drafts, settings=settings, now=now)
        _note_keys(office, drafts, "letter", replaced, now)
    return Handed(student, drafts, None, replaced, [])


def letter_of(drafts: list[Draft], settings: Settings, now: dt.datetime) -> dict[str, object]:
    """What a letter or mail about one person's keys says: ids, codes with their children (none: all), last day."""
    first = drafts[0]
    person_id = first.person.person_id if isinstance(first.person, Guardian) else first.person.number
    return {
        "person": " ".join(first.person.name.split()),
        "for_student": isinstance(first.person, Student),
        "user_id": first.user_id or "",
        "person_id": (person_id or "") if settings.registration[:1] == ("credentials",) else "",
        "codes": [(" ".join(one.bound_to.name.split()) if one.bound_to else "", one.value) for one in drafts],
        "children": list(dict.fromkeys(" ".join(child.name.split()) for one in drafts for child in one.children)),
        "expires": (now + dt.timedelta(days=settings.key_days)).date(),
        "way": settings.registration[0],
    }


def from_letter(office: Office, values: Iterable[str], *, settings: Settings, now: dt.datetime) -> list[Draft]:
    """The keys whose values a page of this office still shows, for printing. Raises InvalidKey for any other.

    They have to be live, of one person, and of somebody whom this member of staff may register.
    """
    found = [(value, keys.find(value, settings=settings, now=now)) for value in values]
    whose = {(key.guardian_id, None if key.guardian_id else key.student_id) for _, key in found}
    if len(whose) != 1:
        raise InvalidKey
    own = own_students(office)
    guardian = found[0][1].guardian
    if guardian is None:
        student = own.where(Student.id == found[0][1].student_id).first()
        if student is None:
            raise InvalidKey
        return [Draft(student, [student], None, None, value) for value, _ in found]
    theirs = Guardianship.select(Guardianship.student).where(
        Guardianship.guardian == guardian, Guardianship.is_open(office.on)
    )
    students = {one.id: one for one in own.where(Student.id.in_(theirs)).order_by(Student.id)}
    if not students or any(key.student_id is not None and key.student_id not in students for _, key in found):
        raise InvalidKey
    return [
        Draft(
            guardian, [students[key.student_id]] if key.student_id else list(students.values()),
            students[key.student_id] if key.student_id else None, key.user_id, value,
        )
        for value, key in found
    ]  # fmt: skip


def _user_id(guardian: Guardian, email: str | None, as_before: bool) -> str | None:
    """The address that becomes the user ID: none (and so 13 digits) where none was given at the counter."""
    if not as_before:
        return email or ""
    before = _newest_user_id(guardian)
    return before if before is None or "@" in before else ""


def _enter(checked: Checked, language: str, office: Office, now: dt.datetime) -> Guardian:
    """Enter a guardian whom the SIS does not have: no feed touches one without a sourced id."""
    entered: Guardian = Guardian.create(
        sourced_id=None, person_id=_person_id(), given_name=checked.given_name, family_name=checked.family_name,
        given_key=folded(checked.given_name), family_key=folded(checked.family_name), role="guardian",
        email=checked.email, phone=checked.phone, language=language or None,
    )  # fmt: skip
    office.note("guardian entered", now, guardian=entered.id)
    return entered


def _person_id() -> str:
    """A Person ID of the portal's own (D03); digits alone could be one that the SIS gives out some day."""
    while True:
        made = f"H-{secrets.randbelow(10**8):08}"
        if not Guardian.select().where(Guardian.person_id == made).exists():
            return made


def _connect(office: Office, guardian: Guardian, child: Child, asked: Asked, now: dt.datetime) -> None:
    """See to it that the pair may be opened: made by the office, or said yes to where the SIS leaves it open."""
    if not _is_known(child):
        relation = asked.relations[child.student.id]
        rights.connect(
            guardian, child.student, relation=relation, legal_guardian=True, document=_FORM, by=office, now=now
        )
        return
    assert child.pair is not None  # noqa: S101 - known
    this = Guardianship.id == child.pair.id
    if not Guardianship.select().where(this, Guardianship.is_open(office.on)).exists():
        rights.grant(child.pair, document=_FORM, by=office, now=now)


def _note_keys(office: Office, drafts: list[Draft], by: str, replaced: int, now: dt.datetime) -> None:
    """Write down that keys were issued; a key that opens all children of somebody is noted with each of them."""
    for one in drafts:
        guardian = {"guardian": one.person.id} if isinstance(one.person, Guardian) else {}
        for student in one.children:
            office.note("key issued", now, student=student, by=by, replaced=replaced, **guardian)


def waiting_children(office: Office, guardian: Guardian, settings: Settings) -> list[Child]:
    """The children for whom a new key can be given without anything new being decided: pairs that are open already."""
    found = [child for child in children(office, guardian, (), settings) if child.pair is not None]
    open_ids = {
        one
        for (one,) in Guardianship.select(Guardianship.student)
        .where(Guardianship.guardian == guardian, Guardianship.is_open(office.on))
        .tuples()
    }
    return [child for child in found if not child.obstacle and child.student.id in open_ids]


def live_keys(guardian: Guardian, now: dt.datetime) -> list[ActivationKey]:
    """The guardian's keys that still work, with their children."""
    return list(
        ActivationKey.select(ActivationKey, Student)
        .join(Student, JOIN.LEFT_OUTER, on=(ActivationKey.student == Student.id))
        .where(ActivationKey.guardian == guardian, keys.is_live(now))
        .order_by(ActivationKey.id)
    )
