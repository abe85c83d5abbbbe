"""A TCP proxy that does to a server's connections what networks do: refuse, cut, hang."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Stands before a server; what it passes on in one piece counts as one message."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._left: int | None = None
        self._hangs = self._refuses = False
        self._delay = 0.0
        self._flows = asyncio.Event()
        self._flows.set()
        self.hanging = asyncio.Event()
        self.port = 0
        self.passed = 0
        """Messages in both directions since the last `after`."""

    # -- faults

    async def refuse(self) -> None:
        """Nobody listens any more, and who was connected is cut off."""
        assert self._listener is not None
        self._listener.close()
        self.cut()

    async def listen(self) -> None:
        """All is well again."""
        self._left, self._hangs, self._refuses, self._delay = None, False, False, 0.0
        self._flows.set()
        self.hanging.clear()
        if self._listener is None or not self._listener.is_serving():
            self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    def hang(self) -> None:
        """Connections stay and are taken, but nothing passes."""
        self._flows.clear()
        self.hanging.set()

    def slow(self, seconds: float) -> None:
        """Each message takes so much longer."""
        self._delay = seconds

    def after(self, messages: int, *, hang: bool = False, refuse: bool = False) -> None:
        """Pass so many messages, then cut everybody off, or hang, or cut and let nobody in any more."""
        self.passed, self._left, self._hangs, self._refuses = 0, messages, hang, refuse

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    # -- passing on

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there[1]}
        for source, sink in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(self._pass(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(1 << 16):
                if self._is_over():
                    return
                await asyncio.sleep(self._delay)
                await self._flows.wait()
                sink.write(piece)
                await sink.drain()
        sink.close()
        self._writers.discard(sink)

    def _is_over(self) -> bool:
        self.passed += 1
        if self._left is None or self.passed <= self._left:
            return False
        self._left = None
        if self._hangs:
            self.hang()
            return False
        if self._refuses and self._listener is not None:
            self._listener.close()
        self.cut()
        return True

    async def close(self) -> None:
        await self.refuse()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def proxy_before(host: str, port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(host, port)
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.close()
