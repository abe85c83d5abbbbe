"""The table of a list as templates see it: heads, rows, and what may be done with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from portal.i18n import Text, _
from portal.kit.actions import Action
from portal.kit.columns import Column
from portal.kit.fields import plain
from portal.kit.listing import ListState
from portal.kit.page import BoundResource
from portal.services.query import Row, Rows
from portal.services.resource import ResourceService
from portal.web.cells import Cell, cell_of
from portal.web.leaves import Leaf
from portal.web.rendering import templates_for
from portal.web.request import PortalRequest

TIGHT = {
    "number": "end num",
    "date": "end num muted col-time",
    "datetime": "end num muted col-time",
    "time": "end num muted col-time",
    "choice": "col-status",
    "boolean": "col-status",
    "key_state": "col-status",
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
    td: Markup
    """The opening tag of this column's cells."""
    inline: "Callable[[Row, str], Markup] | None"
    """Draws the switch or choice that changes a value of the row at an address right here."""

    def draw(self, row: Row, href: str) -> Markup | None:
        """What stands in the cell of a row."""
        if self.is_title:
            return None
        return self.inline(row, href) if self.inline else self.cell(row)


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
    href: str
    version: str
    row: Row
    more: str
    """What the dots are called."""
    reorder: str
    """What the grip is called."""
    image: Markup | None = None
    below: Markup | None = None
    """The small line under the title."""
    cells: Sequence[tuple[Markup, Markup | None]] = ()
    """The opening tag and the content of each cell; `None` is the title's, which the template draws."""


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
    draw: Callable[[RowView], Markup]
    """A row as `list/_row.html` draws it."""


def build_table(request: PortalRequest, resource: BoundResource, service: ResourceService, state: ListState) -> Table:
    environment, zone = request.site.templates, request.zone
    title = resource.facts.mapping.title
    columns = list(resource.columns)
    image = None
    for place, column in enumerate(columns[:-1]):
        if column.cell == "image" and columns[place + 1].name == title:
            image = cell_of(environment, resource, columns.pop(place), zone)
            break
    may = permissions(resource, service)
    heads = []
    for column in columns:
        below = None
        if column.below is not None:
            below = cell_of(environment, resource, Column(column.below, cell="text").completed(resource.facts), zone)
        direction = _direction(state, column.name)
        again = f"-{column.name}" if direction == "ascending" else column.name
        href = state.address(sort=again) if column.sortable else None
        cell = cell_of(environment, resource, column, zone)
        inline = _inline(request, resource, column) if column.inline and may.edit else None
        is_title = column.name == title
        heads.append(Head(column, cell, below, href, direction, is_title, _td(column, is_title), inline))
    orderable, refusal = can_order(resource, state) if may.order else (False, None)
    shared: dict[str, Any] = {
        "resource": resource,
        "may": may,
        "orderable": orderable,
        "refusal": refusal,
        "dots": request.site.static.icon_url("dots"),
        "handle": request.site.static.icon_url("grip-vertical"),
    }
    leaf = Leaf(environment, templates_for(resource, "list/_row.html"), shared)
    return Table(resource, heads, image, may, orderable, refusal, draw=lambda row: leaf(row=row))


def _td(column: Column, is_title: bool) -> Markup:
    tight = "col-title" if is_title else TIGHT.get(column.cell or "", "")
    names = f"{tight} {'wide-only' if column.wide else ''}".strip()
    opening = Markup('<td class="{}" data-column="{}">') if names else Markup('<td{} data-column="{}">')
    return opening.format(names, column.name)


HERE = "{row}"
"""Stands for the row's address in what is drawn once for all rows of a value."""


def _inline(request: PortalRequest, resource: BoundResource, column: Column) -> Callable[[Row, str], Markup]:
    shared: dict[str, Any] = {
        "column": column,
        "options": [(plain(value), str(label)) for value, label in column.choices.items()],
    }
    shared["href"] = HERE
    leaf = Leaf(request.site.templates, templates_for(resource, "list/_inline.html"), shared, by_value=True)

    def draw(row: Row, href: str) -> Markup:
        return Markup(leaf.of(row.values.get(column.name), row).replace(HERE, escape(href)))

    return draw


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


def row_views(request: PortalRequest, table: Table, rows: Rows) -> list[RowView]:
    """The rows of a page; cells are drawn here, so that the template has only to put them together."""
    name = table.resource.facts.mapping.title
    more, reorder = str(_("More: {title}")), str(_("Reorder: {title}"))
    url_of, resource = request.site.url_of, table.resource
    below = next((head.below for head in table.heads if head.is_title), None)
    views = []
    for row in rows.items:
        title, href = str(row.values.get(name) or row.key), url_of(resource, row.key)
        drawn = [(head.td, head.draw(row, href)) for head in table.heads]
        views.append(
            RowView(
                key=row.key,
                title=title,
                href=href,
                version=row.version,
                row=row,
                more=more.format(title=title),
                reorder=reorder.format(title=title),
                image=table.image(row) if table.image else None,
                below=below(row) if below else None,
                cells=drawn,
            )
        )
    return views


def _direction(state: ListState, name: str) -> str | None:
    for sort in state.sorted_by or state.default_sort:
        if sort.attribute == name:
            return "descending" if sort.descending else "ascending"
    return None
