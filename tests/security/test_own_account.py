"""The pages of one's own account over HTTP: password, language and theme."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from portal.models.user import User
from portal.web.site import Site
from tests.security.conftest import PASSWORD, Browser

pytestmark = pytest.mark.anyio

NEW = "walnut bicycle harbour seven"


async def test_a_printed_password_opens_nothing_but_its_change(site: Site, visitor: Browser) -> None:
    """6.4.1."""
    async with site.database.write() as db:
        await db.execute(update(User).values(must_change_password=True))
        await db.commit()
    assert (await visitor.sign_in(next="/articles")).headers["location"] == "/password"
    for path in ("/", "/articles", "/users/1/edit"):
        assert (await visitor.get(path)).headers["location"] == "/password"
        htmx = await visitor.get(path, headers={"HX-Request": "true"})
        assert (htmx.status_code, htmx.headers["hx-redirect"]) == (403, "/password")
    denied = await visitor.submit("/articles", {"title": "x"}, page="/password")
    assert denied.status_code == 403
    fields = {"old": PASSWORD, "new": NEW, "repeat": NEW}
    changed = await visitor.submit("/password", fields)
    assert (changed.status_code, changed.headers["location"]) == (303, "/")
    home = await visitor.get("/")
    assert home.status_code == 200
    assert "The password is changed" in home.text
    assert "The password is changed" not in (await visitor.get("/")).text


async def test_a_password_not_taken_says_why_at_the_field(visitor: Browser) -> None:
    """6.2.3: and shows none of the three again."""
    await visitor.sign_in()
    for fields, at in [
        ({"old": "wrong", "new": NEW, "repeat": NEW}, "old"),
        ({"old": PASSWORD, "new": "short", "repeat": "short"}, "new"),
        ({"old": PASSWORD, "new": NEW, "repeat": NEW + "x"}, "repeat"),
        ({}, "old"),
    ]:
        answer = await visitor.submit("/password", fields)
        assert answer.status_code == 422
        assert f'id="{at}-error"' in answer.text
        assert f'aria-describedby="{at}-error"' in answer.text
        assert NEW not in answer.text


async def test_changing_the_password_throws_the_others_out(open_browser: Callable[..., Browser]) -> None:
    """7.4.3, CVE-2026-22706."""
    async with open_browser() as mine, open_browser() as other:
        await mine.sign_in()
        await other.sign_in()
        await mine.submit("/password", {"old": PASSWORD, "new": NEW, "repeat": NEW})
        assert (await mine.get("/articles")).status_code == 200
        assert (await other.get("/articles")).status_code == 303


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "en"),
        ({"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"}, "zh-CN"),
        ({"Accept-Language": "fr, en-GB;q=0.7, zh;q=0.3"}, "en"),
        ({"Accept-Language": "zh;q=0, en"}, "en"),
        ({"Accept-Language": ";;;,q=x,\x7f" * 500}, "en"),
        ({"Accept-Language": "en", "Cookie": "fastor_language=zh-CN"}, "zh-CN"),
        ({"Accept-Language": "en", "Cookie": "fastor_language=../../etc"}, "en"),
    ],
)
async def test_the_language_is_the_visitors(visitor: Browser, headers: dict[str, str], language: str) -> None:
    page = (await visitor.get("/sign-in", headers=headers)).text
    assert f'<html lang="{language}"' in page
    assert ("登录" in page) is (language == "zh-CN")


async def test_language_and_theme_can_be_chosen_without_a_script(site: Site, visitor: Browser) -> None:
    answer = await visitor.submit("/preferences", {"theme": "dark", "next": "/sign-in"}, page="/sign-in")
    assert answer.headers["location"] == "/sign-in"
    assert 'data-theme="dark"' in (await visitor.get("/sign-in")).text
    await visitor.submit("/preferences", {"theme": "<script>", "density": "x"}, page="/sign-in")
    assert 'data-theme="dark"' in (await visitor.get("/sign-in")).text
    await visitor.sign_in()
    await visitor.submit("/language", {"language": "zh-CN"}, page="/password")
    visitor.cookies.delete("fastor_language")
    assert '<html lang="zh-CN"' in (await visitor.get("/password")).text
    async with site.database.read() as db:
        assert await db.scalar(select(User.language)) == "zh-CN"
