"""A feed loaded without asking anything of it: `csv` rows straight into plain tables.

The tables have the columns that the importer reads, as text. Nothing is checked, converted, looked up, compared or
kept from before: this is the least that reading the files and writing their rows can cost.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from peewee import ForeignKeyField

from services.feeds.files import FILES, CsvFile


class Source(NamedTuple):
    """One CSV file: where it is, what it is, and the columns of it that the importer takes, with their places."""

    path: Path
    file: CsvFile
    columns: tuple[str, ...]
    places: tuple[int, ...]

    @property
    def references(self) -> tuple[str, ...]:
        """The columns that hold another row's id."""
        fields = self.file.model._meta.fields if self.file.model else {}
        declared = {column.name for column in self.file.columns if column.refers}
        return tuple(c for c in self.columns[1:] if c in declared or isinstance(fields.get(c), ForeignKeyField))

    @contextmanager
    def rows(self) -> Iterator[Iterator[tuple[str, ...]]]:
        """The file's rows, cut to those columns."""
        with self.path.open(encoding="utf-8", newline="") as text:
            reader = csv.reader(text)
            next(reader)
            yield map(itemgetter(*self.places), reader)


def sources(feed: Path) -> list[Source]:
    """Every file of a feed that the importer reads."""
    found = []
    for path in sorted(feed.glob("*/*.csv")):
        file = FILES.get(path.stem)
        if file is None:
            continue
        with path.open(encoding="utf-8", newline="") as text:
            headers = [header.lower() for header in next(csv.reader(text))]
        places = {
            column.name: headers.index(header.lower())
            for column in file.columns for header in column.headers if header.lower() in headers
        }  # fmt: skip
        found.append(Source(path, file, tuple(places), tuple(places.values())))
    return found


def into_sqlite(feed: list[Source], database: Path, *, indexed: bool) -> int:
    """Load the feed into a new SQLite file with `executemany`, one transaction; return the number of rows.

    With `indexed`, every id is unique and every reference has an index, as in the portal's own tables.
    """
    count = 0
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("BEGIN")
        for source in feed:
            for statement in _tables(source, indexed):
                connection.execute(statement)
            marks = ", ".join("?" * len(source.columns))
            with source.rows() as rows:
                count += connection.executemany(f"INSERT INTO {source.file.table} VALUES ({marks})", rows).rowcount
    connection.close()
    return count


def into_postgresql(feed: list[Source], connection: Any, *, indexed: bool) -> None:
    """The same with COPY, in an empty database."""
    with connection.transaction(), connection.cursor() as cursor:
        for source in feed:
            for statement in _tables(source, indexed):
                cursor.execute(statement)
            with source.rows() as rows, cursor.copy(f"COPY {source.file.table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def _tables(source: Source, indexed: bool) -> Iterator[str]:
    table = source.file.table
    yield f"CREATE TABLE {table} ({', '.join(f'{column} TEXT' for column in source.columns)})"
    if indexed:
        yield f"CREATE UNIQUE INDEX {table}_id ON {table} ({source.columns[0]})"
        for column in source.references:
            yield f"CREATE INDEX {table}_{column} ON {table} ({column})"
