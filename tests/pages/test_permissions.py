"""Each route asks on the server whether the actor may; what may not be seen is not offered, picked or cleared."""

from typing import Any

import pytest
from sqlalchemy import select

from portal.models.article import Article, ArticleTag
from portal.models.banner import Banner
from portal.models.user import User
from tests.pages.browser import PARTIAL, Browser
from tests.pages.content import article, banners, category, tag
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio


def routes(key: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Operation, method, path below the noun, fields."""
    return [
        ("view", "GET", "", {}),
        ("view", "GET", "/count", {}),
        ("view", "GET", f"/{key}", {}),
        ("view", "GET", "/options/nothing", {}),
        ("create", "GET", "/new", {}),
        ("create", "POST", "", {"title": "New", "placement": "home"}),
        ("edit", "GET", f"/{key}/edit", {}),
        ("edit", "POST", f"/{key}", {"title": "Changed"}),
        ("edit", "POST", f"/{key}/fields/is_active", {"is_active": "0"}),
        ("order", "GET", "/order", {}),
        ("order", "POST", "/order", {"id": key, "to": "top"}),
        ("delete", "POST", "/actions/delete", {"ids": key, "confirmed": "1"}),
        ("delete", "GET", f"/{key}/delete", {}),
        ("delete", "POST", f"/{key}/delete", {}),
    ]


async def ask(client: Browser, method: str, path: str, fields: dict[str, Any], headers: Any = None) -> int:
    if method == "GET":
        return (await client.get(path, headers)).status
    return (await client.post(path, headers, **fields)).status


@pytest.mark.parametrize("granted", ["view", "create", "edit", "order", "delete", None])
async def test_each_route_asks_for_its_operation(
    portal_app: Any, browse: MakeBrowser, add: Add, read: Read, granted: str | None
) -> None:
    await add(*banners("ab"))
    key = str((await read(select(Banner.id).order_by(Banner.position)))[-1])
    permissions = ["articles.view", "banners.view"] + ([f"banners.{granted}"] if granted else [])
    client = await browse(portal_app, "gina", permissions if granted else ["articles.view"])
    before = await read(select(Banner.__table__).order_by(Banner.id))
    for operation, method, path, fields in routes(key):
        if operation == granted and operation != "view":
            continue
        allowed = granted is not None and operation == "view"
        for headers in (None, PARTIAL):
            status = await ask(client, method, f"/banners{path}", fields, headers)
            if allowed:
                assert status == (404 if "options" in path else 200), (method, path)
            else:
                assert status in ((403, 404) if "options" in path else (403,)), (granted, method, path, status)
    assert await read(select(Banner.__table__).order_by(Banner.id)) == before
    for operation, method, path, fields in routes(key):
        if operation == granted and operation != "view":
            assert await ask(client, method, f"/banners{path}", fields) in (200, 303, 404), (method, path)


async def test_nobody_gets_nothing_but_the_sign_in(anonymous: Browser, add: Add, read: Read) -> None:
    await add(*banners("ab"))
    (key, *_) = await read(select(Banner.id))
    before = await read(select(Banner.__table__).order_by(Banner.id))
    for _operation, method, path, fields in routes(str(key)):
        status = await ask(anonymous, method, f"/banners{path}", fields)
        assert status == (303 if method == "GET" else 401), (method, path)
    assert await read(select(Banner.__table__).order_by(Banner.id)) == before


async def test_only_what_is_allowed_is_offered(editor: Browser, add: Add) -> None:
    await add(row := article("Tea"), *banners("ab"))
    page = (await editor.get("/articles")).page
    assert not page.has("new") and not page.has("delete") and not page.has("action-publish")
    assert page.one("open")["href"] == f"/articles/{row.id}/edit"
    names = [item.get("data-name") for item in page.all("menu-item")]
    assert names == ["dashboard", "articles", "tags", "banners"]
    banner_page = (await editor.get("/banners?placement=home")).page
    assert not banner_page.has("grip") and not banner_page.has("reorder") and not banner_page.has("inline")
    dashboard = (await editor.get("/")).page
    assert "Customers" not in dashboard.one(tag="main").text


async def test_pickers_never_show_rows_that_may_not_be_seen(
    editor: Browser, portal_app: Any, browse: MakeBrowser, add: Add
) -> None:
    drinks = category("Secret drinks")
    await add(row := article("Tea", category=drinks, tags=[tag("hot")]))
    assert (await editor.get("/articles/options/category?q=")).status == 403
    found = await editor.get("/articles/options/tags?q=ho")
    assert [option["text"] for option in found.json()["options"]] == ["hot"]
    for path in (f"/articles/{row.id}/edit", "/articles/options/category?q=Secret"):
        assert "Secret drinks" not in (await editor.get(path)).html
    answer = await editor.post(f"/articles/{row.id}", **{"find": "category", "find.category": "Secret"})
    assert "Secret drinks" not in answer.html
    filtered = await editor.get(f"/articles?category={drinks.id}")
    assert filtered.status == 200
    stranger = await browse(portal_app, "stan", ["banners.view"])
    assert (await stranger.get("/articles/options/tags?q=")).status == 403


async def test_options_are_found_bounded_and_only_of_relations(client: Browser, add: Add) -> None:
    await add(*[tag(f"tag {n:03}") for n in range(60)])
    found = (await client.get("/articles/options/tags?q=")).json()
    assert len(found["options"]) == 50 and found["more"] is True
    found = (await client.get("/articles/options/tags?q=TAG+05")).json()
    assert [option["text"] for option in found["options"]] == ["tag 005", *[f"tag {n:03}" for n in range(50, 60)]]
    for odd in ("%00", "%ff", "%ed%a0%80", "'", "%25", "x" * 5000):
        assert (await client.get(f"/articles/options/tags?q={odd}")).status == 200, odd
    for name in ("title", "nope", "category_id", "__class__", "%ff"):
        assert (await client.get(f"/articles/options/{name}")).status == 404, name


async def test_what_may_not_be_seen_is_not_cleared_by_saving(editor: Browser, add: Add, read: Read) -> None:
    await add(
        row := article("Tea", category=(drinks := category("Drinks")), tags=[tag("hot")]), other := category("Other")
    )
    form = (await editor.get(f"/articles/{row.id}/edit")).page.one("form").form()
    assert "category" not in form and "tags" in form
    form.pop("_csrf_token")
    answer = await editor.post(f"/articles/{row.id}", **{**form, "title": "Changed"})
    assert answer.status == 303
    assert await read(select(Article.title, Article.category_id)) == [("Changed", drinks.id)]
    assert len(await read(select(ArticleTag.tag_id))) == 1
    assert (await editor.post(f"/articles/{row.id}", category=str(other.id))).status == 403
    assert await read(select(Article.category_id)) == [drinks.id]


async def test_nobody_gives_away_more_than_they_have(
    portal_app: Any, browse: MakeBrowser, add: Add, read: Read
) -> None:
    everything = [f"{noun}.{verb}" for noun in ("users", "roles") for verb in ("view", "create", "edit", "delete")]
    manager = await browse(portal_app, "mona", everything)
    boss = await browse(portal_app, "boss")
    (boss_id,) = await read(select(User.id).where(User.username == "boss"))
    (own_id,) = await read(select(User.id).where(User.username == "mona"))
    assert (await manager.post(f"/users/{boss_id}", is_active="0")).status == 403
    assert (await manager.post(f"/users/{boss_id}", password_hash="another long password")).status == 403
    assert (await manager.post(f"/users/{boss_id}/delete")).status == 403
    assert (await manager.post(f"/users/{own_id}", is_superuser="1")).status == 403
    answer = await manager.post("/roles", name="All", permissions=["", "articles.delete"])
    assert answer.status == 422 and "permissions" in answer.errors()
    assert (await manager.post("/roles", name="Some", permissions=["", "users.view"])).status == 303
    assert (await boss.get("/users")).status == 200


async def test_a_role_changed_signs_its_users_out(client: Browser, editor: Browser, read: Read) -> None:
    from portal.models.role import Role

    (key,) = await read(select(Role.id))
    assert (await editor.get("/articles")).status == 200
    assert (await client.post(f"/roles/{key}", permissions=["", "articles.view"])).status == 303
    assert (await editor.get("/articles")).status == 303
