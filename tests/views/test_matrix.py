"""Every route × every role: who gets past the doors. A new route without a rule fails here and in test_access."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import Browser
from factories import Cast, officer
from flask import Flask
from test_access import PUBLIC, sample
from werkzeug.routing import Rule

from config import Settings
from services.office.scope import RIGHTS
from views.access import OF_EVERYBODY

FAMILIES = ("guardian", "student")
STAFF = ("teacher", "counselor", "clerk", "admin")
ROLES = ("nobody", *FAMILIES, *STAFF)
REACHED = "the view was reached"


def allowed(rule: Rule, right: str | None, role: str) -> bool:
    """What the rules say: public pages, the office's rights, pages of families, and one's own account for everybody."""
    if rule.endpoint in PUBLIC:
        return True
    if role == "nobody":
        return False
    if rule.endpoint.startswith("office."):
        return role in RIGHTS.get(right or "", ())
    return role in FAMILIES or rule.endpoint.split(".")[0] in OF_EVERYBODY


@pytest.fixture
def doors(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with nothing behind its doors: whoever gets past one is told so, by every method."""
    for endpoint, view in list(app.view_functions.items()):

        def stub(**_: object) -> str:
            return REACHED

        stub.__dict__.update(getattr(view, "__dict__", {}))
        monkeypatch.setitem(app.view_functions, endpoint, stub)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    yield app


@pytest.mark.parametrize("role", ROLES)
def test_G11_every_route_is_open_to_those_whom_its_rule_names_and_to_nobody_else(
    app: Flask, cast: Cast, portal: Settings, role: str, request: pytest.FixtureRequest
) -> None:
    browser = Browser(app)
    if role in FAMILIES:
        browser.sign_in(cast.rosa if role == "guardian" else cast.pupil)
    elif role in STAFF:
        browser.sign_in_to_office(officer(role, portal))
    rules, rights = list(app.url_map.iter_rules()), {}
    for rule in rules:
        rights[rule.endpoint] = getattr(app.view_functions[rule.endpoint], "right", None)
    doors: Flask = request.getfixturevalue("doors")
    wrong, seen = [], set()
    for rule in rules:
        values = {name: sample(kind) for name, kind in rule._converters.items()}
        with doors.test_request_context():
            built = rule.build(values)
        assert built is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = browser.client.open(built[1], method=method)
            reached = answer.get_data(as_text=True) == REACHED
            seen.add(reached)
            expected = allowed(rule, rights[rule.endpoint], role)
            if reached is not expected:
                wrong.append((method, rule.rule, answer.status_code))
            elif not reached:
                # Nobody learns from the answer what is behind a door: sign-in, the own side, or "not found".
                assert answer.status_code in (303, 404), (method, rule.rule, answer.status_code)
    assert wrong == []
    assert seen == {True, False}


def test_the_rules_name_only_routes_that_there_are(app: Flask) -> None:
    there = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert set(PUBLIC) <= there
    used = {getattr(view, "right", None) for view in app.view_functions.values()} - {None}
    assert used <= set(RIGHTS)
