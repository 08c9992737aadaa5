"""What a feed brings: its files, each bulk or delta, as `manifest.csv` and `supplement-manifest.csv` say."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from services.feeds import sources
from services.feeds.errors import FeedError, shown
from services.feeds.files import FILES, ONEROSTER, RULES, CsvFile
from services.feeds.sources import Part, Text
from services.hashing import keyed_hash

MANIFESTS = ("manifest", "supplement-manifest")
_BY_LOWER_NAME = {name.lower(): file for name, file in FILES.items()}
_MODES = ("bulk", "delta", "absent")


@dataclass(frozen=True)
class Delivery:
    """One file of the feed: what it is, whether it replaces (`bulk`) or amends (`delta`), its parts and their hash.

    `secret` is the portal's, where the file holds what is kept as a keyed hash alone.
    """

    file: CsvFile
    mode: str
    parts: tuple[Part, ...]
    digests: tuple[str, ...]
    secret: str = field(default="", repr=False)

    @property
    def sha256(self) -> str:
        """The hash of all that decides what the file means: its bytes, its mode, what is read of it and how.

        With secrets in the file it is keyed: whoever reads the database must not be able to try codes against it, and
        under another secret the file has to be read again.
        """
        decisive = "\n".join((RULES, self.mode, self.file.signature, *self.digests))
        if self.file.is_confidential:
            return keyed_hash(self.secret, "feed file", decisive)
        return hashlib.sha256(decisive.encode()).hexdigest()


@dataclass
class Feed:
    """A whole feed: what is read of it, the files nobody reads, and remarks on its manifest as (file, reason)."""

    deliveries: dict[str, Delivery] = field(default_factory=dict)
    not_read: list[str] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def open_feed(paths: Sequence[Path], stack: ExitStack, secret: str = "") -> Feed:
    """Look through the paths, which together make one feed; what they hold can be read until `stack` closes.

    A file that no manifest mentions is bulk; one that a manifest calls absent is left alone. Raises FeedError when
    there is nothing to read, when a bulk feed lacks the users or the organizations that all else hangs on, or when a
    file holds codes and there is no `secret` to hash them with.
    """
    feed = Feed()
    parts: dict[str, list[Part]] = {}
    modes: dict[str, str] = {}
    for part in sources.find(paths, stack):
        if part.name in MANIFESTS:
            modes.update(_read_manifest(part))
        else:
            parts.setdefault(part.name, []).append(part)
    for name, found in parts.items():
        file, mode = _BY_LOWER_NAME.get(name), modes.get(name, "bulk")
        if file is None:
            feed.not_read += [part.label for part in found]
        elif mode == "absent":
            feed.warnings.append((file.name, "is there although the manifest calls it absent: not read"))
        elif file.is_confidential and not secret:
            raise FeedError(f"{found[0].label} needs the portal's secret_key: its codes are kept as keyed hashes alone")
        else:
            digests = tuple(part.digest() for part in found)
            own = secret if file.is_confidential else ""
            feed.deliveries[file.name] = Delivery(file, mode, tuple(found), digests, own)
    for name, mode in modes.items():
        if mode != "absent" and name not in parts and name in _BY_LOWER_NAME:
            feed.warnings.append((_BY_LOWER_NAME[name].name, f"is missing although the manifest calls it {mode}"))
    _refuse_incomplete(feed, modes)
    return feed


def _read_manifest(part: Part) -> dict[str, str]:
    """The mode of each file that a manifest names, by its name in small letters."""
    modes = {}
    for row in _rows(part):
        if len(row) < 2 or not row[0].strip().lower().startswith("file."):
            continue
        name, mode = row[0].strip().lower().removeprefix("file."), row[1].strip().lower()
        if mode not in _MODES:
            raise FeedError(f"{part.label}: {row[0].strip()} is {shown(row[1])}, but can only be {', '.join(_MODES)}")
        modes[name] = mode
    return modes


def _refuse_incomplete(feed: Feed, modes: dict[str, str]) -> None:
    """A half-finished export must not pass for a whole one."""
    if not feed.deliveries:
        raise FeedError("the feed holds no OneRoster or supplement file that is read; docs/feeds.md lists them")
    roster = {file.name for file in ONEROSTER}
    is_bulk = any(one.mode == "bulk" for name, one in feed.deliveries.items() if name in roster)
    for name in ("users", "orgs"):
        if is_bulk and name not in feed.deliveries and modes.get(name, "bulk") == "bulk":
            raise FeedError(f"this bulk feed has no {name}.csv; is the export complete? (manifest: file.{name},absent)")
    users = feed.deliveries.get("users")
    if users and users.mode == "bulk" and "roles" not in feed.deliveries and not _has_header(users.parts, "role"):
        raise FeedError("users.csv has no role column and there is no roles.csv: nobody can tell who is a student")


def _has_header(parts: Sequence[Part], header: str) -> bool:
    return any(header in (cell.strip().lower() for cell in next(_rows(part), [])) for part in parts)


def _rows(part: Part) -> Iterator[list[str]]:
    text = Text(part)
    try:
        for row in csv.reader(iter(text)):
            text.pending = 0
            yield row
    except csv.Error as error:
        raise FeedError(f"{part.label} is no CSV file: {error}") from error
