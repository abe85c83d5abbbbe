"""Signed requests: HMAC-SHA-256 over all that matters of a request, once (SECURITY 1.9, docs/api/signing.md).

    Authorization: Fastor-HMAC-SHA256 key=…, time=…, nonce=…, signature=…
    Content-Digest: sha-256=:…:

The digest is part of what is signed, so a signature is known to be good before any of the body is read, and the
body is compared with its digest while it passes.
"""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from api.signature_errors import (
    AlteredBody,
    BodyTooLong,
    OutOfWindow,
    Replayed,
    SignatureMalformed,
    SignatureMissing,
    WrongSignature,
)
from api.target import RawHeaders, Target, joined, values
from portal.auth.nonces import Nonces
from portal.web.asgi import Message, Receive

SCHEME = "Fastor-HMAC-SHA256"
WINDOW = 300
"""Seconds a client's clock may differ, either way."""

EMPTY = base64.b64encode(hashlib.sha256(b"").digest()).decode()
"""The digest of a request without a body, which needs no header."""

_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)
_CREDENTIALS = re.compile(
    r"key=(?P<key>[A-Za-z0-9_-]{1,64}), *"
    r"time=(?P<time>[0-9]{1,12}), *"
    r"nonce=(?P<nonce>[A-Za-z0-9_-]{16,64}), *"
    r"signature=(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)


@dataclass(frozen=True)
class Claim:
    """What the headers say; nothing of it is known to be true before it is verified."""

    key: str
    time: str
    nonce: str
    digest: str
    """Of the body, in base64."""
    signature: str = field(repr=False)


class HasSecret(Protocol):
    """Whoever a key belongs to."""

    @property
    def secret(self) -> str: ...


Client = TypeVar("Client", bound=HasSecret)


def is_signed(headers: RawHeaders) -> bool:
    """Whether the request says that it is signed in this form."""
    return any(value.partition(" ")[0].lower() == SCHEME.lower() for value in values(headers, b"authorization"))


def parse(headers: RawHeaders) -> Claim:
    """Read the headers of a signed request; what is there twice can't be read."""
    headers = list(headers)
    if not is_signed(headers):
        raise SignatureMissing
    credentials, digests = values(headers, b"authorization"), values(headers, b"content-digest")
    found = _CREDENTIALS.fullmatch(credentials[0].partition(" ")[2].strip())
    if found is None or len(credentials) > 1 or len(digests) > 1:
        raise SignatureMalformed
    digest = EMPTY
    if digests:
        if not (given := _DIGEST.fullmatch(digests[0])):
            raise SignatureMalformed
        digest = given[1]
    return Claim(digest=digest, **found.groupdict())


def canonical(claim: Claim, target: Target) -> bytes:
    """What is signed."""
    return joined(
        SCHEME,
        target.method,
        target.host,
        target.path,
        sorted_query(target.query),
        claim.digest,
        claim.time,
        claim.nonce,
        claim.key,
    )


def sorted_query(query: str) -> str:
    """By name, as it was sent; values of the same name keep their order."""
    return "&".join(sorted(query.split("&"), key=lambda pair: pair.partition("=")[0]))


def signature(claim: Claim, target: Target, secret: str) -> str:
    return hmac.digest(secret.encode(), canonical(claim, target), hashlib.sha256).hex()


def check_time(claim: Claim, now: float, window: int = WINDOW) -> None:
    if abs(now - int(claim.time)) > window:
        raise OutOfWindow(now)


def verify(claim: Claim, target: Target, secret: str, now: float, window: int = WINDOW) -> None:
    """Raise unless the claim was made for this request, just now, by who knows the secret."""
    check_time(claim, now, window)
    if not secret or not hmac.compare_digest(signature(claim, target, secret), claim.signature):
        raise WrongSignature


class Signatures:
    """Lets each signed request in once."""

    def __init__(self, nonces: Nonces, *, clock: Callable[[], float] = time.time, window: int = WINDOW) -> None:
        self._nonces = nonces
        self._clock = clock
        self._window = window

    async def admit(
        self, headers: RawHeaders, target: Target, find: Callable[[str], Awaitable[Client]]
    ) -> tuple[Claim, Client]:
        """The claim, now proved, and the client that `find` knows by the key's id; it raises where there is none.

        The body is only known to be the client's once it has passed `checked`.
        """
        claim = parse(headers)
        check_time(claim, self._clock(), self._window)
        client = await find(claim.key)
        verify(claim, target, client.secret, self._clock(), self._window)
        if not await self._nonces.use(f"signature:{claim.key}", claim.nonce, 2 * self._window):
            raise Replayed
        return claim, client


class BodyCheck:
    """Compares a body with the digest that was signed, piece by piece."""

    def __init__(self, digest: str, limit: int) -> None:
        self._digest = digest
        self._left = limit
        self._hash = hashlib.sha256()

    def feed(self, piece: bytes, *, last: bool) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise BodyTooLong
        self._hash.update(piece)
        if last and not hmac.compare_digest(base64.b64encode(self._hash.digest()).decode(), self._digest):
            raise AlteredBody


def checked(receive: Receive, claim: Claim, limit: int) -> Receive:
    """A `receive` that raises instead of giving out the end of a body that is not the signed one."""
    check = BodyCheck(claim.digest, limit)
    complete = False

    async def receive_checked() -> Message:
        nonlocal complete
        message: Message = await receive()
        if message["type"] == "http.request" and not complete:
            complete = not message.get("more_body", False)
            check.feed(message.get("body", b""), last=complete)
        return message

    return receive_checked
