"""News of the district and of schools: who sees which, what is new to whom (C04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from peewee import JOIN

from models import (
    Account,
    Enrollment,
    Notice,
    NoticeRead,
    NoticeTranslation,
    School,
    SchoolEnrollment,
    Student,
    database,
)
from services.prepared import Prepared, filled_up

_BEGUN = Prepared(
    lambda on: (
        Notice.select(Notice, School.name.alias("school_name"))
        .join(School, JOIN.LEFT_OUTER)
        .where(Notice.begins_on <= on)
        .order_by(Notice.begins_on.desc(), Notice.id.desc())
        .objects()
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
_READ = Prepared(lambda account: NoticeRead.select(NoticeRead.notice).where(NoticeRead.account == account).tuples())
_READ_BY = Prepared(
    lambda accounts: (
        NoticeRead.select(NoticeRead.account, NoticeRead.notice).where(NoticeRead.account.in_(accounts)).tuples()
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
_IMPORTANT = Prepared(
    lambda account, on: (
        Notice.select(Notice.id)
        .join(NoticeRead, JOIN.LEFT_OUTER, on=(NoticeRead.notice == Notice.id) & (NoticeRead.account == account))
        .where(
            Notice.is_important,
            Notice.begins_on <= on,
            Notice.ends_on.is_null() | (Notice.ends_on >= on),
            NoticeRead.id.is_null(),
        )
        .tuples()
    )
)


class Shown(NamedTuple):
    """A notice in one language. `school` is empty for the district's, `language` unless it is not the reader's."""

    id: int
    school: str
    begins_on: dt.date
    title: str
    body: str
    language: str
    is_new: bool
    is_important: bool


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
    """The notices for the family of these students that are on now, or with `archive` those that are over.

    A school's notice is for the families of that school, one with grades or a class for those of students in it. The
    text is the reader's, else the district's `default` language, else whichever there is. Five queries at most.
    """
    notices = [one for one in _BEGUN(on) if (one.ends_on is not None and one.ends_on < on) == archive]
    mine = _for(notices, students, _membership(notices, [student.id for student in students], on))
    read = {notice for (notice,) in _READ(account.id)}
    shown = _shown(mine, language, default, read)
    return Board([one for one in shown if not one.school], [one for one in shown if one.school])


def unread(
    families: Mapping[int, tuple[Sequence[Student], str]], on: dt.date, default: str
) -> dict[int, list[Shown]]:  # fmt: skip
    """The notices that are on and that an account has not read, by account: `board` for many at once.

    `families` maps an account's id to its students and its language. Five queries at most, whatever their number.
    """
    notices = [one for one in _BEGUN(on) if one.ends_on is None or one.ends_on >= on]
    if not notices or not families:
        return {}
    everybody = filled_up(student.id for students, _ in families.values() for student in students)
    membership = _membership(notices, everybody, on)
    texts, read = _texts(notices), set(_READ_BY(filled_up(families)))
    found = {}
    for account, (students, language) in families.items():
        new = [one for one in _for(notices, students, membership) if (account, one.id) not in read]
        found[account] = _in_language(new, texts, language, default, set())
    return found


def public(on: dt.date, language: str, default: str) -> list[Shown]:
    """The district's and schools' notices that stand on the sign-in page."""
    notices = [one for one in _BEGUN(on) if one.is_public and (one.ends_on is None or one.ends_on >= on)]
    return _shown(notices, language, default, set())


def important(
    account: Account, students: Callable[[], Sequence[Student]], on: dt.date, language: str, default: str
) -> list[Shown]:
    """The important notices that this family has not read; one query when there are none.

    `students` gives the family's students; it is called only when there is something to compare them with.
    """
    ids = {notice for (notice,) in _IMPORTANT(account.id, on)}
    if not ids:
        return []
    notices = [one for one in _BEGUN(on) if one.id in ids]
    family = students()
    mine = _for(notices, family, _membership(notices, [student.id for student in family], on))
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


class _Membership(NamedTuple):
    """Pairs of student and school, and of student and section."""

    schools: set[tuple[int, int]]
    sections: set[tuple[int, int]]


def _membership(notices: list[Notice], student_ids: list[int], on: dt.date) -> _Membership:
    """Where these students belong, as far as the notices ask."""
    sections = bool(student_ids) and any(one.section_id for one in notices)
    return _Membership(
        set(_SCHOOLS(student_ids, on)) if student_ids else set(), set(_SECTIONS(student_ids)) if sections else set()
    )


def _for(notices: list[Notice], students: Sequence[Student], belong: _Membership) -> list[Notice]:
    """Those of the notices that concern at least one of the students."""
    return [
        one
        for one in notices
        if (one.school_id is None and one.section_id is None and not one.grade_levels)
        or any(_concerns(one, student, belong) for student in students)
    ]


def _concerns(notice: Notice, student: Student, belong: _Membership) -> bool:
    levels = [level.strip().lstrip("0").upper() for level in (notice.grade_levels or "").split(",") if level.strip()]
    return (
        (notice.school_id is None or (student.id, notice.school_id) in belong.schools)
        and (notice.section_id is None or (student.id, notice.section_id) in belong.sections)
        and (not levels or (student.grade_level or "").lstrip("0").upper() in levels)
    )


#: The texts of notices, by notice and language: title and body.
_Texts = dict[int, dict[str, tuple[str, str]]]


def _shown(notices: list[Notice], language: str, default: str, read: set[int]) -> list[Shown]:
    return _in_language(notices, _texts(notices), language, default, read)


def _texts(notices: list[Notice]) -> _Texts:
    texts: _Texts = {}
    for notice, code, title, body in _TEXTS([one.id for one in notices]) if notices else ():
        texts.setdefault(notice, {})[code] = (title, body)
    return texts


def _in_language(notices: list[Notice], texts: _Texts, language: str, default: str, read: set[int]) -> list[Shown]:
    found = []
    for one in notices:
        mine = texts.get(one.id, {})
        code = next((code for code in (language, default, *mine) if code in mine), None)
        if code is not None:
            name = one.school_name or ""
            found.append(
                Shown(one.id, name, one.begins_on, *mine[code], "" if code == language else code, one.id not in read,
                      one.is_important)
            )  # fmt: skip
    return found
