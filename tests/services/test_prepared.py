"""A prepared query answers what the query itself would, for every call's own values."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from factories import TODAY, Cast, line_item
from flask import Flask

from models import LineItem, Student
from services import access
from services.prepared import Prepared

BY_DAY = Prepared(
    lambda ids, since, *, latest_first: (
        LineItem.select()
        .where(LineItem.id.in_(ids), LineItem.due_date > since - dt.timedelta(days=1) - dt.timedelta(days=2))
        .order_by(LineItem.due_date.desc() if latest_first else LineItem.due_date)
    )
)


def test_every_call_has_its_own_values_lists_and_shape(app: Flask, cast: Cast) -> None:
    days = [TODAY - dt.timedelta(days=ago) for ago in (9, 2, 0)]
    old, recent, new = (line_item(cast.art, due=day).id for day in days)
    for ids, since, expected in (
        ([old, recent, new], TODAY, [recent, new]),
        ([old, recent, new], TODAY - dt.timedelta(days=9), [old, recent, new]),
        ([new, old], TODAY, [new]),
        ([old], TODAY, []),
        ([], TODAY, []),
    ):
        assert [item.id for item in BY_DAY(ids, since, latest_first=False)] == expected
        assert [item.id for item in BY_DAY(ids, since, latest_first=True)] == expected[::-1]
    (item,) = BY_DAY([new], TODAY, latest_first=True)
    assert (item.due_date, item.section_id) == (TODAY, cast.art.id), "values are converted as peewee does"


def test_the_text_is_made_once_and_holds_no_value(app: Flask, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="peewee")
    for day in (TODAY, TODAY - dt.timedelta(days=1)):
        BY_DAY([cast.homework.id], day, latest_first=False)
    (first, params), (second, others) = (record.msg for record in caplog.records)
    assert first is second
    assert params != others


def test_prepared_access_is_what_visible_to_decides(app: Flask, cast: Cast) -> None:
    children = (cast.ana, cast.ben, cast.zoe)
    for who in (cast.rosa, cast.carlos, cast.stranger, cast.revoked, cast.pupil):
        for state, per_child in (("active", False), ("disabled", False), ("active", True)):
            who.state, who.per_child = state, per_child
            visible = list(Student.visible_to(who, TODAY))
            assert access.students(who, TODAY) == visible
            for child in children:
                found = access.student(who, child.id, TODAY)
                assert found == (child if child in visible else None)
                if found is not None:
                    plain = next(one for one in visible if one == child)
                    assert getattr(found, "withheld", None) == getattr(plain, "withheld", None)
