"""What somebody who knows a password, or knew it, cannot do to an account (CHECKS 12, 15; DECISIONS 22)."""

from __future__ import annotations

import pytest
from browsing import Browser, link_in, mails
from factories import PASSWORD, Cast
from flask import Flask

import models as m
from config import Settings
from services import clock, links, passwords, recovery
from services.hashing import Passwords
from services.office import accounts as office_accounts
from views import mailing

NEW = {"password": "another horse entirely", "repeated": "another horse entirely"}


def ask_to_move(app: Flask, account: m.Account, email: str) -> Browser:
    return Browser(app).sign_in(account).open("/security/email").send(email=email, present=PASSWORD)


def test_a_new_password_ends_the_move_to_an_address_that_somebody_else_asked_for(app: Flask, cast: Cast) -> None:
    ask_to_move(app, cast.rosa, "thief@example.com")
    link = link_in(mails("verify", "thief@example.com")[0])
    assert "set a new password at once" in mails("moving", "rosa@example.com")[0].text
    Browser(app).sign_in(cast.rosa).open("/security/password").send(present=PASSWORD, **NEW)
    assert Browser(app).open(link).status == 404
    mine = m.Account.get_by_id(cast.rosa.id)
    assert (mine.email, mine.user_name) == ("rosa@example.com", "rosa@example.com")


def test_the_old_address_hears_that_the_move_is_done_and_its_links_die(app: Flask, cast: Cast) -> None:
    ask_to_move(app, cast.rosa, "new@example.com")
    Browser(app).open("/forgot-password").send(email="rosa@example.com")
    Browser(app).open(link_in(mails("verify", "new@example.com")[0])).send()
    (told,) = mails("moved", "rosa@example.com")
    assert "has another e-mail address now" in told.text and "new@example.com" not in told.text
    assert Browser(app).open(link_in(mails("reset", "rosa@example.com")[0])).status == 404


def test_closing_an_account_ends_the_move_too(app: Flask, cast: Cast) -> None:
    ask_to_move(app, cast.rosa, "thief@example.com")
    office_accounts._disable(m.Account.get_by_id(cast.rosa.id), clock.now())
    assert Browser(app).open(link_in(mails("verify", "thief@example.com")[0])).status == 404


def test_what_its_owner_hears_does_not_tell_whether_an_address_has_an_account(app: Flask, cast: Cast) -> None:
    heard = []
    for email in ("wendy@example.com", "nobody@example.com"):
        m.OutboundMail.delete().execute()
        browser = ask_to_move(app, cast.rosa, email)
        heard.append((browser.text.partition("User name")[0], [mail.subject for mail in mails("moving")]))
    assert heard[0] == heard[1] and len(heard[0][1]) == 1


def test_addresses_cannot_be_tried_without_end(app: Flask, cast: Cast) -> None:
    for number in range(5):
        assert ask_to_move(app, cast.rosa, f"new{number}@example.com").status == 200
    browser = ask_to_move(app, cast.rosa, "new5@example.com")
    assert (browser.status, "has been changed often today" in browser.text) == (422, True)
    assert mails("verify", "new5@example.com") == []


def test_a_sign_in_on_its_way_does_not_bring_the_old_password_back(
    app: Flask, cast: Cast, portal: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify, changed = Passwords.verify, []

    def meanwhile(self: Passwords, encoded: str | None, password: str, **rest: object) -> bool:
        right = verify(self, encoded, password, **rest)  # type: ignore[arg-type]
        if not changed:
            changed.append(True)
            passwords.change(
                m.Account.get_by_id(cast.rosa.id), NEW["password"], settings=portal, now=clock.now(), reason="owner"
            )
        return right

    monkeypatch.setattr(Passwords, "verify", meanwhile)
    thief = Browser(app).open("/sign-in").send(user_name="rosa@example.com", password=PASSWORD)
    monkeypatch.undo()
    assert changed and (thief.status, "do not match" in thief.text) == (422, True)
    assert m.LoginSession.select().where(m.LoginSession.ended_at.is_null()).count() == 0
    stored = m.Account.get_by_id(cast.rosa.id).password_hash
    assert passwords.hasher(portal).verify(stored, NEW["password"])


def test_an_account_that_the_office_closes_stays_closed_when_an_address_is_proved(
    app: Flask, cast: Cast, portal: Settings
) -> None:
    token = links.make(cast.rosa, "verify", settings=portal, now=clock.now(), email="rosa2@example.com")
    link = links.find(token, "verify", settings=portal, now=clock.now())
    assert link.account.state == "active"
    m.Account.update(state="disabled", duties=["agreement", "email"]).where(m.Account.id == cast.rosa.id).execute()
    with app.test_request_context():
        recovery.verify(link, compose=mailing.compose, settings=portal, now=clock.now())
    mine = m.Account.get_by_id(cast.rosa.id)
    assert (mine.state, mine.duties) == ("disabled", ["agreement"]), "what came meanwhile is kept"
