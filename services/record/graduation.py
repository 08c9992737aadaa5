"""On track to graduate: credits earned against those that a student's plan asks for (D15)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from models import GraduationPlan, GraduationRequirement, SchoolEnrollment, StudentGraduationPlan
from services import formats
from services.prepared import Prepared
from services.record import assessments, codes
from services.record.transcript import Taken, word

_OWN_PLAN = Prepared(
    lambda student: (
        GraduationPlan.select(GraduationPlan, StudentGraduationPlan.graduates_on.alias("graduates_on"))
        .join(StudentGraduationPlan)
        .where(StudentGraduationPlan.student == student)
        .order_by(StudentGraduationPlan.graduates_on.desc(nulls="last"), StudentGraduationPlan.id.desc())
        .limit(1)
        .objects()
    )
)
_SCHOOLS_PLAN = Prepared(
    lambda student, on: (
        GraduationPlan.select()
        .join(SchoolEnrollment)
        .where(SchoolEnrollment.student == student, SchoolEnrollment.is_current(on))
        .order_by(SchoolEnrollment.is_primary.desc(), SchoolEnrollment.id)
        .limit(1)
    )
)
_REQUIREMENTS = Prepared(
    lambda plan: (
        GraduationRequirement.select().where(GraduationRequirement.plan == plan).order_by(GraduationRequirement.id)
    )
)

#: What plans call the part that any course fills.
_OPEN = ("elective", "electives", "generalelective", "generalelectives", "freeelective", "freeelectives")
#: Credits are sums of halves, quarters and thirds; less than this is nothing.
_NOTHING = 0.005


class Bar(NamedTuple):
    """How far a bar is filled, in percent: by what is earned, and by what is in progress after it."""

    earned: float
    in_progress: float


class Line(NamedTuple):
    """One requirement in credits; `left` is what is neither earned nor in progress, empty when that is nothing."""

    title: str
    required: str
    earned: str
    in_progress: str
    left: str
    is_met: bool
    bar: Bar


class RequiredTest(NamedTuple):
    """A test that the plan asks for, with each time it was taken and what came out, as pairs. `key` is the test's."""

    title: str
    key: int | None
    results: list[tuple[str, str]]


class Plan(NamedTuple):
    """How far a student is. `required` is empty where the plan has no total; `unused` credits fit no requirement.

    `state` is done when everything is earned, uneven when the total is but some requirement is not, else empty.
    """

    earned: str
    required: str
    in_progress: str
    bar: Bar | None
    state: str
    lines: list[Line]
    unused: str
    tests: list[RequiredTest]
    graduates_on: str


class _Need:
    """A requirement while courses are dealt out: what it takes, and how much of it is free.

    Its kind decides where the row names more than one; else a set of courses goes before a category, that before a
    subject.
    """

    def __init__(self, row: GraduationRequirement) -> None:
        self.row, self.required = row, row.credits or 0.0
        self.earned = self.in_progress = 0.0
        self.codes = {word(code) for code in (row.course_codes or "").split(",")} - {""}
        self.category, self.subject = word(row.credit_category or ""), word(row.subject or "")
        kind = word(row.kind or "")
        if kind == "creditsbysubject" and self.subject:
            self.codes, self.category = set(), ""
        elif kind == "creditsbycreditcategory" and self.category:
            self.codes = set()
        self.is_open = not self.codes and (self.category or self.subject or word(row.course_set or "")) in _OPEN
        #: Sets of courses are narrower than categories, categories narrower than subjects; what is open comes last.
        self.rank = 3 if self.is_open else 0 if self.codes else 1 if self.category else 2

    @property
    def is_met(self) -> bool:
        """Whether all of its credits are earned."""
        return self.required - self.earned < _NOTHING

    def takes(self, one: Taken) -> bool:
        """Whether a course counts here by itself."""
        if self.codes:
            return word(one.code) in self.codes
        if self.category:
            return self.category in map(word, one.categories)
        return bool(self.subject) and word(one.subject) == self.subject

    def fill(self, credits: float, *, earned: bool) -> float:
        """Take as many of the credits as there is room for, and give back the rest."""
        taken = min(credits, max(0.0, self.required - self.earned - self.in_progress))
        if earned:
            self.earned += taken
        else:
            self.in_progress += taken
        return credits - taken


def on_track(
    student_id: int, courses: list[Taken], on: dt.date, locale: str, *, with_tests: bool = True
) -> Plan | None:
    """The student's own plan, else that of the present school, held against the transcript; None without a plan.

    Each credit counts once: in the narrowest requirement that has room for it, else where the plan takes any course.
    Tests say what the feed says of them, never whether that is enough; `with_tests=False` leaves their results out.
    """
    plan = next(iter(_OWN_PLAN(student_id)), None) or next(iter(_SCHOOLS_PLAN(student_id, on)), None)
    if plan is None:
        return None
    rows = _REQUIREMENTS(plan.id)
    needs = [_Need(row) for row in rows if (row.credits or 0) > 0]
    unused = _deal_out(needs, [(one, one.credits) for one in courses], earned=True)
    _deal_out(needs, [(one, one.attempted or 0.0) for one in courses if one.in_progress], earned=False)
    earned = sum(one.credits for one in courses)
    in_progress = sum(one.attempted or 0.0 for one in courses if one.in_progress)
    required = plan.total_credits or sum(need.required for need in needs)
    subjects, categories = codes.read("AcademicSubjectDescriptor", "CreditCategoryDescriptor")
    return Plan(
        formats.exact(round(earned, 4), locale), formats.exact(required or None, locale),
        _amount(in_progress, locale), _bar(earned, in_progress, required) if required else None,
        _state(needs, earned, required),
        [_line(need, subjects, categories, locale) for need in needs],
        _amount(unused, locale) if needs else "",
        _tests(student_id, {row.assessment for row in rows if row.assessment}, locale, with_tests),
        formats.day(getattr(plan, "graduates_on", None), locale),
    )  # fmt: skip


def _deal_out(needs: list[_Need], credits: list[tuple[Taken, float]], *, earned: bool) -> float:
    """Give each course's credits to the requirements; what none of them takes is given back.

    Courses that fit few requirements choose first, so that those that fit many do not take their place.
    """
    by_rank = sorted(needs, key=lambda need: need.rank)
    fits = [(one, amount, [need for need in by_rank if need.takes(one)]) for one, amount in credits if amount > 0]
    unused = 0.0
    for _one, amount, places in sorted(fits, key=lambda fit: len(fit[2])):
        for need in (*places, *(need for need in by_rank if need.is_open and need not in places)):
            amount = need.fill(amount, earned=earned)
        unused += amount
    return unused


def _state(needs: list[_Need], earned: float, required: float) -> str:
    if not required or required - earned > _NOTHING:
        return ""
    return "done" if all(need.is_met for need in needs) else "uneven"


def _line(need: _Need, subjects: codes.CodeSet, categories: codes.CodeSet, locale: str) -> Line:
    left = need.required - need.earned - need.in_progress
    row = need.row
    return Line(
        row.course_set or categories.label(row.credit_category) or subjects.label(row.subject),
        formats.exact(need.required, locale), formats.exact(round(need.earned, 4), locale),
        _amount(need.in_progress, locale), _amount(left, locale), need.is_met,
        _bar(need.earned, need.in_progress, need.required),
    )  # fmt: skip


def _bar(earned: float, in_progress: float, required: float) -> Bar:
    first = min(100.0, 100 * earned / required)
    return Bar(round(first, 1), round(min(100.0 - first, 100 * in_progress / required), 1))


def _amount(credits: float, locale: str) -> str:
    return formats.exact(round(credits, 4), locale) if credits >= _NOTHING else ""


def _tests(student_id: int, identifiers: set[str], locale: str, with_results: bool) -> list[RequiredTest]:
    if not identifiers:
        return []
    taken = {one.identifier: one for one in assessments.tests_of(student_id, locale)} if with_results else {}
    titles = {identifier: test.title for identifier, test in taken.items()}
    if identifiers - titles.keys():
        titles |= assessments.titles(identifiers - titles.keys())
    return [
        RequiredTest(
            titles.get(identifier, identifier),
            taken[identifier].key if identifier in taken else None,
            [
                (sitting.day, ", ".join(sitting.levels or [score.value for score in sitting.scores]))
                for sitting in (taken[identifier].sittings if identifier in taken else [])
                if not sitting.is_untested
            ],
        )
        for identifier in sorted(identifiers, key=lambda one: titles.get(one, one))
    ]
