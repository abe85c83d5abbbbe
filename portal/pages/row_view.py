"""The table of a list as templates see it: heads, rows, and what may be done with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.facts import Label
from portal.i18n import Text, _
from portal.kit.actions import Action
from portal.kit.columns import Column
from portal.kit.fields import plain
from portal.kit.listing import ListState
from portal.kit.page import BoundResource
from portal.services.query import Row, Rows
from portal.services.resource import ResourceService
from portal.web.cells import Cell, cell_of
from portal.web.request import PortalRequest

TIGHT = {
    "number": "end num",
    "date": "end num muted col-time",
    "datetime": "end num muted col-time",
    "time": "end num muted col-time",
    "choice": "col-status",
    "boolean": "col-status",
}
"""How the cells of a kind stand."""


@dataclass(frozen=True)
class Head:
    """A column with its cell and its sort link."""

    column: Column
    cell: Cell
    below: Cell | None
    href: str | None
    direction: str | None
    """`ascending`, `descending`, or nothing where the list is sorted by something else."""
    is_title: bool

    @property
    def td_class(self) -> Markup:
        """The class attribute of this column's cells, or nothing."""
        kind = self.column.cell or ""
        names = TIGHT.get(kind, "")
        if self.column.wide:
            names = f"{names} wide-only".strip()
        return Markup(' class="{}"').format(names) if names else Markup()

    @property
    def options(self) -> list[tuple[str, Label]]:
        """Value and label of each choice, for a choice made in the list."""
        return [(plain(value), label) for value, label in self.column.choices.items()]


@dataclass(frozen=True)
class May:
    """What the actor may do with this noun."""

    create: bool
    edit: bool
    delete: bool
    order: bool
    actions: Sequence[Action]


@dataclass(frozen=True)
class RowView:
    """One row, ready to be drawn."""

    key: str
    title: str
    version: str
    row: Row
    image: Markup | None = None


@dataclass(frozen=True)
class Table:
    """Everything `list/_row.html` and `list/_results.html` share."""

    resource: BoundResource
    heads: Sequence[Head]
    image: Cell | None
    """A picture column standing right before the title is drawn inside the title's cell."""
    may: May
    orderable: bool
    refusal: Text | None
    """Why rows can't be dragged just now."""


def build_table(request: PortalRequest, resource: BoundResource, service: ResourceService, state: ListState) -> Table:
    environment, zone = request.site.templates, request.zone
    title = resource.facts.mapping.title
    columns = list(resource.columns)
    image = None
    for place, column in enumerate(columns[:-1]):
        if column.cell == "image" and columns[place + 1].name == title:
            image = cell_of(environment, resource, columns.pop(place), zone)
            break
    heads = []
    for column in columns:
        below = None
        if column.below is not None:
            below = cell_of(environment, resource, Column(column.below).completed(resource.facts), zone)
        direction = _direction(state, column.name)
        again = f"-{column.name}" if direction == "ascending" else column.name
        href = state.address(sort=again) if column.sortable else None
        cell = cell_of(environment, resource, column, zone)
        heads.append(Head(column, cell, below, href, direction, column.name == title))
    may = permissions(resource, service)
    orderable, refusal = can_order(resource, state) if may.order else (False, None)
    return Table(resource, heads, image, may, orderable, refusal)


def permissions(resource: BoundResource, service: ResourceService) -> May:
    return May(
        create=service.may("create"),
        edit=service.may("edit"),
        delete=service.may("delete"),
        order=resource.facts.mapping.ordering is not None and service.may("order"),
        actions=[action for action in resource.actions if service.may(action.permission)],
    )


def can_order(resource: BoundResource, state: ListState) -> tuple[bool, Text | None]:
    """Rows are dragged only in their own order and only among those of their scope (decision 4)."""
    ordering = resource.facts.mapping.ordering
    if ordering is None:
        return False, None
    sort = state.sorted_by or state.default_sort
    if [str(step) for step in sort] != [ordering.attribute]:
        return False, _("Sort by position to change the order.")
    if state.query.search or state.query.after or state.query.before:
        return False, _("Leave the search to change the order.")
    if ordering.within is None:
        return (not state.filters), _("Remove the filters to change the order.") if state.filters else None
    scope = scope_filter(resource)
    active = [found.name for found, sent in state.filters if sum(map(len, sent.values())) == 1]
    if active != [scope] or len(state.filters) != 1:
        label = resource.facts.attributes[scope or ordering.within].label
        return False, _("Filter by one {scope} to change the order.").format(scope=label)
    return True, None


def scope_filter(resource: BoundResource) -> str | None:
    """The filter that chooses a scope of the order: over the column itself or the relation it stands for."""
    ordering = resource.facts.mapping.ordering
    if ordering is None or ordering.within is None:
        return None
    return resource.facts.mapping.foreign_keys.get(ordering.within, ordering.within)


def row_views(table: Table, rows: Rows | Sequence[Row]) -> list[RowView]:
    items = rows.items if isinstance(rows, Rows) else rows
    title = table.resource.facts.mapping.title
    return [
        RowView(
            key=row.key,
            title=str(row.values.get(title) or row.key),
            version=row.version,
            row=row,
            image=table.image(row) if table.image else None,
        )
        for row in items
    ]


def _direction(state: ListState, name: str) -> str | None:
    for sort in state.sorted_by or state.default_sort:
        if sort.attribute == name:
            return "descending" if sort.descending else "ascending"
    return None
