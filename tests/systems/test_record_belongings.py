"""What a student has and owes, and the bus: library and textbooks (G05), meals and fees (G06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import factories
import pytest
from browsing import Browser
from factories import TODAY, Cast, delivered
from flask import Flask

import models as m

MakeApp = Callable[..., Flask]
PAGES = ("library", "fees", "transportation")


def loan(of: m.Student, title: str, **values: object) -> m.Loan:
    return m.Loan.create(sourced_id=f"loan-{title}-{of.id}", student=of, title=title, **values)


def charge(of: m.Student, description: str, amount: float | None, **values: object) -> m.Charge:
    return m.Charge.create(
        sourced_id=f"charge-{description}-{of.id}", student=of, description=description, amount=amount, **values
    )


def meals(of: m.Student, balance: float | None, **values: object) -> m.MealAccount:
    return m.MealAccount.create(sourced_id=f"meals-{of.id}", student=of, balance=balance, **values)


def test_G05_fines_and_refunds_show(browser: Browser, cast: Cast) -> None:
    loan(cast.ana, "The Giver", author="Lois Lowry", item_class="library", return_by=TODAY - dt.timedelta(days=3))
    loan(cast.ana, "Algebra 1", item_class="textbook", return_by=TODAY + dt.timedelta(days=200), state="checkedOut")
    loan(cast.ana, "Holes", state="Returned", fine_kind="Damage", fine_amount=4.5, fine_description="Torn cover")
    loan(cast.ana, "Hatchet", state="returned", fine_kind="Refund", fine_amount=12)
    loan(cast.ana, "Old news", state="Closed", fine_kind="Lost", fine_amount=99)
    loan(cast.zoe, "Zoe's book", fine_kind="Lost", fine_amount=50)
    delivered("libraryTransactions")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}").follow("Library")
    assert "To pay Holes $4.50 Torn cover Fines in all: $4.50" in browser.text
    assert "You get back Hatchet $12.00 Refund Refunds in all: $12.00" in browser.text
    assert "The Giver Lois Lowry Overdue since Nov 13, 2026 Library" in browser.text
    assert "Algebra 1 Return by Jun 4, 2027 Textbook" in browser.text
    assert "Old news" not in browser.text and "Zoe" not in browser.text
    assert "Updated" in browser.text and "Office of Cedar Middle" in browser.text


def test_G05_a_negative_amount_is_a_refund_and_odd_rows_do_no_harm(browser: Browser, cast: Cast) -> None:
    loan(cast.ana, "Back", fine_amount=-3, state="returned")
    loan(cast.ana, "<b>Bold</b>", item_class="spaceship", fine_amount=0)
    m.Loan.create(sourced_id="bare", student=cast.ana)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/library")
    assert "Refunds in all: $3.00" in browser.text
    assert "<b>Bold</b>" in browser.text and "Without a title" in browser.text


def test_G06_the_balance_and_open_fees_link_to_the_payment_service(make_app: MakeApp, cast: Cast) -> None:
    meals(cast.ana, 3.2, number="4711", low_balance=10, as_of=TODAY)
    charge(cast.ana, "Field trip", 25, paid=5, due_date=TODAY - dt.timedelta(days=1), pay_url="https://pay.example/1")
    charge(cast.ana, "Yearbook", 30, voluntary=True)
    charge(cast.ana, "Locker", 10, balance=0)
    charge(cast.zoe, "Zoe's fee", 10)
    delivered("mealAccounts", "studentCharges")
    browser = Browser(make_app(payment_url="https://pay.example/start")).sign_in(cast.rosa)
    browser.open(f"/students/{cast.ana.id}").follow("Fees and meals")
    assert "$3.20 Low balance: please add money. as of Nov 16, 2026 · account 4711" in browser.text
    assert "Still to pay in all: $20.00" in browser.text
    assert "Field trip $25.00 $20.00 Nov 15, 2026 Overdue Pay" in browser.text
    assert "Yearbook Voluntary $30.00 $30.00" in browser.text
    assert "Paid What for" in browser.text and "Locker" in browser.text
    assert 'href="https://pay.example/start"' in browser.page and 'href="https://pay.example/1"' in browser.page
    assert "Zoe" not in browser.text


def test_G06_enough_money_and_nothing_to_pay_is_said_in_a_sentence(browser: Browser, cast: Cast) -> None:
    meals(cast.ana, 20, low_balance=10)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/fees")
    assert "$20.00" in browser.text and "Low balance" not in browser.text
    assert "Nothing is to be paid." in browser.text
    browser.open(f"/students/{cast.ben.id}/fees")
    assert "The school has not entered a meal account." in browser.text


def test_a_balance_below_zero_is_low_where_the_feed_names_no_threshold(browser: Browser, cast: Cast) -> None:
    meals(cast.ana, -1.75)
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/fees")
    assert "-$1.75 Low balance" in browser.text


def test_the_bus_with_stop_time_and_days(browser: Browser, cast: Cast) -> None:
    m.Transportation.create(
        sourced_id="b1", student=cast.ana, bus_number="Bus 12", route="7", stop="Elm & 3rd", stop_time=dt.time(7, 25),
        direction="To School", days="Monday, Wednesday",
    )  # fmt: skip
    m.Transportation.create(sourced_id="b2", student=cast.ana, kind="Walker", direction="Both ways of course")
    m.Transportation.create(sourced_id="b3", student=cast.zoe, bus_number="Bus 99")
    delivered("studentTransportations")
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}").follow("Bus")
    assert "To school 7:25 AM Elm & 3rd Bus 12 Route 7 Only on Mon, Wed" in browser.text.replace("\u202f", " ")
    assert "Both ways of course" in browser.text and "Bus 99" not in browser.text


@pytest.mark.parametrize("page", PAGES)
def test_G11_nobody_else_opens_these_pages_and_withheld_ones_have_no_tab(app: Flask, cast: Cast, page: str) -> None:
    delivered("libraryTransactions", "mealAccounts", "studentTransportations")
    address = f"/students/{cast.ana.id}/{page}"
    for other in (cast.stranger, cast.revoked):
        assert Browser(app).sign_in(other).open(address).status == 404
    assert Browser(app).sign_in(cast.pupil).open(address).status == 200
    m.Guardianship.update(withheld=[page]).where(m.Guardianship.guardian == cast.rosa.guardian).execute()
    rosa = Browser(app).sign_in(cast.rosa)
    assert rosa.open(address).status == 404
    assert f'href="{address}"' not in rosa.open(f"/students/{cast.ana.id}").page


@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_the_same_for_many_rows(app: Flask, cast: Cast, page: str) -> None:
    rosa = Browser(app).sign_in(cast.rosa)
    few = rosa.queries(f"/students/{cast.ana.id}/{page}")
    for number in range(30):
        loan(cast.ana, f"Book {number}", fine_amount=1)
        charge(cast.ana, f"Fee {number}", 1)
        m.Transportation.create(sourced_id=f"t{number}", student=cast.ana, bus_number=str(number))
    assert rosa.queries(f"/students/{cast.ana.id}/{page}") == few


@pytest.mark.parametrize("page", PAGES)
def test_without_anything_a_page_is_a_sentence(browser: Browser, cast: Cast, page: str) -> None:
    browser.sign_in(cast.rosa).open(f"/students/{cast.ana.id}/{page}")
    assert browser.status == 200 and "<table" not in browser.page.split("</nav>")[-1]


def test_D19_the_page_names_whom_to_ask_and_writing_is_one_click_away(make_app: MakeApp, cast: Cast) -> None:
    counselor = factories.staff("Kim Adler", role="counselor")
    school = m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school
    elsewhere = factories.school("Far High")
    m.School.update(phone="(503) 555-0111").where(m.School.id == school.id).execute()
    m.StaffRole.create(staff=counselor, school=school, role="counselor")
    m.StaffRole.create(staff=factories.staff("Not Ours"), school=elsewhere, role="counselor")
    browser = Browser(make_app(ask=("transportation=advisors", "library=teachers"))).sign_in(cast.rosa)
    browser.open(f"/students/{cast.ana.id}/transportation")
    assert "Questions about this page? Kim Adler Counselor · Write a message" in browser.text
    assert "Office of Cedar Middle: (503) 555-0111" in browser.text and "Not Ours" not in browser.text
    browser.follow("Write a message").send(body="Which door does she wait at?")
    message = m.Message.get()
    assert (message.staff_id, message.section_id, message.student_id) == (counselor.id, None, cast.ana.id)
    mail = m.OutboundMail.get(m.OutboundMail.kind == "message").text.replace("\u2068", "").replace("\u2069", "")
    assert "wrote to you about Ana Reyes" in mail
    browser.open(f"/students/{cast.ana.id}/library")
    assert "Dana Okafor Mathematics 7 · Write a message" in browser.text
    browser.open(f"/students/{cast.ana.id}/fees")
    assert "Questions about this page? Office of Cedar Middle" in browser.text


def test_D19_nobody_is_written_to_who_is_not_at_the_childs_school(app: Flask, cast: Cast) -> None:
    stranger = factories.staff("Not Ours", role="counselor")
    m.StaffRole.create(staff=stranger, school=factories.school("Far High"), role="counselor")
    aide = factories.staff("An Aide", role="aide")
    m.StaffRole.create(
        staff=aide, school=m.SchoolEnrollment.get(m.SchoolEnrollment.student == cast.ana).school, role="aide"
    )
    rosa = Browser(app).sign_in(cast.rosa)
    for staff in (stranger, aide, cast.teacher):
        assert rosa.open(f"/students/{cast.ana.id}/write/{staff.id}").status == 404
