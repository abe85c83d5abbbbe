"""Whether the process lives, and whether it can do its work: for load balancers and supervisors.

Neither needs a session nor says more than which server does not answer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Response, Router, get
from litestar.status_codes import HTTP_503_SERVICE_UNAVAILABLE

Probe = Callable[[], Awaitable[Any]]
"""Asks one server for a sign of life; raises when there is none."""

PATIENCE = 2.0
"""Seconds a server has to answer a probe."""

_NO_STORE = {"Cache-Control": "no-store"}
_log = logging.getLogger(__name__)


def redis_probe(url: str) -> Probe:
    """Asks the Redis server at `url`."""

    async def ping() -> None:
        from redis.asyncio import Redis  # only where one is configured

        async with Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            await client.ping()

    return ping


def health_router(probes: Mapping[str, Probe], *, patience: float = PATIENCE) -> Router:
    """`/health/live` and `/health/ready`; `probes` are the servers readiness depends on, by name."""
    pings = {name: _Ping(name, probe, patience) for name, probe in probes.items()}

    @get("/live", response_headers=_NO_STORE)
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @get("/ready", response_headers=_NO_STORE)
    async def ready() -> Response[dict[str, Any]]:
        answers = await asyncio.gather(*(ping.answers() for ping in pings.values()))
        checks = {name: "ok" if answer else "failed" for name, answer in zip(pings, answers, strict=True)}
        if all(answers):
            return Response({"status": "ok", "checks": checks})
        return Response({"status": "unavailable", "checks": checks}, status_code=HTTP_503_SERVICE_UNAVAILABLE)

    return Router("/health", route_handlers=[live, ready], include_in_schema=False)


class _Ping:
    """One question on its way at a time: a server that hangs must not gather a crowd of them."""

    def __init__(self, name: str, probe: Probe, patience: float) -> None:
        self._name = name
        self._probe = probe
        self._patience = patience
        self._task: asyncio.Task[Any] | None = None

    async def answers(self) -> bool:
        """Whether the server answered in time. The question itself ends in its own time: closing a
        connection that hangs can take longer than anyone wants to wait here."""
        task = self._task
        if task is None or task.done():
            task = self._task = asyncio.ensure_future(self._probe())
        await asyncio.wait({task}, timeout=self._patience)
        if not task.done():
            task.cancel()
            return self._failed("no answer in time")
        if task.cancelled():
            return self._failed("given up")
        error = task.exception()
        return error is None or self._failed(type(error).__name__)

    def _failed(self, reason: str) -> bool:
        _log.warning("Not ready: %s: %s", self._name, reason)
        return False
