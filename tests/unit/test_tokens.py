"""Tokens and keys for signatures: issued, found, limited, ended; on each database, in memory and in Redis."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, delete, event, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

import portal.models.system as system
from portal.auth.actor import Actor, covers
from portal.auth.client_keys import ClientKeys
from portal.auth.policy import AllowAll, RolePolicy
from portal.auth.recall import CLOSED, KEPT, MemoryRecall, Recall, RedisRecall
from portal.auth.refusals import InvalidToken, KeyRefused, KeyRevoked, MissingScope, TokenExpired, TokenRevoked
from portal.auth.token_records import TokenRecord
from portal.auth.token_text import PATTERN, is_token, new_token
from portal.auth.tokens import Issued, Tokens
from portal.db.engine import Database
from portal.db.model import Model
from portal.models.api_token import CUSTOMER, USER, ApiToken
from portal.models.client_key import ClientKey
from portal.models.role import Role
from portal.models.user import User
from portal.redis_server import RedisServer
from portal.services.changes import Change
from portal.settings import Settings
from tests.databases import KINDS, fresh_database, in_thread

pytestmark = pytest.mark.anyio

TABLES: list[Table] = [
    system.User.__table__,  # type: ignore[list-item]  # a mapped class has a Table here
    system.Role.__table__,  # type: ignore[list-item]
    system.user_role,
    system.ApiToken.__table__,  # type: ignore[list-item]
    system.ClientKey.__table__,  # type: ignore[list-item]
]
REDIS = os.environ.get("FASTOR_TEST_REDIS", "redis://127.0.0.1:6379")


class Clock:
    """The present, until a test moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


class Customers:
    """Who may come in; asked as the starter content's customers are."""

    def __init__(self) -> None:
        self.blocked: set[str] = set()

    async def __call__(self, db: AsyncSession, key: str) -> bool:
        await db.execute(select(1))
        return key not in self.blocked


@pytest.fixture(scope="module", params=KINDS)
def tables_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the tables; made once a module, because servers take their time."""
    with fresh_database(request.param) as url:

        async def create() -> None:
            database = Database(url)
            async with database.engine.begin() as connection:
                await connection.run_sync(lambda bound: Model.metadata.create_all(bound, TABLES))
            await database.dispose()

        in_thread(create)
        yield url


@pytest.fixture
async def database(tables_url: str) -> AsyncIterator[Database]:
    database = Database(tables_url)
    async with database.write() as db:
        for table in reversed(TABLES):
            await db.execute(delete(table))
        await db.commit()
    yield database
    await database.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def customers() -> Customers:
    return Customers()


Build = Callable[..., Tokens]


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    server = RedisServer(REDIS, prefix=f"fastor-test-{secrets.token_hex(6)}:")
    yield server
    async with server.asked() as redis:
        for key in await redis.keys(f"{server.prefix}*"):
            await redis.delete(key)
    await server.close()


@pytest.fixture(params=["memory", "redis"])
def shared(request: pytest.FixtureRequest) -> RedisServer | None:
    """What processes share; nothing, or Redis."""
    found: RedisServer | None = request.getfixturevalue("server") if request.param == "redis" else None
    return found


@pytest.fixture
def build(database: Database, clock: Clock, customers: Customers) -> Build:
    """Tokens as one process has them."""

    def build(redis: RedisServer | None = None, **settings: Any) -> Tokens:
        made = Settings(secret="s" * 40, **settings)
        return Tokens(database, made, redis, owners={CUSTOMER: customers}, clock=clock)

    return build


@pytest.fixture
def tokens(build: Build, shared: RedisServer | None) -> Tokens:
    return build(shared)


async def put(database: Database, *rows: Any) -> None:
    async with database.write() as db:
        db.add_all(rows)
        await db.commit()


async def reached(tokens: Tokens, issued: Issued) -> bool:
    try:
        await tokens.find(issued.text)
    except TokenRevoked:
        return False
    return True


# -- the text


def test_a_token_is_recognised_and_a_typo_too() -> None:
    text = new_token()
    assert PATTERN.fullmatch(text) and is_token(text) and len({new_token() for _ in range(100)}) == 100
    for place in range(len(text)):
        other = "x" if text[place] != "x" else "y"
        assert not is_token(text[:place] + other + text[place + 1 :]), place


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(str.upper, id="upper"),
        pytest.param(lambda text: text + " ", id="space"),
        pytest.param(lambda text: text + "\n", id="line-end"),
        pytest.param(lambda text: text[:-1], id="cut"),
        pytest.param(lambda text: "\ufeff" + text, id="mark"),
        pytest.param(lambda text: text.replace("fst_", "fst-"), id="prefix"),
        pytest.param(lambda text: text[:10] + "\u0430" + text[11:], id="cyrillic"),
        pytest.param(lambda text: text + "\0", id="nul"),
        pytest.param(lambda text: "", id="nothing"),
        pytest.param(lambda text: text * 1000, id="long"),
        pytest.param(lambda text: "\ud800" * 53, id="surrogates"),
    ],
)
async def test_what_only_looks_like_a_token_asks_no_database(tokens: Tokens, change: Callable[[str], str]) -> None:
    issued = await tokens.issue("robot", scopes=["articles.view"])
    asked: list[str] = []
    event.listen(tokens.database.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with pytest.raises(InvalidToken):
        await tokens.find(change(issued.text))
    assert asked == []


# -- who it is


async def test_a_services_token_may_what_its_scopes_say(tokens: Tokens) -> None:
    issued = await tokens.issue("robot", scopes=["articles.view", "tags.*", "*.order"], created_by="maria")
    caller = await tokens.find(issued.text)
    assert (caller.kind, caller.subject, caller.id) == ("service", "", issued.row.id)
    actor = caller.actor
    assert (actor.name, actor.display, actor.superuser) == (f"service:{issued.row.id}", "robot", False)
    assert actor.may("articles.view") and actor.may("tags.delete") and actor.may("banners.order")
    assert not actor.may("articles.edit") and not actor.may("users.view")
    for policy in (RolePolicy(), AllowAll()):
        assert policy.allows(actor, "view", "articles") and not policy.allows(actor, "edit", "articles")
    caller.require("tags.edit")
    with pytest.raises(MissingScope, match=r"articles\.edit"):
        caller.require("articles.edit")


async def test_a_users_token_may_what_both_allow(tokens: Tokens) -> None:
    role = Role(name="editors", permissions=["articles.view", "articles.edit", "tags.view"])
    user = User(username="erik", password_hash="x", roles=[role], language="zh-CN", display_name="Erik E")
    await put(tokens.database, user)
    issued = await tokens.issue("mine", kind=USER, subject=str(user.id), scopes=["articles.*", "banners.view"])
    actor = (await tokens.find(issued.text)).actor
    assert (actor.id, actor.name, actor.display, actor.language) == (user.id, "erik", "Erik E", "zh-CN")
    assert actor.permissions == {"articles.view", "articles.edit"}
    assert not actor.may("tags.view") and not actor.may("banners.view")


async def test_a_superusers_token_is_no_superuser(tokens: Tokens) -> None:
    """Else a token for users would make superusers."""
    user = User(username="boss", password_hash="x", is_superuser=True)
    await put(tokens.database, user)
    issued = await tokens.issue("mine", kind=USER, subject=str(user.id), scopes=["users.edit"])
    actor = (await tokens.find(issued.text)).actor
    assert not actor.superuser and actor.may("users.edit") and not actor.may("users.view")


async def test_a_customer_is_asked_about(tokens: Tokens, customers: Customers) -> None:
    issued = await tokens.issue("app", kind=CUSTOMER, subject="C-7/ü", scopes=["profile.view"])
    caller = await tokens.find(issued.text)
    assert (caller.kind, caller.subject, caller.actor.name) == (CUSTOMER, "C-7/ü", "customer:C-7/ü")
    customers.blocked.add("C-7/ü")
    await tokens.forget(ApiToken.id == issued.row.id)
    with pytest.raises(TokenRevoked):
        await tokens.find(issued.text)


async def test_a_kind_nobody_can_be_asked_about_is_closed(tokens: Tokens, database: Database) -> None:
    with pytest.raises(ValueError, match="partner"):
        await tokens.issue("theirs", kind="partner", subject="1")
    issued = await tokens.issue("app", kind=CUSTOMER, subject="C-1")
    nobody_to_ask = Tokens(database, tokens.settings, clock=tokens.clock)
    with pytest.raises(TokenRevoked):
        await nobody_to_ask.find(issued.text)


def test_wildcards_stand_for_one_side_or_both() -> None:
    assert covers({"articles.*"}, "articles.publish") and not covers({"articles.*"}, "tags.view")
    assert covers({"*.view"}, "tags.view") and not covers({"*.view"}, "tags.edit")
    assert covers({"*.*"}, "anything.whatever")
    assert not covers({"*"}, "articles.view") and not covers({"articles"}, "articles.view")
    assert not covers({"articles.view"}, "articles.*") and not covers({"*.view"}, "*.*")
    assert not Actor(1, "x", superuser=True, scopes=frozenset({"tags.view"})).may("tags.edit")


# -- how it ends


async def test_a_token_expires_to_the_second(tokens: Tokens, clock: Clock) -> None:
    issued = await tokens.issue("robot", lifetime=timedelta(seconds=10))
    assert await tokens.find(issued.text)
    clock.forward(seconds=9)
    assert await tokens.find(issued.text)
    clock.forward(seconds=1)
    with pytest.raises(TokenExpired):
        await tokens.find(issued.text)


async def test_a_revoked_token_is_dead_at_once(tokens: Tokens) -> None:
    issued, other = await tokens.issue("robot"), await tokens.issue("other")
    assert await reached(tokens, issued)
    assert await tokens.revoke(issued.row.id) is True
    assert not await reached(tokens, issued) and await reached(tokens, other)
    assert await tokens.revoke(issued.row.id) is False


async def test_all_tokens_of_an_owner_end_but_one(tokens: Tokens) -> None:
    mine = [await tokens.issue("app", kind=CUSTOMER, subject="C-1") for _ in range(3)]
    other = await tokens.issue("app", kind=CUSTOMER, subject="C-10")
    assert [await reached(tokens, each) for each in (*mine, other)] == [True] * 4
    assert await tokens.revoke_subject(CUSTOMER, "C-1", keep=mine[1].row.id) == 2
    assert [await reached(tokens, each) for each in (*mine, other)] == [False, True, False, True]


CHANGES = ["is_active", "password_hash", "is_superuser", "end_sessions", "roles", "delete"]


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_ends_a_users_sessions_ends_their_tokens(tokens: Tokens, change: str) -> None:
    """SECURITY 1.1: disabled, deleted, another password, other rights."""
    user = User(username="erik", password_hash="x", roles=[])
    await put(tokens.database, user)
    issued = await tokens.issue("mine", kind=USER, subject=str(user.id), scopes=["articles.view"])
    assert await reached(tokens, issued)
    async with tokens.database.write() as db:
        found = await db.get_one(User, user.id)
        await db.refresh(found, ["roles"])
        if change == "delete":
            await db.delete(found)
        elif change == "roles":
            found.roles.append(Role(name="new", permissions=[]))
        elif change == "end_sessions":
            found.end_sessions()
        else:
            setattr(found, change, {"is_active": False, "password_hash": "y", "is_superuser": True}[change])
        await db.commit()
    # what a service tells after its commit; the database forgets the digests of a deleted user's tokens itself
    await tokens.committed([Change("fastor_user", "edit", (str(user.id),))])
    if change == "delete":
        tokens = Tokens(tokens.database, tokens.settings, clock=tokens.clock)
    with pytest.raises(InvalidToken if change == "delete" else TokenRevoked):
        await tokens.find(issued.text)


async def test_nobody_inactive_gets_a_token(tokens: Tokens) -> None:
    await put(tokens.database, user := User(username="gone", password_hash="x", is_active=False))
    with pytest.raises(ValueError, match="no active user"):
        await tokens.issue("mine", kind=USER, subject=str(user.id))


async def test_a_role_that_changes_is_read_anew(tokens: Tokens) -> None:
    role = Role(name="editors", permissions=["articles.view"])
    await put(tokens.database, user := User(username="erik", password_hash="x", roles=[role]))
    issued = await tokens.issue("mine", kind=USER, subject=str(user.id), scopes=["*.*"])
    assert (await tokens.find(issued.text)).actor.permissions == {"articles.view"}
    async with tokens.database.write() as db:
        await db.execute(update(Role).values(permissions=["tags.view"]))
        await db.commit()
    await tokens.committed([Change("fastor_role", "edit", ("1",))])
    assert (await tokens.find(issued.text)).actor.permissions == {"tags.view"}


async def test_what_ended_long_ago_is_dropped(tokens: Tokens, clock: Clock) -> None:
    kept = [await tokens.issue("forever"), await tokens.issue("later", lifetime=timedelta(days=70))]
    await tokens.issue("expired", lifetime=timedelta(days=1))
    await tokens.revoke((await tokens.issue("revoked")).row.id)
    clock.forward(days=29)
    kept.append(await tokens.issue("new"))
    async with tokens.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(ApiToken)) == 5
    clock.forward(days=3)
    kept.append(await tokens.issue("newer"))
    async with tokens.database.read() as db:
        assert set(await db.scalars(select(ApiToken.id))) == {each.row.id for each in kept}


# -- one session or several


async def test_several_sessions_live_side_by_side(tokens: Tokens) -> None:
    both = [await tokens.issue("app", kind=CUSTOMER, subject="C-1", group="web") for _ in range(2)]
    assert [await reached(tokens, each) for each in both] == [True, True]


async def test_a_single_session_ends_the_one_before_in_its_group(
    build: Build, shared: RedisServer | None, tokens: Tokens
) -> None:
    before = await tokens.issue("app", kind=CUSTOMER, subject="C-1", group="web")
    single = build(shared, customer_sessions="single")
    web = await single.issue("app", kind=CUSTOMER, subject="C-1", group="web")
    app = await single.issue("app", kind=CUSTOMER, subject="C-1", group="app")
    other = await single.issue("app", kind=CUSTOMER, subject="C-2", group="web")
    assert [await reached(single, each) for each in (before, web, app, other)] == [False, True, True, True]
    again = await single.issue("app", kind=CUSTOMER, subject="C-1", group="web")
    assert [await reached(single, each) for each in (web, app, again)] == [False, True, True]
    # services and users are no customers
    twice = [await single.issue("robot"), await single.issue("robot")]
    assert [await reached(single, each) for each in twice] == [True, True]


async def test_of_many_sign_ins_at_once_one_session_is_left(build: Build) -> None:
    single = [build(customer_sessions="single") for _ in range(6)]
    issued = await asyncio.gather(*(each.issue("app", kind=CUSTOMER, subject="C-1") for each in single))
    fresh = build()
    assert sum([await reached(fresh, each) for each in issued]) == 1


# -- what is remembered for a moment


async def test_a_token_in_use_asks_the_database_once_in_a_while(tokens: Tokens) -> None:
    issued = await tokens.issue("robot", scopes=["articles.view"])
    asked: list[str] = []
    event.listen(tokens.database.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    callers = [await tokens.find(issued.text) for _ in range(20)]
    assert len([sql for sql in asked if "fastor_api_token" in sql]) == 1
    assert len(set(callers)) == 1


async def test_a_revocation_reaches_other_processes(build: Build, shared: RedisServer | None) -> None:
    here, there = build(shared), build(shared)
    issued = await here.issue("robot")
    assert await reached(there, issued)
    await here.revoke(issued.row.id)
    assert not await reached(here, issued)
    if shared is not None:
        assert not await reached(there, issued)


def record(number: int = 1) -> TokenRecord:
    return TokenRecord(number, "robot", "service", "", ("articles.view",), None, None)


async def test_the_memory_is_short_and_bounded() -> None:
    moment = [0.0]
    recall: MemoryRecall[TokenRecord] = MemoryRecall(most=100, clock=lambda: moment[0])
    for number in range(1000):
        await recall.put(str(number), record(number))
    assert [await recall.get(name) for name in ("0", "899", "900", "999")] == [None, None, record(900), record(999)]
    moment[0] = KEPT
    assert await recall.get("999") is None
    await recall.drop(["a"])
    await recall.put("a", record())
    assert await recall.get("a") is None
    moment[0] += CLOSED
    await recall.put("a", record())
    assert await recall.get("a") == record()


async def test_what_was_read_before_a_revocation_is_not_taken_in_after_it(shared: RedisServer | None) -> None:
    """Whoever is slow between the SELECT and the memory must not bring a token back to life."""
    kept: Recall[TokenRecord] = RedisRecall(shared, "token", TokenRecord, b"k" * 32) if shared else MemoryRecall()
    await kept.put("a", record())
    await kept.drop(["a", "b"])
    for name in ("a", "b"):
        await kept.put(name, record())
        assert await kept.get(name) is None


async def test_what_others_put_into_redis_is_not_believed(server: RedisServer) -> None:
    moment = [1_000_000.0]
    mine = RedisRecall(server, "token", TokenRecord, b"k" * 32, clock=lambda: moment[0])
    theirs = RedisRecall(server, "token", TokenRecord, b"x" * 32, clock=lambda: moment[0])
    await theirs.put("a", record())
    assert await mine.get("a") is None
    await mine.put("b", record())
    assert await mine.get("b") == record()
    async with server.asked() as redis:
        stored = await redis.get(f"{server.prefix}token:b")
        assert 0 < await redis.ttl(f"{server.prefix}token:b") <= KEPT
        await redis.set(f"{server.prefix}token:c", stored)  # what is good for one name is not for another
        await redis.set(f"{server.prefix}token:d", b"x" * 10)
    assert await mine.get("c") is None and await mine.get("d") is None
    moment[0] += 60  # kept by whoever can write there, and put back later
    async with server.asked() as redis:
        await redis.set(f"{server.prefix}token:b", stored)
    assert await mine.get("b") is None


async def test_without_redis_the_database_says_it(database: Database, clock: Clock) -> None:
    gone = RedisServer("redis://127.0.0.1:1")
    tokens = Tokens(database, Settings(secret="s" * 40), gone, clock=clock)
    issued = await tokens.issue("robot")
    assert await reached(tokens, issued) and await reached(tokens, issued)
    await tokens.revoke(issued.row.id)
    assert not await reached(tokens, issued)


# -- the last use


async def test_the_last_use_is_written_once_a_minute(tokens: Tokens, clock: Clock) -> None:
    issued = await tokens.issue("robot")
    caller = await tokens.find(issued.text)
    assert tokens.wants_touch(caller)
    await tokens.touch(caller, "192.0.2.1")
    assert not tokens.wants_touch(await tokens.find(issued.text))
    clock.forward(seconds=59)
    assert not tokens.wants_touch(await tokens.find(issued.text))
    clock.forward(seconds=1)
    assert tokens.wants_touch(await tokens.find(issued.text))
    async with tokens.database.read() as db:
        row = await db.get_one(ApiToken, issued.row.id)
    assert (row.last_used_at, row.last_address) == (clock() - timedelta(minutes=1), "192.0.2.1")
    assert (row.updated_at, row.version) == (issued.row.updated_at, issued.row.version)


async def test_another_process_that_was_faster_is_not_overwritten(build: Build, clock: Clock) -> None:
    here, there = build(), build()
    issued = await here.issue("robot")
    one, two = await here.find(issued.text), await there.find(issued.text)
    await here.touch(one, "192.0.2.1")
    await there.touch(two, "192.0.2.2")
    async with here.database.read() as db:
        assert (await db.get_one(ApiToken, issued.row.id)).last_address == "192.0.2.1"


# -- keys for signatures


@pytest.fixture
def keys(database: Database, clock: Clock, shared: RedisServer | None) -> ClientKeys:
    return ClientKeys(database, Settings(secret="s" * 40), shared, clock=clock)


async def test_a_key_is_found_with_its_secret(keys: ClientKeys) -> None:
    issued = await keys.issue("partner", scopes=["articles.view"], legacy_allowed=True)
    for _ in range(2):
        client = await keys.find(issued.row.key_id)
        assert client.secret == issued.secret and (client.legacy_allowed, client.sealed_only) == (True, False)
        assert client.caller.actor.may("articles.view") and not client.caller.actor.may("articles.edit")
        assert client.caller.actor.name == f"client:{issued.row.key_id}"
        assert issued.secret not in repr(client)
    assert keys.wants_touch(client.caller)
    await keys.touch(client.caller, "192.0.2.1")
    assert not keys.wants_touch(client.caller)


@pytest.mark.parametrize("key_id", ["", "fck_", "fck_" + "0" * 20, "fck_" + "A" * 20, "x" * 5000, "\0", "fck_é"])
async def test_an_unknown_key_is_refused(keys: ClientKeys, key_id: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        await keys.find(key_id)
    assert (refused.value.status, refused.value.code) == (403, "invalid-key")


async def test_a_key_ends_at_once(keys: ClientKeys) -> None:
    issued, other = await keys.issue("partner"), await keys.issue("other")
    assert await keys.find(issued.row.key_id)
    assert await keys.revoke(issued.row.id) is True
    with pytest.raises(KeyRevoked):
        await keys.find(issued.row.key_id)
    assert await keys.find(other.row.key_id) and await keys.revoke(issued.row.id) is False
    async with keys.database.write() as db:
        await db.execute(update(ClientKey).where(ClientKey.id == other.row.id).values(active=False))
        await db.commit()
    await keys.committed([Change("fastor_client_key", "edit", (str(other.row.id),))])
    with pytest.raises(KeyRevoked):
        await keys.find(other.row.key_id)


async def test_a_secret_opens_only_for_its_own_id_and_portal(keys: ClientKeys, database: Database) -> None:
    one, two = await keys.issue("one"), await keys.issue("two")
    elsewhere = ClientKeys(database, Settings(secret="t" * 40))
    with pytest.raises(KeyRefused):
        await elsewhere.find(one.row.key_id)
    async with database.write() as db:
        await db.execute(update(ClientKey).where(ClientKey.id == two.row.id).values(secret=one.row.secret))
        await db.commit()
    with pytest.raises(KeyRefused):
        await keys.find(two.row.key_id)
