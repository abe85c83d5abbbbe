"""Banners for visitors: those whose time it is, in their order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from portal.models.banner import Banner, Placement
from tests.api.conftest import Client
from tests.portals import Add, CountStatements

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What the endpoint takes for now."""
    found = [NOON]
    monkeypatch.setattr("api.starter.banners.now", lambda: found[0])
    return found


def banner(title: str, position: int = 0, **values: Any) -> Banner:
    return Banner(title=title, position=position, **{"placement": Placement.home, **values})


async def shown(caller: httpx.AsyncClient, placement: str = "home") -> list[str]:
    answer = await caller.get(f"/api/feed/banners?placement={placement}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_whose_time_it_is_in_their_order(client: Client, add: Add) -> None:
    hour = timedelta(hours=1)
    await add(
        banner("last", 9),
        banner("first", 1, picture="banners/a.jpg", link="/tea"),
        banner("on", 5, starts_at=NOON - hour, ends_at=NOON + hour),
        banner("begins now", 6, starts_at=NOON),
        banner("later", 2, starts_at=NOON + hour),
        banner("ends now", 2, ends_at=NOON),
        banner("over", 3, ends_at=NOON - hour),
        banner("off", 4, is_active=False),
        banner("elsewhere", 4, placement=Placement.app),
    )
    nobody = await client()
    assert await shown(nobody) == ["first", "on", "begins now", "last"]
    assert await shown(nobody, "app") == ["elsewhere"]
    assert await shown(nobody, "sidebar") == []
    first = (await nobody.get("/api/feed/banners?placement=home")).json()["items"][0]
    assert first == {"title": "first", "picture_url": first["picture_url"], "link": "/tea"}
    assert first["picture_url"].endswith("/media/banners/a.jpg")


@pytest.mark.parametrize(("query", "status"), [("", 400), ("?placement=roof", 400), ("?placement=home&x=1", 400)])
async def test_addresses_that_are_not_understood(client: Client, query: str, status: int) -> None:
    assert (await (await client()).get(f"/api/feed/banners{query}")).status_code == status


async def test_what_is_kept_knows_when_banners_begin_and_end(
    client: Client, add: Add, clock: list[datetime], statements: CountStatements
) -> None:
    await add(
        banner("now", 1, ends_at=NOON + timedelta(seconds=30)),
        banner("then", 2, starts_at=NOON + timedelta(seconds=20)),
    )
    nobody = await client()
    first = await nobody.get("/api/feed/banners?placement=home")
    assert first.headers["cache-control"] == "public, max-age=20"
    with statements() as seen:
        clock[0] = NOON + timedelta(seconds=19.5)
        late = await nobody.get("/api/feed/banners?placement=home")
        assert late.headers["cache-control"] == "public, max-age=0"
        assert await shown(nobody) == ["now"]
        clock[0] = NOON + timedelta(seconds=20)
        assert await shown(nobody) == ["now", "then"]
        clock[0] = NOON + timedelta(seconds=30)
        assert await shown(nobody) == ["then"]
    assert seen == []
    same = await nobody.get("/api/feed/banners?placement=app", headers={"If-None-Match": "*"})
    assert (same.status_code, same.headers["cache-control"]) == (304, "public, max-age=60")


async def test_changes_are_seen_at_once(client: Client, add: Add) -> None:
    await add(banner("a", 1), banner("b", 2))
    nobody, editor = await client(), await client("banners.*")
    assert await shown(nobody) == ["a", "b"]
    keys = {item["title"]: item["id"] for item in (await editor.get("/api/banners")).json()["items"]}
    moved = await editor.post("/api/banners/order", json={"key": str(keys["b"]), "to": "top"})
    assert moved.status_code == 204
    assert await shown(nobody) == ["b", "a"]
    await editor.patch(f"/api/banners/{keys['a']}", json={"is_active": False})
    assert await shown(nobody) == ["b"]
