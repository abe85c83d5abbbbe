"""The OpenAPI document says what the endpoints do, and only to those who may know."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from openapi_spec_validator import validate

from api.plugin import Api
from portal.app import create_app
from portal.settings import Settings
from tests.api.conftest import Client
from tests.portals import create_tables

pytestmark = pytest.mark.anyio


def references(part: Any) -> set[str]:
    """Every `$ref` in a document."""
    if isinstance(part, list):
        return {found for item in part for found in references(item)}
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
    return own | {found for item in part.values() for found in references(item)}


async def test_it_is_valid_and_whole(client: Client, portal_app: Litestar) -> None:
    api = await client("api.docs")
    answer = await api.get("/api/openapi.json")
    assert answer.status_code == 200, answer.text
    document = answer.json()
    validate(document)
    schemas = document["components"]["schemas"]
    assert {found.rpartition("/")[2] for found in references(document)} <= schemas.keys()
    (plugin,) = [found for found in portal_app.plugins if isinstance(found, Api)]
    for endpoint in plugin.endpoints:
        if not endpoint.hidden:
            operation = document["paths"][endpoint.path][endpoint.method.lower()]
            assert operation["operationId"] == endpoint.name
            assert operation["summary"], endpoint.name
            assert bool(operation["security"]) != endpoint.public
    assert "password_hash" not in answer.text
    again = await api.get("/api/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_what_a_resource_takes_and_gives(client: Client) -> None:
    document = (await (await client("api.docs")).get("/api/openapi.json")).json()
    create = document["components"]["schemas"]["ArticleCreate"]
    assert create["required"] == ["title"]
    assert create["additionalProperties"] is False
    assert create["properties"]["title"]["maxLength"] == 200
    assert create["properties"]["status"]["enum"] == ["draft", "offline", "published"]
    assert "views" not in create["properties"]
    listing = document["paths"]["/articles"]["get"]
    assert {"q", "status", "publish_time_from", "sort", "after", "fields", "include"} <= {
        parameter["name"] for parameter in listing["parameters"]
    }
    assert document["paths"]["/articles/{key}"]["patch"]["parameters"][1]["name"] == "If-Match"


async def test_only_for_those_who_may(client: Client) -> None:
    assert (await (await client()).get("/api/openapi.json")).status_code == 401
    refused = await (await client("articles.view")).get("/api/openapi.json")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing-scope")


@pytest.mark.parametrize(("settings", "there"), [({}, False), ({"api_docs": True}, True)])
async def test_outside_development_it_is_there_only_when_asked_for(
    tmp_path: Path, settings: dict[str, Any], there: bool
) -> None:
    app = create_app(
        settings=Settings(
            secret="s" * 40,
            var=tmp_path,
            host="0.0.0.0",
            base_url="https://portal.example.com",
            hosts=("portal.example.com",),
            **settings,
        )
    )
    site = app.state.portal.site
    async with app.lifespan():
        await create_tables(site.database)
        issued = await site.tokens.issue("test", scopes=["api.docs"])
        transport: Any = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # an ASGI application
        async with httpx.AsyncClient(transport=transport, base_url="https://portal.example.com") as nobody:
            bearer = {"Authorization": f"Bearer {issued.text}"}
            answer = await nobody.get("/api/openapi.json", headers=bearer)
            assert answer.status_code == (200 if there else 404)
            page = await nobody.get("/api/docs")
            assert page.status_code == (303 if there else 404)
    assert json.loads(answer.text)
