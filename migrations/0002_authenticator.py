"""Authenticator apps and their backup codes."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Authenticator(Model):
        account = ForeignKeyField(Account, unique=True, on_delete="CASCADE")
        salt = CharField()
        confirmed_at = DateTimeField(null=True)
        last_step = IntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "authenticator"

    db.create_tables([Authenticator])

    class BackupCode(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        code_hash = CharField(unique=True)
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "backup_code"

    db.create_tables([BackupCode])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("backup_code"))
    migrator.migrate(migrator.drop_table("authenticator"))
