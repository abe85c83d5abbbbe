"""An edit form as templates see it: what stands in each input, what is wrong with it, what can be picked."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from portal.db.mapping import mapping_of
from portal.errors import Sentence
from portal.kit.fields import Field, RichTextField, UploadField
from portal.kit.listing import clean_search
from portal.kit.page import BoundResource
from portal.markup import clean
from portal.services.query import Option
from portal.services.resource import ResourceService
from portal.services.stored_files import files_by_key
from portal.web.request import Values


@dataclass(frozen=True)
class FieldView:
    """One field, ready to be drawn."""

    field: Field
    id: str
    text: str
    values: Sequence[str]
    """What was sent or is stored, for fields that hold several."""
    error: Sentence | None
    options: Sequence[Option]
    """For relations: what is picked, then what was found."""
    found: str
    """What was searched for without JavaScript."""
    files: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """For files and galleries: key -> what is known of the stored file; not of what was stored by other means."""

    @property
    def described_by(self) -> str:
        """The ids of the help and the error below the input."""
        ids = [f"{self.id}-error"] if self.error else []
        if self.field.help:
            ids.append(f"{self.id}-hint")
        return " ".join(ids)


@dataclass(frozen=True)
class FormView:
    """All fields of one form."""

    main: Sequence[FieldView]
    aside: Sequence[FieldView]
    errors: Sequence[FieldView]
    version: str
    base: str
    """What each field held when the form was opened, as digests: tells own changes from others'."""

    @property
    def all(self) -> Sequence[FieldView]:
        return [*self.main, *self.aside]


async def form_view(
    service: ResourceService,
    resource: BoundResource,
    zone: ZoneInfo,
    *,
    row: Any = None,
    sent: Values | None = None,
    errors: Mapping[str, Sentence] | None = None,
    version: str = "",
    base: str | None = None,
) -> FormView:
    """The form for a row, or an empty one; `sent` wins over what is stored."""
    errors = errors or {}
    # What the actor may not see to pick is not asked for, and so stays as it is.
    fields = [item for item in resource.fields if _is_plain(resource, item) or service.may_pick(item.name)]
    stored = {item.name: stored_values(resource, item, row, zone) for item in fields}
    views = []
    holding = {item.name: (sent or {}).get(item.name, stored[item.name]) for item in fields}
    keys = [key for item in fields if isinstance(item, UploadField) for key in holding[item.name]]
    files = await files_by_key(service.session, keys)
    for item in fields:
        values = holding[item.name]
        search = (sent or {}).get(f"find.{item.name}", [""])[-1]
        views.append(
            FieldView(
                field=item,
                id=item.name,
                text=shown(values[-1] if values else ""),
                values=[shown(value) for value in values if value],
                error=errors.get(item.name),
                options=await _options(service, item, values, search, asked=sent is not None),
                found=shown(search),
                files={key: files[key] for key in values if key in files},
            )
        )
    if base is None:
        base = base_of(service, fields, stored)
    asides = [view for view in views if view.field.aside]
    mains = [view for view in views if not view.field.aside]
    if not mains or len(views) <= 3:
        mains, asides = views, []
    return FormView(
        main=mains,
        aside=asides,
        errors=[view for view in views if view.error],
        version=version,
        base=base,
    )


def _is_plain(resource: BoundResource, field: Field) -> bool:
    return field.name not in resource.facts.mapping.relations


def stored_values(resource: BoundResource, field: Field, row: Any, zone: ZoneInfo) -> list[str]:
    """What an input holds for a row as it is stored, or for a new one."""
    facts = field.facts
    relation = resource.facts.mapping.relations.get(field.name)
    if relation is None:
        value = facts.default if row is None else getattr(row, field.name)
        if field.multiple:
            return [str(item) for item in value or ()]
        return [field.text(value, zone)]
    if row is None:
        return []
    target = mapping_of(relation.mapper.class_)
    picked = getattr(row, field.name)
    rows = picked if relation.uselist else [picked] if picked is not None else []
    return [target.key_of(item) for item in rows]


def base_of(service: ResourceService, fields: Sequence[Field], stored: Values) -> str:
    """What a form carries to tell later which of its fields were touched."""
    return json.dumps({item.name: digest(comparable(service, item, stored[item.name])) for item in fields})


def comparable(service: ResourceService, field: Field, values: Sequence[str]) -> Sequence[str]:
    """The values as they are stored: a form shows a text with the addresses its pictures have here."""
    if isinstance(field, RichTextField):
        return [clean(value, own=service.work.own_address) for value in values]
    return values


def digest(values: Sequence[str]) -> str:
    """Eight signs that differ when the values do."""
    return hashlib.sha256("\0".join(filter(None, values)).replace("\r\n", "\n").encode("utf-8", "replace")).hexdigest()[
        :8
    ]


def shown(text: str) -> str:
    """What was typed, without what no page can carry."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


async def _options(
    service: ResourceService, field: Field, values: Sequence[str], search: str, *, asked: bool
) -> list[Option]:
    if field.name not in service.mapping.relations:
        return []
    picked = await service.chosen(field.name, [value for value in values if value])
    if not asked or not search:
        return picked
    found, _more = await service.options(field.name, clean_search(search))
    held = {option.value for option in picked}
    return [*picked, *[option for option in found if option.value not in held]]
