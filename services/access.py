"""Which students an account reaches, as `Student.visible_to` decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from models import Account, Student
from services.prepared import Prepared


def _visible(whose: Any, on: Any, *, role: str, state: str, per_child: bool) -> Any:
    return Student.visible_to(Account(**{role: whose}, state=state, per_child=per_child), on)


_ALL = Prepared(_visible)
_ONE = Prepared(lambda whose, on, student_id, **kind: _visible(whose, on, **kind).where(Student.id == student_id))


def students(account: Account, on: dt.date) -> list[Student]:
    """Every student whose record `account` may open on the day `on`, the oldest first."""
    return _ALL(_person_id(account), on, **_kind(account))


def student(account: Account, student_id: int, on: dt.date) -> Student | None:
    """That student, if `account` may open the record on the day `on`."""
    found = _ONE(_person_id(account), on, student_id, **_kind(account))
    return found[0] if found else None


def reaches(account: Account, sections: Mapping[str, Collection[str]], on: dt.date) -> bool:
    """Whether `account` may open all these sections of all these students (their ids as text) on the day `on`."""
    open_to = {str(one.id): getattr(one, "withheld", None) or [] for one in students(account, on)}
    return all(one in open_to and not set(needed) & set(open_to[one]) for one, needed in sections.items())


def _person_id(account: Account) -> int:
    """The id of the one guardian, student or member of staff whose account it is."""
    return account.__data__[account.role]


def _kind(account: Account) -> dict[str, Any]:
    """What the text of the query depends on."""
    return {"role": account.role, "state": account.state, "per_child": account.per_child}
