"""The feed's tables as they were before the last import that was applied, and the way back to them (DECISIONS 5).

One snapshot is kept: on SQLite a file beside the database, on PostgreSQL a schema of its own that is written in the
import's transaction. It holds the tables that the import changes, without what the office entered, and what of each
file was applied. Restoring sets the feed's own columns alone: what the office decided and every account stay.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from peewee import CursorWrapper, Database, DatabaseError, ForeignKeyField, PostgresqlDatabase

import models as m
from services import clock
from services.feeds import runs
from services.feeds.errors import FeedError
from services.feeds.landing import Landing, column_of, table_of
from services.feeds.landings import LANDINGS
from services.feeds.scratch import Scratch

log = logging.getLogger(__name__)

#: The schema, or the attached file, that holds the snapshot.
_PLACE = "feed_undo"

#: Which run the snapshot is of; with its start, because a restored backup may count runs anew.
_RUN = f"{_PLACE}.of_run"

#: Every table that feeds write, parents before children.
_TABLES = tuple(model for model in m.ALL_TABLES if any(one.model is model for one in LANDINGS))

#: Ids of the office's own rows begin with this; a guardian of its own has none.
_OURS = "substr({row}.sourced_id, 1, 7) = 'office:'"


class NothingToUndo(FeedError):
    """There is no import that could be undone."""


def touched(scratch: Scratch, landings: Sequence[Landing]) -> tuple[type[m.Table], ...]:
    """The tables that applying these landings changes, and those whose rows go with rows that go."""
    changed, losing = set(), set()
    for landing in landings:
        if _any(scratch, landing.gone):
            changed.add(landing.model)
            if not landing.flag and not landing.patch:
                losing.add(landing.model)
        if _any(scratch, landing.new):
            changed.add(landing.model)
    while losing:
        lost = losing.pop()
        for model in _TABLES:
            for field in model._meta.sorted_fields:
                if isinstance(field, ForeignKeyField) and field.rel_model is lost and model is not lost:
                    if field.on_delete == "CASCADE" and model not in changed:
                        losing.add(model)
                    changed.add(model)
    return tuple(model for model in _TABLES if model in changed)


class Snapshot:
    """The snapshot that one import makes of `tables`: call the three methods in their order."""

    def __init__(self, database: Database, tables: Sequence[type[m.Table]], run: m.FeedRun) -> None:
        self._database, self._tables, self._run = database, tables, run
        self._is_there = False

    def before(self) -> None:
        """On SQLite, copy the tables into a new file: nobody else writes to them, and nobody has to wait."""
        if isinstance(self._database, PostgresqlDatabase):
            return
        fresh = _file(self._database, fresh=True)
        try:
            fresh.unlink(missing_ok=True)
            os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with _attached(self._database, fresh):
                connection = self._database.connection()
                # Deferred, so that only the new file is locked and sign-ins go on.
                connection.execute("BEGIN DEFERRED")
                try:
                    self._copy()
                finally:
                    connection.execute("COMMIT")
            self._is_there = True
        except (DatabaseError, OSError) as error:
            self._say_why_not(error)
            fresh.unlink(missing_ok=True)

    def within(self) -> None:
        """On PostgreSQL, copy the tables; the caller holds the transaction that is going to change them."""
        if not isinstance(self._database, PostgresqlDatabase):
            return
        try:
            with self._database.atomic():
                self._database.execute_sql(f"DROP SCHEMA IF EXISTS {_PLACE} CASCADE")
                self._database.execute_sql(f"CREATE SCHEMA {_PLACE}")
                self._copy()
        except DatabaseError as error:
            self._say_why_not(error)

    def after(self) -> None:
        """On SQLite, let the new file take the place of the last one, now that the import is applied."""
        if self._is_there:
            _file(self._database, fresh=True).replace(_file(self._database))

    def _copy(self) -> None:
        run = self._database.execute_sql
        for model in (*self._tables, m.FeedFile):
            run(f"CREATE TABLE {_PLACE}.{table_of(model)} AS SELECT * FROM {_live(model)} t WHERE {_of_feed(model)}")
        mark = self._database.param
        run(f"CREATE TABLE {_RUN} (id BIGINT, started_at TEXT)")
        run(f"INSERT INTO {_RUN} VALUES ({mark}, {mark})", (self._run.id, self._run.started_at.isoformat()))

    def _say_why_not(self, error: Exception) -> None:
        log.warning("this import cannot be undone: no snapshot could be made: %s", error)


def undo(by: m.Account | None = None) -> m.FeedRun:
    """Put the feed's tables back to what they were before the last import that was applied, and return its run.

    People, schools and guardianships that came with it turn inactive, everything else that came is deleted. The next
    import reads its files anew. `by` asked for it. Raises NothingToUndo, or FeedError while an import is running.
    """
    database = m.database.obj
    with runs.alone(database), _opened(database) as run:
        tables = [model for model in _TABLES if _is_kept(database, model)]
        with database.atomic():
            for model in tables:
                _give_way(database, model)
            for model in tables:
                _bring_back(database, model)
            for model in reversed(tables):
                _take_away(database, model)
            _replace_all(database, m.FeedFile)
            # Those that follow found nothing new; without the data that they confirmed they say nothing.
            m.FeedRun.update(state="undone").where(m.FeedRun.id == run.id).execute()
            m.AuditEvent.create(at=clock.now(), account=by, action="feed undone", details={"run": run.id})
    if not isinstance(database, PostgresqlDatabase):
        for path in (_file(database), _file(database, fresh=True)):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return run


def possible() -> m.FeedRun | None:
    """The run that `undo` would undo, or None."""
    try:
        with _opened(m.database.obj) as run:
            return run
    except NothingToUndo:
        return None


# ---- Where the snapshot is --------------------------------------------------------------------------------------


@contextmanager
def _opened(database: Database) -> Iterator[m.FeedRun]:
    """The snapshot of the last import that was applied, within reach, and that run. Raises NothingToUndo."""
    last = m.FeedRun.select().where(m.FeedRun.state.in_(("applied", "undone"))).order_by(m.FeedRun.id.desc()).first()
    if last is None or last.state == "undone":
        raise NothingToUndo("there is no import that could be undone")
    if isinstance(database, PostgresqlDatabase):
        if not _is_of(database, last):
            raise NothingToUndo("no snapshot was kept of before the last import")
        yield last
        return
    # An import that was killed between applying and its last step has left its snapshot under the other name.
    for path in (_file(database), _file(database, fresh=True)):
        if path.exists():
            with _attached(database, path):
                if _is_of(database, last):
                    yield last
                    return
    raise NothingToUndo("no snapshot was kept of before the last import")


def _is_of(database: Database, run: m.FeedRun) -> bool:
    """Whether the snapshot in reach is of this run."""
    if not _has_table(database, "of_run"):
        return False
    found = database.execute_sql(f"SELECT id, started_at FROM {_RUN}").fetchone()
    return found is not None and tuple(found) == (run.id, run.started_at.isoformat())


def _has_table(database: Database, name: str) -> bool:
    if isinstance(database, PostgresqlDatabase):
        return _one(database.execute_sql(f"SELECT to_regclass('{_PLACE}.{name}')")) is not None
    return _one(database.execute_sql(f"SELECT COUNT(*) FROM {_PLACE}.sqlite_master WHERE name = '{name}'")) == 1


def _is_kept(database: Database, model: type[m.Table]) -> bool:
    return _has_table(database, table_of(model))


def _file(database: Database, *, fresh: bool = False) -> Path:
    return Path(f"{database.database}-feed-undo{'.new' if fresh else ''}")


@contextmanager
def _attached(database: Database, path: Path) -> Iterator[None]:
    database.execute_sql(f"ATTACH DATABASE ? AS {_PLACE}", (str(path),))
    try:
        yield
    finally:
        database.execute_sql(f"DETACH DATABASE {_PLACE}")


def _live(model: type[m.Table]) -> str:
    """The live table, which in a query beside the snapshot's has to say whose it is."""
    place = "public" if isinstance(m.database.obj, PostgresqlDatabase) else "main"
    return f"{place}.{table_of(model)}"


def _of_feed(model: type[m.Table]) -> str:
    """The condition that a live row `t` is the feed's and not the office's own."""
    if model is m.EventSchool:
        return f"NOT EXISTS (SELECT 1 FROM {_live(m.Event)} e WHERE e.id = t.event_id AND {_OURS.format(row='e')})"
    if "sourced_id" in model._meta.fields:
        return f"t.sourced_id IS NOT NULL AND NOT {_OURS.format(row='t')}"
    return "TRUE"


# ---- Restoring --------------------------------------------------------------------------------------------------


def _give_way(database: Database, model: type[m.Table]) -> None:
    """Move what the office has entered since off the ids of rows that come back.

    SQLite gives the id of the last row, once that is deleted, to the next one; PostgreSQL's sequences never do.
    """
    if isinstance(database, PostgresqlDatabase):
        return
    table, kept = _live(model), f"{_PLACE}.{table_of(model)}"
    run = database.execute_sql
    shared = run(f"SELECT t.id FROM {table} t JOIN {kept} u ON u.id = t.id WHERE NOT ({_of_feed(model)})").fetchall()
    if not shared:
        return
    # Until the transaction ends, what refers to the row may point nowhere.
    run("PRAGMA defer_foreign_keys = ON")
    free = max(int(_one(run(f"SELECT COALESCE(MAX(id), 0) FROM {one}"))) for one in (table, kept)) + 1  # type: ignore[call-overload]
    for fresh, (taken,) in enumerate(shared, start=free):
        run(f"UPDATE {table} SET id = ? WHERE id = ?", (fresh, taken))
        for field in model._meta.backrefs:
            refers = field.column_name
            run(f"UPDATE {_live(field.model)} SET {refers} = ? WHERE {refers} = ?", (fresh, taken))


def _bring_back(database: Database, model: type[m.Table]) -> None:
    """Add rows that are gone, and set the feed's columns of the others."""
    table, kept = _live(model), f"{_PLACE}.{table_of(model)}"
    if not isinstance(database, PostgresqlDatabase):
        database.execute_sql(f"CREATE UNIQUE INDEX IF NOT EXISTS {kept}_id ON {table_of(model)} (id)")
    columns = ", ".join(column_of(model, name) for name in model._meta.sorted_field_names)
    database.execute_sql(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {kept} u"
        f" WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = u.id)"
    )
    flags = _flags(model)
    _update(database, model, flags, "TRUE")
    if model is m.Guardianship:
        # What the office has entered of a pair that the feed did not vouch for stays.
        of_feed = " OR ".join(f"u.{flag}" for flag in flags)
        _update(database, model, _columns(model), f"(NOT t.from_office OR {of_feed})")
    else:
        _update(database, model, _columns(model), "TRUE")


def _update(database: Database, model: type[m.Table], names: Sequence[str], condition: str) -> None:
    columns = [column_of(model, name) for name in names]
    if not columns:
        return
    values = ", ".join(f"{column} = u.{column}" for column in columns)
    differs = " OR ".join(f"t.{column} IS DISTINCT FROM u.{column}" for column in columns)
    database.execute_sql(
        f"UPDATE {_live(model)} AS t SET {values} FROM {_PLACE}.{table_of(model)} u"
        # On SQLite the number of a row that went may be one of the office's by now.
        f" WHERE u.id = t.id AND {condition} AND {_of_feed(model)} AND ({differs})"
    )


def _take_away(database: Database, model: type[m.Table]) -> None:
    """Delete rows that have come since, or turn them inactive."""
    came = (
        f"NOT EXISTS (SELECT 1 FROM {_PLACE}.{table_of(model)} u WHERE u.id = t.id) AND {_of_feed(model)}"
    )  # fmt: skip
    if model is m.Guardian:
        # One with whom the office has joined a guardian of its own is vouched for by the office too.
        came += f" AND NOT EXISTS (SELECT 1 FROM {_live(m.JoinedGuardian)} j WHERE j.into_id = t.id)"
    flags = _flags(model)
    if not flags:
        database.execute_sql(f"DELETE FROM {_live(model)} AS t WHERE {came}")
        return
    database.execute_sql(
        f"UPDATE {_live(model)} AS t SET {', '.join(f'{flag} = FALSE' for flag in flags)} WHERE {came}"
    )


def _replace_all(database: Database, model: type[m.Table]) -> None:
    columns = ", ".join(column_of(model, name) for name in model._meta.sorted_field_names)
    database.execute_sql(f"DELETE FROM {_live(model)}")
    database.execute_sql(
        f"INSERT INTO {_live(model)} ({columns}) SELECT {columns} FROM {_PLACE}.{table_of(model)}"
    )  # fmt: skip


def _flags(model: type[m.Table]) -> list[str]:
    """The columns that say that a row counts."""
    return sorted({one.flag for one in LANDINGS if one.model is model and one.flag})


def _columns(model: type[m.Table]) -> list[str]:
    """The other columns that feeds write."""
    return sorted({name for one in LANDINGS if one.model is model for name in one.columns})


def _any(scratch: Scratch, table: str) -> bool:
    return bool(scratch.rows(f"SELECT 1 FROM {table} LIMIT 1"))


def _one(cursor: CursorWrapper) -> object:
    row = cursor.fetchone()
    return row[0] if row else None
