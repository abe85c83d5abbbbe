"""Sealed bodies open once, for whom and for what they were sealed, and for nobody else (docs/api/sealed-bodies.md)."""

import asyncio
import base64
import json
import logging
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from api import sealed_bodies
from api.sealed_bodies import Envelope, Sealing, encoded
from api.signature_errors import OutOfWindow
from api.target import Target
from portal.auth.nonces import RedisNonces, TableNonces
from portal.db.engine import Database
from portal.db.model import Model
from portal.errors import PortalError
from portal.models.nonce import Nonce
from portal.redis_server import RedisGone, RedisServer
from portal.settings import Settings

GUIDE = (Path(__file__).parents[2] / "docs" / "api" / "sealed-bodies.md").read_text(encoding="utf-8")
URL = "https://portal.example.com/api/articles?b=2&a=1"
BODY = '{"title":"茶"}'.encode()
KEY = Settings(secret="s" * 40).key("sealed bodies")


def of(method: str, url: str) -> Target:
    to = urlsplit(url)
    return Target(method, to.netloc, to.path, to.query)


HERE = of("POST", URL)


def code_of_guide(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return found


CLIENT: dict = {}
exec(code_of_guide("python"), CLIENT)


@pytest.fixture
async def nonces(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'nonces.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda bound: Model.metadata.create_all(bound, [Nonce.__table__]))
    yield TableNonces(database)
    await database.dispose()


@pytest.fixture
def sealing(nonces) -> Sealing:
    return Sealing(KEY, nonces)


def sealed(sealing: Sealing, **changes) -> bytes:
    """A good sealed body, of which some things were changed afterwards."""
    raw, _open_answer = CLIENT["seal"]("POST", URL, BODY, sealing.keys()["keys"][0])
    return json.dumps({**json.loads(raw), **changes}).encode()


async def code(sealing: Sealing, raw: bytes, target: Target = HERE) -> str:
    try:
        await sealing.open(raw, target)
    except PortalError as error:
        assert error.status < 500
        return error.code
    return "opened"


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b"", b"{}", BODY, bytes(range(256)) * 4000], ids=["empty", "small", "text", "large"])
async def test_the_published_python_client_is_understood_and_understands(sealing, body):
    raw, open_answer = CLIENT["seal"]("POST", URL, body, sealing.keys()["keys"][0], "text/plain")
    opened = await sealing.open(raw, HERE)
    assert (opened.body, opened.media_type) == (body, "text/plain")
    assert open_answer(201, opened.seal_answer(201, body[::-1], "application/json")) == body[::-1]


@pytest.mark.anyio
async def test_the_published_javascript_client_is_understood_and_understands(sealing):
    """One Node process seals, hears the answer, and says what was in it."""
    assert shutil.which("node"), "Node is part of what developing needs"
    script = f"""{code_of_guide("javascript")}
    import {{ createInterface }} from "node:readline/promises";
    const lines = createInterface({{ input: process.stdin }})[Symbol.asyncIterator]();
    const line = async () => JSON.parse((await lines.next()).value);
    const [method, url, body, key] = await line();
    const {{ body: sealed, openAnswer }} = await seal(method, url, raw(body), key);
    console.log(sealed);
    const [status, answer] = await line();
    console.log(new TextDecoder().decode(await openAnswer(status, answer)));
    process.exit();
    """
    node = await asyncio.create_subprocess_exec(
        "node", "--input-type=module", "--eval", script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20
    )
    body = BODY * 2000
    try:
        async with asyncio.timeout(30):
            told = ["POST", URL, encoded(body), sealing.keys()["keys"][0]]
            node.stdin.write(json.dumps(told).encode() + b"\n")
            opened = await sealing.open(await node.stdout.readline(), HERE)
            answer = opened.seal_answer(200, "好".encode(), "text/plain").decode()
            node.stdin.write(json.dumps([200, answer]).encode() + b"\n")
            said = await node.stdout.readline()
            await node.wait()
    finally:
        if node.returncode is None:
            node.kill()
    assert (opened.body, opened.media_type) == (body, "application/json")
    assert said.decode() == "好\n"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("PUT", URL),
        ("POST", URL.replace("portal.", "other.")),
        ("POST", URL.replace("/api/articles", "/api/users")),
        ("POST", URL.replace("b=2", "b=3")),
        ("POST", URL.partition("?")[0]),
    ],
    ids=["method", "host", "path", "value", "query"],
)
async def test_what_was_sealed_for_one_request_opens_for_no_other(sealing, method, url):
    raw = sealed(sealing)
    assert await code(sealing, raw, of(method, url)) == "seal-broken"
    assert await code(sealing, raw) == "opened", "and a refusal uses nothing up"


@pytest.mark.anyio
async def test_the_order_of_the_query_does_not_matter(sealing):
    assert await code(sealing, sealed(sealing), of("POST", URL.replace("b=2&a=1", "a=1&b=2"))) == "opened"


@pytest.mark.anyio
async def test_a_sealed_body_opens_once(sealing):
    raw = sealed(sealing)
    came = await asyncio.gather(*(code(sealing, raw) for _ in range(20)))
    assert sorted(came) == ["opened"] + ["replayed"] * 19


@pytest.mark.anyio
@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_clock_that_is_off_is_told_the_time(nonces, sealing, seconds):
    raw = sealed(sealing)
    sent_at = json.loads(raw)["time"]
    off = Sealing(KEY, nonces, clock=lambda: sent_at + seconds)
    with pytest.raises(OutOfWindow) as refused:
        await off.open(raw, HERE)
    assert refused.value.server_time == sent_at + seconds
    assert await code(Sealing(KEY, nonces, clock=lambda: sent_at + seconds * 300 // 301), raw) == "opened"


@pytest.mark.anyio
async def test_no_part_of_a_sealed_body_can_be_changed(sealing):
    good = json.loads(sealed(sealing))
    other = json.loads(sealed(sealing))
    for name in ("ephemeral", "nonce", "ciphertext"):
        assert await code(sealing, json.dumps({**good, name: other[name]}).encode()) == "seal-broken", name
    for name, value in {"time": good["time"] - 1, "type": "text/html", "ciphertext": ""}.items():
        assert await code(sealing, json.dumps({**good, name: value}).encode()) == "seal-broken", name
    cut = base64.urlsafe_b64decode(good["ciphertext"] + "==")[:-1]
    assert await code(sealing, json.dumps({**good, "ciphertext": encoded(cut)}).encode()) == "seal-broken"
    assert await code(sealing, json.dumps({**good, "key": "0" * 32}).encode()) == "seal-key"
    assert await code(sealing, json.dumps(good).encode()) == "opened"


SMALL_ORDER = [bytes(32), bytes([1]) + bytes(31), bytes.fromhex("ecff" + "ff" * 29 + "7f")]


@pytest.mark.anyio
@pytest.mark.parametrize("point", SMALL_ORDER, ids=["zero", "one", "minus one"])
async def test_a_public_key_that_gives_the_secret_away_is_refused(sealing, point):
    assert await code(sealing, sealed(sealing, ephemeral=encoded(point))) == "seal-malformed"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "changes",
    [
        {"time": "1800000000"},
        {"time": -1},
        {"time": 1.5},
        {"time": 10**12},
        {"time": None},
        {"nonce": "A" * 15},
        {"nonce": "A" * 17},
        {"nonce": "+" * 16},
        {"nonce": "AAAAAAAAAAAAAAA\n"},
        {"ephemeral": "A" * 42 + "B"},
        {"ephemeral": ""},
        {"ephemeral": 5},
        {"ciphertext": "A"},
        {"ciphertext": "AB"},
        {"ciphertext": "é" * 30},
        {"ciphertext": []},
        {"type": ""},
        {"type": "text/plain\r\nX: y"},
        {"type": "x" * 101},
        {"type": "文"},
        {"key": "x" * 65},
        {"more": 1},
    ],
    ids=lambda changes: json.dumps(changes)[:40],
)
async def test_what_is_not_as_it_must_be_is_malformed(sealing, changes):
    assert await code(sealing, sealed(sealing, **changes)) == "seal-malformed"


@pytest.mark.anyio
@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b"\xff", b"{" * 10_000, b'{"key":"\\ud800"}'])
async def test_what_is_no_sealed_body_is_malformed(sealing, raw):
    assert await code(sealing, raw) == "seal-malformed"


class NeverAsked:
    """A store of nonces where nothing gets so far."""

    async def use(self, scope: str, nonce: str, seconds: int) -> bool:
        raise AssertionError("nothing here can be opened")


ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        name: st.text(max_size=44) | st.integers() | st.none() | st.just("A" * 43) | st.just("A" * 16)
        for name in Envelope.__struct_fields__
    },
)


@settings(max_examples=300, deadline=None)
@given(ENVELOPES)
def test_whatever_an_envelope_holds_is_opened_or_refused(envelope):
    sealing = Sealing(KEY, NeverAsked())
    envelope = {**envelope, "key": sealing.key_id}
    said = asyncio.run(code(sealing, msgspec.json.encode(envelope)))
    assert said in ("seal-malformed", "seal-broken", "out-of-window")


@pytest.mark.anyio
async def test_an_answer_opens_as_the_answer_to_its_request_alone(sealing):
    key = sealing.keys()["keys"][0]
    (first, open_first), (second, open_second) = (CLIENT["seal"]("POST", URL, BODY, key) for _ in range(2))
    answer = (await sealing.open(first, HERE)).seal_answer(200, b"secret", "text/plain")
    await sealing.open(second, HERE)
    assert open_first(200, answer) == b"secret"
    for opens, status in ((open_second, 200), (open_first, 201)):
        with pytest.raises(InvalidTag):
            opens(status, answer)
    retyped = json.dumps({**json.loads(answer), "type": "text/html"})
    with pytest.raises(InvalidTag):
        open_first(200, retyped)


@pytest.mark.anyio
async def test_without_the_store_of_nonces_nothing_is_opened():
    sealing = Sealing(KEY, RedisNonces(RedisServer("redis://127.0.0.1:1")))
    with pytest.raises(RedisGone):
        await sealing.open(sealed(sealing), HERE)


@pytest.mark.anyio
async def test_nothing_secret_shows_in_what_is_logged(sealing, caplog):
    caplog.set_level(logging.DEBUG)
    opened = await sealing.open(sealed(sealing), HERE)
    shown = caplog.text + repr(opened.envelope) + repr(sealing)
    assert opened.shared.hex() not in shown and repr(opened.shared) not in repr(opened)
    assert repr(BODY) not in repr(opened)


def test_the_key_pair_follows_from_the_secret_and_is_published_without_its_private_half():
    first, second = Sealing(KEY, NeverAsked()), Sealing(KEY, NeverAsked())
    assert first.keys() == second.keys()
    (published,) = first.keys()["keys"]
    assert published.keys() == {"id", "algorithm", "public_key"}
    assert published["algorithm"] == sealed_bodies.ALGORITHM
    assert encoded(KEY) not in json.dumps(published)
    assert Sealing(Settings(secret="t" * 40).key("sealed bodies"), NeverAsked()).key_id != first.key_id
