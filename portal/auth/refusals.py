"""Why a program is not let in, or not let do something; the codes are part of the JSON API.

PortalError
├── TokenRefused      401  the root of what is wrong with a token
│   ├── InvalidToken       no such token
│   ├── TokenExpired
│   └── TokenRevoked       ended by hand, or with whom it belonged to
├── KeyRefused        403  no such key for signatures
│   └── KeyRevoked         ended, or switched off
└── MissingScope      403  the token is good, but not for this
"""

from portal.errors import PermissionDenied, PortalError
from portal.i18n import _


class TokenRefused(PortalError):
    status = 401
    code = "invalid-token"
    sentence = _("This token is not known.")


class InvalidToken(TokenRefused):
    """Nobody was given this text."""


class TokenExpired(TokenRefused):
    code = "token-expired"
    sentence = _("This token has expired.")


class TokenRevoked(TokenRefused):
    code = "token-revoked"
    sentence = _("This token was revoked.")


class KeyRefused(PortalError):
    status = 403
    code = "invalid-key"
    sentence = _("This key is not known.")


class KeyRevoked(KeyRefused):
    code = "key-revoked"
    sentence = _("This key was revoked or switched off.")


class MissingScope(PermissionDenied):
    """`permission` is what it would have needed."""

    code = "missing-scope"

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(_("This needs the permission {permission}.").format(permission=permission))
