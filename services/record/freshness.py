"""When the feed last confirmed the data of a tab (G17, D16)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from models import FeedFile
from services.prepared import Prepared

#: When each file of the feed was last delivered, by its name.
Delivered = dict[str, dt.datetime]

_FILES = Prepared(lambda: FeedFile.select(FeedFile.name, FeedFile.seen_at).tuples())


def delivered() -> Delivered:
    """Every file that the feed has ever brought, and when it did so last."""
    return dict(_FILES())


def oldest(files: Delivered, names: Iterable[str]) -> dt.datetime | None:
    """When all of these files' data was last confirmed; None when none of them ever came."""
    return min((files[name] for name in names if name in files), default=None)
