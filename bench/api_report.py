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

WHERE = """\
### Where our time goes

Shares of the processor time of one call, by cProfile:

| | Litestar | SQLAlchemy | guard, log | token, limits | `api` | `portal/services` | written in C | rest |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
| constant | 23 % | | 14 % | 14 % | 13 % | | 19 % | 17 % |
| cached list | 17 % | | 11 % | 11 % | 11 % | | 26 % | 24 % |
| list | 7 % | 32 % | 5 % | 3 % | 9 % | 10 % | 14 % | 20 % |
| get by id | 7 % | 49 % | 5 % | 3 % | 7 % | 1 % | 17 % | 11 % |

- **list**: `Listing._row` asks each row for each of its columns by name, 425 times for 25 rows: with what that costs
  within SQLAlchemy a tenth of the call, and the dearest thing that is ours. The statement is built anew for each call,
  which is the next.
- **get by id**: two statements of the ORM, the row and its tags; cleaning the text is 3 %.
- **constant**: nothing stands out.
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
    parts.append(WHERE)
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
        ratios = f"{_ratio(case.rate(OURS), case.rate(FASTAPI))} | {_ratio(case.rate(LITESTAR), case.rate(OURS))}"
        times = " | ".join(case.times(server) for server in NAMES)
        lines.append(f"| {case.name} | {case.connections} | {rates} | {ratios} | {times} |")
    lines += ["", f"Errors: ours {errors[OURS]}, FastAPI {errors[FASTAPI]}, bare {errors[LITESTAR]}."]
    return "\n".join(lines) + "\n"


def _cached(cases: Sequence[Case]) -> str:
    """How much the cache spares us."""
    rates = {(case.name, case.connections): case.rate(OURS) for case in cases}
    told = [
        f"{_ratio(rate, rates['list', connections])} × at {connections}"
        for (name, connections), rate in rates.items()
        if name == "cached list" and ("list", connections) in rates
    ]
    return f"Our cached list beside our uncached one: {', '.join(told)} connections.\n" if told else ""


def _ratio(one: float, other: float) -> str:
    """None where a round was too short for a single answer."""
    return f"{one / other:.2f}" if other else "–"


def _milliseconds(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"
