"""One search box: people by name, number, user name, e-mail address or telephone (the office)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import Expression, ModelSelect, PostgresqlDatabase

from models import Account, Guardian, Student, Telephone, database
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
    words = [word for word in folded(typed).split() if any(map(str.isalnum, word))][:5]
    if not words:
        return Found([], [], False)
    sought = typed.strip()
    all_students, all_guardians = office.students(right or "search"), office.guardians(right or "guardian")
    students = _ids(all_students, Student, _exact_students(sought))
    guardians = _ids(all_guardians, Guardian, _exact_guardians(sought))
    for within in (False, True):
        if students or guardians:
            break
        students = list(_named(all_students, Student, words, within))
        guardians = list(_named(all_guardians, Guardian, words, within))
    return Found(students[:SHOWN], guardians[:SHOWN], len(students) > SHOWN or len(guardians) > SHOWN)


def _ids(people: ModelSelect, table: type[Any], conditions: Iterator[Expression]) -> list[Any]:
    return list(people.where(reduce(or_, conditions)).order_by(table.family_key, table.given_key, table.id).limit(50))


def _exact_students(sought: str) -> Iterator[Expression]:
    yield Student.number == sought
    yield Student.sourced_id == sought
    yield Student.id.in_(Account.select(Account.student).where(_of_account(sought), Account.student.is_null(False)))


def _exact_guardians(sought: str) -> Iterator[Expression]:
    yield Guardian.person_id == sought
    yield Guardian.sourced_id == sought
    yield Guardian.id.in_(Account.select(Account.guardian).where(_of_account(sought), Account.guardian.is_null(False)))
    if "@" in sought:
        yield Guardian.email.in_([sought, sought.lower()])
        yield Guardian.other_email.in_([sought, sought.lower()])
    digits = re.sub(r"\D", "", sought)
    if len(digits) >= 7 and not re.search(r"[^\d\s()+./-]", sought):
        numbers = {digits, digits[-10:], f"1{digits[-10:]}"}
        yield Guardian.id.in_(Telephone.select(Telephone.guardian).where(Telephone.digits.in_(sorted(numbers))))


def _of_account(sought: str) -> Expression:
    return (Account.user_name_key == user_name_key(sought)) | (Account.email.in_([sought, sought.lower()]))


def _named(people: ModelSelect, table: type[Any], words: list[str], within: bool) -> ModelSelect:
    for word in words:
        people = people.where(
            _contains(table.given_key, word) | _contains(table.family_key, word)
            if within
            else _begins(table.given_key, word) | _begins(table.family_key, word)
        )
    return people.order_by(table.family_key, table.given_key, table.id).limit(SHOWN + 1)


def _begins(column: Any, word: str) -> Expression:
    """That the column begins with the word, as an index can answer it."""
    last = word[:-1] + chr(ord(word[-1]) + 1)
    if isinstance(database.obj, PostgresqlDatabase):
        # The index follows the database's collation; the comparison has to follow the letters' codes.
        column = column.collate('"C"')
    return (column >= word) & (column < last)


def _contains(column: Any, word: str) -> Expression:
    return column.contains(word)
