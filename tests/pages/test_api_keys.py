"""Tokens and signing keys on their pages: shown once, limited by who makes them, revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from portal.auth.refusals import KeyRevoked, TokenRevoked
from portal.auth.token_text import digest_of, is_token
from portal.models.api_token import CUSTOMER, ApiToken
from portal.models.client_key import ClientKey
from portal.models.role import Role
from portal.models.user import User
from portal.web.site import Site
from tests.pages.browser import Answer, Browser
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

ALL_KEYS = [f"api-keys.{name}" for name in ("view", "create", "edit", "revoke")]


async def make(browser: Browser, **values: Any) -> Answer:
    fields = {"name": "Export", "kind": "service", "scopes": ["", "articles.view"], "expires_at": "", **values}
    return await browser.post("/api-keys", **fields)


def secrets_of(answer: Answer) -> list[str]:
    return [field["value"] for field in answer.page.all("secret")]


async def test_a_token_is_shown_as_the_answer_and_never_again(client: Browser, site: Site, read: Read) -> None:
    answer = await make(client, scopes=["", "articles.view", "tags.*"])
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    (text,) = secrets_of(answer)
    assert is_token(text)
    ((key, digest, hint, scopes, author),) = await read(
        select(ApiToken.id, ApiToken.digest, ApiToken.hint, ApiToken.scopes, ApiToken.created_by)
    )
    assert (digest, hint, scopes, author) == (digest_of(text), text[-4:], ["articles.view", "tags.*"], "maria")
    caller = await site.tokens.find(text)
    assert caller.actor.may("articles.view") and caller.actor.may("tags.edit") and not caller.actor.may("users.view")
    for path in ("/api-keys", f"/api-keys/{key}", f"/api-keys/{key}/edit", "/api-keys/count"):
        page = await client.get(path)
        assert page.status == 200 and text not in page.html and digest not in page.html, path
    cookies = "".join(str(cookie.value) for cookie in client.http.cookies.jar)
    assert text not in cookies


async def test_the_list_and_the_page_say_how_a_token_stands(
    client: Browser, site: Site, read: Read, database: Any
) -> None:
    names = ("fresh", "late", "ended", "used")
    issued = {name: await site.tokens.issue(name, scopes=["articles.view", "odd.thing"]) for name in names}
    await site.tokens.revoke(issued["ended"].row.id)
    await site.tokens.touch(await site.tokens.find(issued["used"].text), "192.0.2.9")
    async with database.write() as db:
        past = datetime.now(UTC) - timedelta(days=1)
        await db.execute(update(ApiToken).where(ApiToken.name == "late").values(expires_at=past))
        await db.commit()
    page = await client.get("/api-keys")
    states = dict(zip(page.column("name"), page.column("id"), strict=True))
    assert states == {"fresh": "Active", "late": "Expired", "ended": "Revoked", "used": "Active"}
    assert "overdue" in (page.page.all(tag="time", class_="ltr overdue")[0]["class"])
    for state, expected in (("active", {"fresh", "used"}), ("expired", {"late"}), ("revoked", {"ended"})):
        assert set((await client.get(f"/api-keys?state={state}")).column("name")) == expected
    assert len((await client.get("/api-keys?state=nonsense")).rows()) == 4
    detail = (await client.get(f"/api-keys/{issued['used'].row.id}")).page
    assert "192.0.2.9" in detail.one("detail").text and "Articles View" in detail.one("granted").text
    assert "odd.thing" in detail.one("granted").text and detail.has("revoke")
    ended = (await client.get(f"/api-keys/{issued['ended'].row.id}")).page
    assert not ended.has("revoke") and not ended.has("edit")


async def test_customers_tokens_are_listed_where_they_are_asked_for(client: Browser, site: Site, add: Add) -> None:
    await add(ApiToken(name="sign-in", kind=CUSTOMER, subject="C-1", digest="d", hint="abcd", scopes=[]))
    await site.tokens.issue("robot")
    assert (await client.get("/api-keys")).column("name") == ["robot"]
    assert (await client.get("/api-keys?kind=customer")).column("name") == ["sign-in"]
    assert len((await client.get("/api-keys?kind=customer&kind=service")).rows()) == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        pytest.param({"name": ""}, "name", id="no-name"),
        pytest.param({"name": "x" * 101}, "name", id="long-name"),
        pytest.param({"scopes": [""]}, "scopes", id="no-scope"),
        pytest.param({"scopes": ["", "articles.fly"]}, "scopes", id="unknown-scope"),
        pytest.param({"scopes": ["", "*"]}, "scopes", id="bare-star"),
        pytest.param({"kind": "customer"}, "kind", id="customer"),
        pytest.param({"kind": "nobody"}, "kind", id="unknown-kind"),
        pytest.param({"expires_at": "2020-01-01T00:00"}, "expires_at", id="past"),
        pytest.param({"expires_at": "soon"}, "expires_at", id="no-date"),
    ],
)
async def test_what_can_be_no_token_is_told_at_its_field(
    client: Browser, read: Read, values: dict[str, Any], field: str
) -> None:
    answer = await make(client, **values)
    assert answer.status == 422 and field in answer.errors() and not secrets_of(answer)
    assert await read(select(func.count()).select_from(ApiToken)) == [0]


async def test_what_is_no_field_of_the_form_is_left_alone(client: Browser, site: Site, read: Read) -> None:
    answer = await make(client, digest="mine", subject="7", user_id="7", slot="s", hint="xxxx", revoked_at="")
    (text,) = secrets_of(answer)
    assert (await site.tokens.find(text)).kind == "service"
    assert await read(select(ApiToken.subject, ApiToken.user_id, ApiToken.slot)) == [("", None, None)]


async def test_nobody_gives_a_token_more_than_they_have(
    portal_app: Any, browse: MakeBrowser, site: Site, read: Read
) -> None:
    mona = await browse(portal_app, "mona", [*ALL_KEYS, "articles.view"])
    for scopes in (["articles.edit"], ["articles.*"], ["*.view"], ["*.*"], ["articles.view", "users.edit"]):
        answer = await make(mona, scopes=["", *scopes])
        assert answer.status == 422 and "scopes" in answer.errors(), scopes
    assert (await make(mona)).status == 200
    strong = await site.tokens.issue("strong", scopes=["users.edit", "articles.view"])
    key = strong.row.id
    assert (await mona.post(f"/api-keys/{key}", name="Mine now")).status == 403
    assert (await mona.post(f"/api-keys/{key}", scopes=["", "articles.view"])).status == 403
    assert await read(select(ApiToken.name).where(ApiToken.id == key)) == ["strong"]
    assert (await mona.post("/api-keys/actions/revoke", ids=str(key), confirmed="1")).status == 303
    with pytest.raises(TokenRevoked):
        await site.tokens.find(strong.text)


async def test_a_token_of_ones_own_never_does_more_than_its_owner(
    portal_app: Any, browse: MakeBrowser, client: Browser, site: Site, read: Read
) -> None:
    mona = await browse(portal_app, "mona", [*ALL_KEYS, "articles.view", "articles.edit"])
    (text,) = secrets_of(await make(mona, kind="user", scopes=["", "articles.view", "articles.edit"]))
    caller = await site.tokens.find(text)
    (user,) = await read(select(User.id).where(User.username == "mona"))
    assert (caller.kind, caller.actor.id, caller.actor.name) == ("user", user, "mona")
    assert caller.actor.may("articles.edit")
    (role,) = await read(select(Role.id).where(Role.name == "role of mona"))
    assert (await client.post(f"/roles/{role}", permissions=["", "articles.view"])).status == 303
    with pytest.raises(TokenRevoked):  # as her sessions end
        await site.tokens.find(text)
    assert (await client.get("/api-keys")).column("id") == ["Revoked"]


@pytest.mark.parametrize("change", [{"is_active": "0"}, {"password_hash": "another long password"}])
async def test_whoever_is_shut_out_is_shut_out_of_the_api(
    portal_app: Any, browse: MakeBrowser, client: Browser, site: Site, read: Read, change: dict[str, str]
) -> None:
    mona = await browse(portal_app, "mona", [*ALL_KEYS, "articles.view"])
    (text,) = secrets_of(await make(mona, kind="user"))
    assert await site.tokens.find(text)
    (user,) = await read(select(User.id).where(User.username == "mona"))
    assert (await client.post(f"/users/{user}", **change)).status == 303
    with pytest.raises(TokenRevoked):
        await site.tokens.find(text)


async def test_a_token_is_changed_within_limits(client: Browser, site: Site, read: Read) -> None:
    (text,) = secrets_of(await make(client))
    (key,) = await read(select(ApiToken.id))
    assert not (await site.tokens.find(text)).actor.may("tags.view")
    form = (await client.get(f"/api-keys/{key}/edit")).page.one("form").form()
    assert "kind" not in form and form["scopes"] == ["", "articles.view"]
    form.pop("_csrf_token")
    answer = await client.post(f"/api-keys/{key}", **{**form, "name": "Report", "scopes": ["", "tags.view"]})
    assert answer.status == 303
    caller = await site.tokens.find(text)
    assert caller.actor.display == "Report"
    assert caller.actor.may("tags.view") and not caller.actor.may("articles.view")
    assert (await client.post(f"/api-keys/{key}", expires_at="2001-01-01T00:00")).status == 422
    assert (await client.post(f"/api-keys/{key}", kind="user")).status == 303
    assert await read(select(ApiToken.kind, ApiToken.user_id)) == [("service", None)]
    await site.tokens.revoke(key)
    assert (await client.post(f"/api-keys/{key}", name="Undead")).status == 422
    assert await read(select(ApiToken.name)) == ["Report"]


async def test_revoking_is_asked_for_and_cannot_be_undone(client: Browser, site: Site, read: Read) -> None:
    issued = [await site.tokens.issue(name) for name in ("one", "two", "three")]
    keys = [str(each.row.id) for each in issued]
    assert all([await site.tokens.find(each.text) for each in issued])
    question = await client.post("/api-keys/actions/revoke", ids=keys[:2])
    assert question.status == 200 and "Revoke 2 keys?" in question.page.text
    assert await site.tokens.find(issued[0].text)
    form = question.page.one("action-page").form()
    form.pop("_csrf_token")
    assert (await client.post("/api-keys/actions/revoke", **form)).status == 303
    for each in issued[:2]:
        with pytest.raises(TokenRevoked):
            await site.tokens.find(each.text)
    assert await site.tokens.find(issued[2].text)
    again = await client.follow(await client.post("/api-keys/actions/revoke", **form))
    assert again.toasts()[-1] == "Revoke: 0 rows."


async def test_what_was_in_use_is_not_deleted(client: Browser, site: Site, read: Read) -> None:
    key = (await site.tokens.issue("one")).row.id
    page = (await client.get("/api-keys")).page
    assert not page.has("delete") and not page.has("action-delete") and page.has("action-revoke")
    assert (await client.get(f"/api-keys/{key}/delete")).status == 404
    assert (await client.post(f"/api-keys/{key}/delete")).status in (404, 405)
    assert (await client.post("/api-keys/actions/delete", ids=str(key), confirmed="1")).status == 404
    assert await read(select(ApiToken.id)) == [key]


@pytest.mark.parametrize("noun", ["api-keys", "client-keys"])
@pytest.mark.parametrize("granted", [None, "view", "create", "edit", "revoke"])
async def test_each_operation_needs_its_permission(
    portal_app: Any, browse: MakeBrowser, site: Site, read: Read, noun: str, granted: str | None
) -> None:
    issued = await site.tokens.issue("one", scopes=["articles.view"])
    key = str((await site.client_keys.issue("one", scopes=["articles.view"])).row.id)
    key = str(issued.row.id) if noun == "api-keys" else key
    rights = [f"{noun}.{granted}"] if granted else []
    somebody = await browse(portal_app, "stan", [*rights, "articles.view"])
    asked = {
        "view": [("GET", ""), ("GET", f"/{key}"), ("GET", "/count")],
        "create": [("GET", "/new"), ("POST", "")],
        "revoke": [("POST", "/actions/revoke")],
    }
    fields = {"name": "n", "kind": "service", "scopes": ["", "articles.view"], "ids": key, "confirmed": "1"}
    for operation, requests in asked.items():
        for method, path in requests:
            where = f"/{noun}{path}"
            answer = await (somebody.get(where) if method == "GET" else somebody.post(where, **fields))
            allowed = (200, 303) if operation == granted else (403,)
            assert answer.status in allowed, (granted, method, path, answer)
    made = await read(select(func.count()).select_from(ApiToken if noun == "api-keys" else ClientKey))
    assert made == [2 if granted == "create" else 1]


async def test_nobody_else_sees_the_pages_in_the_menu(editor: Browser, client: Browser) -> None:
    names = [item.get("data-name") for item in (await client.get("/")).page.all("menu-item")]
    assert {"api-keys", "client-keys"} <= set(names)
    names = [item.get("data-name") for item in (await editor.get("/")).page.all("menu-item")]
    assert not {"api-keys", "client-keys"} & set(names)


async def test_a_new_token_is_offered_an_end(client: Browser) -> None:
    form = (await client.get("/api-keys/new")).page.one("form").form()
    offered = datetime.fromisoformat(form["expires_at"][0]).replace(tzinfo=UTC)
    assert timedelta(days=89) < offered - datetime.now(UTC) < timedelta(days=91)
    assert form["kind"] == ["service"]


# -- keys for signatures


async def test_a_signing_key_is_shown_once(client: Browser, site: Site, read: Read) -> None:
    answer = await client.post("/client-keys", name="Partner", scopes=["", "articles.view"], sealed_only="1")
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    key_id, secret = secrets_of(answer)
    ((key, stored, sealed),) = await read(select(ClientKey.id, ClientKey.secret, ClientKey.sealed_only))
    assert secret not in stored and sealed
    found = await site.client_keys.find(key_id)
    assert found.secret == secret and found.sealed_only and found.caller.actor.may("articles.view")
    for path in ("/client-keys", f"/client-keys/{key}", f"/client-keys/{key}/edit"):
        page = await client.get(path)
        assert page.status == 200 and secret not in page.html and stored not in page.html
        assert path.endswith("/edit") or key_id in page.html


async def test_a_signing_key_is_switched_off_and_revoked(client: Browser, site: Site, read: Read) -> None:
    issued = await site.client_keys.issue("Partner", scopes=["articles.view"])
    key, key_id = issued.row.id, issued.row.key_id
    assert await site.client_keys.find(key_id)
    assert (await client.post(f"/client-keys/{key}", active="0")).status == 303
    with pytest.raises(KeyRevoked):
        await site.client_keys.find(key_id)
    assert (await client.get("/client-keys")).column("id") == ["Switched off"]
    assert (await client.get("/client-keys?state=off")).rows() == [str(key)]
    assert (await client.post(f"/client-keys/{key}", active="1")).status == 303
    assert await site.client_keys.find(key_id)
    assert (await client.post("/client-keys/actions/revoke", ids=str(key), confirmed="1")).status == 303
    with pytest.raises(KeyRevoked):
        await site.client_keys.find(key_id)
    assert (await client.get("/client-keys")).column("id") == ["Revoked"]
    assert (await client.post(f"/client-keys/{key}", active="1")).status == 422
