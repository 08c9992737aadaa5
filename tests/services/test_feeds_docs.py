"""docs/feeds.md against the declarations: every file and column that is read, no other, and examples that work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from feeding import District
from peewee import Database

import models as m
from services.feeds.files import FILES, ONEROSTER, CsvFile
from services.feeds.landings import LANDINGS, MAKERS
from services.feeds.planning import dependencies

DOCS = (Path(__file__).resolve().parents[2] / "docs/feeds.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\.csv\n(.*?)(?=^##|\Z)", DOCS, re.MULTILINE | re.DOTALL))


def test_every_file_that_is_read_has_its_section_in_the_order_of_the_code() -> None:
    assert list(SECTIONS) == list(FILES)
    assert DOCS.index("## Supplementary files") > DOCS.index(f"### {ONEROSTER[-1].name}.csv")


@pytest.mark.parametrize("file", FILES.values(), ids=lambda file: file.name)
def test_every_column_that_is_read_is_documented_and_no_other(file: CsvFile) -> None:
    documented = re.findall(r"^\| ([^ |]+) \|(.*)\|$", SECTIONS[file.name], re.MULTILINE)[1:]
    assert {column for column, _ in documented} == {column.header for column in file.columns}
    musts = {column.header for column in file.columns if file.must_have(column)}
    for column in file.columns:
        meaning = dict(documented)[column.header]
        assert all(other in meaning for other in column.also)
        if column is not file.key:
            assert meaning.strip().startswith("must") is (column.header in musts), column.header


def test_the_examples_make_a_feed_without_any_problem(db: Database, tmp_path: Path) -> None:
    district = District(tmp_path / "feed", {})
    for name, section in SECTIONS.items():
        district.write(name, re.findall(r"```csv\n(.*?)\n```", section, re.DOTALL)[0])
    report = district.load()
    assert (report.state, report.problems) == ("applied", ())
    assert {one.file for one in report.files} == set(FILES)
    assert all(model.select().exists() for model in MAKERS)


def test_every_landing_comes_after_what_it_refers_to() -> None:
    for place, landing in enumerate(LANDINGS):
        for model in landing.references.values():
            assert model is landing.model or LANDINGS.index(MAKERS[model]) < place, landing.name


def test_every_column_of_a_feed_table_is_filled_by_somebody() -> None:
    """A new column of a model that no file fills is either forgotten here or belongs to the portal."""
    own = {
        m.School: {"switched_on"}, m.Student: {"first_delivered_at"},
        m.Guardianship: {
            "from_office", "office_access", "office_from", "office_until", "office_reason", "office_document",
            "withheld", "activated_at",
        },
        m.Notice: {"school", "section", "is_public", "created_at", "created_by"},
        m.SchoolEnrollment: {"entry_date", "exit_date", "grade_level"},
    }  # fmt: skip
    for model in MAKERS:
        filled = {name for landing in LANDINGS if landing.model is model for name in (*landing.columns, landing.flag)}
        missing = set(model._meta.fields) - filled - {"id"} - own.get(model, set())
        assert not missing, (model, missing)


def test_a_result_hangs_on_everything_above_it() -> None:
    assert dependencies("results") >= {
        "lineItems",
        "classes",
        "categories",
        "users",
        "roles",
        "academicSessions",
        "orgs",
    }
    assert dependencies("orgs") == frozenset()
