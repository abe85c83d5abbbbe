"""`Starter`: everything of the starter portal's API that is no resource."""

from api.endpoint import Endpoint
from api.starter.articles import ArticleEndpoints
from api.starter.banners import banner_endpoints
from api.starter.tools import tool_endpoints
from portal.auth.nonces import open_nonces
from portal.services.article_views import ArticleViews
from portal.web.site import Site


class Starter:
    """The endpoints, and what they keep while the portal runs."""

    def __init__(self, site: Site) -> None:
        shared = site.redis is not None or site.settings.workers > 1
        self._views = ArticleViews(site.database, open_nonces(site.database, site.redis) if shared else None)
        self.endpoints: list[Endpoint] = [*ArticleEndpoints(self._views).all(), *banner_endpoints(), *tool_endpoints()]

    async def close(self) -> None:
        """Write what is still to be written."""
        await self._views.close()
