"""`fastor run --app tests.e2e.newsroom.app:create`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Litestar, get
from sqlalchemy import String, create_engine
from sqlalchemy.orm import Mapped, mapped_column

from portal import Base, Page, Portal, Resource, RolePolicy, Route, Settings, image, render, rich_text
from portal.db.columns import LongText
from portal.web.headers import content_security_policy

HERE = Path(__file__).parent


class Poster(Base):
    """With two pictures of different shapes."""

    __tablename__ = "newsroom_poster"

    title: Mapped[str] = mapped_column(String(200))
    front: Mapped[str | None] = mapped_column(String(255), info=image(ratio="3:4"))
    back: Mapped[str | None] = mapped_column(String(255), info=image())
    body: Mapped[str] = mapped_column(LongText, default="", info=rich_text())


@dataclass(frozen=True)
class OldContext:
    ticket: str


class OldPage(Page):
    """A form that loads the editor as forms did ten years ago."""

    def routes(self, resource: Any) -> Sequence[Route]:
        return [Route(("GET",), "/old", self.show, absolute=True)]

    async def show(self, request: Any, resource: Any) -> Any:
        # the old dialog needs its hidden frame, what is written its colours
        policy = content_security_policy(frame_src="'self'", style_src_attr="'unsafe-inline'")
        context = OldContext(ticket=request.visit.upload_ticket("editor"))
        return render(request, "old.html", context, headers={"Content-Security-Policy": policy})


class PosterResource(Resource):
    model = Poster
    pages = (OldPage(),)


@get("/health/ready")
async def ready() -> str:
    return "ready"


def create() -> Litestar:
    settings = Settings.load()
    engine = create_engine(settings.database_url.replace("+aiosqlite", ""))
    Poster.metadata.create_all(engine, [Poster.__table__])  # type: ignore[list-item]  # a Table, says SQLAlchemy
    engine.dispose()
    from portal.app import system_resources

    portal = Portal(
        [PosterResource, *system_resources()],
        policy=RolePolicy(),
        path="/admin",
        settings=settings,
        templates=[HERE / "templates"],
        static=[HERE / "static"],
    )
    return Litestar([ready], plugins=[portal], openapi_config=None, logging_config=None)
