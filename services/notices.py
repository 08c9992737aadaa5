"""News of the district and of schools: who sees which, what is new to whom (C04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from peewee import JOIN, Expression, ModelSelect, fn

from models import (
    Account,
    Enrollment,
    Guardianship,
    Notice,
    NoticeRead,
    NoticeSchool,
    NoticeTranslation,
    School,
    SchoolEnrollment,
    Student,
    database,
)
from services.prepared import Prepared, filled_up
from services.record import grade_levels

#: The archive shows so many notices, of at most so many of the family's schools that it looks through: grades and roles
#: are compared one by one.
ARCHIVED, _LOOKED_THROUGH = 100, 500

#: Organizations of these kinds are some families'; a notice of one above them is everybody's.
_KINDS = ("school", "department")


def _rows(*conditions: Expression) -> ModelSelect:
    """The notices for which all conditions hold, each with its `school_name`, the latest first."""
    return (
        Notice.select(Notice, School.name.alias("school_name"))
        .join(School, JOIN.LEFT_OUTER)
        .where(*conditions)
        .order_by(Notice.begins_on.desc(), Notice.id.desc())
        .objects()
    )


def _is_on(on: Any) -> Expression:
    return (Notice.begins_on <= on) & (Notice.ends_on.is_null() | (Notice.ends_on >= on))


def _may_concern(students: Any, on: Any) -> Expression:
    """The condition that it is everybody's, or of a school and a class of these students; `_for` looks more closely.

    `students` are ids or a query of such. Many more notices are other schools' in a large district.
    """
    school = School.alias()
    schools = (
        SchoolEnrollment.select(SchoolEnrollment.school)
        .join(school)
        .where(SchoolEnrollment.student.in_(students), SchoolEnrollment.is_current(on), school.switched_on)
    )
    sections = Enrollment.select(Enrollment.section).where(Enrollment.student.in_(students))
    above = school.select(school.id).where(school.kind.not_in(_KINDS))
    places = NoticeSchool.select(NoticeSchool.id).where(NoticeSchool.notice == Notice.id)
    here = places.where(NoticeSchool.school.in_(schools) | NoticeSchool.school.in_(above))
    return (
        (Notice.school.is_null() | Notice.school.in_(schools))
        & (Notice.section.is_null() | Notice.section.in_(sections))
        & (~fn.EXISTS(places) | fn.EXISTS(here))
    )


def _important(account: Any, person: Any, on: Any, *, role: str) -> ModelSelect:
    children = Guardianship.select(Guardianship.student).where(Guardianship.guardian == person)
    read = NoticeRead.select(NoticeRead.id).where(NoticeRead.notice == Notice.id, NoticeRead.account == account)
    family = children if role == "guardian" else [person]
    return _rows(Notice.is_important, _is_on(on), ~fn.EXISTS(read), _may_concern(family, on))


_ON = Prepared(lambda on: _rows(_is_on(on)))
_PUBLIC = Prepared(lambda on: _rows(Notice.is_public, _is_on(on)))
_IMPORTANT = Prepared(_important)
_BOARD = Prepared(lambda students, on: _rows(_is_on(on), _may_concern(students, on)))
_ARCHIVE = Prepared(
    lambda students, on: _rows(Notice.begins_on <= on, Notice.ends_on < on, _may_concern(students, on)).limit(
        _LOOKED_THROUGH
    )
)
_TEXTS = Prepared(
    lambda notices: (
        NoticeTranslation.select(
            NoticeTranslation.notice, NoticeTranslation.language, NoticeTranslation.title, NoticeTranslation.body
        )
        .where(NoticeTranslation.notice.in_(notices))
        .order_by(NoticeTranslation.id)
        .tuples()
    )
)
_READ = Prepared(
    lambda accounts, notices: (
        NoticeRead.select(NoticeRead.account, NoticeRead.notice)
        .where(NoticeRead.account.in_(accounts), NoticeRead.notice.in_(notices))
        .tuples()
    )
)
_PLACES = Prepared(
    lambda notices: (
        NoticeSchool.select(NoticeSchool.notice, School.id, School.name, School.kind)
        .join(School)
        .where(NoticeSchool.notice.in_(notices))
        .order_by(School.name, School.id)
        .tuples()
    )
)
_SCHOOLS = Prepared(
    lambda students, on: (
        SchoolEnrollment.select(SchoolEnrollment.student, SchoolEnrollment.school)
        .join(School)
        .where(SchoolEnrollment.student.in_(students), SchoolEnrollment.is_current(on), School.switched_on)
        .tuples()
    )
)
_SECTIONS = Prepared(
    lambda students: (
        Enrollment.select(Enrollment.student, Enrollment.section).where(Enrollment.student.in_(students)).tuples()
    )
)


#: OneRoster's roles that a guardian and a student have; notices of the feed may be for some roles alone.
_ROLES = {"guardian": {"guardian", "parent", "relative"}, "student": {"student"}}


class Shown(NamedTuple):
    """A notice in one language. `school` is empty for the district's, `language` unless it is not the reader's.

    One that `must_confirm` stays new until its reader says that it has been read.
    """

    id: int
    school: str
    begins_on: dt.date
    title: str
    body: str
    language: str
    is_new: bool
    is_important: bool
    must_confirm: bool


class Board(NamedTuple):
    """What a family sees: the district's notices and the schools', the latest first."""

    district: list[Shown]
    schools: list[Shown]

    @property
    def new(self) -> int:
        """How many have not been read."""
        return sum(one.is_new for one in (*self.district, *self.schools))


def board(
    account: Account, students: Sequence[Student], on: dt.date, language: str, default: str, *, archive: bool = False
) -> Board:
    """The notices for the family of these students that are on now, or with `archive` the latest of those over.

    A school's notice is for the families of that school, one with grades or a class for those of students in it, one
    for some roles for the accounts that have them. The text is the reader's, else the district's `default` language,
    else whichever there is. Six queries at most.
    """
    ids = [student.id for student in students]
    notices = (_ARCHIVE if archive else _BOARD)(ids, on)
    mine = _for(notices, students, account.role, _membership(notices, ids, on))
    if archive:
        mine = mine[:ARCHIVED]
    read = {notice for _, notice in _READ([account.id], filled_up(one.id for one, _ in mine))} if mine else set()
    shown = _shown(mine, language, default, read)
    return Board([one for one in shown if not one.school], [one for one in shown if one.school])


def unread(
    families: Mapping[int, tuple[Sequence[Student], str]], on: dt.date, default: str
) -> dict[int, list[Shown]]:  # fmt: skip
    """The notices that are on and that a guardian has not read, by account: `board` for many at once.

    `families` maps an account's id to its students and its language. Six queries at most, whatever their number.
    """
    notices = _ON(on)
    if not notices or not families:
        return {}
    everybody = filled_up(student.id for students, _ in families.values() for student in students)
    membership = _membership(notices, everybody, on)
    texts, read = _texts(notices), set(_READ(filled_up(families), filled_up(one.id for one in notices)))
    found = {}
    for account, (students, language) in families.items():
        mine = _for(notices, students, "guardian", membership)
        new = [(one, school) for one, school in mine if (account, one.id) not in read]
        found[account] = _in_language(new, texts, language, default, set())
    return found


def public(on: dt.date, language: str, default: str) -> list[Shown]:
    """The district's and schools' notices that stand on the sign-in page."""
    return _shown([(one, one.school_name or "") for one in _PUBLIC(on)], language, default, set())


def important(
    account: Account, students: Callable[[], Sequence[Student]], on: dt.date, language: str, default: str
) -> list[Shown]:
    """The important notices that this family has not read; one query when its schools and classes have none.

    `students` gives the family's students; it is called only when there is something to compare them with.
    """
    notices = _IMPORTANT(account.id, account.guardian_id or account.student_id, on, role=account.role)
    if not notices:
        return []
    family = students()
    mine = _for(notices, family, account.role, _membership(notices, [student.id for student in family], on))
    return _shown(mine, language, default, set())


def mark_read(account: Account, notices: Iterable[int], now: dt.datetime) -> None:
    """Note that the account's owner has seen these notices."""
    rows = [{"account": account, "notice": one, "at": now} for one in notices]
    if rows:
        NoticeRead.insert_many(rows).on_conflict_ignore().execute()


def publish(
    texts: Mapping[str, tuple[str, str]], *, school: School | None, section: int | None = None,
    grade_levels: str = "", begins_on: dt.date, ends_on: dt.date | None, important: bool = False,
    public: bool = False, by: Account | None = None, now: dt.datetime, replaces: Notice | None = None,
) -> Notice:  # fmt: skip
    """Publish a notice, or change one; `texts` maps languages to title and body.

    Raises ValueError without any text, or when it ends before it begins. A changed notice is new to everybody again.
    """
    if not any(title.strip() for title, _ in texts.values()):
        raise ValueError("a notice needs a title in at least one language")
    if ends_on is not None and ends_on < begins_on:
        raise ValueError("the notice ends before it begins")
    values = {
        "school": school, "section": section, "grade_levels": grade_levels or None, "begins_on": begins_on,
        "ends_on": ends_on, "is_important": important, "is_public": public,
    }  # fmt: skip
    with database.atomic():
        if replaces is None:
            notice = Notice.create(**values, created_at=now, created_by=by)
        else:
            notice = replaces
            Notice.update(**values).where(Notice.id == notice.id).execute()
            NoticeTranslation.delete().where(NoticeTranslation.notice == notice).execute()
            NoticeRead.delete().where(NoticeRead.notice == notice).execute()
        for language, (title, body) in texts.items():
            if title.strip():
                NoticeTranslation.create(notice=notice, language=language, title=title.strip(), body=body.strip())
    return notice


def of_feed(on: dt.date, schools: Sequence[int] | None) -> list[Any]:
    """The feed's notices that are on or to come, of these schools or all, the latest first.

    Each has `title` (as the SIS wrote it first), `begins_on`, `ends_on`, `must_confirm` and `readers`.
    """
    first = (NoticeTranslation.notice == Notice.id) & (NoticeTranslation.sourced_id == Notice.sourced_id)
    readers = NoticeRead.select(fn.COUNT(NoticeRead.id)).where(NoticeRead.notice == Notice.id)
    found = (
        Notice.select(
            NoticeTranslation.title, Notice.begins_on, Notice.ends_on, Notice.must_confirm, readers.alias("readers")
        )
        .join(NoticeTranslation, on=first)
        .where(Notice.ends_on.is_null() | (Notice.ends_on >= on))
        .order_by(Notice.begins_on.desc(), Notice.id.desc())
        .limit(200)
    )
    if schools is not None:
        found = found.where(
            Notice.id.in_(NoticeSchool.select(NoticeSchool.notice).where(NoticeSchool.school.in_(schools)))
        )
    return list(found.namedtuples())


class _Membership(NamedTuple):
    """The schools of each student, pairs of student and section, and whose the feed's notices are.

    Those of an organization above schools are everybody's and have no `places`; others have their schools by id.
    """

    schools: dict[int, set[int]]
    sections: set[tuple[int, int]]
    places: dict[int, dict[int, str]]


def _membership(notices: list[Notice], student_ids: list[int], on: dt.date) -> _Membership:
    """Where these students belong, and the notices, as far as those ask."""
    sections = bool(student_ids) and any(one.section_id for one in notices)
    schools: dict[int, set[int]] = {}
    for student, school in _SCHOOLS(student_ids, on) if student_ids else ():
        schools.setdefault(student, set()).add(school)
    return _Membership(
        schools,
        set(_SECTIONS(student_ids)) if sections else set(),
        _places([one.id for one in notices if one.sourced_id is not None]),
    )


def _places(notices: list[int]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    everybodys = set()
    for notice, school, name, kind in _PLACES(notices) if notices else ():
        found.setdefault(notice, {})[school] = name
        if kind not in _KINDS:
            everybodys.add(notice)
    return {notice: places for notice, places in found.items() if notice not in everybodys}


def _for(
    notices: list[Notice], students: Sequence[Student], role: str, belong: _Membership
) -> list[tuple[Notice, str]]:  # fmt: skip
    """Those of the notices that concern an account of this role with these students, each with its school's name."""
    found = []
    for one in notices:
        places = belong.places.get(one.id) or ({one.school_id: one.school_name} if one.school_id is not None else {})
        concerned = [student for student in students if _concerns(one, student, places, belong)]
        for_all = not places and one.section_id is None and not one.grade_levels
        if (concerned or for_all) and _is_for(one, role):
            here = {school for each in concerned for school in belong.schools.get(each.id, ())}
            found.append((one, ", ".join(name for school, name in places.items() if school in here)))
    return found


def _is_for(notice: Notice, role: str) -> bool:
    wanted = {one.strip().lower() for one in (notice.audience or "").split(",")} - {""}
    return not wanted or not wanted.isdisjoint(_ROLES.get(role, ()))


def _concerns(notice: Notice, student: Student, places: Mapping[int, str], belong: _Membership) -> bool:
    wanted = {grade_levels.code(level.strip()).upper() for level in (notice.grade_levels or "").split(",")} - {""}
    return (
        (not places or not belong.schools.get(student.id, set()).isdisjoint(places))
        and (notice.section_id is None or (student.id, notice.section_id) in belong.sections)
        and (not wanted or grade_levels.code(student.grade_level).upper() in wanted)
    )


#: The texts of notices, by notice and language: title and body.
_Texts = dict[int, dict[str, tuple[str, str]]]


def _shown(notices: list[tuple[Notice, str]], language: str, default: str, read: set[int]) -> list[Shown]:
    return _in_language(notices, _texts([one for one, _ in notices]), language, default, read)


def _texts(notices: list[Notice]) -> _Texts:
    texts: _Texts = {}
    for notice, code, title, body in _TEXTS([one.id for one in notices]) if notices else ():
        texts.setdefault(notice, {}).setdefault(code, (title, body))
    return texts


def _in_language(
    notices: list[tuple[Notice, str]], texts: _Texts, language: str, default: str, read: set[int]
) -> list[Shown]:  # fmt: skip
    found = []
    for one, school in notices:
        mine = texts.get(one.id, {})
        # The feed may leave out the language of a text: it then is most likely the district's.
        code = next((code for code in (language, default, "", *mine) if code in mine), None)
        if code is not None:
            found.append(
                Shown(one.id, school, one.begins_on, *mine[code], "" if code == language else code, one.id not in read,
                      one.is_important, one.must_confirm)
            )  # fmt: skip
    return found
