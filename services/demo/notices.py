"""What the demo's SIS tells families, in every language: ext.notices.csv."""

from __future__ import annotations

from datetime import timedelta

from services.demo.schools import School
from services.demo.writer import FeedWriter
from services.demo.year import SchoolYear

_BUSES = {
    "en": ("Winter bus times", "From the first snow day on, every bus leaves ten minutes earlier. Please confirm that you have read this."),  # noqa: E501
    "es": ("Horarios de autobús en invierno", "Desde el primer día de nieve, todos los autobuses salen diez minutos antes. Por favor confirme que lo ha leído."),  # noqa: E501
    "vi": ("Giờ xe buýt mùa đông", "Từ ngày có tuyết đầu tiên, mọi xe buýt chạy sớm hơn mười phút. Xin quý vị xác nhận đã đọc."),  # noqa: E501
    "ar": ("مواعيد الحافلات في الشتاء", "ابتداءً من أول يوم ثلجي تنطلق كل حافلة قبل موعدها بعشر دقائق. يرجى تأكيد قراءة هذا الإعلان."),  # noqa: E501
    "so": ("Waqtiyada baska ee jiilaalka", "Laga bilaabo maalinta ugu horreysa ee barafka, bas kasta wuxuu baxaa toban daqiiqo ka hor. Fadlan xaqiiji inaad akhriday."),  # noqa: E501
}  # fmt: skip
_PICTURES = {
    "en": ("Picture day", "The photographer comes on Thursday. Order forms went home in the backpacks."),
    "es": ("Día de fotos", "El fotógrafo viene el jueves. Los formularios de pedido van en las mochilas."),
}
_TWO_WEEKS = timedelta(days=14)


def write_district_notices(writer: FeedWriter, year: SchoolYear, district: str) -> None:
    """One for every guardian, to be confirmed."""
    _notice(writer, year, f"{district}.n1", district, _BUSES, "guardian", "true")


def write_school_notices(writer: FeedWriter, year: SchoolYear, school: School) -> None:
    """One of each elementary school, in two languages."""
    if school.level == "elementary":
        _notice(writer, year, f"{school.sid}.n1", school.sid, _PICTURES, "guardian,student", "false")


def _notice(
    writer: FeedWriter, year: SchoolYear, sid: str, org: str, texts: dict[str, tuple[str, str]], roles: str, asks: str
) -> None:
    begins, ends = (day.isoformat() for day in (year.today - timedelta(days=3), year.today + _TWO_WEEKS))
    for language, (title, body) in texts.items():
        cells = title, body, language, begins, ends
        if language == "en":
            writer.add("ext.notices", sid, "", org, *cells, roles, "", "", asks)
        else:
            writer.add("ext.notices", f"{sid}.{language}", sid, "", *cells, "", "", "", "")
