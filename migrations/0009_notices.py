"""Whom a notice is for, who has read it, and which stand on every page."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Notice(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "notice"

    class Section(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "section"

    class NoticeRead(Model):
        account = ForeignKeyField(Account, index=False, on_delete="CASCADE")
        notice = ForeignKeyField(Notice, on_delete="CASCADE")
        at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "notice_read"
            indexes = ((("account", "notice"), True),)

    db.create_tables([NoticeRead])

    migrator.migrate(
        migrator.add_column(
            "notice", "section_id", ForeignKeyField(Section, field=Section.id, null=True, on_delete="CASCADE")
        )
    )
    migrator.migrate(migrator.add_column("notice", "grade_levels", CharField(null=True)))
    migrator.migrate(migrator.add_column("notice", "is_important", BooleanField(default=False)))
    migrator.migrate(migrator.add_column("notice", "is_public", BooleanField(default=False)))
    migrator.migrate(
        migrator.add_column(
            "notice", "created_by_id", ForeignKeyField(Account, field=Account.id, null=True, on_delete="SET NULL")
        )
    )


def down(migrator, db):
    migrator.migrate(migrator.drop_index("notice", "notice_section_id"))
    migrator.migrate(migrator.drop_index("notice", "notice_created_by_id"))
    migrator.migrate(migrator.drop_column("notice", "created_by_id"))
    migrator.migrate(migrator.drop_column("notice", "is_public"))
    migrator.migrate(migrator.drop_column("notice", "is_important"))
    migrator.migrate(migrator.drop_column("notice", "grade_levels"))
    migrator.migrate(migrator.drop_column("notice", "section_id"))
    migrator.migrate(migrator.drop_table("notice_read"))
