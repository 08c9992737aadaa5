"""The portal, with pseudo-languages in a folder of the test's own: other tests' portals must not offer them."""

from __future__ import annotations

import os
from pathlib import Path

import config

config.PSEUDO = Path(os.environ["PSEUDO_FOLDER"])

from app import create_app  # noqa: E402

__all__ = ["create_app"]
