"""A portal inside somebody's application: it works below its path, and the application does not notice."""

import copy
from pathlib import Path

import pytest
from litestar.config.app import AppConfig
from litestar.config.csrf import CSRFConfig
from sqlalchemy import select

from portal import Actor, AllowAll, ConfigurationError, Identity, Portal, Visit
from portal.models.article import Article
from portal.models.banner import Placement
from portal.resources.articles import ArticleResource
from tests.pages.browser import PASSWORD, Browser
from tests.pages.content import article, banners, category
from tests.pages.dom import Element, parse
from tests.pages.host import BrokenResource, add, administrator, mounted, running
from tests.pages.lab import RESOURCES

pytestmark = pytest.mark.anyio

PICTURE = b"\x89PNG\r\n\x1a\n and so on"


def current(page: Element) -> list[str]:
    """The marked entries of the menu."""
    return [item["data-name"] for item in page.one("menu").all(aria_current="page")]


async def test_the_hosts_own_pages_stay_as_they_are(tmp_path: Path) -> None:
    async with running(tmp_path, mounted(tmp_path)) as app:
        client = Browser(app)
        answers = {path: await client.get(path) for path in ("/", "/page", "/boom", "/articles", "/missing")}
        assert {path: (answer.status, answer.html) for path, answer in answers.items()} == {
            "/": (200, "the host's own page"),
            "/page": (200, "<p>Hello Ada, says the host</p>"),
            "/boom": (500, "the host is sorry"),
            "/articles": (200, "the host's own articles"),
            "/missing": (404, "the host has nothing there"),
        }
        for answer in answers.values():
            ours = {"content-security-policy", "set-cookie", "cache-control", "x-content-type-options"}
            assert not ours & set(answer.headers)
        assert answers["/"].headers["x-host"] == "1"
        assert (await client.get("/schema/openapi.json")).json()["paths"].keys() == {"/", "/page", "/boom", "/articles"}


def test_of_the_hosts_configuration_only_routes_beginning_and_end_are_added_to(tmp_path: Path) -> None:
    config = AppConfig()
    before = {
        name: copy.copy(value) if isinstance(value, list | dict) else value for name, value in vars(config).items()
    }
    after = vars(mounted(tmp_path).on_app_init(config))
    assert {name for name in before if before[name] != after[name]} == {"route_handlers", "on_startup", "on_shutdown"}


async def test_a_hosts_own_gate_against_forged_forms_does_not_shut_ours(tmp_path: Path) -> None:
    portal = mounted(tmp_path)
    async with running(tmp_path, portal, csrf_config=CSRFConfig(secret="h" * 40)) as app, administrator(app) as client:
        assert (await client.post("/tags", name="hot")).location == "/admin/tags"
        forged = await client.http.post("/admin/tags", data={"name": "x"}, headers={"Origin": "http://localhost"})
        assert forged.status_code == 403 and parse(forged.text).has("error-page")  # ours stays shut
        assert (await client.http.post("/page")).text == "the host is sorry"  # and so does the host's


async def test_the_portal_has_its_own_errors_and_headers(tmp_path: Path) -> None:
    portal = mounted(tmp_path, resources=[BrokenResource])
    async with running(tmp_path, portal) as app, administrator(app) as client:
        await client.post("/tags", name="hot")
        for path in ("/nothing/here", "/tags/x", "/tags/999", "/tags/1/nothing"):
            answer = await client.get(path)
            assert answer.status == 404 and answer.page.has("error-page"), path
        failed = await client.get("/tags/broken/page")
        assert failed.status == 500 and "Reference" in failed.page.one("error-page").text
        assert "content-security-policy" in answer.headers
        assert answer.headers["x-host"] == "1"  # the host's middleware stands around everything


async def test_everything_of_the_portal_stands_below_its_path(tmp_path: Path) -> None:
    portal = mounted(tmp_path)
    async with running(tmp_path, portal) as app, administrator(app) as client:
        await add(portal, row := article("Tea", category=category("Drinks"), cover="covers/a.png"), *banners("ab"))
        paths = ["/", "/articles?q=t&status=draft", "/articles/new", "/banners/order", "/password", "/patterns"]
        paths += [f"/articles/{row.id}{tail}" for tail in ("", "/edit", "/delete")]
        for path in paths:
            answer = await client.get(path)
            assert answer.status == 200, path
            for element in answer.page.walk():
                for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
                    address = element.get(name) or "#"
                    outside = address.startswith("/") and not address.startswith("/admin")
                    assert not outside, (path, element.tag, name, address)
            assert answer.page.one(tag="meta", name="portal-path")["content"] == "/admin/"


async def test_static_files_and_media_are_served_below_it(tmp_path: Path) -> None:
    (tmp_path / "covers").mkdir()
    (tmp_path / "covers" / "a.png").write_bytes(PICTURE)
    portal = mounted(tmp_path)
    async with running(tmp_path, portal) as app, administrator(app) as client:
        await add(portal, article("Tea", cover="covers/a.png"))
        listed = (await client.get("/banners")).page
        sheet = listed.all(tag="link", rel="stylesheet")[0]["href"]
        assert sheet.startswith("/admin/static/")
        root = Browser(app)
        assert (await root.get(sheet)).headers["content-type"].startswith("text/css")
        assert portal.site.media_url("covers/a.png") == "/admin/media/covers/a.png"
        found = await client.get("/media/covers/a.png")
        assert found.status == 200 and found.response.content == PICTURE
        assert (await root.get("/admin/media/covers/a.png")).status == 303  # nobody sees it


async def test_a_text_with_pictures_is_untouched_until_somebody_changes_it(tmp_path: Path) -> None:
    portal = mounted(tmp_path)
    picture = f"/media/2026/11/21/{'a' * 32}.jpg"
    first, second = (f'<p>{words} <img src="{picture}" alt=""></p>' for words in ("First", "Second"))
    async with running(tmp_path, portal) as app, administrator(app) as client:
        await add(portal, row := article("Tea", body=first))
        mine = (await client.get(f"/articles/{row.id}/edit")).page.one("form").form()
        del mine["_csrf_token"]
        assert f'src="/admin{picture}"' in mine["body"][0]
        theirs = {**mine, "body": second.replace("/media/", "/admin/media/")}
        assert (await client.post(f"/articles/{row.id}", **theirs)).status == 303
        conflict = await client.post(f"/articles/{row.id}", **{**mine, "title": "Coffee"})
        assert conflict.status == 409
        chosen = conflict.page.one("conflict").form()
        assert (chosen["_keep.body"], chosen["_keep.title"]) == (["theirs"], ["mine"])
        del chosen["_csrf_token"]
        assert (await client.post(f"/articles/{row.id}", **chosen)).status == 303
        async with portal.site.database.read() as session:
            assert (await session.execute(select(Article.title, Article.body))).one() == ("Coffee", second)


async def test_redirects_stay_below_it(tmp_path: Path) -> None:
    portal = mounted(tmp_path)
    async with running(tmp_path, portal) as app:
        nobody = Browser(app)
        assert (await nobody.get("/admin/articles?q=tea")).location == "/admin/sign-in?next=/admin/articles%3Fq%3Dtea"
        assert (await nobody.get("/admin")).location.partition("?")[0] == "/admin/sign-in"
        assert (await nobody.get("/admin/")).location == "/admin/sign-in"
        browser = Browser(app, "/admin")
        signed_in = await browser.post("/sign-in", username="maria", password=PASSWORD, next="/admin/tags")
        assert signed_in.location == "/admin/tags"
        browser._token = ""
        made = await browser.post("/tags", name="hot")
        assert made.location == "/admin/tags"
        again = await browser.post("/tags", name="cold", _then="edit")
        assert again.location.startswith("/admin/tags/") and again.location.endswith("/edit")
        outside = await browser.post("/preferences", theme="dark", next="/page")
        assert outside.location in {"/page", "/admin/", "/admin"}
        assert (await browser.post("/sign-out")).location == "/admin/sign-in"


async def test_cookies_that_scripts_write_belong_to_the_path(tmp_path: Path) -> None:
    async with running(tmp_path, mounted(tmp_path)) as app, administrator(app) as client:
        answer = await client.post("/preferences", theme="dark")
        (theme,) = [value for value in answer.headers.get_list("set-cookie") if value.startswith("fastor_theme")]
        assert "Path=/admin/;" in theme
        assert (await client.get("/articles")).page.one(tag="html")["data-theme"] == "dark"


async def test_exactly_one_entry_of_the_menu_is_marked(tmp_path: Path) -> None:
    menu = "- page: dashboard\n- group: Site\n  items:\n    - resource: banners\n    - group: Texts\n      items:\n"
    portal = mounted(tmp_path, menu=menu + "        - resource: articles\n- resource: users\n")
    async with running(tmp_path, portal) as app, administrator(app) as client:
        await add(portal, row := article("Tea"), *banners("ab", Placement.home))
        key = (await client.get("/banners")).rows()[0]
        places = {
            "dashboard": ["", "/"],
            "banners": ["/banners", "/banners/order?placement=home", f"/banners/{key}/edit", "/banners?page=9"],
            "articles": ["/articles?status=draft", "/articles/new", f"/articles/{row.id}", f"/articles/{row.id}/edit"],
            "users": ["/users", "/users/new"],
        }
        places["articles"].append(f"/articles/{row.id}/delete")
        for name, paths in places.items():
            for path in paths:
                assert current((await client.get(path)).page) == [name], path
        assert current((await client.post("/banners", title="")).page) == ["banners"]
        asked = await client.post("/banners/actions/delete", ids=key)
        assert current(asked.page) == ["banners"]
        assert current((await client.get("/tags")).page) == []  # not in this menu


async def test_two_portals_in_one_application(tmp_path: Path) -> None:
    first = mounted(tmp_path / "first", title="First")
    second = mounted(tmp_path / "second", "/staff/tools", RESOURCES, title="Second", policy=AllowAll())
    async with running(tmp_path, first, second) as app:
        async with administrator(app) as one, administrator(app, "/staff/tools") as two:
            assert (await one.post("/tags", name="hot")).location == "/admin/tags"
            assert (await two.post("/owners", name="Ada")).location == "/staff/tools/owners"
            assert (await one.get("/tags")).column("name") == ["hot"]
            assert (await two.get("/owners")).column("name") == ["Ada"]
            assert (await one.get("/owners")).status == (await two.get("/tags")).status == 404
            assert (await one.get("/nothing")).page.one(tag="title").text.endswith("First")
            assert (await two.get("/nothing")).page.one(tag="title").text.endswith("Second")
            for client, path in ((one, "/admin/static/"), (two, "/staff/tools/static/")):
                sheet = (await client.get("/")).page.all(tag="link", rel="stylesheet")[0]["href"]
                assert sheet.startswith(path) and (await Browser(app).get(sheet)).status == 200


def test_without_a_policy_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Portal([ArticleResource], path="/admin")
    (problem,) = caught.value.problems
    assert problem.number == "P001"
    assert "RolePolicy()" in str(problem)


class HostUsers:
    """Whoever the host's proxy names; a user of the host has no session of ours."""

    sign_in_url = "/login?from=portal"

    async def authenticate(self, visit: Visit) -> Identity | None:
        name = visit.headers.get("x-user")
        permissions = frozenset({"articles.view", "articles.create", "articles.edit"})
        return (
            Identity(Actor(id=f"host:{name}", name=name, display=name.title(), permissions=permissions))
            if name
            else None
        )


async def test_a_host_may_bring_its_own_users(tmp_path: Path) -> None:
    portal = mounted(tmp_path, authenticator=HostUsers())
    async with running(tmp_path, portal) as app:
        nobody = Browser(app, "/admin")
        assert (await nobody.get("/articles")).location == "/login?from=portal&next=/admin/articles"
        ada = Browser(app, "/admin")
        ada.http.headers["X-User"] = "ada"
        form = (await ada.get("/articles/new")).page
        assert "Ada" in form.one("account").text
        token = form.all(tag="input", name="_csrf_token")[0]["value"]
        made = await ada.http.post(
            "/admin/articles", data={"_csrf_token": token, "title": "Tea"}, headers={"Origin": "http://localhost"}
        )
        assert made.status_code == 303, made.text
        async with portal.site.database.read() as session:
            assert list(await session.scalars(select(Article.created_by))) == ["ada"]
        assert (await ada.get("/users")).status == 403
        forged = await ada.http.post("/admin/articles", data={"title": "x"}, headers={"Origin": "http://localhost"})
        assert forged.status_code == 403
        other = await ada.http.post(
            "/admin/articles",
            data={"_csrf_token": token, "title": "x"},
            headers={"Origin": "http://localhost", "X-User": "bob"},
        )
        assert other.status_code == 403  # a form of somebody else's


async def test_users_of_the_host_find_nothing_about_passwords_of_ours(tmp_path: Path) -> None:
    portal = mounted(tmp_path, authenticator=HostUsers())
    async with running(tmp_path, portal) as app:
        ada = Browser(app, "/admin")
        ada.http.headers["X-User"] = "ada"
        page = (await ada.get("/articles")).page
        assert not [link for link in page.all(tag="a") if link.get("href") == "/admin/password"]
        assert not page.has("sign-out")
        assert (await ada.get("/password")).status == 404
        assert (await ada.get("/sign-in")).status in {303, 404}
        assert (await Browser(app, "/admin").get("/sign-in")).status in {303, 404}
