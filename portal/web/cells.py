"""Showing values: one leaf template for each way to show, rendered without the price of an include.

A list of 25 rows has two hundred cells; each is a direct call of its compiled leaf.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from portal.kit.columns import Column
from portal.kit.page import BoundResource
from portal.services.query import Row
from portal.web.environment import PortalEnvironment
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


def cell_of(environment: PortalEnvironment, resource: BoundResource, column: Column, zone: ZoneInfo) -> Cell:
    """The function that shows this column of a row."""
    names = [f"{resource.name}/cells/{column.cell}.html", f"cells/{column.cell}.html"]
    leaf = Leaf(environment, names, {"column": column, "resource": resource, "zone": zone}, by_value=True)
    name = column.name
    blank = NO_IMAGE if column.cell == "image" else EMPTY

    def show(row: Row) -> Markup:
        value = row.values.get(name)
        return blank if value is None or value == "" or value == [] else leaf.of(value, row)

    return show


EMPTY = Markup('<span class="muted">–</span>')
NO_IMAGE = Markup('<span class="thumb blank"></span>')
