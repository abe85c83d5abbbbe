"""What all tests share."""

from typing import Any

import pytest

pytest_plugins = ["tests.databases", "tests.portals", "tests.redis_server"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """`@pytest.mark.anyio` tests run on asyncio, as the portal does."""
    return "asyncio"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end what tests counted: `record_property("figures", …)`."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in getattr(report, "user_properties", []):
            if name == "figures":
                terminalreporter.write_line(str(value))
