"""Taking the last import back: the feed's tables as before, and nothing of the office's or a family's lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import factories
import pytest
from click.testing import Result
from feeding import SECRET, District, snapshot
from flask import Flask
from peewee import Database, PostgresqlDatabase

import models as m
from services import clock
from services.feeds import importer, runs, undo
from services.feeds.errors import FeedError
from services.feeds.landings import LANDINGS
from services.office import pages
from services.office.scope import Office


@pytest.fixture
def district(db: Database, tmp_path: Path) -> District:
    return District(tmp_path / "feed")


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that feeds write, and what of each file was applied."""
    models = {one.model for one in LANDINGS} | {m.FeedFile}
    return {model.__name__: sorted(model.select().tuples(), key=lambda row: row[0]) for model in models}


def wrong_feed(district: District) -> None:
    """A feed in which everything is different: rows that come, change and go."""
    district.remove("users", "s2")
    district.replace("users", "Rosa,Reyes", "Rosalind,Reyes")
    district.append(
        "users",
        "s3,,,true,o1,student,cleo,,Cleo,Novak,7003,,p3,07",
        "p3,,,true,o1,parent,lee,,Lee,Novak,,,s3,",
    )
    district.remove("lineItems", "i1")
    district.remove("results", "r1")
    district.append("lineItems", "i2,Quiz,2026-11-02,2026-11-10,c1,hw,10")
    district.append("results", "r2,i2,s1,fully graded,4,2026-11-11")
    district.replace("classes", "Mathematics 7,M7-1", "Algebra,M7-1")


def test_undo_puts_every_row_back_and_the_same_feed_can_be_applied_again(district: District) -> None:
    district.load()
    before = everything()
    wrong_feed(district)
    assert district.load().state == "applied"
    after = snapshot()
    run = undo.undo()
    assert run.state == "applied" and m.FeedRun.get_by_id(run.id).state == "undone"
    now = everything()
    came = {"Student": "s3", "Guardian": "p3"}
    for name, rows in before.items():
        if name in came:
            new = getattr(m, name).get(getattr(m, name).sourced_id == came[name])
            assert not new.active
            assert [row for row in now[name] if row[0] != new.id] == rows, name
        elif name == "Guardianship":
            known = {row[0] for row in rows}
            assert [row for row in now[name] if row[0] in known] == rows
            for pair in m.Guardianship.select().where(m.Guardianship.id.not_in(known)):
                assert not (pair.from_student_agents or pair.from_guardian_agents or pair.from_associations)
        else:
            assert now[name] == rows, name
    assert undo.possible() is None
    with pytest.raises(undo.NothingToUndo):
        undo.undo()
    assert district.load().state == "applied"
    assert names(snapshot()) == names(after)


def names(rows: dict[str, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """Students and guardians without their ids."""
    return [row[1:] for kind in ("Student", "Guardian") for row in rows[kind]]


def test_undo_keeps_what_the_office_decided_and_every_account(district: District, db: Database) -> None:
    district.load()
    wrong_feed(district)
    district.load()
    portal = factories.settings(str(db.database))
    rosa = m.Guardian.get(m.Guardian.sourced_id == "p1")
    ana = m.Student.get(m.Student.sourced_id == "s1")
    newcomer = m.Guardian.get(m.Guardian.sourced_id == "p3")
    accounts = [
        factories.account(rosa, "rosa@example.com", portal),
        factories.account(newcomer, "lee@example.com", portal),
    ]
    pair = (m.Guardianship.student == ana) & (m.Guardianship.guardian == rosa)
    m.Guardianship.update(office_access=False, office_document="order 1", withheld=["grades"]).where(pair).execute()
    own = m.Guardian.create(given_name="Office", family_name="Made")
    made = m.Guardianship.create(student=ana, guardian=own, relation="Other", from_office=True, office_access=True)
    event = m.Event.create(sourced_id="office:1", title="Fair", begin_date=factories.TODAY)
    clerk = m.Staff.create(sourced_id="office:2", given_name="A", family_name="B", role="clerk")
    m.School.update(switched_on=False).execute()
    undo.undo()
    kept = m.Guardianship.get(pair)
    assert (kept.office_access, kept.office_document, kept.withheld) == (False, "order 1", ["grades"])
    again = m.Guardianship.get_by_id(made.id)
    assert again.from_office and again.relation == "Other" and m.Guardian.get_by_id(own.id).active
    assert m.Event.get_by_id(event.id) and m.Staff.get_by_id(clerk.id).active
    assert not m.School.select().where(m.School.switched_on).exists()
    assert {one.id for one in accounts} == {one.id for one in m.Account.select()}
    assert not list(m.Student.visible_to(accounts[1], factories.TODAY)), "the child of a feed that is taken back"
    assert m.AuditEvent.get(m.AuditEvent.action == "feed undone").details == {"run": 2}


def test_only_the_last_import_can_be_undone_and_one_without_news_changes_nothing_about_that(district: District) -> None:
    with pytest.raises(undo.NothingToUndo):
        undo.undo()
    district.load()
    first = everything()
    district.replace("users", "Ana,Reyes", "Anna,Reyes")
    district.load()
    assert district.load().state == "unchanged"
    district.replace("users", "Anna,Reyes", "Anne,Reyes")
    district.load()
    assert district.load(dry_run=True).state == "dry-run"
    undo.undo()
    assert m.Student.get(m.Student.sourced_id == "s1").given_name == "Anna"
    assert everything() != first


def test_a_refused_feed_leaves_the_snapshot_of_before_alone(district: District) -> None:
    district.load()
    district.replace("users", "Ana,Reyes", "Anna,Reyes")
    district.load()
    for number in range(10, 40):
        district.append("users", f"s{number},,,true,o1,student,u{number},,Kid,{number},,,,07")
    district.load()
    for number in range(10, 40):
        district.remove("users", f"s{number},")
    assert district.load(shrink_percent=1).state == "refused"
    undo.undo()
    assert m.Student.get(m.Student.sourced_id == "s1").given_name == "Anna"
    assert m.Student.select().where(m.Student.active).count() == 2


def test_nobody_else_reads_the_snapshot_and_it_goes_when_it_is_used(district: District, db: Database) -> None:
    if isinstance(db, PostgresqlDatabase):
        return
    district.load()
    path = Path(f"{db.database}-feed-undo")
    assert path.stat().st_mode & 0o777 == 0o600
    assert not Path(f"{path}.new").exists()
    undo.undo()
    assert not path.exists()
    assert m.Student.select().where(m.Student.active).count() == 0


def test_an_import_killed_after_it_was_applied_can_be_undone(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    district.load()
    district.replace("users", "Ana,Reyes", "Anna,Reyes")
    monkeypatch.setattr(undo.Snapshot, "after", lambda self: None)
    district.load()
    undo.undo()
    assert m.Student.get(m.Student.sourced_id == "s1").given_name == "Ana"


def test_without_room_for_a_snapshot_the_import_is_applied_all_the_same(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    district.load()
    district.replace("users", "Ana,Reyes", "Anna,Reyes")

    def full(self: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(undo.Snapshot, "_copy", full)
    if isinstance(m.database.obj, PostgresqlDatabase):
        return
    assert district.load().state == "applied"
    assert m.Student.get(m.Student.sourced_id == "s1").given_name == "Anna"
    assert undo.possible() is None, "a snapshot of another import is none of this one"


def test_undo_waits_for_no_import_that_is_running(district: District, tmp_path: Path) -> None:
    district.load()
    if isinstance(m.database.obj, PostgresqlDatabase):
        return
    with runs.alone(m.database.obj), pytest.raises(FeedError, match="another import is running"):
        undo.undo()


def test_the_command_asks_and_says_what_it_did(app: Flask, tmp_path: Path) -> None:
    district = District(tmp_path / "feed")
    runner = app.test_cli_runner()

    def run(*arguments: str, **options: str) -> Result:
        return runner.invoke(args=["feed", "undo", *arguments], **options)

    assert "there is no import that could be undone" in run().output
    importer.run([district.folder], shrink_percent=100, secret=SECRET)
    assert run(input="n\n").exit_code == 1 and m.Student.select().where(m.Student.active).exists()
    done = run("--yes")
    assert done.exit_code == 0 and done.output.startswith("undone: run 1 of ")
    assert not m.Student.select().where(m.Student.active).exists()
    assert clock.now() >= m.AuditEvent.get().at


def test_undo_takes_no_id_from_what_the_office_has_entered_since(district: District, db: Database) -> None:
    """SQLite gives the id of a deleted last row to the next one: the office's event must not become the feed's."""
    head, keep, fair = "sourcedId,orgSourcedIds,ext.title,beginDate", "ev0,o1,Keep,2026-11-01", "ev1,o1,Fair,2026-11-20"
    district.write("ext.schoolEvents", "\n".join([head, keep, fair]))
    district.load()
    other = m.School.create(sourced_id="manual", name="Other school", kind="school")
    district.write("ext.schoolEvents", "\n".join([head, keep]))
    assert district.load().state == "applied" and m.Event.select().count() == 1
    portal = factories.settings(str(db.database))
    office = Office(factories.officer("admin", portal), factories.TODAY)
    typed = {"school": str(other.id), "title": "Office gala", "begin_date": "2026-12-01"}
    values, _ = pages.read(office, pages.KINDS["events"], typed, {})
    pages.save(office, pages.KINDS["events"], values, {}, row=None, time_zone="UTC", now=clock.now())
    undo.undo()
    places = {event.title: [link.school.name for link in event.eventschool_set] for event in m.Event.select()}
    assert places == {"Keep": ["Cedar Middle"], "Fair": ["Cedar Middle"], "Office gala": ["Other school"]}
    # The feed goes on with its own rows alone.
    district.write("ext.schoolEvents", "\n".join([head, fair.replace("Fair", "Book fair")]))
    district.load()
    assert {event.title for event in m.Event.select()} == {"Book fair", "Office gala"}
