"""Answers of students who come of age; guardians of the office's own who were joined with the SIS's."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Guardian(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "guardian"

    class Student(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "student"

    class AgeAnswer(Model):
        student = ForeignKeyField(Student, unique=True, on_delete="CASCADE")
        consents = BooleanField()
        document = TextField()
        recorded_at = DateTimeField()
        recorded_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "age_answer"

    class JoinedGuardian(Model):
        guardian = ForeignKeyField(Guardian, unique=True, on_delete="CASCADE")
        into = ForeignKeyField(Guardian, on_delete="CASCADE", backref="+")
        at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "joined_guardian"

    db.create_tables([AgeAnswer, JoinedGuardian])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("joined_guardian"))
    migrator.migrate(migrator.drop_table("age_answer"))
