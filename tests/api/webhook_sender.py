"""A process that sends what is due and says when it has begun: `python webhook_sender.py URL SECRET`."""

import asyncio
import sys

from portal.db.engine import Database
from portal.services.webhooks.house import Webhooks
from portal.settings import Settings


async def main(url: str, secret: str) -> None:
    hooks = Webhooks(Database(url), Settings(secret=secret, webhook_private=True))
    print("ready", flush=True)
    while True:
        await hooks.sender.send_due()
        await asyncio.sleep(0.01)


asyncio.run(main(*sys.argv[1:]))
