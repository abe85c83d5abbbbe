"""What a dashboard counts, by real and bounded queries."""

import datetime
import itertools
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.mapping import ModelMapping, encode_key


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
    dates = [today - datetime.timedelta(days=back) for back in range(days - 1, -1, -1)]
    starts = [_midnight(date, zone) for date in [*dates, today + datetime.timedelta(days=1)]]
    counts = [func.count(case((and_(column >= start, column < end), 1))) for start, end in itertools.pairwise(starts)]
    statement = select(*counts).select_from(mapping.source).where(column >= starts[0])
    numbers = (await session.execute(statement)).one()
    return [Day(date, int(number)) for date, number in zip(dates, numbers, strict=True)]


def _midnight(day: datetime.date, zone: ZoneInfo) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), zone).astimezone(datetime.UTC)


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
