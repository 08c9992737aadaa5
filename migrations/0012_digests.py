"""Digests and alerts: when and what families are told, jobs of the worker, mails that depend on rights."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Job(Model):
        kind = CharField()
        key = CharField(unique=True)
        due_at = DateTimeField()
        cursor = IntegerField(default=0)
        leased_until = DateTimeField(null=True)
        attempts = IntegerField(default=0)
        done_at = DateTimeField(null=True)
        error = TextField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "job"

    db.create_tables([Job])

    migrator.migrate(
        migrator.add_column(
            "outbound_mail", "account_id", ForeignKeyField(Account, field=Account.id, null=True, on_delete="SET NULL")
        )
    )
    migrator.migrate(migrator.add_column("outbound_mail", "headers", JSONField(null=True)))
    migrator.migrate(migrator.add_column("outbound_mail", "about", JSONField(null=True)))
    migrator.migrate(migrator.add_column("preference", "digest", CharField(default="unset")))
    migrator.migrate(migrator.add_column("preference", "digest_day", IntegerField(default=5)))
    migrator.migrate(migrator.add_column("preference", "digest_hour", IntegerField(default=8)))
    migrator.migrate(migrator.add_column("preference", "quiet_from", IntegerField(null=True)))
    migrator.migrate(migrator.add_column("preference", "quiet_until", IntegerField(null=True)))
    migrator.migrate(migrator.add_column("preference", "quiet_days", JSONField(null=True)))
    migrator.migrate(migrator.add_column("preference", "kinds", JSONField(null=True)))
    migrator.migrate(migrator.add_column("preference", "attendance_alerts", BooleanField(default=False)))
    migrator.migrate(migrator.add_column("preference", "last_digest_at", DateTimeField(null=True)))
    migrator.migrate(migrator.add_column("preference", "told", JSONField(null=True)))
    migrator.migrate(migrator.add_column("preference", "stop_hash", CharField(unique=True, null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("preference", "preference_stop_hash"))
    migrator.migrate(migrator.drop_index("outbound_mail", "outbound_mail_account_id"))
    migrator.migrate(migrator.drop_column("preference", "stop_hash"))
    migrator.migrate(migrator.drop_column("preference", "told"))
    migrator.migrate(migrator.drop_column("preference", "last_digest_at"))
    migrator.migrate(migrator.drop_column("preference", "attendance_alerts"))
    migrator.migrate(migrator.drop_column("preference", "kinds"))
    migrator.migrate(migrator.drop_column("preference", "quiet_days"))
    migrator.migrate(migrator.drop_column("preference", "quiet_until"))
    migrator.migrate(migrator.drop_column("preference", "quiet_from"))
    migrator.migrate(migrator.drop_column("preference", "digest_hour"))
    migrator.migrate(migrator.drop_column("preference", "digest_day"))
    migrator.migrate(migrator.drop_column("preference", "digest"))
    migrator.migrate(migrator.drop_column("outbound_mail", "about"))
    migrator.migrate(migrator.drop_column("outbound_mail", "headers"))
    migrator.migrate(migrator.drop_column("outbound_mail", "account_id"))
    migrator.migrate(migrator.drop_table("job"))
