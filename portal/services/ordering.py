"""Dragging a row between two neighbours: one UPDATE, under a lock, or a refusal.

Positions are whole numbers with gaps. A row that is moved gets a number in the middle of the gap it lands in;
only when a gap is used up are the rows of that scope numbered anew. Positions need no unique index: the order is
(position, key).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.mapping import ModelMapping, Ordering, encode_key
from portal.errors import ConflictError, NotFound
from portal.i18n import _

GAP = 1024
"""Ten moves into the same place before the rows around it are numbered anew; leaves room for two million rows
in a 32-bit column."""

STALE = _("The order has changed in the meantime. Here it is as it is now; please move the row again.")


@dataclass(frozen=True)
class Place:
    """A row's place in the order."""

    key: tuple[Any, ...]
    position: int


class Sequence:
    """The rows of one scope in their order."""

    def __init__(self, session: AsyncSession, mapping: ModelMapping, scope: Any) -> None:
        ordering = mapping.ordering
        if ordering is None:
            raise NotFound
        self.session = session
        self.mapping = mapping
        self.ordering: Ordering = ordering
        self.position = mapping.columns[ordering.attribute]
        self.keys = [mapping.columns[name] for name in mapping.key]
        self._scope = scope

    @property
    def scope(self) -> list[ColumnElement[bool]]:
        if self.ordering.within is None:
            return []
        column = self.mapping.columns[self.ordering.within]
        return [column.is_(None) if self._scope is None else column == self._scope]

    async def move(self, moved: Place, after: Place | None, before: Place | None) -> None:
        """Put `moved` between its two new neighbours; `ConflictError` when they are no longer adjacent."""
        await self._check_adjacent(moved, after, before)
        position = self._between(after, before)
        if position is None:
            await self._space_out(moved.key)
            after = await self._fresh(after)
            before = await self._fresh(before)
            position = self._between(after, before)
        if position is None:  # spacing out always leaves room
            raise ConflictError(STALE)
        await self._write([{"p": position, **self._bound(moved.key)}])

    async def last(self) -> int:
        """The position of a row that is added at the end."""
        statement = select(func.max(self.position)).select_from(self.mapping.source).where(*self.scope)
        highest = (await self.session.execute(statement)).scalar_one_or_none()
        return (highest if highest is not None else 0) + GAP

    async def neighbours(
        self, moved: Place, where: str, number: int | None = None
    ) -> tuple[Place | None, Place | None]:
        """The neighbours to be, for a move said in words: `up`, `down`, `top`, `bottom`, or a 1-based `number`."""
        others = self._others(moved)
        if where == "top":
            return None, await self._one(others.order_by(*self._forward()))
        if where == "bottom":
            return await self._one(others.order_by(*self._backward())), None
        if where == "to":
            skip = max((number or 1) - 1, 0)
            around = others.order_by(*self._forward()).offset(max(skip - 1, 0)).limit(2)
            found = [self._place(item) for item in await self.session.execute(around)]
            if skip == 0:
                return None, found[0] if found else None
            if not found:
                return await self._one(others.order_by(*self._backward())), None
            return found[0], found[1] if len(found) > 1 else None
        if where == "up":
            above = others.where(self._before(moved)).order_by(*self._backward()).limit(2)
            found = [self._place(item) for item in await self.session.execute(above)]
            if not found:
                return await self.neighbours(moved, "top")
            return found[1] if len(found) > 1 else None, found[0]
        below = others.where(self._after(moved)).order_by(*self._forward()).limit(2)
        found = [self._place(item) for item in await self.session.execute(below)]
        if not found:
            return await self.neighbours(moved, "bottom")
        return found[0], found[1] if len(found) > 1 else None

    async def beside(self, place: Place, moved: Place, *, forward: bool) -> Place | None:
        """The row next to another one, the moved row apart."""
        beyond = self._after(place) if forward else self._before(place)
        direction = self._forward() if forward else self._backward()
        return await self._one(self._others(moved).where(beyond).order_by(*direction))

    async def place(self, key: Mapping[str, Any]) -> Place | None:
        """The locked place of a row, if it is in this scope."""
        statement = self._select().where(*self.scope)
        statement = statement.where(*[self.mapping.columns[name] == value for name, value in key.items()])
        return await self._one(statement.with_for_update())

    def _between(self, after: Place | None, before: Place | None) -> int | None:
        if after is None and before is None:
            return GAP
        if after is None and before is not None:
            return before.position - GAP
        if before is None and after is not None:
            return after.position + GAP
        low, high = after.position, before.position  # type: ignore[union-attr]  # both are there
        return (low + high) // 2 if high - low > 1 else None

    async def _check_adjacent(self, moved: Place, after: Place | None, before: Place | None) -> None:
        if after is not None and before is not None and self._key(after) >= self._key(before):
            raise ConflictError(STALE)
        others = self._others(moved)
        if after is not None:
            others = others.where(self._after(after))
        if before is not None:
            others = others.where(self._before(before))
        if (await self.session.execute(others.limit(1))).first() is not None:
            raise ConflictError(STALE)

    async def _space_out(self, moved: tuple[Any, ...]) -> None:
        """Number the whole scope anew, leaving the moved row where it is in the order."""
        statement = self._select().where(*self.scope).order_by(*self._forward()).with_for_update()
        places = [self._place(item) for item in await self.session.execute(statement)]
        await self._write([{"p": (n + 1) * GAP, **self._bound(place.key)} for n, place in enumerate(places)])

    async def _fresh(self, place: Place | None) -> Place | None:
        if place is None:
            return None
        return await self.place(dict(zip(self.mapping.key, place.key, strict=True)))

    async def _write(self, parameters: list[dict[str, Any]]) -> None:
        table = self.position.table
        kept = {column.name: column for column in table.columns if column.onupdate is not None}
        statement = update(table).values({**kept, self.position.name: bindparam("p")})  # no content was changed
        statement = statement.where(*[column == bindparam(f"k{n}") for n, column in enumerate(self.keys)])
        connection = await self.session.connection()
        await connection.execute(statement, parameters)

    def _bound(self, key: tuple[Any, ...]) -> dict[str, Any]:
        return {f"k{n}": value for n, value in enumerate(key)}

    def _select(self) -> Select[Any]:
        return select(*self.keys, self.position).select_from(self.mapping.source)

    def _others(self, moved: Place) -> Select[Any]:
        own = and_(*[column == value for column, value in zip(self.keys, moved.key, strict=True)])
        return self._select().where(*self.scope, ~own)

    def _forward(self) -> list[Any]:
        return [self.position.asc(), *[column.asc() for column in self.keys]]

    def _backward(self) -> list[Any]:
        return [self.position.desc(), *[column.desc() for column in self.keys]]

    def _after(self, place: Place) -> ColumnElement[bool]:
        return self._compare(place, forward=True)

    def _before(self, place: Place) -> ColumnElement[bool]:
        return self._compare(place, forward=False)

    def _compare(self, place: Place, *, forward: bool) -> ColumnElement[bool]:
        steps = []
        pairs = [(self.position, place.position), *zip(self.keys, place.key, strict=True)]
        for n, (column, value) in enumerate(pairs):
            ties = [other == same for other, same in pairs[:n]]
            steps.append(and_(*ties, column > value if forward else column < value))
        return or_(*steps)

    def _key(self, place: Place) -> tuple[Any, ...]:
        return (place.position, *place.key)

    def _place(self, item: Any) -> Place:
        *key, position = item
        return Place(tuple(key), position)

    async def _one(self, statement: Select[Any]) -> Place | None:
        item = (await self.session.execute(statement.limit(1))).first()
        return None if item is None else self._place(item)

    def text(self, place: Place) -> str:
        return encode_key(list(place.key))
