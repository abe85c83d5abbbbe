"""Where values are kept: a store finds a value together with the present tokens of its tags.

A tag's token is random and changes when the tag is invalidated. A value is good only under the tokens that stood
before it was made, so that nothing read before a change is ever taken for what is there after it.
"""

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple, Protocol

from cashews.backends.memory import Memory

from portal.cache.entries import Entry

EVERYTHING = "*"
"""The tag every value has."""

MOST = 10_000
"""Values and tokens one process keeps; the longest unused go first."""


class StoreGone(Exception):
    """The store does not answer."""


class Found(NamedTuple):
    """What a look into the store brought."""

    entry: Entry | None
    tokens: tuple[str, ...]


class Store(Protocol):
    """Keeps entries. Whatever it can't do raises `StoreGone`."""

    async def look(self, name: str, tags: Sequence[str]) -> Found:
        """The entry of that name, if it is good under its tags, and their tokens."""

    async def put(self, name: str, entry: Entry, seconds: float) -> None: ...

    async def remove(self, name: str) -> None: ...

    async def invalidate(self, tags: Iterable[str]) -> None:
        """Give these tags new tokens, now or, where the store is gone, before it is next looked into."""

    def turn(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Whether it is for us to make the value of that name, and nobody else's until the end of the block."""

    async def close(self) -> None: ...


def new_token() -> str:
    return f"t{secrets.token_hex(8)}"


class MemoryStore:
    """Keeps entries in this process. Nothing here is waited for, so its steps need no lock."""

    def __init__(self) -> None:
        # Without cashews' own task, which would outlive whoever forgets to close: what has ended goes when it is
        # asked for or is the longest unused.
        self._memory = Memory(size=MOST, check_interval=0)

    async def look(self, name: str, tags: Sequence[str]) -> Found:
        tokens = tuple([await self._token(tag) for tag in tags])
        entry = await self._memory.get(_value(name))
        return Found(entry if entry is not None and entry.tokens == tokens else None, tokens)

    async def put(self, name: str, entry: Entry, seconds: float) -> None:
        await self._memory.set(_value(name), entry, expire=seconds)

    async def remove(self, name: str) -> None:
        await self._memory.delete(_value(name))

    async def invalidate(self, tags: Iterable[str]) -> None:
        for tag in tags:
            await self._memory.delete(_tag(tag))

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[bool]:
        """Always: within a process, callers share one making of a value anyway."""
        yield True

    async def close(self) -> None:
        await self._memory.clear()

    async def _token(self, tag: str) -> str:
        token = await self._memory.get(_tag(tag))
        if token is None:
            token = new_token()
            await self._memory.set(_tag(tag), token)
        return str(token)


def _value(name: str) -> str:
    return f"value:{name}"


def _tag(tag: str) -> str:
    return f"tag:{tag}"
