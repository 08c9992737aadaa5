"""Passkeys."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Passkey(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        credential_id = CharField(max_length=1400, unique=True)
        public_key = TextField()
        sign_count = BigIntegerField(default=0)
        name = CharField()
        created_at = DateTimeField()
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "passkey"

    db.create_tables([Passkey])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("passkey"))
