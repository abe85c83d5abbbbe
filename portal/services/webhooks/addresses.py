"""Where messages may go: to hosts that all the world can reach, and to nothing that stands beside the portal.

A name is resolved once for each attempt, and the connection made to the very address that was looked at: a name
server that answers differently the second time is not asked a second time.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 500

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host."""

_INSIDE_IPV6 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""IPv4 addresses in the clothes of a translator."""


class NotPublic(Exception):
    """Where messages are not sent."""


@dataclass(frozen=True)
class Target:
    """An address taken apart."""

    tls: bool
    host: str
    port: int
    path: str
    """With the query."""
    authority: str
    """For the `Host` header."""


def parse(address: str, *, private: bool = False) -> Target:
    """Raises `ValueError` for what is no address to send to; `private` takes http too."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise ValueError("not https")
    if not address.isascii() or not address.isprintable() or " " in address or len(address) > LONGEST:
        raise ValueError("not an address")
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise ValueError("no host, or more than one")
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(tls, parts.hostname, parts.port or (443 if tls else 80), path, parts.netloc)


def is_public(text: str) -> bool:
    """Whether an IP address is one that the internet knows, IPv4 within IPv6 looked at as what it is."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if any(address in network for network in _INSIDE_IPV6):
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if address.is_site_local or (inner is not None and not is_public(str(inner))):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


async def resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def checked(target: Target, resolve: Resolve, *, private: bool) -> list[str]:
    """The addresses to connect to; `NotPublic` as soon as one of them is none of the world's."""
    addresses = await resolve(target.host, target.port)
    if not addresses or not (private or all(map(is_public, addresses))):
        raise NotPublic
    return addresses
