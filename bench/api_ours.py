"""Ours: the portal with its API, tokens, limits, outer guard and access log, and a few endpoints to be measured."""

from typing import Any

from litestar import Litestar
from msgspec import Struct

from api.call import Call
from api.endpoint import endpoint
from api.plugin import Api
from bench.api_common import COUNTER, KEPT, REDIS, ROWS
from portal.app import Portal, find_resources
from portal.auth.policy import RolePolicy
from portal.cache import cached
from portal.redis_server import RedisServer
from portal.settings import Settings
from portal.web.access_log import AccessLog
from portal.web.guard import OuterGuard


class Constant(Struct):
    status: str


class Counted(Struct):
    count: int


def create() -> Litestar:
    """Assembled as `create_app` does it; measured addresses beside the resources' own."""
    settings = Settings.load()
    portal = Portal(find_resources("portal.resources"), policy=RolePolicy(), settings=settings)
    redis = RedisServer(REDIS)

    @endpoint("GET", "/bench/constant", name="constant", permission="articles.view")
    async def constant(call: Call) -> Constant:
        return Constant("ok")

    @endpoint("GET", "/bench/counter", name="counter", permission="articles.view")
    async def counter(call: Call) -> Counted:
        async with redis.asked() as client:
            return Counted(await client.incr(COUNTER))

    @endpoint("GET", "/bench/cached", name="cached", permission="articles.view", answer=dict)
    async def kept_list(call: Call) -> Any:
        return await _kept(call)

    api = Api(portal.site, endpoints=[constant, counter, kept_list])
    shown = next(found.handler for found in api.endpoints if found.name == "articles-list")

    @cached(ttl=KEPT, scope="public", tags=("article",), key=())
    async def _kept(call: Call) -> dict[str, Any]:
        call.sent["size"] = [str(ROWS)]
        found: dict[str, Any] = await shown(call)
        return found

    app = Litestar(plugins=[portal, api], on_shutdown=[redis.close], openapi_config=None, logging_config=None)
    app.asgi_handler = AccessLog(OuterGuard(app.asgi_handler, settings), settings)  # type: ignore[assignment]  # plain ASGI
    return app
