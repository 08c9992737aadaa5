"""What the demo's office has told families: notices in every language, as an office would write them."""

from __future__ import annotations

import datetime as dt

from models import School
from services import notices

_CONFERENCES = {
    "en": ("Family-teacher conferences", "Come and talk with your child's teachers. There is no school for students on these days. Interpreters are there for you."),  # noqa: E501
    "es": ("Reuniones de familias y maestros", "Venga a hablar con los maestros de sus hijos. Esos días no hay clases para los estudiantes. Habrá intérpretes."),  # noqa: E501
    "vi": ("Họp phụ huynh và giáo viên", "Mời quý vị đến nói chuyện với giáo viên của con em. Học sinh nghỉ học những ngày này. Có thông dịch viên."),  # noqa: E501
    "ar": ("لقاءات الأسر مع المعلمين", "تفضلوا بالحضور للحديث مع معلمي أطفالكم. لا دوام للطلاب في هذه الأيام. يوجد مترجمون لمساعدتكم."),  # noqa: E501
    "so": ("Kulanka waalidiinta iyo macallimiinta", "Kaalay oo la hadal macallimiinta ilmahaaga. Ardaydu maalmahan dugsi ma laha. Turjumaanno ayaa jooga."),  # noqa: E501
}  # fmt: skip
_BOOK_FAIR = {
    "en": ("Book fair in the library", "The book fair is open this week from 8:00 to 4:00. Every child may choose one free book."),  # noqa: E501
    "es": ("Feria del libro en la biblioteca", "La feria del libro está abierta esta semana de 8:00 a 4:00. Cada niño puede elegir un libro gratis."),  # noqa: E501
}  # fmt: skip


def publish(on: dt.date, now: dt.datetime) -> None:
    """One notice of the district in every language, and one of the first school that has only two of them."""
    week = dt.timedelta(days=7)
    notices.publish(_CONFERENCES, school=None, begins_on=on - week, ends_on=on + 2 * week, now=now)
    school = School.select().where(School.kind == "school").order_by(School.name).first()
    notices.publish(_BOOK_FAIR, school=school, begins_on=on, ends_on=on + week, now=now)
