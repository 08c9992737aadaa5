"""Copies of a student's whole record that accounts have asked for."""

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

    class DataExport(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        student = ForeignKeyField(Student, on_delete="CASCADE")
        language = CharField()
        state = CharField(index=True, default="queued")
        withheld = JSONField(default=list)
        requested_at = DateTimeField()
        ready_at = DateTimeField(null=True)
        leased_until = DateTimeField(null=True)
        attempts = IntegerField(default=0)
        content = BlobField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "data_export"

    db.create_tables([DataExport])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("data_export"))
