"""Temporary tables on the importer's own connection: filled, indexed and joined without a lock on anything real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from peewee import Database, PostgresqlDatabase

#: Rows that are handed to the database at once; all that an import holds in memory.
BATCH = 5_000


class Scratch:
    """The temporary tables of one import. They belong to the connection and vanish with it, or by `drop`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.postgres = isinstance(database, PostgresqlDatabase)
        self._tables: dict[str, None] = {}
        self._indexes: set[tuple[str, ...]] = set()
        if self.postgres:  # "NOT IN" over a file's ids is hashed only while it fits, and quadratic otherwise
            self.run("SET work_mem = '64MB'")

    def create(self, table: str, columns: Mapping[str, str]) -> None:
        """An empty table with these columns and their SQL types."""
        self._forget(table)
        self.run(f"CREATE TEMPORARY TABLE {table} ({', '.join(f'{name} {sql}' for name, sql in columns.items())})")
        self._tables[table] = None

    def create_as(self, table: str, select: str) -> None:
        """A table that holds what a query found."""
        self._forget(table)
        self.run(f"CREATE TEMPORARY TABLE {table} AS {select}")
        self._tables[table] = None
        self._count(table)

    def exists(self, table: str) -> bool:
        """Whether this import has made such a table."""
        return table in self._tables

    def index(self, table: str, *columns: str) -> None:
        """Make joins over these columns fast; a second call does nothing."""
        if (table, *columns) not in self._indexes:
            self._indexes.add((table, *columns))
            self.run(f"CREATE INDEX {table}_{'_'.join(columns)} ON {table} ({', '.join(columns)})")
            self._count(table)

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a table: COPY on PostgreSQL, one prepared statement on SQLite."""
        if self.postgres:
            into = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
            with self._connection.cursor() as cursor, cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(columns))
        # Deferred, so that only the temporary database is locked and sign-ins go on.
        self._connection.execute("BEGIN DEFERRED")
        try:
            self._connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
        finally:
            self._connection.execute("COMMIT")

    def run(self, sql: str) -> int:
        """Run a statement and return how many rows it touched, where the database says."""
        return int(self.database.execute_sql(sql).rowcount)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """A query's rows, for small answers."""
        return list(self.database.execute_sql(sql).fetchall())

    def value(self, sql: str) -> Any:
        """A query's single value."""
        return self.rows(sql)[0][0]

    def drop(self) -> None:
        """Drop all tables: the connection may go back to a pool."""
        for table in list(self._tables):
            self._forget(table)
        if self.postgres:
            self.run("RESET work_mem")

    def _count(self, table: str) -> None:
        if self.postgres:  # autovacuum never sees temporary tables, so nobody else tells the planner their size
            self.run(f"ANALYZE {table}")

    def _forget(self, table: str) -> None:
        if table in self._tables:
            self.run(f"DROP TABLE {table}")
            del self._tables[table]
            self._indexes = {index for index in self._indexes if index[0] != table}

    @property
    def _connection(self) -> Any:
        return self.database.connection()


def batched(rows: Iterable[Sequence[object]]) -> Iterable[list[Sequence[object]]]:
    """The rows in lists of at most BATCH."""
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch
