"""Real databases for tests: a fresh, empty one each time, on SQLite, MySQL/MariaDB and PostgreSQL.

A server is taken from FASTOR_TEST_MYSQL / FASTOR_TEST_POSTGRES (an address without a database, say
`mysql+asyncmy://root@127.0.0.1:3306`), else from the standard local port. Without one its tests are skipped
and the end of the run says so; with CI=true they fail.
"""

import asyncio
import os
import socket
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

KINDS = ("sqlite", "mysql", "postgresql")

SERVERS = {
    "mysql": ("FASTOR_TEST_MYSQL", "mysql+asyncmy://root@127.0.0.1:3306", "mysql"),
    "postgresql": ("FASTOR_TEST_POSTGRES", "postgresql+asyncpg://postgres@127.0.0.1:5432", "postgres"),
}
"""The variable, the standard local address, and a database that is always there."""


@cache
def server(kind: str) -> URL | None:
    """The address of the server of this kind, `None` when there is none to test with."""
    variable, standard, _ = SERVERS[kind]
    if given := os.environ.get(variable):
        return make_url(given)
    url = make_url(standard)
    try:
        socket.create_connection((url.host, url.port), timeout=2).close()
    except OSError:
        return None
    return url


def need(kind: str) -> None:
    """Skip the test, or fail it with CI=true, when this kind of database is missing."""
    if kind == "sqlite" or server(kind) is not None:
        return
    sentence = f"no {kind} server: set {SERVERS[kind][0]} or start one on the standard local port"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


@contextmanager
def fresh_database(kind: str) -> Iterator[str]:
    """The address of an empty database that nobody else uses; it is gone afterwards."""
    need(kind)
    if kind == "sqlite":
        with TemporaryDirectory(prefix="fastor-test-") as folder:
            yield f"sqlite+aiosqlite:///{Path(folder) / 'test.db'}"
        return
    url, name = server(kind), f"fastor_test_{uuid.uuid4().hex[:16]}"
    assert url is not None
    _administer(url.set(database=SERVERS[kind][2]), f"CREATE DATABASE {name}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        force = " WITH (FORCE)" if kind == "postgresql" else ""
        _administer(url.set(database=SERVERS[kind][2]), f"DROP DATABASE {name}{force}")


def _administer(url: URL, statement: str) -> None:
    async def run() -> None:
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(statement))
        await engine.dispose()

    in_thread(run)


def in_thread(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `work` in a loop of its own, also where a loop is running already."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The test runs three times, each with an empty database of another kind."""
    with fresh_database(request.param) as url:
        yield url


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end, where it is read, which databases the run left out."""
    for kind, (variable, _, _) in SERVERS.items():
        if server(kind) is None:
            terminalreporter.write_line(f"NOT TESTED on {kind}: no server. Set {variable}.", yellow=True, bold=True)
