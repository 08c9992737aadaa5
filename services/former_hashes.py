"""Password hashes that an older portal made: read, checked at the first sign-in, then replaced by our own (D04).

Known are bcrypt; PBKDF2 as Django, passlib and Werkzeug write it; scrypt as Werkzeug, Django and the PHC format write
it; and Argon2. Each names the work that it wants; one that wants more than a sign-in may cost is refused, when it is
imported and again when it is read, so that no hash can hold a worker for longer than about two seconds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

#: As wide as the column that keeps it.
LONGEST = 255

#: How the hashes begin that the portal makes itself.
OUR_PREFIX = "$argon2"

# The most work, each about a second of one processor of 2026; OWASP and the makers recommend less for all of them.
_BCRYPT_COST = 14
_PBKDF2_ROUNDS = 2_000_000
_MEMORY = 128 << 20
_SCRYPT_STEPS = 1 << 21
_ARGON2_KIB = 1 << 20

#: Whether the bytes of a password made the hash that was read.
_Check = Callable[[bytes], bool]


class UnknownHash(ValueError):
    """A hash of no known format, or one that wants too much work; the text is the reason, without the hash."""


def to_store(encoded: str) -> str:
    """The hash as the database keeps it: Django's prefixes are taken off, and Argon2 gets one.

    The prefix tells somebody else's Argon2 from ours, which normalizes passwords first. Raises UnknownHash.
    """
    plain = encoded.strip().removeprefix("bcrypt$").removeprefix("argon2$")
    plain = plain if plain.startswith("$") or not plain.startswith("argon2") else f"${plain}"
    stored = f"argon2{plain}" if plain.startswith("$argon2") else plain
    _read(stored)
    return stored


def is_former(encoded: str) -> bool:
    """Whether a stored hash is not one of ours."""
    return not encoded.startswith(OUR_PREFIX)


def verify(encoded: str, password: str) -> bool:
    """Whether `password` made `encoded`, as it was typed or with its characters in their normal form."""
    try:
        check = _read(encoded)
    except UnknownHash:
        return False
    forms = dict.fromkeys((password, unicodedata.normalize("NFC", password), unicodedata.normalize("NFKC", password)))
    return any(check(form.encode()) for form in forms)


def specimen(encoded: str) -> str:
    """A hash of nobody that takes as long to check as `encoded`: without its salt and digest.

    Hashes of one format with the same settings have the same specimen. Raises UnknownHash.
    """
    for pattern, _ in _FORMATS:
        found = re.fullmatch(pattern, encoded, re.ASCII)
        if found:
            salt, hashed = found.span("salt"), found.span("hashed")
            parts = encoded[: salt[0]], _blank(found["salt"], encoded), encoded[salt[1] : hashed[0]]
            return "".join(parts) + _blank(found["hashed"], encoded)
    raise UnknownHash(_UNKNOWN)


def _blank(digits: str, encoded: str) -> str:
    """As many digits that are all zero, in the alphabet of that hash."""
    zero = "." if encoded.startswith("$2") else "0" if re.fullmatch(r"[0-9a-f]+", digits) else "A"
    return re.sub(r"[^=]", zero, digits)


def _read(encoded: str) -> _Check:
    if len(encoded) > LONGEST:
        raise UnknownHash("the password hash is too long")
    for pattern, reader in _FORMATS:
        found = re.fullmatch(pattern, encoded, re.ASCII)
        if found:
            try:
                return reader(encoded, **found.groupdict())
            except (binascii.Error, ValueError) as error:
                raise error if isinstance(error, UnknownHash) else UnknownHash(_UNKNOWN) from None
    raise UnknownHash(_UNKNOWN)


_UNKNOWN = "the password hash has no format that the portal knows"


def _at_most(wanted: int, most: int) -> None:
    if wanted > most:
        raise UnknownHash("the password hash wants more work than a sign-in may cost")


def _bcrypt(encoded: str, cost: str, **_: str) -> _Check:
    if int(cost) < 4:
        raise UnknownHash(_UNKNOWN)
    _at_most(int(cost), _BCRYPT_COST)
    # bcrypt never looked at more than 72 bytes; today's package refuses longer passwords instead.
    return lambda password: bcrypt.checkpw(password[:72], encoded.encode())


def _pbkdf2(encoded: str, rounds: str, salt: bytes, expected: bytes, digest: str) -> _Check:
    if int(rounds) < 1 or len(expected) != hashlib.new(digest).digest_size:
        raise UnknownHash(_UNKNOWN)
    _at_most(int(rounds), _PBKDF2_ROUNDS)
    return lambda password: hmac.compare_digest(hashlib.pbkdf2_hmac(digest, password, salt, int(rounds)), expected)


def _django_pbkdf2(encoded: str, digest: str, rounds: str, salt: str, hashed: str) -> _Check:
    return _pbkdf2(encoded, rounds, salt.encode(), _base64(hashed), digest)


def _passlib_pbkdf2(encoded: str, digest: str | None, rounds: str, salt: str, hashed: str) -> _Check:
    return _pbkdf2(encoded, rounds, _base64(salt), _base64(hashed), digest or "sha1")


def _werkzeug_pbkdf2(encoded: str, digest: str, rounds: str, salt: str, hashed: str) -> _Check:
    return _pbkdf2(encoded, rounds, salt.encode(), bytes.fromhex(hashed), digest)


def _scrypt(n: int, r: int, p: int, salt: bytes, expected: bytes) -> _Check:
    if n < 2 or n & (n - 1) or r < 1 or p < 1 or len(expected) not in (32, 64):
        raise UnknownHash(_UNKNOWN)
    _at_most(128 * n * r, _MEMORY)
    _at_most(n * r * p, _SCRYPT_STEPS)
    memory = 128 * r * (n + p + 2) + (1 << 16)

    def check(password: bytes) -> bool:
        made = hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=len(expected))
        return hmac.compare_digest(made, expected)

    return check


def _werkzeug_scrypt(encoded: str, n: str, r: str, p: str, salt: str, hashed: str) -> _Check:
    return _scrypt(int(n), int(r), int(p), salt.encode(), bytes.fromhex(hashed))


def _django_scrypt(encoded: str, n: str, r: str, p: str, salt: str, hashed: str) -> _Check:
    return _scrypt(int(n), int(r), int(p), salt.encode(), _base64(hashed))


def _phc_scrypt(encoded: str, ln: str, r: str, p: str, salt: str, hashed: str) -> _Check:
    _at_most(int(ln), _SCRYPT_STEPS.bit_length())
    return _scrypt(1 << int(ln), int(r), int(p), _base64(salt), _base64(hashed))


def _argon2(encoded: str, memory: str, passes: str, lanes: str, **_: str) -> _Check:
    _at_most(int(memory) << 10, _MEMORY)
    _at_most(int(memory) * int(passes), _ARGON2_KIB)
    _at_most(int(lanes), 16)
    plain = encoded.removeprefix("argon2")

    def check(password: bytes) -> bool:
        try:
            return PasswordHasher().verify(plain, password)
        except (Argon2Error, InvalidHashError):
            return False

    return check


def _base64(text: str) -> bytes:
    """The bytes behind base64 with or without its padding; passlib writes "." for "+"."""
    text = text.rstrip("=").replace(".", "+")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


_NUMBER = r"[1-9]\d{0,8}"
_SALT = r"[^$:]{1,128}"

#: Each format as a pattern of the whole hash, and what reads it.
_FORMATS: tuple[tuple[str, Callable[..., _Check]], ...] = (
    # The last signs of salt and hash have bits to spare, which are zero in everything that bcrypt makes.
    (r"\$2[aby]\$(?P<cost>\d\d)\$(?P<salt>[./A-Za-z0-9]{21}[.Oeu])(?P<hashed>[./A-Za-z0-9]{31})", _bcrypt),
    (
        rf"pbkdf2_(?P<digest>sha1|sha256|sha512)\$(?P<rounds>{_NUMBER})\$(?P<salt>{_SALT})\$(?P<hashed>[\w+/]+=*)",
        _django_pbkdf2,
    ),
    (
        rf"\$pbkdf2(?:-(?P<digest>sha256|sha512))?\$(?P<rounds>{_NUMBER})\$(?P<salt>[\w./]*)\$(?P<hashed>[\w./]+)",
        _passlib_pbkdf2,
    ),
    (
        rf"pbkdf2:(?P<digest>sha1|sha256|sha512):(?P<rounds>{_NUMBER})\$(?P<salt>{_SALT})\$(?P<hashed>[0-9a-f]+)",
        _werkzeug_pbkdf2,
    ),
    (
        rf"scrypt:(?P<n>{_NUMBER}):(?P<r>{_NUMBER}):(?P<p>{_NUMBER})\$(?P<salt>{_SALT})\$(?P<hashed>[0-9a-f]+)",
        _werkzeug_scrypt,
    ),
    (
        rf"scrypt\$(?P<n>{_NUMBER})\$(?P<salt>{_SALT})\$(?P<r>{_NUMBER})\$(?P<p>{_NUMBER})\$(?P<hashed>[\w+/]+=*)",
        _django_scrypt,
    ),
    (
        rf"\$scrypt\$ln=(?P<ln>{_NUMBER}),r=(?P<r>{_NUMBER}),p=(?P<p>{_NUMBER})"
        r"\$(?P<salt>[\w+/.]+)\$(?P<hashed>[\w+/.]+)",
        _phc_scrypt,
    ),
    (
        rf"argon2\$argon2(?:id|i|d)\$v=(?:16|19)\$m=(?P<memory>{_NUMBER}),t=(?P<passes>{_NUMBER}),p=(?P<lanes>{_NUMBER})"
        r"\$(?P<salt>[\w+/]{11,64})\$(?P<hashed>[\w+/]{22,90})",
        _argon2,
    ),
)
