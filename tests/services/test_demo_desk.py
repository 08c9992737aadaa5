"""The demo's office: what a visitor finds on its pages, in the own language, and on the office's lists."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable
from pathlib import Path

import pytest
from factories import TODAY
from flask import Flask

import models as m
from services import clock
from services.demo import desk, portal, write_district
from services.feeds import importer

PAGES = {
    "en": ("Twelve public computers", "The portal step by step", "See your children's grades"),
    "es": ("Doce computadoras", "El portal paso a paso", "Vea las calificaciones"),
    "vi": ("Mười hai máy tính", "Cổng thông tin từng bước", "Xem điểm"),
    "ar": ("اثنا عشر حاسوبًا", "البوابة خطوة بخطوة", "اطّلعوا على درجات"),
    "so": ("Laba iyo toban kombiyuutar", "Bogga tallaabo tallaabo", "Ka eeg taleefankaaga"),
}


@pytest.mark.parametrize("preset", ["standard", "ccps"])
def test_a_visitor_of_the_demo_sees_the_offices_pages_and_lists_alive(
    make_app: Callable[..., Flask], tmp_path: Path, preset: str
) -> None:
    clock.set_source(lambda: dt.datetime.combine(TODAY, dt.time(15)))
    app = make_app(preset=preset)
    settings = app.extensions["homeroom"]
    cast = write_district(tmp_path, students=40, seed=1, today=TODAY)
    importer.run([tmp_path / "oneroster", tmp_path / "supplement"], shrink_percent=10, secret=settings.secret_key)
    portal.open_accounts(cast, {}, settings=settings, on=TODAY, now=clock.now())
    desk.fill(settings=settings, on=TODAY, now=clock.now())

    for language, texts in PAGES.items():
        answer = app.test_client().get("/help", headers={"Accept-Language": language})
        shown = html.unescape(answer.get_data(as_text=True))
        for text in texts:
            assert text in shown, (language, text)
    assert {row.state for row in m.ContactRequest.select()} == {"open", "done"}
    assert m.AbsenceReport.select().count() == 3
    assert m.WorkOrder.select().count() == 1
    assert m.ResetRequest.select().count() == (1 if preset == "ccps" else 0)
    schools = m.School.select().where(m.School.kind == "school").count()
    assert m.SchoolContact.select().count() == len(desk._CONTACTS) + schools
    for row in m.TrainingDate.select():
        assert set(row.texts) in ({"en", "es", "vi", "ar", "so"}, {"en", "es"})
    assert m.Event.select().where(m.Event.sourced_id.startswith("office:")).count() == 2
    assert all(row.account.guardian_id for row in m.AbsenceReport.select())
