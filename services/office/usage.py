"""How the portal is used: sign-ins week by week (who has an account is counted by `services.office.claims`)."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from peewee import JOIN, Case, fn

from models import Account, SignInAttempt

#: So many weeks are shown, this one included.
WEEKS = 12


class Week(NamedTuple):
    """A week from its Monday: sign-ins of guardians and students, and how many different accounts they were."""

    begins: dt.date
    guardians: int
    students: int
    accounts: int


def weeks(on: dt.date, time_zone: str) -> list[Week]:
    """The last weeks on the district's clock, the earliest first; one query. Staff are not counted."""
    monday = on - dt.timedelta(days=on.weekday())
    mondays = [monday - dt.timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    edges = [_midnight(day, time_zone) for day in (*mondays, monday + dt.timedelta(weeks=1))]
    columns = []
    for begins, ends in pairwise(edges):
        within = (SignInAttempt.at >= begins) & (SignInAttempt.at < ends)
        columns += [
            fn.COUNT(Case(None, [(within & Account.guardian.is_null(False), SignInAttempt.id)])),
            fn.COUNT(Case(None, [(within & Account.student.is_null(False), SignInAttempt.id)])),
            fn.COUNT(Case(None, [(within, SignInAttempt.account)]).distinct()),
        ]
    row = (
        SignInAttempt.select(*columns)
        .join(Account, JOIN.INNER)
        .where(SignInAttempt.succeeded, Account.staff.is_null(), SignInAttempt.at >= edges[0])
        .tuples()
        .get()
    )
    return [Week(day, *row[3 * place : 3 * place + 3]) for place, day in enumerate(mondays)]


def _midnight(day: dt.date, time_zone: str) -> dt.datetime:
    """The UTC moment at which the day begins in the district."""
    local = dt.datetime.combine(day, dt.time(), ZoneInfo(time_zone))
    return local.astimezone(dt.UTC).replace(tzinfo=None)
