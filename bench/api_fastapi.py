"""The same addresses as people write them with FastAPI, SQLAlchemy's ORM and pydantic."""

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from cashews import Cache
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, noload, selectinload

from bench.api_common import COUNTER, KEPT, ROWS, Content, Gate, redis_client
from portal.errors import PortalError
from portal.models.article import Article, ArticleStatus
from portal.settings import Settings
from portal.web.access_log import AccessLog


class Constant(BaseModel):
    status: str


class Counted(BaseModel):
    count: int


class Item(BaseModel):
    """A row of a list, with the members that the portal's has."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    slug: str
    summary: str
    cover: str | None
    cover_url: str | None = None
    gallery: list[str] | None
    gallery_urls: list[str] | None = None
    attachment: str | None
    attachment_url: str | None = None
    category_id: int | None
    status: ArticleStatus
    pinned: bool
    views: int
    publish_time: datetime.datetime | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    created_by: str | None
    updated_by: str | None
    version: int

    def with_addresses(self) -> "Item":
        self.cover_url = self.cover and f"/media/{self.cover}"
        self.attachment_url = self.attachment and f"/media/{self.attachment}"
        self.gallery_urls = None if self.gallery is None else [f"/media/{key}" for key in self.gallery]
        return self


class Full(Item):
    body: str
    tags: list[int]


class Page(BaseModel):
    items: list[Item]
    next: str | None
    previous: str | None


def create() -> AccessLog:
    settings = Settings.load()
    gate, content, redis, cache = Gate(settings), Content(settings), redis_client(), Cache()
    cache.setup("mem://")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await redis.aclose()
        await content.engine.dispose()
        await gate.database.dispose()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    async def admitted(request: Request, response: Response, authorization: Annotated[str, Header()]) -> None:
        try:
            headers = await gate.admit(authorization, request.client.host if request.client else None)
        except PortalError as error:
            raise HTTPException(401, str(error)) from error
        response.headers.update(headers)

    async def session() -> AsyncIterator[AsyncSession]:
        async with content.session() as found:
            yield found

    calls: dict[str, Any] = {"dependencies": [Depends(admitted)]}

    @app.get("/api/bench/constant", **calls)
    async def constant() -> Constant:
        return Constant(status="ok")

    @app.get("/api/articles/{key}", **calls)
    async def get(key: int, db: Annotated[AsyncSession, Depends(session)]) -> Full:
        statement = select(Article).options(selectinload(Article.tags), noload(Article.category))
        row = await db.scalar(statement.where(Article.id == key))
        if row is None:
            raise HTTPException(404)
        values = {name: getattr(row, name) for name in Full.model_fields if hasattr(row, name)}
        found = Full.model_validate({**values, "tags": [tag.id for tag in row.tags]})
        found.with_addresses()
        return found

    async def part(db: AsyncSession, size: int) -> Page:
        statement = select(Article).options(defer(Article.body), noload(Article.category), noload(Article.tags))
        rows = (await db.scalars(statement.order_by(Article.id.desc()).limit(size + 1))).all()
        items = [Item.model_validate(row).with_addresses() for row in rows[:size]]
        return Page(items=items, next=str(items[-1].id) if len(rows) > size else None, previous=None)

    @app.get("/api/articles", **calls)
    async def show(
        db: Annotated[AsyncSession, Depends(session)], size: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> Page:
        return await part(db, size)

    @app.get("/api/bench/counter", **calls)
    async def counter() -> Counted:
        return Counted(count=await redis.incr(COUNTER))

    @cache(ttl=KEPT, key="list")
    async def kept() -> Page:
        async with content.session() as db:
            return await part(db, ROWS)

    @app.get("/api/bench/cached", **calls)
    async def kept_list() -> Page:
        found: Page = await kept()
        return found

    return AccessLog(app, settings)
