"""SQLAlchemy's adapter of aiosqlite with one visit to the connection's thread a statement.

The stock cursor makes four (open, execute, fetch, close), each a hand-over between two threads: on the short
statements of a list page that is a fifth of all the time spent.
"""

from collections import deque
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    dialect,
)


class OneVisitCursor(AsyncAdapt_aiosqlite_cursor):
    """Executes and fetches in one go; the rows of a page fit into memory, and streams use another class."""

    __slots__ = ()

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        connection: Any = self._connection

        def run() -> tuple[Any, list[Any], int, int]:
            cursor = connection._conn.execute(operation, () if parameters is None else parameters)
            try:
                if cursor.description:
                    return cursor.description, cursor.fetchall(), -1, -1
                return None, [], cursor.lastrowid, cursor.rowcount
            finally:
                cursor.close()

        try:
            self.description, rows, self.lastrowid, self.rowcount = self.await_(connection._execute(run))
        except Exception as error:  # whatever it is: the adapter words and raises it again
            self._adapt_connection._handle_exception(error)
        self._rows = deque(rows)


class OneVisitConnection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    def cursor(self, server_side: bool = False) -> Any:
        return super().cursor(server_side) if server_side else OneVisitCursor(self)


class OneVisitDriver(AsyncAdapt_aiosqlite_dbapi):
    """The driver module to hand to `create_async_engine(module=…)`."""

    def connect(self, *arguments: Any, **options: Any) -> OneVisitConnection:
        plain = super().connect(*arguments, **options)
        return OneVisitConnection(self, plain._connection)


def one_visit_driver() -> OneVisitDriver:
    """A driver module of its own for one engine."""
    stock: Any = dialect.import_dbapi()
    return OneVisitDriver(stock.aiosqlite, stock.sqlite)
