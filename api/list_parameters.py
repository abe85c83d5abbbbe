"""The parameters of a resource's list, as a struct for the documentation; they are read by the portal's own parser."""

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.schemas import ResourceSchema
from portal.kit.filters import BooleanFilter, ChoiceFilter, DateRangeFilter, Filter, RelationFilter
from portal.kit.listing import MAX_SEARCH
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
        sortable = [column.name for column in schema.resource.columns if column.sortable]
        add("sort", str, "Up to three of these, `-` in front of descending ones: " + ", ".join(sortable))
        add("page", int, "Counted from 1.", ge=1, le=LAST_NUMBERED_PAGE)
        add("size", int, "Rows of one answer.", ge=1, le=max(PAGE_SIZES))
        add("after", str, "The `next` of another answer: what comes behind it.")
        add("before", str, "The `previous` of another answer: what comes before it.")
        add("fields", str, "Only these attributes: " + ", ".join(schema.readable))
        if schema.includes:
            add("include", str, "Rows of these relations along with it: " + ", ".join(schema.includes))
    # names of filters may be no words of Python, which `rename` takes
    numbered = [(f"p{n}", *rest) for n, (_name, *rest) in enumerate(fields)]
    names = {f"p{n}": name for n, (name, *_rest) in enumerate(fields)}
    kind = f"{schema.noun}{'Count' if counting else 'List'}Parameters"
    return msgspec.defstruct(kind, numbered, kw_only=True, forbid_unknown_fields=True, rename=names, module=__name__)


def _kind(found: Filter) -> Any:
    match found:
        case ChoiceFilter():
            return list[Literal[tuple(value for value, _label in found.options)]]  # type: ignore[misc]
        case BooleanFilter():
            return Literal["0", "1"]
        case RelationFilter():
            return list[str]
        case DateRangeFilter():
            return datetime.date
    return str
