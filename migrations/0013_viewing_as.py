"""That a member of staff views the portal as a guardian."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class LoginSession(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "login_session"

    class ViewingAs(Model):
        session = ForeignKeyField(LoginSession, unique=True, on_delete="CASCADE")
        account = ForeignKeyField(Account, on_delete="CASCADE")
        since = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "viewing_as"

    db.create_tables([ViewingAs])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("viewing_as"))
