"""What stands in the log, and what never: the lines of both formats, masked addresses, ids of requests."""

import json
import logging
import logging.config
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from portal.logs import JsonFormatter, PlainFormatter, log_config
from portal.settings import Settings
from portal.web.access_log import AccessLog
from portal.web.guard import OuterGuard
from portal.web.masking import masked_path, masked_query

SECRET = "s" * 40


def settings(**more: Any) -> Settings:
    return Settings(secret=SECRET, trusted_proxies=("10.0.0.0/8",), **more)


async def hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/broken":
        raise RuntimeError("no")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"12345", "more_body": True})
    await send({"type": "http.response.body", "body": b"678"})


async def ask(target: str, headers: Any = None, client: str = "192.0.2.7", method: str = "GET", **more: Any) -> Any:
    chosen = settings(**more)
    app: Any = AccessLog(OuterGuard(hello, chosen), chosen)
    transport = httpx.ASGITransport(app=app, client=(client, 99), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        return await http.request(method, target, headers=headers)


def entries(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [json.loads(JsonFormatter().format(found)) for found in caplog.records if found.name == "portal.access"]


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with caplog.at_level(logging.INFO):
        monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)
        yield


pytestmark = pytest.mark.anyio


async def test_a_request_is_one_line_that_says_what_came_of_it(caplog):
    answer = await ask("/articles?q=tea", {"user-agent": "a" * 500})
    (entry,) = entries(caplog)
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert (entry["method"], entry["path"], entry["query"], entry["status"], entry["bytes"]) == (
        "GET",
        "/articles",
        "q=tea",
        200,
        8,
    )
    assert entry["address"] == "192.0.2.7" and len(entry["agent"]) == 200 and entry["ms"] >= 0


async def test_what_the_guard_refuses_and_what_breaks_is_told_too(caplog):
    assert (await ask("/x", {"host": "elsewhere.example.com"})).headers["x-request-id"]
    await ask("/broken")
    assert [entry["status"] for entry in entries(caplog)] == [400, 500]


async def test_an_id_is_taken_from_a_trusted_proxy_only(caplog):
    mine = {"x-request-id": "edge-01.A_z", "x-forwarded-for": "198.51.100.4"}
    assert (await ask("/", mine, client="10.1.2.3")).headers["x-request-id"] == "edge-01.A_z"
    assert (await ask("/", mine)).headers["x-request-id"] != "edge-01.A_z"
    assert [entry["address"] for entry in entries(caplog)] == ["198.51.100.4", "192.0.2.7"]


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", 'a"b', "ä", "a\x7f"], ids=range(6))
async def test_an_id_that_is_none_is_replaced(given):
    answer = await ask("/", {"x-request-id": given.encode()}, client="10.1.2.3")
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])


async def test_two_ids_are_none():
    headers = [("x-request-id", "one"), ("x-request-id", "two")]
    assert (await ask("/", headers, client="10.1.2.3")).headers["x-request-id"] not in ("one", "two")


async def test_switched_off_only_slow_requests_are_told(caplog):
    assert (await ask("/", access_log=False)).headers["x-request-id"]
    assert not caplog.records
    await ask("/?token=hidden", access_log=False, slow_request=1e-9)
    (told,) = caplog.records
    assert (told.name, told.levelname) == ("portal.slow", "WARNING")
    assert "with 0 SQL statements" in told.getMessage() and "hidden" not in told.getMessage()
    caplog.clear()
    await ask("/", access_log=False, slow_request=0)
    assert not caplog.records


@pytest.mark.parametrize(
    "query, shown",
    [
        ("q=tea&page=2", "q=tea&page=2"),
        ("token=abc&q=tea", "token=***&q=tea"),
        ("q=tea;api_key=a=b", "q=tea;api_key=***"),
        ("X-Amz-Signature=ab12&_s_=9f&_t_=17", "X-Amz-Signature=***&_s_=***&_t_=***"),
        ("tok%65n=abc", "tok%65n=***"),
        ("author=5", "author=5"),
        ("next=/articles%3Ftoken%3Dabc&q=1", "next=/articles***&q=1"),
        ("next=%2Fa%253Ftoken=abc", "next=%2Fa***"),
        ("q=token=abc", "q=token***"),
        ("password", "password"),
        ("q=fst_abcDEF-1&x=fst%5Fabc", "q=***&x=***"),
    ],
)
def test_values_that_let_somebody_in_are_masked(query, shown):
    assert masked_query(query) == shown


def test_a_token_in_a_path_is_masked():
    assert masked_path("/api/fst_abcd/x") == "/api/***/x"


def record(message: str, **more: Any) -> logging.LogRecord:
    found = logging.LogRecord("portal", logging.WARNING, "", 0, message, None, None)
    found.__dict__.update(more)
    return found


def test_other_lines_are_json_too_whatever_is_in_them():
    line = JsonFormatter().format(record('a "quoted"\nline \udce4'))
    assert "\n" not in line
    assert {"level": "warning", "logger": "portal", "message": 'a "quoted"\nline ?'}.items() <= json.loads(line).items()


async def test_a_path_can_forge_no_line(caplog):
    await ask("/a%0A%1b[31m12:00:00 ERROR forged")
    (found,) = [found for found in caplog.records if found.name == "portal.access"]
    for formatter in (JsonFormatter(), PlainFormatter()):
        line = formatter.format(found)
        assert "\n" not in line and "\x1b" not in line and "forged" in line


def test_people_get_text_and_programs_json():
    formats = {
        "development": settings(),
        "production": settings(host="0.0.0.0"),
        "json": settings(log_format="json"),
        "plain": settings(host="0.0.0.0", log_format="plain"),
    }
    chosen = {name: log_config(found)["formatters"]["fastor"]["()"] for name, found in formats.items()}
    assert {name: kind.rpartition(".")[2] for name, kind in chosen.items()} == {
        "development": "PlainFormatter",
        "production": "JsonFormatter",
        "json": "JsonFormatter",
        "plain": "PlainFormatter",
    }
