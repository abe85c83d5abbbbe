"""The OpenAPI 3.1 document: made of the endpoints' own types, so that it can't say what they do not do."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

import msgspec

from api.endpoint import Endpoint
from api.problems import MEDIA_TYPE as PROBLEM
from api.problems import Problem
from api.signing import SCHEME

REFERENCES = "#/components/schemas/{name}"

REQUEST_HEADERS: Mapping[str, tuple[str, str]] = {
    "If-Match": ("The `ETag` the row must still have, else 412.", '"3"'),
    "If-None-Match": ("The `ETag` you have: 304 while it is still the row's.", '"3"'),
    "Idempotency-Key": (
        "Of your own making, new for each thing to be created: sent again it gets the first answer again.",
        "2f1c9f0e-3a57-4a53-9f5e-5f6a1f6f3c1d",
    ),
}
"""Header -> what it is for, and an example."""

ANSWER_HEADERS: Mapping[str, str] = {
    "ETag": "The version of the row, for `If-Match`.",
    "Location": "Where the new row is.",
    "RateLimit": "How full the buckets are that the call took from.",
    "RateLimit-Policy": "What they hold, and in how many seconds they are full again.",
}

REFUSALS: Mapping[int, str] = {
    400: "The address or the body can't be read.",
    401: "It is not known who calls.",
    403: "The caller may not do this.",
    404: "There is nothing here.",
    405: "This address can't be used like that.",
    409: "Somebody else was faster, or something still needs it.",
    410: "The clocks differ too much.",
    412: "The row is no longer the one that `If-Match` names.",
    413: "This is more than can be taken.",
    414: "The address is too long.",
    415: "This is to be sent as something else.",
    422: "Some of what was sent can't be taken; `errors` says what of it.",
    429: "Too many calls; `Retry-After` says how many seconds to wait.",
    503: "A server that this needs does not answer.",
}

ABOUT = """
What operators manage in the portal, for programs. Every call says who makes it, by a token
(`Authorization: Bearer fst_…`) or by a signature. Refusals are problem details (RFC 9457) with a stable `code`.
"""


@dataclass(frozen=True)
class OpenApi:
    """The document of some endpoints; texts are in the language that is active when it is asked for."""

    endpoints: Sequence[Endpoint]
    title: str
    version: str
    server: str = "/api"

    def document(self) -> dict[str, Any]:
        paths: dict[str, dict[str, Any]] = {}
        for endpoint in self._shown:
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = self._operation(endpoint)
        return {
            "openapi": "3.1.0",
            "info": {"title": self.title, "version": self.version, "description": ABOUT.strip()},
            "servers": [{"url": self.server}],
            "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in self._shown if endpoint.tag)],
            "paths": paths,
            "components": {
                "schemas": self._schemas[1],
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "fst_…"},
                    "signature": {
                        "type": "apiKey",
                        "in": "header",
                        "name": "Authorization",
                        "description": f"`{SCHEME} key=…, time=…, nonce=…, signature=…` over the request.",
                    },
                },
            },
        }

    @cached_property
    def _shown(self) -> list[Endpoint]:
        return [endpoint for endpoint in self.endpoints if not endpoint.hidden]

    @cached_property
    def _types(self) -> list[Any]:
        """Every type whose schema is asked for, once."""
        found: dict[int, Any] = {id(Problem): Problem}
        for endpoint in self._shown:
            for kind in (endpoint.answer, endpoint.body, *endpoint.path_types.values()):
                if kind is not None:
                    found.setdefault(id(kind), kind)
            if endpoint.query is not None:
                hints = get_type_hints(endpoint.query, include_extras=True)
                found |= {id(hint): hint for hint in hints.values()}
                self._hints[endpoint.query] = hints
        return list(found.values())

    @cached_property
    def _hints(self) -> dict[Any, dict[str, Any]]:
        return {}

    @cached_property
    def _schemas(self) -> tuple[dict[int, Any], dict[str, Any]]:
        types = self._types
        schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCES)
        return {id(kind): schema for kind, schema in zip(types, schemas, strict=True)}, components

    def _schema(self, kind: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._schemas[0][id(kind)]
        return found

    def _operation(self, endpoint: Endpoint) -> dict[str, Any]:
        operation: dict[str, Any] = {
            "operationId": endpoint.name,
            "summary": endpoint.summary,
            "tags": [endpoint.tag] if endpoint.tag else [],
            "parameters": [*self._path(endpoint), *self._query(endpoint), *_headers(endpoint.headers)],
            "responses": self._answers(endpoint),
            "security": [] if endpoint.public else [{"token": []}, {"signature": []}],
        }
        description = endpoint.description
        if endpoint.permission and not endpoint.public:
            description = f"{description}\n\nScope: `{endpoint.permission}`".strip()
        if description:
            operation["description"] = description
        if endpoint.body is not None:
            content = {endpoint.takes: {"schema": self._schema(endpoint.body)}}
            operation["requestBody"] = {"required": True, "content": content}
        return operation

    def _path(self, endpoint: Endpoint) -> Iterable[dict[str, Any]]:
        for name in re.findall(r"{(\w+)}", endpoint.path):
            kind = endpoint.path_types.get(name)
            schema = self._schema(kind) if kind is not None else {"type": "string"}
            yield {"name": name, "in": "path", "required": True, "schema": schema}

    def _query(self, endpoint: Endpoint) -> Iterable[dict[str, Any]]:
        if endpoint.query is None:
            return
        self._types  # noqa: B018 -- reads the hints
        for field in msgspec.structs.fields(endpoint.query):
            schema = dict(self._schema(self._hints[endpoint.query][field.name]))
            found = {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
            if description := schema.pop("description", None):
                found["description"] = description
            yield found

    def _answers(self, endpoint: Endpoint) -> dict[str, Any]:
        refused = {"content": {PROBLEM: {"schema": self._schema(Problem)}}}
        good: dict[str, Any] = {"description": "Done."}
        if endpoint.answer is not None:
            good["content"] = {endpoint.gives: {"schema": self._schema(endpoint.answer)}}
        good["headers"] = {name: _header(name) for name in _answer_headers(endpoint)}
        answers = {str(endpoint.status): good}
        if "If-None-Match" in endpoint.headers:
            answers["304"] = {"description": "It is still the one you have."}
        for status in _refusals(endpoint):
            answers[str(status)] = {"description": REFUSALS[status], **refused}
        return answers


def _headers(names: Iterable[str]) -> Iterable[dict[str, Any]]:
    for name in names:
        description, example = REQUEST_HEADERS[name]
        schema = {"type": "string", "examples": [example]}
        yield {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


def _header(name: str) -> dict[str, Any]:
    return {"description": ANSWER_HEADERS[name], "schema": {"type": "string"}}


def _answer_headers(endpoint: Endpoint) -> list[str]:
    names = ["RateLimit", "RateLimit-Policy"]
    if {"If-Match", "If-None-Match", "Idempotency-Key"} & set(endpoint.headers) and endpoint.answer is not None:
        names.append("ETag")
    if endpoint.status == 201:
        names.append("Location")
    return names


def _refusals(endpoint: Endpoint) -> list[int]:
    found = {400, 429, 503, *endpoint.refuses}
    if not endpoint.public:
        found |= {401, 403, 410}
    if "{" in endpoint.path:
        found |= {404}
    if endpoint.query is not None:
        found |= {414}
    if endpoint.body is not None:
        found |= {413, 415, 422}
    if endpoint.method != "GET":
        found |= {409}
    if "If-Match" in endpoint.headers:
        found |= {412}
    return sorted(found)
