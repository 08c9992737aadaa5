"""What the office tells families: contacts, training, places, and links of the help page."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class School(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "school"

    class HelpLink(Model):
        kind = CharField()
        position = IntegerField(default=0)
        titles = JSONField(default=dict)
        texts = JSONField(default=dict)
        urls = JSONField(default=dict)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "help_link"

    db.create_tables([HelpLink])

    class Place(Model):
        name = CharField()
        address = CharField(null=True)
        phone = CharField(null=True)
        hours = CharField(null=True)
        web_site = CharField(null=True)
        position = IntegerField(default=0)
        texts = JSONField(default=dict)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "place"

    db.create_tables([Place])

    class SchoolContact(Model):
        school = ForeignKeyField(School, null=True, on_delete="CASCADE")
        name = CharField()
        role = CharField()
        phone = CharField(null=True)
        email = CharField(null=True)
        position = IntegerField(default=0)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "school_contact"

    db.create_tables([SchoolContact])

    class TrainingDate(Model):
        school = ForeignKeyField(School, null=True, on_delete="CASCADE")
        starts_at = DateTimeField(index=True)
        ends_at = DateTimeField(null=True)
        place = CharField()
        texts = JSONField(default=dict)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "training_date"

    db.create_tables([TrainingDate])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("training_date"))
    migrator.migrate(migrator.drop_table("school_contact"))
    migrator.migrate(migrator.drop_table("place"))
    migrator.migrate(migrator.drop_table("help_link"))
