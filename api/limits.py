"""How often a call may be made: the buckets it takes from, and the headers that say how full they are.

An address is asked before anybody knows who calls, so that guessing at tokens is limited too; the rest once it is
known. A call that one bucket refuses takes nothing from those asked with it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from portal.auth.rates import RateLimiter, Take, Verdict
from portal.auth.throttle import bucket
from portal.errors import TooManyAttempts
from portal.i18n import _
from portal.rate import Rate
from portal.settings import Settings


class RateLimited(TooManyAttempts):
    """`headers` belong to the answer, beside `Retry-After`."""

    code = "rate-limited"
    sentence = _("Too many requests. Please wait a moment.")

    def __init__(self, retry_after: int, headers: Mapping[str, str]) -> None:
        self.headers = dict(headers)
        super().__init__(retry_after)


@dataclass(frozen=True)
class Standing:
    """What the buckets of a call say, by their names."""

    verdicts: Mapping[str, tuple[Rate, Verdict]]

    def __or__(self, other: "Standing") -> "Standing":
        """Those of both."""
        return Standing({**self.verdicts, **other.verdicts})

    @property
    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit`, as the IETF drafts them; none where nothing is limited."""
        if not self.verdicts:
            return {}
        policies = [f'"{name}";q={rate.burst};w={rate.window}' for name, (rate, _verdict) in self.verdicts.items()]
        states = [
            f'"{name}";r={verdict.remaining};t={math.ceil(verdict.reset_after)}'
            for name, (_rate, verdict) in self.verdicts.items()
        ]
        return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}


@dataclass(frozen=True)
class Asker:
    """Who calls, as far as it is known; ids that are never a secret."""

    address: str | None
    """`None` behind a Unix socket whose proxy is not trusted: then nobody can be told apart by it."""
    token: str | None = None
    """The token or the signing key."""
    user: str | None = None
    """Whoever has several tokens."""

    @property
    def name(self) -> str | None:
        """The most that is known."""
        return f"user:{self.user}" if self.user else f"token:{self.token}" if self.token else _counted(self.address)


class Limits:
    """Takes from the buckets of a call."""

    def __init__(self, limiter: RateLimiter, settings: Settings) -> None:
        self._limiter = limiter
        self._address = Rate.parse(settings.api_address_rate)
        self._token = Rate.parse(settings.api_rate)
        self._user = Rate.parse(settings.api_user_rate)

    async def arrive(self, address: str | None) -> Standing:
        """Before it is known who calls; `RateLimited` where the address has called too often."""
        counted = _counted(address)
        return await self._take({"address": Take(counted, self._address)} if counted else {})

    async def admit(self, asker: Asker, route: str = "", rate: Rate | None = None) -> Standing:
        """Once it is known; a route may have a `rate` of its own, which is for each caller."""
        takes: dict[str, Take] = {}
        if asker.user:
            takes["user"] = Take(f"user:{asker.user}", self._user)
        if asker.token:
            takes["token"] = Take(f"token:{asker.token}", self._token)
        if rate and asker.name:
            takes["route"] = Take(f"route:{route}:{asker.name}", rate)
        return await self._take(takes)

    async def _take(self, takes: Mapping[str, Take]) -> Standing:
        if not takes:
            return Standing({})
        verdicts = await self._limiter.take_all(list(takes.values()))
        named = zip(takes.items(), verdicts, strict=True)
        standing = Standing({name: (take.rate, verdict) for (name, take), verdict in named})
        if (wait := max(verdict.retry_after for verdict in verdicts)) > 0:
            raise RateLimited(math.ceil(wait), standing.headers)
        return standing


def _counted(address: str | None) -> str | None:
    counted = bucket(address)
    return f"address:{counted}" if counted else None
