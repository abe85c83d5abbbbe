"""What a database refuses, said as a sentence at the right field."""

from collections.abc import Mapping
from typing import Any

from advanced_alchemy.exceptions import (
    DuplicateKeyError,
    ForeignKeyError,
    wrap_sqlalchemy_exception,
)
from sqlalchemy import select
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import IntegrityError as RefusedRow
from sqlalchemy.ext.asyncio import AsyncSession

from portal.db.mapping import ModelMapping
from portal.errors import ConflictError, InputError, PortalError
from portal.i18n import Text, _

__all__ = ["explain", "is_refusal", "wrap_sqlalchemy_exception"]

CHECK_CODES = frozenset({3819, 4025})
"""A CHECK that failed, which MySQL's and MariaDB's drivers take for a mistake of operation."""


def is_refusal(error: BaseException | None) -> bool:
    """Whether the database understood a write and would not have these values."""
    if isinstance(error, RefusedRow | DataError):
        return True
    driver = error.orig if isinstance(error, DBAPIError) else None
    state = getattr(driver, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(("22", "23"))
    return driver is not None and bool(driver.args) and driver.args[0] in CHECK_CODES


async def explain(
    session: AsyncSession, mapping: ModelMapping, values: Mapping[str, Any], refusal: BaseException
) -> PortalError:
    """The error to raise for a refused write; `values` are the row's, by attribute, read before the rollback."""
    errors: dict[str, str | Text] = {}
    if not isinstance(refusal, ForeignKeyError):
        for names in (*mapping.unique, mapping.key):
            taken = await _holder(session, mapping, names, values)
            if taken is not None:
                errors[names[0]] = _("“{title}” already has this. Please choose another.").format(title=taken)
        for name, column in mapping.columns.items():
            if not column.nullable and values.get(name) is None and name in values and name not in mapping.key:
                errors[name] = _("This is needed.")
    if isinstance(refusal, ForeignKeyError):
        for attribute, relation in mapping.foreign_keys.items():
            if values.get(attribute) is not None and not await _target_exists(session, mapping, relation, values):
                errors[relation] = _("What was chosen here is gone. Please choose again.")
    if errors:
        return InputError(errors)
    if isinstance(refusal, DuplicateKeyError | ForeignKeyError):
        return ConflictError(_("Somebody else changed what this depends on. Nothing was saved; please try again."))
    return InputError({}, _("The database can't keep one of these values."))


async def _holder(
    session: AsyncSession, mapping: ModelMapping, names: tuple[str, ...], values: Mapping[str, Any]
) -> str | None:
    """The title of the other row that holds the same unique values."""
    if any(values.get(name) is None for name in names):
        return None
    found = [mapping.columns[name] for name in mapping.key]
    statement = select(*found, mapping.columns[mapping.title]).select_from(mapping.source)
    statement = statement.where(*[mapping.columns[name] == values[name] for name in names]).limit(2)
    own = tuple(values.get(name) for name in mapping.key)
    for *key, title in await session.execute(statement):
        if tuple(key) != own or names == mapping.key:
            return str(title)
    return None


async def _target_exists(
    session: AsyncSession, mapping: ModelMapping, relation: str, values: Mapping[str, Any]
) -> bool:
    pairs = mapping.relations[relation].local_remote_pairs or []
    conditions = [remote == values.get(mapping.mapper.get_property_by_column(local).key) for local, remote in pairs]
    remote_table = pairs[0][1].table
    statement = select(1).select_from(remote_table).where(*conditions).limit(1)
    return (await session.execute(statement)).first() is not None
