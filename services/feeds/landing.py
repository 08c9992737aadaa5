"""What a landing is: the rows of one table, or some of their columns, and the staged rows that they should equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import models as m
from services.feeds.files import FILES, CsvFile

#: `after(landing, *columns)` is a subquery of the rows that a landing's table will hold after this import.
After = Callable[..., str]


@dataclass(frozen=True)
class Owner:
    """A file whose rows decide which live rows go.

    `match` pairs the file's staged columns with the landing's. A bulk file removes what it does not bring, except where
    its own row was bad; a delta file removes what its rows, those `where`, no longer bring. Owners that do not reach
    only protect.
    """

    file: CsvFile
    match: tuple[tuple[str, str], ...]
    where: str = "TRUE"
    reaches: bool = True


@dataclass(frozen=True)
class Note:
    """Rows to report that the landing makes nothing of: `select` yields their number and the value to show."""

    file: str
    column: str
    severity: str
    reason: str
    select: Callable[[After], str]


@dataclass(frozen=True)
class Landing:
    """How rows get into one table.

    `columns` maps the model's fields to the CSV headers that messages name; `only_new` are SQL values for rows that
    are added. `reads` are the files from whose staged rows `select` makes the wanted rows (without `select` they are
    those of the one file), and a change in those that it `follows` calls for a new comparison too. `scope` says which
    live rows are the landing's. `flag` is the column that says that a row counts: set when a row comes, cleared when it
    goes; without one, rows that go are deleted. A `patch` fills columns of rows that another landing makes, and blanks
    them. `superseded` is a condition on live rows that go whatever the files say.
    """

    name: str
    model: type[m.Table]
    columns: Mapping[str, str]
    reads: tuple[str, ...]
    owners: tuple[Owner, ...] = ()
    select: Callable[[After], str] | None = None
    key: tuple[str, ...] = ("sourced_id",)
    follows: tuple[str, ...] = ()
    flag: str | None = None
    patch: bool = False
    only_new: Mapping[str, str] = field(default_factory=dict)
    scope: str = "TRUE"
    superseded: Callable[[After], str] | None = None
    notes: tuple[Note, ...] = ()
    reference_severity: str = "error"

    @property
    def want(self) -> str:
        """The temporary table of the rows that should be there."""
        return f"want_{self._word}" if self.select else FILES[self.reads[0]].table

    @property
    def new(self) -> str:
        """The temporary table of rows to add (without `id`) or to change."""
        return f"new_{self._word}"

    @property
    def gone(self) -> str:
        """The temporary table of the ids of live rows that go."""
        return f"gone_{self._word}"

    @property
    def _word(self) -> str:
        """The name as part of a table's name: files of our own have a dot in it."""
        return self.name.replace(".", "_")

    def foreign_key(self, column: str) -> type[m.Table] | None:
        """The model that a column refers to, if it does."""
        related: type[m.Table] | None = getattr(self.model._meta.fields[column], "rel_model", None)
        return related

    @property
    def references(self) -> dict[str, type[m.Table]]:
        """The columns that refer to another row, and its model."""
        found = {column: self.foreign_key(column) for column in self.columns}
        return {column: model for column, model in found.items() if model is not None}


def table_of(model: type[m.Table]) -> str:
    """The name of a model's table."""
    return str(model._meta.table_name)


def column_of(model: type[m.Table], field_name: str) -> str:
    """The name of a field's column."""
    return str(model._meta.fields[field_name].column_name)
