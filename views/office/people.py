"""A guardian or a student as the office sees them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import get_locale
from werkzeug.wrappers import Response

from models import Account, ActivationKey
from services import clock, formats, of_age
from services.office import joining, people
from services.record.family import family
from views import fragments, words
from views.access import settings, today
from views.office.gate import blueprint, guardian_or_404, needs, office, student_or_404


@blueprint.get("/students/<int:student_id>", endpoint="student")
@needs("student")
def student(student_id: int) -> Response:
    """A student with guardians, enrollments, account and keys; that it was looked at is written down (X09)."""
    found = student_or_404(student_id, "student")
    account = people.account_of(found)
    standing = of_age.soon_or_over([found], settings().at_eighteen, today()).get(found.id)
    return fragments.render(
        "office/_student.html",
        title=found.name,
        student=found,
        birth_date=formats.day(found.birth_date, str(get_locale())),
        standing=standing,
        of_age_on=formats.day(standing.day if standing else None, str(get_locale())),
        guardians=people.guardians_of(office(), found),
        enrollments=[
            (
                one.school.name,
                formats.day(one.entry_date, str(get_locale())),
                formats.day(one.exit_date, str(get_locale())),
            )
            for one in people.enrollments_of(found)
        ],
        **_account(account),
        keys=_keys(people.keys_of(found)),
        can=office().may_over([found]),
    )


@blueprint.get("/guardians/<int:guardian_id>", endpoint="guardian")
@needs("guardian")
def guardian(guardian_id: int) -> Response:
    """A guardian with children, households, account, keys and mail."""
    found = guardian_or_404(guardian_id)
    account = people.account_of(found)
    children = people.children_of(office(), found)
    for pair in children:
        office().note("student viewed", clock.now(), student=pair.person, page="guardian")
    return fragments.render(
        "office/_guardian.html",
        title=found.name,
        guardian=found,
        children=children,
        matches=joining.matches(found, office()) if office().may("rights") else [],
        family=family(found, [pair.person for pair in children], today()),
        **_account(account),
        keys=_keys(people.keys_of(found)),
        mails=[(_moment(one.created_at), one.kind, one.state, one.last_error) for one in people.mails_to(account)],
        can=office().may_over([found, *(pair.person for pair in children)]),
    )


def _account(account: Account | None) -> dict[str, Any]:
    """The account, its state in words, and its last sign-ins."""
    return {
        "account": account,
        "account_state": words.account_states()[account.state] if account else "",
        "last_sign_in": _moment(account.last_sign_in_at) if account else "",
        "sign_ins": [(_moment(one.at), one.ip, one.succeeded) for one in people.sign_ins(account)],
    }


def _keys(keys: list[ActivationKey]) -> list[tuple[str, str, str]]:
    """When each key was issued, what has become of it, and until when it is good."""
    now, states = clock.now(), words.key_states()
    found = []
    for key in keys:
        state = "used" if key.used_at else "revoked" if key.revoked_at else "over" if key.expires_at <= now else "live"
        found.append((_moment(key.created_at), states[state], _moment(key.expires_at) if state == "live" else ""))
    return found


def _moment(at: dt.datetime | None) -> str:
    return formats.moment(at, settings().time_zone, str(get_locale()))
