"""Load balancers ask whether the process lives and whether it can do its work."""

import asyncio

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.health import Probe, health_router, redis_probe


async def well() -> None:
    """A server that answers."""


async def broken() -> None:
    raise ConnectionError("secret-host refused")


async def hanging() -> None:
    await asyncio.sleep(60)


async def hanging_even_when_cancelled() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.5)


def client(patience: float = 2.0, **probes: Probe) -> TestClient[Litestar]:
    return TestClient(Litestar([health_router(probes, patience=patience)], openapi_config=None))


def test_a_living_process_says_so_without_asking_anyone():
    with client(database=broken) as browser:
        answer = browser.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


def test_ready_when_every_server_answers():
    with client(database=well, redis=well) as browser:
        answer = browser.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "redis": "ok"}}
    assert answer.headers["cache-control"] == "no-store"


def test_not_ready_names_the_server_and_nothing_else():
    with client(database=well, redis=broken) as browser:
        answer = browser.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "checks": {"database": "ok", "redis": "failed"}}
    assert answer.headers["cache-control"] == "no-store"
    assert "secret-host" not in answer.text


@pytest.mark.parametrize("probe", [hanging, hanging_even_when_cancelled])
def test_a_server_that_hangs_is_not_waited_for(probe):
    with client(patience=0.1, database=probe) as browser:
        answer = browser.get("/health/ready")
    assert answer.status_code == 503
    assert answer.elapsed.total_seconds() < 0.5


def test_a_server_that_comes_back_is_seen():
    state = {"up": False}

    async def flaky() -> None:
        if not state["up"]:
            raise ConnectionError

    with client(database=flaky) as browser:
        assert browser.get("/health/ready").status_code == 503
        state["up"] = True
        assert browser.get("/health/ready").status_code == 200


def test_a_redis_that_is_not_there_fails_the_probe():
    with client(redis=redis_probe("redis://127.0.0.1:1")) as browser:
        assert browser.get("/health/ready").json()["checks"] == {"redis": "failed"}
