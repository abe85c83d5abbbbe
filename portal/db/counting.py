"""Every SQL statement is counted and timed for the request that it is made for."""

from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event

from portal.request_notes import notes


def count_statements(engine: Engine) -> None:
    """Note the statements of this engine; never what is in them."""
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)


def _begin(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
    noted = notes.get()
    if noted is not None:
        noted.statements += 1
        context.fastor_begun = perf_counter()


def _end(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
    noted = notes.get()
    begun = getattr(context, "fastor_begun", None)
    if noted is not None and begun is not None:
        noted.sql_seconds += perf_counter() - begun
