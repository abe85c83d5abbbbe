"""Form tokens that are good for one session only (SECURITY: a token of another session is refused)."""

import base64
import binascii
import hashlib
import hmac
import secrets

_SIZE = hashlib.sha256().digest_size


class CsrfTokens:
    """Issues and checks tokens; no two look alike, so that compression of a page leaks nothing."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, binding: str) -> str:
        """A fresh token for the session that `binding` names."""
        mask = secrets.token_bytes(_SIZE)
        return base64.urlsafe_b64encode(mask + _xor(mask, self._digest(binding))).decode()

    def valid(self, token: str | None, binding: str | None) -> bool:
        """Whether the token was issued for this very session; anything unreadable was not."""
        if not token or not binding:
            return False
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        if len(raw) != 2 * _SIZE:
            return False
        return hmac.compare_digest(_xor(raw[:_SIZE], raw[_SIZE:]), self._digest(binding))

    def _digest(self, binding: str) -> bytes:
        return hmac.digest(self._key, b"csrf\0" + binding.encode(), hashlib.sha256)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
