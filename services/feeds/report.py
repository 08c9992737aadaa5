"""What an import says about itself, on the terminal and in `feed_run.summary`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import models as m
from services.feeds.guard import counting, leaving
from services.feeds.landing import Landing, table_of
from services.feeds.manifest import Delivery, Feed
from services.feeds.problems import ERROR, WARNING, Problem, Problems
from services.feeds.scratch import Scratch
from services.feeds.staging import BAD, Staged

#: So many problems travel with a report; all that were kept are in `feed_problem`.
SHOWN = 100


@dataclass(frozen=True)
class FileCount:
    """One file: rows read, taken and left out, and warnings. `known` files were not read: nothing in them changed."""

    file: str
    mode: str
    known: bool
    read: int
    accepted: int
    problems: int
    warnings: int


@dataclass(frozen=True)
class TableCount:
    """One table: rows added, changed, removed (or made inactive), and left as they were."""

    table: str
    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True)
class Report:
    """What came of an import: `state` is applied, unchanged, refused (`error` says why) or dry-run."""

    state: str
    files: tuple[FileCount, ...]
    tables: tuple[TableCount, ...]
    problems: tuple[Problem, ...]
    problem_count: int
    warning_count: int
    not_read: tuple[str, ...]
    error: str | None = None
    run_id: int | None = None

    def summary(self) -> dict[str, Any]:
        """The counts, as JSON may hold them."""
        return {
            "files": [asdict(one) for one in self.files],
            "tables": [asdict(one) for one in self.tables],
            "problems": self.problem_count,
            "warnings": self.warning_count,
            "not_read": list(self.not_read),
        }


def build(
    state: str, feed: Feed, scratch: Scratch, staged: Mapping[str, Staged], tables: Sequence[TableCount],
    problems: Problems, error: str | None = None,
) -> Report:  # fmt: skip
    """Put a report together while the temporary tables are still there."""
    return Report(
        state,
        tuple(_file_count(scratch, one, staged.get(name), problems) for name, one in feed.deliveries.items()),
        tuple(tables),
        tuple(problems.kept[:SHOWN]),
        problems.total(ERROR),
        problems.total(WARNING),
        tuple(feed.not_read),
        error,
    )


def _file_count(scratch: Scratch, delivery: Delivery, staged: Staged | None, problems: Problems) -> FileCount:
    name = delivery.file.name
    errors, warnings = problems.counts[name, ERROR], problems.counts[name, WARNING]
    if staged is None:
        return FileCount(name, delivery.mode, True, 0, 0, errors, warnings)
    taken = scratch.value(f"SELECT COUNT(*) FROM {delivery.file.table} WHERE row_state <> {BAD}")
    return FileCount(name, delivery.mode, False, staged.read, taken + staged.ended, errors, warnings)


def count_tables(scratch: Scratch, landings: Sequence[Landing]) -> list[TableCount]:
    """What the compared landings will do to each table; a row that several of them touch counts once.

    Call it before anything is applied.
    """
    grouped: dict[type[m.Table], list[Landing]] = {}
    for landing in landings:
        grouped.setdefault(landing.model, []).append(landing)
    return [_table_count(scratch, model, group) for model, group in grouped.items()]


def _table_count(scratch: Scratch, model: type[m.Table], landings: Sequence[Landing]) -> TableCount:
    makers = [landing for landing in landings if not landing.patch]
    added = _count(scratch, [f"SELECT {', '.join(one.key)} FROM {one.new} WHERE id IS NULL" for one in makers])
    removed = _count(scratch, [leaving(model, landings)])
    touched = [f"SELECT id FROM {one.new} WHERE id IS NOT NULL UNION SELECT id FROM {one.gone}" for one in landings]
    unchanged = f"SELECT id FROM {table_of(model)} WHERE {counting(model)} AND id NOT IN ({' UNION '.join(touched)})"
    return TableCount(table_of(model), added, _count(scratch, touched) - removed, removed, _count(scratch, [unchanged]))


def _count(scratch: Scratch, selects: Sequence[str]) -> int:
    """How many different rows the queries find together."""
    if not selects:
        return 0
    return int(scratch.value(f"SELECT COUNT(*) FROM ({' UNION '.join(selects)}) every_row"))
