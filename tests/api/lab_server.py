"""The laboratory as an application of its own, for a server: `fastor run --app tests.api.lab_server:create_app`."""

from litestar import Litestar

from api.health import health_router
from api.plugin import Api
from portal import Portal, RolePolicy
from portal.app import system_resources
from portal.settings import Settings
from tests.pages.lab import RESOURCES


def create_app(settings: Settings | None = None) -> Litestar:
    """Columns of every kind, keys of every kind; the tables are there already."""
    portal = Portal([*RESOURCES, *system_resources()], policy=RolePolicy(), settings=settings)
    app = Litestar(
        route_handlers=[health_router({"database": portal.site.database.ping})],
        plugins=[portal, Api(portal.site)],
        openapi_config=None,
        logging_config=None,
    )
    app.state.portal = portal
    return app
