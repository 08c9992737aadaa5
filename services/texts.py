"""Handing one text message to the service that sends it, or in the demo to a folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from models import OutboundMail
from services import mail as mails
from services.mail import PermanentError, TemporaryError

if TYPE_CHECKING:
    from apprise import Apprise

#: Seconds that the service may take for its answer; after Apprise's own four a text could go out, and then again.
TIMEOUT = 20

#: A made-up number, with which the URL is tried at the start.
_NOBODY = "+15555550100"

_silent = logging.NullHandler()


class Texter:
    """Sends the texts of the outbox the way that one `text_url` says.

    That is an Apprise URL with `{number}` where the recipient's number goes, or `file:///folder`. Raises ValueError for
    one that Apprise does not know; the text does not repeat the URL, which holds a password.
    """

    def __init__(self, text_url: str) -> None:
        self._url = text_url
        self._folder = Path(unquote(urlsplit(text_url).path)) if text_url.startswith("file:///") else None
        if self._folder is None and self._service(_NOBODY) is None:
            raise ValueError("text_url: Apprise cannot read it; see https://appriseit.com/services/")

    def send(self, mail: OutboundMail) -> None:
        """Hand over one text. Raises TemporaryError or PermanentError."""
        if self._folder is not None:
            name = f"{mail.header_id.strip('<>').partition('@')[0]}.txt"
            mails.write_file(self._folder, name, f"To: {mail.recipient}\n\n{mail.text}".encode())
            return
        service = self._service(mail.recipient)
        if service is None:
            raise PermanentError("text", "the service cannot send to this number")
        sent = service.notify(body=mail.text)
        if not sent:
            said = [entry.message for entry in sent.logs()]
            raise TemporaryError("text", said[-1] if said else "the service did not take it")

    def _service(self, number: str) -> Apprise | None:
        """The service with this number as its only recipient; None when it does not take the number, or the URL."""
        # Loading it takes longer than most pages do, and only the worker sends.
        from apprise import Apprise, AppriseAsset

        # What it says goes into the row: it may name the recipient, which no log may.
        log = logging.getLogger("apprise")
        log.propagate = False
        log.addHandler(_silent)
        service = Apprise(asset=AppriseAsset(async_mode=False, http_redirects=False))
        if not service.add(self._url.replace("{number}", quote(number, safe=""))):
            return None
        for one in service:
            one.socket_connect_timeout = one.socket_read_timeout = TIMEOUT
        return service
