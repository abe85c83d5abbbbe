"""Where pages may take stored files from, and who hands out private ones (SECURITY 1.8, 1.11)."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from portal.app import create_app
from portal.settings import Settings
from portal.uploads.keys import copy_key, is_public, new_key, split_copy
from portal.web.site import Site

pytestmark = pytest.mark.anyio

BUCKET = "minio://identity:secret@files.example.com:9000/bucket"
CDN = "https://cdn.example.com/media"
PLAIN = {"img-src": "'self' data: blob:", "connect-src": "'self'", "media-src": None}
OPEN = "http://files.example.com:9000"


def site_with(folder: Path, **settings: Any) -> Site:
    app = create_app(settings=Settings(secret="s" * 40, var=folder, **settings))
    site: Site = app.state.portal.site
    return site


async def policy_of(folder: Path, path: str = "/sign-in", **settings: Any) -> dict[str, str]:
    app = create_app(settings=Settings(secret="s" * 40, var=folder, **settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as browser:
        policy = (await browser.get(path)).headers["content-security-policy"]
    return {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, PLAIN),
        ({"storage_url": BUCKET}, PLAIN),
        ({"storage_url": f"{BUCKET}?signed=1", "storage_key": "A" * 43 + "="}, PLAIN),
        (
            {"storage_url": f"{BUCKET}?signed=1"},
            {"img-src": f"'self' data: blob: {OPEN}", "connect-src": f"'self' {OPEN}", "media-src": f"'self' {OPEN}"},
        ),
        (
            {"media_url": CDN},
            {
                "img-src": "'self' data: blob: https://cdn.example.com",
                "connect-src": "'self'",
                "media-src": "'self' https://cdn.example.com",
            },
        ),
    ],
    ids=["local", "through us", "encrypted", "signed", "cdn"],
)
async def test_policy_names_the_origins_files_come_from(
    tmp_path: Path, settings: dict[str, Any], expected: dict[str, str | None]
) -> None:
    policy = await policy_of(tmp_path, **settings)
    assert {name: policy.get(name) for name in expected} == expected
    assert policy["script-src"] == policy["style-src"] == "'self'" and policy["default-src"] == "'none'"


def test_private_files_have_no_public_address(tmp_path: Path) -> None:
    site = site_with(tmp_path, media_url=CDN)
    public, private = new_key("jpg"), new_key("jpg", private=True)
    for key in (public, copy_key(public, "small")):
        assert is_public(key) and site.media_url(key) == f"{CDN}/{key}"
    for key in (private, copy_key(private, "small"), "covers/a.webp"):
        assert not is_public(key) and site.media_url(key) == f"/media/{key}"
    assert site.thumb_url(private) == f"/media/{copy_key(private, 'thumb')}"
    assert split_copy(copy_key(private, "thumb")) == (private.rpartition(".")[0], "thumb")
