"""Handing one mail to the mail server, or in the demo to a folder."""

from __future__ import annotations

import datetime as dt
import os
import re
import smtplib
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from models import OutboundMail
from services import clock, directions

#: Seconds that each answer of the mail server may take.
TIMEOUT = 20

#: Answers to RCPT and DATA that speak of our access to the server, not of this mail (RFC 4954 6).
_ACCESS_CODES = frozenset({530, 534, 535, 538})


#: Spaces that mean something: those at the beginning of a line, and several together.
_SPACES = re.compile(r"^ +|  +")

#: Headers that stay on one line: Python would turn a long address into encoded words, which no mail program follows.
_WHOLE = frozenset({"List-Unsubscribe", "List-Unsubscribe-Post"})


class _Policy(EmailPolicy):
    """How mails are written, with subjects folded by the older of Python's two ways.

    The newer one loses a space where a long subject that is not English breaks into two lines.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header with its line ends."""
        if name in _WHOLE:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        if name != "Subject" or value.isascii():
            return super().fold_binary(name, value)
        folded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


#: Every server takes 7-bit text; 8BITMIME would have to be asked for.
_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


@dataclass(frozen=True)
class Step:
    """One step of the conversation: `name` (connect, greet, tls, login, sender, recipient, content) and the answer."""

    name: str
    answer: str


class DeliveryError(Exception):
    """A mail that was not handed over: at which step, and what the server (or the network) said.

    `code` is the SMTP status, or None when there was no answer. `cause` is the exception underneath, if any.
    """

    def __init__(self, step: str, answer: str, code: int | None = None, cause: Exception | None = None) -> None:
        super().__init__(f"{step}: {answer}")
        self.step = step
        self.answer = answer
        self.code = code
        self.cause = cause


class TemporaryError(DeliveryError):
    """Worth another try: no connection, a 4xx answer, or a refusal of the portal as such rather than of this mail."""


class PermanentError(DeliveryError):
    """Not worth another try: the server refuses this recipient or this content for good (5xx)."""


class Transport(Protocol):
    """Where mails go."""

    steps: list[Step]

    def deliver(self, mail: OutboundMail, sender: str, content: EmailMessage) -> None:
        """Hand over one mail; raises DeliveryError."""

    def close(self) -> None:
        """Let go of the connection; the next mail opens another."""


class Mailer:
    """Sends rows of the outbox the way that one `smtp_url` says.

    `smtp://user:password@host:587?starttls=1`, `smtps://…:465`, or `file:///folder`. `mail_from` is the address
    that all mail comes from, `portal_url` marks the only links that become clickable in the HTML form.
    Raises ValueError for another kind of URL.
    """

    def __init__(self, smtp_url: str, mail_from: str, portal_url: str = "", timeout: float = TIMEOUT) -> None:
        self._mail_from = mail_from
        self._sender = parseaddr(mail_from)[1]
        self._portal_url = portal_url
        if "@" not in self._sender:
            raise ValueError("mail_from: expected an address such as Homeroom <portal@district.example>")
        self._transport = _transport(urlsplit(smtp_url), timeout)

    @property
    def steps(self) -> list[Step]:
        """What was said since the connection was opened, for `flask mail test`."""
        return self._transport.steps

    def send(self, mail: OutboundMail) -> None:
        """Hand over one mail. Raises TemporaryError or PermanentError; the connection stays open for the next."""
        try:
            content = compose(mail, self._mail_from, self._portal_url)
        except (ValueError, UnicodeError, LookupError) as error:
            raise PermanentError("compose", type(error).__name__, cause=error) from error
        self._transport.deliver(mail, self._sender, content)

    def close(self) -> None:
        """Let go of the connection to the server."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def compose(mail: OutboundMail, mail_from: str, portal_url: str = "") -> EmailMessage:
    """The mail as it goes over the wire: plain text, and the same text as simple HTML.

    Both forms say the same. Tries of one row share its Message-ID, so that a double can be recognized (CHECKS 37).
    """
    content = EmailMessage(policy=_POLICY)
    content["From"] = mail_from
    content["To"] = mail.recipient
    if mail.reply_to:
        content["Reply-To"] = mail.reply_to
    content["Subject"] = mail.subject
    content["Message-ID"] = mail.header_id
    content["Date"] = format_datetime(clock.now().replace(tzinfo=dt.UTC))
    # Keeps holiday replies from answering the portal (RFC 3834 5, and its counterpart in Exchange).
    content["Auto-Submitted"] = "auto-generated"
    content["X-Auto-Response-Suppress"] = "All"
    for name, value in (mail.headers or {}).items():
        content[name] = value
    content.set_content(mail.text)
    content.add_alternative(_as_html(mail.text, portal_url), subtype="html")
    return content


def _as_html(text: str, portal_url: str) -> str:
    """The text as paragraphs in the direction of the whole, or of their own where they have another.

    A paragraph of a name alone reads as the text around it. Nothing in it acts as HTML; only a line that is nothing but
    an address of the portal becomes a link: what a guardian writes stays inert (G07).
    """
    whole = directions.of(text) or "ltr"
    blocks = text.replace("\r\n", "\n").strip("\n").split("\n\n")
    body = "\n".join(_block_as_html(block, whole, portal_url) for block in blocks)
    head = '<meta charset="utf-8"><title></title><style>p { overflow-wrap: anywhere }</style>'
    return f'<!DOCTYPE html>\n<html dir="{whole}"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _block_as_html(block: str, whole: directions.Direction, portal_url: str) -> str:
    own = directions.of(block)
    lines = "<br>".join(_line_as_html(line, portal_url) for line in block.split("\n"))
    return f'<p dir="{own}">{lines}</p>' if own not in (None, whole) else f"<p>{lines}</p>"


def _line_as_html(line: str, portal_url: str) -> str:
    words = line.split()
    # HTML would make one space of several, and none of those that a line begins with.
    shown = _SPACES.sub(lambda found: "\u00a0" * len(found[0]), escape(line))
    if portal_url and len(words) == 1 and words[0].startswith(portal_url.rstrip("/") + "/"):
        return f'<a href="{escape(words[0])}" dir="ltr">{shown}</a>'
    return shown


# ---- Transports -------------------------------------------------------------------------------------------------


def _transport(url: SplitResult, timeout: float) -> Transport:
    if url.scheme == "file" and url.path:
        return FolderTransport(Path(unquote(url.path)))
    if url.scheme in ("smtp", "smtps") and url.hostname:
        return SmtpTransport(url, timeout)
    raise ValueError("smtp_url: expected smtp://host:port, smtps://host:port or file:///folder")


class FolderTransport:
    """Writes each mail as an .eml file whose name is its Message-ID, so that a double replaces itself."""

    def __init__(self, folder: Path) -> None:
        self.steps: list[Step] = []
        self._folder = folder

    def deliver(self, mail: OutboundMail, sender: str, content: EmailMessage) -> None:
        """Write one file, at once or not at all."""
        name = f"{mail.header_id.strip('<>').partition('@')[0]}.eml"
        write_file(self._folder, name, content.as_bytes())
        self.steps.append(Step("folder", name))

    def close(self) -> None:
        """There is nothing to let go of."""


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write one file into a folder, at once or not at all. Raises TemporaryError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
            file.write(content)
        Path(file.name).replace(folder / name)
    except OSError as error:
        raise TemporaryError("folder", os.strerror(error.errno or 0), cause=error) from error


class SmtpTransport:
    """A conversation with one SMTP server, opened at the first mail and closed by an error or by `close`."""

    def __init__(self, url: SplitResult, timeout: float) -> None:
        self.steps: list[Step] = []
        self._url = url
        self._timeout = timeout
        self._starttls = parse_qs(url.query).get("starttls", ["0"])[-1].lower() in ("1", "true", "yes")
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, mail: OutboundMail, sender: str, content: EmailMessage) -> None:
        """Say MAIL, RCPT and DATA. A server that hangs up afterwards has still taken the mail."""
        try:
            smtp = self._smtp or self._open()
            with self._step("sender"):
                self._expect("sender", smtp.mail(sender))
            with self._step("recipient"):
                self._expect("recipient", smtp.rcpt(mail.recipient))
            with self._step("content"):
                self._expect("content", smtp.data(content.as_bytes()))
        except DeliveryError:
            self.close()
            raise

    def close(self) -> None:
        """End the conversation; a server that is already gone is no error."""
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()
            self._smtp = None

    def _open(self) -> smtplib.SMTP:
        """Connect, greet, encrypt and log in."""
        self.steps.clear()
        host, secure = self._url.hostname or "", self._url.scheme == "smtps"
        port = self._url.port or (smtplib.SMTP_SSL_PORT if secure else smtplib.SMTP_PORT)
        with self._step("connect"):
            if secure:
                context = ssl.create_default_context()
                self._smtp = smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=context)
            else:
                self._smtp = smtplib.SMTP(host, port, timeout=self._timeout)
            self.steps.append(Step("connect", f"{host} port {port}"))
        with self._step("greet"):
            self._expect("greet", self._smtp.ehlo())
        if self._starttls:
            with self._step("tls"):
                self._expect("tls", self._smtp.starttls(context=ssl.create_default_context()))
                self._smtp.ehlo()
        if self._url.username:
            with self._step("login"):
                name, password = unquote(self._url.username), unquote(self._url.password or "")
                self._expect("login", self._smtp.login(name, password))
        return self._smtp

    def _expect(self, step: str, answer: tuple[int, bytes]) -> None:
        """Note the answer; raise when it is a refusal."""
        code, _ = answer
        if not 200 <= code < 300:
            raise _refusal(step, answer)
        self.steps.append(Step(step, _said(answer)))

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """Turn whatever smtplib raises inside into an error of this step."""
        try:
            yield
        except smtplib.SMTPResponseException as error:
            reply = error.smtp_error
            raise _refusal(name, (error.smtp_code, reply if isinstance(reply, bytes) else reply.encode())) from error
        except (smtplib.SMTPException, OSError) as error:
            raise TemporaryError(name, str(error) or type(error).__name__, cause=error) from error


def _refusal(step: str, answer: tuple[int, bytes]) -> DeliveryError:
    """The error that a refusing answer at this step amounts to."""
    code, _ = answer
    # Before RCPT a refusal is about the portal's access or sender: waiting for the operator loses no mail.
    final = code >= 500 and step in ("recipient", "content") and code not in _ACCESS_CODES
    return (PermanentError if final else TemporaryError)(step, _said(answer), code)


def _said(answer: tuple[int, bytes]) -> str:
    """The answer on one line."""
    code, raw = answer
    return f"{code} {' '.join(raw.decode('utf-8', 'replace').split())}"
