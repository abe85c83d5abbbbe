"""The shared Redis: opened when it is first asked, by each loop for itself; gone within half a second, back at once."""

import asyncio

import pytest

from portal.redis_server import CONNECTIONS, RedisGone, RedisServer
from tests.faults.proxy import proxy_before


@pytest.fixture
async def proxy(redis_url):
    host, _, port = redis_url.removeprefix("redis://").partition("/")[0].partition(":")
    async with proxy_before(host, int(port or 6379)) as made:
        yield made


@pytest.fixture
async def server(proxy):
    made = RedisServer(f"redis://127.0.0.1:{proxy.port}")
    yield made
    await made.close()


@pytest.mark.anyio
async def test_nothing_is_opened_before_it_is_asked():
    await RedisServer("redis://127.0.0.1:1").close()


@pytest.mark.anyio
async def test_a_connection_that_was_cut_while_it_rested_is_no_failure(proxy, server):
    await server.ping()
    proxy.cut()
    await asyncio.sleep(0.05)
    await server.ping()


@pytest.mark.anyio
async def test_a_server_that_is_not_there_is_gone_and_comes_back(proxy, server):
    await proxy.refuse()
    with pytest.raises(RedisGone) as gone:
        await server.ping()
    assert (gone.value.status, gone.value.code) == (503, "unavailable")
    await proxy.listen()
    await server.ping()


@pytest.mark.anyio
async def test_a_server_that_hangs_is_gone_in_half_a_second(proxy, server):
    await server.ping()
    proxy.hang()
    began = asyncio.get_running_loop().time()
    with pytest.raises(RedisGone):
        await server.ping()
    assert 0.4 < asyncio.get_running_loop().time() - began < 0.9
    await proxy.listen()
    await server.ping()


@pytest.mark.anyio
async def test_what_the_server_refuses_is_gone_too(server):
    """Full, read-only, loading: nothing was done, and another time it may be."""
    with pytest.raises(RedisGone):
        async with server.asked() as redis:
            await redis.execute_command("NO-SUCH-COMMAND")
    await server.ping()


@pytest.mark.anyio
async def test_what_the_asker_did_wrong_stays_what_it_was(server):
    with pytest.raises(ZeroDivisionError):
        async with server.asked():
            _ = 1 / 0


@pytest.mark.anyio
async def test_who_waits_for_the_others_is_not_out_of_patience(proxy):
    """Ten times as many as there are connections, each of which takes a tenth of a second."""
    server = RedisServer(f"redis://127.0.0.1:{proxy.port}", patience=0.5)

    async def ask() -> None:
        async with server.asked() as redis:
            await redis.ping()
            await asyncio.sleep(0.1)

    await asyncio.gather(*(ask() for _ in range(10 * CONNECTIONS)))
    await server.close()


def test_each_loop_has_connections_of_its_own(redis_url):
    server = RedisServer(redis_url)

    async def ask() -> None:
        await server.ping()
        await server.close()

    for _ in range(2):
        asyncio.run(ask())
