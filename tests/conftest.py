"""What all tests share."""

import pytest

pytest_plugins = ["tests.databases", "tests.redis_server"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """`@pytest.mark.anyio` tests run on asyncio, as the portal does."""
    return "asyncio"
