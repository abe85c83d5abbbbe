"""Signed requests, new form and old: the published vectors, the published clients, and what no signature gets past.

SECURITY 1.9; ASVS 11.4.1 is why the old form is off unless somebody asks for it.
"""

import asyncio
import json
import logging
import re
import shutil
import statistics
import subprocess
import sys
import time
from asyncio.subprocess import PIPE
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import legacy_signing, signing
from api.signature_errors import AlteredBody, BodyTooLong, OutOfWindow, WrongSignature
from api.target import Target, joined
from portal.auth.nonces import RedisNonces, TableNonces
from portal.auth.refusals import KeyRefused
from portal.db.engine import Database
from portal.db.model import Model
from portal.errors import PortalError
from portal.models.nonce import Nonce
from portal.redis_server import RedisGone, RedisServer
from portal.settings import Settings

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "api" / "signing.md").read_text(encoding="utf-8")
VECTORS = json.loads((ROOT / "docs" / "api" / "signature-vectors.json").read_text(encoding="utf-8"))
HMAC = {vector["name"]: vector for vector in VECTORS["hmac"]}
GOOD = [vector for vector in VECTORS["hmac"] if vector["expect"] == "accepted"]


class Client:
    """Somebody who has a secret."""

    def __init__(self, secret: str) -> None:
        self.secret = secret


async def find(key: str) -> Client:
    if key not in VECTORS["clients"]:
        raise KeyRefused
    return Client(VECTORS["clients"][key])


def scope_of(vector) -> dict:
    headers = [(name.lower().encode(), value.encode()) for name, value in vector["headers"]]
    return {
        "method": vector["method"],
        "raw_path": vector["path"].encode(),
        "query_string": vector["query"].encode(),
        "headers": [(b"host", vector["host"].encode()), *headers],
    }


def as_scope(method, url, headers) -> dict:
    """What a server sees of a client's request."""
    to = urlsplit(url)
    vector = {"method": method, "host": to.netloc, "path": to.path, "query": to.query, "headers": headers.items()}
    return scope_of(vector)


def in_pieces(body: bytes):
    """A `receive` that gives the body out in three pieces, and then waits for the client to go."""
    pieces = [body[:3], body[3:], b""]
    messages = [{"type": "http.request", "body": piece, "more_body": number < 2} for number, piece in enumerate(pieces)]
    messages.append({"type": "http.disconnect"})

    async def receive():
        return messages.pop(0)

    return receive


async def outcome(gate: signing.Signatures, scope: dict, body: bytes) -> str:
    """`accepted`, once the body has been read whole, or the code of the refusal."""
    try:
        claim, _client = await gate.admit(scope["headers"], Target.of(scope), find)
        receive, read = signing.checked(in_pieces(body), claim, 10_000), b""
        while (message := await receive())["type"] == "http.request":
            read += message["body"]
        assert read == body
    except PortalError as error:
        assert error.status < 500
        return error.code
    return "accepted"


@pytest.fixture
async def nonces(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'nonces.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda bound: Model.metadata.create_all(bound, [Nonce.__table__]))
    yield TableNonces(database)
    await database.dispose()


@pytest.mark.anyio
@pytest.mark.parametrize("name", HMAC)
async def test_each_published_vector_comes_out_as_it_says(nonces, caplog, name):
    vector = HMAC[name]
    caplog.set_level(logging.DEBUG)
    gate = signing.Signatures(nonces, clock=lambda: vector["now"])
    if earlier := vector.get("after"):
        assert await outcome(gate, scope_of(HMAC[earlier]), HMAC[earlier]["body"].encode()) == "accepted"
    assert await outcome(gate, scope_of(vector), vector["body"].encode()) == vector["expect"]
    assert not [secret for secret in VECTORS["clients"].values() if secret in caplog.text], "secrets are never logged"


def test_there_are_vectors_enough_and_of_every_outcome():
    assert len(VECTORS["hmac"]) + len(VECTORS["legacy"]) >= 160
    refusals = {"signature-missing", "signature-malformed", "signature-wrong", "out-of-window"}
    assert {vector["expect"] for vector in VECTORS["hmac"]} == {
        *refusals,
        "accepted",
        "body-altered",
        "replayed",
        "invalid-key",
    }
    assert {vector["expect"] for vector in VECTORS["legacy"]} == {*refusals, "accepted", "not-signable"}


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["name"])
def test_what_is_signed_is_what_the_vector_says(vector):
    scope = scope_of(vector)
    assert signing.canonical(signing.parse(scope["headers"]), Target.of(scope)).decode("latin-1") == vector["signed"]


def code_of_guide(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return found


def asked_of_clients(vector) -> list:
    """Method, address, body, key, secret, time and nonce of a good vector, as its client had them."""
    credentials = signing.parse(scope_of(vector)["headers"])
    signed = vector["signed"].split(",")  # nothing before the digest has a comma in it
    host, query = signed[2].partition(":")[2], signed[4].partition(":")[2]
    url = f"https://{host}{vector['path']}" + (f"?{query}" if query else "")
    secret = VECTORS["clients"][credentials.key]
    return [vector["method"], url, vector["body"], credentials.key, secret, int(credentials.time), credentials.nonce]


def sent(vector) -> str:
    """The signature a vector has, as the clients write it."""
    return signing.parse(scope_of(vector)["headers"]).signature


def test_the_published_python_client_signs_every_good_vector():
    names: dict = {}
    exec(code_of_guide("python"), names)
    for vector in GOOD:
        method, url, body, *rest = asked_of_clients(vector)
        headers = names["sign"](method, url, body.encode(), *rest)
        claim = signing.parse([(name.lower().encode(), value.encode()) for name, value in headers.items()])
        assert claim.signature == sent(vector), vector["name"]


def test_the_published_javascript_client_signs_every_good_vector():
    assert shutil.which("node"), "Node is part of what developing needs"
    script = f"""{code_of_guide("javascript")}
    import {{ readFileSync }} from "node:fs";
    const signed = [];
    for (const [method, url, body, ...rest] of JSON.parse(readFileSync(0, "utf8")))
      signed.push(await sign(method, url, bytes(body), ...rest));
    console.log(JSON.stringify(signed));
    """
    command = ["node", "--input-type=module", "--eval", script]
    asked = json.dumps([asked_of_clients(vector) for vector in GOOD])
    ran = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, timeout=30)
    for vector, headers in zip(GOOD, json.loads(ran.stdout), strict=True):
        claim = signing.parse([(name.lower().encode(), value.encode()) for name, value in headers.items()])
        assert claim.signature == sent(vector), vector["name"]


@pytest.mark.anyio
async def test_what_the_python_client_sends_by_itself_is_let_in_once(nonces):
    names: dict = {}
    exec(code_of_guide("python"), names)
    (key, secret), *_ = VECTORS["clients"].items()
    url, body = "https://portal.example.com/api/articles?b=2&a=1", b'{"title":"Tea"}'
    gate = signing.Signatures(nonces)
    for _ in range(3):
        scope = as_scope("POST", url, names["sign"]("POST", url, body, key, secret))
        assert await outcome(gate, scope, body) == "accepted"
        assert await outcome(gate, scope, body) == "replayed"


@pytest.mark.anyio
async def test_of_twenty_replays_at_once_one_is_let_in(nonces):
    gate = signing.Signatures(nonces, clock=lambda: HMAC["a GET"]["now"])
    came = await asyncio.gather(*(outcome(gate, scope_of(HMAC["a GET"]), b"") for _ in range(20)))
    assert sorted(came) == ["accepted"] + ["replayed"] * 19


REPLAYER = """
import asyncio, json, sys
from types import SimpleNamespace
from api import signing
from api.signature_errors import Replayed
from api.target import Target
from portal.auth.nonces import TableNonces
from portal.db.engine import Database

async def main():
    address, now, secret, target, headers = json.loads(sys.argv[1])
    database = Database(address)
    gate = signing.Signatures(TableNonces(database), clock=lambda: now)
    headers = [(name.lower().encode(), value.encode()) for name, value in headers]

    async def find(key):
        return SimpleNamespace(secret=secret)

    async def came():
        try:
            await gate.admit(headers, Target(*target), find)
        except Replayed as error:
            return error.code
        return "accepted"

    await database.ping()
    print("ready", flush=True)
    sys.stdin.readline()
    said = await asyncio.gather(*(came() for _ in range(10)))
    await database.dispose()
    print(json.dumps(said))

asyncio.run(main())
"""


@pytest.mark.anyio
async def test_a_replay_in_another_process_is_refused(nonces, tmp_path):
    vector, address = HMAC["a GET"], f"sqlite+aiosqlite:///{tmp_path / 'nonces.db'}"
    secret, *_ = VECTORS["clients"].values()
    target = [vector["method"], vector["host"], vector["path"], vector["query"]]
    told = json.dumps([address, vector["now"], secret, target, vector["headers"]])
    command = [sys.executable, "-c", REPLAYER, told]
    processes = [await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE) for _ in range(2)]
    try:
        async with asyncio.timeout(60):
            assert [await process.stdout.readline() for process in processes] == [b"ready\n"] * 2
            said = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
    came = [code for output, _ in said for code in json.loads(output)]
    assert sorted(came) == ["accepted"] + ["replayed"] * 19


@pytest.mark.anyio
async def test_without_the_store_of_nonces_nobody_is_let_in():
    """Fail closed: what can't be looked up is refused, with a status that says try again."""
    gate = signing.Signatures(RedisNonces(RedisServer("redis://127.0.0.1:1")), clock=lambda: HMAC["a GET"]["now"])
    scope = scope_of(HMAC["a GET"])
    with pytest.raises(RedisGone) as refused:
        await gate.admit(scope["headers"], Target.of(scope), find)
    assert refused.value.status == 503


@pytest.mark.anyio
async def test_a_refused_request_uses_no_nonce_up(nonces):
    gate = signing.Signatures(nonces, clock=lambda: HMAC["a GET"]["now"])
    assert await outcome(gate, scope_of(HMAC["moved to another path"]), b"") == "signature-wrong"
    assert await outcome(gate, scope_of(HMAC["a GET"]), b"") == "accepted"


@pytest.mark.anyio
async def test_the_end_of_an_altered_body_is_never_given_out():
    claim = signing.parse(scope_of(HMAC["a POST with a body"])["headers"])
    receive = signing.checked(in_pieces(b'{"title":"Pee"}'), claim, 100)
    assert (await receive())["more_body"] and (await receive())["more_body"]
    with pytest.raises(AlteredBody):
        await receive()


@pytest.mark.anyio
async def test_a_body_over_the_limit_is_not_read_to_its_end():
    claim = signing.parse(scope_of(HMAC["a POST with a body"])["headers"])
    receive = signing.checked(in_pieces(b'{"title":"Tea"}'), claim, 3)
    await receive()
    with pytest.raises(BodyTooLong):
        await receive()


def test_a_clock_that_is_off_is_told_the_time():
    scope = scope_of(HMAC["301 seconds old"])
    with pytest.raises(OutOfWindow) as refused:
        signing.verify(signing.parse(scope["headers"]), Target.of(scope), "s", 1_800_000_000.7)
    assert (refused.value.status, refused.value.server_time) == (410, 1_800_000_000)
    assert refused.value.headers == {"server_time": "1800000000"}


def test_a_claim_shows_no_signature_in_a_log():
    claim = signing.parse(scope_of(HMAC["a GET"])["headers"])
    assert claim.signature not in repr(claim)


def test_where_a_signature_is_wrong_takes_no_longer_to_tell():
    """2 × 2000: wrong in the first digit and wrong in the last differ by less than a twentieth."""
    early, late = HMAC["the first digit altered"], HMAC["the last digit altered"]
    claims = [signing.parse(scope_of(vector)["headers"]) for vector in (early, late)]
    target, secret = Target.of(scope_of(early)), VECTORS["clients"][claims[0].key]
    took: list[list[int]] = [[], []]
    for _ in range(2000):
        for claim, times in zip(claims, took, strict=True):
            began = time.perf_counter_ns()
            with pytest.raises(WrongSignature):
                signing.verify(claim, target, secret, early["now"])
            times.append(time.perf_counter_ns() - began)
    first, last = map(statistics.median, took)
    assert abs(first - last) < 0.05 * max(first, last)


LATIN = st.text(st.characters(max_codepoint=255), max_size=30)


@settings(max_examples=500, deadline=None)
@given(st.lists(LATIN, max_size=5), st.lists(LATIN, max_size=5))
def test_no_two_lists_of_parts_are_signed_alike(first, second):
    assert (joined(*first) == joined(*second)) == (first == second)


PIECES = st.lists(
    st.sampled_from(["Fastor-HMAC-SHA256 ", "key=a", "time=1", "nonce=" + "n" * 16, "signature=" + "0" * 64, ", ", "="])
    | LATIN,
    max_size=12,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(authorization=PIECES, digest=PIECES, again=st.booleans())
def test_whatever_headers_hold_is_read_or_refused(authorization, digest, again):
    headers = [(b"authorization", authorization.encode("latin-1")), (b"content-digest", digest.encode("latin-1"))]
    try:
        claim = signing.parse(headers * (1 + again))
    except PortalError as error:
        assert error.status == 403
    else:
        assert not again and int(claim.time) >= 0


# -- the old form


def legacy(vector) -> str:
    target = Target(vector["method"], "portal.example.com", vector["path"], vector["query"])
    try:
        claim = legacy_signing.parse(target, vector["body"].encode(), vector["content_type"])
        clients = {"old": VECTORS["legacy_secret"], "older": "another secret"}
        return legacy_signing.verify(claim, clients, vector["now"], VECTORS["legacy_window"])
    except PortalError as error:
        return error.code


@pytest.mark.parametrize("vector", VECTORS["legacy"], ids=lambda vector: vector["name"])
def test_each_published_vector_of_the_old_form_comes_out_as_it_says(vector):
    assert legacy(vector) == ("old" if vector["expect"] == "accepted" else vector["expect"])


def test_the_example_of_the_old_clients_verbatim():
    """PRODUCT annex 2."""
    target = Target("GET", "", "/test", "a=1&b=2&_s_=a3d70a3d903dbf79a17f896c59bf9d29&_t_=1457665234")
    claim = legacy_signing.parse(target, b"", "")
    secret = "82406d2ff6c40894a26a3ad34eafff2f"
    assert claim.text + secret == "GET:/test:a=1b=2:1457665234:82406d2ff6c40894a26a3ad34eafff2f"
    assert legacy_signing.verify(claim, {"old": secret}, 1457665234, 1800) == "old"


def test_two_requests_the_old_form_takes_for_one_are_two_in_the_new():
    one, other = (Target("GET", "h", "/test", query) for query in ("a=1&b=2", "a=1b%3D2"))
    signed = "&_s_=a3d70a3d903dbf79a17f896c59bf9d29&_t_=1457665234"
    texts = {
        legacy_signing.parse(Target("GET", "h", "/test", target.query + signed), b"", "").text
        for target in (one, other)
    }
    assert len(texts) == 1
    claim = signing.parse(scope_of(HMAC["a GET"])["headers"])
    assert signing.signature(claim, one, "s") != signing.signature(claim, other, "s")


@pytest.mark.parametrize("secrets", [{}, {"old": ""}])
def test_without_a_secret_no_old_signature_is_good(secrets):
    target = Target("GET", "", "/test", "_s_=" + "0" * 32 + "&_t_=1457665234")
    with pytest.raises(WrongSignature):
        legacy_signing.verify(legacy_signing.parse(target, b"", ""), secrets, 1457665234, 1800)


@settings(max_examples=500, deadline=None)
@given(query=LATIN, body=st.binary(max_size=50), method=st.sampled_from(["GET", "POST", "HEAD", "", "\0"]))
def test_whatever_an_old_request_holds_is_read_or_refused(query, body, method):
    target = Target(method, "", "/test", f"_s_={'0' * 32}&_t_=1&{query}")
    try:
        legacy_signing.parse(target, body, legacy_signing.FORM)
    except PortalError as error:
        assert error.status in (400, 403)


def test_the_old_form_is_off_unless_asked_for_and_then_said_aloud(caplog):
    assert not Settings().legacy_signing
    legacy_signing.announce(Settings())
    assert not caplog.records
    legacy_signing.announce(Settings(legacy_signing=True))
    assert "legacy_signing" in caplog.text
