"""What the demo's office has entered and what waits on its lists: contacts, dates, places, help, requests, absences.

The texts are contents of a district, written by hand in its languages as an office would, and not the portal's own.
"""

from __future__ import annotations

import datetime as dt

from config import Settings
from models import (
    Account,
    ContactRequest,
    Guardian,
    Guardianship,
    OfficeRole,
    School,
    SectionStaff,
    SignInAttempt,
    Student,
)
from services import absence_reports, contact_requests
from services.office import pages, resets, why, work_orders
from services.office.pages import KINDS, Texts, Typed
from services.office.scope import Office
from services.outbox import Mail

_EVENING: Texts = {
    "texts": {
        "en": "See your children's grades and attendance on your phone. Bring the letter with your key. Child care and interpreters are there.",  # noqa: E501
        "es": "Vea las calificaciones y la asistencia de sus hijos en su teléfono. Traiga la carta con su clave. Habrá cuidado de niños e intérpretes.",  # noqa: E501
        "vi": "Xem điểm và chuyên cần của con em trên điện thoại. Xin mang theo thư có mã của quý vị. Có người giữ trẻ và thông dịch viên.",  # noqa: E501
        "ar": "اطّلعوا على درجات أطفالكم وحضورهم من الهاتف. أحضروا الرسالة التي فيها الرمز. تتوفر رعاية للأطفال ومترجمون.",  # noqa: E501
        "so": "Ka eeg taleefankaaga dhibcaha iyo imaanshaha carruurtaada. Keen warqadda furahaagu ku qoran yahay. Waxaa jooga daryeel carruureed iyo turjumaanno.",  # noqa: E501
    }
}
_HELP_HOUR: Texts = {
    "texts": {
        "en": "Come with any question about the portal. No appointment is needed.",
        "es": "Venga con cualquier pregunta sobre el portal. No necesita cita.",
    }
}

#: How far ahead, at what time, and where families learn to use the portal; the second is one school's own.
_TRAINING: tuple[tuple[int, Typed, Texts], ...] = (
    (9, {"starts": "18:00", "ends": "19:30", "place": "Maple Valley Public Library, 40 Main Street"}, _EVENING),
    (15, {"starts": "08:00", "ends": "09:00", "place": "School office"}, _HELP_HOUR),
)

_PLACES: tuple[tuple[Typed, Texts], ...] = (
    (
        {
            "name": "Maple Valley Public Library", "address": "40 Main Street", "phone": "555-0140", "position": "1",
            "hours": "9:00–20:00", "web_site": "https://library.maplevalley.example",
        },
        {"texts": {
            "en": "Twelve public computers, free for everybody. The staff helps you to sign in for the first time.",
            "es": "Doce computadoras públicas, gratis para todos. El personal le ayuda a entrar por primera vez.",
            "vi": "Mười hai máy tính công cộng, miễn phí cho mọi người. Nhân viên giúp quý vị đăng nhập lần đầu.",
            "ar": "اثنا عشر حاسوبًا عامًا مجانًا للجميع. يساعدكم الموظفون على الدخول أول مرة.",
            "so": "Laba iyo toban kombiyuutar oo dadweyne, bilaash u ah qof kasta. Shaqaaluhu waxay kaa caawinayaan gelitaanka ugu horreeya.",  # noqa: E501
        }},
    ),
    (
        {
            "name": "Riverside Community Center", "address": "215 River Road", "phone": "555-0162", "position": "2",
            "hours": "14:00–18:00",
        },
        {"texts": {
            "en": "Free computer classes for parents every Tuesday at 17:00, in English and Spanish.",
            "es": "Clases de computación gratis para padres todos los martes a las 17:00, en inglés y español.",
            "vi": "Lớp tin học miễn phí cho phụ huynh vào 17:00 mỗi thứ Ba, bằng tiếng Anh và tiếng Tây Ban Nha.",
            "ar": "دروس حاسوب مجانية للآباء كل ثلاثاء الساعة 17:00، بالإنجليزية والإسبانية.",
            "so": "Fasallo kombiyuutar oo bilaash ah oo waalidka loogu talagalay Talaado kasta 17:00, Ingiriis iyo Isbaanish.",  # noqa: E501
        }},
    ),
)  # fmt: skip

_LINKS: tuple[tuple[Typed, Texts], ...] = (
    (
        {"kind": "guide", "position": "1"},
        {
            "titles": {
                "en": "The portal step by step", "es": "El portal paso a paso", "vi": "Cổng thông tin từng bước",
                "ar": "البوابة خطوة بخطوة", "so": "Bogga tallaabo tallaabo",
            },
            "urls": {
                code: f"https://www.maplevalley.example/portal/guide-{code}.pdf"
                for code in ("en", "es", "vi", "ar", "so")
            },
        },
    ),
    (
        {"kind": "video", "position": "2"},
        {
            "titles": {"en": "Your first sign-in, in four minutes", "es": "Su primera entrada, en cuatro minutos"},
            "urls": {
                "en": "https://www.maplevalley.example/portal/first-sign-in",
                "es": "https://www.maplevalley.example/portal/primera-entrada",
            },
        },
    ),
    (
        {"kind": "faq", "position": "3"},
        {
            "titles": {
                "en": "My child changes schools. Do I have to register again?",
                "es": "Mi hijo cambia de escuela. ¿Tengo que registrarme otra vez?",
                "vi": "Con tôi chuyển trường. Tôi có phải ghi danh lại không?",
                "ar": "طفلي ينتقل إلى مدرسة أخرى. هل عليّ التسجيل من جديد؟",
                "so": "Ilmahaygu dugsi kale ayuu u wareegayaa. Ma inaan mar kale is diiwaangeliyaa?",
            },
            "texts": {
                "en": "No. Your account stays the same for as long as your child is in one of our schools.",
                "es": "No. Su cuenta sigue igual mientras su hijo esté en una de nuestras escuelas.",
                "vi": "Không. Tài khoản của quý vị giữ nguyên khi con em còn học tại một trường của học khu.",
                "ar": "لا. يبقى حسابكم كما هو ما دام طفلكم في إحدى مدارسنا.",
                "so": "Maya. Akoonkaagu sidiisa ayuu ahaanayaa inta ilmahaagu ku jiro mid ka mid ah dugsiyadayada.",
            },
        },
    ),
)  # fmt: skip

#: How far ahead, and what: the first is the district's, the second one school's.
_EVENTS: tuple[tuple[int, Typed], ...] = (
    (12, {"title": "Board of education meeting", "start_time": "19:00", "end_time": "21:00", "location": "Town Hall"}),
    (6, {"title": "Fall concert", "start_time": "18:30", "end_time": "20:00", "location": "Gym"}),
)

_CONTACTS: tuple[Typed, ...] = (
    {"name": "Family portal team", "role": "portal_team", "phone": "555-0100",
     "email": "portal@maplevalley.example", "position": "1"},
    {"name": "Hodan Yusuf", "role": "interpreter", "phone": "555-0107", "position": "2"},
)  # fmt: skip
_POINT_PERSON = {"role": "point_person", "phone": "555-0120", "position": "1"}


def fill(*, settings: Settings, on: dt.date, now: dt.datetime) -> None:
    """Enter all of it, once the demo's accounts are there."""
    admin = Office(Account.get(Account.id == _officers("admin")[0]), on)
    schools = list(admin.schools("district"))
    day = dt.timedelta(days=1)

    def enter(kind: str, typed: Typed, texts: Texts | None = None) -> None:
        values, clean = pages.read(admin, KINDS[kind], typed, texts or {})
        pages.save(admin, KINDS[kind], values, clean, row=None, time_zone=settings.time_zone, now=now)

    for contact in _CONTACTS:
        enter("contacts", contact)
    for school in schools:
        enter("contacts", {**_POINT_PERSON, "school": str(school.id), "name": _secretary(school, admin)})
    for place, (ahead, typed, texts) in enumerate(_TRAINING):
        at = str(schools[0].id) if place else ""
        enter("training", {**typed, "day": (on + ahead * day).isoformat(), "school": at}, texts)
    for typed, texts in _PLACES:
        enter("places", typed, texts)
    for typed, texts in _LINKS:
        enter("links", typed, texts)
    for place, (ahead, typed) in enumerate(_EVENTS):
        at = str(schools[0].id) if place else ""
        enter("events", {**typed, "begin_date": (on + ahead * day).isoformat(), "school": at})
    _visit(now)
    _ask(settings, on, now)
    _write_work_order(admin, settings, now)
    _ask_for_reset(settings, on, now)


def _officers(role: str) -> list[int]:
    rows = OfficeRole.select(OfficeRole.account).where(OfficeRole.role == role).order_by(OfficeRole.id)
    return [account for (account,) in rows.tuples()]


def _secretary(school: School, admin: Office) -> str:
    """Whoever works at the school's office, else whom the whole district asks."""
    found = OfficeRole.get_or_none(OfficeRole.school == school, OfficeRole.role == "clerk")
    return str((found.account if found is not None else admin.account).person.name)


def _visit(now: dt.datetime) -> None:
    """Families that have signed in, more of them from week to week, as a portal grows."""
    families = Account.select().where(Account.staff.is_null()).order_by(Account.id)
    for place, account in enumerate(families):
        for week in range(place % 4 + 2 + place // 2):
            at = now - dt.timedelta(weeks=week, days=place % 5 + 1, hours=place % 7)
            SignInAttempt.create(account=account, at=at, ip=f"192.0.2.{place + 1}", succeeded=True)


def _ask(settings: Settings, on: dt.date, now: dt.datetime) -> None:
    """Two families have moved, and three children stay at home; the office has answered one of the requests."""
    families = [
        (account, list(Student.visible_to(account, on)))
        for account in Account.select().where(Account.guardian.is_null(False)).order_by(Account.id)
    ]
    with_children = [(account, children) for account, children in families if children][:3]
    bodies = ("We have moved to 9 Oak Avenue, Apt 3. The telephone stays.", "Please add my new number: 555-0171.")
    requests = [
        contact_requests.send(account, body, settings=settings, now=now - dt.timedelta(hours=3))
        for (account, _), body in zip(with_children, bodies, strict=False)
    ]
    if len(requests) > 1:
        ContactRequest.update(state="done", answer="Done. Thank you for telling us.", closed_at=now).where(
            ContactRequest.id == requests[-1].id
        ).execute()
    reports = (("illness", 0, "A fever since last night."), ("appointment", 1, "Dentist."), ("family", 3, ""))
    for (account, children), (reason, ahead, note) in zip(with_children, reports, strict=False):
        typed = {"first_day": (on + dt.timedelta(days=ahead)).isoformat(), "reason": reason, "note": note}
        absence_reports.report(
            account, children[:1], typed, write=lambda _: Mail("", ""), settings=settings, now=now, on=on
        )


def _write_work_order(admin: Office, settings: Settings, now: dt.datetime) -> None:
    """A guardian whom the SIS keeps out, as the clerk has handed it to technical support."""
    closed = (
        Guardianship.select(Guardianship, Guardian, Student)
        .join(Guardian)
        .switch(Guardianship)
        .join(Student)
        .where(~Guardianship.is_open(admin.on), Guardian.active, Student.active)
        .order_by(Guardianship.id)
        .first()
    )
    clerk = Account.get(Account.id == (_officers("clerk") or _officers("admin"))[0])
    if closed is not None:
        found = why.checks(closed.guardian, closed.student, settings=settings, on=admin.on, now=now)
        work_orders.send(
            closed.guardian, closed.student, "The guardian says that the child is missing since yesterday.", found,
            write=lambda _: Mail("", ""), by=Office(clerk, admin.on), settings=settings, now=now,
        )  # fmt: skip


def _ask_for_reset(settings: Settings, on: dt.date, now: dt.datetime) -> None:
    """Where students have accounts, a teacher asks for a reset of one."""
    for account in Account.select().where(Account.id.in_(_officers("teacher"))).order_by(Account.id):
        teacher = Office(account, on)
        taught = SectionStaff.select().where(SectionStaff.staff == account.staff_id).exists()
        for student in teacher.students("ask for reset").order_by(Student.id) if taught else ():
            if resets.may_ask(student, settings):
                resets.ask(student, by=teacher, settings=settings, now=now)
                return
