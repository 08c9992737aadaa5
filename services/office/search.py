"""One search box: people by name, number, user name, e-mail address or telephone (the office)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import SQL, Expression, ModelSelect, NodeList, PostgresqlDatabase, fn

from models import Account, Guardian, Staff, Student, Telephone, database
from services.names import folded, user_name_key
from services.office.scope import Office

#: So many people of a kind are shown; with more, the words have to be more exact.
SHOWN = 25


class Found(NamedTuple):
    """People that a search found, at most SHOWN of each kind; `more` says that there are others."""

    students: list[Student]
    guardians: list[Guardian]
    more: bool


def search(office: Office, typed: str, right: str = "") -> Found:
    """People whom this member of staff may see, or over whom there is `right`, where something else is to be done.

    Each word must begin the given or the family name, in any order, without regard to case and accents; if that finds
    nobody, a word may stand inside a name. A number, user name or address must be whole; of a telephone number the last
    seven digits do. Empty words find nobody.
    """
    words = _words(typed)
    if not words:
        return Found([], [], False)
    sought = typed.strip()
    all_students, all_guardians = office.students(right or "search"), office.guardians(right or "guardian")
    students = _whole(all_students, Student, _exact_students(sought))
    guardians = _whole(all_guardians, Guardian, _exact_guardians(sought))
    for within in (False, True):
        if students or guardians:
            break
        students = list(_named(all_students, Student, words, within))
        guardians = list(_named(all_guardians, Guardian, words, within))
    return Found(students[:SHOWN], guardians[:SHOWN], len(students) > SHOWN or len(guardians) > SHOWN)


def staff(typed: str) -> tuple[list[Staff], bool]:
    """The staff whom the feed brings, by name as above or by a whole e-mail address, and whether there are others."""
    words, sought = _words(typed), typed.strip()
    everybody = Staff.select().where(Staff.active)
    found = _whole(everybody, Staff, iter([Staff.select(Staff.id).where(fn.LOWER(Staff.email) == sought.lower())]))
    for within in (False, True):
        if found or not words:
            break
        found = list(_named(everybody, Staff, words, within))
    return found[:SHOWN], len(found) > SHOWN


def _words(typed: str) -> list[str]:
    return [word for word in folded(typed).split() if any(map(str.isalnum, word))][:5]


def _whole(people: ModelSelect, table: type[Any], ids: Iterator[ModelSelect]) -> list[Any]:
    """The people with these ids. Joined by UNION, each query finds its own by an index; joined by OR, none would."""
    found = people.where(table.id.in_(reduce(or_, ids)))
    return list(found.order_by(table.family_key, table.given_key, table.id).limit(SHOWN + 1))


def _exact_students(sought: str) -> Iterator[ModelSelect]:
    for column in (Student.number, Student.sourced_id):
        yield Student.select(Student.id).where(column == sought)
    yield from _of_accounts(Account.student, sought)


def _exact_guardians(sought: str) -> Iterator[ModelSelect]:
    columns: list[tuple[Any, list[str]]] = [(Guardian.person_id, [sought]), (Guardian.sourced_id, [sought])]
    if "@" in sought:
        columns += [(column, [sought, sought.lower()]) for column in (Guardian.email, Guardian.other_email)]
    for column, values in columns:
        yield Guardian.select(Guardian.id).where(column.in_(values))
    yield from _of_accounts(Account.guardian, sought)
    digits = re.sub(r"\D", "", sought)
    if len(digits) >= 7 and not re.search(r"[^\d\s()+./-]", sought):
        numbers = {digits, digits[-10:], f"1{digits[-10:]}"}
        yield Telephone.select(Telephone.guardian).where(Telephone.digits.in_(sorted(numbers)))


def _of_accounts(owner: Any, sought: str) -> Iterator[ModelSelect]:
    for condition in (Account.user_name_key == user_name_key(sought), Account.email.in_([sought, sought.lower()])):
        yield Account.select(owner).where(condition, owner.is_null(False))


def _named(people: ModelSelect, table: type[Any], words: list[str], within: bool) -> ModelSelect:
    for word in words:
        people = people.where(
            _contains(table.given_key, word) | _contains(table.family_key, word)
            if within
            else _begins(table.given_key, word) | _begins(table.family_key, word)
        )
    return people.order_by(table.family_key, table.given_key, table.id).limit(SHOWN + 1)


def _begins(column: Any, word: str) -> Expression:
    """That the column begins with the word, in the way that its index answers (`models._ByCode`)."""
    last = word + chr(0x10FFFF)
    if isinstance(database.obj, PostgresqlDatabase):
        return NodeList((column, SQL("~>=~"), word, SQL("AND"), column, SQL("~<~"), last), parens=True)
    return (column >= word) & (column < last)


def _contains(column: Any, word: str) -> Expression:
    """That the word stands anywhere in the column: keys have neither case nor accents to forgive."""
    place = fn.STRPOS if isinstance(database.obj, PostgresqlDatabase) else fn.INSTR
    return place(column, word) > 0
