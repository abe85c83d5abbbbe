"""What arrives on a real socket (SECURITY 1.4, 1.5): granian, and uvicorn by h11 and httptools where installed."""

import importlib.util
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

COMMANDS = {
    "granian": ["granian", "--interface", "asgi", "--no-ws", "--host", "127.0.0.1", "--port"],
    "h11": ["uvicorn", "--http", "h11", "--lifespan", "off", "--no-server-header", "--no-proxy-headers", "--port"],
    "httptools": ["uvicorn", "--http", "httptools", "--lifespan", "off", "--no-server-header", "--port"],
}
NEEDS = {"granian": "granian", "h11": "uvicorn", "httptools": "httptools"}


class Server:
    """A server under test, spoken to in bytes."""

    def __init__(self, port: int) -> None:
        self.port = port

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def say(self, *pieces: bytes, pause: float = 0.0) -> bytes:
        """Everything that comes back until the server closes or says nothing more."""
        with self.connect() as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause)
            except OSError:
                pass  # cut off in the middle: what was answered is still there to be read
            return read_all(connection)


def read_all(connection: socket.socket, silence: float = 3.0) -> bytes:
    connection.settimeout(silence)
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except OSError:
        pass
    return received


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module", params=COMMANDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if importlib.util.find_spec(NEEDS[request.param]) is None:
        pytest.skip(f"{NEEDS[request.param]} is not installed")
    port = free_port()
    command = [sys.executable, "-m", *COMMANDS[request.param], str(port), "tests.security.guarded:app"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                Server(port).connect().close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.05)
        yield Server(port)
    finally:
        process.terminate()
        process.wait(10)


POST = b"POST /first HTTP/1.1\r\nHost: portal.example.com\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: portal.example.com\r\n\r\n"


def test_an_ordinary_request_is_served(server: Server) -> None:
    answer = server.say(POST + b"Content-Length: 4\r\nConnection: close\r\n\r\ndata")
    assert b"served /first 4" in answer
    assert b"content-security-policy" in answer.lower()


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n\r\ndata",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"Host: portal.example.com\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_what_hides_behind_an_ambiguous_message_is_not_served(server: Server, head: bytes) -> None:
    """4.2.1: 400, and never a second answer.

    granian drops a Content-Length that comes with a Transfer-Encoding before the guard can see it, answers and
    closes, which keeps the promise in the other way RFC 9112 6.1 allows.
    """
    answer = server.say(POST + head + HIDDEN)
    assert b"served /hidden" not in answer
    assert statuses(answer) in ([400], []) or (b"server: granian" in answer and b"connection: close" in answer)


@pytest.mark.parametrize("host", [b"", b"Host: evil.example\r\n", b"Host: portal.example.com@evil.example\r\n"])
def test_a_message_without_our_host_is_refused(server: Server, host: bytes) -> None:
    """4.1.3."""
    answer = server.say(b"GET /x HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n")
    assert statuses(answer) == [400]


def test_a_huge_header_is_refused(server: Server) -> None:
    """1.5: 431, or 400 by a server that is stricter than we are."""
    answer = server.say(POST + b"Cookie: " + b"c" * 40_000 + b"\r\nConnection: close\r\n\r\n")
    assert statuses(answer) in ([431], [400])


def test_trace_is_refused(server: Server) -> None:
    """13.4.4."""
    answer = server.say(b"TRACE /x HTTP/1.1\r\nHost: portal.example.com\r\nX-Secret: abc\r\n\r\n")
    assert statuses(answer) in ([405], [400])
    assert b"abc" not in answer


@pytest.mark.parametrize("pieces", [[], [b"x"] * 30], ids=["silent", "dribbling"])
def test_a_slow_body_is_cut(server: Server, pieces: list[bytes]) -> None:
    """SECURITY 1.4: with 408, and the connection is closed."""
    began = time.monotonic()
    answer = server.say(POST + b"Content-Length: 500\r\n\r\n", *pieces, pause=0.1)
    assert statuses(answer) == [408]
    assert time.monotonic() - began < 9


def test_an_endless_body_is_cut(server: Server) -> None:
    """5.2.1: chunked, so that nothing was announced."""
    answer = server.say(POST + b"Transfer-Encoding: chunked\r\n\r\n", *[b"100\r\n" + b"x" * 256 + b"\r\n"] * 50)
    assert statuses(answer) == [413]


def test_an_absurd_announcement_is_refused_before_anything_is_sent(server: Server) -> None:
    """5.2.1."""
    assert statuses(server.say(POST + b"Content-Length: 99999999999\r\n\r\n")) == [413]


def test_what_follows_an_unread_body_is_not_taken_for_a_request(server: Server) -> None:
    """4.2.1: the answer closes the connection."""
    unread = POST.replace(b"/first", b"/unread") + b"Content-Length: 500\r\n\r\n"
    answer = server.say(unread, HIDDEN, pause=0.3)
    assert b"served /unread" in answer and b"served /hidden" not in answer


def test_slow_visitors_keep_nobody_waiting(server: Server) -> None:
    """SECURITY section 4, slow-loris: 100 at once, the others are served within two seconds."""
    slow = [server.connect() for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(POST + b"Content-Length: 500\r\n\r\nx")
        began = time.monotonic()
        answer = server.say(HIDDEN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert b"served /hidden" in answer
        assert time.monotonic() - began < 2
        assert all(statuses(read_all(connection)) == [408] for connection in slow)
    finally:
        for connection in slow:
            connection.close()
