"""Two people saved the same row: both versions side by side, and a choice for each field that differs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response

from portal.errors import ConflictError
from portal.kit.fields import ChoiceField, Field, SecretField
from portal.kit.page import BoundResource
from portal.pages.form_view import base_of, comparable, digest, shown, stored_values
from portal.services.resource import ResourceService
from portal.web.formats import full_time
from portal.web.rendering import Crumb, render, templates_for
from portal.web.request import PortalRequest, Values
from portal.web.return_to import sent_list_query

KEEP = "_keep."


@dataclass(frozen=True)
class Difference:
    """A field whose two versions differ."""

    field: Field
    mine: str
    theirs: str
    keep_mine: bool
    """Ticked at first: mine where I changed it, theirs where only they did."""


@dataclass(frozen=True)
class ConflictContext:
    """What `conflict.html` may use."""

    resource: BoundResource
    key: str
    title: str
    action: str
    version: str
    base: str
    differences: Sequence[Difference]
    sent: Sequence[tuple[str, str]]
    """Every field as it was sent, to be sent again."""
    by: str | None
    when: str | None
    message: str
    list_query: str


def settle(sent: Values) -> Values:
    """Leave out the fields for which somebody chose the other version."""
    dropped = {name.removeprefix(KEEP) for name, values in sent.items() if name.startswith(KEEP) and "theirs" in values}
    return {name: values for name, values in sent.items() if name not in dropped and not name.startswith(KEEP)}


async def conflict_answer(
    request: PortalRequest,
    resource: BoundResource,
    service: ResourceService,
    row: Any,
    sent: Values,
    conflict: ConflictError,
) -> Response[bytes]:
    """The 409 page. Nothing was written, and what was typed is all in it."""
    key = resource.facts.mapping.key_of(row)
    title = service.title_of(row)
    changed = getattr(row, "updated_at", None)
    stored = {field.name: stored_values(resource, field, row, request.zone) for field in resource.fields}
    context = ConflictContext(
        resource=resource,
        key=key,
        title=title,
        action=request.site.url_of(resource, key),
        version=service.version_of(row),
        base=base_of(service, resource.fields, stored),
        differences=await _differences(service, resource, stored, sent),
        sent=[(name, shown(value)) for name, values in sent.items() if _again(name) for value in values],
        by=getattr(row, "updated_by", None),
        when=full_time(changed, request.zone) if changed is not None else None,
        message=str(conflict.message),
        list_query=sent_list_query(sent),
    )
    crumbs = [Crumb(resource.label_plural, request.site.url_of(resource) + context.list_query), Crumb(title)]
    names = templates_for(resource, "conflict.html")
    return render(request, names, context, status=409, current=("resource", resource.name), crumbs=crumbs)


def _again(name: str) -> bool:
    return not name.startswith("_") or name == "_list"


async def _differences(
    service: ResourceService, resource: BoundResource, stored: dict[str, list[str]], sent: Values
) -> list[Difference]:
    found = []
    for field in resource.fields:
        if field.name not in sent or field.read_only or isinstance(field, SecretField):
            continue
        theirs = [value for value in comparable(service, field, stored[field.name]) if value]
        mine = [value for value in comparable(service, field, sent[field.name]) if value]
        if field.template == "boolean":
            mine = mine[-1:]
        if digest(mine) == digest(theirs):
            continue
        found.append(
            Difference(
                field,
                mine=await _words(service, field, mine),
                theirs=await _words(service, field, theirs),
                keep_mine=not is_untouched(service, field, sent),
            )
        )
    return found


def is_untouched(service: ResourceService, field: Field, sent: Values) -> bool:
    """Whether a field was sent as the form had it: then it is left as it is stored, to the last microsecond."""
    values = comparable(service, field, sent[field.name])
    return _base(sent).get(field.name) == digest(values[-1:] if field.template == "boolean" else values)


def _base(sent: Values) -> dict[str, str]:
    try:
        base = json.loads(sent.get("_base", [""])[-1])
    except (ValueError, RecursionError):
        return {}
    return base if isinstance(base, dict) else {}


async def _words(service: ResourceService, field: Field, values: Sequence[str]) -> str:
    if field.template == "relation":
        return ", ".join(option.text for option in await service.chosen(field.name, values))
    if isinstance(field, ChoiceField):
        labels = dict(field.choices)
        return ", ".join(str(labels.get(value, value)) for value in values)
    return shown("\n".join(values))
