"""Two processes that start at once must not migrate at once."""

from sqlalchemy import Connection, text

from portal.errors import Unavailable
from portal.i18n import _

WAIT = 60
"""Seconds to wait for the other one."""

NUMBER = 0x666173746F72
"""PostgreSQL's advisory locks go by number: the letters of our name."""


def alone(connection: Connection) -> None:
    """Return once no other migration runs on this database; the lock ends with transaction or connection.

    SQLite needs none: its transaction was begun as the only writer.
    """
    if connection.dialect.name == "postgresql":
        before = connection.execute(text("SHOW lock_timeout")).scalar_one()
        set_timeout = text("SELECT set_config('lock_timeout', :value, true)")
        connection.execute(set_timeout, {"value": f"{WAIT}s"})
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": NUMBER})
        connection.execute(set_timeout, {"value": before})
    elif connection.dialect.name in ("mysql", "mariadb"):
        name = f"fastor {connection.engine.url.database}"[:64]
        if not connection.execute(text("SELECT GET_LOCK(:name, :wait)"), {"name": name, "wait": WAIT}).scalar():
            raise Unavailable(_("Another migration of this database is still running."))


def check_references(connection: Connection) -> None:
    """On SQLite, where references rest during a migration, see that none was broken by it."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"The migration leaves references to missing rows: {broken[:5]}")
