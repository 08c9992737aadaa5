"""From CSV rows to typed rows in temporary tables, with every problem noted where it stands.

A staged row has a number `n` (see `problems.PART`), a `row_state`, and its values. Rows that were left out are staged
with what could be read of them, because a known row that turns bad keeps its old version (DECISIONS 3).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.feeds.errors import FeedError
from services.feeds.files import Column, CsvFile, blank
from services.feeds.manifest import Delivery
from services.feeds.problems import ERROR, PART, WARNING, Problems
from services.feeds.scratch import Scratch, batched
from services.feeds.sources import MAX_RECORD, Text
from services.feeds.values import BadRow, BadValue, OddValue, Remark, hashed, items, needed

#: What a staged row is: to be there, to be removed, or left out.
TAKEN, GONE, BAD = 1, 0, -1

_STATES = {"": TAKEN, "active": TAKEN, "tobedeleted": GONE, "inactive": GONE}

Progress = Callable[[str, int], None]


@dataclass
class Staged:
    """How reading a file went: rows read, those of a bulk file that say they have ended, and whether it is torn.

    In a torn file rows ran into each other, so that one that is not seen may be there all the same.
    """

    read: int = 0
    ended: int = 0
    torn: bool = False


def create_tables(scratch: Scratch, file: CsvFile) -> None:
    """The empty temporary tables of a file."""
    columns = {column.name: column.kind.sql for column in file.cells}
    scratch.create(file.table, {"n": "BIGINT", "row_state": "INTEGER", **columns})
    for column in file.lists:
        scratch.create(file.list_table(column), {"n": "BIGINT", "owner": "TEXT", "value": "TEXT"})


def stage(scratch: Scratch, delivery: Delivery, problems: Problems, progress: Progress) -> Staged:
    """Read all parts of a file into its temporary tables, and leave out the later of two rows with one id."""
    file, staged = delivery.file, Staged()
    create_tables(scratch, file)
    problems.name_parts(file.name, tuple(part.label for part in delivery.parts))
    for place, part in enumerate(delivery.parts):
        reader = _Reader(delivery, Text(part), place * PART, problems, staged)
        names = ("n", "row_state", *(column.name for column in reader.plan.columns))
        for batch in batched(reader.rows()):
            scratch.load(file.table, names, batch)
            for column in file.lists:
                scratch.load(file.list_table(column), ("n", "owner", "value"), reader.lists[column.name])
                reader.lists[column.name].clear()
            progress(f"{file.name}.csv", staged.read)
        if reader.text.digest != delivery.digests[place]:
            raise FeedError(f"{part.label} changed while it was being read; start again when the export is complete")
    _refuse_second(scratch, file, problems)
    for column in file.lists:
        scratch.index(file.list_table(column), "owner")
    return staged


def _refuse_second(scratch: Scratch, file: CsvFile, problems: Problems) -> None:
    """Leave out a row whose id has been used before in the file: the first one counts."""
    key = file.key.name
    scratch.index(file.table, key)
    second = f"""EXISTS (
        SELECT 1 FROM {file.table} earlier WHERE earlier.{key} = {file.table}.{key} AND earlier.n < {file.table}.n)"""
    room = problems.room(file.name)
    found = scratch.rows(f"SELECT n, {key} FROM {file.table} WHERE {second} ORDER BY n LIMIT {max(room, 1)}")
    if not found:
        return
    for n, value in found:
        problems.keep(file.name, n, file.key.header, ERROR, f"{file.quoted(value)} was used before in this file")
    for column in file.lists:
        scratch.run(f"DELETE FROM {file.list_table(column)} WHERE n IN (SELECT n FROM {file.table} WHERE {second})")
    problems.count(file.name, ERROR, scratch.run(f"DELETE FROM {file.table} WHERE {second}"))


@dataclass(frozen=True)
class _Plan:
    """Where in a row to find what, worked out once. `cells` are the places and converters of `columns`."""

    width: int
    status: int
    columns: tuple[Column, ...]
    cells: tuple[tuple[int, Callable[[str], object]], ...]
    lists: tuple[tuple[int, Column], ...]


class _Reader:
    """Turns one part into rows ready to be staged."""

    def __init__(self, delivery: Delivery, text: Text, base: int, problems: Problems, staged: Staged) -> None:
        self.file = delivery.file
        self.text = text
        self.lists: dict[str, list[tuple[object, ...]]] = {column.name: [] for column in self.file.lists}
        self._is_bulk = delivery.mode == "bulk"
        self._secret = delivery.secret
        self._base = base
        self._problems = problems
        self._staged = staged
        self._csv = csv.reader(iter(text), strict=True)
        self.plan = self._read_header()

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The part's rows as (n, state, *cells); the values of list columns go to `lists`."""
        plan = self.plan
        cells, status = plan.cells, plan.status
        for n, row, is_whole in self._records(plan.width):
            state = self._state(n, row[status]) if is_whole else BAD
            if state == TAKEN:
                try:
                    values = [convert(row[place]) for place, convert in cells]
                except Remark:
                    state, values = self._carefully(n, row, plan)
                if plan.lists and state == TAKEN:
                    self._take_lists(n, row, values[0], plan)
            elif state == GONE and self._is_bulk:
                self._staged.ended += 1  # in a bulk file that is the same as not being there
                continue
            else:
                values = [_leniently(row[place], convert) for place, convert in cells]
            yield n, state, *values

    def _read_header(self) -> _Plan:
        """Match the header with the declaration. Raises FeedError when the file is not what its name says."""
        try:
            headers = [header.strip().lower() for header in next(self._csv, [])]
        except csv.Error as error:
            raise FeedError(f"{self.text.part.label}, line 1: {error}") from error
        if not any(headers):
            raise FeedError(f"{self.text.part.label} is empty: not even a header line")
        width = len(headers)
        places = {column.name: self._place(column, headers) for column in self.file.columns}
        # A column that the file lacks stays NULL, unless blank means something else.
        columns = [one for one in self.file.cells if places[one.name] < width or blank(one.kind) is not None]
        return _Plan(
            width,
            headers.index("status") if "status" in headers else width,
            tuple(columns),
            tuple((places[column.name], self._converter(column)) for column in columns),
            tuple((places[column.name], column) for column in self.file.lists),
        )

    def _place(self, column: Column, headers: list[str]) -> int:
        """The column's place in a row; just past the end, where _records() puts a blank, when the file lacks it."""
        for header in column.headers:
            if header.lower() in headers:
                return headers.index(header.lower())
        if self.file.must_have(column):
            raise FeedError(f"{self.text.part.label} has no column {column.header}")
        return len(headers)

    def _converter(self, column: Column) -> Callable[[str], object]:
        convert = needed(column.kind.convert) if self.file.requires(column) else column.kind.convert
        return hashed(convert, column.kind.kept_as, self._secret) if column.kind.kept_as else convert

    def _records(self, width: int) -> Iterator[tuple[int, list[str], bool]]:
        """Each record with its number and whether it has the header's shape, one blank cell longer than the header."""
        reader, base, text = self._csv, self._base, self.text
        most_lines = 1 if self.file.is_confidential else MAX_RECORD
        before = reader.line_num
        while True:
            try:
                for row in reader:
                    n = base + before + 1
                    lines, before = reader.line_num - before, reader.line_num
                    text.pending = 0
                    if len(row) == width and lines <= most_lines and not text.has_nul:
                        self._staged.read += 1
                        row.append("")
                        yield n, row, True
                    elif any(row):
                        self._staged.read += 1
                        yield n, *self._mended(n, row, width, lines)
                return
            except csv.Error as error:
                # The reader goes on with the next line. What it swallowed is lost, so nothing may count as removed.
                self._staged.read += 1
                self._staged.torn = True
                self._problems.add(self.file.name, base + before + 1, None, ERROR, f"cannot be read as CSV: {error}")
                before = reader.line_num

    def _mended(self, n: int, row: list[str], width: int, lines: int) -> tuple[list[str], bool]:
        """A misshapen row cut to the header's shape, so that at least its id can be read.

        Of a file with secrets nothing is read then: nobody can tell which cell holds one.
        """
        if self.file.is_confidential and (lines > 1 or len(row) != width):
            self._leave_out(n, None, f"has {len(row)} cells on {lines} lines, the header has {width} on one")
            self._staged.torn = True
            return [""] * (width + 1), False
        if len(row) != width:
            self._leave_out(n, None, f"has {len(row)} cells, the header has {width}")
            self._staged.torn = self._staged.torn or lines > 1
        elif any("\0" in cell for cell in row):
            self._leave_out(n, None, "holds a NUL character")
        else:
            return [*row, ""], True
        return [cell.replace("\0", "") for cell in (row + [""] * width)[:width]] + [""], False

    def _state(self, n: int, status: str) -> int:
        state = _STATES.get(status)
        if state is None:
            state = _STATES.get(status.strip().lower())
        if state is None:
            self._problems.add(
                self.file.name, n, "status", WARNING, f"{self.file.quoted(status)} is none of active, tobedeleted"
            )
        return TAKEN if state is None else state

    def _carefully(self, n: int, row: list[str], plan: _Plan) -> tuple[int, list[object]]:
        """The row cell by cell, with a problem for each that raises a remark."""
        if not any(row):  # a spreadsheet's empty line is nothing
            self._staged.read -= 1
            return BAD, [None for _ in plan.cells]
        state, values = TAKEN, []
        for column, (place, convert) in zip(plan.columns, plan.cells, strict=True):
            value: object = None
            try:
                value = convert(row[place])
            except BadRow as remark:
                state = BAD
                self._leave_out(n, column, remark.reason)
            except OddValue as remark:
                value = remark.value
                self._problems.add(self.file.name, n, column.header, WARNING, remark.reason)
            except BadValue as remark:
                self._problems.add(self.file.name, n, column.header, WARNING, f"{remark.reason}: left blank")
            values.append(value)
        return state, values

    def _leave_out(self, n: int, column: Column | None, reason: str) -> None:
        self._problems.add(self.file.name, n, column.header if column else None, ERROR, reason)

    def _take_lists(self, n: int, row: list[str], owner: object, plan: _Plan) -> None:
        for place, column in plan.lists:
            self.lists[column.name].extend((n, owner, item) for item in items(row[place]))


def _leniently(cell: str, convert: Callable[[str], object]) -> object:
    """What can be read of a cell whose row is not taken anyway."""
    try:
        return convert(cell)
    except OddValue as remark:
        return remark.value
    except Remark:
        return None
