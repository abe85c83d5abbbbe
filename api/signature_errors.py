"""Why a signed or a sealed request is refused; the codes are part of the API.

PortalError
├── SignatureRefused       403
│   ├── SignatureMissing        there is none
│   ├── SignatureMalformed      it can't be read
│   ├── WrongSignature          it does not belong to this request, or to this key
│   ├── AlteredBody             the body is not the one that was signed
│   └── Replayed                it was used before
├── OutOfWindow            410  the clocks differ too much; carries `server_time`
├── NotSignable            400  what the old form of signatures leaves unsigned
├── BodyTooLong            413
└── SealRefused            400
    ├── SealMalformed           no sealed body, or none that can be read
    ├── UnknownSealingKey       sealed for a key that is not ours (any more)
    └── BrokenSeal              altered, or sealed for another request
"""

from collections.abc import Mapping

from portal.errors import PortalError
from portal.i18n import _


class SignatureRefused(PortalError):
    status = 403
    code = "signature"
    sentence = _("This request is not signed as it must be.")


class SignatureMissing(SignatureRefused):
    code = "signature-missing"
    sentence = _("This request is not signed.")


class SignatureMalformed(SignatureRefused):
    code = "signature-malformed"
    sentence = _("The signature can't be read.")


class WrongSignature(SignatureRefused):
    code = "signature-wrong"
    sentence = _("The signature does not belong to this request.")


class AlteredBody(SignatureRefused):
    code = "body-altered"
    sentence = _("The body is not the one that was signed.")


class Replayed(SignatureRefused):
    code = "replayed"
    sentence = _("This request was made before.")


class OutOfWindow(PortalError):
    """`server_time` is in seconds since 1970; old clients look for a header of just that name."""

    status = 410
    code = "out-of-window"
    sentence = _("Your clock and ours differ too much.")

    def __init__(self, server_time: float) -> None:
        self.server_time = int(server_time)
        super().__init__()

    @property
    def headers(self) -> Mapping[str, str]:
        return {"server_time": str(self.server_time)}


class NotSignable(PortalError):
    """`message` says what of it."""

    status = 400
    code = "not-signable"
    sentence = _("This can't be signed in the old form.")


class BodyTooLong(PortalError):
    status = 413
    code = "too-large"
    sentence = _("This is more than can be taken at once.")


class SealRefused(PortalError):
    status = 400
    code = "seal"
    sentence = _("This body can't be opened.")


class SealMalformed(SealRefused):
    code = "seal-malformed"
    sentence = _("This is no sealed body.")


class UnknownSealingKey(SealRefused):
    code = "seal-key"
    sentence = _("This was sealed for another key. Please fetch the present one.")


class BrokenSeal(SealRefused):
    code = "seal-broken"
    sentence = _("The seal is broken, or belongs to another request.")
