"""What is to be told is written with the rows it tells of, in one transaction: neither is ever there alone."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.auth.actor import covers
from portal.db.mixins import now
from portal.models.webhook import Webhook, WebhookDelivery

if TYPE_CHECKING:
    from portal.services.changes import Change
    from portal.services.unit_of_work import UnitOfWork

Represent = Callable[["UnitOfWork", "Change"], Awaitable[Any]]
"""A changed row as the JSON API shows it; `None` where that does not show it."""

REMEMBERED = 15.0
"""Seconds after which a change asks which webhooks there are, because the sender, who does all the time, has not;
what is changed in the same process is known at once."""

LARGEST_DATA = 256 * 1024
"""Bytes of JSON; a row that is larger is told without its values."""

OWN_TABLES = frozenset({Webhook.__tablename__, WebhookDelivery.__tablename__})


class Message(msgspec.Struct, omit_defaults=True):
    """The body of what is sent."""

    id: str
    event: str
    resource: str
    operation: str
    keys: tuple[str, ...]
    """Of the rows; empty where they were too many to name."""
    occurred_at: datetime
    data: msgspec.Raw | None = None
    """The row, where it is a single one."""


class Wanted(NamedTuple):
    id: int
    events: frozenset[str]


class Outbox:
    """An observer of services."""

    def __init__(self) -> None:
        self.represent: Represent | None = None
        """Set by whoever knows how rows are shown."""
        self.written = asyncio.Event()
        """Something may be there to be sent."""
        self._known: Sequence[Wanted] = ()
        self._known_until = 0.0
        self._wrote = False

    async def recording(self, work: "UnitOfWork", changes: "Sequence[Change]") -> None:
        told = [change for change in changes if change.table not in OWN_TABLES and change.resource]
        if not told:
            return
        webhooks = await self._webhooks(work)
        for change in told if webhooks else ():
            event = f"{change.resource}.{change.operation}"
            wanting = [found.id for found in webhooks if covers(found.events, event)]
            if wanting:
                message = await self._message(work, change, event)
                body = msgspec.json.encode(message).decode()
                for webhook in wanting:
                    row = WebhookDelivery(event_id=message.id, webhook_id=webhook, event=event, body=body)
                    work.session.add(row)
                await work.session.flush()
                self._wrote = self._wrote or bool(wanting)

    async def committed(self, changes: "Sequence[Change]") -> None:
        if any(change.table in OWN_TABLES for change in changes):
            self._known_until, self._wrote = 0.0, True
        if self._wrote:
            self._wrote = False
            self.written.set()

    async def look(self, session: AsyncSession) -> None:
        """Find out which webhooks there are."""
        found = await session.execute(select(Webhook.id, Webhook.events).where(Webhook.active.is_(True)))
        self._known = [Wanted(key, frozenset(events)) for key, events in found]
        self._known_until = time.monotonic() + REMEMBERED

    async def _webhooks(self, work: "UnitOfWork") -> Sequence[Wanted]:
        if time.monotonic() >= self._known_until:
            await self.look(work.session)
        return self._known

    async def _message(self, work: "UnitOfWork", change: "Change", event: str) -> Message:
        message = new_message(change.resource, change.operation, change.keys)
        if self.represent is not None and len(change.keys) == 1 and change.operation != "delete":
            data = msgspec.json.encode(await self.represent(work, change))
            if len(data) <= LARGEST_DATA and data != b"null":
                message.data = msgspec.Raw(data)
        return message


def new_message(resource: str, operation: str, keys: tuple[str, ...] = ()) -> Message:
    return Message(f"msg_{secrets.token_hex(12)}", f"{resource}.{operation}", resource, operation, keys, now())
