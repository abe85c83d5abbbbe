"""Token buckets: how often somebody may do something, right across processes where Redis is set.

A bucket is one number, the moment at which it is full again. What is taken moves it further into the future;
what would move it further than an empty bucket needs is refused, and charged to nobody.
"""

import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from portal.rate import Rate
from portal.redis_server import RedisGone, RedisServer

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["MemoryLimiter", "Rate", "RateLimiter", "RedisLimiter", "Take", "Verdict", "open_limiter"]

MOST_KEYS = 50_000
"""Buckets a process remembers: some 10 MB."""

PATIENCE = 0.25
"""Seconds a request waits for Redis before its process counts alone."""

PAUSE = 1.0
"""Seconds until a server that did not answer is asked again."""

COMPLAIN_EVERY = 60.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Take:
    """So much from one bucket."""

    key: str
    rate: Rate
    cost: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.cost <= self.rate.burst:
            raise ValueError(f"{self.cost} can never be taken from a bucket of {self.rate.burst}")

    @property
    def charge(self) -> int:
        """Microseconds."""
        return self.cost * self.rate.interval

    @property
    def room(self) -> int:
        """Microseconds an empty bucket is away from being full."""
        return self.rate.burst * self.rate.interval


@dataclass(frozen=True)
class Verdict:
    """What one bucket says; times are in seconds."""

    allowed: bool
    remaining: int
    limit: int
    reset_after: float
    """Until the bucket is full again."""
    retry_after: float
    """Until as much may be taken as was asked for: 0 where it was."""


class RateLimiter(Protocol):
    """Takes from buckets by their keys."""

    async def take(self, key: str, rate: Rate, cost: int = 1) -> Verdict:
        """Take from one bucket, or from none."""
        return (await self.take_all([Take(key, rate, cost)]))[0]

    async def take_all(self, takes: Sequence[Take]) -> list[Verdict]:
        """Take from every one of some buckets with different keys, or from none of them where one refuses."""
        ...


class MemoryLimiter(RateLimiter):
    """Counts in this process; of too many buckets the one that rested longest is forgotten."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, most_keys: int = MOST_KEYS) -> None:
        self._clock = clock
        self._most_keys = most_keys
        self._full_at: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    async def take_all(self, takes: Sequence[Take]) -> list[Verdict]:
        now = int(self._clock() * 1_000_000)
        full_at = [self._full_at.get(take.key, 0) for take in takes]
        verdicts = _weigh(takes, full_at, now)
        if all(verdict.allowed for verdict in verdicts):
            for take, moment in zip(takes, full_at, strict=True):
                self._full_at[take.key] = _bounded(moment, now, take) + take.charge
                self._full_at.move_to_end(take.key)
            self._forget(now)
        return verdicts

    def _forget(self, now: int) -> None:
        # Two for each that may have come, so that the full ones are gone sooner or later.
        for _ in range(2):
            oldest = next(iter(self._full_at.items()), None)
            if oldest and oldest[1] <= now:
                del self._full_at[oldest[0]]
        while len(self._full_at) > self._most_keys:
            self._full_at.popitem(last=False)


TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full, allowed = {}, true
for i, key in ipairs(KEYS) do
  local charge, room = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  full[i] = math.min(math.max(tonumber(redis.call('GET', key) or 0), now), now + room)
  allowed = allowed and full[i] + charge <= now + room
end
if allowed then
  for i, key in ipairs(KEYS) do
    local after = full[i] + tonumber(ARGV[2 * i - 1])
    redis.call('SET', key, string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
  end
end
return {now, unpack(full)}
"""
"""Does in one step, by the server's clock, what `MemoryLimiter` does."""

TAKE_DIGEST = hashlib.sha1(TAKE.encode(), usedforsecurity=False).hexdigest()
"""By which Redis knows the script."""


class RedisLimiter(RateLimiter):
    """Counts in Redis; while it is gone each process counts for itself, which is less exact and still a limit."""

    def __init__(
        self,
        redis: RedisServer,
        *,
        fallback: RateLimiter | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._patience = patience
        self._fallback = fallback or MemoryLimiter(clock=clock)
        self._clock = clock
        self._ask_from = float("-inf")
        self._complain_from = float("-inf")

    async def take_all(self, takes: Sequence[Take]) -> list[Verdict]:
        try:
            said = await self._ask(takes)
        except RedisGone as error:
            self._give_up(error)
            said = None
        return await self._fallback.take_all(takes) if said is None else said

    async def _ask(self, takes: Sequence[Take]) -> list[Verdict] | None:
        """Nothing while it is not asked, which may turn out while others are waited for."""
        if self._pauses():
            return None
        keys = [f"{self._redis.prefix}rate:{take.key}" for take in takes]
        numbers = [number for take in takes for number in (take.charge, take.room)]
        async with self._redis.asked(self._patience) as redis:
            if self._pauses():
                return None
            now, *full_at = await self._run(redis, keys, numbers)
        return _weigh(takes, full_at, now)

    def _pauses(self) -> bool:
        return self._clock() < self._ask_from

    async def _run(self, redis: "Redis", keys: Sequence[str], numbers: Sequence[int]) -> list[int]:
        from redis.exceptions import NoScriptError  # only where one is configured

        try:
            said = await redis.evalsha(TAKE_DIGEST, len(keys), *keys, *numbers)
        except NoScriptError:  # a server that was started since
            said = await redis.eval(TAKE, len(keys), *keys, *numbers)
        return list(said)

    def _give_up(self, error: RedisGone) -> None:
        now = self._clock()
        self._ask_from = now + PAUSE
        if now >= self._complain_from:
            self._complain_from = now + COMPLAIN_EVERY
            _log.warning("Limits are counted by each process alone: Redis: %s", type(error.__cause__).__name__)


def open_limiter(redis: RedisServer | None) -> RateLimiter:
    """In Redis where there is one, else in this process."""
    return RedisLimiter(redis) if redis else MemoryLimiter()


def _weigh(takes: Sequence[Take], full_at: Sequence[int], now: int) -> list[Verdict]:
    """What the buckets say, of which each was full again at a moment; all is taken, or nothing."""
    before = [_bounded(moment, now, take) for take, moment in zip(takes, full_at, strict=True)]
    waits = [moment + take.charge - now - take.room for take, moment in zip(takes, before, strict=True)]
    taken = max(waits) <= 0
    verdicts = []
    for take, moment, wait in zip(takes, before, waits, strict=True):
        after = moment + take.charge if taken else moment
        verdicts.append(
            Verdict(
                allowed=wait <= 0,
                remaining=(now + take.room - after) // take.rate.interval,
                limit=take.rate.burst,
                reset_after=(after - now) / 1_000_000,
                retry_after=max(0, wait) / 1_000_000,
            )
        )
    return verdicts


def _bounded(full_at: int, now: int, take: Take) -> int:
    """No bucket is fuller than full or emptier than empty, also after a change of its rate or of the clock."""
    return min(max(full_at, now), now + take.room)
