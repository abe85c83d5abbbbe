"""Switches and declared values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from portal.facts import Label
from portal.i18n import _
from portal.kit.fields.field import Field, FieldError, plain


@dataclass(frozen=True)
class BooleanField(Field):
    """A switch. One that is off is not sent by browsers, so a hidden companion says that it was there."""

    template = "boolean"
    beside = True

    def read(self, sent: Sequence[str], zone: ZoneInfo) -> Any:
        text = sent[-1] if sent else ""
        if text in {"1", "true", "on"}:
            return True
        if text in {"0", "false", ""}:
            return False
        raise FieldError(_("This is either on or off."))

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "1" if value else "0"


@dataclass(frozen=True)
class ChoiceField(Field):
    """One of the declared values."""

    template = "choice"
    beside = True

    @property
    def choices(self) -> Sequence[tuple[str, Label]]:
        """What stands in the option's value, and its label."""
        return [(plain(value), label) for value, label in self.facts.choices]

    def empty(self) -> Any:
        if self.required or not self.facts.nullable:
            raise FieldError(_("Please choose one."))
        return None

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        for value, _label in self.facts.choices:
            if plain(value) == text:
                return value
        raise FieldError(_("This is not one of the choices."))

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "" if value is None else plain(value)


@dataclass(frozen=True)
class ChoicesField(Field):
    """Any number of declared values, kept as a JSON list."""

    template = "choices"
    multiple = True
    options: tuple[tuple[str, Label], ...] = ()

    def read(self, sent: Sequence[str], zone: ZoneInfo) -> Any:
        chosen = [value for value in sent if value]
        allowed = {value for value, _label in self.options}
        if not allowed.issuperset(chosen):
            raise FieldError(_("This is not one of the choices."))
        return sorted(set(chosen))
