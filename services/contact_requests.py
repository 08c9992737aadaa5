"""A guardian asks the school to change an address, a phone, a name; the office answers (C05, D09)."""

from __future__ import annotations

import datetime as dt

from config import Settings
from models import Account, AuditEvent, ContactRequest, database
from services import messages
from services.messages import MessageRefused
from services.throttle import Limit

#: A family does not move more often than that in a day.
PER_DAY = 5


def send(account: Account, typed: str, *, settings: Settings, now: dt.datetime) -> ContactRequest:
    """Store what was typed as an open request of the account's owner.

    Raises MessageRefused (blank, long, control, often), under the same rules as messages; nothing is stored then.
    """
    body = messages.check(typed)
    limit = Limit("contact request", tries=PER_DAY, minutes=24 * 60, secret=settings.secret_key)
    with database.atomic():
        if not limit.take(str(account.id), now):
            raise MessageRefused("often")
        request = ContactRequest.create(account=account, body=body, created_at=now)
        AuditEvent.create(at=now, account=account, action="contact request sent", details={"request": request.id})
    return request
