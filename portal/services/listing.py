"""Reading one page of a list: one statement for the rows, one more for each to-many column.

Only the columns asked for are read, through Core: a list of articles never touches their bodies.
"""

import functools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import RelationshipProperty

from portal.db.kinds import enum_of
from portal.db.mapping import ModelMapping, encode_key, mapping_of
from portal.errors import InputError
from portal.i18n import _
from portal.services.keyset import OrderTerm, read_cursor, segments, write_cursor
from portal.services.query import Count, ListQuery, Row, Rows
from portal.services.search import contains

COUNT_CAP = 10_000
MAX_LINKED = 2000
"""To-many labels read for one page at most."""

NO_CURSOR = _("This cursor is not one of this list's.")


class Listing:
    """The reading side of one model's lists."""

    def __init__(self, mapping: ModelMapping, session: AsyncSession, cursor_key: bytes) -> None:
        self.mapping = mapping
        self.session = session
        self.dialect = session.get_bind().dialect.name
        self._cursor_key = cursor_key

    async def page(self, query: ListQuery) -> Rows:
        terms = self.order(query)
        order_name = f"{self.mapping.table_name}:{','.join(map(str, query.sort))}"
        cursor = query.after or query.before
        values = read_cursor(self._cursor_key, order_name, cursor) if cursor else None
        if values is not None and len(values) != len(terms):
            values = None
        if cursor and values is None and query.strict:
            raise InputError({"after" if query.after else "before": NO_CURSOR})
        if values is not None:
            rows = await self._behind(query, terms, self._typed(terms, values))
        else:
            rows = await self._numbered(query, terms)
        items, has_previous, has_next, above, below = rows
        links = await self._linked(query, items)
        made = [self._row(query, item, links) for item in items]
        edge = [[item._mapping[f"_o{n}"] for n in range(len(terms))] for item in (items[0], items[-1])] if items else []
        write = [write_cursor(self._cursor_key, order_name, values) for values in edge]
        return Rows(
            items=tuple(made),
            has_previous=has_previous,
            has_next=has_next,
            previous_cursor=write[0] if write and has_previous else None,
            next_cursor=write[1] if write and has_next else None,
            before_first=self._key(above) if above is not None else None,
            after_last=self._key(below) if below is not None else None,
        )

    async def count(self, query: ListQuery, cap: int = COUNT_CAP) -> Count:
        """How many rows match, counted up to the cap: what follows is `10,000+`, at a bounded price."""
        inner = self._filtered(select(1), query).select_from(self.mapping.source).limit(cap + 1).subquery()
        number = (await self.session.execute(select(func.count()).select_from(inner))).scalar_one()
        return Count(min(number, cap), capped=number > cap)

    def order(self, query: ListQuery) -> list[OrderTerm]:
        """The sort columns, then the key in the direction of the last of them."""
        terms = [self._term(sort.attribute, sort.descending) for sort in query.sort]
        last = query.sort[-1].descending if query.sort else False
        named = {sort.attribute for sort in query.sort}
        terms += [self._term(name, last) for name in self.mapping.key if name not in named]
        return terms

    def where(self, query: ListQuery) -> list[Any]:
        conditions: list[Any] = list(query.where)
        for word in query.search.split():
            found = [contains(self.mapping.columns[name], word, self.dialect) for name in query.search_in]
            if found:
                conditions.append(or_(*found))
        return conditions

    def _term(self, attribute: str, descending: bool) -> OrderTerm:
        column = self.mapping.columns[attribute]
        return OrderTerm(column, descending, nullable=bool(column.nullable))  # type: ignore[arg-type]  # Core column

    def _typed(self, terms: Sequence[OrderTerm], values: Sequence[Any]) -> list[Any]:
        """Enum members again where a cursor carries their values; a value that none has stays as it is."""
        typed = []
        for term, value in zip(terms, values, strict=True):
            members = enum_of(term.column)  # type: ignore[arg-type]  # a Core column, see _term
            known = members and any(member.value == value for member in members)
            typed.append(members(value) if members and known else value)
        return typed

    def _filtered(self, statement: Select[Any], query: ListQuery) -> Select[Any]:
        conditions = self.where(query)
        return statement.where(*conditions) if conditions else statement

    def statement(self, query: ListQuery, terms: Sequence[OrderTerm]) -> Select[Any]:
        """What the list reads; the same for every page of lists with these columns and this order."""
        return self._filtered(_select(self.mapping, query.columns, tuple(terms)), query)

    async def _numbered(self, query: ListQuery, terms: Sequence[OrderTerm]) -> Any:
        extra = 1 if query.page > 1 else 0
        statement = self.statement(query, terms).order_by(*[term.clause(self.dialect) for term in terms])
        statement = statement.limit(query.size + 1 + extra).offset((query.page - 1) * query.size - extra)
        found = list(await self.session.execute(statement))
        above = found.pop(0) if extra and found else None
        below = found[query.size] if len(found) > query.size else None
        return found[: query.size], query.page > 1, below is not None, above, below

    async def _behind(self, query: ListQuery, terms: list[OrderTerm], values: list[Any]) -> Any:
        backwards = query.before is not None
        walked = [term.reversed() for term in terms] if backwards else terms
        statement = self.statement(query, terms).order_by(*[term.clause(self.dialect) for term in walked])
        found: list[Any] = []
        for segment in segments(walked, values):
            missing = query.size + 1 - len(found)
            found += list(await self.session.execute(statement.where(segment).limit(missing)))
            if len(found) > query.size:
                break
        more = len(found) > query.size
        items = found[: query.size]
        if backwards:
            items.reverse()
            return items, more, True, None, None
        return items, True, more, None, None

    def _key(self, item: Any) -> str:
        found = item._mapping
        return encode_key([found[f"_k{n}"] for n in range(len(self.mapping.key))])

    def _row(self, query: ListQuery, item: Any, links: dict[str, dict[str, list[str]]]) -> Row:
        found = item._mapping
        key = self._key(item)
        values: dict[str, Any] = {}
        related: dict[str, str] = {}
        for name in query.columns:
            if name in links:
                values[name] = links[name].get(key, [])
                continue
            values[name] = found[name]
            if f"_r_{name}_0" in found and found[f"_r_{name}_0"] is not None:
                target = mapping_of(self.mapping.relations[name].mapper.class_)
                related[name] = encode_key([found[f"_r_{name}_{n}"] for n in range(len(target.key))])
        version = str(found["_version"]) if self.mapping.version else ""
        return Row(key=key, values=values, version=version, related=related)

    async def _linked(self, query: ListQuery, items: Sequence[Any]) -> dict[str, dict[str, list[str]]]:
        """Labels of to-many columns: relation -> row key -> labels."""
        many = [name for name in query.columns if name in self.mapping.relations]
        many = [name for name in many if self.mapping.relations[name].uselist]
        links: dict[str, dict[str, list[str]]] = {name: {} for name in many}
        if not items:
            return links
        for name in many:
            statement = self._link_statement(self.mapping.relations[name], items)
            for *key, label in await self.session.execute(statement):
                links[name].setdefault(encode_key(key), []).append(str(label))
        return links

    def _link_statement(self, relation: RelationshipProperty[Any], items: Sequence[Any]) -> Select[Any]:
        target = mapping_of(relation.mapper.class_)
        label = target.columns[target.title]
        keys = [tuple(item._mapping[f"_k{n}"] for n in range(len(self.mapping.key))) for item in items]
        if relation.secondary is not None:
            links = relation.secondary
            ours = [far for _near, far in relation.synchronize_pairs]
            theirs = [near == far for near, far in relation.secondary_synchronize_pairs or []]
            statement = select(*ours, label).select_from(links.join(target.source, and_(*theirs)))
        else:
            ours = [remote for _local, remote in relation.local_remote_pairs or []]
            statement = select(*ours, label).select_from(target.source)
        if len(ours) == 1:
            statement = statement.where(ours[0].in_([key[0] for key in keys]))
        else:
            statement = statement.where(tuple_(*ours).in_(keys))
        return statement.order_by(label).limit(MAX_LINKED)


@functools.lru_cache(maxsize=256)
def _select(mapping: ModelMapping, columns: tuple[str, ...], terms: tuple[OrderTerm, ...]) -> Select[Any]:
    """The part of a list's statement that its search and filters do not change."""
    wanted: dict[str, Any] = {f"_k{n}": mapping.columns[name] for n, name in enumerate(mapping.key)}
    wanted |= {f"_o{n}": term.column for n, term in enumerate(terms)}
    if mapping.version:
        wanted["_version"] = mapping.columns[mapping.version]
    source = mapping.source
    for name in columns:
        if name in mapping.columns:
            wanted[name] = mapping.columns[name]
            continue
        relation = mapping.relations[name]
        if relation.uselist:
            continue
        target = mapping_of(relation.mapper.class_)
        other = target.source.alias(f"r_{name}")
        pairs = relation.local_remote_pairs or []
        source = source.outerjoin(other, and_(*[local == other.c[str(remote.key)] for local, remote in pairs]))
        wanted[name] = other.c[str(target.columns[target.title].name)]
        wanted |= {f"_r_{name}_{n}": other.c[str(target.columns[key].name)] for n, key in enumerate(target.key)}
    return select(*[column.label(name) for name, column in wanted.items()]).select_from(source)
