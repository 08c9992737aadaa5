"""Dates, times and numbers in each language: what a family compares with the school's English papers reads alike."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from services import formats

#: With a US variant in CLDR, with English signs of numbers, with others, and one whose months CLDR does not name.
LANGUAGES = ("en", "es", "vi", "ar", "so", "fr", "ht", "ru", "zh_Hans", "ko", "fa")
NOVEMBER_3 = dt.date(2026, 11, 3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_reads_as_in_english(language: str) -> None:
    for shown, english in (
        (formats.number(1234.5, language), "1,234.5"),
        (formats.percent(0.885, language), "88.5%"),
        (formats.exact(3.5, language, 2), "3.50"),
        (formats.mark("B+", 88.5, language), "B+ (88.5)"),
    ):
        assert re.sub("[\u200e\u200f\u061c\xa0]", "", shown) == english
    assert "1,234.50" in formats.money(1234.5, "USD", language) and "$" in formats.money(1234.5, "USD", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clock_has_twelve_hours_with_a_word_for_the_afternoon(language: str) -> None:
    afternoon, morning = (formats.time_of_day(dt.time(hour, 30), language) for hour in (14, 2))
    assert "2:30" in afternoon and "14" not in afternoon
    assert afternoon != morning
    assert formats.moment(dt.datetime(2026, 11, 3, 19, 30), "America/New_York", language).count("2:30") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", ["medium", "long", "full"])
def test_no_date_could_be_taken_for_another_one(language: str, style: str) -> None:
    shown = formats.day(NOVEMBER_3, language, style)
    assert "M11" not in shown
    assert not re.fullmatch(r"\W*0?3\W+11\W+2026\W*", shown)


def test_spanish_is_written_as_in_the_usa() -> None:
    assert formats.money(1234.5, "USD", "es") == "$1,234.50"
    assert formats.day(NOVEMBER_3, "es") == "3 nov 2026"
    assert re.sub(r"\s", " ", formats.time_of_day(dt.time(14, 30), "es")) == "2:30 p.m."


def test_arabic_keeps_its_money_and_names_the_month() -> None:
    assert formats.day(NOVEMBER_3, "ar") == "3 نوفمبر 2026"
    assert formats.money(1234.5, "USD", "ar") == "\u200f1,234.50\xa0US$"


def test_what_is_missing_is_empty() -> None:
    for shown in (
        formats.day(None, "es"), formats.moment(None, "America/New_York", "es"), formats.number(None, "es"),
        formats.percent(None, "es"), formats.money(None, "USD", "es"), formats.time_of_day(None, "es"),
        formats.exact(None, "es"), formats.mark(None, None, "es"), formats.moment_time(None, "America/New_York", "es"),
    ):  # fmt: skip
        assert shown == ""


def test_a_language_without_names_of_months_takes_those_that_its_readers_know_from_school() -> None:
    assert formats.day(dt.date(2026, 4, 30), "ht", "long") == "30 avril 2026"
    assert formats.number(88.5, "ht") == "88.5"
