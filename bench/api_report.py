"""The API's figures as Markdown: a section of the page that the pages' figures are on, too."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.api_load import Load
from bench.api_servers import FASTAPI, LITESTAR, NAMES, OURS
from bench.report import API

INTRODUCTION = f"""\
{API}

`python -m bench.api --write` measures and keeps the result here. Three servers over the same SQLite file of 10,000
articles take turns at each address, round by round; the median of the rounds counts: **read the ratios.**

- **ours**: the portal on granian, with all that stands before and around an endpoint: outer guard, access log,
  language, limits, token and its rights, strict parameters, security headers.
- **FastAPI**: FastAPI, SQLAlchemy's ORM and pydantic models on uvicorn (uvloop, httptools).
- **bare**: Litestar handlers on granian with SQLAlchemy's Core and msgspec, and nothing else.
- The other two find tokens, count limits and write log lines **by our own classes**, and answer with the same members;
  a text's HTML, which ours cleans once more at each reading, they send as it is stored. Their cached list is kept by
  cashews, in memory.
- The load comes from wrk on the same machine, over kept connections, each of which asks again once it has its answer.
"""


@dataclass(frozen=True)
class Case:
    """One address, asked over so many connections of servers with so many workers."""

    name: str
    workers: int
    connections: int
    rounds: Mapping[str, Sequence[Load]]

    def rate(self, server: str) -> float:
        return statistics.median(load.rate for load in self.rounds[server])

    def times(self, server: str) -> str:
        """The median p50, p95 and p99."""
        rounds = self.rounds[server]
        kinds = ([load.p50 for load in rounds], [load.p95 for load in rounds], [load.p99 for load in rounds])
        return " / ".join(_milliseconds(statistics.median(kind)) for kind in kinds)

    def errors(self, server: str) -> int:
        return sum(load.errors for load in self.rounds[server])


def section(cases: Sequence[Case], remark: str) -> str:
    """Everything about the API."""
    parts = [INTRODUCTION, remark + "\n"]
    for workers in dict.fromkeys(case.workers for case in cases):
        found = [case for case in cases if case.workers == workers]
        parts += [_table(workers, found), _cached(found)]
    return "\n".join(parts)


def _table(workers: int, cases: Sequence[Case]) -> str:
    errors = {server: sum(case.errors(server) for case in cases) for server in NAMES}
    lines = [
        f"### {workers} {'worker' if workers == 1 else 'workers'}",
        "",
        "| address | connections | ours/s | FastAPI/s | bare/s | ours ÷ FastAPI | bare ÷ ours "
        "| ours: p50 / p95 / p99 ms | FastAPI | bare |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for case in cases:
        rates = " | ".join(f"{case.rate(server):,.0f}" for server in NAMES)
        ratios = f"{case.rate(OURS) / case.rate(FASTAPI):.2f} | {case.rate(LITESTAR) / case.rate(OURS):.2f}"
        times = " | ".join(case.times(server) for server in NAMES)
        lines.append(f"| {case.name} | {case.connections} | {rates} | {ratios} | {times} |")
    lines += ["", f"Errors: ours {errors[OURS]}, FastAPI {errors[FASTAPI]}, bare {errors[LITESTAR]}."]
    return "\n".join(lines) + "\n"


def _cached(cases: Sequence[Case]) -> str:
    """How much the cache spares us."""
    rates = {(case.name, case.connections): case.rate(OURS) for case in cases}
    told = [
        f"{rate / rates['list', connections]:.1f} × at {connections}"
        for (name, connections), rate in rates.items()
        if name == "cached list" and ("list", connections) in rates
    ]
    return f"Our cached list beside our uncached one: {', '.join(told)} connections.\n" if told else ""


def _milliseconds(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"
