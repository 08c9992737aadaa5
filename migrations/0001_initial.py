"""The first tables, frozen as they were: migrations never import the models of today."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class AcademicSession(Model):
        sourced_id = CharField(unique=True)
        title = CharField()
        kind = CharField()
        start_date = DateField()
        end_date = DateField()
        parent = ForeignKeyField("self", null=True, on_delete="SET NULL")
        school_year = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "academic_session"

    db.create_tables([AcademicSession])

    class Guardian(Model):
        given_name = CharField()
        middle_name = CharField(null=True)
        family_name = CharField()
        preferred_given_name = CharField(null=True)
        preferred_family_name = CharField(null=True)
        sourced_id = CharField(unique=True, null=True)
        person_id = CharField(index=True, null=True)
        role = CharField(default="guardian")
        email = CharField(null=True)
        other_email = CharField(null=True)
        phone = CharField(null=True)
        sms = CharField(null=True)
        language = CharField(null=True)
        active = BooleanField(default=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "guardian"

    db.create_tables([Guardian])

    class Student(Model):
        given_name = CharField()
        middle_name = CharField(null=True)
        family_name = CharField()
        preferred_given_name = CharField(null=True)
        preferred_family_name = CharField(null=True)
        sourced_id = CharField(unique=True)
        number = CharField(index=True, null=True)
        email = CharField(null=True)
        birth_date = DateField(null=True)
        grade_level = CharField(null=True)
        enabled = BooleanField(default=True)
        active = BooleanField(default=True)
        first_delivered_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "student"

    db.create_tables([Student])

    class Staff(Model):
        given_name = CharField()
        middle_name = CharField(null=True)
        family_name = CharField()
        preferred_given_name = CharField(null=True)
        preferred_family_name = CharField(null=True)
        sourced_id = CharField(unique=True)
        identifier = CharField(null=True)
        role = CharField()
        email = CharField(null=True)
        active = BooleanField(default=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "staff"

    db.create_tables([Staff])

    class Account(Model):
        guardian = ForeignKeyField(Guardian, unique=True, null=True, on_delete="CASCADE")
        student = ForeignKeyField(Student, unique=True, null=True, on_delete="CASCADE")
        staff = ForeignKeyField(Staff, unique=True, null=True, on_delete="CASCADE")
        user_name = CharField()
        user_name_key = CharField(unique=True)
        email = CharField(index=True, null=True)
        email_verified_at = DateTimeField(null=True)
        password_hash = CharField()
        state = CharField(default="active")
        duties = JSONField(default=list)
        per_child = BooleanField(default=False)
        language = CharField(null=True)
        failures = IntegerField(default=0)
        blocked_until = DateTimeField(null=True)
        created_at = DateTimeField()
        last_sign_in_at = DateTimeField(null=True)
        warned_at = DateTimeField(null=True)
        childless_since = DateTimeField(null=True)
        reactivated_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "account"

    db.create_tables([Account])

    class ActivationKey(Model):
        key_hash = CharField(unique=True)
        guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
        student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
        user_id = CharField(null=True)
        tries = IntegerField(default=0)
        created_at = DateTimeField()
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)
        revoked_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "activation_key"

    db.create_tables([ActivationKey])

    class Address(Model):
        sourced_id = CharField(unique=True)
        guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
        student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
        kind = CharField(null=True)
        street = CharField(null=True)
        apartment = CharField(null=True)
        city = CharField(null=True)
        state = CharField(null=True)
        postal_code = CharField(null=True)
        begin_date = DateField(null=True)
        end_date = DateField(null=True)
        household = CharField(index=True, null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "address"

    db.create_tables([Address])

    class Agreement(Model):
        published_at = DateTimeField()
        texts = JSONField(default=dict)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "agreement"

    db.create_tables([Agreement])

    class AgreementAcceptance(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        agreement = ForeignKeyField(Agreement, on_delete="CASCADE")
        at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "agreement_acceptance"
            indexes = ((("account", "agreement"), True),)

    db.create_tables([AgreementAcceptance])

    class AuditEvent(Model):
        id = BigAutoField()
        at = DateTimeField(index=True)
        account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
        student = ForeignKeyField(Student, null=True, on_delete="SET NULL")
        action = CharField()
        details = JSONField(default=dict)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "audit_event"

    db.create_tables([AuditEvent])

    class Category(Model):
        sourced_id = CharField(unique=True)
        title = CharField()
        weight = DoubleField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "category"

    db.create_tables([Category])

    class School(Model):
        sourced_id = CharField(unique=True)
        name = CharField()
        kind = CharField()
        identifier = CharField(null=True)
        parent = ForeignKeyField("self", null=True, on_delete="SET NULL")
        street = CharField(null=True)
        city = CharField(null=True)
        state = CharField(null=True)
        postal_code = CharField(null=True)
        phone = CharField(null=True)
        web_site = CharField(null=True)
        active = BooleanField(default=True)
        switched_on = BooleanField(default=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "school"

    db.create_tables([School])

    class Course(Model):
        sourced_id = CharField(unique=True)
        title = CharField()
        code = CharField(null=True)
        school = ForeignKeyField(School, null=True, on_delete="SET NULL")
        subjects = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "course"

    db.create_tables([Course])

    class Section(Model):
        sourced_id = CharField(unique=True)
        title = CharField()
        code = CharField(null=True)
        kind = CharField(null=True)
        room = CharField(null=True)
        periods = CharField(null=True)
        subjects = CharField(null=True)
        course = ForeignKeyField(Course, null=True, on_delete="SET NULL")
        school = ForeignKeyField(School, null=True, on_delete="SET NULL")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "section"

    db.create_tables([Section])

    class Enrollment(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        section = ForeignKeyField(Section, on_delete="CASCADE")
        begin_date = DateField(null=True)
        end_date = DateField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "enrollment"

    db.create_tables([Enrollment])

    class FeedFile(Model):
        name = CharField(unique=True)
        sha256 = CharField()
        seen_at = DateTimeField()
        changed_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "feed_file"

    db.create_tables([FeedFile])

    class FeedRun(Model):
        started_at = DateTimeField()
        finished_at = DateTimeField(null=True)
        state = CharField(default="running")
        summary = JSONField(default=dict)
        error = TextField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "feed_run"

    db.create_tables([FeedRun])

    class FeedProblem(Model):
        run = ForeignKeyField(FeedRun, on_delete="CASCADE")
        file = CharField()
        line = IntegerField(null=True)
        column = CharField(null=True)
        severity = CharField()
        reason = TextField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "feed_problem"

    db.create_tables([FeedProblem])

    class Grade(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, index=False, on_delete="CASCADE")
        section = ForeignKeyField(Section, on_delete="CASCADE")
        session = ForeignKeyField(AcademicSession, null=True, on_delete="SET NULL")
        kind = CharField(null=True)
        letter = CharField(null=True)
        number = DoubleField(null=True)
        description = TextField(null=True)
        diagnostic = TextField(null=True)
        is_current = BooleanField(null=True)
        as_of = DateField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "grade"
            indexes = ((("student", "section"), False),)

    db.create_tables([Grade])

    class Guardianship(Model):
        student = ForeignKeyField(Student, on_delete="CASCADE")
        guardian = ForeignKeyField(Guardian, on_delete="CASCADE")
        relation = CharField(null=True)
        legal_guardian = BooleanField(null=True)
        lives_with = BooleanField(null=True)
        portal_access = BooleanField(null=True)
        default_access = BooleanField(default=False)
        contact_restrictions = TextField(null=True)
        restricted_from = DateField(null=True)
        restricted_until = DateField(null=True)
        from_associations = BooleanField(default=False)
        from_student_agents = BooleanField(default=False)
        from_guardian_agents = BooleanField(default=False)
        from_office = BooleanField(default=False)
        office_access = BooleanField(null=True)
        office_document = TextField(null=True)
        withheld = JSONField(default=list)
        activated_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "guardianship"
            indexes = ((("student", "guardian"), True),)

    db.create_tables([Guardianship])

    class IdentificationCode(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        system = CharField(null=True)
        code_hash = CharField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "identification_code"

    db.create_tables([IdentificationCode])

    class LineItem(Model):
        sourced_id = CharField(unique=True)
        title = CharField()
        description = TextField(null=True)
        assign_date = DateField(null=True)
        due_date = DateField(index=True, null=True)
        section = ForeignKeyField(Section, on_delete="CASCADE")
        category = ForeignKeyField(Category, null=True, on_delete="SET NULL")
        session = ForeignKeyField(AcademicSession, null=True, on_delete="SET NULL")
        result_value_min = DoubleField(null=True)
        result_value_max = DoubleField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "line_item"

    db.create_tables([LineItem])

    class LoginSession(Model):
        token_hash = CharField(unique=True)
        account = ForeignKeyField(Account, on_delete="CASCADE")
        created_at = DateTimeField()
        seen_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        ip = CharField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "login_session"

    db.create_tables([LoginSession])

    class Maintenance(Model):
        starts_at = DateTimeField()
        ends_at = DateTimeField()
        texts = JSONField(default=dict)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "maintenance"

    db.create_tables([Maintenance])

    class Message(Model):
        account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
        student = ForeignKeyField(Student, on_delete="CASCADE")
        staff = ForeignKeyField(Staff, on_delete="CASCADE")
        section = ForeignKeyField(Section, null=True, on_delete="SET NULL")
        body = TextField()
        created_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "message"

    db.create_tables([Message])

    class Notice(Model):
        school = ForeignKeyField(School, null=True, on_delete="CASCADE")
        begins_on = DateField()
        ends_on = DateField(null=True)
        created_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "notice"

    db.create_tables([Notice])

    class NoticeTranslation(Model):
        notice = ForeignKeyField(Notice, on_delete="CASCADE")
        language = CharField()
        title = CharField()
        body = TextField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "notice_translation"
            indexes = ((("notice", "language"), True),)

    db.create_tables([NoticeTranslation])

    class OneTimeLink(Model):
        token_hash = CharField(unique=True)
        account = ForeignKeyField(Account, on_delete="CASCADE")
        purpose = CharField()
        email = CharField(null=True)
        created_at = DateTimeField()
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "one_time_link"

    db.create_tables([OneTimeLink])

    class OutboundMail(Model):
        header_id = CharField(unique=True)
        kind = CharField()
        state = CharField(default="queued")
        recipient = CharField()
        reply_to = CharField(null=True)
        subject = TextField()
        text = TextField()
        message = ForeignKeyField(Message, null=True, on_delete="SET NULL")
        created_at = DateTimeField()
        due_at = DateTimeField()
        leased_until = DateTimeField(null=True)
        attempts = IntegerField(default=0)
        sent_at = DateTimeField(null=True)
        last_error = TextField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "outbound_mail"
            indexes = ((("state", "due_at"), False),)

    db.create_tables([OutboundMail])

    class PasswordHistory(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        password_hash = CharField()
        created_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "password_history"

    db.create_tables([PasswordHistory])

    class Registration(Model):
        token_hash = CharField(unique=True)
        way = CharField()
        values = JSONField(default=dict)
        created_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "registration"

    db.create_tables([Registration])

    class Result(Model):
        id = BigAutoField()
        sourced_id = CharField(unique=True)
        line_item = ForeignKeyField(LineItem, on_delete="CASCADE")
        student = ForeignKeyField(Student, index=False, on_delete="CASCADE")
        score_status = CharField(null=True)
        score = DoubleField(null=True)
        text_score = CharField(null=True)
        score_date = DateField(null=True)
        comment = TextField(null=True)
        late = BooleanField(null=True)
        missing = BooleanField(null=True)
        incomplete = BooleanField(null=True)
        in_progress = BooleanField(null=True)
        submission_status = CharField(null=True)
        late_status = CharField(null=True)
        letter_grade = CharField(null=True)
        points_earned = DoubleField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "result"
            indexes = ((("student", "line_item"), False),)

    db.create_tables([Result])

    class SchoolEnrollment(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        school = ForeignKeyField(School, on_delete="CASCADE")
        entry_date = DateField(null=True)
        exit_date = DateField(null=True)
        grade_level = CharField(null=True)
        is_primary = BooleanField(default=False)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "school_enrollment"

    db.create_tables([SchoolEnrollment])

    class SectionStaff(Model):
        sourced_id = CharField(unique=True)
        staff = ForeignKeyField(Staff, on_delete="CASCADE")
        section = ForeignKeyField(Section, on_delete="CASCADE")
        role = CharField()
        is_primary = BooleanField(default=False)
        begin_date = DateField(null=True)
        end_date = DateField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "section_staff"

    db.create_tables([SectionStaff])

    class SectionTerm(Model):
        section = ForeignKeyField(Section, on_delete="CASCADE")
        session = ForeignKeyField(AcademicSession, on_delete="CASCADE")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "section_term"
            indexes = ((("section", "session"), True),)

    db.create_tables([SectionTerm])

    class SecurityAnswer(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        question = CharField()
        answer_hash = CharField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "security_answer"
            indexes = ((("account", "question"), True),)

    db.create_tables([SecurityAnswer])

    class SignInAttempt(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        at = DateTimeField()
        ip = CharField()
        succeeded = BooleanField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "sign_in_attempt"

    db.create_tables([SignInAttempt])

    class Telephone(Model):
        sourced_id = CharField(unique=True)
        guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
        student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
        number = CharField()
        kind = CharField(null=True)
        priority = IntegerField(null=True)
        can_text = BooleanField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "telephone"

    db.create_tables([Telephone])

    class Throttle(Model):
        bucket = CharField(unique=True)
        window_start = DateTimeField(index=True)
        count = IntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "throttle"

    db.create_tables([Throttle])

    class WorkerBeat(Model):
        name = CharField(unique=True)
        at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "worker_beat"

    db.create_tables([WorkerBeat])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("worker_beat"))
    migrator.migrate(migrator.drop_table("throttle"))
    migrator.migrate(migrator.drop_table("telephone"))
    migrator.migrate(migrator.drop_table("sign_in_attempt"))
    migrator.migrate(migrator.drop_table("security_answer"))
    migrator.migrate(migrator.drop_table("section_term"))
    migrator.migrate(migrator.drop_table("section_staff"))
    migrator.migrate(migrator.drop_table("school_enrollment"))
    migrator.migrate(migrator.drop_table("result"))
    migrator.migrate(migrator.drop_table("registration"))
    migrator.migrate(migrator.drop_table("password_history"))
    migrator.migrate(migrator.drop_table("outbound_mail"))
    migrator.migrate(migrator.drop_table("one_time_link"))
    migrator.migrate(migrator.drop_table("notice_translation"))
    migrator.migrate(migrator.drop_table("notice"))
    migrator.migrate(migrator.drop_table("message"))
    migrator.migrate(migrator.drop_table("maintenance"))
    migrator.migrate(migrator.drop_table("login_session"))
    migrator.migrate(migrator.drop_table("line_item"))
    migrator.migrate(migrator.drop_table("identification_code"))
    migrator.migrate(migrator.drop_table("guardianship"))
    migrator.migrate(migrator.drop_table("grade"))
    migrator.migrate(migrator.drop_table("feed_problem"))
    migrator.migrate(migrator.drop_table("feed_run"))
    migrator.migrate(migrator.drop_table("feed_file"))
    migrator.migrate(migrator.drop_table("enrollment"))
    migrator.migrate(migrator.drop_table("section"))
    migrator.migrate(migrator.drop_table("course"))
    migrator.migrate(migrator.drop_table("school"))
    migrator.migrate(migrator.drop_table("category"))
    migrator.migrate(migrator.drop_table("audit_event"))
    migrator.migrate(migrator.drop_table("agreement_acceptance"))
    migrator.migrate(migrator.drop_table("agreement"))
    migrator.migrate(migrator.drop_table("address"))
    migrator.migrate(migrator.drop_table("activation_key"))
    migrator.migrate(migrator.drop_table("account"))
    migrator.migrate(migrator.drop_table("staff"))
    migrator.migrate(migrator.drop_table("student"))
    migrator.migrate(migrator.drop_table("guardian"))
    migrator.migrate(migrator.drop_table("academic_session"))
