"""The family page: one's own household and never the other one's, and requests to the school (C05, D09, CHECKS 6)."""

from __future__ import annotations

import datetime as dt

import factories
import pytest
from browsing import Browser
from factories import TODAY, Cast
from flask import Flask

import models as m


def place(household: str | None, street: str, **values: object) -> m.Address:
    return m.Address.create(
        sourced_id=f"{street}-{values}"[:200], household=household, street=street, city="Salem", state="OR",
        postal_code="97301", **values,
    )  # fmt: skip


def split_family(cast: Cast) -> None:
    """Ana lives with her mother Rosa and her brother Ben; her father Carlos lives elsewhere with his wife."""
    rosa, carlos = cast.rosa.guardian, cast.carlos.guardian
    place("H1", "12 Elm St", guardian=rosa, kind="Physical")
    place("H1", "12 Elm St", student=cast.ana, kind="Physical")
    place("H1", "PO Box 9", guardian=rosa, kind="Mailing")
    place("H2", "99 Oak Ave", guardian=carlos, kind="Physical")
    place("H2", "99 Oak Ave", guardian=factories.guardian("Nina Reyes"))
    m.Guardianship.update(household="H1", lives_with=True).where(m.Guardianship.guardian == rosa).execute()
    m.Guardianship.update(household="H1", lives_with=False).where(m.Guardianship.guardian == carlos).execute()
    factories.telephone(rosa, "(503) 555-0101")
    factories.telephone(carlos, "(503) 555-0202")


def test_C05_each_guardian_sees_the_own_household_and_nothing_of_the_other(app: Flask, cast: Cast) -> None:
    split_family(cast)
    rosa = Browser(app).sign_in(cast.rosa).open("/").follow("My family")
    assert "Physical 12 Elm St Salem, OR 97301 Mailing PO Box 9 Salem, OR 97301" in rosa.text
    assert "Ana Reyes Student Ben Reyes Student" in rosa.text and "(503) 555-0101" in rosa.text
    for theirs in ("Oak", "Nina", "555-0202", "Carlos"):
        assert theirs not in rosa.text
    carlos = Browser(app).sign_in(cast.carlos).open("/family")
    assert "99 Oak Ave" in carlos.text and "Nina Reyes" in carlos.text and "(503) 555-0202" in carlos.text
    for theirs in ("Elm", "PO Box", "555-0101", "Rosa", "Ben"):
        assert theirs not in carlos.text


def test_C05_a_household_that_a_child_lives_in_with_somebody_else_is_not_mine(browser: Browser, cast: Cast) -> None:
    """The SIS put the mother's household on the father's row, too: he does not live there, and learns nothing of it."""
    split_family(cast)
    m.Address.delete().where(m.Address.guardian == cast.carlos.guardian).execute()
    browser.sign_in(cast.carlos).open("/family")
    assert "The school has no address on file." in browser.text
    assert "Elm" not in browser.text and "Rosa" not in browser.text


@pytest.mark.parametrize(
    "restriction",
    [
        {"office_access": False, "office_document": "order 12"},
        {"portal_access": False},
        {"restricted_from": TODAY - dt.timedelta(days=3)},
    ],
    ids=["of the office", "the SIS's no", "the SIS's dates"],
)
def test_D06_a_restricted_parent_does_not_learn_where_the_child_lives_now(
    browser: Browser, cast: Cast, restriction: dict[str, object]
) -> None:
    """The SIS still says that the child lives with the father: it is corrected long after the order."""
    rosa, carlos = cast.rosa.guardian, cast.carlos.guardian
    place("H1", "9 Shelter St", guardian=rosa)
    place("H1", "9 Shelter St", student=cast.ana)
    m.Guardianship.update(lives_with=True, household="H1").where(m.Guardianship.guardian == rosa).execute()
    m.Guardianship.update(lives_with=True, household="H1", **restriction).where(
        m.Guardianship.guardian == carlos
    ).execute()
    browser.sign_in(cast.carlos).open("/family")
    for theirs in ("Shelter", "Rosa", "Ana", "Ben"):
        assert theirs not in browser.text
    # Nor does his name stand in the mother's household, where he no longer lives.
    assert "Carlos" not in browser.sign_out().sign_in(cast.rosa).open("/family").text
    assert "9 Shelter St" in browser.text and "Ana Reyes Student" in browser.text


def test_C05_what_an_address_or_phone_is_for_is_said_in_the_familys_language(browser: Browser, cast: Cast) -> None:
    rosa = cast.rosa.guardian
    place(None, "12 Elm St", guardian=rosa, kind="Mailing")
    place(None, "14 Elm St", guardian=rosa, kind="Cabin")
    browser.sign_in(cast.rosa).send("/language", ("language", "es")).open("/family")
    assert "Cabin 14 Elm St" in browser.text, "the SIS's own word stays"
    assert "Mailing" not in browser.text


def test_D06_a_household_shared_with_another_restricted_child_shows_that_child_to_nobody_else(
    browser: Browser, cast: Cast
) -> None:
    carlos = cast.carlos.guardian
    place("H1", "12 Elm St", guardian=carlos)
    place("H1", "12 Elm St", student=cast.ana)
    place("H1", "12 Elm St", student=cast.zoe)
    browser.sign_in(cast.carlos).open("/family")
    assert "12 Elm St" in browser.text and "Zoe" not in browser.text


def test_C05_addresses_that_are_over_or_not_yet_do_not_show(browser: Browser, cast: Cast) -> None:
    rosa = cast.rosa.guardian
    place(None, "1 Old Rd", guardian=rosa, end_date=TODAY - dt.timedelta(days=1))
    place(None, "2 Now St", guardian=rosa, begin_date=TODAY)
    place(None, "3 Soon Ave", guardian=rosa, begin_date=TODAY + dt.timedelta(days=1))
    browser.sign_in(cast.rosa).open("/family")
    assert "2 Now St" in browser.text and "Old Rd" not in browser.text and "Soon" not in browser.text


def test_C05_without_households_in_the_feed_the_children_who_live_there_show(browser: Browser, cast: Cast) -> None:
    m.Guardianship.update(lives_with=True).where(
        m.Guardianship.guardian == cast.rosa.guardian, m.Guardianship.student == cast.ana
    ).execute()
    browser.sign_in(cast.rosa).open("/family")
    assert "Ana Reyes Student" in browser.text and "Ben Reyes Student" not in browser.text
    assert "No phone number is on file." in browser.text


def test_C05_a_request_reaches_the_school_and_its_answer_the_family(app: Flask, cast: Cast) -> None:
    rosa = Browser(app).sign_in(cast.rosa).open("/family").send("/family", body="We moved to 5 Fir St.\r\nSince May.")
    assert "Your request has gone to the school." in rosa.text and "Sent" in rosa.text
    stored = m.ContactRequest.get()
    assert (stored.account_id, stored.body, stored.state) == (cast.rosa.id, "We moved to 5 Fir St.\nSince May.", "open")
    assert m.AuditEvent.get(m.AuditEvent.action == "contact request sent").details == {"request": stored.id}
    m.ContactRequest.update(state="declined", answer="Please bring a lease.").execute()
    assert "Not done" in rosa.open("/family").text and "Answer of the school: Please bring a lease." in rosa.text
    assert "Fir" not in Browser(app).sign_in(cast.carlos).open("/family").text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("   ", "Write something first."),
        ("x" * 501, "The message has 501 characters. At most 500 fit"),
        ("bell \x07", "The message holds characters that cannot be sent."),
    ],
)
def test_C05_a_bad_request_is_explained_and_kept(browser: Browser, cast: Cast, typed: str, message: str) -> None:
    browser.sign_in(cast.rosa).open("/family").send("/family", body=typed)
    assert browser.status == 422 and message in browser.text
    assert not m.ContactRequest.select().exists()


def test_C05_the_sixth_request_of_a_day_is_refused(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.rosa).open("/family")
    for number in range(5):
        assert browser.send("/family", body=f"Number {number}").status == 200
    assert browser.send("/family", body="Once more").status == 422 and m.ContactRequest.select().count() == 5


def test_C05_students_have_no_family_page(browser: Browser, cast: Cast) -> None:
    assert browser.sign_in(cast.pupil).open("/family").status == 404
    assert "My family" not in browser.open("/").page


def test_C05_what_the_sis_says_is_shown_as_text(browser: Browser, cast: Cast) -> None:
    place(None, "<script>alert(1)</script>", guardian=cast.rosa.guardian, kind="<b>")
    browser.sign_in(cast.rosa).open("/family")
    assert "<script>alert(1)</script>" in browser.text
