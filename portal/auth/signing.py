"""Small signed values for cookies: what comes back is what was given out, and not too old."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable


class Signer:
    """Signs text for one purpose; values of another purpose have another key and never fit."""

    def __init__(self, key: bytes, *, max_age: int, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._max_age = max_age
        self._clock = clock

    def sign(self, text: str) -> str:
        """The text with the time and a signature, in characters a cookie may hold."""
        body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        stamped = f"{body}.{int(self._clock()):x}"
        return f"{stamped}.{self._signature(stamped)}"

    def read(self, value: str | None) -> str | None:
        """The text of a value signed here at most `max_age` seconds ago."""
        stamped, _, signature = (value or "").rpartition(".")
        expected = self._signature(stamped)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return None
        body, _, moment = stamped.rpartition(".")
        try:
            age = self._clock() - int(moment, 16)
            text = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
        except (ValueError, binascii.Error):
            return None
        return text if age <= self._max_age else None

    def _signature(self, stamped: str) -> str:
        digest = hmac.digest(self._key, stamped.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
