"""`python -m bench`: what a page costs, beside the least it could cost; printed as Markdown."""

import argparse
import asyncio
import platform
import sqlite3
import sys

import uvloop

from bench.data import cursor_behind, prepare
from bench.pages import LISTS, Case, Page, figures, session
from bench.report import INTRODUCTION, RESULT, Figure, comparison, keep_pages, table

Pairs = list[tuple[Figure, Figure]]


async def articles(few: int, many: int) -> Pairs:
    """Every page over few and over many articles."""
    counts = (few, many)
    names = [f"articles-{rows}" for rows in counts]
    settings = [await prepare(name, rows) for name, rows in zip(names, counts, strict=True)]
    cursors = [await cursor_behind(one, rows // 2) for one, rows in zip(settings, counts, strict=True)]
    print(f"Articles: {few:,} and {many:,}", flush=True)
    async with session(names[0], settings[0]) as small, session(names[1], settings[1]) as large:
        pairs = [await _pair(await small.shown(page), await large.shown(page)) for page in LISTS]
        deep = [Page("cursor, half way down", f"/articles?sort=-publish_time&after={one}") for one in cursors]
        pairs.append(await _pair(await small.shown(deep[0]), await large.shown(deep[1])))
        pairs.append(await _pair(await small.edit(), await large.edit()))
        pairs.append(await _pair(await small.save(), await large.save()))
    return pairs


async def categories(few: int, many: int) -> Pairs:
    """The edit form beside few and beside many categories."""
    names = [f"categories-{count}" for count in (few, many)]
    settings = [await prepare(name, 1000, count) for name, count in zip(names, (few, many), strict=True)]
    print(f"Categories: {few:,} and {many:,}", flush=True)
    async with session(names[0], settings[0]) as small, session(names[1], settings[1]) as large:
        return [await _pair(await small.edit(), await large.edit())]


async def _pair(small: Case, large: Case) -> tuple[Figure, Figure]:
    first, second = await figures([small, large])
    return first, second


async def measure(few: int, many: int) -> str:
    """All tables."""
    pairs, forms = await articles(few, many), await categories(200, 20_000)
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    parts = [
        INTRODUCTION,
        f"Measured on {platform.machine()}, {versions}.\n",
        table(f"{few:,} articles", [small for small, _large in pairs]),
        table(f"{many:,} articles", [large for _small, large in pairs]),
        comparison("Does it stay flat?", f"{few:,}", f"{many:,}", pairs),
        comparison("The edit form beside many categories", "200", "20,000", forms),
    ]
    return "\n".join(parts)


def main() -> int:
    """Measure, print, and keep the result if asked to."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--few", type=int, default=10_000, help="articles of the small database")
    parser.add_argument("--many", type=int, default=1_000_000, help="articles of the large database")
    parser.add_argument("--write", action="store_true", help=f"keep the result in {RESULT}")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(measure(options.few, options.many))
    print(result)
    if options.write:
        keep_pages(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
