"""Secret addresses of calendars."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Student(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "student"

    class CalendarFeed(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        student = ForeignKeyField(Student, on_delete="CASCADE")
        token_hash = CharField(unique=True)
        created_at = DateTimeField()
        revoked_at = DateTimeField(null=True)
        fetched_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "calendar_feed"

    db.create_tables([CalendarFeed])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("calendar_feed"))
