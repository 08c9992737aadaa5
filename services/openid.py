"""Signing in at the district's OpenID provider: authorization code, PKCE, state, nonce (OpenID Connect Core 3.1).

Authlib speaks the protocol. What a sign-in has begun with waits in the database, is taken once and is over in ten
minutes; the browser's cookie holds the state alone, so that nobody ends another's sign-in.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException

from config import Settings
from models import Account, ProviderSignIn
from services.hashing import keyed_hash, new_token

log = logging.getLogger(__name__)

#: So long the provider may take to let somebody in.
LASTS = dt.timedelta(minutes=10)

#: Seconds for one answer of the provider: meanwhile a part of the portal waits.
TIMEOUT = 4

#: After no answer the provider is not asked for so long, so that the portal stays quick for everybody else.
REST = dt.timedelta(seconds=20)

#: So long the provider's description and keys are kept; an unknown key is looked up at once.
KNOWN_FOR = dt.timedelta(minutes=10)

#: Signatures that only the provider can make; never `none`, and none by the shared secret.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")

#: What is read of the provider's description; more of it would reach into how Authlib asks.
_READ = (
    "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint",
    "id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported",
    "authorization_response_iss_parameter_supported",
)  # fmt: skip


class ProviderAway(Exception):
    """The provider does not answer, or not with what a provider answers."""


class NotFinished(Exception):
    """The provider has let nobody in: its own word for why, such as `access_denied`."""


class NotBegun(Exception):
    """This browser has begun no such sign-in, or it was taken, or it is over."""


class NotTrusted(Exception):
    """What came is not what this provider has made for this sign-in; the text is for the log."""


class Begun(NamedTuple):
    """Where the browser goes, and the state that its cookie keeps."""

    address: str
    state: str


class Identified(NamedTuple):
    """Somebody whom the provider knows: `subject` is its own lasting id, `claims` what it says of the person."""

    sign_in: ProviderSignIn
    issuer: str
    subject: str
    claims: dict[str, Any]


class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):
    client_cls = OAuth2Session


_known: dict[str, tuple[dt.datetime, dict[str, Any]]] = {}
_resting: dict[str, dt.datetime] = {}


def begin(
    purpose: str, *, redirect_uri: str, account: Account | None = None, back: str = "", settings: Settings,
    now: dt.datetime,
) -> Begun:  # fmt: skip
    """Begin a sign-in for `purpose`: staff, students, or link (for the `account` that is signed in).

    Raises ProviderAway.
    """
    verifier, nonce, state = secrets.token_urlsafe(48), new_token(), new_token()
    extra = {"prompt": settings.oidc_prompt} if settings.oidc_prompt else {}
    address = _ask(
        settings, now,
        lambda client: client.create_authorization_url(
            redirect_uri, state=state, nonce=nonce, code_verifier=verifier, **extra
        )["url"],
    )  # fmt: skip
    ProviderSignIn.delete().where(ProviderSignIn.created_at <= now - LASTS).execute()
    ProviderSignIn.create(
        state_hash=_hash(state, settings), purpose=purpose, account=account, nonce=nonce, verifier=verifier, back=back,
        created_at=now,
    )  # fmt: skip
    return Begun(address, state)


def finish(
    answer: Mapping[str, str], *, state: str, wanted: Mapping[str, str], redirect_uri: str, settings: Settings,
    now: dt.datetime,
) -> Identified:  # fmt: skip
    """Whom the provider has let in. `answer` is what the browser brings back, `state` what its cookie holds.

    `wanted` names, by purpose, a claim that is also looked for in the provider's user info. Raises NotBegun,
    NotFinished, NotTrusted, ProviderAway.
    """
    begun = _take(answer.get("state", ""), state, settings, now)
    said = answer.get("iss")
    if said is not None and said != settings.oidc_issuer:
        raise NotTrusted("the answer is another issuer's")
    if "error" in answer or not answer.get("code"):
        raise NotFinished(answer.get("error", "no code")[:60])

    def exchange(client: _Client) -> dict[str, Any]:
        if said is None and client.server_metadata.get("authorization_response_iss_parameter_supported"):
            raise NotTrusted("the answer names no issuer")
        token = client.fetch_access_token(redirect_uri, code=answer["code"], code_verifier=begun.verifier)
        expected = {"iss": settings.oidc_issuer, "aud": settings.oidc_client_id}
        options = {name: {"essential": True, "value": value} for name, value in expected.items()}
        claims = client.parse_id_token(token, nonce=begun.nonce, claims_options=options)
        if claims is None or not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise NotTrusted("there is no ID token with a subject")
        wish = wanted.get(begun.purpose)
        if wish and wish not in claims and client.server_metadata.get("userinfo_endpoint"):
            more = client.userinfo(token=token)
            if more.get("sub") != claims["sub"]:
                raise NotTrusted("the user info is somebody else's")
            return {**more, **claims}
        return dict(claims)

    claims = _ask(settings, now, exchange)
    return Identified(begun, settings.oidc_issuer, claims["sub"], claims)


def proves_second_factor(found: Identified, settings: Settings) -> bool:
    """Whether the provider says that it has asked for a second factor, in the words that the setting names."""
    methods, level = found.claims.get("amr"), found.claims.get("acr")
    said = {one for one in (*(methods if isinstance(methods, list) else ()), level) if isinstance(one, str)}
    return not said.isdisjoint(settings.oidc_second_factor)


def forget() -> None:
    """Drop what is known of providers, and that one does not answer."""
    _known.clear()
    _resting.clear()


def _take(given: str, state: str, settings: Settings, now: dt.datetime) -> ProviderSignIn:
    """The sign-in that this browser has begun, once."""
    if not given or not secrets.compare_digest(given.encode(), state.encode()):
        raise NotBegun
    found: ProviderSignIn | None = ProviderSignIn.get_or_none(
        ProviderSignIn.state_hash == _hash(given, settings), ProviderSignIn.created_at > now - LASTS
    )
    if found is None or found.delete_instance() != 1:
        raise NotBegun
    return found


def _ask(settings: Settings, now: dt.datetime, question: Any) -> Any:
    """What the provider answers. Raises ProviderAway and NotTrusted, and what the question itself raises."""
    issuer = settings.oidc_issuer
    if _resting.get(issuer, now) > now:
        raise ProviderAway("it has just not answered")
    try:
        return question(_client(settings, now))
    except (ProviderAway, NotTrusted):
        raise
    except RequestException as error:
        _resting[issuer] = now + REST
        raise ProviderAway(f"{type(error).__name__}: {error}"[:300]) from error
    except Exception as error:
        # Authlib's parsers, and those below it, raise what theirs raise about data from outside.
        raise NotTrusted(f"{type(error).__name__}: {error}"[:300]) from error


def _client(settings: Settings, now: dt.datetime) -> _Client:
    """Authlib's client with the provider's description."""
    metadata = _metadata(settings, now)
    methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
    client = _Client(
        None, client_id=settings.oidc_client_id, client_secret=settings.oidc_client_secret,
        client_kwargs={
            "scope": " ".join(settings.oidc_scopes), "code_challenge_method": "S256", "default_timeout": TIMEOUT,
            "token_endpoint_auth_method": method,
        },
    )  # fmt: skip
    client.server_metadata = metadata
    return client


def _metadata(settings: Settings, now: dt.datetime) -> dict[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery 4)."""
    issuer = settings.oidc_issuer
    at, known = _known.get(issuer, (now, {}))
    if known and at > now - KNOWN_FOR:
        return known
    with OAuth2Session(default_timeout=TIMEOUT) as session:
        address = issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = session.request("GET", address, withhold_token=True)
        answer.raise_for_status()
        whole = answer.json()
    if not isinstance(whole, dict) or whole.get("issuer") != issuer:
        raise NotTrusted("the provider's description names another issuer than oidc_issuer")
    found = {name: whole[name] for name in _READ if name in whole}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_safe(str(found.get(name, ""))):
            raise NotTrusted(f"the provider's description has no {name} over TLS")
    offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
    found["id_token_signing_alg_values_supported"] = [one for one in _ALGORITHMS if one in offered]
    _known[issuer] = (now, found)
    return found


def is_safe(address: str) -> bool:
    """Whether nobody on the way reads along: TLS, or this very machine."""
    parts = urlsplit(address)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))


def _hash(state: str, settings: Settings) -> str:
    return keyed_hash(settings.secret_key, "provider sign-in", state)
