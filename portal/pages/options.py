"""What a picker may offer: the rows of a relation whose title holds what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response

from portal.errors import NotFound
from portal.kit.listing import clean_search
from portal.kit.page import BoundResource, Page, Route
from portal.web.request import PortalRequest


@dataclass(frozen=True)
class OptionsPage(Page):
    """Answers pickers, in JSON."""

    def routes(self, resource: BoundResource) -> Sequence[Route]:
        return [Route(("GET",), "/options/{name:str}", self.find)]

    async def find(self, request: PortalRequest, resource: BoundResource) -> Response[dict[str, Any]]:
        name = request.path_params["name"]
        found = resource.facts.attributes.get(name)
        if found is None or found.target is None or found.automatic:
            raise NotFound
        words = clean_search(request.sent.get("q", [""])[-1])
        async with request.site.reading(request.actor) as work:
            service = resource.service(work)
            service.require("view")
            options, more = await service.options(name, words)
        body = {"options": [{"value": option.value, "text": option.text} for option in options], "more": more}
        return Response(body, headers={"Cache-Control": "no-store"})
