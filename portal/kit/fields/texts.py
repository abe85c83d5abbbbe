"""Texts: lines, paragraphs, addresses, secrets, JSON."""

import json
import re
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from portal.i18n import _
from portal.kit.fields.field import Field, FieldError


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


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
