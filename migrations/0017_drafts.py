"""What was typed into a form whose session had ended."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Draft(Model):
        account = ForeignKeyField(Account, index=False, on_delete="CASCADE")
        page = CharField()
        typed = TextField()
        kept_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "draft"
            indexes = ((("account", "page"), True),)

    db.create_tables([Draft])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("draft"))
