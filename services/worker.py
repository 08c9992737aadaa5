"""The worker: sends what is due in the outbox, mails and texts, until it is told to stop.

Several may run, on several machines. A mail is claimed by a lease, handed over outside of any transaction, and then
marked; who dies in between leaves a lease that runs out, and the mail goes out again with the same Message-ID. So a
mail is sent at least once, and twice only after a crash (CHECKS 37, 42).
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from peewee import Database, InterfaceError, OperationalError

from models import OutboundMail, WorkerBeat
from services import clock, outbox
from services.mail import DeliveryError, Mailer, PermanentError, TemporaryError
from services.texts import Texter

logger = logging.getLogger(__name__)

#: Longer than any one mail can take with the Mailer's timeouts, so that only the dead lose a lease.
LEASE = dt.timedelta(minutes=10)

#: How long to wait after each failed try. When they are used up, a day after the first try, the mail has failed.
WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, *[60] * 24))

#: Seconds between two looks at an empty outbox.
POLL = 2.0

#: How often a worker says that it lives. `doctor` and `/readyz` shout after two minutes of silence.
BEAT_EVERY = dt.timedelta(seconds=15)

#: A worker that died is forgotten after this long.
BEAT_KEPT = dt.timedelta(days=1)

#: Waits up to so many seconds; true when it is time to stop. `threading.Event().wait` is one.
Wait = Callable[[float], bool]

#: Whether a mail may leave: yes, never, or not before a moment.
StillAllowed = Callable[[OutboundMail], bool | dt.datetime]


class Counts(NamedTuple):
    """How many mails ended how: `retried` ones are queued again."""

    sent: int = 0
    retried: int = 0
    failed: int = 0
    withdrawn: int = 0


def always_allowed(mail: OutboundMail) -> bool:
    """The default of `still_allowed`: whatever is in the outbox may leave."""
    return True


def run(
    database: Database,
    mailer: Mailer,
    wait: Wait,
    still_allowed: StillAllowed = always_allowed,
    poll: float = POLL,
    lease: dt.timedelta = LEASE,
    texter: Texter | None = None,
    other_work: Callable[[], bool] = lambda: False,
) -> None:
    """Send mail until `wait` says stop; the mail being sent then is finished first.

    Texts go through `texter`; without one they wait, and fail in the end. `still_allowed` is asked right before each
    mail: a right that was taken away counts for queued mail too (CHECKS 3), and no news goes in quiet hours. A database
    that is away is waited for. When no mail is due, `other_work` does one more piece of work, and says whether it did.
    """
    beat = _Beat()
    once = partial(run_once, mailer, limit=1, still_allowed=still_allowed, lease=lease, texter=texter)
    while not wait(0):
        try:
            with database.connection_context():
                beat.strike()
                while not wait(0) and (any(once()) or other_work()):
                    beat.strike()
        except (OperationalError, InterfaceError) as error:
            logger.error("the database is away: %s", type(error).__name__)
        mailer.close()
        if wait(poll):
            break
    beat.stop(database)


def run_once(
    mailer: Mailer,
    now: dt.datetime | None = None,
    *,
    limit: int = 50,
    still_allowed: StillAllowed = always_allowed,
    lease: dt.timedelta = LEASE,
    texter: Texter | None = None,
) -> Counts:
    """Send up to `limit` mails that are due, oldest first, and count how they ended.

    `now` holds the clock still for tests; without it each mail asks the clock.
    """
    counts = Counts()
    for _ in range(limit):
        # One at a time: a lease then need only outlast one mail, and a worker that stops holds nothing back.
        claimed = claim(now or clock.now(), limit=1, lease=lease)
        if not claimed:
            break
        outcome = _process(claimed[0], mailer, texter, still_allowed, now)
        counts = counts._replace(**{outcome: getattr(counts, outcome) + 1})
    return counts


def claim(now: dt.datetime, limit: int, lease: dt.timedelta = LEASE) -> list[OutboundMail]:
    """Lease up to `limit` due mails to the caller until `now` + `lease`; no two callers get the same one."""
    free = OutboundMail.leased_until.is_null() | (OutboundMail.leased_until <= now)
    due = (
        OutboundMail.select(OutboundMail.id)
        .where(OutboundMail.state == "queued", OutboundMail.due_at <= now, free)
        .order_by(OutboundMail.due_at, OutboundMail.id)
        .limit(limit)
    )
    # A look first, because an idle worker that updates nothing would still take SQLite's write lock every time.
    if not due.exists():
        return []
    database = OutboundMail._meta.database
    if database.for_update:
        due = due.for_update(skip_locked=True)
    leased = {"leased_until": now + lease, "attempts": OutboundMail.attempts + 1}
    with database.atomic():
        return list(OutboundMail.update(leased).where(OutboundMail.id.in_(due)).returning(OutboundMail).execute())


def _process(
    mail: OutboundMail, mailer: Mailer, texter: Texter | None, still_allowed: StillAllowed,
    now: dt.datetime | None,
) -> str:  # fmt: skip
    """Send one leased mail and write down how it ended: the name of the count it belongs to."""
    allowed = still_allowed(mail)
    if isinstance(allowed, dt.datetime):
        _settle(mail, due_at=allowed, attempts=mail.attempts - 1)
        return "retried"
    if not allowed:
        logger.info("mail %s withdrawn", mail.id)
        _settle(mail, state="withdrawn")
        return "withdrawn"
    try:
        if mail.channel == "mail":
            mailer.send(mail)
        elif texter is not None:
            texter.send(mail)
        else:
            raise TemporaryError("text", "text_url is not set")
    except DeliveryError as error:
        return _note_failure(mail, error, now or clock.now())
    blanked = {"text": "", "headers": None} if mail.kind in outbox.NOT_KEPT else {}
    _settle(mail, state="sent", sent_at=now or clock.now(), last_error=None, **blanked)
    logger.info("mail %s sent", mail.id)
    return "sent"


def _note_failure(mail: OutboundMail, error: DeliveryError, now: dt.datetime) -> str:
    """Queue the mail again, or give up: at once when the server refuses it for good, else after a day."""
    # The whole answer may quote the recipient: it goes into the row, not into the log.
    logger.warning("mail %s, try %s: %s refused with %s", mail.id, mail.attempts, error.step, error.code or "no answer")
    if isinstance(error, PermanentError) or mail.attempts > len(WAITS):
        _settle(mail, state="failed", last_error=str(error))
        return "failed"
    _settle(mail, due_at=now + WAITS[mail.attempts - 1], last_error=str(error))
    return "retried"


def _settle(mail: OutboundMail, **changes: object) -> None:
    """Write the outcome and give the lease back, unless the lease ran out and somebody else has settled the mail.

    Having sent the mail is written in any case: it is true whoever holds the lease.
    """
    row = OutboundMail.id == mail.id
    if changes.get("state") != "sent":
        row &= (OutboundMail.state == "queued") & (OutboundMail.leased_until == mail.leased_until)
    OutboundMail.update({**changes, "leased_until": None}).where(row).execute()


class _Beat:
    """The sign of life of one worker process."""

    def __init__(self) -> None:
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._last: dt.datetime | None = None

    def strike(self) -> None:
        """Write it, at most every BEAT_EVERY; the first time also forget the workers that died."""
        now = clock.now()
        if self._last is not None and now - self._last < BEAT_EVERY:
            return
        if self._last is None:
            WorkerBeat.delete().where(WorkerBeat.at < now - BEAT_KEPT).execute()
        WorkerBeat.insert(name=self._name, at=now).on_conflict(
            conflict_target=[WorkerBeat.name], preserve=[WorkerBeat.at]
        ).execute()
        self._last = now

    def stop(self, database: Database) -> None:
        """Take it back: this worker stops on purpose. With the database away it simply grows old."""
        with suppress(OperationalError, InterfaceError), database.connection_context():
            WorkerBeat.delete().where(WorkerBeat.name == self._name).execute()


def wait_for_stop_signal() -> Wait:
    """From now on SIGTERM and SIGINT interrupt nothing in this thread; the returned function waits for them.

    A handler could run in the middle of anything, a lock of its own event included; a blocked signal just waits.
    """
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    stopped = False

    def wait(seconds: float) -> bool:
        nonlocal stopped
        stopped = stopped or signal.sigtimedwait(stop, seconds) is not None
        return stopped

    return wait
