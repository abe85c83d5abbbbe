"""What commands do with the database, and how its refusals are told."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from portal.addresses import without_password
from portal.errors import PortalError, Unavailable

if TYPE_CHECKING:
    from portal.db.engine import Database
    from portal.settings import Settings

Result = TypeVar("Result")

_NO_TABLE = ("no such table", "doesn't exist", "does not exist", "no such column", "Unknown column")
"""How SQLite, MariaDB and PostgreSQL begin to say that a table or column is missing."""


def run_with(settings: "Settings", work: "Callable[[Database], Awaitable[Result]]") -> Result:
    """Run `work` with a database of its own, closed afterwards; there is no deadline for a statement."""
    from portal.db.engine import Database

    require_folder(settings)

    async def run() -> Result:
        database = Database(settings.database_url, statement_timeout=None)
        try:
            return await work(database)
        finally:
            await database.dispose()

    with telling_refusals(settings.database_url):
        return asyncio.run(run())


def require_folder(settings: "Settings") -> None:
    """SQLite makes its file but no folder; ours is made, and another one is asked for."""
    settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    driver, _, path = settings.database_url.partition(":///")
    folder = Path(path.partition("?")[0]).parent
    if driver.startswith("sqlite") and path and not folder.is_dir():
        raise PortalError(f"The folder of the database is not there: {folder}")


@contextmanager
def telling_refusals(url: str) -> Iterator[None]:
    """Turn what the driver raises into a sentence that says what to do."""
    from sqlalchemy.exc import DBAPIError

    from portal.db.outages import is_unavailable

    try:
        yield
    except Exception as error:
        if isinstance(error, PortalError):
            raise
        shown = without_password(url)
        reason = str(getattr(error, "orig", None) or error).strip()
        if is_unavailable(error) or isinstance(error, OSError):
            raise Unavailable(f"The database does not answer: {shown}\n{reason}") from error
        if isinstance(error, DBAPIError) and any(words in reason for words in _NO_TABLE):
            raise PortalError(
                f"The database is not up to date: {shown}\nBring it there with: fastor db upgrade"
            ) from error
        if isinstance(error, DBAPIError) or type(error).__module__.startswith("asyncpg."):
            raise PortalError(f"The database refuses: {shown}\n{reason}") from error
        raise
