"""`Field`: one thing an edit form asks for.

A field turns what was sent into a value (`parse`) and a value into what stands in the input (`text`). A kind is a
subclass; `KINDS` names the one for each kind of column. To validate an input differently, subclass and override
`parse`, raising `FieldError` with the sentence to show.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from portal.kit.columns import name_of
from portal.kit.fields.choices import BooleanField, ChoiceField, ChoicesField
from portal.kit.fields.field import Field, FieldError, plain
from portal.kit.fields.files import FileField, GalleryField, ImageField, RichTextField, UploadField
from portal.kit.fields.moments import DateField, DateTimeField, TimeField
from portal.kit.fields.numbers import DecimalField, IntegerField
from portal.kit.fields.relations import RelationField, RelationsField
from portal.kit.fields.texts import (
    EmailField,
    JsonField,
    LongTextField,
    SecretField,
    TextField,
    UrlField,
)
from portal.kit.introspect import ModelFacts

__all__ = [
    "KINDS",
    "BooleanField",
    "ChoiceField",
    "ChoicesField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "EmailField",
    "Field",
    "FieldError",
    "FileField",
    "GalleryField",
    "ImageField",
    "IntegerField",
    "JsonField",
    "LongTextField",
    "RelationField",
    "RelationsField",
    "RichTextField",
    "SecretField",
    "TextField",
    "TimeField",
    "UploadField",
    "UrlField",
    "default_fields",
    "field_for",
    "plain",
]


KINDS: Mapping[str, type[Field]] = {
    "boolean": BooleanField,
    "choice": ChoiceField,
    "date": DateField,
    "datetime": DateTimeField,
    "decimal": DecimalField,
    "email": EmailField,
    "file": FileField,
    "gallery": GalleryField,
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
