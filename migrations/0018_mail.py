"""Whom a mail is to or from, and accounts whose mail comes back."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Guardian(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "guardian"

    migrator.migrate(
        migrator.add_column(
            "outbound_mail",
            "guardian_id",
            ForeignKeyField(Guardian, field=Guardian.id, null=True, on_delete="SET NULL"),
        )
    )
    migrator.migrate(migrator.add_column("account", "mail_returned_at", DateTimeField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("account", "mail_returned_at"))
    migrator.migrate(migrator.drop_index("outbound_mail", "outbound_mail_guardian_id"))
    migrator.migrate(migrator.drop_column("outbound_mail", "guardian_id"))
