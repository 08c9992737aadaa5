"""Absences that guardians report to the school."""

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

    class AbsenceReport(Model):
        account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
        student = ForeignKeyField(Student, on_delete="CASCADE")
        first_day = DateField()
        last_day = DateField(index=True)
        from_time = TimeField(null=True)
        until_time = TimeField(null=True)
        reason = CharField()
        note = TextField(null=True)
        state = CharField(index=True, default="new")
        answer = TextField(null=True)
        created_at = DateTimeField()
        closed_at = DateTimeField(null=True)
        closed_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "absence_report"

    db.create_tables([AbsenceReport])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("absence_report"))
