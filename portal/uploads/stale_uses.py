"""Uses of files by rows that are gone: deleted by a cascade of the database, or by statements of somebody's own.

Services forget the uses of what they delete; what the database deletes by itself they never see. Found in batches
like everything the sweep removes; the files are let go of as if the row had been deleted in the portal.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, inspect, or_, select

from portal.db.engine import Database
from portal.db.mapping import ModelMapping, mapping_of
from portal.errors import NotFound
from portal.models.file import FileUse
from portal.uploads.service import Uploads

BATCH = 200


@dataclass(frozen=True)
class StaleUse:
    """That a field of a row that is not there uses a file."""

    id: int
    file_id: int
    noun: str
    row_key: str
    field: str


class StaleUses:
    """Looks only where one of the `models` lies: of other tables it is not known what a key means."""

    def __init__(self, database: Database, uploads: Uploads, models: Iterable[type]) -> None:
        self._database = database
        self._uploads = uploads
        self._mappings = {mapping.table_name: mapping for mapping in map(mapping_of, models)}

    async def find(self) -> AsyncGenerator[StaleUse, None]:
        """All of them; what is removed meanwhile does not disturb the search."""
        columns = (FileUse.id, FileUse.file_id, FileUse.noun, FileUse.row_key, FileUse.field)
        nouns = await self._nouns()
        last = 0
        while nouns:
            batch = select(*columns).where(FileUse.id > last, FileUse.noun.in_(nouns)).order_by(FileUse.id).limit(BATCH)
            async with self._database.read() as session:
                uses = [StaleUse(*row) for row in await session.execute(batch)]
                there = {noun: await self._there(session, noun, uses) for noun in {use.noun for use in uses}}
            for use in uses:
                if use.row_key not in there[use.noun]:
                    yield use
            if len(uses) < BATCH:
                return
            last = uses[-1].id

    async def remove(self, use: StaleUse) -> bool:
        """Forget it, unless there is such a row again by now, and remove the file when nothing else uses it."""
        mapping = self._mappings[use.noun]
        row = _condition(mapping, [mapping.key_values(use.row_key)])
        no_row = ~exists(select(1).select_from(mapping.table).where(row))
        async with self._database.write() as session:
            done: Any = await session.execute(delete(FileUse).where(FileUse.id == use.id, no_row))
            await session.commit()
        if done.rowcount:
            await self._uploads.release([use.file_id])
        return bool(done.rowcount)

    async def _nouns(self) -> list[str]:
        """Tables that are there: a command may have been told of another portal's models."""

        def present(connection: Connection) -> list[str]:
            found = inspect(connection)
            tables = {noun: mapping.table for noun, mapping in self._mappings.items()}
            return [noun for noun, table in tables.items() if found.has_table(table.name, schema=table.schema)]

        async with self._database.read() as session:
            return await (await session.connection()).run_sync(present)

    async def _there(self, session: Any, noun: str, uses: Sequence[StaleUse]) -> set[str]:
        """The keys among those of the uses that have a row, or could never be a row's."""
        mapping = self._mappings[noun]
        keys: list[Mapping[str, Any]] = []
        found = set()
        for row_key in {use.row_key for use in uses if use.noun == noun}:
            try:
                keys.append(mapping.key_values(row_key))
            except NotFound:  # the key of this table was another one once: nothing is known of it
                found.add(row_key)
        if keys:
            columns = [mapping.columns[name].label(name) for name in mapping.key]
            rows = await session.execute(select(*columns).select_from(mapping.table).where(_condition(mapping, keys)))
            found |= {mapping.key_of(row) for row in rows}
        return found


def _condition(mapping: ModelMapping, keys: Sequence[Mapping[str, Any]]) -> Any:
    if len(mapping.key) == 1:
        (name,) = mapping.key
        return mapping.columns[name].in_([key[name] for key in keys])
    return or_(*[and_(*[mapping.columns[name] == key[name] for name in mapping.key]) for key in keys])
