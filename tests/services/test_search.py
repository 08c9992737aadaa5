"""The office's search reads indexes, on either database: never every person of the district."""

from __future__ import annotations

import logging
import re

import pytest
from factories import officer
from flask import Flask
from peewee import Database, PostgresqlDatabase

from config import Settings
from services.feeds.scratch import Scratch
from services.office.scope import Office
from services.office.search import search

PEOPLE = 6_000


@pytest.fixture
def admin(app: Flask, portal: Settings) -> Office:
    """An admin of a district in which it matters how people are looked up."""
    opened = app.extensions["database"]
    for table in ("student", "guardian"):
        roles = {"role": "parent"} if table == "guardian" else {"enabled": True}
        Scratch(opened).load(
            table,
            ("sourced_id", "given_name", "family_name", "given_key", "family_key", "active", *roles),
            (
                (f"{table}{n}", f"Given{n}", f"Fämily {n}", f"given{n}", f"family {n}", True, *roles.values())
                for n in range(PEOPLE)
            ),
        )
    account = officer("admin", portal)
    if isinstance(opened, PostgresqlDatabase):
        opened.commit()
    opened.execute_sql("ANALYZE")
    return Office(account, portal.today)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("student77", "Given77 Fämily 77"), ("guardian88", "Given88 Fämily 88"), ("GIVEN77", "Given77 Fämily 77"),
        ("fam given599", "Given599 Fämily 599"), ("somebody@example.com", None), ("(503) 555-0199", None),
    ],
)  # fmt: skip
def test_what_finds_somebody_reads_indexes_alone(
    app: Flask, admin: Office, caplog: pytest.LogCaptureFixture, typed: str, name: str | None
) -> None:
    caplog.set_level(logging.DEBUG, logger="peewee")
    found = search(admin, typed)
    queries = [record.msg for record in caplog.records if re.search(r'FROM "(student|guardian)"', record.msg[0])]
    assert queries
    if name is not None:
        assert name in [one.name for one in (*found.students, *found.guardians)]
    else:
        assert not found.students and not found.guardians
        queries = queries[:2]  # those that follow look inside every name, since nothing was found
    for sql, params in queries:
        plan = _plan(app.extensions["database"], sql, params)
        assert not re.search(r"\b(Seq Scan on|SCAN) \"?(student|guardian)", plan)


def test_looking_inside_names_reads_the_index_on_sqlite_and_finds_nobody_in_vain(
    app: Flask, admin: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="peewee")
    assert search(admin, "xyzzy") == ([], [], False)
    opened = app.extensions["database"]
    if not isinstance(opened, PostgresqlDatabase):
        looked = [record.msg for record in caplog.records if "INSTR" in record.msg[0]]
        plans = [_plan(opened, *one) for one in looked]
        assert plans and all("USING INDEX" in plan for plan in plans)
    assert [one.name for one in search(admin, "ämily 4321").students] == ["Given4321 Fämily 4321"]


def test_characters_at_the_end_of_the_alphabet_are_no_fault(admin: Office) -> None:
    assert search(admin, "family\U0010ffff") == search(admin, "\ud7ff") == ([], [], False)


def _plan(opened: Database, sql: str, params: list[object]) -> str:
    explain = "EXPLAIN " if isinstance(opened, PostgresqlDatabase) else "EXPLAIN QUERY PLAN "
    return "\n".join(str(row[-1]) for row in opened.execute_sql(explain + sql, params).fetchall())
