"""The secrets that messages are signed with: shown once, encrypted where they are stored."""

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "whsec_"
_NONCE = 12
_PURPOSE = b"webhook"


def new_secret() -> str:
    """As Standard Webhooks writes one: 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA-256 of the message's id, its time and its body, as Standard Webhooks v1 wants it."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.digest(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()


class SecretBox:
    """Encrypts them with a key of the portal's own."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: str) -> str:
        nonce = secrets.token_bytes(_NONCE)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), _PURPOSE)).decode()

    def open(self, sealed: str) -> str | None:
        """The secret; `None` where `FASTOR_SECRET` is another one by now."""
        try:
            box = base64.urlsafe_b64decode(sealed)
            return self._cipher.decrypt(box[:_NONCE], box[_NONCE:], _PURPOSE).decode()
        except (InvalidTag, binascii.Error, ValueError):
            return None
