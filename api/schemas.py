"""What a resource looks like in JSON: msgspec structs made of the model's metadata.

A to-one relation is the column of its key (`category_id`), or, over a key of several columns, the key's text under
the relation's own name. A to-many relation is the list of its keys. A stored file is its key, and beside it, read
only, where it is fetched from (`cover` and `cover_url`). A secret can be set and is never shown.
"""

import datetime
import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import types

from portal.db.kinds import base_type
from portal.db.mapping import bounds_of, mapping_of
from portal.kit.fields import Field, RelationField
from portal.kit.fields.field import plain
from portal.kit.introspect import Attribute
from portal.kit.page import BoundResource

HEAVY = frozenset({"rich_text", "json", "relations"})
"""Kinds that a list leaves out unless they are asked for."""

_SIMPLE: Mapping[str, Any] = {
    "boolean": bool,
    "date": datetime.date,
    "datetime": Annotated[datetime.datetime, Meta(tz=True)],
    "time": datetime.time,
    "integer": int,
    "position": int,
    "json": Any,
    "gallery": list[str],
}

_WIRE: Mapping[Any, Any] = {
    datetime.date: str,
    datetime.datetime: str,
    datetime.time: str,
    decimal.Decimal: str | int | float,
}
"""What is taken of a value before the resource's own field looks at it, so that page and API refuse alike."""

EXAMPLES: Mapping[str, Any] = {
    "email": "ada@example.com",
    "url": "https://example.com/",
    "image": "2026/11/21/0a1b2c3d4e5f60718293a4b5c6d7e8f9.jpg",
    "file": "2026/11/21/0a1b2c3d4e5f60718293a4b5c6d7e8f9.pdf",
    "rich_text": "<p>Tea was drunk before it was written about.</p>",
}


@dataclass(frozen=True)
class Member:
    """One attribute of a resource in JSON."""

    name: str
    """In JSON."""
    attribute: str
    """Of the model; the relation for a key that stands for one."""
    kind: str
    type: Any
    """As it is documented, `None` apart."""
    nullable: bool
    label: str
    field: Field | None = None
    """Reads what is sent for it; nothing where it can't be set."""
    required: bool = False
    shown: bool = True

    @property
    def wire(self) -> Any:
        """What is taken for it."""
        bare = getattr(self.type, "__origin__", self.type) if _is_annotated(self.type) else self.type
        if self.kind == "choice":
            bare = str | int
        elif self.kind == "relations":
            bare = list[str | int]
        return _WIRE.get(bare, bare)


@dataclass(frozen=True)
class ResourceSchema:
    """The JSON of one resource."""

    resource: BoundResource

    @property
    def noun(self) -> str:
        return self.resource.declared_as.removesuffix("Resource")

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """All attributes by their names in JSON, in the order of the model."""
        facts = self.resource.facts
        mapping = facts.mapping
        fields = {field.name: field for field in self.resource.fields}
        found: list[Member] = []
        for name, attribute in facts.attributes.items():
            if attribute.kind == "relation":
                if name not in mapping.foreign_keys.values():
                    found.append(_member(self.resource, name, attribute, str, fields.get(name)))
            elif attribute.kind == "relations":
                if not attribute.automatic:
                    found.append(_member(self.resource, name, attribute, _keys_type(attribute), fields.get(name)))
            elif name in mapping.foreign_keys:
                relation = mapping.foreign_keys[name]
                found.append(_foreign(self.resource, name, relation, fields.get(relation) or fields.get(name)))
            else:
                kept = _type(attribute, mapping.columns[name])
                found.append(_member(self.resource, name, attribute, kept, fields.get(name)))
        return {member.name: member for member in found}

    @cached_property
    def readable(self) -> Mapping[str, Member]:
        return {name: member for name, member in self.members.items() if member.shown}

    @cached_property
    def writable(self) -> Mapping[str, Member]:
        return {name: member for name, member in self.members.items() if member.field is not None}

    @cached_property
    def editable(self) -> Mapping[str, Member]:
        """What of a row that is there can be set: never its key."""
        key = self.resource.facts.mapping.key
        return {name: member for name, member in self.writable.items() if name not in key}

    @cached_property
    def usual(self) -> tuple[str, ...]:
        """The names a list shows unless others are asked for."""
        return tuple(name for name, member in self.readable.items() if member.kind not in HEAVY)

    @cached_property
    def includes(self) -> tuple[str, ...]:
        """The relations whose rows can be had along."""
        return tuple(
            name for name, found in self.resource.facts.attributes.items() if found.kind in ("relation", "relations")
        )

    # -- structs

    @cached_property
    def whole(self) -> type[msgspec.Struct]:
        """One row."""
        return self._struct(self.noun, [(name, _documented(member)) for name, member in self._shown_members()])

    @cached_property
    def item(self) -> type[msgspec.Struct]:
        """One row of a list, which may have been asked for some attributes only."""
        members: list[Any] = [(name, _documented(member) | UnsetType, UNSET) for name, member in self._shown_members()]
        if self.includes:
            members.append(("related", self._related | UnsetType, UNSET))
        return self._struct(f"{self.noun}Item", members)

    @cached_property
    def _related(self) -> Any:
        """The rows that `include=` asked for, by their relations."""
        facts = self.resource.facts.attributes
        kinds: dict[str, Any] = {
            name: list[Related] if facts[name].kind == "relations" else Related | None for name in self.includes
        }
        fields = [(name, kind | UnsetType, UNSET) for name, kind in kinds.items()]
        return self._struct(f"{self.noun}Related", fields)

    @cached_property
    def page(self) -> type[msgspec.Struct]:
        """One page of a list."""
        fields = [
            ("items", list[self.item]),  # type: ignore[name-defined]  # a type made at run time
            ("next", Annotated[str | None, Meta(description="The cursor for `after`, if there is more.")]),
            ("previous", Annotated[str | None, Meta(description="The cursor for `before`, if there is something.")]),
        ]
        return self._struct(f"{self.noun}List", fields)

    @cached_property
    def create(self) -> type[msgspec.Struct]:
        return self._whole_of("Create", self.writable)

    @cached_property
    def put(self) -> type[msgspec.Struct]:
        return self._whole_of("Put", self.editable)

    def _whole_of(self, tail: str, members: Mapping[str, Member]) -> type[msgspec.Struct]:
        fields: list[Any] = []
        for name, member in members.items():
            if member.required:
                fields.append((name, _documented(member, _taken(member))))
            else:
                fields.append((name, _documented(member, _taken(member)) | UnsetType, UNSET))
        return self._struct(f"{self.noun}{tail}", fields, strict=True)

    @cached_property
    def patch(self) -> type[msgspec.Struct]:
        editable = self.editable.items()
        fields = [(name, _documented(member, _taken(member)) | UnsetType, UNSET) for name, member in editable]
        return self._struct(f"{self.noun}Patch", fields, strict=True)

    def _shown_members(self) -> list[tuple[str, Member]]:
        found: list[tuple[str, Member]] = []
        for name, member in self.readable.items():
            found.append((name, member))
            if (address := _address_of(member)) is not None:
                found.append((address.name, address))
        return found

    def _struct(self, name: str, fields: Sequence[Any], *, strict: bool = False) -> type[msgspec.Struct]:
        return msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=strict, module=__name__)


class Related(msgspec.Struct):
    """A row of another noun: its key and what it is called, with whatever of it may be seen."""

    key: str
    title: str


def _member(resource: BoundResource, name: str, attribute: Attribute, kept: Any, field: Field | None) -> Member:
    mapping = resource.facts.mapping
    settable = field is not None and not field.read_only
    hidden = attribute.kind == "secret" or name in resource.service_class.hidden_from_input
    return Member(
        name=name,
        attribute=name,
        kind=attribute.kind,
        type=kept,
        nullable=attribute.nullable and name not in mapping.key,
        label=str(attribute.label),
        field=field if settable else None,
        required=bool(settable and field is not None and field.required),
        shown=not hidden,
    )


def _foreign(resource: BoundResource, name: str, relation: str, field: Field | None) -> Member:
    """The key column of a to-one relation stands for it."""
    column = resource.facts.mapping.columns[name]
    settable = field is not None and not field.read_only
    return Member(
        name=name,
        attribute=field.name if isinstance(field, RelationField) else name,
        kind="relation",
        type=_plain_type(column),
        nullable=bool(column.nullable),
        label=str(resource.facts.attributes[relation].label),
        field=field if settable else None,
        required=bool(settable and field is not None and field.required),
    )


def _address_of(member: Member) -> Member | None:
    """Where the file is fetched from, read only."""
    if member.kind == "gallery":
        return Member(f"{member.name}_urls", member.attribute, "url", list[str], True, member.label)
    if member.kind in ("image", "file"):
        return Member(f"{member.name}_url", member.attribute, "url", str, True, member.label)
    return None


def _type(attribute: Attribute, column: Any) -> Any:
    if attribute.kind == "choice":
        values = tuple(plain(value) if not isinstance(value, int) else value for value, _label in attribute.choices)
        return Literal[values] if values else str
    if attribute.kind == "decimal":
        return float if isinstance(base_type(column), types.Float) else decimal.Decimal
    if attribute.kind in ("integer", "position"):
        low, high = attribute.bounds or bounds_of(column) or (-(2**63), 2**63 - 1)
        return Annotated[int, Meta(ge=low, le=high)]
    kept = _SIMPLE.get(attribute.kind, str)
    if kept is str and attribute.max_length:
        return Annotated[str, Meta(max_length=attribute.max_length)]
    return kept


def _plain_type(column: Any) -> Any:
    return int if isinstance(base_type(column), types.Integer) else str


def _keys_type(attribute: Attribute) -> Any:
    """What the keys of another noun are in JSON: numbers, or their texts."""
    assert attribute.target is not None
    mapping = mapping_of(attribute.target)
    whole = len(mapping.key) == 1 and _plain_type(mapping.columns[mapping.key[0]]) is int
    return list[int] if whole else list[str]


def _taken(member: Member) -> Any:
    """What may be sent for it, as far as a schema can tell."""
    if member.type is decimal.Decimal:
        return Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$")] | float
    text = member.type is str or (_is_annotated(member.type) and member.type.__origin__ is str)
    return Annotated[member.type, Meta(min_length=1)] if member.required and text else member.type


def _documented(member: Member, kind: Any = None) -> Any:
    kind = member.type if kind is None else kind
    kept: Any = Annotated[kind, Meta(title=member.label, extra_json_schema=_extra(member))]
    return kept | None if member.nullable else kept


def _extra(member: Member) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if (example := EXAMPLES.get(member.kind)) is not None and member.type is not list:
        extra["examples"] = [example]
    if member.field is None:
        extra["readOnly"] = True
    elif not member.shown:
        extra["writeOnly"] = True
    return extra


def _is_annotated(kind: Any) -> bool:
    return hasattr(kind, "__metadata__")
