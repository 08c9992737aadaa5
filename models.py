"""Every table of the portal, in dependency order, and the queries that decide who may see whom.

Feed tables hold what the district's SIS exported and are written by `services.feeds` alone; their names and
columns follow OneRoster 1.2 and, where OneRoster has no word, Ed-Fi 5.2. `sourced_id` is the SIS's own id.
People, schools and guardianships that leave the feed turn inactive instead of disappearing, so that what the office
decided about them survives. Everything else that a feed no longer brings is deleted.

Portal tables hold what happens here: accounts, sessions, keys, notices, messages, mail.

All datetimes are naive UTC; all dates are the district's own calendar days.
"""

from __future__ import annotations

import datetime as dt

from peewee import (
    AutoField,
    BigAutoField,
    BooleanField,
    CharField,
    DatabaseProxy,
    DateField,
    DateTimeField,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    ModelSelect,
    TextField,
    fn,
)

database = DatabaseProxy()

#: Parts of one child's record that rights can open or withhold, guardian by guardian (systems.md C01).
SECTIONS = (
    "grades", "attendance", "behavior", "schedule", "calendar", "tests", "history",
    "library", "fees", "transportation", "programs", "reports",
)  # fmt: skip

#: How long a school year still counts as "this year" after its last day (DECISIONS 8).
DAYS_PAST_YEAR_END = 120


class Table(Model):
    """What all tables share: the database the application was started with, and names in the singular."""

    class Meta:
        database = database
        legacy_table_names = False


# ---- Places and time --------------------------------------------------------------------------------------------


class School(Table):
    """An organization of the district: the district itself, a school, a department (OneRoster `org`)."""

    id = AutoField()
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


class AcademicSession(Table):
    """A school year, semester, term or grading period."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField()
    kind = CharField()
    start_date = DateField()
    end_date = DateField()
    parent = ForeignKeyField("self", null=True, on_delete="SET NULL")
    school_year = CharField(null=True)

    @classmethod
    def school_year_on(cls, day: dt.date) -> tuple[dt.date, dt.date] | None:
        """The first and last day of "this school year" as seen on `day`, or None when there is none.

        The latest year begun counts until the next one begins, at most 120 days past its end (DECISIONS 8).
        Feeds without a `schoolYear` session are read by the years that their sessions name.
        """
        row = cls._latest_begun(day).tuples().first()
        if row is None or day > row[1] + dt.timedelta(days=DAYS_PAST_YEAR_END):
            return None
        return row[0], row[1]

    @classmethod
    def last_day_on(cls, day: dt.date) -> ModelSelect:
        """The last day of "this school year" as seen on `day`, as a subquery; without such a year it has no row."""
        latest = cls._latest_begun(day).alias("latest")
        lasts = latest.c.last_day >= day - dt.timedelta(days=DAYS_PAST_YEAR_END)
        return cls.select(latest.c.last_day).from_(latest).where(lasts)

    @classmethod
    def _latest_begun(cls, day: dt.date) -> ModelSelect:
        """The first and last day of the latest school year that had begun by `day`, however long ago it ended."""
        start, end = fn.MIN(cls.start_date), fn.MAX(cls.end_date)
        has_years = cls.select(cls.id).where(cls.kind == "schoolYear")
        return (
            cls.select(start.alias("first_day"), end.alias("last_day"))
            .where((cls.kind == "schoolYear") | ~fn.EXISTS(has_years))
            .group_by(cls.school_year)
            .having(start <= day)
            .order_by(start.desc())
            .limit(1)
        )


# ---- People -----------------------------------------------------------------------------------------------------


class Person(Table):
    """What the SIS knows of anybody's name; preferred names are shown where they are given."""

    given_name = CharField()
    middle_name = CharField(null=True)
    family_name = CharField()
    preferred_given_name = CharField(null=True)
    preferred_family_name = CharField(null=True)

    @property
    def name(self) -> str:
        """The whole name, in the order in which it is spoken."""
        given = self.preferred_given_name or self.given_name
        family = self.preferred_family_name or self.family_name
        return f"{given} {family}".strip()


class Student(Person):
    """A child of the district."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    number = CharField(null=True, index=True)
    email = CharField(null=True)
    birth_date = DateField(null=True)
    grade_level = CharField(null=True)
    enabled = BooleanField(default=True)
    active = BooleanField(default=True)
    first_delivered_at = DateTimeField(null=True)

    @classmethod
    def visible_to(cls, account: Account, on: dt.date) -> ModelSelect:
        """Every student whose record `account` may open on the day `on`: the one place that decides (G11, C01, C06).

        A guardian reaches a child over a guardianship that is active, open to the portal, activated, and not restricted
        that day; a student reaches the own record; everybody else reaches nobody. The child must be enrolled
        this school year or next, in a school that is switched on (D02). Each row carries `withheld`, the names of the
        sections that stay closed to this account. Oldest child first.
        """
        reachable = cls.select(cls, Guardianship.withheld.alias("withheld"))
        # Asked child by child: the enrollments of a whole district would be read through for every page.
        enrolled = cls.active & fn.EXISTS(SchoolEnrollment.students_on(on).where(SchoolEnrollment.student == cls.id))
        if account.state != "active":
            return reachable.join(Guardianship).where(False).objects()
        if account.student_id is not None:
            return cls.select(cls).where(enrolled, cls.id == account.student_id).objects()
        reachable = (
            reachable.join(Guardianship)
            .join(Guardian)
            .where(enrolled, Guardianship.guardian == account.guardian_id, Guardian.active, Guardianship.is_open(on))
        )
        if account.per_child:
            reachable = reachable.where(Guardianship.activated_at.is_null(False))
        return reachable.order_by(cls.birth_date.asc(nulls="last"), cls.id).objects()


class Guardian(Person):
    """A parent, legal guardian or other contact of a child. `person_id` is the number on the school's letters (D03)."""

    id = AutoField()
    sourced_id = CharField(null=True, unique=True)
    person_id = CharField(null=True, index=True)
    role = CharField(default="guardian")
    email = CharField(null=True)
    other_email = CharField(null=True)
    phone = CharField(null=True)
    sms = CharField(null=True)
    language = CharField(null=True)
    active = BooleanField(default=True)

    @property
    def address_on_file(self) -> str | None:
        """The e-mail address that the SIS has: the one in users.csv, else the best of electronicMails.csv."""
        return self.email or self.other_email


class Staff(Person):
    """A teacher or another member of a school's staff. `role` is OneRoster's."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    identifier = CharField(null=True)
    role = CharField()
    email = CharField(null=True)
    active = BooleanField(default=True)


class SchoolEnrollment(Table):
    """A student's membership in a school. Open ends mean "as long as the feed brings it" (DECISIONS 1)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE", backref="school_enrollments")
    school = ForeignKeyField(School, on_delete="CASCADE")
    entry_date = DateField(null=True)
    exit_date = DateField(null=True)
    grade_level = CharField(null=True)
    is_primary = BooleanField(default=False)

    @classmethod
    def is_current(cls, on: dt.date) -> Expression:
        """The condition for "enrolled this school year or next" as seen on the day `on` (C06, DECISIONS 8).

        A leaving date in the past ends an enrollment, except that one which ran to the last day of school lasts as long
        as that year counts as this year. Without any such year nobody is enrolled.
        """
        last_day = AcademicSession.last_day_on(on)
        stays = cls.exit_date.is_null() | (cls.exit_date >= on) | (cls.exit_date >= last_day)
        return fn.EXISTS(last_day) & stays

    @classmethod
    def students_on(cls, on: dt.date, school_id: int | None = None) -> ModelSelect:
        """The ids of students enrolled this year or next in a school that is switched on: any, or the one given."""
        enrolled = cls.select(cls.student).join(School).where(cls.is_current(on), School.active, School.switched_on)
        return enrolled if school_id is None else enrolled.where(School.id == school_id)


class Guardianship(Table):
    """One guardian of one student, with what the feed and the office each say about the portal (DECISIONS 2, 5).

    `from_*` name who vouches for the pair; it is active while anybody does. Rights are those of the stricter side:
    a "no" of either wins, a "yes" of either opens what the relation alone would not.
    """

    id = AutoField()
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
        indexes = ((("student", "guardian"), True),)

    @classmethod
    def is_active(cls) -> Expression:
        """The condition that somebody vouches for the pair at all."""
        return cls.from_associations | cls.from_student_agents | cls.from_guardian_agents | cls.from_office

    @classmethod
    def is_open(cls, on: dt.date) -> Expression:
        """The condition that the guardian may open this child's record on the day `on`."""
        begun = cls.restricted_from.is_null(False) & (cls.restricted_from <= on)
        over = cls.restricted_until.is_null(False) & (cls.restricted_until < on)
        return (
            cls.is_active()
            & fn.COALESCE(cls.portal_access, True)
            & fn.COALESCE(cls.office_access, True)
            & fn.COALESCE(cls.portal_access, cls.office_access, cls.default_access)
            & ~(begun & ~over)
        )


class Address(Table):
    """An address of a guardian or student, as of the dates the SIS gives it."""

    id = AutoField()
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
    household = CharField(null=True, index=True)


class Telephone(Table):
    """A telephone number of a guardian or student; the lowest `priority` is to be called first."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
    student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
    number = CharField()
    kind = CharField(null=True)
    priority = IntegerField(null=True)
    can_text = BooleanField(null=True)


class IdentificationCode(Table):
    """A secret number of a student, such as the last piece of a key look-up: only its keyed hash (DECISIONS 6, H01)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    system = CharField(null=True)
    code_hash = CharField()


# ---- Roster -----------------------------------------------------------------------------------------------------


class Course(Table):
    """What is taught, whoever teaches it."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField()
    code = CharField(null=True)
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")
    subjects = CharField(null=True)


class Section(Table):
    """A class that meets: a course, at a school, in some terms (OneRoster `class`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField()
    code = CharField(null=True)
    kind = CharField(null=True)
    room = CharField(null=True)
    periods = CharField(null=True)
    subjects = CharField(null=True)
    course = ForeignKeyField(Course, null=True, on_delete="SET NULL")
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")


class SectionTerm(Table):
    """One of the terms in which a section meets."""

    id = AutoField()
    section = ForeignKeyField(Section, on_delete="CASCADE")
    session = ForeignKeyField(AcademicSession, on_delete="CASCADE")

    class Meta:
        indexes = ((("section", "session"), True),)


class Enrollment(Table):
    """A student in a section."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    section = ForeignKeyField(Section, on_delete="CASCADE")
    begin_date = DateField(null=True)
    end_date = DateField(null=True)


class SectionStaff(Table):
    """A member of staff in a section; `role` is OneRoster's enrollment role, almost always teacher."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    staff = ForeignKeyField(Staff, on_delete="CASCADE")
    section = ForeignKeyField(Section, on_delete="CASCADE")
    role = CharField()
    is_primary = BooleanField(default=False)
    begin_date = DateField(null=True)
    end_date = DateField(null=True)


# ---- Gradebook --------------------------------------------------------------------------------------------------


class Category(Table):
    """A kind of assignment, with its share of the grade where the feed says so (DECISIONS 4)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField()
    weight = DoubleField(null=True)


class LineItem(Table):
    """An assignment of one section."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField()
    description = TextField(null=True)
    assign_date = DateField(null=True)
    due_date = DateField(null=True, index=True)
    section = ForeignKeyField(Section, on_delete="CASCADE")
    category = ForeignKeyField(Category, null=True, on_delete="SET NULL")
    session = ForeignKeyField(AcademicSession, null=True, on_delete="SET NULL")
    result_value_min = DoubleField(null=True)
    result_value_max = DoubleField(null=True)


class Result(Table):
    """One student's result on one line item. The last four columns come from `resultExtensions.csv`."""

    id = BigAutoField()
    sourced_id = CharField(unique=True)
    line_item = ForeignKeyField(LineItem, on_delete="CASCADE")
    student = ForeignKeyField(Student, on_delete="CASCADE", index=False)
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
        indexes = ((("student", "line_item"), False),)


class Grade(Table):
    """A posted grade of one section in one session (Ed-Fi `Grade`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE", index=False)
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
        indexes = ((("student", "section"), False),)


# ---- Feeds ------------------------------------------------------------------------------------------------------


class FeedRun(Table):
    """One import, with its counts by file and how it ended: running, applied, unchanged, refused or failed."""

    id = AutoField()
    started_at = DateTimeField()
    finished_at = DateTimeField(null=True)
    state = CharField(default="running")
    summary = JSONField(default=dict)
    error = TextField(null=True)


class FeedProblem(Table):
    """A row or value that an import left out or took with a warning. `line` counts from 1, the header included."""

    id = AutoField()
    run = ForeignKeyField(FeedRun, on_delete="CASCADE")
    file = CharField()
    line = IntegerField(null=True)
    column = CharField(null=True)
    severity = CharField()
    reason = TextField()


class FeedFile(Table):
    """What was last applied of each file: its hash, and when its data was last confirmed and last changed (G17)."""

    id = AutoField()
    name = CharField(unique=True)
    sha256 = CharField()
    seen_at = DateTimeField()
    changed_at = DateTimeField()


# ---- Accounts ---------------------------------------------------------------------------------------------------


class Account(Table):
    """Somebody who signs in: exactly one guardian, student or member of staff.

    `user_name_key` is the user name folded for comparison. `state` is active, pending (the e-mail address has to be
    verified first), dormant (not used for long: verify again), left (no child here any more), locked (by failures),
    disabled (by the office) or cancelled; docs/accounts.md draws what moves it. A growing delay after failures is
    `blocked_until`. `warned_at` says when the owner was told that the account will close or be deleted,
    `childless_since` since when no child of its guardian is enrolled (C16), `reactivated_at` when the school last gave
    it back. `duties` are what its owner has to do after signing in, before anything else is shown: `email`,
    `password`, `questions`, `agreement`. `per_child` accounts see only children that were activated one by one
    (DECISIONS 29).
    """

    id = AutoField()
    guardian = ForeignKeyField(Guardian, null=True, unique=True, on_delete="CASCADE")
    student = ForeignKeyField(Student, null=True, unique=True, on_delete="CASCADE")
    staff = ForeignKeyField(Staff, null=True, unique=True, on_delete="CASCADE")
    user_name = CharField()
    user_name_key = CharField(unique=True)
    email = CharField(null=True, index=True)
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

    @property
    def reply_address(self) -> str | None:
        """The address that mail may go to: nothing personal goes to one that nobody has proved to be theirs."""
        return self.email if self.email_verified_at is not None else None

    @property
    def person(self) -> Guardian | Student | Staff:
        """The guardian, student or member of staff who owns the account."""
        return self.guardian or self.student or self.staff

    @property
    def role(self) -> str:
        """`guardian`, `student` or `staff`."""
        if self.guardian_id is not None:
            return "guardian"
        return "student" if self.student_id is not None else "staff"


class ActivationKey(Table):
    """A single-use key that opens an account for one person; only its hash is kept (CHECKS 10).

    `student` together with `guardian` binds a key to that child alone, as Gwinnett's tokens are; `user_id` is what its
    letter tells the guardian to sign in with. `tries` counts wrong answers to the questions about the guardian's role.
    """

    id = AutoField()
    key_hash = CharField(unique=True)
    guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
    student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
    user_id = CharField(null=True)
    tries = IntegerField(default=0)
    created_at = DateTimeField()
    expires_at = DateTimeField()
    used_at = DateTimeField(null=True)
    revoked_at = DateTimeField(null=True)


class Registration(Table):
    """Somebody on the way to an account: what the steps taken so far have established, for an hour at most.

    The browser holds a random token, this table its hash; passwords are here only as the hashes they will be.
    """

    id = AutoField()
    token_hash = CharField(unique=True)
    way = CharField()
    values = JSONField(default=dict)
    created_at = DateTimeField()


class Agreement(Table):
    """A version of the user agreement; `texts` maps a language to its text. The newest one counts (G10)."""

    id = AutoField()
    published_at = DateTimeField()
    texts = JSONField(default=dict)


class AgreementAcceptance(Table):
    """That the owner of an account accepted a version of the agreement, and when."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    agreement = ForeignKeyField(Agreement, on_delete="CASCADE")
    at = DateTimeField()

    class Meta:
        indexes = ((("account", "agreement"), True),)


class OneTimeLink(Table):
    """A mailed link, or a printed code, that works once: `purpose` is verify, reset or code; only its hash is kept.

    A verify link proves `email`, which becomes the account's own.
    """

    id = AutoField()
    token_hash = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    purpose = CharField()
    email = CharField(null=True)
    created_at = DateTimeField()
    expires_at = DateTimeField()
    used_at = DateTimeField(null=True)


class PasswordHistory(Table):
    """A password that an account had before, where the preset forbids to use one again (S03)."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    password_hash = CharField()
    created_at = DateTimeField()


class SecurityAnswer(Table):
    """The hashed answer to a security question, where the preset asks for such (D03, S03). `question` is a code."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    question = CharField()
    answer_hash = CharField()

    class Meta:
        indexes = ((("account", "question"), True),)


class LoginSession(Table):
    """A signed-in browser. The cookie holds a random token, this table its hash (CHECKS 20)."""

    id = AutoField()
    token_hash = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    created_at = DateTimeField()
    seen_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ip = CharField()


class SignInAttempt(Table):
    """A sign-in that succeeded or failed on an account that exists; the guardian's access log (C03)."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    at = DateTimeField()
    ip = CharField()
    succeeded = BooleanField()


class Throttle(Table):
    """How often something was tried in a window of time. `bucket` is a keyed hash, never a name or an address."""

    id = AutoField()
    bucket = CharField(unique=True)
    window_start = DateTimeField(index=True)
    count = IntegerField()


# ---- Telling people ---------------------------------------------------------------------------------------------


class Maintenance(Table):
    """A planned maintenance window, announced on the sign-in page (G15). `texts` maps a language to its text."""

    id = AutoField()
    starts_at = DateTimeField()
    ends_at = DateTimeField()
    texts = JSONField(default=dict)


class Notice(Table):
    """News of the district (`school` is empty) or of one school, shown from `begins_on` through `ends_on`."""

    id = AutoField()
    school = ForeignKeyField(School, null=True, on_delete="CASCADE")
    begins_on = DateField()
    ends_on = DateField(null=True)
    created_at = DateTimeField()


class NoticeTranslation(Table):
    """A notice in one language."""

    id = AutoField()
    notice = ForeignKeyField(Notice, on_delete="CASCADE", backref="translations")
    language = CharField()
    title = CharField()
    body = TextField()

    class Meta:
        indexes = ((("notice", "language"), True),)


class Message(Table):
    """What a guardian or student wrote to a member of staff about one student (G07)."""

    id = AutoField()
    account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    student = ForeignKeyField(Student, on_delete="CASCADE")
    staff = ForeignKeyField(Staff, on_delete="CASCADE")
    section = ForeignKeyField(Section, null=True, on_delete="SET NULL")
    body = TextField()
    created_at = DateTimeField()


class OutboundMail(Table):
    """A mail to send: written in the transaction that caused it, sent by the worker, retried until it is delivered.

    `state` is queued, sent, failed or withdrawn. A worker claims rows until `leased_until`. `header_id` is the mail's
    Message-ID, so that one sent twice after a crash can be recognized.
    """

    id = AutoField()
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
        indexes = ((("state", "due_at"), False),)


class WorkerBeat(Table):
    """When each running worker last did anything: `doctor` and `/readyz` shout when none did (CHECKS 56)."""

    id = AutoField()
    name = CharField(unique=True)
    at = DateTimeField()


class AuditEvent(Table):
    """Something that must be answerable for later. Append-only; `details` holds ids and choices, never secrets."""

    id = BigAutoField()
    at = DateTimeField(index=True)
    account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    student = ForeignKeyField(Student, null=True, on_delete="SET NULL")
    action = CharField()
    details = JSONField(default=dict)


#: Every table, parents before children.
ALL_TABLES: tuple[type[Table], ...] = tuple(
    value
    for value in list(globals().values())
    if isinstance(value, type) and issubclass(value, Table) and value not in (Table, Person)
)
