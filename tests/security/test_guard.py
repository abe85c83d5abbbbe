"""The outer guard: methods, framing, sizes, hosts, headers (SECURITY 1.0, 1.5, 1.6, 1.11)."""

import time
from typing import Any

import pytest

from tests.security.raw import CHUNKED, HOST, LENGTH, Visit, answer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW", "get", "<script>", ""])
async def test_other_methods_are_refused_and_not_echoed(method: str) -> None:
    """13.4.4."""
    visit = await Visit(method=method).through()
    assert (visit.status, visit.seen) == (405, None)
    assert not method or method.encode() not in visit.sent[1]["body"]
    assert b"TRACE" not in visit.headers[b"allow"]


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
