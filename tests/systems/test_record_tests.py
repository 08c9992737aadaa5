"""Standardized tests: results of every kind that the feed brings, each with more about its test (G04, D14)."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from itertools import count

import factories
import pytest
from browsing import Browser
from factories import REAL_FEEDS, Cast, delivered
from flask import Flask

import models as m
from services.feeds import importer

MakeApp = Callable[..., Flask]
NAMESPACE = "uri://maplevalley.example/Assessment"
_ids = count(1)


def described(identifier: str, title: str | None, **values: object) -> m.Assessment:
    values = {"namespace": NAMESPACE, **values}
    return m.Assessment.create(sourced_id=f"test-{next(_ids)}", identifier=identifier, title=title, **values)


def scale(identifier: str, method: str, low: str, high: str, objective: str | None = None) -> m.AssessmentScale:
    return m.AssessmentScale.create(
        sourced_id=f"scale-{next(_ids)}", identifier=identifier, namespace=NAMESPACE, method=method, minimum=low,
        maximum=high, objective=objective,
    )  # fmt: skip


def sitting(of: m.Student, identifier: str, day: dt.date | None, *scores: dict[str, object], **values: object) -> int:
    """A test as `of` took it, with its scores; its id."""
    taken = m.StudentAssessment.create(
        **{
            "sourced_id": f"sitting-{next(_ids)}", "student": of, "identifier": identifier, "namespace": NAMESPACE,
            "date": day, "grade_level": "Seventh grade", **values,
        }
    )  # fmt: skip
    for score in scores:
        m.ScoreResult.create(sourced_id=f"score-{next(_ids)}", student_assessment=taken, **score)
    return taken.id


def scaled(result: str | None, level: str | None = None, **values: object) -> dict[str, object]:
    return {"method": "Scale score", "result": result, "performance_level": level, **values}


def state_test(cast: Cast) -> int:
    """Ana has taken the state's test twice, Zoe once; the id of Ana's first row, which stands for the test."""
    described(
        "OSM", "State Mathematics Test", family="State tests", category="State summative assessment",
        subjects="Mathematics, Science", parent_text="Given every spring.\nIt does not count.", max_raw_score=60,
        web_site="https://maplevalley.example/state-tests",
    )  # fmt: skip
    scale("OSM", "Scale score", "2189", "2862")
    scale("OSM", "Raw score", "0", "12", "Fractions")
    first = sitting(cast.ana, "OSM", dt.date(2025, 4, 23), scaled("2421", "Basic"), grade_level="05")
    part = {"objective": "Fractions", "method": "Raw score", "result": "7.50", "performance_level": "Below Basic"}
    sitting(cast.ana, "OSM", dt.date(2026, 4, 23), scaled("2540", "Proficient"), part, grade_level="06")
    sitting(cast.zoe, "OSM", dt.date(2026, 4, 24), scaled("2222", "Zoe's level"))
    delivered("studentAssessments")
    return first


def test_G04_test_results_show_newest_first_with_scale_level_and_parts(browser: Browser, cast: Cast) -> None:
    state_test(cast)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}").follow("Tests")
    assert "State Mathematics Test" in browser.text
    newer = (
        "Apr 23, 2026 Grade 6 2540 Scale score (2189–2862) Parts of the test "
        "Fractions : 7.5 Below Basic Raw score (0–12) Proficient"
    )
    assert f"Date Score Level {newer} Apr 23, 2025 Grade 5 2421 Scale score (2189–2862) Basic" in browser.text
    assert "Scale score : from 2421 on Apr 23, 2025 to 2540 on Apr 23, 2026" in browser.text
    assert "Zoe" not in browser.text and "2222" not in browser.text
    assert "Updated" in browser.text


def test_G04_each_test_links_to_more_about_that_test(browser: Browser, cast: Cast) -> None:
    first = state_test(cast)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/tests").follow("State Mathematics Test")
    assert browser.path == f"/students/{cast.ana.id}/tests/{first}"
    assert "Given every spring. It does not count." in browser.text
    assert "Kind of test: State summative assessment Subjects: Mathematics, Science" in browser.text
    assert "Scale score : from 2189 to 2862 Fractions , Raw score : from 0 to 12 Highest raw score: 60" in browser.text
    assert '<a href="https://maplevalley.example/state-tests" rel="noopener noreferrer">' in browser.page
    assert 'aria-label="Scale score: Apr 23, 2025: 2421; Apr 23, 2026: 2540"' in browser.page
    assert "Apr 23, 2026 Grade 6 2540" in browser.text
    assert browser.follow("All tests").path == f"/students/{cast.ana.id}/tests"


def test_G04_another_childs_test_is_404(browser: Browser, cast: Cast) -> None:
    state_test(cast)
    zoes = m.StudentAssessment.get(m.StudentAssessment.student == cast.zoe).id
    later = m.StudentAssessment.select().where(m.StudentAssessment.student == cast.ana).order_by(m.StudentAssessment.id)
    browser.sign_in(cast.rosa)
    for key in (zoes, later[1].id, 999_999, 10**30):
        assert browser.open(f"/students/{cast.ana.id}/tests/{key}").status == 404
    assert browser.open(f"/students/{cast.ben.id}/tests/{later[0].id}").status == 404


def test_D14_as_many_kinds_as_the_feed_brings(browser: Browser, cast: Cast) -> None:
    for number in range(40):
        described(f"T{number}", f"Test number {number}", family="ACT" if number < 3 else None)
        sitting(cast.ana, f"T{number}", dt.date(2026, 1, 1) + dt.timedelta(days=number), scaled(str(number)))
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/tests")
    assert all(f"Test number {number}" in browser.text for number in range(40))
    together = "ACT Test Date Score Test number 2 Jan 3, 2026 Grade 7 2 Scale score Test number 1 Jan 2, 2026"
    assert together in browser.text
    assert browser.text.index("Test number 39") < browser.text.index("Test number 3 "), "the newest first"
    assert browser.follow("Test number 1").status == 200


def test_D14_reasons_retests_and_results_that_are_still_to_come(browser: Browser, cast: Cast) -> None:
    sitting(cast.ana, "A", dt.date(2026, 3, 2), not_tested="Absent")
    sitting(cast.ana, "B", dt.date(2026, 3, 1), retest="1st Retest")
    sitting(cast.ana, "C", dt.date(2026, 2, 1), scaled(None, "Met Standard"), retest="Primary Administration")
    sitting(cast.ana, "D", None, scaled("1180L", method="Lexile Measure"))
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/tests")
    assert "A Date Score Mar 2, 2026 Grade 7 Not taken Absent" in browser.text
    assert "Mar 1, 2026 Grade 7 Taken again No result yet" in browser.text
    assert "C Date Score Level Feb 1, 2026 Grade 7 Met Standard" in browser.text
    assert "Day not known Grade 7 1180L Lexile reading measure" in browser.text


def test_D14_only_numbers_of_one_kind_and_several_days_make_a_line(browser: Browser, cast: Cast) -> None:
    for number, result in enumerate(("B", "12", None, "nan", "1e3")):
        sitting(cast.ana, "A", dt.date(2026, 1, 1 + number), scaled(result, "Basic"))
    sitting(cast.ana, "B", dt.date(2026, 1, 1), scaled("1"))
    sitting(cast.ana, "B", dt.date(2026, 1, 2), scaled("1", method="Percentile"))
    sitting(cast.ana, "C", dt.date(2026, 1, 1), scaled("5"))
    sitting(cast.ana, "C", dt.date(2026, 1, 1), scaled("6"))
    sitting(cast.ana, "D", None, scaled("5"))
    sitting(cast.ana, "D", dt.date(2026, 1, 1), scaled("6"))
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/tests")
    assert "<polyline" not in browser.page
    sitting(cast.ana, "B", dt.date(2026, 2, 1), scaled("1"))
    browser.open(f"/students/{cast.ana.id}/tests")
    assert browser.page.count("<polyline") == 1 and 'points="6,28 234,28"' in browser.page, "equal scores lie level"


def test_G04_the_districts_codes_give_the_words_and_hidden_ones_stay_hidden(browser: Browser, cast: Cast) -> None:
    for code_set, local, says, visible in (
        ("PerformanceLevelDescriptor", "L2", "On the way", None),
        ("AssessmentReportingMethodDescriptor", "SS", "Points", None),
        ("AssessmentReportingMethodDescriptor", "SEM", "Error of measurement", False),
    ):
        m.Code.create(
            sourced_id=f"code-{local}", code_set=code_set, local_code=local, short_description=says,
            parent_visible=visible,
        )  # fmt: skip
    sitting(cast.ana, "A", dt.date(2026, 3, 2), scaled("10", "L2", method="SS"), scaled("777", method="SEM"))
    scale("A", "SEM", "1", "999")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/tests")
    assert "10 Points On the way" in browser.text and "777" not in browser.text
    browser.follow("A")
    assert "777" not in browser.text and "999" not in browser.text


def test_G04_a_test_of_the_same_name_from_elsewhere_is_another_test(browser: Browser, cast: Cast) -> None:
    described("MATH", "State test")
    described("MATH", "District test", namespace="uri://other")
    sitting(cast.ana, "MATH", dt.date(2026, 3, 2), scaled("1"), namespace="uri://other")
    sitting(cast.ana, "MATH", dt.date(2026, 3, 1), scaled("2"))
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/tests")
    assert "District test Date Score Mar 2, 2026" in browser.text and "State test Date Score Mar 1" in browser.text


def test_G04_odd_rows_do_no_harm(browser: Browser, cast: Cast) -> None:
    described("<b>x", "<script>alert(1)</script>" + "x" * 220, parent_text="\u202ebold </p><h1>no", family=None)
    sitting(cast.ana, "<b>x", None, {"objective": "<i>part", "result": None}, {"result": "\u202e12"}, grade_level=None)
    m.StudentAssessment.create(sourced_id="bare", student=cast.ana, identifier="bare")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/tests")
    assert "<script>alert(1)</script>x" in browser.text and "bare" in browser.text
    assert browser.follow("bare").status == 200
    assert "The school has not sent a description of this test." in browser.text


def test_G04_dates_and_words_follow_the_language(app: Flask, browser: Browser, cast: Cast) -> None:
    state_test(cast)
    browser.sign_in(cast.rosa)
    for language, day in (("es", "23 abr 2026"), ("vi", "23 thg 4, 2026"), ("ar", "23")):
        m.Account.update(language=language).where(m.Account.id == cast.rosa.id).execute()
        browser.send("/language", button=("language", language)).open(f"/students/{cast.ana.id}/tests")
        assert browser.status == 200 and day in browser.text and "2540" in browser.text


def test_G11_tests_are_closed_to_others_and_withheld_ones_have_no_tab(app: Flask, cast: Cast) -> None:
    first = state_test(cast)
    addresses = (f"/students/{cast.ana.id}/tests", f"/students/{cast.ana.id}/tests/{first}")
    for address in addresses:
        for other in (cast.stranger, cast.revoked):
            assert Browser(app).sign_in(other).open(address).status == 404
        assert Browser(app).sign_in(cast.pupil).open(address).status == 200
    m.Guardianship.update(withheld=["tests"]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    rosa = Browser(app).sign_in(cast.rosa)
    assert [rosa.open(address).status for address in addresses] == [404, 404]
    assert f'href="{addresses[0]}"' not in rosa.open(f"/students/{cast.ana.id}").page


def test_without_tests_the_page_is_a_sentence_and_without_the_file_there_is_no_tab(
    browser: Browser, cast: Cast
) -> None:
    browser.sign_in(cast.rosa).open(f"/students/{cast.ben.id}")
    assert f'href="/students/{cast.ben.id}/tests"' not in browser.page
    browser.open(f"/students/{cast.ben.id}/tests")
    assert "The school has not sent any test results." in browser.text and "<table" not in browser.page


@pytest.mark.parametrize("page", ["", "/{key}"])
def test_tests_cost_the_same_queries_for_many(app: Flask, cast: Cast, page: str) -> None:
    address = f"/students/{cast.ana.id}/tests" + page.format(key=state_test(cast))
    rosa = Browser(app).sign_in(cast.rosa)
    few = rosa.queries(address)
    for number in range(30):
        described(f"T{number}", f"Test {number}")
        scale(f"T{number}", "Scale score", "1", "9")
        for day in range(3):
            sitting(cast.ana, f"T{number}", dt.date(2026, 1, 1 + day), scaled("3"), scaled("4", objective="a"))
    assert rosa.queries(address) == few


def test_X08_grand_bends_test_results_are_those_of_its_files(make_app: MakeApp) -> None:
    app = make_app(today=dt.date(2022, 3, 15))
    more = REAL_FEEDS / "grandbend/supplement"
    importer.run([REAL_FEEDS / "grandbend/oneroster-1.1", more], shrink_percent=10)
    taken, results = defaultdict(list), defaultdict(list)
    with (more / "studentAssessments.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            taken[row["studentSourcedId"]].append(row)
    with (more / "studentAssessmentScoreResults.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            results[row["studentAssessmentSourcedId"]].append(row)
    most = max(taken, key=lambda one: sum(len(results[row["sourcedId"]]) for row in taken[one]))
    twelfth = next(one for one in taken if taken[one][0]["whenAssessedGradeLevelDescriptor"] == "Twelfth grade")
    for sourced_id in (most, max(taken, key=lambda one: len(taken[one])), twelfth):
        child = m.Student.get(m.Student.sourced_id == sourced_id)
        parent = m.Guardianship.get(m.Guardianship.student == child, m.Guardianship.default_access).guardian
        account = m.Account.get_or_none(m.Account.guardian == parent)
        account = account or factories.account(parent, f"parent{child.id}", app.extensions["homeroom"])
        page = Browser(app).sign_in(account).open(f"/students/{child.id}").follow("Tests")
        assert page.page.partition("</nav>")[2].partition("<h1")[2].count("<summary>") == sum(
            any(row["objectiveAssessmentIdentificationCode"] for row in results[one["sourcedId"]])
            for one in taken[sourced_id]
        )
        shown = [row for one in taken[sourced_id] for row in results[one["sourcedId"]]]
        assert page.page.count('class="mark"') == sum(bool(row["result"]) for row in shown)
        for one in taken[sourced_id]:
            day = dt.date.fromisoformat(one["administrationDate"])
            assert one["assessmentIdentifier"] in page.text and f"{day:%b} {day.day}, {day.year}" in page.text
            assert page.open(f"/students/{child.id}/tests").follow(one["assessmentIdentifier"]).status == 200
            for row in results[one["sourcedId"]]:
                number = row["result"] and f"{float(row['result']):,.2f}".rstrip("0").rstrip(".").replace(",", "")
                assert number in page.text and row["performanceLevelDescriptor"] in page.text
            page.open(f"/students/{child.id}/tests")
