"""Passkeys (WebAuthn Level 2): a device signs a challenge at sign-in, instead of a code of the authenticator app.

They come beside the app, which stays the way in for browsers without JavaScript, and end with it. A challenge is a
one-time link of its account: kept as a hash, used once, over in five minutes. The device has to ask for the owner's
finger, face or PIN; where it was made cannot be told, since no attestation is asked for.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import bytes_to_base64url, parse_client_data_json
from webauthn.helpers.parse_authentication_credential_json import parse_authentication_credential_json
from webauthn.helpers.parse_registration_credential_json import parse_registration_credential_json
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from config import Settings
from models import Account, AuditEvent, Passkey, database
from services import authenticators, links, recovery
from services.hashing import keyed_hash
from services.outbox import Compose
from services.passwords import FieldError

log = logging.getLogger(__name__)

Found = TypeVar("Found")
Credential = TypeVar("Credential", RegistrationCredential, AuthenticationCredential)

#: So many may one account have.
MOST = 10

LONGEST_NAME = 60


class Refused(Exception):
    """What came is no passkey that this portal asked this account for; the text is for the log."""


def are_possible(settings: Settings) -> bool:
    """Whether browsers make passkeys for this portal: it is reached over TLS or on localhost, and by a name."""
    host = _host(settings)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return settings.secure or host == "localhost"
    return False


def of(account: Account) -> list[Passkey]:
    """The account's passkeys, the first one first."""
    return list(Passkey.select().where(Passkey.account == account).order_by(Passkey.id))


def may_add(account: Account, settings: Settings) -> bool:
    """Whether another one can be made now."""
    return are_possible(settings) and authenticators.is_on(account) and len(of(account)) < MOST


def checked_name(typed: str) -> str:
    """The name to tell it by from others. Raises FieldError."""
    name = " ".join(typed.split())
    if not name:
        raise FieldError("name", "empty")
    if len(name) > LONGEST_NAME:
        raise FieldError("name", "long")
    return name


def options_to_add(account: Account, *, settings: Settings, now: dt.datetime) -> str:
    """What the browser needs to make a passkey, as JSON (`PublicKeyCredentialCreationOptions`)."""
    challenge = links.make(account, "new passkey", settings=settings, now=now)
    options = webauthn.generate_registration_options(
        rp_id=_host(settings),
        rp_name=settings.district_name,
        user_name=account.user_name,
        # Nothing personal, and the same for every passkey of the account: it replaces one on the same device.
        user_id=bytes.fromhex(keyed_hash(settings.secret_key, "passkey", str(account.id))),
        challenge=challenge.encode(),
        exclude_credentials=_descriptors(account),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options)


def add(account: Account, answer: str, name: str, *, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Keep the passkey that the browser has made and tell the owner. `answer` is JSON.

    Raises Refused when it was not made for this account, portal and page.
    """
    credential, challenge = _read(answer, parse_registration_credential_json)
    _use_up(challenge, account, "new passkey", settings, now)
    found = _library(
        webauthn.verify_registration_response, credential=credential, expected_challenge=challenge,
        expected_rp_id=_host(settings), expected_origin=_origin(settings), require_user_verification=True,
    )  # fmt: skip
    credential_id = bytes_to_base64url(found.credential_id)
    with database.atomic():
        if not may_add(account, settings):
            raise Refused("no further passkey may be added")
        if Passkey.select().where(Passkey.credential_id == credential_id).exists():
            raise Refused("this passkey is registered already")
        made = Passkey.create(
            account=account, credential_id=credential_id, public_key=bytes_to_base64url(found.credential_public_key),
            sign_count=found.sign_count, name=name, created_at=now,
        )  # fmt: skip
        AuditEvent.create(at=now, account=account, action="passkey added", details={"passkey": made.id})
        recovery.tell(account, "passkey_on", compose=compose, settings=settings)


def remove(passkey: Passkey, *, compose: Compose, settings: Settings, now: dt.datetime) -> None:
    """Let it sign in no more, and tell the owner."""
    account: Account = passkey.account
    with database.atomic():
        passkey.delete_instance()
        AuditEvent.create(at=now, account=account, action="passkey removed", details={"passkey": passkey.id})
        recovery.tell(account, "passkey_off", compose=compose, settings=settings)


def options_to_sign_in(account: Account, *, settings: Settings, now: dt.datetime) -> str:
    """What the browser needs to sign with one of the account's passkeys, as JSON; empty when there is none."""
    known = _descriptors(account)
    if not known or not are_possible(settings):
        return ""
    challenge = links.make(account, "passkey", settings=settings, now=now)
    options = webauthn.generate_authentication_options(
        rp_id=_host(settings), challenge=challenge.encode(), allow_credentials=known,
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return webauthn.options_to_json(options)


def accepts(account: Account, answer: str, *, settings: Settings, now: dt.datetime) -> bool:
    """Whether one of the account's passkeys has signed the challenge of the page, in the caller's transaction.

    The challenge is used up, whatever the answer; `answer` is JSON.
    """
    try:
        _check(account, answer, settings, now)
    except Refused as refused:
        log.info("a passkey of account %s was refused: %s", account.id, refused)
        return False
    return True


def _check(account: Account, answer: str, settings: Settings, now: dt.datetime) -> None:
    credential, challenge = _read(answer, parse_authentication_credential_json)
    _use_up(challenge, account, "passkey", settings, now)
    mine = Passkey.get_or_none(Passkey.account == account, Passkey.credential_id == credential.id)
    if mine is None:
        raise Refused("it is none of this account")
    found = _library(
        webauthn.verify_authentication_response, credential=credential, expected_challenge=challenge,
        expected_rp_id=_host(settings), expected_origin=_origin(settings),
        credential_public_key=webauthn.base64url_to_bytes(mine.public_key),
        credential_current_sign_count=mine.sign_count, require_user_verification=True,
    )  # fmt: skip
    unused = (Passkey.id == mine.id) & (Passkey.sign_count == mine.sign_count)
    if Passkey.update(sign_count=found.new_sign_count, used_at=now).where(unused).execute() != 1:
        raise Refused("it has signed elsewhere at the same moment")


def _read(answer: str, parse: Callable[[str], Credential]) -> tuple[Credential, bytes]:
    """The browser's answer, and the challenge that it says it has signed."""
    credential = _library(parse, answer)
    data = _library(parse_client_data_json, credential.response.client_data_json)
    return credential, data.challenge


def _use_up(challenge: bytes, account: Account, purpose: str, settings: Settings, now: dt.datetime) -> None:
    """Take the challenge, if it is a live one of this account. Raises Refused."""
    try:
        link = links.find(challenge.decode("ascii", "replace"), purpose, settings=settings, now=now)
        if link.account_id != account.id:
            raise Refused("the challenge is somebody else's")
        links.use_up(link, now)
    except links.InvalidLink:
        raise Refused("the challenge is unknown, used or over") from None


def _library(call: Callable[..., Found], *args: Any, **named: Any) -> Found:
    """What the library makes of data from outside. Raises Refused."""
    try:
        return call(*args, **named)
    except Exception as error:
        # Its parsers let through what theirs raise: of JSON, base64, CBOR, ASN.1, points that are on no curve.
        raise Refused(f"{type(error).__name__}: {error}"[:200]) from error


def _descriptors(account: Account) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(webauthn.base64url_to_bytes(one.credential_id)) for one in of(account)]


def _host(settings: Settings) -> str:
    """The name that passkeys are bound to (WebAuthn's RP ID)."""
    return urlsplit(settings.portal_url).hostname or ""


def _origin(settings: Settings) -> str:
    """The portal's address as browsers name it: scheme, host and, unless it is the usual one, port."""
    parts = urlsplit(settings.portal_url)
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{_host(settings)}{port}"
