"""What only the API refuses, each with a code of its own; why a caller is not let in is told by
`portal.auth.refusals`.

PortalError
├── MalformedBody         400  no JSON, or none that can be read
├── NestedTooDeeply       400
├── BadParameters         400  an address that is not understood: parameter -> sentence
├── NotAllowed            405
├── PreconditionFailed    412  the row is no longer the one that `If-Match` names
└── WrongContentType      415
"""

from collections.abc import Mapping, Sequence

from portal.errors import ConflictError, PortalError, Sentence, StaleError
from portal.i18n import _


class MalformedBody(PortalError):
    status = 400
    code = "malformed-body"
    sentence = _("This is not JSON.")


class NestedTooDeeply(PortalError):
    status = 400
    code = "too-deep"
    sentence = _("This is nested too deeply.")


class BadParameters(PortalError):
    """Parameters that are not understood; `errors` holds one sentence for each."""

    status = 400
    code = "parameters"
    sentence = _("The address is not understood.")

    def __init__(self, errors: Mapping[str, Sentence], message: Sentence | None = None) -> None:
        self.errors = dict(errors)
        super().__init__(message)


class NotAllowed(PortalError):
    """Something else can be done at this address: `methods`."""

    status = 405
    code = "method"
    sentence = _("This address can't be used like that.")

    def __init__(self, methods: Sequence[str]) -> None:
        self.methods = tuple(sorted(methods))
        super().__init__()


class PreconditionFailed(ConflictError):
    status = 412
    code = "precondition"
    sentence = StaleError.sentence


class WrongContentType(PortalError):
    """This is to be sent as something else, which the detail names."""

    status = 415
    code = "content-type"

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(_("This is to be sent as {type}.").format(type=wanted))
