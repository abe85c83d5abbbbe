"""The processor time that works take, side by side."""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

ROUND = 0.4
"""Seconds of processor time one round should take, so that cheap and dear pages are measured alike well."""

ROUNDS = 5

Call = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Work:
    """What is measured; `prepare` goes before each call and costs nothing."""

    call: Call
    prepare: Call | None = None


async def take_turns(works: Mapping[str, Work]) -> dict[str, float]:
    """Processor seconds a call of each work takes, all threads of the process together.

    The works take turns round by round, so that a slow minute of the machine falls on all of them; the median
    of the rounds counts.
    """
    calls = {name: await _calls_in_a_round(work) for name, work in works.items()}
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            taken[name].append(await _round(work, calls[name]))
    return {name: statistics.median(values) for name, values in taken.items()}


async def _calls_in_a_round(work: Work) -> int:
    first = await _round(work, 1)
    if first > ROUND:
        return 1
    warm = await _round(work, min(20, max(1, int(ROUND / max(first, 1e-6)))))
    return max(1, min(1000, int(ROUND / max(warm, 1e-6))))


async def _round(work: Work, calls: int) -> float:
    gc.collect()
    spent = 0.0
    for _ in range(calls):
        if work.prepare is not None:
            await work.prepare()
        before = time.process_time()
        await work.call()
        spent += time.process_time() - before
    return spent / calls
