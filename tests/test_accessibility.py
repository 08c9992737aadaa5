"""docs/accessibility.md speaks of every criterion of WCAG 2.2 A and AA, and names tests that there are."""

from __future__ import annotations

import re

from config import ROOT

PAGE = (ROOT / "docs" / "accessibility.md").read_text(encoding="utf-8")
#: https://www.w3.org/TR/WCAG22/, levels A and AA: the last number of each criterion, by guideline.
CRITERIA = {
    "1.1": (1,), "1.2": (1, 2, 3, 4, 5), "1.3": (1, 2, 3, 4, 5), "1.4": (1, 2, 3, 4, 5, 10, 11, 12, 13),
    "2.1": (1, 2, 4), "2.2": (1, 2), "2.3": (1,), "2.4": (1, 2, 3, 4, 5, 6, 7, 11), "2.5": (1, 2, 3, 4, 7, 8),
    "3.1": (1, 2), "3.2": (1, 2, 3, 4, 6), "3.3": (1, 2, 3, 4, 7, 8), "4.1": (2, 3),
}  # fmt: skip


def test_every_criterion_is_spoken_of_and_has_a_test_or_a_reason() -> None:
    rows = re.findall(r"^\| (\d\.\d\.\d+) [^|]+\| A{1,2} \| ([^|]+) \| ([^|]*) ?\|$", PAGE, re.MULTILINE)
    wanted = [f"{guideline}.{number}" for guideline, numbers in CRITERIA.items() for number in numbers]
    assert [number for number, _, _ in rows] == wanted
    for number, how, test in rows:
        assert test.strip() or how.startswith("Not applicable: "), number


def test_every_test_it_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > len(CRITERIA)
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"
