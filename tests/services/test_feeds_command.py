"""`flask feed import`, `status`, `problems`: what an operator reads, and how scripts learn that it failed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import Result
from feeding import BASE, District
from flask import Flask

import models as m


@pytest.fixture
def district(tmp_path: Path) -> District:
    return District(tmp_path / "feed")


def feed(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["feed", *map(str, arguments)])


def test_an_import_says_what_it_read_and_changed_and_ends_with_one_line(app: Flask, district: District) -> None:
    done = feed(app, "import", district.folder)
    assert done.exit_code == 0, done.output
    lines = done.output.strip().split("\n")
    assert "results.csv                          bulk   1 rows, 1 taken" in lines
    assert "student                              2 added, 0 changed, 0 removed, 0 unchanged" in lines
    assert lines[-1] == "applied: 26 added, 0 changed, 0 removed; 0 problems, 0 warnings"
    assert feed(app, "import", "--quiet", district.folder).output == (
        "unchanged: 0 added, 0 changed, 0 removed; 0 problems, 0 warnings\n"
    )


def test_a_dry_run_changes_nothing(app: Flask, district: District) -> None:
    done = feed(app, "import", "--dry-run", district.folder)
    assert (done.exit_code, m.Student.select().count()) == (0, 0)
    assert "dry-run: 26 added" in done.output


def test_a_feed_that_cannot_be_read_ends_with_one_line_and_1(app: Flask, tmp_path: Path) -> None:
    done = feed(app, "import", tmp_path / "nowhere")
    assert (done.exit_code, done.output) == (1, f"Error: {tmp_path / 'nowhere'} does not exist\n")


def test_a_feed_that_lost_people_ends_with_1_until_it_is_allowed(app: Flask, district: District) -> None:
    rows = (f"x{n},,,true,o1,student,u,,S,T,,,," for n in range(20))
    district.append("users", *rows)
    feed(app, "import", district.folder)
    district.write("users", BASE["users"])
    done = feed(app, "import", "--quiet", district.folder)
    assert done.exit_code == 1
    assert done.output.splitlines()[-1].startswith("Error: this feed would make 20 of 22 active students inactive")
    assert feed(app, "import", "--allow-shrink", district.folder).exit_code == 0


def test_problems_are_listed_after_the_import_and_later(app: Flask, district: District) -> None:
    district.append("results", *(f"x{n},i9,s1,,," for n in range(30)), "\"=cmd|' /C calc'!A0\",i9,s1,,,")
    done = feed(app, "import", district.folder)
    assert done.output.count("\nerror: ") + done.output.count("\nwarning: ") == 20
    assert "… the rest: flask feed problems" in done.output
    assert feed(app, "import", district.folder).exit_code == 0
    listed = feed(app, "problems").output
    assert "error: results.csv, line 3, lineItemSourcedId: 'i9' names no line item of this feed" in listed
    assert listed.strip().endswith("32 problems in run 1.")
    assert feed(app, "problems", "--run", "2").output == "0 problems in run 2.\n"
    table = list(csv.reader(io.StringIO(feed(app, "problems", "--csv").output)))
    assert table[0] == ["file", "line", "column", "severity", "reason"]
    assert len(table) == 33
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)


def test_the_status_names_every_file_and_the_last_run(app: Flask, district: District) -> None:
    assert feed(app, "status").output == "Nothing has been imported yet.\n"
    assert feed(app, "problems").output == "No import has found a problem.\n"
    feed(app, "import", district.folder)
    district.write("orgs", "")
    feed(app, "import", district.folder)
    lines = feed(app, "status").output.strip().split("\n")
    assert [line.split()[0] for line in lines[:-1]] == sorted(f"{name}.csv" for name in BASE)
    assert lines[-1].startswith("Run 2 of ") and "failed: feed/orgs.csv is empty" in lines[-1]
