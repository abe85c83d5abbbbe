"""What the addresses among the settings may look like.

Each check takes the value as it was written and gives a sentence saying what is wrong with it, or `None`.
"""

import contextlib
import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from urllib.parse import urlsplit

from portal.storage_address import read_address, read_key

DATABASES = {
    "sqlite": "sqlite+aiosqlite",
    "mysql": "mysql+asyncmy",
    "mariadb": "mariadb+asyncmy",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
"""The name people write, and the one with the driver this portal speaks to it through."""

_HOST = re.compile(r"\.?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]+\]")


def check_database(url: str) -> str | None:
    scheme, separator, rest = url.partition("://")
    if scheme in DATABASES.values() and separator and rest:
        return None
    wanted = DATABASES.get(scheme.partition("+")[0])
    if wanted and separator:
        return f'"{scheme}://" is not spoken here; write "{wanted}://".'
    return 'it begins with "sqlite+aiosqlite:///", "mysql+asyncmy://" or "postgresql+asyncpg://".'


def check_redis(url: str) -> str | None:
    if re.match(r"(rediss?|unix)://.", url):
        return None
    return 'it begins with "redis://", "rediss://" or "unix://".'


def check_storage(url: str) -> str | None:
    """Tells nothing that is secret."""
    return _complaint(read_address, url)


def check_storage_key(text: str) -> str | None:
    return _complaint(read_key, text)


def check_media(url: str) -> str | None:
    """Scheme, host and perhaps a path, onto which `/` and a key are written."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc:
        if re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%-]+)*", url):
            return None
    return 'it is an address without a slash at its end, as in "https://cdn.example.com/media".'


def _complaint(read: Callable[[str], object], text: str) -> str | None:
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return None


def check_origin(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.hostname and url == f"{parts.scheme}://{parts.netloc}":
        if "@" not in parts.netloc:
            return None
    return 'it is scheme and host alone, as in "https://portal.example.com".'


def check_host(name: str) -> str | None:
    """A name for the Host header, without a port; a leading dot takes every name below it."""
    if _HOST.fullmatch(name):
        return None
    return f'"{name}" is no host name; write it without scheme, port or path.'


def check_listener(address: str) -> str | None:
    """What a server may listen on: an IP address, IPv6 with or without brackets, or a host name."""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(address)
        return None
    return check_host(address)


def check_network(address: str) -> str | None:
    try:
        ipaddress.ip_network(address, strict=False)
    except ValueError:
        return f'"{address}" is no IP address or network, as in "10.0.0.0/8".'
    return None


def check_zone(name: str) -> str | None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f'"{name}" is no time zone; they are written as in "Asia/Shanghai".'
    return None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def without_password(url: str) -> str:
    """The address as it may be shown in a log; all up to the last "@" counts as the password."""
    return re.sub(r"(://[^:/@]*):.*@", r"\1:***@", url, flags=re.DOTALL)
