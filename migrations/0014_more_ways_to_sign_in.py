"""Passkeys, and accounts at an OpenID provider."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Passkey(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        credential_id = CharField(max_length=1400, unique=True)
        public_key = TextField()
        sign_count = BigIntegerField(default=0)
        name = CharField()
        created_at = DateTimeField()
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "passkey"

    db.create_tables([Passkey])

    class ProviderIdentity(Model):
        issuer = CharField()
        subject = CharField()
        account = ForeignKeyField(Account, on_delete="CASCADE")
        linked_at = DateTimeField()
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "provider_identity"
            indexes = ((("issuer", "subject"), True), (("account", "issuer"), True))

    db.create_tables([ProviderIdentity])

    class ProviderSignIn(Model):
        state_hash = CharField(unique=True)
        purpose = CharField()
        account = ForeignKeyField(Account, null=True, on_delete="CASCADE")
        nonce = CharField()
        verifier = CharField()
        back = TextField(default="")
        created_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "provider_sign_in"

    db.create_tables([ProviderSignIn])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("provider_sign_in"))
    migrator.migrate(migrator.drop_table("provider_identity"))
    migrator.migrate(migrator.drop_table("passkey"))
