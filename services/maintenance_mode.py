"""Closing the portal while work is done on it: a file says so, since the database may be what is worked on (G15)."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import NamedTuple

from config import ROOT

#: Browsers and machines are asked to come back after so many seconds where nobody has said when.
COME_BACK = 600

#: A day is as far ahead as anybody is told.
FARTHEST = 24 * 60 * 60


class Mode(NamedTuple):
    """That the portal is closed, until when (UTC) if that is known, and what families are told, by language."""

    until: dt.datetime | None
    texts: dict[str, str]

    def retry_after(self, now: dt.datetime) -> int:
        """Seconds until it is worth coming back."""
        if self.until is None or self.until <= now:
            return COME_BACK
        return min(FARTHEST, max(60, int((self.until - now).total_seconds())))


def close(file: str, mode: Mode) -> None:
    """Write the file, whole or not at all. Raises OSError."""
    path = ROOT / file
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"until": mode.until.isoformat() if mode.until else None, "texts": mode.texts}
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def open_again(file: str) -> bool:
    """Remove the file and say whether there was one. Raises OSError."""
    path = ROOT / file
    was_closed = path.exists()
    path.unlink(missing_ok=True)
    return was_closed


def read(file: str) -> Mode | None:
    """What the file says; None while there is none. One that says nothing readable closes the portal all the same."""
    try:
        content = (ROOT / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return Mode(None, {})
    return _mode(content)


def _mode(content: str) -> Mode:
    try:
        said = json.loads(content)
        texts = {
            str(language): str(text)
            for language, text in said.get("texts", {}).items()
            if re.fullmatch(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*", str(language))
        }
        until = dt.datetime.fromisoformat(said["until"]).replace(tzinfo=None) if said.get("until") else None
    except (ValueError, TypeError, AttributeError):
        return Mode(None, {})
    return Mode(until, texts)
