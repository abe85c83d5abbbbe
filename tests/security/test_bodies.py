"""The outer guard: how long a body may take and how big it may be (SECURITY 1.4, 1.7)."""

import asyncio
import time
from typing import Any

import pytest

from tests.security.raw import CHUNKED, HOST, Visit, answer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("kind", "announced", "pieces", "status"),
    [
        (b"application/x-www-form-urlencoded", 1000, [b"x" * 1000], 200),
        (b"application/x-www-form-urlencoded", 1001, [b"x"], 413),
        (b"application/x-www-form-urlencoded", None, [b"x" * 600, b"x" * 600], 413),
        (b"application/json", 10**18, [b"x"], 413),
        (b"multipart/form-data; boundary=x", 5000, [b"x" * 5000], 200),
        (b"multipart/form-data; boundary=x", 5001, [b"x"], 413),
        (b"multipart/form-data; boundary=x", None, [b"x" * 3000, b"x" * 3000], 413),
        (b"", None, [b"x" * 1001], 413),
    ],
)
async def test_a_body_over_the_limit_is_refused(
    kind: bytes, announced: int | None, pieces: list[bytes], status: int
) -> None:
    """5.2.1: by the announced length before reading, by counting where there is none."""
    length = [(b"content-length", str(announced).encode())] if announced else [CHUNKED]
    visit = await Visit(method="POST", headers=[HOST, (b"content-type", kind), *length]).through(*pieces)
    assert visit.status == status
    assert len([message for message in visit.sent if message["type"] == "http.response.start"]) == 1


@pytest.mark.parametrize(
    ("kind", "pieces", "status"),
    [
        (b"application/json", [b"x", 0.1, b"x", 0.1, b"x"], 200),
        (b"application/json", [b"x", 5.0, b""], 408),
        (b"application/json", [5.0, b""], 408),
        (b"application/json", [*[b"x", 0.1] * 20, b"x"], 408),
        (b"multipart/form-data", [*[b"x", 0.1] * 20, b"x"], 408),
        (b"multipart/form-data", [*[b"x" * 100, 0.1] * 15, b"x"], 200),
        (b"multipart/form-data", [*[b"x" * 100, 0.1] * 40, b"x"], 408),
    ],
    ids=["steady", "stalls", "silent", "form dribbles", "upload dribbles", "upload at its rate", "for ever"],
)
async def test_a_slow_body_is_cut(kind: bytes, pieces: list[bytes | float], status: int) -> None:
    """SECURITY 1.4: an idle gap, a deadline for forms, a rate and an end for uploads."""
    began = time.perf_counter()
    visit = await Visit(method="POST", headers=[HOST, CHUNKED, (b"content-type", kind)]).through(*pieces)
    assert visit.status == status
    assert time.perf_counter() - began < 6
    if status == 408:
        assert visit.headers[b"connection"] == b"close"
        assert visit.read[-1] == {"type": "http.disconnect"}
        assert len(visit.sent) == 2


async def test_a_cut_off_application_may_fail_as_it_likes() -> None:
    """16.5.3: its late exception is no news, and its late answer is not sent."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        await answer(send, 200)
        raise RuntimeError

    headers = [HOST, CHUNKED]
    visit = await Visit(method="POST", headers=headers).through(b"x", 5.0, b"", app=app)
    assert (visit.status, len(visit.sent)) == (408, 2)


async def test_once_the_body_is_complete_an_application_may_wait() -> None:
    """SECURITY 1.4: event streams wait for the disconnect much longer than a form may take."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 1.2)
        await answer(send, 200)

    assert (await Visit().through(app=app)).status == 200


async def test_time_the_application_takes_is_not_the_senders() -> None:
    """SECURITY 1.4: a slow disk refuses no upload."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for pause in (0.5, 0.5, 0.5, 0.0):
            assert (await receive())["type"] == "http.request"
            await asyncio.sleep(pause)
        await answer(send, 200)

    visit = await Visit(method="POST", headers=[HOST, CHUNKED]).through(*[b"x"] * 4, app=app)
    assert visit.status == 200


async def test_a_body_nobody_reads_ends_the_connection() -> None:
    """SECURITY 1.4: or it could dribble on for ever behind the answer."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 403)

    length = (b"content-length", b"500")
    visit = await Visit(method="POST", headers=[HOST, length]).through(b"x", app=app)
    assert visit.headers[b"connection"] == b"close"
    later = await Visit(method="POST", headers=[HOST, length], http_version="2").through(b"x", app=app)
    assert b"connection" not in later.headers
