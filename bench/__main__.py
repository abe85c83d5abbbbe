"""`python -m bench`: what a page costs, beside the least it could cost; printed as Markdown."""

import argparse
import asyncio
import platform
import sqlite3
import sys
from pathlib import Path

import uvloop

from bench.data import cursor_behind, prepare
from bench.pages import LISTS, Page, session
from bench.report import INTRODUCTION, Figure, comparison, table

RESULT = Path("docs/benchmarks.md")


async def articles(rows: int) -> list[Figure]:
    """Every page over so many articles."""
    name = f"articles-{rows}"
    settings = await prepare(name, rows)
    print(f"{rows:,} articles", flush=True)
    async with session(name, settings) as here:
        cursor = await cursor_behind(settings, rows // 2)
        deep = Page("cursor, half way down", f"/articles?sort=-publish_time&after={cursor}")
        return [*await here.figures([*LISTS, deep]), await here.edit(), await here.save()]


async def categories(count: int) -> Figure:
    """The edit form beside so many categories."""
    name = f"categories-{count}"
    settings = await prepare(name, 1000, count)
    print(f"{count:,} categories", flush=True)
    async with session(name, settings) as here:
        return await here.edit()


async def measure(few: int, many: int) -> str:
    """All tables."""
    small, large = await articles(few), await articles(many)
    forms = await categories(200), await categories(20_000)
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    parts = [
        INTRODUCTION,
        f"Measured on {platform.machine()}, {versions}.\n",
        table(f"{few:,} articles", small),
        table(f"{many:,} articles", large),
        comparison("Does it stay flat?", f"{few:,}", f"{many:,}", list(zip(small, large, strict=True))),
        comparison("The edit form beside many categories", "200", "20,000", [forms]),
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
        RESULT.write_text(result, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
