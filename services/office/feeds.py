"""The feed as the district's office sees it: runs, their problems, and trying a feed out before it counts (X08)."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfileobj
from typing import IO, NamedTuple

from peewee import ModelSelect

from config import Settings
from models import FeedProblem, FeedRun
from services.feeds import importer
from services.feeds.errors import FeedError
from services.feeds.problems import Problem
from services.feeds.report import Report

#: So many runs, and so many problems of one, stand on a page.
SHOWN, PROBLEMS_SHOWN = 50, 200

#: What the page takes, and what that may unpack to: trying out a larger feed is for the command line.
MOST_BYTES, MOST_UNPACKED = 32 * 1024**2, 512 * 1024**2

_NAME = re.compile(r"[\w()\- .]{1,100}\.(csv|zip)", re.I)


class Run(NamedTuple):
    """A run with what it added, changed and removed in all tables, and its problems; counts are 0 where it has none."""

    run: FeedRun
    added: int
    changed: int
    removed: int
    problems: int
    warnings: int


class File(NamedTuple):
    """A file that somebody has sent: its name and its bytes."""

    name: str
    stream: IO[bytes]


def listed() -> list[Run]:
    """The last runs, the latest first."""
    return [_run(one) for one in FeedRun.select().order_by(FeedRun.id.desc()).limit(SHOWN)]


def find(run_id: int) -> Run | None:
    """A run, or None."""
    found = FeedRun.get_or_none(FeedRun.id == run_id)
    return _run(found) if found is not None else None


def files_with_problems(run: FeedRun) -> list[str]:
    """The names of the files that had any, as messages call them."""
    rows = FeedProblem.select(FeedProblem.file).where(FeedProblem.run == run).distinct().order_by(FeedProblem.file)
    return [name for (name,) in rows.tuples()]


def problems(run: FeedRun, *, file: str = "", severity: str = "", limit: int | None = None) -> list[Problem]:
    """The run's problems in the order in which they were found, of one file and one severity if these are given."""
    rows: ModelSelect = FeedProblem.select(*(getattr(FeedProblem, name) for name in Problem._fields))
    rows = rows.where(FeedProblem.run == run)
    if file:
        rows = rows.where(FeedProblem.file == file)
    if severity:
        rows = rows.where(FeedProblem.severity == severity)
    return [Problem(*row) for row in rows.order_by(FeedProblem.id).limit(limit).tuples()]


def try_out(files: Sequence[File], settings: Settings) -> Report:
    """What importing these zips and CSV files together would do; nothing is applied, and they are gone afterwards.

    Raises FeedError, with one line that names no place of this machine.
    """
    if not files:
        raise FeedError("choose a zip file or CSV files")
    with tempfile.TemporaryDirectory(prefix="homeroom-feed-") as folder:
        place = Path(folder)
        loose = place / "files"
        loose.mkdir()
        paths: list[Path] = []
        for one in files:
            _put(one, place if one.name.lower().endswith(".zip") else loose)
        paths = sorted(path for path in place.iterdir() if path.is_file())
        _refuse_large(paths)
        paths += [loose] if any(loose.iterdir()) else []
        try:
            return importer.run(
                paths, shrink_percent=settings.shrink_percent, dry_run=True, secret=settings.secret_key
            )  # fmt: skip
        except FeedError as error:
            raise FeedError(str(error).replace(f"{place}/", "")) from None


def _put(file: File, folder: Path) -> None:
    if not _NAME.fullmatch(file.name):
        raise FeedError(f"{file.name[:100]!r} is no name of a zip or CSV file")
    path = folder / file.name
    if path.exists():
        raise FeedError(f"{file.name} was sent twice")
    with path.open("xb") as target:
        copyfileobj(file.stream, target)


def _refuse_large(zips: Sequence[Path]) -> None:
    """Judge by the sizes that the zips declare; what is no zip the importer refuses."""
    size = 0
    for path in zips:
        try:
            with zipfile.ZipFile(path) as archive:
                size += sum(member.file_size for member in archive.infolist())
        except (OSError, zipfile.BadZipFile, NotImplementedError):
            continue
    if size > MOST_UNPACKED:
        raise FeedError("this feed is too large to be tried out here: flask feed import --dry-run does it")


def _run(run: FeedRun) -> Run:
    summary = run.summary if isinstance(run.summary, dict) else {}
    tables = summary.get("tables", [])
    added, changed, removed = (sum(one[name] for one in tables) for name in ("added", "changed", "removed"))
    return Run(run, added, changed, removed, summary.get("problems", 0), summary.get("warnings", 0))
