"""Which files of a feed must be read at all: not one whose hash is known, unless something it hangs on changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from models import FeedFile
from services.feeds.files import FILES
from services.feeds.landing import Landing
from services.feeds.landings import LANDINGS, referred_files
from services.feeds.manifest import Delivery


@dataclass(frozen=True)
class Plan:
    """The files that differ from what was applied, those to read because of that, and the tables to compare."""

    changed: frozenset[str]
    to_read: frozenset[str]
    landings: tuple[Landing, ...]


@cache
def dependencies(name: str) -> frozenset[str]:
    """Every file that a file refers to, over however many others."""
    found: set[str] = set()
    waiting = {name}
    while waiting:
        found |= waiting
        waiting = {other for one in waiting for other in referred_files(FILES[one])} - found
    return frozenset(found - {name})


def plan(deliveries: Mapping[str, Delivery], applied: Mapping[str, FeedFile]) -> Plan:
    """Compare the feed with what was applied before.

    A file is known when its hash is the one applied last, and nothing that it refers to has changed since it was
    last confirmed: rows that were left out then might be taken now. A changed file makes the others that
    land in the same tables be read as well.
    """
    differing = {name for name, one in deliveries.items() if not _is_known(one, applied)}
    changed = differing | {name for name in deliveries if dependencies(name) & differing}
    landings = tuple(one for one in LANDINGS if _is_touched(one, changed))
    beside = {name for one in landings for name in one.reads}
    return Plan(frozenset(changed), frozenset(changed | (beside & set(deliveries))), landings)


def _is_known(delivery: Delivery, applied: Mapping[str, FeedFile]) -> bool:
    before = applied.get(delivery.file.name)
    if before is None or before.sha256 != delivery.sha256:
        return False
    others = (applied[name] for name in dependencies(delivery.file.name) if name in applied)
    return all(other.changed_at <= before.seen_at for other in others)


def _is_touched(landing: Landing, changed: Collection[str]) -> bool:
    return not {*landing.reads, *landing.follows}.isdisjoint(changed)
