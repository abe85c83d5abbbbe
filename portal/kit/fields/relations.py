"""Rows of other nouns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from portal.i18n import _
from portal.kit.fields.field import Field, FieldError


@dataclass(frozen=True)
class RelationField(Field):
    """One row of another noun, found by typing. What is sent is its key, never its title."""

    template = "relation"
    beside = True

    def read(self, sent: Sequence[str], zone: ZoneInfo) -> Any:
        keys = [key for key in sent if key]
        if not keys and self.required:
            raise FieldError(_("Please choose one."))
        return keys[-1] if keys else None

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return str(value or "")


@dataclass(frozen=True)
class RelationsField(Field):
    """Any number of rows of another noun."""

    template = "relation"
    beside = True
    multiple = True

    def read(self, sent: Sequence[str], zone: ZoneInfo) -> Any:
        return list(dict.fromkeys(key for key in sent if key))
