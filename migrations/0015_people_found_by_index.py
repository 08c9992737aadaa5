"""Names and e-mail addresses are found by index, on PostgreSQL too, and however many people there are."""

from peewee import *  # noqa: F403

_TABLES = ("student", "guardian", "staff")


def up(migrator, db):
    # PostgreSQL's indexes follow the database's collation unless told otherwise; SQLite's follow the letters' codes.
    order = " varchar_pattern_ops" if isinstance(db, PostgresqlDatabase) else ""
    for table in _TABLES:
        db.execute_sql(f'DROP INDEX "{table}_given_key"')
        db.execute_sql(f'DROP INDEX "{table}_family_key"')
        db.execute_sql(f'CREATE INDEX "{table}_given_key" ON "{table}" ("given_key"{order})')
        db.execute_sql(
            f'CREATE INDEX "{table}_family_key_given_key" ON "{table}" ("family_key"{order}, "given_key"{order})'
        )
    migrator.migrate(migrator.add_index("guardian", ("email",)))
    migrator.migrate(migrator.add_index("guardian", ("other_email",)))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("guardian", "guardian_other_email"))
    migrator.migrate(migrator.drop_index("guardian", "guardian_email"))
    for table in _TABLES:
        db.execute_sql(f'DROP INDEX "{table}_family_key_given_key"')
        db.execute_sql(f'DROP INDEX "{table}_given_key"')
        db.execute_sql(f'CREATE INDEX "{table}_given_key" ON "{table}" ("given_key")')
        db.execute_sql(f'CREATE INDEX "{table}_family_key" ON "{table}" ("family_key")')
