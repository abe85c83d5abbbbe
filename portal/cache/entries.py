"""What is kept of one value, and the seal by which it is known as ours."""

import hashlib
import hmac
import random
from dataclasses import dataclass

import msgspec

GRACE = 15 * 60
"""Seconds beyond its time in which an old value is better than an error."""

RETRY = 10.0
"""Seconds until a function that failed is tried again, while there is an old value."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One kept value and its times, in seconds since 1970."""

    value: bytes
    """JSON."""
    tokens: tuple[str, ...]
    """What its tags were before it was made; another token means that it was made from something older."""
    began: float
    """When its making began."""
    fresh_until: float
    """Until then it is answered with, no question asked."""
    good_until: float
    """Until then it is answered with while somebody makes the next one."""
    kept_until: float
    """Until then it is answered with where the next one can't be made."""

    def outlasting(self, failure: float) -> "Entry":
        """The same value where making the next one failed at that time."""
        again = min(failure + RETRY, self.kept_until)
        return msgspec.structs.replace(self, fresh_until=again, good_until=self.kept_until)

    @property
    def outlasts(self) -> bool:
        """Whether a failure has been noted already."""
        return self.good_until == self.kept_until


@dataclass(frozen=True)
class Lifetime:
    """For how long the values of a function are good."""

    ttl: float
    soft: float | None = None
    jitter: float = 0.1
    """The part of both by which they may be shorter, so that not all values end at once."""

    def entry(self, value: bytes, tokens: tuple[str, ...], began: float, now: float) -> Entry:
        share = 1 - random.uniform(0, self.jitter)
        good = now + self.ttl * share
        fresh = good if self.soft is None else now + self.soft * share
        return Entry(value, tokens, began, fresh, good, good + GRACE)


class Seal:
    """Tells what we kept from what somebody else put in its place; each value is good under its own name only."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def name(self, *parts: str) -> str:
        """A name that only holders of the key can make, always of the same length."""
        return hmac.digest(self._key, repr(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).hex()

    def close(self, name: str, entry: Entry) -> bytes:
        body = msgspec.msgpack.encode(entry)
        return self._mark(name, body) + body

    def open(self, name: str, sealed: object) -> Entry | None:
        """The entry, or nothing where it is not ours or not whole."""
        if not isinstance(sealed, bytes):
            return None
        mark, body = sealed[:32], sealed[32:]
        if not hmac.compare_digest(mark, self._mark(name, body)):
            return None
        try:
            return msgspec.msgpack.decode(body, type=Entry)
        except msgspec.DecodeError:  # of another version of ours
            return None

    def _mark(self, name: str, body: bytes) -> bytes:
        return hmac.digest(self._key, name.encode() + b"\0" + body, hashlib.sha256)
