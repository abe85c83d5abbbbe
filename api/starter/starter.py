"""`Starter`: everything of the starter portal's API that is no resource."""

from api.endpoint import Endpoint
from api.starter.articles import ArticleEndpoints
from api.starter.banners import banner_endpoints
from api.starter.customers import CustomerEndpoints
from api.starter.tools import tool_endpoints
from portal.auth.authenticator import OwnSignIn
from portal.auth.nonces import open_nonces
from portal.auth.passwords import Passwords
from portal.auth.throttle import SignInThrottle
from portal.services.article_views import ArticleViews
from portal.services.customer_accounts import CustomerAccounts
from portal.web.site import Site


class Starter:
    """The endpoints, and what they keep while the portal runs."""

    def __init__(self, site: Site) -> None:
        shared = site.redis is not None or site.settings.workers > 1
        self._views = ArticleViews(site.database, open_nonces(site.database, site.redis) if shared else None)
        self.endpoints: list[Endpoint] = [
            *ArticleEndpoints(self._views).all(),
            *banner_endpoints(),
            *CustomerEndpoints(_accounts(site)).all(),
            *tool_endpoints(),
        ]

    async def close(self) -> None:
        """Write what is still to be written."""
        await self._views.close()


def _accounts(site: Site) -> CustomerAccounts:
    settings, own = site.settings, Passwords()

    def passwords() -> Passwords:
        """The sign-in's of users where there is one: together they take no more memory."""
        return site.authenticator.accounts.passwords if isinstance(site.authenticator, OwnSignIn) else own

    key, device_key = settings.key("customer names"), settings.key("customer devices")
    throttle = SignInThrottle(site.database, key=key, device_key=device_key)
    return CustomerAccounts(site.database, site.tokens, throttle, passwords, site.writing)
