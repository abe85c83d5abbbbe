"""Changes are told outside: written with the rows, signed, sent at least once, and to no place beside the portal."""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from portal.auth.actor import Actor
from portal.db.engine import Database
from portal.db.mixins import now
from portal.errors import InputError
from portal.models.webhook import DEAD, DONE, FAILED, SENDING, WAITING, Webhook, WebhookDelivery
from portal.services.webhooks.posting import Poster
from portal.services.webhooks.secrets import new_secret
from portal.services.webhooks.sender import LEASE, MOST_ATTEMPTS, PATIENCE, Sender
from portal.web.site import Site
from tests.api.receiver import Receiver, answer, receiving
from tests.portals import Read

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
SYSTEM = Actor.system()
STATES = select(WebhookDelivery.state, WebhookDelivery.attempts, WebhookDelivery.status).order_by(WebhookDelivery.id)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def quiet(site: Site) -> AsyncIterator[Site]:
    """The portal without a sender of its own, so that a test says what is sent when."""
    await site.webhooks.stop()
    site.webhooks.outbox._known_until = 0.0
    yield site
    await site.webhooks.start()


@pytest.fixture
def sender(quiet: Site) -> Sender:
    return replace(quiet.webhooks.sender, poster=Poster(private=True, timeout=2))


async def add_webhook(site: Site, address: str, *events: str, **values: Any) -> tuple[int, str]:
    """Its key and its secret, past the rules."""
    secret = new_secret()
    row = Webhook(name="shop", address=address, events=list(events), secret=site.webhooks.box.seal(secret), **values)
    async with site.database.write() as db:
        db.add(row)
        await db.commit()
    site.webhooks.outbox._known_until = 0.0
    return row.id, secret


async def make_tag(site: Site, name: str = "tea") -> Any:
    async with site.writing(SYSTEM) as work:
        return await site.resources["tags"].service(work).create({"name": name})


async def test_a_change_is_told_signed_and_with_the_row_as_the_api_shows_it(
    quiet: Site, sender: Sender, receiver: Receiver, read: Read
) -> None:
    _key, secret = await add_webhook(quiet, receiver.address, "tags.create", "articles.*")
    row = await make_tag(quiet)
    async with quiet.writing(SYSTEM) as work:
        service = quiet.resources["tags"].service(work)
        await service.save(str(row.id), {"name": "coffee"}, None)  # which is not asked for
    assert await sender.send_due() == 1 and await sender.send_due() == 0
    ((headers, body),) = receiver.got
    message = json.loads(body)
    assert headers[":line"] == "POST /hook?for=us HTTP/1.1"
    assert (message["event"], message["resource"], message["operation"]) == ("tags.create", "tags", "create")
    assert message["keys"] == [str(row.id)] and message["id"] == headers["webhook-id"]
    assert message["data"]["id"] == row.id and message["data"]["name"] == "tea"
    signed = f"{message['id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert await read(STATES) == [(DONE, 1, 204)]


async def test_nothing_is_told_of_what_was_not_kept(quiet: Site, read: Read) -> None:
    await add_webhook(quiet, "https://example.com", "*.*")
    await make_tag(quiet)
    with pytest.raises(InputError):
        await make_tag(quiet)  # there is one of that name
    assert await read(select(WebhookDelivery.event)) == ["tags.create"]


async def test_publishing_deleting_and_many_at_once_are_told(quiet: Site, read: Read) -> None:
    await add_webhook(quiet, "https://example.com", "tags.*")
    rows = [await make_tag(quiet, name) for name in ("a", "b")]
    async with quiet.writing(SYSTEM) as work:
        service = quiet.resources["tags"].service(work)
        await service.delete_rows(await service.selected([str(row.id) for row in rows]))
    bodies = [json.loads(body) for body in await read(select(WebhookDelivery.body).order_by(WebhookDelivery.id))]
    assert [found["operation"] for found in bodies] == ["create", "create", "delete"]
    assert set(bodies[2]["keys"]) == {str(row.id) for row in rows} and "data" not in bodies[2]


async def test_without_a_webhook_that_wants_it_nothing_is_written(quiet: Site, read: Read) -> None:
    await add_webhook(quiet, "https://example.com", "*.*", active=False)
    await add_webhook(quiet, "https://example.com", "articles.*", "*.order")
    await make_tag(quiet)
    assert await read(select(func.count()).select_from(WebhookDelivery)) == [0]


async def test_failures_are_tried_again_later_and_later_and_then_no_more(
    quiet: Site, sender: Sender, receiver: Receiver, read: Read
) -> None:
    await add_webhook(quiet, receiver.address, "tags.*")
    await make_tag(quiet)
    receiver.answers = [answer(500, b"not today \x00" + b"x" * 5000)] * MOST_ATTEMPTS
    waits = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert await sender.send_due() == 1
        assert await sender.send_due() == 0  # not before its time
        ((state, attempts, status),) = await read(STATES)
        assert (state, attempts, status) == (DEAD if attempt == MOST_ATTEMPTS else FAILED, attempt, 500)
        (due,) = await read(select(WebhookDelivery.next_at))
        waits.append((due - now()).total_seconds())
        async with quiet.database.write() as db:
            await db.execute(update(WebhookDelivery).values(next_at=now()))
            await db.execute(update(Webhook).values(failing_since=now()))
            await db.commit()
    assert 45 < waits[0] < 75 and 90 < waits[1] < 150 and waits[9] > 6 * 3600 and max(waits) < 30 * 3600
    assert await sender.send_due() == 0 and len(receiver.got) == MOST_ATTEMPTS
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    (kept,) = await read(select(WebhookDelivery.answer))
    assert kept.startswith("not today") and len(kept) == 2000


async def test_an_address_that_is_gone_or_fails_for_days_is_switched_off(
    quiet: Site, sender: Sender, receiver: Receiver, read: Read
) -> None:
    await add_webhook(quiet, receiver.address, "tags.*")
    await make_tag(quiet)
    receiver.answers = [answer(503)]
    await sender.send_due()
    active = select(Webhook.active, Webhook.stopped_at.is_not(None), Webhook.failing_since.is_not(None))
    assert await read(active) == [(True, False, True)]
    receiver.answers = [answer(503)]
    late = replace(sender, clock=lambda: now() + PATIENCE)
    assert await late.send_due() == 1
    assert await read(active) == [(False, True, True)]
    assert await replace(sender, clock=lambda: now() + 2 * PATIENCE).send_due() == 0
    async with quiet.database.write() as db:
        await db.execute(update(Webhook).values(active=True, failing_since=None, stopped_at=None))
        await db.execute(update(WebhookDelivery).values(state=WAITING, next_at=now()))
        await db.commit()
    receiver.answers = [answer(410)]
    await sender.send_due()
    assert await read(active) == [(False, True, True)]
    assert [state for state, _attempts, _status in await read(STATES)] == [DEAD]


async def test_what_arrives_ends_a_row_of_failures(quiet: Site, sender: Sender, receiver: Receiver, read: Read) -> None:
    await add_webhook(quiet, receiver.address, "tags.*", failing_since=now() - timedelta(days=2))
    await make_tag(quiet)
    await sender.send_due()
    assert await read(select(Webhook.failing_since)) == [None]


async def test_several_senders_send_nothing_twice(quiet: Site, sender: Sender, receiver: Receiver, read: Read) -> None:
    await add_webhook(quiet, receiver.address, "tags.*")
    for number in range(12):
        await make_tag(quiet, f"tag {number}")
    others = [replace(sender) for _ in range(3)]
    for _ in range(6):
        await asyncio.gather(*[one.send_due() for one in (sender, *others)])
    assert sorted(headers["webhook-id"] for headers, _body in receiver.got) == sorted(
        await read(select(WebhookDelivery.event_id))
    )
    assert {state for state, _attempts, _status in await read(STATES)} == {DONE}


async def test_a_killed_sender_leaves_its_message_to_the_next(
    quiet: Site, sender: Sender, receiver: Receiver, read: Read, product_url: str
) -> None:
    await add_webhook(quiet, receiver.address, "tags.*")
    await make_tag(quiet)
    receiver.hold = asyncio.Event()
    command = [sys.executable, "-m", "tests.api.webhook_sender", product_url, quiet.settings.secret]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=DEVNULL, stdout=PIPE)
    try:
        async with asyncio.timeout(30):
            await receiver.arrived.wait()
    finally:
        process.kill()
        await process.wait()
    assert await read(STATES) == [(SENDING, 1, None)]
    receiver.hold.set()
    receiver.hold = None
    assert await sender.send_due() == 0  # nobody knows yet that it died
    assert await replace(sender, clock=lambda: now() + LEASE).send_due() == 1
    assert await read(STATES) == [(DONE, 2, 204)]
    first, second = receiver.got
    assert first[1] == second[1] and first[0]["webhook-id"] == second[0]["webhook-id"]


async def test_the_portal_sends_by_itself(quiet: Site, receiver: Receiver, database: Database) -> None:
    hooks = quiet.webhooks
    before, hooks.sender.poster = hooks.sender.poster, Poster(private=True)
    try:
        await add_webhook(quiet, receiver.address, "tags.*")
        await hooks.start()
        await make_tag(quiet)
        async with asyncio.timeout(4):  # less than it would take to look without being told
            await receiver.arrived.wait()
    finally:
        await hooks.stop()
        hooks.sender.poster = before
