"""What differs between the databases when a connection is made; above this module they are one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import URL, Engine, event

from portal.db.sqlite_driver import one_visit_driver
from portal.db.text import fold

CONNECT_TIMEOUT = 4
"""Seconds to wait for a server that does not take the connection."""

LOCK_TIMEOUT = 4
"""Seconds to wait for somebody else's row lock."""

SQLITE_PRAGMAS = (
    "journal_mode=wal",
    "synchronous=normal",
    "busy_timeout=5000",
    "foreign_keys=on",
    "temp_store=memory",
    "cache_size=-65536",
)


@dataclass(frozen=True)
class Limits:
    """How long one statement may take, in seconds; `None` is for ever."""

    statement: float | None

    @property
    def milliseconds(self) -> int:
        return int((self.statement or 0) * 1000)

    @property
    def answer(self) -> float | None:
        """How long the client waits: a little longer than the server does, for when the server hangs."""
        return None if self.statement is None else self.statement + 0.5


@dataclass(frozen=True)
class Setup:
    """How one kind of database is opened."""

    options: Mapping[str, Any]
    """Arguments of `create_async_engine`."""
    prepare: Callable[[Engine], None]
    """Adds the listeners that set up each connection."""
    begin: str | None = None
    """The statement that starts a transaction, where connections rest in autocommit."""
    reading_options: Mapping[str, Any] = field(default_factory=dict)
    """Execution options that spare reads a transaction."""
    single_connection: bool = False


def setup_for(url: URL, limits: Limits) -> Setup:
    """The setup for a database address; SQLite, MySQL/MariaDB and PostgreSQL by their async drivers."""
    driver = url.drivername
    if driver == "sqlite+aiosqlite":
        return _sqlite(url)
    if driver in ("mysql+asyncmy", "mariadb+asyncmy"):
        return _mysql(limits)
    if driver == "postgresql+asyncpg":
        return _postgresql(limits)
    raise ValueError(f"{driver} is not one of sqlite+aiosqlite, mysql+asyncmy and postgresql+asyncpg")


def _sqlite(url: URL) -> Setup:
    def connect(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        connection.create_function("fastor_fold", 1, _fold_value, deterministic=True)

    def prepare(engine: Engine) -> None:
        event.listen(engine, "connect", connect)
        _end_only_what_began(engine, lambda connection: connection.driver_connection.in_transaction)

    return Setup(
        # No isolation level: the driver itself never says BEGIN, so reads have no transaction to end.
        options={"connect_args": {"isolation_level": None, "timeout": 5}, "module": one_visit_driver()},
        prepare=prepare,
        begin="BEGIN IMMEDIATE",
        single_connection=not url.database or url.database == ":memory:",
    )


def _mysql(limits: Limits) -> Setup:
    def connect(connection: Any, record: object) -> None:
        mariadb = "mariadb" in connection.driver_connection.get_server_info().lower()
        settings = [
            "SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SESSION time_zone = '+00:00'",
            # Too long a text is an error and never cut silently, whatever the server's default.
            "SESSION sql_mode = 'TRADITIONAL'",
            f"SESSION innodb_lock_wait_timeout = {LOCK_TIMEOUT}",
            # Two filters on a million rows: intersecting two indexes takes 2.3 s, walking one of them in order 3 ms.
            "SESSION optimizer_switch = 'index_merge_intersection=off'",
        ]
        if limits.statement is not None:
            settings.append(
                f"SESSION max_statement_time = {limits.statement}"
                if mariadb
                else f"SESSION max_execution_time = {limits.milliseconds}"
            )
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(f"SET {setting}")
        cursor.close()

    def prepare(engine: Engine) -> None:
        event.listen(engine, "connect", connect)
        _end_only_what_began(engine, lambda connection: connection.driver_connection.get_transaction_status())

    arguments = {"charset": "utf8mb4", "autocommit": True, "connect_timeout": CONNECT_TIMEOUT}
    if limits.answer is not None:
        arguments["read_timeout"] = limits.answer
    return Setup(
        options={"connect_args": arguments, "pool_pre_ping": True, "pool_recycle": 1800},
        prepare=prepare,
        begin="START TRANSACTION",
    )


def _postgresql(limits: Limits) -> Setup:
    server = {
        "application_name": "fastor",
        "timezone": "UTC",
        "lock_timeout": str(LOCK_TIMEOUT * 1000),
        "statement_timeout": str(limits.milliseconds),
        "idle_in_transaction_session_timeout": "60000",
        # Compiling costs more than it saves on the short statements of a portal.
        "jit": "off",
    }
    arguments = {"timeout": CONNECT_TIMEOUT, "command_timeout": limits.answer, "server_settings": server}
    return Setup(
        options={"connect_args": arguments, "pool_pre_ping": True, "pool_recycle": 1800},
        prepare=lambda engine: None,
        # In this driver the switch is a Python attribute: it costs no message to the server.
        reading_options={"isolation_level": "AUTOCOMMIT"},
    )


def _end_only_what_began(engine: Engine, in_transaction: Callable[[Any], bool]) -> None:
    """Spare reads the COMMIT and ROLLBACK that SQLAlchemy sends at the end of every session.

    Each would be a message to the server, or to the thread of the SQLite connection, that ends nothing.
    """
    dialect = engine.dialect
    commit, rollback = dialect.do_commit, dialect.do_rollback

    def do_commit(connection: Any) -> None:
        if in_transaction(connection):
            commit(connection)

    def do_rollback(connection: Any) -> None:
        if in_transaction(connection):
            rollback(connection)

    # The dialect object belongs to this engine alone.
    vars(dialect).update(do_commit=do_commit, do_rollback=do_rollback)


def _fold_value(value: object) -> str | None:
    if value is None:
        return None
    return fold(value if isinstance(value, str) else str(value))
