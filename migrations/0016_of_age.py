"""Students who come of age: what they answered when asked whether guardians may go on reading the record."""

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

    db.create_tables([AgeAnswer])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("age_answer"))
