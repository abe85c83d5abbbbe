"""The API's router: every endpoint behind the door, and a problem document for whatever is no endpoint."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import msgspec
from litestar import Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from api.call import Call
from api.decoding import Form, json_body, parse_json, read_body, read_form, read_piece, read_query
from api.endpoint import BODY, JSON, Endpoint
from api.errors import NotAllowed, WrongContentType
from api.idempotency import HEADER, Idempotency
from api.legacy_signing import FORM
from api.problems import problem_answer, refuse
from api.sealed_bodies import MEDIA_TYPE as SEALED
from api.sealed_bodies import Opened, Sealing
from api.target import Target
from portal.errors import NotFound
from portal.i18n import LANGUAGES, use
from portal.services.once import Once
from portal.web.access_log import CALLER
from portal.web.preferences import best_language
from portal.web.request import grouped

if TYPE_CHECKING:
    from api.door import Door
    from portal.web.site import Site

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

NO_STORE = {"Cache-Control": "no-store"}

_encode = msgspec.json.Encoder().encode


def api_router(site: "Site", endpoints: Sequence[Endpoint], door: "Door", sealing: Sealing) -> Router:
    """All of them under `/api`."""
    idempotency = Idempotency(Once(site.database))
    return Router(
        path=f"{site.path}/api",
        # these come first: to an address that has no `OPTIONS` yet Litestar would add its own
        route_handlers=[
            *_elsewhere(endpoints),
            *[_handler(Answer(site, found, door, sealing, idempotency)) for found in endpoints],
        ],
        exception_handlers={Exception: refuse},
        request_max_body_size=max([BODY, *[endpoint.max_body for endpoint in endpoints]]),
        opt={"exclude_from_csrf": True},
        include_in_schema=False,
    )


def _handler(answer: "Answer") -> HTTPRouteHandler:
    endpoint = answer.endpoint

    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        return await answer.to(request)

    method: Any = endpoint.method
    path = _litestar(endpoint.path)
    # the status is the answer's own
    return HTTPRouteHandler(path, http_method=method, status_code=200, request_max_body_size=endpoint.max_body)(handle)


class Answer:
    """Answers calls of one endpoint."""

    def __init__(
        self, site: "Site", endpoint: Endpoint, door: "Door", sealing: Sealing, idempotency: Idempotency
    ) -> None:
        self.site = site
        self.endpoint = endpoint
        self.door = door
        self._sealing = sealing
        self._idempotency = idempotency if HEADER in endpoint.headers else None

    async def to(self, request: Request[Any, Any, Any]) -> ASGIResponse:
        state: dict[str, Any] = request.scope.setdefault("state", {})
        call = Call(request, self.site, self.endpoint.max_body, request_id=state.get("request_id", ""))
        language = _language(request.headers.get("accept-language", ""))
        with use(self.site.translations.get(language)):
            try:
                await self.door.admit(call, self.endpoint)
                response = await self._answered(call)
            except Exception as error:
                response = problem_answer(error, call.request_id)
                for name, value in call.headers.items():
                    response.headers.setdefault(name.lower(), value)
            if call.opened is not None:
                response = _sealed(call.opened, response)
            state[CALLER] = call.caller
            await self.door.leave(call, self.endpoint, response.status_code)
        return response

    async def _answered(self, call: Call) -> ASGIResponse:
        given = await self._given(call)

        async def run() -> ASGIResponse:
            return self._response(call, await self.endpoint.handler(call, **given))

        caller = call.caller
        with self.site.cache.serving(caller.actor if caller else None, caller.kind if caller else ""):
            return await (run() if self._idempotency is None else self._idempotency.answer(call, given, run))

    async def _given(self, call: Call) -> dict[str, Any]:
        """What the handler is called with, by name."""
        endpoint = self.endpoint
        given: dict[str, Any] = {}
        for name, text in call.request.path_params.items():
            given[name] = read_piece(text, endpoint.path_types.get(name, str))
            if given[name] is None:
                raise NotFound
        if endpoint.query is None:
            if call.sent:
                read_query(call.sent, _Nothing)
        elif not endpoint.reads_query:
            given["query"] = read_query(call.sent, endpoint.query)
        if endpoint.body is not None and endpoint.takes == JSON:
            given["body"] = await self._body(call)
        return given

    async def _body(self, call: Call) -> Any:
        """The body, read as far as the handler does not want to do it itself."""
        kind = call.received.get("content-type", "").partition(";")[0].strip().lower()
        if call.legacy and kind == FORM:
            sent: Any = Form({name: values[-1] for name, values in grouped(await call.request.body()).items()})
            return sent if self.endpoint.reads_body else read_form(sent, self.endpoint.body)
        if kind == SEALED:
            call.opened = await self._sealing.open(await call.request.body(), Target.of(cast(Any, call.request.scope)))
            sent = parse_json(call.opened.body)
        elif call.sealed_only:
            raise WrongContentType(SEALED)
        else:
            sent = await json_body(call.request)
        return sent if self.endpoint.reads_body else read_body(sent, self.endpoint.body)

    def _response(self, call: Call, answer: Any) -> ASGIResponse:
        status = call.status or self.endpoint.status
        if isinstance(answer, ASGIResponse):
            return answer
        body = b"" if status in (204, 304) else _encode(answer)
        headers = {**NO_STORE, **call.headers}
        return ASGIResponse(body=body, status_code=status, media_type=JSON, headers=headers)


@lru_cache(maxsize=64)
def _language(accepted: str) -> str:
    """Programs send the same words with every call, or none."""
    return best_language(accepted, LANGUAGES) or "en"


def _sealed(opened: Opened, response: ASGIResponse) -> ASGIResponse:
    """The same answer, to be read by none but who sent the sealed request."""
    status, body = response.status_code, bytes(response.body)
    if not body:
        return response
    kept = {name: value for name, value in response.headers.items() if name not in ("content-type", "content-length")}
    sealed = opened.seal_answer(status, body, response.headers.get("content-type", JSON))
    return ASGIResponse(body=sealed, status_code=status, media_type=SEALED, headers=kept)


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """An address without parameters."""


def _litestar(path: str) -> str:
    """`/articles/{key}` as Litestar writes it."""
    return path.replace("{", "{").replace("}", ":str}")


def _elsewhere(endpoints: Iterable[Endpoint]) -> list[HTTPRouteHandler]:
    """Addresses that are none, and methods that an address does not have; `OPTIONS` tells which it has."""
    methods: dict[str, set[str]] = {}
    for endpoint in endpoints:
        methods.setdefault(endpoint.path, set()).add(endpoint.method)
    handlers = [_not_allowed(path, known) for path, known in methods.items()]
    every: Any = list(METHODS)

    async def nowhere(request: Request[Any, Any, Any]) -> None:
        raise NotFound

    return [*handlers, HTTPRouteHandler(_between(methods), http_method=every, status_code=200)(nowhere)]


def _between(paths: Iterable[str]) -> list[str]:
    """The addresses above, below and beside those of endpoints: the router never looks back for one that fits."""
    known = set(paths)
    above = {path.rsplit("/", n)[0] for path in known for n in range(1, path.count("/"))}
    nodes = known | above
    leaves = [path for path in nodes if not any(other.startswith(f"{path}/{{") for other in nodes)]
    return [
        "/",
        "/{rest:path}",
        *map(_litestar, above - known),
        *[f"{_litestar(path)}/{{rest:path}}" for path in leaves],
    ]


def _not_allowed(path: str, known: set[str]) -> HTTPRouteHandler:
    others: Any = [method for method in METHODS if method not in known]
    allowed = [*known, "OPTIONS"]

    async def refused(request: Request[Any, Any, Any]) -> ASGIResponse:
        if request.method == "OPTIONS":
            return ASGIResponse(status_code=204, headers={"Allow": ", ".join(sorted(allowed))})
        raise NotAllowed(allowed)

    return HTTPRouteHandler(_litestar(path), http_method=others, status_code=200)(refused)
