"""What may be used once is used once: by whoever comes first, on every store, in whatever process."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.auth.nonces import PURGE_EVERY, RedisNonces, TableNonces, open_nonces
from portal.db.engine import Database, is_unavailable
from portal.db.model import Model
from portal.models.nonce import Nonce
from portal.redis_server import RedisGone, RedisServer
from tests.faults.proxy import proxy_before

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.anyio


class Clock:
    """A moment, until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def ticks(self) -> float:
        return self.now.timestamp()

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(database_url):
    """A database with the table; the test runs on each kind."""
    opened = Database(database_url)
    async with opened.engine.begin() as connection:
        await connection.run_sync(lambda bound: Model.metadata.create_all(bound, [Nonce.__table__]))
    yield opened
    await opened.dispose()


@pytest.fixture
def in_table(database, clock):
    return TableNonces(database, clock=clock, ticks=clock.ticks)


async def count(database: Database) -> int:
    async with database.read() as db:
        return await db.scalar(select(func.count()).select_from(Nonce))


async def test_a_nonce_is_used_once_in_its_scope(in_table):
    assert await in_table.use("key-1", "n" * 20, 600)
    assert not await in_table.use("key-1", "n" * 20, 600)
    assert await in_table.use("key-2", "n" * 20, 600)
    assert await in_table.use("key-1", "N" * 20, 600), "cases are different nonces"


async def test_redis_remembers_as_the_table_does(redis_server):
    in_redis = RedisNonces(redis_server)
    assert await in_redis.use("key-1", "n" * 20, 600)
    assert not await in_redis.use("key-1", "n" * 20, 600)
    assert await in_redis.use("key-2", "n" * 20, 600)
    assert await in_redis.use("key-1", "brief", 1)
    await asyncio.sleep(1.2)
    assert await in_redis.use("key-1", "brief", 1)


@pytest.mark.parametrize("pair", [("ab", "c"), ("1:a", ""), ("", "\0"), ("键", "\udcff"), ("x" * 300, "y" * 100_000)])
async def test_no_two_pairs_are_taken_for_one(redis_server, pair):
    in_redis = RedisNonces(redis_server)
    assert await in_redis.use("a", "bc", 60)
    assert await in_redis.use("", "1:a", 60)
    assert await in_redis.use(*pair, 60)
    assert not await in_redis.use(*pair, 60)


async def test_an_expired_nonce_may_come_again_and_of_many_one_has_it(in_table, clock):
    assert await in_table.use("key", "n", 600)
    clock.forward(599)
    assert not await in_table.use("key", "n", 600)
    clock.forward(1)
    assert sorted(await asyncio.gather(*(in_table.use("key", "n", 600) for _ in range(5)))) == [False] * 4 + [True]


async def test_expired_nonces_are_removed_now_and_then(in_table, database, clock):
    for number in range(5):
        await in_table.use("key", f"n{number}", 30)
    await in_table.use("key", "long", 600)
    clock.forward(PURGE_EVERY - 1)
    await in_table.use("key", "last", 600)
    assert await count(database) == 7
    clock.forward(2)
    await in_table.use("key", "more", 600)
    assert await count(database) == 3
    assert not await in_table.use("key", "long", 600)


USER = """
import asyncio, json, sys
from portal.auth.nonces import RedisNonces, TableNonces
from portal.db.engine import Database
from portal.redis_server import RedisServer

async def main():
    kind, address, prefix = sys.argv[1:]
    store = Database(address) if kind == "table" else RedisServer(address, prefix=prefix, patience=5)
    nonces = TableNonces(store) if kind == "table" else RedisNonces(store)
    await nonces.use("warm", prefix + str(id(store)), 60)
    print("ready", flush=True)
    sys.stdin.readline()
    said = [await asyncio.gather(*(nonces.use("race", f"n{turn}", 600) for _ in range(3))) for turn in range(40)]
    await (store.dispose() if kind == "table" else store.close())
    print(json.dumps([sum(row) for row in said]))

asyncio.run(main())
"""


async def race(*arguments: str) -> list[list[int]]:
    """How often each of forty nonces was had by two processes, each of which asks three times at once."""
    command = [sys.executable, "-c", USER, *arguments]
    processes = [await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE) for _ in range(2)]
    try:
        async with asyncio.timeout(60):
            assert [await process.stdout.readline() for process in processes] == [b"ready\n"] * 2
            said = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
    return [json.loads(output) for output, _ in said]


async def test_of_two_processes_exactly_one_has_each_nonce_in_the_table(database, database_url):
    first, second = await race("table", database_url, "")
    assert [sum(pair) for pair in zip(first, second, strict=True)] == [1] * 40


async def test_of_two_processes_exactly_one_has_each_nonce_in_redis(redis_server, redis_url):
    first, second = await race("redis", redis_url, redis_server.prefix)
    assert [sum(pair) for pair in zip(first, second, strict=True)] == [1] * 40


@pytest.mark.parametrize("fault", ["refuse", "hang"])
async def test_without_redis_nothing_counts_as_unused(redis_server, redis_url, fault):
    """SECURITY 1.9: if the nonce store is gone, refuse; within half a second."""
    host, _, port = redis_url.removeprefix("redis://").partition("/")[0].partition(":")
    async with proxy_before(host, int(port or 6379)) as proxy:
        server = RedisServer(f"redis://127.0.0.1:{proxy.port}", prefix=redis_server.prefix)
        nonces = RedisNonces(server)
        assert await nonces.use("key", "first", 60)
        if fault == "hang":
            proxy.hang()
        else:
            await proxy.refuse()
        began = asyncio.get_running_loop().time()
        with pytest.raises(RedisGone) as gone:
            await nonces.use("key", "second", 60)
        assert asyncio.get_running_loop().time() - began < 0.8
        assert gone.value.status == 503
        await proxy.listen()
        assert not await nonces.use("key", "first", 60)
        await server.close()


async def test_without_the_database_nothing_counts_as_unused():
    database = Database("mysql+asyncmy://root@127.0.0.1:1/nowhere")
    with pytest.raises(Exception, match="connect") as gone:
        await TableNonces(database).use("key", "n", 60)
    assert is_unavailable(gone.value)
    await database.dispose()


async def test_redis_is_asked_where_there_is_one(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")
    assert isinstance(open_nonces(database, None), TableNonces)
    assert isinstance(open_nonces(database, RedisServer("redis://localhost")), RedisNonces)
    await database.dispose()
