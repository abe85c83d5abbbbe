"""`Endpoint`: one address of the API, declared by the types it takes and gives.

    class Greeting(Struct):
        text: str

    class Whom(Struct, forbid_unknown_fields=True):
        name: Annotated[str, Meta(min_length=1, max_length=60, examples=["Ada"])]

    @endpoint("GET", "/greeting", tag="Examples", public=True)
    async def greet(call: Call, query: Whom) -> Greeting:
        \"\"\"A friendly word.\"\"\"
        return Greeting(f"Hello, {query.name}!")

`query` is a struct of the address's parameters, `body` one of the JSON that is sent; every other name is a piece of
the path. What the types say is checked before the function runs, and is what the documentation shows.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from api.call import Call
from portal.rate import Rate

Handler = Callable[..., Awaitable[Any]]

JSON = "application/json"

KILOBYTE = 1024
BODY = 1024 * KILOBYTE
"""Bytes of a JSON body where an endpoint does not say."""


@dataclass(frozen=True)
class Endpoint:
    """What answers at one method and path, and all that is said of it."""

    method: str
    path: str
    """Below the API's own: `/articles/{key}`."""
    handler: Handler
    """Is given the `Call` and, by name, the pieces of the path, `query` and `body`."""
    name: str
    """The operation id: `articles-list`; without `_`, which stands for a blank in links of the documentation."""
    summary: str = ""
    description: str = ""
    tag: str = ""
    answer: Any = None
    """The type of what is answered; `None` is no content."""
    status: int = 200
    query: Any = None
    body: Any = None
    reads_query: bool = False
    """The handler reads the parameters itself; `query` is only what is documented."""
    reads_body: bool = False
    """The handler is given the body as plain values; `body` is only what is documented."""
    takes: str = JSON
    """The media type of the body; anything but JSON the handler reads itself."""
    gives: str = JSON
    """The media type of the answer."""
    public: bool = False
    """Whether it can be called by anybody; else somebody must say who they are."""
    permission: str = ""
    """What the caller must be allowed to do: `articles.view`."""
    signed: bool = False
    """Whether only signed calls are taken."""
    rate: Rate | None = None
    """How often one caller may, besides what holds for all."""
    max_body: int = BODY
    path_types: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    """Request headers with a meaning here: `If-Match`."""
    refuses: tuple[int, ...] = ()
    """Statuses that the documentation would not guess from the rest."""
    hidden: bool = False
    """Not in the documentation."""


def endpoint(method: str, path: str, **options: Any) -> Callable[[Handler], Endpoint]:
    """Declare an async function as an endpoint; its types and docstring say the rest."""

    def declare(handler: Handler) -> Endpoint:
        hints = get_type_hints(handler, include_extras=True)
        answer = hints.pop("return", None)
        answer = None if answer is type(None) else answer
        hints = {name: hints[name] for name in list(inspect.signature(handler).parameters)[1:]}
        known = {
            "name": handler.__name__,
            "answer": answer,
            "query": hints.pop("query", None),
            "body": hints.pop("body", None),
            "path_types": hints,
            "status": 200 if answer is not None else 204,
        }
        summary, _, description = inspect.cleandoc(handler.__doc__ or "").partition("\n\n")
        known |= {"summary": summary.replace("\n", " ").rstrip("."), "description": description.strip()}
        return Endpoint(method, path, handler, **{**known, **options})

    return declare


__all__ = ["Call", "Endpoint", "endpoint"]
