"""Rows of related nouns for many rows at once, read by their keys."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.mapping import ModelMapping, encode_key, mapping_of
from portal.services.query import Row

MOST = 2000
"""Links of one relation that are followed for one page."""


async def linked_keys(
    session: AsyncSession, mapping: ModelMapping, name: str, keys: Sequence[str]
) -> dict[str, list[str]]:
    """The keys of the rows that a relation leads to, by the keys of the rows it starts from."""
    if not keys:
        return {}
    relation = mapping.relations[name]
    target = mapping_of(relation.mapper.class_)
    ours = [mapping.columns[attribute] for attribute in mapping.key]
    theirs = [target.columns[attribute] for attribute in target.key]
    own = mapping.source
    if relation.secondary is not None:
        near = [column == link for column, link in relation.synchronize_pairs]
        far = [column == link for column, link in relation.secondary_synchronize_pairs or []]
        source = own.join(relation.secondary, and_(*near)).join(target.source, and_(*far))
        statement = select(*ours, *theirs).select_from(source)
    elif target.source is own:  # a noun that leads to itself
        alias = own.alias("other")
        pairs = [local == alias.c[str(remote.key)] for local, remote in relation.local_remote_pairs or []]
        if relation.uselist:
            pairs = [alias.c[str(remote.key)] == local for local, remote in relation.local_remote_pairs or []]
        statement = select(*ours, *[alias.c[str(column.key)] for column in theirs])
        statement = statement.select_from(own.join(alias, and_(*pairs)))
    else:
        pairs = [local == remote for local, remote in relation.local_remote_pairs or []]
        statement = select(*ours, *theirs).select_from(own.join(target.source, and_(*pairs)))
    statement = _among(statement, mapping, keys)
    if relation.order_by:
        statement = statement.order_by(*relation.order_by)
    found: dict[str, list[str]] = {}
    width = len(ours)
    for row in await session.execute(statement.limit(MOST)):
        found.setdefault(encode_key(row[:width]), []).append(encode_key(row[width:]))
    return found


async def keyed_rows(
    session: AsyncSession, mapping: ModelMapping, keys: Sequence[str], attributes: Sequence[str]
) -> dict[str, tuple[str, Row]]:
    """Titles and rows by their keys; those that are gone are left out."""
    if not keys:
        return {}
    columns = {name: mapping.columns[name] for name in attributes if name in mapping.columns}
    wanted = [column.label(name) for name, column in columns.items()]
    ours = [mapping.columns[name].label(f"_k{n}") for n, name in enumerate(mapping.key)]
    title = mapping.columns[mapping.title].label("_title")
    statement = _among(select(*ours, title, *wanted).select_from(mapping.source), mapping, keys)
    found: dict[str, tuple[str, Row]] = {}
    for row in await session.execute(statement):
        key = encode_key(row[: len(ours)])
        values = {name: getattr(row, name) for name in columns}
        found[key] = (str(row._title or key), Row(key=key, values=values, version=""))
    return found


def _among(statement: Select[Any], mapping: ModelMapping, keys: Sequence[str]) -> Select[Any]:
    columns = [mapping.columns[name] for name in mapping.key]
    idents = [tuple(mapping.key_values(key).values()) for key in keys]
    if len(columns) == 1:
        return statement.where(columns[0].in_([ident[0] for ident in idents]))
    return statement.where(tuple_(*columns).in_(idents))
