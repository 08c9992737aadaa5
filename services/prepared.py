"""Queries whose SQL is put together once: peewee takes longer for that than SQLite for the answer (benchmarks/).

Kept from one call to the next is the text of the statement alone, never a value or a row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, reduce
from operator import add
from typing import Any

from peewee import ModelSelect, Value

from models import Years, age_rule, database

#: Texts kept of one query: one for each length of a list that it is called with.
_SHAPES = 256


#: Long lists are filled up to a multiple of this.
_STEP = 64


def filled_up(ids: Iterable[int]) -> list[int]:
    """Each id once, then zeros, which no row has: lists of many lengths would each be a text to keep."""
    found = sorted(set(ids))
    return found + [0] * (-len(found) % _STEP)


class Prepared:
    """A query made by `build`, called with values.

        _TERMS = Prepared(lambda sections: SectionTerm.select(…).where(SectionTerm.section.in_(sections)))
        rows = _TERMS([4, 7])

    `build` gets stand-ins for the values, and a list of them where a list is given. It may compare them with columns
    and add or subtract a timedelta or Years; it cannot look at them. What decides about the query's shape goes by
    keyword and reaches `build` as it is. The answer is the list of rows that the query itself would give.
    """

    def __init__(self, build: Callable[..., ModelSelect]) -> None:
        self._build = build
        self._shaped: Callable[..., Any] = lru_cache(maxsize=_SHAPES)(self._shape)

    def __call__(self, *values: Any, **shape: Any) -> list[Any]:
        """Run the query with these values."""
        lengths = tuple(len(value) if isinstance(value, list) else None for value in values)
        kind = (type(database.obj), age_rule.name)
        query, sql, params = self._shaped(kind, lengths, tuple(shape.items()))
        flat = [one for value in values for one in (value if isinstance(value, list) else (value,))]
        bound = [param.value_in(flat) if type(param) is _Place else param for param in params]
        # What ModelSelect.execute() does after it has made its SQL; peewee has no public name for the second half.
        return list(query._get_cursor_wrapper(database.execute_sql(sql, bound)))

    def _shape(
        self, kind: tuple[type, str], lengths: tuple[int | None, ...], shape: tuple[tuple[str, Any], ...]
    ) -> tuple[ModelSelect, str, Sequence[Any]]:
        """The query, its SQL for this kind of database and this rule about age, and its parameters.

        Some of the parameters are places of values.
        """
        stand_ins: list[_StandIn | list[_StandIn]] = []
        place = 0
        for length in lengths:
            places = [_StandIn(_Place(number)) for number in range(place, place + (1 if length is None else length))]
            stand_ins.append(places[0] if length is None else places)
            place += len(places)
        query = self._build(*stand_ins, **dict(shape))
        sql, params = query.sql()
        return query, sql, params


class _Place:
    """Where among the values of a call a parameter is found, and what is added to it."""

    def __init__(self, number: int, more: tuple[dt.timedelta | Years, ...] = ()) -> None:
        self.number, self.more = number, more

    def value_in(self, values: Sequence[Any]) -> Any:
        """The parameter for these values."""
        return reduce(add, self.more, values[self.number])


class _StandIn(Value):
    """What `build` gets instead of a value."""

    def __init__(self, place: _Place) -> None:
        super().__init__(place, converter=False)

    def __add__(self, more: dt.timedelta | Years) -> _StandIn:
        return _StandIn(_Place(self.value.number, (*self.value.more, more)))

    def __sub__(self, less: dt.timedelta | Years) -> _StandIn:
        return self + -less
