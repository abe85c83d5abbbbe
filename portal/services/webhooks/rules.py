"""The rules of webhooks on their pages: who may be told what, a secret that is shown once, sending again."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, select

from portal.db.mixins import now
from portal.errors import ConflictError, InputError
from portal.i18n import _
from portal.models.webhook import SENDING, WAITING, Webhook, WebhookDelivery
from portal.services.api_keys import Secret
from portal.services.resource import ResourceService
from portal.services.webhooks.addresses import parse
from portal.services.webhooks.outbox import new_message
from portal.services.webhooks.secrets import new_secret

SETTABLE = frozenset({"name", "address", "events", "active"})


class WebhookService(ResourceService):
    """Addresses. Nobody has told elsewhere what they may not see themselves."""

    secrets: Sequence[Secret] = ()
    """Of the one just made."""

    async def create(self, values: Mapping[str, Any]) -> Any:
        _refuse_others(values)
        return await super().create(values)

    async def save(self, key: str, values: Mapping[str, Any], version: str | None) -> Any:
        _refuse_others(values)
        return await super().save(key, values, version)

    async def before_save(self, row: Any, *, created: bool) -> None:
        hooks = self.work.webhooks
        if hooks is None:
            raise ConflictError(_("This portal sends no webhooks."))
        try:
            parse(row.address or "", private=hooks.private)
        except ValueError as error:
            raise InputError({"address": _("Please give an address that begins with https://.")}) from error
        if not row.events:
            raise InputError({"events": _("Please choose what it is told of.")})
        if not all(self._may_see(event) for event in row.events):
            raise InputError({"events": _("You can choose only what you may see yourself.")})
        if row.active:
            row.failing_since = row.stopped_at = None
        if created:
            secret = new_secret()
            row.secret = hooks.box.seal(secret)
            self.secrets = [Secret(_("Secret"), secret)]

    async def test(self, rows: ColumnElement[bool]) -> int:
        """Send each a message that tells of nothing."""
        self.require("edit")
        ids = (await self.session.scalars(select(Webhook.id).where(rows))).all()
        for webhook in ids:
            message = new_message("webhooks", "test", (str(webhook),))
            body = msgspec.json.encode(message).decode()
            self.session.add(WebhookDelivery(event_id=message.id, webhook_id=webhook, event=message.event, body=body))
        await self.session.flush()
        self.tell("test", *map(str, ids))
        await self._finish({})
        return len(ids)

    def _may_see(self, event: str) -> bool:
        resource = event.rpartition(".")[0]
        actor = self.work.actor
        return actor.superuser if resource == "*" else self.work.policy.allows(actor, "view", resource)


class DeliveryService(ResourceService):
    """What was sent: looked at and sent again, never written by hand."""

    def may(self, operation: str, row: Any = None) -> bool:
        return operation in ("view", "redeliver") and super().may(operation, row)

    async def redeliver(self, rows: ColumnElement[bool]) -> int:
        """Send these again, as if they had never been tried."""
        values = {"state": WAITING, "attempts": 0, "next_at": now()}
        return await self.update_rows(rows & (WebhookDelivery.state != SENDING), values, "redeliver")


def _refuse_others(values: Mapping[str, Any]) -> None:
    if others := values.keys() - SETTABLE:
        raise InputError({name: _("This can't be set.") for name in others})
