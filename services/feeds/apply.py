"""The one short transaction of an import: what was found to differ goes into the live tables, or nothing does."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import models as m
from services.claims import WAIT
from services.feeds.landing import Landing, column_of, table_of
from services.feeds.scratch import Scratch


def apply(scratch: Scratch, landings: Sequence[Landing], now: dt.datetime) -> None:
    """Write every landing's changes: rows that come, in the order of references, then rows that go, in reverse.

    The caller holds the transaction.
    """
    for landing in landings:
        if landing.patch:
            _patch(scratch, landing)
        else:
            _upsert(scratch, landing)
            _link_to_self(scratch, landing)
    for landing in reversed(landings):
        _remove(scratch, landing)
    if any(landing.model is m.Student for landing in landings):
        _stamp_students(now)


def _stamp_students(now: dt.datetime) -> None:
    """Note since when each student is here. Those who come into an empty portal wait for nothing (DECISIONS 24)."""
    since = now if m.Student.select().where(m.Student.first_delivered_at.is_null(False)).exists() else now - WAIT
    new = m.Student.first_delivered_at.is_null() & m.Student.active
    m.Student.update(first_delivered_at=since).where(new).execute()


def _upsert(scratch: Scratch, landing: Landing) -> None:
    """Add new rows and change known ones, turning sourced ids into the ids of rows that exist by now."""
    model, references = landing.model, landing.references
    columns, values, joins = [], [], []
    for column in landing.columns:
        related = references.get(column)
        if related is model:
            continue
        columns.append(column_of(model, column))
        values.append(f"r_{column}.id" if related else f"w.{column}")
        if related:
            joins.append(f"LEFT JOIN {table_of(related)} r_{column} ON r_{column}.sourced_id = w.{column}")
    if landing.flag:
        columns.append(landing.flag)
        values.append("TRUE")
    key = [column_of(model, column) for column in landing.key]
    updates = [f"{column} = excluded.{column}" for column in columns if column not in key]
    constants = _constants(landing)
    scratch.run(f"""
        INSERT INTO {table_of(model)} ({", ".join((*columns, *constants))})
        SELECT {", ".join((*values, *constants.values()))} FROM {landing.new} w {" ".join(joins)} WHERE TRUE
        ON CONFLICT ({", ".join(key)}) DO {f"UPDATE SET {', '.join(updates)}" if updates else "NOTHING"}""")


def _constants(landing: Landing) -> dict[str, str]:
    """What a new row holds in columns that the feed says nothing about: the model's defaults, as SQL."""
    constants = dict(landing.only_new)
    for field in landing.model._meta.sorted_fields:
        if field.null or field.primary_key or field.name in landing.columns or field.name == landing.flag:
            continue
        constants.setdefault(field.column_name, _literal(field))
    return constants


def _literal(field: Any) -> str:
    """A field's default as an SQL literal."""
    default = field.default() if callable(field.default) else field.default
    if isinstance(default, bool):
        return str(default).upper()
    text = default if isinstance(default, str) else json.dumps(default)
    return "'" + text.replace("'", "''") + "'"


def _link_to_self(scratch: Scratch, landing: Landing) -> None:
    """References to rows of the same table wait until all of those are there."""
    table = table_of(landing.model)
    for column, related in landing.references.items():
        if related is landing.model:
            scratch.run(f"""
                UPDATE {table} SET {column_of(landing.model, column)} = (
                    SELECT up.id FROM {landing.new} w JOIN {table} up ON up.sourced_id = w.{column}
                    WHERE w.sourced_id = {table}.sourced_id
                ) WHERE sourced_id IN (SELECT sourced_id FROM {landing.new})""")


def _patch(scratch: Scratch, landing: Landing) -> None:
    table = table_of(landing.model)
    columns = [column for column in landing.columns if column not in landing.key]
    updates = ", ".join(f"{column} = w.{column}" for column in columns)
    scratch.run(f"UPDATE {table} SET {updates} FROM {landing.new} w WHERE w.sourced_id = {table}.sourced_id")


def _remove(scratch: Scratch, landing: Landing) -> None:
    table, these = table_of(landing.model), f"WHERE id IN (SELECT id FROM {landing.gone})"
    if landing.patch:
        columns = [column for column in landing.columns if column not in landing.key]
        scratch.run(f"UPDATE {table} SET {', '.join(f'{column} = NULL' for column in columns)} {these}")
    elif landing.flag:
        scratch.run(f"UPDATE {table} SET {landing.flag} = FALSE {these}")
    else:
        scratch.run(f"DELETE FROM {table} {these}")
