"""A real OpenID provider on the loopback interface, by Authlib's server side; told to, it misbehaves.

Whoever comes to its authorization page is `person`, as if a password had been typed there.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from webauthn.helpers import bytes_to_base64url
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "homeroom", "the secret of the two"


class Client:
    """The portal, as the provider knows it."""

    def __init__(self, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code:
    """An authorization code and what it was given for."""

    def __init__(self, code: str, asked: Any, person: dict[str, Any]) -> None:
        data = asked.payload.data
        self.code, self.person = code, person
        self.redirect_uri, self.scope = asked.payload.redirect_uri, asked.payload.scope
        self.nonce = data.get("nonce")
        self.code_challenge = data.get("code_challenge")
        self.code_challenge_method = data.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Provider:
    """The provider. `person` is who signs in; `odd` changes claims of the ID token; `requests` are those it got."""

    def __init__(self) -> None:
        self.key = new_key("first")
        self.asked: list[dict[str, str]] = []
        self.reset()
        self._server = make_server("127.0.0.1", 0, self._application(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        """Behave again."""
        self.person: dict[str, Any] = {"sub": "u-1"}
        self.userinfo: dict[str, Any] = {}
        self.odd: dict[str, Any] = {}
        self.signs_with, self.algorithm = self.key, "RS256"
        self.described: dict[str, Any] = {}
        self.is_broken = False
        self.redirect_uri = "http://localhost/sign-in/provider/return"
        self.codes: dict[str, Code] = {}
        self.asked.clear()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def visit(self, address: str) -> str:
        """What a browser does with the address that the portal sends it to: the way back, as path and query."""
        answer = requests.get(address, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        assert f"{back.scheme}://{back.netloc}" == "http://localhost"
        return f"{back.path}?{back.query}"

    def _application(self) -> Flask:
        provider, app = self, Flask("provider")
        server = AuthorizationServer(
            app, query_client=lambda _id: Client(provider.redirect_uri), save_token=lambda _token, _request: None
        )

        class Grant(AuthorizationCodeGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

            def save_authorization_code(self, code: str, asked: Any) -> None:
                provider.codes[code] = Code(code, asked, dict(provider.person))

            def query_authorization_code(self, code: str, client: Client) -> Code | None:
                return provider.codes.get(code)

            def delete_authorization_code(self, code: Code) -> None:
                provider.codes.pop(code.code, None)

            def authenticate_user(self, code: Code) -> dict[str, Any]:
                return code.person

        class IdToken(OpenIDCode):
            def exists_nonce(self, nonce: str, asked: Any) -> bool:
                return any(one.nonce == nonce for one in provider.codes.values())

            def get_client_algorithm(self, client: Client) -> str:
                return "RS256"

            def get_jwt_config(self, client: Client) -> dict[str, Any]:
                return {"key": provider.signs_with, "alg": "RS256", "iss": provider.issuer, "exp": 600}

            def generate_user_info(self, user: dict[str, Any], scope: str) -> dict[str, Any]:
                return user

            def encode_id_token(self, token: dict[str, Any], asked: Any) -> str:
                now = int(time.time())
                claims = {
                    "iss": provider.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 600,
                    "nonce": asked.authorization_code.get_nonce(), **asked.user, **provider.odd,
                }  # fmt: skip
                kept = {name: value for name, value in claims.items() if value is not None}
                if provider.algorithm == "none":
                    return ".".join(
                        (*(bytes_to_base64url(json.dumps(one).encode()) for one in ({"alg": "none"}, kept)), "")
                    )
                if provider.algorithm == "HS256":
                    return jwt.encode({"alg": "HS256"}, kept, OctKey.import_key(CLIENT_SECRET * 2))
                return jwt.encode({"alg": "RS256", "kid": provider.signs_with.kid}, kept, provider.signs_with)

        server.register_grant(Grant, [CodeChallenge(required=True), IdToken(require_nonce=True)])

        @app.before_request
        def _watch() -> Response | None:
            provider.asked.append({"path": request.path, **request.args.to_dict(), **request.form.to_dict()})
            return Response("broken", 502) if provider.is_broken else None

        @app.get("/.well-known/openid-configuration")
        def description() -> Response:
            return jsonify({
                "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize",
                "token_endpoint": f"{provider.issuer}/token", "jwks_uri": f"{provider.issuer}/keys",
                "userinfo_endpoint": f"{provider.issuer}/me",
                "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"], **provider.described,
            })  # fmt: skip

        @app.get("/keys")
        def keys() -> Response:
            return jsonify(KeySet([provider.key]).as_dict(private=False))

        @app.get("/authorize")
        def authorize() -> Response:
            grant = server.get_consent_grant(end_user=provider.person)
            return server.create_authorization_response(grant=grant, grant_user=provider.person)

        @app.post("/token")
        def token() -> Response:
            return server.create_token_response()

        @app.get("/me")
        def me() -> Response:
            return jsonify({"sub": provider.person["sub"], **provider.userinfo})

        return app


def new_key(kid: str) -> RSAKey:
    """A key to sign with, and its name."""
    return RSAKey.generate_key(2048, {"kid": kid}, auto_kid=False)


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))
