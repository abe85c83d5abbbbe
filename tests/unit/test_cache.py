"""What the cache promises of one value, in memory and in Redis alike."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.cache import Cache, Cached, cached
from portal.cache.entries import GRACE, RETRY
from portal.errors import NotFound, Unavailable
from tests.caches import Clock, memory_cache, redis_cache

pytestmark = pytest.mark.anyio

TTL, SOFT = 100.0, 10.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Cache]:
    """In use, by nobody in particular."""
    opened = (
        memory_cache(clock) if request.param == "memory" else redis_cache(request.getfixturevalue("redis_url"), clock)
    )
    async with opened as cache:
        with cache.serving(None):
            yield cache


class Source:
    """What a cached function reads: a value that changes, fails and takes its time as a test says."""

    def __init__(self, value: Any = "old") -> None:
        self.value = value
        self.runs = 0
        self.failing: Exception | None = None
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.reading = asyncio.Event()

    async def read(self) -> Any:
        self.runs += 1
        value = self.value
        self.reading.set()
        await self.goes_on.wait()
        if self.failing is not None:
            raise self.failing
        return value

    def hold(self) -> None:
        """Who reads from now on waits for `goes_on`."""
        self.goes_on.clear()
        self.reading.clear()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def function(source: Source) -> Cached[[], Any]:
    @cached(ttl=TTL, soft=SOFT, tags=("article",), jitter=0)
    async def function() -> Any:
        return await source.read()

    return function


def flights() -> list[asyncio.Task[Any]]:
    """What goes on behind the callers."""
    return [task for task in asyncio.all_tasks() if "Cache." in str(task.get_coro())]


async def settle(source: Source, runs: int) -> None:
    """Wait for so many runs, and that what they brought is kept."""
    for _ in range(200):
        await asyncio.sleep(0.01)
        if source.runs == runs and not flights():
            return
    raise AssertionError(f"{source.runs} runs")


@pytest.mark.parametrize("value", [None, [], "", 0, False, {}], ids=repr)
async def test_a_value_is_kept_also_where_it_is_none_or_empty(
    cache: Cache, source: Source, function: Any, value
) -> None:
    source.value = value
    assert [await function(), await function()] == [value, value]
    assert source.runs == 1


async def test_a_hundred_callers_on_a_cold_key_run_it_once(cache: Cache, source: Source, function: Any) -> None:
    source.value = {"rows": list(range(1000))}
    source.hold()
    callers = [asyncio.create_task(function()) for _ in range(100)]
    await source.reading.wait()
    source.goes_on.set()
    assert await asyncio.gather(*callers) == [source.value] * 100
    assert source.runs == 1


async def test_callers_can_change_what_they_got_and_nobody_else_sees_it(cache: Cache, source: Source, function) -> None:
    source.value = ["tea"]
    first, second = await asyncio.gather(function(), function())
    first.append("coffee")
    assert (second, await function()) == (["tea"], ["tea"])


async def test_on_an_old_key_all_get_the_old_value_at_once_while_one_makes_the_next(
    cache: Cache, source: Source, function: Any, clock: Clock
) -> None:
    await function()
    clock.pass_by(SOFT)
    source.value = "new"
    source.hold()
    assert await asyncio.gather(*[function() for _ in range(100)]) == ["old"] * 100
    await source.reading.wait()
    source.goes_on.set()
    await settle(source, 2)
    assert (await function(), source.runs) == ("new", 2)


async def test_after_its_time_callers_wait_for_the_next_value(
    cache: Cache, source: Source, function: Any, clock: Clock
) -> None:
    await function()
    clock.pass_by(TTL)
    source.value = "new"
    assert await asyncio.gather(*[function() for _ in range(100)]) == ["new"] * 100
    assert source.runs == 2


@pytest.mark.parametrize("late", [SOFT, TTL, TTL + GRACE - 1], ids=["soft", "ttl", "last moment"])
async def test_where_the_next_value_fails_the_old_one_is_good_for_fifteen_minutes_more(
    cache: Cache, source: Source, function: Any, clock: Clock, late: float, caplog: pytest.LogCaptureFixture
) -> None:
    await function()
    source.failing = OSError("the disk is gone")
    clock.pass_by(late)
    assert await asyncio.gather(*[function() for _ in range(100)]) == ["old"] * 100
    await settle(source, 2)
    clock.pass_by(TTL + GRACE - late - 0.5)
    assert await function() == "old"
    await settle(source, 2 if late > TTL else 3)
    clock.pass_by(1)
    with pytest.raises(OSError, match="the disk is gone"):
        await function()
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1 and "function" in told[0].getMessage()


async def test_a_failing_function_is_not_tried_by_every_caller(
    cache: Cache, source: Source, function: Any, clock: Clock
) -> None:
    await function()
    source.failing = Unavailable()
    clock.pass_by(SOFT)
    await function()
    await settle(source, 2)
    assert [await function() for _ in range(20)] == ["old"] * 20
    assert source.runs == 2
    source.failing, source.value = None, "new"
    clock.pass_by(RETRY)
    assert await function() == "old"
    await settle(source, 3)
    assert await function() == "new"


async def test_a_refusal_is_an_answer_and_no_failure(cache: Cache, source: Source, function: Any, clock: Clock) -> None:
    await function()
    clock.pass_by(TTL)
    source.failing = NotFound()
    for _ in range(2):
        with pytest.raises(NotFound):
            await function()


async def test_without_an_old_value_the_error_is_told_to_all_callers(cache: Cache, source: Source, function) -> None:
    source.failing = OSError("no")
    source.hold()
    callers = [asyncio.create_task(function()) for _ in range(10)]
    await source.reading.wait()
    source.goes_on.set()
    found = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(error) for error in found] == [OSError] * 10 and source.runs == 1
    source.failing = None
    assert await function() == "old"


async def test_the_first_caller_may_leave_without_harm_to_the_others(cache: Cache, source: Source, function) -> None:
    source.hold()
    first, second = asyncio.create_task(function()), asyncio.create_task(function())
    await source.reading.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    source.goes_on.set()
    assert (await second, await function(), source.runs) == ("old", "old", 1)


async def test_a_value_all_of_whose_callers_left_is_kept_all_the_same(cache: Cache, source: Source, function) -> None:
    source.hold()
    only = asyncio.create_task(function())
    await source.reading.wait()
    only.cancel()
    source.goes_on.set()
    await settle(source, 1)
    assert (await function(), source.runs) == ("old", 1)


async def test_values_of_one_time_end_at_different_times(cache: Cache, clock: Clock) -> None:
    runs: list[int] = []

    @cached(ttl=100, jitter=0.5)
    async def function(number: int) -> int:
        runs.append(number)
        return number

    for number in range(40):
        await function(number)
    clock.pass_by(75)
    for number in range(40):
        await function(number)
    assert 45 < len(runs) < 75  # about half of them have ended
    runs.clear()
    clock.pass_by(100)
    for number in range(40):
        await function(number)
    assert len(runs) == 40


# -- tags


async def test_tags_forget_what_was_made_from_them_and_nothing_else(cache: Cache) -> None:
    runs: list[str] = []

    @cached(ttl=TTL, tags=("article:{number}", "article"))
    async def article(number: int) -> int:
        runs.append(f"article {number}")
        return number

    @cached(ttl=TTL, tags=lambda placement: [f"banner:{placement}"])
    async def banners(placement: str) -> str:
        runs.append(placement)
        return placement

    async def ask() -> list[str]:
        runs.clear()
        await asyncio.gather(article(1), article(2), banners("home"), banners("app"))
        return sorted(runs)

    assert len(await ask()) == 4
    assert await ask() == []
    await cache.invalidate("article:1")
    assert await ask() == ["article 1"]
    await cache.invalidate("article", "banner:app")
    assert await ask() == ["app", "article 1", "article 2"]
    await cache.clear()
    assert len(await ask()) == 4


async def test_what_was_read_before_a_change_is_not_kept_after_it(cache: Cache, source: Source, function) -> None:
    source.hold()
    early = asyncio.create_task(function())
    await source.reading.wait()
    source.value = "new"
    await cache.invalidate("article")
    source.goes_on.set()
    assert await early == "old"  # asked before the change
    assert await function() == "new"
    assert await function() == "new" and source.runs == 2


async def test_who_asks_after_a_change_is_not_given_what_was_begun_before_it(
    cache: Cache, source: Source, function: Any
) -> None:
    source.hold()
    early = asyncio.create_task(function())
    await source.reading.wait()
    source.value = "new"
    await cache.invalidate("article")
    late = asyncio.create_task(function())
    await asyncio.sleep(0.05)
    source.goes_on.set()
    assert (await early, await late, await function()) == ("old", "new", "new")


async def test_what_was_forgotten_does_not_come_back_where_the_next_value_fails(
    cache: Cache, source: Source, function: Any
) -> None:
    await function()
    await cache.invalidate("article")
    source.failing = OSError("no")
    with pytest.raises(OSError):
        await function()


async def test_a_committed_change_forgets_its_table_and_its_rows(cache: Cache) -> None:
    from portal.services.changes import Change, announce

    runs: list[str] = []

    @cached(ttl=TTL, tags=("{tag}",))
    async def function(tag: str) -> str:
        runs.append(tag)
        return tag

    tags = ["article", "article:12", "article:13", "banner"]
    for tag in tags * 2:
        await function(tag)
    assert runs == tags
    await announce((cache,), [Change("article", "edit", ("12",))])
    for tag in tags:
        await function(tag)
    assert runs[len(tags) :] == ["article", "article:12"]


# -- forced


async def test_a_refresh_runs_the_function_and_keeps_what_it_returns(cache: Cache, source: Source, function) -> None:
    await function()
    source.value = "new"
    assert await function() == "old"
    source.hold()
    callers = [asyncio.create_task(function.refresh()) for _ in range(20)]
    await source.reading.wait()
    await asyncio.sleep(0.1)
    source.goes_on.set()
    assert await asyncio.gather(*callers) == ["new"] * 20
    assert (await function(), source.runs) == ("new", 2)


async def test_a_refresh_is_not_undone_by_what_began_before_it(
    cache: Cache, source: Source, function: Any, clock: Clock
) -> None:
    await function()
    clock.pass_by(SOFT)
    source.hold()
    await function()  # begins to make the next one
    await source.reading.wait()
    slow = source.goes_on
    source.goes_on = asyncio.Event()
    source.goes_on.set()
    source.value = "newest"
    clock.pass_by(1)
    assert await function.refresh() == "newest"
    slow.set()
    await settle(source, 3)
    assert await function() == "newest"


async def test_a_refresh_that_fails_says_so_and_leaves_what_is_kept(cache: Cache, source: Source, function) -> None:
    await function()
    source.failing = OSError("no")
    with pytest.raises(OSError):
        await function.refresh()
    assert await function() == "old"


async def test_without_a_cache_a_function_is_plainly_called(source: Source, function: Cached[[], Any]) -> None:
    assert [await function(), await function(), await function.refresh()] == ["old"] * 3
    assert source.runs == 3


async def test_a_closed_cache_leaves_nothing_running(source: Source, function: Cached[[], Any]) -> None:
    async with memory_cache(Clock()) as cache:
        with cache.serving(None):
            source.hold()
            caller = asyncio.create_task(function())
            await source.reading.wait()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert not flights()
