"""Database or bucket go away in an upload, or are slow: a sentence, no row without its objects, and on it goes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from portal.uploads.backends import open_storage
from tests.databases import fresh_database
from tests.faults.house import house
from tests.faults.proxy import Proxy, proxy_before
from tests.pages.browser import Browser
from tests.pages.content import article
from tests.uploads.servers import bucket_url, seaweed

__all__ = ["seaweed"]

pytestmark = pytest.mark.anyio

SERVERS = ("mysql", "postgresql")
AWAY = "The file storage does not answer at the moment. Please try again."


@pytest.fixture(params=SERVERS)
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with fresh_database(request.param) as url:
        yield url


@pytest.fixture
def sqlite_url() -> Iterator[str]:
    with fresh_database("sqlite") as url:
        yield url


async def test_database_that_goes_between_object_and_row_takes_the_objects_with_it(
    server_url: str, tmp_path: Path
) -> None:
    found = make_url(server_url)
    assert found.host and found.port
    async with proxy_before(found.host, found.port) as proxy:
        gone = False

        async def scan(_path: Path, _media_type: str) -> None:
            """After the picture was read, before anything is stored."""
            if gone:
                await proxy.refuse()

        behind = found.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        async with house(server_url, tmp_path, behind=behind, scan=scan) as portal:
            gone = True
            answer = await portal.upload()
            assert answer.status == 503 and answer.json()["detail"].endswith("please try again."), answer
            assert await portal.objects() == {} and await portal.keys() == set()
            await portal.examine()
            gone = False
            await proxy.listen()
            assert (await portal.upload()).status == 201


async def test_database_cut_off_at_any_message_of_an_upload_leaves_no_row_without_objects(
    server_url: str, tmp_path: Path
) -> None:
    found = make_url(server_url)
    assert found.host and found.port
    async with proxy_before(found.host, found.port) as proxy:
        behind = found.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        async with house(server_url, tmp_path, behind=behind) as portal:
            refused = 0
            for messages in range(40):
                await proxy.listen()
                assert (await portal.client.get("/articles")).status == 200
                before = await portal.keys()
                proxy.after(messages)
                answer = await portal.upload()
                cut = proxy.passed > messages
                new = await portal.keys() - before
                assert answer.status in (201, 503), (messages, answer)
                assert answer.status == 503 or len(new) == 1, messages
                await portal.examine(messages)
                refused += answer.status == 503
                if not cut:
                    break
            assert refused > 3 and not cut
            await proxy.listen()
            await portal.sweep()


async def test_bucket_that_goes_away_at_any_message_leaves_no_row_without_objects(
    sqlite_url: str, seaweed: str, tmp_path: Path
) -> None:
    async with bucket_behind_a_proxy(seaweed) as (proxy, url, direct):
        rows = [article("Tea")]
        async with house(sqlite_url, tmp_path, storage=open_storage(direct), storage_url=url, rows=rows) as portal:
            proxy.after(10_000)
            assert (await portal.upload()).status == 201
            whole = proxy.passed
            refused = 0
            for messages in sorted({*range(0, whole, max(1, whole // 6)), whole - 1}):
                await proxy.listen()
                proxy.after(messages, refuse=True)
                answer = await portal.upload()
                assert answer.status in (201, 503), (messages, answer)
                if answer.status == 503:
                    refused += 1
                    assert answer.json()["detail"] == AWAY
                await portal.examine(messages)
                assert (await portal.client.get("/articles")).status == 200
            assert refused > 3
            await proxy.listen()
            assert (await portal.upload()).status == 201
            await portal.sweep()


async def test_slow_bucket_is_the_affair_of_those_who_upload(sqlite_url: str, seaweed: str, tmp_path: Path) -> None:
    """More uploads than there are threads for storages; everybody else goes on."""
    async with bucket_behind_a_proxy(seaweed) as (proxy, url, direct):
        rows = [article(f"Tea {number}") for number in range(30)]
        async with house(sqlite_url, tmp_path, storage=open_storage(direct), storage_url=url, rows=rows) as portal:
            assert (await portal.upload()).status == 201
            alone = await slowest_list(portal.client)
            proxy.slow(0.3)
            uploads = [asyncio.create_task(portal.upload()) for _ in range(20)]
            await asyncio.sleep(1)
            waited = []
            while not all(upload.done() for upload in uploads):
                waited.append(await slowest_list(portal.client))
            assert {(await upload).status for upload in uploads} == {201}
            # they share the processor with what comes and goes; a bucket's turn takes a third of a second
            middle = sorted(waited)[len(waited) // 2]
            assert middle < alone + 0.3, (alone, waited)


async def slowest_list(client: Browser) -> float:
    slowest = 0.0
    for _ in range(5):
        began = time.monotonic()
        assert (await client.get("/articles")).status == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


@asynccontextmanager
async def bucket_behind_a_proxy(seaweed: str) -> AsyncIterator[tuple[Proxy, str, str]]:
    """The proxy, the bucket's address behind it, and the one past it."""
    host, port = seaweed.split(":")
    bucket = f"files/{uuid4().hex}"
    async with proxy_before(host, int(port)) as proxy:
        yield (
            proxy,
            bucket_url(f"127.0.0.1:{proxy.port}", bucket=bucket, options="signed=0"),
            bucket_url(seaweed, bucket=bucket, options="signed=0"),
        )
