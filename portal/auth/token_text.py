"""What a token looks like: `fst_`, 256 random bits, and six signs by which a mistyped or leaked one is recognised."""

import hashlib
import re
import secrets
import zlib

PREFIX = "fst_"
PATTERN = re.compile(r"fst_([\w-]{43})([0-9A-Za-z]{6})", re.ASCII)
"""For scanners of repositories and logs; what matches and has the right check signs is a token."""

HINT = 4
"""Signs at the end that are shown to tell tokens apart by; they are made of the others, so nothing is given away."""

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_token() -> str:
    """A text nobody can guess."""
    random = secrets.token_urlsafe(32)
    return PREFIX + random + _check(random)


def is_token(text: str) -> bool:
    """Whether this can be a token at all; a typo can't."""
    found = PATTERN.fullmatch(text)
    return found is not None and _check(found[1]) == found[2]


def digest_of(text: str) -> str:
    """What the table knows a token by. There is nothing to guess in 256 random bits, so one round is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check(random: str) -> str:
    rest, signs = zlib.crc32(random.encode()), ""
    for _ in range(6):
        rest, sign = divmod(rest, len(_SIGNS))
        signs = _SIGNS[sign] + signs
    return signs
