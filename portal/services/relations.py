"""What may be picked for a relation, and turning picked keys into rows."""

import contextlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import RelationshipProperty

from portal.db.mapping import ModelMapping, encode_key, mapping_of
from portal.errors import InputError, NotFound, PermissionDenied
from portal.i18n import _
from portal.services.query import Option
from portal.services.search import contains
from portal.services.unit_of_work import UnitOfWork

MAX_OPTIONS = 50
MAX_CHOSEN = 200


async def options(
    work: UnitOfWork, relation: RelationshipProperty[Any], search: str, limit: int = MAX_OPTIONS
) -> tuple[list[Option], bool]:
    """The first rows to pick whose title holds the words, and whether there are more."""
    target = mapping_of(relation.mapper.class_)
    require_view(work, target)
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
    require_view(work, target)
    wanted: dict[tuple[Any, ...], str] = {}
    for key in keys[:MAX_CHOSEN]:
        with contextlib.suppress(NotFound):
            wanted.setdefault(tuple(target.key_values(key).values()), key)
    if not wanted:
        return []
    columns = [target.columns[name] for name in target.key]
    same = columns[0].in_([ident[0] for ident in wanted]) if len(columns) == 1 else tuple_(*columns).in_(list(wanted))
    statement = select(*columns, target.columns[target.title]).select_from(target.source).where(same)
    titles = {tuple(ident): str(title) for *ident, title in await work.session.execute(statement)}
    return [Option(key, titles[ident]) for ident, key in wanted.items() if ident in titles]


async def picked(work: UnitOfWork, name: str, mapping: ModelMapping, keys: Sequence[str]) -> list[Any]:
    """The objects of picked keys, for a to-many relation; an unknown one is an error at the field."""
    relation = mapping.relations[name]
    target = mapping_of(relation.mapper.class_)
    require_view(work, target)
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


def require_view(work: UnitOfWork, target: ModelMapping) -> None:
    """A picker never shows rows whose list the actor may not open."""
    resource = work.names.get(target.model)
    if resource is not None and not work.policy.allows(work.actor, "view", resource):
        raise PermissionDenied
