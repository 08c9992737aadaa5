"""ext.notices.csv: notices with schools and translations, in bulk and deltas, repeated, undone, and in bad shape."""

from __future__ import annotations

from pathlib import Path

import factories
import pytest
from feeding import District, delta
from peewee import Database

import models as m
from services import clock, notices
from services.feeds import undo

HEADER = (
    "sourcedId,status,dateLastModified,ext.translationOf,orgSourcedIds,ext.title,ext.body,ext.language,beginDate,"
    "endDate,ext.audienceRoles,gradeLevelDescriptors,ext.attachmentPaths,ext.requiresAcknowledgement"
)
NOTICES = f"""\
{HEADER}
n1,,,,o1,Picture day,Smile.,en,2026-11-10,2026-11-30,"guardian,student",,,
n1.es,,,n1,,Día de fotos,Sonría.,spa,2026-11-10,,,,,
n2,,,,d1,Bus rules,,,2026-11-12,,guardian,,,true"""


@pytest.fixture
def district(db: Database, tmp_path: Path) -> District:
    found = District(tmp_path / "feed")
    found.write("ext.notices", NOTICES)
    return found


def texts() -> dict[tuple[str, str], str]:
    """The title of each text, by notice and language."""
    rows = m.NoticeTranslation.select(m.NoticeTranslation, m.Notice).join(m.Notice)
    return {(one.notice.sourced_id, one.language): one.title for one in rows}


def places() -> set[tuple[str, str]]:
    return {(one.notice.sourced_id, one.school.sourced_id) for one in m.NoticeSchool}


def test_a_notice_lands_with_its_schools_and_translations(district: District) -> None:
    report = district.load()
    assert (report.state, report.problems) == ("applied", ())
    assert texts() == {("n1", "en"): "Picture day", ("n1", "es"): "Día de fotos", ("n2", ""): "Bus rules"}
    assert places() == {("n1", "o1"), ("n2", "d1")}
    one, two = (m.Notice.get(sourced_id=name) for name in ("n1", "n2"))
    assert (one.audience, one.must_confirm, one.is_important, str(one.ends_on)) == (
        "guardian,student", False, False, "2026-11-30",
    )  # fmt: skip
    assert (two.must_confirm, two.is_important, two.ends_on, str(two.created_at)[:10]) == (
        True, True, None, "2026-11-12",
    )  # fmt: skip


def test_the_same_feed_again_changes_nothing_and_who_has_read_stays_so(district: District) -> None:
    district.load()
    before = {one.sourced_id: one.id for one in m.Notice}
    rosa = factories.account(m.Guardian.get(), "rosa@example.com", factories.settings(""))
    notices.mark_read(rosa, before.values(), clock.now())
    district.replace("ext.notices", "Smile.", "Smile!")
    report = district.load()
    assert report.state == "applied"
    assert {one.sourced_id: one.id for one in m.Notice} == before
    assert m.NoticeTranslation.get(sourced_id="n1").body == "Smile!"
    assert m.NoticeRead.select().count() == 2, "a word put right is no new notice"
    assert district.load().state == "unchanged"


def test_bulk_removes_what_it_does_not_bring_and_never_what_the_office_wrote(district: District) -> None:
    own = notices.publish({"en": ("Ours", "")}, school=None, begins_on=factories.TODAY, ends_on=None, now=clock.now())
    district.load()
    district.remove("ext.notices", "n2")
    district.remove("ext.notices", "n1.es")
    district.replace("ext.notices", "n1,,,,o1", 'n1,,,,"o1,d1"')
    assert district.load().state == "applied"
    assert texts() == {("n1", "en"): "Picture day", (None, "en"): "Ours"}
    assert places() == {("n1", "o1"), ("n1", "d1")}
    assert m.Notice.get_by_id(own.id).sourced_id is None


def test_deltas_change_one_text_and_take_one_away(district: District, tmp_path: Path) -> None:
    district.load()
    delta(tmp_path / "1", **{"ext.notices": f"{HEADER}\nn1.vi,active,,n1,,Chụp ảnh,,vi,2026-11-10,,,,,"}).load()
    assert texts()[("n1", "vi")] == "Chụp ảnh" and texts()[("n1", "es")] == "Día de fotos"
    delta(tmp_path / "2", **{"ext.notices": f"{HEADER}\nn1.es,tobedeleted,,,,,,,,,,,,"}).load()
    assert ("n1", "es") not in texts() and ("n1", "en") in texts()
    delta(tmp_path / "3", **{"ext.notices": f"{HEADER}\nn1,tobedeleted,,,,,,,,,,,,"}).load()
    assert set(texts()) == {("n2", "")}


def test_another_row_with_the_same_language_does_not_stop_the_import(district: District) -> None:
    district.load()
    district.replace("ext.notices", "n1.es,", "n1.spanish,")
    assert district.load().state == "applied"
    assert texts()[("n1", "es")] == "Día de fotos"
    assert m.NoticeTranslation.select().count() == 3


def test_what_cannot_be_shown_to_the_right_people_is_left_out_and_said(district: District) -> None:
    district.append("ext.notices", "n3,,,,o9,Secret,,en,2026-11-10,,,,,")
    district.append("ext.notices", 'n4,,,,"o9,o1",Half,,en,2026-11-10,,,,,')
    district.append("ext.notices", "n5,,,n9,,Huérfano,,es,2026-11-10,,,,,")
    district.append("ext.notices", "n6,,,n1.es,,Second hand,,vi,2026-11-10,,,,,")
    district.append("ext.notices", "n7,,,,o1,Some day,,en,soon,,,,,")
    district.append("ext.notices", "n8,,,,o1,,,en,2026-11-10,,,,,")
    district.append("ext.notices", "n10,,,,o1,Odd language,,Klingonish,2026-11-10,,,,,")
    report = district.load()
    assert report.state == "applied"
    assert {name for name, _ in texts()} == {"n1", "n2", "n4", "n10"}
    assert places() >= {("n4", "o1")}
    said = "\n".join(str(problem) for problem in report.problems)
    for reason in (
        "notice 'n3' names organizations, and none of this feed", "'o9' names no school of this feed",
        "'n9' names no notice of this feed", "'n1.es' names no notice of this feed", "'soon' is not a date",
        "Klingonish",
    ):  # fmt: skip
        assert reason in said, said


def test_undo_brings_notices_back_and_leaves_the_offices_alone(district: District) -> None:
    district.load()
    district.remove("ext.notices", "n1.es")
    district.remove("ext.notices", "n2")
    district.append("ext.notices", "n3,,,,o1,New,,en,2026-11-10,,,,,")
    district.load()
    own = notices.publish(
        {"en": ("Ours", "Text")}, school=None, begins_on=factories.TODAY, ends_on=None, now=clock.now()
    )
    undo.undo()
    kept = texts()
    assert kept.pop((None, "en")) == "Ours"
    assert ("n1", "es") in kept and ("n3", "en") not in kept
    assert m.Notice.get_by_id(own.id).sourced_id is None
