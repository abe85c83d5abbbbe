"""The webhooks of one portal: what observes, what encrypts, and the sender that runs while the portal does."""

import asyncio

from portal.db.engine import Database
from portal.services.webhooks.outbox import Outbox
from portal.services.webhooks.posting import TIMEOUT, Poster
from portal.services.webhooks.secrets import SecretBox
from portal.services.webhooks.sender import Sender
from portal.settings import Settings

TASK = "fastor webhooks"

GRACE = TIMEOUT + 2
"""Seconds an attempt has to end when the portal does."""


class Webhooks:
    """Made once at the start."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.private = settings.webhook_private
        self.box = SecretBox(settings.key("webhooks"))
        self.outbox = Outbox()
        self.sender = Sender(database, self.box, Poster(private=self.private), self.outbox)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Send from now on what there is to be sent."""
        self.sender.stopping = False
        self._running = asyncio.create_task(self.sender.run(), name=TASK)

    async def stop(self) -> None:
        """What is under way is ended in a while, or left to whoever looks next."""
        running, self._running = self._running, None
        if running is not None:
            self.sender.stopping = True
            self.outbox.written.set()
            _done, late = await asyncio.wait({running}, timeout=GRACE)
            for task in late:
                task.cancel()
