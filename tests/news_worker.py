"""Worker processes that can be killed at any moment: each is forked from one process that has loaded everything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Self, cast

ROOT = Path(__file__).resolve().parent.parent

_NURSERY = """
import datetime as dt, os, signal, sys
sys.path[:0] = [{tests!r}]
import factories
from app import create_app
from services import clock, jobs, worker
from services.digests import leaving, run
from services.mail import Mailer

now, batch, lease = dt.datetime.fromisoformat(sys.argv[3]), int(sys.argv[4]), dt.timedelta(seconds=float(sys.argv[5]))
jobs.LEASE, run.BATCH = lease, batch
portal = factories.settings(sys.argv[1], smtp_url=sys.argv[2], mail_from={mail_from!r})
began = clock.now()
clock.set_source(lambda: now + (dt.datetime.now(dt.UTC).replace(tzinfo=None) - began))


def write_news():
    return run.run_once(settings=portal, on=factories.TODAY, now=clock.now(), compose=app.extensions["compose"])


def work():
    with app.test_request_context():
        worker.run(
            app.extensions["database"], Mailer(portal.smtp_url, portal.mail_from, portal.portal_url),
            worker.wait_for_stop_signal(),
            lambda mail: leaving.may_leave(mail, on=factories.TODAY, now=clock.now(), settings=portal),
            poll=0.02, lease=lease, other_work=write_news,
        )


app = create_app(portal)
with app.test_request_context():
    app.jinja_env.get_template("email/digest.txt")
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    print(child, flush=True)
"""


class Nursery:
    """Starts workers in a few milliseconds each. They believe that it was `now` when the nursery was opened."""

    def __init__(self, database_url: str, smtp_url: str, now: str, *, batch: int, lease: float) -> None:
        script = _NURSERY.format(tests=str(ROOT / "tests"), mail_from="Homeroom <portal@district.example>")
        command = [sys.executable, "-c", script, database_url, smtp_url, now, str(batch), str(lease)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def start(self) -> int:
        """The process id of a fresh worker."""
        order, answer = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        order.write("\n")
        order.flush()
        return int(answer.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)
