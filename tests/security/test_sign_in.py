"""Signing in and out over HTTP: cookies, the way back, what nobody may see, and what a page remembers."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from litestar import Litestar
from sqlalchemy import func, select, update

from portal.models.session import Session
from portal.models.user import User
from portal.web.cookies import Cookies
from portal.web.site import Site
from tests.security.conftest import ORIGIN, PASSWORD, Browser

pytestmark = pytest.mark.anyio

NEW = "walnut bicycle harbour seven"

PUBLIC = {"/sign-in", "/preferences", "/language", "/health/live", "/health/ready", "/static"}


async def test_everything_but_the_door_needs_a_session(product: Litestar, visitor: Browser) -> None:
    """8.2.1: every route of the product, plain and by htmx, in odd spellings too."""
    for route in product.routes:
        path = "/".join("1" if part.startswith("{") else part for part in route.path.split("/"))
        if path in PUBLIC or path.startswith(("/static", "/media/", "/e/", "/api")):  # these have tests of their own
            continue
        for spelling in {path, path + "/", path.replace("/", "//"), path.replace("e", "%65")}:
            answer = await visitor.get(spelling)
            assert answer.status_code in (303, 401, 404, 405), spelling
            assert answer.headers.get("location", "/sign-in").startswith("/sign-in"), spelling
            htmx = await visitor.get(spelling, headers={"HX-Request": "true"})
            assert htmx.status_code in (401, 404, 405), spelling


async def test_nobody_leaves_nothing_behind(site: Site, visitor: Browser) -> None:
    """7.2.4: no row and no cookie for a reader who is not signed in."""
    answer = await visitor.get("/articles")
    assert "set-cookie" not in answer.headers
    await visitor.get("/sign-in")
    async with site.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Session)) == 0


async def test_signing_in_leads_back_to_where_one_came_from(visitor: Browser) -> None:
    """3.7.2."""
    asked = await visitor.get("/articles?q=%E8%8C%B6&page=2")
    page = asked.headers["location"]
    form = await visitor.get(page)
    assert 'value="/articles?q=%E8%8C%B6&amp;page=2"' in form.text
    answer = await visitor.sign_in(next="/articles?q=%E8%8C%B6&page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/articles?q=%E8%8C%B6&page=2")
    assert (await visitor.get("/articles")).status_code == 200
    assert (await visitor.get("/sign-in?next=/tags")).headers["location"] == "/tags"


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/x\n"])
async def test_signing_in_leads_nowhere_else(visitor: Browser, elsewhere: str) -> None:
    """3.7.2, CVE-2026-22032."""
    form = (await visitor.get("/sign-in", params={"next": elsewhere})).text
    assert '<input type="hidden" name="next" value="">' in form
    assert (await visitor.sign_in(next=elsewhere)).headers["location"] == "/"
    assert (await visitor.get("/sign-in", params={"next": elsewhere})).headers["location"] == "/"


async def test_a_script_is_told_to_load_the_sign_in_page(visitor: Browser) -> None:
    """1.1: a fragment asked for without a session must not become a sign-in form within the page."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"{ORIGIN}/articles?page=2"}
    answer = await visitor.get("/articles/count", headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?next=/articles%3Fpage%3D2")
    foreign = await visitor.get("/articles", headers={**headers, "HX-Current-URL": "https://evil.example//evil"})
    assert foreign.headers["hx-redirect"] == "/sign-in"


async def test_a_form_sent_without_a_session_is_given_back(visitor: Browser) -> None:
    """SECURITY section 4: the session ended while somebody wrote; what was typed is on the page that says so."""
    token = await visitor.token()
    fields = {"title": "typed for an hour", "_csrf_token": token}
    answer = await visitor.post("/articles", data=fields, headers={"Origin": ORIGIN})
    assert answer.status_code == 401
    assert "typed for an hour" in answer.text
    forged = await visitor.post("/articles", data=fields, headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
    assert "typed for an hour" not in forged.text


async def test_wrong_keeps_what_was_typed_but_the_password(visitor: Browser) -> None:
    """6.3.8: 422, one sentence at the form."""
    answer = await visitor.submit("/sign-in", {"username": '<b>"maria', "password": "typed wrong", "remember": "1"})
    assert answer.status_code == 422
    assert 'value="&lt;b&gt;&#34;maria"' in answer.text
    assert "typed wrong" not in answer.text
    assert answer.text.count('data-testid="error"') == 1
    assert " checked" in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_too_many_wrong_are_429_with_the_time_to_wait(open_browser: Callable[..., Browser]) -> None:
    """6.3.1: forwarded headers and invented fields do not lift it, the owner's browser gets in."""
    async with open_browser() as known, open_browser("198.51.100.9") as stranger:
        await known.sign_in()
        await known.submit("/sign-out", {}, page="/password")
        for _ in range(8):
            assert (await stranger.sign_in("wrong")).status_code == 422
        answer = await stranger.sign_in()
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 300
        stranger.headers["X-Forwarded-For"] = "203.0.113.1"
        assert (await stranger.sign_in(device="x", address="y")).status_code == 429
        assert (await known.sign_in()).status_code == 303


async def test_the_cookies_are_those_promised(visitor: Browser) -> None:
    """3.3.1 to 3.3.4: not readable by scripts, not sent along from other sites, not for sister hosts."""
    answer = await visitor.sign_in()
    cookies = {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert set(cookies) == {"fastor_session", "fastor_device", "fastor_visitor"}
    for line in cookies.values():
        assert "HttpOnly" in line and "SameSite=Lax" in line and "Path=/" in line and "Domain" not in line
    assert "Max-Age" not in cookies["fastor_session"]
    await visitor.submit("/sign-out", {}, page="/password")
    remembered = (await visitor.sign_in(remember="1")).headers.get_list("set-cookie")
    assert any("fastor_session" in line and "Max-Age=2592000" in line for line in remembered)


def test_under_tls_the_cookies_are_bound_to_this_host() -> None:
    """3.3.1, 3.3.3."""
    cookies = Cookies(secure=True)
    for name in (cookies.session, cookies.visitor, cookies.device, cookies.flash):
        line = cookies.build(name, "x")[1].decode()
        assert line.startswith("__Host-fastor_") and "; Secure" in line and "Path=/;" in line


async def test_the_identifier_is_in_no_page_and_no_address(visitor: Browser) -> None:
    """7.2.1, 14.2.1."""
    signed_in = await visitor.sign_in()
    identifier = visitor.cookies["fastor_session"]
    for answer in [signed_in, *[await visitor.get(path) for path in ("/", "/articles", "/password", "/users")]]:
        assert identifier not in answer.text
        assert identifier not in answer.headers.get("location", "")


async def test_signing_in_again_gives_a_new_identifier(visitor: Browser) -> None:
    """7.2.4: the chosen one and the former one are dead."""
    visitor.cookies.set("fastor_session", "c" * 43, domain="localhost.local")
    await visitor.sign_in()
    first = [cookie.value for cookie in visitor.cookies.jar if cookie.name == "fastor_session"]
    assert "c" * 43 != first[-1]
    visitor.cookies.clear()
    visitor.cookies.set("fastor_session", "c" * 43)
    assert (await visitor.get("/articles")).status_code == 303


async def test_signing_out_ends_it_everywhere(visitor: Browser) -> None:
    """7.4.1: on the server, in the browser and in its cache; by POST only."""
    await visitor.sign_in()
    old = visitor.cookies["fastor_session"]
    assert (await visitor.get("/sign-out")).status_code == 405
    answer = await visitor.submit("/sign-out", {}, page="/password")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert "fastor_session" not in visitor.cookies
    visitor.cookies.set("fastor_session", old)
    assert (await visitor.get("/articles")).status_code == 303


async def test_a_page_made_with_a_session_is_kept_by_no_cache(visitor: Browser) -> None:
    """14.2.2, 14.3.2."""
    await visitor.sign_in()
    for path in ("/", "/articles", "/articles/new", "/password", "/nothing-here"):
        assert (await visitor.get(path)).headers["cache-control"] == "no-store", path


async def test_a_disabled_user_is_out_with_the_next_request(site: Site, visitor: Browser) -> None:
    """7.4.2, GHSA-56p6-qw3c-fq2g."""
    await visitor.sign_in()
    async with site.database.write() as db:
        await db.execute(update(User).values(is_active=False))
        await db.commit()
    assert (await visitor.get("/articles")).status_code == 303


async def test_a_session_in_use_stays_alive(site: Site, visitor: Browser) -> None:
    """7.3.1: a visit is noted once a minute, behind the answer."""
    await visitor.sign_in()

    async def seen() -> datetime:
        async with site.database.read() as db:
            found = await db.scalar(select(Session.seen_at))
        assert found is not None
        return found

    first = await seen()
    await visitor.get("/password")
    assert await seen() == first
    async with site.database.write() as db:
        await db.execute(update(Session).values(seen_at=first - timedelta(minutes=2)))
        await db.commit()
    await visitor.get("/password")
    assert await seen() >= first


async def test_parallel_requests_with_a_rotated_identifier_make_no_session(
    site: Site, visitor: Browser, open_browser: Callable[..., Browser]
) -> None:
    """1.1: those under way during a rotation get 401, not a new session."""
    await visitor.sign_in()
    old = visitor.cookies["fastor_session"]
    await visitor.submit("/password", {"old": PASSWORD, "new": NEW, "repeat": NEW})
    async with open_browser() as late:
        late.cookies.set("fastor_session", old)
        answers = await asyncio.gather(*(late.get("/articles", headers={"HX-Request": "true"}) for _ in range(5)))
        assert [answer.status_code for answer in answers] == [401] * 5
        assert not any("set-cookie" in answer.headers for answer in answers)
    async with site.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Session)) == 1


async def test_the_database_gone_is_a_503_that_keeps_what_was_typed(site: Site, visitor: Browser) -> None:
    """16.5.3, SECURITY section 4: never another's session, and the form works once the database answers."""
    await visitor.sign_in()
    token = await visitor.token("/password")
    fields = {"title": "typed for an hour", "_csrf_token": token}
    began = time.monotonic()
    load = site.authenticator.authenticate

    async def gone(visit: object) -> None:
        raise ConnectionError

    site.authenticator.authenticate = gone  # type: ignore[assignment, method-assign]
    answer = await visitor.post("/articles", data=fields, headers={"Origin": ORIGIN})
    assert answer.status_code == 503
    assert time.monotonic() - began < 10
    assert "typed for an hour" in answer.text
    site.authenticator.authenticate = load  # type: ignore[method-assign]
    given_back = answer.text.rpartition('name="_csrf_token" value="')[2].partition('"')[0]
    again = {**fields, "_csrf_token": given_back, "theme": "dark"}
    assert (await visitor.post("/preferences", data=again, headers={"Origin": ORIGIN})).status_code == 303
