"""Every component on one page, for whoever changes the look; shown in development only."""

from litestar import Response

from portal.web.rendering import Crumb, render
from portal.web.request import PortalRequest


async def patterns(request: PortalRequest) -> Response[bytes]:
    return render(request, "patterns.html", {}, crumbs=[Crumb("Patterns")])
