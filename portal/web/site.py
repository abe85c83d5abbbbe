"""`Site`: one running portal, as its pages know it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from portal.auth.actor import Actor
from portal.auth.policy import Policy
from portal.db.engine import Database
from portal.i18n import Translations
from portal.kit.page import BoundResource
from portal.markup.cleaning import clean
from portal.markup.pictures import canonical, with_addresses
from portal.menu import Menu
from portal.services.unit_of_work import UnitOfWork
from portal.settings import Settings
from portal.uploads.keys import THUMB, copy_key, is_public, thumb_of

if TYPE_CHECKING:
    from portal.auth.authenticator import Authenticator
    from portal.auth.client_keys import ClientKeys
    from portal.auth.tokens import Tokens
    from portal.cache import Cache
    from portal.redis_server import RedisServer
    from portal.services.webhooks.house import Webhooks
    from portal.uploads.service import Uploads
    from portal.web.environment import PortalEnvironment
    from portal.web.static_files import StaticFiles


@dataclass
class Site:
    """Everything the handlers of one portal share; made once at start-up and only read afterwards."""

    settings: Settings
    database: Database
    policy: Policy
    authenticator: "Authenticator"
    resources: Mapping[str, BoundResource]
    menu: Menu
    static: "StaticFiles"
    translations: Translations
    templates: "PortalEnvironment"
    uploads: "Uploads"
    cache: "Cache"
    tokens: "Tokens"
    client_keys: "ClientKeys"
    webhooks: "Webhooks"
    redis: "RedisServer | None" = None
    """What several machines share, where one is set."""
    path: str = ""
    """Where it is mounted, without a slash at the end: ``""`` or ``/admin``."""
    title: str = "Fastor"
    names: Mapping[type, str] = field(default_factory=dict)
    """Model -> the resource that manages it."""
    page_rights: dict[str, str] = field(default_factory=lambda: {"dashboard": ""})
    """The pages that are no resource's, and what is needed to open them; whoever adds one says so at start-up."""

    def in_menu_order(self) -> list[BoundResource]:
        """The resources as the menu lists them, those it leaves out at the end."""
        listed = [self.resources[name] for name in self.menu.resources() if name in self.resources]
        return [*listed, *[found for found in self.resources.values() if found not in listed]]

    def __deepcopy__(self, memo: object) -> "Site":
        """Litestar copies the handlers and middleware it registers; the portal behind them is one."""
        return self

    def url(self, path: str = "/", *keys: str) -> str:
        """An address of this portal; `{}` in the path take the keys, percent-encoded."""
        filled = path.format(*[quote(key, safe="~") for key in keys]) if keys else path
        return self.path + filled or "/"

    def url_of(self, resource: BoundResource | str, key: str | None = None, tail: str = "") -> str:
        """A resource's list, one of its rows, or something below that."""
        name = resource if isinstance(resource, str) else resource.name
        row = "" if key is None else "/" + quote(key, safe="~")
        return f"{self.path}/{name}{row}{tail}"

    def media_url(self, stored: str) -> str:
        """Where the browser finds a stored file; private ones nowhere but here, where each request is looked at."""
        if stored.startswith(("https://", "http://")):
            return stored
        elsewhere = self.settings.media_url if is_public(stored) else None
        return (f"{elsewhere.rstrip('/')}/" if elsewhere else self.url("/media/")) + quote(stored)

    def thumb_url(self, stored: str) -> str:
        """Where it finds the smallest copy of a picture."""
        return self.media_url(thumb_of(stored))

    def preview_url(self, file: Any) -> str:
        """Where it finds a copy of a stored picture that fills a tile: `small`, where there is one."""
        return self.media_url(copy_key(file.key, "small" if "small" in file.sizes else THUMB))

    def rich_text(self, stored: str) -> str:
        """A stored text as it is shown or edited here: cleaned once more, its pictures with their addresses."""
        return with_addresses(clean(stored, own=self.own_address), self.media_url)

    def own_address(self, source: str) -> str | None:
        """The `/media/…` a picture's address stands for, `None` when the picture is not one of ours."""
        return canonical(source, self.path, self.settings.media_url or "", self.settings.base_url or "")

    def work(self, session: Any, actor: Actor) -> UnitOfWork:
        return UnitOfWork(
            session,
            actor,
            self.policy,
            self.settings.key("cursor"),
            self.names,
            uploads=self.uploads,
            own_address=self.own_address,
            observers=(self.cache, self.tokens, self.client_keys, self.webhooks.outbox),
            client_keys=self.client_keys,
            webhooks=self.webhooks,
        )

    @asynccontextmanager
    async def reading(self, actor: Actor) -> AsyncIterator[UnitOfWork]:
        """A unit of work that changes nothing."""
        async with self.database.read() as session:
            yield self.work(session, actor)

    @asynccontextmanager
    async def writing(self, actor: Actor) -> AsyncIterator[UnitOfWork]:
        """A unit of work that may write; what its services did not commit is undone."""
        async with self.database.write() as session:
            yield self.work(session, actor)
