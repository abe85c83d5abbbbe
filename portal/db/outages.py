"""Telling "the database does not answer" from mistakes in a statement, on all three databases."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

MYSQL_CODES = frozenset(
    {
        1040, 1041, 1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1226,  # no connection
        1927,  # the connection was killed
        2002, 2003, 2005, 2006, 2012, 2013, 2014, 2055,  # the client lost the server
        1205, 1213,  # a lock was not to be had
        1290, 1836, 1021,  # read-only, disk full
        1317, 1969, 3024,  # interrupted for taking too long
    }
)  # fmt: skip

POSTGRESQL_CLASSES = ("08", "53", "57", "58")
"""SQL states: connection, resources, operator intervention (shutdown, time-out), system errors."""

POSTGRESQL_STATES = frozenset({"25006", "25P03", "40001", "40P01", "55P03"})
"""Read-only, idle too long, serialisation, deadlock, lock not available."""

SQLITE_WORDS = (
    "locked",
    "unable to open",
    "disk i/o error",
    "readonly",
    "disk is full",
    "no active connection",
)


def is_unavailable(error: BaseException) -> bool:
    """Whether the database is gone, hung, busy or out of connections: answered 503, the next try may work.

    Looks through the chain of causes, because the driver's error is wrapped by SQLAlchemy's.
    """
    return any(_one_is_unavailable(link) for link in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, getattr(link, "orig", None)]


def _one_is_unavailable(error: BaseException) -> bool:
    # TimeoutError is the session's deadline or the driver's; ConnectionError a server that is not there.
    if isinstance(error, PoolTimeoutError | TimeoutError | ConnectionError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    module = type(error).__module__.partition(".")[0]
    if module == "asyncmy":
        return bool(error.args) and error.args[0] in MYSQL_CODES
    if module == "sqlite3":
        return type(error).__name__ == "OperationalError" and any(word in str(error) for word in SQLITE_WORDS)
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(POSTGRESQL_CLASSES) or state in POSTGRESQL_STATES
    # asyncpg: "connection is closed", "connection was closed in the middle of operation".
    return module == "asyncpg" and "connection" in str(error) and "closed" in str(error)
