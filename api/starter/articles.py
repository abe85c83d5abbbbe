"""Articles as readers get them: published ones only, no token needed."""

import datetime
import hashlib
import hmac
from typing import Annotated, Any

from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct

from api.call import Call
from api.endpoint import Endpoint, endpoint
from api.errors import BadParameters
from api.public_answers import public_answer
from api.representation import address
from portal.auth.throttle import bucket
from portal.cache import cached
from portal.errors import InputError
from portal.services.article_feed import article_feed, public_article, public_article_id
from portal.services.article_views import ArticleViews
from portal.short_ids import short_id
from portal.web.site import Site

TAG = "Articles for readers"

FRESH, KEPT = 10, 120
"""Seconds until a change that no service made, such as an article whose time has come, is seen at the latest."""

MADE_OF = ("article", "category", "tag")
STORABLE = r"^[^\x00]*$"
"""No database takes NUL in a text."""

Name = Annotated[str, Meta(min_length=1, max_length=200, description="A slug or a short id.", examples=["my-tea"])]


class FeedQuery(Struct, forbid_unknown_fields=True):
    category: Annotated[str, Meta(max_length=100, pattern=STORABLE, description="The slug of a section.")] = ""
    tag: Annotated[str, Meta(max_length=50, pattern=STORABLE, description="The name of a tag.")] = ""
    size: Annotated[int, Meta(ge=1, le=50, description="Articles of one answer.")] = 20
    after: Annotated[str, Meta(max_length=2000, description="The `next` of another answer.")] = ""


class Section(Struct):
    name: str
    slug: str


class FeedArticle(Struct):
    """An article without its text."""

    id: Annotated[str, Meta(description="Short, and the same for ever.", examples=["JJKBXV"])]
    slug: str
    title: str
    summary: str
    cover_url: str | None
    category: Section | None
    tags: list[str]
    pinned: bool
    published_at: datetime.datetime
    views: int


class Feed(Struct):
    """Newest first."""

    items: list[FeedArticle]
    next: Annotated[str | None, Meta(description="The cursor for `after`, if there is more.")]


class FullArticle(FeedArticle):
    """An article to be read."""

    body: Annotated[str, Meta(description="Clean HTML.")]
    gallery_urls: list[str]
    attachment_url: str | None


class Viewed(Struct):
    counted: Annotated[bool, Meta(description="False for who was here in the last half hour.")]


class ArticleEndpoints:
    """The feed, one article, and how often it is read."""

    def __init__(self, views: ArticleViews) -> None:
        self._views = views

    def all(self) -> list[Endpoint]:
        public: dict[str, Any] = {"tag": TAG, "public": True}
        kept: dict[str, Any] = {**public, "headers": ("If-None-Match",)}
        return [
            endpoint("GET", "/feed/articles", name="feed_articles", answer=Feed, refuses=(404,), **kept)(self.show),
            endpoint("GET", "/feed/articles/{name}", name="feed_article", answer=FullArticle, **kept)(self.get),
            endpoint("POST", "/feed/articles/{name}/view", name="feed_article_view", **public)(self.view),
        ]

    async def show(self, call: Call, query: FeedQuery) -> ASGIResponse:
        """The published articles.

        Newest first, without their texts; of one section or with one tag where the address says so.
        """
        try:
            with call.site.cache.serving(None):
                found = await _feed(call.site, query)
        except InputError as error:  # a cursor that is not this feed's
            raise BadParameters(error.errors) from error
        return public_answer(call, found, max_age=FRESH, stale_while_revalidate=KEPT)

    async def get(self, call: Call, name: Name) -> ASGIResponse:
        """One article to be read.

        Whoever gets it has viewed it; where a cache between answers, `POST …/view` says so.
        """
        with call.site.cache.serving(None):
            number, found = await _article(call.site, name)
        await self._views.count(number, visitor(call))
        return public_answer(call, found, max_age=FRESH, stale_while_revalidate=KEPT)

    async def view(self, call: Call, name: Name) -> Viewed:
        """Count a view.

        A visitor is counted once in half an hour, whatever is sent in between.
        """
        with call.site.cache.serving(None):
            number = await _number(call.site, name)
        return Viewed(await self._views.count(number, visitor(call)))


@cached(ttl=KEPT, soft=FRESH, scope="public", tags=MADE_OF, key=lambda site, query: (site.path, query))
async def _feed(site: Site, query: FeedQuery) -> Feed:
    async with site.database.read() as session:
        found = await article_feed(
            session,
            site.settings.key("cursor"),
            category=query.category,
            tag=query.tag,
            size=query.size,
            after=query.after,
        )
        return Feed([FeedArticle(**_shown(site, row)) for row in found.rows], found.next)


@cached(ttl=KEPT, soft=FRESH, scope="public", tags=MADE_OF, key=lambda site, name: (site.path, name))
async def _article(site: Site, name: str) -> tuple[int, FullArticle]:
    async with site.database.read() as session:
        row = await public_article(session, name)
        return row.id, FullArticle(
            **_shown(site, row),
            body=site.rich_text(row.body),
            gallery_urls=[address(site, key) for key in row.gallery or ()],
            attachment_url=_address(site, row.attachment),
        )


@cached(ttl=KEPT, soft=FRESH, scope="public", tags=("article",), key=lambda site, name: (site.path, name))
async def _number(site: Site, name: str) -> int:
    async with site.database.read() as session:
        return await public_article_id(session, name)


def _shown(site: Site, row: Any) -> dict[str, Any]:
    section = row.category
    return {
        "id": short_id(row.id),
        "slug": row.slug,
        "title": row.title,
        "summary": row.summary,
        "cover_url": _address(site, row.cover),
        "category": section and Section(section.name, section.slug),
        "tags": [tag.name for tag in row.tags],
        "pinned": row.pinned,
        "published_at": row.publish_time,
        "views": row.views,
    }


def _address(site: Site, stored: str | None) -> str | None:
    return address(site, stored) if stored else None


def visitor(call: Call) -> str:
    """Who reads, as far as it can be told; a keyed digest, for nobody is to be found by it."""
    if call.caller is not None:
        who = f"{call.caller.kind}:{call.caller.subject or call.caller.id}"
    else:
        who = f"{bucket(call.address)}\n{call.received.get('user-agent', '')}"
    return hmac.digest(call.site.settings.key("visitor"), who.encode("utf-8", "replace"), hashlib.sha256).hex()[:32]
