"""A process with a cache, told by its input what to do: `python -m tests.api.cache_worker REDIS_URL KEY`.

The cached function is told of a folder, which holds what it reads (`source`), whether it fails (`failing`), for how
long it works (`works`), and a line for each of its runs (`runs`).
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from portal.cache import Cache, cached
from portal.cache.redis_store import RedisStore

SOFT, TTL = 1.0, 6.0
PATIENCE = 5.0


@cached(ttl=TTL, soft=SOFT, tags=("{folder}",), scope="public", jitter=0)
async def function(folder: str) -> dict[str, Any]:
    place = Path(folder)
    with (place / "runs").open("a") as runs:
        runs.write(f"{os.getpid()}\n")
    found = (place / "source").read_text()
    await asyncio.sleep(float((place / "works").read_text()))
    if (place / "failing").exists():
        raise OSError("the source is gone")
    return {"found": found, "nothing": None, "long": "x" * 50_000}


async def ask(folder: str, callers: int) -> dict[str, Any]:
    """What so many callers at once got, and for how long the slowest waited."""
    began = time.monotonic()
    got = await asyncio.gather(*[function(folder) for _ in range(callers)], return_exceptions=True)
    seconds = time.monotonic() - began
    whole = all(isinstance(one, Exception) or (one["nothing"], len(one["long"])) == (None, 50_000) for one in got)
    return {
        "values": sorted({repr(one) if isinstance(one, Exception) else one["found"] for one in got}),
        "whole": whole,
        "seconds": seconds,
    }


async def main() -> None:
    cache = Cache(RedisStore(sys.argv[1], sys.argv[2].encode(), patience=PATIENCE))
    with cache.serving(None):
        await cache.invalidate("a tag of nothing")  # connected, so that what follows is measured alone
        print(json.dumps("ready"), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            command, folder, callers = json.loads(line)
            answer: Any = await ask(folder, callers) if command == "ask" else await cache.invalidate(folder)
            print(json.dumps(answer), flush=True)
    await cache.close()


if __name__ == "__main__":
    asyncio.run(main())
