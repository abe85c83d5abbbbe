"""Fastor: an admin portal for Litestar, made from the metadata of your models.

Everything public stands here and nowhere else. A name is loaded when it is first asked for, so that
importing `portal` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.app import Portal, create_app
    from portal.auth.actor import Actor
    from portal.auth.authenticator import Authenticator, Identity, Visit
    from portal.auth.policy import AllowAll, Policy, RolePolicy
    from portal.cache import cached
    from portal.db.columns import EnumString, ExactString, UTCDateTime
    from portal.db.engine import Database
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
    from portal.facts import choices, file, gallery, image, ordering, rich_text, secret, ui
    from portal.i18n import _
    from portal.kit.actions import Action
    from portal.kit.columns import Column
    from portal.kit.fields import (
        BooleanField,
        ChoiceField,
        ChoicesField,
        DateField,
        DateTimeField,
        DecimalField,
        EmailField,
        Field,
        FieldError,
        FileField,
        ImageField,
        IntegerField,
        JsonField,
        LongTextField,
        RelationField,
        RelationsField,
        RichTextField,
        SecretField,
        TextField,
        TimeField,
        UrlField,
    )
    from portal.kit.filters import BooleanFilter, ChoiceFilter, DateRangeFilter, Filter, RelationFilter
    from portal.kit.page import BoundResource, Page, Route
    from portal.kit.resource import Resource
    from portal.pages.action import ActionPage
    from portal.pages.delete import DeletePage
    from portal.pages.detail import DetailPage
    from portal.pages.edit import EditPage
    from portal.pages.list import ListPage
    from portal.pages.public import PublicPage
    from portal.pages.reorder import ReorderPage
    from portal.services.publishing import Published
    from portal.services.query import ListQuery
    from portal.services.resource import ResourceService
    from portal.services.unit_of_work import UnitOfWork
    from portal.settings import Settings
    from portal.uploads.refusals import UploadRefused
    from portal.web.access_log import AccessLog
    from portal.web.conditional import public_answer
    from portal.web.guard import OuterGuard
    from portal.web.rendering import redirect, render

__version__ = "0.1.0"

_HOMES = {
    "AccessLog": "portal.web.access_log",
    "Action": "portal.kit.actions",
    "ActionPage": "portal.pages.action",
    "Actor": "portal.auth.actor",
    "AllowAll": "portal.auth.policy",
    "Authenticator": "portal.auth.authenticator",
    "AuthorMixin": "portal.db.mixins",
    "Base": "portal.db.model",
    "BooleanField": "portal.kit.fields",
    "BooleanFilter": "portal.kit.filters",
    "BoundResource": "portal.kit.page",
    "ChoiceField": "portal.kit.fields",
    "ChoiceFilter": "portal.kit.filters",
    "ChoicesField": "portal.kit.fields",
    "Column": "portal.kit.columns",
    "ConfigurationError": "portal.errors",
    "ConflictError": "portal.errors",
    "Database": "portal.db.engine",
    "DateField": "portal.kit.fields",
    "DateRangeFilter": "portal.kit.filters",
    "DateTimeField": "portal.kit.fields",
    "DecimalField": "portal.kit.fields",
    "DeletePage": "portal.pages.delete",
    "DetailPage": "portal.pages.detail",
    "EditPage": "portal.pages.edit",
    "EmailField": "portal.kit.fields",
    "EnumString": "portal.db.columns",
    "ExactString": "portal.db.columns",
    "Field": "portal.kit.fields",
    "FieldError": "portal.kit.fields",
    "FileField": "portal.kit.fields",
    "Filter": "portal.kit.filters",
    "Identity": "portal.auth.authenticator",
    "ImageField": "portal.kit.fields",
    "InputError": "portal.errors",
    "IntegerField": "portal.kit.fields",
    "JsonField": "portal.kit.fields",
    "ListPage": "portal.pages.list",
    "ListQuery": "portal.services.query",
    "LongTextField": "portal.kit.fields",
    "Model": "portal.db.model",
    "NotFound": "portal.errors",
    "OuterGuard": "portal.web.guard",
    "Page": "portal.kit.page",
    "PermissionDenied": "portal.errors",
    "Policy": "portal.auth.policy",
    "Portal": "portal.app",
    "PortalError": "portal.errors",
    "PositionMixin": "portal.db.mixins",
    "PublicPage": "portal.pages.public",
    "Published": "portal.services.publishing",
    "RelationField": "portal.kit.fields",
    "RelationFilter": "portal.kit.filters",
    "RelationsField": "portal.kit.fields",
    "ReorderPage": "portal.pages.reorder",
    "Resource": "portal.kit.resource",
    "ResourceService": "portal.services.resource",
    "RichTextField": "portal.kit.fields",
    "RolePolicy": "portal.auth.policy",
    "Route": "portal.kit.page",
    "SecretField": "portal.kit.fields",
    "Settings": "portal.settings",
    "StorageError": "portal.errors",
    "TextField": "portal.kit.fields",
    "TimeField": "portal.kit.fields",
    "TimestampMixin": "portal.db.mixins",
    "UTCDateTime": "portal.db.columns",
    "Unavailable": "portal.errors",
    "UnitOfWork": "portal.services.unit_of_work",
    "UploadRefused": "portal.uploads.refusals",
    "UrlField": "portal.kit.fields",
    "VersionMixin": "portal.db.mixins",
    "Visit": "portal.auth.authenticator",
    "_": "portal.i18n",
    "cached": "portal.cache",
    "choices": "portal.facts",
    "create_app": "portal.app",
    "file": "portal.facts",
    "gallery": "portal.facts",
    "image": "portal.facts",
    "ordering": "portal.facts",
    "public_answer": "portal.web.conditional",
    "redirect": "portal.web.rendering",
    "render": "portal.web.rendering",
    "rich_text": "portal.facts",
    "secret": "portal.facts",
    "ui": "portal.facts",
}
"""Where each public name is at home; `__all__` and, for type checkers, the imports above say the same."""

__all__ = [
    "AccessLog",
    "Action",
    "ActionPage",
    "Actor",
    "AllowAll",
    "Authenticator",
    "AuthorMixin",
    "Base",
    "BooleanField",
    "BooleanFilter",
    "BoundResource",
    "ChoiceField",
    "ChoiceFilter",
    "ChoicesField",
    "Column",
    "ConfigurationError",
    "ConflictError",
    "Database",
    "DateField",
    "DateRangeFilter",
    "DateTimeField",
    "DecimalField",
    "DeletePage",
    "DetailPage",
    "EditPage",
    "EmailField",
    "EnumString",
    "ExactString",
    "Field",
    "FieldError",
    "FileField",
    "Filter",
    "Identity",
    "ImageField",
    "InputError",
    "IntegerField",
    "JsonField",
    "ListPage",
    "ListQuery",
    "LongTextField",
    "Model",
    "NotFound",
    "OuterGuard",
    "Page",
    "PermissionDenied",
    "Policy",
    "Portal",
    "PortalError",
    "PositionMixin",
    "PublicPage",
    "Published",
    "RelationField",
    "RelationFilter",
    "RelationsField",
    "ReorderPage",
    "Resource",
    "ResourceService",
    "RichTextField",
    "RolePolicy",
    "Route",
    "SecretField",
    "Settings",
    "StorageError",
    "TextField",
    "TimeField",
    "TimestampMixin",
    "UTCDateTime",
    "Unavailable",
    "UnitOfWork",
    "UploadRefused",
    "UrlField",
    "VersionMixin",
    "Visit",
    "_",
    "cached",
    "choices",
    "create_app",
    "file",
    "gallery",
    "image",
    "ordering",
    "public_answer",
    "redirect",
    "render",
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
