"""Reading a whole form: all values, or all errors at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from portal.errors import InputError, Sentence
from portal.kit.fields import Field, FieldError, SecretField

Sent = Mapping[str, Sequence[str]]


def bind(fields: Iterable[Field], sent: Sent, zone: ZoneInfo, *, creating: bool) -> dict[str, Any]:
    """The values of the fields that were sent; `InputError` with a sentence for each that can't be taken.

    A field the form did not carry is left untouched; when creating, a needed one must be there. A secret left
    blank keeps what is stored.
    """
    values: dict[str, Any] = {}
    errors: dict[str, Sentence] = {}
    for field in fields:
        if field.read_only or (field.name not in sent and not (creating and field.required)):
            continue
        given = sent.get(field.name, ())
        if isinstance(field, SecretField) and not creating and not any(given):
            continue
        try:
            values[field.name] = field.read(given, zone)
        except FieldError as error:
            errors[field.name] = error.sentence
    if errors:
        raise InputError(errors)
    return values
