"""What the same SQL costs without a portal: in sqlite3 alone, and in a bare handler with a small template."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite
from jinja2 import Environment, Template
from litestar import Litestar, MediaType, Request, Response, get, post
from sqlalchemy import Engine, event

from bench.browser import Client, started
from portal.db.dialects import SQLITE_PRAGMAS
from portal.db.text import fold

ROWS = """<!doctype html><html lang="en"><head><title>Articles</title></head><body><table><tbody>
{%- for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></body></html>"""


@dataclass(frozen=True)
class Statement:
    """One statement as it reached the driver."""

    sql: str
    parameters: tuple[Any, ...]

    @property
    def of_the_content(self) -> bool:
        """Not one of the session, and no BEGIN, which a replay says itself."""
        return "fastor_" not in self.sql.replace("fastor_fold", "") and not self.sql.startswith("BEGIN")

    @property
    def writes(self) -> bool:
        return self.sql.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE")


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Every statement of this process, while the block runs."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        many = parameters if isinstance(parameters, list) else [parameters]
        found.extend(Statement(sql, tuple(one)) for one in many)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def connect(path: Path) -> sqlite3.Connection:
    """A connection set up as the portal's are."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("fastor_fold", 1, _fold, deterministic=True)
    return connection


def replay(connection: sqlite3.Connection, statements: Sequence[Statement]) -> list[tuple[Any, ...]]:
    """Run the statements, fetching all, and return the rows of the page; writes stand in one transaction."""
    rows: list[tuple[Any, ...]] = []
    writing = any(statement.writes for statement in statements)
    if writing:
        connection.execute("BEGIN IMMEDIATE")
    for statement in statements:
        found = connection.execute(statement.sql, statement.parameters).fetchall()
        rows = _wider(rows, found)
    if writing:
        connection.execute("COMMIT")
    return rows


def _wider(rows: list[Any], found: list[Any]) -> list[Any]:
    """What a page is about has the most columns; the labels of relations have two."""
    return found if found and (not rows or len(found[0]) > len(rows[0])) else rows


class Floors:
    """The floors over one database, for the page whose SQL they have learnt last."""

    def __init__(self, path: Path, bare: Client, bare_async: Client, asked: list[Statement]) -> None:
        self._connection = connect(path)
        self._bare, self._bare_async, self._asked = bare, bare_async, asked

    def learn(self, statements: Sequence[Statement]) -> None:
        """From now on do what these statements do, those of the session left out."""
        self._asked[:] = [statement for statement in statements if statement.of_the_content]

    async def sql(self) -> None:
        """The statements alone."""
        replay(self._connection, self._asked)

    async def handler(self) -> None:
        """A synchronous Litestar handler over sqlite3: the cheapest there is."""
        await _ask(self._bare, self._asked)

    async def async_handler(self) -> None:
        """An asynchronous one over aiosqlite, the driver of the portal."""
        await _ask(self._bare_async, self._asked)


@asynccontextmanager
async def floors(path: Path) -> AsyncIterator[Floors]:
    """The floors over the database file at `path`."""
    asked: list[Statement] = []
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        for pragma in SQLITE_PRAGMAS:
            await connection.execute(f"PRAGMA {pragma}")
        await connection.create_function("fastor_fold", 1, _fold, deterministic=True)
        async with (
            started(_bare(connect(path), asked)) as bare,
            started(_bare_async(connection, asked)) as bare_async,
        ):
            yield Floors(path, bare, bare_async, asked)


def _bare(connection: sqlite3.Connection, asked: list[Statement]) -> Litestar:
    template = _template()

    @get("/", media_type=MediaType.HTML, sync_to_thread=False)
    def show() -> str:
        return template.render(rows=replay(connection, asked))

    @post("/")
    async def save(request: Request[Any, Any, Any]) -> Response[None]:
        await request.form()
        replay(connection, asked)
        return Response(None, status_code=303, headers={"location": "/"})

    return Litestar([show, save], openapi_config=None, logging_config=None)


def _bare_async(connection: aiosqlite.Connection, asked: list[Statement]) -> Litestar:
    template = _template()

    async def replayed() -> list[Any]:
        rows: list[Any] = []
        writing = any(statement.writes for statement in asked)
        if writing:
            await connection.execute("BEGIN IMMEDIATE")
        for statement in asked:
            found = list(await connection.execute_fetchall(statement.sql, statement.parameters))
            rows = _wider(rows, found)
        if writing:
            await connection.commit()
        return rows

    @get("/", media_type=MediaType.HTML)
    async def show() -> str:
        return template.render(rows=await replayed())

    @post("/")
    async def save(request: Request[Any, Any, Any]) -> Response[None]:
        await request.form()
        await replayed()
        return Response(None, status_code=303, headers={"location": "/"})

    return Litestar([show, save], openapi_config=None, logging_config=None)


def _template() -> Template:
    return Environment(autoescape=True).from_string(ROWS)


async def _ask(client: Client, asked: Sequence[Statement]) -> None:
    if any(statement.writes for statement in asked):
        answer = await client.post("/", [("title", "A title"), ("body", "x" * 2000)])
    else:
        answer = await client.get("/")
    if answer.status >= 400:
        raise RuntimeError(f"The bare handler answered {answer.status}: {answer.body[:300]}")


def _fold(text: Any) -> Any:
    return fold(text) if isinstance(text, str) else text
