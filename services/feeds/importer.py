"""`run`: one feed from its files into the portal's tables, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from models import FeedRun, database
from services import clock
from services.feeds import guard, manifest, planning, report, runs, undo
from services.feeds.apply import apply
from services.feeds.compare import Comparison
from services.feeds.errors import FeedError
from services.feeds.manifest import Feed
from services.feeds.planning import Plan
from services.feeds.problems import WARNING, Problems
from services.feeds.report import Report
from services.feeds.scratch import Scratch
from services.feeds.staging import Progress, Staged, stage

__all__ = ["FeedError", "Report", "run"]


def run(
    paths: Sequence[Path],
    *,
    shrink_percent: int,
    allow_shrink: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    secret: str = "",
) -> Report:
    """Import the folders and zips that together make one feed, and say what came of it.

    Everything up to the last step happens in temporary tables, while the portal goes on; then one transaction applies
    what differs. `shrink_percent` is the share of students or guardianships that may become inactive unless
    `allow_shrink`. A dry run does all but the last step and leaves no trace. `progress` is told a file's name and
    the rows read so far. `secret` is the portal's, which identification codes are hashed with. Raises FeedError, with
    one line for the operator, when the feed cannot be imported at all; such runs are recorded as failed.
    """
    tell = progress or _say_nothing
    with database.connection_context() if database.is_closed() else ExitStack(), ExitStack() as stack:
        if dry_run:
            return _Import(stack, tell, secret).run(shrink_percent, allow_shrink, paths, None)
        stack.enter_context(runs.alone(database.obj))
        recorded = runs.begin()
        try:
            return _Import(stack, tell, secret).run(shrink_percent, allow_shrink, paths, recorded)
        except BaseException as error:
            reason = str(error) if isinstance(error, FeedError) else f"ended by {type(error).__name__}"
            with database.atomic():
                runs.finish(recorded, "failed", {}, (), reason)
            raise


class _Import:
    """The steps of one import."""

    def __init__(self, stack: ExitStack, tell: Progress, secret: str) -> None:
        self._stack = stack
        self._tell = tell
        self._secret = secret
        self._problems = Problems()
        self._scratch = Scratch(database.obj)
        stack.callback(self._scratch.drop)

    def run(self, shrink_percent: int, allow_shrink: bool, paths: Sequence[Path], recorded: FeedRun | None) -> Report:
        """Read, compare, judge, apply."""
        feed = manifest.open_feed(paths, self._stack, self._secret)
        for file, reason in feed.warnings:
            self._problems.add(file, None, None, WARNING, reason)
        plan = planning.plan(feed.deliveries, runs.applied())
        staged = self._read(feed, plan)
        comparison = Comparison(self._scratch, self._problems, feed.deliveries, staged)
        for landing in plan.landings:
            self._tell(f"comparing {landing.name}", 0)
            comparison.compare(landing)
        error = None if allow_shrink else guard.objection(self._scratch, comparison.landings, shrink_percent)
        state = "refused" if error else "dry-run" if recorded is None else "applied" if plan.changed else "unchanged"
        made = report.build(
            state, feed, self._scratch, staged, report.count_tables(self._scratch, comparison.landings),
            self._problems, error,
        )  # fmt: skip
        return made if recorded is None else self._finish(made, feed, comparison, recorded)

    def _read(self, feed: Feed, plan: Plan) -> dict[str, Staged]:
        return {
            name: stage(self._scratch, delivery, self._problems, self._tell)
            for name, delivery in feed.deliveries.items()
            if name in plan.to_read
        }

    def _finish(self, made: Report, feed: Feed, comparison: Comparison, recorded: FeedRun) -> Report:
        """The one transaction that others have to wait for."""
        snapshot = None
        if made.state == "applied":
            tables = undo.touched(self._scratch, comparison.landings)
            snapshot = undo.Snapshot(database.obj, tables, recorded)
            snapshot.before()
        with database.atomic():
            if snapshot is not None:
                snapshot.within()
            if made.state != "refused":
                apply(self._scratch, comparison.landings, clock.now())
                runs.confirm(list(feed.deliveries.values()))
            runs.finish(recorded, made.state, made.summary(), self._problems.kept, made.error)
        if snapshot is not None:
            snapshot.after()
        return replace(made, run_id=recorded.id)


def _say_nothing(file: str, rows: int) -> None:
    """Nobody watches."""
