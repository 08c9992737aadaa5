"""What stops an import."""

from __future__ import annotations


class FeedError(Exception):
    """The feed cannot be imported at all. The message is one line that tells the operator what to do about it."""


def shown(value: object) -> str:
    """A value of the feed as a message may carry it: quoted, on one line, short."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…'"
