"""The measured figures as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RESULT = Path("docs/benchmarks.md")

INTRODUCTION = """\
# Benchmarks

`make bench` measures; `python -m bench --write` keeps the result here. Processor time of the server for one
request, in milliseconds, all threads together, the network left out. Portal and floors,
small database and large, take turns in one process on one machine: **read the ratios, not the milliseconds.**

- **SQL** is the page's own SQL, as the portal sent it (session and user apart), run by `sqlite3` alone.
- **Bare** is a Litestar handler without anything else that runs that SQL by `sqlite3` and fills a small Jinja
  template with the same rows; **bare, async** is the same over `aiosqlite`, the driver that the portal uses.
- The portal's own figures hold all it does: outer guard, session, policy, rendering of the whole page.
- **Not in the tables:** a search that finds less than a page reads every row. On SQLite that is several seconds for a
  million articles, which meets the deadline of a request; an index for substrings is a piece of its own.
"""

UPLOADS = "## Uploads"
"""The heading of what `bench.uploads` measures: it follows the pages."""

API = "## The JSON API"
"""The heading of what `bench.api` measures: the end of the same page."""


@dataclass(frozen=True)
class Figure:
    """One page on one database; times in seconds."""

    page: str
    statements: int
    size: int
    portal: float
    sql: float
    bare: float
    bare_async: float


def table(title: str, figures: Sequence[Figure]) -> str:
    """One database's pages."""
    lines = [
        f"## {title}",
        "",
        "| page | statements | KB | SQL | bare | bare, async | portal | × bare | × bare, async |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in figures:
        times = " | ".join(_milliseconds(value) for value in (one.sql, one.bare, one.bare_async, one.portal))
        ratios = f"{one.portal / one.bare:.1f} | {one.portal / one.bare_async:.1f}"
        lines.append(f"| {one.page} | {one.statements} | {one.size / 1000:.1f} | {times} | {ratios} |")
    return "\n".join(lines) + "\n"


def comparison(title: str, few: str, many: str, pairs: Sequence[tuple[Figure, Figure]]) -> str:
    """How much dearer each page is on the larger of two databases."""
    lines = [f"## {title}", "", f"| page | {few} | {many} | × |", "|---|---:|---:|---:|"]
    for small, large in pairs:
        lines.append(
            f"| {small.page} | {_milliseconds(small.portal)} | {_milliseconds(large.portal)} "
            f"| {large.portal / small.portal:.2f} |"
        )
    return "\n".join(lines) + "\n"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f}" if seconds < 0.1 else f"{seconds * 1000:,.0f}"


def keep_pages(pages: str) -> None:
    """Write the pages' figures over those before them."""
    _pages, uploads, api = _kept()
    _keep(pages, uploads, api)


def keep_uploads(section: str) -> None:
    """Write those of uploads."""
    pages, _uploads, api = _kept()
    _keep(pages, section, api)


def keep_api(section: str) -> None:
    """Write the API's."""
    pages, uploads, _api = _kept()
    _keep(pages, uploads, section)


def _keep(*parts: str) -> None:
    RESULT.write_text("\n".join(part.rstrip("\n") + "\n" for part in parts if part), encoding="utf-8")


def _kept() -> tuple[str, str, str]:
    """What stands there: the part of the pages, that of uploads and the API's."""
    before, api, rest = RESULT.read_text(encoding="utf-8").partition(API)
    pages, uploads, between = before.partition(UPLOADS)
    return pages, uploads + between, api + rest
