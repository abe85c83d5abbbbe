"""Column types that hold the same values on SQLite, MySQL/MariaDB and PostgreSQL."""

import enum
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON as PLAIN_JSON
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, String, Text
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; on SQLite the type must read INTEGER to be the row id."""

LongText = Text().with_variant(mysql.LONGTEXT, "mysql", "mariadb")
"""Text of any length: TEXT on MySQL ends at 64 KB, an article need not."""

LongBinary = LargeBinary().with_variant(mysql.LONGBLOB, "mysql", "mariadb")

JSON = PLAIN_JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""A JSON value; `None` is SQL NULL, not the JSON word."""


def nulls_first(*columns: str) -> dict[str, Any]:
    """Options of an `Index` on columns that may be empty: empty ones come first, as MySQL and SQLite have it.

    The lists sort that way on every database; PostgreSQL can use an index for it only if the index does too.
    """
    return {"postgresql_ops": dict.fromkeys(columns, "NULLS FIRST")}


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python and in UTC, microseconds kept, in and out.

    A time without a zone is refused when it is bound: nobody knows which moment it means.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            # Plain DATETIME drops the microseconds.
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; make it aware, say with datetime.now(UTC)")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactString(TypeDecorator[str]):
    """Text compared and sorted by its code points: for keys, slugs and user names.

    MySQL would otherwise take `Cafe` and `café` for one key, and PostgreSQL sort them by the server's locale.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            exact = mysql.VARCHAR(self.length, charset="utf8mb4", collation="utf8mb4_bin")
            return dialect.type_descriptor(exact)
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(self.length, collation=collation))


class EnumString(TypeDecorator[enum.Enum]):
    """An enum kept as the value of its member, a plain VARCHAR: a new member needs no migration.

    `Mapped[Status]` of any enum becomes this type. A stored value that no member has comes back as the bare
    text, so that one strange row does not take the list away. What is bound must be a member or its value.
    """

    impl = String
    cache_ok = True

    def __init__(self, enum_class: type[enum.Enum] = enum.Enum, length: int = 32) -> None:
        super().__init__(length)
        self.enum_class = enum_class
        self.length = length

    def process_bind_param(self, value: enum.Enum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.enum_class(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        try:
            return self.enum_class(value)
        except ValueError:
            return value

    def _resolve_for_python_type(
        self, python_type: Any, matched_on: Any, matched_on_flattened: Any
    ) -> "EnumString | None":
        # SQLAlchemy's hook behind type_annotation_map; its public form exists for sqlalchemy.Enum only.
        if isinstance(python_type, type) and issubclass(python_type, enum.Enum):
            return EnumString(python_type, self.length)
        return None
