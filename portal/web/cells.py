"""Showing values: one leaf template for each way to show, rendered without the price of an include.

A list of 25 rows has two hundred cells; each is a direct call of its compiled leaf.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup

from portal.kit.columns import Column
from portal.kit.fields import plain
from portal.kit.page import BoundResource
from portal.services.query import Row
from portal.web.leaves import Leaf

Cell = Callable[[Row], Markup]


@dataclass(frozen=True)
class CellContext:
    """What a leaf of `cells/` may use."""

    value: Any
    column: Column
    row: Row
    resource: BoundResource
    zone: ZoneInfo


def cell_of(environment: Environment, resource: BoundResource, column: Column, zone: ZoneInfo) -> Cell:
    """The function that shows this column of a row."""
    names = [f"{resource.name}/cells/{column.cell}.html", f"cells/{column.cell}.html"]
    leaf = Leaf(environment, names, {"column": column, "resource": resource, "zone": zone})
    name = column.name
    blank = NO_IMAGE if column.cell == "image" else EMPTY

    def show(row: Row) -> Markup:
        value = row.values.get(name)
        return blank if value is None or value == "" or value == [] else leaf(value=value, row=row)

    return show


EMPTY = Markup('<span class="muted">–</span>')
NO_IMAGE = Markup('<span class="thumb blank"></span>')


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


def number(value: Any) -> str:
    """Digits in groups of three."""
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else f"{value:,f}"
