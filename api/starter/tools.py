"""Small helpers for client apps: what time it is here, pictures of codes, which country an address is in."""

import datetime
import ipaddress
from io import BytesIO
from typing import Annotated, Any, Literal

import anyio.to_thread
import segno
from babel import Locale
from iptocc import country_code
from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from api.call import Call
from api.endpoint import Endpoint, endpoint
from api.errors import BadParameters
from api.public_answers import public_bytes
from portal.db.mixins import now
from portal.i18n import _, active
from portal.rate import Rate

TAG = "Tools"
DAY = 24 * 3600
SVG, PNG = "image/svg+xml", "image/png"

DRAWING = Rate.parse("120/minute")
"""A large code takes a tenth of a second."""


class ServerTime(Struct):
    now: datetime.datetime
    unix: Annotated[int, Meta(description="Seconds since 1970, as signatures count them.")]


class CodeQuery(Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=1000, examples=["https://example.com/e/JJKBXV"])]
    scale: Annotated[int, Meta(ge=1, le=16, description="Pixels of one square.")] = 4
    border: Annotated[int, Meta(ge=0, le=10, description="Squares around it; fewer than 4 are hard to read.")] = 4
    level: Annotated[Literal["L", "M", "Q", "H"], Meta(description="How much of it may be damaged.")] = "M"


class CountryQuery(Struct, forbid_unknown_fields=True):
    address: Annotated[str, Meta(max_length=100, description="The caller's own if not said.")] = ""


class Country(Struct):
    """Empty where it is not known, as for addresses of private networks."""

    address: str
    country: Annotated[str, Meta(description="Two letters (ISO 3166).", examples=["CN"])]
    name: Annotated[str, Meta(description="In the language of `Accept-Language`.", examples=["China"])]


def tool_endpoints() -> list[Endpoint]:
    public: dict[str, Any] = {"tag": TAG, "public": True}
    drawn: dict[str, Any] = {**public, "headers": ("If-None-Match",), "rate": DRAWING}
    return [
        endpoint("GET", "/time", **public)(server_time),
        endpoint("GET", "/qr-code.svg", answer=str, gives=SVG, **drawn)(qr_code_svg),
        endpoint("GET", "/qr-code.png", answer=bytes, gives=PNG, **drawn)(qr_code_png),
        endpoint("GET", "/country", **public)(country),
    ]


async def server_time(call: Call) -> ServerTime:
    """What time it is here."""
    moment = now()
    return ServerTime(moment, int(moment.timestamp()))


async def qr_code_svg(call: Call, query: CodeQuery) -> ASGIResponse:
    """A text as a QR code, sharp at every size."""
    return await _drawn(call, query, "svg", SVG)


async def qr_code_png(call: Call, query: CodeQuery) -> ASGIResponse:
    """A text as a QR code, in pixels."""
    return await _drawn(call, query, "png", PNG)


async def country(call: Call, query: CountryQuery) -> Country:
    """Which country an address is in.

    Looked up in a table that comes with the portal; nobody else is asked.
    """
    address = query.address or call.address or ""
    code = _country_of(address) or ""
    names = Locale.parse(active.get().language, sep="-").territories
    return Country(address, code, names.get(code, ""))


async def _drawn(call: Call, query: CodeQuery, kind: str, media_type: str) -> ASGIResponse:
    try:
        drawn = await anyio.to_thread.run_sync(_draw, query, kind)
    except ValueError as error:  # few characters may be many bytes
        raise BadParameters({"text": _("This is too much for one code.").coded("too-long")}) from error
    return public_bytes(call, drawn, media_type, max_age=DAY)


def _draw(query: CodeQuery, kind: str) -> bytes:
    out = BytesIO()
    code = segno.make(query.text, error=query.level, micro=False)
    code.save(out, kind=kind, scale=query.scale, border=query.border, light="white")
    return out.getvalue()


def _country_of(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    plain = getattr(address, "ipv4_mapped", None) or address
    found: str | None = country_code(str(plain))
    return found
