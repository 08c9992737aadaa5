"""Dates, times and numbers as a reader of one language expects them, remembered because pages repeat them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_datetime_format, get_timezone_name
from babel.numbers import format_currency, format_decimal


@lru_cache(maxsize=20_000)
def day(value: dt.date | str | None, locale: str, style: str = "medium") -> str:
    """A calendar day, such as "Nov 22, 2026"; empty for None. Text is taken as ISO 8601, as SQLite hands it over."""
    if not value:
        return ""
    return format_date(dt.date.fromisoformat(value) if isinstance(value, str) else value, style, locale=locale)


@lru_cache(maxsize=2_000)
def moment(value: dt.datetime | None, time_zone: str, locale: str, style: str = "medium") -> str:
    """A UTC moment on the district's clock, to the minute; empty for None."""
    if value is None:
        return ""
    local = value.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(time_zone))
    pattern = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    clock_time = format_time(local, "short", tzinfo=local.tzinfo, locale=locale)
    return pattern.replace("{1}", format_date(local.date(), style, locale=locale)).replace("{0}", clock_time)


@lru_cache(maxsize=2_000)
def moment_time(value: dt.datetime | None, time_zone: str, locale: str) -> str:
    """The time alone of a UTC moment, on the district's clock; empty for None."""
    if value is None:
        return ""
    local = value.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(time_zone))
    return format_time(local, "short", tzinfo=local.tzinfo, locale=locale)


@lru_cache(maxsize=50)
def zone_name(time_zone: str, locale: str) -> str:
    """The name of the district's time zone, short where the language has one: "ET"."""
    return str(get_timezone_name(ZoneInfo(time_zone), width="short", locale=locale))


@lru_cache(maxsize=20_000)
def number(value: float | None, locale: str) -> str:
    """A score or a count with at most two decimals; empty for None."""
    return "" if value is None else format_decimal(value, "#,##0.##", locale=locale)


@lru_cache(maxsize=200)
def percent(value: float | None, locale: str) -> str:
    """A share of 1 as a percentage with at most one decimal; empty for None."""
    return "" if value is None else format_decimal(value, "#,##0.#%", locale=locale)


@lru_cache(maxsize=2_000)
def money(value: float | None, currency: str, locale: str) -> str:
    """An amount in the district's currency (ISO 4217); empty for None."""
    return "" if value is None else format_currency(value, currency, locale=locale)


@lru_cache(maxsize=2_000)
def time_of_day(value: dt.time | None, locale: str) -> str:
    """A time on the school's clock, to the minute; empty for None."""
    return "" if value is None else format_time(value, "short", locale=locale)


@lru_cache(maxsize=200)
def month(first: dt.date, locale: str) -> str:
    """The month that a day is in, such as "November 2026"."""
    return str(format_skeleton("yMMMM", first, locale=locale))


@lru_cache(maxsize=2_000)
def exact(value: float | None, locale: str, least: int = 0) -> str:
    """Credits or an average, with up to four decimals and at least `least` of them; empty for None."""
    return "" if value is None else format_decimal(value, f"#,##0.{'0' * least}{'#' * (4 - least)}", locale=locale)


def mark(letter: str | None, points: float | None, locale: str) -> str:
    """A grade as its school gave it: letter, number or both, as in "B+ (88)"; empty without either."""
    shown = number(points, locale)
    return f"{letter} ({shown})" if letter and shown else letter or shown
