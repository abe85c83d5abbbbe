"""The parameters of a resource's list, as a struct for the documentation; they are read by the portal's own parser."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.schemas import ResourceSchema
from portal.db.mapping import bounds_of, mapping_of
from portal.kit.filters import MOST_VALUES, BooleanFilter, ChoiceFilter, DateRangeFilter, Filter, RelationFilter
from portal.kit.listing import MAX_SEARCH, MAX_SORTS
from portal.services.query import LAST_NUMBERED_PAGE, PAGE_SIZES


def list_parameters(schema: ResourceSchema, *, counting: bool = False) -> type[msgspec.Struct]:
    """What may stand in the address of a list, or of its count."""
    fields: list[Any] = []

    def add(name: str, kind: Any, description: str, **more: Any) -> None:
        kept = Annotated[kind, Meta(description=description, **more)]
        fields.append((name, kept | UnsetType, UNSET))

    add("q", str, "Words that all have to be found.", max_length=MAX_SEARCH)
    for found in schema.resource.filters:
        for name in found.parameters:
            add(name, _kind(found), f"Only rows where this fits: {found.label}.")
    if not counting:
        sortable = _sortable(schema)
        listed = ", ".join(sortable)
        add(
            "sort",
            str,
            f"Up to three of these, `-` in front of descending ones: {listed}",
            pattern=_some_of(sortable, "-?", MAX_SORTS),
        )
        add("page", int, "Counted from 1.", ge=1, le=LAST_NUMBERED_PAGE)
        add("size", int, "Rows of one answer.", ge=1, le=max(PAGE_SIZES))
        add("after", str, "The `next` of another answer: what comes behind it.")
        add("before", str, "The `previous` of another answer: what comes before it.")
        fields += _selection(schema)
    # names of filters may be no words of Python, which `rename` takes
    numbered = [(f"p{n}", *rest) for n, (_name, *rest) in enumerate(fields)]
    names = {f"p{n}": name for n, (name, *_rest) in enumerate(fields)}
    kind = f"{schema.noun}{'Count' if counting else 'List'}Parameters"
    return msgspec.defstruct(kind, numbered, kw_only=True, forbid_unknown_fields=True, rename=names, module=__name__)


def selection(schema: ResourceSchema) -> type[msgspec.Struct]:
    """What of a row may be asked for."""
    kind = f"{schema.noun}Selection"
    return msgspec.defstruct(kind, _selection(schema), kw_only=True, forbid_unknown_fields=True, module=__name__)


def _selection(schema: ResourceSchema) -> list[Any]:
    kinds = [("fields", "Only these attributes: ", list(schema.readable))]
    if schema.includes:
        kinds.append(("include", "Rows of these relations along with it: ", list(schema.includes)))
    return [
        (name, Annotated[str, Meta(description=words + ", ".join(names), pattern=_some_of(names))] | UnsetType, UNSET)
        for name, words, names in kinds
    ]


def _sortable(schema: ResourceSchema) -> list[str]:
    mapping = schema.resource.facts.mapping
    names = [column.name for column in schema.resource.columns if column.sortable]
    place = [mapping.ordering.attribute] if mapping.ordering else []
    return list(dict.fromkeys([*names, *mapping.key, *place]))


def _some_of(names: Sequence[str], before: str = "", most: int = 0) -> str:
    """Some of these words with commas between them."""
    one = f"{before}({'|'.join(names)})"
    return f"^{one}(,{one}){f'{{0,{most - 1}}}' if most else '*'}$"


def _kind(found: Filter) -> Any:
    match found:
        case ChoiceFilter():
            choice: Any = Literal[tuple(value for value, _label in found.options)]
            return Annotated[list[choice], Meta(max_length=MOST_VALUES)]
        case BooleanFilter():
            return Literal["0", "1"]
        case RelationFilter():
            return Annotated[list[_key_of(found)], Meta(max_length=MOST_VALUES)]  # type: ignore[misc]
        case DateRangeFilter():
            return datetime.date
    return str


def _key_of(found: RelationFilter) -> Any:
    assert found.facts is not None
    target = mapping_of(found.facts.mapping.relations[found.name].mapper.class_)
    column = target.columns[target.key[0]]
    bounds = bounds_of(column) if len(target.key) == 1 else None
    return Annotated[int, Meta(ge=bounds[0], le=bounds[1])] if bounds else str
