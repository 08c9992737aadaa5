"""The office: roles of staff, identity checks, reset requests, work orders, names and phones as they are searched."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    class Guardian(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "guardian"

    class School(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "school"

    class Student(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "student"

    class IdentityCheck(Model):
        at = DateTimeField()
        checked_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")
        guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
        student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
        document = CharField(null=True)
        asked = JSONField(default=list)
        matched = JSONField(default=list)
        passed = BooleanField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "identity_check"

    db.create_tables([IdentityCheck])

    class OfficeRole(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        role = CharField()
        school = ForeignKeyField(School, null=True, on_delete="CASCADE")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "office_role"
            indexes = ((("account", "role", "school"), True),)

    db.create_tables([OfficeRole])

    class ResetRequest(Model):
        student = ForeignKeyField(Student, on_delete="CASCADE")
        asked_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")
        state = CharField(index=True, default="open")
        created_at = DateTimeField()
        closed_at = DateTimeField(null=True)
        closed_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "reset_request"

    db.create_tables([ResetRequest])

    class WorkOrder(Model):
        guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
        student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
        problem = TextField()
        checks = JSONField(default=list)
        state = CharField(index=True, default="open")
        answer = TextField(null=True)
        created_at = DateTimeField()
        created_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")
        closed_at = DateTimeField(null=True)
        closed_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "work_order"

    db.create_tables([WorkOrder])

    migrator.migrate(migrator.add_column("student", "given_key", CharField(index=True, default="")))
    migrator.migrate(migrator.add_column("student", "family_key", CharField(index=True, default="")))
    migrator.migrate(migrator.add_column("guardian", "given_key", CharField(index=True, default="")))
    migrator.migrate(migrator.add_column("guardian", "family_key", CharField(index=True, default="")))
    migrator.migrate(migrator.add_column("staff", "given_key", CharField(index=True, default="")))
    migrator.migrate(migrator.add_column("staff", "family_key", CharField(index=True, default="")))
    migrator.migrate(migrator.add_column("guardianship", "office_from", DateField(null=True)))
    migrator.migrate(migrator.add_column("guardianship", "office_until", DateField(null=True)))
    migrator.migrate(migrator.add_column("guardianship", "office_reason", TextField(null=True)))
    migrator.migrate(migrator.add_column("telephone", "digits", CharField(index=True, default="")))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("telephone", "telephone_digits"))
    migrator.migrate(migrator.drop_index("staff", "staff_given_key"))
    migrator.migrate(migrator.drop_index("staff", "staff_family_key"))
    migrator.migrate(migrator.drop_index("guardian", "guardian_given_key"))
    migrator.migrate(migrator.drop_index("guardian", "guardian_family_key"))
    migrator.migrate(migrator.drop_index("student", "student_given_key"))
    migrator.migrate(migrator.drop_index("student", "student_family_key"))
    migrator.migrate(migrator.drop_column("telephone", "digits"))
    migrator.migrate(migrator.drop_column("guardianship", "office_reason"))
    migrator.migrate(migrator.drop_column("guardianship", "office_until"))
    migrator.migrate(migrator.drop_column("guardianship", "office_from"))
    migrator.migrate(migrator.drop_column("staff", "family_key"))
    migrator.migrate(migrator.drop_column("staff", "given_key"))
    migrator.migrate(migrator.drop_column("guardian", "family_key"))
    migrator.migrate(migrator.drop_column("guardian", "given_key"))
    migrator.migrate(migrator.drop_column("student", "family_key"))
    migrator.migrate(migrator.drop_column("student", "given_key"))
    migrator.migrate(migrator.drop_table("work_order"))
    migrator.migrate(migrator.drop_table("reset_request"))
    migrator.migrate(migrator.drop_table("office_role"))
    migrator.migrate(migrator.drop_table("identity_check"))
