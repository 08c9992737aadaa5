"""The pictures of the tour, made from the demo by `make pictures`: which there are, in which language, how large."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import NamedTuple

from config import ROOT

FOLDER = ROOT / "static" / "tour"

#: What there are pictures of, by the step of the tour that they belong to.
NAMES = ("home", "overview", "grades", "to_do", "attendance", "messages", "preferences")


class Picture(NamedTuple):
    """A picture as an asset: its name in `views.assets`, and its size in pixels."""

    asset: str
    width: int
    height: int


def assets() -> dict[str, str]:
    """Every picture by its name as an asset, with its path below `static/`."""
    return {
        f"tour-{path.parent.name}-{path.name}": path.relative_to(ROOT / "static").as_posix()
        for path in sorted(FOLDER.glob("*/*.png"))
        if path.stem in NAMES
    }


@lru_cache(maxsize=64)
def pictures(language: str) -> tuple[dict[str, Picture], str]:
    """The pictures in this language, by name, and which language they are in: English where it has none."""
    code = language if (FOLDER / language).is_dir() else "en"
    found = {}
    for name in NAMES:
        path = FOLDER / code / f"{name}.png"
        if path.exists():
            found[name] = Picture(f"tour-{code}-{name}.png", *_size(path.read_bytes()))
    return found, code


def _size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG (ISO/IEC 15948, section 11.2.1: they begin its first chunk)."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height
