"""Names and words as they are compared when spelling is forgiven."""

from __future__ import annotations

import unicodedata


def folded(name: str) -> str:
    """The name without case, accents and surplus spaces."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def user_name_key(user_name: str) -> str:
    """The user name as it is compared: without regard to case, width and surrounding space."""
    return unicodedata.normalize("NFKC", user_name).strip().casefold()
