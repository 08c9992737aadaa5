"""Codes that people read from paper and type: how they are made, and what typing does to them (DECISIONS 18)."""

from __future__ import annotations

import re
import secrets
import unicodedata
import uuid

#: No 0 O 1 I L: nothing that a letter's reader could take for another (CHECKS 10, DECISIONS 18).
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def random_code(style: str) -> str:
    """A new code: 16 characters (79 bits), a GUID with braces as Infinite Campus prints it, or 16 digits."""
    if style == "guid":
        return f"{{{str(uuid.uuid4()).upper()}}}"
    characters = "0123456789" if style == "token" else ALPHABET
    return "-".join("".join(secrets.choice(characters) for _ in range(4)) for _ in range(4))


def random_user_id() -> str:
    """A user ID of 13 digits for somebody without an e-mail address (G09, DECISIONS 14)."""
    return "".join(secrets.choice("0123456789") for _ in range(13))


def plain(typed: str) -> str:
    """What a typed or pasted code comes down to: no spaces, dashes or braces, capitals, O read as 0, I and L as 1."""
    bare = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", typed)).upper()
    return bare.translate(str.maketrans("OIL", "011"))
