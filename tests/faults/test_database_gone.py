"""The database goes away in the middle of everything: 503, the text kept, nothing half done, and on it goes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import delete, make_url, select, update

from portal.app import create_app
from portal.db.engine import Database
from portal.models.article import Article, ArticleTag
from portal.models.user import User
from tests.databases import fresh_database
from tests.faults.proxy import Proxy, proxy_before
from tests.pages.browser import PASSWORD, Answer, Browser
from tests.pages.content import article, tag
from tests.pages.dom import Element
from tests.portals import QUICK, create_tables, hurry, settings_for

pytestmark = pytest.mark.anyio

SLOWEST = 10.0
"""Seconds in which a hanging database must be answered for."""

OLD, NEW = "Old title", "New title"
BODY = "First line\r\nsecond <b>line</b> and more"


@pytest.fixture(scope="module", params=("mysql", "postgresql"))
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """SQLite is a file; only a server can go away."""
    with fresh_database(request.param) as url:
        yield url


@dataclass
class Scene:
    """The product behind the proxy, somebody signed in, and an article with two tags."""

    app: Litestar
    proxy: Proxy
    truth: Database
    """The same database, past the proxy."""
    client: Browser
    key: str = ""
    tags: tuple[str, ...] = ()

    async def save(self, title: str = NEW) -> Answer:
        return await self.client.post(f"/articles/{self.key}", title=title, body=BODY, slug="tea", tags=list(self.tags))

    async def stored(self) -> tuple[str, str, int]:
        """Title, body and number of tags as they are."""
        async with self.truth.read() as session:
            (row,) = await session.execute(select(Article.title, Article.body).where(Article.id == int(self.key)))
            links = list(await session.scalars(select(ArticleTag.tag_id)))
            return row[0], row[1], len(links)

    async def restore(self) -> None:
        """As it was before the save, and a connection that works."""
        await self.proxy.listen()
        async with self.truth.write() as session:
            await session.execute(delete(ArticleTag))
            await session.execute(update(Article).values(title=OLD, body="", version=1))
            await session.commit()
        assert (await self.client.get(f"/articles/{self.key}/edit")).status == 200


@pytest.fixture(scope="module")
async def running(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    truth = Database(server_url)
    await create_tables(truth)
    url = make_url(server_url)
    assert url.host and url.port
    async with proxy_before(url.host, url.port) as proxy:
        behind = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        folder: Path = tmp_path_factory.mktemp("var")
        app = create_app(settings=settings_for(behind, folder))
        hurry(app.state.portal.site)
        async with app.lifespan():
            rows: list[Any] = [article(OLD, slug="tea"), tag("hot"), tag("green")]
            user = User(username="maria", password_hash=await QUICK.hash(PASSWORD), is_superuser=True)
            async with truth.write() as session:
                session.add_all([*rows, user])
                await session.commit()
            scene = Scene(app, proxy, truth, Browser(app))
            scene.key, scene.tags = str(rows[0].id), tuple(str(row.id) for row in rows[1:])
            await scene.client.sign_in("maria")
            await scene.client.token()
            yield scene
            await scene.client.close()
            await proxy.listen()
    await truth.dispose()


@pytest.fixture
async def scene(running: Scene) -> AsyncIterator[Scene]:
    await running.restore()
    yield running
    await running.proxy.listen()


def kept(answer: Answer) -> Element:
    """The form of a 503 page that holds what was typed."""
    assert answer.status == 503, answer
    assert answer.page.one("error-page")["data-status"] == "503"
    assert int(answer.headers["retry-after"]) > 0
    form = answer.page.one("resend")
    fields = form.form()
    assert fields["title"] == [NEW]
    assert [text.replace("\r\n", "\n") for text in fields["body"]] == [BODY.replace("\r\n", "\n")]
    assert len(fields["tags"]) == 2
    return form


async def send_again(scene: Scene, form: Element) -> Answer:
    fields = form.form()
    scene.client._token = fields.pop("_csrf_token")[0]
    return await scene.client.post(form["action"], **fields)


async def test_a_save_while_it_is_gone_keeps_what_was_typed(scene: Scene) -> None:
    await scene.proxy.refuse()
    answer = await scene.save()
    form = kept(answer)
    assert form["action"] == f"/articles/{scene.key}"
    assert (await scene.client.get("/articles")).status == 503
    assert (await scene.client.get("/health/live")).status == 200
    assert (await scene.client.get("/health/ready")).status == 503
    await scene.proxy.listen()
    again = await send_again(scene, form)
    assert again.status == 303, again
    assert await scene.stored() == (NEW, BODY.replace("\r\n", "\n"), 2)


async def test_a_new_row_while_it_is_gone_can_be_sent_again(scene: Scene) -> None:
    await scene.proxy.refuse()
    answer = await scene.client.post("/articles", title=NEW, body=BODY, tags=list(scene.tags))
    form = kept(answer)
    await scene.proxy.listen()
    made = await send_again(scene, form)
    assert made.status == 303, made
    async with scene.truth.write() as session:
        made_rows = list(await session.scalars(select(Article).where(Article.id != int(scene.key))))
        assert [row.title for row in made_rows] == [NEW]
        await session.execute(delete(ArticleTag))
        await session.delete(made_rows[0])
        await session.commit()


async def test_the_next_request_works(scene: Scene) -> None:
    for _ in range(3):
        await scene.proxy.refuse()
        assert (await scene.client.get("/articles")).status == 503
        await scene.proxy.listen()
        assert (await scene.client.get("/articles")).status == 200
    scene.proxy.cut()  # the pool does not know yet
    await asyncio.sleep(0)
    assert (await scene.client.get("/articles")).status == 200
    assert (await scene.save()).status == 303


async def test_a_hanging_database_is_answered_for_in_time(scene: Scene) -> None:
    """In the middle of a save, and for those who come then."""
    begun = time.monotonic()
    scene.proxy.after(8, hang=True)
    saving = asyncio.create_task(scene.save())
    await scene.proxy.hanging.wait()
    answers = await asyncio.gather(saving, *[scene.client.get("/articles") for _ in range(4)])
    assert time.monotonic() - begun < SLOWEST
    assert [answer.status for answer in answers] == [503] * 5
    kept(answers[0])
    await scene.proxy.listen()
    assert (await scene.stored())[0] == OLD
    begun = time.monotonic()
    assert (await scene.client.get("/articles")).status == 200
    assert time.monotonic() - begun < 2


async def test_a_cut_at_any_message_of_a_save_leaves_it_whole(scene: Scene) -> None:
    old, new = (OLD, "", 0), (NEW, BODY.replace("\r\n", "\n"), 2)
    refused = 0
    for messages in range(20):
        await scene.restore()
        scene.proxy.after(messages)
        answer = await scene.save()
        cut = scene.proxy.passed > messages
        stored = await scene.stored()
        assert stored in (old, new), messages
        if answer.status == 303:
            assert stored == new, messages
        else:
            kept(answer)
            refused += 1
        assert cut or answer.status == 303
        if not cut:
            break
        await scene.proxy.listen()
        assert (await scene.client.get("/articles")).status == 200, messages
    assert refused > 5


async def test_a_lost_commit_is_told_as_a_failure_and_can_be_sent_again(scene: Scene) -> None:
    """The last messages of a save are its COMMIT and the answer to it."""
    scene.proxy.after(10_000)
    assert (await scene.save()).status == 303
    whole = scene.proxy.passed
    for messages in range(whole - 3, whole):
        await scene.restore()
        scene.proxy.after(messages)
        answer = await scene.save()
        stored = await scene.stored()
        assert stored[0] in {OLD, NEW}
        assert answer.status == (303 if stored[0] == NEW and answer.status == 303 else 503), messages
