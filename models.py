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
from collections.abc import Sequence

from peewee import (
    AutoField,
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Context,
    DatabaseProxy,
    DateField,
    DateTimeField,
    DoubleField,
    Expression,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    ModelIndex,
    ModelSelect,
    Node,
    PostgresqlDatabase,
    TextField,
    TimeField,
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


class Years:
    """So many years, to add to a day or to take from it. A February 29 becomes March 1, or going back February 28.

    So whoever was born on or before `on - Years(18)` has turned 18 by the day `on`, and nobody else has.
    """

    def __init__(self, count: int) -> None:
        self._count = count

    def __radd__(self, day: dt.date) -> dt.date:
        try:
            return day.replace(year=day.year + self._count)
        except ValueError:
            return dt.date(day.year + self._count, 3, 1) - dt.timedelta(days=self._count < 0)

    def __rsub__(self, day: dt.date) -> dt.date:
        return day + -self

    def __neg__(self) -> Years:
        return Years(-self._count)


#: The age at which the rights in a record pass from the parents to the student (FERPA, 34 CFR 99.5).
OF_AGE = Years(18)


class AgeRule:
    """The district's setting `at_eighteen`, which conditions below obey; `app.create_app` sets it beside `database`.

    `dependent`: nothing changes when a student comes of age. `ask`: guardians' access ends when the student's "no" is
    recorded. `consent`: it ends on the 18th birthday unless the student's consent is recorded.
    """

    def __init__(self) -> None:
        self.name = "dependent"


age_rule = AgeRule()


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

    @classmethod
    def has_switch(cls) -> Expression:
        """The condition that the pilot's switch is the org's own (D02): it is a school, or students are enrolled at it.

        No student is visible through an org that cannot be switched off.
        """
        return (cls.kind == "school") | cls.id.in_(SchoolEnrollment.select(SchoolEnrollment.school))


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


class GraduationPlan(Table):
    """What a school asks for a diploma."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")
    kind = CharField(null=True)
    school_year = CharField(null=True)
    total_credits = DoubleField(null=True)


# ---- People -----------------------------------------------------------------------------------------------------


class Person(Table):
    """What the SIS knows of anybody's name; preferred names are shown where they are given."""

    given_name = CharField()
    middle_name = CharField(null=True)
    family_name = CharField()
    preferred_given_name = CharField(null=True)
    preferred_family_name = CharField(null=True)
    #: The names without case and accents, as the office's search compares them (`services.names.folded`).
    given_key = CharField(default="")
    family_key = CharField(default="")

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
        if account.state != "active":
            return cls._open_to_guardians(on).where(False).objects()
        if account.student_id is not None:
            return cls.select(cls).where(cls._is_enrolled(on), cls.id == account.student_id).objects()
        reachable = cls._open_to_guardians(on).where(Guardianship.guardian == account.guardian_id)
        if account.per_child:
            reachable = reachable.where(Guardianship.activated_at.is_null(False))
        return reachable.order_by(cls.birth_date.asc(nulls="last"), cls.id).objects()

    @classmethod
    def visible_to_each(cls, accounts: Sequence[int], on: dt.date) -> ModelSelect:
        """What `visible_to` says of each of these guardians' accounts (ids), in one query for many of them.

        Each row carries `account_id` too; a child of two of the accounts comes twice.
        """
        return (
            cls._open_to_guardians(on)
            .select_extend(Account.id.alias("account_id"))
            .join(Account, on=(Account.guardian == Guardian.id))
            .where(Account.id.in_(accounts), Account.state == "active")
            .where(~Account.per_child | Guardianship.activated_at.is_null(False))
            .order_by(Account.id, cls.birth_date.asc(nulls="last"), cls.id)
            .objects()
        )

    @classmethod
    def _open_to_guardians(cls, on: dt.date) -> ModelSelect:
        """Each student beside each guardian to whom the record is open, with what is withheld from that guardian."""
        pairs = cls.select(cls, Guardianship.withheld.alias("withheld")).join(Guardianship).join(Guardian)
        return pairs.where(cls._is_enrolled(on), Guardian.active, Guardianship.is_open(on))

    @classmethod
    def _is_enrolled(cls, on: dt.date) -> Expression:
        """The condition that the student belongs here, asked child by child.

        The enrollments of a whole district would be read through for every page.
        """
        return cls.active & fn.EXISTS(SchoolEnrollment.students_on(on).where(SchoolEnrollment.student == cls.id))


class Guardian(Person):
    """A parent, legal guardian or other contact of a child. `person_id` is the number on the school's letters (D03)."""

    id = AutoField()
    sourced_id = CharField(null=True, unique=True)
    person_id = CharField(null=True, index=True)
    role = CharField(default="guardian")
    email = CharField(null=True, index=True)
    other_email = CharField(null=True, index=True)
    phone = CharField(null=True)
    sms = CharField(null=True)
    language = CharField(null=True)
    active = BooleanField(default=True)

    @property
    def address_on_file(self) -> str | None:
        """The e-mail address that the SIS has: the one in users.csv, else the best of electronicMails.csv."""
        return self.email or self.other_email


class JoinedGuardian(Table):
    """That a guardian entered at the counter is one whom the SIS brought later (`services.office.joining`).

    Everything of `guardian` belongs to `into` since; its row stays behind, inactive, because a feed that is undone may
    refer to it.
    """

    id = AutoField()
    guardian = ForeignKeyField(Guardian, unique=True, on_delete="CASCADE")
    into = ForeignKeyField(Guardian, on_delete="CASCADE", backref="+")
    at = DateTimeField()


class Staff(Person):
    """A teacher or another member of a school's staff. `role` is OneRoster's."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    identifier = CharField(null=True)
    role = CharField()
    email = CharField(null=True)
    active = BooleanField(default=True)


class _ByCode(Node):
    """A column in an index, ordered by the letters' codes as a search for beginnings needs it.

    SQLite does that anyway; PostgreSQL follows the database's collation, by which no beginning is a range.
    """

    def __init__(self, column: CharField) -> None:
        self._column = column

    def __sql__(self, ctx: Context) -> Context:
        ctx.sql(self._column)
        return ctx.literal(" varchar_pattern_ops") if isinstance(database.obj, PostgresqlDatabase) else ctx


def _index_names(table: type[Person]) -> None:
    """Index the keys of names; the second has both, so that names are sorted and looked into without their rows."""
    for keys in (("given_key",), ("family_key", "given_key")):
        parts = [_ByCode(getattr(table, key)) for key in keys]
        table.add_index(ModelIndex(table, parts, name="_".join((table._meta.table_name, *keys))))


_index_names(Student)
_index_names(Guardian)
_index_names(Staff)


class StaffRole(Table):
    """What a member of staff is at one school; `role` is OneRoster's."""

    id = AutoField()
    staff = ForeignKeyField(Staff, on_delete="CASCADE", index=False)
    school = ForeignKeyField(School, on_delete="CASCADE")
    role = CharField()

    class Meta:
        indexes = ((("staff", "school", "role"), True),)


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
    calendar_code = CharField(null=True)
    plan = ForeignKeyField(GraduationPlan, null=True, on_delete="SET NULL")

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
    def is_latest(cls) -> Expression:
        """The condition that none of the student's enrollments ends later; one without an end is always among them."""
        other = cls.alias()
        later = fn.COALESCE(other.exit_date, dt.date.max) > fn.COALESCE(cls.exit_date, dt.date.max)
        return ~fn.EXISTS(other.select(other.id).where(other.student == cls.student, later))

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
    household = CharField(null=True, index=True)
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
    office_from = DateField(null=True)
    office_until = DateField(null=True)
    office_document = TextField(null=True)
    office_reason = TextField(null=True)
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
        access = (
            cls.is_active()
            & fn.COALESCE(cls.portal_access, True)
            & ~cls.is_withheld_by_office(on)
            # The office's "no" has its dates, which the line above minds: before and after them it says nothing.
            & fn.COALESCE(cls.portal_access, fn.NULLIF(cls.office_access, False), cls.default_access)
            & ~(begun & ~over)
        )
        return access if age_rule.name == "dependent" else access & ~cls._is_over_by_age(on)

    @classmethod
    def _is_over_by_age(cls, on: dt.date) -> Expression:
        """The condition that the student is of age on the day `on` and does not share the record (see AgeRule)."""
        answers = AgeAnswer.select(AgeAnswer.id).where(AgeAnswer.student == cls.student)
        shares = (
            fn.EXISTS(answers.where(AgeAnswer.consents))
            if age_rule.name == "consent"
            else ~fn.EXISTS(answers.where(~AgeAnswer.consents))
        )
        grown = Student.alias()
        of_age = grown.select(grown.id).where(grown.id == cls.student, grown.birth_date <= on - OF_AGE)
        return fn.EXISTS(of_age) & ~shares

    @classmethod
    def is_withheld_by_office(cls, on: dt.date) -> Expression:
        """The condition that a restriction of the office is in force on the day `on` (D06)."""
        return (
            ~fn.COALESCE(cls.office_access, True)
            & (cls.office_from.is_null() | (cls.office_from <= on))
            & (cls.office_until.is_null() | (cls.office_until >= on))
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
    digits = CharField(default="", index=True)


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

    @classmethod
    def has_not_left(cls, who: type[Enrollment] | type[SectionStaff], on: dt.date) -> Expression:
        """The condition that `who` did not leave the section before `on` and before the section itself ended.

        The same rule as in `services.record.classes`: the end of a term takes nobody out of a class.
        """
        last_day = cls.select(fn.MAX(AcademicSession.end_date)).join(AcademicSession).where(cls.section == who.section)
        stays: Expression = who.end_date.is_null() | (who.end_date >= on) | (who.end_date >= last_day)
        return stays


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


# ---- The rest of the record -------------------------------------------------------------------------------------


class Code(Table):
    """A code of the district's own: what families read for it and, for attendance, what it counts as (DECISIONS 12)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    code_set = CharField(null=True)
    local_code = CharField()
    code_value = CharField(null=True)
    short_description = CharField(null=True)
    counts_as = CharField(null=True)
    parent_visible = BooleanField(null=True)


class SchoolAttendanceEvent(Table):
    """A day on which a student's attendance was out of the ordinary, or was noted at all (Ed-Fi).

    `category` is the SIS's code; `counts_as` is excused, unexcused, exempt, unknown, tardy or present.
    """

    id = BigAutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE", index=False)
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")
    session = ForeignKeyField(AcademicSession, null=True, on_delete="SET NULL")
    date = DateField()
    category = CharField(null=True)
    counts_as = CharField()
    reason = CharField(null=True)
    duration = DoubleField(null=True)
    arrival_time = TimeField(null=True)
    departure_time = TimeField(null=True)

    class Meta:
        indexes = ((("student", "date"), False),)


class SectionAttendanceEvent(Table):
    """The same for one meeting of one section (Ed-Fi)."""

    id = BigAutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE", index=False)
    section = ForeignKeyField(Section, on_delete="CASCADE")
    session = ForeignKeyField(AcademicSession, null=True, on_delete="SET NULL")
    date = DateField()
    period = CharField(null=True)
    category = CharField(null=True)
    counts_as = CharField()
    reason = CharField(null=True)
    duration = DoubleField(null=True)
    arrival_time = TimeField(null=True)
    departure_time = TimeField(null=True)

    class Meta:
        indexes = ((("student", "date"), False),)


class Incident(Table):
    """What happened at a school (Ed-Fi `DisciplineIncident`), without who reported it."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")
    date = DateField(null=True)
    time = TimeField(null=True)
    location = CharField(null=True)
    description = TextField(null=True)
    parent_visible = BooleanField(default=True)


class IncidentBehavior(Table):
    """One student's own part in an incident (Ed-Fi `StudentDisciplineIncidentBehaviorAssociation`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    incident = ForeignKeyField(Incident, on_delete="CASCADE")
    behavior = CharField(null=True)
    detail = TextField(null=True)
    participation = CharField(null=True)


class DisciplineAction(Table):
    """What the school did about it, for one student; lengths are days."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    incident = ForeignKeyField(Incident, null=True, on_delete="SET NULL")
    disciplines = CharField(null=True)
    date = DateField(null=True)
    length = DoubleField(null=True)
    actual_length = DoubleField(null=True)


class Assessment(Table):
    """A standardized test. Students' own rows name it by identifier and namespace, as Ed-Fi does."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    identifier = CharField(index=True)
    namespace = CharField(null=True)
    title = CharField(null=True)
    category = CharField(null=True)
    subjects = CharField(null=True)
    max_raw_score = DoubleField(null=True)
    family = CharField(null=True)
    parent_text = TextField(null=True)
    web_site = CharField(null=True)


class AssessmentScale(Table):
    """The range of one kind of score of a test, or of a part of it (Ed-Fi `AssessmentScore`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    identifier = CharField(index=True)
    namespace = CharField(null=True)
    objective = CharField(null=True)
    method = CharField(null=True)
    minimum = CharField(null=True)
    maximum = CharField(null=True)


class StudentAssessment(Table):
    """That a student took a test, and when."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    identifier = CharField()
    namespace = CharField(null=True)
    date = DateField(null=True)
    grade_level = CharField(null=True)
    school_year = CharField(null=True)
    retest = CharField(null=True)
    not_tested = CharField(null=True)


class ScoreResult(Table):
    """A score or a performance level of a test, or of a part of it (`objective`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student_assessment = ForeignKeyField(StudentAssessment, on_delete="CASCADE")
    objective = CharField(null=True)
    method = CharField(null=True)
    result = CharField(null=True)
    performance_level = CharField(null=True)


class ReportCard(Table):
    """What a report card sums up of one session: days and grade point average."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")
    session = ForeignKeyField(AcademicSession, null=True, on_delete="SET NULL")
    days_absent = DoubleField(null=True)
    days_present = DoubleField(null=True)
    days_tardy = DoubleField(null=True)
    gpa = DoubleField(null=True)
    gpa_kind = CharField(null=True)


class AcademicRecord(Table):
    """A student's credits, average and rank in one year or term (Ed-Fi `StudentAcademicRecord`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")
    school_year = CharField(null=True)
    term = CharField(null=True)
    cumulative_earned = DoubleField(null=True)
    cumulative_attempted = DoubleField(null=True)
    session_earned = DoubleField(null=True)
    session_attempted = DoubleField(null=True)
    gpa = DoubleField(null=True)
    gpa_kind = CharField(null=True)
    gpa_is_cumulative = BooleanField(null=True)
    gpa_max = DoubleField(null=True)
    class_rank = IntegerField(null=True)
    class_size = IntegerField(null=True)
    graduates_on = DateField(null=True)


class TranscriptCourse(Table):
    """A course that a student has taken, with its final grade and credits (Ed-Fi `CourseTranscript`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    academic_record = ForeignKeyField(AcademicRecord, null=True, on_delete="SET NULL")
    code = CharField(null=True)
    title = CharField(null=True)
    subject = CharField(null=True)
    school_year = CharField(null=True)
    term = CharField(null=True)
    grade_level = CharField(null=True)
    attempted = DoubleField(null=True)
    earned = DoubleField(null=True)
    credit_kind = CharField(null=True)
    credit_categories = CharField(null=True)
    letter = CharField(null=True)
    number = DoubleField(null=True)
    result = CharField(null=True)
    repeat = CharField(null=True)
    method = CharField(null=True)
    taken_at = CharField(null=True)


class AcademicHonor(Table):
    """An honor that a student was awarded."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    category = CharField(null=True)
    description = CharField(null=True)
    date = DateField(null=True)


class GraduationRequirement(Table):
    """One line of a plan: credits of a subject, a category or a set of courses, or a test to pass."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    plan = ForeignKeyField(GraduationPlan, on_delete="CASCADE")
    kind = CharField(null=True)
    subject = CharField(null=True)
    credit_category = CharField(null=True)
    course_set = CharField(null=True)
    course_codes = TextField(null=True)
    credits = DoubleField(null=True)
    assessment = CharField(null=True)


class StudentGraduationPlan(Table):
    """The plan that a student follows."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    plan = ForeignKeyField(GraduationPlan, on_delete="CASCADE")
    graduates_on = DateField(null=True)


class CalendarDay(Table):
    """A day of a school's calendar and what kinds of day it is, separated by commas (Ed-Fi `CalendarDate`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    school = ForeignKeyField(School, on_delete="CASCADE", index=False)
    calendar_code = CharField(null=True)
    date = DateField()
    kinds = CharField(null=True)

    class Meta:
        indexes = ((("school", "date"), False),)


class Event(Table):
    """Something that takes place at schools or in the whole district, on days or between times of day."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField()
    description = TextField(null=True)
    begin_date = DateField(index=True)
    start_time = TimeField(null=True)
    end_date = DateField(null=True)
    end_time = TimeField(null=True)
    location = CharField(null=True)
    audience = CharField(null=True)
    grade_levels = CharField(null=True)


class EventSchool(Table):
    """One of the organizations whose event it is; the district's own is everybody's."""

    id = AutoField()
    event = ForeignKeyField(Event, on_delete="CASCADE")
    school = ForeignKeyField(School, on_delete="CASCADE")

    class Meta:
        indexes = ((("event", "school"), True),)


class ClassPeriod(Table):
    """A period of a school's day, with its usual times."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    school = ForeignKeyField(School, on_delete="CASCADE")
    name = CharField()
    start_time = TimeField(null=True)
    end_time = TimeField(null=True)
    official = BooleanField(null=True)


class BellTime(Table):
    """When a period is on days that follow one bell schedule (Ed-Fi `BellSchedule`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    school = ForeignKeyField(School, on_delete="CASCADE")
    name = CharField(null=True)
    period = CharField(null=True)
    alternate_day = CharField(null=True)
    start_time = TimeField(null=True)
    end_time = TimeField(null=True)


class BellDay(Table):
    """The bell schedule of one date and, where days rotate, its own name such as "A" (Ed-Fi `BellSchedule.Date`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    school = ForeignKeyField(School, on_delete="CASCADE", index=False)
    name = CharField(null=True)
    date = DateField()
    alternate_day = CharField(null=True)

    class Meta:
        indexes = ((("school", "date"), False),)


class Meeting(Table):
    """In which period, on which rotating day and where a section meets."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    section = ForeignKeyField(Section, on_delete="CASCADE")
    alternate_day = CharField(null=True)
    period = CharField(null=True)
    start_time = TimeField(null=True)
    end_time = TimeField(null=True)
    room = CharField(null=True)


class Loan(Table):
    """A book, textbook or device that a student has on loan, with its fine or refund (SIF `LibraryPatronStatus`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    kind = CharField(null=True)
    title = CharField(null=True)
    author = CharField(null=True)
    call_number = CharField(null=True)
    price = DoubleField(null=True)
    checked_out_on = DateField(null=True)
    return_by = DateField(null=True)
    fine_kind = CharField(null=True)
    fine_on = DateField(null=True)
    fine_description = CharField(null=True)
    fine_amount = DoubleField(null=True)
    state = CharField(null=True)
    item_class = CharField(null=True)


class Charge(Table):
    """Something that a family is asked to pay (SIF `Invoice`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    form_number = CharField(null=True)
    billed_on = DateField(null=True)
    description = CharField(null=True)
    amount = DoubleField(null=True)
    due_date = DateField(null=True)
    ledger = CharField(null=True)
    voluntary = BooleanField(null=True)
    paid = DoubleField(null=True)
    balance = DoubleField(null=True)
    pay_url = CharField(null=True)


class MealAccount(Table):
    """What is left on a student's payments account (G06, DECISIONS 13)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    number = CharField(null=True)
    balance = DoubleField(null=True)
    as_of = DateField(null=True)
    low_balance = DoubleField(null=True)


class ProgramParticipation(Table):
    """A program that a student takes part in (Ed-Fi `StudentProgramAssociation`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")
    name = CharField(null=True)
    kind = CharField(null=True)
    begin_date = DateField(null=True)
    end_date = DateField(null=True)
    services = CharField(null=True)
    reason_exited = CharField(null=True)


class Transportation(Table):
    """How a student comes to school and back; one row a direction where the stops differ."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    student = ForeignKeyField(Student, on_delete="CASCADE")
    kind = CharField(null=True)
    bus_number = CharField(null=True)
    route = CharField(null=True)
    days = CharField(null=True)
    direction = CharField(null=True)
    mileage = DoubleField(null=True)
    stop = CharField(null=True)
    stop_time = TimeField(null=True)


class Resource(Table):
    """Something to learn with; `vendor_resource_id` is its address where it is one (OneRoster `resource`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField(null=True)
    vendor_resource_id = CharField(null=True)
    roles = CharField(null=True)
    importance = CharField(null=True)


class SectionResource(Table):
    """That a section uses a resource (OneRoster `classResource`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField(null=True)
    section = ForeignKeyField(Section, on_delete="CASCADE")
    resource = ForeignKeyField(Resource, on_delete="CASCADE")


class CourseResource(Table):
    """That every section of a course uses a resource."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField(null=True)
    course = ForeignKeyField(Course, on_delete="CASCADE")
    resource = ForeignKeyField(Resource, on_delete="CASCADE")


class ScoreScale(Table):
    """Which scores make which mark, in a section, a course or a whole organization (OneRoster 1.2 `scoreScale`)."""

    id = AutoField()
    sourced_id = CharField(unique=True)
    title = CharField(null=True)
    kind = CharField(null=True)
    school = ForeignKeyField(School, null=True, on_delete="SET NULL")
    course = ForeignKeyField(Course, null=True, on_delete="CASCADE")
    section = ForeignKeyField(Section, null=True, on_delete="CASCADE")
    marks = TextField(null=True)


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
    `password`, `questions`, `agreement`, `authenticator`. `per_child` accounts see only children that were activated
    one by one (DECISIONS 29). `mail_returned_at` says since when the office knows that mail to the address comes back;
    the address then counts as not verified.
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
    mail_returned_at = DateTimeField(null=True)

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


class OfficeRole(Table):
    """What a member of staff is in the office: teacher, counselor, clerk or admin; without a school in all of them."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE", backref="office_roles")
    role = CharField()
    school = ForeignKeyField(School, null=True, on_delete="CASCADE")

    class Meta:
        indexes = ((("account", "role", "school"), True),)


class AgeAnswer(Table):
    """What a student who comes of age has answered: whether guardians may go on reading the record (34 CFR 99.5).

    The portal's own: feeds leave it alone. `document` names what the office has seen. A later answer replaces an
    earlier one; the audit log keeps both.
    """

    id = AutoField()
    student = ForeignKeyField(Student, unique=True, on_delete="CASCADE")
    consents = BooleanField()
    document = TextField()
    recorded_at = DateTimeField()
    recorded_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")


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
    """A mailed link, or a printed code, that works once; only its hash is kept.

    `purpose` is verify, reset, invitation (to the office) or code. A verify link proves `email`, which becomes the
    account's own. The purpose `second` is no link: it stands between the right password and the authenticator's code,
    and its token is in the browser's cookie. Nor are `passkey` and `new passkey`: they are challenges, which a passkey
    signs. `unproved` leads to the page that says where a mail went.
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


class FormerHash(Table):
    """A format of password hashes that accounts have from an older portal: `specimen` is such a hash of nobody (D04).

    While there is one, every sign-in does its work too: otherwise the time would tell those accounts from others.
    """

    id = AutoField()
    specimen = CharField(unique=True)

    @classmethod
    def specimens(cls) -> list[str]:
        """One hash of nobody for each format in use."""
        return [specimen for (specimen,) in cls.select(cls.specimen).order_by(cls.specimen).tuples()]


class SecurityAnswer(Table):
    """The hashed answer to a security question, where the preset asks for such (D03, S03). `question` is a code."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    question = CharField()
    answer_hash = CharField()

    class Meta:
        indexes = ((("account", "question"), True),)


class Authenticator(Table):
    """An authenticator app (RFC 6238) of an account's owner; it counts from `confirmed_at` on, its first right code.

    The secret it shares with the portal is made of `salt` and the portal's own secret key and is stored nowhere.
    `last_step` is the latest half minute whose code was used: each works once.
    """

    id = AutoField()
    account = ForeignKeyField(Account, unique=True, on_delete="CASCADE")
    salt = CharField()
    confirmed_at = DateTimeField(null=True)
    last_step = IntegerField(null=True)


class BackupCode(Table):
    """A code that works once instead of the authenticator's; only its keyed hash is kept."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    code_hash = CharField(unique=True)
    used_at = DateTimeField(null=True)


class Passkey(Table):
    """A passkey of an account's owner (WebAuthn), which signs instead of a code of the authenticator's.

    `credential_id` and `public_key` (COSE) are base64url. `sign_count` is the device's own count of its signatures,
    zero where it does not count; one that does not grow is a copy's.
    """

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    credential_id = CharField(max_length=1400, unique=True)
    public_key = TextField()
    sign_count = BigIntegerField(default=0)
    name = CharField()
    created_at = DateTimeField()
    used_at = DateTimeField(null=True)


class ProviderIdentity(Table):
    """That the owner of an account is, at the OpenID provider `issuer`, the one whom it calls `subject`."""

    id = AutoField()
    issuer = CharField()
    subject = CharField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    linked_at = DateTimeField()
    used_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("issuer", "subject"), True), (("account", "issuer"), True))


class ProviderSignIn(Table):
    """A sign-in at the OpenID provider on its way, for ten minutes: what its answer has to fit, once.

    `purpose` is staff, students, or link (for `account`, which is signed in); `back` is the page that was asked for.
    """

    id = AutoField()
    state_hash = CharField(unique=True)
    purpose = CharField()
    account = ForeignKeyField(Account, null=True, on_delete="CASCADE")
    nonce = CharField()
    verifier = CharField()
    back = TextField(default="")
    created_at = DateTimeField()


class Preference(Table):
    """How the owner of an account wants to be reached (D07): by e-mail, by text, or both.

    `text_number` (E.164) is one whose owner has typed a code that was sent to it, at `text_verified_at`. `new_number`
    waits for its code until `code_until`; only the code's hash is kept.

    News of the record (X05) come as `digest` says: unset (never asked, so nothing), off, daily, or weekly on
    `digest_day` (0 is Monday), at `digest_hour` on the district's clock; nothing is sent on `quiet_days` and between
    `quiet_from` and `quiet_until`. `kinds` maps mail and text to the kinds of news that go there; empty means all, by
    the first way there is. `told` are the rows that a digest has told of and that could come up again, by kind.
    `stop_hash` is that of the address in these mails at which they are stopped.
    """

    id = AutoField()
    account = ForeignKeyField(Account, unique=True, on_delete="CASCADE")
    by_email = BooleanField(default=True)
    by_text = BooleanField(default=False)
    text_number = CharField(null=True)
    text_verified_at = DateTimeField(null=True)
    new_number = CharField(null=True)
    code_hash = CharField(null=True)
    code_until = DateTimeField(null=True)
    digest = CharField(default="unset")
    digest_day = IntegerField(default=5)
    digest_hour = IntegerField(default=8)
    quiet_from = IntegerField(null=True)
    quiet_until = IntegerField(null=True)
    quiet_days = JSONField(null=True)
    kinds = JSONField(null=True)
    attendance_alerts = BooleanField(default=False)
    last_digest_at = DateTimeField(null=True)
    told = JSONField(null=True)
    stop_hash = CharField(null=True, unique=True)


class LoginSession(Table):
    """A signed-in browser. The cookie holds a random token, this table its hash (CHECKS 20)."""

    id = AutoField()
    token_hash = CharField(unique=True)
    account = ForeignKeyField(Account, on_delete="CASCADE")
    created_at = DateTimeField()
    seen_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ip = CharField()


class ViewingAs(Table):
    """That the member of staff in `session` looks at the portal as the owner of `account`, a guardian, since then."""

    id = AutoField()
    session = ForeignKeyField(LoginSession, unique=True, on_delete="CASCADE")
    account = ForeignKeyField(Account, on_delete="CASCADE")
    since = DateTimeField()


class Draft(Table):
    """What the owner of an account had typed into a form when the session had ended; nobody else gets it back.

    `page` is the address of the form, `typed` its fields as JSON.
    """

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    page = CharField()
    typed = TextField()
    kept_at = DateTimeField()

    class Meta:
        indexes = ((("account", "page"), True),)


class CalendarFeed(Table):
    """A secret address at which one account's calendar program reads one child's calendar; only its hash is kept (X06).

    What it may tell is asked anew at every fetch; a new address ends the earlier one of the same account and child.
    """

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    student = ForeignKeyField(Student, on_delete="CASCADE")
    token_hash = CharField(unique=True)
    created_at = DateTimeField()
    revoked_at = DateTimeField(null=True)
    fetched_at = DateTimeField(null=True)


class DataExport(Table):
    """A copy of one student's record that an account has asked for; the worker makes it, and it is kept a day (X07).

    `state` is queued, running, ready or failed. `withheld` are the sections that the copy leaves out: those closed to
    the account when it was made. A worker claims rows until `leased_until`; `attempts` counts how often that was.
    """

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    student = ForeignKeyField(Student, on_delete="CASCADE")
    language = CharField()
    state = CharField(default="queued", index=True)
    withheld = JSONField(default=list)
    requested_at = DateTimeField()
    ready_at = DateTimeField(null=True)
    leased_until = DateTimeField(null=True)
    attempts = IntegerField(default=0)
    content = BlobField(null=True)


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
    """News of the district (`school` is empty) or of one school, shown from `begins_on` through `ends_on`.

    `grade_levels` narrows it to some grades, separated by commas, `audience` to some of OneRoster's roles; `section` to
    one class. `is_important` notices stand on every page until they are read, `is_public` ones on the sign-in page too;
    one that `must_confirm` is read when its reader says so. Notices of the feed have a `sourced_id`, and NoticeSchools.
    """

    id = AutoField()
    sourced_id = CharField(null=True, unique=True)
    school = ForeignKeyField(School, null=True, on_delete="CASCADE")
    section = ForeignKeyField(Section, null=True, on_delete="CASCADE")
    grade_levels = CharField(null=True)
    audience = CharField(null=True)
    is_important = BooleanField(default=False)
    is_public = BooleanField(default=False)
    must_confirm = BooleanField(default=False)
    begins_on = DateField()
    ends_on = DateField(null=True)
    created_at = DateTimeField()
    created_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")


class NoticeSchool(Table):
    """One of the organizations whose notice of the feed it is; the district's own is everybody's."""

    id = AutoField()
    notice = ForeignKeyField(Notice, on_delete="CASCADE")
    school = ForeignKeyField(School, on_delete="CASCADE")

    class Meta:
        indexes = ((("notice", "school"), True),)


class NoticeTranslation(Table):
    """A notice in one language; the feed need not say in which. Of two in one language the first counts."""

    id = AutoField()
    sourced_id = CharField(null=True, unique=True)
    notice = ForeignKeyField(Notice, on_delete="CASCADE", backref="translations")
    language = CharField()
    title = CharField()
    body = TextField()

    class Meta:
        indexes = ((("notice", "language"), False),)


class NoticeRead(Table):
    """That the owner of an account has seen a notice."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE", index=False)
    notice = ForeignKeyField(Notice, on_delete="CASCADE")
    at = DateTimeField()

    class Meta:
        indexes = ((("account", "notice"), True),)


class SchoolContact(Table):
    """Somebody whom families ask about the portal and its training: of a school, or of the district (D18).

    `role` is one of `services.office.pages.ROLES`; the lowest `position` stands first.
    """

    id = AutoField()
    school = ForeignKeyField(School, null=True, on_delete="CASCADE")
    name = CharField()
    role = CharField()
    phone = CharField(null=True)
    email = CharField(null=True)
    position = IntegerField(default=0)


class TrainingDate(Table):
    """A meeting at which families learn to use the portal, at a school or of the district (D18).

    `texts` maps a language to what is said of it.
    """

    id = AutoField()
    school = ForeignKeyField(School, null=True, on_delete="CASCADE")
    starts_at = DateTimeField(index=True)
    ends_at = DateTimeField(null=True)
    place = CharField()
    texts = JSONField(default=dict)


class Place(Table):
    """Where there are public computers or free classes (D21); `texts` maps a language to what is said of it."""

    id = AutoField()
    name = CharField()
    address = CharField(null=True)
    phone = CharField(null=True)
    hours = CharField(null=True)
    web_site = CharField(null=True)
    position = IntegerField(default=0)
    texts = JSONField(default=dict)


class HelpLink(Table):
    """Something of the district's on the help page (G14, G19): a guide, a video, a form, a document or an answer.

    `titles`, `texts` and `urls` map a language to its own: a document has an address for each language that it exists
    in. In the answer to a question (`kind` is faq) the title is the question.
    """

    id = AutoField()
    kind = CharField()
    position = IntegerField(default=0)
    titles = JSONField(default=dict)
    texts = JSONField(default=dict)
    urls = JSONField(default=dict)


class Message(Table):
    """What a guardian or student wrote about one student: to a member of `staff`, or a school's office (G07).

    The office's `contact` may be gone by now; without either it was one.
    """

    id = AutoField()
    account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    student = ForeignKeyField(Student, on_delete="CASCADE")
    staff = ForeignKeyField(Staff, null=True, on_delete="CASCADE")
    contact = ForeignKeyField(SchoolContact, null=True, on_delete="SET NULL")
    section = ForeignKeyField(Section, null=True, on_delete="SET NULL")
    body = TextField()
    created_at = DateTimeField()


class IdentityCheck(Table):
    """That somebody at the office made sure who was asking (G09, H04): by a document, or by questions.

    `document` names its kind, never its number; `asked` and `matched` are the names of questions, never answers.
    """

    id = AutoField()
    at = DateTimeField()
    checked_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
    student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
    document = CharField(null=True)
    asked = JSONField(default=list)
    matched = JSONField(default=list)
    passed = BooleanField()


class ResetRequest(Table):
    """A teacher's wish that a student's account be reset so that the student can claim it again (S05)."""

    id = AutoField()
    student = ForeignKeyField(Student, on_delete="CASCADE")
    asked_by = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    state = CharField(default="open", index=True)
    created_at = DateTimeField()
    closed_at = DateTimeField(null=True)
    closed_by = ForeignKeyField(Account, null=True, on_delete="SET NULL", backref="+")


class WorkOrder(Table):
    """A problem handed to the district's technical support, with what had been checked (H07)."""

    id = AutoField()
    guardian = ForeignKeyField(Guardian, null=True, on_delete="CASCADE")
    student = ForeignKeyField(Student, null=True, on_delete="CASCADE")
    problem = TextField()
    checks = JSONField(default=list)
    state = CharField(default="open", index=True)
    answer = TextField(null=True)
    created_at = DateTimeField()
    created_by = ForeignKeyField(Account, null=True, on_delete="SET NULL", backref="+")
    closed_at = DateTimeField(null=True)
    closed_by = ForeignKeyField(Account, null=True, on_delete="SET NULL", backref="+")


class ContactRequest(Table):
    """A guardian's wish to have an address, phone or name changed (C05); `state` is open, done or declined."""

    id = AutoField()
    account = ForeignKeyField(Account, on_delete="CASCADE")
    body = TextField()
    state = CharField(default="open", index=True)
    answer = TextField(null=True)
    created_at = DateTimeField()
    closed_at = DateTimeField(null=True)
    closed_by = ForeignKeyField(Account, null=True, on_delete="SET NULL", backref="+")


class AbsenceReport(Table):
    """That a guardian told the school of an absence of a student, past or to come (X11).

    Without times it is whole days. `reason` is a code of the setting `absence_reasons`; `state` is new, seen, recorded,
    declined (`answer` says why) or withdrawn (by the guardian).
    """

    id = AutoField()
    account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    student = ForeignKeyField(Student, on_delete="CASCADE")
    first_day = DateField()
    last_day = DateField(index=True)
    from_time = TimeField(null=True)
    until_time = TimeField(null=True)
    reason = CharField()
    note = TextField(null=True)
    state = CharField(default="new", index=True)
    answer = TextField(null=True)
    created_at = DateTimeField()
    closed_at = DateTimeField(null=True)
    closed_by = ForeignKeyField(Account, null=True, on_delete="SET NULL", backref="+")


class OutboundMail(Table):
    """A mail or text to send: written in the transaction that caused it, sent by the worker, retried until delivered.

    `channel` is mail or text; a text goes to a number and has no subject. `state` is queued, sent, failed or withdrawn.
    A worker claims rows until `leased_until`. `header_id` is the mail's Message-ID, so that one sent twice after a
    crash can be recognized; `headers` are further ones. It is to or from the owner of an `account`, or a `guardian` who
    may have none. What is about a student goes only while that owner's rights hold (`services.withdrawal`): `about`
    names the students, each with the sections that are needed, and in news what was told (`services.digests`).
    """

    id = AutoField()
    header_id = CharField(unique=True)
    channel = CharField(default="mail")
    kind = CharField()
    state = CharField(default="queued")
    recipient = CharField()
    reply_to = CharField(null=True)
    subject = TextField()
    text = TextField()
    message = ForeignKeyField(Message, null=True, on_delete="SET NULL")
    account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
    guardian = ForeignKeyField(Guardian, null=True, on_delete="SET NULL")
    headers = JSONField(null=True)
    about = JSONField(null=True)
    created_at = DateTimeField()
    due_at = DateTimeField()
    leased_until = DateTimeField(null=True)
    attempts = IntegerField(default=0)
    sent_at = DateTimeField(null=True)
    last_error = TextField(null=True)

    class Meta:
        indexes = ((("state", "due_at"), False),)


class Job(Table):
    """Something that the worker does once, batch by batch: the digests of an hour, the alerts after an import.

    `key` says which; whoever finds it taken leaves the job to its row. A worker claims a row until `leased_until`, does
    one batch, and writes its last account's id into `cursor` in the batch's own transaction. `attempts` counts failed
    tries in a row, of which `error` is the last.
    """

    id = AutoField()
    kind = CharField()
    key = CharField(unique=True)
    due_at = DateTimeField()
    cursor = IntegerField(default=0)
    leased_until = DateTimeField(null=True)
    attempts = IntegerField(default=0)
    done_at = DateTimeField(null=True)
    error = TextField(null=True)


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
