"""The sentences of reports and downloads in the reader's words; `services.reports` puts values into them."""

from __future__ import annotations

from flask_babel import force_locale, get_locale, pgettext
from flask_babel import gettext as _

from services.reports.structure import Words
from views import words


def current() -> Words:
    """The words of the language that this request is answered in."""
    locale = get_locale()
    texts = {**_titles(), **_labels(), **_sentences(), **_download(), **words.course_states()}
    return Words(str(locale), locale.text_direction == "rtl", texts, words.history_words(), words.grade_level)


def in_language(code: str) -> Words:
    """The words of a language, whoever asks: what is made in the background is for the one who has asked for it.

    Grade levels are looked up later, so they are said in that language by themselves.
    """

    def grade_level(level: str) -> str:
        with force_locale(code):
            return words.grade_level(level)

    with force_locale(code):
        return current()._replace(grade_level=grade_level)


def _titles() -> dict[str, str]:
    """What the reports are called, by their names in addresses."""
    return {
        "schedule": _("Class schedule"),
        "missing-assignments": _("Missing assignments"),
        "report-card": _("Report card"),
        "transcript": _("Transcript"),
    }


def _labels() -> dict[str, str]:
    """Heads of columns and names of facts."""
    return {
        "period": pgettext("of the school day", "Period"),
        # Translators: heading: when a class begins and ends
        "time": _("Time"),
        # Translators: heading: days on which a class meets
        "days": _("Days"),
        # Translators: heading: first and last day of a class
        "dates": _("Dates"),
        "class": pgettext("that is taught", "Class"),
        "teacher": _("Teacher"),
        # Translators: heading: classroom
        "room": _("Room"),
        "school": _("School"),
        "assignment": _("Assignment"),
        "due": pgettext("on which day", "Due"),
        # Translators: heading: how many points an assignment can bring
        "points": _("Points"),
        "comment": _("Comment"),
        "task": pgettext("what a grade is for", "For"),
        "mark": pgettext("a mark", "Grade"),
        # Translators: heading: the day from which a number is
        "as of": _("As of"),
        "days present": _("Days present"),
        "days absent": _("Days absent"),
        "days tardy": _("Days late"),
        # Translators: grade point average, a number from 0 to 4 or 5
        "average": _("GPA"),
        "course": _("Course"),
        "term": _("Term"),
        "attempted": _("Credits possible"),
        "earned": _("Credits earned"),
        "note": pgettext("in a table", "Note"),
        "rank": _("Rank in the class"),
        # Translators: heading: awards for good work
        "honors": _("Honors"),
        "year": _("Whole year"),
        "year unknown": _("Year not known"),
        "untitled": _("Without a title"),
        "counted": pgettext("a course", "Taken again"),
        "not_counted": pgettext("a course", "Taken again; this time does not count"),
    }


def _sentences() -> dict[str, str]:
    """Sentences with places for values."""
    return {
        "number": _("Student number %(number)s"),
        "made": _("Made on %(time)s"),
        "page of": _("Page %(page)s of %(pages)s"),
        # Translators: begins a span of time: from May 3
        "from": _("from %(day)s"),
        "average of": _("GPA, %(when)s"),
        "of best": _("%(value)s of %(best)s"),
        "rank of": _("%(rank)s of %(students)s"),
        "credits": _("%(earned)s of %(attempted)s credits earned"),
        "grades of": _("Grades: %(session)s"),
        "taken at": _("Taken at %(school)s"),
        "schedule empty": _("No classes are entered for this term yet."),
        "missing empty": _("Nothing is missing: the school has not marked any work as missing."),
        "report card empty": _("The school has not posted any grades for a report card this year yet."),
        "no grades": _("No grades have been posted for this term yet."),
        "transcript empty": _("The school has not entered any courses yet."),
        "this year only": _("Before high school the portal has the courses of the present school year alone."),
        "not official": _("This is not an official transcript. The school's office makes official ones."),
    }


def _download() -> dict[str, str]:
    """What the README of a download says; `table …` is a file of it."""
    tables = {
        "users": _("the student's name, number and grade level"),
        "demographics": _("the student's date of birth"),
        "orgs": _("the student's schools, with addresses"),
        "studentSchoolAssociations": _("when the student was enrolled in which school"),
        "classes": _("the student's classes"),
        "enrollments": _("from when to when the student was in which class"),
        "classTeachers": _("who teaches the classes"),
        "classMeetings": _("when and where the classes meet"),
        "lineItems": _("assignments of the classes"),
        "results": _("the student's results on assignments"),
        # Translators: in a list of files
        "grades": _("posted grades"),
        "reportCards": _("what report cards sum up"),
        "studentSchoolAttendanceEvents": _("attendance by day"),
        "studentSectionAttendanceEvents": _("attendance by class"),
        "disciplineIncidents": _("incidents that the student was part of"),
        "studentDisciplineIncidentBehaviorAssociations": _("the student's part in incidents"),
        "disciplineActions": _("what the school did about them"),
        "assessments": _("the tests that the student has taken"),
        "studentAssessments": _("when the student took them"),
        "studentAssessmentScoreResults": _("the student's scores"),
        "studentAcademicRecords": _("credits, averages and rank by year"),
        "courseTranscripts": _("courses taken, with final grades and credits"),
        # Translators: in a list of files: awards for good work
        "academicHonors": _("honors"),
        "studentGraduationPlans": _("the student's graduation plan"),
        "libraryTransactions": _("library books and textbooks on loan"),
        # Translators: in a list of files
        "studentCharges": _("fees"),
        "mealAccounts": _("the meal account"),
        "studentTransportations": _("the way to school and home"),
        "studentProgramAssociations": _("programs that the student takes part in"),
        "academicSessions": _("school years, terms and grading periods"),
        "courses": _("the courses that the classes belong to"),
        "categories": _("kinds of assignments, with their share of the grade"),
        "graduationPlans": _("what graduation plans ask for"),
        "codes": _("the school's words for the codes in the other files"),
    }
    return {
        **{f"table {name}": text for name, text in tables.items()},
        "readme what": _("This is a copy of what the portal has about one student and is open to you."),
        "readme tables": _(
            "The tables open in any spreadsheet. The names of their columns are those of OneRoster 1.2 and Ed-Fi 5.2."
        ),
        "readme json": _("record.json has all the tables in one file for programs, with the same names."),
        "readme apostrophe": _(
            "In the tables an apostrophe stands before texts that a spreadsheet would take for a formula."
        ),
        "readme private": _(
            "Keep these files where only you can open them, and delete them on computers that others use."
        ),
    }
