"""Never one person's answer for another, and never an answer that somebody else put there."""

import asyncio
import datetime
import decimal
import enum
import itertools
import pickle
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from redis.asyncio import Redis

from portal.auth.actor import Actor
from portal.cache import Cache, ScopeError, cached
from portal.cache.arguments import as_text
from portal.cache.redis_connections import split_address
from portal.cache.redis_store import RedisStore
from portal.i18n import Translations, use
from tests.caches import Clock, memory_cache, redis_store

pytestmark = pytest.mark.anyio

ADA = Actor(id=1, name="ada", permissions=frozenset({"articles.view", "tags.view"}))
BEN = Actor(id=2, name="ben", permissions=frozenset({"tags.view", "articles.view"}))
EVE = Actor(id=3, name="eve", permissions=frozenset({"articles.view"}))
ROOT = Actor(id=4, name="root", superuser=True)


@pytest.fixture
async def cache() -> AsyncIterator[Cache]:
    async with memory_cache(Clock()) as cache:
        yield cache


async def answers(cache: Cache, scope: Any, *actors: Actor | None) -> list[int]:
    """Which run each of them is answered by."""
    runs = itertools.count(1)

    @cached(ttl=60, scope=scope)
    async def function() -> int:
        return next(runs)

    found = []
    for actor in actors:
        with cache.serving(actor):
            found.append(await function())
    return found


async def test_a_public_value_is_everybodys(cache: Cache) -> None:
    assert await answers(cache, "public", None, ADA, EVE, ROOT) == [1, 1, 1, 1]


async def test_permissions_are_shared_by_those_who_may_the_same(cache: Cache) -> None:
    assert await answers(cache, "permissions", ADA, BEN, EVE, ROOT, None, ADA) == [1, 1, 2, 3, 4, 1]


async def test_a_persons_value_is_theirs_alone(cache: Cache) -> None:
    assert await answers(cache, "actor", ADA, BEN, None, ADA) == [1, 2, 3, 1]


async def test_a_role_that_was_taken_away_takes_the_value_along(cache: Cache) -> None:
    less = Actor(id=1, name="ada", permissions=frozenset())
    assert await answers(cache, "actor", ADA, less) == [1, 2]


async def test_customers_and_users_of_the_same_id_are_not_the_same(cache: Cache) -> None:
    runs = itertools.count(1)

    @cached(ttl=60, scope="actor")
    async def function() -> int:
        return next(runs)

    found = []
    for realm in ("user", "customer", "user"):
        with cache.serving(ADA, realm=realm):
            found.append(await function())
    assert found == [1, 2, 1]


async def test_without_a_scope_only_nobody_is_answered(cache: Cache) -> None:
    assert await answers(cache, None, None, None) == [1, 1]
    with pytest.raises(ScopeError, match="say scope="):
        await answers(cache, None, ADA)


@pytest.mark.parametrize(
    ("outer", "inner"), [("public", "actor"), ("public", "permissions"), ("permissions", "actor"), ("public", None)]
)
async def test_nothing_personal_becomes_a_part_of_what_others_get(cache: Cache, outer: Any, inner: Any) -> None:
    @cached(ttl=60, scope=inner)
    async def part() -> str:
        return "part"

    @cached(ttl=60, scope=outer)
    async def whole() -> str:
        return await part()

    with cache.serving(ADA), pytest.raises(ScopeError):
        await whole()


async def test_what_everybody_gets_may_be_a_part_of_a_persons_value(cache: Cache) -> None:
    @cached(ttl=60, scope="public")
    async def part() -> str:
        return "part"

    @cached(ttl=60, scope="actor")
    async def whole() -> str:
        return f"{await part()} of it"

    with cache.serving(ADA):
        assert [await whole(), await whole()] == ["part of it"] * 2


async def test_two_people_at_once_are_not_answered_by_one_run(cache: Cache) -> None:
    @cached(ttl=60, scope="actor", key=())
    async def function(actor: Actor) -> str:
        await asyncio.sleep(0.01)
        return actor.name

    async def ask(actor: Actor) -> str:
        with cache.serving(actor):
            return await function(actor)

    people = [Actor(id=number, name=f"person {number}") for number in range(50)]
    assert await asyncio.gather(*map(ask, people)) == [person.name for person in people]


async def test_each_language_has_its_own_value(cache: Cache) -> None:
    runs = itertools.count(1)

    @cached(ttl=60)
    async def function() -> int:
        return next(runs)

    found = []
    with cache.serving(None):
        for language in ("en", "zh-CN", "en"):
            with use(Translations().get(language)):
                found.append(await function())
    assert found == [1, 2, 1]


# -- keys


class Colour(enum.Enum):
    RED = "red"


class Light(enum.Enum):
    RED = "red"


class Shape(msgspec.Struct):
    sides: int


@dataclass
class Form:
    sides: int


DIFFERENT = [
    None,
    False,
    0,
    0.0,
    "",
    "0",
    "None",
    b"",
    1,
    True,
    1.0,
    "1",
    decimal.Decimal(1),
    decimal.Decimal("1.0"),
    float("nan"),
    "\u00e9",  # one letter
    "e\u0301",  # the same look, two letters
    "\ufb01",  # looks like the next one
    "fi",
    "\ud800",
    [],
    {},
    set(),
    ["a", "b"],
    ["a,str:'b'"],
    [["a"], "b"],
    {"a": "b"},
    {"a": ["b"]},
    {"a", "b"},
    Colour.RED,
    Light.RED,
    Shape(1),
    Form(1),
    uuid.UUID(int=1),
    datetime.date(2026, 1, 1),
    datetime.datetime(2026, 1, 1),
    datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    "2026-01-01",
    datetime.timedelta(1),
    ZoneInfo("UTC"),
]


def test_values_that_differ_or_only_look_alike_have_different_texts() -> None:
    texts = [as_text(value) for value in DIFFERENT]
    assert len(set(texts)) == len(DIFFERENT)


def test_equal_values_have_the_same_text() -> None:
    assert as_text({"a": 1, "b": {3, 2, 1}}) == as_text({"b": {1, 2, 3}, "a": 1})


def test_a_text_is_the_same_in_every_process() -> None:
    value = "{'b': {'x', 'y', 'z'}, 'a': frozenset(map(str, range(20)))}"
    code = f"from portal.cache.arguments import as_text; print(as_text({value}))"
    shown = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(shown) == 1


async def test_the_chosen_arguments_make_the_key(cache: Cache) -> None:
    runs: list[Any] = []

    @cached(ttl=60, key=("page",))
    async def by_names(session: object, page: int = 1) -> int:
        runs.append(page)
        return page

    @cached(ttl=60, key=lambda session, words: words.lower())
    async def by_function(session: object, words: str) -> str:
        runs.append(words)
        return words

    with cache.serving(None):
        for _ in range(2):
            await by_names(object())
            await by_names(object(), 1)
            await by_names(object(), page=2)
            await by_function(object(), "Tea")
            await by_function(object(), words="TEA")
    assert runs == [1, 2, "Tea"]


async def test_an_argument_that_no_key_can_be_made_of_is_told_with_the_cure(cache: Cache) -> None:
    @cached(ttl=60)
    async def function(session: object) -> int:
        return 1

    with cache.serving(None), pytest.raises(TypeError, match=r"function: builtins.object can't be .* key="):
        await function(object())


@pytest.mark.parametrize("wrong", [{"ttl": 0}, {"ttl": 5, "soft": 5}, {"ttl": 5, "soft": 0}, {"ttl": 5, "jitter": 1}])
def test_impossible_times_are_refused_where_they_are_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        cached(**wrong)


def test_an_unknown_argument_and_a_plain_function_are_refused_where_they_are_written() -> None:
    async def function(page: int) -> int:
        return page

    with pytest.raises(ValueError, match="pages"):
        cached(ttl=1, key=("pages",))(function)
    with pytest.raises(TypeError, match="no async function"):
        cached(ttl=1)(lambda: 1)  # type: ignore[arg-type]


async def test_what_is_no_data_is_not_kept(cache: Cache) -> None:
    @cached(ttl=60)
    async def function() -> object:
        return object()

    with cache.serving(None), pytest.raises(TypeError):
        await function()


# -- what somebody else put there


class Intruder:
    """Does something when it is unpickled."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("unpickled",))


async def test_a_value_that_somebody_else_put_there_is_ignored(redis_url: str) -> None:
    runs = itertools.count(1)

    @cached(ttl=60)
    async def function(name: str) -> list[Any]:
        return [name, next(runs)]

    async with redis_store(redis_url) as store, Redis.from_url(redis_url) as redis:
        cache = Cache(store)
        with cache.serving(None):
            assert [await function("a"), await function("b"), await function("a")] == [["a", 1], ["b", 2], ["a", 1]]
            first, second = sorted(
                [key async for key in redis.scan_iter(f"{store.prefix}*") if len(await redis.get(key)) > 90]
            )
            ours = await redis.get(first)
            for forged in (
                b"",
                b"1",
                b"bytes:",
                b'bytes:["x", 1]',
                pickle.dumps(Intruder()),
                b"bytes:" + pickle.dumps(Intruder()),
                b"sum:0_" + pickle.dumps(Intruder()),
                await redis.get(second),  # whole, but of another name
                ours[:-1],
                ours[:-1] + bytes([ours[-1] ^ 1]),
                ours + b"\0",
            ):
                await redis.set(first, forged)
                before = next(runs)
                got = sorted([await function("a"), await function("b")])
                assert [name for name, _ in got] == ["a", "b"], forged
                assert sum(number > before for _, number in got) == 1, forged


async def test_a_tag_that_somebody_else_changed_only_makes_the_value_anew(redis_url: str) -> None:
    runs = itertools.count(1)

    @cached(ttl=60, tags=("article",))
    async def function() -> int:
        return next(runs)

    async with redis_store(redis_url) as store, Redis.from_url(redis_url) as redis:
        with Cache(store).serving(None):
            await function()
            for number, forged in enumerate((b"", b"7", b"bytes:\xff\x00", pickle.dumps(Intruder())), start=2):
                for key in [key async for key in redis.scan_iter(f"{store.prefix}*")]:
                    if len(await redis.get(key)) < 90:
                        await redis.set(key, forged)
                assert (await function(), await function()) == (number, number)


async def test_another_secret_has_other_names_and_does_not_see_the_values(redis_url: str) -> None:
    async with redis_store(redis_url, b"a" * 32) as first, redis_store(redis_url, b"b" * 32) as second:
        assert first.prefix != second.prefix
        assert await answers(Cache(first), "public", None) == [1]
        assert await answers(Cache(second), "public", None) == [1]
        assert await answers(Cache(first), "public", None) == [1]


async def test_a_value_of_another_version_of_the_program_is_made_anew(cache: Cache) -> None:
    def version(kind: Any, value: Any) -> Any:
        async def function() -> Any:
            return value

        function.__annotations__["return"] = kind
        return cached(ttl=60)(function)

    with cache.serving(None):
        assert await version(dict[str, int], {"a": 1})() == {"a": 1}
        assert await version(list[int], [1])() == [1]


@pytest.mark.parametrize(
    ("url", "address", "is_cluster"),
    [
        ("redis://localhost", "redis://localhost", False),
        ("redis://:pw@host:6380/2?protocol=3", "redis://:pw@host:6380/2?protocol=3", False),
        ("rediss://node:7000?cluster=true&ssl_cert_reqs=none", "rediss://node:7000?ssl_cert_reqs=none", True),
        ("redis://node:7000/0?cluster=false", "redis://node:7000/0", False),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1", False),
    ],
)
def test_an_address_says_whether_it_is_a_clusters(url: str, address: str, is_cluster: bool) -> None:
    assert split_address(url) == (address, is_cluster)


def test_nothing_is_connected_to_before_it_is_used() -> None:
    RedisStore("redis://127.0.0.1:1", b"k" * 32)
