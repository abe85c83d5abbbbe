"""Time, codes and countries."""

import io
import time
from datetime import datetime
from typing import Any

import httpx
import pytest
import segno
from litestar import Litestar
from PIL import Image

from tests.api.conftest import Client

pytestmark = pytest.mark.anyio


async def test_the_time(client: Client) -> None:
    answer = await (await client()).get("/api/time")
    found = answer.json()
    assert abs(found["unix"] - time.time()) < 5
    assert abs(datetime.fromisoformat(found["now"]).timestamp() - found["unix"]) < 1
    assert answer.headers["cache-control"] == "no-store"


async def test_codes_are_pictures_of_the_size_that_was_asked_for(client: Client) -> None:
    nobody = await client()
    small = await nobody.get("/api/qr-code.png", params={"text": "https://example.com/茶", "scale": 2, "border": 0})
    assert small.headers["content-type"] == "image/png"
    assert small.headers["cache-control"] == "public, max-age=86400"
    picture = Image.open(io.BytesIO(small.content))
    large = await nobody.get("/api/qr-code.png", params={"text": "https://example.com/茶", "scale": 4, "border": 1})
    # twice as large, and a border of one square around
    assert Image.open(io.BytesIO(large.content)).size == tuple(2 * side + 8 for side in picture.size)
    drawn = await nobody.get("/api/qr-code.svg", params={"text": "</svg><script>x</script>"})
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "<svg" in drawn.text and "script" not in drawn.text
    assert drawn.headers["x-content-type-options"] == "nosniff"
    again = await nobody.get(
        "/api/qr-code.svg",
        params={"text": "</svg><script>x</script>"},
        headers={"If-None-Match": drawn.headers["etag"]},
    )
    assert again.status_code == 304


async def test_a_code_says_what_it_was_made_from(client: Client) -> None:
    """Read back from its pixels: the squares are those of the code of this text and of no other."""
    text = "https://example.com/e/JJKBXV"
    answer = await (await client()).get("/api/qr-code.png", params={"text": text, "scale": 1, "border": 0})
    picture = Image.open(io.BytesIO(answer.content)).convert("1")
    width, height = picture.size
    squares = [[int(picture.getpixel((x, y)) == 0) for x in range(width)] for y in range(height)]
    assert squares == [list(row) for row in segno.make(text, error="M", micro=False).matrix]


@pytest.mark.parametrize(
    ("params", "name", "code"),
    [
        ({}, "text", "required"),
        ({"text": ""}, "text", "too-short"),
        ({"text": "x" * 1001}, "text", "too-long"),
        ({"text": "ก" * 700, "level": "H"}, "text", "too-long"),
        ({"text": "x", "scale": "17"}, "scale", "out-of-range"),
        ({"text": "x", "border": "-1"}, "border", "out-of-range"),
        ({"text": "x", "level": "X"}, "level", "choice"),
    ],
)
async def test_codes_that_can_t_be_drawn(client: Client, params: dict[str, str], name: str, code: str) -> None:
    answer = await (await client()).get("/api/qr-code.svg", params=params)
    assert answer.status_code == 400
    assert [(error["parameter"], error["code"]) for error in answer.json()["errors"]] == [(name, code)]


@pytest.mark.parametrize(
    ("address", "language", "country", "name"),
    [
        ("8.8.8.8", "en", "US", "United States"),
        ("8.8.8.8", "zh-CN,zh;q=0.9", "US", "美国"),
        ("2001:4860:4860::8888", "en", "US", "United States"),
        ("::ffff:8.8.8.8", "en", "US", "United States"),
        ("10.0.0.1", "en", "", ""),
        ("fe80::1%eth0", "en", "", ""),
        ("tea", "en", "", ""),
        ("", "en", "", ""),
    ],
)
async def test_countries(client: Client, address: str, language: str, country: str, name: str) -> None:
    nobody = await client(**{"Accept-Language": language})
    answer = await nobody.get("/api/country", params={"address": address} if address else {})
    assert answer.status_code == 200
    assert answer.json() == {"address": address or "127.0.0.1", "country": country, "name": name}


async def test_a_country_is_the_callers_own_if_not_said(portal_app: Litestar) -> None:
    transport: Any = httpx.ASGITransport(app=portal_app, client=("1.2.4.8", 1234))  # type: ignore[arg-type]  # ASGI
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as nobody:
        assert (await nobody.get("/api/country")).json()["country"] == "CN"
