"""Passwords, tokens and the keyed hashes that stand in for secrets in the database."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import unicodedata
from collections.abc import Collection

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from services import former_hashes

#: Longer passwords are refused before they are hashed; ASVS 6.2.9 asks for at least 64.
PASSWORD_MAX_LENGTH = 256

# Each hash takes tens of megabytes: more at once than cores would only let a crowd of sign-ins exhaust the machine.
_at_once = threading.BoundedSemaphore(2)


class Passwords:
    """Argon2id with the given memory (KiB) and passes (RFC 9106; CHECKS 17)."""

    def __init__(self, *, memory: int, passes: int) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=1)
        self._of_nobody = self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """The encoded hash to store."""
        with _at_once:
            return self._hasher.hash(_prepared(password))

    def verify(self, encoded: str | None, password: str, *, specimens: Collection[str] = ()) -> bool:
        """Whether `password` made `encoded`. None takes just as long and is always wrong (CHECKS 12).

        A hash of an older portal takes the time that its own format wants (D04). With a specimen of each such format
        in use (`former_hashes.specimen`) every answer takes the time of all of them and of our own.
        """
        if len(password) > PASSWORD_MAX_LENGTH:
            encoded, password = None, ""
        with _at_once:
            if encoded is None or not former_hashes.is_former(encoded):
                for specimen in specimens:
                    former_hashes.verify(specimen, password)
                return self._made(encoded, password)
            if specimens:
                self._made(None, password)
            for specimen in specimens:
                if specimen != former_hashes.specimen(encoded):
                    former_hashes.verify(specimen, password)
            return former_hashes.verify(encoded, password)

    def _made(self, encoded: str | None, password: str) -> bool:
        """Whether our own hash is that of the password; a hash of nobody is checked in the place of None."""
        try:
            return self._hasher.verify(encoded or self._of_nobody, _prepared(password)) and encoded is not None
        except (Argon2Error, InvalidHashError):
            return False

    def outdated(self, encoded: str) -> bool:
        """Whether the stored hash was made elsewhere or with other settings, and should be made anew at sign-in."""
        return former_hashes.is_former(encoded) or self._hasher.check_needs_rehash(encoded)


def keyed_hash(secret: str, purpose: str, value: str) -> str:
    """What the database keeps instead of a token, key or address: useless without the portal's secret."""
    return hmac.new(secret.encode(), f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


def new_token() -> str:
    """256 random bits for cookies and links."""
    return secrets.token_urlsafe(32)


def _prepared(password: str) -> str:
    # SP 800-63B 3.1.1.2: the same characters typed on another keyboard must stay the same password.
    return unicodedata.normalize("NFKC", password)
