"""`python -m bench.api`: calls of the JSON API, beside FastAPI and beside bare Litestar; printed as Markdown."""

import argparse
import asyncio
import json
import os
import platform
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence

from bench.api_common import ROWS
from bench.api_load import Load, load
from bench.api_report import Case, section
from bench.api_servers import NAMES, OURS, Server, serving
from bench.data import file_of, prepare
from bench.report import keep_api
from portal.auth.tokens import Tokens
from portal.db.engine import Database
from portal.settings import Settings

ARTICLES = 10_000
DATABASE = f"articles-{ARTICLES}"

CONNECTIONS = (1, 16, 300)
WORKERS = (1, 2)

MANY = 100
"""From so many connections on a round takes twice as long: the first answers are late, and all at once."""

BUSY = """ **Other work kept the machine busy all the time. What is measured is as much that work as the servers: rates
are far below what the machine can do, and a ratio may be wrong by a factor of two. Measure again before you rely on
any of them.**"""

REST = 1 / 150
"""Seconds for each connection until the next server's turn: what wrk left unanswered is still worked at."""


async def _token(settings: Settings) -> str:
    database = Database(settings.database_url)
    issued = await Tokens(database, settings).issue("bench", scopes=["articles.view"])
    await database.dispose()
    return issued.text


def addresses(server: Server, token: str) -> dict[str, str]:
    """What is asked for, by its name; the article is one that the list shows."""
    request = urllib.request.Request(server.url(f"/api/articles?size={ROWS}"))
    request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as answer:
        items = json.load(answer)["items"]
    return {
        "constant": "/api/bench/constant",
        "get by id": f"/api/articles/{items[len(items) // 2]['id']}",
        "list": f"/api/articles?size={ROWS}",
        "Redis counter": "/api/bench/counter",
        "cached list": "/api/bench/cached",
    }


def alike(servers: Mapping[str, Server], token: str, paths: Mapping[str, str]) -> None:
    """Refuse to measure servers whose answers have not the same members."""
    for name in ("get by id", "list", "cached list"):
        shapes = {}
        for server in servers.values():
            request = urllib.request.Request(server.url(paths[name]))
            request.add_header("Authorization", f"Bearer {token}")
            with urllib.request.urlopen(request) as answer:
                found = json.load(answer)
            rows = found.get("items", [found])
            shapes[server.name] = [(row["id"], sorted(row)) for row in rows]
        if any(shape != shapes[OURS] for shape in shapes.values()):
            raise SystemExit(f"{name} is not answered alike: {shapes}")


def measure(settings: Settings, connections: Sequence[int], workers: int, rounds: int, seconds: float) -> list[Case]:
    """All addresses of servers with so many workers."""
    cases = []
    token = asyncio.run(_token(settings))
    with serving(file_of(DATABASE), workers) as servers:
        paths = addresses(servers[OURS], token)
        alike(servers, token, paths)
        for name, path in paths.items():
            for server in servers.values():  # warm: statements compiled, the list in the cache of each worker
                load(server.url(path), token, connections=16, seconds=1)
            for count in connections:
                taken: dict[str, list[Load]] = {one: [] for one in NAMES}
                for _ in range(rounds):
                    for server in servers.values():
                        long = seconds * 2 if count >= MANY else seconds
                        taken[server.name].append(load(server.url(path), token, connections=count, seconds=long))
                        time.sleep(REST * count)
                case = Case(name, workers, count, taken)
                rates = ", ".join(f"{one} {case.rate(one):,.0f}/s" for one in NAMES)
                print(f"  {workers} workers, {count} connections, {name}: {rates}", flush=True)
                cases.append(case)
    return cases


def main() -> int:
    """Measure, print, and keep the result if asked to."""
    parser = argparse.ArgumentParser(prog="bench.api", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of one round")
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS)
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks.md")
    options = parser.parse_args()
    settings = asyncio.run(prepare(DATABASE, ARTICLES))
    busy = [os.getloadavg()[0]]
    cases: list[Case] = []
    for workers in options.workers:
        cases += measure(settings, options.connections, workers, options.rounds, options.seconds)
        busy.append(os.getloadavg()[0])
    remark = (
        f"Measured on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}: "
        f"{options.rounds} rounds of {options.seconds:g} seconds, twice that over {MANY} connections. Servers and load "
        f"share the cores; the load average was {busy[0]:.1f} before and {busy[-1]:.1f} at the end."
    )
    if busy[0] > 1:
        remark += BUSY
    result = section(cases, remark)
    print(result)
    if options.write:
        keep_api(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
