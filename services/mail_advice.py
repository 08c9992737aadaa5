"""What a refusal of the mail server means, in words for somebody who has never read RFC 5321 (CHECKS 57)."""

from __future__ import annotations

import socket
import ssl

from services.mail import DeliveryError

#: What each step of the conversation is about, as `flask mail test` lists them.
STEPS = {
    "compose": "Write the mail",
    "folder": "Write the mail into the folder",
    "connect": "Connect to the mail server",
    "greet": "Say hello",
    "tls": "Switch to an encrypted connection",
    "login": "Log in with the user name and password",
    "sender": "Name the sender",
    "recipient": "Name the recipient",
    "content": "Hand over the mail",
}

_BY_CODE = {
    421: "The server is busy or limits how often it is called. The worker tries again by itself.",
    450: "The server wants to see a second try later (greylisting), or the mailbox is busy. The worker does that.",
    451: "The server has a passing problem, or wants to see a second try later (greylisting). The worker does that.",
    452: "The server or the mailbox is full, or there were too many recipients. The worker tries again by itself.",
    530: "The server wants a login or encryption first: put user:password@ and ?starttls=1 into PORTAL_SMTP_URL.",
    534: "The server wants another way to log in. Many providers need an app password or SMTP AUTH switched on.",
    535: "The user name or password is wrong, or SMTP login is switched off for this mailbox. Characters such as"
    " @ : / in the password must be written as %40 %3A %2F in PORTAL_SMTP_URL.",
    552: "The mailbox is full, or the mail is too large.",
}

_BY_STEP = {
    "compose": "The address, the subject or the text holds characters that a mail cannot carry.",
    "folder": "The folder in PORTAL_SMTP_URL cannot be written by the portal's user.",
    "greet": "The server answered but does not want to talk to this machine. Ask who runs it to let it in.",
    "tls": "The server offers no encryption on this port. Try smtps:// with port 465, or ?starttls=1 with port 587.",
    "login": "The server refused the login.",
    "sender": "The server does not take mail from the address in PORTAL_MAIL_FROM. Use one that belongs to this login.",
    "recipient": "The server knows no such mailbox, or does not pass mail on for this portal (relaying). If it"
    " refuses every outside address, it needs a login, or this machine's address on its list.",
    "content": "The server refused the mail itself, often as spam. Check that SPF and DKIM of the domain in"
    " PORTAL_MAIL_FROM allow this server, and read its answer above.",
}


def explain(error: DeliveryError) -> str:
    """What probably went wrong, and which setting to change."""
    if error.code is None and error.step in ("connect", "greet", "tls"):
        return _about_connection(error.cause)
    by_code = _BY_CODE.get(error.code or 0)
    return by_code or _BY_STEP.get(error.step, "The connection broke. Try again, and look into the server's own log.")


def _about_connection(cause: Exception | None) -> str:
    if isinstance(cause, socket.gaierror):
        return "No machine of that name was found. Check the host in PORTAL_SMTP_URL, and the DNS of this machine."
    if isinstance(cause, ConnectionRefusedError):
        return "Nothing listens there. Check the port in PORTAL_SMTP_URL (587 and 465 are usual), and that it runs."
    if isinstance(cause, TimeoutError):
        return "No answer. A firewall may be in the way: many hosts block port 25, so try 587 or 465."
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "The server's certificate is not valid for this name. Use the name that stands in the certificate."
    if isinstance(cause, ssl.SSLError):
        return "The two do not speak the same encryption. Use smtps:// for port 465, smtp://…?starttls=1 for 587."
    return "The connection broke before mail was spoken. Check host and port: 587 wants smtp://, 465 wants smtps://."
