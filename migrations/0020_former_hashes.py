"""Formats of password hashes from older portals, whose work every sign-in does while there are such accounts."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class FormerHash(Model):
        specimen = CharField(unique=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "former_hash"

    db.create_tables([FormerHash])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("former_hash"))
