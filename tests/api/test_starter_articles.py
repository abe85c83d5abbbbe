"""Articles for readers: what is public and no more, and how often it is read."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.starter.articles import FRESH
from portal.app import create_app
from portal.auth.nonces import TableNonces
from portal.db.engine import Database
from portal.db.mixins import now
from portal.models.article import Article, ArticleStatus
from portal.models.category import Category
from portal.models.tag import Tag
from portal.services.article_views import AGAIN_AFTER, REMEMBERED, ArticleViews
from portal.settings import Settings
from portal.short_ids import short_id
from portal.web.site import Site
from tests.api.conftest import Client
from tests.portals import Add, CountStatements, Read

pytestmark = pytest.mark.anyio

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def public(slug: str, days: int = 0, **values: Any) -> Article:
    published = {"status": ArticleStatus.published, "publish_time": LONG_AGO + timedelta(days=days)}
    return Article(**{"title": slug.title(), "slug": slug, "body": f"<p>{slug}</p>", **published, **values})


async def feed(caller: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await caller.get(f"/api/feed/articles{query}")
    assert answer.status_code == 200, answer.text
    return [item["slug"] for item in answer.json()["items"]]


async def test_only_what_is_public_newest_first(client: Client, add: Add) -> None:
    section = Category(name="Drinks", slug="drinks")
    await add(
        public("old", 1),
        public("new", 3, category=section, tags=[Tag(name="hot"), Tag(name="green")], cover="covers/a.jpg"),
        public("middle", 2, category=section),
        public("draft", 4, status=ArticleStatus.draft),
        public("gone", 5, status=ArticleStatus.offline),
        public("tomorrow", publish_time=now() + timedelta(days=1)),
        public("never", publish_time=None),
    )
    nobody = await client()
    assert await feed(nobody) == ["new", "middle", "old"]
    assert await feed(nobody, "?category=drinks") == ["new", "middle"]
    assert await feed(nobody, "?tag=green") == ["new"]
    assert await feed(nobody, "?tag=green&category=drinks") == ["new"]
    first = (await nobody.get("/api/feed/articles?size=1")).json()["items"][0]
    assert first["category"] == {"name": "Drinks", "slug": "drinks"}
    assert first["tags"] == ["green", "hot"]
    assert first["cover_url"].endswith("/media/covers/a.jpg")
    assert "body" not in first
    for name in ("draft", "gone", "tomorrow", "never", "nothing"):
        assert (await nobody.get(f"/api/feed/articles/{name}")).status_code == 404
        assert (await nobody.post(f"/api/feed/articles/{name}/view")).status_code == 404


async def test_the_feed_goes_on_where_it_ended(client: Client, add: Add) -> None:
    """Also through articles of one and the same moment."""
    await add(*[public(f"a{n}", n // 3) for n in range(10)])
    nobody = await client()
    seen: list[str] = []
    query = "?size=3"
    while query:
        page = (await nobody.get(f"/api/feed/articles{query}")).json()
        seen += [item["slug"] for item in page["items"]]
        query = f"?size=3&after={page['next']}" if page["next"] else ""
    assert seen == ["a9", "a8", "a7", "a6", "a5", "a4", "a3", "a2", "a1", "a0"]


@pytest.mark.parametrize(
    ("query", "status", "name"),
    [
        ("size=0", 400, "size"),
        ("size=51", 400, "size"),
        ("after=xx", 400, "after"),
        ("colour=red", 400, "colour"),
        ("tag=%00", 400, "tag"),
        ("category=nothing", 404, ""),
        ("tag=nothing", 404, ""),
    ],
)
async def test_addresses_that_are_not_understood(client: Client, query: str, status: int, name: str) -> None:
    answer = await (await client()).get(f"/api/feed/articles?{query}")
    assert answer.status_code == status
    assert [error["parameter"] for error in answer.json().get("errors", [])] == ([name] if name else [])


async def test_a_cursor_belongs_to_its_feed(client: Client, add: Add) -> None:
    await add(public("one", 1, tags=[Tag(name="hot")]), public("two", 2))
    nobody = await client()
    cursor = (await nobody.get("/api/feed/articles?size=1")).json()["next"]
    assert (await nobody.get(f"/api/feed/articles?size=1&after={cursor}&tag=hot")).status_code == 400


async def test_one_article(client: Client, add: Add, read: Read) -> None:
    unsafe = '<p onclick="x()">Tea<script>x()</script></p>'
    await add(public("tea", body=unsafe, gallery=["articles/a.jpg"], attachment="attachments/b.pdf"))
    (number,) = await read(select(Article.id))
    nobody = await client()
    found = (await nobody.get("/api/feed/articles/tea")).json()
    assert found["body"] == "<p>Tea</p>"
    assert found["gallery_urls"][0].endswith("/media/articles/a.jpg")
    assert found["attachment_url"].endswith("/media/attachments/b.pdf")
    assert found["id"] == short_id(number)
    assert (await nobody.get(f"/api/feed/articles/{short_id(number)}")).json() == found
    # a slug that looks like another's short id is a slug
    await add(public(short_id(number), body="<p>other</p>"))
    assert (await nobody.get(f"/api/feed/articles/{short_id(number)}")).json()["body"] == "<p>other</p>"
    for nothing in ("%00", "x" * 201, "%E2%98%95"):
        assert (await nobody.get(f"/api/feed/articles/{nothing}")).status_code in (400, 404)


async def test_caches_and_those_who_have_it(client: Client, add: Add, statements: CountStatements) -> None:
    await add(public("tea"))
    nobody = await client()
    first = await nobody.get("/api/feed/articles")
    assert first.headers["cache-control"] == f"public, max-age={FRESH}, stale-while-revalidate=120"
    assert "ratelimit" not in first.headers
    with statements() as seen:
        again = await nobody.get("/api/feed/articles", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, seen) == (304, b"", [])
    known = await client("tags.view")
    assert (await known.get("/api/feed/articles")).headers["cache-control"] == "private, no-cache"


async def test_changes_are_seen_at_once(client: Client, add: Add, read: Read) -> None:
    await add(public("tea"))
    (number,) = await read(select(Article.id))
    nobody, editor = await client(), await client("articles.edit", "articles.view")
    assert await feed(nobody) == ["tea"]
    assert (await nobody.get("/api/feed/articles/tea")).status_code == 200
    await editor.patch(f"/api/articles/{number}", json={"status": "offline"})
    assert await feed(nobody) == []
    assert (await nobody.get("/api/feed/articles/tea")).status_code == 404


async def test_views_count_each_visitor_once(client: Client, add: Add, read: Read) -> None:
    await add(public("tea"))
    before = await read(select(Article.version, Article.updated_at))
    path = "/api/feed/articles/tea"
    one, other = await client(**{"User-Agent": "one"}), await client(**{"User-Agent": "other"})
    assert (await one.post(f"{path}/view")).json() == {"counted": True}
    assert (await one.post(f"{path}/view")).json() == {"counted": False}
    await one.get(path)
    await other.get(path)
    assert (await other.post(f"{path}/view")).json() == {"counted": False}
    for _try in range(100):
        if await read(select(Article.views)) == [2]:
            break
        await asyncio.sleep(0.2)
    assert await read(select(Article.views)) == [2]
    assert await read(select(Article.version, Article.updated_at)) == before


class Clock:
    def __init__(self) -> None:
        self.moment = 1000.0

    def __call__(self) -> float:
        return self.moment


async def test_many_views_are_few_writes(database: Database, add: Add, read: Read, statements: CountStatements) -> None:
    await add(*[public(f"a{n}") for n in range(3)])
    numbers = await read(select(Article.id).order_by(Article.id))
    clock = Clock()
    views = ArticleViews(database, write_every=60, ticks=clock)
    with statements() as seen:
        for n in range(1000):
            assert await views.count(numbers[n % 2], f"visitor {n}")
        await views.write()
    assert len(seen) == 1
    assert await read(select(Article.views).order_by(Article.id)) == [500, 500, 0]
    assert not await views.count(numbers[0], "visitor 0")
    clock.moment += AGAIN_AFTER
    assert await views.count(numbers[0], "visitor 0")
    await views.close()
    assert await read(select(Article.views).order_by(Article.id)) == [501, 500, 0]
    assert len(views._seen) == 1000 < REMEMBERED


async def test_views_that_can_t_be_written_are_not_forgotten(
    database: Database, add: Add, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(public("tea"))
    (number,) = await read(select(Article.id))
    views = ArticleViews(database, write_every=60)
    await views.count(number, "a")

    async def fail(*args: Any) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(views, "_add", fail)
        await views.write()
    await views.count(number, "b")
    await views.close()
    assert await read(select(Article.views)) == [2]


async def test_several_processes_count_a_visitor_once(database: Database, add: Add, read: Read) -> None:
    await add(public("tea"))
    (number,) = await read(select(Article.id))
    processes = [ArticleViews(database, TableNonces(database), write_every=60) for _ in range(2)]
    counted = await asyncio.gather(*[views.count(number, "a") for views in processes for _ in range(2)])
    assert sum(counted) == 1
    for views in processes:
        await views.close()
    assert await read(select(Article.views)) == [1]


async def test_a_portal_that_stops_writes_what_it_counted(tmp_path: Path, site: Site, add: Add, read: Read) -> None:
    await add(public("tea"))
    settings = Settings(secret="s" * 40, var=tmp_path, database_url=site.settings.database_url)
    app = create_app(settings=settings)
    async with app.lifespan():
        transport: Any = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # an ASGI application
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as nobody:
            assert (await nobody.post("/api/feed/articles/tea/view")).json() == {"counted": True}
    assert await read(select(Article.views)) == [1]
