"""A real Redis for tests: every test has keys of its own, which are gone afterwards.

The server is FASTOR_TEST_REDIS, else the one on the standard local port. Without one its tests are skipped and
the end of the run says so; with CI=true they fail.
"""

import os
import socket
import uuid
from collections.abc import AsyncIterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest

from portal.redis_server import RedisServer

VARIABLE = "FASTOR_TEST_REDIS"


@cache
def address() -> str | None:
    """Where the server is, `None` when there is none to test with."""
    url = os.environ.get(VARIABLE) or "redis://127.0.0.1:6379"
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or 6379), timeout=2).close()
    except OSError:
        return None
    return url


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The address of a server that others use too: keys need a prefix of the test's own."""
    if url := address():
        return url
    sentence = f"no Redis: set {VARIABLE} or start one on the standard local port"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture
async def redis_server(redis_url: str) -> AsyncIterator[RedisServer]:
    """A server on which nothing stands yet."""
    server = RedisServer(redis_url, prefix=f"fastor-test-{uuid.uuid4().hex}:", patience=5)
    yield server
    async with server.asked() as redis:
        async for key in redis.scan_iter(f"{server.prefix}*", count=1000):
            await redis.delete(key)
    await server.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end, where it is read, that the run left Redis out."""
    if address() is None:
        terminalreporter.write_line(f"NOT TESTED on Redis: no server. Set {VARIABLE}.", yellow=True, bold=True)
