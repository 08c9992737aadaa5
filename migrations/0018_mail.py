"""Whom a mail is to or from, accounts whose mail comes back, and messages to an office instead of a teacher."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Guardian(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "guardian"

    class SchoolContact(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "school_contact"

    migrator.migrate(
        migrator.add_column(
            "outbound_mail",
            "guardian_id",
            ForeignKeyField(Guardian, field=Guardian.id, null=True, on_delete="SET NULL"),
        )
    )
    migrator.migrate(migrator.add_column("account", "mail_returned_at", DateTimeField(null=True)))
    migrator.migrate(migrator.drop_not_null("message", "staff_id"))
    migrator.migrate(
        migrator.add_column(
            "message",
            "contact_id",
            ForeignKeyField(SchoolContact, field=SchoolContact.id, null=True, on_delete="SET NULL"),
        )
    )


def down(migrator, db):
    db.execute_sql("DELETE FROM message WHERE staff_id IS NULL")
    migrator.migrate(migrator.drop_index("message", "message_contact_id"))
    migrator.migrate(migrator.drop_column("message", "contact_id"))
    migrator.migrate(migrator.add_not_null("message", "staff_id"))
    migrator.migrate(migrator.drop_column("account", "mail_returned_at"))
    migrator.migrate(migrator.drop_index("outbound_mail", "outbound_mail_guardian_id"))
    migrator.migrate(migrator.drop_column("outbound_mail", "guardian_id"))
