"""Webhooks on their pages: the secret is shown once, nobody has told elsewhere what they may not see, sent again."""

from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select

from portal.models.webhook import DEAD, DONE, SENDING, WAITING, Webhook, WebhookDelivery
from portal.web.site import Site
from tests.pages.browser import Answer, Browser
from tests.portals import Add, MakeBrowser, Read

pytestmark = pytest.mark.anyio

HOOKS = [f"webhooks.{name}" for name in ("view", "create", "edit")]


@pytest.fixture(autouse=True)
async def quiet(site: Site) -> Any:
    """Nothing is sent while a test looks."""
    await site.webhooks.stop()
    yield
    await site.webhooks.start()


async def make(browser: Browser, **values: Any) -> Answer:
    fields = {"name": "Shop", "address": "https://shop.example.com/hook", "events": ["", "articles.publish"]}
    return await browser.post("/webhooks", **{**fields, "active": ["0", "1"], **values})


def delivery(webhook: int, state: str, **values: Any) -> WebhookDelivery:
    return WebhookDelivery(event_id="msg_1", webhook_id=webhook, event="tags.edit", body="{}", state=state, **values)


async def test_the_secret_is_the_answer_and_never_shown_again(client: Browser, site: Site, read: Read) -> None:
    answer = await make(client)
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    (secret,) = [found["value"] for found in answer.page.all("secret")]
    ((key, events, sealed),) = await read(select(Webhook.id, Webhook.events, Webhook.secret))
    assert secret.startswith("whsec_") and site.webhooks.box.open(sealed) == secret and secret not in sealed
    assert events == ["articles.publish"]
    for path in ("/webhooks", f"/webhooks/{key}", f"/webhooks/{key}/edit"):
        page = await client.get(path)
        assert page.status == 200 and secret not in page.html and sealed not in page.html, path


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"address": "http://shop.example.com/"}, "address"),
        ({"address": "https://a:b@shop.example.com/"}, "address"),
        ({"address": "shop"}, "address"),
        ({"events": [""]}, "events"),
        ({"events": ["", "webhooks.edit"]}, "events"),
        ({"name": ""}, "name"),
    ],
    ids=range(6),
)
async def test_what_can_not_be_is_told_at_its_field(client: Browser, read: Read, wrong: Any, field: str) -> None:
    answer = await make(client, **wrong)
    assert answer.status == 422 and field in answer.errors()
    assert await read(select(Webhook.id)) == []


async def test_nobody_has_told_elsewhere_what_they_may_not_see(
    portal_app: Litestar, browse: MakeBrowser, read: Read
) -> None:
    erik = await browse(portal_app, "erik", [*HOOKS, "tags.view"])
    for events in (["", "articles.publish"], ["", "*.*"], ["", "*.edit"]):
        assert "events" in (await make(erik, events=events)).errors()
    assert (await make(erik, events=["", "tags.*"])).status == 200
    nobody = await browse(portal_app, "nina", ["tags.view"])
    assert (await nobody.get("/webhooks")).status == 403 and (await nobody.get("/webhook-deliveries")).status == 403


async def test_switching_on_again_forgets_the_failures(client: Browser, add: Add, read: Read) -> None:
    from portal.db.mixins import now

    moment = now()
    await add(
        Webhook(
            name="Shop", address="https://x.example.com", events=["tags.*"], secret="s", active=False,
            failing_since=moment, stopped_at=moment,
        )
    )  # fmt: skip
    (key,) = await read(select(Webhook.id))
    fields = {"name": "Shop", "address": "https://x.example.com", "events": ["", "tags.*"], "active": ["0", "1"]}
    assert (await client.post(f"/webhooks/{key}", _version="1", **fields)).status == 303
    assert await read(select(Webhook.active, Webhook.failing_since, Webhook.stopped_at)) == [(True, None, None)]


async def test_a_test_is_put_in_the_outbox(client: Browser, read: Read) -> None:
    await make(client)
    (key,) = await read(select(Webhook.id))
    assert (await client.post("/webhooks/actions/test", ids=[key])).status == 303
    assert await read(select(WebhookDelivery.event, WebhookDelivery.webhook_id)) == [("webhooks.test", key)]


async def test_what_was_sent_is_looked_at_and_sent_again_and_not_written(client: Browser, add: Add, read: Read) -> None:
    await make(client)
    (hook,) = await read(select(Webhook.id))
    answers: dict[str, Any] = {"status": 500, "answer": "<b>not today</b>", "attempts": 12}
    await add(delivery(hook, DEAD, **answers), delivery(hook, DONE), delivery(hook, SENDING))
    page = await client.get("/webhook-deliveries")
    assert page.column("state") == ["Being sent", "Delivered", "Given up"]
    assert (await client.get("/webhook-deliveries?state=dead")).column("state") == ["Given up"]
    dead, _done, sending = await read(select(WebhookDelivery.id).order_by(WebhookDelivery.id))
    shown = await client.get(f"/webhook-deliveries/{dead}")
    assert shown.status == 200 and "&lt;b&gt;not today" in shown.html
    for path in ("/webhook-deliveries/new", f"/webhook-deliveries/{dead}/edit"):
        assert (await client.get(path)).status in (403, 404, 405), path
    assert (
        await client.post("/webhook-deliveries/actions/redeliver", ids=[dead, sending], confirmed="1")
    ).status == 303
    states = select(WebhookDelivery.state, WebhookDelivery.attempts).order_by(WebhookDelivery.id)
    assert await read(states) == [(WAITING, 0), (DONE, 0), (SENDING, 0)]
