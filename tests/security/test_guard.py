"""The outer guard, by raw ASGI messages (SECURITY 1.0, 1.4 to 1.7); real servers: test_servers.py."""

import asyncio
import time
from typing import Any

import pytest

from portal.settings import Settings
from portal.web.body import Pace
from portal.web.guard import Limits, OuterGuard

pytestmark = pytest.mark.anyio

HOST = (b"host", b"portal.example.com")
SETTINGS = Settings(
    host="0.0.0.0",
    hosts=("portal.example.com",),
    base_url="https://portal.example.com",
    trusted_proxies=("10.0.0.0/8",),
    secret="s" * 40,
)
QUICK = Limits(
    form=1000,
    upload=5000,
    form_pace=Pace(grace=0.9, idle=0.3),
    upload_pace=Pace(grace=0.9, idle=0.3, rate=500, longest=2.5),
)


class Visit:
    """One request through a guard, and what came back."""

    def __init__(self, **scope: Any) -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": "/articles",
            "query_string": b"",
            "scheme": "http",
            "client": ("192.0.2.1", 4711),
            "headers": [HOST],
            **scope,
        }
        self.seen: dict[str, Any] | None = None
        self.read: list[Any] = []
        self.sent: list[Any] = []

    async def through(self, *pieces: bytes | float, app: Any = None, limits: Limits = QUICK) -> "Visit":
        """Send a body in pieces; a number is a pause in seconds before the next one."""
        queue = list(pieces) or [b""]

        async def receive() -> dict[str, Any]:
            if not queue:
                await asyncio.sleep(60)
            piece = queue.pop(0)
            if isinstance(piece, float):
                await asyncio.sleep(piece)
                piece = queue.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(queue)}

        async def send(message: Any) -> None:
            self.sent.append(message)

        await OuterGuard(app or self._reader, SETTINGS, limits)(self.scope, receive, send)
        return self

    async def _reader(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen = scope
        while True:
            message = await receive()
            self.read.append(message)
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        await answer(send, 200)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


async def answer(send: Any, status: int, headers: Any = ((b"content-type", b"text/html"),)) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b"<p>", "more_body": False})


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW", "get", "<script>", ""])
async def test_other_methods_are_refused_and_not_echoed(method: str) -> None:
    """13.4.4."""
    visit = await Visit(method=method).through()
    assert (visit.status, visit.seen) == (405, None)
    assert not method or method.encode() not in visit.sent[1]["body"]
    assert b"TRACE" not in visit.headers[b"allow"]


LENGTH = (b"content-length", b"4")
CHUNKED = (b"transfer-encoding", b"chunked")


@pytest.mark.parametrize(
    "headers",
    [
        [LENGTH, CHUNKED],
        [LENGTH, LENGTH],
        [LENGTH, (b"content-length", b"5")],
        [CHUNKED, CHUNKED],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"identity")],
        [(b"transfer-encoding", b"xchunked")],
        [(b"transfer-encoding", b"")],
        [(b"content-length", b"+4")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"4, 4")],
        [(b"content-length", b"0x4")],
        [(b"content-length", b"")],
        [(b"content-length", b"\xb2")],
        [(b"content-length", b"9" * 40)],
        [HOST],
        [(b"host", b"evil.example")],
    ],
)
async def test_an_ambiguous_message_ends_the_connection(headers: list[tuple[bytes, bytes]]) -> None:
    """4.2.1, CVE-2026-48061: both lengths, doubled or odd ones, two hosts."""
    visit = await Visit(method="POST", headers=[HOST, *headers]).through(b"data")
    assert (visit.status, visit.seen, visit.headers[b"connection"]) == (400, None, b"close")


async def test_a_message_without_host_is_refused() -> None:
    """4.1.3, CVE-2026-48061: an X-Forwarded-Host in its place helps nobody."""
    headers = [(b"x-forwarded-host", b"portal.example.com")]
    assert (await Visit(headers=headers).through()).status == 400


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"headers": [HOST, *[(b"x-h", b"v")] * 99]}, 200),
        ({"headers": [HOST, *[(b"x-h", b"v")] * 100]}, 431),
        ({"headers": [HOST, (b"cookie", b"c" * 8000)]}, 200),
        ({"headers": [HOST, (b"cookie", b"c" * 9000)]}, 431),
        ({"headers": [HOST, *[(b"x-h", b"v" * 6000)] * 6]}, 431),
        ({"headers": [HOST, *[(b"x-h", b"v")] * 50_000]}, 431),
        ({"query_string": b"q" * 8192}, 200),
        ({"query_string": b"q" * 8193}, 414),
        ({"path": "/" + "p" * 9000}, 414),
        ({"path": "/a\0b"}, 400),
    ],
)
async def test_sizes_are_bounded_before_any_route_sees_them(scope: dict[str, Any], status: int) -> None:
    """CVE-2025-14550: and judged at once."""
    began = time.perf_counter()
    visit = await Visit(**scope).through()
    assert visit.status == status
    assert time.perf_counter() - began < 1


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


@pytest.mark.parametrize("status", [200, 404, 405, 500])
async def test_security_headers_are_on_every_answer(status: int) -> None:
    """3.4.1 to 3.4.6, 4.1.1: those of the router's own 404 and 405 too."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, status)

    _check_headers(await Visit(scheme="https").through(app=app))


async def test_security_headers_are_on_every_refusal() -> None:
    """3.4.1 to 3.4.6."""
    for visit in (Visit(method="TRACE"), Visit(headers=[]), Visit(path="/\0")):
        await visit.through()
        _check_headers(visit, tls=False)


def _check_headers(visit: Visit, *, tls: bool = True) -> None:
    headers = visit.headers
    policy = headers[b"content-security-policy"].decode()
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"same-origin"
    assert headers[b"cross-origin-opener-policy"] == b"same-origin"
    assert headers[b"content-type"].endswith(b"; charset=utf-8")
    assert (b"strict-transport-security" in headers) is tls
    assert b"server" not in headers


async def test_a_route_may_have_its_own_policy() -> None:
    """3.4.3: set if not already there."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, [(b"Content-Security-Policy", b"sandbox"), (b"content-type", b"image/png")])

    visit = await Visit().through(app=app)
    assert visit.headers[b"Content-Security-Policy"] == b"sandbox"
    assert b"content-security-policy" not in visit.headers
    assert visit.headers[b"content-type"] == b"image/png"


CLAIMS = [
    (b"x-forwarded-for", b"203.0.113.9, 198.51.100.7"),
    (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-host", b"evil.example"),
    (b"forwarded", b"for=203.0.113.9;host=evil.example"),
    (b"x-real-ip", b"203.0.113.9"),
    (b"x-original-url", b"/admin"),
    (b"x-rewrite-url", b"/admin"),
]


@pytest.mark.parametrize(
    ("peer", "visitor", "scheme"),
    [
        ("192.0.2.1", "192.0.2.1", "http"),
        ("10.1.2.3", "198.51.100.7", "https"),
        ("::ffff:10.1.2.3", "198.51.100.7", "https"),
    ],
)
async def test_claims_of_the_visitor_are_believed_only_from_a_proxy(peer: str, visitor: str, scheme: str) -> None:
    """4.1.3, CVE-2025-59152: and no application behind the guard sees them at all."""
    visit = await Visit(client=(peer, 1), headers=[HOST, *CLAIMS]).through()
    assert visit.seen is not None
    assert (visit.seen["client"][0], visit.seen["scheme"]) == (visitor, scheme)
    assert visit.seen["headers"] == [HOST]
    assert visit.seen["path"] == "/articles"


@pytest.mark.parametrize("scheme", [b"javascript", b"", b"ftp", b"https,javascript"])
async def test_only_the_two_schemes_are_taken_from_a_proxy(scheme: bytes) -> None:
    """4.1.3."""
    visit = await Visit(client=("10.1.2.3", 1), headers=[HOST, (b"x-forwarded-proto", scheme)]).through()
    assert visit.seen is not None and visit.seen["scheme"] == "http"


async def test_sockets_are_judged_by_the_same_rules() -> None:
    """4.1.3: a host application may have some."""
    closed = await Visit(type="websocket", headers=[(b"host", b"evil.example")]).through()
    assert closed.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
    assert closed.seen is None


async def test_start_and_stop_pass_through() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await Visit(type="lifespan").through(app=app)
    assert seen == ["lifespan"]
