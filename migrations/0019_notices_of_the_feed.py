"""Notices that the SIS sends: for several schools, some roles, with translations, and to be confirmed."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Notice(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "notice"

    class School(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "school"

    class NoticeSchool(Model):
        notice = ForeignKeyField(Notice, on_delete="CASCADE")
        school = ForeignKeyField(School, on_delete="CASCADE")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "notice_school"
            indexes = ((("notice", "school"), True),)

    db.create_tables([NoticeSchool])

    migrator.migrate(migrator.add_column("notice", "sourced_id", CharField(null=True, unique=True)))
    migrator.migrate(migrator.add_column("notice", "audience", CharField(null=True)))
    migrator.migrate(migrator.add_column("notice", "must_confirm", BooleanField(default=False)))
    migrator.migrate(migrator.add_column("notice_translation", "sourced_id", CharField(null=True, unique=True)))
    migrator.migrate(migrator.drop_index("notice_translation", "notice_translation_notice_id_language"))
    migrator.migrate(migrator.add_index("notice_translation", ("notice_id", "language"), False))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("notice_translation", "notice_translation_notice_id_language"))
    migrator.migrate(migrator.add_index("notice_translation", ("notice_id", "language"), True))
    migrator.migrate(migrator.drop_index("notice_translation", "notice_translation_sourced_id"))
    migrator.migrate(migrator.drop_column("notice_translation", "sourced_id"))
    migrator.migrate(migrator.drop_column("notice", "must_confirm"))
    migrator.migrate(migrator.drop_column("notice", "audience"))
    migrator.migrate(migrator.drop_index("notice", "notice_sourced_id"))
    migrator.migrate(migrator.drop_column("notice", "sourced_id"))
    migrator.migrate(migrator.drop_table("notice_school"))
