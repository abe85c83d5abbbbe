"""What may be picked for a relation, and turning picked keys into rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import RelationshipProperty

from portal.db.mapping import ModelMapping, encode_key, mapping_of
from portal.errors import InputError, NotFound, PermissionDenied
from portal.i18n import _
from portal.services.query import Option
from portal.services.search import contains
from portal.services.unit_of_work import UnitOfWork

MAX_OPTIONS = 50


async def options(
    work: UnitOfWork, relation: RelationshipProperty[Any], search: str, limit: int = MAX_OPTIONS
) -> tuple[list[Option], bool]:
    """The first rows to pick whose title holds the words, and whether there are more."""
    target = mapping_of(relation.mapper.class_)
    _require_view(work, target)
    keys = [target.columns[name] for name in target.key]
    title = target.columns[target.title]
    statement = select(*keys, title).select_from(target.source)
    for word in search.split():
        statement = statement.where(contains(title, word, work.dialect))
    found = list(await work.session.execute(statement.order_by(title, *keys).limit(limit + 1)))
    return [Option(encode_key(key), str(text)) for *key, text in found[:limit]], len(found) > limit


async def chosen(work: UnitOfWork, relation: RelationshipProperty[Any], keys: Sequence[str]) -> list[Option]:
    """The options of these keys, in the order given; keys of rows that are gone are left out."""
    target = mapping_of(relation.mapper.class_)
    _require_view(work, target)
    found = []
    for key in keys[:200]:
        try:
            values = target.key_values(key)
        except NotFound:
            continue
        statement = select(target.columns[target.title]).select_from(target.source)
        statement = statement.where(*[target.columns[name] == value for name, value in values.items()])
        title = (await work.session.execute(statement)).scalar_one_or_none()
        if title is not None:
            found.append(Option(key, str(title)))
    return found


async def picked(work: UnitOfWork, name: str, mapping: ModelMapping, keys: Sequence[str]) -> list[Any]:
    """The objects of picked keys, for a to-many relation; an unknown one is an error at the field."""
    relation = mapping.relations[name]
    target = mapping_of(relation.mapper.class_)
    try:
        idents = list(dict.fromkeys(tuple(target.key_values(key).values()) for key in keys))
    except NotFound as error:
        raise InputError({name: _("What was chosen here is gone. Please choose again.")}) from error
    if not idents:
        return []
    if len(target.key) == 1:
        first = getattr(target.model, target.key[0])
        statement: Select[Any] = select(target.model).where(first.in_([ident[0] for ident in idents]))
        objects = list((await work.session.execute(statement)).scalars())
    else:
        fetched: list[Any] = [await work.session.get(target.model, ident) for ident in idents]
        objects = [found for found in fetched if found is not None]
    if len(objects) != len(idents):
        raise InputError({name: _("What was chosen here is gone. Please choose again.")})
    return objects


def _require_view(work: UnitOfWork, target: ModelMapping) -> None:
    """A picker never shows rows whose list the actor may not open."""
    resource = work.names.get(target.model)
    if resource is not None and not work.policy.allows(work.actor, "view", resource):
        raise PermissionDenied
