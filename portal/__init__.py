"""Fastor: an admin portal for Litestar, made from the metadata of your models.

Everything public stands here and nowhere else. A name is loaded when it is first asked for, so that
importing `portal` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.auth.actor import Actor
    from portal.auth.policy import AllowAll, Policy, RolePolicy
    from portal.db.mixins import AuthorMixin, PositionMixin, TimestampMixin, VersionMixin
    from portal.db.model import Base, Model
    from portal.errors import (
        ConfigurationError,
        ConflictError,
        InputError,
        NotFound,
        PermissionDenied,
        PortalError,
        StorageError,
        Unavailable,
    )
    from portal.facts import choices, file, image, ordering, rich_text, secret, ui
    from portal.i18n import _
    from portal.settings import Settings

__version__ = "0.1.0"

_HOMES = {
    "Actor": "portal.auth.actor",
    "AllowAll": "portal.auth.policy",
    "AuthorMixin": "portal.db.mixins",
    "Base": "portal.db.model",
    "ConfigurationError": "portal.errors",
    "ConflictError": "portal.errors",
    "InputError": "portal.errors",
    "Model": "portal.db.model",
    "NotFound": "portal.errors",
    "PermissionDenied": "portal.errors",
    "Policy": "portal.auth.policy",
    "PortalError": "portal.errors",
    "PositionMixin": "portal.db.mixins",
    "RolePolicy": "portal.auth.policy",
    "Settings": "portal.settings",
    "StorageError": "portal.errors",
    "TimestampMixin": "portal.db.mixins",
    "Unavailable": "portal.errors",
    "VersionMixin": "portal.db.mixins",
    "_": "portal.i18n",
    "choices": "portal.facts",
    "file": "portal.facts",
    "image": "portal.facts",
    "ordering": "portal.facts",
    "rich_text": "portal.facts",
    "secret": "portal.facts",
    "ui": "portal.facts",
}
"""Where each public name is at home; the same names stand in `__all__` and, for type checkers, above."""

__all__ = [
    "Actor",
    "AllowAll",
    "AuthorMixin",
    "Base",
    "ConfigurationError",
    "ConflictError",
    "InputError",
    "Model",
    "NotFound",
    "PermissionDenied",
    "Policy",
    "PortalError",
    "PositionMixin",
    "RolePolicy",
    "Settings",
    "StorageError",
    "TimestampMixin",
    "Unavailable",
    "VersionMixin",
    "_",
    "choices",
    "file",
    "image",
    "ordering",
    "rich_text",
    "secret",
    "ui",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
