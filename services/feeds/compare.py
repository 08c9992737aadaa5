"""What an import would change: the staged rows against the live ones, in temporary tables, without a lock.

For each landing this fills `new_…` with the rows to add or change and `gone_…` with the ids of the live rows that go.
"""

from __future__ import annotations

from collections.abc import Mapping

import models as m
from services.feeds.errors import shown
from services.feeds.files import FILES, Column
from services.feeds.landing import Landing, Owner, column_of, table_of
from services.feeds.landings import LANDINGS, MAKERS
from services.feeds.manifest import Delivery
from services.feeds.problems import ERROR, WARNING, Problems
from services.feeds.scratch import Scratch
from services.feeds.staging import Staged, create_tables

#: Parents of parents are looked for so far up; a longer chain is no loop that a page would fall into.
_DEEPEST = 20

_BY_NAME = {landing.name: landing for landing in LANDINGS}


class Comparison:
    """Compares landings one after the other, in the order of LANDINGS; each sees what those before it will leave."""

    def __init__(
        self, scratch: Scratch, problems: Problems, deliveries: Mapping[str, Delivery], staged: Mapping[str, Staged]
    ) -> None:
        self.landings: list[Landing] = []
        self._scratch = scratch
        self._problems = problems
        self._staged = staged
        self._modes = {name: deliveries[name].mode for name in staged}
        self._checked: set[tuple[str, str]] = set()
        scratch.create("in_feed", {"file": "TEXT", "mode": "TEXT"})
        scratch.load("in_feed", ("file", "mode"), list(self._modes.items()))

    def compare(self, landing: Landing) -> None:
        """Find what the landing changes."""
        for name in landing.reads:
            if not self._scratch.exists(FILES[name].table):
                create_tables(self._scratch, FILES[name])
            self._check_file(name)
        self._want(landing)
        self._note(landing)
        self._find_gone(landing)
        for column, model in landing.references.items():
            if model is not landing.model:
                self._check_reference(landing, column, model)
        self.landings.append(landing)
        for column, model in landing.references.items():
            if model is landing.model:
                self._check_reference(landing, column, model)
                self._cut_loops(landing, column)
        self._find_new(landing)

    def after(self, name: str, *columns: str) -> str:
        """A subquery of the rows that a landing's table will hold after this import; references are sourced ids."""
        landing = _BY_NAME[name]
        natural = ", ".join(f"{self._natural(landing, column)} AS {column}" for column in columns)
        used = {*columns, *landing.key}
        live = f"SELECT {natural} FROM {_live(landing, used)} WHERE {landing.scope} AND {_flagged(landing)}"
        if landing not in self.landings:
            return live
        same = " AND ".join(f"w.{column} = {self._natural(landing, column)}" for column in landing.key)
        return f"""
            SELECT {", ".join(columns)} FROM {landing.want} WHERE row_state = 1
            UNION ALL {live}
            AND NOT EXISTS (SELECT 1 FROM {landing.gone} g WHERE g.id = live.id)
            AND NOT EXISTS (SELECT 1 FROM {landing.want} w WHERE w.row_state = 1 AND {same})"""

    # ---- Checks -------------------------------------------------------------------------------------------------

    def _check_file(self, name: str) -> None:
        """Leave out staged rows that refer to nothing, as soon as all that they may refer to has been compared."""
        for column in FILES[name].columns:
            makers = [MAKERS[model] for model in column.refers]
            waiting = [maker for maker in makers if name in maker.reads and maker not in self.landings]
            if makers and not waiting and (name, column.name) not in self._checked:
                self._checked.add((name, column.name))
                self._refuse_dangling(name, FILES[name].table, column, column.refers)

    def _check_reference(self, landing: Landing, column: str, model: type[m.Table]) -> None:
        """Leave out rows without what they must refer to; where they need not, blank the reference with a warning."""
        file = landing.reads[0] if landing.reads else landing.name
        shown_as = Column(column, landing.columns[column])
        if landing.model._meta.fields[column].null:
            self._refuse_dangling(file, landing.want, shown_as, (model,), f"{column} = NULL", WARNING)
            return
        self._refuse_dangling(file, landing.want, shown_as, (model,), severity=landing.reference_severity)
        if landing.select is not None and landing.reference_severity == ERROR and landing.reads:
            bad = f"SELECT n FROM {landing.want} WHERE row_state = -1"
            self._scratch.run(f"UPDATE {FILES[file].table} SET row_state = -1 WHERE n IN ({bad})")

    def _refuse_dangling(
        self, file: str, table: str, column: Column, models: tuple[type[m.Table], ...],
        remedy: str = "row_state = -1", severity: str = ERROR,
    ) -> None:  # fmt: skip
        known = " AND ".join(
            f"NOT EXISTS (SELECT 1 FROM {self._known(model)} k WHERE k.sourced_id = {table}.{column.name})"
            for model in models
        )
        dangling = f"row_state = 1 AND {column.name} IS NOT NULL AND {known}"
        nouns = " or ".join(table_of(model).replace("_", " ") for model in models)
        self._report(file, column.header, severity, f"{{}} names no {nouns} of this feed",
                     f"SELECT n, {column.name} FROM {table} WHERE {dangling}",
                     f"UPDATE {table} SET {remedy} WHERE {dangling}")  # fmt: skip

    def _known(self, model: type[m.Table]) -> str:
        """The temporary table of the ids that a model's rows will have after this import."""
        landing = MAKERS[model]
        if landing not in self.landings:
            return f"(SELECT sourced_id FROM {table_of(model)} live WHERE {_flagged(landing)})"
        table = f"known_{table_of(model)}"
        if not self._scratch.exists(table):
            self._scratch.create_as(table, self.after(landing.name, "sourced_id"))
            self._scratch.index(table, "sourced_id")
        return table

    def _cut_loops(self, landing: Landing, column: str) -> None:
        """Blank the parents of rows that are their own ancestors, which would hang whoever walks up."""
        self._scratch.create_as("family", self.after(landing.name, "sourced_id", column))
        self._scratch.index("family", "sourced_id")
        self._scratch.create_as("loops", f"""
            WITH RECURSIVE up (start, at, depth) AS (
                SELECT sourced_id, {column}, 1 FROM family WHERE {column} IS NOT NULL
                UNION ALL
                SELECT up.start, f.{column}, up.depth + 1 FROM up JOIN family f ON f.sourced_id = up.at
                WHERE f.{column} IS NOT NULL AND up.at <> up.start AND up.depth < {_DEEPEST}
            ) SELECT DISTINCT start FROM up WHERE at = start""")  # fmt: skip
        looped = "row_state = 1 AND sourced_id IN (SELECT start FROM loops)"
        self._report(landing.name, landing.columns[column], ERROR, "{} is its own ancestor: left blank",
                     f"SELECT n, sourced_id FROM {landing.want} WHERE {looped}",
                     f"UPDATE {landing.want} SET {column} = NULL WHERE {looped}")  # fmt: skip

    def _note(self, landing: Landing) -> None:
        for note in landing.notes:
            rows = note.select(self.after)
            leave_out = f"UPDATE {FILES[note.file].table} SET row_state = -1 WHERE n IN (SELECT n FROM ({rows}) s)"
            remedy = leave_out if note.severity == ERROR else None
            self._report(note.file, note.column, note.severity, note.reason, rows, remedy)

    def _report(
        self, file: str, column: str, severity: str, reason: str, select: str, remedy: str | None = None
    ) -> None:
        """Note each row that `select` finds as (n, value), then let `remedy` deal with them all."""
        found = self._scratch.rows(f"{select} ORDER BY 1 LIMIT {max(self._problems.room(file), 1)}")
        if not found:
            return
        quoted = FILES[file].quoted if file in FILES else shown
        for n, value in found:
            self._problems.keep(file, n, column, severity, reason.format(quoted(value)))
        total = self._scratch.run(remedy) if remedy else self._scratch.value(f"SELECT COUNT(*) FROM ({select}) s")
        self._problems.count(file, severity, total)

    # ---- Differences --------------------------------------------------------------------------------------------

    def _want(self, landing: Landing) -> None:
        if landing.select is not None:
            self._scratch.create_as(landing.want, landing.select(self.after))
        self._scratch.index(landing.want, *landing.key)

    def _find_gone(self, landing: Landing) -> None:
        for owner in landing.owners:
            self._scratch.index(owner.file.table, *(staged for staged, _ in owner.match))
        same = " AND ".join(f"w.{column} = {self._natural(landing, column)}" for column in landing.key)
        conditions = [f"NOT EXISTS (SELECT 1 FROM {landing.want} w WHERE w.row_state <> 0 AND {same})"]
        conditions += [f"NOT {self._owned(landing, owner, 'o.row_state = -1')}" for owner in landing.owners]
        if not self._replaces(landing):
            reached = [
                self._owned(landing, owner, f"o.row_state <> -1 AND {owner.where}")
                for owner in landing.owners
                if owner.reaches
            ]
            conditions.append(f"({' OR '.join(reached)})")
        gone = " AND ".join(conditions)
        if landing.superseded is not None:
            gone = f"({gone}) OR {landing.superseded(self.after)}"
        used = {*landing.key, *(mine for owner in landing.owners for _, mine in owner.match), *landing.references}
        self._scratch.create_as(
            landing.gone,
            f"""SELECT live.id FROM {_live(landing, used)}
                WHERE {landing.scope} AND {_flagged(landing)} AND {self._has_value(landing)} AND ({gone})""",
        )
        self._scratch.index(landing.gone, "id")

    def _owned(self, landing: Landing, owner: Owner, where: str) -> str:
        match = " AND ".join(f"o.{staged} = {self._natural(landing, mine)}" for staged, mine in owner.match)
        return f"EXISTS (SELECT 1 FROM {owner.file.table} o WHERE {where} AND {match})"

    def _replaces(self, landing: Landing) -> bool:
        """Whether live rows that no file brings are to go: all files bulk, and none of them torn."""
        names = [owner.file.name for owner in landing.owners if owner.file.name in self._staged]
        if not landing.owners:
            return True
        return bool(names) and all(self._modes[name] == "bulk" and not self._staged[name].torn for name in names)

    def _find_new(self, landing: Landing) -> None:
        joins, differences = [], []
        for column, model in landing.references.items():
            joins.append(f"LEFT JOIN {table_of(model)} r_{column} ON r_{column}.sourced_id = w.{column}")
            # What is referred to may itself be new, and has no id yet.
            differences.append(f"(w.{column} IS NOT NULL AND r_{column}.id IS NULL)")
        for column in landing.columns:
            ours = f"r_{column}.id" if column in landing.references else f"w.{column}"
            differences.append(f"{ours} IS DISTINCT FROM live.{column_of(landing.model, column)}")
        if landing.flag:
            differences.append(f"NOT live.{landing.flag}")
        same = " AND ".join(
            f"live.{column_of(landing.model, column)} = "
            + (f"r_{column}.id" if column in landing.references else f"w.{column}")
            for column in landing.key
        )
        is_new = "live.id IS NULL"
        if landing.patch:
            filled = " OR ".join(f"w.{column} IS NOT NULL" for column in landing.columns if column not in landing.key)
            is_new += f" AND ({filled})"
        self._scratch.create_as(
            landing.new,
            f"""SELECT {", ".join(f"w.{column}" for column in landing.columns)}, live.id
                FROM {landing.want} w {" ".join(joins)}
                LEFT JOIN {table_of(landing.model)} live ON {same}
                WHERE w.row_state = 1 AND (({is_new}) OR (live.id IS NOT NULL AND ({" OR ".join(differences)})))""",
        )

    def _has_value(self, landing: Landing) -> str:
        """For a patch, that there is anything to blank."""
        if not landing.patch:
            return "TRUE"
        columns = [column for column in landing.columns if column not in landing.key]
        return "(" + " OR ".join(f"live.{column} IS NOT NULL" for column in columns) + ")"

    def _natural(self, landing: Landing, column: str) -> str:
        """A live column as the feed would write it: references by sourced id."""
        return f"k_{column}.sourced_id" if landing.foreign_key(column) else f"live.{column_of(landing.model, column)}"


def _live(landing: Landing, columns: set[str]) -> str:
    """The landing's table, joined with what those of the columns refer to that are references."""
    joins = [
        f"LEFT JOIN {table_of(model)} k_{column} ON k_{column}.id = live.{column_of(landing.model, column)}"
        for column in sorted(columns)
        if (model := landing.foreign_key(column)) is not None
    ]
    return " ".join((f"{table_of(landing.model)} live", *joins))


def _flagged(landing: Landing) -> str:
    """The condition that a live row counts for the feed: the office's own guardians have no sourced id."""
    conditions = [f"live.{name} IS NOT NULL" for name in landing.key if landing.model._meta.fields[name].null]
    return " AND ".join((*conditions, f"live.{landing.flag}" if landing.flag else "TRUE"))
