"""The converters: one cell in, one value or one remark out."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.feeds import values as v
from services.feeds.files import FILES
from services.feeds.values import BadRow, BadValue, OddValue, Remark


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (v.TEXT, "  Ana ", "Ana"), (v.TEXT, "   ", None), (v.NAME, "", ""),
        (v.DATE, "2026-09-01", "2026-09-01"), (v.DATE, "2026-09-01T08:15:00.000Z", "2026-09-01"), (v.DATE, " ", None),
        (v.NUMBER, " 17.5 ", 17.5), (v.NUMBER, "", None), (v.NUMBER, "-3", -3.0),
        (v.FLAG, "TRUE", True), (v.FLAG, " no ", False), (v.FLAG, "", None), (v.FLAG, "0", False),
        (v.NO_UNLESS_SAID, "", False), (v.YES_UNLESS_SAID, "", True),
        (v.DESCRIPTOR, "uri://ed-fi.org/RelationDescriptor#Mother", "Mother"), (v.DESCRIPTOR, "Mother", "Mother"),
        (v.FIRST_ITEM, "09, 10", "09"), (v.LOCAL_ID, "{LDAP:1}, {local: 77 }", "77"), (v.LOCAL_ID, "{LDAP:1}", None),
        (v.LANGUAGE, "spa", "es"), (v.LANGUAGE, "Spanish", "es"), (v.LANGUAGE, "es-MX", "es"),
        (v.LANGUAGE, "ger", "de"),
        (v.LANGUAGE, "uri://ed-fi.org/LanguageDescriptor#Somali", "so"), (v.LANGUAGE, "Spanish; Castilian", "es"),
        (v.LANGUAGE, "vie", "vi"), (v.LANGUAGE, "AR", "ar"), (v.LANGUAGE, "zh_Hant", "zh"),
    ],
)  # fmt: skip
def test_a_cell_becomes_its_value(kind: v.Kind, cell: str, value: object) -> None:
    assert kind.convert(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "remark"),
    [
        (v.TEXT, "x" * 256, BadRow), (v.DATE, "9/1/2026", BadValue), (v.DATE, "2026-02-30", BadValue),
        (v.NUMBER, "17,5", BadValue), (v.NUMBER, "nan", BadValue), (v.NUMBER, "1_000", BadValue),
        (v.FLAG, "maybe", BadValue), (v.FIRM_FLAG, "maybe", BadRow), (v.FIRM_DATE, "soon", BadRow),
        (v.LANGUAGE, "Klingonese", BadValue), (v.TITLE, " ", OddValue), (v.IDENTIFIER, "a b", OddValue),
    ],
)  # fmt: skip
def test_a_cell_that_is_wrong_says_what_becomes_of_it(kind: v.Kind, cell: str, remark: type[Remark]) -> None:
    with pytest.raises(remark):
        kind.convert(cell)


def test_codes_are_spelled_as_oneroster_spells_them_whatever_the_feed_writes() -> None:
    convert = v.enumeration("gradingPeriod", "schoolYear", extensible=True)
    assert [convert(cell) for cell in ("GRADINGPERIOD", " schoolYear ", "ext:camp", "")] == [
        "gradingPeriod", "schoolYear", "ext:camp", None,
    ]  # fmt: skip
    with pytest.raises(OddValue) as caught:
        convert("trimester")
    assert caught.value.value == "trimester"


def test_the_same_list_item_counts_once() -> None:
    assert v.items(" a, b ,,a") == ("a", "b")


def test_no_reason_carries_a_whole_long_value_or_a_line_break() -> None:
    with pytest.raises(BadValue) as caught:
        v.number("line one\nline two" * 50)
    assert "\n" not in caught.value.reason
    assert len(caught.value.reason) < 150


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_a_converter_returns_or_remarks_and_never_breaks(cell: str) -> None:
    for file in FILES.values():
        for column in file.columns:
            try:
                column.kind.convert(cell)
            except Remark as remark:
                assert remark.reason


@given(st.dates())
def test_every_iso_date_is_read_as_itself(day: dt.date) -> None:
    assert v.date(day.isoformat()) == day.isoformat()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_itself(number: float) -> None:
    assert v.number(repr(number)) == number
