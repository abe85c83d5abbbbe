"""Which Host headers the portal answers to (SECURITY 1.6)."""

import ipaddress
import re
from collections.abc import Iterable

from portal.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_HOST = re.compile(r"(?P<name>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>\d{1,5}))?", re.ASCII)
_HIGHEST_PORT = 65535


class Hosts:
    """The names on offer; one that begins with a dot stands for every name below it."""

    def __init__(self, allowed: Iterable[str]) -> None:
        names = [name.lower() for name in allowed]
        self._names = frozenset(_canonical(name) for name in names if not name.startswith("."))
        self._suffixes = tuple(name for name in names if name.startswith("."))

    @classmethod
    def of(cls, settings: Settings) -> "Hosts":
        """Those of the settings; in development the names of this machine too."""
        own = (*LOOPBACK, settings.host) if settings.development else ()
        return cls((*settings.hosts, *own))

    def allows(self, header: bytes) -> bool:
        """Whether the value of a Host header names this portal; the port does not matter."""
        found = _HOST.fullmatch(header.decode("latin-1"))
        if found is None or int(found["port"] or 0) > _HIGHEST_PORT:
            return False
        name = _canonical(found["name"].lower().removesuffix("."))
        if name in self._names:
            return True
        return bool(self._suffixes) and name.endswith(self._suffixes) and "" not in name.split(".")


def _canonical(name: str) -> str:
    """IPv6 addresses have many spellings; everything else is its own."""
    try:
        return f"[{ipaddress.IPv6Address(name.strip('[]')).compressed}]"
    except ValueError:
        return name
