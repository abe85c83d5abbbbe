"""Buckets give what their rate says and no more, in one process, in several, and while Redis is gone."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.auth.rates import MemoryLimiter, Rate, RedisLimiter, Take, open_limiter
from portal.rate import check_rate
from portal.redis_server import RedisServer
from tests.faults.proxy import proxy_before

ROOT = Path(__file__).parents[2]


class Clock:
    """Seconds, until a test moves them."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("600/minute", Rate(600, 60, 600)),
        ("10/second burst 50", Rate(10, 1, 50)),
        ("10 / second, burst 50", Rate(10, 1, 50)),
        (" 1/day ", Rate(1, 86400, 1)),
        ("1000000/hour", Rate(1_000_000, 3600)),
    ],
)
def test_a_rate_is_read_as_it_is_written(text, rate):
    assert Rate.parse(text) == rate
    assert check_rate(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "600", "600/min", "0/minute", "-1/minute", "1.5/second", "1000001/second", "5/minute burst 0", "６/minute"],
)
def test_what_is_no_rate_is_told_with_an_example(text):
    assert '"600/minute"' in (check_rate(text) or "")


@pytest.mark.anyio
async def test_a_full_bucket_gives_its_burst_and_then_one_at_a_time(clock):
    limiter, rate = MemoryLimiter(clock=clock), Rate(60, 60, burst=3)
    remaining = [(await limiter.take("a", rate)).remaining for _ in range(3)]
    refused = await limiter.take("a", rate)
    assert remaining == [2, 1, 0]
    assert (refused.allowed, refused.remaining, refused.limit) == (False, 0, 3)
    assert (refused.retry_after, refused.reset_after) == (1, 3)
    clock.now += 0.5
    assert (await limiter.take("a", rate)).retry_after == 0.5
    clock.now += 0.5
    assert (await limiter.take("a", rate)).allowed
    assert not (await limiter.take("a", rate)).allowed
    assert (await limiter.take("b", rate)).allowed


@pytest.mark.anyio
async def test_a_rest_fills_the_bucket_and_never_more(clock):
    limiter, rate = MemoryLimiter(clock=clock), Rate(1, 1, burst=5)
    await limiter.take("a", rate, cost=5)
    clock.now += 3600
    assert (await limiter.take("a", rate)).remaining == 4


@pytest.mark.anyio
async def test_of_several_buckets_all_are_charged_or_none(clock):
    limiter = MemoryLimiter(clock=clock)
    wide, narrow = Take("wide", Rate(10, 60)), Take("narrow", Rate(2, 60))
    for _ in range(2):
        assert all(verdict.allowed for verdict in await limiter.take_all([wide, narrow]))
    for _ in range(5):
        first, second = await limiter.take_all([wide, narrow])
        assert (first.allowed, first.remaining, second.allowed) == (True, 8, False)


@pytest.mark.anyio
async def test_a_bucket_whose_rate_was_made_narrower_is_at_most_empty(clock):
    limiter = MemoryLimiter(clock=clock)
    await limiter.take("a", Rate(10, 3600), cost=10)
    refused = await limiter.take("a", Rate(10, 60))
    assert refused.retry_after == 6


def test_what_no_bucket_of_the_rate_can_hold_is_a_mistake():
    with pytest.raises(ValueError, match="never"):
        Take("a", Rate(5, 60), cost=6)


@settings(max_examples=300, deadline=None)
@given(
    count=st.integers(1, 1000),
    seconds=st.sampled_from([1, 60, 3600, 86400]),
    burst=st.integers(1, 50),
    steps=st.lists(st.tuples(st.integers(0, 10_000_000), st.integers(1, 60)), min_size=1, max_size=60),
)
def test_no_row_of_requests_gets_more_than_the_rate_or_is_told_a_wrong_time(count, seconds, burst, steps):
    """However they are spaced: at most the burst and what was earned since; who waits as told is let in."""
    clock, rate = Clock(), Rate(count, seconds, burst)
    limiter = MemoryLimiter(clock=clock)
    began, taken = clock.now, 0

    async def run() -> None:
        nonlocal taken
        for pause, cost in steps:
            clock.now += pause / 1_000_000
            cost = min(cost, burst)
            verdict = await limiter.take("a", rate, cost)
            taken += cost * verdict.allowed
            assert taken <= burst + (clock.now - began) * count / seconds + 1e-3
            assert 0 <= verdict.remaining <= burst
            assert 0 <= verdict.reset_after <= rate.window
            assert (verdict.retry_after == 0) == verdict.allowed
            if not verdict.allowed:
                clock.now += verdict.retry_after + 2e-6
                assert (await limiter.take("a", rate, cost)).allowed
                taken += cost

    asyncio.run(run())


@pytest.mark.anyio
async def test_a_hundred_thousand_callers_leave_bounded_memory(clock):
    limiter, rate = MemoryLimiter(clock=clock, most_keys=1000), Rate(10, 60)
    for caller in range(100_000):
        await limiter.take(f"address:{caller}", rate)
    assert len(limiter) == 1000
    assert (await limiter.take("address:99999", rate)).remaining == 8
    clock.now += 61
    for caller in range(600):
        await limiter.take(f"later:{caller}", rate)
    assert len(limiter) <= 610, "full buckets are forgotten before anything else"


@pytest.mark.anyio
async def test_redis_and_memory_say_the_same(redis_server):
    rate = Rate(3, 3600)
    for limiter in (MemoryLimiter(), RedisLimiter(redis_server, patience=5)):
        takes = [Take("wide", Rate(10, 3600)), Take("narrow", rate)]
        said = [await limiter.take_all(takes) for _ in range(4)]
        assert [[verdict.allowed for verdict in row] for row in said] == [[True, True]] * 3 + [[True, False]]
        assert [[verdict.remaining for verdict in row] for row in said] == [[9, 2], [8, 1], [7, 0], [7, 0]]
        assert said[3][1].retry_after == pytest.approx(1200, abs=5)
        assert (await limiter.take("wide", Rate(10, 3600), cost=7)).remaining == 0
        assert not (await limiter.take("wide", Rate(10, 3600))).allowed


@pytest.mark.anyio
async def test_a_bucket_in_redis_is_gone_when_it_is_full(redis_server):
    limiter = RedisLimiter(redis_server, patience=5)
    await limiter.take("a", Rate(10, 60), cost=5)
    async with redis_server.asked() as redis:
        assert 29_000 < await redis.pttl(f"{redis_server.prefix}rate:a") <= 30_001
    await limiter.take("b", Rate(100, 1))
    await asyncio.sleep(0.05)
    async with redis_server.asked() as redis:
        assert not await redis.exists(f"{redis_server.prefix}rate:b")


TAKER = """
import asyncio, json, sys
from portal.auth.rates import Rate, RedisLimiter
from portal.redis_server import RedisServer

async def main():
    server = RedisServer(sys.argv[1], prefix=sys.argv[2], patience=20)
    await server.ping()
    limiter = RedisLimiter(server, patience=20)
    print("ready", flush=True)
    sys.stdin.readline()
    said = []
    for _ in range(10):
        said += await asyncio.gather(*(limiter.take("shared", Rate(150, 86400)) for _ in range(20)))
    await server.close()
    print(json.dumps([verdict.remaining for verdict in said if verdict.allowed]))

asyncio.run(main())
"""


@pytest.mark.anyio
async def test_two_processes_share_one_bucket_exactly(redis_server, redis_url):
    """400 ask for 150, from two processes: each of the 150 is given once, and no other."""
    command = [sys.executable, "-c", TAKER, redis_url, redis_server.prefix]
    pipes = {"stdin": PIPE, "stdout": PIPE}
    processes = [await asyncio.create_subprocess_exec(*command, cwd=ROOT, **pipes) for _ in range(2)]
    try:
        async with asyncio.timeout(60):
            assert [await process.stdout.readline() for process in processes] == [b"ready\n"] * 2
            said = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
    shares = [json.loads(output) for output, _ in said]
    assert sorted(shares[0] + shares[1]) == list(range(150))


@pytest.fixture
async def proxy(redis_url):
    host, _, port = redis_url.removeprefix("redis://").partition("/")[0].partition(":")
    async with proxy_before(host, int(port or 6379)) as made:
        yield made


@pytest.fixture
async def through_proxy(proxy, redis_server):
    server = RedisServer(f"redis://127.0.0.1:{proxy.port}", prefix=redis_server.prefix)
    yield server
    await server.close()


@pytest.mark.anyio
@pytest.mark.parametrize("fault", ["refuse", "hang"])
async def test_while_redis_is_gone_each_process_limits_by_itself(proxy, through_proxy, redis_server, caplog, fault):
    """Never no limit, never an error, at most one slow request a second, one line a minute; then Redis again."""
    clock, rate = Clock(), Rate(5, 3600)
    limiter = RedisLimiter(through_proxy, clock=clock)
    assert (await limiter.take("a", rate, cost=2)).remaining == 3
    if fault == "hang":
        proxy.hang()
    else:
        await proxy.refuse()
    loop = asyncio.get_running_loop()
    began = loop.time()
    alone = [(await limiter.take("a", rate)).allowed for _ in range(8)]
    assert loop.time() - began < 0.5
    assert alone == [True] * 5 + [False] * 3
    clock.now += 30
    assert not (await limiter.take("a", rate)).allowed
    assert len(caplog.records) == 1 and "Redis" in caplog.text
    clock.now += 31
    await limiter.take("a", rate)
    assert len(caplog.records) == 2
    await proxy.listen()
    clock.now += 0.5
    await limiter.take("too early", rate)
    clock.now += 0.6
    await limiter.take("late enough", rate)
    async with through_proxy.asked() as redis:
        found = [await redis.exists(f"{redis_server.prefix}rate:{key}") for key in ("too early", "late enough")]
    assert found == [0, 1], "asked again, but not within a second"


def test_redis_counts_where_there_is_one():
    assert isinstance(open_limiter(RedisServer("redis://localhost")), RedisLimiter)
    assert isinstance(open_limiter(None), MemoryLimiter)
