"""What a dashboard counts, by real and bounded queries."""

import datetime
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.mapping import ModelMapping, encode_key

COUNTED = 20_000
"""Rows of one day that are counted at most."""


@dataclass(frozen=True)
class Day:
    date: datetime.date
    count: int


@dataclass(frozen=True)
class Edit:
    """A row as it was last saved."""

    key: str
    title: str
    by: str | None
    at: datetime.datetime
    created: bool
    """Whether it was made and not changed since."""


async def created_by_day(session: AsyncSession, mapping: ModelMapping, zone: ZoneInfo, days: int) -> list[Day]:
    """How many rows were made on each of the last days, as days of the viewer's time zone."""
    column = mapping.columns["created_at"]
    today = datetime.datetime.now(zone).date()
    found = []
    for back in range(days - 1, -1, -1):
        day = today - datetime.timedelta(days=back)
        start = datetime.datetime.combine(day, datetime.time(), zone).astimezone(datetime.UTC)
        end = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(), zone)
        inner = select(1).select_from(mapping.source).where(column >= start, column < end.astimezone(datetime.UTC))
        counted = select(func.count()).select_from(inner.limit(COUNTED).subquery())
        found.append(Day(day, int((await session.execute(counted)).scalar_one())))
    return found


async def latest_edits(session: AsyncSession, mapping: ModelMapping, limit: int) -> list[Edit]:
    """The rows saved last; none for tables that do not say when."""
    columns = mapping.columns
    if "updated_at" not in columns:
        return []
    wanted: list[Any] = [columns[name] for name in mapping.key]
    wanted += [columns[mapping.title], columns["updated_at"]]
    by = columns.get("updated_by")
    made = columns.get("created_at")
    wanted += [column for column in (by, made) if column is not None]
    statement = select(*wanted).select_from(mapping.source).order_by(columns["updated_at"].desc()).limit(limit)
    size = len(mapping.key)
    found = []
    for item in await session.execute(statement):
        rest = list(item[size + 2 :])
        author = rest.pop(0) if by is not None else None
        created = rest.pop(0) if made is not None else None
        is_new = created is not None and abs((item[size + 1] - created).total_seconds()) < 1
        found.append(Edit(encode_key(item[:size]), str(item[size]), author, item[size + 1], is_new))
    return found
