"""A real SMTP server on loopback that can be told to misbehave, and a worker process that can be killed."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Self, cast

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent
MAIL_FROM = "Homeroom <portal@district.example>"

_WORKER = """
import datetime, sys
from services import database, mail, worker
url, smtp_url, mail_from, lease = sys.argv[1:]
worker.run(
    database.connect(url), mail.Mailer(smtp_url, mail_from), worker.wait_for_stop_signal(),
    poll=0.02, lease=datetime.timedelta(seconds=float(lease)),
)
"""


class MailServer:
    """Takes every mail, unless `answers` names another answer for the step RCPT or DATA.

    The answer "cut" drops the connection instead: at RCPT before any text, at DATA after all of it was taken.
    `delay` is how long the server thinks before it answers to the text.
    """

    def __init__(self, port: int | None = None, delay: float = 0, **options: Any) -> None:
        self.port = port or free_port()
        self.answers: dict[str, str] = {}
        self.taken: list[EmailMessage] = []
        self.arrived = threading.Event()
        self._delay = delay
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def times_taken(self) -> Counter[str]:
        """How often each Message-ID has arrived."""
        return Counter(mail["Message-ID"] for mail in self.taken)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        answer = self.answers.get("RCPT", "250 OK")
        if answer == "cut":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.get("DATA", "250 OK")
        if answer in ("cut", "250 OK"):
            self.taken.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=default)))
        self.arrived.set()
        if answer == "cut":
            server.transport.abort()
        # Blocks the server's only thread on purpose: one mail at a time, as a slow server would.
        time.sleep(self._delay)
        return answer


class CuttingServer:
    """Speaks just enough SMTP to accept DATA, reads a few bytes of the text and hangs up."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 hello\r\n")
            for line in iter(lines.readline, b""):
                if line.upper().startswith(b"DATA"):
                    lines.write(b"354 go on\r\n")
                    lines.read(40)
                    return
                lines.write(b"250 OK\r\n")


def free_port() -> int:
    """A port on which nothing listens just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def start_worker(database_url: str, smtp_url: str, lease: float = 600) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, which SIGTERM ends and SIGKILL kills."""
    command = [sys.executable, "-c", _WORKER, database_url, smtp_url, MAIL_FROM, str(lease)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
