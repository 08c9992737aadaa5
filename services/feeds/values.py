"""How one cell becomes a value: small converters that say what is wrong in words a school office understands.

A converter takes the cell's text and returns the value to store, or raises one of the three remarks. They run once for
each cell of a feed, so the ordinary case comes first and costs little.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from services.feeds.errors import shown
from services.hashing import keyed_hash
from services.names import folded

#: The width of peewee's CharField. Longer text would fail on PostgreSQL and be unreadable on a page.
SHORT = 255

#: OneRoster's GUID (feed-oneroster.md, lexical rules). Real exports break it, so it is a warning only.
_FORBIDDEN = re.compile(r"[^0-9A-Za-z./@_-]").search
_LOCAL_ID = re.compile(r"\{\s*local\s*:\s*([^}]+)\}", re.IGNORECASE).search
_DESCRIPTOR = re.compile(r"uri://[^#]+#", re.IGNORECASE).match
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+").fullmatch
_WEB_SITE = re.compile(r"(https?://)?[\w-]+(\.[\w-]+)+([:/?#]\S*)?", re.IGNORECASE).fullmatch

#: The largest number that an INTEGER column holds.
_LARGEST = 2**31 - 1


class Remark(ValueError):
    """Something to report about a cell."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadRow(Remark):
    """The whole row is left out."""


class BadValue(Remark):
    """The value is left blank; where it is required, the row is left out."""


class OddValue(Remark):
    """`value` is taken all the same, with a warning."""

    def __init__(self, reason: str, value: object) -> None:
        super().__init__(reason)
        self.value = value


@dataclass(frozen=True)
class Kind:
    """A kind of cell: its converter, and the type of its column in the temporary tables.

    `expected` kinds are those that OneRoster requires: a file without such a column is not the file it says it is.
    `is_list` kinds yield several values a cell, which are staged in a table of their own. Kinds `kept_as` something are
    secrets: only their hash is staged, keyed with the portal's secret for that purpose (`services.hashing.keyed_hash`).
    """

    convert: Callable[[str], object]
    sql: str = "TEXT"
    expected: bool = False
    is_list: bool = False
    kept_as: str = ""


def text(cell: str) -> str | None:
    """The cell without surrounding spaces; None when nothing is left."""
    if not cell:
        return None
    if len(cell) > SHORT:
        raise BadRow(f"is longer than {SHORT} characters")
    return cell.strip() or None


def long_text(cell: str) -> str | None:
    """Like `text`, as long as it likes."""
    return cell.strip() or None


def name(cell: str) -> str:
    """A part of a person's name, which may be blank."""
    return text(cell) or ""


def title(cell: str) -> str:
    """What something is called; blank is worth a warning, and no reason to lose what hangs on it."""
    found = text(cell)
    if found is None:
        raise OddValue("is blank", "")
    return found


def identifier(cell: str) -> str | None:
    """A row's own id."""
    found = text(cell)
    if found is not None and _FORBIDDEN(found):
        raise OddValue(f"{shown(found)} has characters that OneRoster does not allow in an id", found)
    return found


@lru_cache(maxsize=4096)
def date(cell: str) -> str | None:
    """A calendar day as ISO text; the time of a date-time is dropped."""
    found = cell.strip()
    if not found:
        return None
    try:
        return dt.date.fromisoformat(found[:10]).isoformat()
    except ValueError:
        raise BadValue(f"{shown(found)} is not a date like 2026-09-01") from None


def number(cell: str) -> float | None:
    """A finite number with a decimal point."""
    if not cell or cell.isspace():
        return None
    try:
        found = float(cell)
    except ValueError:
        found = math.nan
    if not math.isfinite(found) or "_" in cell:
        raise BadValue(f"{shown(cell)} is not a number like 17.5")
    return found


def integer(cell: str) -> int | None:
    """A whole number."""
    found = number(cell)
    if found is None:
        return None
    if not found.is_integer() or abs(found) > _LARGEST:
        raise BadValue(f"{shown(cell)} is not a whole number like 2")
    return int(found)


_FLAGS = {
    "": None, "true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "y": True, "n": False,
}  # fmt: skip


def flag(cell: str) -> bool | None:
    """true or false, as several systems write it."""
    try:
        return _FLAGS[cell]
    except KeyError:
        pass
    try:
        return _FLAGS[cell.strip().lower()]
    except KeyError:
        raise BadValue(f"{shown(cell)} is neither true nor false") from None


def assumed(default: bool) -> Callable[[str], bool]:
    """A flag that means `default` where it is blank."""

    def convert(cell: str) -> bool:
        found = flag(cell)
        return default if found is None else found

    return convert


def enumeration(*codes: str, extensible: bool = False) -> Callable[[str], str | None]:
    """One of OneRoster's codes in OneRoster's own spelling, whatever the feed's capitals.

    Extensible ones may also be `ext:…`. Anything else is taken as it stands, with a warning.
    """
    known = {code.lower(): code for code in codes} | {code: code for code in codes}

    def convert(cell: str) -> str | None:
        if cell in known:
            return known[cell]
        found = text(cell)
        if found is None:
            return None
        if found.lower() in known:
            return known[found.lower()]
        if extensible and found.lower().startswith("ext:"):
            return found
        raise OddValue(f"{shown(found)} is none of {', '.join(codes)}", found)

    return convert


def descriptor(cell: str) -> str | None:
    """An Ed-Fi descriptor: the bare code, or `uri://ed-fi.org/XDescriptor#Code` without its namespace."""
    prefix = _DESCRIPTOR(cell.lstrip())
    return text(cell.lstrip()[prefix.end() :] if prefix else cell)


def descriptors(cell: str) -> str | None:
    """A comma-separated list of descriptors, each as `descriptor` has it, separated by a comma and a space."""
    return text(", ".join(filter(None, map(descriptor, items(cell)))))


@lru_cache(maxsize=4096)
def time(cell: str) -> str | None:
    """A time of day as ISO text."""
    found = cell.strip()
    if not found:
        return None
    try:
        return dt.time.fromisoformat(found).replace(tzinfo=None).isoformat("seconds")
    except ValueError:
        raise BadValue(f"{shown(found)} is not a time like 13:05:00") from None


def items(cell: str) -> tuple[str, ...]:
    """The ids in a comma-separated list, each once, in their order."""
    return tuple(dict.fromkeys(part for part in map(str.strip, cell.split(",")) if part)) if cell else ()


def first_item(cell: str) -> str | None:
    """The first of a comma-separated list."""
    return text(cell.partition(",")[0])


def local_id(cell: str) -> str | None:
    """The id of type Local in OneRoster's `{Type:Id},{Type:Id}` (DECISIONS 7)."""
    found = _LOCAL_ID(cell)
    return text(found[1]) if found else None


def language(cell: str) -> str | None:
    """The primary BCP 47 tag of a language that is given as a tag, an ISO 639-2 code or an English name."""
    found = descriptor(cell)
    if found is None:
        return None
    key = found.lower().replace("_", "-")
    tag = _language_tags().get(key) or _language_tags().get(key.split(";")[0].strip())
    primary = key.split("-")[0]
    if tag is None and "-" in key and primary in _language_tags():
        tag = _language_tags()[primary]
    if tag is None:
        raise BadValue(f"{shown(found)} is not a language that we know by code or English name")
    return tag


@cache
def _language_tags() -> dict[str, str]:
    """Every way to write a language, in small letters, with its primary tag (CLDR's names and aliases)."""
    names = {code: name for code, name in Locale("en").languages.items() if "_" not in code}
    tags = {name.lower(): code for code, name in names.items()} | {code: code for code in names}
    # CLDR's aliases hold the three-letter codes of ISO 639-2, both the terminological and the bibliographic ones.
    return tags | {old: new for old, new in get_global("language_aliases").items() if "_" not in new}


def address(cell: str) -> str | None:
    """An e-mail address, unless it obviously is none."""
    found = text(cell)
    if found is not None and not _ADDRESS(found):
        raise BadValue(f"{shown(found)} is no e-mail address")
    return found


def web_site(cell: str) -> str | None:
    """The link to a web site: http and https alone, because it becomes a link on a page."""
    found = text(cell)
    if found is None:
        return None
    match = _WEB_SITE(found)
    if match is None:
        raise BadValue(f"{shown(found)} is no address of a web site")
    return found if match[1] else text(f"https://{found}")


def ranked(*codes: str) -> Callable[[str], int]:
    """A descriptor's place among these codes in small letters, the best of which comes first; others come last."""

    def convert(cell: str) -> int:
        code = (descriptor(cell) or "").lower()
        return codes.index(code) if code in codes else len(codes)

    return convert


def hashed(convert: Callable[[str], object], purpose: str, secret: str) -> Callable[[str], object]:
    """The same converter for a secret, of which nothing but the keyed hash is ever to be seen."""

    def convert_and_hash(cell: str) -> object:
        value = convert(cell)
        return None if value is None else keyed_hash(secret, purpose, str(value))

    return convert_and_hash


def firm(convert: Callable[[str], object]) -> Callable[[str], object]:
    """The same converter for a cell that can shut somebody out: unreadable leaves the row out, it is not blank."""

    def convert_or_leave_out(cell: str) -> object:
        try:
            return convert(cell)
        except BadValue as remark:
            raise BadRow(remark.reason) from None

    return convert_or_leave_out


def needed(convert: Callable[[str], object]) -> Callable[[str], object]:
    """The same converter for a column without whose value the row means nothing."""

    convert = firm(convert)

    def convert_or_leave_out(cell: str) -> object:
        value = convert(cell)
        if value is None:
            raise BadRow("is blank")
        return value

    return convert_or_leave_out


def folded_name(cell: str) -> str:
    """A part of a name as it is searched: without case and accents."""
    return folded(name(cell))


def digits(cell: str) -> str:
    """The digits of a telephone number alone."""
    return "".join(char for char in cell if char.isascii() and char.isdigit())[:SHORT]


TEXT = Kind(text)
LONG_TEXT = Kind(long_text)
NAME = Kind(name, expected=True)
FOLDED_NAME = Kind(folded_name)
DIGITS = Kind(digits)
TITLE = Kind(title, expected=True)
IDENTIFIER = Kind(identifier, expected=True)
DATE = Kind(date, "DATE")
NUMBER = Kind(number, "DOUBLE PRECISION")
INTEGER = Kind(integer, "INTEGER")
FIRM_DATE = Kind(firm(date), "DATE")
FLAG = Kind(flag, "BOOLEAN")
FIRM_FLAG = Kind(firm(flag), "BOOLEAN")
NO_UNLESS_SAID = Kind(assumed(False), "BOOLEAN")
YES_UNLESS_SAID = Kind(assumed(True), "BOOLEAN")
DESCRIPTOR = Kind(descriptor)
DESCRIPTORS = Kind(descriptors)
TIME = Kind(time, "TIME")
ITEMS = Kind(items, is_list=True)
FIRST_ITEM = Kind(first_item)
LOCAL_ID = Kind(local_id)
LANGUAGE = Kind(language)
#: The better a use says "write to this person in it", the smaller its place (Ed-Fi LanguageUseDescriptor).
LANGUAGE_USE = Kind(
    ranked("written correspondence", "correspondence language", "spoken correspondence", "home language"), "INTEGER"
)
ADDRESS = Kind(address)
WEB_SITE = Kind(web_site)
IDENTIFICATION_CODE = Kind(text, kept_as="identification code")
