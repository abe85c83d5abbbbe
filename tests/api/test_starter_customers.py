"""Customers in the API: their own account, and nothing else."""

import asyncio
import itertools
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select

from portal.models.api_token import ApiToken
from portal.models.customer import Customer
from portal.models.customer_login import CustomerLogin
from portal.settings import Settings
from portal.web.site import Site
from tests.api.conftest import Client
from tests.pages.content import customer
from tests.portals import Add, Read

pytestmark = pytest.mark.anyio

PASSWORD = "seven kettles under snow"
ADA = {"name": "Ada@Example.com", "password": PASSWORD, "nickname": "Ada"}


NUMBERS = itertools.count(1)


@pytest.fixture
def client(client: Client) -> Client:
    """From an address of the test's own: registering is limited for each."""
    number = next(NUMBERS)
    address = f"198.18.{number // 250}.{number % 250 + 1}"

    async def open_client(*scopes: str) -> httpx.AsyncClient:
        made = await client(*scopes)
        transport: Any = made._transport
        transport.client = (address, 1234)
        return made

    return open_client


def bearer(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code in (200, 201), answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def sign_in(nobody: httpx.AsyncClient, name: str = "ada@example.com", **more: Any) -> httpx.Response:
    return await nobody.post("/api/account/sign-in", json={"name": name, "password": PASSWORD, **more})


async def works(nobody: httpx.AsyncClient, headers: dict[str, str]) -> bool:
    status = (await nobody.get("/api/account", headers=headers)).status_code
    assert status in (200, 401)
    return status == 200


def errors(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


async def test_registering_and_the_own_profile(client: Client, read: Read) -> None:
    nobody = await client()
    made = await nobody.post("/api/account/sign-up", json={**ADA, "source": "ios"})
    assert made.status_code == 201
    profile = made.json()["profile"]
    assert (profile["nickname"], profile["email"], profile["phone"]) == ("Ada", "ada@example.com", None)
    assert PASSWORD not in made.text and "hash" not in made.text
    mine = bearer(made)
    assert (await nobody.get("/api/account", headers=mine)).json() == profile
    changed = await nobody.patch("/api/account", json={"nickname": "Ada L.", "sex": "female"}, headers=mine)
    assert changed.json() == {**profile, "nickname": "Ada L.", "sex": "female"}
    (row,) = await read(select(Customer.source, Customer.version, Customer.updated_by))
    assert (row[0].value, *row[1:]) == ("ios", 2, f"customer:{profile['user_id']}")
    (hashed,) = await read(select(CustomerLogin.password_hash))
    assert hashed.startswith("$argon2id$")
    for body, wrong in (
        ({"status": "active"}, "/status"),
        ({"email": "b@example.com"}, "/email"),
        ({"nickname": ""}, "/nickname"),
        ({"nickname": "  "}, "/nickname"),
        ({"sex": "x"}, "/sex"),
    ):
        assert list(errors(await nobody.patch("/api/account", json=body, headers=mine))) == [wrong]


async def test_registrations_that_can_t_be_taken(client: Client, read: Read) -> None:
    nobody = await client()

    async def refused(**values: Any) -> dict[str, str]:
        return errors(await nobody.post("/api/account/sign-up", json={**ADA, **values}))

    assert await refused(name="ada") == {"/name": "format"}
    assert list(await refused(password="short")) == ["/password"]
    assert list(await refused(password="passwordpassword")) == ["/password"]
    assert list(await refused(nickname="Ada", password="ada@example.com")) == ["/password"]
    assert await refused(status="active") == {"/status": "unknown"}
    assert (await nobody.post("/api/account/sign-up", json=ADA)).status_code == 201
    assert await refused(name=" ada@EXAMPLE.com ") == {"/name": "taken"}
    phone = {**ADA, "name": "+86 138-0013-8000"}
    assert (await nobody.post("/api/account/sign-up", json=phone)).json()["profile"]["phone"] == "+8613800138000"
    assert (await sign_in(nobody, "+8613800138000")).status_code == 200
    assert await read(select(func.count(Customer.user_id))) == [2]


async def test_one_name_is_registered_once(client: Client, read: Read) -> None:
    nobody = await client()
    answers = await asyncio.gather(*[nobody.post("/api/account/sign-up", json=ADA) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422, 422]
    assert await read(select(func.count(Customer.user_id))) == [1]


async def test_whoever_can_t_sign_in_is_told_nothing(client: Client, add: Add, site: Site) -> None:
    nobody = await client()
    user_id = (await nobody.post("/api/account/sign-up", json=ADA)).json()["profile"]["user_id"]
    await add(customer("C1", email="operator@example.com"))
    wrong = await sign_in(nobody, password="another password here")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "sign-in-refused")

    def told(answer: httpx.Response) -> Any:
        return answer.status_code, {**answer.json(), "request_id": ""}

    assert told(await sign_in(nobody, "nobody@example.com")) == told(wrong)
    assert told(await sign_in(nobody, "operator@example.com")) == told(wrong)  # has no password
    editor = await client("customers.edit", "customers.view")
    assert (await editor.patch(f"/api/customers/{user_id}", json={"status": "blocked"})).status_code == 200
    assert told(await sign_in(nobody)) == told(wrong)


async def test_guessing_is_slowed_down(client: Client) -> None:
    nobody = await client()
    await nobody.post("/api/account/sign-up", json=ADA)
    answers = [await sign_in(nobody, password=f"a wrong password {n}") for n in range(9)]
    assert [answer.status_code for answer in answers] == [422] * 8 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    # the same name in another form
    assert (await sign_in(nobody, " ADA@example.com")).status_code == 429


async def test_registering_is_limited_for_each_address(client: Client) -> None:
    nobody = await client()
    bodies = [{**ADA, "name": f"ada{n}@example.com"} for n in range(21)]
    answers = [await nobody.post("/api/account/sign-up", json=body) for body in bodies]
    assert [answer.status_code for answer in answers] == [201] * 20 + [429]


async def test_signing_out_here_and_everywhere(client: Client) -> None:
    nobody = await client()
    tokens = [bearer(await nobody.post("/api/account/sign-up", json=ADA))]
    tokens += [bearer(await sign_in(nobody)) for _ in range(2)]
    out = "/api/account/sign-out"
    assert (await nobody.post(out, json={}, headers=tokens[0])).status_code == 204
    assert [await works(nobody, token) for token in tokens] == [False, True, True]
    assert (await nobody.post(out, json={"everywhere": True}, headers=tokens[1])).status_code == 204
    assert [await works(nobody, token) for token in tokens] == [False, False, False]


async def test_another_password(client: Client) -> None:
    nobody = await client()
    here, elsewhere = bearer(await nobody.post("/api/account/sign-up", json=ADA)), bearer(await sign_in(nobody))
    new = "eleven lamps by the harbour"

    async def change(old: str, chosen: str) -> httpx.Response:
        return await nobody.post("/api/account/password", json={"old": old, "new": chosen}, headers=here)

    assert list(errors(await change("a wrong password", new))) == ["/old"]
    assert list(errors(await change(PASSWORD, PASSWORD))) == ["/new"]
    assert list(errors(await change(PASSWORD, "123456789012"))) == ["/new"]
    assert (await change(PASSWORD, new)).status_code == 204
    assert (await works(nobody, here), await works(nobody, elsewhere)) == (True, False)
    assert (await sign_in(nobody)).status_code == 422
    assert (await sign_in(nobody, password=new)).status_code == 200


async def test_blocked_and_deleted_customers_are_out_at_once(client: Client, read: Read) -> None:
    nobody, editor = await client(), await client("customers.*")
    for number, (method, status) in enumerate((("PATCH", 200), ("DELETE", 204))):
        made = await nobody.post("/api/account/sign-up", json={**ADA, "name": f"ada{number}@example.com"})
        mine, user_id = bearer(made), made.json()["profile"]["user_id"]
        assert await works(nobody, mine)  # and is remembered
        json = {"status": "blocked"} if method == "PATCH" else None
        assert (await editor.request(method, f"/api/customers/{user_id}", json=json)).status_code == status
        assert not await works(nobody, mine)
        assert await read(select(ApiToken.id).where(ApiToken.subject == user_id, ApiToken.revoked_at.is_(None))) == []
    assert await read(select(CustomerLogin.name)) == ["ada0@example.com"]


async def test_customers_reach_nothing_else(client: Client, portal_app: Litestar) -> None:
    nobody = await client()
    mine = bearer(await nobody.post("/api/account/sign-up", json=ADA))
    for path in ("articles", "customers", "users", "banners", "tags", "files", "customers/count"):
        answer = await nobody.get(f"/api/{path}", headers=mine)
        assert answer.status_code in (403, 404), path
    refused = await nobody.post("/api/articles", json={"title": "x"}, headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing-scope")
    # and nobody else has an account here, whatever they may
    almighty = await client("*.*")
    for method, path, body in (("GET", "", None), ("PATCH", "", {}), ("POST", "/sign-out", {})):
        assert (await almighty.request(method, f"/api/account{path}", json=body)).status_code == 403
    assert (await nobody.get("/api/account")).status_code == 401


async def test_what_customers_sign_in_with_is_shown_to_nobody(client: Client) -> None:
    nobody, almighty = await client(), await client("*.*")
    user_id = (await nobody.post("/api/account/sign-up", json=ADA)).json()["profile"]["user_id"]
    for path in (f"/api/customers/{user_id}", "/api/customers", "/api/openapi.json"):
        assert "password_hash" not in (await almighty.get(path)).text or "openapi" in path
        assert "argon2" not in (await almighty.get(path)).text


async def test_single_sessions(client: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(secret="s" * 40, customer_sessions="single")
    monkeypatch.setattr(site.tokens, "settings", settings)
    nobody = await client()
    web = bearer(await nobody.post("/api/account/sign-up", json={**ADA, "device": "web"}))
    app = bearer(await sign_in(nobody, device="app"))
    assert [await works(nobody, token) for token in (web, app)] == [True, True]
    again = bearer(await sign_in(nobody, device="web"))
    assert [await works(nobody, token) for token in (web, app, again)] == [False, True, True]
