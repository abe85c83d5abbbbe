"""Bodies that only the portal can read, for clients that need more than TLS (docs/api/sealed-bodies.md).

A client makes a key pair for one request and agrees with the portal's public key on a secret (X25519,
HKDF-SHA-256), with which the body is encrypted (AES-256-GCM). The key is made from all of what the request is for,
so a body opens at one address, for five minutes, once. It hides the body and says nothing of who sent it: that is
what tokens and signatures are for.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta

from api.signature_errors import BrokenSeal, OutOfWindow, Replayed, SealMalformed, UnknownSealingKey
from api.signing import WINDOW, sorted_query
from api.target import Target, joined
from portal.auth.nonces import Nonces

MEDIA_TYPE = "application/fastor-sealed+json"
ALGORITHM = "X25519-HKDF-SHA256-AES256GCM"
REQUEST, ANSWER = "Fastor-Sealed-Request", "Fastor-Sealed-Answer"
NONCE = 12
"""Bytes."""

Base64 = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]*\Z")]


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sealed request body, as it is sent; binary values in base64url without padding."""

    key: Annotated[str, Meta(max_length=64)]
    """The id of the portal's key it was sealed for."""
    ephemeral: Annotated[Base64, Meta(min_length=43, max_length=43)]
    """The client's public key, made for this request."""
    time: Annotated[int, Meta(ge=0, lt=10**12)]
    nonce: Annotated[Base64, Meta(min_length=16, max_length=16)]
    type: Annotated[str, Meta(pattern=r"^[!-~][ -~]{0,99}\Z")]
    """The media type of what is inside."""
    ciphertext: Base64


class SealedAnswer(msgspec.Struct, frozen=True):
    """What an answer looks like."""

    nonce: str
    type: str
    ciphertext: str


@dataclass(frozen=True)
class Opened:
    """What was inside, and what is needed to seal the answer."""

    body: bytes = field(repr=False)
    media_type: str
    envelope: Envelope
    shared: bytes = field(repr=False)

    def seal_answer(self, status: int, body: bytes, media_type: str) -> bytes:
        """An answer only the client who sent the request can read, and only as the answer to it."""
        nonce = secrets.token_bytes(NONCE)
        sent = self.envelope
        context = joined(ANSWER, sent.key, sent.ephemeral, sent.nonce, str(status), encoded(nonce), media_type)
        ciphertext = _cipher(self.shared, context).encrypt(nonce, body, context)
        return msgspec.json.encode(SealedAnswer(encoded(nonce), media_type, encoded(ciphertext)))


class Sealing:
    """Opens what was sealed for the portal; its key pair is made from a key of the settings, so that every
    process has the same one and nothing is stored."""

    def __init__(
        self, key: bytes, nonces: Nonces, *, clock: Callable[[], float] = time.time, window: int = WINDOW
    ) -> None:
        self._private = X25519PrivateKey.from_private_bytes(key)
        self._nonces = nonces
        self._clock = clock
        self._window = window
        self.public = self._private.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public).hexdigest()[:32]

    def keys(self) -> dict[str, Any]:
        """What `GET /api/keys` answers; public, and the same until the portal's secret is changed."""
        return {"keys": [{"id": self.key_id, "algorithm": ALGORITHM, "public_key": encoded(self.public)}]}

    async def open(self, raw: bytes, target: Target) -> Opened:
        """What is inside a request's body, which is opened once."""
        try:
            envelope = msgspec.json.decode(raw, type=Envelope)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SealMalformed from error
        if envelope.key != self.key_id:
            raise UnknownSealingKey
        if abs(self._clock() - envelope.time) > self._window:
            raise OutOfWindow(self._clock())
        shared = self._agree(envelope)
        context = request_context(envelope, target)
        try:
            body = _cipher(shared, context).decrypt(decoded(envelope.nonce), decoded(envelope.ciphertext), context)
        except InvalidTag as error:
            raise BrokenSeal from error
        if not await self._nonces.use(f"sealed:{envelope.ephemeral}", envelope.nonce, 2 * self._window):
            raise Replayed
        return Opened(body, envelope.type, envelope, shared)

    def _agree(self, envelope: Envelope) -> bytes:
        try:
            return self._private.exchange(X25519PublicKey.from_public_bytes(decoded(envelope.ephemeral)))
        except ValueError as error:  # a point of small order: the secret would be known to everybody
            raise SealMalformed from error


def request_context(envelope: Envelope, target: Target) -> bytes:
    """All that a sealed request is for: in its key, and authenticated with its body."""
    return joined(
        REQUEST,
        envelope.key,
        target.method,
        target.host,
        target.path,
        sorted_query(target.query),
        envelope.ephemeral,
        str(envelope.time),
        envelope.nonce,
        envelope.type,
    )


def encoded(raw: bytes) -> str:
    """As binary values are sent."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Only the one spelling of each value: two would be two nonces for one message."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise SealMalformed from error
    if encoded(raw) != text:
        raise SealMalformed
    return raw


def _cipher(shared: bytes, context: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=context).derive(shared))
