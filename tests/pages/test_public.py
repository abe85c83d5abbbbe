"""The page of a published article: for everybody, for caches, without a script."""

import datetime
from typing import Any

import pytest

from portal.db.mixins import now
from portal.models.article import Article, ArticleStatus
from portal.models.file import StoredFile
from portal.short_ids import short_id
from tests.pages.browser import Browser
from tests.pages.content import category, published
from tests.portals import Add

pytestmark = pytest.mark.anyio

KEY = "2026/11/21/" + "a" * 32 + ".jpg"
HOUR = datetime.timedelta(hours=1)
BODY = (
    f'<h2>Leaves</h2><p>Text<script>alert(1)</script> <img src="/media/{KEY}" onerror="alert(1)"></p>'
    '<p><a class="portal-video" href="https://www.bilibili.com/video/BV1xx411c7mD">Film</a></p>'
)


def stored(key: str) -> StoredFile:
    return StoredFile(
        key=key, kind="image", media_type="image/jpeg", size=9, width=2000, height=1000, sha256="0" * 64,
        original_name="tea.jpg", alt="A cup", sizes={"thumb": [160, 80, 1], "small": [480, 240, 2]},
    )  # fmt: skip


def tea(**values: Any) -> Article:
    return published("Tea & <b>cake</b>", slug="tea", **{"publish_time": now() - HOUR, "body": BODY, **values})


def address(row: Article) -> str:
    return f"/e/{short_id(row.id)}"


async def test_strangers_read_a_published_article(anonymous: Browser, add: Add) -> None:
    await add(drinks := category("Drinks"))
    await add(row := tea(cover=KEY, gallery=[KEY], attachment=KEY, category_id=drinks.id, summary="Short"), stored(KEY))
    answer = await anonymous.get(address(row))
    assert answer.status == 200
    assert answer.page.one("public-title").text == "Tea & <b>cake</b>"
    assert "Drinks" in answer.page.one("public-facts").text and "Leaves" in answer.page.one("public-body").text
    assert "<script" not in answer.html and "onerror" not in answer.html
    assert '<meta property="og:description" content="Short">' in answer.html
    assert answer.page.one("public-attachment").text == "Download: tea.jpg"


async def test_pictures_say_their_sizes_and_films_play_in_a_sandbox(anonymous: Browser, add: Add) -> None:
    await add(row := tea(), stored(KEY))
    body = (await anonymous.get(address(row))).page.one("public-body")
    (picture,), (frame,) = body.all(tag="img"), body.all(tag="iframe")
    assert (picture["width"], picture["height"], picture["alt"], picture["loading"]) == (
        "2000",
        "1000",
        "A cup",
        "lazy",
    )
    assert picture["srcset"] == f"/media/{KEY.removesuffix('.jpg')}.small.webp 480w"
    assert frame["src"].startswith("https://player.bilibili.com/player.html?bvid=BV1xx411c7mD")
    assert "allow-top-navigation" not in frame["sandbox"]


async def test_caches_may_keep_it_and_nobody_gets_a_cookie(anonymous: Browser, add: Add) -> None:
    await add(row := tea())
    answer = await anonymous.get(address(row))
    assert answer.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=600"
    assert "set-cookie" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert "frame-src https://player.bilibili.com" in policy and "script-src 'self';" in policy
    again = await anonymous.get(address(row), {"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.html) == (304, "")


async def test_somebody_signed_in_gets_it_for_themselves(client: Browser, add: Add) -> None:
    await add(row := tea())
    answer = await client.get(address(row))
    assert answer.status == 200 and answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "values",
    [
        {"status": ArticleStatus.draft},
        {"status": ArticleStatus.offline},
        {"publish_time": now() + 24 * HOUR},
        {"publish_time": None},
    ],
)
async def test_what_is_not_public_yet_or_any_more_is_not_there(
    anonymous: Browser, add: Add, values: dict[str, Any]
) -> None:
    await add(row := Article(title="T", slug="t", **{"status": ArticleStatus.published, **values}))
    assert (await anonymous.get(address(row))).status == 404


@pytest.mark.parametrize("short", ["1", "zzzzzz", "zzzzzzzzzzz", "..", "a" * 300])
async def test_unknown_addresses_are_not_there(anonymous: Browser, short: str) -> None:
    assert (await anonymous.get(f"/e/{short}")).status in (404, 303)


async def test_language_and_look_are_the_visitors(anonymous: Browser, add: Add) -> None:
    await add(row := tea())
    plain = await anonymous.get(address(row), {"Accept-Language": "zh-CN"})
    dark = await anonymous.get(address(row), {"Cookie": "fastor_theme=dark"})
    assert 'lang="zh-CN"' in plain.html and "data-theme" not in plain.html
    assert 'data-theme="dark"' in dark.html
