"""Rows as the API shows them, and what is sent for rows as the fields of a form would have sent it."""

import decimal
import json
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from api.decoding import NEEDED, UNKNOWN, Form, explain, step
from api.schemas import Member, ResourceSchema
from portal.db.mapping import mapping_of
from portal.errors import InputError, Sentence
from portal.i18n import _
from portal.kit.fields import FieldError, JsonField, SecretField
from portal.kit.fields.field import plain
from portal.services.query import Row
from portal.web.site import Site

NEVER_BLANK = frozenset({"choice", "date", "datetime", "decimal", "time"})
"""Kinds that a blank text is no value of: an input of a page left blank is `null` here."""

NOT_AS_STORED = frozenset({"file", "gallery", "image", "rich_text"})
"""Kinds whose values are shown cleaned, or along with the addresses of their files."""

ZONE = ZoneInfo("UTC")
"""Of moments that are sent without an offset."""


def shown_row(site: Site, schema: ResourceSchema, names: Iterable[str], row: Row) -> dict[str, Any]:
    """A row of a list."""
    return shown(site, schema, names, row.values)


def shown_object(site: Site, schema: ResourceSchema, names: Iterable[str], row: Any) -> dict[str, Any]:
    """A row that was loaded whole."""
    values: dict[str, Any] = {}
    for name in names:
        member = schema.readable[name]
        value = getattr(row, name if member.kind == "relation" else member.attribute)
        if member.kind == "relations":
            target = mapping_of(schema.resource.facts.mapping.relations[name].mapper.class_)
            value = [_key(target, other) for other in value]
        values[name] = value
    return shown(site, schema, names, values)


def shown(site: Site, schema: ResourceSchema, names: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    members = schema.readable
    for name in names:
        found[name] = value = values[name]
        kind = members[name].kind
        if kind not in NOT_AS_STORED:  # most of them, and each row comes by here
            continue
        if kind == "gallery":
            found[f"{name}_urls"] = [address(site, key) for key in value] if value is not None else None
        elif kind == "rich_text":
            found[name] = site.rich_text(value) if value else value
        else:
            found[f"{name}_url"] = address(site, value) if value else None
    return found


def address(site: Site, stored: str) -> str:
    """Where anybody fetches a stored file: with the host, where the portal knows its own."""
    found = site.media_url(stored)
    return f"{site.settings.base_url}{found}" if found.startswith("/") and site.settings.base_url else found


def _key(mapping: Any, row: Any) -> Any:
    if len(mapping.key) == 1:
        value = getattr(row, mapping.key[0])
        return value if isinstance(value, int) else plain(value)
    return mapping.key_of(row)


# -- the other way


def values_of(schema: ResourceSchema, body: Any, *, creating: bool, whole: bool = False) -> dict[str, Any]:
    """The attributes to set from what was sent; `InputError` with all that can't be taken.

    Each value goes through the field of the edit form, so that page and API take and refuse the same. With
    `whole` what was not sent is set to what a new row would have.
    """
    if not isinstance(body, dict):
        raise InputError({"": _("This is to be an object.").coded("type")})
    errors: dict[str, Sentence] = {step(name): UNKNOWN for name in body if name not in schema.members}
    values: dict[str, Any] = {}
    settable = schema.writable if creating else schema.editable
    for name, member in schema.members.items():
        if name not in settable:
            if name in body:
                errors[name] = _("This can't be set.")
            continue
        if name not in body:
            if member.required and (creating or whole):
                errors[name] = NEEDED
            elif whole and not isinstance(member.field, SecretField):
                values[member.attribute] = _blank(member)
            continue
        try:
            values[member.attribute] = (
                _typed(member, body[name]) if isinstance(body, Form) else _value(member, body[name])
            )
        except FieldError as error:
            errors[name] = error.sentence
        except msgspec.ValidationError as error:
            below, why = explain(error)
            errors[f"{name}/{below}" if below else name] = why
    if errors:
        raise InputError(errors)
    return values


def _typed(member: Member, text: str) -> Any:
    """From a plain form, as a page's own would send it; several values with commas between them."""
    assert member.field is not None
    return member.field.read(text.split(",") if member.field.multiple else [text], ZONE)


def _value(member: Member, sent: Any) -> Any:
    field = member.field
    assert field is not None
    if sent is None:
        if not member.nullable or field.required:
            raise FieldError(NEEDED)
        return field.read([], ZONE)
    if isinstance(field, JsonField):
        return field.read([json.dumps(sent, ensure_ascii=False)], ZONE)
    taken = msgspec.convert(sent, member.wire, strict=True)
    if isinstance(taken, str) and not taken.strip() and member.kind in NEVER_BLANK:
        return field.parse("", ZONE)
    return field.read([_text(item) for item in taken] if isinstance(taken, list) else [_text(taken)], ZONE)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return format(decimal.Decimal(repr(value)), "f")
    return str(value)


def _blank(member: Member) -> Any:
    field = member.field
    assert field is not None
    default = field.facts.default
    if default is not None:
        return default
    if member.kind == "relations":
        return []
    return field.read([], ZONE)


def renamed(schema: ResourceSchema, error: InputError) -> InputError:
    """The same error with the names that the attributes have in JSON."""
    names = {member.attribute: name for name, member in schema.members.items()}
    errors = {names.get(name, name): sentence for name, sentence in error.errors.items()}
    return InputError(errors, error.message)
