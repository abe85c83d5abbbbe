"""The same addresses with no more than Litestar, SQLAlchemy's Core and msgspec: the least they could cost."""

from typing import Any

from cashews import Cache
from litestar import Litestar, Request, Response, get
from litestar.exceptions import NotAuthorizedException, NotFoundException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.api_common import COUNTER, KEPT, ROWS, Content, Gate, redis_client
from portal.errors import PortalError
from portal.models.article import Article, ArticleTag
from portal.settings import Settings
from portal.web.access_log import AccessLog

COLUMNS = [column for name, column in Article.__table__.columns.items() if name != "body"]


def create() -> Litestar:
    settings = Settings.load()
    gate, content, redis, cache = Gate(settings), Content(settings), redis_client(), Cache()
    cache.setup("mem://")

    async def admitted(request: Request[Any, Any, Any]) -> dict[str, str]:
        address = request.client.host if request.client else None
        try:
            return await gate.admit(request.headers.get("authorization", ""), address)
        except PortalError as error:
            raise NotAuthorizedException(str(error)) from error

    @get("/api/bench/constant")
    async def constant(request: Request[Any, Any, Any]) -> Response[Any]:
        return Response({"status": "ok"}, headers=await admitted(request))

    @get("/api/articles/{key:int}")
    async def one(request: Request[Any, Any, Any], key: int) -> Response[Any]:
        headers = await admitted(request)
        tags = select(ArticleTag.tag_id).where(ArticleTag.article_id == key)
        async with content.session() as db:
            row = (await db.execute(select(Article.__table__).where(Article.id == key))).one_or_none()
            if row is None:
                raise NotFoundException
            found = {**_shown(row), "tags": list(await db.scalars(tags))}
        return Response(found, headers=headers)

    async def part(db: AsyncSession, size: int) -> dict[str, Any]:
        rows = (await db.execute(select(*COLUMNS).order_by(Article.id.desc()).limit(size + 1))).all()
        items = [_shown(row) for row in rows[:size]]
        return {"items": items, "next": str(items[-1]["id"]) if len(rows) > size else None, "previous": None}

    @get("/api/articles")
    async def show(request: Request[Any, Any, Any], size: int = 20) -> Response[Any]:
        headers = await admitted(request)
        async with content.session() as db:
            return Response(await part(db, size), headers=headers)

    @get("/api/bench/counter")
    async def counter(request: Request[Any, Any, Any]) -> Response[Any]:
        headers = await admitted(request)
        return Response({"count": await redis.incr(COUNTER)}, headers=headers)

    @cache(ttl=KEPT, key="list")
    async def kept() -> dict[str, Any]:
        async with content.session() as db:
            return await part(db, ROWS)

    @get("/api/bench/cached")
    async def kept_list(request: Request[Any, Any, Any]) -> Response[Any]:
        headers = await admitted(request)
        return Response(await kept(), headers=headers)

    async def close() -> None:
        await redis.aclose()
        await content.engine.dispose()
        await gate.database.dispose()

    handlers = [constant, one, show, counter, kept_list]
    app = Litestar(handlers, on_shutdown=[close], openapi_config=None, logging_config=None)
    app.asgi_handler = AccessLog(app.asgi_handler, settings)  # type: ignore[assignment]  # plain ASGI
    return app


def _shown(row: Any) -> dict[str, Any]:
    found = row._asdict()
    found["cover_url"] = row.cover and f"/media/{row.cover}"
    found["attachment_url"] = row.attachment and f"/media/{row.attachment}"
    found["gallery_urls"] = None if row.gallery is None else [f"/media/{key}" for key in row.gallery]
    return found
