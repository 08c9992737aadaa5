"""Dates, times and numbers as a reader of one language expects them, remembered because pages repeat them.

What a family compares with the school's English papers has to read alike: 88.5 is never 88,5, 2:30 p.m. never 14:30.
So a language is written as the district's country writes it where CLDR knows how (`es_US`). Any other keeps its own
words, but takes the decimal point and the twelve hours of English; and no date is all digits with the day first:
November 3 must not look like March 11.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError, get_global
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format, get_timezone_name
from babel.languages import get_official_languages
from babel.numbers import format_currency, format_decimal

#: The country whose schools the portal is made for: the English record is printed in its way.
TERRITORY = "US"


@lru_cache(maxsize=64)
def words_of(language: str) -> Locale:
    """What names months and days: the language, as TERRITORY writes it, or one that its readers know.

    Where CLDR has no names, as for Haitian Creole, that is another official language of the country it is at home in;
    without one it is English.
    """
    own = Locale.parse(language)
    with suppress(UnknownLocaleError):
        own = Locale(own.language, TERRITORY, own.script)
    home = get_global("likely_subtags").get(own.language, "").rpartition("_")[2]
    beside = [Locale.parse(other) for other in get_official_languages(home, de_facto=True)]
    return next((one for one in (own, *beside) if _has_names(one)), Locale("en", TERRITORY))


def _has_names(locale: Locale) -> bool:
    return bool(locale.months["format"]["abbreviated"][11] != "M11")


@lru_cache(maxsize=64)
def numbers_of(language: str) -> Locale:
    """Where the signs of numbers come from: the language if it writes 1,234.5 as English does, else English."""
    own = words_of(language)
    signs = own.number_symbols["latn"]
    return own if (signs["decimal"], signs["group"]) == (".", ",") else Locale("en", TERRITORY)


@lru_cache(maxsize=64)
def _clock(language: str) -> str:
    """The pattern of a time of day, of twelve hours."""
    own = words_of(language)
    usual = str(own.time_formats["short"].pattern)
    return usual if "h" in usual else str(own.datetime_skeletons["hm"].pattern)


@lru_cache(maxsize=64)
def _calendar(language: str, style: str) -> str:
    """The pattern of a date: the language's own, with the month's name where it would be day and month in digits."""
    own = words_of(language)
    usual = str(own.date_formats[style].pattern)
    return usual if "MMM" in usual or usual.startswith("y") else str(own.datetime_skeletons["yMMMd"])


@lru_cache(maxsize=20_000)
def day(value: dt.date | str | None, locale: str, style: str = "medium") -> str:
    """A calendar day, such as "Nov 22, 2026"; empty for None. Text is taken as ISO 8601, as SQLite hands it over."""
    if not value:
        return ""
    date = dt.date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(date, _calendar(locale, style), locale=words_of(locale))


@lru_cache(maxsize=2_000)
def moment(value: dt.datetime | None, time_zone: str, locale: str, style: str = "medium") -> str:
    """A UTC moment on the district's clock, to the minute; empty for None."""
    if value is None:
        return ""
    local = value.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(time_zone))
    pattern = str(get_datetime_format("medium", locale=words_of(locale))).replace("'", "")
    return pattern.replace("{1}", day(local.date(), locale, style)).replace("{0}", time_of_day(local.time(), locale))


@lru_cache(maxsize=2_000)
def moment_time(value: dt.datetime | None, time_zone: str, locale: str) -> str:
    """The time alone of a UTC moment, on the district's clock; empty for None."""
    if value is None:
        return ""
    local = value.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(time_zone))
    return time_of_day(local.time(), locale)


@lru_cache(maxsize=50)
def zone_name(time_zone: str, locale: str) -> str:
    """The name of the district's time zone, short where the language has one: "ET"."""
    return str(get_timezone_name(ZoneInfo(time_zone), width="short", locale=words_of(locale)))


@lru_cache(maxsize=20_000)
def number(value: float | None, locale: str) -> str:
    """A score or a count with at most two decimals; empty for None."""
    return "" if value is None else format_decimal(value, "#,##0.##", locale=numbers_of(locale))


@lru_cache(maxsize=200)
def percent(value: float | None, locale: str) -> str:
    """A share of 1 as a percentage with at most one decimal; empty for None."""
    return "" if value is None else format_decimal(value, "#,##0.#%", locale=numbers_of(locale))


@lru_cache(maxsize=2_000)
def money(value: float | None, currency: str, locale: str) -> str:
    """An amount in the district's currency (ISO 4217); empty for None."""
    return "" if value is None else format_currency(value, currency, locale=numbers_of(locale))


@lru_cache(maxsize=2_000)
def time_of_day(value: dt.time | None, locale: str) -> str:
    """A time on the school's clock, to the minute; empty for None."""
    return "" if value is None else format_time(value, _clock(locale), locale=words_of(locale))


@lru_cache(maxsize=200)
def month(first: dt.date, locale: str) -> str:
    """The month that a day is in, such as "November 2026"."""
    return str(format_skeleton("yMMMM", first, locale=words_of(locale)))


@lru_cache(maxsize=2_000)
def exact(value: float | None, locale: str, least: int = 0) -> str:
    """Credits or an average, with up to four decimals and at least `least` of them; empty for None."""
    pattern = f"#,##0.{'0' * least}{'#' * (4 - least)}"
    return "" if value is None else format_decimal(value, pattern, locale=numbers_of(locale))


def mark(letter: str | None, points: float | None, locale: str) -> str:
    """A grade as its school gave it: letter, number or both, as in "B+ (88)"; empty without either."""
    shown = number(points, locale)
    return f"{letter} ({shown})" if letter and shown else letter or shown
