"""How generated revisions read: our types by their names, and no steps that a database would refuse."""

from typing import Any

from alembic.operations.ops import DowngradeOps, DropTableOp, MigrationScript, ModifyTableOps
from sqlalchemy import JSON as PLAIN_JSON
from sqlalchemy import Index
from sqlalchemy.sql.elements import False_, True_

from portal.db.columns import BigKey, EnumString, ExactString, LongBinary, LongText, UTCDateTime


def render_type(kind: str, item: Any, context: Any) -> str | bool:
    """A type or default as revisions name it; an enum as the text it is: revisions outlive members."""
    if kind == "server_default":
        return _render_default(item)
    if kind != "type":
        return False
    named = {id(BigKey): "BigKey", id(LongText): "LongText", id(LongBinary): "LongBinary"}
    if id(item) in named:
        return f"columns.{named[id(item)]}"
    if isinstance(item, UTCDateTime):
        return "columns.UTCDateTime()"
    if isinstance(item, ExactString):
        return f"columns.ExactString({item.length})"
    if isinstance(item, EnumString):
        return f"sa.String({item.length})"
    return "columns.JSON" if isinstance(item, PLAIN_JSON) else False


def _render_default(item: Any) -> str | bool:
    # Alembic writes what the database at hand calls true; PostgreSQL refuses the 1 of the others.
    value = getattr(item, "arg", None)
    if isinstance(value, True_):
        return "sa.true()"
    return "sa.false()" if isinstance(value, False_) else False


def drop_tables_at_once(context: Any, revision: Any, directives: list[MigrationScript]) -> None:
    """Leave out dropping the indexes of a table that is dropped: MySQL keeps those that a reference needs."""
    for script in directives:
        steps = script.downgrade_ops
        if isinstance(steps, DowngradeOps):
            gone = {step.table_name for step in steps.ops if isinstance(step, DropTableOp)}
            steps.ops = [step for step in steps.ops if not _alters(step, gone)]


def _alters(step: Any, tables: set[str]) -> bool:
    return isinstance(step, ModifyTableOps) and step.table_name in tables


def same_index(declared: Index, found: Index) -> bool:
    """Whether they differ only in how they spell `NULLS FIRST`, which Alembic compares letter by letter."""
    first = declared.dialect_kwargs.get("postgresql_ops") or {}
    spelled = [
        f"{column.name} {first[column.name]}" if column.name in first else column.name for column in declared.columns
    ]
    columns = [str(expression).rpartition(".")[2] for expression in found.expressions]
    return bool(first) and declared.unique == found.unique and spelled == columns
