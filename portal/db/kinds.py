"""The kind of a column: what its declaration says, else what its name suggests, else what its type is.

Run time, services and the generator ask here, so that a picture is a picture for all of them.
"""

import enum
import re
from typing import Any

from sqlalchemy import Column, types
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal.facts import facts_of

NAME_RULES: tuple[tuple[re.Pattern[str], tuple[type, ...], str], ...] = (
    (
        re.compile(r"(^|_)(image|cover|avatar|photo|picture|logo|thumbnail|banner)(_|$)"),
        (types.String,),
        "image",
    ),
    (re.compile(r"(^|_)(gallery|images|pictures|photos)$"), (types.JSON,), "gallery"),
    (re.compile(r"(^|_)(attachment|file|document)(_|$)"), (types.String,), "file"),
    (re.compile(r"(^|_)(password|secret|token|api_key|private_key)(_|$)"), (types.String,), "secret"),
    (re.compile(r"(^|_)e?mail(_address)?$"), (types.String,), "email"),
    (re.compile(r"(^|_)(url|link|website|homepage)$"), (types.String,), "url"),
    (re.compile(r"^(body|content|html)$"), (types.Text,), "rich_text"),
    (re.compile(r"^(position|sort_order)$"), (types.Integer,), "position"),
)
"""A name that matches, on a column of one of these types, is of that kind."""

TYPE_RULES: tuple[tuple[type, str], ...] = (
    (types.Boolean, "boolean"),
    (types.DateTime, "datetime"),
    (types.Date, "date"),
    (types.Time, "time"),
    (types.JSON, "json"),
    (types.Integer, "integer"),
    (types.Numeric, "decimal"),
    (types.Text, "long_text"),
    (types.String, "text"),
    (types.Uuid, "text"),
)

LONG_STRING = 400
"""A VARCHAR longer than this gets several lines to type in."""

FILE_KINDS = frozenset({"image", "gallery", "file", "rich_text"})
"""These hold keys of stored files, or a text that does."""


def kind_of(name: str, column: Column[Any]) -> tuple[str, str]:
    """A column's kind and the layer that decided it: `info`, `name` or `type`."""
    facts = facts_of(column.info)
    if facts.kind:
        return facts.kind, "info"
    if facts.choices is not None:
        return "choice", "info"
    if enum_of(column) is not None or isinstance(column.type, types.Enum):
        return "choice", "type"
    kept = base_type(column)
    for pattern, on, kind in NAME_RULES:
        if isinstance(kept, on) and pattern.search(name):
            return kind, "name"
    for on_type, kind in TYPE_RULES:
        if isinstance(kept, on_type):
            long = kind == "text" and (getattr(kept, "length", None) or 0) > LONG_STRING
            return ("long_text" if long else kind), "type"
    return "text", "type"


def base_type(column: Column[Any]) -> TypeEngine[Any]:
    """The database type under whatever decorates it."""
    kind: TypeEngine[Any] = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    return kind


def enum_of(column: Column[Any]) -> type[enum.Enum] | None:
    """The enum whose members a column holds."""
    found = getattr(column.type, "enum_class", None)
    return found if isinstance(found, type) and issubclass(found, enum.Enum) else None
