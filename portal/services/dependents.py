"""What else is touched when a row is deleted."""

from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.mapping import ModelMapping, mapping_of
from portal.services.query import Dependent

COUNTED = 1000
EXAMPLES = 3


async def dependents(session: AsyncSession, mapping: ModelMapping, row: Any) -> list[Dependent]:
    """Rows whose foreign keys lead to `row`: deleted with it, unlinked from it, or in the way."""
    own = mapping.table
    mappers = list(mapping.mapper.registry.mappers)
    models = {mapper.local_table: mapper.class_ for mapper in mappers}
    links = {relation.secondary for mapper in mappers for relation in mapper.relationships}
    found = []
    for table in own.metadata.tables.values():
        for rule in table.foreign_key_constraints:
            if rule.referred_table is not own:
                continue
            conditions = [
                element.parent == getattr(row, mapping.mapper.get_property_by_column(element.column).key)
                for element in rule.elements
            ]
            effect = {"CASCADE": "delete", "SET NULL": "unlink"}.get((rule.ondelete or "").upper(), "refuse")
            if table in models and table not in links:
                found += await _rows(session, models[table], conditions, effect)
            else:
                found += await _links(session, table, models, own, conditions)
    return found


async def _rows(session: AsyncSession, model: type, conditions: list[Any], effect: str) -> list[Dependent]:
    target = mapping_of(model)
    inner = select(1).select_from(target.source).where(*conditions).limit(COUNTED).subquery()
    count = (await session.execute(select(func.count()).select_from(inner))).scalar_one()
    if not count:
        return []
    title = target.columns[target.title]
    statement = select(title).select_from(target.source).where(*conditions).limit(EXAMPLES)
    examples = tuple(str(text) for text in (await session.execute(statement)).scalars())
    return [Dependent(model, count, effect, examples)]


async def _links(
    session: AsyncSession, table: Table, models: dict[Any, type], own: Any, conditions: list[Any]
) -> list[Dependent]:
    """An association table: what is on its other side loses the link and nothing else."""
    inner = select(1).select_from(table).where(*conditions).limit(COUNTED).subquery()
    count = (await session.execute(select(func.count()).select_from(inner))).scalar_one()
    others = [rule.referred_table for rule in table.foreign_key_constraints if rule.referred_table is not own]
    model = next((models[other] for other in others if other in models), None)
    return [Dependent(model, count, "unlink")] if count and model else []
