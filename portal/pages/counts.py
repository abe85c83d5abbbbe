"""How many rows a list has: counted when it is first asked and when its tables have changed, else remembered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Alias, ColumnElement, Table
from sqlalchemy.sql.visitors import iterate

from portal.auth.actor import Actor
from portal.cache import cached
from portal.cache.arguments import as_text
from portal.kit.page import BoundResource
from portal.services.query import Count, ListQuery
from portal.services.resource import ResourceService
from portal.web.request import PortalRequest
from portal.web.site import Site

FRESH = 10
LONGEST = 60
"""Seconds, for changes that no service made."""


async def count_rows(request: PortalRequest, resource: BoundResource, query: ListQuery) -> Count:
    """The number of rows of a list, for whoever may see it."""
    site, actor = request.site, request.actor
    async with site.reading(actor) as work:
        service = resource.service(work)
        service.require("view")
        if (
            service.changed_by_others or not site.cache.exact
        ):  # a number that hides what somebody just did is worse than a slow one
            return await service.count(query)
        condition = service.matching(query)
        sql = condition.compile(dialect=work.session.get_bind().dialect)
        asked = [site.path, resource.declared_as, str(sql), sql.params]
        if type(service).count is not ResourceService.count:  # it may count what only this person sees
            asked.append([actor.id, actor.name])
        try:
            key = as_text(asked)
        except TypeError:  # a filter by a value of a kind we don't know
            return await service.count(query)
        tables = tuple(sorted({service.mapping.table_name, *_tables(service.mapping.source), *_tables(condition)}))
    # The session above has no connection yet: who waits here holds none that others wait for.
    return await _count(_Counting(site, actor, resource, query, key, tables))


@dataclass(frozen=True)
class _Counting:
    site: Site
    actor: Actor
    resource: BoundResource
    query: ListQuery
    key: str
    tables: tuple[str, ...]


@cached(
    ttl=LONGEST,
    soft=FRESH,
    scope="permissions",
    key=lambda counting: counting.key,
    tags=lambda counting: counting.tables,
)
async def _count(counting: _Counting) -> Count:
    async with counting.site.reading(counting.actor) as work:
        return await counting.resource.service(work).count(counting.query)


def _tables(element: ColumnElement[Any] | Any) -> Iterator[str]:
    """The tables something reads, those within its subqueries too."""
    for part in iterate(element):
        table = part if isinstance(part, (Table, Alias)) else getattr(part, "table", None)
        while isinstance(table, Alias):
            table = table.element
        if isinstance(table, Table):
            yield table.name
