"""`Api`: the JSON front door of a portal, as a Litestar plugin beside it.

    Litestar(plugins=[portal, Api(portal.site)])

Of the resources those are shown that say so (`api = True`, or the verbs); `endpoints` are written by hand.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from litestar.plugins import InitPlugin

from api.door import BearerTokens, Check, Credentials, Door
from api.endpoint import Endpoint
from api.resource_endpoints import ResourceEndpoints
from api.router import api_router
from api.schemas import ResourceSchema
from portal.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from litestar.config.app import AppConfig

    from portal.web.site import Site


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
        self.endpoints = (*endpoints, *self._of_resources())
        bearer = BearerTokens(site.tokens)
        self.door = Door(site, {"bearer": bearer, **(schemes or {})}, [*checks, bearer])
        self._refuse_twins()

    def on_app_init(self, app_config: "AppConfig") -> "AppConfig":
        """Add one router; nothing else."""
        app_config.route_handlers.append(api_router(self.site, self.endpoints, self.door))
        return app_config

    def _of_resources(self) -> list[Endpoint]:
        made: list[Endpoint] = []
        for schema in self.schemas.values():
            verbs = schema.resource.api
            made += ResourceEndpoints(schema, self.schemas).all(None if verbs is True else verbs or ())
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
