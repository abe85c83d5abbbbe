"""Sends an object of the storage piece by piece, each fetched in a thread when the one before has gone."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from anyio import CancelScope

from portal.errors import StorageError
from portal.uploads.storage import Storage
from portal.uploads.threads import in_thread
from portal.web.asgi import Receive, Send

NOTHING = {"Cache-Control": "no-store", "Content-Length": "0"}
"""The headers of an answer without a body, which nobody needs to remember."""


class CutOff(Exception):
    """The storage stopped in the middle: the connection has to break, or half a file would look like a whole one."""


class Reading:
    """Some bytes of an object, opened on entry and closed whatever happens.

    Entering raises what the storage has to say, so that it can still be answered properly.
    """

    def __init__(self, storage: Storage, key: str, part: range) -> None:
        self._storage = storage
        self._key = key
        self._left = len(part)
        self._start = part.start
        self._pieces: Iterator[bytes] = iter(())
        self._first = b""

    async def __aenter__(self) -> Self:
        await in_thread(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with CancelScope(shield=True):
            await in_thread(self._close)

    async def next(self) -> bytes:
        """The next piece, empty at the end; `CutOff` when there is less than was announced."""
        if not self._left:
            return b""
        try:
            piece, self._first = self._first or await in_thread(next, self._pieces, b""), b""
        except (StorageError, OSError) as error:
            raise CutOff from error
        if not piece:
            raise CutOff
        piece = piece[: self._left]
        self._left -= len(piece)
        return piece

    def _open(self) -> None:
        self._pieces = self._storage.read(self._key, self._start, self._left or None)
        try:
            self._first = next(self._pieces, b"") if self._left else b""
            if self._left and not self._first:
                raise StorageError
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        close = getattr(self._pieces, "close", None)
        if close is not None:
            with contextlib.suppress(StorageError, OSError):  # all that was wanted has been read
                close()


async def send_answer(send: Send, status: int, headers: Mapping[str, str]) -> None:
    """An answer without a body."""
    await _start(send, status, headers)
    await send({"type": "http.response.body", "body": b""})


async def send_pieces(send: Send, receive: Receive, status: int, headers: Mapping[str, str], reading: Reading) -> None:
    """Exactly the announced length or a broken connection; stops when nobody listens any more."""
    await _start(send, status, headers)
    gone = asyncio.ensure_future(_leave(receive))
    try:
        while piece := await reading.next():
            if gone.done():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _leave(receive: Receive) -> None:
    """Returns when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
