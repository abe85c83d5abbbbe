"""No other site's page changes anything (SECURITY 1.2): both gates, on the routes of the whole product."""

from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text

from portal.auth.csrf import CsrfTokens
from portal.settings import Settings
from portal.web.forgery import ForgedRequest, OriginGate
from portal.web.site import Site
from tests.security.conftest import ORIGIN, Browser

pytestmark = pytest.mark.anyio

PRODUCTION = Settings(
    host="0.0.0.0", base_url="https://Portal.example.com", hosts=("portal.example.com",), secret="s" * 40
)

HOME = "https://portal.example.com"

OURS = [
    {"origin": HOME},
    {"origin": "https://PORTAL.example.com:443"},
    {"origin": HOME, "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin"},
    {"referer": HOME + "/articles/new"},
    {"referer": HOME + "/"},
]

FOREIGN = [
    {},
    {"origin": ""},
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"origin": "http://portal.example.com"},
    {"origin": HOME + ".evil.example"},
    {"origin": HOME + ":8443"},
    {"origin": HOME + "/"},
    {"origin": "https://x.portal.example.com"},
    {"origin": HOME, "sec-fetch-site": "cross-site"},
    {"origin": HOME, "sec-fetch-site": "same-site"},
    {"origin": HOME, "sec-fetch-site": "none"},
    {"origin": HOME, "sec-fetch-site": ""},
    {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    {"origin": "https://evil.example", "referer": HOME + "/"},
    {"referer": HOME + ".evil.example/"},
    {"referer": HOME},
    {"referer": "https://evil.example/?" + HOME + "/"},
    {"referer": "https://portal.example.com@evil.example/"},
    {"referer": "https://[evil"},
    {"referer": "/articles"},
    {"host": "portal.example.com"},
]


@pytest.mark.parametrize("headers", OURS)
def test_our_own_pages_pass_the_first_gate(headers: dict[str, str]) -> None:
    """3.5.1."""
    OriginGate(PRODUCTION).check(headers, "https")


@pytest.mark.parametrize("headers", FOREIGN)
def test_anybody_else_and_whoever_says_nothing_is_refused(headers: dict[str, str]) -> None:
    """3.5.1: whole origins are compared, and silence is a no."""
    with pytest.raises(ForgedRequest):
        OriginGate(PRODUCTION).check(headers, "https")


def changing_routes(product: Litestar) -> list[tuple[str, str]]:
    """Every route of the product that is not for reading, its parameters filled."""
    found = []
    for route in product.routes:
        if route.path.startswith("/api"):  # cookies mean nothing there: tests/api/test_door.py
            continue
        for handler in getattr(route, "route_handlers", ()):
            assert isinstance(handler, HTTPRouteHandler)
            for method in sorted(handler.http_methods - {"GET", "HEAD", "OPTIONS"}):
                found.append(
                    (str(method), "/".join("1" if part.startswith("{") else part for part in route.path.split("/")))
                )
    return found


async def fingerprint(site: Site) -> dict[str, list[object]]:
    """Every row of every table but the throttle's; sessions without the time they were seen."""
    rows: dict[str, list[object]] = {}
    async with site.database.read() as db:
        names = (await db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))).all()
        for name in names:
            rows[name] = [tuple(row) for row in await db.execute(text(f'SELECT * FROM "{name}"'))]
    return rows


async def test_no_changing_route_takes_a_forged_request(
    product: Litestar, site: Site, open_browser: Callable[..., Browser]
) -> None:
    """3.5.1: every one of them × no, empty, wrong, nobody's, another session's token, and a foreign origin."""
    routes = changing_routes(product)
    assert len(routes) > 20
    async with open_browser() as mine, open_browser() as other, open_browser() as nobody:
        await mine.sign_in()
        await other.sign_in()
        good, foreign, anonymous = await mine.token("/password"), await other.token("/password"), await nobody.token()
        before = await fingerprint(site)
        own = {"Origin": ORIGIN}
        forged: list[tuple[dict[str, str], dict[str, str]]] = [
            (own, {}),
            (own, {"_csrf_token": ""}),
            (own, {"_csrf_token": "x" * 88}),
            (own, {"_csrf_token": foreign}),
            (own, {"_csrf_token": anonymous}),
            ({**own, "X-CSRFToken": foreign}, {"_csrf_token": good}),
            ({}, {"_csrf_token": good}),
            ({"Origin": "https://evil.example"}, {"_csrf_token": good}),
            ({"Origin": "null"}, {"_csrf_token": good}),
            ({**own, "Sec-Fetch-Site": "cross-site"}, {"_csrf_token": good}),
            ({**own, "X-HTTP-Method-Override": "GET"}, {}),
        ]
        for method, path in routes:
            for headers, fields in forged:
                answer = await mine.request(method, path, data={"title": "forged", **fields}, headers=headers)
                assert answer.status_code == 403, (method, path, headers)
        assert await fingerprint(site) == before


async def test_only_a_plain_form_may_carry_the_field(open_browser: Callable[..., Browser]) -> None:
    """3.5.2: files and JSON demand the header, so that nothing of them is read before the gate."""
    async with open_browser() as mine:
        await mine.sign_in()
        good, own = await mine.token("/password"), {"Origin": ORIGIN}
        fields = {"theme": "dark", "_csrf_token": good}
        bodies = [
            {"files": {"cover": b"x"}, "data": fields},
            {"json": fields},
            {"content": f"_csrf_token={good}", "headers": {**own, "Content-Type": "text/plain"}},
            {"content": f"_csrf_token={good}"},
        ]
        for body in bodies:
            answer = await mine.post("/preferences", **{"headers": own, **body})  # type: ignore[arg-type]
            assert answer.status_code == 403
        assert (await mine.post("/preferences", data=fields, headers=own)).status_code == 303
        by_header = await mine.post("/preferences", data={}, headers={**own, "X-CSRFToken": good})
        assert by_header.status_code == 303


async def test_reading_changes_nothing(product: Litestar, site: Site, open_browser: Callable[..., Browser]) -> None:
    """3.5.3: every route by GET, HEAD and OPTIONS, also with the fields of a change in the query."""
    async with open_browser() as mine:
        await mine.sign_in()
        before = await fingerprint(site)
        for route in product.routes:
            path = "/".join("1" if part.startswith("{") else part for part in route.path.split("/"))
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = await mine.request(method, path, params={"title": "x", "_method": "POST", "ids": "1"})
                assert answer.status_code < 500, (method, path)
        assert await fingerprint(site) == before


async def test_a_form_too_large_to_look_for_a_token_is_refused(open_browser: Callable[..., Browser]) -> None:
    """5.2.1: by its announced length and by counting."""
    async with open_browser() as mine:
        token = await mine.token()

        async def endless() -> object:
            for _ in range(40):
                yield b"x" * 10_000

        headers = {"Origin": ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}
        large = b"_csrf_token=" + token.encode() + b"&x=" + b"x" * 300_000
        assert (await mine.post("/sign-in", content=large, headers=headers)).status_code == 413
        assert (await mine.post("/sign-in", content=endless(), headers=headers)).status_code == 413  # type: ignore[arg-type]
        many = "&".join(f"f{n}=1" for n in range(501))
        assert (await mine.post("/sign-in", content=many, headers=headers)).status_code == 422


async def test_nobodys_token_dies_with_its_browser(site: Site, open_browser: Callable[..., Browser]) -> None:
    """3.5.1: an anonymous token, planted together with its cookie, is nothing to a signed-in session."""
    async with open_browser() as attacker, open_browser() as victim:
        planted = await attacker.token()
        await victim.sign_in()
        victim.cookies.set("fastor_visitor", attacker.cookies["fastor_visitor"])
        fields = {"_csrf_token": planted, "theme": "dark"}
        assert (await victim.post("/preferences", data=fields, headers={"Origin": ORIGIN})).status_code == 403
        invented = CsrfTokens(b"guess").issue("visitor x ")
        victim.cookies.set("fastor_visitor", "x")
        fields = {"_csrf_token": invented, "theme": "dark"}
        assert (await victim.post("/preferences", data=fields, headers={"Origin": ORIGIN})).status_code == 403
