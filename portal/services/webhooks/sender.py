"""Sends what the outbox holds: at least once, by one process at a time, for as long as it makes sense.

A message is taken by compare-and-set for longer than an attempt may last. A process that dies leaves it to whoever
looks next after that.
"""

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, delete, select, update

from portal.db.engine import Database
from portal.db.mixins import now
from portal.models.webhook import DEAD, DONE, FAILED, SENDING, WAITING, Webhook, WebhookDelivery
from portal.services.webhooks.outbox import Outbox
from portal.services.webhooks.posting import Posted, Poster
from portal.services.webhooks.secrets import SecretBox, signature

LEASE = timedelta(seconds=60)
"""More than an attempt and what is written after it may take."""

FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=24)
MOST_ATTEMPTS = 12
PATIENCE = timedelta(days=3)
"""How long an address may fail before it is switched off."""

KEPT = timedelta(days=30)
"""How long what was sent can be looked at."""

AT_ONCE = 8
IDLE = 5.0
"""Seconds between looks where nothing calls."""

PURGE_EVERY = 3600.0

GONE = 410

_log = logging.getLogger("portal.webhooks")


class Due(NamedTuple):
    """A message in hand."""

    id: int
    event_id: str
    body: str
    attempts: int
    webhook_id: int
    address: str
    secret: str
    failing_since: datetime | None


@dataclass
class Sender:
    """One process's."""

    database: Database
    box: SecretBox
    poster: Poster
    outbox: Outbox
    clock: Callable[[], datetime] = now
    stopping: bool = False
    purge_at: float = field(default_factory=lambda: time.monotonic() + PURGE_EVERY)

    async def run(self) -> None:
        """Until it is told to stop; what can't be done now is tried again."""
        while not self.stopping:
            await self._round()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE * random.uniform(0.8, 1.2)):
                    await self.outbox.written.wait()
            self.outbox.written.clear()

    async def _round(self) -> None:
        try:
            async with self.database.read() as db:
                await self.outbox.look(db)
            while not self.stopping and await self.send_due():
                pass
            if time.monotonic() > self.purge_at:
                self.purge_at = time.monotonic() + PURGE_EVERY
                await self.purge()
        except Exception as error:
            _log.warning("nothing could be sent: %s", type(error).__name__)

    async def send_due(self) -> int:
        """Send some of what is due; how many messages there were."""
        found = [due for due in await self._due() if await self._take(due[0], due[1])]
        await asyncio.gather(*[self._send(holder, due) for holder, due in found])
        return len(found)

    async def purge(self) -> None:
        old = (WebhookDelivery.created_at < self.clock() - KEPT) & WebhookDelivery.state.in_([DONE, DEAD])
        async with self.database.write() as db:
            await db.execute(delete(WebhookDelivery).where(old))
            await db.commit()

    async def _due(self) -> list[tuple[str, Due]]:
        row, hook = WebhookDelivery, Webhook
        ready = row.state.in_([WAITING, FAILED, SENDING]) & (row.next_at <= self.clock()) & hook.active.is_(True)
        columns = (row.id, row.event_id, row.body, row.attempts, hook.id, hook.address, hook.secret, hook.failing_since)
        statement = select(*columns).join(hook, hook.id == row.webhook_id).where(ready)
        async with self.database.read() as db:
            found = await db.execute(statement.order_by(row.next_at, row.id).limit(AT_ONCE))
            return [(secrets.token_hex(16), Due(*values)) for values in found]

    async def _take(self, holder: str, due: Due) -> bool:
        """Whether it is ours for now: an attempt counts when it begins, so that none that kills us is for ever."""
        row, moment = WebhookDelivery, self.clock()
        free = (row.id == due.id) & (row.attempts == due.attempts) & (row.next_at <= moment) & (row.state != DONE)
        taken = {"state": SENDING, "holder": holder, "next_at": moment + LEASE, "attempts": due.attempts + 1}
        return await self._changed(update(row).where(free).values(taken))

    async def _send(self, holder: str, due: Due) -> None:
        begun, timestamp, body = time.monotonic(), int(self.clock().timestamp()), due.body.encode()
        secret = self.box.open(due.secret)
        if secret is None:
            posted = Posted(None, "the secret can't be decrypted: was FASTOR_SECRET changed?")
        else:
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "Fastor-Webhooks/1",
                "webhook-id": due.event_id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": signature(secret, due.event_id, timestamp, body),
            }
            posted = await self.poster.post(due.address, headers, body)
        await self._note(holder, due, posted, round((time.monotonic() - begun) * 1000))

    async def _note(self, holder: str, due: Due, posted: Posted, duration: int) -> None:
        attempts, moment = due.attempts + 1, self.clock()
        over = posted.status == GONE or attempts >= MOST_ATTEMPTS
        state = DONE if posted.arrived else DEAD if over else FAILED
        values = {
            "state": state,
            "holder": None,
            "next_at": moment + (timedelta() if state != FAILED else delay(attempts)),
            "status": posted.status,
            "answer": posted.excerpt,
            "duration": duration,
        }
        mine = (WebhookDelivery.id == due.id) & (WebhookDelivery.holder == holder)
        if await self._changed(update(WebhookDelivery).where(mine).values(values)):
            await self._judge(due, posted, moment)

    async def _judge(self, due: Due, posted: Posted, moment: datetime) -> None:
        """What the attempt says of the address."""
        hook = Webhook
        if posted.arrived:
            if due.failing_since is not None:
                await self._changed(update(hook).where(hook.id == due.webhook_id).values(failing_since=None))
            return
        failing_since = due.failing_since or moment
        values: dict[str, Any] = {"failing_since": failing_since}
        if posted.status == GONE or moment - failing_since >= PATIENCE:
            _log.warning("webhook %d was switched off: it has failed since %s", due.webhook_id, failing_since)
            values |= {"active": False, "stopped_at": moment}
        elif due.failing_since is not None:
            return
        await self._changed(update(hook).where((hook.id == due.webhook_id) & hook.active.is_(True)).values(values))

    async def _changed(self, statement: Any) -> bool:
        async with self.database.write() as db:
            result = await db.execute(statement)
            await db.commit()
        return isinstance(result, CursorResult) and result.rowcount == 1


def delay(attempts: int) -> timedelta:
    """Until the next one: twice as long each time, and never for all at the same moment."""
    doubled: timedelta = FIRST_DELAY * 2 ** min(attempts - 1, MOST_ATTEMPTS)
    return min(doubled, LONGEST_DELAY) * random.uniform(0.8, 1.2)
