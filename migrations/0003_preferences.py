"""How people want to be reached, and texts beside mails in the outbox."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Preference(Model):
        account = ForeignKeyField(Account, unique=True, on_delete="CASCADE")
        by_email = BooleanField(default=True)
        by_text = BooleanField(default=False)
        text_number = CharField(null=True)
        text_verified_at = DateTimeField(null=True)
        new_number = CharField(null=True)
        code_hash = CharField(null=True)
        code_until = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "preference"

    db.create_tables([Preference])
    migrator.migrate(migrator.add_column("outbound_mail", "channel", CharField(default="mail")))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("outbound_mail", "channel"))
    migrator.migrate(migrator.drop_table("preference"))
