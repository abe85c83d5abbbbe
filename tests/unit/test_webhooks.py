"""Where webhooks may go, what is waited for and read of an answer, and signatures that others can check."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from portal.services.webhooks.addresses import is_public, parse
from portal.services.webhooks.posting import MOST_READ, Poster
from portal.services.webhooks.secrets import SecretBox, new_secret, signature
from portal.services.webhooks.sender import LONGEST_DELAY, delay
from tests.api.receiver import answer, receiving

pytestmark = pytest.mark.anyio

PAGE = Path("docs/webhooks.md").read_text(encoding="utf-8")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_vector_of_standard_webhooks() -> None:
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def example() -> tuple[dict[str, str], bytes, str]:
    secret, body, moment = new_secret(), '{"name": "茶"}'.encode(), int(time.time())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(moment)}
    return {**headers, "webhook-signature": "v1,old " + signature(secret, "msg_1", moment, body)}, body, secret


def test_the_documented_python_knows_ours_from_others() -> None:
    names: dict[str, Any] = {}
    exec(PAGE.split("```python\n")[1].split("```")[0], names)
    verified, (headers, body, secret) = names["verified"], example()
    assert verified(headers, body, secret)
    assert not verified(headers, body + b" ", secret)
    assert not verified(headers, body, new_secret())
    assert not verified({**headers, "webhook-id": "msg_2"}, body, secret)
    assert not verified(headers, body, secret, now=time.time() + 301)


async def test_the_documented_javascript_knows_ours_from_others(tmp_path: Path) -> None:
    headers, body, secret = example()
    said = json.dumps([headers, body.decode(), secret, new_secret()])
    script = tmp_path / "verify.mjs"
    script.write_text(
        PAGE.split("```javascript\n")[1].split("```")[0]
        + f"const [headers, text, secret, other] = {said};\n"
        + "const body = Buffer.from(text), later = Date.now() / 1000 + 301;\n"
        + "console.log(JSON.stringify([verified(headers, body, secret), verified(headers, Buffer.from('x'), secret),"
        + " verified(headers, body, other), verified(headers, body, secret, later),"
        + " verified({...headers, 'webhook-timestamp': 'soon'}, body, secret)]))\n",
        encoding="utf-8",
    )
    node = await asyncio.create_subprocess_exec("node", str(script), stdout=asyncio.subprocess.PIPE)
    out, _err = await asyncio.wait_for(node.communicate(), 20)
    assert json.loads(out) == [True, False, False, False, False]


def test_a_secret_is_stored_encrypted_and_read_with_the_same_key_only() -> None:
    secret = new_secret()
    sealed = SecretBox(b"k" * 32).seal(secret)
    assert secret not in sealed and SecretBox(b"k" * 32).open(sealed) == secret
    assert SecretBox(b"x" * 32).open(sealed) is None and SecretBox(b"k" * 32).open("nonsense") is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::",
        "fec0::1", "::127.0.0.1",
    ],
)  # fmt: skip
def test_addresses_beside_the_portal_are_none_of_the_worlds(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_addresses_of_the_world_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com", "ftp://example.com", "example.com", "https://", "https://user:pw@example.com/",
        "https://example.com/#here", "https://example.com/a b", "https://example.com/\r\nX: y", "https://例子.中国/",
        "https://example.com:99999/", "https://example.com/" + "a" * 500, "javascript:alert(1)", "",
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError):
        parse(address)


async def test_a_name_that_leads_inside_is_not_connected_to_whatever_it_led_to_before() -> None:
    """A name server may answer differently each time: what was looked at is what is connected to."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", "127.0.0.1"] if len(asked) == 1 else ["::ffff:127.0.0.1"]

    poster = Poster(resolve=rebinding, timeout=2)
    for _ in range(2):
        posted = await poster.post("https://hooks.example.com/", {}, b"{}")
        assert posted.status is None and "not one that all the world can reach" in posted.excerpt
    assert asked == ["hooks.example.com"] * 2


async def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to() -> None:
    async with receiving() as receiver:
        asked: list[str] = []

        async def once(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"]

        poster = Poster(private=True, resolve=once)
        posted = await poster.post(f"http://hooks.invalid:{receiver.port}/x", {}, b"{}")
    assert posted.arrived and asked == ["hooks.invalid"]
    assert receiver.got[0][0]["host"] == f"hooks.invalid:{receiver.port}"


async def test_http_is_for_trying_out() -> None:
    async with receiving() as receiver:
        posted = await Poster().post(receiver.address, {}, b"{}")
    assert not posted.arrived and "not https" in posted.excerpt and not receiver.got


async def test_a_redirect_is_an_answer_and_leads_nowhere() -> None:
    async with receiving() as receiver:
        receiver.answers = [answer(302, b"", f"Location: {receiver.address}")]
        posted = await Poster(private=True).post(receiver.address, {}, b"{}")
    assert posted.status == 302 and not posted.arrived and len(receiver.got) == 1


async def test_no_more_is_read_than_is_wanted_and_not_for_longer() -> None:
    async with receiving() as receiver:
        receiver.answers = [b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 50 * MOST_READ]
        posted = await Poster(private=True).post(receiver.address, {}, b"{}")
        assert posted.arrived and len(posted.excerpt) == 2000
        receiver.hold = asyncio.Event()
        begun = time.monotonic()
        posted = await Poster(private=True, timeout=0.5).post(receiver.address, {}, b"{}")
        assert posted.status is None and "0.5 seconds" in posted.excerpt and time.monotonic() - begun < 3


@pytest.mark.parametrize("said", [b"SSH-2.0-x\r\n", b"", b"HTTP/1.1 abc\r\n\r\n"], ids=range(3))
async def test_what_is_no_http_is_told_as_such(said: bytes) -> None:
    async with receiving() as receiver:
        receiver.answers = [said]
        posted = await Poster(private=True).post(receiver.address, {}, b"{}")
    assert posted.status is None and "no HTTP" in posted.excerpt


async def test_nobody_there_is_a_failure_like_others() -> None:
    async with receiving() as receiver:
        address = receiver.address
    assert (await Poster(private=True).post(address, {}, b"{}")).status is None


def test_the_wait_doubles_up_to_a_day() -> None:
    assert 48 <= delay(1).total_seconds() <= 72 and 96 <= delay(2).total_seconds() <= 144
    assert delay(50) <= LONGEST_DELAY * 1.2
