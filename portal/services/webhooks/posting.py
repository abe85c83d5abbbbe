"""One POST: to a checked address, without redirects, with an end to what is waited for and read.

Of HTTP it needs so little that it is written out here; a client library would resolve the name again.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.services.webhooks.addresses import NotPublic, Resolve, checked, parse, resolve

TIMEOUT = 10.0
"""Seconds for everything together."""

MOST_READ = 64 * 1024
EXCERPT = 2000
"""Characters of an answer that are kept."""

_HEAD = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")


@dataclass(frozen=True)
class Posted:
    """What came of it."""

    status: int | None
    excerpt: str

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Poster:
    """Sends; `private` takes http and addresses of one's own network too."""

    private: bool = False
    resolve: Resolve = resolve
    timeout: float = TIMEOUT
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    async def post(self, address: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Never raises for anything that the other side or the way to it does."""
        try:
            async with asyncio.timeout(self.timeout):
                return await self._post(address, headers, body)
        except TimeoutError:
            return Posted(None, f"no answer within {self.timeout:g} seconds")
        except NotPublic:
            return Posted(None, "the host is not one that all the world can reach")
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            return Posted(None, f"{type(error).__name__}: {error}"[:EXCERPT])

    async def _post(self, address: str, headers: Mapping[str, str], body: bytes) -> Posted:
        target = parse(address, private=self.private)
        addresses = await checked(target, self.resolve, private=self.private)
        context = self.tls if target.tls else None
        reader, writer = await asyncio.open_connection(
            addresses[0], target.port, ssl=context, server_hostname=target.host if context else None
        )
        try:
            lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.authority}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            lines += [f"Content-Length: {len(body)}", "", ""]
            writer.write("\r\n".join(lines).encode("ascii") + body)
            await writer.drain()
            return _read(await _answer(reader))
        finally:
            writer.transport.abort()  # the other side may not want to end


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side closes, or says that it is all, or it is enough."""
    got = b""
    while len(got) < MOST_READ and not _complete(got):
        part = await reader.read(MOST_READ - len(got))
        if not part:
            break
        got += part
    return got


def _complete(got: bytes) -> bool:
    head, ended, body = got.partition(b"\r\n\r\n")
    if not ended:
        return False
    length = re.search(rb"\r\ncontent-length:[ \t]*(\d{1,10})[ \t]*(?:\r\n|$)", head, re.IGNORECASE)
    if length:
        return len(body) >= int(length[1])
    return body.endswith(b"0\r\n\r\n") and b"chunked" in head.lower()


def _read(got: bytes) -> Posted:
    found = _HEAD.match(got)
    if found is None:
        return Posted(None, "what came back is no HTTP")
    body = got.partition(b"\r\n\r\n")[2]
    text = body.decode("utf-8", "replace").replace("\0", "�")
    return Posted(int(found[1]), text[:EXCERPT])
