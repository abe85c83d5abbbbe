"""Nothing readable is left of tokens and signing keys: not at rest, not in logs (SECURITY 1.9, ASVS 16.2.5)."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import event

from portal.auth.refusals import InvalidToken, KeyRefused, TokenRevoked
from portal.auth.token_text import new_token
from portal.models.api_token import ApiToken
from portal.redis_server import RedisServer
from portal.web.site import Site
from tests.pages.dom import parse
from tests.security.conftest import Browser

pytestmark = pytest.mark.anyio


@pytest.fixture
async def maria(product: Litestar, visitor: Browser) -> AsyncIterator[Browser]:
    """The administrator."""
    assert (await visitor.sign_in()).status_code == 303
    yield visitor


async def made(browser: Browser, noun: str) -> list[str]:
    fields = {"name": "Export", "kind": "service", "scopes": "articles.view", "expires_at": ""}
    answer = await browser.submit(f"/{noun}", fields, page=f"/{noun}/new")
    assert answer.status_code == 200
    return [field["value"] for field in parse(answer.text).all("secret")]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_no_readable_token_or_secret_is_stored(maria: Browser, site: Site) -> None:
    (token,) = await made(maria, "api-keys")
    key_id, secret = await made(maria, "client-keys")
    assert (await site.tokens.find(token)) and (await site.client_keys.find(key_id)).secret == secret
    stored = everything_in(site.settings.var)
    assert key_id.encode() in stored  # this is where it would be found
    for text in (token, token[4:47], secret):
        assert text.encode() not in stored, text[:6]


async def test_no_log_holds_a_token_or_a_secret(maria: Browser, site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    (token,) = await made(maria, "api-keys")
    key_id, secret = await made(maria, "client-keys")
    caller = await site.tokens.find(token, "192.0.2.1")
    await site.tokens.touch(caller, "192.0.2.1")
    client = await site.client_keys.find(key_id)
    await site.tokens.revoke(caller.id)
    await site.client_keys.revoke(client.caller.id)
    stranger = new_token()
    for refused in (site.tokens.find(token), site.tokens.find(stranger), site.tokens.find("fst_x\r\nfake line")):
        with pytest.raises((TokenRevoked, InvalidToken)):
            await refused
    with pytest.raises(KeyRefused):
        await site.client_keys.find(key_id)
    assert "token-revoked" in caplog.text and "key-revoked" in caplog.text
    for text in (token, stranger, secret, "fake line"):
        assert text not in caplog.text
    for shown in (repr(caller), repr(client), str(client), repr(site.tokens.__dict__)):
        assert secret not in shown and token not in shown


async def test_a_token_is_compared_by_its_digest_alone(maria: Browser, site: Site) -> None:
    """Nothing of the text reaches the database, so no comparison there can tell how much of it was right."""
    (token,) = await made(maria, "api-keys")
    sent: list[str] = []
    event.listen(
        site.database.engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(f"{args[2]} {args[3]!r}")
    )
    assert await site.tokens.find(token)
    assert len(sent) == 1 and token not in sent[0] and token[4:20] not in sent[0]


async def test_redis_holds_neither_a_token_nor_a_secret(site: Site) -> None:
    from portal.auth.client_keys import ClientKeys
    from portal.auth.tokens import Tokens

    server = RedisServer("redis://127.0.0.1:6379", prefix="fastor-test-api-keys:")
    tokens = Tokens(site.database, site.settings, server)
    keys = ClientKeys(site.database, site.settings, server)
    issued, key = await tokens.issue("robot"), await keys.issue("partner")
    await tokens.find(issued.text)
    await keys.find(key.row.key_id)
    held: Any = b""
    async with server.asked() as redis:
        names = await redis.keys(f"{server.prefix}*")
        for name in names:
            held += name + (await redis.get(name) or b"")
            await redis.delete(name)
    await server.close()
    assert len(names) == 2 and issued.row.digest.encode() in held
    assert issued.text.encode() not in held and key.secret.encode() not in held


async def test_a_users_session_is_of_no_use_as_a_token(maria: Browser, site: Site) -> None:
    for cookie in maria.cookies.jar:
        with pytest.raises(InvalidToken):
            await site.tokens.find(str(cookie.value))


async def test_the_digest_is_of_no_use_as_a_token(maria: Browser, site: Site) -> None:
    (token,) = await made(maria, "api-keys")
    async with site.database.read() as db:
        row = await db.get_one(ApiToken, 1)
    for text in (row.digest, f"fst_{row.digest[:43]}{token[-6:]}", f"fst_{row.digest}"):
        with pytest.raises(InvalidToken):
            await site.tokens.find(text)
