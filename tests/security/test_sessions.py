"""Sessions: identifiers, lifetimes, rotation and their end on the server (SECURITY 1.1)."""

import asyncio
import re

import pytest
from sqlalchemy import event, func, select, update

from portal.auth.accounts import Accounts
from portal.auth.sessions import SessionState, SessionStore, Visitor, key_of
from portal.errors import ConflictError, SignInRequired
from portal.models.role import Role
from portal.models.session import Session
from portal.models.user import User
from tests.security.conftest import Clock, MakeUser

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(accounts: Accounts) -> SessionStore:
    return accounts.sessions


async def begin(store: SessionStore, user: User, *, remember: bool = False) -> str:
    async with store.database.write() as db:
        identifier = await store.create(db, user, Visitor("192.0.2.1", "a browser"), remember=remember)
        await db.commit()
    return identifier


async def opened(store: SessionStore, identifier: str) -> SessionState:
    state = await store.load(identifier)
    assert state is not None
    return state


async def test_the_table_holds_the_digest_and_never_the_identifier(store: SessionStore, make_user: MakeUser) -> None:
    """7.2.1, 7.2.3: at least 128 random bits, of no use to a reader of the database."""
    identifier = await begin(store, await make_user())
    async with store.database.read() as db:
        row = await db.scalar(select(Session))
    assert row is not None and row.key == key_of(identifier) != identifier
    assert re.fullmatch(r"[\w-]{43}", identifier)


@pytest.mark.parametrize("identifier", ["chosen", "A" * 43, "", "é" * 43, "x" * 5000, "\0" * 43])
async def test_an_identifier_of_the_visitors_own_is_nobodys(store: SessionStore, identifier: str) -> None:
    """7.2.4: unknown identifiers are never adopted."""
    assert await store.load(identifier) is None
    async with store.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Session)) == 0


async def test_one_statement_brings_session_user_and_permissions(store: SessionStore, make_user: MakeUser) -> None:
    """Every page asks for it, so it is one statement; rights are as they are at this moment."""
    roles = [Role(name="a", permissions=["articles.view"]), Role(name="b", permissions=["tags.edit"])]
    user = await make_user(roles=roles, language="zh-CN", display_name="María")
    identifier = await begin(store, user)
    statements: list[str] = []
    event.listen(store.database.engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    state = await opened(store, identifier)
    assert len(statements) == 1
    assert state.actor.permissions == {"articles.view", "tags.edit"}
    assert (state.actor.display, state.actor.language) == ("María", "zh-CN")
    assert state.actor.may("tags.edit") and not state.actor.may("tags.delete")


@pytest.mark.parametrize(("remember", "minutes"), [(False, 30), (True, 7 * 24 * 60)])
async def test_an_idle_session_ends(
    store: SessionStore, make_user: MakeUser, clock: Clock, remember: bool, minutes: int
) -> None:
    """7.3.1: idle 30 minutes, with "remember me" 7 days."""
    identifier = await begin(store, await make_user(), remember=remember)
    clock.forward(minutes=minutes)
    assert await store.load(identifier)
    clock.forward(seconds=1)
    assert await store.load(identifier) is None


@pytest.mark.parametrize(("remember", "hours"), [(False, 12), (True, 30 * 24)])
async def test_a_session_in_use_ends_all_the_same(
    store: SessionStore, make_user: MakeUser, clock: Clock, remember: bool, hours: int
) -> None:
    """7.3.2: absolute 12 hours, with "remember me" 30 days, however busy."""
    identifier = await begin(store, await make_user(), remember=remember)
    step = 24 if remember else 0.4
    for _ in range(int(hours / step)):
        clock.forward(hours=step)
        await store.touch(await opened(store, identifier))
    clock.forward(hours=step)
    assert await store.load(identifier) is None


async def test_visits_are_written_at_most_once_a_minute(store: SessionStore, make_user: MakeUser, clock: Clock) -> None:
    identifier = await begin(store, await make_user())
    state = await opened(store, identifier)
    assert not store.wants_touch(state)
    clock.forward(seconds=60)
    assert store.wants_touch(state)
    await store.touch(state)
    assert (await opened(store, identifier)).seen_at == clock()
    assert (await opened(store, identifier)).version == state.version


async def test_rotation_leaves_the_old_identifier_dead(store: SessionStore, make_user: MakeUser) -> None:
    """7.2.4: a new identifier at every change of rights."""
    old = await begin(store, await make_user())
    state = await opened(store, old)
    async with store.database.write() as db:
        new = await store.rotate(db, state)
        await db.commit()
    assert await store.load(old) is None
    assert (await opened(store, new)).created_at == state.created_at


async def test_of_two_rotations_at_once_one_succeeds(store: SessionStore, make_user: MakeUser) -> None:
    state = await opened(store, await begin(store, await make_user()))

    async def rotate() -> bool:
        async with store.database.write() as db:
            try:
                await store.rotate(db, state)
            except SignInRequired:
                return False
            await db.commit()
            return True

    assert sorted(await asyncio.gather(*(rotate() for _ in range(5)))) == [False] * 4 + [True]


async def test_a_late_write_does_not_undo_an_end(store: SessionStore, make_user: MakeUser) -> None:
    """A session written at the end of an answer must not bring back what signed out meanwhile."""
    identifier = await begin(store, await make_user())
    state = await opened(store, identifier)
    await store.save(state, {"seen": 1})
    assert (await opened(store, identifier)).data == {"seen": 1}
    with pytest.raises(ConflictError):
        await store.save(state, {"seen": 2})
    now = await opened(store, identifier)
    await store.revoke(state.key)
    with pytest.raises(ConflictError):
        await store.save(now, {"seen": 3})
    assert await store.load(identifier) is None


@pytest.mark.parametrize("change", ["is_active", "is_superuser", "password_hash", "roles", "end_sessions", "delete"])
async def test_a_change_of_rights_ends_the_users_sessions(
    store: SessionStore, make_user: MakeUser, change: str
) -> None:
    """7.4.2, CVE-2026-22706, GHSA-56p6-qw3c-fq2g: disabled, deleted, other rights or password: out."""
    user = await make_user(is_active=True)
    identifier = await begin(store, user)
    async with store.database.write() as db:
        found = await db.get(User, user.id)
        assert found is not None
        await db.refresh(found, ["roles"])
        if change == "delete":
            await db.delete(found)
        elif change == "roles":
            found.roles.append(Role(name="new", permissions=[]))
        elif change == "end_sessions":
            found.end_sessions()
        else:
            setattr(found, change, {"is_active": False, "is_superuser": True, "password_hash": "x"}[change])
        await db.commit()
    assert await store.load(identifier) is None


async def test_saving_a_user_without_a_change_of_rights_ends_nothing(store: SessionStore, make_user: MakeUser) -> None:
    user = await make_user()
    identifier = await begin(store, user)
    async with store.database.write() as db:
        found = await db.get(User, user.id)
        assert found is not None
        found.display_name, found.is_active = "Another name", True
        await db.commit()
    assert await store.load(identifier)


async def test_a_disabled_user_is_out_even_without_a_new_version(store: SessionStore, make_user: MakeUser) -> None:
    """7.4.2: the status itself is read at every request."""
    user = await make_user()
    identifier = await begin(store, user)
    async with store.database.write() as db:
        await db.execute(update(User).values(is_active=False))
        await db.commit()
    assert await store.load(identifier) is None


async def test_all_sessions_of_a_user_can_be_ended_but_one(store: SessionStore, make_user: MakeUser) -> None:
    """7.4.3, 7.4.5."""
    user, other = await make_user(), await make_user("other")
    mine, second, foreign = [await begin(store, somebody) for somebody in (user, user, other)]
    async with store.database.write() as db:
        await store.revoke_user(db, user.id, keep=key_of(mine))
        await db.commit()
    assert [bool(await store.load(each)) for each in (mine, second, foreign)] == [True, False, True]


async def test_what_nobody_can_use_again_is_dropped(store: SessionStore, make_user: MakeUser, clock: Clock) -> None:
    user = await make_user()
    await begin(store, user)
    remembered = await begin(store, user, remember=True)
    clock.forward(hours=1)
    async with store.database.write() as db:
        await store.purge(db)
        await db.commit()
    async with store.database.read() as db:
        assert (await db.scalars(select(Session.key))).all() == [key_of(remembered)]
