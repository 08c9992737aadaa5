"""In which direction a text reads: by its first letter outside of isolates, as Unicode's P2 and P3 say (UAX 9)."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Direction = Literal["ltr", "rtl"]

_ISOLATED = re.compile("[\u2066-\u2068][^\u2069]*\u2069?")


def of(text: str) -> Direction | None:
    """`ltr` or `rtl`; None when every letter stands in an isolate, as names and numbers do, or there is none."""
    for char in _ISOLATED.sub("", text):
        kind = unicodedata.bidirectional(char)
        if kind == "L":
            return "ltr"
        if kind in ("R", "AL"):
            return "rtl"
    return None
