"""The old form of signatures, for clients that can't be changed: an MD5 in the address (docs/api/signing.md).

    _s_ = md5hex(METHOD + ":" + path + ":" + sorted key=value, one after the other + ":" + _t_ + ":" + secret)

It can be no safer than it is: nothing in it is there only once, names and values are not kept apart, and MD5 is
MD5. So it is off by default, and what it leaves unsigned is not taken.
"""

import hashlib
import hmac
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from api.signature_errors import (
    NotSignable,
    OutOfWindow,
    SignatureMalformed,
    SignatureMissing,
    WrongSignature,
)
from api.target import Target
from portal.i18n import _
from portal.settings import Settings

SIGNATURE, TIME = "_s_", "_t_"
IN_QUERY = ("GET",)
IN_FORM = ("POST", "PUT", "DELETE")
FORM = "application/x-www-form-urlencoded"
MOST_PARAMETERS = 100

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LegacyClaim:
    """What the address says, and what was signed but for the secret."""

    time: str
    text: str = field(repr=False)
    signature: str = field(repr=False)


def announce(settings: Settings) -> None:
    """Say at the start that the door is open."""
    if settings.legacy_signing:
        _log.warning("Old MD5 signatures are taken (legacy_signing): they can be repeated and are not safe.")


def is_signed(target: Target) -> bool:
    """Whether the request says that it is signed in this form."""
    return any(piece.partition("=")[0] == SIGNATURE for piece in target.query.split("&"))


def parse(target: Target, body: bytes, media_type: str) -> LegacyClaim:
    """Read a request that is signed in the old form."""
    if not is_signed(target):
        raise SignatureMissing
    if target.method not in (*IN_QUERY, *IN_FORM):
        raise SignatureMalformed
    sent = _parameters(target.query)
    signature, moment = sent.pop(SIGNATURE, ""), sent.pop(TIME, "")
    if not signature or not moment:
        raise SignatureMissing
    if not re.fullmatch(r"[0-9a-f]{32}", signature) or not re.fullmatch(r"[0-9]{1,12}", moment):
        raise SignatureMalformed
    if target.method in IN_FORM:
        if sent:
            raise NotSignable(_("The address may hold nothing but the signature."))
        sent = _form(body, media_type)
    elif body:
        raise NotSignable(_("This has a body, which the signature does not cover."))
    pairs = "".join(sorted(f"{name}={value}" for name, value in sent.items()))
    return LegacyClaim(moment, f"{target.method}:{target.path}:{pairs}:{moment}:", signature)


def signature(claim: LegacyClaim, secret: str) -> str:
    return hashlib.md5((claim.text + secret).encode(), usedforsecurity=False).hexdigest()


def verify(claim: LegacyClaim, secrets: Mapping[str, str], now: float, window: int) -> str:
    """Whose signature it is, of clients by their key ids: the old form does not say. All of them are tried."""
    if abs(now - int(claim.time)) > window:
        raise OutOfWindow(now)
    found = [key for key, secret in secrets.items() if _is_of(claim, secret)]
    if not found:
        raise WrongSignature
    return found[0]


def _is_of(claim: LegacyClaim, secret: str) -> bool:
    return bool(secret) and hmac.compare_digest(signature(claim, secret), claim.signature)


def _form(body: bytes, media_type: str) -> dict[str, str]:
    if not body:
        return {}
    if media_type.partition(";")[0].strip().lower() != FORM:
        raise NotSignable(_("Only a plain form can be signed in the old form."))
    sent = _parameters(body.decode("latin-1"))
    if SIGNATURE in sent or TIME in sent:
        raise NotSignable(_("The signature belongs into the address."))
    return sent


def _parameters(text: str) -> dict[str, str]:
    """Names and values; what a signature could not tell apart is refused."""
    found: dict[str, str] = {}
    for name, value in _pairs(text):
        if not name or not value:
            raise NotSignable(_("Every parameter needs a value."))
        if name in found:
            raise NotSignable(_("No parameter may come twice."))
        found[name] = value
        if len(found) > MOST_PARAMETERS + 2:
            raise NotSignable(_("These are too many parameters."))
    if len(found.keys() - {SIGNATURE, TIME}) > MOST_PARAMETERS:
        raise NotSignable(_("These are too many parameters."))
    return found


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for piece in text.split("&") if text else ():
        name, _equals, value = piece.partition("=")
        try:
            yield _decoded(name), _decoded(value)
        except UnicodeDecodeError as error:
            raise NotSignable(_("A parameter is no text.")) from error


def _decoded(part: str) -> str:
    return unquote_to_bytes(part.replace("+", " ").encode("latin-1")).decode()
