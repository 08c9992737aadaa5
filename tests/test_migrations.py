"""The tables that migrations make are the tables that the models describe."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import factories
from peewee import Database, PostgresqlDatabase

import models
from services import database


def test_migrations_make_the_tables_that_the_models_describe(db: Database, tmp_path: Path) -> None:
    migrated = _tables(db)
    if isinstance(db, PostgresqlDatabase):
        with db.atomic() as transaction:
            db.drop_tables(models.ALL_TABLES, cascade=True)
            db.create_tables(models.ALL_TABLES)
            described = _tables(db)
            transaction.rollback()
    else:
        fresh = database.connect(f"sqlite:///{tmp_path}/described.db")
        fresh.create_tables(models.ALL_TABLES)
        described = _tables(fresh)
        fresh.close()
    assert migrated == described


def test_every_table_is_named_once() -> None:
    assert len(set(models.ALL_TABLES)) == len(models.ALL_TABLES)


def test_nothing_is_pending_after_an_upgrade_and_a_second_one_does_nothing(db: Database) -> None:
    assert database.pending(db) == []
    assert database.upgrade(db) == []


def test_0021_takes_students_from_orgs_that_merely_were_named_beside_a_school(db: Database) -> None:
    middle, child = factories.school(), factories.student()
    district = models.School.create(sourced_id="d1", name="Maple Valley", kind="district")
    for sourced_id, school in (("user:s1:o1", middle), ("user:s1:d1", district), ("class:s1:d1", district),
                               ("own-id", district)):  # fmt: skip
        models.SchoolEnrollment.create(sourced_id=sourced_id, student=child, school=school)
    spec = spec_from_file_location("migration", database.MIGRATIONS / "0021_enrollments_at_schools_alone.py")
    assert spec is not None and spec.loader is not None
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)
    migration.up(None, db)
    assert {one.sourced_id for one in models.SchoolEnrollment.select()} == {"user:s1:o1", "own-id"}
    models.School.update(kind="department").where(models.School.id == middle.id).execute()
    migration.up(None, db)
    assert models.SchoolEnrollment.select().count() == 2, "where no org is a school, all are"


def _tables(db: Database) -> dict[str, list[str]]:
    """Columns, constraints and indexes by table, in an order that does not depend on how they were made."""
    if isinstance(db, PostgresqlDatabase):
        rows = db.execute_sql(
            "SELECT c.table_name, concat_ws(' ', c.column_name, c.data_type, c.character_maximum_length, c.is_nullable)"
            " FROM information_schema.columns c WHERE table_schema = 'public'"
            " UNION ALL SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype <> 'n'"
            " UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        ).fetchall()
        found = [(table, definition) for table, definition in rows]
    else:
        rows = db.execute_sql("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        found = [(table, part.strip()) for table, sql in rows for part in _parts(sql)]
    tables: dict[str, list[str]] = {}
    for table, definition in sorted(found):
        if table not in ("schema_migration", "sqlite_sequence"):
            tables.setdefault(table, []).append(definition)
    return tables


def _parts(sql: str) -> list[str]:
    """The column and constraint definitions of one CREATE statement."""
    body = re.sub(r"\s+", " ", sql).replace("IF NOT EXISTS ", "")
    if body.startswith("CREATE TABLE"):
        body = body[body.index("(") + 1 : -1]
        # A column that a later migration added has its reference beside it; the others have theirs at the end.
        beside = re.compile(r'("\w+")( INTEGER)( REFERENCES "\w+" \("id"\) ON DELETE [A-Z ]+?)(?=,|$)')
        body = beside.sub(r"\1\2, FOREIGN KEY (\1)\3", body)
        return re.split(r", (?=\"|FOREIGN|CHECK|UNIQUE)", body)
    return [body]
