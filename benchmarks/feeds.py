"""The importer against a raw load of the same files: into an empty database, the same again, one percent changed."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from playhouse.db_url import connect as connect_url

from benchmarks import raw_load
from benchmarks.databases import new_database
from benchmarks.measure import Cost, cpu, ratio, table, timed, wall
from services import clock, database
from services.demo import write_district
from services.feeds import importer

#: The three imports that are measured one after the other on one database, and the states in which they must end.
_IMPORTS = (
    ("into an empty database", "feed", "applied"),
    ("the same feed again", "feed", "unchanged"),
    ("one percent of the results changed", "changed", "applied"),
)
#: What imports are compared with; the last is there for PostgreSQL, whose other two are loaded with COPY.
_PLAIN, _INDEXED, _SQLITE = "plain tables", "plain tables with the same indexes", "plain tables on SQLite"

_Costs = dict[str, list[Cost]]


def report(students: int, rounds: int, postgresql: str | None) -> str:
    """Everything about imports, as Markdown. `postgresql` is the URL of a server where databases may be created."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_district(folder / "feed", students=students, today=clock.today("America/New_York"))
        _change_one_percent(folder / "feed", folder / "changed")
        sources = raw_load.sources(folder / "feed")
        rows = raw_load.into_sqlite(sources, folder / "count.db", indexed=False)
        sections = [
            f"A made-up district of {students:,} students: {rows:,} rows in {len(sources)} files.",
            _compare("SQLite", _on_sqlite(folder, sources, rounds), (_PLAIN, _INDEXED), processor=True),
        ]
        if postgresql:
            costs = _on_postgresql(postgresql, folder, sources, rounds)
            sections.append(_compare("PostgreSQL", costs, (_SQLITE, _PLAIN, _INDEXED), processor=False))
    return "\n\n".join(sections)


def _compare(engine: str, costs: _Costs, references: tuple[str, ...], *, processor: bool) -> str:
    """A row an import. On PostgreSQL only the clock sees the server's share."""
    measures = (("processor", cpu), ("clock", wall)) if processor else (("clock", wall),)
    headings = [f"Import on {engine}"]
    headings += [f"/ {reference}, {word}" for reference in references for word, _ in measures]
    rows = [
        (name, *(
            ratio(measure(costs[name]), measure(costs[reference]))
            for reference in references for _, measure in measures
        ))
        for name, _, _ in _IMPORTS
    ]  # fmt: skip
    return table(headings, rows)


def _on_sqlite(folder: Path, sources: list[raw_load.Source], rounds: int) -> _Costs:
    empty = folder / "empty.db"
    opened = database.connect(f"sqlite:///{empty}")
    database.upgrade(opened)
    opened.close()
    costs = _nothing_yet()
    for number in range(rounds):
        portal = folder / f"portal{number}.db"
        shutil.copy(empty, portal)
        raw = {name: folder / f"{number}{name}.db" for name in (_PLAIN, _INDEXED)}
        for name, path in raw.items():
            costs[name].append(_timed(raw_load.into_sqlite, sources, path, indexed=name == _INDEXED))
        _import_three_times(f"sqlite:///{portal}", folder, costs)
        for path in (portal, *raw.values()):
            path.unlink()
    return costs


def _on_postgresql(url: str, folder: Path, sources: list[raw_load.Source], rounds: int) -> _Costs:
    costs = _nothing_yet()
    for number in range(rounds):
        plain = folder / f"beside{number}.db"
        costs[_SQLITE].append(_timed(raw_load.into_sqlite, sources, plain, indexed=False))
        plain.unlink()
        for name in (_PLAIN, _INDEXED):
            with new_database(url) as own:
                server = connect_url(own, unquote_password=True)
                connection = server.connection()
                costs[name].append(_timed(raw_load.into_postgresql, sources, connection, indexed=name == _INDEXED))
                server.close()
        with new_database(url) as own:
            opened = database.connect(own)
            database.upgrade(opened)
            opened.close()
            _import_three_times(own, folder, costs)
    return costs


def _nothing_yet() -> _Costs:
    return {name: [] for name in (_PLAIN, _INDEXED, _SQLITE, *(name for name, _, _ in _IMPORTS))}


def _timed(work: Callable[..., object], *values: object, **options: object) -> Cost:
    return timed(lambda: work(*values, **options))


def _import_three_times(url: str, folder: Path, costs: _Costs) -> None:
    opened = database.connect(url)
    for name, feed, state in _IMPORTS:
        paths = [folder / feed / part for part in ("oneroster", "supplement")]
        reports: list[importer.Report] = []
        costs[name].append(_timed(_import, paths, reports))
        if reports[0].state != state or reports[0].error:
            raise SystemExit(f"{name}: the import ended as {reports[0].state}, not {state}: {reports[0].error or ''}")
    opened.close()


def _import(paths: list[Path], reports: list[importer.Report]) -> None:
    reports.append(importer.run(paths, shrink_percent=10))


def _change_one_percent(feed: Path, changed: Path) -> None:
    """A copy of the feed in which every hundredth result has another comment."""
    shutil.copytree(feed, changed)
    with (feed / "oneroster" / "results.csv").open(encoding="utf-8", newline="") as old:
        rows = csv.reader(old)
        header = next(rows)
        comment = header.index("comment")
        with (changed / "oneroster" / "results.csv").open("w", encoding="utf-8", newline="") as new:
            writer = csv.writer(new)
            writer.writerow(header)
            for number, row in enumerate(rows):
                if number % 100 == 0:
                    row[comment] = f"{row[comment]} Corrected.".strip()
                writer.writerow(row)
