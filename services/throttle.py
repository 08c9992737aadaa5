"""Limits on how often something may be tried, kept in the database so that every app machine counts together."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address, ip_network

from models import Throttle, database
from services.hashing import keyed_hash

_TAKE = """
INSERT INTO throttle (bucket, window_start, count) VALUES (?, ?, 1)
ON CONFLICT (bucket) DO UPDATE SET
    count = CASE WHEN throttle.window_start > ? THEN throttle.count + 1 ELSE 1 END,
    window_start = CASE WHEN throttle.window_start > ? THEN throttle.window_start ELSE excluded.window_start END
RETURNING count
"""


class Limit:
    """At most `tries` of one kind, by one subject (an address, an account), within `minutes`."""

    def __init__(self, name: str, *, tries: int, minutes: int, secret: str) -> None:
        self.name, self.tries, self.window, self._secret = name, tries, dt.timedelta(minutes=minutes), secret

    def take(self, subject: str, now: dt.datetime) -> bool:
        """Count one try before it is made; False when it is one too many."""
        since = now - self.window
        sql = _TAKE.replace("?", database.param)
        row = database.execute_sql(sql, (self._bucket(subject), now, since, since)).fetchone()
        return bool(row[0] <= self.tries)

    def give_back(self, subject: str) -> None:
        """Uncount a try that turned out to be a right one: a library full of parents shares one address."""
        mine = (Throttle.bucket == self._bucket(subject)) & (Throttle.count > 0)
        Throttle.update(count=Throttle.count - 1).where(mine).execute()

    def _bucket(self, subject: str) -> str:
        return keyed_hash(self._secret, f"throttle {self.name}", _network_of(subject))


def _network_of(subject: str) -> str:
    """For an IPv6 address the /64 that one customer has to choose from (RFC 6177); everything else as it is."""
    try:
        address = ip_address(subject)
    except ValueError:
        return subject
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else subject
