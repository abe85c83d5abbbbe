"""Who the visitor is when proxies stand in front (SECURITY 1.6): only their word counts, and only theirs."""

import ipaddress
import re
from collections.abc import Iterable

FORWARDING = frozenset(
    {
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"x-forwarded-scheme",
        b"x-forwarded-server",
        b"x-forwarded-ssl",
        b"x-original-url",
        b"x-real-ip",
        b"x-rewrite-url",
    }
)
"""Headers that nothing behind the guard ever sees."""

_PORT = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[\d.]+))(?::\d+)?", re.ASCII)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(network, strict=False) for network in networks)

    def trust(self, peer: str | None) -> bool:
        """Whether the other end of the connection is one of them; a Unix socket has no address and is,
        as soon as any proxy is."""
        if not peer:
            return bool(self._networks)
        address = parse_address(peer)
        return address is not None and any(address in network for network in self._networks)

    def visitor(self, forwarded_for: str, peer: str | None) -> str | None:
        """The last hop that is none of ours; what stands left of it anybody may have written."""
        last = peer
        for part in reversed(forwarded_for.split(",")):
            address = parse_address(part.strip())
            if address is None:
                return last
            last = str(address)
            if not self.trust(last):
                return last
        return last


def parse_address(text: str) -> Address | None:
    """An IP address, with or without a port; IPv4 in IPv6 clothes comes out as IPv4."""
    found = _PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((found["six"] or found["four"]) if found else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
