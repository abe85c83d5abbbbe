"""`Api`: the JSON front door of a portal, as a Litestar plugin beside it.

    Litestar(plugins=[portal, Api(portal.site)])

Of the resources those are shown that say so (`api = True`, or the verbs); `endpoints` are written by hand.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from litestar.plugins import InitPlugin

from api.call import Call
from api.clients import LegacyClients, SignedClients
from api.docs import PAGE, RIGHT, Docs
from api.docs import SCHEME as DOCS_SCHEME
from api.door import BearerTokens, Check, Credentials, Door, LastUse
from api.endpoint import Endpoint
from api.legacy_signing import announce
from api.limits import Limits
from api.resource_endpoints import ResourceEndpoints
from api.router import api_router
from api.schemas import ResourceSchema
from api.sealed_bodies import Sealing
from api.signing import SCHEME
from api.upload_endpoints import UploadEndpoints
from api.webhook_data import representation
from portal.auth.nonces import open_nonces
from portal.auth.rates import open_limiter
from portal.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from litestar.config.app import AppConfig

    from portal.web.site import Site


class SealingKey(msgspec.Struct):
    """A key of the portal's; `public_key` is in base64url without padding."""

    id: str
    algorithm: str
    public_key: str


class SealingKeys(msgspec.Struct):
    """Any of them will do; new ones are added before old ones go."""

    keys: list[SealingKey]


class Api(InitPlugin):
    """The endpoints of one portal. Two that answer at the same address are a `ConfigurationError`."""

    def __init__(
        self,
        site: "Site",
        *,
        endpoints: Sequence[Endpoint] = (),
        schemes: Mapping[str, Credentials] | None = None,
        checks: Sequence[Check] = (),
    ) -> None:
        self.site = site
        self.schemas = {
            name: ResourceSchema(resource) for name, resource in site.resources.items() if resource.api is not False
        }
        site.webhooks.outbox.represent = representation(site, self.schemas)
        self._nonces = open_nonces(site.database, site.redis)
        self._sealing = Sealing(site.settings.key("sealed bodies"), self._nonces)
        known: list[Endpoint] = []
        self._docs = Docs(site, known)
        docs = [self._docs.endpoint()] if self._docs.open else []
        self.endpoints = (self._keys(), *docs, *endpoints, *self._of_resources())
        self.door = self._door(schemes or {}, checks)
        self._refuse_twins()
        known += self.endpoints
        if self._docs.open:
            site.page_rights[PAGE] = RIGHT

    def on_app_init(self, app_config: "AppConfig") -> "AppConfig":
        """Add a router, and the page of the documentation where there is one; nothing else."""
        app_config.route_handlers.append(api_router(self.site, self.endpoints, self.door, self._sealing))
        if self._docs.open:
            app_config.route_handlers.append(self._docs.router())
        return app_config

    def _door(self, schemes: Mapping[str, Credentials], checks: Sequence[Check]) -> Door:
        site, settings = self.site, self.site.settings
        known: dict[str, Credentials] = {
            "bearer": BearerTokens(site.tokens),
            SCHEME: SignedClients(site.client_keys, self._nonces),
            **schemes,
        }
        if self._docs.open:
            known[DOCS_SCHEME] = self._docs.caller
        legacy = LegacyClients(site.client_keys, settings.legacy_signing_window) if settings.legacy_signing else None
        announce(settings)
        limits = Limits(open_limiter(site.redis), settings)
        return Door(site, known, limits, [*checks, LastUse(site.tokens, site.client_keys)], legacy)

    def _keys(self) -> Endpoint:
        """The public key that bodies are sealed for."""

        async def keys(call: Call) -> SealingKeys:
            return msgspec.convert(self._sealing.keys(), SealingKeys)

        return Endpoint(
            "GET", "/keys", keys, name="keys", summary="The keys bodies are sealed for", answer=SealingKeys, public=True
        )

    def _of_resources(self) -> list[Endpoint]:
        made: list[Endpoint] = []
        for schema in self.schemas.values():
            verbs = schema.resource.api
            made += ResourceEndpoints(schema, self.schemas).all(None if verbs is True else verbs or ())
            if verbs is True or "upload" in (verbs or ()):
                made += UploadEndpoints(schema).all()
        return made

    def _refuse_twins(self) -> None:
        seen: dict[tuple[str, str], str] = {}
        problems: list[Problem] = []
        for endpoint in self.endpoints:
            address = (endpoint.method, endpoint.path)
            if address in seen:
                message = f"{endpoint.method} {endpoint.path} is answered by {seen[address]} and {endpoint.name}."
                problems.append(Problem("P120", "Api.endpoints", message, "Give one of them another path."))
            seen[address] = endpoint.name
        if problems:
            raise ConfigurationError(problems)
