"""`Idempotency-Key`: a call that is repeated is not done twice, whatever happened to the first."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from portal.app import create_app
from portal.db.engine import Database
from portal.db.mixins import now
from portal.models.article import Article
from portal.models.idempotent_answer import DONE, RUNNING, IdempotentAnswer
from portal.services.once import HELD, KEPT
from portal.services.resource import ResourceService
from portal.web.site import Site
from tests.api.conftest import Client
from tests.api.test_door import SEAL
from tests.portals import Read

pytestmark = pytest.mark.anyio

SCOPES = ("articles.view", "articles.create", "tags.view", "tags.create")
JSON = {"Content-Type": "application/json"}
TEA = {"title": "Tea", "summary": "Green"}
MADE = select(func.count(Article.id))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def write(database: Database, statement: Any) -> None:
    async with database.write() as db:
        await db.execute(statement)
        await db.commit()


async def test_the_first_answer_is_given_again(client: Client, read: Read) -> None:
    api = await client(*SCOPES)
    key = {"Idempotency-Key": "one"}
    first = await api.post("/api/articles", json=TEA, headers=key)
    assert (first.status_code, "idempotency-replayed" in first.headers) == (201, False)
    # the same values in another order and form
    again = await api.post("/api/articles", content=b'{"summary":"Green",  "title":"Tea"}', headers={**key, **JSON})
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("location", "etag", "content-type", "cache-control"):
        assert again.headers[name] == first.headers[name]
    assert "ratelimit" in again.headers
    assert await read(MADE) == [1]
    other = await api.post("/api/articles", json=TEA, headers={"Idempotency-Key": "two"})
    assert (other.status_code, await read(MADE)) == (201, [2])
    without = [await api.post("/api/articles", json=TEA) for _ in range(2)]
    assert [answer.status_code for answer in without] == [201, 201]
    assert await read(MADE) == [4]


async def test_a_key_stands_for_one_call(client: Client, read: Read) -> None:
    api, key = await client(*SCOPES), {"Idempotency-Key": "one"}
    assert (await api.post("/api/articles", json=TEA, headers=key)).status_code == 201
    refused = (422, "idempotency-reused")
    assert code(await api.post("/api/articles", json={**TEA, "title": "Milk"}, headers=key)) == refused
    assert code(await api.post("/api/tags", json={"name": "Tea"}, headers=key)) == refused
    # and of one caller
    assert (await (await client(*SCOPES)).post("/api/articles", json=TEA, headers=key)).status_code == 201
    assert await read(MADE) == [2]


async def test_keys_that_are_none(client: Client, read: Read) -> None:
    api = await client(*SCOPES)
    for wrong in (b"", b"x" * 201, b"a b", b"caf\xe9", b"a\tb"):
        answer = await api.post("/api/articles", json=TEA, headers={b"Idempotency-Key": wrong})
        assert code(answer) == (400, "idempotency-key"), wrong
    assert await read(MADE) == [0]
    assert (await api.post("/api/articles", json=TEA, headers={"Idempotency-Key": "x" * 200})).status_code == 201


async def test_a_refused_call_leaves_its_key_free(client: Client, read: Read) -> None:
    api, key = await client(*SCOPES), {"Idempotency-Key": "one"}
    assert code(await api.post("/api/articles", json={**TEA, "title": ""}, headers=key)) == (422, "input")
    assert await read(select(IdempotentAnswer.state)) == []
    assert (await api.post("/api/articles", json=TEA, headers=key)).status_code == 201


async def test_what_one_may_no_longer_is_not_told_again(client: Client, site: Site) -> None:
    issued = await site.tokens.issue("writer", scopes=SCOPES)
    api = await client(Authorization=f"Bearer {issued.text}")
    assert (await api.post("/api/articles", json=TEA, headers={"Idempotency-Key": "one"})).status_code == 201
    await site.tokens.revoke(issued.row.id)
    assert (await api.post("/api/articles", json=TEA, headers={"Idempotency-Key": "one"})).status_code == 401


async def test_many_at_once_make_one(client: Client, site: Site, read: Read) -> None:
    """Two applications as two processes would: they share nothing but the database."""
    issued = await site.tokens.issue("twice", scopes=SCOPES)
    bearer = {"Authorization": f"Bearer {issued.text}"}
    other = create_app(settings=site.settings)
    async with other.lifespan():
        callers = [await client(**bearer), await client(app=other, **bearer)]
        for number in range(3):
            key = {"Idempotency-Key": f"race-{number}"}
            body = {**TEA, "title": f"Tea {number}"}
            calls = [callers[n % 2].post("/api/articles", json=body, headers=key) for n in range(8)]
            answers = await asyncio.gather(*calls)
            made = [answer for answer in answers if answer.status_code == 201]
            assert made and len({answer.content for answer in made}) == 1
            assert {code(answer) for answer in answers if answer not in made} <= {(409, "idempotency-running")}
    assert await read(MADE) == [3]


class Died(BaseException):
    """The process goes, and tidies up nothing."""


async def crash(caller: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, *, written: bool) -> None:
    """Make the first call of the key `one` die before its rows are committed, or right after."""
    finish = ResourceService._finish

    async def die(self: ResourceService, values: Any) -> None:
        if written:
            await finish(self, values)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(ResourceService, "_finish", die)
        # a process that is killed does not give its key back
        patched.setattr("portal.services.once.Once._try", _nothing)
        with pytest.raises(Died):
            await caller.post("/api/articles", json=TEA, headers={"Idempotency-Key": "one"})


async def _nothing(self: Any, statement: Any) -> None: ...


async def test_a_call_that_died_before_it_wrote_can_be_repeated(
    client: Client, database: Database, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, key = await client(*SCOPES), {"Idempotency-Key": "one"}
    await crash(api, monkeypatch, written=False)
    assert (await read(MADE), await read(select(IdempotentAnswer.state))) == ([0], [RUNNING])
    busy = await api.post("/api/articles", json=TEA, headers=key)
    assert (code(busy), busy.headers["retry-after"]) == ((409, "idempotency-running"), "1")
    await write(database, update(IdempotentAnswer).values(held_until=now() - timedelta(seconds=1)))
    again = await api.post("/api/articles", json=TEA, headers=key)
    assert (again.status_code, await read(MADE)) == (201, [1])


async def test_a_call_that_died_after_it_wrote_is_not_done_again(
    client: Client, database: Database, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, key = await client(*SCOPES), {"Idempotency-Key": "one"}
    await crash(api, monkeypatch, written=True)
    assert (await read(MADE), await read(select(IdempotentAnswer.state))) == ([1], [DONE])
    assert code(await api.post("/api/articles", json=TEA, headers=key)) == (409, "idempotency-running")
    await write(database, update(IdempotentAnswer).values(held_until=now() - timedelta(seconds=1)))
    assert code(await api.post("/api/articles", json=TEA, headers=key)) == (409, "idempotency-lost")
    assert await read(MADE) == [1]


async def test_whoever_lost_its_turn_writes_nothing(
    client: Client, database: Database, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call is believed dead while it is only slow."""
    api, key = await client(*SCOPES), {"Idempotency-Key": "one"}
    finish = ResourceService._finish
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(self: ResourceService, values: Any) -> None:
        if not reached.is_set():
            reached.set()
            # SQLite has one writer: this one has to let go of the lock, as a stopped process would not
            await self.session.rollback()
            await go_on.wait()
        await finish(self, values)

    monkeypatch.setattr(ResourceService, "_finish", slow)
    first = asyncio.create_task(api.post("/api/articles", json=TEA, headers=key))
    await asyncio.wait_for(reached.wait(), 10)
    await write(database, update(IdempotentAnswer).values(held_until=now() - timedelta(seconds=1)))
    second = await api.post("/api/articles", json=TEA, headers=key)
    go_on.set()
    assert (second.status_code, code(await first)) == (201, (409, "idempotency-running"))
    assert await read(MADE) == [1]


async def test_keys_are_forgotten_after_a_day(client: Client, database: Database, read: Read) -> None:
    assert timedelta(seconds=20) < HELD < timedelta(minutes=2) and timedelta(hours=24) == KEPT
    api, key = await client(*SCOPES), {"Idempotency-Key": "one"}
    assert (await api.post("/api/articles", json=TEA, headers=key)).status_code == 201
    past = now() - timedelta(seconds=1)
    await write(database, update(IdempotentAnswer).values(expires_at=past, held_until=past))
    assert (await api.post("/api/articles", json={**TEA, "title": "Milk"}, headers=key)).status_code == 201
    assert await read(select(func.count(IdempotentAnswer.digest))) == [1]
    assert await read(MADE) == [2]


async def test_a_sealed_call_is_answered_again_sealed(client: Client, read: Read) -> None:
    """What is sealed differs each time; what was in it does not."""
    api = await client(*SCOPES)
    (public,) = (await (await client()).get("/api/keys")).json()["keys"]
    headers = {"Content-Type": "application/fastor-sealed+json", "Idempotency-Key": "one"}
    found: list[Any] = []
    for _time in range(2):
        sent, open_answer = SEAL("POST", "http://localhost:8000/api/articles", json.dumps(TEA).encode(), public)
        answer = await api.post("/api/articles", content=sent, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (201, headers["Content-Type"])
        found.append(json.loads(open_answer(201, answer.content)))
    assert found[0] == found[1]
    assert await read(MADE) == [1]
