"""What can be known of a model without being told: the one rule table of run time and generator.

Precedence for each fact: what the type says < what the name suggests < what `info=` declares < the resource.
Each answer remembers who gave it, for `fastor explain Article.status`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import types
from sqlalchemy.orm import RelationshipProperty

from portal.db.kinds import base_type, enum_of, kind_of
from portal.db.mapping import ModelMapping, bounds_of, mapping_of
from portal.facts import Facts, Label, Tone, facts_of
from portal.naming import humanize

STAMPS = ("created_at", "updated_at", "created_by", "updated_by")


@dataclass(frozen=True)
class Attribute:
    """One column or relation of a model, with every fact settled."""

    name: str
    kind: str
    label: Label
    help: Label | None = None
    required: bool = False
    nullable: bool = True
    unique: bool = False
    automatic: bool = False
    """Filled by the database or the service; shown, never asked for."""
    max_length: int | None = None
    precision: tuple[int, int] | None = None
    """Digits in all and after the point."""
    bounds: tuple[int, int] | None = None
    default: Any = None
    choices: tuple[tuple[Any, Label], ...] = ()
    badge: Mapping[Any, Tone] = field(default_factory=dict)
    target: type | None = None
    """The model a relation leads to."""
    facts: Facts = field(default_factory=Facts)
    reasons: tuple[tuple[str, str, str], ...] = ()
    """Fact, its value, and the layer that decided: type, name, info, comment."""


@dataclass(frozen=True)
class ModelFacts:
    """A model, read."""

    model: type
    mapping: ModelMapping
    attributes: Mapping[str, Attribute]

    @property
    def search(self) -> tuple[str, ...]:
        """Where the search box looks: what is declared, else the row's title."""
        declared = [name for name, found in self.attributes.items() if found.facts.search]
        if declared:
            return tuple(declared)
        title = self.mapping.title
        return (title,) if self.attributes[title].kind in {"text", "long_text", "email", "url"} else ()


@cache
def read_model(model: type) -> ModelFacts:
    """Every attribute of a model with its facts, in the order of the model."""
    mapping = mapping_of(model)
    attributes: dict[str, Attribute] = {}
    for name, column in mapping.columns.items():
        attributes[name] = _column(mapping, name, column)
        over = mapping.foreign_keys.get(name)
        if over is not None:
            attributes[over] = _relation(mapping, over, mapping.relations[over], column)
    for name, relation in mapping.relations.items():
        if name not in attributes:
            attributes[name] = _relation(mapping, name, relation, None)
    return ModelFacts(model, mapping, attributes)


def _column(mapping: ModelMapping, name: str, column: TableColumn[Any]) -> Attribute:
    facts = facts_of(column.info)
    reasons: list[tuple[str, str, str]] = []
    kind = _kind(name, column, reasons)
    label = _label(name, facts, column, reasons)
    kept = base_type(column)
    automatic = _automatic(mapping, name, column)
    has_default = column.default is not None or column.server_default is not None
    needed = not column.nullable and not automatic and (kind != "boolean") and not has_default
    length = getattr(kept, "length", None) if isinstance(kept, types.String) else None
    return Attribute(
        name=name,
        kind=kind,
        label=label,
        help=_help(facts, column, reasons),
        required=needed,
        nullable=bool(column.nullable),
        unique=(name,) in mapping.unique,
        automatic=automatic,
        max_length=length,
        precision=_precision(kept),
        bounds=bounds_of(column),
        default=_default(column),
        choices=_choices(column, facts, reasons),
        badge=dict(facts.badge or ()),
        facts=facts,
        reasons=tuple(reasons),
    )


def _relation(
    mapping: ModelMapping, name: str, relation: RelationshipProperty[Any], key: TableColumn[Any] | None
) -> Attribute:
    facts = facts_of(relation.info)
    if facts == Facts() and key is not None:
        facts = facts_of(key.info)
    reasons = [("kind", "relations" if relation.uselist else "relation", "type")]
    required = key is not None and not key.nullable and key.default is None
    return Attribute(
        name=name,
        kind="relations" if relation.uselist else "relation",
        label=facts.label or humanize(name),
        help=facts.help or (key.comment if key is not None else None),
        required=required,
        nullable=not required,
        target=relation.mapper.class_,
        automatic=bool(relation.uselist) and relation.secondary is None,
        facts=facts,
        reasons=tuple(reasons),
    )


def _kind(name: str, column: TableColumn[Any], reasons: list[tuple[str, str, str]]) -> str:
    kind, layer = kind_of(name, column)
    reasons.append(("kind", kind, layer))
    return kind


def _label(name: str, facts: Facts, column: TableColumn[Any], reasons: list[tuple[str, str, str]]) -> Label:
    if facts.label is not None:
        reasons.append(("label", str(facts.label), "info"))
        return facts.label
    reasons.append(("label", humanize(name), "name"))
    return humanize(name)


def _help(facts: Facts, column: TableColumn[Any], reasons: list[tuple[str, str, str]]) -> Label | None:
    if facts.help is not None:
        reasons.append(("help", str(facts.help), "info"))
        return facts.help
    if column.comment:
        reasons.append(("help", column.comment, "comment"))
    return column.comment


def _automatic(mapping: ModelMapping, name: str, column: TableColumn[Any]) -> bool:
    """Nobody types these: stamps, generated columns, counted keys, clocks of the database, the version."""
    if name in STAMPS or column.computed is not None or name == mapping.version:
        return True
    if mapping.ordering is not None and name == mapping.ordering.attribute:
        return True
    if name in mapping.key and isinstance(base_type(column), types.Integer):
        return len(mapping.key) == 1 and not column.foreign_keys
    if column.onupdate is not None or column.server_onupdate is not None:
        return True
    clock = isinstance(base_type(column), types.DateTime) and not column.nullable
    return clock and (column.server_default is not None or _is_callable(column))


def _is_callable(column: TableColumn[Any]) -> bool:
    return column.default is not None and column.default.is_callable


def _default(column: TableColumn[Any]) -> Any:
    default = column.default
    if default is None or not default.is_scalar:
        return None
    return default.arg  # type: ignore[attr-defined]  # a scalar default has one


def _choices(
    column: TableColumn[Any], facts: Facts, reasons: list[tuple[str, str, str]]
) -> tuple[tuple[Any, Label], ...]:
    if facts.choices is not None:
        reasons.append(("choices", ", ".join(str(label) for _value, label in facts.choices), "info"))
        return facts.choices
    members = enum_of(column)
    if members is not None:
        found = tuple((member, getattr(member, "label", None) or humanize(member.name)) for member in members)
        reasons.append(("choices", ", ".join(str(label) for _value, label in found), "type"))
        return found
    if isinstance(column.type, types.Enum):
        return tuple((value, humanize(value)) for value in column.type.enums)
    return ()


def _precision(kept: Any) -> tuple[int, int] | None:
    if isinstance(kept, types.Numeric) and not isinstance(kept, types.Float) and kept.precision:
        return int(kept.precision), int(kept.scale or 0)
    return None
