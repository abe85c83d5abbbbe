"""Pictures in a text: `/media/<key>` while it is stored, the real address while it is shown or edited."""

import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from urllib.parse import unquote

from portal.uploads.keys import is_path

CANONICAL = "/media/"

IMAGE = re.compile(r'<img((?: [a-z]+="[^"<>]*")*)>')
"""As nh3 writes it: values in double quotes, with neither quotes nor brackets in them."""

_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"<>]*)"')


def canonical(source: str, mount: str = "", media_url: str = "", origin: str = "") -> str | None:
    """`/media/<key>` for an address of a file of ours: as it is stored, below the mount, or of the public storage.

    `origin` is what the portal itself is reached by; addresses on other hosts are not ours.
    """
    source = source.strip()
    for start in (media_url.rstrip("/") + "/" if media_url else "", f"{mount}{CANONICAL}", CANONICAL):
        for prefix in (start, origin.rstrip("/") + start if origin and start.startswith("/") else ""):
            if prefix and source.startswith(prefix):
                # cut by hand: what merely looks like a host in there would be an error to `urlsplit`
                address = CANONICAL + unquote(re.split("[?#]", source.removeprefix(prefix), maxsplit=1)[0])
                return address if is_canonical(address) else None
    return None


def is_canonical(address: str) -> bool:
    """Whether it is how a picture of ours is stored; a `%` could hide a way out of the folder."""
    key = address.removeprefix(CANONICAL)
    return address.startswith(CANONICAL) and is_path(key) and "%" not in key and "&" not in key


def with_addresses(html: str, media_url: Callable[[str], str]) -> str:
    """A cleaned text with the addresses its pictures really have."""

    def real(found: re.Match[str]) -> str:
        attributes = attributes_of(found[1])
        source = address_of(attributes)
        return image({**attributes, "src": media_url(source.removeprefix(CANONICAL))}) if source else found[0]

    return IMAGE.sub(real, html)


def keys_in(html: str) -> list[str]:
    """The stored files a cleaned text shows, each once."""
    sources = (address_of(attributes_of(found)) for found in IMAGE.findall(html))
    return list(dict.fromkeys(source.removeprefix(CANONICAL) for source in sources if is_canonical(source)))


def attributes_of(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def address_of(attributes: Mapping[str, str]) -> str:
    return attributes.get("src", "")


def image(attributes: Mapping[str, str | None]) -> str:
    """An `<img>` with every value escaped."""
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value is not None)
    return f"<img{written}>"
