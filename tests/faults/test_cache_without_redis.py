"""Redis goes away and comes back: functions run as if there were no cache, and nothing old is answered later."""

import asyncio
import itertools
import logging
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from portal.cache import Cache, cached
from portal.cache.redis_connections import PATIENCE
from portal.cache.redis_store import RedisStore
from tests.caches import PATIENT, redis_store
from tests.faults.proxy import Proxy, proxy_before

pytestmark = pytest.mark.anyio

REST = 0.3


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is left alone for a shorter while than in life."""
    monkeypatch.setattr("portal.cache.redis_connections.REST", REST)


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[Proxy]:
    parts = urlsplit(redis_url)
    async with proxy_before(parts.hostname or "127.0.0.1", parts.port or 6379) as proxy:
        yield proxy


@pytest.fixture
async def store(redis_url: str, proxy: Proxy) -> AsyncIterator[RedisStore]:
    """Behind the proxy, with the patience it has in life."""
    key = secrets.token_bytes(32)
    async with redis_store(redis_url, key):  # which takes everything away afterwards
        store = RedisStore(f"redis://127.0.0.1:{proxy.port}", key, patience=PATIENCE * 2)
        yield store
        await proxy.listen()
        await store.close()


@pytest.fixture
def runs() -> list[int]:
    return []


@pytest.fixture
def function(runs: list[int]) -> Any:
    @cached(ttl=60, tags=("article",), scope="public")
    async def function() -> int:
        runs.append(len(runs) + 1)
        await asyncio.sleep(0.01)
        return len(runs)

    return function


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("fault", ["refuse", "hang"])
async def test_a_redis_that_is_gone_costs_one_short_wait_and_one_warning(
    proxy: Proxy, store: RedisStore, function: Any, runs: list[int], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Cache(store).serving(None):
        assert (await function(), await function()) == (1, 1)
        await proxy.refuse() if fault == "refuse" else proxy.hang()
        began = time.monotonic()
        await asyncio.gather(*[function() for _ in range(50)])
        assert time.monotonic() - began < PATIENCE * 2 + 2  # what a busy machine takes besides
        assert len(runs) < 10  # callers at the same time still share a run
        runs_before = len(runs)
        for _ in range(5):
            await function()
        assert len(runs) == runs_before + 5
        await asyncio.sleep(REST)
        await function()  # tried again in vain
    assert len(warnings(caplog)) == 1 and "Redis does not answer" in warnings(caplog)[0]


@pytest.mark.parametrize("fault", ["refuse", "hang"])
async def test_it_is_used_again_when_it_is_back(
    proxy: Proxy, store: RedisStore, function: Any, runs: list[int], fault: str
) -> None:
    with Cache(store).serving(None):
        await function()
        await proxy.refuse() if fault == "refuse" else proxy.hang()
        await function()
        await proxy.listen()
        await asyncio.sleep(REST)
        assert await function() == 1  # what was kept before, and nothing has changed
        assert len(runs) == 2


async def test_what_changed_while_it_was_gone_is_forgotten_when_it_is_back(
    proxy: Proxy, store: RedisStore, function: Any, runs: list[int]
) -> None:
    cache = Cache(store)
    with cache.serving(None):
        await function()
        await proxy.refuse()
        await cache.invalidate("article")
        await proxy.listen()
        await asyncio.sleep(REST)
        assert [await function(), await function()] == [2, 2]


async def test_more_changes_than_can_be_remembered_forget_everything(
    proxy: Proxy, store: RedisStore, function: Any, runs: list[int]
) -> None:
    cache = Cache(store)
    with cache.serving(None):
        await function()
        await proxy.refuse()
        await cache.invalidate(*[f"article:{number}" for number in range(5000)])
        await proxy.listen()
        await asyncio.sleep(REST)
        assert [await function(), await function()] == [2, 2]


async def test_cut_off_after_any_message_no_caller_sees_an_error(proxy: Proxy, store: RedisStore) -> None:
    cache, numbers = Cache(store), itertools.count()

    @cached(ttl=60, tags=("article:{number}",), scope="public")
    async def function(number: int) -> dict[str, int]:
        next(numbers)
        return {"number": number}

    with cache.serving(None):
        for messages in range(1, 25):
            await asyncio.sleep(0.05)
            proxy.after(messages)
            found = await asyncio.gather(*[function(messages) for _ in range(5)])
            assert found == [{"number": messages}] * 5
            await cache.invalidate(f"article:{messages}")
            await proxy.listen()


# -- servers of the tests' own


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A Redis that can be killed."""

    def __init__(self, folder: Path, *, cluster: bool) -> None:
        self.port = free_port()
        self._options = ["--cluster-enabled", "yes", "--cluster-port", str(free_port())] if cluster else []
        self._folder = folder
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--save", "", "--dir", str(self._folder), *self._options],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("redis-server does not listen")

    def ask(self, *words: str) -> str:
        return subprocess.run(
            ["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, check=True
        ).stdout

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine to kill: apt-get install redis-server")
    server = Server(tmp_path, cluster=getattr(request, "param", "") == "cluster")
    yield server
    server.kill()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Cache]:
    """In use, by nobody."""
    cache = Cache(RedisStore(url, b"k" * 32, patience=PATIENT))
    with cache.serving(None):
        yield cache
    await cache.close()


async def test_a_redis_that_was_killed_and_came_back_empty_is_filled_again(
    own: Server, function: Any, runs: list[int]
) -> None:
    async with opened(own.url):
        assert [await function(), await function()] == [1, 1]
        own.kill()
        assert [await function(), await function()] == [2, 3]
        own.start()
        await asyncio.sleep(REST)
        assert [await function(), await function()] == [4, 4]


async def test_a_full_redis_is_like_none(own: Server, function: Any, runs: list[int]) -> None:
    own.ask("config", "set", "maxmemory", "1")
    async with opened(own.url):
        assert [await function(), await function()] == [1, 2]
        own.ask("config", "set", "maxmemory", "0")
        await asyncio.sleep(REST)
        assert [await function(), await function()] == [3, 3]


@pytest.mark.parametrize("own", ["cluster"], indirect=True)
async def test_a_cluster_keeps_values_by_slots(own: Server) -> None:
    own.ask("cluster", "addslotsrange", "0", "16383")
    until = time.monotonic() + 10
    while "cluster_state:ok" not in own.ask("cluster", "info"):
        assert time.monotonic() < until
        await asyncio.sleep(0.05)
    numbers = itertools.count()

    @cached(ttl=60, tags=("article:{number}", "article"), scope="public")
    async def function(number: int) -> list[int]:
        return [number, next(numbers)]

    async with opened(f"{own.url}?cluster=true") as cache:
        first = [await function(number) for number in range(20)]
        assert [await function(number) for number in range(20)] == first
        assert len(await asyncio.gather(*[function(50) for _ in range(100)])) == 100 and next(numbers) == 21
        await cache.invalidate("article:3", "article:4")
        changed = [number for number in range(20) if await function(number) != first[number]]
        assert changed == [3, 4]
