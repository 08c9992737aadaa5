"""The rest of the record: attendance, behavior, tests, history, calendar, schedule, library, fees, buses, resources."""

from peewee import *  # noqa: F403


def up(migrator, db):
    class AcademicSession(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "academic_session"

    class Course(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "course"

    class School(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "school"

    class Section(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "section"

    class Staff(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "staff"

    class Student(Model):
        class Meta:
            database = db
            legacy_table_names = False
            table_name = "student"

    class AcademicHonor(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        category = CharField(null=True)
        description = CharField(null=True)
        date = DateField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "academic_honor"

    db.create_tables([AcademicHonor])

    class AcademicRecord(Model):
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

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "academic_record"

    db.create_tables([AcademicRecord])

    class Assessment(Model):
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

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "assessment"

    db.create_tables([Assessment])

    class AssessmentScale(Model):
        sourced_id = CharField(unique=True)
        identifier = CharField(index=True)
        namespace = CharField(null=True)
        objective = CharField(null=True)
        method = CharField(null=True)
        minimum = CharField(null=True)
        maximum = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "assessment_scale"

    db.create_tables([AssessmentScale])

    class BellDay(Model):
        sourced_id = CharField(unique=True)
        school = ForeignKeyField(School, index=False, on_delete="CASCADE")
        name = CharField(null=True)
        date = DateField()
        alternate_day = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "bell_day"
            indexes = ((("school", "date"), False),)

    db.create_tables([BellDay])

    class BellTime(Model):
        sourced_id = CharField(unique=True)
        school = ForeignKeyField(School, on_delete="CASCADE")
        name = CharField(null=True)
        period = CharField(null=True)
        alternate_day = CharField(null=True)
        start_time = TimeField(null=True)
        end_time = TimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "bell_time"

    db.create_tables([BellTime])

    class CalendarDay(Model):
        sourced_id = CharField(unique=True)
        school = ForeignKeyField(School, index=False, on_delete="CASCADE")
        calendar_code = CharField(null=True)
        date = DateField()
        kinds = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "calendar_day"
            indexes = ((("school", "date"), False),)

    db.create_tables([CalendarDay])

    class Charge(Model):
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

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "charge"

    db.create_tables([Charge])

    class ClassPeriod(Model):
        sourced_id = CharField(unique=True)
        school = ForeignKeyField(School, on_delete="CASCADE")
        name = CharField()
        start_time = TimeField(null=True)
        end_time = TimeField(null=True)
        official = BooleanField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "class_period"

    db.create_tables([ClassPeriod])

    class Code(Model):
        sourced_id = CharField(unique=True)
        code_set = CharField(null=True)
        local_code = CharField()
        code_value = CharField(null=True)
        short_description = CharField(null=True)
        counts_as = CharField(null=True)
        parent_visible = BooleanField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "code"

    db.create_tables([Code])

    class Resource(Model):
        sourced_id = CharField(unique=True)
        title = CharField(null=True)
        vendor_resource_id = CharField(null=True)
        roles = CharField(null=True)
        importance = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "resource"

    db.create_tables([Resource])

    class CourseResource(Model):
        sourced_id = CharField(unique=True)
        title = CharField(null=True)
        course = ForeignKeyField(Course, on_delete="CASCADE")
        resource = ForeignKeyField(Resource, on_delete="CASCADE")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "course_resource"

    db.create_tables([CourseResource])

    class Incident(Model):
        sourced_id = CharField(unique=True)
        school = ForeignKeyField(School, null=True, on_delete="SET NULL")
        date = DateField(null=True)
        time = TimeField(null=True)
        location = CharField(null=True)
        description = TextField(null=True)
        parent_visible = BooleanField(default=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "incident"

    db.create_tables([Incident])

    class DisciplineAction(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        incident = ForeignKeyField(Incident, null=True, on_delete="SET NULL")
        disciplines = CharField(null=True)
        date = DateField(null=True)
        length = DoubleField(null=True)
        actual_length = DoubleField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "discipline_action"

    db.create_tables([DisciplineAction])

    class Event(Model):
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

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "event"

    db.create_tables([Event])

    class EventSchool(Model):
        event = ForeignKeyField(Event, on_delete="CASCADE")
        school = ForeignKeyField(School, on_delete="CASCADE")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "event_school"
            indexes = ((("event", "school"), True),)

    db.create_tables([EventSchool])

    class GraduationPlan(Model):
        sourced_id = CharField(unique=True)
        school = ForeignKeyField(School, null=True, on_delete="SET NULL")
        kind = CharField(null=True)
        school_year = CharField(null=True)
        total_credits = DoubleField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "graduation_plan"

    db.create_tables([GraduationPlan])

    class GraduationRequirement(Model):
        sourced_id = CharField(unique=True)
        plan = ForeignKeyField(GraduationPlan, on_delete="CASCADE")
        kind = CharField(null=True)
        subject = CharField(null=True)
        credit_category = CharField(null=True)
        course_set = CharField(null=True)
        course_codes = TextField(null=True)
        credits = DoubleField(null=True)
        assessment = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "graduation_requirement"

    db.create_tables([GraduationRequirement])

    class IncidentBehavior(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        incident = ForeignKeyField(Incident, on_delete="CASCADE")
        behavior = CharField(null=True)
        detail = TextField(null=True)
        participation = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "incident_behavior"

    db.create_tables([IncidentBehavior])

    class Loan(Model):
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

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "loan"

    db.create_tables([Loan])

    class MealAccount(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        number = CharField(null=True)
        balance = DoubleField(null=True)
        as_of = DateField(null=True)
        low_balance = DoubleField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "meal_account"

    db.create_tables([MealAccount])

    class Meeting(Model):
        sourced_id = CharField(unique=True)
        section = ForeignKeyField(Section, on_delete="CASCADE")
        alternate_day = CharField(null=True)
        period = CharField(null=True)
        start_time = TimeField(null=True)
        end_time = TimeField(null=True)
        room = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "meeting"

    db.create_tables([Meeting])

    class ProgramParticipation(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        school = ForeignKeyField(School, null=True, on_delete="SET NULL")
        name = CharField(null=True)
        kind = CharField(null=True)
        begin_date = DateField(null=True)
        end_date = DateField(null=True)
        services = CharField(null=True)
        reason_exited = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "program_participation"

    db.create_tables([ProgramParticipation])

    class ReportCard(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        school = ForeignKeyField(School, null=True, on_delete="SET NULL")
        session = ForeignKeyField(AcademicSession, null=True, on_delete="SET NULL")
        days_absent = DoubleField(null=True)
        days_present = DoubleField(null=True)
        days_tardy = DoubleField(null=True)
        gpa = DoubleField(null=True)
        gpa_kind = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "report_card"

    db.create_tables([ReportCard])

    class SchoolAttendanceEvent(Model):
        id = BigAutoField()
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, index=False, on_delete="CASCADE")
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
            database = db
            legacy_table_names = False
            table_name = "school_attendance_event"
            indexes = ((("student", "date"), False),)

    db.create_tables([SchoolAttendanceEvent])

    class StudentAssessment(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        identifier = CharField()
        namespace = CharField(null=True)
        date = DateField(null=True)
        grade_level = CharField(null=True)
        school_year = CharField(null=True)
        retest = CharField(null=True)
        not_tested = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "student_assessment"

    db.create_tables([StudentAssessment])

    class ScoreResult(Model):
        sourced_id = CharField(unique=True)
        student_assessment = ForeignKeyField(StudentAssessment, on_delete="CASCADE")
        objective = CharField(null=True)
        method = CharField(null=True)
        result = CharField(null=True)
        performance_level = CharField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "score_result"

    db.create_tables([ScoreResult])

    class ScoreScale(Model):
        sourced_id = CharField(unique=True)
        title = CharField(null=True)
        kind = CharField(null=True)
        school = ForeignKeyField(School, null=True, on_delete="SET NULL")
        course = ForeignKeyField(Course, null=True, on_delete="CASCADE")
        section = ForeignKeyField(Section, null=True, on_delete="CASCADE")
        marks = TextField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "score_scale"

    db.create_tables([ScoreScale])

    class SectionAttendanceEvent(Model):
        id = BigAutoField()
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, index=False, on_delete="CASCADE")
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
            database = db
            legacy_table_names = False
            table_name = "section_attendance_event"
            indexes = ((("student", "date"), False),)

    db.create_tables([SectionAttendanceEvent])

    class SectionResource(Model):
        sourced_id = CharField(unique=True)
        title = CharField(null=True)
        section = ForeignKeyField(Section, on_delete="CASCADE")
        resource = ForeignKeyField(Resource, on_delete="CASCADE")

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "section_resource"

    db.create_tables([SectionResource])

    class StaffRole(Model):
        staff = ForeignKeyField(Staff, index=False, on_delete="CASCADE")
        school = ForeignKeyField(School, on_delete="CASCADE")
        role = CharField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "staff_role"
            indexes = ((("staff", "school", "role"), True),)

    db.create_tables([StaffRole])

    class StudentGraduationPlan(Model):
        sourced_id = CharField(unique=True)
        student = ForeignKeyField(Student, on_delete="CASCADE")
        plan = ForeignKeyField(GraduationPlan, on_delete="CASCADE")
        graduates_on = DateField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "student_graduation_plan"

    db.create_tables([StudentGraduationPlan])

    class TranscriptCourse(Model):
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

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "transcript_course"

    db.create_tables([TranscriptCourse])

    class Transportation(Model):
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

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "transportation"

    db.create_tables([Transportation])

    migrator.migrate(migrator.add_column("guardianship", "household", CharField(index=True, null=True)))
    migrator.migrate(migrator.add_column("school_enrollment", "calendar_code", CharField(null=True)))
    migrator.migrate(
        migrator.add_column(
            "school_enrollment",
            "plan_id",
            ForeignKeyField(GraduationPlan, field=GraduationPlan.id, null=True, on_delete="SET NULL"),
        )
    )


def down(migrator, db):
    migrator.migrate(migrator.drop_index("school_enrollment", "school_enrollment_plan_id"))
    migrator.migrate(migrator.drop_index("guardianship", "guardianship_household"))
    migrator.migrate(migrator.drop_column("school_enrollment", "plan_id"))
    migrator.migrate(migrator.drop_column("school_enrollment", "calendar_code"))
    migrator.migrate(migrator.drop_column("guardianship", "household"))
    migrator.migrate(migrator.drop_table("transportation"))
    migrator.migrate(migrator.drop_table("transcript_course"))
    migrator.migrate(migrator.drop_table("student_graduation_plan"))
    migrator.migrate(migrator.drop_table("staff_role"))
    migrator.migrate(migrator.drop_table("section_resource"))
    migrator.migrate(migrator.drop_table("section_attendance_event"))
    migrator.migrate(migrator.drop_table("score_scale"))
    migrator.migrate(migrator.drop_table("score_result"))
    migrator.migrate(migrator.drop_table("student_assessment"))
    migrator.migrate(migrator.drop_table("school_attendance_event"))
    migrator.migrate(migrator.drop_table("report_card"))
    migrator.migrate(migrator.drop_table("program_participation"))
    migrator.migrate(migrator.drop_table("meeting"))
    migrator.migrate(migrator.drop_table("meal_account"))
    migrator.migrate(migrator.drop_table("loan"))
    migrator.migrate(migrator.drop_table("incident_behavior"))
    migrator.migrate(migrator.drop_table("graduation_requirement"))
    migrator.migrate(migrator.drop_table("graduation_plan"))
    migrator.migrate(migrator.drop_table("event_school"))
    migrator.migrate(migrator.drop_table("event"))
    migrator.migrate(migrator.drop_table("discipline_action"))
    migrator.migrate(migrator.drop_table("incident"))
    migrator.migrate(migrator.drop_table("course_resource"))
    migrator.migrate(migrator.drop_table("resource"))
    migrator.migrate(migrator.drop_table("code"))
    migrator.migrate(migrator.drop_table("class_period"))
    migrator.migrate(migrator.drop_table("charge"))
    migrator.migrate(migrator.drop_table("calendar_day"))
    migrator.migrate(migrator.drop_table("bell_time"))
    migrator.migrate(migrator.drop_table("bell_day"))
    migrator.migrate(migrator.drop_table("assessment_scale"))
    migrator.migrate(migrator.drop_table("assessment"))
    migrator.migrate(migrator.drop_table("academic_record"))
    migrator.migrate(migrator.drop_table("academic_honor"))
