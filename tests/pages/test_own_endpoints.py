"""Endpoints a project writes by hand, as the guide shows them."""

import re
from pathlib import Path

import httpx
import pytest

from tests.pages.project import Project

pytestmark = pytest.mark.anyio

GUIDE = Path(__file__).parents[2] / "docs" / "api" / "endpoints.md"

WRONG = (("", "name"), ("?name=", "name"), ("?name=Ada&age=3", "age"), ("?name=Ada&loud=x", "loud"))


async def test_the_endpoint_of_the_guide(project: Project) -> None:
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    project.write("api/__init__.py", "")
    project.write("api/greetings.py", found[1])
    # one that another module takes over is the same one
    project.write("api/again.py", "from .greetings import greet\n")
    async with project.opened():
        transport = httpx.ASGITransport(app=project.running)  # type: ignore[arg-type]  # an ASGI application
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as nobody:
            answer = await nobody.get("/api/greeting?name=Ada")
            assert (answer.status_code, answer.json()) == (200, {"text": "Hello, Ada!"})
            assert (await nobody.get("/api/greeting?name=Ada&loud=true")).json() == {"text": "HELLO, ADA!"}
            for query, wrong in (
                ("", "name"),
                ("?name=", "name"),
                ("?name=Ada&age=3", "age"),
                ("?name=A&loud=x", "loud"),
            ):
                refused = await nobody.get(f"/api/greeting{query}")
                assert refused.status_code == 400
                assert [error["parameter"] for error in refused.json()["errors"]] == [wrong]
            # and nothing of the starter's
            assert (await nobody.get("/api/feed/articles")).status_code == 404
