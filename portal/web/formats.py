"""How values read: labels, numbers, moments on the viewer's clock. Templates use them as filters."""

import datetime
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from portal.kit.fields import plain


def label_of(choices: Mapping[Any, Any], value: Any) -> str:
    """A choice's label; a value that is no longer declared is shown as it is stored."""
    found = choices.get(value)
    return str(found) if found is not None else plain(value)


def local_time(value: datetime.datetime, zone: ZoneInfo) -> datetime.datetime:
    """A stored moment on the viewer's clock; in UTC where their calendar has no such day."""
    aware = value if value.tzinfo is not None else value.replace(tzinfo=datetime.UTC)
    try:
        return aware.astimezone(zone)
    except OverflowError:
        return aware


def short_time(value: datetime.datetime, zone: ZoneInfo) -> str:
    """Today the time, this year month and day, before that the date: 10:42, 11-19 13:18, 2025-03-01."""
    local, today = local_time(value, zone), datetime.datetime.now(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"


def full_time(value: datetime.datetime, zone: ZoneInfo) -> str:
    """2026-11-21 10:42 (UTC+8)"""
    local = local_time(value, zone)
    return f"{local:%Y-%m-%d %H:%M} ({offset_name(local)})"


def offset_name(local: datetime.datetime) -> str:
    minutes = int((local.utcoffset() or datetime.timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes >= 0 else "−"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def byte_size(value: int) -> str:
    """Bytes as people say them: 12 KB, 3.4 MB."""
    if value >= 1024 * 1024:
        return f"{value / 1024 / 1024:,.1f} MB"
    return f"{max(round(value / 1024), 1)} KB"


def number(value: Any) -> str:
    """Digits in groups of three."""
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else f"{value:,f}"
