"""`Field`: one thing an edit form asks for.

A field turns what was sent into a value (`parse`) and a value into what stands in the input (`text`). A kind is a
subclass; `KINDS` names the one for each kind of column. To validate an input differently, subclass and override
`parse`, raising `FieldError` with the sentence to show.
"""

import datetime
import decimal
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.orm import InstrumentedAttribute

from portal.facts import Label
from portal.i18n import _
from portal.kit.columns import name_of
from portal.kit.introspect import Attribute, ModelFacts

if TYPE_CHECKING:
    from portal.kit.page import BoundResource

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class FieldError(ValueError):
    """What was typed can't be taken; the sentence says why and is shown at the field."""

    def __init__(self, sentence: Label) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Field:
    """A line of text, and the base of all other kinds. What is left out is taken from the model."""

    attribute: InstrumentedAttribute[Any] | str
    label: Label | None = None
    help: Label | None = None
    required: bool | None = None
    read_only: bool = False
    aside: bool | None = None
    """Stands in the narrow column beside the content."""
    found: Attribute | None = None
    """The facts of the attribute; filled in at start-up."""

    template: ClassVar[str] = "text"
    """The leaf of `fields/` that draws it, without `.html`."""
    beside: ClassVar[bool] = False
    """Whether this kind belongs in the narrow column unless told otherwise."""
    multiple: ClassVar[bool] = False
    trimmed: ClassVar[bool] = True
    """Whether white space around the text is dropped."""

    @property
    def name(self) -> str:
        return name_of(self.attribute)

    @property
    def facts(self) -> Attribute:
        if self.found is None:
            raise RuntimeError(f"{self.name} was not completed")
        return self.found

    def completed(self, facts: ModelFacts) -> Self:
        """This field with every gap filled from the model."""
        found = facts.attributes[self.name]
        aside = self.aside if self.aside is not None else found.facts.aside
        return replace(
            self,
            label=self.label if self.label is not None else found.label,
            help=self.help if self.help is not None else found.help,
            required=self.required if self.required is not None else found.required,
            read_only=self.read_only or found.automatic,
            aside=aside if aside is not None else self.beside,
            found=found,
        )

    def among(self, resources: "Mapping[str, BoundResource]") -> Self:
        """This field in a portal with these resources: for fields that offer what the portal has."""
        return self

    def read(self, sent: Sequence[str], zone: ZoneInfo) -> Any:
        """The value of what was sent for this field; `FieldError` when it can't be one."""
        text = sent[-1] if sent else ""
        if _CONTROL.search(text):
            raise FieldError(_("This holds characters that can't be stored."))
        if not text.strip():
            return self.empty()
        return self.parse(text.strip() if self.trimmed else text, zone)

    def empty(self) -> Any:
        """The value of an input left blank."""
        if self.required:
            raise FieldError(_("This is needed."))
        return None if self.facts.nullable else ""

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        """The value of a text that is not blank."""
        limit = self.facts.max_length
        if limit is not None and len(text) > limit:
            raise FieldError(_("At most {n} characters; this has {m}.").format(n=limit, m=len(text)))
        return text

    def text(self, value: Any, zone: ZoneInfo) -> str:
        """What stands in the input for a stored value."""
        return "" if value is None else str(value)


@dataclass(frozen=True)
class TextField(Field):
    """A line of text."""


@dataclass(frozen=True)
class LongTextField(Field):
    """Several lines; line ends are stored as `\\n`."""

    template = "long_text"
    trimmed = False

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        return super().parse(text.replace("\r\n", "\n"), zone)


@dataclass(frozen=True)
class RichTextField(LongTextField):
    """A text with markup."""

    template = "rich_text"


@dataclass(frozen=True)
class _NumberField(Field):
    def empty(self) -> Any:
        if self.required or not self.facts.nullable:
            raise FieldError(_("This is needed."))
        return None


@dataclass(frozen=True)
class IntegerField(_NumberField):
    """A whole number inside what the column holds."""

    template = "integer"

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        if not re.fullmatch(r"[+-]?[0-9]{1,30}", text, re.ASCII):
            raise FieldError(_("Please write a whole number, like 42."))
        number = int(text)
        low, high = self.facts.bounds or (-(2**63), 2**63 - 1)
        if not low <= number <= high:
            raise FieldError(_("A number from {low} to {high}, please.").format(low=low, high=high))
        return number


@dataclass(frozen=True)
class DecimalField(_NumberField):
    """A number with digits after the point, no more of them than the column holds."""

    template = "decimal"

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            number = decimal.Decimal(text) if len(text) < 60 else decimal.Decimal("NaN")
        except decimal.InvalidOperation as error:
            raise FieldError(_("Please write a number, like 12.50.")) from error
        if not math.isfinite(number):
            raise FieldError(_("Please write a number, like 12.50."))
        if self.facts.precision is not None:
            digits, after = self.facts.precision
            if number != round(number, after) or abs(number) >= decimal.Decimal(10) ** (digits - after):
                sentence = _("At most {before} digits before the point and {after} after it.")
                raise FieldError(sentence.format(before=digits - after, after=after))
        return number

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "" if value is None else f"{decimal.Decimal(str(value)):f}"  # a float with all its digits


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
class DateField(_NumberField):
    """A day, of no time zone."""

    template = "date"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            return datetime.date.fromisoformat(text)
        except ValueError as error:
            raise FieldError(_("Please write a date as 2026-12-31.")) from error

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "" if value is None else value.isoformat()


@dataclass(frozen=True)
class TimeField(_NumberField):
    """A time of the day, of no time zone."""

    template = "time"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            return datetime.time.fromisoformat(text).replace(tzinfo=None)
        except ValueError as error:
            raise FieldError(_("Please write a time as 18:30.")) from error

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "" if value is None else value.isoformat("minutes" if not value.second else "seconds")


@dataclass(frozen=True)
class DateTimeField(_NumberField):
    """A moment, typed and shown in the viewer's time zone and stored in UTC.

    In the hour that a clock goes through twice the first pass is meant, unless an offset is written behind it.
    """

    template = "datetime"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            moment = datetime.datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                return moment.astimezone(datetime.UTC)
            local = moment.replace(tzinfo=zone)
            there = local.astimezone(datetime.UTC)
            back = there.astimezone(zone)
        except (ValueError, OverflowError) as error:
            raise FieldError(_("Please write a date and time as 2026-12-31 18:30.")) from error
        if back.replace(tzinfo=None) != moment:
            sentence = _("The clocks were put forward: this time does not exist in {zone}. Did you mean {time}?")
            raise FieldError(sentence.format(zone=zone.key, time=f"{back:%Y-%m-%d %H:%M}"))
        return there

    def text(self, value: Any, zone: ZoneInfo) -> str:
        if value is None:
            return ""
        aware = value if value.tzinfo is not None else value.replace(tzinfo=datetime.UTC)
        try:
            local = aware.astimezone(zone).replace(tzinfo=None)
        except OverflowError:  # the last day of the calendar is over in that zone
            return str(aware.isoformat(timespec="seconds"))
        return str(local.isoformat(timespec="seconds" if local.second else "minutes"))


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


@dataclass(frozen=True)
class UrlField(Field):
    """An address: http, https, or a path of this site."""

    template = "url"
    schemes: ClassVar[frozenset[str]] = frozenset({"http", "https"})

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        text = super().parse(text, zone)
        try:
            parts = urlsplit(text)
            good = parts.scheme.lower() in self.schemes and bool(parts.hostname)
        except ValueError:
            good = False
        own = text.startswith("/") and not text.startswith(("//", "/\\"))
        if not (good or own) or re.search(r"[\s\\<>\"]", text):
            raise FieldError(_("Please write an address that begins with https:// or with /."))
        return text


@dataclass(frozen=True)
class EmailField(Field):
    """An e-mail address; that it exists is only known when it answers."""

    template = "email"

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        text = super().parse(text, zone)
        if not re.fullmatch(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>.]{2,63}", text) or len(text) > 254:
            raise FieldError(_("Please write an e-mail address, like name@example.com."))
        return text


@dataclass(frozen=True)
class SecretField(Field):
    """A text that can be set and is never shown; left blank, the stored one stays."""

    template = "secret"
    trimmed = False

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return ""


@dataclass(frozen=True)
class JsonField(Field):
    """A JSON value, stored as such."""

    template = "json"

    def empty(self) -> Any:
        if self.required:
            raise FieldError(_("This is needed."))
        return None

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        try:
            value = json.loads(text, parse_constant=_refuse_constant)
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except RecursionError as error:
            raise FieldError(_("This is nested too deeply.")) from error
        except json.JSONDecodeError as error:
            sentence = _("This is not JSON: line {line}, column {column}.")
            raise FieldError(sentence.format(line=error.lineno, column=error.colno)) from error
        except ValueError as error:
            raise FieldError(_("This is not JSON.")) from error
        if "\\u0000" in text:
            raise FieldError(_("This holds characters that can't be stored."))
        return value

    def text(self, value: Any, zone: ZoneInfo) -> str:
        return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)


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


def _path(text: str) -> str:
    if text.startswith(("/", "\\")) or ".." in text.split("/") or re.search(r"[\s\\<>\"?#:]", text):
        raise FieldError(_("Please write the path of a stored file, like covers/03.webp."))
    return text


@dataclass(frozen=True)
class ImageField(Field):
    """The stored path of a picture, with a preview."""

    template = "image"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        return _path(super().parse(text, zone))


@dataclass(frozen=True)
class FileField(Field):
    """The stored path of a file."""

    template = "file"
    beside = True

    def parse(self, text: str, zone: ZoneInfo) -> Any:
        return _path(super().parse(text, zone))


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def plain(value: Any) -> str:
    """A choice's value as it stands in a form or an address."""
    return str(getattr(value, "value", value))


KINDS: Mapping[str, type[Field]] = {
    "boolean": BooleanField,
    "choice": ChoiceField,
    "date": DateField,
    "datetime": DateTimeField,
    "decimal": DecimalField,
    "email": EmailField,
    "file": FileField,
    "image": ImageField,
    "integer": IntegerField,
    "json": JsonField,
    "long_text": LongTextField,
    "position": IntegerField,
    "relation": RelationField,
    "relations": RelationsField,
    "rich_text": RichTextField,
    "secret": SecretField,
    "text": TextField,
    "time": TimeField,
    "url": UrlField,
}
"""Kind of column -> the field that edits it."""


def field_for(attribute: InstrumentedAttribute[Any] | str, facts: ModelFacts) -> Field:
    """The field a bare attribute stands for."""
    found = facts.attributes[name_of(attribute)]
    return KINDS.get(found.kind, TextField)(attribute)


def default_fields(facts: ModelFacts) -> list[Field]:
    """Everything a person may set, in the order of the model; a relation in place of its foreign key."""
    hidden = set(facts.mapping.foreign_keys)
    return [
        field_for(found.name, facts)
        for found in facts.attributes.values()
        if found.name not in hidden and not found.automatic
    ]
