"""What guardians ask the office to change."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class ContactRequest(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        body = TextField()
        state = CharField(index=True, default="open")
        answer = TextField(null=True)
        created_at = DateTimeField()
        closed_at = DateTimeField(null=True)
        closed_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "contact_request"

    db.create_tables([ContactRequest])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("contact_request"))
