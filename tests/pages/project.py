"""A project of somebody's own, made in a temporary folder and served like any other."""

import importlib
import itertools
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar

from portal.app import create_app
from portal.db.model import Model
from portal.models import system
from portal.settings import Settings
from tests.pages.browser import PASSWORD, Browser
from tests.portals import QUICK, hurry

NUMBERS = itertools.count(1)

MODELS = """
import enum
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal import Base, EnumString, PositionMixin, TimestampMixin, UTCDateTime, _, image, ui


class Event(Base, TimestampMixin, PositionMixin):
    __tablename__ = "scratch_event"

    title: Mapped[str] = mapped_column(String(200), info=ui(label=_("Title"), search=True))
    poster: Mapped[str | None] = mapped_column(String(255), info=image(folder="posters"))
    begins: Mapped[datetime] = mapped_column(UTCDateTime)


class ArticleStatus(enum.Enum):
    draft = "draft"
    published = "published"


class Article(Base):
    __tablename__ = "scratch_article"

    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[ArticleStatus] = mapped_column(EnumString(ArticleStatus, 20), default=ArticleStatus.draft)
    publish_time: Mapped[datetime | None] = mapped_column(UTCDateTime)
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
"""
"""The event of the README, and an article to show things on."""

EVENTS = """
from portal import Resource

from ..models import Event


class EventResource(Resource):
    model = Event
"""


class Project:
    """A package with files of your choice; the system's tables and its own on SQLite."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.name = f"newsroom_{next(NUMBERS)}"
        self.folder = folder / self.name
        self.settings = Settings(
            secret="s" * 40, database_url=f"sqlite+aiosqlite:///{folder / 'project.db'}", var=folder / "var"
        )
        self.running: Litestar | None = None
        self._tables = set(Model.metadata.tables)
        self.write("__init__.py", "")
        self.write("resources/__init__.py", "")
        self.write("models.py", MODELS)

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def module(self, path: str) -> Any:
        return importlib.import_module(f"{self.name}.{path}")

    def app(self) -> Litestar:
        """The application; raises what is wrong with the declarations."""
        return create_app(package=self.name, settings=self.settings)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Browser]:
        """The administrator's browser in front of the running project."""
        app = self.app()
        self.running = app
        site = app.state.portal.site
        hurry(site)
        own = [table for name, table in Model.metadata.tables.items() if name not in self._tables]
        users = [table for name, table in Model.metadata.tables.items() if name.startswith("fastor_")]
        async with app.lifespan():
            async with site.database.engine.begin() as connection:
                await connection.run_sync(Model.metadata.create_all, [*users, *own])
            await self.add(
                site, system.User(username="maria", password_hash=await QUICK.hash(PASSWORD), is_superuser=True)
            )
            browser = Browser(app)
            await browser.sign_in("maria")
            yield browser
            await browser.close()

    async def add(self, site: Any, *rows: Any) -> None:
        async with site.database.write() as session:
            session.add_all(rows)
            await session.commit()

    def forget(self) -> None:
        """Leave nothing behind for other tests: tables of the common metadata, imported modules."""
        for name in set(Model.metadata.tables) - self._tables:
            Model.metadata.remove(Model.metadata.tables[name])
        for name in [name for name in sys.modules if name.partition(".")[0] == self.name]:
            del sys.modules[name]
