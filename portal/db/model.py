"""What every table of the portal, and of projects built on it, starts from."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import MetaData, Table, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.db.columns import BigKey, EnumString, UTCDateTime
from portal.facts import ui

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
}
"""Constraints have the same names on every database, so one migration can drop them on all three."""

TABLE_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    # general_ci, a frequent default, holds all emoji for one character.
    "mysql_collate": "utf8mb4_unicode_520_ci",
    # Without it SQLite gives the number of a deleted last row to the next one; the others never do.
    "sqlite_autoincrement": True,
}
"""Options of every table, in models and in migrations (`op.create_table(…, **TABLE_OPTIONS)`)."""


class Model(DeclarativeBase):
    """The declarative base of tables with a key of their own choice."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UTCDateTime(), enum.Enum: EnumString()}  # noqa: RUF012 -- SQLAlchemy's name


class Base(Model):
    """A table with a 64-bit number as its key."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True, sort_order=-10, info=ui(label="ID"))


def _add_options(table: Table, metadata: MetaData) -> None:
    # By an event, because __table_args__ of a common base is lost as soon as a model has its own.
    if metadata is Model.metadata:
        # A copy, because the view itself answers with the dialect's default for what was never said.
        said = dict(table.dialect_kwargs)
        table.dialect_kwargs.update({**TABLE_OPTIONS, **said})


event.listen(Table, "after_parent_attach", _add_options)
