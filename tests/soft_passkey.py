"""A passkey in software: it makes and signs what a phone would, or what a forger would like it to (WebAuthn 6)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

#: Flags of the authenticator's data: somebody was present, and proved to be the owner; a new key follows.
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftPasskey:
    """One key. What differs from an honest device is given by name to `create` and `sign`."""

    host: str = "localhost"
    origin: str = "http://localhost"
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def create(self, options: dict[str, Any], **odd: Any) -> dict[str, Any]:
        """What `navigator.credentials.create` gives for these options, as `toJSON` writes it."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(odd.get("flags", PRESENT | VERIFIED) | ATTESTED, odd) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options, odd)
        return self._answer(
            {"clientDataJSON": bytes_to_base64url(client), "attestationObject": bytes_to_base64url(statement)}
        )

    def sign(self, options: dict[str, Any], **odd: Any) -> dict[str, Any]:
        """What `navigator.credentials.get` gives."""
        self.count = odd.get("count", self.count + 1)
        data = self._data(odd.get("flags", PRESENT | VERIFIED), odd)
        client = self._client("webauthn.get", options, odd)
        key = odd.get("key", self.key)
        signature = key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({
            "clientDataJSON": bytes_to_base64url(client), "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature), "userHandle": None,
        })  # fmt: skip

    def _data(self, flags: int, odd: dict[str, Any]) -> bytes:
        host = odd.get("host", self.host)
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any], odd: dict[str, Any]) -> bytes:
        challenge = odd.get("challenge", options["challenge"])
        origin = odd.get("origin", self.origin)
        return json.dumps({"type": odd.get("type", kind), "challenge": challenge, "origin": origin}).encode()

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        mine = bytes_to_base64url(self.id)
        return {"id": mine, "rawId": mine, "type": "public-key", "response": response, "clientExtensionResults": {}}
