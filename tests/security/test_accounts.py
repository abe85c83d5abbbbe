"""Signing in and out, changing the password, and the first administrator."""

import asyncio
import logging
from dataclasses import replace

import msgspec
import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, func, select

from portal.auth.accounts import Accounts, SignedIn, ensure_first_administrator
from portal.auth.passwords import Passwords
from portal.auth.sessions import SessionState, Visitor
from portal.db.engine import Database
from portal.errors import InputError, SignInRequired, TooManyAttempts
from portal.models.session import Session
from portal.models.user import User
from portal.settings import Settings
from tests.security.conftest import PASSWORD, MakeUser

pytestmark = pytest.mark.anyio

NEW = "walnut bicycle harbour seven"
VISITOR = Visitor("192.0.2.1", "a browser")


async def sign_in(accounts: Accounts, name: str = "maria", password: str = PASSWORD, **more: str) -> SignedIn:
    return await accounts.sign_in(name, password, VISITOR, replaces=more.get("replaces"))


async def state_of(accounts: Accounts, identifier: str) -> SessionState:
    state = await accounts.sessions.load(identifier)
    assert state is not None
    return state


async def test_a_right_password_begins_a_session(accounts: Accounts, make_user: MakeUser) -> None:
    user = await make_user(is_superuser=True)
    signed_in = await sign_in(accounts)
    state = await state_of(accounts, signed_in.identifier)
    assert (state.actor.id, state.actor.name, state.actor.superuser) == (user.id, "maria", True)
    async with accounts.database.read() as db:
        stored = await db.get_one(User, user.id)
        row = await db.get_one(Session, state.key)
    assert stored.last_sign_in_at == accounts.clock()
    assert (stored.version, stored.updated_at) == (user.version, user.updated_at)
    assert (row.ip, row.user_agent) == ("192.0.2.1", "a browser")


async def test_unknown_wrong_and_closed_get_the_same_sentence(accounts: Accounts, make_user: MakeUser) -> None:
    """6.3.8: nobody learns which names exist or are closed."""
    await make_user()
    await make_user("closed", is_active=False)
    said = set()
    for name, password in [("maria", "wrong"), ("nobody", PASSWORD), ("closed", PASSWORD), ("closed", "x")]:
        with pytest.raises(InputError) as caught:
            await sign_in(accounts, name, password)
        said.add((str(caught.value), tuple(caught.value.errors), caught.value.status))
    assert len(said) == 1


@pytest.mark.parametrize("name", ["maria", "nobody", "closed", "x" * 200, "a\0b"])
async def test_every_refused_sign_in_costs_the_same(accounts: Accounts, make_user: MakeUser, name: str) -> None:
    """6.3.8, CVE-2024-39329, CVE-2023-41885: one hash, the same writes, known name or not."""
    await make_user()
    await make_user("closed", is_active=False)
    hashed, written = 0, 0

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            nonlocal hashed
            hashed += 1
            return super().verify(hash, password)

    def note(*arguments: object) -> None:
        nonlocal written
        written += str(arguments[2]).startswith(("INSERT", "DELETE", "UPDATE"))

    event.listen(accounts.database.engine.sync_engine, "before_cursor_execute", note)
    counting = replace(accounts, passwords=Passwords(Counting(1, 8, 1)))
    with pytest.raises(InputError):
        await sign_in(counting, name, "wrong")
    assert (hashed, written) == (1, 2)


@pytest.mark.parametrize("composed", [True, False])
async def test_a_name_may_be_typed_composed_or_not(accounts: Accounts, make_user: MakeUser, composed: bool) -> None:
    """NFC for login names, and nothing else folded."""
    await make_user("Zoe\u0308")
    assert await sign_in(accounts, "Zo\u00eb" if composed else "Zoe\u0308")
    with pytest.raises(InputError):
        await sign_in(accounts, "zo\u00eb")


async def test_what_the_browser_came_with_is_dead_after_signing_in(accounts: Accounts, make_user: MakeUser) -> None:
    """7.2.4: the former session, a chosen identifier and nobody's are all worth nothing."""
    await make_user()
    old = await sign_in(accounts)
    new = await sign_in(accounts, replaces=old.identifier)
    chosen = await sign_in(accounts, replaces="c" * 43)
    assert await accounts.sessions.load(old.identifier) is None
    assert await accounts.sessions.load("c" * 43) is None
    assert len({old.identifier, new.identifier, chosen.identifier, "c" * 43}) == 4


async def test_signing_out_ends_the_session_on_the_server(accounts: Accounts, make_user: MakeUser) -> None:
    """7.4.1: the old cookie is of no use to whoever kept it."""
    await make_user()
    signed_in = await sign_in(accounts)
    await accounts.sign_out(await state_of(accounts, signed_in.identifier))
    assert await accounts.sessions.load(signed_in.identifier) is None


async def test_a_new_password_ends_every_other_session_and_renews_this_one(
    accounts: Accounts, make_user: MakeUser
) -> None:
    """6.2.3, 7.4.3, CVE-2026-22706."""
    await make_user(must_change_password=True)
    mine, other = await sign_in(accounts), await sign_in(accounts)
    renewed = await accounts.change_password(await state_of(accounts, mine.identifier), PASSWORD, NEW)
    assert not (await state_of(accounts, renewed)).actor.must_change_password
    assert await accounts.sessions.load(mine.identifier) is None
    assert await accounts.sessions.load(other.identifier) is None
    with pytest.raises(InputError):
        await sign_in(accounts)
    assert await sign_in(accounts, password=NEW)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", NEW, "old"),
        ("", NEW, "old"),
        (PASSWORD, PASSWORD, "new"),
        (PASSWORD, "short", "new"),
        (PASSWORD, "Password1234!", "new"),
        (PASSWORD, "maria maria 2026", "new"),
        (PASSWORD, "x" * 129, "new"),
        (PASSWORD, "\udcff plum velvet tractor", "new"),
    ],
)
async def test_a_password_is_not_changed_by_a_stranger_or_to_a_bad_one(
    accounts: Accounts, make_user: MakeUser, old: str, new: str, field: str
) -> None:
    """6.2.3, 6.2.4: the old one is asked, the rules hold, and the session goes on."""
    await make_user()
    signed_in = await sign_in(accounts)
    with pytest.raises(InputError) as caught:
        await accounts.change_password(await state_of(accounts, signed_in.identifier), old, new)
    assert list(caught.value.errors) == [field]
    assert await accounts.sessions.load(signed_in.identifier)
    assert await sign_in(accounts)


async def test_guessing_the_old_password_is_throttled_and_locks_no_front_door(
    accounts: Accounts, make_user: MakeUser
) -> None:
    """6.3.1: whoever finds an open browser gets 8 tries; the owner still signs in elsewhere."""
    await make_user()
    state = await state_of(accounts, (await sign_in(accounts)).identifier)
    for _ in range(8):
        with pytest.raises(InputError):
            await accounts.change_password(state, "wrong", NEW)
    with pytest.raises(TooManyAttempts):
        await accounts.change_password(state, PASSWORD, NEW)
    assert await sign_in(accounts)


async def test_an_ended_session_changes_no_password(accounts: Accounts, make_user: MakeUser) -> None:
    """7.4.1: not even when it was good as the request began."""
    await make_user()
    state = await state_of(accounts, (await sign_in(accounts)).identifier)
    await accounts.sign_out(state)
    with pytest.raises(SignInRequired):
        await accounts.change_password(state, PASSWORD, NEW)
    assert await sign_in(accounts)


async def test_a_hash_of_former_parameters_is_renewed_at_sign_in(accounts: Accounts, make_user: MakeUser) -> None:
    """11.4.2: and no session ends by it."""
    user = await make_user()
    before = await sign_in(accounts)
    stronger = replace(accounts, passwords=Passwords(PasswordHasher(2, 16, 1)))
    await stronger.sign_in("maria", PASSWORD, VISITOR)
    async with accounts.database.read() as db:
        stored = await db.get_one(User, user.id)
    assert stored.password_hash != user.password_hash
    assert not stronger.passwords.needs_rehash(stored.password_hash)
    assert await accounts.sessions.load(before.identifier)


async def test_no_log_line_holds_a_secret(
    accounts: Accounts, make_user: MakeUser, caplog: pytest.LogCaptureFixture
) -> None:
    """16.2.5, 16.3.1, 16.4.1: sign-ins and refusals are noted; not what was typed, and on one line each."""
    await make_user()
    with caplog.at_level(logging.DEBUG, "portal.auth"):
        signed_in = await sign_in(accounts)
        state = await state_of(accounts, signed_in.identifier)
        renewed = await accounts.change_password(state, PASSWORD, NEW)
        for name in ("maria", "my password\r\nforged: line"):
            with pytest.raises(InputError):
                await sign_in(accounts, name, "typed wrong")
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) >= 4
    secrets = (PASSWORD, NEW, "typed wrong", "my password", signed_in.identifier, renewed, signed_in.device)
    assert not [message for message in messages for secret in secrets if secret in message]
    assert not [message for message in messages if "\n" in message or "\r" in message]


async def first_start(database: Database, settings: Settings, quick: Passwords) -> str | None:
    return await ensure_first_administrator(database, settings, quick)


async def test_the_first_start_prints_a_random_password_to_be_changed(
    tables: Database, plain_settings: Settings, quick: Passwords, accounts: Accounts
) -> None:
    """6.3.2, 6.4.1: no default account."""
    printed = await first_start(tables, plain_settings, quick)
    assert printed is not None and len(printed) >= 20
    signed_in = await sign_in(accounts, "admin", printed)
    assert signed_in.must_change_password
    actor = (await state_of(accounts, signed_in.identifier)).actor
    assert actor.superuser and actor.must_change_password
    assert await first_start(tables, plain_settings, quick) is None


async def test_a_password_given_by_the_environment_stays(
    tables: Database, plain_settings: Settings, quick: Passwords, accounts: Accounts
) -> None:
    """6.4.1."""
    settings = msgspec.structs.replace(plain_settings, admin_username="root", admin_password="given")
    assert await first_start(tables, settings, quick) is None
    assert not (await sign_in(accounts, "root", "given")).must_change_password


async def test_no_administrator_is_made_where_there_is_anybody(
    tables: Database, plain_settings: Settings, quick: Passwords, make_user: MakeUser
) -> None:
    """6.3.2: not even when the only user is closed."""
    await make_user(is_active=False)
    assert await first_start(tables, plain_settings, quick) is None
    async with tables.read() as db:
        assert await db.scalar(select(func.count()).select_from(User)) == 1


async def test_processes_that_start_together_make_one_administrator(
    tables: Database, plain_settings: Settings, quick: Passwords, accounts: Accounts
) -> None:
    """6.3.2: and what was printed is what counts."""
    printed = await asyncio.gather(*(first_start(tables, plain_settings, quick) for _ in range(6)))
    told = [password for password in printed if password]
    assert len(told) == 1
    assert await sign_in(accounts, "admin", told[0])
